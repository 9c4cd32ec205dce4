//! Rungs: this attendee pressed Join on their own link for this room moments before, and nobody else could have been
//! meant.
//!
//! Links are forwarded and rooms are entered without them, so a press only says "somebody with this link is about to
//! come". Where names are shown, they tell several presses and arrivals apart. Otherwise a press ties to an arrival
//! only where there is exactly one of each: no second press and no second arrival in reach of the other, not even by
//! way of a third.
//!
//! A person who shows no name is certain only once the press has ripened: all the time in which somebody may come by
//! it is over, nobody else came, nobody pressed again, and nobody else is missing. Until then, probable.

mod order;

use std::{collections::BTreeSet, time::Duration};

use super::{
    DecidedBy, Level, Press,
    ladder::{Climb, Evidence, Finding, Findings, Invited, name_shown, overlap},
};
use crate::{
    attendance::{fold::Visit, names::Agreement, presence::Who},
    id::AttendeeId,
    time::Timestamp,
};

/// From pressing Join to being heard of by way of Zoom: the app opens, perhaps asks for a name, perhaps updates.
const HEARD_WITHIN: Duration = Duration::from_mins(2);
/// Who has to install Zoom first needs this long. Only the name can tell that they are meant.
const HEARD_AT_LAST: Duration = Duration::from_mins(10);
/// Zoom's clock and ours differ, and Zoom's times are whole seconds.
const SKEW: Duration = Duration::from_secs(5);
/// Most have come by this time before the start. Had somebody else come early by a forwarded link, its owner would have
/// pressed it too by now.
const TIME_HAS_COME: Duration = Duration::from_mins(3);

fn is_within(press: &Press, visit: &Visit, time: Duration) -> bool {
    press.at.minus(SKEW) <= visit.first_at && visit.first_at <= press.at.plus(time)
}

pub(super) fn in_reach(press: &Press, visit: &Visit) -> bool {
    is_within(press, visit, HEARD_WITHIN)
}

/// Those who came by a press and whose name says that it was theirs.
pub(super) fn by_name<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb
        .open()
        .filter_map(|visit| {
            let mut pressed: Vec<&Invited> = unused(climb)
                .filter(|press| is_within(press, visit, HEARD_AT_LAST))
                .filter_map(|press| climb.invited(press.attendee_id).map(|invited| (press, invited)))
                .filter(|(press, invited)| match name_shown(visit, invited) {
                    Agreement::Full | Agreement::Agrees => true,
                    Agreement::Hints => in_reach(press, visit),
                    _ => false,
                })
                .map(|(_, invited)| invited)
                .collect();
            pressed.dedup_by_key(|invited| invited.attendee);
            let first = *pressed.first()?;
            if pressed.iter().any(|other| other.attendee != first.attendee)
                || may_be_named_otherwise(climb, visit, first)
                || !has_pressed(climb, visit, first.attendee) && says_otherwise(climb, visit, first)
                || has_rival(climb, visit, first)
            {
                return None;
            }
            let reasons =
                vec![press_in_words(climb, visit, first), name_shown(visit, first).in_words().to_owned()];
            Some((visit, Finding::Is(first, Level::Certain, reasons)))
        })
        .collect()
}

/// Whether the name fits somebody else who is due, or who pressed.
fn may_be_named_otherwise(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb.evidence.invited.iter().any(|other| {
        other.attendee != invited.attendee
            && (other.is_due(visit.first_at) || has_pressed(climb, visit, other.attendee))
            && name_shown(visit, other).fits()
    })
}

/// Whether somebody else came by this attendee's press under a name that fits as well.
fn has_rival(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb.open().any(|other| {
        other.id != visit.id
            && overlap(other, visit)
            && name_shown(other, invited) <= name_shown(visit, invited)
            && unused(climb)
                .any(|press| press.attendee_id == invited.attendee && is_within(press, other, HEARD_AT_LAST))
    })
}

