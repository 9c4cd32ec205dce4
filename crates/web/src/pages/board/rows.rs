//! One row of the board: an appointment, somebody in a room whom nobody knows yet, or somebody whom the desk has marked.

mod hand_out;
mod stranger;
mod visit;
mod why;

use domain::{
    AttendeeId, StaffId,
    appointment::{Kind, Status},
};

use super::{
    Wanted,
    build::{Facts, Placed},
};
use crate::pages::view::board::Someone;

/// Every row of the day.
pub(super) fn all(facts: &Facts<'_>) -> Vec<Placed> {
    let appointments = facts.board.appointments.iter().map(|row| visit::appointment(facts, row));
    let unmatched = facts.board.unmatched.iter().map(|row| stranger::unmatched(facts, row));
    let marked = facts.board.guests.iter().map(|row| stranger::marked(facts, row));
    appointments.chain(unmatched).chain(marked).collect()
}

/// Whether the filter lets the row through.
pub(super) fn is_wanted(placed: &Placed, wanted: &Wanted) -> bool {
    let sought = wanted.search.to_lowercase();
    wanted.host.is_none_or(|host| placed.host == host)
        && (sought.is_empty()
            || placed.row.people.iter().any(|person| person.name.to_lowercase().contains(&sought)))
}

/// Who is due with this host on this day, but for one of them.
fn due_with(facts: &Facts<'_>, host: StaffId, but_for: &[AttendeeId]) -> Vec<Someone> {
    facts
        .board
        .appointments
        .iter()
        .filter(|row| row.host.id == host && row.kind == Kind::Telehealth && row.status == Status::Booked)
        .flat_map(|row| row.attendees.iter().map(move |attendee| (row, attendee)))
        .filter(|(_, attendee)| !but_for.contains(&attendee.id))
        .map(|(row, attendee)| Someone {
            attendee: attendee.id.to_string(),
            name: attendee.name.to_string(),
            time: facts.wall.time(row.starts_at),
            host: row.host.name.to_string(),
        })
        .collect()
}
