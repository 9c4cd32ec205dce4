//! From Zoom's words to ours: one delivery becomes one event of a room, or the rows of a record, or nothing.

use std::time::Duration;

use domain::{
    DeliveryId, Timestamp,
    attendance::event::{Person, RoomEvent, What},
    text::is_blank,
};
use sha2::{Digest as _, Sha256};
use store::ports::inbox::{Delivery, DeliverySource};
use zoom::webhook::{Body, Envelope, EventKind, LeaveReason, MeetingEvent, Participant};

use crate::record::{self, Recorded};

/// How far ahead of our clock Zoom's may be.
pub(crate) const CLOCKS_DIFFER: Duration = Duration::from_mins(5);

/// Characters kept of a name. Zoom's own limit is 64.
const LONGEST_NAME: usize = 200;

/// What a delivery means to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Something happened in the room of this meeting number.
    Room {
        /// Which room.
        about: About,
        /// What.
        event: Box<RoomEvent>,
        /// When the running of the meeting began, where it says so.
        began_at: Option<Timestamp>,
    },
    /// The saved meeting was changed, deleted or brought back: the room may no longer be as visits need it.
    Changed(About),
    /// Zoom's own record of a room.
    Record(Recorded),
    /// A user took the app away.
    Deauthorized {
        /// Which.
        zoom_user_id: String,
        /// Of which account.
        account_id: String,
        /// Which app; none where Zoom does not say.
        client_id: Option<String>,
        /// When; none where Zoom does not say.
        at: Option<Timestamp>,
    },
    /// Nothing that happened in a room, or nothing that we know.
    Nothing(Option<About>),
    /// It ought to say something, and what it says cannot be used.
    Unusable(&'static str, Option<About>),
}

/// Which meeting a delivery is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// Zoom's number of the meeting.
    pub meeting_number: i64,
    /// The Zoom account that it claims to come from.
    pub account_id: Option<String>,
}

impl Meaning {
    /// What a delivery in the inbox means.
    pub fn of(delivery: &Delivery) -> Self {
        match delivery.source {
            DeliverySource::Webhook => translate(delivery.id, delivery.received_at, &delivery.body),
            DeliverySource::ZoomRecord => record::read(delivery.id, delivery.received_at, &delivery.body)
                .map_or(Self::Unusable("not a record as we keep them", None), Self::Record),
        }
    }
}

/// Which meeting a delivery is about, as far as it says so.
pub(crate) fn about(delivery: &Delivery) -> Option<About> {
    match Meaning::of(delivery) {
        Meaning::Room { about, .. } | Meaning::Changed(about) => Some(about),
        Meaning::Nothing(about) | Meaning::Unusable(_, about) => about,
        Meaning::Record(_) | Meaning::Deauthorized { .. } => None,
    }
}

/// Reads a delivery of Zoom that came in at that time.
pub(crate) fn translate(delivery: DeliveryId, received_at: Timestamp, body: &str) -> Meaning {
    let Ok(envelope) = Envelope::parse(body.as_bytes()) else {
        return Meaning::Unusable("not a JSON object", None);
    };
    match &envelope.body {
        Body::Meeting(meeting) => room_event(delivery, received_at, &envelope, meeting),
        Body::Deauthorization(gone) => match (&gone.user_id, &envelope.account_id) {
            (Some(user), Some(account)) => Meaning::Deauthorized {
                zoom_user_id: user.clone(),
                account_id: account.clone(),
                client_id: gone.client_id.clone(),
                at: gone.at.map(Timestamp::from_micros),
            },
            _ => Meaning::Unusable("does not say which user", None),
        },
        Body::User(_) | Body::None => Meaning::Nothing(None),
    }
}

