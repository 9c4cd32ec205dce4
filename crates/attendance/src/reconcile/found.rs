//! What a comparison brought to light: the difference between what was known of a room before and after.

use std::{collections::BTreeSet, iter::Sum, ops::Add};

use domain::{
    PresenceId, Timestamp,
    attendance::{
        presence::Presence,
        stay::{Source, Stay, StayKind},
    },
};
use serde::{Deserialize, Serialize};

/// Counts only: who it was stands on the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Runnings of the room whose record was read.
    pub meetings: usize,
    /// Records that said something new.
    pub records: usize,
    /// People of whom no delivery had told.
    pub people: usize,
    /// Stays of which no delivery had told.
    pub stays: usize,
    /// Ends that were missing or wrong.
    pub ends: usize,
}

impl Add for Found {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            meetings: self.meetings + other.meetings,
            records: self.records + other.records,
            people: self.people + other.people,
            stays: self.stays + other.stays,
            ends: self.ends + other.ends,
        }
    }
}

impl Sum for Found {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// A stay as it is counted: by where it begins, or by where it ends as well.
type Named = (PresenceId, StayKind, Timestamp, Option<Timestamp>);

/// What is known from the record after a comparison and was not before.
pub(super) fn between(before: &[Presence], after: &[Presence]) -> Found {
    let people = |all: &[Presence]| -> BTreeSet<PresenceId> {
        all.iter().filter(|one| one.stays.iter().all(is_recorded)).map(|one| one.id).collect()
    };
    let stays = |all: &[Presence]| named(all, is_recorded, false);
    let ends = |all: &[Presence]| named(all, |stay| !is_recorded(stay) && has_recorded_end(stay), true);
    Found {
        people: people(after).difference(&people(before)).count(),
        stays: stays(after).difference(&stays(before)).count(),
        ends: ends(after).difference(&ends(before)).count(),
        ..Found::default()
    }
}

fn named(all: &[Presence], counts: impl Fn(&Stay) -> bool, with_end: bool) -> BTreeSet<Named> {
    all.iter()
        .flat_map(|one| one.stays.iter().filter(|stay| counts(stay)).map(move |stay| (one.id, stay)))
        .map(|(id, stay)| (id, stay.kind, stay.from, stay.to.filter(|_| with_end)))
        .collect()
}

fn is_recorded(stay: &Stay) -> bool {
    stay.from_source == Source::ZoomRecord
}

fn has_recorded_end(stay: &Stay) -> bool {
    stay.to_source == Some(Source::ZoomRecord)
}
