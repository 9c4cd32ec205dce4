//! Zoom's own answers to what is asked about a room.

use async_trait::async_trait;
use domain::{Timestamp, room::Room};
use oauth::{AccessError, RecordError};

use super::{NotAnswered, PastMeeting, Trouble, ZoomRecords};
use crate::record::ZoomRecord;

#[async_trait]
impl ZoomRecords for oauth::Zoom {
    async fn instances(&self, room: &Room) -> Result<Vec<PastMeeting>, NotAnswered> {
        let instances = self.instances(room.clinic_id, room).await?;
        let meetings = instances.into_iter().map(|instance| PastMeeting {
            uuid: instance.uuid,
            start: instance.start_time.map(Timestamp::from_micros),
        });
        Ok(meetings.collect())
    }

    async fn recorded(&self, room: &Room, uuid: &str) -> Result<ZoomRecord, NotAnswered> {
        let recorded = self.recorded(room.clinic_id, room, uuid).await?;
        let of_meeting = recorded.meeting.as_ref();
        Ok(ZoomRecord {
            uuid: uuid.to_owned(),
            start_time: of_meeting.and_then(|meeting| meeting.start_time).map(Timestamp::from_micros),
            end_time: of_meeting.and_then(|meeting| meeting.end_time).map(Timestamp::from_micros),
            participants: recorded.raw,
        })
    }

    async fn is_running(&self, room: &Room) -> Result<bool, NotAnswered> {
        Ok(self.is_running(room.clinic_id, room).await?)
    }
}

impl From<RecordError> for NotAnswered {
    fn from(error: RecordError) -> Self {
        let trouble = match error {
            RecordError::RateLimited { until } => {
                return Self { trouble: Trouble::RateLimited, until: Some(until) };
            }
            RecordError::NotReady => Trouble::NotReady,
            RecordError::Gone => Trouble::Gone,
            RecordError::NotOffered => Trouble::NotOffered,
            RecordError::MissingScope(_) | RecordError::Access(AccessError::NeedsReconnect(_)) => {
                Trouble::NeedsReconnect
            }
            RecordError::Access(AccessError::NotConnected) => Trouble::NotConnected,
            RecordError::Access(AccessError::Misconfigured(_) | AccessError::Secret(_)) => {
                Trouble::Misconfigured
            }
            RecordError::Access(AccessError::Busy | AccessError::Unavailable | AccessError::Store(_))
            | RecordError::Unavailable
            | RecordError::Incomplete => Trouble::Unavailable,
            RecordError::Refused(_) => Trouble::Refused,
        };
        trouble.into()
    }
}