fn room_event(
    delivery: DeliveryId,
    received_at: Timestamp,
    envelope: &Envelope,
    meeting: &MeetingEvent,
) -> Meaning {
    let about = meeting
        .meeting_number
        .map(|meeting_number| About { meeting_number, account_id: envelope.account_id.clone() });
    let Some(what) = what(&envelope.kind, meeting) else {
        return match about {
            Some(about) if is_of_the_saved_meeting(&envelope.kind) => Meaning::Changed(about),
            about => Meaning::Nothing(about),
        };
    };
    let Some(about) = about else {
        return Meaning::Unusable("does not say which meeting", None);
    };
    let Some(at) = happened_at(received_at, envelope, meeting) else {
        return Meaning::Unusable("does not say when", Some(about));
    };
    let person = match (what, &meeting.participant) {
        (What::MeetingStarted | What::MeetingEnded | What::RecordedEnd, _) => None,
        (_, Some(participant)) => Some(person(what, participant, meeting.host_id.as_deref())),
        (_, None) => return Meaning::Unusable("does not say who", Some(about)),
    };
    Meaning::Room {
        about,
        began_at: meeting.start_time.map(Timestamp::from_micros).filter(|began| *began <= at),
        event: Box::new(RoomEvent { delivery, at, what, instance: meeting.instance_uuid.clone(), person }),
    }
}

/// When it happened, by the event's own word as far as that can be: what is told has happened before it was told. An end
/// of next year, taken at its word, would send home everybody who waits until then.
fn happened_at(received_at: Timestamp, envelope: &Envelope, meeting: &MeetingEvent) -> Option<Timestamp> {
    let latest = received_at.plus(CLOCKS_DIFFER);
    let said = [meeting.occurred_at, envelope.event_ts].into_iter().flatten().map(Timestamp::from_micros);
    let mut said = said.peekable();
    said.peek()?;
    Some(said.find(|at| *at <= latest).unwrap_or(received_at))
}

/// Whether it says that the saved meeting is no longer what it was. That it was made is no news: we made it.
const fn is_of_the_saved_meeting(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::MeetingUpdated
            | EventKind::MeetingDeleted
            | EventKind::MeetingPermanentlyDeleted
            | EventKind::MeetingRecovered
            | EventKind::MeetingConvertedToWebinar
    )
}

fn what(kind: &EventKind, meeting: &MeetingEvent) -> Option<What> {
    Some(match kind {
        EventKind::MeetingStarted => What::MeetingStarted,
        EventKind::MeetingEnded => What::MeetingEnded,
        EventKind::JoinedWaitingRoom => What::JoinedWaitingRoom,
        EventKind::LeftWaitingRoom => What::LeftWaitingRoom,
        EventKind::Admitted => What::Admitted,
        EventKind::PutInWaitingRoom => What::PutInWaitingRoom,
        EventKind::Joined => What::Joined,
        EventKind::Left => match meeting.participant.as_ref().and_then(|person| person.leave_reason) {
            Some(LeaveReason::Breakout) => What::LeftForBreakoutRoom,
            // The same fact as being put there, and with the same ids: those of the meeting.
            Some(LeaveReason::WaitingRoom) => What::PutInWaitingRoom,
            _ => What::Left,
        },
        EventKind::WaitsForHost => What::WaitingForHost,
        EventKind::GaveUpWaitingForHost => What::StoppedWaitingForHost,
        EventKind::RoleChanged => What::RoleChanged,
        EventKind::Bound => What::Bound,
        EventKind::JoinedBreakoutRoom => What::JoinedBreakoutRoom,
        EventKind::LeftBreakoutRoom => What::LeftBreakoutRoom,
        // Entering before the host is told again, with ids, as joining.
        EventKind::JoinedBeforeHost
        | EventKind::MeetingCreated
        | EventKind::MeetingUpdated
        | EventKind::MeetingDeleted
        | EventKind::MeetingRecovered
        | EventKind::MeetingPermanentlyDeleted
        | EventKind::MeetingConvertedToWebinar
        | EventKind::AppDeauthorized
        | EventKind::UrlValidation
        | EventKind::UserSettingsUpdated
        | EventKind::UserUpdated
        | EventKind::UserDeleted
        | EventKind::UserDeactivated
        | EventKind::UserActivated
        | EventKind::UserDisassociated
        | EventKind::Other(_) => return None,
    })
}

fn person(what: What, participant: &Participant, host_id: Option<&str>) -> Person {
    let in_breakout = matches!(what, What::JoinedBreakoutRoom | What::LeftBreakoutRoom);
    let main_room_id = participant.parent_user_id.clone().filter(|_| in_breakout);
    let is_host = host_id.is_some_and(|host| {
        [&participant.id, &participant.participant_user_id].into_iter().any(|id| id.as_deref() == Some(host))
    });
    Person {
        user_id: main_room_id.or_else(|| participant.user_id.clone()),
        participant_uuid: participant.participant_uuid.clone(),
        zoom_user_id: participant.signed_in_id().map(str::to_owned),
        registrant_id: participant.registrant_id.clone(),
        customer_key: participant.customer_key.clone(),
        name: participant.user_name.as_deref().and_then(shown_name),
        phone: participant.phone_number.clone(),
        public_ip: participant.public_ip.clone(),
        is_host,
        bound_to: participant.bind_user_id.clone().filter(|_| what == What::Bound),
    }
}

