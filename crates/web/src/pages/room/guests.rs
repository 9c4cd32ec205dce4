//! Who is in a room now, for its owner or whoever stands in.

use std::time::Duration;

use attendance::{Board, InMyRoom, board::AttendeeStatus};
use domain::{
    attendance::{
        matching::Level,
        presence::{Whereabouts, Who as WhoIs},
    },
    staff::StaffMember,
};

use super::super::{
    board,
    view::{
        board::{State as Standing, WarningLine},
        room::Guest,
        words::{self, Wall},
    },
};

/// Whoever pressed Join into a room that tells nothing is shown so long after the end.
const AFTER: Duration = Duration::from_hours(4);

/// Who is in a room of another product, or on the way there, as far as our own pages and the staff tell.
pub(super) fn elsewhere(
    board: &Board,
    me: &StaffMember,
    colleagues: &[StaffMember],
    wall: &Wall,
) -> Vec<Guest> {
    let rows = board.appointments.iter().filter(|row| row.host.id == me.id);
    let ours = rows.flat_map(|row| row.attendees.iter().map(move |one| (row, one)));
    ours.filter(|(_, one)| one.marking.open && (one.marking.standing.is_some() || one.pressed_at.is_some()))
        .filter(|(row, one)| one.status != AttendeeStatus::Left && wall.now < row.ends_at.plus(AFTER))
        .map(|(row, one)| {
            let booked = format!("booked for {}", wall.time(row.starts_at));
            let state = match (one.status, one.pressed_at) {
                (AttendeeStatus::Waiting, _) => Standing::waiting(one.since, wall.now),
                (AttendeeStatus::InSession, _) => Standing::running("in", "in session", one.since, wall.now),
                (_, Some(at)) => Standing::running("opened", "pressed Join", at, wall.now),
                (_, None) => Standing::still("expected", "expected"),
            };
            let back = "?from_room=true".to_owned();
            let marks =
                board::marks::buttons(one.id, one.name.as_str(), &one.marking, colleagues, wall, back);
            let told = marks.as_ref().map_or("", |marks| marks.told.as_str());
            Guest {
                state,
                name: one.name.to_string(),
                probably: false,
                shown: false,
                note: if told.is_empty() { booked } else { format!("{booked}. {told}") },
                open: format!("/appointments/{}", row.id),
                marks,
            }
        })
        .collect()
}

/// Under which name Zoom's own list has them, where that is another: the host lets people in there.
fn in_zoom(guest: &InMyRoom, name: &str) -> String {
    let shown = guest.shown_name.as_str();
    // A number of ours, where Zoom shows no name.
    let is_number = shown.strip_prefix("Guest ").is_some_and(|rest| rest.parse::<u32>().is_ok());
    if is_number || shown == name {
        String::new()
    } else {
        format!(", in Zoom “{}”", words::isolated(shown))
    }
}

/// What to look out for, each once though it is about several people.
pub(super) fn warnings(guests: &[InMyRoom]) -> Vec<WarningLine> {
    let mut lines: Vec<WarningLine> = Vec::new();
    for warning in guests.iter().flat_map(|guest| &guest.warnings) {
        // Whose room it is goes without saying here.
        let line = WarningLine { host: String::new(), ..board::warnings::line(warning) };
        if lines.iter().all(|known| known.key != line.key) {
            lines.push(line);
        }
    }
    lines
}

pub(super) fn in_my_room(guest: &InMyRoom, wall: &Wall) -> Guest {
    let known = guest.attendee.as_ref();
    let is_certain = known.is_some_and(|(.., matched)| matched.level == Level::Certain);
    let state = match (guest.status, known) {
        (Whereabouts::Waiting, Some(_)) => Standing::waiting(guest.since, wall.now),
        (Whereabouts::Waiting, None) => Standing::running("ask", "someone waits", guest.since, wall.now),
        (Whereabouts::Connecting, _) => Standing::running("connecting", "connecting", guest.since, wall.now),
        (Whereabouts::InSession, _) => Standing::running("in", "in session", guest.since, wall.now),
        (Whereabouts::Left, _) => Standing::still("left", format!("left {}", wall.time(guest.since))),
    };
    if let Some((name, appointment, starts_at, matched)) = known {
        return Guest {
            state,
            name: name.to_string(),
            probably: !is_certain,
            shown: false,
            note: if is_certain {
                format!("booked for {}{}", wall.time(*starts_at), in_zoom(guest, name.as_str()))
            } else {
                format!(
                    "booked for {}{}; {}. Ask for the name.",
                    wall.time(*starts_at),
                    in_zoom(guest, name.as_str()),
                    matched.reasons.join("; ")
                )
            },
            open: format!("/appointments/{appointment}"),
            marks: None,
        };
    }
    let marked = match guest.who {
        WhoIs::Interpreter => Some("marked as an interpreter by the desk"),
        WhoIs::Guest => Some("marked as a guest by the desk"),
        WhoIs::Visitor | WhoIs::Staff => None,
    };
    if let Some(note) = marked {
        let state = match guest.status {
            Whereabouts::Waiting => Standing::waiting(guest.since, wall.now),
            _ => state,
        };
        return Guest {
            state,
            name: guest.shown_name.clone(),
            probably: false,
            shown: true,
            note: note.to_owned(),
            open: String::new(),
            marks: None,
        };
    }
    let names: Vec<String> = guest
        .candidates
        .iter()
        .map(|candidate| {
            format!("{} ({})", words::isolated(candidate.name.as_str()), wall.time(candidate.starts_at))
        })
        .collect();
    Guest {
        state,
        name: guest.shown_name.clone(),
        probably: false,
        shown: true,
        note: match names.as_slice() {
            [] => "Nobody who is due now fits. Ask who it is.".to_owned(),
            [one] => format!("May be {one}. Ask for the name."),
            _ => format!("May be one of {}. Ask for the name.", words::list(&names)),
        },
        open: String::new(),
        marks: None,
    }
}
