//! What a staff member does with their own room while it is in use: ends it for everybody, shows a message to all who wait,
//! lets a colleague stand in.
//!
//! Each act answers a person who has just pressed a button, so none is repeated behind their back: what came of it is
//! told, also where that is not known.

mod adopt;
mod cover;
mod live;
mod words;

use std::time::Duration;

use domain::{ClinicId, StaffId, room::Room};
use store::StoreError;
use zoom::{
    api::{ApiError, Meeting},
    oauth::ScopeNeed,
};

pub use adopt::{AdoptError, Adoptable, Adopted, Adoption, OwnMeeting};
pub use cover::{CoverError, Covered, NotAtZoom};
pub use live::{Ended, LONGEST_TEXT, LONGEST_TITLE, ShownWhere};

use crate::{
    AccessError, Zoom,
    calls::{CallError, Purpose},
};

/// Why an act was of no avail.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Nobody is connected, or no room was made yet.
    #[error("there is no room at Zoom")]
    NoRoom,
    /// There is no live token.
    #[error(transparent)]
    Access(AccessError),
    /// The connection was not given the permission for it.
    #[error("the permission `{}` was not given", .0.name)]
    MissingScope(&'static ScopeNeed),
    /// The room's meeting is not there any more.
    #[error("Zoom knows the room's meeting no more")]
    Gone,
    /// Zoom's limit is reached, for so long.
    #[error("Zoom's limit is reached")]
    Limit(Duration),
    /// The message is longer than Zoom shows.
    #[error("the message is longer than {LONGEST_TITLE} and {LONGEST_TEXT} characters")]
    TooLong,
    /// Zoom's answer was lost, and whether it did it could not be found out.
    #[error("whether Zoom did it is not known")]
    Unsure,
    /// Zoom did not do it.
    #[error(transparent)]
    Zoom(ApiError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Zoom {
    /// The room into which the staff member's connection leads.
    async fn room_at_zoom(&self, clinic: ClinicId, staff: StaffId) -> Result<Room, ActError> {
        let mut tx = self.0.store.read().await?;
        let connection = tx.connection_of(clinic, staff).await?.ok_or(ActError::NoRoom)?;
        let room = tx.room_of(clinic, staff).await?;
        room.filter(|room| room.zoom_user_id == connection.zoom_user_id).ok_or(ActError::NoRoom)
    }

    async fn need(&self, clinic: ClinicId, room: &Room, scope: &'static ScopeNeed) -> Result<(), ActError> {
        if self.may(clinic, room, scope).await? { Ok(()) } else { Err(ActError::MissingScope(scope)) }
    }

    /// The room's meeting as Zoom has it now.
    async fn meeting_of(&self, clinic: ClinicId, room: &Room) -> Result<Meeting, ActError> {
        let number = room.meeting_number;
        let call = self.as_owner_of(clinic, room, Purpose::Act, |api, token| async move {
            api.meeting(&token, number).await
        });
        call.await.map_err(|error| self.why(error))
    }

    fn why(&self, error: CallError) -> ActError {
        match error {
            CallError::Access(AccessError::NotConnected) => ActError::NoRoom,
            CallError::Access(AccessError::Store(error)) => ActError::Store(error),
            CallError::Access(error) => ActError::Access(error),
            CallError::RateLimited { until } => ActError::Limit(until.since(self.0.ambient.now())),
            CallError::Zoom(ApiError::NotFound { code: 3001 }) => ActError::Gone,
            CallError::Zoom(error) => ActError::Zoom(error),
        }
    }
}

#[cfg(test)]
mod adopt_tests;
#[cfg(test)]
mod tests;
