//! Rooms that could not be made are tried again, and the others looked at.

use std::time::Duration;

use domain::room::{ConnectionState, Room, RoomKind};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use crate::{KindTrouble, Zoom, room::wanted_kind};

/// How often rooms are looked at: their waiting room may have been switched off at Zoom.
const CHECK_ROOM_AFTER: Duration = Duration::from_hours(24);
/// Between two rounds.
const ROUND: Duration = Duration::from_hours(1);

impl Zoom {
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

    /// Sees to rooms every hour, and also when they are wanted otherwise, until told to stop.
    pub(crate) async fn run_guard(&self, stop: &CancellationToken) {
        loop {
            if let Err(error) = self.see_to_rooms_until(stop).await {
                tracing::error!(%error, "rooms could not be seen to");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.0.rooms_wanted.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
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
