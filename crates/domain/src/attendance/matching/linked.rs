//! Rung: somebody came by the link of an attendee, as an id, a preset name or an address says.
//!
//! It is known then whose link it was, and the question is left who holds it: links are forwarded within couples and to
//! those who come along. So the name may speak against it, and where nobody's name is shown, it is certain only once
//! all others of the appointment have shown that they use links of their own.

use super::{
    Level,
    climb::{Climb, Finding, Findings, overlap},
    ladder::Invited,
    links::{AROUND, Sign},
    pressed, ripened,
};
use crate::attendance::{fold::Visit, names::Agreement, presence::Who};

/// Everybody who came under an id of registration or a preset name.
pub(super) fn vouched<'a>(climb: &Climb<'a>) -> Findings<'a> {
    found(climb, |sign| sign != Sign::Address)
}

/// Everybody who came from the address of one press alone.
pub(super) fn by_address<'a>(climb: &Climb<'a>) -> Findings<'a> {
    found(climb, |sign| sign == Sign::Address)
}

fn found<'a>(climb: &Climb<'a>, takes: fn(Sign) -> bool) -> Findings<'a> {
    climb
        .open()
        .filter_map(|visit| {
            let (owner, sign) = climb.link(visit).filter(|(_, sign)| takes(*sign))?;
            let invited = climb.invited(owner).filter(|_| climb.may_be(visit, owner))?;
            Some((visit, finding(climb, visit, invited, sign)))
        })
        .collect()
}

fn finding<'a>(climb: &Climb<'a>, visit: &'a Visit, invited: &'a Invited, sign: Sign) -> Finding<'a> {
    let by_link = in_words(climb, visit, invited, sign);
    let shown = climb.name_shown(visit, invited);
    let in_time = invited.expected
        && invited.starts_at.minus(AROUND) <= visit.first_at
        && visit.first_at <= invited.ends_at.plus(AROUND);
    if !in_time {
        let theirs = climb.due(visit).find(|other| other.person == invited.person);
        let why = format!("{by_link} of another appointment");
        return match theirs {
            Some(due) if shown.fits() || shown.is_silent() => Finding::Is(due, Level::Probable, vec![why]),
            _ => Finding::OneOf(vec![(invited, vec![why])]),
        };
    }
    let otherwise: Vec<&Invited> = climb
        .others_due(invited, visit)
        .filter(|other| climb.name_shown(visit, other).fits() && !climb.has_come(other.attendee, visit))
        .collect();
    if let Some(rival) = rival(climb, visit, invited) {
        let why = format!("{rival} by the same link at the same time");
        let mut likely = vec![(invited, vec![by_link.clone(), why.clone()])];
        likely.extend(otherwise.iter().map(|other| (*other, vec![why.clone()])));
        return Finding::OneOf(likely);
    }
    let reasons = vec![by_link.clone(), shown.in_words().to_owned()];
    if shown.fits() {
        // The link tells namesakes apart, but for those who may have been given it.
        let is_sure = !otherwise.iter().any(|other| is_near(other, invited));
        return Finding::Is(invited, if is_sure { Level::Certain } else { Level::Probable }, reasons);
    }
    match otherwise.as_slice() {
        [] => {}
        [other] if other.appointment == invited.appointment => {
            let why = format!("{by_link}, under a name like {}", other.name);
            return Finding::Is(other, Level::Probable, vec![why]);
        }
        others => {
            let mut likely = vec![(invited, vec![by_link.clone()])];
            likely.extend(others.iter().map(|other| (*other, vec![by_link.clone()])));
            return Finding::OneOf(likely);
        }
    }
    let is_sure = shown.is_silent()
        && !is_used_by_others(climb, visit, invited)
        && climb.of_the_appointment(invited).all(|other| uses_an_own_link(climb, visit, other))
        && ripened::time_has_come(climb, invited)
        && match sign {
            Sign::Registered => true,
            // Anybody may keep a name, or type it.
            Sign::Preset => ripened::all_have_come(climb, visit, invited),
            Sign::Address => false,
        };
    Finding::Is(invited, if is_sure { Level::Certain } else { Level::Probable }, reasons)
}

/// Whether a link is likely to be given from one to the other.
fn is_near(one: &Invited, other: &Invited) -> bool {
    let family =
        |invited: &Invited| invited.name.as_str().split_whitespace().next_back().map(str::to_lowercase);
    one.appointment == other.appointment || one.person != other.person && family(one) == family(other)
}

/// Somebody else who came by the same link and is there at once, unless names tell the two apart.
fn rival(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> Option<&'static str> {
    let shown = climb.name_shown(visit, invited);
    let others = climb.evidence.visits.iter().filter(|(other, who)| {
        other.id != visit.id
            && *who == Who::Visitor
            && overlap(other, visit)
            && climb.link(other).is_some_and(|(owner, _)| owner == invited.attendee)
            && climb.answer(other.id).is_none_or(|answer| {
                answer.who == Who::Visitor
                    && answer.matched.as_ref().is_none_or(|matched| matched.attendee == invited.attendee)
            })
    });
    let mut unlike = others.filter(|(other, _)| !shown.fits() || climb.name_shown(other, invited).fits());
    unlike.next().map(|_| "somebody else came")
}

/// Whether the link is known to have been used by somebody else today.
fn is_used_by_others(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb.evidence.visits.iter().any(|(other, _)| {
        other.id != visit.id
            && climb.link(other).is_some_and(|(owner, _)| owner == invited.attendee)
            && (climb.answer(other.id).is_some_and(|answer| {
                answer.who != Who::Visitor
                    || answer.matched.as_ref().is_some_and(|matched| matched.attendee != invited.attendee)
            }) || matches!(climb.name_shown(other, invited), Agreement::Differs | Agreement::Family))
    })
}

/// Whether another of the appointment came, or is about to come, by a link of their own.
fn uses_an_own_link(climb: &Climb<'_>, visit: &Visit, other: &Invited) -> bool {
    climb.has_come(other.attendee, visit)
        || climb.is_there_beside(other.attendee, visit)
        || pressed::has_ever_pressed(climb, other.attendee)
        || climb.evidence.visits.iter().any(|(one, _)| {
            one.id != visit.id && climb.link(one).is_some_and(|(owner, _)| owner == other.attendee)
        })
}

fn in_words(climb: &Climb<'_>, visit: &Visit, invited: &Invited, sign: Sign) -> String {
    let name = &invited.name;
    let pressed = pressed::latest(climb, visit, invited).map(|_| pressed::in_words(climb, visit, invited));
    match (sign, pressed) {
        (Sign::Registered, _) => format!("came by {name}'s own registered link"),
        (Sign::Preset, _) => format!("came under the name that {name}'s own link presets"),
        (Sign::Address, Some(pressed)) => format!("{pressed}, from the same address"),
        (Sign::Address, None) => format!("came from the address of {name}'s own link"),
    }
}
