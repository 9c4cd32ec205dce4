//! What the staff member's own page shows of connection and room, without asking Zoom.

use domain::{
    ClinicId, StaffId,
    room::{Connection, Room},
};
use url::Url;
use vault::SecretText;

use crate::{RoomError, Trouble, Zoom};

/// A staff member's connection and room.
#[derive(Clone, Debug, Default)]
pub struct RoomPage {
    /// The connection that is not disconnected.
    pub connection: Option<Connection>,
    /// What is wrong with the connection or its room.
    pub trouble: Option<Trouble>,
    /// The room that the connection gives. None where the room that is known belongs to another Zoom user, or nobody is
    /// connected.
    pub room: Option<Room>,
    /// Zoom's own join link, passcode included: for the room's owner, to copy.
    pub guest_link: Option<SecretText>,
    /// `https://<Zoom's host>/s/<number>`: lets in as host whoever is signed in to Zoom as the room's owner.
    pub host_way: Option<Url>,
}

impl Zoom {
    /// The page of one staff member.
    pub async fn room_page(&self, clinic: ClinicId, staff: StaffId) -> Result<RoomPage, RoomError> {
        let mut tx = self.0.store.read().await?;
        let Some(connection) = tx.connection_of(clinic, staff).await? else { return Ok(RoomPage::default()) };
        let trouble = connection.trouble.as_deref().and_then(Trouble::from_code);
        let room = tx.room_of(clinic, staff).await?;
        let Some(room) = room.filter(|room| room.zoom_user_id == connection.zoom_user_id) else {
            return Ok(RoomPage { connection: Some(connection), trouble, ..RoomPage::default() });
        };
        let sealed = tx.join_url(clinic, room.id).await?.ok_or(RoomError::NoJoinLink)?;
        let guest_link = self.open_join_url(clinic, room.id, &sealed)?;
        // On the host of the join link, since an account may have an address of its own at Zoom.
        let host_way = Url::parse(guest_link.expose())
            .and_then(|join| join.join(&format!("/s/{}", room.meeting_number)))
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"));
        Ok(RoomPage {
            connection: Some(connection),
            trouble,
            room: Some(room),
            guest_link: Some(guest_link),
            host_way,
        })
    }
}
