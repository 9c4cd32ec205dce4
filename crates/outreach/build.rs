//! Makes cargo notice a language file that was added: the folder is embedded, and only known files are watched otherwise.

fn main() {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=build.rs");
}
