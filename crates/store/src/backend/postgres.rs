//! `PostgreSQL`: any number of instances on one database.

mod listener;

use std::{collections::BTreeSet, str::FromStr as _, sync::Arc, time::Duration};

use domain::{ClinicId, id::Id as _};
use sqlx::{
    Connection as _, Executor as _, PgConnection, Pool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    types::Uuid,
};

use super::{Backend, Sql, common};
use crate::{
    Result, Store, StoreError, hub::Hub, migrations, open::Options, ports::inbox::NewDelivery, sql::SqlStore,
};

/// The oldest version that still gets corrections, as the server numbers itself.
const OLDEST: i32 = 140_000;

/// Connections of one instance, without the one that listens.
const CONNECTIONS: u32 = 16;
/// How long the server may take to answer at the start.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a unit of work waits for a connection before it is refused.
const TURN: Duration = Duration::from_secs(30);
/// How long a connection is used before it makes room for a fresh one.
const LIFETIME: Duration = Duration::from_mins(10);

/// A unit of work that stands idle this long has been forgotten; it must not hold its locks for ever.
/// Notices would otherwise fill the log with the harmless ones that [`pool`] provokes.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'error'";
/// Migrations wait this long for another instance's, or for tables in use, and then give up rather than make the
/// others queue behind them.
const MIGRATING: &str = "SET lock_timeout = '60s'; SET client_min_messages = 'warning'";

/// Where instances tell each other of changes; the payload is a clinic's UUID.
const CHANGES: &str = "anteroom_changes";

impl Backend for Postgres {
    const BEGIN: &'static str = "BEGIN";
    const BEGIN_READ: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    const TAKE: &'static str = "FOR UPDATE SKIP LOCKED";
    const HOLD: &'static str = "FOR UPDATE";
    const IDS_2: &'static str =
        "(SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($2 AS JSON)) AS ids (value))";
    const TEXTS_2: &'static str =
        "(SELECT value FROM json_array_elements_text(CAST($2 AS JSON)) AS texts (value))";
    const SETTLED_1: &'static str = "(SELECT CAST(value ->> 0 AS UUID) AS id, \
                                     CAST(value ->> 1 AS UUID) AS clinic_id, value ->> 2 AS outcome \
                                     FROM json_array_elements(CAST($1 AS JSON)) AS rows (value))";
    const SHARED: bool = true;

    common!();

    async fn insert_deliveries(
        connection: &mut Self::Connection,
        deliveries: &[&NewDelivery],
    ) -> sqlx::Result<u64> {
        fn column<T>(deliveries: &[&NewDelivery], value: impl Fn(&NewDelivery) -> T) -> Vec<T> {
            deliveries.iter().map(|new| value(new)).collect()
        }
        let done = sqlx::query(
            "INSERT INTO deliveries (id, source, received_at, event_ts, digest, event, late, body)
             SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (event_ts, digest) DO NOTHING",
        )
        .bind(column(deliveries, |new| new.id.uuid()))
        .bind(column(deliveries, |new| new.source.as_str()))
        .bind(column(deliveries, |new| new.received_at.as_micros()))
        .bind(column(deliveries, |new| new.event_ts))
        .bind(column(deliveries, |new| new.digest.to_vec()))
        .bind(column(deliveries, |new| new.event.clone()))
        .bind(column(deliveries, |new| new.late))
        .bind(column(deliveries, |new| new.body.clone()))
        .execute(connection)
        .await?;
        Ok(done.rows_affected())
    }

