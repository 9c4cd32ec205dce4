//! A row that is an appointment.

use std::time::Duration;

use attendance::board::{AppointmentRow, AttendeeRow, AttendeeStatus};
use domain::{
    Timestamp,
    appointment::{Kind, Status},
    attendance::matching::{DecidedBy, Level},
};

use super::{
    super::{
        build::{Facts, Need, Placed, Urgency},
        marks, no_show,
    },
    due_with, hand_out,
    why::why,
};
use crate::pages::view::{
    board::{Age, Arrival, Certainty, Doubt, Person, Row, State},
    words,
};
use crate::pages::with_mark;

pub(super) fn appointment(facts: &Facts<'_>, row: &AppointmentRow) -> Placed {
    let wall = &facts.wall;
    let lead = row.attendees.iter().min_by_key(|attendee| (urgency(attendee.status), attendee.since));
    let (need, order, state) = placing(facts, row, lead);
    let is_alone = row.attendees.len() < 2;
    let people = row
        .attendees
        .iter()
        .map(|attendee| {
            let own = (!is_alone && row.kind == Kind::Telehealth && row.status == Status::Booked)
                .then(|| own_state(facts, row, attendee));
            person(facts, row, attendee, own)
        })
        .collect();
    let arrival =
        lead.filter(|lead| lead.status == AttendeeStatus::Waiting && need <= Need::Waiting).map(|lead| {
            Arrival {
                key: lead.presence.map_or_else(|| lead.id.to_string(), |presence| presence.to_string()),
                words: format!("{} waits for {}", words::initials(lead.name.as_str()), row.host.name),
            }
        });
    Placed {
        need,
        order,
        host: row.host.id,
        row: Row {
            key: row.id.to_string(),
            state,
            time: wall.time_seen_from(facts.board.date, row.starts_at),
            until: format!("to {}", wall.time(row.ends_at)),
            people,
            host: row.host.name.to_string(),
            why: why(facts, row, lead, need),
            // Of several each has their own beside the name.
            fate: lead
                .filter(|lead| row.attendees.len() == 1 && lead.pressed_at.is_none())
                .and_then(|lead| hand_out::fate(facts, row, lead)),
            ask: None,
            open: format!("/appointments/{}", row.id),
            ways: format!("/appointments/{}/menu", row.id),
            send: hand_out::send(facts, row),
            is_unsent: need == Need::Unsent,
            late: hand_out::late(facts, row),
            notices: hand_out::notices(facts, row),
            arrival,
        },
    }
}

/// Who waits comes before who is in session, and that before who is expected.
fn urgency(status: AttendeeStatus) -> u8 {
    match status {
        AttendeeStatus::Waiting => 0,
        AttendeeStatus::InSession => 1,
        AttendeeStatus::Connecting => 2,
        AttendeeStatus::NoShowProposed => 3,
        AttendeeStatus::Opened => 4,
        AttendeeStatus::Expected => 5,
        AttendeeStatus::Left => 6,
        AttendeeStatus::NoShow => 7,
    }
}

/// From when on an attendee of whom nothing was heard is late.
const LATE_AFTER: Duration = Duration::from_mins(1);

fn placing(
    facts: &Facts<'_>,
    row: &AppointmentRow,
    lead: Option<&AttendeeRow>,
) -> (Need, (Urgency, Timestamp), State) {
    // Nobody stands at the desk or waits on a screen for the answer.
    if let Some(lead) = lead.filter(|lead| lead.status == AttendeeStatus::NoShowProposed) {
        return (Need::You, (Urgency::Today, row.starts_at), own_state(facts, row, lead));
    }
    let (need, order, state) = placing_by_time(facts, row, lead);
    (need, (Urgency::Now, order), state)
}

