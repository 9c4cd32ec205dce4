//! What kind of room is wanted, how long its series runs, and why it is not what was wanted.

use async_trait::async_trait;
use domain::{ClinicId, RoomId, StaffId, Timestamp, room::RoomKind};

use super::links::Link;
use crate::Result;

/// What is kept of a room beside [`domain::room::Room`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomState {
    /// When the last occurrence of a registered room's series begins; none for other rooms.
    pub series_ends_at: Option<Timestamp>,
    /// Why it is not of the kind that was wanted, as a short code for `oauth` to put in words.
    pub kind_trouble: Option<String>,
    /// Why personal invite links are not to be had, as a short code, and since when; they are asked for again later.
    pub invites_refused: Option<(String, Timestamp)>,
}

/// Kinds of rooms.
#[async_trait]
pub trait Rooms {
    /// What the clinic wants its rooms to be; open ones where it never said.
    async fn clinic_room_kind(&mut self, clinic: ClinicId) -> Result<RoomKind>;
    /// Says it.
    async fn set_clinic_room_kind(&mut self, clinic: ClinicId, kind: RoomKind) -> Result<()>;
    /// What the staff member wants instead; none where they follow the clinic.
    async fn staff_room_kind(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<RoomKind>>;
    /// Says it.
    async fn set_staff_room_kind(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        kind: Option<RoomKind>,
    ) -> Result<()>;
    /// Whose visits take place in a room of another product: their own wish, else the clinic's.
    async fn hosts_elsewhere(&mut self, clinic: ClinicId) -> Result<Vec<StaffId>>;
    /// How the room stands.
    async fn room_state(&mut self, clinic: ClinicId, room: RoomId) -> Result<RoomState>;
    /// Keeps how it stands.
    async fn set_room_state(&mut self, clinic: ClinicId, room: RoomId, state: &RoomState) -> Result<()>;
    /// The clinic's guest link to the staff member's room (`LinkFor::Guest`) that is not revoked.
    async fn guest_link(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Link>>;
}
