//! Recovery: when nothing could be received, and what must be compared with Zoom's own record.
//!
//! Outages are those of the whole installation: as long as one instance takes deliveries, there is none.

use std::ops::Range;

use async_trait::async_trait;
use domain::{ClinicId, OutageId, ReconciliationId, RoomId, Timestamp, room::Room};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Result;

/// A time in which no instance could take deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Names it.
    pub id: OutageId,
    /// The last time that an instance was known to take deliveries, and the first time after it.
    pub range: Range<Timestamp>,
}

/// Why a room is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A meeting ended.
    Ended,
    /// Nothing could be received for a while.
    Outage,
    /// A day is over, and the end of a meeting may have been lost.
    Daily,
    /// Somebody asked for it.
    Asked,
}

impl Why {
    /// The word in the database and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Outage => "outage",
            Self::Daily => "daily",
            Self::Asked => "asked",
        }
    }

    /// The reason that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Ended, Self::Outage, Self::Daily, Self::Asked].into_iter().find(|why| why.as_str() == word)
    }
}

/// A comparison of one room with Zoom's own record of it, due or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Names it.
    pub id: ReconciliationId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Which room.
    pub room_id: RoomId,
    /// Meetings that ran at some time in this range.
    pub range: Range<Timestamp>,
    /// Why.
    pub why: Why,
    /// When it is next to be tried.
    pub due_at: Timestamp,
    /// How often it was tried and must be again.
    pub tries: i64,
    /// When it was done or given up; none while it is due.
    pub done_at: Option<Timestamp>,
    /// What it found, or why it was given up: a short code and counts, as JSON, never names.
    pub found: Option<String>,
}

impl Reconciliation {
    /// One that is due and was not tried yet.
    pub fn due(
        id: ReconciliationId,
        room: &Room,
        range: Range<Timestamp>,
        why: Why,
        due_at: Timestamp,
    ) -> Self {
        let (clinic_id, room_id) = (room.clinic_id, room.id);
        Self { id, clinic_id, room_id, range, why, due_at, tries: 0, done_at: None, found: None }
    }
}

/// Recovery, over all clinics where it says so.
#[async_trait]
pub trait Recovery {
    /// Notes that this instance takes deliveries, and returns when any instance last did before.
    async fn beat(&mut self, instance: Uuid, now: Timestamp) -> Result<Option<Timestamp>>;
    /// Forgets instances that were last heard of before this time, but for the youngest.
    async fn purge_beats(&mut self, before: Timestamp) -> Result<()>;
    /// Adds an outage. False where one that begins at the same time is there: another instance noted it.
    async fn insert_outage(&mut self, outage: &Outage) -> Result<bool>;
    /// The outages that overlap the range, by beginning.
    async fn outages(&mut self, range: Range<Timestamp>) -> Result<Vec<Outage>>;

    /// Adds a comparison that is due. One of the same room that is due for the same reason and not yet begun takes in
    /// the new range and the later time instead.
    async fn put_reconciliation(&mut self, due: &Reconciliation) -> Result<()>;
    /// The comparisons, of all clinics, that are due and held by nobody, longest due first; held until `until`.
    async fn claim_reconciliations(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Reconciliation>>;
    /// Lets go of it, to be tried again at that time.
    async fn retry_reconciliation(
        &mut self,
        clinic: ClinicId,
        id: ReconciliationId,
        due_at: Timestamp,
        found: &str,
    ) -> Result<()>;
    /// It is done, or given up.
    async fn finish_reconciliation(
        &mut self,
        clinic: ClinicId,
        id: ReconciliationId,
        now: Timestamp,
        found: &str,
    ) -> Result<()>;
    /// The comparisons that overlap the range, due ones among them, by the beginning of their range then id.
    async fn reconciliations(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Reconciliation>>;
}
