//! Where the simulator's time comes from. It never asks the machine: the caller hands a clock in, so that a test can
//! move three days in one call and a demo can run on the real one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A source of time for the simulator.
pub trait SimClock: Send + Sync + 'static {
    /// The time now, in microseconds since 1970 UTC.
    fn now_micros(&self) -> i64;

    /// Sets the time where this clock can be driven by hand, and says whether it can.
    ///
    /// A driven clock also means that webhooks go out only in [`crate::SimHandle::tick`] and
    /// [`crate::SimHandle::advance`] (unless the knob `deliver_unasked` says otherwise).
    fn move_to(&self, _micros: i64) -> bool {
        false
    }

    /// Whether this clock stands still until somebody moves it.
    fn is_driven(&self) -> bool {
        false
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start_micros` (microseconds since 1970 UTC).
    pub fn new(start_micros: i64) -> Self {
        Self(AtomicI64::new(start_micros))
    }

    /// Moves the clock on. Deliveries that become due wait for the next `tick`; `SimHandle::advance` does both.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }

    /// Sets the clock, in microseconds since 1970 UTC.
    pub fn set(&self, to_micros: i64) {
        self.0.store(to_micros, Ordering::SeqCst);
    }
}

impl SimClock for ManualClock {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn move_to(&self, micros: i64) -> bool {
        self.set(micros);
        true
    }

    fn is_driven(&self) -> bool {
        true
    }
}

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A length of time in microseconds; absurdly long ones are capped.
pub(crate) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX / 4)
}

/// RFC 3339 in UTC with whole seconds, as Zoom writes the times of its objects.
pub(crate) fn seconds_text(micros: i64) -> String {
    Timestamp::from_second(micros.div_euclid(SECOND)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn millis_text(micros: i64) -> String {
    let instant = Timestamp::from_millisecond(micros.div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{instant:.3}")
}

/// The next midnight in UTC after `micros`.
pub(crate) fn next_midnight(micros: i64) -> i64 {
    (micros.div_euclid(DAY) + 1) * DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_times_are_whole_seconds_in_utc() {
        assert_eq!(seconds_text(1_795_442_520_987_654), "2026-11-23T14:02:00Z");
        assert_eq!(millis_text(1_795_447_400_004_000), "2026-11-23T15:23:20.004Z");
    }

    #[test]
    fn the_day_turns_at_midnight_utc() {
        assert_eq!(seconds_text(next_midnight(1_795_442_520_000_000)), "2026-11-24T00:00:00Z");
        assert_eq!(seconds_text(next_midnight(1_795_478_400_000_000)), "2026-11-25T00:00:00Z");
    }
}