/// Whether somebody other than this one pressed Join moments before and has not been seen to come.
pub(super) fn says_otherwise(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    unused(climb).any(|press| {
        in_reach(press, visit)
            && climb.invited(press.attendee_id).is_some_and(|other| other.person != invited.person)
    })
}

/// Everybody who came in reach of a press.
pub(super) fn alone<'a>(climb: &Climb<'a>) -> Findings<'a> {
    let open: Vec<&Visit> = climb.open().collect();
    // Who was found to be there has used up the press that led there.
    let presses: Vec<(&Press, usize)> = unused(climb)
        .map(|press| (press, open.iter().filter(|visit| in_reach(press, visit)).count()))
        .collect();
    let forced = order::forced(climb, &open, &presses);
    open.into_iter()
        .filter_map(|visit| {
            let near: Vec<&(&Press, usize)> =
                presses.iter().filter(|(press, _)| in_reach(press, visit)).collect();
            let attendees: BTreeSet<AttendeeId> = near.iter().map(|(press, _)| press.attendee_id).collect();
            if attendees.is_empty() {
                return None;
            }
            let alone = attendees.len() == 1 && near.iter().all(|(_, arrivals)| *arrivals == 1);
            let invited: Vec<&Invited> =
                attendees.iter().filter_map(|attendee| climb.invited(*attendee)).collect();
            let finding = match (invited.as_slice(), forced.get(&visit.id)) {
                ([only], _) if alone => judge(climb, visit, only),
                (_, Some(only)) => Finding::Is(
                    only,
                    Level::Probable,
                    vec![
                        press_in_words(climb, visit, only),
                        "others pressed Join, but the order of pressing and coming leaves no other way"
                            .to_owned(),
                    ],
                ),
                _ => several(climb, visit, &invited, attendees.len()),
            };
            Some((visit, finding))
        })
        .collect()
}

/// One press, one arrival: the name decides, or time.
fn judge<'a>(climb: &Climb<'a>, visit: &'a Visit, invited: &'a Invited) -> Finding<'a> {
    let shown = name_shown(visit, invited);
    let has_namesake =
        climb.due(visit).any(|other| other.attendee != invited.attendee && name_shown(visit, other).fits());
    let mut reasons = vec![press_in_words(climb, visit, invited)];
    reasons.push(shown.in_words().to_owned());
    if has_namesake && !shown.fits() {
        // Said again with each candidate.
        reasons.pop();
        return Finding::OneOf(vec![(invited, reasons)]);
    }
    if has_namesake {
        reasons.push("somebody else whose name agrees is due as well".to_owned());
        return Finding::Is(invited, Level::Probable, reasons);
    }
    if shown.fits() {
        return Finding::Is(invited, Level::Certain, reasons);
    }
    Finding::Is(invited, Level::Probable, reasons)
}

/// Those who came by a press alone and show no name, once the press has ripened. Asked when it is known who came by the
/// other presses.
pub(super) fn ripened<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb
        .evidence
        .visits
        .iter()
        .filter_map(|(visit, _)| {
            let matched = climb.answer(visit.id)?.matched.as_ref()?;
            let invited = climb.invited(matched.attendee)?;
            let is_ripe = matched.level == Level::Probable
                && matched.decided_by == DecidedBy::Rule
                && name_shown(visit, invited).is_silent()
                && has_ripened(climb, visit, invited);
            let mut reasons = matched.reasons.clone();
            reasons.push("nobody else came, and nobody else is missing".to_owned());
            is_ripe.then_some((visit, Finding::Is(invited, Level::Certain, reasons)))
        })
        .collect()
}

