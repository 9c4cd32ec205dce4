//! How a database is made, what keeps the program from using one, and how instances on one database hear each other.

#![cfg(test)]

use std::{fmt::Write as _, future::poll_fn, str::FromStr as _, task::Poll, time::Duration};

use domain::{
    Ambient, AppointmentId, ClinicId, Timestamp,
    clinic::{Clinic, Zone},
    text::Name,
};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection,
    sqlite::SqliteConnectOptions,
};
use store::{Options, Store, StoreError, ports::attendance::Change, testing, testing::Engine};

const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

async fn add_clinic(store: &dyn Store, name: &str) -> ClinicId {
    let ambient = Ambient::system();
    let clinic = Clinic {
        id: ambient.id(),
        name: Name::parse(name).unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: NOW,
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_clinic(&clinic).await.unwrap();
    tx.commit().await.unwrap();
    clinic.id
}

async fn note_change(store: &dyn Store, clinic: ClinicId) {
    let mut tx = store.begin().await.unwrap();
    let appointment: AppointmentId = Ambient::system().id();
    tx.note_change(clinic, Change::Appointment(appointment), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

/// Does something to the database that the program never would.
async fn meddle(engine: &Engine, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if engine.name == "sqlite" {
        let options = SqliteConnectOptions::from_str(&engine.url).unwrap();
        SqliteConnection::connect_with(&options).await.unwrap().execute(sql).await.unwrap();
    } else {
        PgConnection::connect(&engine.url).await.unwrap().execute(sql).await.unwrap();
    }
}

async fn refusal(engine: &Engine, options: Options) -> String {
    match store::open(&engine.url, options).await.err() {
        Some(StoreError::Unusable(why)) => why,
        other => panic!("{}: {other:?}", engine.name),
    }
}

#[tokio::test]
async fn a_file_is_made_with_its_folder_and_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/er/anteroom.db");
    let url = format!("sqlite://{}", file.display());
    let store = store::open(&url, Options::default()).await.unwrap();
    add_clinic(&*store, "Northside").await;
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    store.close().await;
    assert!(!file.with_file_name("anteroom.db-wal").exists(), "a closed database is one file");

    let store = store::open(&url, Options { migrate: false }).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.clinics().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anteroom.db");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    store::migrate(&format!("sqlite://{}", file.display())).await.unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn without_migrating_a_missing_file_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anteroom.db");
    let opened = store::open(&format!("sqlite://{}", file.display()), Options { migrate: false }).await;
    assert!(matches!(opened.err(), Some(StoreError::Unusable(_))));
    assert!(!file.exists());
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused() {
    for engine in testing::engines().await {
        meddle(
            &engine,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, '', 0)",
        )
        .await;
        for migrate in [true, false] {
            let why = refusal(&engine, Options { migrate }).await;
            assert!(why.contains("9999") && why.contains("newer version"), "{}: {why}", engine.name);
        }
    }
}

#[tokio::test]
async fn a_schema_older_than_the_program_is_refused_where_it_must_not_be_migrated() {
    for engine in testing::engines().await {
        meddle(&engine, "DELETE FROM _sqlx_migrations").await;
        let why = refusal(&engine, Options { migrate: false }).await;
        assert!(why.contains("anteroom migrate"), "{}: {why}", engine.name);
        meddle(&engine, "DROP TABLE _sqlx_migrations").await;
        let why = refusal(&engine, Options { migrate: false }).await;
        assert!(why.contains("anteroom migrate"), "{}: {why}", engine.name);
    }
}

#[tokio::test]
async fn a_schema_made_by_an_edited_migration_is_refused() {
    for engine in testing::engines().await {
        meddle(&engine, "UPDATE _sqlx_migrations SET checksum = ''").await;
        for migrate in [true, false] {
            let why = refusal(&engine, Options { migrate }).await;
            assert!(why.contains("edited"), "{}: {why}", engine.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_that_start_at_once_migrate_once() {
    let postgres = testing::postgres().await;
    meddle(&postgres, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("anteroom.db").display());
    for url in [sqlite, postgres.url.clone()] {
        let starting: Vec<_> = (0..6)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { store::open(&url, Options::default()).await })
            })
            .collect();
        for started in starting {
            let store = started.await.unwrap().unwrap();
            store.read().await.unwrap().clinics().await.unwrap();
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_value_that_the_program_would_not_have_written_is_told_and_stops_nothing_else() {
    for engine in testing::engines().await {
        let here = add_clinic(&*engine.store, "Northside").await;
        let there = add_clinic(&*engine.store, "Southside").await;
        meddle(&engine, "UPDATE clinics SET time_zone = 'Mars/Olympus' WHERE name = 'Northside'").await;
        let mut tx = engine.store.read().await.unwrap();
        let corrupt = tx.clinic(here).await.unwrap_err();
        assert!(matches!(corrupt, StoreError::Corrupt { column: "time_zone", .. }), "{corrupt:?}");
        assert!(tx.clinic(there).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_said_is_stored_is_refused() {
    let engine = testing::postgres().await;
    let database = engine.url.split('/').nth(3).unwrap().split('?').next().unwrap().to_owned();
    meddle(&engine, &format!("ALTER DATABASE {database} SET synchronous_commit = off")).await;
    let why = refusal(&engine, Options::default()).await;
    assert!(why.contains("synchronous_commit"), "{why}");
}

#[tokio::test]
async fn a_failed_connection_does_not_tell_the_password() {
    let url = "postgres://anteroom:hunter2@127.0.0.1:1/anteroom";
    let error = store::open(url, Options::default()).await.err().unwrap();
    let mut said = format!("{error:?} {error}");
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        write!(said, " {inner:?} {inner}").unwrap();
        source = inner.source();
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn instances_hear_of_each_others_changes() {
    let engine = testing::postgres().await;
    let other = engine.another_instance().await;
    let clinic = add_clinic(&*engine.store, "Northside").await;
    let mut heard = other.changes();
    note_change(&*engine.store, clinic).await;
    let told = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;
    assert_eq!(told.unwrap(), Ok(clinic));
}

#[tokio::test]
async fn after_the_listening_connection_was_lost_every_board_looks_again() {
    let engine = testing::postgres().await;
    let other = engine.another_instance().await;
    let mut clinics =
        [add_clinic(&*engine.store, "Northside").await, add_clinic(&*engine.store, "Southside").await];
    clinics.sort();
    let mut heard = other.changes();
    meddle(
        &engine,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .await;
    let mut hints = Vec::new();
    for _ in 0..2 {
        hints.push(tokio::time::timeout(Duration::from_secs(30), heard.recv()).await.unwrap().unwrap());
    }
    hints.sort();
    assert_eq!(hints, clinics);
    note_change(&*engine.store, clinics[1]).await;
    let told = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;
    assert_eq!(told.unwrap(), Ok(clinics[1]), "and it hears again");
}

/// How many of the database's connections stand inside a transaction that nobody works in.
async fn forgotten_transactions(admin: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT COUNT(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(admin)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_unit_of_work_that_is_cancelled_while_it_opens_leaves_no_transaction_to_the_next() {
    let engine = testing::postgres().await;
    let mut admin = PgConnection::connect(&engine.url).await.unwrap();
    // Far enough to reach, on a fresh connection too, the moment when the server has been asked and not answered.
    for round in 0..60 {
        let mut opening = engine.store.begin();
        for _ in 0..round % 30 {
            let opened = poll_fn(|context| Poll::Ready(opening.as_mut().poll(context).is_ready())).await;
            if opened {
                break;
            }
            // By the time this is answered, so is what the other one asked.
            forgotten_transactions(&mut admin).await;
        }
        drop(opening);
        // What was under way gets there, and is rolled back beside this.
        for _ in 0..20 {
            forgotten_transactions(&mut admin).await;
        }
        let mut tries = 0;
        while forgotten_transactions(&mut admin).await > 0 {
            tries += 1;
            assert!(tries < 2_000, "round {round} left a transaction open");
        }
    }
}
