//! Zoom's own record of a past meeting, kept in the inbox beside the deliveries: what it says, and what we read in it.
//!
//! The body is ours, the rows in it are Zoom's to the letter. So a rebuild reads the same rows again, and a row that later
//! copies of the record repeat is the same row.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ClinicId, DeliveryId, PresenceId, RoomId, Timestamp,
    attendance::{
        event::{RoomEvent, What},
        record::RecordedStay,
        stay::StayKind,
    },
    id::Id as _,
    room::Room,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::ports::inbox::{DeliverySource, NewDelivery};
use zoom::api::{ParticipantStatus, PastParticipant};

use crate::{
    Attendance, Result,
    translate::{CLOCKS_DIFFER, half_a_hash, shown_name},
};

/// What the inbox calls the event of such a delivery. A webhook under this name says nothing to us.
pub const EVENT: &str = "anteroom.zoom_record";

/// Rows of one record that are read: no clinician's meeting has more, and they are all understood at once.
const MOST_ROWS: usize = 2_000;
/// Who waited in vain may be listed with the next meeting, days later; what lies further back is no row of it.
const BEFORE_THE_START: Duration = Duration::from_hours(31 * 24);

/// What Zoom's record says of one running of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoomRecord {
    /// Names the running.
    pub uuid: String,
    /// When it began, where Zoom says so.
    pub start_time: Option<Timestamp>,
    /// When it ended, where Zoom says so.
    pub end_time: Option<Timestamp>,
    /// The rows of its participants, as Zoom gave them.
    pub participants: Vec<Value>,
}

impl Attendance {
    /// Puts a record of this room into the inbox, to be understood in its turn like any delivery. False where the very
    /// same was there already.
    pub async fn keep_record(&self, room: &Room, record: &ZoomRecord) -> Result<bool> {
        let body = Kept {
            anteroom: "zoom_record".to_owned(),
            clinic: room.clinic_id,
            room: room.id,
            meeting_number: room.meeting_number,
            host_id: room.zoom_user_id.clone(),
            instance: Instance {
                uuid: record.uuid.clone(),
                start_time: record.start_time,
                end_time: record.end_time,
            },
            participants: record.participants.clone(),
        };
        // Structs of texts, numbers and JSON always serialise.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let said_at = record.end_time.or(record.start_time);
        let delivery = NewDelivery {
            id: self.ambient.id(),
            received_at: self.ambient.now(),
            event_ts: said_at.map_or(0, Timestamp::as_millis),
            digest: half_a_hash(body.as_bytes()),
            event: EVENT.to_owned(),
            late: false,
            source: DeliverySource::ZoomRecord,
            body,
        };
        Ok(self.store.keep_deliveries(&[delivery]).await? > 0)
    }
}

/// The body in the inbox.
#[derive(Serialize, Deserialize)]
struct Kept {
    anteroom: String,
    clinic: ClinicId,
    room: RoomId,
    meeting_number: i64,
    /// The Zoom user who owned the room when it was asked.
    host_id: String,
    instance: Instance,
    participants: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
struct Instance {
    uuid: String,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
}

/// A record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub clinic: ClinicId,
    pub room: RoomId,
    /// Those rows that say who was there when.
    pub stays: Vec<RecordedStay>,
    /// That the meeting was over, where the record says when.
    pub end: Option<Box<RoomEvent>>,
}

/// Reads a record that came into the inbox at that time; none where the body is none of ours.
pub(crate) fn read(delivery: DeliveryId, received_at: Timestamp, body: &str) -> Option<Recorded> {
    let kept: Kept = serde_json::from_str(body).ok()?;
    let mut rows: Vec<(Identity, RecordedStay)> = kept
        .participants
        .iter()
        .filter_map(PastParticipant::read)
        .filter_map(|row| stay(delivery, received_at, &kept, &row))
        .take(MOST_ROWS)
        .collect();
    // Pages may overlap, so what says the same twice is one row; where only the end differs, it is two people of whom the
    // record tells nothing else.
    rows.sort_by(|(a, one), (b, other)| (a, one.to).cmp(&(b, other.to)));
    rows.dedup_by(|(a, one), (b, other)| a == b && one.to == other.to);
    let mut seen: BTreeMap<Identity, u32> = BTreeMap::new();
    let stays = rows.into_iter().map(|(identity, stay)| {
        let number = seen.entry(identity.clone()).or_default();
        let row = row_id(&identity, *number);
        *number += 1;
        RecordedStay { row, ..stay }
    });
    let end = kept.instance.end_time.filter(|end| *end <= received_at.plus(CLOCKS_DIFFER));
    let end = end.map(|at| {
        let instance = Some(kept.instance.uuid.clone());
        Box::new(RoomEvent { delivery, at, what: What::RecordedEnd, instance, person: None })
    });
    Some(Recorded { clinic: kept.clinic, room: kept.room, stays: stays.collect(), end })
}

