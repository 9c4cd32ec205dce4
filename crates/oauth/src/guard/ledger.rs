//! What a look means for the drifts that are kept: which begin, which go on, and which are over.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Ambient, ClinicId, DriftId, RoomId, Timestamp,
    room::guard::{Drift, DriftEnd, DriftKind, LookFor},
};

use super::{Obstacle, repair::Tried};

/// What a look found and did, in all.
pub(super) struct Found<'a> {
    pub(super) clinic: ClinicId,
    pub(super) room: RoomId,
    pub(super) why: LookFor,
    pub(super) asked_at: Timestamp,
    /// What the room lacks after the look.
    pub(super) lacking: &'a BTreeSet<DriftKind>,
    /// What could not be told.
    pub(super) unknown: &'a BTreeSet<DriftKind>,
    pub(super) tried: &'a Tried,
    pub(super) put_off: &'a BTreeMap<DriftKind, Obstacle>,
    /// Another meeting took the place of the room's own.
    pub(super) replaced: bool,
    /// Why, where that was not a person's wish.
    pub(super) gone: Option<DriftKind>,
    /// The room is a new one: nothing of it was ever right and then was not.
    pub(super) is_new: bool,
}

/// What is to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Insert(Drift),
    Try(DriftId, Obstacle),
    End(DriftId, DriftEnd),
}

