//! A row that is somebody in a room: unknown as yet, or marked as no attendee.

use attendance::board::{GuestRow, UnmatchedRow};
use domain::{
    AttendeeId,
    attendance::presence::{Whereabouts, Who},
};

use super::{
    super::build::{Facts, Need, Placed, Urgency},
    due_with,
};
use crate::pages::view::{
    board::{Arrival, Ask, Certainty, Doubt, Likely, Person, Row, Someone, State},
    words::{self, isolated, sentence},
};

/// Of more than these, the rest stands behind a button: a row that asks about ten people is read by nobody.
const MOST_LIKELY: usize = 3;

/// Somebody of whom nobody can say who it is.
pub(super) fn unmatched(facts: &Facts<'_>, row: &UnmatchedRow) -> Placed {
    let wall = &facts.wall;
    let (need, state) = match row.status {
        Whereabouts::Waiting => (Need::You, State::running("ask", "someone waits", row.since, wall.now)),
        Whereabouts::Connecting => {
            (Need::You, State::running("ask", "someone connects", row.since, wall.now))
        }
        Whereabouts::InSession => {
            (Need::You, State::running("ask", "someone in session", row.since, wall.now))
        }
        Whereabouts::Left => (Need::Done, State::still("ask", format!("left {}", wall.time(row.since)))),
    };
    let likely: Vec<Likely> = row
        .candidates
        .iter()
        .take(MOST_LIKELY)
        .map(|candidate| Likely {
            who: Someone {
                attendee: candidate.attendee.to_string(),
                name: candidate.name.to_string(),
                time: wall.time(candidate.starts_at),
                host: row.host.name.to_string(),
            },
            why: candidate.reasons.join("; "),
        })
        .collect();
    let shown: Vec<AttendeeId> =
        row.candidates.iter().take(MOST_LIKELY).map(|candidate| candidate.attendee).collect();
    let mut why = Vec::new();
    if likely.is_empty() {
        why.push("Nobody who is due in this room fits.".to_owned());
    }
    let not: Vec<String> = row.not.iter().filter_map(|&id| name_of(facts, id)).collect();
    if !not.is_empty() {
        why.push(format!("Said to be not {}.", words::list(&not)));
    }
    let is_waiting = row.status == Whereabouts::Waiting;
    Placed {
        need,
        order: (Urgency::Now, row.since),
        host: row.host.id,
        row: Row {
            key: row.id.to_string(),
            state,
            time: wall.time(row.first_at),
            people: vec![Person {
                name: row.name.clone(),
                certainty: if row.named { Certainty::Shown } else { Certainty::Plain },
                note: if row.named { "the name shown in Zoom" } else { "Zoom shows no name" }.to_owned(),
                ..Person::default()
            }],
            host: row.host.name.to_string(),
            why,
            ask: Some(Ask {
                presence: row.id.to_string(),
                likely,
                others: due_with(facts, row.host.id, &shown),
                decided: !row.not.is_empty(),
            }),
            arrival: is_waiting.then(|| Arrival {
                key: row.id.to_string(),
                words: format!("Someone waits for {}", row.host.name),
            }),
            ..Row::default()
        },
    }
}

/// Somebody whom the desk has marked as a guest, an interpreter or one of the staff, for as long as they are there.
pub(super) fn marked(facts: &Facts<'_>, row: &GuestRow) -> Placed {
    let wall = &facts.wall;
    let (need, state) = match row.status {
        Whereabouts::Waiting => (Need::Waiting, State::waiting(row.since, wall.now)),
        Whereabouts::Connecting => {
            (Need::InSession, State::running("connecting", "connecting", row.since, wall.now))
        }
        Whereabouts::InSession | Whereabouts::Left => {
            (Need::InSession, State::running("in", "in session", row.since, wall.now))
        }
    };
    let as_what = match row.who {
        Who::Interpreter => "an interpreter",
        Who::Staff => "one of the staff",
        Who::Guest | Who::Visitor => "a guest",
    };
    Placed {
        need,
        order: (Urgency::Now, row.since),
        host: row.host.id,
        row: Row {
            key: row.id.to_string(),
            state,
            time: wall.time(row.since),
            people: vec![Person {
                name: row.name.clone(),
                certainty: Certainty::Shown,
                doubt: Some(Doubt {
                    presence: row.id.to_string(),
                    attendee: None,
                    confirm: false,
                    decided: true,
                    others: due_with(facts, row.host.id, &[]),
                }),
                ..Person::default()
            }],
            host: row.host.name.to_string(),
            why: vec![sentence(&format!("marked as {as_what}"))],
            ..Row::default()
        },
    }
}

fn name_of(facts: &Facts<'_>, attendee: AttendeeId) -> Option<String> {
    let attendees = facts.board.appointments.iter().flat_map(|row| &row.attendees);
    attendees.into_iter().find(|one| one.id == attendee).map(|one| isolated(one.name.as_str()))
}
