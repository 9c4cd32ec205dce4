//! Several presses and several arrivals in the same moments, where the order leaves only one way: nobody comes by a
//! press that is yet to be made.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{Press, climb::Climb, ladder::Invited},
    in_reach,
};
use crate::{
    attendance::{fold::Visit, names::Agreement},
    id::{AttendeeId, PresenceId},
};

/// Those for whom only one attendee is left, where all presses and all arrivals in reach of one another come out even.
pub(super) fn forced<'a>(
    climb: &Climb<'a>,
    open: &[&'a Visit],
    presses: &[(&'a Press, usize)],
) -> BTreeMap<PresenceId, &'a Invited> {
    let mut may_be: BTreeMap<PresenceId, BTreeSet<AttendeeId>> = BTreeMap::new();
    for visit in open {
        let attendees: BTreeSet<AttendeeId> = presses
            .iter()
            .filter(|(press, _)| in_reach(press, visit) && climb.may_be(visit, press.attendee_id))
            .filter_map(|(press, _)| climb.invited(press.attendee_id))
            .filter(|invited| {
                !matches!(climb.name_shown(visit, invited), Agreement::Differs | Agreement::Family)
            })
            .map(|invited| invited.attendee)
            .collect();
        may_be.insert(visit.id, attendees);
    }
    let mut found = BTreeMap::new();
    while let Some((presence, attendee)) = next(&may_be) {
        may_be.remove(&presence);
        for rest in may_be.values_mut() {
            rest.remove(&attendee);
        }
        found.insert(presence, attendee);
    }
    // One who is left over, of either side, may be any of them.
    let left_over = |presence: &PresenceId| {
        let Some(visit) = open.iter().find(|visit| visit.id == *presence) else { return true };
        let group = group(visit, open, presses);
        group.visits.iter().any(|visit| !found.contains_key(visit))
            || group.attendees.iter().any(|one| !found.values().any(|other| other == one))
    };
    found
        .iter()
        .filter(|(presence, _)| !left_over(presence))
        .filter_map(|(presence, attendee)| climb.invited(*attendee).map(|invited| (*presence, invited)))
        .collect()
}

/// Somebody who can be one attendee only.
fn next(may_be: &BTreeMap<PresenceId, BTreeSet<AttendeeId>>) -> Option<(PresenceId, AttendeeId)> {
    may_be.iter().find_map(|(presence, attendees)| match attendees.len() {
        1 => attendees.first().map(|attendee| (*presence, *attendee)),
        _ => None,
    })
}

#[derive(Default)]
struct Group {
    visits: BTreeSet<PresenceId>,
    attendees: BTreeSet<AttendeeId>,
}

/// All arrivals and presses in reach of one another, by way of others too.
fn group(first: &Visit, open: &[&Visit], presses: &[(&Press, usize)]) -> Group {
    let mut group = Group::default();
    group.visits.insert(first.id);
    loop {
        let before = (group.visits.len(), group.attendees.len());
        for visit in open {
            for (press, _) in presses.iter().filter(|(press, _)| in_reach(press, visit)) {
                if group.visits.contains(&visit.id) || group.attendees.contains(&press.attendee_id) {
                    group.visits.insert(visit.id);
                    group.attendees.insert(press.attendee_id);
                }
            }
        }
        if before == (group.visits.len(), group.attendees.len()) {
            return group;
        }
    }
}