    async fn announce(connection: &mut Self::Connection, clinics: &BTreeSet<ClinicId>) -> sqlx::Result<()> {
        let payloads: Vec<String> = clinics.iter().map(|clinic| clinic.uuid().to_string()).collect();
        sqlx::query("SELECT pg_notify($1, payload) FROM UNNEST($2) AS told (payload)")
            .bind(CHANGES)
            .bind(payloads)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn options(url: &str) -> Result<PgConnectOptions> {
    // The parser's own words may repeat the address and with it the password.
    let options = PgConnectOptions::from_str(url).map_err(|_| {
        StoreError::Unusable(
            "the address of the database is not understood; it looks like postgres://user:password@host/database"
                .into(),
        )
    })?;
    Ok(options.application_name("anteroom"))
}

/// Refuses a server whose word that something is stored cannot be relied on.
///
/// Not through a pool: one would try again and again where the server refuses, and in the end not say why.
async fn check_server(options: &PgConnectOptions) -> Result<()> {
    let connected = tokio::time::timeout(ANSWER, PgConnection::connect_with(options)).await;
    let mut connection = connected.map_err(|_| {
        StoreError::Unusable(format!(
            "the database's server does not answer within {} seconds",
            ANSWER.as_secs()
        ))
    })??;
    let (version, name): (i32, String) = sqlx::query_as(
        "SELECT CAST(current_setting('server_version_num') AS INT4), current_setting('server_version')",
    )
    .fetch_one(&mut connection)
    .await?;
    if version < OLDEST {
        return Err(StoreError::Unusable(format!("PostgreSQL {name} is too old; 14 or newer is needed")));
    }
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await?;
        if value == "off" {
            return Err(StoreError::Unusable(format!(
                "PostgreSQL runs with {setting} = off, so that what it says is stored may be lost; turn it on"
            )));
        }
    }
    let encoding: String =
        sqlx::query_scalar("SELECT current_setting('server_encoding')").fetch_one(&mut connection).await?;
    connection.close().await?;
    if encoding != "UTF8" {
        return Err(StoreError::Unusable(format!(
            "the database's encoding is {encoding}, which cannot hold every name; make one with UTF8"
        )));
    }
    Ok(())
}

/// Brings the schema up to date, or only checks that it is, on a connection of its own, since a failure leaves the
/// lock for migrating held until the connection ends.
async fn settle_schema(options: PgConnectOptions, migrate: bool) -> Result<()> {
    check_server(&options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(TURN)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(MIGRATING).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    let done = settle_schema_on(&pool, migrate).await;
    pool.close().await;
    done
}

async fn settle_schema_on(pool: &Pool<Postgres>, migrate: bool) -> Result<()> {
    let migrator = migrations::migrator(migrations::POSTGRES);
    if migrate {
        migrator.run(pool).await.map_err(|error| migrations::explain(error, &migrator))
    } else {
        migrations::check(&mut *pool.acquire().await?, &migrator).await
    }
}

/// A pool whose connections never come back with a transaction open: the driver of this version hands an open one to
/// the next borrower where opening it was cancelled (transact-rs/sqlx#4393).
fn pool() -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(TURN)
        .max_lifetime(LIFETIME)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SESSION).await?;
                Ok(())
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
}

/// Brings the schema up to date.
pub async fn migrate(url: &str) -> Result<()> {
    settle_schema(options(url)?, true).await
}

/// Opens the store in a database that exists.
pub async fn open(url: &str, wanted: Options) -> Result<Arc<dyn Store>> {
    let options = options(url)?;
    settle_schema(options.clone(), wanted.migrate).await?;
    let pool = pool().max_connections(CONNECTIONS).connect_with(options.clone()).await?;
    let ear = listener::connect(options.clone()).await?;
    let hub = Hub::with_listener(|voices| tokio::spawn(listener::listen(ear, options, pool.clone(), voices)));
    Ok(Arc::new(SqlStore::new(pool.clone(), pool, hub)))
}

/// All clinics, for a hint to everybody.
async fn all_clinics(pool: &Pool<Postgres>) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("SELECT id FROM clinics").fetch_all(pool).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_understood_is_not_repeated() {
        let Err(StoreError::Unusable(why)) = options("postgres://u:hunter2@host:notaport/db") else {
            panic!("accepted");
        };
        assert!(!why.contains("hunter2"), "{why}");
    }
}
