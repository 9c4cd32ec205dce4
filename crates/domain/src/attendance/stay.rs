//! A stay: an interval of one kind, and where each of its ends comes from.

use serde::{Deserialize, Serialize};

use crate::{id::DeliveryId, time::Timestamp};

/// What somebody did during a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StayKind {
    /// Was in the waiting room.
    Waiting,
    /// Had been let in and was not yet in the meeting.
    Connecting,
    /// Was in the meeting.
    InSession,
}

/// Where a fact comes from. It cannot be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A delivery from Zoom.
    Webhook,
    /// Zoom's own record of a past meeting.
    ZoomRecord,
    /// A page of ours.
    Page,
    /// A person of the staff said so.
    Person,
}

impl Source {
    /// The word in the API and on pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::ZoomRecord => "zoom_record",
            Self::Page => "page",
            Self::Person => "person",
        }
    }
}

/// An interval of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// What it was.
    pub kind: StayKind,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it lasts.
    pub to: Option<Timestamp>,
    /// Where the beginning comes from.
    pub from_source: Source,
    /// Where the end comes from; present exactly when the end is.
    pub to_source: Option<Source>,
    /// The deliveries that say so, in the order of their ids.
    pub evidence: Vec<DeliveryId>,
}
