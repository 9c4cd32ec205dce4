//! What can be done with a running meeting from outside: ending it, and the text of its waiting room. Zoom offers no more:
//! letting people in, muting them and moving them back is done in its own window alone.

use domain::{
    ClinicId, StaffId,
    room::{Room, guard::Shown},
};
use zoom::{
    api::ApiError,
    oauth::{IN_MEETING_SCOPE, STATUS_SCOPE},
};

use super::ActError;
use crate::{
    Zoom,
    calls::{CallError, Purpose},
};

/// Characters of a message's title at most: more does not fit into Zoom's waiting room.
pub const LONGEST_TITLE: usize = 64;
/// Characters of its text at most. Zoom names no limit for it; this much is read on a telephone without scrolling.
pub const LONGEST_TEXT: usize = 200;
/// What stands there when a message is taken away again: Zoom has no way to put its own text back.
const PLAIN: (&str, &str) = ("Please wait, the meeting host will let you in soon.", " ");

/// What became of ending a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is over for everybody.
    ForAll,
    /// Nothing was running.
    NothingRan,
}

/// Where a message to all who wait is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownWhere {
    /// In Zoom's waiting room.
    AtZoom,
    /// Not there, since the meeting has not started: Zoom takes such a message for a running meeting alone.
    NotRunning,
}

impl Zoom {
    /// Ends the room's running meeting for everybody who is in it. Those who wait are sent away too.
    pub async fn end_for_all(&self, clinic: ClinicId, staff: StaffId) -> Result<Ended, ActError> {
        let room = self.room_at_zoom(clinic, staff).await?;
        self.need(clinic, &room, &STATUS_SCOPE).await?;
        let number = room.meeting_number;
        let call = self.as_owner_of(clinic, &room, Purpose::Act, |api, token| async move {
            api.end_meeting(&token, number).await
        });
        let ended = match call.await {
            Ok(()) => Ended::ForAll,
            Err(error) if self.runs_no_more(clinic, &room, &error).await? => {
                if may_be_done(&error) {
                    Ended::ForAll
                } else {
                    Ended::NothingRan
                }
            }
            Err(error) => return Err(self.or_unsure(error)),
        };
        self.0.store_shown(clinic, &room, None).await?;
        tracing::info!(clinic.id = %clinic, room.id = %room.id, ?ended, "a meeting was ended from here");
        Ok(ended)
    }

    /// Shows a message to everybody in the waiting room, in place of what stood there. The same for all, who cannot
    /// answer: nothing about a patient may be in it, which the caller sees to.
    pub async fn show_in_waiting_room(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        title: &str,
        text: &str,
    ) -> Result<ShownWhere, ActError> {
        if title.chars().count() > LONGEST_TITLE || text.chars().count() > LONGEST_TEXT {
            return Err(ActError::TooLong);
        }
        let room = self.room_at_zoom(clinic, staff).await?;
        let place = self.put_into_waiting_room(clinic, &room, title, text).await?;
        let shown = Shown { title: title.to_owned(), text: text.to_owned(), at: self.0.ambient.now() };
        self.0.store_shown(clinic, &room, Some(shown).filter(|_| place == ShownWhere::AtZoom)).await?;
        tracing::info!(clinic.id = %clinic, room.id = %room.id, ?place, "a message to all who wait");
        Ok(place)
    }

    /// Takes the message away again, by putting plain words in its place.
    pub async fn clear_waiting_room(&self, clinic: ClinicId, staff: StaffId) -> Result<ShownWhere, ActError> {
        let room = self.room_at_zoom(clinic, staff).await?;
        let place = self.put_into_waiting_room(clinic, &room, PLAIN.0, PLAIN.1).await?;
        self.0.store_shown(clinic, &room, None).await?;
        Ok(place)
    }

    async fn put_into_waiting_room(
        &self,
        clinic: ClinicId,
        room: &Room,
        title: &str,
        text: &str,
    ) -> Result<ShownWhere, ActError> {
        self.need(clinic, room, &IN_MEETING_SCOPE).await?;
        let (number, title, text) = (room.meeting_number, title.to_owned(), text.to_owned());
        let call = self.as_owner_of(clinic, room, Purpose::Act, |api, token| {
            let (title, text) = (title.clone(), text.clone());
            async move { api.update_waiting_room(&token, number, &title, &text).await }
        });
        match call.await {
            Ok(()) => Ok(ShownWhere::AtZoom),
            Err(error) if self.runs_no_more(clinic, room, &error).await? => Ok(ShownWhere::NotRunning),
            Err(error) => Err(self.or_unsure(error)),
        }
    }

    /// Whether the error came of there being no running meeting. By what number Zoom says that is not documented, so it is
    /// asked how the meeting stands.
    async fn runs_no_more(&self, clinic: ClinicId, room: &Room, error: &CallError) -> Result<bool, ActError> {
        let may_be = match error {
            CallError::Zoom(
                ApiError::NotFound { .. } | ApiError::NotAllowed { .. } | ApiError::Invalid { .. },
            ) => true,
            other => may_be_done(other),
        };
        if !may_be {
            return Ok(false);
        }
        match self.meeting_of(clinic, room).await {
            Ok(meeting) => Ok(meeting.is_started == Some(false)),
            Err(ActError::Gone) => Err(ActError::Gone),
            Err(_) => Ok(false),
        }
    }

    fn or_unsure(&self, error: CallError) -> ActError {
        if may_be_done(&error) { ActError::Unsure } else { self.why(error) }
    }
}

fn may_be_done(error: &CallError) -> bool {
    matches!(error, CallError::Zoom(error) if error.may_be_done())
}

impl crate::Inner {
    async fn store_shown(
        &self,
        clinic: ClinicId,
        room: &Room,
        shown: Option<Shown>,
    ) -> Result<(), store::StoreError> {
        let mut tx = self.store.begin().await?;
        tx.set_shown(clinic, room.id, shown.as_ref()).await?;
        tx.commit().await
    }
}