fn placing_by_time(
    facts: &Facts<'_>,
    row: &AppointmentRow,
    lead: Option<&AttendeeRow>,
) -> (Need, Timestamp, State) {
    let now = facts.wall.now;
    if row.status == Status::Cancelled {
        return (Need::Done, row.starts_at, State::still("off cancelled", "cancelled"));
    }
    if row.kind == Kind::InPerson {
        let need = if now < row.ends_at { Need::Next } else { Need::Done };
        return (need, row.starts_at, State::still("off", "in person"));
    }
    let Some(lead) = lead else { return (Need::Next, row.starts_at, State::still("off", "nobody invited")) };
    let state = own_state(facts, row, lead);
    match lead.status {
        AttendeeStatus::Waiting => {
            let age = Age::of(now.since(lead.since));
            // Of another product nobody tells whether the host is there.
            let is_alone = !row.host.present && row.host.elsewhere.is_none();
            let is_stuck = age == Age::VeryLong || (age == Age::Long && is_alone);
            (if is_stuck { Need::You } else { Need::Waiting }, lead.since, state)
        }
        AttendeeStatus::Connecting | AttendeeStatus::InSession => (Need::InSession, row.starts_at, state),
        AttendeeStatus::Expected | AttendeeStatus::Opened if now < row.ends_at => {
            // Whoever came and left is no longer waited for, though somebody else of the visit still is.
            let need = if hand_out::is_unsent(facts, row) { Need::Unsent } else { Need::Next };
            (need, row.starts_at, state)
        }
        AttendeeStatus::Expected
        | AttendeeStatus::Opened
        | AttendeeStatus::Left
        | AttendeeStatus::NoShowProposed
        | AttendeeStatus::NoShow => {
            let gone = row.attendees.iter().filter(|one| one.status == AttendeeStatus::Left);
            let last = gone.max_by_key(|one| one.since);
            let state = last.map_or(state, |one| own_state(facts, row, one));
            (Need::Done, last.map_or(row.starts_at, |one| one.since), state)
        }
    }
}

/// How one attendee stands.
fn own_state(facts: &Facts<'_>, row: &AppointmentRow, attendee: &AttendeeRow) -> State {
    let wall = &facts.wall;
    let is_late = wall.now >= row.starts_at.plus(LATE_AFTER) && wall.now < row.ends_at;
    match attendee.status {
        AttendeeStatus::Waiting => State::waiting(attendee.since, wall.now),
        AttendeeStatus::Connecting => State::running("connecting", "connecting", attendee.since, wall.now),
        AttendeeStatus::InSession => State::running("in", "in session", attendee.since, wall.now),
        AttendeeStatus::Left => State::still("left", format!("left {}", wall.time(attendee.since))),
        AttendeeStatus::NoShowProposed => State::still("proposed", "no-show?"),
        AttendeeStatus::NoShow => State::still("absent", "no-show"),
        AttendeeStatus::Opened | AttendeeStatus::Expected if wall.now >= row.ends_at => {
            State::still("off", "not seen")
        }
        AttendeeStatus::Opened | AttendeeStatus::Expected if is_late => {
            State::running("late", "late", row.starts_at, wall.now)
        }
        AttendeeStatus::Opened => State::still("opened", "link opened"),
        AttendeeStatus::Expected => State::still("expected", "expected"),
    }
}

fn person(facts: &Facts<'_>, row: &AppointmentRow, attendee: &AttendeeRow, state: Option<State>) -> Person {
    let matched = attendee.matched.as_ref();
    let level = matched.map(|matched| matched.level);
    let (certainty, note) = match level {
        Some(Level::Probable) => {
            (Certainty::Probably, matched.map_or_else(String::new, |matched| matched.reasons.join("; ")))
        }
        Some(Level::Ambiguous) => {
            (Certainty::Plain, "may be the one who is in the room: see above".to_owned())
        }
        Some(Level::Certain) | None => (Certainty::Plain, String::new()),
    };
    let doubt = attendee.presence.filter(|_| matches!(level, Some(Level::Probable | Level::Certain))).map(
        |presence| {
            let by_person = matched.is_some_and(|matched| matched.decided_by == DecidedBy::Person);
            Doubt {
                presence: presence.to_string(),
                attendee: Some(attendee.id.to_string()),
                confirm: level == Some(Level::Probable) && !by_person,
                decided: by_person,
                others: due_with(facts, row.host.id, &[attendee.id]),
            }
        },
    );
    let no_show = attendee.no_show.as_ref().and_then(|cell| {
        no_show::question(attendee.id, cell, &attendee.marking, attendee.pressed_at.is_some())
    });
    // A visit of one tells it beside the row's reasons.
    let fate = hand_out::fate(facts, row, attendee).filter(|_| row.attendees.len() > 1);
    let back = with_mark(&facts.query);
    let marks = marks::buttons(
        attendee.id,
        attendee.name.as_str(),
        &attendee.marking,
        facts.staff,
        &facts.wall,
        back,
    );
    let note = match &marks {
        Some(marks) if note.is_empty() => marks.told.clone(),
        _ => note,
    };
    Person { name: attendee.name.to_string(), certainty, note, fate, state, doubt, no_show, marks }
}
