//! Attendance: the events of rooms, what was made of them, what people decided, and what boards must hear of.

use std::{collections::BTreeSet, ops::Range};

use async_trait::async_trait;
use domain::{
    AppointmentId, ClinicId, PresenceId, RoomId, Timestamp,
    attendance::{event::RoomEvent, matching::Decision, presence::Presence},
};

use crate::Result;

/// What changed on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// An appointment or something about its attendees.
    Appointment(AppointmentId),
    /// Somebody in a room; perhaps no longer there at all.
    Presence(PresenceId),
}

/// Attendance.
#[async_trait]
pub trait Attendance {
    /// Adds an event. False where one that means the same is there already; `meaning` is 16 bytes of a digest over
    /// what the event says, its `at` among it.
    async fn insert_room_event(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        event: &RoomEvent,
        meaning: &[u8; 16],
    ) -> Result<bool>;
    /// The events of a room in order of time then delivery.
    async fn room_events(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<RoomEvent>>;
    /// The span from the first to the last event of a room.
    async fn room_event_span(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
    ) -> Result<Option<(Timestamp, Timestamp)>>;
    /// Drops all that is made from the inbox: the clinic's events, rows of Zoom's record and presences; a rebuild makes
    /// them again.
    async fn clear_attendance(&mut self, clinic: ClinicId) -> Result<()>;

    /// Adds the presence or replaces it.
    async fn put_presence(&mut self, clinic: ClinicId, presence: &Presence) -> Result<()>;
    /// Removes a presence that turned out to be part of another.
    async fn remove_presence(&mut self, clinic: ClinicId, id: PresenceId) -> Result<()>;
    /// The presence.
    async fn presence(&mut self, clinic: ClinicId, id: PresenceId) -> Result<Option<Presence>>;
    /// Presences of a room first heard of in the range, by that time then id.
    async fn presences_in_room(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Presence>>;
    /// Presences of the clinic first heard of in the range, by that time then id.
    async fn presences(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<Vec<Presence>>;
    /// Presences that are matched to attendees of the appointment, whatever the level.
    async fn presences_of(&mut self, clinic: ClinicId, appointment: AppointmentId) -> Result<Vec<Presence>>;

    /// The rooms, of all clinics, with a visitor there who was first heard of in the range and is not matched for certain.
    async fn unsettled_rooms(&mut self, range: Range<Timestamp>) -> Result<BTreeSet<(ClinicId, RoomId)>>;
    /// The clinics in whose rooms something may be the matter now: somebody is there who was first heard of in the range,
    /// something lasts of which people were told at the moment, or visits take place in rooms that tell nothing themselves.
    async fn clinics_to_watch(&mut self, range: Range<Timestamp>) -> Result<BTreeSet<ClinicId>>;

    /// Adds a decision.
    async fn insert_decision(&mut self, decision: &Decision) -> Result<()>;
    /// The decisions about presences of a room, oldest first; the last about a presence counts.
    async fn decisions_in_room(&mut self, clinic: ClinicId, room: RoomId) -> Result<Vec<Decision>>;
    /// The decisions about these presences likewise, whatever rooms they are in.
    async fn decisions_about(&mut self, clinic: ClinicId, presences: &[PresenceId]) -> Result<Vec<Decision>>;

    /// Notes that boards must look again, and returns the change's number: rising by one within a clinic, in the
    /// order of commits. Holds the clinic's other writers of changes back until the commit, so that it comes late in a
    /// unit of work, after [`lock_room`](super::connections::Connections::lock_room).
    async fn note_change(&mut self, clinic: ClinicId, change: Change, now: Timestamp) -> Result<i64>;
    /// The number of the last change; 0 before the first.
    async fn last_change(&mut self, clinic: ClinicId) -> Result<i64>;
    /// The changes after this number, in order; none where some of them are no longer kept, so that the board must be
    /// read whole.
    async fn changes_after(
        &mut self,
        clinic: ClinicId,
        after: i64,
        limit: i64,
    ) -> Result<Option<Vec<(i64, Change)>>>;
    /// Removes changes noted before this time.
    async fn purge_changes(&mut self, before: Timestamp) -> Result<()>;

    /// Notes that Zoom was heard of for this clinic and, where it spoke of one, this room; never moves back.
    async fn heard_from_zoom(&mut self, clinic: ClinicId, room: Option<RoomId>, at: Timestamp) -> Result<()>;
    /// When Zoom was last heard of for this clinic.
    async fn last_heard_from_zoom(&mut self, clinic: ClinicId) -> Result<Option<Timestamp>>;
    /// When Zoom was last heard of for each room, by the time of receipt.
    async fn rooms_last_heard(&mut self, clinic: ClinicId) -> Result<Vec<(RoomId, Timestamp)>>;
}
