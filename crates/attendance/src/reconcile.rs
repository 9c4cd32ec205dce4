//! Comparing with Zoom's own record of past meetings: what deliveries lost is filled in, wrong ends are corrected.
//!
//! ```text
//! instances of a room -> the record of each -> kept in the inbox -> applied like any delivery -> what changed
//! ```
//!
//! A record goes the way of every delivery, so that a rebuild finds it again and a second one that says the same changes
//! nothing. What it leaves out proves nothing: meetings of one person have no rows and names may be masked, so an
//! absence never follows from it.

mod due;
mod found;
mod of_zoom;
mod pace;
mod room;
mod running;

#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use domain::{ClinicId, RoomId, StaffId, Timestamp, room::Room};
use serde::{Deserialize, Serialize};
use store::ports::recovery::Why;
use tokio::task::JoinSet;

use crate::{Attendance, Error, Result, record::ZoomRecord};

pub use found::Found;
pub use running::RunningUnseen;

pub(crate) use running::Running;

/// One running of a room that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastMeeting {
    /// Zoom's uuid of it.
    pub uuid: String,
    /// When it began, where Zoom says.
    pub start: Option<Timestamp>,
}

/// Why something could not be compared. The word is kept with the comparison and printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Zoom has the meeting, and not yet its record.
    NotReady,
    /// Too many requests, by the limits of the whole Zoom account.
    RateLimited,
    /// Zoom does not answer, or not so that it could be understood.
    Unavailable,
    /// The clinician has to connect to Zoom again, or to grant a permission that is missing.
    NeedsReconnect,
    /// Zoom does not accept the app: the operator must look at the settings.
    Misconfigured,
    /// Zoom does not do it and gives no reason that we know.
    Refused,
    /// The clinician has taken the connection to Zoom back.
    NotConnected,
    /// The clinician's Zoom plan does not offer the record.
    NotOffered,
    /// Zoom no longer knows the room.
    Gone,
}

impl Trouble {
    /// The word in reports and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Misconfigured => "misconfigured",
            Self::Refused => "refused",
            Self::NotConnected => "not_connected",
            Self::NotOffered => "not_offered",
            Self::Gone => "gone",
        }
    }

    /// Whether trying again may help.
    pub const fn may_pass(self) -> bool {
        match self {
            Self::NotReady
            | Self::RateLimited
            | Self::Unavailable
            | Self::NeedsReconnect
            | Self::Misconfigured
            | Self::Refused => true,
            Self::NotConnected | Self::NotOffered | Self::Gone => false,
        }
    }
}

/// A question to Zoom that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnswered {
    /// Why.
    pub trouble: Trouble,
    /// Zoom wants to be left alone until then.
    pub until: Option<Timestamp>,
}

impl From<Trouble> for NotAnswered {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, until: None }
    }
}

/// What is asked of Zoom about a room. [`oauth::Zoom`] answers; a seam so that comparing can be tested without HTTP.
/// Called outside of any unit of work.
#[async_trait]
pub trait ZoomRecords: Send + Sync {
    /// Every running of the room that is over.
    async fn instances(&self, room: &Room) -> Result<Vec<PastMeeting>, NotAnswered>;
    /// The whole record of one of them.
    async fn recorded(&self, room: &Room, uuid: &str) -> Result<ZoomRecord, NotAnswered>;
    /// Whether the room's meeting runs now.
    async fn is_running(&self, room: &Room) -> Result<bool, NotAnswered>;
}

/// What came of comparing one room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomReport {
    /// Whose clinic.
    pub clinic: ClinicId,
    /// Which room.
    pub room: RoomId,
    /// Whose room.
    pub host: StaffId,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
    /// Why it is not compared, or not wholly; none where it is.
    pub trouble: Option<Trouble>,
    /// When the running service tries again; none where it does not.
    pub retry_at: Option<Timestamp>,
}

/// What came of comparing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Each room, by clinic and room.
    pub rooms: Vec<RoomReport>,
}

impl ReconcileReport {
    /// What was found in all of them.
    pub fn found(&self) -> Found {
        self.rooms.iter().map(|room| room.found).sum()
    }

    /// The rooms that could not be compared, or not wholly.
    pub fn not_compared(&self) -> impl Iterator<Item = &RoomReport> {
        self.rooms.iter().filter(|room| room.trouble.is_some())
    }
}

/// Compares rooms with Zoom's own record of them. Cheap to clone.
#[derive(Clone)]
pub struct Reconciler {
    attendance: Attendance,
    records: Arc<dyn ZoomRecords>,
    pace: Arc<pace::Pace>,
    clockwork: Arc<due::Clockwork>,
}

impl Reconciler {
    /// Fills in what this attendance lacks from these records.
    pub fn new(attendance: Attendance, records: impl ZoomRecords + 'static) -> Self {
        Self { attendance, records: Arc::new(records), pace: Arc::default(), clockwork: Arc::default() }
    }

    /// Compares the rooms of one clinic or of all, as far as meetings ran at some time in the range. Each room is told
    /// of as soon as it is done. What Zoom cannot answer now is left to the running service.
    pub async fn reconcile(
        &self,
        clinic: Option<ClinicId>,
        range: Range<Timestamp>,
        why: Why,
        mut tell: impl FnMut(&RoomReport),
    ) -> Result<ReconcileReport> {
        let mut under_way = JoinSet::new();
        for room in self.rooms(clinic).await? {
            let (reconciler, range) = (self.clone(), range.clone());
            under_way.spawn(async move { reconciler.compare_now(&room, range, why).await });
        }
        let mut report = ReconcileReport::default();
        while let Some(done) = under_way.join_next().await {
            let room = done.map_err(|_| Error::Interrupted)??;
            tell(&room);
            report.rooms.push(room);
        }
        report.rooms.sort_by_key(|room| (room.clinic, room.room));
        Ok(report)
    }

    async fn rooms(&self, clinic: Option<ClinicId>) -> Result<Vec<Room>> {
        let mut tx = self.attendance.store.read().await?;
        let clinics = match clinic {
            Some(clinic) => vec![tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.id],
            None => tx.clinics().await?.into_iter().map(|clinic| clinic.id).collect(),
        };
        let mut rooms = Vec::new();
        for clinic in clinics {
            rooms.extend(tx.rooms(clinic).await?);
        }
        Ok(rooms)
    }
}
