//! What is logged.

use tracing_subscriber::EnvFilter;

use super::source::{Key, Source};

const FILTER: Key = Key {
    path: "log",
    variable: "ANTEROOM_LOG",
    secret: false,
    right: "a level (error, warn, info, debug, trace), or levels of parts, such as info,anteroom=debug",
};
pub(super) const KEYS: &[Key] = &[FILTER];

const DEFAULT: &str = "info";

/// Libraries that say more than an operator wants to read. Whatever the operator says of them comes later and wins.
const QUIET: &str = "hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,sqlx=warn,h2=warn";

/// The crates that `anteroom` stands for in a filter.
const OURS: [&str; 11] = [
    "anteroom",
    "attendance",
    "domain",
    "oauth",
    "outreach",
    "store",
    "vault",
    "web",
    "webhook",
    "zoom",
    "zoomsim",
];

/// What is logged.
#[derive(Debug)]
pub struct Log {
    /// In the subscriber's own language.
    pub filter: String,
}

pub(super) fn read(source: &mut Source) -> Option<Log> {
    read_or(source, DEFAULT)
}

fn read_or(source: &mut Source, default: &str) -> Option<Log> {
    source.or_default(&FILTER, default, filter).map(|filter| Log { filter })
}

/// The filter that the environment asks for, or this one: for a command that reads no other setting.
pub fn filter_of_environment(default: &str) -> Result<Log, super::Problems> {
    let mut source = Source::of_process(None);
    match read_or(&mut source, default) {
        Some(log) => Ok(log),
        None => Err(source.into_problems()),
    }
}

/// Spells out what `anteroom` stands for, and checks that the subscriber will understand.
fn filter(text: &str) -> Result<String, String> {
    let mut directives = vec![QUIET.to_owned()];
    for directive in text.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        match directive.strip_prefix("anteroom") {
            Some(rest) if rest.is_empty() || rest.starts_with(['=', '[']) => {
                directives.extend(OURS.iter().map(|name| format!("{name}{rest}")));
            }
            _ => directives.push(directive.to_owned()),
        }
    }
    let filter = directives.join(",");
    EnvFilter::try_new(&filter).map_err(|error| format!("is not a filter: {error}"))?;
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anteroom_stands_for_all_of_its_parts() {
        let filter = filter("info,anteroom=debug").unwrap();
        assert!(filter.contains("store=debug") && filter.contains("web=debug") && filter.contains("info"));
    }

    #[test]
    fn libraries_are_quiet_unless_the_operator_wants_them() {
        assert!(filter("debug").unwrap().starts_with("hyper=warn"));
        let loud = EnvFilter::try_new(filter("info,sqlx=debug").unwrap()).unwrap().to_string();
        assert!(loud.contains("sqlx=debug") && !loud.contains("sqlx=warn"), "{loud}");
    }
}
