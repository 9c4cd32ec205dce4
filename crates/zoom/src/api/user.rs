//! The user whose token it is, and the settings that decide who waits.

use std::fmt;

use serde_json::Value;

use super::error::ApiError;
use super::meeting::WhoWaits;
use crate::fields::{Fields, Oddities};

/// Whose token this is. `Debug` shows the ids only.
#[derive(Clone, PartialEq, Eq)]
pub struct Me {
    /// Zoom user id, the same after connecting again. Case-sensitive.
    pub id: String,
    /// Zoom account id, as events carry it.
    pub account_id: String,
    /// What the account is called for; may be hidden.
    pub email: Option<String>,
    /// The name shown in meetings.
    pub display_name: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// What the licence allows.
    pub plan: Plan,
    /// Personal meeting number. Private: not used for rooms.
    pub personal_number: Option<i64>,
}

/// A Zoom licence, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Free: meetings end after 40 minutes, and some events and records are missing.
    Basic,
    /// Paid.
    Licensed,
    /// No meetings at all, or unknown to us.
    Other,
}

impl Me {
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let user = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the user" })?;
        let spelled_out = || {
            let mut odd = Oddities::default();
            let first = user.text("first_name", &mut odd);
            let last = user.text("last_name", &mut odd);
            let name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
            (!name.is_empty()).then_some(name)
        };
        Ok(Self {
            id: user.id("id", &mut odd).ok_or(ApiError::Unreadable { what: "the user's id" })?,
            account_id: user
                .id("account_id", &mut odd)
                .ok_or(ApiError::Unreadable { what: "the account's id" })?,
            email: user.text("email", &mut odd),
            display_name: user.text("display_name", &mut odd).or_else(spelled_out),
            time_zone: user.text("timezone", &mut odd),
            plan: match user.number("type", &mut odd) {
                Some(1) => Plan::Basic,
                Some(2) => Plan::Licensed,
                _ => Plan::Other,
            },
            personal_number: user.number("pmi", &mut odd),
        })
    }
}

impl fmt::Debug for Me {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Me")
            .field("id", &self.id)
            .field("account_id", &self.account_id)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// The user's own defaults. An administrator may lock them, which cannot be seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSettings {
    /// `in_meeting.waiting_room`.
    pub waiting_room: Option<bool>,
    /// `schedule_meeting.join_before_host`.
    pub join_before_host: Option<bool>,
    /// `recording.auto_recording`: `none`, `local` or `cloud`.
    pub auto_recording: Option<String>,
}

impl UserSettings {
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let top = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the settings" })?;
        Ok(Self {
            waiting_room: top.child("in_meeting", &mut odd).flag("waiting_room", &mut odd),
            join_before_host: top.child("schedule_meeting", &mut odd).flag("join_before_host", &mut odd),
            auto_recording: top.child("recording", &mut odd).text("auto_recording", &mut odd),
        })
    }
}

/// Who waits, by the user's settings. A room's own setting, [`WhoWaits::Everyone`], is meant to override it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingSecurity {
    /// Whether the waiting room is on.
    pub waiting_room: Option<bool>,
    /// Who is put into it.
    pub who_waits: Option<WhoWaits>,
    /// Whether others than host and co-hosts may admit while the host is away.
    pub others_may_admit: Option<bool>,
    /// Whether join links bring the passcode along.
    pub embeds_passcode: Option<bool>,
}

impl MeetingSecurity {
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let top = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the settings" })?;
        let security = top.child("meeting_security", &mut odd);
        if !security.is_present() {
            return Err(ApiError::Unreadable { what: "meeting_security" });
        }
        let waiting = security.child("waiting_room_settings", &mut odd);
        Ok(Self {
            waiting_room: security.flag("waiting_room", &mut odd),
            who_waits: match waiting.number("participants_to_place_in_waiting_room", &mut odd) {
                Some(0) => Some(WhoWaits::Everyone),
                Some(1) => Some(WhoWaits::OutsideAccount),
                Some(2) => Some(WhoWaits::OutsideAccountAndDomains),
                _ => None,
            },
            others_may_admit: waiting
                .number("users_who_can_admit_participants_from_waiting_room", &mut odd)
                .map(|value| value != 0),
            embeds_passcode: security.flag("embed_password_in_join_link", &mut odd),
        })
    }
}
