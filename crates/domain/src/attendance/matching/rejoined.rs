//! Rung: somebody who left moments ago is back, under new ids.
//!
//! Zoom gives new ids on every return. The same name, account or address within moments keeps what was settled, where
//! nobody else fits: a household shares a name's half, a device and an address.

use std::time::Duration;

use super::{
    Level,
    climb::{Climb, Finding, Findings, end},
    ladder::{Evidence, Invited},
    pressed,
};
use crate::attendance::{
    fold::Visit,
    names::{self, Agreement},
    presence::Who,
};

/// Who comes back after a drop does so within this time.
pub(super) const WITHIN: Duration = Duration::from_mins(4);
/// "Left" of a program that was killed is said this much after it was gone.
const TOLD_LATE: Duration = Duration::from_secs(5);

/// Everybody who left moments ago.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb.open().filter_map(|visit| finding(climb, visit).map(|finding| (visit, finding))).collect()
}

fn finding<'a>(climb: &Climb<'a>, visit: &'a Visit) -> Option<Finding<'a>> {
    let (before, same) = comes_back_from(climb.evidence, visit)?;
    let answer = climb.answer(before.id)?;
    if matches!(answer.who, Who::Guest | Who::Interpreter) {
        return stays_what_they_were(climb, visit).then_some(Finding::Kind(answer.who));
    }
    let matched = answer.matched.as_ref()?;
    let invited = climb.invited(matched.attendee).filter(|invited| climb.may_be(visit, invited.attendee))?;
    let name = climb.name_shown(visit, invited);
    if pressed::says_otherwise(climb, visit, invited)
        || !(name.fits() || name.is_silent() || before.names == visit.names)
    {
        return None;
    }
    // Another appointment of the same person counts as well.
    let others: Vec<&Invited> = climb
        .due(visit)
        .filter(|other| other.attendee != invited.attendee && climb.is_missing(other.attendee, visit))
        .collect();
    if others.iter().any(|other| climb.name_shown(visit, other).fits()) {
        return None;
    }
    // Without a name it may be anybody; and a family's tablet keeps the name of whoever typed it first.
    let nobody_else = name.fits()
        && others.iter().all(|other| {
            climb.name_shown(visit, other) == Agreement::Differs && other.appointment != invited.appointment
        });
    if !name.fits() && !others.is_empty() {
        return None;
    }
    let level = if nobody_else { matched.level } else { Level::Probable };
    let gone = end(before).map_or(0, |end| visit.first_at.since(end).as_secs());
    let reasons =
        vec![format!("{} left {gone} s before, and {same}", invited.name), name.in_words().to_owned()];
    Some(Finding::Is(invited, level, reasons))
}

/// Whether nothing speaks against somebody being a guest or an interpreter still: no press, and no name of a patient's.
fn stays_what_they_were(climb: &Climb<'_>, visit: &Visit) -> bool {
    climb.link(visit).is_none()
        && !pressed::is_near_any(climb, visit)
        && !climb.due(visit).any(|due| climb.name_shown(visit, due).fits())
}

/// The one visit from which somebody comes back, and what is the same.
pub(super) fn comes_back_from<'a>(
    evidence: &Evidence<'a>,
    visit: &Visit,
) -> Option<(&'a Visit, &'static str)> {
    let mut like = evidence
        .visits
        .iter()
        .map(|(other, _)| other)
        .filter(|other| other.id != visit.id && other.first_at < visit.first_at && left_before(other, visit))
        .filter_map(|other| what_is_the_same(other, visit).map(|same| (other, same)));
    like.next().filter(|_| like.next().is_none())
}

fn left_before(other: &Visit, visit: &Visit) -> bool {
    end(other).is_some_and(|end| end.minus(TOLD_LATE) <= visit.first_at && visit.first_at <= end.plus(WITHIN))
}

fn what_is_the_same(other: &Visit, visit: &Visit) -> Option<&'static str> {
    let name = |visit: &Visit| visit.shown_name.as_deref().map(names::key).unwrap_or_default();
    if !other.zoom_user_ids.is_disjoint(&visit.zoom_user_ids) {
        return Some("the Zoom account is the same");
    }
    let one_address = !other.public_ips.is_disjoint(&visit.public_ips);
    match (name(other) == name(visit), name(visit).is_empty(), one_address) {
        (true, false, true) => Some("the name and the address are the same"),
        (true, false, false) => Some("the name shown is the same"),
        (_, _, true) if name(other).is_empty() || name(visit).is_empty() => Some("the address is the same"),
        _ => None,
    }
}
