//! A presence: somebody in a room, from arriving to leaving, whoever it turns out to be.

use serde::{Deserialize, Serialize};

use super::{
    matching::{Candidate, Match},
    stay::{Stay, StayKind},
};
use crate::{
    id::{ClinicId, PresenceId, RoomId, StaffId},
    time::Timestamp,
};

/// What kind of person a presence is, before anybody asks which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Somebody from outside: an attendee, or nobody we know.
    Visitor,
    /// Somebody of the clinic's staff.
    Staff,
    /// A person said that this is a guest, such as family: nobody to be matched.
    Guest,
    /// A person said that this is an interpreter.
    Interpreter,
}

impl Who {
    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Staff => "staff",
            Self::Guest => "guest",
            Self::Interpreter => "interpreter",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Visitor, Self::Staff, Self::Guest, Self::Interpreter]
            .into_iter()
            .find(|who| who.as_str() == word)
    }
}

/// Where somebody is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// In the waiting room.
    Waiting,
    /// Let in, not yet in the meeting.
    Connecting,
    /// In the meeting.
    InSession,
    /// Gone.
    Left,
}

impl Whereabouts {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::InSession => "in_session",
            Self::Left => "left",
        }
    }

    /// The whereabouts that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Connecting, Self::InSession, Self::Left]
            .into_iter()
            .find(|w| w.as_str() == word)
    }
}

/// Somebody in a room. Derived: it can be dropped and computed again from the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Names it.
    pub id: PresenceId,
    /// The room's clinic.
    pub clinic_id: ClinicId,
    /// Where.
    pub room_id: RoomId,
    /// What kind of person it is.
    pub who: Who,
    /// Which of the staff, where that is known.
    pub staff_id: Option<StaffId>,
    /// The name last shown in Zoom, as typed by anybody at all.
    pub shown_name: Option<String>,
    /// When it was first heard of.
    pub first_at: Timestamp,
    /// Where the person is now.
    pub whereabouts: Whereabouts,
    /// Since when the person is there.
    pub since: Timestamp,
    /// Where the person was, in order, without overlap.
    pub stays: Vec<Stay>,
    /// Which attendee it is, and how sure that is; none for the staff, for guests and where nobody can say.
    pub matched: Option<Match>,
    /// Who it may be, likeliest first, where it is not settled.
    pub candidates: Vec<Candidate>,
}

impl From<StayKind> for Whereabouts {
    fn from(kind: StayKind) -> Self {
        match kind {
            StayKind::Waiting => Self::Waiting,
            StayKind::Connecting => Self::Connecting,
            StayKind::InSession => Self::InSession,
        }
    }
}