/// A name as typed by anybody at all, made fit to stand on a page: no control characters, none that turn the
/// direction of what follows, and no end of it.
pub(crate) fn shown_name(name: &str) -> Option<String> {
    let unfit = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = name.chars().map(|c| if unfit(c) { ' ' } else { c }).collect();
    let clean: String = clean.trim().chars().take(LONGEST_NAME).collect();
    Some(clean.trim_end().to_owned()).filter(|name| !is_blank(name))
}

/// What tells two events apart, whatever deliveries they came in.
pub(crate) fn digest(event: &RoomEvent) -> [u8; 16] {
    let person = event.person.clone().map(|person| Person { public_ip: None, ..person });
    // Structs of texts and numbers always serialise.
    let said =
        serde_json::to_vec(&(event.at.as_micros(), event.what, &event.instance, person)).unwrap_or_default();
    half_a_hash(&said)
}

/// The first 16 bytes of the SHA-256.
pub(crate) fn half_a_hash(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    for (byte, hashed) in half.iter_mut().zip(Sha256::digest(bytes)) {
        *byte = hashed;
    }
    half
}

#[cfg(test)]
mod tests {
    use domain::id::Id as _;
    use serde_json::{Value, json};

    use super::*;

    fn delivery() -> DeliveryId {
        DeliveryId::from_uuid("01935a5a-7000-7000-8000-000000000001".parse().unwrap())
    }

    fn received_at() -> Timestamp {
        "2026-11-23T14:30:05Z".parse().unwrap()
    }

    fn room() -> About {
        About { meeting_number: 86_720_014_455, account_id: Some("acc".to_owned()) }
    }

    fn said(event: &str, participant: &Value) -> Value {
        json!({
            "event": event,
            "event_ts": 1_795_442_520_508_i64,
            "payload": { "account_id": "acc", "object": {
                "id": "86720014455", "uuid": "q7Yc==", "host_id": "Host", "participant": participant,
                "start_time": "2026-11-23T13:59:00Z", "end_time": "2026-11-23T14:30:02Z",
            } },
        })
    }

