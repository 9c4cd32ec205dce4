//! What the staff member's own page shows of connection and room, without asking Zoom.

use domain::{
    ClinicId, StaffId, Timestamp,
    room::{Connection, Room, RoomKind},
};
use url::Url;
use vault::SecretText;

use crate::{KindTrouble, RoomError, Trouble, Zoom};

/// A staff member's connection and room.
#[derive(Clone, Debug)]
pub struct RoomPage {
    /// The connection that is not disconnected.
    pub connection: Option<Connection>,
    /// What is wrong with the connection or its room.
    pub trouble: Option<Trouble>,
    /// When Zoom was last asked to renew the tokens, if nobody knows what came of it: that is found out within minutes.
    pub in_doubt_since: Option<Timestamp>,
    /// The room that the connection gives. None where the room that is known belongs to another Zoom user, or nobody is
    /// connected.
    pub room: Option<Room>,
    /// What kind of room the staff member asked for; none where they follow the clinic.
    pub wish: Option<RoomKind>,
    /// What the clinic wants its rooms to be.
    pub clinics_kind: RoomKind,
    /// Why the room is not of the kind that is wanted, or will not stay so.
    pub kind_trouble: Option<KindTrouble>,
    /// Zoom's own join link, passcode included: for the room's owner, to copy. None for a registered room, whose own link
    /// leads to a form of Zoom's: there the clinic's guest link stands in for it.
    pub guest_link: Option<SecretText>,
    /// `https://<Zoom's host>/s/<number>`: lets in as host whoever is signed in to Zoom as the room's owner.
    pub host_way: Option<Url>,
}

impl Zoom {
    /// The page of one staff member.
    pub async fn room_page(&self, clinic: ClinicId, staff: StaffId) -> Result<RoomPage, RoomError> {
        let mut tx = self.0.store.read().await?;
        let mut page = RoomPage {
            connection: None,
            trouble: None,
            in_doubt_since: None,
            room: None,
            wish: tx.staff_room_kind(clinic, staff).await?,
            clinics_kind: tx.clinic_room_kind(clinic).await?,
            kind_trouble: None,
            guest_link: None,
            host_way: None,
        };
        let Some(connection) = tx.connection_of(clinic, staff).await? else { return Ok(page) };
        page.trouble = connection.trouble.as_deref().and_then(Trouble::from_code);
        page.in_doubt_since = tx.in_doubt_since(clinic, connection.id).await?;
        let room = tx.room_of(clinic, staff).await?;
        let room = room.filter(|room| room.zoom_user_id == connection.zoom_user_id);
        page.connection = Some(connection);
        let Some(room) = room else { return Ok(page) };
        let state = tx.room_state(clinic, room.id).await?;
        page.kind_trouble = state.kind_trouble.as_deref().and_then(KindTrouble::from_code);
        let sealed = tx.join_url(clinic, room.id).await?.ok_or(RoomError::NoJoinLink)?;
        let guest_link = self.open_join_url(clinic, room.id, &sealed)?;
        // On the host of the join link, since an account may have an address of its own at Zoom.
        page.host_way = Url::parse(guest_link.expose())
            .and_then(|join| join.join(&format!("/s/{}", room.meeting_number)))
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"));
        page.guest_link = Some(guest_link).filter(|_| room.kind != RoomKind::Registered);
        page.room = Some(room);
        Ok(page)
    }
}

impl RoomPage {
    /// What kind of room is wanted: the staff member's wish, else the clinic's.
    pub fn wanted(&self) -> RoomKind {
        self.wish.unwrap_or(self.clinics_kind)
    }
}
