//! What is asked for and what comes of it: the booking, and what can be wrong with one.

use domain::{
    StaffId, Timestamp,
    appointment::{Appointment, BadTimes, Consent, Kind, MOST_ATTENDEES, Status},
    telehealth,
    text::{Email, ExternalId, Invalid, Language, Name, Phone},
};
use store::StoreError;
use vault::SealError;

use crate::{hand_out::HandOutError, outbox::OutboxError, visit::LinkError};

/// An appointment as it is asked for. Asking again with the same external id changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The scheduler's own id; none on the form for a new one, which then gets Anteroom's.
    pub external_id: Option<ExternalId>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who of the staff hosts it.
    pub host: StaffId,
    /// Where it takes place.
    pub kind: Kind,
    /// Whether it takes place; cancelling is booking it again as cancelled.
    pub status: Status,
    /// As what it is booked, in the scheduler's words; none keeps what was said before.
    pub booked_as: Option<telehealth::Booked>,
    /// Everybody who is to attend. Who was listed before and no longer is, is taken off.
    pub attendees: Vec<BookedAttendee>,
}

/// An attendee as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedAttendee {
    /// The scheduler's own id, by which the person is known again when the appointment changes.
    pub external_id: Option<ExternalId>,
    /// As the clinic knows them.
    pub name: Name,
    /// Where messages may go.
    pub email: Option<Email>,
    /// Where messages may go.
    pub phone: Option<Phone>,
    /// What they agreed to.
    pub consent: Consent,
    /// What they read best; none keeps what was said before.
    pub language: Option<Language>,
}

impl From<&Appointment> for Booking {
    /// The booking that leaves the appointment as it stands.
    fn from(appointment: &Appointment) -> Self {
        let attendees = appointment.attendees.iter().map(|attendee| BookedAttendee {
            external_id: Some(attendee.external_id.clone()),
            name: attendee.name.clone(),
            email: attendee.email.clone(),
            phone: attendee.phone.clone(),
            consent: attendee.consent,
            language: attendee.language.clone(),
        });
        Self {
            external_id: Some(appointment.external_id.clone()),
            starts_at: appointment.starts_at,
            ends_at: appointment.ends_at,
            host: appointment.host,
            kind: appointment.kind,
            status: appointment.status,
            booked_as: Some(appointment.booked_as.clone()),
            attendees: attendees.collect(),
        }
    }
}

/// What became of a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// As it stands now.
    pub appointment: Appointment,
    /// What was done.
    pub change: Change,
}

/// What a booking did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none; it was added.
    Created,
    /// It stands differently now.
    Changed,
    /// It already stood so, and nothing was written.
    Unchanged,
}

/// Something wrong with a booking, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The times.
    #[error(transparent)]
    Times(#[from] BadTimes),
    /// The host is nobody of this clinic.
    #[error("is nobody who works at this clinic")]
    UnknownHost,
    /// The host may not see patients, or no longer works here.
    #[error("does not see patients here: choose somebody with the role staff who is not disabled")]
    NotAHost,
    /// Nobody is to attend.
    #[error("must list at least one attendee")]
    NoAttendees,
    /// Too many are to attend.
    #[error("lists {0} attendees; at most {MOST_ATTENDEES} are allowed")]
    TooManyAttendees(usize),
    /// Two attendees have the same external id.
    #[error("is the same as another attendee's of this appointment")]
    SameAttendee {
        /// Where the second one stands, counted from 0.
        position: usize,
    },
    /// The external id has the form of Anteroom's own, but there is no such appointment.
    #[error("has the form of an id of Anteroom's, but no appointment has it")]
    NotOurs,
    /// The external id is not usable.
    #[error(transparent)]
    ExternalId(#[from] Invalid),
}

impl Fault {
    /// The field of the JSON API that is at fault, such as `attendees[2].external_id`.
    pub fn field(&self) -> String {
        match self {
            Self::Times(_) => "ends_at".to_owned(),
            Self::UnknownHost | Self::NotAHost => "host".to_owned(),
            Self::NoAttendees | Self::TooManyAttendees(_) => "attendees".to_owned(),
            Self::SameAttendee { position } => format!("attendees[{position}].external_id"),
            Self::NotOurs | Self::ExternalId(_) => "external_id".to_owned(),
        }
    }
}

/// Why an appointment was not booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// What was asked for is wrong; everything that is, at once.
    #[error("the booking has {} faults", .0.len())]
    Refused(Vec<Fault>),
    /// A link could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The links could not be made.
    #[error(transparent)]
    Links(LinkError),
    /// What its people have to be told could not be queued.
    #[error(transparent)]
    Tell(HandOutError),
    /// It no longer stands as whoever books has seen it.
    #[error("somebody else changed the appointment meanwhile")]
    ChangedMeanwhile,
    /// Others book the same appointment again and again.
    #[error("others are booking the same appointment")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HandOutError> for BookError {
    fn from(error: HandOutError) -> Self {
        match error {
            HandOutError::Store(error) | HandOutError::Outbox(OutboxError::Store(error)) => {
                Self::Store(error)
            }
            HandOutError::Links(error) => error.into(),
            other => Self::Tell(other),
        }
    }
}

impl From<LinkError> for BookError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => Self::Store(error),
            LinkError::Seal(error) => Self::Seal(error),
            other => Self::Links(other),
        }
    }
}
