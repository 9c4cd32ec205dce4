//! Rooms of other products, and what can be dialled into a room of Zoom's.

use async_trait::async_trait;
use domain::{ClinicId, RoomId, StaffId, Timestamp};

use super::doors::Hash;
use crate::Result;

/// A staff member's room of another product: two links that somebody pasted, the same or different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRoom {
    /// Names it.
    pub id: RoomId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Whose it is.
    pub staff_id: StaffId,
    /// The host's way in, sealed.
    pub host_url_sealed: Vec<u8>,
    /// The patients' way in, sealed.
    pub guest_url_sealed: Vec<u8>,
    /// SHA-256 of the host's link, to find the same one at somebody else.
    pub host_url_digest: Hash,
    /// SHA-256 of the patients' link.
    pub guest_url_digest: Hash,
    /// The server that the patients' link leads to, to be shown: `doxy.me`.
    pub host_name: String,
    /// What is wrong with the links, as a short code for `outreach` to put in words.
    pub trouble: Option<String>,
    /// When they were last tried.
    pub checked_at: Option<Timestamp>,
    /// When they were first pasted.
    pub created_at: Timestamp,
}

/// Rooms of other products.
#[async_trait]
pub trait OtherRooms {
    /// The staff member's room.
    async fn other_room_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<OtherRoom>>;
    /// All of the clinic's.
    async fn other_rooms(&mut self, clinic: ClinicId) -> Result<Vec<OtherRoom>>;
    /// Adds it, or replaces it by its id.
    async fn put_other_room(&mut self, room: &OtherRoom) -> Result<()>;
    /// How a Zoom room can be dialled into, sealed; none where Zoom gave nothing.
    async fn dial_in(&mut self, clinic: ClinicId, room: RoomId) -> Result<Option<Vec<u8>>>;
    /// Keeps it.
    async fn set_dial_in(&mut self, clinic: ClinicId, room: RoomId, sealed: Option<&[u8]>) -> Result<()>;
}
