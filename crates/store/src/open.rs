//! Opening a store by its address. No error and no log names the address, since it may hold a password.

use std::sync::Arc;

use crate::{
    Result, Store, StoreError,
    backend::{postgres, sqlite},
};

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to bring the schema up to date first. Without it a schema of another age is refused, and a missing
    /// file is not made.
    pub migrate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { migrate: true }
    }
}

enum Engine {
    Sqlite,
    Postgres,
}

fn engine_of(url: &str) -> Result<Engine> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(Engine::Sqlite),
        Some("postgres" | "postgresql") => Ok(Engine::Postgres),
        _ => Err(StoreError::Unusable(
            "the address of the database begins with neither sqlite:// nor postgres://".into(),
        )),
    }
}

/// Opens the store at `url`: `sqlite://` and a path, or `postgres://user:password@host/database`.
///
/// [`StoreError::Unusable`] says in a sentence for the operator what keeps the program from using the database.
pub async fn open(url: &str, options: Options) -> Result<Arc<dyn Store>> {
    match engine_of(url)? {
        Engine::Sqlite => sqlite::open(url, options).await,
        Engine::Postgres => postgres::open(url, options).await,
    }
}

/// Brings the schema of the database at `url` up to date, one process at a time.
pub async fn migrate(url: &str) -> Result<()> {
    match engine_of(url)? {
        Engine::Sqlite => sqlite::migrate(url).await,
        Engine::Postgres => postgres::migrate(url).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_no_known_engine_is_refused_without_repeating_it() {
        for url in ["mysql://root:hunter2@db/x", "hunter2", ""] {
            let Err(StoreError::Unusable(why)) = open(url, Options::default()).await else {
                panic!("accepted {url:?}");
            };
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
