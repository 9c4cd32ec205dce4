//! What happens by itself: tokens renewed at least daily, rooms that could not be made tried again, rooms checked.

use std::time::Duration;

use domain::room::{ConnectionState, Room, RoomKind};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use crate::{AccessError, KindTrouble, Zoom, room::wanted_kind};

/// Zoom does not say how long a refresh token lives unused; reports differ between hours and years. A day has been
/// enough for everybody, and a renewal that fails is tried again within it.
const RENEW_AFTER: Duration = Duration::from_hours(20);
/// Connections renewed in one round.
const AT_ONCE: i64 = 500;
/// How often rooms are looked at: their waiting room may have been switched off at Zoom.
const CHECK_ROOM_AFTER: Duration = Duration::from_hours(24);
/// Between two rounds.
const ROUND: Duration = Duration::from_mins(10);
/// Rooms are seen to in every sixth round: Zoom allows 100 changes of meetings per user and day.
const ROOMS_EVERY: u32 = 6;

/// What a round of renewals did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Renewed.
    pub renewed: usize,
    /// Found to need reconnecting.
    pub broken: usize,
    /// Not renewed this time.
    pub failed: usize,
}

impl Zoom {
    /// Renews the tokens of every connection that were last renewed 20 hours ago or earlier.
    pub async fn refresh_due(&self) -> Result<Refreshed, StoreError> {
        self.refresh_due_until(&CancellationToken::new()).await
    }

    async fn refresh_due_until(&self, stop: &CancellationToken) -> Result<Refreshed, StoreError> {
        let before = self.0.ambient.now().minus(RENEW_AFTER);
        let due = self.0.store.read().await?.connections_to_refresh(before, AT_ONCE).await?;
        let mut round = Refreshed::default();
        for connection in due {
            if stop.is_cancelled() {
                break;
            }
            match self.access_token(connection.clinic_id, connection.id).await {
                Ok(_) => round.renewed += 1,
                Err(AccessError::NeedsReconnect(_)) => round.broken += 1,
                Err(AccessError::NotConnected) => {}
                Err(error) => {
                    tracing::warn!(connection.id = %connection.id, %error, "a connection could not be renewed");
                    round.failed += 1;
                }
            }
        }
        Ok(round)
    }

    /// Provides rooms to connected staff members who have none yet or one of another kind than is wanted, and checks those
    /// not checked for a day. Returns how many were seen to; failures are tried again the next time.
    pub async fn see_to_rooms(&self) -> Result<usize, StoreError> {
        self.see_to_rooms_until(&CancellationToken::new()).await
    }

    async fn see_to_rooms_until(&self, stop: &CancellationToken) -> Result<usize, StoreError> {
        let mut due = Vec::new();
        {
            let before = self.0.ambient.now().minus(CHECK_ROOM_AFTER);
            let mut tx = self.0.store.read().await?;
            for clinic in tx.clinics().await? {
                let rooms = tx.rooms(clinic.id).await?;
                for connection in tx.connections(clinic.id).await? {
                    let room = rooms
                        .iter()
                        .filter(|room| room.zoom_user_id == connection.zoom_user_id)
                        .find(|room| room.staff_id == connection.staff_id);
                    let settled = match room {
                        Some(room) if room.checked_at > before => is_settled(&mut *tx, room).await?,
                        _ => false,
                    };
                    if connection.state == ConnectionState::Connected && !settled {
                        due.push(connection);
                    }
                }
            }
        }
        let mut done = 0;
        for connection in due {
            if stop.is_cancelled() {
                break;
            }
            // A failure is logged where it happens.
            if self.provision_room(connection.clinic_id, connection.staff_id).await.is_ok() {
                done += 1;
            }
        }
        Ok(done)
    }

    /// Does both, every ten minutes and every hour, and rooms also when they are wanted otherwise, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut round: u32 = 0;
        let mut rooms_wanted = false;
        loop {
            match self.refresh_due_until(&stop).await {
                Ok(Refreshed { renewed: 0, broken: 0, failed: 0 }) => {}
                Ok(Refreshed { renewed, broken, failed }) => {
                    tracing::info!(renewed, broken, failed, "renewed the connections that were due");
                }
                Err(error) => tracing::error!(%error, "connections could not be renewed"),
            }
            if (rooms_wanted || round.is_multiple_of(ROOMS_EVERY))
                && let Err(error) = self.see_to_rooms_until(&stop).await
            {
                tracing::error!(%error, "rooms could not be seen to");
            }
            round = round.wrapping_add(1);
            rooms_wanted = tokio::select! {
                () = stop.cancelled() => return,
                () = self.0.rooms_wanted.notified() => true,
                () = tokio::time::sleep(ROUND) => false,
            };
        }
    }
}

/// Whether a room that was checked lately can be left alone: it is of the wanted kind, or why it is not will not pass
/// within the hour.
async fn is_settled(tx: &mut dyn Tx, room: &Room) -> Result<bool, StoreError> {
    let state = tx.room_state(room.clinic_id, room.id).await?;
    let trouble = state.kind_trouble.as_deref().and_then(KindTrouble::from_code);
    let wanted = wanted_kind(tx, room.clinic_id, room.staff_id).await?;
    Ok(match trouble {
        None => room.kind == wanted,
        Some(trouble) if trouble.passes() => false,
        // It is as wanted and yet there is a trouble: registrations were refused since the last look, or what could not
        // be had is wanted no longer.
        Some(trouble) if room.kind == wanted => {
            room.kind == RoomKind::Registered && !trouble.ends_registration()
        }
        Some(_) => true,
    })
}

#[cfg(test)]
mod tests;
