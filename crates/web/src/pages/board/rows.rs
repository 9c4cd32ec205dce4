//! One row of the board: an appointment, or somebody in a room whom nobody knows yet.

use std::time::Duration;

use attendance::board::{AppointmentRow, AttendeeRow, AttendeeStatus, UnmatchedRow};
use domain::{
    StaffId, Timestamp,
    appointment::{Kind, Status},
    attendance::{
        matching::{DecidedBy, Level},
        presence::Whereabouts,
    },
};

use super::{
    Wanted,
    build::{Facts, Need, Placed},
};
use crate::pages::view::{
    board::{Age, Arrival, Ask, Certainty, Copy, Doubt, Person, Row, Someone, State},
    words::{self, isolated, measured, sentence},
};

/// Every row of the day.
pub(super) fn all(facts: &Facts<'_>) -> Vec<Placed> {
    let appointments = facts.board.appointments.iter().map(|row| appointment(facts, row));
    let unmatched = facts.board.unmatched.iter().map(|row| stranger(facts, row));
    appointments.chain(unmatched).collect()
}

/// Whether the filter lets the row through.
pub(super) fn is_wanted(placed: &Placed, wanted: &Wanted, facts: &Facts<'_>) -> bool {
    let of_host = |host: StaffId| {
        let key = &placed.row.key;
        facts.board.appointments.iter().any(|row| row.host.id == host && row.id.to_string() == *key)
            || facts.board.unmatched.iter().any(|row| row.host.id == host && row.id.to_string() == *key)
    };
    let sought = wanted.search.to_lowercase();
    wanted.host.is_none_or(of_host)
        && (sought.is_empty()
            || placed.row.people.iter().any(|person| person.name.to_lowercase().contains(&sought)))
}

/// Who is due with this host on this day, but for one of them.
fn due_with(facts: &Facts<'_>, host: StaffId, but_for: &[domain::AttendeeId]) -> Vec<Someone> {
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

fn stranger(facts: &Facts<'_>, row: &UnmatchedRow) -> Placed {
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
    let likely: Vec<Someone> = row
        .candidates
        .iter()
        .map(|candidate| Someone {
            attendee: candidate.attendee.to_string(),
            name: candidate.name.to_string(),
            time: wall.time(candidate.starts_at),
            host: row.host.name.to_string(),
        })
        .collect();
    let offered: Vec<_> = row.candidates.iter().map(|candidate| candidate.attendee).collect();
    let mut why: Vec<String> = match likely.len() {
        0 => vec!["Nobody who is due in this room fits.".to_owned()],
        1 => Vec::new(),
        number => vec![format!("{number} may be meant.")],
    };
    if let [only] = row.candidates.as_slice() {
        why.extend(only.reasons.iter().map(|reason| sentence(reason)));
    }
    let is_waiting = row.status == Whereabouts::Waiting;
    Placed {
        need,
        order: row.since,
        row: Row {
            key: row.id.to_string(),
            state,
            time: wall.time(row.first_at),
            until: String::new(),
            people: vec![Person {
                name: row.name.clone(),
                certainty: if row.named { Certainty::Shown } else { Certainty::Plain },
                note: if row.named { "the name shown in Zoom" } else { "Zoom shows no name" }.to_owned(),
                state: None,
                doubt: None,
            }],
            host: row.host.name.to_string(),
            why,
            ask: Some(Ask {
                presence: row.id.to_string(),
                likely,
                others: due_with(facts, row.host.id, &offered),
            }),
            open: String::new(),
            copies: Vec::new(),
            arrival: is_waiting.then(|| Arrival {
                key: row.id.to_string(),
                words: format!("Someone waits for {}", row.host.name),
            }),
        },
    }
}

fn appointment(facts: &Facts<'_>, row: &AppointmentRow) -> Placed {
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
    let arrival = lead
        .filter(|lead| lead.status == AttendeeStatus::Waiting && need <= Need::Waiting)
        .and_then(|lead| {
            Some(Arrival {
                key: lead.presence?.to_string(),
                words: format!("{} waits for {}", words::initials(lead.name.as_str()), row.host.name),
            })
        });
    let copies = facts.links.get(&row.id).map_or_else(Vec::new, |links| {
        let of_attendees = row.attendees.iter().filter_map(|attendee| {
            let word = if is_alone {
                "Copy the patient’s link".to_owned()
            } else {
                format!("Copy {}’s link", isolated(attendee.name.as_str()))
            };
            links.of(attendee.id).map(|link| Copy { word, url: link.url.expose().to_owned() })
        });
        of_attendees
            .chain([Copy { word: "Copy the host’s link".to_owned(), url: links.host.expose().to_owned() }])
            .collect()
    });
    Placed {
        need,
        order,
        row: Row {
            key: row.id.to_string(),
            state,
            time: wall.time_seen_from(facts.board.date, row.starts_at),
            until: format!("to {}", wall.time(row.ends_at)),
            people,
            host: row.host.name.to_string(),
            why: why(facts, row, lead, need),
            ask: None,
            open: format!("/appointments/{}", row.id),
            copies,
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
        AttendeeStatus::Opened => 3,
        AttendeeStatus::Expected => 4,
        AttendeeStatus::Left => 5,
    }
}

/// From when on an attendee of whom nothing was heard is late.
const LATE_AFTER: Duration = Duration::from_mins(1);

fn placing(facts: &Facts<'_>, row: &AppointmentRow, lead: Option<&AttendeeRow>) -> (Need, Timestamp, State) {
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
            let is_stuck = age == Age::VeryLong || (age == Age::Long && !row.host.present);
            (if is_stuck { Need::You } else { Need::Waiting }, lead.since, state)
        }
        AttendeeStatus::Connecting | AttendeeStatus::InSession => (Need::InSession, row.starts_at, state),
        AttendeeStatus::Expected | AttendeeStatus::Opened if now < row.ends_at => {
            // Whoever came and left is no longer waited for, though somebody else of the visit still is.
            (Need::Next, row.starts_at, state)
        }
        AttendeeStatus::Expected | AttendeeStatus::Opened | AttendeeStatus::Left => {
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
                attendee: attendee.id.to_string(),
                confirm: level == Some(Level::Probable) && !by_person,
                decided: by_person,
                others: due_with(facts, row.host.id, &[attendee.id]),
            }
        },
    );
    Person { name: attendee.name.to_string(), certainty, note, state, doubt }
}

