//! The two things that come from outside without being asked for: the time, and randomness.
//!
//! Everything that needs either takes an [`Ambient`], so that a test can stand the clock still, move it, and
//! replay the same random bytes.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use uuid::Uuid;

use crate::{id::Id, time::Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// How many seconds pass on this clock in one second: for pages that count on by themselves. 1 unless the clock is
    /// driven.
    fn rate(&self) -> u32 {
        1
    }

    /// Whether it only moves when somebody moves it, so that waiting for it would take for ever.
    fn is_driven(&self) -> bool {
        false
    }
}

/// Gives random bytes, fit for secrets.
pub trait Randomness: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the randomness, handed to whoever needs them.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

impl Ambient {
    /// The machine's clock and the operating system's randomness.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandomness))
    }

    /// A clock and a randomness of the caller's.
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness }
    }

    /// A clock that only moves when it is told to, and randomness that is the same for the same seed. For tests.
    pub fn manual(start: Timestamp, seed: u64) -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(start));
        (Self::new(clock.clone(), Arc::new(SeededRandomness::new(seed))), clock)
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How many seconds pass on the clock in one second: see [`Clock::rate`].
    pub fn clock_rate(&self) -> u32 {
        self.clock.rate()
    }

    /// Whether the clock only moves when somebody moves it: see [`Clock::is_driven`].
    pub fn clock_is_driven(&self) -> bool {
        self.clock.is_driven()
    }

    /// `N` random bytes, fit for secrets.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }

    /// A new id of the kind that is asked for (UUIDv7: the present millisecond, then random bits).
    pub fn id<I: Id>(&self) -> I {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(0);
        I::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }

    /// A random UUID that names nothing in the database (a request, a lease holder).
    pub fn nonce(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}

/// The operating system's randomness.
#[derive(Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system for randomness"
    )]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret can be made: stopping is the only safe answer"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_micros()))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }

    /// Sets the clock, backwards too.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn is_driven(&self) -> bool {
        true
    }
}

/// Bytes that look random and are the same for the same seed (SplitMix64). Never for a real secret.
#[derive(Debug)]
pub struct SeededRandomness(AtomicU64);

impl SeededRandomness {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let mut z =
            self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AppointmentId;

    #[test]
    fn the_same_seed_and_time_give_the_same_ids() {
        let make = || Ambient::manual(Timestamp::from_seconds(1_795_442_400), 7).0.id::<AppointmentId>();
        assert_eq!(make(), make());
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let (ambient, clock) = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 7);
        let first = ambient.id::<AppointmentId>();
        clock.advance(Duration::from_millis(1));
        assert!(first < ambient.id::<AppointmentId>());
    }

    #[test]
    fn the_clock_stands_still_until_it_is_moved() {
        let (ambient, clock) = Ambient::manual(Timestamp::from_seconds(1), 0);
        assert_eq!(ambient.now(), ambient.now());
        clock.advance(Duration::from_secs(2));
        assert_eq!(ambient.now(), Timestamp::from_seconds(3));
    }
}
