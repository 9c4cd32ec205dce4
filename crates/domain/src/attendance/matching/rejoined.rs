//! Rung: somebody who left moments ago is back, under new ids.
//!
//! Zoom gives new ids on every return. The same name, account or address within moments keeps what was settled, where
//! nobody else fits: a household shares a name's half, a device and an address.

use std::time::Duration;

use super::{
    Level,
    ladder::{Climb, Finding, Findings, Invited, end, name_shown},
    pressed,
};
use crate::attendance::{
    fold::Visit,
    names::{self, Agreement},
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
    let left: Vec<&Visit> = climb
        .evidence
        .visits
        .iter()
        .map(|(other, _)| other)
        .filter(|other| other.id != visit.id && other.first_at < visit.first_at && left_before(other, visit))
        .collect();
    let like: Vec<(&Visit, &'static str)> = left
        .into_iter()
        .filter_map(|other| what_is_the_same(other, visit).map(|same| (other, same)))
        .collect();
    let [(before, same)] = like.as_slice() else { return None };
    let matched = climb.answer(before.id)?.matched.as_ref()?;
    let invited = climb.invited(matched.attendee)?;
    let name = name_shown(visit, invited);
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
    if others.iter().any(|other| name_shown(visit, other).fits()) {
        return None;
    }
    // Without a name it may be anybody; and a family's tablet keeps the name of whoever typed it first.
    let nobody_else = name.fits()
        && others.iter().all(|other| {
            name_shown(visit, other) == Agreement::Differs && other.appointment != invited.appointment
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
