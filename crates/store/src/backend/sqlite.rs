//! `SQLite`: one file, one writer at a time, any number of readers beside it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use domain::ClinicId;
use sqlx::{
    Connection as _, Pool, Sqlite, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Backend, Sql, common};
use crate::{
    Result, Store, StoreError, hub::Hub, migrations, open::Options, ports::inbox::NewDelivery, sql::SqlStore,
};

/// The first version without the bug that could corrupt a database in WAL mode which several connections write to
/// (<https://www.sqlite.org/wal.html#walresetbug>).
const OLDEST: (u32, u32, u32) = (3, 51, 3);

/// How long a writer waits for another process's to finish.
const BUSY: Duration = Duration::from_secs(10);
/// How long a unit of work waits for its turn before it is refused.
const TURN: Duration = Duration::from_secs(30);
/// How long to wait while another process migrates.
const MIGRATING: Duration = Duration::from_mins(1);
/// Pages in the write-ahead log before they are moved into the database: seldom, since the commit that does it is slow.
const CHECKPOINT_PAGES: &str = "16000";
/// Pages that read at once.
const READERS: u32 = 4;

impl Backend for Sqlite {
    // A deferred transaction that turns from reading to writing fails at once, whatever the time limit.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const BEGIN_READ: &'static str = "BEGIN DEFERRED";
    const TAKE: &'static str = "";
    const HOLD: &'static str = "";
    const IDS_2: &'static str = "(SELECT unhex(value) FROM json_each($2))";
    const TEXTS_2: &'static str = "(SELECT value FROM json_each($2))";
    const SETTLED_1: &'static str = "(SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS clinic_id, \
                                     value ->> 2 AS outcome FROM json_each($1))";
    const SHARED: bool = false;

    common!();

    async fn insert_deliveries(
        connection: &mut Self::Connection,
        deliveries: &[&NewDelivery],
    ) -> sqlx::Result<u64> {
        let rows: Vec<_> = deliveries
            .iter()
            .map(|new| {
                (
                    domain::id::Id::uuid(new.id).simple(),
                    new.source.as_str(),
                    new.received_at.as_micros(),
                    new.event_ts,
                    uuid::Uuid::from_bytes(new.digest).simple(),
                    new.event.as_str(),
                    i64::from(new.late),
                    new.body.as_str(),
                )
            })
            .collect();
        let rows = serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let done = sqlx::query(
            "INSERT INTO deliveries (id, source, received_at, event_ts, digest, event, late, body)
             SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5,
                    value ->> 6, value ->> 7
             FROM json_each($1) WHERE TRUE
             ON CONFLICT (event_ts, digest) DO NOTHING",
        )
        .bind(rows)
        .execute(connection)
        .await?;
        Ok(done.rows_affected())
    }

    async fn announce(_: &mut Self::Connection, _: &BTreeSet<ClinicId>) -> sqlx::Result<()> {
        Ok(())
    }
}

fn file_of(url: &str) -> Result<PathBuf> {
    let unusable = |what: &str| {
        StoreError::Unusable(format!("the address of the database {what}; use sqlite:// and a path"))
    };
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(unusable("names no file, so nothing would be kept"));
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| unusable("is not understood"))?;
    let file = options.get_filename().to_owned();
    if file.file_name().is_none() {
        return Err(unusable("names no file"));
    }
    Ok(file)
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        // Sorting spills into memory rather than into files beside the database.
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
}

/// Creates the file and its folder where they are missing, readable by nobody else.
fn prepare(file: &Path) -> std::io::Result<()> {
    if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(parent)?;
    }
    let mut open = fs::OpenOptions::new();
    open.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(file)?;
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Holds the lock file beside the database; the driver's own lock for migrating does nothing on this engine.
async fn lock(file: &Path) -> Result<fs::File> {
    let mut name = file.as_os_str().to_owned();
    name.push(".migrating");
    let name = PathBuf::from(name);
    prepare(&name).map_err(|error| unusable_file(&error))?;
    let lock = fs::File::open(&name).map_err(|error| unusable_file(&error))?;
    let taken = tokio::time::timeout(MIGRATING, async {
        loop {
            match lock.try_lock() {
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
                taken => return taken,
            }
        }
    })
    .await;
    match taken {
        Ok(Ok(())) => Ok(lock),
        Ok(Err(error)) => Err(unusable_file(&std::io::Error::from(error))),
        Err(_) => {
            Err(StoreError::Unusable("another process has been migrating the database for a minute".into()))
        }
    }
}