/// What makes a row the same row in every copy of the record: its running, who it is about, what they did, since when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Identity {
    instance: String,
    /// The `user_id`, which tells people apart; where there is none, whatever else the row has.
    who: [Option<String>; 3],
    kind: &'static str,
    from: i64,
}

/// A row that says when somebody was where; others, and what has not happened yet, say nothing to us.
fn stay(
    delivery: DeliveryId,
    received_at: Timestamp,
    kept: &Kept,
    row: &PastParticipant,
) -> Option<(Identity, RecordedStay)> {
    let latest = received_at.plus(CLOCKS_DIFFER);
    let (kind, word) = match row.status {
        ParticipantStatus::InMeeting => (StayKind::InSession, "in_meeting"),
        ParticipantStatus::InWaitingRoom => (StayKind::Waiting, "in_waiting_room"),
        ParticipantStatus::Other => return None,
    };
    let earliest = kept.instance.start_time.map(|start| start.minus(BEFORE_THE_START));
    let from = row.join_time.map(Timestamp::from_micros).filter(|from| *from <= latest)?;
    if earliest.is_some_and(|earliest| from < earliest) {
        return None;
    }
    // Who was not seen to leave was there until everybody had to go.
    let to = row.leave_time.map(Timestamp::from_micros).or(kept.instance.end_time)?;
    let identity = Identity {
        instance: kept.instance.uuid.clone(),
        who: match &row.user_id {
            Some(user_id) => [Some(user_id.clone()), None, None],
            None => [row.id.clone(), row.registrant_id.clone(), row.name.clone()],
        },
        kind: word,
        from: from.as_micros(),
    };
    let stay = RecordedStay {
        delivery,
        row: PresenceId::from_uuid(uuid::Uuid::nil()),
        instance: kept.instance.uuid.clone(),
        kind,
        from,
        to: to.clamp(from, latest.max(from)),
        user_id: row.user_id.clone(),
        zoom_user_id: row.id.clone(),
        registrant_id: row.registrant_id.clone(),
        name: row.name.as_deref().and_then(shown_name),
        is_host: row.id.as_deref() == Some(kept.host_id.as_str()),
    };
    Some((identity, stay))
}

