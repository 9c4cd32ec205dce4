//! No-shows: proposed with the evidence, and only a person's word makes one.
//!
//! Not having been heard of proves little: what Zoom said may be lost, nobody may have been there to let anybody in, or
//! somebody was there of whom nobody knows who it was. So a proposal says yes, no or *unknown*, each with its reasons,
//! and is made anew whenever it is asked for: whoever comes after all withdraws it by coming.

mod facts;
mod propose;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use facts::{Arrived, Compared, Facts, Unsettled};
pub use propose::{GRACE, due_at, propose};

use super::matching::StaffOrToken;
use crate::{
    id::{AppointmentId, AttendeeId, ClinicId, RulingId},
    time::Timestamp,
};

/// What a person said of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The attendee did not come.
    Accepted,
    /// It was no no-show, whatever it looked like.
    Refused,
    /// An earlier ruling is taken back; the evidence speaks again.
    Withdrawn,
}

impl Ruling {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The ruling that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::Withdrawn].into_iter().find(|ruling| ruling.as_str() == word)
    }
}

/// A ruling on one attendee of one appointment. Never changed, only superseded by a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoShowRuling {
    /// Names it.
    pub id: RulingId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Of which appointment.
    pub appointment_id: AppointmentId,
    /// Which attendee.
    pub attendee_id: AttendeeId,
    /// What.
    pub ruling: Ruling,
    /// By whom.
    pub ruled_by: StaffOrToken,
    /// When.
    pub at: Timestamp,
}

/// What the evidence says of an attendee's not having come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// They did not come, as far as can be known.
    Yes,
    /// It is no no-show.
    No,
    /// Nobody can say.
    Unknown,
}

impl Says {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What is proposed, for a person to accept or refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// In a word.
    pub says: Says,
    /// Why, each in words that a scheduler understands. What decides comes first.
    pub reasons: Vec<String>,
}

/// The word that counts: the last, unless it takes an earlier one back.
pub fn standing<'a>(rulings: impl IntoIterator<Item = &'a NoShowRuling>) -> Option<&'a NoShowRuling> {
    rulings
        .into_iter()
        .max_by_key(|ruling| (ruling.at, ruling.id))
        .filter(|ruling| ruling.ruling != Ruling::Withdrawn)
}
