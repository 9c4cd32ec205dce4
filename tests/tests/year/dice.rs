//! Chance that is the same for the same seed.

use std::time::Duration;

use domain::ambient::{Randomness as _, SeededRandomness};

pub struct Dice(SeededRandomness);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    /// From 0 to just below the number of sides.
    pub fn below(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides.max(1)
    }

    pub fn percent(&self, of: u64) -> bool {
        self.below(100) < of
    }

    /// A length of time between the two.
    pub fn between(&self, least: Duration, most: Duration) -> Duration {
        least + Duration::from_secs(self.below((most.saturating_sub(least)).as_secs() + 1))
    }

    pub fn one_of<'a, T>(&self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).expect("an index")]
    }
}