fn unusable_file(error: &std::io::Error) -> StoreError {
    StoreError::Unusable(format!("the database's file cannot be used: {error}"))
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST
}

/// Brings the schema up to date, or only checks that it is, on a connection of its own.
async fn settle_schema(file: &Path, migrate: bool) -> Result<()> {
    let _lock = if migrate { Some(lock(file).await?) } else { None };
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options(file)).await?;
    let done = settle_schema_on(&pool, migrate).await;
    pool.close().await;
    done
}

async fn settle_schema_on(pool: &Pool<Sqlite>, migrate: bool) -> Result<()> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    if !is_new_enough(&version) {
        let (major, minor, patch) = OLDEST;
        return Err(StoreError::Unusable(format!(
            "SQLite {version} may corrupt a database; {major}.{minor}.{patch} or newer is needed"
        )));
    }
    let migrator = migrations::migrator(migrations::SQLITE);
    if migrate {
        migrator.run(pool).await.map_err(|error| migrations::explain(error, &migrator))
    } else {
        migrations::check(&mut *pool.acquire().await?, &migrator).await
    }
}

/// Brings the schema up to date.
pub async fn migrate(url: &str) -> Result<()> {
    let file = file_of(url)?;
    prepare(&file).map_err(|error| unusable_file(&error))?;
    settle_schema(&file, true).await
}

/// A pool whose connections live as long as the store, unless one of them is lost.
fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .acquire_timeout(TURN)
        // A file does not hang up; asking it whether it is still there costs as much as a statement.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // `SQLite` ends a transaction by itself when the disk is full or fails. The driver's own rollback then finds none,
        // and the driver goes on counting one: every later unit of work would be refused, on a disk that has room again.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// Opens the store in a file, which is made where it is missing.
pub async fn open(url: &str, wanted: Options) -> Result<Arc<dyn Store>> {
    let file = file_of(url)?;
    if wanted.migrate {
        prepare(&file).map_err(|error| unusable_file(&error))?;
    } else if !file.exists() {
        return Err(StoreError::Unusable("there is no database yet: run `anteroom migrate`".into()));
    }
    settle_schema(&file, wanted.migrate).await?;
    let writer = pool().max_connections(1).connect_with(options(&file)).await?;
    let reader =
        pool().max_connections(READERS).connect_with(options(&file).pragma("query_only", "ON")).await?;
    Ok(Arc::new(SqlStore::new(reader, writer, Hub::local())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_refuses_only_as_long_as_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("full.db");
        prepare(&file).unwrap();
        let options = options(&file).pragma("max_page_count", "20");
        let writer = pool().max_connections(1).connect_with(options).await.unwrap();
        sqlx::query("CREATE TABLE kept (body BLOB) STRICT").execute(&writer).await.unwrap();
        for _ in 0..3 {
            let mut tx = Sqlite::begin(&writer, Sqlite::BEGIN).await.unwrap();
            let too_large =
                sqlx::query("INSERT INTO kept VALUES (zeroblob(1000000))").execute(&mut *tx).await;
            assert!(too_large.unwrap_err().to_string().contains("full"));
        }
        let mut tx = Sqlite::begin(&writer, Sqlite::BEGIN).await.unwrap();
        sqlx::query("INSERT INTO kept VALUES (x'01')").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM kept").fetch_one(&writer).await.unwrap(),
            1
        );
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_new_enough("3.51.3") && is_new_enough("3.100.0") && is_new_enough("4.0"));
        assert!(!is_new_enough("3.51.2") && !is_new_enough("3.9.99") && !is_new_enough("nonsense"));
    }

    #[test]
    fn an_address_without_a_file_is_refused() {
        for url in ["sqlite::memory:", "sqlite://", "sqlite://x?mode=memory", "sqlite://x?nonsense=1"] {
            assert!(matches!(file_of(url), Err(StoreError::Unusable(_))), "{url}");
        }
        assert_eq!(file_of("sqlite://data/anteroom.db").unwrap(), Path::new("data/anteroom.db"));
    }
}
