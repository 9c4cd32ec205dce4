//! Rungs: the name shown, against those due in this room around now.
//!
//! A name is typed by anybody at all, and devices are shared in families. So it is certain only where it is whole, where
//! nobody else of the day could be meant by it, where nobody of the same family or appointment is expected, and where
//! no press of Join says otherwise. All else is probable, or a question.

use std::time::Duration;

use super::{
    Level,
    climb::{Climb, Finding, Findings, overlap},
    ladder::Invited,
    pressed, words,
};
use crate::attendance::{fold::Visit, names::Agreement};

/// Who comes by the whole name may be so early, or so late.
const AROUND: Duration = Duration::from_hours(2);

/// Whoever is certain by the name alone.
pub(super) fn strictly<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb
        .open()
        .filter_map(|visit| {
            let only = climb.due(visit).find(|invited| is_strict(climb, visit, invited))?;
            let reasons = vec![format!("named in full like {} and like nobody else of the day", only.name)];
            Some((visit, Finding::Is(only, Level::Certain, reasons)))
        })
        .collect()
}

fn is_strict(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    let may_be_another = |other: &Invited| {
        let shown = climb.name_shown(visit, other);
        shown.fits() || other.is_due(visit.first_at) && shown == Agreement::Family
    };
    climb.name_shown(visit, invited) == Agreement::Full
        && climb.is_missing(invited.attendee, visit)
        && !climb.evidence.invited.iter().any(|other| {
            other.attendee != invited.attendee
                // One whose appointment was cancelled may not have heard of it.
                && (other.expected || other.person != invited.person)
                && climb.may_be(visit, other.attendee)
                && (may_be_another(other)
                    || other.appointment == invited.appointment
                        && !climb.is_there_beside(other.attendee, visit))
        })
        && !pressed::says_otherwise(climb, visit, invited)
        && !has_rival(climb, visit, invited)
}

/// Whether somebody else who is open may be meant by the name as well.
fn has_rival(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    climb
        .open()
        .any(|other| other.id != visit.id && overlap(other, visit) && climb.name_shown(other, invited).fits())
}

/// Whoever is probable by the name, or a question between those who share it.
pub(super) fn probably<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb.open().filter_map(|visit| finding(climb, visit).map(|finding| (visit, finding))).collect()
}

fn finding<'a>(climb: &Climb<'a>, visit: &'a Visit) -> Option<Finding<'a>> {
    let fits = |invited: &&Invited| {
        !climb.is_there_beside(invited.attendee, visit) && climb.name_shown(visit, invited).fits()
    };
    let mut meant: Vec<&Invited> = climb.due(visit).filter(fits).collect();
    if meant.is_empty() {
        meant = climb
            .evidence
            .invited
            .iter()
            .filter(|invited| climb.may_be(visit, invited.attendee))
            .filter(|invited| invited.expected && climb.name_shown(visit, invited) == Agreement::Full)
            .filter(|invited| {
                invited.starts_at.minus(AROUND) <= visit.first_at
                    && visit.first_at <= invited.ends_at.plus(AROUND)
            })
            .filter(fits)
            .collect();
    }
    // Of two appointments of one person the nearest that has not taken place.
    meant.sort_by_key(|invited| {
        (
            !climb.is_missing(invited.attendee, visit),
            invited.starts_at.distance(visit.first_at),
            invited.starts_at,
            invited.attendee,
        )
    });
    let first = *meant.first()?;
    let named_like = format!("named like {}", first.name);
    let says_otherwise = pressed::says_otherwise(climb, visit, first);
    if meant.iter().all(|other| other.person == first.person) && !says_otherwise {
        // The one whose name is whole stands before one who is only hinted at.
        let better = |other: &Visit| climb.name_shown(other, first) <= climb.name_shown(visit, first);
        let contested = climb.open().any(|other| {
            other.id != visit.id
                && overlap(other, visit)
                && climb.name_shown(other, first).fits()
                && better(other)
        });
        if !contested {
            let shown = climb.name_shown(visit, first).in_words().to_owned();
            return Some(Finding::Is(first, Level::Probable, vec![named_like, shown]));
        }
    }
    let why = match (says_otherwise, meant.len()) {
        (true, _) => "somebody else pressed Join moments before".to_owned(),
        (false, 1) => "others came under a name that fits".to_owned(),
        (false, many) => format!(
            "named like {} people due: {}",
            words::how_many(many),
            words::with_times(&meant, climb.evidence.zone)
        ),
    };
    Some(Finding::OneOf(meant.into_iter().map(|invited| (invited, vec![why.clone()])).collect()))
}
