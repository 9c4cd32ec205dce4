//! Rung: somebody calls by telephone, from a number that is on file.
//!
//! Families share a telephone, and numbers can be forged: it is never more than probable.

use std::collections::BTreeSet;

use super::{
    Level,
    climb::{Climb, Finding, Findings},
    ladder::Invited,
};
use crate::{attendance::fold::Visit, text::Phone};

/// So many last digits are the same where one number is written with the country and the other without.
const DIGITS: usize = 9;

/// Everybody who calls from the number of somebody who is due and has not come.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb.open().filter_map(|visit| finding(climb, visit).map(|finding| (visit, finding))).collect()
}

fn finding<'a>(climb: &Climb<'a>, visit: &'a Visit) -> Option<Finding<'a>> {
    let mut due: Vec<&Invited> = climb
        .due(visit)
        .filter(|invited| invited.phone.as_ref().is_some_and(|phone| calls_from(visit, phone)))
        .filter(|invited| climb.is_missing(invited.attendee, visit))
        .collect();
    due.sort_by_key(|invited| (invited.starts_at.distance(visit.first_at), invited.attendee));
    let first = *due.first()?;
    let people: BTreeSet<&str> = due.iter().map(|invited| invited.person.as_str()).collect();
    let others_of_it = climb
        .of_the_appointment(first)
        .any(|other| climb.is_missing(other.attendee, visit) && other.phone.is_none());
    if people.len() == 1 && !others_of_it {
        let why = format!("calls from {}'s telephone number", first.name);
        return Some(Finding::Is(first, Level::Probable, vec![why]));
    }
    let why = "calls from a telephone number that is theirs, or their family's".to_owned();
    Some(Finding::OneOf(due.into_iter().map(|invited| (invited, vec![why.clone()])).collect()))
}

/// Whether a leg's number is this one. Of a masked number nothing can be said.
fn calls_from(visit: &Visit, phone: &Phone) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<Vec<char>>();
    let known = digits(phone.as_str());
    visit.phones.iter().filter(|shown| !shown.contains('*')).any(|shown| {
        let shown = digits(shown);
        let last = |digits: &[char]| {
            digits.iter().rev().take(shown.len().min(known.len())).copied().collect::<Vec<_>>()
        };
        shown.len().min(known.len()) >= DIGITS && last(&shown) == last(&known)
    })
}