/// Whether nobody else can come by the press any more, and nobody else is missing who may have come without one.
fn has_ripened(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    let theirs = || climb.evidence.presses.iter().filter(|press| press.attendee_id == invited.attendee);
    let Some(last) = theirs().filter(|press| in_reach(press, visit)).map(|press| press.at).max() else {
        return false;
    };
    let pressed_again = theirs()
        .any(|press| press.at > visit.first_at.plus(SKEW) && press.at <= visit.first_at.plus(HEARD_AT_LAST));
    let somebody_else_came = climb.evidence.visits.iter().any(|(other, _)| {
        other.id != visit.id
            && overlap(other, visit)
            && other.was_heard_to_come
            && theirs().any(|press| is_within(press, other, HEARD_AT_LAST))
            && climb
                .answer(other.id)
                .is_none_or(|answer| answer.who == Who::Visitor && answer.matched.is_none())
    });
    let others_pressed = climb
        .evidence
        .presses
        .iter()
        .any(|press| press.attendee_id != invited.attendee && in_reach(press, visit));
    climb.known_until >= last.plus(HEARD_WITHIN)
        && climb.known_until >= invited.starts_at.minus(TIME_HAS_COME)
        && invited.is_due(visit.first_at)
        && !pressed_again
        && !somebody_else_came
        && !others_pressed
        && !climb.others_due(invited, visit).any(|other| climb.is_missing(other.attendee, visit))
}

/// The moments at which time alone may ripen somebody's press.
pub(super) fn moments<'e>(evidence: &'e Evidence<'_>) -> impl Iterator<Item = Timestamp> + 'e {
    let presses = evidence.presses.iter().filter(|press| {
        evidence.visits.iter().any(|(visit, who)| *who == Who::Visitor && in_reach(press, visit))
    });
    presses.flat_map(|press| {
        let invited = evidence.invited.iter().find(|invited| invited.attendee == press.attendee_id);
        let time_has_come = invited.map(|invited| invited.starts_at.minus(TIME_HAS_COME));
        [Some(press.at.plus(HEARD_WITHIN)), time_has_come].into_iter().flatten()
    })
}

fn several<'a>(climb: &Climb<'a>, visit: &'a Visit, invited: &[&'a Invited], pressed: usize) -> Finding<'a> {
    let why = if pressed > 1 {
        "others pressed Join in the same moments"
    } else {
        "others came in the same moments"
    };
    let mut likely: Vec<(&Invited, Vec<String>)> = invited
        .iter()
        .map(|invited| (*invited, vec![press_in_words(climb, visit, invited), why.to_owned()]))
        .collect();
    likely.sort_by_key(|(invited, _)| {
        (
            !name_shown(visit, invited).fits(),
            latest(climb, visit, invited).map(std::cmp::Reverse),
            invited.attendee,
        )
    });
    Finding::OneOf(likely)
}

/// Presses by which nobody has been found to come yet, in order.
fn unused<'a, 'c>(climb: &'c Climb<'a>) -> impl Iterator<Item = &'a Press> + 'c {
    climb.evidence.presses.iter().filter(|press| !is_used_up(climb, press))
}

fn is_used_up(climb: &Climb<'_>, press: &Press) -> bool {
    climb.evidence.visits.iter().any(|(visit, _)| {
        is_within(press, visit, HEARD_AT_LAST) && climb.is_settled_as(visit.id, press.attendee_id)
    })
}

fn has_pressed(climb: &Climb<'_>, visit: &Visit, attendee: AttendeeId) -> bool {
    unused(climb).any(|press| press.attendee_id == attendee && in_reach(press, visit))
}

pub(super) fn latest(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> Option<Timestamp> {
    climb
        .evidence
        .presses
        .iter()
        .filter(|press| press.attendee_id == invited.attendee && is_within(press, visit, HEARD_AT_LAST))
        .map(|press| press.at)
        .max()
}

fn press_in_words(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> String {
    let before = latest(climb, visit, invited).map_or(0, |at| visit.first_at.since(at).as_secs());
    match before {
        0 => format!("pressed Join on {}'s own link at that moment", invited.name),
        1..=120 => format!("pressed Join on {}'s own link {before} s before", invited.name),
        _ => format!("pressed Join on {}'s own link {} min before", invited.name, before / 60),
    }
}
