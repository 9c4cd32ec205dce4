//! What a delivery says, once its signature is known to be right.

use std::fmt;

use serde_json::Value;

use super::kind::EventKind;
use super::leave_reason::LeaveReason;
use crate::fields::{Fields, Oddities};

/// One delivery, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What happened.
    pub kind: EventKind,
    /// `event_ts`: when Zoom emitted it, in microseconds (Zoom sends milliseconds). Usually under a minute after the fact.
    pub event_ts: Option<i64>,
    /// The Zoom account whose event this is.
    pub account_id: Option<String>,
    /// What it says.
    pub body: Body,
    /// What was not as expected.
    pub oddities: Oddities,
}

/// The part of an event that depends on its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Of `meeting.…`, known or unknown.
    Meeting(Box<MeetingEvent>),
    /// Of `app_deauthorized`.
    Deauthorization(Deauthorization),
    /// Of `user.…`.
    User(UserEvent),
    /// Of everything else.
    None,
}

/// An event of a meeting or of one person in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingEvent {
    /// The meeting's number, which is the same for every instance.
    pub meeting_number: Option<i64>,
    /// The instance; every start has another one. Do not rely on it before the start.
    pub instance_uuid: Option<String>,
    /// The owner's Zoom user id.
    pub host_id: Option<String>,
    /// Who did it, for changes of the saved meeting.
    pub operator_id: Option<String>,
    /// When it happened, in microseconds: by the event's own time if it has one, or else `event_ts`.
    pub occurred_at: Option<i64>,
    /// Where `occurred_at` is from.
    pub time_source: TimeSource,
    /// When this instance began, in microseconds. In events of a running meeting this is no schedule.
    pub start_time: Option<i64>,
    /// When this instance ended, in microseconds.
    pub end_time: Option<i64>,
    /// The breakout room, for events of one.
    pub breakout_room_uuid: Option<String>,
    /// Who it is about.
    pub participant: Option<Participant>,
}

/// Where an event's time is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSource {
    /// A field of the object, such as `join_time`: when it happened.
    Object,
    /// `event_ts`: up to half a minute later.
    Emission,
    /// There was none.
    Unknown,
}

/// A person in a room, as Zoom describes them. Every field may be missing; empty text counts as missing.
///
/// `Debug` shows the ids and only the presence of the rest, which tells who somebody is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Participant {
    /// Valid in this instance; another one after a rejoin, and after admission from the waiting room with some clients.
    pub user_id: Option<String>,
    /// Valid in this instance, over breakout rooms; another one after a rejoin.
    pub participant_uuid: Option<String>,
    /// Zoom user id of somebody signed in to the host's account.
    pub participant_user_id: Option<String>,
    /// Zoom user id of somebody signed in. To be retired by Zoom.
    pub id: Option<String>,
    /// The registrant, where the meeting has registration. Stays over rejoins.
    pub registrant_id: Option<String>,
    /// Set by an application that joins through Zoom's SDK.
    pub customer_key: Option<String>,
    /// `custom_keys`, announced for November 2026, its shape not settled: the JSON as it came, if not empty.
    pub custom_keys: Option<Value>,
    /// Only for the host's colleagues and for people registered or invited.
    pub email: Option<String>,
    /// Of a telephone leg.
    pub phone_number: Option<String>,
    /// What the person typed, or the host changed it to.
    pub user_name: Option<String>,
    /// The address from which they joined.
    pub public_ip: Option<String>,
    /// In [`EventKind::Bound`]: the `user_id` to which this telephone leg belongs.
    pub bind_user_id: Option<String>,
    /// In [`EventKind::Bound`]: the `participant_uuid` to which this telephone leg belongs.
    pub bind_participant_uuid: Option<String>,
    /// In breakout rooms: the `user_id` in the main room.
    pub parent_user_id: Option<String>,
    /// In [`EventKind::RoleChanged`]: `host`, `co-host` or `attendee`.
    pub new_role: Option<String>,
    /// Why they left.
    pub leave_reason: Option<LeaveReason>,
}

impl Participant {
    /// The Zoom user id of somebody signed in, from whichever field has it. Compare it case-sensitively.
    pub fn signed_in_id(&self) -> Option<&str> {
        self.participant_user_id.as_deref().or(self.id.as_deref())
    }
}

impl fmt::Debug for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Participant")
            .field("user_id", &self.user_id)
            .field("participant_uuid", &self.participant_uuid)
            .field("signed_in", &self.signed_in_id().is_some())
            .field("registered", &self.registrant_id.is_some())
            .field("keyed", &(self.customer_key.is_some() || self.custom_keys.is_some()))
            .field("named", &self.user_name.is_some())
            .field("by_phone", &self.phone_number.is_some())
            .field("leave_reason", &self.leave_reason)
            .finish_non_exhaustive()
    }
}

/// A user removed the app. Signed like any delivery; `payload.signature` is no proof of anything and is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deauthorization {
    /// The user's Zoom id.
    pub user_id: Option<String>,
    /// The app; must be ours.
    pub client_id: Option<String>,
    /// When, in microseconds.
    pub at: Option<i64>,
}

/// Something changed about a Zoom user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEvent {
    /// The user's Zoom id.
    pub user_id: Option<String>,
    /// Who did it.
    pub operator_id: Option<String>,
}

