//! Rung: this attendee pressed Join on their own link for this room moments before, and nobody else could have been
//! meant.
//!
//! Links are forwarded and rooms are entered without them, so a press only says "somebody with this link is about to
//! come". It ties to an arrival only where there is exactly one of each: no second press and no second arrival in
//! reach of the other, not even by way of a third. Then the name decides between certain and probable.

use std::{collections::BTreeSet, time::Duration};

use super::{
    Level, Press,
    ladder::{Climb, Finding, Findings, Invited, name_in_words, name_shown},
};
use crate::{
    attendance::{fold::Visit, names::Agreement},
    id::AttendeeId,
    time::Timestamp,
};

/// From pressing Join to being heard of by way of Zoom: the app opens, perhaps asks for a name, perhaps updates.
const HEARD_WITHIN: Duration = Duration::from_mins(2);
/// Zoom's clock and ours differ, and Zoom's times are whole seconds.
const SKEW: Duration = Duration::from_secs(5);

fn in_reach(press: &Press, visit: &Visit) -> bool {
    press.at.minus(SKEW) <= visit.first_at && visit.first_at <= press.at.plus(HEARD_WITHIN)
}

/// Everybody who came in reach of a press.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    let open: Vec<&Visit> = climb.open().collect();
    // Who a person said is there has used up the press that led there.
    let presses: Vec<(&Press, usize)> = climb
        .evidence
        .presses
        .iter()
        .filter(|press| !is_used_up(climb, press))
        .map(|press| (press, open.iter().filter(|visit| in_reach(press, visit)).count()))
        .collect();
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
            let finding = match invited.as_slice() {
                [only] if alone => judge(climb, visit, only),
                _ => several(climb, visit, &invited, attendees.len()),
            };
            Some((visit, finding))
        })
        .collect()
}

/// One press, one arrival: the name decides.
fn judge<'a>(climb: &Climb<'a>, visit: &'a Visit, invited: &'a Invited) -> Finding<'a> {
    let shown = name_shown(visit, invited);
    let has_namesake = climb
        .due(visit)
        .any(|other| other.attendee != invited.attendee && name_shown(visit, other) == Agreement::Agrees);
    let mut reasons = vec![press_in_words(climb, visit, invited)];
    reasons.push(name_in_words(shown).to_owned());
    match (shown, has_namesake) {
        (Agreement::Agrees, false) => Finding::Is(invited, Level::Certain, reasons),
        (Agreement::Differs, true) => {
            // Said again with each candidate.
            reasons.pop();
            Finding::OneOf(vec![(invited, reasons)])
        }
        (_, true) => {
            reasons.push("somebody else whose name agrees is due as well".to_owned());
            Finding::Is(invited, Level::Probable, reasons)
        }
        (_, false) => Finding::Is(invited, Level::Probable, reasons),
    }
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
            name_shown(visit, invited) != Agreement::Agrees,
            latest(climb, visit, invited).map(std::cmp::Reverse),
            invited.attendee,
        )
    });
    Finding::OneOf(likely)
}

/// Before this rung only people have decided: whoever is settled as this attendee now was named by one.
fn is_used_up(climb: &Climb<'_>, press: &Press) -> bool {
    climb
        .evidence
        .visits
        .iter()
        .any(|(visit, _)| in_reach(press, visit) && climb.is_settled_as(visit.id, press.attendee_id))
}

fn latest(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> Option<Timestamp> {
    climb
        .evidence
        .presses
        .iter()
        .filter(|press| press.attendee_id == invited.attendee && in_reach(press, visit))
        .map(|press| press.at)
        .max()
}

fn press_in_words(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> String {
    let before = latest(climb, visit, invited).map_or(0, |at| visit.first_at.since(at).as_secs());
    match before {
        0 => format!("pressed Join on {}'s own link at that moment", invited.name),
        _ => format!("pressed Join on {}'s own link {before} s before", invited.name),
    }
}
