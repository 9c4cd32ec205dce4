//! What patients agreed to, each time that it changed, and addresses that want nothing more.

use async_trait::async_trait;
use domain::{AppointmentId, AttendeeId, ClinicId, Timestamp, outreach::message::Channel, text::ExternalId};

use crate::Result;

/// Whose word a consent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaidBy {
    /// The scheduler's program's.
    Scheduler,
    /// A person's at the desk, by the form.
    Desk,
    /// The patient's, on their own page.
    Patient,
}

impl SaidBy {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Desk => "desk",
            Self::Patient => "patient",
        }
    }

    /// Whether somebody was asked or said it of themselves: a program repeats what stands in its records.
    pub const fn is_a_persons(self) -> bool {
        matches!(self, Self::Desk | Self::Patient)
    }

    /// The one that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Scheduler, Self::Desk, Self::Patient].into_iter().find(|one| one.as_str() == word)
    }
}

/// A change of what somebody agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentChange {
    /// E-mail or text messages.
    pub channel: Channel,
    /// Whether they agree.
    pub given: bool,
    /// Whose word it is.
    pub said_by: SaidBy,
    /// When.
    pub at: Timestamp,
}

/// Consent.
#[async_trait]
pub trait Consents {
    /// Records a change. What counts is the attendee's own [`domain::appointment::Consent`].
    async fn note_consent(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: AttendeeId,
        change: &ConsentChange,
    ) -> Result<()>;
    /// All that was recorded of an attendee, the oldest first.
    async fn consents_of(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: AttendeeId,
    ) -> Result<Vec<ConsentChange>>;
    /// All that was recorded of these persons of the clinic at any of their appointments, the oldest first.
    async fn consents_of_persons(
        &mut self,
        clinic: ClinicId,
        external_ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ConsentChange)>>;
    /// Changes what an attendee agreed to, and nothing else of the appointment.
    async fn set_consent(
        &mut self,
        clinic: ClinicId,
        attendee: AttendeeId,
        channel: Channel,
        given: bool,
    ) -> Result<()>;
    /// This address wants nothing more by this channel, from any clinic of the installation.
    async fn opt_out(&mut self, channel: Channel, address: &str, now: Timestamp) -> Result<()>;
    /// It does again.
    async fn opt_in(&mut self, channel: Channel, address: &str) -> Result<()>;
    /// Which of these addresses want nothing more by this channel.
    async fn opted_out(&mut self, channel: Channel, addresses: &[String]) -> Result<Vec<String>>;
}
