//! Chance that is the same for the same seed, and many seeds at once.

use std::{ops::Range, panic, thread};

/// SplitMix64.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly out of `0..limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// Evenly out of the range.
    pub(super) fn within(&mut self, range: Range<i64>) -> i64 {
        range.start + i64::try_from(self.below(usize::try_from(range.end - range.start).unwrap())).unwrap()
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(super) fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// Checks so many seeds, on all cores; twenty times as many in an optimised build. Set `FOLD_SEED` to check that one
/// alone, or `FOLD_SEEDS` for another number of them. A seed that fails is printed.
pub(super) fn each_seed(in_debug: u64, check: impl Fn(u64) + Sync) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("FOLD_SEED") {
        return check(seed);
    }
    let otherwise = if cfg!(debug_assertions) { in_debug } else { in_debug.saturating_mul(20) };
    let seeds = number("FOLD_SEEDS").unwrap_or(otherwise);
    let workers = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let check = &check;
    thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || {
                for seed in (worker..seeds).step_by(usize::try_from(workers).unwrap()) {
                    let checked = panic::catch_unwind(panic::AssertUnwindSafe(|| check(seed)));
                    if let Err(cause) = checked {
                        println!("FOLD_SEED={seed} fails");
                        panic::resume_unwind(cause);
                    }
                }
            });
        }
    });
}
