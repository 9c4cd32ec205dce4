//! Ids: one type for each kind of thing, so that an attendee's can never stand where an appointment's belongs.
//!
//! Inside they are UUIDv7, so that they sort by age; outside they are text with a prefix (`appt_…`), so that a
//! person reading a log or an address sees what it names.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// What every id can do. `PREFIX` holds no underscore.
pub trait Id: Copy + Send + 'static {
    /// The text before the underscore.
    const PREFIX: &'static str;
    /// Wraps a UUID that is known to name this kind of thing.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The bare UUID, as the database keeps it.
    fn uuid(self) -> Uuid;
}

/// A text that is no id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {expected}_…")]
pub struct NotAnId {
    expected: &'static str,
}

fn parse<I: Id>(text: &str) -> Result<I, NotAnId> {
    text.strip_prefix(I::PREFIX)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|rest| rest.len() == 32)
        .and_then(|rest| Uuid::try_parse(rest).ok())
        .map(I::from_uuid)
        .ok_or(NotAnId { expected: I::PREFIX })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A clinic: the tenant. Every store call about a clinic's data takes it first.
    ClinicId "clinic",
    /// A person who works at the clinic and signs in.
    StaffId "staff",
    /// A staff member's connected Zoom account.
    ConnectionId "conn",
    /// A staff member's permanent room.
    RoomId "room",
    /// An appointment.
    AppointmentId "appt",
    /// Somebody who is to attend one appointment.
    AttendeeId "att",
    /// A link handed out, to a patient or to a host.
    LinkId "link",
    /// One press of Join on a patient's page.
    PressId "press",
    /// One delivery in the inbox.
    DeliveryId "inb",
    /// Somebody in a room, from arriving to leaving, whoever it is.
    ///
    /// It has the UUID of the first delivery in the inbox that spoke of this person, so that a rebuild from the
    /// inbox gives the same id.
    PresenceId "pres",
    /// A person's decision about who somebody is.
    DecisionId "dec",
    /// A token for the JSON API.
    ApiTokenId "tok",
    /// A registration of one attendee, or of somebody with the clinic's guest link, for a registered room.
    RegistrationId "reg",
    /// A personal invite link that presets the name of one attendee.
    InviteId "inv",
    /// A person's word on whether somebody was a no-show.
    RulingId "rul",
    /// A time in which nothing could be received.
    OutageId "out",
    /// A comparison of a room with Zoom's own record, due or done.
    ReconciliationId "rec",
    /// A message to a patient or to somebody of the staff, or a link that somebody copied.
    MessageId "msg",
    /// A one-way message on the patients' pages.
    NoticeId "ntc",
    /// A person's word on where an attendee is, for rooms that tell nothing themselves.
    MarkId "mark",
    /// A patient as the scheduler's program knows them, over all their appointments.
    PersonId "person",
    /// Something that somebody has to be told.
    AlertId "alert",
    /// A way in which a room was found not to be as visits need it.
    DriftId "drift",
    /// A time in which a colleague stands in for a host.
    CoverId "cover",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        let id = AppointmentId::from_uuid(Uuid::from_u128(0x0193_5a5a_7000_7000_8000_0000_0000_002a));
        assert_eq!(id.to_string(), "appt_01935a5a70007000800000000000002a");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_another_spelling_is_refused() {
        let attendee = "att_01935a5a70007000800000000000002a";
        assert!(attendee.parse::<AppointmentId>().is_err());
        assert!("appt_01935a5a-7000-7000-8000-00000000002a".parse::<AppointmentId>().is_err());
        assert!("appt_".parse::<AppointmentId>().is_err());
        assert!("".parse::<AppointmentId>().is_err());
    }
}
