//! Coming by telephone: what Zoom says of a room's numbers, kept sealed with the room.

use domain::room::{DialIn, Room};
use store::Tx;
use vault::{Place, Sealed};

use super::LinkError;
use crate::Outreach;

impl Outreach {
    /// How the room is entered by telephone; none where that is not known. What cannot be read is no reason to keep
    /// the page from anybody.
    pub(super) async fn dial_in(&self, tx: &mut dyn Tx, room: &Room) -> Result<Option<DialIn>, LinkError> {
        let Some(sealed) = tx.dial_in(room.clinic_id, room.id).await? else { return Ok(None) };
        let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "rooms", column: "dial_in", row: &row };
        let opened = self.keys.open(place, &Sealed::from_bytes(sealed));
        let kept: Option<DialIn> = opened.ok().and_then(|json| serde_json::from_slice(json.expose()).ok());
        if kept.is_none() {
            tracing::warn!(room.id = %room.id, "what was kept of dialling in cannot be read");
        }
        Ok(kept.filter(|dial_in| !dial_in.numbers.is_empty()))
    }
}
