//! When it is worth looking at a room again: the earliest moment at which time alone would change an answer.
//!
//! The ladder asks no clock. A press ripens and a name gains by the time that has passed while nobody else came, and
//! that time is told by a look. Here the answers are asked ahead, as they would be at each moment that a rung
//! minds, so that a look is kept only where it says something.

use std::collections::{BTreeMap, BTreeSet};

use super::ladder::{Answer, Evidence, climb, known_until};
use super::ripened;
use crate::{id::PresenceId, time::Timestamp};

/// The first moment after all that is known at which somebody would be answered otherwise, if nothing more is heard until
/// then; none where only news can change anything. `answers` are those that [`climb`] gives for this evidence.
pub fn next_look(evidence: &Evidence<'_>, answers: &BTreeMap<PresenceId, Answer>) -> Option<Timestamp> {
    let known_until = known_until(evidence);
    let moments: BTreeSet<Timestamp> =
        ripened::moments(evidence).filter(|moment| *moment > known_until).collect();
    moments.into_iter().find(|moment| {
        let looks: Vec<Timestamp> = evidence.looks.iter().copied().chain([*moment]).collect();
        climb(&Evidence { looks: &looks, ..*evidence }) != *answers
    })
}
