//! Which attendee is it? Evidence from strong to weak, each with a reason in words.
//!
//! The rungs stand in files of their own, and [`ladder`] climbs them; a person's decision beats them all.

pub mod ladder;
pub mod looks;

mod climb;
mod decided;
mod linked;
mod links;
mod named;
mod only_one_due;
mod pressed;
mod rejoined;
mod ripened;
mod telephone;
mod vouched;
mod words;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    id::{
        AppointmentId, AttendeeId, ClinicId, DecisionId, InviteId, PresenceId, PressId, RegistrationId,
        RoomId, StaffId,
    },
    time::Timestamp,
};

/// How sure a match is. Only `Certain` is shown as the patient without a question mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One of several; a person must choose.
    Ambiguous,
    /// Likely; shown as such.
    Probable,
    /// Nobody else could have been meant.
    Certain,
}

impl Level {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous",
            Self::Probable => "probable",
            Self::Certain => "certain",
        }
    }

    /// The level that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Ambiguous, Self::Probable, Self::Certain].into_iter().find(|level| level.as_str() == word)
    }
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// A rung of the ladder.
    Rule,
    /// A person of the staff; beats every rule.
    Person,
}

impl DecidedBy {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Person => "person",
        }
    }

    /// Who the word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Rule, Self::Person].into_iter().find(|by| by.as_str() == word)
    }
}

/// Which attendee somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Of which appointment.
    pub appointment: AppointmentId,
    /// Which attendee.
    pub attendee: AttendeeId,
    /// How sure.
    pub level: Level,
    /// Why, each a sentence that a scheduler understands.
    pub reasons: Vec<String>,
    /// By whom.
    pub decided_by: DecidedBy,
}

/// Somebody it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Of which appointment.
    pub appointment: AppointmentId,
    /// Which attendee.
    pub attendee: AttendeeId,
    /// How likely.
    pub level: Level,
    /// Why.
    pub reasons: Vec<String>,
}

/// An attendee pressed Join on a page of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Names it.
    pub id: PressId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// At which appointment.
    pub appointment_id: AppointmentId,
    /// Whose link it was; links are forwarded, so not surely who pressed.
    pub attendee_id: AttendeeId,
    /// The room that the link led to.
    pub room_id: RoomId,
    /// When.
    pub at: Timestamp,
    /// Where the press came from, as far as that is known. Zoom says the same of some who are in a meeting.
    pub client_address: Option<IpAddr>,
    /// Whether the patient's page was before whoever pressed: programs that submit forms unseen have not seen it.
    pub from_page: bool,
}

/// A registration at Zoom for a registered room: whoever comes with its id came by that link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Names it.
    pub id: RegistrationId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// For which room.
    pub room_id: RoomId,
    /// The room's number when it was made; a room that was made anew knows none of the old ones.
    pub meeting_number: i64,
    /// What Zoom calls the registrant in every event.
    pub registrant_id: String,
    /// Whose link it was made for; none for somebody who came by the clinic's guest link.
    pub whose: Option<(AppointmentId, AttendeeId)>,
    /// When.
    pub at: Timestamp,
}

/// A personal invite link, which presets the name under which its holder comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Names it.
    pub id: InviteId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// To which room.
    pub room_id: RoomId,
    /// To which appointment.
    pub appointment_id: AppointmentId,
    /// For whom.
    pub attendee_id: AttendeeId,
    /// The name that it presets.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Until when it leads into the room.
    pub until: Timestamp,
}

/// A person's decision about who somebody is. Never changed, only superseded by a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Names it.
    pub id: DecisionId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// In which room.
    pub room_id: RoomId,
    /// About whom.
    pub presence_id: PresenceId,
    /// What.
    pub verdict: Verdict,
    /// By whom.
    pub decided_by: StaffOrToken,
    /// When.
    pub at: Timestamp,
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is this attendee.
    Attendee(AttendeeId),
    /// It is not this attendee, whatever the rules say. Holds together with others of its kind, until a verdict of
    /// another kind.
    Not(AttendeeId),
    /// Somebody who came along, such as family.
    Guest,
    /// Somebody who came to interpret.
    Interpreter,
    /// One of the staff.
    Staff,
    /// An earlier decision is taken back; the rules speak again.
    Undecided,
}

/// Who decided: a person who was signed in, or a program with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffOrToken {
    /// A person of the staff.
    Staff(StaffId),
    /// A program, by its API token.
    Token(crate::id::ApiTokenId),
}
