//! What can be told of a meeting from what is kept of it.

use serde_json::Value;

use super::{Instance, Meeting};

impl Meeting {
    pub(crate) fn running(&self) -> Option<&Instance> {
        self.instances.last().filter(|instance| instance.ended_at.is_none())
    }

    pub(crate) fn flag(&self, setting: &str) -> bool {
        self.settings.get(setting).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn text(&self, setting: &str) -> &str {
        self.settings.get(setting).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether people have to register (approval type 0 or 1).
    pub(crate) fn wants_registration(&self) -> bool {
        self.settings.get("approval_type").and_then(Value::as_i64).is_some_and(|kind| kind < 2)
    }

    /// When an occurrence is over.
    fn over_at(&self, occurrence: &Value) -> Option<i64> {
        let start: jiff::Timestamp = occurrence.get("start_time")?.as_str()?.parse().ok()?;
        let minutes = occurrence.get("duration").and_then(Value::as_i64).unwrap_or(self.duration);
        Some(start.as_microsecond().saturating_add(minutes.saturating_mul(crate::clock::MINUTE)))
    }

    /// The occurrences that are not over: the others Zoom shows only when asked for them.
    pub(crate) fn occurrences_left(&self, now: i64) -> Vec<Value> {
        let left = self.occurrences.iter().filter(|one| self.over_at(one).is_some_and(|over| over > now));
        left.cloned().collect()
    }

    /// Whether this is a meeting with fixed times that has none left.
    pub(crate) fn series_is_over(&self, now: i64) -> bool {
        self.kind == 8 && !self.occurrences.is_empty() && self.occurrences_left(now).is_empty()
    }

    /// Until when the number works unless the meeting is started again: 365 days for recurring and personal ones,
    /// 30 for one-time ones.
    pub(crate) fn expires_at(&self) -> i64 {
        let days = if matches!(self.kind, 3 | 4 | 8) || self.personal { 365 } else { 30 };
        let planned = self
            .start_time
            .as_deref()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok())
            .map_or(0, jiff::Timestamp::as_microsecond);
        self.last_used_at.max(planned).saturating_add(days * crate::clock::DAY)
    }
}
