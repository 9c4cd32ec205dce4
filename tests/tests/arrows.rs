//! The floors of the house: which crate may depend on which, as `docs/architecture.md` draws them.
//!
//! Development dependencies are free, and so is the tests' own crate: tests may bring a simulated Zoom or a database
//! of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Our crates, from the top floor down, each with those it may use.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "server",
        &["web", "attendance", "outreach", "webhook", "oauth", "store", "zoom", "vault", "domain", "zoomsim"],
    ),
    ("web", &["attendance", "outreach", "webhook", "oauth", "store", "vault", "domain"]),
    ("attendance", &["oauth", "store", "zoom", "domain"]),
    ("outreach", &["store", "vault", "domain"]),
    ("webhook", &["store", "zoom", "domain"]),
    ("oauth", &["store", "zoom", "vault", "domain"]),
    ("store", &["domain"]),
    ("zoom", &["vault"]),
    ("domain", &[]),
    ("vault", &[]),
    ("zoomsim", &[]),
];

/// The crate that this file belongs to: no part of the program.
const TESTS: &str = "tests";

/// Libraries that belong to few crates, with the reason.
const CONFINED: &[(&str, &[&str], &str)] = &[
    ("sqlx", &["store"], "SQL stays in one crate"),
    ("oauth2", &["zoom"], "Zoom's OAuth is spoken in one crate"),
    (
        "reqwest",
        &["zoom", "outreach", "zoomsim", "server"],
        "requests leave through zoom, and text messages through outreach; zoomsim delivers webhooks, and server plays \
         the demo's patients",
    ),
    ("lettre", &["outreach"], "mail leaves through outreach"),
    (
        "axum",
        &["web", "server", "zoomsim"],
        "HTTP is answered by web; server listens, and zoomsim is a service of its own",
    ),
];

/// Every crate of the program with the names of its normal and build dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages
        .iter()
        .filter(|package| package["name"] != TESTS)
        .map(|package| {
            let used = package["dependencies"].as_array().expect("a list of dependencies").iter();
            let used = used
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| text(&dependency["name"]))
                .collect();
            (text(&package["name"]), used)
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn every_crate_uses_only_the_floors_below_it_that_the_design_allows() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let mut faults = Vec::new();
    for (name, used) in &dependencies {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            faults.push(format!("`{name}` is a new crate: say in docs/architecture.md why it is there, and which it may use here"));
            continue;
        };
        for used in used.iter().filter(|used| ours.contains(used.as_str())) {
            if !allowed.contains(&used.as_str()) {
                faults.push(format!(
                    "`{name}` must not depend on `{used}`: it may use {}",
                    if allowed.is_empty() { "none of our crates".to_owned() } else { allowed.join(", ") }
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn libraries_that_belong_to_one_place_stay_there() {
    let mut faults = Vec::new();
    for (name, used) in dependencies() {
        for (library, places, reason) in CONFINED {
            if used.contains(*library) && !places.contains(&name.as_str()) {
                faults.push(format!("`{name}` must not depend on `{library}`: {reason}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_arrows_point_downwards_and_never_back() {
    for (place, (name, allowed)) in ARROWS.iter().enumerate() {
        for (above, _) in ARROWS.iter().take(place + 1) {
            assert!(
                !allowed.contains(above),
                "`{name}` may use `{above}`, which stands above it in this list"
            );
        }
    }
}

#[test]
fn every_crate_of_the_drawing_exists() {
    let dependencies = dependencies();
    for (name, _) in ARROWS {
        assert!(dependencies.contains_key(*name), "`{name}` is in the drawing but not in the workspace");
    }
}
