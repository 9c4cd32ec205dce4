//! When reminders go out.

mod plan;
mod quiet;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

pub use plan::{Moment, due, plan};

/// The most rungs of a ladder.
pub const MOST_RUNGS: usize = 8;
/// The earliest reminder, in minutes before the start: 30 days.
pub const EARLIEST: u32 = 30 * 24 * 60;

/// How many minutes before the start reminders go out: each once, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct Ladder(Vec<u32>);

/// Why a ladder was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLadder {
    /// It has too many rungs.
    #[error("has more than {MOST_RUNGS} reminders")]
    TooMany,
    /// A rung is out of range.
    #[error("must be from 1 minute to 30 days before the start")]
    OutOfRange,
}

impl Ladder {
    /// Sorts and checks; what stands twice counts once.
    pub fn new(mut minutes: Vec<u32>) -> Result<Self, BadLadder> {
        minutes.sort_unstable_by(|one, other| other.cmp(one));
        minutes.dedup();
        if minutes.len() > MOST_RUNGS {
            return Err(BadLadder::TooMany);
        }
        if minutes.iter().any(|minutes| !(1..=EARLIEST).contains(minutes)) {
            return Err(BadLadder::OutOfRange);
        }
        Ok(Self(minutes))
    }

    /// Minutes before the start, the most first.
    pub fn rungs(&self) -> &[u32] {
        &self.0
    }

    /// Whether there are no reminders.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<u32>> for Ladder {
    type Error = BadLadder;
    fn try_from(minutes: Vec<u32>) -> Result<Self, BadLadder> {
        Self::new(minutes)
    }
}

impl From<Ladder> for Vec<u32> {
    fn from(ladder: Ladder) -> Self {
        ladder.0
    }
}

/// When nothing goes out by itself, on the clinic's clocks. Where `from` is later than `to` they span midnight; where
/// both are the same they are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first minute.
    pub from: Time,
    /// The first minute after.
    pub to: Time,
}

impl Default for QuietHours {
    /// From nine in the evening to eight in the morning, as United States rules have it for calls and texts to
    /// consumers (47 CFR 64.1200(c)(1)).
    fn default() -> Self {
        Self { from: Time::constant(21, 0, 0, 0), to: Time::constant(8, 0, 0, 0) }
    }
}

#[cfg(test)]
mod tests;