/// Why a body is no event at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or JSON nested more than 128 levels deep.
    #[error("not JSON, or nested too deeply")]
    NotJson,
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
}

impl Envelope {
    /// Reads a delivery. Nothing that is valid JSON and an object fails: what is of another type than expected is absent
    /// and noted in [`oddities`](Self::oddities).
    pub fn parse(raw_body: &[u8]) -> Result<Self, EnvelopeError> {
        // serde_json refuses more than 128 levels, which bounds the stack here and when the value is dropped.
        let document: Value = serde_json::from_slice(raw_body).map_err(|_| EnvelopeError::NotJson)?;
        let top = Fields::root(&document).ok_or(EnvelopeError::NotAnObject)?;
        let mut odd = Oddities::default();
        let kind = EventKind::from_name(&top.text("event", &mut odd).unwrap_or_default());
        let payload = top.child("payload", &mut odd);
        let event_ts =
            top.any_instant("event_ts", &mut odd).or_else(|| payload.any_instant("event_ts", &mut odd));
        let account_id = payload.id("account_id", &mut odd);
        let body = if kind == EventKind::AppDeauthorized {
            Body::Deauthorization(deauthorization(&payload, event_ts, &mut odd))
        } else if kind.name().starts_with("meeting.") {
            Body::Meeting(Box::new(meeting(&kind, &payload, event_ts, &mut odd)))
        } else if kind.name().starts_with("user.") {
            Body::User(UserEvent {
                user_id: payload.child("object", &mut odd).id("id", &mut odd),
                operator_id: payload.id("operator_id", &mut odd),
            })
        } else {
            Body::None
        };
        Ok(Self { kind, event_ts, account_id, body, oddities: odd })
    }

    /// The meeting's part, where it is an event of a meeting.
    pub fn meeting(&self) -> Option<&MeetingEvent> {
        match &self.body {
            Body::Meeting(event) => Some(event),
            _ => None,
        }
    }
}

fn deauthorization(payload: &Fields<'_>, event_ts: Option<i64>, odd: &mut Oddities) -> Deauthorization {
    Deauthorization {
        user_id: payload.id("user_id", odd),
        client_id: payload.id("client_id", odd),
        at: payload.any_instant("deauthorization_time", odd).or(event_ts),
    }
}

fn meeting(
    kind: &EventKind,
    payload: &Fields<'_>,
    event_ts: Option<i64>,
    odd: &mut Oddities,
) -> MeetingEvent {
    let object = payload.child("object", odd);
    let person = object.child("participant", odd);
    let own_time = match kind {
        EventKind::MeetingStarted => object.instant("start_time", odd),
        EventKind::MeetingEnded => object.instant("end_time", odd),
        EventKind::MeetingUpdated => payload.any_instant("time_stamp", odd),
        EventKind::Joined | EventKind::JoinedBreakoutRoom => person.instant("join_time", odd),
        EventKind::Left | EventKind::LeftBreakoutRoom => person.instant("leave_time", odd),
        // Waiting room, admission, roles and telephone legs have `date_time`; waiting for the host has no time at all.
        // Kinds unknown to us may have it too.
        _ => person.instant("date_time", odd),
    };
    let time_source = match (own_time, event_ts) {
        (Some(_), _) => TimeSource::Object,
        (None, Some(_)) => TimeSource::Emission,
        (None, None) => TimeSource::Unknown,
    };
    // Already noted above for the two kinds whose own time it is.
    let mut seen = Oddities::default();
    MeetingEvent {
        meeting_number: object.number("id", odd).filter(|number| *number > 0),
        instance_uuid: object.id("uuid", odd),
        host_id: object.id("host_id", odd),
        operator_id: payload.id("operator_id", odd),
        occurred_at: own_time.or(event_ts),
        time_source,
        start_time: object
            .instant("start_time", if *kind == EventKind::MeetingStarted { &mut seen } else { odd }),
        end_time: object.instant("end_time", if *kind == EventKind::MeetingEnded { &mut seen } else { odd }),
        breakout_room_uuid: object.id("breakout_room_uuid", odd),
        participant: person.is_present().then(|| participant(&person, odd)),
    }
}

fn participant(person: &Fields<'_>, odd: &mut Oddities) -> Participant {
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    Participant {
        user_id: person.id("user_id", odd),
        participant_uuid: person.id("participant_uuid", odd),
        participant_user_id: person.id("participant_user_id", odd),
        id: person.id("id", odd),
        registrant_id: person.id("registrant_id", odd),
        customer_key: person.id("customer_key", odd),
        custom_keys: person.raw("custom_keys").filter(|value| !empty(value)).cloned(),
        email: person.text("email", odd),
        phone_number: person.id("phone_number", odd),
        user_name: person.text("user_name", odd),
        public_ip: person.text("public_ip", odd),
        bind_user_id: person.id("bind_user_id", odd),
        bind_participant_uuid: person.id("bind_participant_uuid", odd),
        parent_user_id: person.id("parent_user_id", odd),
        new_role: person.text("new_role", odd),
        leave_reason: person.text("leave_reason", odd).map(|text| LeaveReason::of(&text)),
    }
}

#[cfg(test)]
mod tests;
