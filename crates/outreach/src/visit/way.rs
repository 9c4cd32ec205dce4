//! The room behind a link, and the way into it. What else can be a room is found here too, and nowhere else.

use domain::{room::Room, staff::StaffMember};
use store::{StoreError, Tx};
use vault::{Place, Sealed, SecretText};

use super::LinkError;
use crate::{Outreach, redirect::Redirect};

/// The host's room, if somebody may be sent there: the host works here, and the Zoom user who owns the room is the one
/// they are connected as. A connection that needs mending still has its room at Zoom; one that was taken back has not.
pub(crate) async fn enterable_room(tx: &mut dyn Tx, host: &StaffMember) -> Result<Option<Room>, StoreError> {
    if host.disabled_at.is_some() {
        return Ok(None);
    }
    let Some(connection) = tx.connection_of(host.clinic_id, host.id).await? else { return Ok(None) };
    let room = tx.room_of(host.clinic_id, host.id).await?;
    Ok(room.filter(|room| room.zoom_user_id == connection.zoom_user_id))
}

impl Outreach {
    pub(super) async fn join_link(&self, tx: &mut dyn Tx, room: &Room) -> Result<Redirect, LinkError> {
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
