//! The way into the room behind a link.

use domain::room::Room;
use store::Tx;
use vault::{Place, Sealed, SecretText};

use super::LinkError;
use crate::{
    Outreach,
    other_rooms::{HostRoom, Side},
    redirect::Redirect,
};

impl Outreach {
    /// The guests' way into the room.
    pub(super) async fn guests_way(&self, tx: &mut dyn Tx, room: &HostRoom) -> Result<Redirect, LinkError> {
        match room {
            HostRoom::Zoom(room) => self.join_link(tx, room).await,
            HostRoom::Other(room) => self.pasted_way(room, Side::Guest),
        }
    }

    /// The host's way into the room.
    pub(super) async fn hosts_way(&self, tx: &mut dyn Tx, room: &HostRoom) -> Result<Redirect, LinkError> {
        match room {
            HostRoom::Zoom(room) => {
                Ok(self.join_link(tx, room).await?.at(&format!("/s/{}", room.meeting_number)))
            }
            HostRoom::Other(room) => self.pasted_way(room, Side::Host),
        }
    }

    async fn join_link(&self, tx: &mut dyn Tx, room: &Room) -> Result<Redirect, LinkError> {
        let sealed = tx.join_url(room.clinic_id, room.id).await?.ok_or(LinkError::NoRoom)?;
        let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "rooms", column: "join_url", row: &row };
        let address = self.keys.open_text(place, &Sealed::from_bytes(sealed))?;
        let redirect = self.join_hosts.allow(address.expose());
        if redirect.is_err() {
            tracing::error!(room.id = %room.id, "the room's address is on no host of ANTEROOM_ZOOM_JOIN_HOSTS");
        }
        Ok(redirect?)
    }

    /// A link of somebody's own into a room, as Zoom made it, if it leads to a host that the operator allows. Otherwise
    /// the room's own link is the way.
    pub fn allow(&self, way: &SecretText) -> Option<Redirect> {
        let redirect = self.join_hosts.allow(way.expose());
        if redirect.is_err() {
            tracing::error!("a personal join link is on no host of ANTEROOM_ZOOM_JOIN_HOSTS");
        }
        redirect.ok()
    }
}
