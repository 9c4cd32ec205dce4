//! What the program wrote down in the year, read straight from its database.

use std::collections::BTreeMap;

use domain::{StaffId, Timestamp, id::Id as _};
use sqlx::{Row as _, SqlitePool, sqlite::SqliteRow, types::Uuid};

/// An alert.
#[derive(Clone, Debug)]
pub struct Alert {
    pub id: Uuid,
    pub staff: StaffId,
    pub kind: String,
    pub key: String,
    pub raised: Timestamp,
    pub ended: Option<Timestamp>,
    pub told: Option<Timestamp>,
}

/// A drift, with whose room it was found in.
#[derive(Clone, Debug)]
pub struct Drift {
    pub staff: StaffId,
    pub kind: String,
    pub found: Timestamp,
    pub found_for: String,
    pub hindrance: Option<String>,
    pub ended: Option<Timestamp>,
    pub how: Option<String>,
}

/// A message about an alert.
#[derive(Clone, Debug)]
pub struct Message {
    pub staff: StaffId,
    pub state: String,
    pub sent: Option<Timestamp>,
}

/// Everything that is judged.
pub struct Written {
    pub alerts: Vec<Alert>,
    pub drifts: Vec<Drift>,
    pub messages: BTreeMap<Uuid, Vec<Message>>,
}

fn time(row: &SqliteRow, name: &str) -> Timestamp {
    Timestamp::from_micros(row.get(name))
}

fn maybe_time(row: &SqliteRow, name: &str) -> Option<Timestamp> {
    row.get::<Option<i64>, _>(name).map(Timestamp::from_micros)
}

fn staff(row: &SqliteRow, name: &str) -> StaffId {
    StaffId::from_uuid(row.get(name))
}

pub async fn read(url: &str) -> Written {
    let pool = SqlitePool::connect(url).await.expect("the database opens");
    let alerts = sqlx::query(
        "SELECT id, staff_id, kind, key, raised_at, ended_at, told_at FROM alerts ORDER BY raised_at",
    )
    .fetch_all(&pool)
    .await
    .expect("alerts are read");
    let drifts = sqlx::query(
        "SELECT rooms.staff_id, drifts.kind, found_at, found_for, hindrance, drifts.ended_at, ended FROM drifts \
         JOIN rooms ON rooms.clinic_id = drifts.clinic_id AND rooms.id = drifts.room_id ORDER BY found_at",
    )
    .fetch_all(&pool)
    .await
    .expect("drifts are read");
    let messages = sqlx::query(
        "SELECT alert_id, staff_id, state, sent_at FROM messages WHERE alert_id IS NOT NULL ORDER BY queued_at",
    )
    .fetch_all(&pool)
    .await
    .expect("messages are read");
    pool.close().await;
    let mut by_alert: BTreeMap<Uuid, Vec<Message>> = BTreeMap::new();
    for row in &messages {
        by_alert.entry(row.get("alert_id")).or_default().push(Message {
            staff: staff(row, "staff_id"),
            state: row.get("state"),
            sent: maybe_time(row, "sent_at"),
        });
    }
    Written {
        alerts: alerts
            .iter()
            .map(|row| Alert {
                id: row.get("id"),
                staff: staff(row, "staff_id"),
                kind: row.get("kind"),
                key: row.get("key"),
                raised: time(row, "raised_at"),
                ended: maybe_time(row, "ended_at"),
                told: maybe_time(row, "told_at"),
            })
            .collect(),
        drifts: drifts
            .iter()
            .map(|row| Drift {
                staff: staff(row, "staff_id"),
                kind: row.get("kind"),
                found: time(row, "found_at"),
                found_for: row.get("found_for"),
                hindrance: row.get("hindrance"),
                ended: maybe_time(row, "ended_at"),
                how: row.get("ended"),
            })
            .collect(),
        messages: by_alert,
    }
}
