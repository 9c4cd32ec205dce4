//! Zoom's own record of a past meeting: what it says of one stay of one person.
//!
//! A record has no events, only rows, and not all of them: meetings of one person have none, and names may be masked. So
//! it fills in what deliveries lost and corrects ends, and what it does not say proves nothing.

use serde::{Deserialize, Serialize};

use super::stay::StayKind;
use crate::{
    id::{DeliveryId, PresenceId},
    time::Timestamp,
};

/// One row: one stay of one person in one running of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedStay {
    /// The delivery in the inbox that keeps the record: the evidence.
    pub delivery: DeliveryId,
    /// Names the row by what it says: the same in every later copy of the record. Somebody who is known from the record
    /// alone is named by it.
    pub row: PresenceId,
    /// Zoom's uuid of the meeting that it was in.
    pub instance: String,
    /// In session, or in the waiting room; never connecting.
    pub kind: StayKind,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; not before it began.
    pub to: Timestamp,
    /// The `user_id` within the meeting, where the record has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The Zoom user who was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoom_user_id: Option<String>,
    /// Given by registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrant_id: Option<String>,
    /// The name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether this is the meeting's owner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_host: bool,
}
