//! Where data is kept.

use url::Url;
use vault::SecretText;

use super::{
    network::is_loopback,
    source::{Key, Source},
};

const URL: Key = Key {
    path: "database_url",
    variable: "ANTEROOM_DATABASE_URL",
    // It may hold a password.
    secret: true,
    right: "sqlite://data/anteroom.db (a path after the two slashes) or postgres://user:password@host/database",
};
pub(super) const KEYS: &[Key] = &[URL];

/// Where data is kept.
#[derive(Debug)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`.
    pub url: SecretText,
    /// Which of the two.
    pub engine: Engine,
    /// Whether the way to it leaves this machine without TLS being demanded.
    pub unprotected: bool,
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

pub(super) fn read(source: &mut Source) -> Option<Database> {
    source.or_default(&URL, "sqlite://data/anteroom.db", database)
}

fn database(text: &str) -> Result<Database, &'static str> {
    if text.contains(":memory:") || text.contains("mode=memory") {
        return Err("is a database in memory, which forgets everything at the end");
    }
    if let Some(path) = text.strip_prefix("sqlite://") {
        if path.is_empty() {
            return Err("names no file");
        }
        return Ok(Database { url: SecretText::from(text), engine: Engine::Sqlite, unprotected: false });
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let url = Url::parse(text).map_err(|_| "is not a postgres address")?;
        let demands_tls = url.query_pairs().any(|(name, value)| {
            name == "sslmode" && matches!(value.as_ref(), "require" | "verify-ca" | "verify-full")
        });
        let local = url.host().is_none()
            || url.host_str().is_some_and(str::is_empty)
            || is_loopback(&url)
            // Schemes that the URL standard does not know keep their host as text.
            || url.host_str().is_some_and(super::network::is_loopback_name)
            || url.query_pairs().any(|(name, value)| name == "host" && value.starts_with('/'));
        return Ok(Database {
            url: SecretText::from(text),
            engine: Engine::Postgres,
            unprotected: !local && !demands_tls,
        });
    }
    Err("begins with neither sqlite:// nor postgres://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_over_the_network_without_tls_is_known_as_such() {
        let unprotected = |url| database(url).unwrap().unprotected;
        assert!(unprotected("postgres://u:p@db.example/anteroom"));
        assert!(unprotected("postgres://u:p@db.example/anteroom?sslmode=prefer"));
        assert!(!unprotected("postgres://u:p@db.example/anteroom?sslmode=verify-full"));
        assert!(!unprotected("postgres://u:p@127.0.0.1/anteroom"));
        assert!(!unprotected("postgres:///anteroom?host=/run/postgresql"));
        assert!(!unprotected("sqlite:///var/lib/anteroom/anteroom.db"));
    }
}
