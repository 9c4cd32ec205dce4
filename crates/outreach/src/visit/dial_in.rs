//! Coming by telephone: what Zoom says of a room's numbers, kept sealed with the room.

use domain::room::Room;
use serde::Deserialize;
use store::Tx;
use vault::{Place, Sealed};

use super::LinkError;
use crate::Outreach;

/// How a room is entered by telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct DialIn {
    /// A number such as `+16465588656`, and its country as Zoom writes it: `US`.
    pub numbers: Vec<(String, String)>,
    /// The meeting's number, to be typed.
    pub meeting: String,
    /// The passcode in digits; none where the meeting has none.
    pub passcode: Option<String>,
}

/// The passcode does not show.
impl std::fmt::Debug for DialIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DialIn({} numbers)", self.numbers.len())
    }
}

#[derive(Deserialize)]
struct Kept {
    numbers: Vec<KeptNumber>,
    meeting: String,
    passcode: Option<String>,
}

#[derive(Deserialize)]
struct KeptNumber {
    number: String,
    #[serde(default)]
    country: String,
}

impl Outreach {
    /// How the room is entered by telephone; none where that is not known. What cannot be read is no reason to keep
    /// the page from anybody.
    pub(super) async fn dial_in(&self, tx: &mut dyn Tx, room: &Room) -> Result<Option<DialIn>, LinkError> {
        let Some(sealed) = tx.dial_in(room.clinic_id, room.id).await? else { return Ok(None) };
        let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "rooms", column: "dial_in", row: &row };
        let opened = self.keys.open(place, &Sealed::from_bytes(sealed));
        let kept: Option<Kept> = opened.ok().and_then(|json| serde_json::from_slice(json.expose()).ok());
        let Some(kept) = kept else {
            tracing::warn!(room.id = %room.id, "what was kept of dialling in cannot be read");
            return Ok(None);
        };
        let numbers: Vec<(String, String)> =
            kept.numbers.into_iter().map(|one| (one.number, one.country)).collect();
        Ok((!numbers.is_empty()).then_some(DialIn {
            numbers,
            meeting: kept.meeting,
            passcode: kept.passcode,
        }))
    }
}
