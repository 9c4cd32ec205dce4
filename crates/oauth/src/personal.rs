//! A way into a room for one person: a registration where the room has it, else a link that brings the name along where
//! the account offers it.
//!
//! The press of Join waits for it, so it is bounded in time, and no failure is the patient's: without it the room's own
//! link is the way. What comes too late is kept for the next press.

mod invited;
mod pseudonym;
mod registered;

use std::{future::Future, time::Duration};

use domain::{
    ClinicId, RoomId,
    appointment::{Appointment, Attendee},
    room::{Room, RoomKind},
};
use store::StoreError;
use vault::SecretText;

use pseudonym::of_guest;
pub use pseudonym::pseudonym;
pub(crate) use registered::Guests;

use crate::{AccessError, KindTrouble, SecretError, Zoom, calls::CallError};

/// How long a press of Join waits for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why there is no way for one person.
#[derive(Debug, thiserror::Error)]
enum NoWay {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("Zoom's answer holds no link")]
    NoLink,
    #[error("too many guests were registered in the last hour")]
    TooManyGuests,
}

impl NoWay {
    /// For the log: what kind of thing, and nothing of whom.
    fn code(&self) -> &'static str {
        match self {
            Self::Call(CallError::RateLimited { .. }) => "limit",
            Self::Call(CallError::Zoom(error)) => KindTrouble::of(error).map_or("zoom", KindTrouble::as_str),
            Self::Call(CallError::Access(AccessError::NotConnected)) => "not_connected",
            Self::Call(CallError::Access(AccessError::NeedsReconnect(_))) => "needs_reconnect",
            Self::Call(CallError::Access(_)) => "no_token",
            Self::Secret(_) => "keys",
            Self::Store(_) => "store",
            Self::NoLink => "no_link",
            Self::TooManyGuests => "too_many_guests",
        }
    }
}

impl Zoom {
    /// The attendee's own link into the room. None: the room's own link is the way. Takes three seconds at most.
    pub async fn personal_way(
        &self,
        clinic: ClinicId,
        room: &Room,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Option<SecretText> {
        let (zoom, room, appointment, attendee) =
            (self.clone(), room.clone(), appointment.clone(), attendee.clone());
        let room_id = room.id;
        let way = async move {
            match room.kind {
                RoomKind::Registered => {
                    zoom.registered_way(clinic, &room, &appointment, &attendee).await.map(Some)
                }
                RoomKind::Open => zoom.invited_way(clinic, &room, &appointment, &attendee).await,
                RoomKind::Other => Ok(None),
            }
        };
        within_patience(room_id, way).await
    }

    /// A link into a registered room for somebody who has none of their own and whose name nobody knows. None: the room's
    /// own link is the way, or the room has no registration. Takes three seconds at most.
    pub async fn guest_way(&self, clinic: ClinicId, room: &Room) -> Option<SecretText> {
        if room.kind != RoomKind::Registered {
            return None;
        }
        let (zoom, room) = (self.clone(), room.clone());
        let room_id = room.id;
        let way = async move {
            zoom.count_guest(room.id)?;
            let somebody = of_guest(zoom.0.ambient.bytes());
            zoom.register(clinic, &room, &somebody, None).await.map(Some)
        };
        within_patience(room_id, way).await
    }
}

/// Waits for a way as long as a patient can be asked to. The work goes on when the wait is over, or when whoever asked
/// has gone: it holds units of work of the database, and what it gets serves the next press.
async fn within_patience(
    room: RoomId,
    way: impl Future<Output = Result<Option<SecretText>, NoWay>> + Send + 'static,
) -> Option<SecretText> {
    match tokio::time::timeout(PATIENCE, tokio::spawn(way)).await {
        Ok(Ok(Ok(way))) => way,
        Ok(Ok(Err(error))) => {
            tracing::warn!(room.id = %room, code = error.code(), %error, "no personal way into a room");
            None
        }
        Ok(Err(_)) => None,
        Err(_) => {
            tracing::warn!(room.id = %room, code = "slow", "no personal way into a room");
            None
        }
    }
}

#[cfg(test)]
mod tests;