    fn event(event: &str, participant: &Value) -> RoomEvent {
        match translate(delivery(), received_at(), &said(event, participant).to_string()) {
            Meaning::Room { about, event, .. } => {
                assert_eq!(about, room());
                *event
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_guest_in_the_waiting_room_has_a_name_and_the_objects_own_time() {
        let event = event(
            "meeting.participant_joined_waiting_room",
            &json!({ "user_id": "16778240", "user_name": "Rosa Delgado", "id": "", "date_time": "2026-11-23T14:02:00Z" }),
        );
        assert_eq!(event.what, What::JoinedWaitingRoom);
        assert_eq!(event.at.to_string(), "2026-11-23T14:02:00Z");
        assert_eq!(event.instance.as_deref(), Some("q7Yc=="));
        let person = event.person.unwrap();
        assert_eq!(
            (person.name.as_deref(), person.zoom_user_id, person.is_host),
            (Some("Rosa Delgado"), None, false)
        );
    }

    #[test]
    fn nothing_happens_later_than_it_is_told() {
        let ended = |end: &str, event_ts: &Value| {
            let mut ended = said("meeting.ended", &Value::Null);
            ended["payload"]["object"]["end_time"] = json!(end);
            ended["event_ts"] = event_ts.clone();
            match translate(delivery(), received_at(), &ended.to_string()) {
                Meaning::Room { event, .. } => event.at.to_string(),
                other => panic!("{other:?}"),
            }
        };
        let told = json!(1_795_444_204_000_i64);
        assert_eq!(ended("2026-11-23T14:30:02Z", &told), "2026-11-23T14:30:02Z");
        assert_eq!(ended("2026-11-23T14:35:05Z", &told), "2026-11-23T14:35:05Z", "clocks differ a little");
        assert_eq!(ended("2026-11-23T14:35:06Z", &told), "2026-11-23T14:30:04Z");
        assert_eq!(ended("2036-11-23T14:30:02Z", &json!(2_100_000_000_000_i64)), "2026-11-23T14:30:05Z");
    }

    #[test]
    fn the_owner_of_the_meeting_is_the_host_in_this_very_spelling() {
        let host = |id: &str| {
            event("meeting.participant_joined", &json!({ "user_id": "1", "user_name": "x", "id": id }))
                .person
                .unwrap()
        };
        assert!(host("Host").is_host);
        assert!(!host("host").is_host);
    }

    #[test]
    fn a_departure_says_where_to() {
        let what = |reason: &str| {
            let reason = format!("left the meeting. Reason : {reason}");
            event("meeting.participant_left", &json!({ "user_id": "1", "leave_reason": reason })).what
        };
        assert_eq!(what("left the meeting"), What::Left);
        assert_eq!(what("left the meeting to join breakout room"), What::LeftForBreakoutRoom);
        assert_eq!(what("left the meeting to join waiting room"), What::PutInWaitingRoom);
    }

    #[test]
    fn a_name_cannot_bring_control_characters_or_turn_the_page_around() {
        let name = |name: &str| {
            event("meeting.participant_joined", &json!({ "user_id": "1", "user_name": name }))
                .person
                .unwrap()
                .name
        };
        assert_eq!(name("Ro\u{202e}sa\u{2066}").as_deref(), Some("Ro sa"));
        assert_eq!(name(&"ß".repeat(900)).map(|name| name.chars().count()), Some(200));
        assert_eq!(name("\u{202e}"), None);
        assert_eq!(name("\u{200b}\u{3164}"), None);
        assert_eq!(name("<b>محمد</b>").as_deref(), Some("<b>محمد</b>"));
    }

    #[test]
    fn a_change_of_the_saved_meeting_is_told_from_what_happens_in_it() {
        for event in ["updated", "deleted", "permanently_deleted", "recovered", "converted_to_webinar"] {
            let mut changed = said(&format!("meeting.{event}"), &Value::Null);
            // In these, Zoom writes the number as one.
            changed["payload"]["object"] = json!({ "id": 86_720_014_455_i64, "type": 3 });
            let meaning = translate(delivery(), received_at(), &changed.to_string());
            assert_eq!(meaning, Meaning::Changed(room()), "{event}");
        }
    }

    #[test]
    fn what_says_nothing_of_a_room_is_told_from_what_cannot_be_used() {
        let meaning = |value: Value| translate(delivery(), received_at(), &value.to_string());
        assert_eq!(meaning(said("meeting.created", &json!({}))), Meaning::Nothing(Some(room())));
        assert_eq!(meaning(said("meeting.never_heard_of", &json!({}))), Meaning::Nothing(Some(room())));
        assert_eq!(meaning(json!({ "event": "user.updated" })), Meaning::Nothing(None));
        assert_eq!(
            meaning(json!({ "event": record::EVENT, "anteroom": "zoom_record" })),
            Meaning::Nothing(None)
        );
        assert_eq!(meaning(json!({})), Meaning::Nothing(None));
        assert_eq!(meaning(json!([])), Meaning::Unusable("not a JSON object", None));
        let mut without_number = said("meeting.started", &json!({}));
        without_number["payload"]["object"]["id"] = json!({});
        assert_eq!(meaning(without_number), Meaning::Unusable("does not say which meeting", None));
        let nobody = said("meeting.participant_joined", &Value::Null);
        assert_eq!(meaning(nobody), Meaning::Unusable("does not say who", Some(room())));
    }

    #[test]
    fn the_digest_is_over_what_is_said_and_not_over_how_it_came() {
        let joined = |user: &str| {
            event(
                "meeting.participant_joined",
                &json!({ "user_id": user, "join_time": "2026-11-23T14:02:00Z" }),
            )
        };
        let again = RoomEvent {
            delivery: DeliveryId::from_uuid("01935a5a-7000-7000-8000-000000000002".parse().unwrap()),
            ..joined("1")
        };
        assert_eq!(digest(&joined("1")), digest(&again));
        assert_ne!(digest(&joined("1")), digest(&joined("2")));
    }
}