fn row_id(identity: &Identity, number: u32) -> PresenceId {
    // Structs of texts and numbers always serialise.
    let said = serde_json::to_vec(&(identity, number)).unwrap_or_default();
    PresenceId::from_uuid(uuid::Builder::from_custom_bytes(half_a_hash(&said)).into_uuid())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delivery() -> DeliveryId {
        DeliveryId::from_uuid("01935a5a-7000-7000-8000-000000000001".parse().unwrap())
    }

    fn body(participants: &[Value]) -> String {
        json!({
            "anteroom": "zoom_record",
            "clinic": "clinic_01935a5a70007000800000000000002a",
            "room": "room_01935a5a70007000800000000000002b",
            "meeting_number": 86_720_014_455_i64,
            "host_id": "Host",
            "instance": { "uuid": "q7Yc==", "start_time": "2026-11-23T14:00:00Z", "end_time": "2026-11-23T14:30:00Z" },
            "participants": participants,
        })
        .to_string()
    }

    fn stays(participants: &[Value]) -> Vec<RecordedStay> {
        let received_at = "2026-11-23T14:45:00Z".parse().unwrap();
        read(delivery(), received_at, &body(participants)).unwrap().stays
    }

    fn row(user_id: &str, join: &str, leave: &str) -> Value {
        json!({
            "id": "", "user_id": user_id, "name": "Rosa Delgado", "status": "in_meeting",
            "join_time": format!("2026-11-23T{join}Z"), "leave_time": format!("2026-11-23T{leave}Z"),
        })
    }

    #[test]
    fn a_record_without_end_or_sense_is_read_as_far_as_it_can_be() {
        let row = |user: usize, join: &str| json!({ "user_id": user.to_string(), "status": "in_meeting", "join_time": join, "leave_time": "2026-11-23T14:20:00Z" });
        let many: Vec<Value> = (0..3_000).map(|user| row(user, "2026-11-23T14:05:00Z")).collect();
        let received_at = "2026-11-23T15:00:00Z".parse().unwrap();
        let stays = |rows: &[Value]| read(delivery(), received_at, &body(rows)).unwrap().stays.len();
        assert_eq!(stays(&many), MOST_ROWS);
        assert_eq!(stays(&[row(1, "1970-01-01T00:00:00Z"), row(2, "2026-11-23T14:05:00Z")]), 1);
    }

    #[test]
    fn a_row_says_who_was_where_and_since_when() {
        let waited = json!({
            "id": "Host", "user_id": 16_778_240, "name": "Dr. Osei", "status": "in_waiting_room",
            "join_time": "2026-11-23T14:02:00Z", "leave_time": "2026-11-23T14:03:00Z", "registrant_id": "r1",
        });
        let [stay] = stays(&[waited]).try_into().unwrap();
        assert_eq!((stay.kind, stay.instance.as_str()), (StayKind::Waiting, "q7Yc=="));
        assert_eq!(
            (stay.from.to_string(), stay.to.to_string()),
            ("2026-11-23T14:02:00Z".into(), "2026-11-23T14:03:00Z".into())
        );
        assert_eq!((stay.user_id.as_deref(), stay.registrant_id.as_deref()), (Some("16778240"), Some("r1")));
        assert!(stay.is_host);
    }

    #[test]
    fn a_row_is_the_same_row_in_a_copy_that_corrects_its_end_or_has_more_rows() {
        let first = stays(&[row("1", "14:02:00", "14:20:00")]);
        let second = stays(&[row("2", "14:01:00", "14:20:00"), row("1", "14:02:00", "14:25:00")]);
        assert!(second.iter().any(|stay| stay.row == first[0].row && stay.to != first[0].to));
        assert!(second.iter().any(|stay| stay.row != first[0].row));
    }

    #[test]
    fn a_row_that_two_pages_repeat_is_one_and_nameless_people_are_as_many_as_they_are() {
        let nameless = |leave: &str| {
            json!({
                "id": "", "user_id": "", "name": "", "status": "in_meeting",
                "join_time": "2026-11-23T14:02:00Z", "leave_time": format!("2026-11-23T{leave}Z"),
            })
        };
        assert_eq!(stays(&[nameless("14:20:00"), nameless("14:20:00")]).len(), 1);
        let two = stays(&[nameless("14:25:00"), nameless("14:20:00")]);
        assert_ne!(two[0].row, two[1].row);
        assert_eq!(two, stays(&[nameless("14:20:00"), nameless("14:25:00")]));
    }

    #[test]
    fn what_the_record_leaves_out_is_not_invented() {
        let mut without_end = row("1", "14:02:00", "14:20:00");
        without_end["leave_time"] = json!("");
        assert_eq!(stays(&[without_end.clone()])[0].to.to_string(), "2026-11-23T14:30:00Z");
        let mut without_beginning = row("1", "14:02:00", "14:20:00");
        without_beginning["join_time"] = Value::Null;
        let mut elsewhere = row("1", "14:02:00", "14:20:00");
        elsewhere["status"] = json!("in_the_corridor");
        let to_come = row("1", "15:02:00", "15:20:00");
        assert_eq!(stays(&[without_beginning, elsewhere, to_come, json!("row")]), []);
        assert_eq!(stays(&[row("1", "14:02:00", "14:01:00")])[0].to.to_string(), "2026-11-23T14:02:00Z");
        assert_eq!(read(delivery(), Timestamp::from_seconds(0), "{}"), None);
    }
}
