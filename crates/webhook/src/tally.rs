//! What the receiver has answered since it was last asked: counted in memory, because an answer must not wait for a count,
//! and those that are refused must not reach the database at all.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use store::ports::feed::ReceiverCounts;

use crate::Receipt;

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<ReceiverCounts>);

impl Tally {
    /// Counts an answer. What was stored is counted by the writer, which knows what was new.
    pub(crate) fn answered(&self, receipt: &Receipt, now: Timestamp) {
        self.change(|counts| match receipt {
            Receipt::Stored | Receipt::Challenge(_) => {}
            Receipt::BadSignature => {
                counts.refused += 1;
                counts.last_refused_at = Some(now);
            }
            Receipt::NotJson | Receipt::TooLarge => counts.unreadable += 1,
            Receipt::Unavailable => counts.unavailable += 1,
        });
    }

    /// Counts a signed check of the address.
    pub(crate) fn challenged(&self, now: Timestamp) {
        self.change(|counts| {
            counts.challenges += 1;
            counts.last_challenge_at = Some(now);
        });
    }

    /// Counts what the writer has kept.
    pub(crate) fn kept(&self, new: u64, repeated: u64) {
        self.change(|counts| {
            counts.stored += i64::try_from(new).unwrap_or(0);
            counts.repeated += i64::try_from(repeated).unwrap_or(0);
        });
    }

    /// All that was counted; counting begins anew.
    pub(crate) fn take(&self) -> ReceiverCounts {
        let mut taken = ReceiverCounts::default();
        self.change(|counts| taken = std::mem::take(counts));
        taken
    }

    /// Puts back what could not be written down.
    pub(crate) fn give_back(&self, taken: &ReceiverCounts) {
        self.change(|counts| {
            counts.stored += taken.stored;
            counts.repeated += taken.repeated;
            counts.refused += taken.refused;
            counts.unreadable += taken.unreadable;
            counts.unavailable += taken.unavailable;
            counts.challenges += taken.challenges;
            counts.last_challenge_at = counts.last_challenge_at.max(taken.last_challenge_at);
            counts.last_refused_at = counts.last_refused_at.max(taken.last_refused_at);
        });
    }

    fn change(&self, change: impl FnOnce(&mut ReceiverCounts)) {
        // A count that a panic left half done is still a count.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

    #[test]
    fn what_was_counted_is_taken_once_and_can_be_put_back() {
        let tally = Tally::default();
        tally.answered(&Receipt::BadSignature, NOW);
        tally.challenged(NOW);
        tally.kept(3, 1);
        let taken = tally.take();
        assert_eq!((taken.refused, taken.challenges, taken.stored, taken.repeated), (1, 1, 3, 1));
        assert_eq!((taken.last_refused_at, taken.last_challenge_at), (Some(NOW), Some(NOW)));
        assert_eq!(tally.take(), ReceiverCounts::default());

        tally.answered(&Receipt::Unavailable, NOW);
        tally.give_back(&taken);
        let both = tally.take();
        assert_eq!((both.unavailable, both.refused, both.last_refused_at), (1, 1, Some(NOW)));
    }
}
