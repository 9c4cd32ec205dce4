//! Whether what Zoom has to say of a room is heard: only then does nobody's being heard of mean that nobody is there.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ClinicId, RoomId, Timestamp,
    attendance::{
        feed::{self, FeedState},
        matching::Press,
    },
};
use store::Tx;

use crate::Result;

/// What could not be taken during an outage is told again within this time.
const TOLD_AGAIN: Duration = Duration::from_mins(6);

/// How rooms are heard.
#[derive(Debug)]
pub(super) enum Hearing {
    /// All of them.
    Well,
    /// None of them.
    Deaf,
    /// A press of Join was followed by nothing in some rooms, while others were heard since.
    In(Vec<(Press, Option<Timestamp>)>),
}

impl Hearing {
    /// How the clinic's rooms are heard, where its feed stands like this.
    pub async fn load(tx: &mut dyn Tx, clinic: ClinicId, feed: FeedState, now: Timestamp) -> Result<Self> {
        let was_out = !tx.outages(now.minus(TOLD_AGAIN)..now).await?.is_empty();
        if was_out || feed == FeedState::Never {
            return Ok(Self::Deaf);
        }
        if feed != FeedState::Stale {
            return Ok(Self::Well);
        }
        let last = tx.last_heard_from_zoom(clinic).await?;
        let heard: BTreeMap<RoomId, Timestamp> = tx.rooms_last_heard(clinic).await?.into_iter().collect();
        let mut presses = tx.presses(clinic, now.minus(feed::PRESS_FORGOTTEN)..now).await?;
        presses.retain(|press| press.from_page && now.since(press.at) >= feed::PRESS_HEARD_WITHIN);
        let with_last = |press: Press| {
            let last = heard.get(&press.room_id).copied();
            (press, last)
        };
        let presses: Vec<(Press, Option<Timestamp>)> = presses.into_iter().map(with_last).collect();
        let oldest = feed::oldest_unanswered(presses.iter().map(|(press, heard)| (press.at, *heard)), now);
        // One patient whose Zoom does not start leaves a press unanswered; word of another room since then shows that
        // Zoom is heard.
        let works = oldest.is_some_and(|oldest| last.is_some_and(|last| last > oldest));
        Ok(if works { Self::In(presses) } else { Self::Deaf })
    }

    /// Whether something ought to have been heard of that room and was not.
    pub fn is_deaf_to(&self, room: Option<RoomId>, now: Timestamp) -> bool {
        match self {
            Self::Well => false,
            Self::Deaf => true,
            Self::In(presses) => {
                let of_room = presses.iter().filter(|(press, _)| Some(press.room_id) == room);
                feed::oldest_unanswered(of_room.map(|(press, heard)| (press.at, *heard)), now).is_some()
            }
        }
    }
}
