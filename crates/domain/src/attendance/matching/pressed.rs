//! Rungs: this attendee pressed Join on their own link for this room moments before, and nobody else could have been
//! meant.
//!
//! Links are forwarded and rooms are entered without them, so a press only says "somebody with this link is about to
//! come". Where names are shown, they tell several presses and arrivals apart. Otherwise a press ties to an arrival
//! only where there is exactly one of each: no second press and no second arrival in reach of the other, not even by
//! way of a third.

mod order;

use std::{collections::BTreeSet, time::Duration};

use super::{
    Level, Press,
    climb::{Climb, Finding, Findings, overlap},
    ladder::Invited,
};
use crate::{
    attendance::{fold::Visit, names::Agreement},
    id::AttendeeId,
    time::Timestamp,
};

/// From pressing Join to being heard of by way of Zoom: the app opens, perhaps asks for a name, perhaps updates.
pub(super) const HEARD_WITHIN: Duration = Duration::from_mins(2);
/// Who has to install Zoom first needs this long. Only the name can tell that they are meant.
pub(super) const HEARD_AT_LAST: Duration = Duration::from_mins(10);
/// Zoom's clock and ours differ, and Zoom's times are whole seconds.
pub(super) const SKEW: Duration = Duration::from_secs(5);
/// Two presses so close together are made at once: who came by which, no name can tell for certain.
const AT_ONCE: Duration = Duration::from_secs(10);

pub(super) fn is_within(press: &Press, visit: &Visit, time: Duration) -> bool {
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
            let mut pressed: Vec<&Invited> = near(climb, visit, HEARD_AT_LAST)
                .filter(|press| !is_doubted(climb, press))
                .filter_map(|press| climb.invited(press.attendee_id).map(|invited| (press, invited)))
                .filter(|(press, invited)| match climb.name_shown(visit, invited) {
                    Agreement::Full | Agreement::Agrees => true,
                    Agreement::Hints | Agreement::ComesFor => in_reach(press, visit),
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
                vec![in_words(climb, visit, first), climb.name_shown(visit, first).in_words().to_owned()];
            // The other of a couple may come by their device, while their own way leads nowhere.
            let is_sure = has_pressed(climb, visit, first.attendee)
                || climb.of_the_appointment(first).all(|other| {
                    climb.has_come(other.attendee, visit) || has_ever_pressed(climb, other.attendee)
                });
            let level = if is_sure { Level::Certain } else { Level::Probable };
            Some((visit, Finding::Is(first, level, reasons)))
        })
        .collect()
}

/// Whether somebody uses a link of their own.
pub(super) fn has_ever_pressed(climb: &Climb<'_>, attendee: AttendeeId) -> bool {
    climb.evidence.presses.iter().any(|press| press.attendee_id == attendee)
}

/// Whether the name fits somebody else who pressed, or who is due and may yet come.
fn may_be_named_otherwise(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb.evidence.invited.iter().any(|other| {
        other.attendee != invited.attendee
            && climb.may_be(visit, other.attendee)
            && (has_pressed(climb, visit, other.attendee)
                || other.is_due(visit.first_at) && may_be_meant(climb, visit, invited, other))
            && climb.name_shown(visit, other).fits()
    })
}

/// Whether another who is due may come by this visit, although the one pressed: not who is there or was for certain, nor
/// the same person at a time that is farther off.
fn may_be_meant(climb: &Climb<'_>, visit: &Visit, invited: &Invited, other: &Invited) -> bool {
    let is_farther = other.person == invited.person
        && other.starts_at.distance(visit.first_at) > invited.starts_at.distance(visit.first_at);
    !is_farther && !climb.has_come(other.attendee, visit)
}

/// Whether somebody else came by this attendee's press under a name that fits as well.
fn has_rival(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb.open().any(|other| {
        other.id != visit.id
            && overlap(other, visit)
            && climb.name_shown(other, invited) <= climb.name_shown(visit, invited)
            && near(climb, other, HEARD_AT_LAST).any(|press| press.attendee_id == invited.attendee)
    })
}

/// Whether somebody other than this one pressed Join moments before and has not been seen to come.
pub(super) fn says_otherwise(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    near(climb, visit, HEARD_WITHIN)
        .any(|press| climb.invited(press.attendee_id).is_some_and(|other| other.person != invited.person))
}

