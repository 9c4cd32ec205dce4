//! How the feed stands now, from what is kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    ClinicId, RoomId, Timestamp,
    attendance::{
        feed,
        matching::Press,
        presence::{Presence, Whereabouts},
    },
};
use store::Tx;

use super::view::Feed;
use crate::{Result, derive};

/// Whether Zoom is still heard of; always as of now, whatever day is looked at.
pub(crate) async fn read(tx: &mut dyn Tx, clinic: ClinicId, now: Timestamp) -> Result<Feed> {
    let soon = now.plus(Duration::from_secs(1));
    let there = tx.presences(clinic, now.minus(derive::AROUND)..soon).await?;
    with(tx, clinic, &there, now).await
}

/// The same for whoever has read at least the presences of the last twelve hours.
pub(crate) async fn with(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    presences: &[Presence],
    now: Timestamp,
) -> Result<Feed> {
    let soon = now.plus(Duration::from_secs(1));
    let mut presses = tx.presses(clinic, now.minus(feed::PRESS_FORGOTTEN)..soon).await?;
    presses.retain(|press| press.from_page);
    of(tx, clinic, &presses, presences, now).await
}

/// The same for whoever has read at least the presses from pages of the last half hour and the presences of the last
/// twelve.
pub(super) async fn of(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    presses: &[Press],
    presences: &[Presence],
    now: Timestamp,
) -> Result<Feed> {
    let last = tx.last_heard_from_zoom(clinic).await?;
    let rooms: BTreeMap<RoomId, Timestamp> = tx.rooms_last_heard(clinic).await?.into_iter().collect();
    let running: BTreeSet<RoomId> = presences
        .iter()
        .filter(|presence| presence.whereabouts == Whereabouts::InSession)
        .filter(|presence| presence.first_at.distance(now) <= derive::AROUND)
        .map(|presence| presence.room_id)
        .collect();
    // Of a room of another product nothing is ever heard: silence after a press into one says nothing of the feed.
    let elsewhere: BTreeSet<RoomId> = tx.other_rooms(clinic).await?.into_iter().map(|room| room.id).collect();
    let heard = feed::Heard {
        last,
        unanswered_press: feed::oldest_unanswered(
            presses
                .iter()
                .filter(|press| !elsewhere.contains(&press.room_id))
                .map(|press| (press.at, rooms.get(&press.room_id).copied())),
            now,
        ),
        running: running.len(),
    };
    let (state, sentence) = feed::state(heard, now);
    Ok(Feed { state, last_event_at: last, sentence })
}
