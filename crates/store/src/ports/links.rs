//! Links handed out, and presses of Join.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, LinkId, PersonId, RoomId, StaffId, Timestamp,
    attendance::matching::Press,
};

use super::doors::Hash;
use crate::Result;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// The patient's page of one attendee of one appointment.
    Attendee(AppointmentId, AttendeeId),
    /// The host's way into the room for one appointment, whoever hosts it.
    Host(AppointmentId),
    /// A staff member's way into their own room, for good.
    Room(StaffId),
    /// The clinic's way into a staff member's room for somebody who has no link of their own, for good.
    Guest(StaffId),
    /// All visits to come of one patient, for good.
    Portal(PersonId),
}

/// A link on the clinic's own address. Its token is kept hashed to be found, and sealed to be copied again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Names it.
    pub id: LinkId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// What it is for.
    pub link_for: LinkFor,
    /// SHA-256 of the token.
    pub token_hash: Hash,
    /// The token, sealed.
    pub token_sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its page was first seen by somebody, as far as the page itself could tell.
    pub opened_at: Option<Timestamp>,
    /// Since when it works no more.
    pub revoked_at: Option<Timestamp>,
}

/// Links and presses.
#[async_trait]
pub trait Links {
    /// Adds a link. A conflict where there is one for the same thing that is not revoked.
    async fn insert_link(&mut self, link: &Link) -> Result<()>;
    /// The links of an appointment, its host's and its attendees', that are not revoked.
    async fn links_of(&mut self, clinic: ClinicId, appointment: AppointmentId) -> Result<Vec<Link>>;
    /// The links of several appointments likewise, in one question.
    async fn links_of_all(&mut self, clinic: ClinicId, appointments: &[AppointmentId]) -> Result<Vec<Link>>;
    /// The staff member's link to their own room that is not revoked.
    async fn room_link(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Link>>;
    /// Notes that the page was seen. False where it already was.
    async fn mark_opened(&mut self, clinic: ClinicId, link: LinkId, now: Timestamp) -> Result<bool>;
    /// Ends a link.
    async fn revoke_link(&mut self, clinic: ClinicId, link: LinkId, now: Timestamp) -> Result<()>;
    /// Notes a press of Join; its room is one of Zoom's or of another product.
    async fn insert_press(&mut self, press: &Press) -> Result<()>;
    /// The presses that led to this room, in order of time then id.
    async fn presses_in_room(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Press>>;
    /// When each attendee of these appointments last pressed Join on their page; whoever never did is left out. Presses
    /// that came from elsewhere than the page do not count.
    async fn last_presses(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<(AttendeeId, Timestamp)>>;
    /// All presses of the clinic, in order of time then id.
    async fn presses(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<Vec<Press>>;
}