/// Whether somebody else pressed Join at the same moment as this attendee, and had not been seen to come before; or, where
/// this attendee did not press or the name only hints, at any moment before the visit.
pub(super) fn others_pressed_at_once(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    let theirs = latest(climb, visit, invited);
    let is_named = climb.name_shown(visit, invited) <= Agreement::Agrees;
    climb.evidence.presses.iter().any(|press| {
        press.attendee_id != invited.attendee
            && in_reach(press, visit)
            && (!is_named || theirs.is_none_or(|theirs| theirs.distance(press.at) <= AT_ONCE))
            && !climb.evidence.visits.iter().any(|(other, _)| {
                other.id != visit.id
                    && other.first_at <= theirs.unwrap_or(visit.first_at)
                    && climb.is_settled_as(other.id, press.attendee_id)
            })
    })
}

/// Everybody who came in reach of a press.
pub(super) fn alone<'a>(climb: &Climb<'a>) -> Findings<'a> {
    let open: Vec<&Visit> = climb.open().collect();
    // Who was found to be there has used up the press that led there.
    let may_come =
        |press: &Press, visit: &Visit| in_reach(press, visit) && climb.may_be(visit, press.attendee_id);
    let presses: Vec<(&Press, usize)> = unused(climb)
        .map(|press| (press, open.iter().filter(|visit| may_come(press, visit)).count()))
        .collect();
    let forced = order::forced(climb, &open, &presses);
    open.into_iter()
        .filter_map(|visit| {
            let near: Vec<&(&Press, usize)> =
                presses.iter().filter(|(press, _)| may_come(press, visit)).collect();
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
                        in_words(climb, visit, only),
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
    let shown = climb.name_shown(visit, invited);
    // Who was there before may have left the device to the next of the family.
    let has_namesake = climb.due(visit).any(|other| {
        other.attendee != invited.attendee
            && climb.name_shown(visit, other).fits()
            && may_be_meant(climb, visit, invited, other)
            && (shown.fits() || !climb.has_met(other.attendee, visit))
    });
    let mut reasons = vec![in_words(climb, visit, invited)];
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
    let is_sure = near(climb, visit, HEARD_WITHIN)
        .any(|press| press.attendee_id == invited.attendee && !is_doubted(climb, press));
    if shown.fits() && is_sure {
        return Finding::Is(invited, Level::Certain, reasons);
    }
    if shown.fits() {
        reasons.push(
            "a mail scanner may have pressed, since a message with the link had just gone out".to_owned(),
        );
    }
    Finding::Is(invited, Level::Probable, reasons)
}

/// Whether a scanner of mail may have pressed.
pub(super) fn is_doubted(climb: &Climb<'_>, press: &Press) -> bool {
    climb.evidence.doubted.contains(&press.id)
}

fn several<'a>(climb: &Climb<'a>, visit: &'a Visit, invited: &[&'a Invited], pressed: usize) -> Finding<'a> {
    let why = if pressed > 1 {
        "others pressed Join in the same moments"
    } else {
        "others came in the same moments"
    };
    let mut likely: Vec<(&Invited, Vec<String>)> = invited
        .iter()
        .map(|invited| (*invited, vec![in_words(climb, visit, invited), why.to_owned()]))
        .collect();
    likely.sort_by_key(|(invited, _)| {
        (
            !climb.name_shown(visit, invited).fits(),
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

/// Unused presses of those whom this visit may be, so long before it.
fn near<'a, 'c>(
    climb: &'c Climb<'a>,
    visit: &'c Visit,
    time: Duration,
) -> impl Iterator<Item = &'a Press> + 'c {
    unused(climb).filter(move |press| is_within(press, visit, time) && climb.may_be(visit, press.attendee_id))
}

/// Whether anybody whom this visit may be pressed Join moments before, and has not been seen to come.
pub(super) fn is_near_any(climb: &Climb<'_>, visit: &Visit) -> bool {
    near(climb, visit, HEARD_WITHIN).next().is_some()
}

fn is_used_up(climb: &Climb<'_>, press: &Press) -> bool {
    climb.evidence.visits.iter().any(|(visit, _)| {
        is_within(press, visit, HEARD_AT_LAST) && climb.is_settled_as(visit.id, press.attendee_id)
    })
}

fn has_pressed(climb: &Climb<'_>, visit: &Visit, attendee: AttendeeId) -> bool {
    near(climb, visit, HEARD_WITHIN).any(|press| press.attendee_id == attendee)
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

/// By which press they came, and how long after it.
pub(super) fn in_words(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> String {
    let before = latest(climb, visit, invited).map_or(0, |at| visit.first_at.since(at).as_secs());
    match before {
        0 => format!("pressed Join on {}'s own link at that moment", invited.name),
        1..=120 => format!("pressed Join on {}'s own link {before} s before", invited.name),
        _ => format!("pressed Join on {}'s own link {} min before", invited.name, before / 60),
    }
}
