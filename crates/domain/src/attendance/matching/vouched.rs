//! Rung, the strongest: an id that Zoom vouches for, and of which it is settled whose it is.
//!
//! A registrant's id and an SDK key are given to one attendee alone. A signed-in Zoom user is an account, and a
//! household shares one: it counts where the name does not speak for somebody else, and nobody of the household is due
//! as well.

use std::collections::BTreeSet;

use super::{
    DecidedBy, Level,
    climb::{Climb, Finding, Findings},
    ladder::Invited,
};
use crate::attendance::{fold::Visit, presence::Who};

/// Everybody who carries an id of somebody who was settled for certain.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb.open().filter_map(|visit| finding(climb, visit).map(|finding| (visit, finding))).collect()
}

fn finding<'a>(climb: &Climb<'a>, visit: &'a Visit) -> Option<Finding<'a>> {
    if is_a_colleague(climb, visit) {
        return Some(Finding::Kind(Who::Staff));
    }
    let by_registration = settled(climb, visit, |one, other| {
        share(&one.registrant_ids, &other.registrant_ids) || share(&one.customer_keys, &other.customer_keys)
    });
    if let Some(invited) = the_one(climb, visit, &by_registration) {
        return Some(is(invited, "carries the id that Zoom gave to"));
    }
    let by_account = settled(climb, visit, |one, other| share(&one.zoom_user_ids, &other.zoom_user_ids));
    let invited = the_one(climb, visit, &by_account)?;
    let speaks_for_another = climb
        .others_due(invited, visit)
        .any(|other| climb.name_shown(visit, other).fits() || other.appointment == invited.appointment);
    let name = climb.name_shown(visit, invited);
    (!speaks_for_another && (name.fits() || name.is_silent()))
        .then(|| is(invited, "is signed in to Zoom as the same user as before:"))
}

fn is<'a>(invited: &'a Invited, why: &str) -> Finding<'a> {
    Finding::Is(invited, Level::Certain, vec![format!("{why} {}", invited.name)])
}

/// Whether the same id was found to be a colleague's. What is said of a guest is not carried on: families share accounts.
fn is_a_colleague(climb: &Climb<'_>, visit: &Visit) -> bool {
    climb.evidence.visits.iter().any(|(other, _)| {
        share(&visit.zoom_user_ids, &other.zoom_user_ids)
            && climb.answer(other.id).is_some_and(|answer| answer.who == Who::Staff)
    })
}

/// Those of whom it is certain that the id is theirs.
fn settled<'a>(climb: &Climb<'a>, visit: &Visit, same: impl Fn(&Visit, &Visit) -> bool) -> Vec<&'a Invited> {
    climb
        .evidence
        .visits
        .iter()
        .filter(|(other, _)| other.id != visit.id && same(visit, other))
        .filter_map(|(other, _)| climb.answer(other.id)?.matched.as_ref())
        .filter(|matched| matched.level == Level::Certain || matched.decided_by == DecidedBy::Person)
        .filter_map(|matched| climb.invited(matched.attendee))
        .collect()
}

/// The appointment of that one person that is meant: the one that is due and nearest.
fn the_one<'a>(climb: &Climb<'a>, visit: &'a Visit, settled: &[&'a Invited]) -> Option<&'a Invited> {
    let first = settled.first()?;
    if settled.iter().any(|other| other.person != first.person) {
        return None;
    }
    let mut theirs: Vec<&Invited> = climb.due(visit).filter(|due| due.person == first.person).collect();
    theirs.sort_by_key(|due| (due.starts_at.distance(visit.first_at), due.attendee));
    match theirs.as_slice() {
        [only] => Some(only),
        // Two visits of one person at once: which is meant, the id does not say.
        _ => None,
    }
}

fn share(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    !one.is_disjoint(other)
}
