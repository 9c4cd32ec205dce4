//! Zoom's own record of what has ended in a room, and whether it is running, for whoever compares.

use domain::{ClinicId, Timestamp, room::Room};
use serde_json::Value;
use zoom::{
    api::{ApiError, Instance, PastMeeting, PastParticipant},
    oauth::PAST_MEETING_SCOPE,
};

use crate::{
    AccessError, Zoom,
    calls::{CallError, Purpose},
};

/// Pages of 300 rows that are read: no room holds 30,000 stays in one meeting.
const MOST_PAGES: usize = 100;
/// Zoom's number for what is not there, no longer, or not yet.
const NOT_THERE: i64 = 3001;
/// Zoom's number for a plan that does not include it.
const NO_PAID_PLAN: i64 = 200;

/// Zoom's record of one start of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// One for each stay. Empty means that Zoom lists nobody, as for meetings of one person; not that nobody was there.
    pub participants: Vec<PastParticipant>,
    /// The same rows as they came, together with any that could not be read.
    pub raw: Vec<Value>,
    /// Rows among them that could not be read.
    pub unreadable: usize,
    /// When it began and ended and how many people Zoom counts; none where the connection lacks the permission to ask.
    pub meeting: Option<PastMeeting>,
}

/// Why Zoom's record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The meeting has not ended, or its record is not made yet: some minutes after the end it is. Zoom says the same of
    /// an instance that it no longer knows, so do not ask for ever.
    #[error("Zoom's record is not ready")]
    NotReady,
    /// Zoom knows no such meeting.
    #[error("Zoom knows no such meeting")]
    Gone,
    /// The owner's Zoom plan has no such record.
    #[error("the owner's Zoom plan has no record")]
    NotOffered,
    /// The connection lacks a permission, named as far as Zoom names it.
    #[error("the connection lacks the permission `{0}`")]
    MissingScope(String),
    /// There is no live token.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The account's limit is reached.
    #[error("Zoom's limit is reached")]
    RateLimited {
        /// Before then there is no use in asking.
        until: Timestamp,
    },
    /// Zoom did not answer. Trying again later helps.
    #[error("Zoom is not available")]
    Unavailable,
    /// The answer was not one, or did not come to an end. Nothing may be concluded from it.
    #[error("the record is not complete")]
    Incomplete,
    /// Zoom does not allow it, or does not understand, for another reason.
    #[error("Zoom refuses: {0}")]
    Refused(ApiError),
}

impl RecordError {
    /// Whether asking again later may help without anybody doing something.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Access(error) => error.is_temporary(),
            Self::NotReady | Self::RateLimited { .. } | Self::Unavailable | Self::Incomplete => true,
            Self::Gone | Self::NotOffered | Self::MissingScope(_) | Self::Refused(_) => false,
        }
    }
}

impl From<store::StoreError> for RecordError {
    fn from(error: store::StoreError) -> Self {
        Self::Access(error.into())
    }
}

impl From<CallError> for RecordError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Access(error) => Self::Access(error),
            CallError::RateLimited { until } => Self::RateLimited { until },
            CallError::Zoom(error) => match error {
                ApiError::NotFound { .. } => Self::Gone,
                ApiError::NotAllowed { code: NO_PAID_PLAN } => Self::NotOffered,
                ApiError::MissingScope(scope) => Self::MissingScope(scope),
                ApiError::Unavailable { .. } => Self::Unavailable,
                ApiError::Unreadable { .. } => Self::Incomplete,
                other => Self::Refused(other),
            },
        }
    }
}

impl Zoom {
    /// Every start of the room that has ended, as Zoom lists them; for a while after the end one may be missing.
    pub async fn instances(&self, clinic: ClinicId, room: &Room) -> Result<Vec<Instance>, RecordError> {
        let number = room.meeting_number;
        let page = self
            .as_owner_of(clinic, room, Purpose::Record, move |api, token| async move {
                api.past_instances(&token, number).await
            })
            .await?;
        if page.unreadable > 0 || page.next.is_some() {
            return Err(RecordError::Incomplete);
        }
        Ok(page.items)
    }

    /// Who was in the room in that start, whole.
    pub async fn recorded(
        &self,
        clinic: ClinicId,
        room: &Room,
        instance_uuid: &str,
    ) -> Result<Recorded, RecordError> {
        let mut recorded = match self.rows(clinic, room, instance_uuid).await {
            // The token of the next page lives 15 minutes. Once anew from the start; after that it is another fault.
            Err(RowsError::PageLost) => self.rows(clinic, room, instance_uuid).await,
            rows => rows,
        }
        .map_err(|error| match error {
            RowsError::PageLost => RecordError::Incomplete,
            RowsError::Record(error) => error,
        })?;
        recorded.meeting = self.past_meeting(clinic, room, instance_uuid).await;
        Ok(recorded)
    }

    /// Whether the room's meeting is running, as Zoom says.
    pub async fn is_running(&self, clinic: ClinicId, room: &Room) -> Result<bool, RecordError> {
        let number = room.meeting_number;
        let meeting = self
            .as_owner_of(clinic, room, Purpose::Record, move |api, token| async move {
                api.meeting(&token, number).await
            })
            .await?;
        meeting.is_started.ok_or(RecordError::Incomplete)
    }

    async fn rows(&self, clinic: ClinicId, room: &Room, uuid: &str) -> Result<Recorded, RowsError> {
        let mut recorded = Recorded::default();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let (uuid, asked) = (uuid.to_owned(), next.clone());
            let page = self
                .as_owner_of(clinic, room, Purpose::Record, move |api, token| {
                    let (uuid, asked) = (uuid.clone(), asked.clone());
                    async move { api.past_participants(&token, &uuid, asked.as_deref()).await }
                })
                .await;
            let page = match page {
                Ok(page) => page,
                Err(CallError::Zoom(ApiError::NotFound { code: NOT_THERE })) => {
                    return Err(RowsError::Record(RecordError::NotReady));
                }
                Err(CallError::Zoom(ApiError::Invalid { .. })) if next.is_some() => {
                    return Err(RowsError::PageLost);
                }
                Err(error) => return Err(RowsError::Record(error.into())),
            };
            recorded.unreadable += page.unreadable;
            for (participant, raw) in page.items {
                recorded.participants.push(participant);
                recorded.raw.push(raw);
            }
            match page.next {
                None => return Ok(recorded),
                // A page that leads to itself would never end.
                same if same == next => break,
                following => next = following,
            }
        }
        Err(RowsError::Record(RecordError::Incomplete))
    }

    /// A help, not a need: whatever is wrong with it is left to the call that matters.
    async fn past_meeting(&self, clinic: ClinicId, room: &Room, uuid: &str) -> Option<PastMeeting> {
        if !self.may(clinic, room, &PAST_MEETING_SCOPE).await.unwrap_or(false) {
            return None;
        }
        let uuid = uuid.to_owned();
        let meeting = self
            .as_owner_of(clinic, room, Purpose::Record, move |api, token| {
                let uuid = uuid.clone();
                async move { api.past_meeting(&token, &uuid).await }
            })
            .await;
        meeting.inspect_err(|error| tracing::debug!(room.id = %room.id, ?error, "no past meeting")).ok()
    }
}

enum RowsError {
    PageLost,
    Record(RecordError),
}

#[cfg(test)]
mod tests;
