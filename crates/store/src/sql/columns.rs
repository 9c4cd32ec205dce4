//! How the domain's types are kept in columns, so that the domain need not know of any.

use std::net::IpAddr;

use domain::{
    AlertId, ApiTokenId, AppointmentId, AttendeeId, ClinicId, ConnectionId, CoverId, DecisionId, DeliveryId,
    DriftId, InviteId, LinkId, MarkId, MessageId, NoticeId, OutageId, PersonId, PresenceId, PressId,
    ReconciliationId, RegistrationId, RoomId, RulingId, StaffId, Timestamp,
    alert::{AlertKind, Told},
    appointment::{Kind, Status},
    attendance::{
        no_show::Ruling,
        presence::{Whereabouts, Who},
    },
    clinic::Zone,
    id::Id as _,
    outreach::{
        desk::Marked,
        message::{Channel, MessageState, Occasion},
    },
    room::{
        ConnectionState, RoomKind,
        guard::{DriftEnd, DriftKind, LookFor, Origin},
    },
    telehealth::{Aspect, Offer},
    text::{Email, ExternalId, Language, Name, Note, Phone},
};
use jiff::civil::Date;
use sqlx::{error::BoxDynError, types::Uuid};

use crate::ports::{
    consents::SaidBy,
    inbox::{DeliverySource, Outcome},
    recovery::Why,
};

/// How a type is kept in a column.
pub trait Column: Sized {
    /// What the drivers carry.
    type Repr;
    /// To be written.
    fn to_repr(&self) -> Self::Repr;
    /// As it was read; a value that the program would never have written is an error.
    fn from_repr(repr: Self::Repr) -> Result<Self, BoxDynError>;
}

/// A text as it is kept. NUL, which `PostgreSQL` cannot hold and `SQLite` cuts texts at, becomes the replacement
/// character, so that a name that somebody typed into Zoom can stop neither.
pub fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

macro_rules! columns {
    ($($type:ty as $repr:ty: $to:expr, $from:expr;)*) => {$(
        impl Column for $type {
            type Repr = $repr;
            fn to_repr(&self) -> $repr {
                let to: fn(&$type) -> $repr = $to;
                to(self)
            }
            fn from_repr(repr: $repr) -> Result<Self, BoxDynError> {
                let from: fn($repr) -> Result<$type, BoxDynError> = $from;
                from(repr)
            }
        }
    )*};
}

macro_rules! ids {
    ($($type:ty),* $(,)?) => { columns! { $($type as Uuid: |id| id.uuid(), |uuid| Ok(<$type>::from_uuid(uuid));)* } };
}

macro_rules! words {
    ($($type:ty),* $(,)?) => { columns! { $(
        $type as String:
            |value| value.as_str().to_owned(),
            |word| <$type>::from_word(&word).ok_or_else(|| format!("no such word: {word:?}").into());
    )* } };
}

macro_rules! texts {
    ($($type:ty),* $(,)?) => { columns! { $(
        $type as String: |value| text(value.as_str()), |text| Ok(<$type>::parse(&text)?);
    )* } };
}

columns! {
    bool as bool: |v| *v, Ok;
    i64 as i64: |v| *v, Ok;
    String as String: |v| text(v), Ok;
    Vec<u8> as Vec<u8>: Clone::clone, Ok;
    Uuid as Uuid: |v| *v, Ok;
    Timestamp as i64: |v| v.as_micros(), |v| Ok(Timestamp::from_micros(v));
    Zone as String: |v| v.name().to_owned(), |v| Ok(Zone::parse(&v)?);
    Date as String: ToString::to_string, |v| Ok(v.parse()?);
    IpAddr as String: ToString::to_string, |v| Ok(v.parse()?);
}

ids! {
    AlertId, ApiTokenId, AppointmentId, AttendeeId, ClinicId, ConnectionId, CoverId, DecisionId, DeliveryId, DriftId, InviteId, LinkId,
    MarkId, MessageId, NoticeId, OutageId, PersonId, PresenceId, PressId, ReconciliationId, RegistrationId, RoomId, RulingId, StaffId,
}

words! {
    AlertKind, Aspect, Channel, ConnectionState, DeliverySource, DriftEnd, DriftKind, Kind, LookFor, Marked, MessageState, Occasion, Offer, Origin, Outcome, RoomKind,
    Ruling, SaidBy, Status, Told, Whereabouts, Who, Why,
}

texts! { Email, ExternalId, Language, Name, Note, Phone }

impl<const N: usize> Column for [u8; N] {
    type Repr = Vec<u8>;

    fn to_repr(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn from_repr(repr: Vec<u8>) -> Result<Self, BoxDynError> {
        repr.try_into().map_err(|repr: Vec<u8>| format!("{} bytes instead of {N}", repr.len()).into())
    }
}

impl<T: Column> Column for Option<T> {
    type Repr = Option<T::Repr>;

    fn to_repr(&self) -> Self::Repr {
        self.as_ref().map(Column::to_repr)
    }

    fn from_repr(repr: Self::Repr) -> Result<Self, BoxDynError> {
        repr.map(T::from_repr).transpose()
    }
}
