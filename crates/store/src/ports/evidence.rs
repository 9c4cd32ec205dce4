//! What is known of a room beside its events: Zoom's own record of it, when it was looked at, registrations and personal
//! invite links; and what became of what was derived.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, PresenceId, RoomId, Timestamp,
    attendance::{
        matching::{Invite, Match, Registration},
        no_show::NoShowRuling,
        presence::Who,
        record::RecordedStay,
    },
};

use crate::Result;

/// What was shown of somebody from some time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchChange {
    /// Of whom.
    pub presence: PresenceId,
    /// Since when.
    pub at: Timestamp,
    /// What kind of person.
    pub who: Who,
    /// Which attendee, how sure and why; none where nobody could say.
    pub matched: Option<Match>,
}

/// Evidence.
#[async_trait]
pub trait Evidence {
    /// Adds a row of Zoom's record. False where this row, saying the same, is there already. A row that says something
    /// else than before (its end was corrected) takes the place of the older one, if its delivery is younger.
    async fn put_recorded_stay(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        stay: &RecordedStay,
    ) -> Result<bool>;
    /// The rows that begin in the range, by beginning then row.
    async fn recorded_stays(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<RecordedStay>>;

    /// Notes that it was looked at how things stand in the room; the same moment twice is one.
    async fn insert_look(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()>;
    /// When it was looked, in order.
    async fn looks(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Timestamp>>;

    /// Adds a registration with its sealed join link. A conflict where the attendee has one for this room and number.
    async fn insert_registration(
        &mut self,
        registration: &Registration,
        join_url_sealed: &[u8],
    ) -> Result<()>;
    /// The attendee's registration for the room as it is numbered now, with its sealed join link.
    async fn registration_of(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        meeting_number: i64,
        attendee: AttendeeId,
    ) -> Result<Option<(Registration, Vec<u8>)>>;
    /// The registrations for the room that Zoom calls by these ids.
    async fn registrations(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        registrant_ids: &[String],
    ) -> Result<Vec<Registration>>;

    /// Adds a personal invite link, sealed.
    async fn insert_invite(&mut self, invite: &Invite, join_url_sealed: &[u8]) -> Result<()>;
    /// The attendee's youngest invite link to the room, sealed.
    async fn invite_of(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        attendee: AttendeeId,
    ) -> Result<Option<(Invite, Vec<u8>)>>;
    /// The invite links to the room that were made in the range, by time then id.
    async fn invites(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Invite>>;

    /// Keeps what is shown of somebody from now on.
    async fn insert_match_change(&mut self, clinic: ClinicId, change: &MatchChange) -> Result<()>;
    /// All that was ever shown of somebody, oldest first.
    async fn match_changes(&mut self, clinic: ClinicId, presence: PresenceId) -> Result<Vec<MatchChange>>;

    /// Adds a person's word on a no-show.
    async fn insert_ruling(&mut self, ruling: &NoShowRuling) -> Result<()>;
    /// The words on attendees of these appointments, oldest first; the last about an attendee counts.
    async fn rulings(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<NoShowRuling>>;
}
