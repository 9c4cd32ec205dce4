//! An appointment: when, with whom of the staff, and who is to attend.
//!
//! Whether it takes place is the scheduler's word and lives here; whether somebody is in the room is Zoom's and
//! lives in [`crate::attendance`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AppointmentId, AttendeeId, ClinicId, StaffId},
    telehealth::Booked,
    text::{Email, ExternalId, Language, Name, Phone},
    time::Timestamp,
};

/// The longest appointment that is believed.
pub const LONGEST: Duration = Duration::from_hours(24);
/// The most attendees of one appointment.
pub const MOST_ATTENDEES: usize = 50;

/// Where it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In the host's Zoom room.
    Telehealth,
    /// At the clinic.
    InPerson,
}

impl Kind {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telehealth => "telehealth",
            Self::InPerson => "in_person",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Telehealth, Self::InPerson].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Whether it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does.
    Booked,
    /// It does not.
    Cancelled,
}

impl Status {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Booked, Self::Cancelled].into_iter().find(|status| status.as_str() == word)
    }
}

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Names it.
    pub id: AppointmentId,
    /// Whose it is.
    pub clinic_id: ClinicId,
    /// The scheduler's own id; unique in the clinic.
    pub external_id: ExternalId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends; after the start.
    pub ends_at: Timestamp,
    /// The staff member who hosts it.
    pub host: StaffId,
    /// Where it takes place.
    pub kind: Kind,
    /// Whether it takes place.
    pub status: Status,
    /// As what it was booked: what says whether it is telehealth where the scheduler does not.
    pub booked_as: Booked,
    /// Who is to attend, in the order given.
    pub attendees: Vec<Attendee>,
    /// How often it was changed: the `SEQUENCE` of calendar files (RFC 5545, 3.8.7.4).
    pub revision: i64,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Appointment {
    /// Whether somebody may be expected in the host's room for it.
    pub fn is_expected_in_a_room(&self) -> bool {
        self.kind == Kind::Telehealth && self.status == Status::Booked
    }

    /// The attendee of this id.
    pub fn attendee(&self, id: AttendeeId) -> Option<&Attendee> {
        self.attendees.iter().find(|attendee| attendee.id == id)
    }
}

/// Somebody who is to attend one appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Names them at this appointment; the same person has another id at another one.
    pub id: AttendeeId,
    /// The scheduler's own id for the person; unique in the appointment.
    pub external_id: ExternalId,
    /// As the clinic knows them.
    pub name: Name,
    /// Where messages may go, if they consent.
    pub email: Option<Email>,
    /// Where messages may go, if they consent.
    pub phone: Option<Phone>,
    /// What they agreed to.
    pub consent: Consent,
    /// What they read best; the clinic's language where nobody said.
    pub language: Option<Language>,
}

/// What an attendee agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// E-mail about their appointments.
    pub email: bool,
    /// Text messages about their appointments.
    pub sms: bool,
}

/// Why the times of an appointment were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTimes {
    /// It would end before, or as, it starts.
    #[error("must be after starts_at")]
    EndsBeforeItStarts,
    /// It would last longer than [`LONGEST`].
    #[error("must be within 24 hours of starts_at")]
    TooLong,
}

/// Checks that an appointment ends after it starts, within [`LONGEST`].
pub fn check_times(starts_at: Timestamp, ends_at: Timestamp) -> Result<(), BadTimes> {
    if ends_at <= starts_at {
        Err(BadTimes::EndsBeforeItStarts)
    } else if ends_at.since(starts_at) > LONGEST {
        Err(BadTimes::TooLong)
    } else {
        Ok(())
    }
}
