//! The demo's clock: stands, runs as real time does, or faster; or is moved by hand while a stretch of the day is
//! played at once. It never goes back.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use domain::{Timestamp, ambient::Clock};
use serde::{Deserialize, Serialize};
use zoomsim::SimClock;

/// How fast the clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// It stands.
    Paused,
    /// As real time does.
    Real,
    /// Ten times as fast.
    Ten,
    /// A minute each second.
    Sixty,
}

impl Rate {
    /// Every rate, slowest first.
    pub const ALL: [Self; 4] = [Self::Paused, Self::Real, Self::Ten, Self::Sixty];

    /// Seconds of the demo in one second.
    pub const fn factor(self) -> u32 {
        match self {
            Self::Paused => 0,
            Self::Real => 1,
            Self::Ten => 10,
            Self::Sixty => 60,
        }
    }

    /// The word in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Real => "real",
            Self::Ten => "ten",
            Self::Sixty => "sixty",
        }
    }

    /// The words on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Paused => "Stand still",
            Self::Real => "Real time",
            Self::Ten => "10 times",
            Self::Sixty => "60 times",
        }
    }
}

/// A clock for Anteroom and for the simulated Zoom alike.
#[derive(Debug)]
pub struct DemoClock(Mutex<Pace>);

#[derive(Debug)]
struct Pace {
    /// What it showed at `since`.
    shown: Timestamp,
    since: Instant,
    rate: Rate,
    /// Whether it stands until it is moved, whatever the rate.
    driven: bool,
}

impl Pace {
    fn now(&self) -> Timestamp {
        if self.driven {
            return self.shown;
        }
        self.shown.plus(self.since.elapsed() * self.rate.factor())
    }

    /// Takes the present reading as the new starting point.
    fn settle(&mut self) {
        self.shown = self.now();
        self.since = Instant::now();
    }
}

impl DemoClock {
    /// A clock that shows `start` and stands until it is moved or released.
    pub fn driven_from(start: Timestamp) -> Self {
        Self(Mutex::new(Pace { shown: start, since: Instant::now(), rate: Rate::Real, driven: true }))
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How fast it runs once it is released.
    pub fn chosen(&self) -> Rate {
        self.pace().rate
    }

    /// Chooses how fast it runs.
    pub fn choose(&self, rate: Rate) {
        let mut pace = self.pace();
        pace.settle();
        pace.rate = rate;
    }

    /// Makes it stand until it is moved.
    pub fn drive(&self) {
        let mut pace = self.pace();
        pace.settle();
        pace.driven = true;
    }

    /// Lets it run again from what it shows.
    pub fn release(&self) {
        let mut pace = self.pace();
        pace.settle();
        pace.driven = false;
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        self.pace().now()
    }

    fn rate(&self) -> u32 {
        let pace = self.pace();
        if pace.driven { 0 } else { pace.rate.factor() }
    }
}

impl SimClock for DemoClock {
    fn now_micros(&self) -> i64 {
        self.now().as_micros()
    }

    fn move_to(&self, micros: i64) -> bool {
        let mut pace = self.pace();
        if pace.driven {
            pace.shown = pace.shown.max(Timestamp::from_micros(micros));
        }
        pace.driven
    }

    fn is_driven(&self) -> bool {
        self.pace().driven
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn start() -> Timestamp {
        Timestamp::from_seconds(1_795_442_400)
    }

    #[test]
    fn a_driven_clock_stands_until_it_is_moved_and_never_goes_back() {
        let clock = DemoClock::driven_from(start());
        assert_eq!(clock.now(), start());
        assert!(clock.move_to(start().plus(Duration::from_mins(1)).as_micros()));
        assert!(clock.move_to(start().as_micros()));
        assert_eq!(clock.now(), start().plus(Duration::from_mins(1)));
    }

    #[test]
    fn a_running_clock_cannot_be_moved() {
        let clock = DemoClock::driven_from(start());
        clock.release();
        assert!(!clock.move_to(start().plus(Duration::from_hours(9)).as_micros()));
        assert!(clock.now() < start().plus(Duration::from_hours(1)));
    }

    #[test]
    fn changing_the_rate_loses_no_time() {
        let clock = DemoClock::driven_from(start());
        clock.release();
        let mut last = clock.now();
        for rate in [Rate::Sixty, Rate::Paused, Rate::Ten, Rate::Real, Rate::Sixty] {
            clock.choose(rate);
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn a_paused_clock_stands() {
        let clock = DemoClock::driven_from(start());
        clock.choose(Rate::Paused);
        clock.release();
        assert_eq!(clock.now(), start());
        assert_eq!(clock.now(), clock.now());
    }
}
