//! A database of an earlier release, full of data, is brought up to date and loses nothing.

#![cfg(test)]

#[path = "upgrading/second_release.rs"]
mod second_release;
#[path = "upgrading/third_release.rs"]
mod third_release;

use std::{borrow::Cow, fmt::Write as _, path::Path, str::FromStr as _};

use domain::{
    ClinicId, LinkId, PresenceId, StaffId, Timestamp,
    attendance::{matching::Verdict, presence::Who},
    id::Id as _,
    room::RoomKind,
};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqlSafeStr as _, SqlStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};
use store::{
    Options, Store, StoreError,
    ports::{
        inbox::DeliverySource,
        links::{Link, LinkFor},
    },
    testing::{self, Engine},
};
use uuid::Uuid;

/// How many appointments, each with an attendee, two links, a press, two presences and a decision.
const MANY: u128 = 300;

const CLINIC: u128 = 1;
const OTHER_CLINIC: u128 = 2;
const HOST: u128 = 3;
const ROOM: u128 = 4;

/// The migrations as they were released, up to this one.
fn release(engine: &str, number: usize) -> Migrator {
    let names = ["init", "recovery", "outreach"];
    let migrations = (1..).zip(names).take(number).map(|(version, name)| {
        let file = format!("../../migrations/{engine}/{version:04}_{name}.sql");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let sql = AssertSqlSafe(std::fs::read_to_string(file).unwrap()).into_sql_str();
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// How the engine writes an id.
fn id(engine: &str, number: u128) -> String {
    let uuid = Uuid::from_u128(number);
    if engine == "sqlite" { format!("x'{}'", uuid.simple()) } else { format!("'{uuid}'") }
}

/// How the engine writes 32 bytes.
fn bytes(engine: &str, number: u128) -> String {
    let hex = format!("{number:064x}");
    if engine == "sqlite" { format!("x'{hex}'") } else { format!("'\\x{hex}'") }
}

fn token_hash(number: u128) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[16..].copy_from_slice(&number.to_be_bytes());
    hash
}

/// What a clinic left behind in the first release.
fn left_behind(engine: &str) -> String {
    let (clinic, other, host, room) =
        (id(engine, CLINIC), id(engine, OTHER_CLINIC), id(engine, HOST), id(engine, ROOM));
    let mut sql = format!(
        "INSERT INTO clinics VALUES ({clinic}, 'Northside', 'America/Chicago', 0);
         INSERT INTO clinics VALUES ({other}, 'Southside', 'America/Chicago', 0);
         INSERT INTO boards VALUES ({clinic}, 0, NULL);
         INSERT INTO boards VALUES ({other}, 0, NULL);
         INSERT INTO staff VALUES ({clinic}, {host}, 'Ama Osei', 'osei@example.com', NULL, '[\"staff\"]', NULL, 0);
         INSERT INTO rooms VALUES ({clinic}, {room}, {host}, 'open', 81234567890, 'u', 'a', {hash}, 0, 0, NULL);
         INSERT INTO links VALUES ({clinic}, {link}, 'room', NULL, NULL, {host}, {hash}, {hash}, 5, 6, NULL);",
        link = id(engine, 5),
        hash = bytes(engine, 5),
    );
    for n in 1..=MANY {
        let [appointment, attendee, theirs, hosts, press, visitor, staff, decision, delivery] =
            [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|kind| id(engine, kind * 1_000_000 + n));
        let (token, hosts_token) = (bytes(engine, 3_000_000 + n), bytes(engine, 4_000_000 + n));
        let digest = id(engine, n).replace('-', "");
        let digest = if engine == "sqlite" { digest } else { digest.replacen('\'', "'\\x", 1) };
        let revoked = if n % 10 == 0 { "7" } else { "NULL" };
        let matched = format!(
            r#"{{"appointment":"appt_{:032x}","attendee":"att_{:032x}","level":"probable","reasons":[],"decided_by":"rule"}}"#,
            1_000_000 + n,
            2_000_000 + n
        );
        write!(
            sql,
            "INSERT INTO appointments VALUES ({clinic}, {appointment}, 'a{n}', {n}, {n} + 9, {host}, 'telehealth',
                 'booked', 0, 0);
             INSERT INTO attendees VALUES ({clinic}, {appointment}, {attendee}, 'x', 'Rosa {n}', NULL, NULL, {yes}, {yes},
                 0, {yes});
             INSERT INTO links VALUES ({clinic}, {theirs}, 'attendee', {appointment}, {attendee}, NULL, {token}, {token},
                 {n}, NULL, {revoked});
             INSERT INTO links VALUES ({clinic}, {hosts}, 'host', {appointment}, NULL, NULL, {hosts_token}, {token}, {n},
                 {n}, NULL);
             INSERT INTO presses VALUES ({clinic}, {press}, {appointment}, {attendee}, {room}, {n});
             INSERT INTO presences VALUES ({clinic}, {visitor}, {room}, 'visitor', NULL, 'iPhone', {n}, 'left', {n}, '[]',
                 {appointment}, {attendee}, '{matched}', '[]');
             INSERT INTO presences VALUES ({clinic}, {staff}, {room}, 'staff', {host}, NULL, {n}, 'left', {n}, '[]', NULL,
                 NULL, NULL, '[]');
             INSERT INTO decisions VALUES ({clinic}, {decision}, {room}, {visitor}, NULL, '\"guest\"', '{{\"staff\":\"staff_{HOST:032x}\"}}',
                 {n});
             INSERT INTO deliveries VALUES ({delivery}, {n}, {n}, {digest}, 'meeting.ended', {yes}, '{{}}', {clinic},
                 'ignored', {n});",
            yes = if engine == "sqlite" { "1" } else { "TRUE" },
        )
        .unwrap();
    }
    sql
}

/// The databases with the schema of this release and its data in them, closed. Each was one of the release before
/// first.
async fn databases(number: usize) -> Vec<Engine> {
    let engines = testing::engines().await;
    for engine in &engines {
        engine.store.close().await;
        if engine.name == "sqlite" {
            let file = engine.url.strip_prefix("sqlite://").unwrap();
            std::fs::remove_file(file).unwrap();
            let options = SqliteConnectOptions::from_str(&engine.url)
                .unwrap()
                .create_if_missing(true)
                .foreign_keys(true);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            for (reached, rows) in steps(engine.name, number) {
                release(engine.name, reached).run(&mut connection).await.unwrap();
                connection.execute(rows).await.unwrap();
            }
            connection.close().await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&engine.url).await.unwrap();
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
            for (reached, rows) in steps(engine.name, number) {
                release(engine.name, reached).run(&mut connection).await.unwrap();
                connection.execute(rows).await.unwrap();
            }
            connection.close().await.unwrap();
        }
    }
    engines
}

