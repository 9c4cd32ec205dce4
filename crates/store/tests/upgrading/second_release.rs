//! A database of the second release: one of the first that was upgraded, and that went on working.

use std::{collections::BTreeMap, fmt::Write as _};

use domain::{
    AppointmentId, ClinicId, LinkId, Timestamp, attendance::matching::Press, id::Id as _, outreach::Settings,
    telehealth::Booked,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use store::{
    StoreError,
    ports::links::{Link, LinkFor},
    testing::Engine,
};
use uuid::Uuid;

use super::{CLINIC, HOST, MANY, OTHER_CLINIC, ROOM, bytes, databases, id, is_sound, token_hash, upgraded};

/// What the second release added to what the first left behind: rows in each of its own tables, and rows of the first's
/// tables as only the second one wrote them.
pub fn left_behind(engine: &str) -> String {
    let (clinic, host, room) = (id(engine, CLINIC), id(engine, HOST), id(engine, ROOM));
    let hash = bytes(engine, 77);
    let mut sql = format!(
        "UPDATE clinics SET room_kind = 'registered' WHERE id = {clinic};
         UPDATE staff SET room_kind = 'open' WHERE id = {host};
         UPDATE rooms SET series_ends_at = 9, kind_trouble = 'plan', invites_trouble = 'x', invites_refused_at = 8;
         INSERT INTO passwords (clinic_id, staff_id, phc, set_at) VALUES ({clinic}, {host}, '$argon2id$', 1);
         INSERT INTO sign_in_links (token_hash, clinic_id, staff_id, expires_at) VALUES ({hash}, {clinic}, {host}, 9);
         INSERT INTO sessions (token_hash, clinic_id, staff_id, created_at, seen_at)
             VALUES ({hash}, {clinic}, {host}, 1, 2);
         INSERT INTO api_tokens (clinic_id, id, name, scopes, token_hash, created_at)
             VALUES ({clinic}, {one}, 'Scheduler', '[]', {hash}, 1);
         INSERT INTO oauth_flows (state_hash, clinic_id, staff_id, session_hash, verifier_sealed, created_at)
             VALUES ({hash}, {clinic}, {host}, {hash}, {hash}, 1);
         INSERT INTO connections (clinic_id, id, staff_id, zoom_user_id, zoom_account_id, zoom_email, zoom_plan, state,
                                  checked_at, created_at)
             VALUES ({clinic}, {one}, {host}, 'u', 'a', '', 2, 'connected', 1, 1);
         INSERT INTO connection_tokens (clinic_id, connection_id, access, refresh, access_expires_at, scopes, refreshed_at)
             VALUES ({clinic}, {one}, {hash}, {hash}, 1, '', 1);
         INSERT INTO changes (clinic_id, number, subject, subject_id, noted_at)
             VALUES ({clinic}, 1, 'appointment', {one}, 1);
         INSERT INTO links (clinic_id, id, link_for, staff_id, token_hash, token_sealed, created_at)
             VALUES ({clinic}, {guest}, 'guest', {host}, {guest_token}, {hash}, 5);
         INSERT INTO heartbeats (instance_id, at) VALUES ({one}, 1);
         INSERT INTO outages (id, began_at, ended_at) VALUES ({one}, 1, 2);
         INSERT INTO reconciliations (clinic_id, id, room_id, began_at, ended_at, why, due_at, tries)
             VALUES ({clinic}, {one}, {room}, 1, 2, 'ended', 3, 0);
         INSERT INTO receiver_days (day, stored, repeated, refused, unreadable, unavailable, challenges)
             VALUES ('2026-11-23', 1, 2, 3, 4, 5, 6);
         INSERT INTO feed_days (clinic_id, day, applied, duplicate, ignored, foreign_account, failed, late)
             VALUES ({clinic}, '2026-11-23', 1, 2, 3, 4, 5, 6);",
        one = id(engine, 1_001),
        guest = id(engine, 6),
        guest_token = bytes(engine, 6),
    );
    for n in 1..=MANY {
        let [appointment, attendee, press, registration, invite, ruling, row, delivery] =
            [1, 2, 15, 16, 17, 18, 19, 9].map(|kind| id(engine, kind * 1_000_000 + n));
        let sixteen = bytes(engine, n).replacen(&"0".repeat(32), "", 1);
        write!(
            sql,
            "INSERT INTO presses (clinic_id, id, appointment_id, attendee_id, room_id, at, client_address)
                 VALUES ({clinic}, {press}, {appointment}, {attendee}, {room}, {n} + 1000, '2001:db8::{n}');
             INSERT INTO room_events (clinic_id, room_id, at, meaning, delivery_id, event)
                 VALUES ({clinic}, {room}, {n}, {sixteen}, {delivery}, '{{}}');
             INSERT INTO recorded_stays (clinic_id, room_id, row_id, began_at, stay, delivery_id, last_delivery)
                 VALUES ({clinic}, {room}, {row}, {n}, '{{}}', {delivery}, {delivery});
             INSERT INTO looks (clinic_id, room_id, at) VALUES ({clinic}, {room}, {n});
             INSERT INTO registrations (clinic_id, id, room_id, meeting_number, registrant_id, appointment_id,
                                        attendee_id, join_url_sealed, at)
                 VALUES ({clinic}, {registration}, {room}, 7, 'r{n}', {appointment}, {attendee}, {hash}, {n});
             INSERT INTO invites (clinic_id, id, room_id, appointment_id, attendee_id, name, join_url_sealed, at,
                                  usable_until)
                 VALUES ({clinic}, {invite}, {room}, {appointment}, {attendee}, 'Rosa', {hash}, {n}, {n});
             INSERT INTO match_changes (clinic_id, presence_id, number, at, who)
                 VALUES ({clinic}, {row}, 0, {n}, 'guest');
             INSERT INTO no_show_rulings (clinic_id, id, appointment_id, attendee_id, ruling, ruled_by, at)
                 VALUES ({clinic}, {ruling}, {appointment}, {attendee}, 'accepted', '{{}}', {n});"
        )
        .unwrap();
    }
    sql
}

async fn texts(engine: &Engine, question: String) -> Vec<String> {
    let question = AssertSqlSafe(question);
    if engine.name == "sqlite" {
        let mut connection = SqliteConnection::connect(&engine.url).await.unwrap();
        let found = sqlx::query_scalar(question).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    } else {
        let mut connection = PgConnection::connect(&engine.url).await.unwrap();
        let found = sqlx::query_scalar(question).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    }
}

/// The columns of each table.
async fn tables(engine: &Engine) -> BTreeMap<String, Vec<String>> {
    let question = if engine.name == "sqlite" {
        "SELECT tables.name || ' ' || columns.name FROM sqlite_schema AS tables
         JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in texts(engine, question.to_owned()).await {
        let (table, column) = found.split_once(' ').unwrap();
        tables.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    tables.remove("_sqlx_migrations");
    tables
}

/// Every row of every one of these tables, as text.
async fn rows(engine: &Engine, tables: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for (table, columns) in tables {
        let written = columns.iter().map(|column| {
            if engine.name == "sqlite" {
                format!("quote({column})")
            } else {
                format!("COALESCE('«' || {column}::TEXT || '»', 'NULL')")
            }
        });
        let written = written.collect::<Vec<_>>().join(" || ' ' || ");
        let mut of_table = texts(engine, format!("SELECT {written} FROM {table}")).await;
        of_table.sort();
        rows.insert(table.clone(), of_table);
    }
    rows
}

#[tokio::test]
async fn every_value_of_every_row_survives_the_upgrade() {
    for engine in databases(2).await {
        let known = tables(&engine).await;
        let before = rows(&engine, &known).await;
        for (table, rows) in &before {
            assert!(!rows.is_empty(), "{}: {table} holds nothing that could be lost", engine.name);
        }
        upgraded(&engine).await.close().await;
        let after = rows(&engine, &known).await;
        for (table, rows) in before {
            assert_eq!(after[&table], rows, "{}: {table}", engine.name);
        }
        assert!(tables(&engine).await.len() > known.len(), "and there are new ones");
    }
}

#[tokio::test]
async fn what_was_kept_reads_as_if_nothing_new_had_been_said() {
    let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
    let always = Timestamp::from_micros(0)..Timestamp::from_micros(1_000_000);
    for engine in databases(2).await {
        let store = upgraded(&engine).await;
        let mut tx = store.read().await.unwrap();
        let presses = tx.presses(clinic, always.clone()).await.unwrap();
        assert_eq!(presses.len(), 2 * usize::try_from(MANY).unwrap());
        assert!(presses.iter().all(|press| press.from_page && press.room_id.uuid() == Uuid::from_u128(ROOM)));
        let address = "2001:db8::7".parse().unwrap();
        assert_eq!(presses.iter().filter(|press| press.client_address == Some(address)).count(), 1);
        let id = AppointmentId::from_uuid(Uuid::from_u128(1_000_007));
        let appointment = tx.appointment(clinic, id).await.unwrap().unwrap();
        assert_eq!((appointment.revision, &appointment.booked_as), (0, &Booked::default()));
        assert_eq!(appointment.attendees[0].language, None);
        assert_eq!(tx.staff(clinic).await.unwrap()[0].phone, None);
        assert_eq!(
            tx.link(&token_hash(6)).await.unwrap().unwrap().link_for,
            LinkFor::Guest(appointment.host)
        );
        assert_eq!(tx.outreach_settings(clinic).await.unwrap(), Settings::default());
        assert_eq!(tx.messages_of_all(clinic, &[id]).await.unwrap(), []);
        assert_eq!(tx.dial_in(clinic, presses[0].room_id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn links_and_presses_are_as_unique_and_as_bound_after_the_upgrade_as_before() {
    for engine in databases(2).await {
        let store = upgraded(&engine).await;
        let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
        let mut tx = store.read().await.unwrap();
        let appointment = AppointmentId::from_uuid(Uuid::from_u128(1_000_007));
        let appointment = tx.appointment(clinic, appointment).await.unwrap().unwrap();
        let always = Timestamp::from_micros(0)..Timestamp::from_micros(1_000_000);
        let press = tx.presses(clinic, always).await.unwrap().remove(0);
        drop(tx);
        let link = |number, link_for| Link {
            id: LinkId::from_uuid(Uuid::from_u128(number)),
            clinic_id: clinic,
            link_for,
            token_hash: token_hash(number),
            token_sealed: vec![1],
            created_at: Timestamp::from_micros(0),
            opened_at: None,
            revoked_at: None,
        };
        for taken in [
            LinkFor::Attendee(appointment.id, appointment.attendees[0].id),
            LinkFor::Host(appointment.id),
            LinkFor::Room(appointment.host),
            LinkFor::Guest(appointment.host),
        ] {
            let mut tx = store.begin().await.unwrap();
            let second = tx.insert_link(&link(21, taken)).await;
            assert!(matches!(second, Err(StoreError::Conflict(_))), "{} {taken:?}: {second:?}", engine.name);
        }
        let elsewhere = [
            Press { room_id: domain::RoomId::from_uuid(Uuid::from_u128(99)), ..press.clone() },
            Press { clinic_id: ClinicId::from_uuid(Uuid::from_u128(OTHER_CLINIC)), ..press.clone() },
        ];
        for press in elsewhere {
            let mut tx = store.begin().await.unwrap();
            let press = Press { id: domain::PressId::from_uuid(Uuid::from_u128(22)), ..press };
            let foreign = tx.insert_press(&press).await;
            assert!(matches!(foreign, Err(StoreError::MissingReference(_))), "{}: {foreign:?}", engine.name);
        }
        let mut tx = store.begin().await.unwrap();
        let again = tx.insert_press(&press).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{}: {again:?}", engine.name);
    }
}

#[tokio::test]
async fn an_upgraded_file_of_the_second_release_is_sound() {
    for engine in databases(2).await.into_iter().filter(|engine| engine.name == "sqlite") {
        upgraded(&engine).await.close().await;
        is_sound(&engine).await;
    }
}
