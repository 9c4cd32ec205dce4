//! The inbox: every accepted delivery from Zoom, raw, append-only. It belongs to no clinic until it is understood.

use async_trait::async_trait;
use domain::{ClinicId, DeliveryId, Timestamp};

use crate::Result;

/// How a delivery got into the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliverySource {
    /// Zoom sent it, signed.
    Webhook,
    /// This program wrote it: what Zoom's record says of a past meeting.
    ZoomRecord,
}

impl DeliverySource {
    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::ZoomRecord => "zoom_record",
        }
    }

    /// The source that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Webhook, Self::ZoomRecord].into_iter().find(|source| source.as_str() == word)
    }
}

/// A delivery that is to be trusted (its signature was right, or this program wrote it), about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Names it.
    pub id: DeliveryId,
    /// How it came.
    pub source: DeliverySource,
    /// When it came.
    pub received_at: Timestamp,
    /// Zoom's `event_ts`, milliseconds; 0 where it has none. A repetition carries the same one, which keeps the index
    /// for duplicates nearly in order of time.
    pub event_ts: i64,
    /// The first 16 bytes of the SHA-256 of the body.
    pub digest: [u8; 16],
    /// Zoom's name of the event; at most 100 characters, none of them NUL.
    pub event: String,
    /// Signed more than 5 minutes before it came.
    pub late: bool,
    /// The body, to the byte. JSON, so that no NUL stands in it: `PostgreSQL` could not keep one.
    pub body: String,
}

/// A stored delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Names it.
    pub id: DeliveryId,
    /// How it came.
    pub source: DeliverySource,
    /// When it came.
    pub received_at: Timestamp,
    /// Signed more than 5 minutes before it came.
    pub late: bool,
    /// The body, to the byte.
    pub body: String,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It became an event of a room.
    Applied,
    /// It says nothing about a room of ours, or nothing that we know.
    Ignored,
    /// It repeats in other words what another delivery said.
    Duplicate,
    /// It names a room of ours but another Zoom account: refused.
    Foreign,
    /// It could not be understood although it should have been.
    Failed,
}

impl Outcome {
    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Duplicate => "duplicate",
            Self::Foreign => "foreign",
            Self::Failed => "failed",
        }
    }

    /// The outcome that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Applied, Self::Ignored, Self::Duplicate, Self::Foreign, Self::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// A delivery that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub id: DeliveryId,
    /// Whose it was, where that is known.
    pub clinic_id: Option<ClinicId>,
    /// What became of it.
    pub outcome: Outcome,
}

/// The inbox.
#[async_trait]
pub trait Inbox {
    /// The oldest deliveries that are not yet understood, locked until the end of the transaction; another instance
    /// gets others.
    async fn claim_deliveries(&mut self, limit: i64) -> Result<Vec<Delivery>>;
    /// Says what became of each of these deliveries, in one statement: thousands a second arrive when a clinic group is
    /// busy, and the inbox writer waits for the same connection.
    async fn settle_deliveries(&mut self, settled: &[Settled], now: Timestamp) -> Result<()>;
    /// Settled deliveries in order of their ids, after one of them: what a rebuild reads.
    async fn settled_deliveries(&mut self, after: Option<DeliveryId>, limit: i64) -> Result<Vec<Delivery>>;
    /// When the oldest delivery came that is not yet understood.
    async fn waiting_since(&mut self) -> Result<Option<Timestamp>>;
    /// How many deliveries are not yet understood.
    async fn inbox_backlog(&mut self) -> Result<i64>;
}