/// Each release up to this one, and what it left behind.
fn steps(engine: &str, number: usize) -> impl Iterator<Item = (usize, SqlStr)> {
    // In one go: row by row, each would wait for the disk.
    let whole = |rows: String| AssertSqlSafe(format!("BEGIN; {rows} COMMIT;")).into_sql_str();
    [
        (1, whole(left_behind(engine))),
        (2, whole(second_release::left_behind(engine))),
        (3, whole(third_release::left_behind(engine))),
    ]
    .into_iter()
    .take(number)
}

async fn upgraded(engine: &Engine) -> std::sync::Arc<dyn Store> {
    store::open(&engine.url, Options::default()).await.unwrap()
}

#[tokio::test]
async fn links_presences_presses_and_deliveries_survive_the_upgrade() {
    let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
    let always = Timestamp::from_micros(0)..Timestamp::from_micros(1_000_000);
    for engine in databases(1).await {
        let store = upgraded(&engine).await;
        let mut tx = store.read().await.unwrap();

        let presences = tx.presences(clinic, always.clone()).await.unwrap();
        assert_eq!(presences.len(), 2 * usize::try_from(MANY).unwrap(), "{}", engine.name);
        let visitor =
            tx.presence(clinic, PresenceId::from_uuid(Uuid::from_u128(6_000_007))).await.unwrap().unwrap();
        assert_eq!((visitor.who, visitor.shown_name.as_deref()), (Who::Visitor, Some("iPhone")));
        assert_eq!(visitor.matched.unwrap().attendee.uuid(), Uuid::from_u128(2_000_007));
        let staff =
            presences.iter().find(|presence| presence.id.uuid() == Uuid::from_u128(7_000_007)).unwrap();
        assert_eq!(
            (staff.who, staff.staff_id.map(domain::id::Id::uuid)),
            (Who::Staff, Some(Uuid::from_u128(HOST)))
        );

        for n in 1..=MANY {
            let link = tx.link(&token_hash(3_000_000 + n)).await.unwrap().unwrap();
            assert_eq!(link.id.uuid(), Uuid::from_u128(3_000_000 + n));
            assert_eq!(link.revoked_at.is_some(), n % 10 == 0);
            let link = tx.link(&token_hash(4_000_000 + n)).await.unwrap().unwrap();
            assert_eq!(link.opened_at, Some(Timestamp::from_micros(i64::try_from(n).unwrap())));
        }
        let presses = tx.presses(clinic, always.clone()).await.unwrap();
        assert_eq!(presses.len(), usize::try_from(MANY).unwrap());
        assert!(presses.iter().all(|press| press.client_address.is_none()));
        let deliveries = tx.settled_deliveries(None, 1_000).await.unwrap();
        assert_eq!(deliveries.len(), usize::try_from(MANY).unwrap());
        assert!(deliveries.iter().all(|delivery| delivery.source == DeliverySource::Webhook));
        let room = domain::RoomId::from_uuid(Uuid::from_u128(ROOM));
        let presence = PresenceId::from_uuid(Uuid::from_u128(6_000_009));
        let decisions = tx.decisions_about(clinic, &[presence]).await.unwrap();
        assert_eq!(decisions.iter().map(|decision| decision.verdict).collect::<Vec<_>>(), [Verdict::Guest]);
        assert_eq!(tx.clinic_room_kind(clinic).await.unwrap(), RoomKind::Open);
        assert_eq!(tx.room_state(clinic, room).await.unwrap(), store::ports::rooms::RoomState::default());
    }
}

