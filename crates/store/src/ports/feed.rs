//! How the feed from Zoom is doing: counts for each day, and deliveries that nothing came of.

use std::ops::{AddAssign, Range};

use async_trait::async_trait;
use domain::{ClinicId, DeliveryId, RoomId, Timestamp};
use jiff::civil::Date;
use serde::Serialize;

use super::inbox::{Delivery, DeliverySource, Outcome};
use crate::Result;

/// What the installation's receiver answered on one day (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverCounts {
    /// Deliveries stored.
    pub stored: i64,
    /// Deliveries that repeated a stored one to the byte.
    pub repeated: i64,
    /// Deliveries without a right signature, or too old.
    pub refused: i64,
    /// Deliveries with a right signature that were not JSON, or too large.
    pub unreadable: i64,
    /// Deliveries that could not be stored; Zoom was asked to send them again.
    pub unavailable: i64,
    /// Endpoint checks answered.
    pub challenges: i64,
    /// When the last endpoint check was answered.
    pub last_challenge_at: Option<Timestamp>,
    /// When a delivery was last refused.
    pub last_refused_at: Option<Timestamp>,
}

/// What became of the deliveries about one room on one day (UTC), or of those about none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FeedCounts {
    /// Became events.
    pub applied: i64,
    /// Said what was known already.
    pub duplicate: i64,
    /// Said nothing that concerns us.
    pub ignored: i64,
    /// Named another Zoom account: refused.
    pub foreign: i64,
    /// Could not be understood.
    pub failed: i64,
    /// Came more than five minutes after they were signed, whatever became of them.
    pub late: i64,
}

impl AddAssign for FeedCounts {
    fn add_assign(&mut self, other: Self) {
        self.applied += other.applied;
        self.duplicate += other.duplicate;
        self.ignored += other.ignored;
        self.foreign += other.foreign;
        self.failed += other.failed;
        self.late += other.late;
    }
}

/// A delivery as it stands in a list: what came of it, and not what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryHead {
    /// Names it.
    pub id: DeliveryId,
    /// How it came.
    pub source: DeliverySource,
    /// When it came.
    pub received_at: Timestamp,
    /// Zoom's name of the event.
    pub event: String,
    /// Whether it came more than five minutes after it was signed.
    pub late: bool,
    /// Whose it was, where that is known.
    pub clinic_id: Option<ClinicId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Length of the body in bytes.
    pub bytes: i64,
}

/// The feed.
#[async_trait]
pub trait Feed {
    /// Adds to the day's counts of the receiver; times only move forwards.
    async fn add_receiver_counts(&mut self, day: Date, counts: &ReceiverCounts) -> Result<()>;
    /// The receiver's days from the first to the last of these, by day.
    async fn receiver_days(&mut self, first: Date, last: Date) -> Result<Vec<(Date, ReceiverCounts)>>;
    /// Adds to the day's counts of the room, or of what was about none.
    async fn add_feed_counts(
        &mut self,
        clinic: ClinicId,
        room: Option<RoomId>,
        day: Date,
        counts: &FeedCounts,
    ) -> Result<()>;
    /// The clinic's days from the first to the last of these, by day then room.
    async fn feed_days(
        &mut self,
        clinic: ClinicId,
        first: Date,
        last: Date,
    ) -> Result<Vec<(Date, Option<RoomId>, FeedCounts)>>;

    /// Deliveries that came in the range and that nothing came of (ignored, foreign, failed), youngest first, before the
    /// cursor: a clinic's, or, for the operator, everybody's.
    async fn fruitless_deliveries(
        &mut self,
        clinic: Option<ClinicId>,
        range: Range<Timestamp>,
        before: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<DeliveryHead>>;
    /// A clinic's deliveries that came in the range, oldest first, after the cursor: what it hands over.
    async fn clinic_deliveries(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        after: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<Delivery>>;
    /// How many of a clinic's deliveries in the range came more than four minutes after their event, so that they had
    /// been sent before: those signed anew for that, and those with their first time of signing.
    async fn retried(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<(i64, i64)>;
    /// Puts a fruitless delivery back, to be understood anew. False where there is none such.
    async fn reopen_delivery(&mut self, clinic: Option<ClinicId>, id: DeliveryId) -> Result<bool>;
}
