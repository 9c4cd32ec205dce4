//! Zoom's own record of what has ended.

use std::fmt;

use serde_json::Value;

use super::error::ApiError;
use crate::fields::{Fields, Oddities};

/// One start of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Names this start. Ask with it for the participants: by the meeting's number only the latest start is found.
    pub uuid: String,
    /// When it began, in microseconds.
    pub start_time: Option<i64>,
}

impl Instance {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let mut odd = Oddities::default();
        let entry = Fields::item(entry, "meetings")?;
        Some(Self { uuid: entry.id("uuid", &mut odd)?, start_time: entry.instant("start_time", &mut odd) })
    }
}

/// A start of a room that has ended, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastMeeting {
    /// Names this start.
    pub uuid: String,
    /// When it began, in microseconds.
    pub start_time: Option<i64>,
    /// When it ended, in microseconds.
    pub end_time: Option<i64>,
    /// How many people were in it, as Zoom counts them. It counts where it lists nobody, too: meetings of one person.
    pub participants: Option<i64>,
}

impl PastMeeting {
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let top = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the past meeting" })?;
        Ok(Self {
            uuid: top.id("uuid", &mut odd).ok_or(ApiError::Unreadable { what: "the past meeting's uuid" })?,
            start_time: top.instant("start_time", &mut odd),
            end_time: top.instant("end_time", &mut odd),
            participants: top.number("participants_count", &mut odd),
        })
    }
}

/// One stay of one person, in session or in the waiting room. `Debug` leaves out who it is.
#[derive(Clone, PartialEq, Eq)]
pub struct PastParticipant {
    /// Zoom user id of somebody signed in; hidden for guests.
    pub id: Option<String>,
    /// The id within the instance, as in the events.
    pub user_id: Option<String>,
    /// The name shown.
    pub name: Option<String>,
    /// Only for the host's colleagues and for people registered or invited.
    pub email: Option<String>,
    /// The registrant, where the meeting has registration.
    pub registrant_id: Option<String>,
    /// In microseconds.
    pub join_time: Option<i64>,
    /// In microseconds.
    pub leave_time: Option<i64>,
    /// Where the stay was.
    pub status: ParticipantStatus,
    /// Whether Zoom counts them as of the host's account.
    pub internal: Option<bool>,
}

/// Where a stay was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParticipantStatus {
    /// In session. Also where Zoom does not say, for older records.
    InMeeting,
    /// In the waiting room.
    InWaitingRoom,
    /// Elsewhere, in a word unknown to us.
    Other,
}

impl PastParticipant {
    /// Reads one row of a record as Zoom gave it, also from where it was kept. What is of another type than expected is
    /// absent; none where it is no object at all.
    pub fn read(entry: &Value) -> Option<Self> {
        let mut odd = Oddities::default();
        let entry = Fields::item(entry, "participants")?;
        Some(Self {
            id: entry.id("id", &mut odd),
            user_id: entry.id("user_id", &mut odd),
            name: entry.text("name", &mut odd),
            email: entry.text("user_email", &mut odd),
            registrant_id: entry.id("registrant_id", &mut odd),
            join_time: entry.instant("join_time", &mut odd),
            leave_time: entry.instant("leave_time", &mut odd),
            status: match entry.text("status", &mut odd).as_deref() {
                None | Some("in_meeting") => ParticipantStatus::InMeeting,
                Some("in_waiting_room") => ParticipantStatus::InWaitingRoom,
                Some(_) => ParticipantStatus::Other,
            },
            internal: entry.flag("internal_user", &mut odd),
        })
    }
}

impl fmt::Debug for PastParticipant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PastParticipant")
            .field("user_id", &self.user_id)
            .field("join_time", &self.join_time)
            .field("leave_time", &self.leave_time)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
