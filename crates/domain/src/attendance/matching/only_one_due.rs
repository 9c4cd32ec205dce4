//! Rung, the weakest: only one attendee is due in this room around now, and is not there yet.
//!
//! It says nothing about the person who came, so it is never more than probable; and where Zoom shows a name that
//! cannot be read as the attendee's, it is not even that.

use std::time::Duration;

use super::{
    Level,
    climb::{Climb, Finding, Findings, overlap},
    ladder::Invited,
};
use crate::attendance::{fold::Visit, names::Agreement};

/// Who shows no name at all is believed to be early by this much only: before, it may be anybody with an old link.
const NAMELESS_EARLY: Duration = Duration::from_mins(12);

/// And late by this much only.
const NAMELESS_LATE: Duration = Duration::from_mins(6);

/// Everybody who is still open: the only one due, or whoever may be meant.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    let open: Vec<(&Visit, Option<&Invited>)> =
        climb.open().map(|visit| (visit, only_one_missing(climb, visit))).collect();
    open.iter()
        .map(|(visit, only)| {
            let finding = match only {
                Some(only) if !is_contested(climb, &open, visit, only) => {
                    Finding::Is(only, Level::Probable, reasons(climb, visit, only))
                }
                Some(only) => {
                    let others = "others came of whom nothing is known either".to_owned();
                    Finding::OneOf(vec![(*only, vec![others])])
                }
                None => Finding::OneOf(Vec::new()),
            };
            (*visit, finding)
        })
        .collect()
}

fn only_one_missing<'a>(climb: &Climb<'a>, visit: &'a Visit) -> Option<&'a Invited> {
    let mut missing = climb.due(visit).filter(|invited| climb.is_missing(invited.attendee, visit));
    let only = missing.next()?;
    let shown = climb.name_shown(visit, only);
    let in_time = shown.fits()
        || only.starts_at.minus(NAMELESS_EARLY) <= visit.first_at
            && visit.first_at <= only.starts_at.plus(NAMELESS_LATE);
    (missing.next().is_none() && shown != Agreement::Differs && in_time).then_some(only)
}

/// Whether somebody else in the room may as well be meant.
fn is_contested(
    climb: &Climb<'_>,
    open: &[(&Visit, Option<&Invited>)],
    visit: &Visit,
    only: &Invited,
) -> bool {
    let agrees = |visit: &Visit| climb.name_shown(visit, only).fits();
    open.iter()
        .filter(|(other, theirs)| {
            other.id != visit.id
                && overlap(other, visit)
                && theirs.is_some_and(|theirs| theirs.attendee == only.attendee)
        })
        .any(|(other, _)| !agrees(visit) || agrees(other))
}

fn reasons(climb: &Climb<'_>, visit: &Visit, only: &Invited) -> Vec<String> {
    let mut reasons = vec!["the only one due in this room around now".to_owned()];
    reasons.push(climb.name_shown(visit, only).in_words().to_owned());
    reasons
}
