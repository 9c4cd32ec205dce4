//! What one delivery says of a room, in our words.

use serde::{Deserialize, Serialize};

use crate::{id::DeliveryId, time::Timestamp};

/// One thing that happened in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// The delivery that said so: the evidence.
    pub delivery: DeliveryId,
    /// When it happened, by the object's own time; never when the delivery arrived.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
    /// Zoom's uuid of the running meeting, where it gave one. Before the host starts it may be another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// To whom; none for the meeting's own start and end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
}

/// What happened. The names are those of Zoom's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The meeting runs; that does not mean that the host is in it.
    MeetingStarted,
    /// Waits for a host who has not started the meeting; carries no ids, only a name.
    WaitingForHost,
    /// Gave up waiting for the host to start.
    StoppedWaitingForHost,
    /// Entered the waiting room.
    JoinedWaitingRoom,
    /// Let in from the waiting room; not yet in the meeting.
    Admitted,
    /// No longer in the waiting room: left, was removed, or (unsettled) was admitted.
    LeftWaitingRoom,
    /// Is in the meeting.
    Joined,
    /// Sent back from the meeting to the waiting room.
    PutInWaitingRoom,
    /// Became host, co-host or attendee.
    RoleChanged,
    /// A telephone leg was tied to a computer participant.
    Bound,
    /// Entered a breakout room of the same meeting.
    JoinedBreakoutRoom,
    /// Left a breakout room.
    LeftBreakoutRoom,
    /// Is no longer in the meeting.
    Left,
    /// Is no longer in the meeting's main room, but went to a breakout room.
    LeftForBreakoutRoom,
    /// The meeting is over for everybody.
    MeetingEnded,
    /// The meeting was over by then, by Zoom's own record of it. Meetings of one person have no rows in the record, and
    /// only this tells that they ended.
    RecordedEnd,
}

/// Who it happened to, as far as Zoom says. Empty texts are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Names a connection within one running meeting; changes on rejoin, and on admission as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Names a connection; whether it survives admission is unsettled; new on rejoin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_uuid: Option<String>,
    /// The Zoom user who is signed in; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoom_user_id: Option<String>,
    /// Given by registration; the only id that survives a rejoin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registrant_id: Option<String>,
    /// Set by a Meeting SDK join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_key: Option<String>,
    /// The name shown, as typed by anybody at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number of a phone leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where the connection comes from, where Zoom says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    /// Whether Zoom says that this is the meeting's owner.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_host: bool,
    /// For [`What::Bound`]: the `user_id` that this one was tied to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<String>,
}
