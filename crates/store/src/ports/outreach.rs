//! How a clinic wants patients to be reached, and what it says to them.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, NoticeId, PersonId, StaffId, Timestamp,
    appointment::Appointment,
    outreach::{
        Settings,
        desk::{Mark, Notice},
        message::{Channel, Occasion},
    },
    telehealth::Rule,
    text::{ExternalId, Language},
};

use super::links::Link;
use crate::Result;

/// A clinic's own wording, in place of the built-in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Of which message.
    pub occasion: Occasion,
    /// E-mail or text message.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// The subject; of e-mail only.
    pub subject: Option<String>,
    /// What it says, with placeholders.
    pub body: String,
}

/// Settings, wordings, rules, notices, marks and persons.
#[async_trait]
pub trait Outreach {
    /// How the clinic wants it; the defaults where it never said.
    async fn outreach_settings(&mut self, clinic: ClinicId) -> Result<Settings>;
    /// Says it.
    async fn set_outreach_settings(&mut self, clinic: ClinicId, settings: &Settings) -> Result<()>;
    /// The clinic's own wordings.
    async fn wordings(&mut self, clinic: ClinicId) -> Result<Vec<Wording>>;
    /// Puts a wording in place of any earlier one.
    async fn put_wording(&mut self, clinic: ClinicId, wording: &Wording) -> Result<()>;
    /// Goes back to the built-in one.
    async fn drop_wording(
        &mut self,
        clinic: ClinicId,
        occasion: Occasion,
        channel: Channel,
        language: &Language,
    ) -> Result<()>;
    /// The clinic's rules for what is telehealth.
    async fn telehealth_rules(&mut self, clinic: ClinicId) -> Result<Vec<Rule>>;
    /// Puts these rules in place of all earlier ones.
    async fn set_telehealth_rules(&mut self, clinic: ClinicId, rules: &[Rule]) -> Result<()>;

    /// Adds a notice.
    async fn insert_notice(&mut self, notice: &Notice) -> Result<()>;
    /// Takes it down. False where it is not there or no longer shown.
    async fn end_notice(&mut self, clinic: ClinicId, notice: NoticeId, now: Timestamp) -> Result<bool>;
    /// The notices that are shown at this instant, of one host or of all, the oldest first.
    async fn notices(
        &mut self,
        clinic: ClinicId,
        host: Option<StaffId>,
        now: Timestamp,
    ) -> Result<Vec<Notice>>;

    /// Adds a mark.
    async fn insert_mark(&mut self, mark: &Mark) -> Result<()>;
    /// All marks at these appointments, by time then id.
    async fn marks_of_all(&mut self, clinic: ClinicId, appointments: &[AppointmentId]) -> Result<Vec<Mark>>;

    /// The person whom the scheduler calls so; none where nobody needed one yet.
    async fn person(&mut self, clinic: ClinicId, external_id: &ExternalId) -> Result<Option<PersonId>>;
    /// Adds one. A conflict where there is one.
    async fn insert_person(
        &mut self,
        clinic: ClinicId,
        id: PersonId,
        external_id: &ExternalId,
        now: Timestamp,
    ) -> Result<()>;
    /// What the scheduler calls the person.
    async fn person_external_id(&mut self, clinic: ClinicId, id: PersonId) -> Result<Option<ExternalId>>;
    /// The person's link to all their visits (`LinkFor::Portal`) that is not revoked.
    async fn portal_link(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Link>>;
    /// Since when the person is to have no such link, by somebody's word; none where they may have one.
    async fn portal_revoked_at(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Timestamp>>;
    /// The same, to be asked before their link is minted or ended: whoever else asks so waits until this unit of work is
    /// done.
    async fn hold_portal(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Timestamp>>;
    /// Says since when, or that they may have one again.
    async fn set_portal_revoked_at(
        &mut self,
        clinic: ClinicId,
        person: PersonId,
        at: Option<Timestamp>,
    ) -> Result<()>;
    /// The appointments that list an attendee of this external id and overlap the range, by start then id.
    async fn appointments_of_person(
        &mut self,
        clinic: ClinicId,
        external_id: &ExternalId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Appointment>>;
    /// Attendees of any clinic whose address this is, whose appointment overlaps the range and takes place, by start
    /// then id. For whoever lost a link, before the clinic is known.
    async fn attendees_at(
        &mut self,
        channel: Channel,
        address: &str,
        range: Range<Timestamp>,
        limit: i64,
    ) -> Result<Vec<(ClinicId, AppointmentId, AttendeeId)>>;
}