/// Why the row stands where it does, in sentences.
fn why(facts: &Facts<'_>, row: &AppointmentRow, lead: Option<&AttendeeRow>, need: Need) -> Vec<String> {
    let wall = &facts.wall;
    let mut why = Vec::new();
    let Some(lead) = lead else { return why };
    if row.status == Status::Cancelled || row.kind == Kind::InPerson {
        return why;
    }
    match need {
        Need::You | Need::Waiting => {
            why.push(host_is(facts, row));
            if let Some(matched) = lead.matched.as_ref().filter(|matched| matched.level == Level::Certain) {
                why.extend(matched.reasons.first().map(|reason| sentence(reason)));
            } else if let Some(shown) = &lead.shown_name {
                why.push(format!("The name shown in Zoom is “{}”.", isolated(shown)));
            }
        }
        Need::InSession => {
            let over = wall.now.since(row.ends_at);
            why.push(if wall.now < row.ends_at {
                format!("Ends {}.", wall.time(row.ends_at))
            } else {
                format!("{} over.", measured(over))
            });
            if !row.host.present {
                why.push(format!("{} is not in the room.", row.host.name));
            }
            let waits = waiting_with(facts, row);
            if !waits.is_empty() {
                why.push(format!("{} waits.", words::list(&waits)));
            }
        }
        Need::Next => {
            if !facts.is_connected(row.host.id) {
                why.push(format!("{}’s Zoom is not connected: nobody can join yet.", row.host.name));
            }
            why.push(match (lead.pressed_at, lead.opened_at) {
                (Some(at), _) => {
                    format!(
                        "Pressed Join at {}, not in the room yet.",
                        wall.time_seen_from(facts.board.date, at)
                    )
                }
                (None, Some(at)) => {
                    format!("Opened the link at {}.", wall.time_seen_from(facts.board.date, at))
                }
                (None, None) => "Has not opened the link.".to_owned(),
            });
        }
        Need::Done if lead.in_session_seconds > 0 || lead.waited_seconds > 0 => {
            let length = |seconds| measured(Duration::from_secs(seconds));
            why.push(format!(
                "Waited {}, together {}.",
                length(lead.waited_seconds),
                length(lead.together_seconds)
            ));
        }
        Need::Done => why.push("Nobody was heard of in the room.".to_owned()),
    }
    why
}

/// Where the host is while somebody waits.
fn host_is(facts: &Facts<'_>, row: &AppointmentRow) -> String {
    if !row.host.present {
        return format!("{} is not in the room.", row.host.name);
    }
    let running = facts.board.appointments.iter().find(|other| {
        other.id != row.id
            && other.host.id == row.host.id
            && other.attendees.iter().any(|one| one.status == AttendeeStatus::InSession)
    });
    match running {
        None => format!("{} is in the room and has not let them in yet.", row.host.name),
        Some(other) if facts.wall.now > other.ends_at => format!(
            "The visit before is still in session, {} over.",
            measured(facts.wall.now.since(other.ends_at))
        ),
        Some(_) => "Another visit is in session.".to_owned(),
    }
}

/// Who waits for the same host for another visit, by name where that is certain.
fn waiting_with(facts: &Facts<'_>, row: &AppointmentRow) -> Vec<String> {
    facts
        .board
        .appointments
        .iter()
        .filter(|other| other.id != row.id && other.host.id == row.host.id)
        .flat_map(|other| &other.attendees)
        .filter(|one| one.status == AttendeeStatus::Waiting)
        .map(|one| match &one.matched {
            Some(matched) if matched.level == Level::Certain => isolated(one.name.as_str()),
            _ => "somebody".to_owned(),
        })
        .collect()
}