#[tokio::test]
async fn after_the_upgrade_rows_are_as_unique_and_as_bound_to_their_clinic_as_before() {
    for engine in databases(1).await {
        let store = upgraded(&engine).await;
        let (clinic, host) =
            (ClinicId::from_uuid(Uuid::from_u128(CLINIC)), StaffId::from_uuid(Uuid::from_u128(HOST)));
        let link = |number, clinic_id, link_for| Link {
            id: LinkId::from_uuid(Uuid::from_u128(number)),
            clinic_id,
            link_for,
            token_hash: token_hash(number),
            token_sealed: vec![1],
            created_at: Timestamp::from_micros(0),
            opened_at: None,
            revoked_at: None,
        };
        let insert = async |link: Link| {
            let mut tx = store.begin().await.unwrap();
            tx.insert_link(&link).await?;
            tx.commit().await
        };
        let second = insert(link(11, clinic, LinkFor::Room(host))).await;
        assert!(matches!(second, Err(StoreError::Conflict(_))), "{}: {second:?}", engine.name);
        let same_token = Link { token_hash: token_hash(5), ..link(12, clinic, LinkFor::Guest(host)) };
        let second = insert(same_token).await;
        assert!(matches!(second, Err(StoreError::Conflict(_))), "{}: {second:?}", engine.name);
        let other = ClinicId::from_uuid(Uuid::from_u128(OTHER_CLINIC));
        let foreign = insert(link(13, other, LinkFor::Guest(host))).await;
        assert!(matches!(foreign, Err(StoreError::MissingReference(_))), "{}: {foreign:?}", engine.name);
        insert(link(14, clinic, LinkFor::Guest(host))).await.unwrap();

        let mut tx = store.begin().await.unwrap();
        let id = PresenceId::from_uuid(Uuid::from_u128(6_000_003));
        let mut presence = tx.presence(clinic, id).await.unwrap().unwrap();
        (presence.who, presence.matched) = (Who::Interpreter, None);
        tx.put_presence(clinic, &presence).await.unwrap();
        assert_eq!(tx.presence(clinic, id).await.unwrap(), Some(presence.clone()));
        presence.clinic_id = other;
        let foreign = tx.put_presence(other, &presence).await;
        assert!(matches!(foreign, Err(StoreError::MissingReference(_))), "{}: {foreign:?}", engine.name);
    }
}

#[tokio::test]
async fn an_upgraded_file_is_sound() {
    for engine in databases(1).await.into_iter().filter(|engine| engine.name == "sqlite") {
        upgraded(&engine).await.close().await;
        is_sound(&engine).await;
    }
}

async fn is_sound(engine: &Engine) {
    let options = SqliteConnectOptions::from_str(&engine.url).unwrap();
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty());
    let sound: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(sound, "ok");
    let left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'new%' OR sql LIKE '%new_%'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(left, 0, "nothing is called by its name while it was made");
}
