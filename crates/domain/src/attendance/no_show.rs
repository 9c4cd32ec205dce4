//! No-shows: proposed with the evidence, and only a person's word makes one.

use serde::{Deserialize, Serialize};

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