/// Compares what lasted so far with what was found.
pub(super) fn entries(found: &Found<'_>, lasted: &[Drift], ambient: &Ambient) -> Vec<Entry> {
    let now = ambient.now();
    let mut entries = Vec::new();
    for drift in lasted {
        let is_repaired = found.tried.get(&drift.kind) == Some(&None);
        if found.lacking.contains(&drift.kind) && !found.replaced {
            if let Some(Some(obstacle)) = found.tried.get(&drift.kind) {
                entries.push(Entry::Try(drift.id, *obstacle));
            }
        } else if found.replaced {
            entries.push(Entry::End(drift.id, DriftEnd::Replaced));
        } else if is_repaired {
            entries.push(Entry::End(drift.id, DriftEnd::Repaired));
        } else if !found.unknown.contains(&drift.kind) {
            entries.push(Entry::End(drift.id, DriftEnd::Gone));
        }
    }
    let lasts = |kind: DriftKind| !found.replaced && lasted.iter().any(|drift| drift.kind == kind);
    let drift = |kind, tried: bool, hindrance: Option<Obstacle>, ended| Drift {
        id: ambient.id(),
        clinic_id: found.clinic,
        room_id: found.room,
        kind,
        found_at: found.asked_at,
        found_for: found.why,
        hindrance: hindrance.map(|obstacle| obstacle.as_str().to_owned()),
        tries: i64::from(tried),
        tried_at: tried.then_some(now),
        ended,
    };
    for kind in found.lacking.iter().copied().filter(|kind| !lasts(*kind)) {
        let tried = found.tried.get(&kind).copied();
        let hindrance = tried.flatten().or_else(|| found.put_off.get(&kind).copied());
        entries.push(Entry::Insert(drift(kind, tried.is_some(), hindrance, None)));
    }
    if !found.is_new && !found.replaced {
        let repaired = found.tried.iter().filter(|(_, obstacle)| obstacle.is_none()).map(|(kind, _)| *kind);
        for kind in repaired.filter(|kind| !lasts(*kind) && !found.lacking.contains(kind)) {
            entries.push(Entry::Insert(drift(kind, true, None, Some((now, DriftEnd::Repaired)))));
        }
    }
    if let Some(kind) = found.gone.filter(|kind| lasted.iter().all(|drift| drift.kind != *kind)) {
        entries.push(Entry::Insert(drift(kind, false, None, Some((now, DriftEnd::Replaced)))));
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    const OFF: DriftKind = DriftKind::WaitingRoomOff;

    struct Case {
        ambient: Ambient,
        lacking: BTreeSet<DriftKind>,
        unknown: BTreeSet<DriftKind>,
        tried: Tried,
        put_off: BTreeMap<DriftKind, Obstacle>,
    }

    impl Case {
        fn new(lacking: &[DriftKind], tried: &[(DriftKind, Option<Obstacle>)]) -> Self {
            Self {
                ambient: Ambient::manual(Timestamp::from_seconds(1_000_000), 5).0,
                lacking: lacking.iter().copied().collect(),
                unknown: BTreeSet::new(),
                tried: tried.iter().copied().collect(),
                put_off: BTreeMap::new(),
            }
        }

        fn entries(&self, lasted: &[Drift], gone: Option<DriftKind>) -> Vec<Entry> {
            let found = Found {
                clinic: self.ambient.id(),
                room: self.ambient.id(),
                why: LookFor::Daily,
                asked_at: self.ambient.now(),
                lacking: &self.lacking,
                unknown: &self.unknown,
                tried: &self.tried,
                put_off: &self.put_off,
                replaced: gone.is_some(),
                gone,
                is_new: false,
            };
            entries(&found, lasted, &self.ambient)
        }
    }

    fn lasting(kind: DriftKind) -> Drift {
        let case = Case::new(&[kind], &[(kind, Some(Obstacle::Locked))]);
        match case.entries(&[], None).pop() {
            Some(Entry::Insert(drift)) => drift,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_put_right_at_once_is_kept_as_found_and_repaired() {
        let entries = Case::new(&[], &[(OFF, None)]).entries(&[], None);
        let [Entry::Insert(drift)] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!(
            (drift.kind, drift.tries, drift.ended.map(|(_, how)| how)),
            (OFF, 1, Some(DriftEnd::Repaired))
        );
    }

    #[test]
    fn what_could_not_be_put_right_lasts_with_the_reason_and_each_further_try_is_counted() {
        let drift = lasting(OFF);
        assert_eq!((drift.hindrance.as_deref(), drift.tries, drift.ended), (Some("locked"), 1, None));
        let again =
            Case::new(&[OFF], &[(OFF, Some(Obstacle::Refused))]).entries(slice::from_ref(&drift), None);
        assert_eq!(again, [Entry::Try(drift.id, Obstacle::Refused)]);
        assert_eq!(Case::new(&[OFF], &[]).entries(&[drift], None), [], "what was not tried is not counted");
    }

    #[test]
    fn it_is_told_apart_who_put_it_right() {
        let drift = lasting(OFF);
        let by_us = Case::new(&[], &[(OFF, None)]).entries(slice::from_ref(&drift), None);
        assert_eq!(by_us, [Entry::End(drift.id, DriftEnd::Repaired)]);
        let by_others = Case::new(&[], &[]).entries(slice::from_ref(&drift), None);
        assert_eq!(by_others, [Entry::End(drift.id, DriftEnd::Gone)]);
    }

    #[test]
    fn what_zoom_does_not_tell_neither_begins_nor_ends() {
        let drift = lasting(DriftKind::OthersMayAdmit);
        let mut case = Case::new(&[], &[]);
        case.unknown.insert(DriftKind::OthersMayAdmit);
        assert_eq!(case.entries(&[drift], None), []);
        assert_eq!(case.entries(&[], None), []);
    }

    #[test]
    fn with_the_meeting_everything_that_it_lacked_is_over_and_the_new_ones_lacks_begin() {
        let drift = lasting(OFF);
        let entries = Case::new(&[OFF], &[]).entries(slice::from_ref(&drift), Some(DriftKind::Deleted));
        let [ended, Entry::Insert(new), Entry::Insert(deleted)] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!(ended, &Entry::End(drift.id, DriftEnd::Replaced));
        assert_eq!((new.kind, new.ended), (OFF, None));
        assert_eq!(deleted.kind, DriftKind::Deleted);
        assert_eq!(deleted.ended.map(|(_, how)| how), Some(DriftEnd::Replaced));
    }
}
