//! Stories, each told to the fold as Zoom might tell it.

mod admission;
mod chance;
mod day;
mod devices;
mod histories;
mod meetings;
mod namesakes;
mod orders;
mod random;
mod record;
mod recorded_days;
mod visits;

use StayKind::{Connecting, InSession, Waiting};
use What::{
    Admitted, Bound, Joined, JoinedBreakoutRoom, JoinedWaitingRoom, Left, LeftBreakoutRoom,
    LeftForBreakoutRoom, LeftWaitingRoom, PutInWaitingRoom, StoppedWaitingForHost, WaitingForHost,
};
use uuid::Uuid;

use super::*;
use crate::attendance::stay::StayKind;

pub(super) const START: Timestamp = Timestamp::from_seconds(1_795_442_400);

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(START.as_micros() + seconds * 1_000_000)
}

pub(super) fn delivery(number: u128) -> DeliveryId {
    DeliveryId::from_uuid(Uuid::from_u128(0x0193_5a5a_7000_7000_8000_0000_0000_0000 + number))
}

pub(super) fn named(user_id: &str, name: &str) -> Person {
    Person { user_id: Some(user_id.into()), name: Some(name.into()), ..Person::default() }
}

/// A row of the record of meeting A, told by one delivery.
pub(super) fn row(number: u128, kind: StayKind, name: &str, from: i64, to: i64) -> RecordedStay {
    RecordedStay {
        delivery: delivery(1_000_000),
        row: PresenceId::from_uuid(Uuid::from_u128(0xa5a5_0000_0000_0000_0000_0000_0000_0000 + number)),
        instance: "A".to_owned(),
        kind,
        from: at(from),
        to: at(to),
        user_id: None,
        zoom_user_id: None,
        registrant_id: None,
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        is_host: false,
    }
}

/// What Zoom tells, in the order that it is written down.
#[derive(Clone, Default)]
pub(super) struct Story {
    pub(super) events: Vec<RoomEvent>,
    uuid: String,
}

impl Story {
    pub(super) fn in_meeting(uuid: &str) -> Self {
        Self { events: Vec::new(), uuid: uuid.into() }
    }

    pub(super) fn then_in(mut self, uuid: &str) -> Self {
        self.uuid = uuid.into();
        self
    }

    pub(super) fn says(mut self, seconds: i64, what: What, person: Person) -> Self {
        self.events.push(RoomEvent {
            delivery: delivery(self.events.len() as u128),
            at: at(seconds),
            what,
            instance: Some(self.uuid.clone()).filter(|uuid| !uuid.is_empty()),
            person: (!matches!(what, What::MeetingStarted | What::MeetingEnded)).then_some(person),
        });
        self
    }

    pub(super) fn starts(self, seconds: i64) -> Self {
        self.says(seconds, What::MeetingStarted, Person::default())
    }

    pub(super) fn ends(self, seconds: i64) -> Self {
        self.says(seconds, What::MeetingEnded, Person::default())
    }

    fn fold(&self) -> Vec<Visit> {
        fold(&self.events, &[])
    }

    /// The stays of everybody, in seconds.
    fn stays(&self) -> Vec<Vec<(StayKind, i64, Option<i64>)>> {
        self.fold().iter().map(|visit| in_seconds(&visit.stays)).collect()
    }
}

pub(super) fn in_seconds(stays: &[Stay]) -> Vec<(StayKind, i64, Option<i64>)> {
    let seconds = |time: Timestamp| time.as_seconds() - START.as_seconds();
    stays.iter().map(|stay| (stay.kind, seconds(stay.from), stay.to.map(seconds))).collect()
}
