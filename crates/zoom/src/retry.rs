//! When Zoom asks to be called again.

use std::time::Duration;

use jiff::fmt::rfc2822;

use crate::fields::{plausible, rfc3339};

/// The `Retry-After` of an answer. On the daily limit Zoom sends an RFC 3339 date-time, which HTTP does not know; seconds
/// and HTTP dates are understood as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after the answer.
    In(Duration),
    /// At this instant, in microseconds.
    At(i64),
}

impl RetryAfter {
    /// Reads the header; `None` where it says nothing that can be understood.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        if let Ok(seconds) = header.parse::<u32>() {
            return Some(Self::In(Duration::from_secs(u64::from(seconds))));
        }
        if let Some(instant) = rfc3339(header) {
            return Some(Self::At(instant));
        }
        plausible(rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?).map(Self::At)
    }

    /// How long to wait from `now` (microseconds), never longer than `cap`: a fault in a header must not silence us for a
    /// year.
    pub fn wait(self, now: i64, cap: Duration) -> Duration {
        let wait = match self {
            Self::In(wait) => wait,
            Self::At(instant) => {
                Duration::from_micros(u64::try_from(instant.saturating_sub(now)).unwrap_or(0))
            }
        };
        wait.min(cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-20T00:00:00Z.
    const MIDNIGHT: i64 = 1_737_331_200_000_000;

    #[test]
    fn all_three_forms_are_understood() {
        assert_eq!(RetryAfter::parse("2025-01-20T00:00:00Z"), Some(RetryAfter::At(MIDNIGHT)));
        assert_eq!(RetryAfter::parse("Mon, 20 Jan 2025 00:00:00 GMT"), Some(RetryAfter::At(MIDNIGHT)));
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::In(Duration::from_mins(2))));
        for wrong in [
            "",
            "soon",
            "-1",
            "2025-13-40T00:00:00Z",
            "99999999999999999999",
            "2525-01-20T00:00:00Z",
            "Sat, 20 Jan 2525 00:00:00 GMT",
        ] {
            assert_eq!(RetryAfter::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_wait_is_counted_from_now_and_capped() {
        let hour = Duration::from_hours(1);
        let minute = Duration::from_mins(1);
        assert_eq!(RetryAfter::At(MIDNIGHT).wait(MIDNIGHT - 60_000_000, hour), minute);
        assert_eq!(RetryAfter::At(MIDNIGHT).wait(MIDNIGHT + 1, hour), Duration::ZERO);
        assert_eq!(RetryAfter::At(i64::MAX).wait(i64::MIN, hour), hour);
        assert_eq!(RetryAfter::In(hour).wait(0, minute), minute);
    }
}
