//! A staff member's own room. Nobody else's is shown here.

use std::time::Duration;

use attendance::{Board, InMyRoom, board::AttendeeStatus};
use axum::{
    extract::{Query, State},
    response::{Html, Response},
};
use domain::{
    appointment::{Kind, Status},
    attendance::{
        matching::Level,
        presence::{Whereabouts, Who as WhoIs},
    },
    room::{ConnectionState, RoomKind},
    staff::{Role, StaffMember},
};

use serde::Deserialize;

use super::{
    board, draw, frame, room_kind, room_other, room_phone, see_other,
    view::{
        board::{Copy, State as Standing, WarningLine},
        frame::Place,
        room::{ConnectionView, Guest, NextVisit, PhoneView, RoomLive, RoomPage},
        words::{self, Wall, long_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);
/// So many visits to come are shown; the rest of the day is the board's business.
const MOST_NEXT: usize = 8;
/// Whoever pressed Join into a room that tells nothing is shown so long after the end.
const AFTER: Duration = Duration::from_hours(4);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/room", STAFF, page),
        Route::get("/room/watch", STAFF, page).in_background(),
        Route::get("/room/rows", STAFF, part).in_background(),
        Route::post("/room/try-again", STAFF, try_again),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let mut page = read(&app, &person).await?;
    page.frame.said = room_kind::said(&asked.done)
        .or_else(|| room_other::said(&asked.done))
        .or_else(|| room_phone::said(&asked.done));
    draw(&page)
}

async fn part(State(app): State<App>, person: SignedIn) -> Result<Html<String>, Error> {
    draw(&RoomLive { page: read(&app, &person).await? })
}

/// Asks Zoom once more for the room; the page then tells what came of it.
async fn try_again(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    if let Err(error) = app.zoom.provision_room(person.clinic.id, person.staff.id).await {
        let words = error.words();
        return Err(Error::Unavailable(format!("{} {}", words.what, words.todo).into()));
    }
    Ok(see_other("/room"))
}

pub(super) async fn read(app: &App, person: &SignedIn) -> Result<RoomPage, Error> {
    let (clinic, staff) = (person.clinic.id, person.staff.id);
    let wall = wall(app, &person.clinic);
    let zoom = app.zoom.room_page(clinic, staff).await.map_err(Error::internal)?;
    let kept = app.outreach.other_room(clinic, staff).await?;
    let other = room_other::view(kept.as_ref(), &wall);
    let mine = if zoom.room.is_some() || other.in_use {
        Some(app.outreach.room_link(clinic, staff).await?.expose().to_owned())
    } else {
        None
    };
    let guests = app.attendance.waiting_for(clinic, staff).await?;
    let board = app.attendance.board(clinic, None).await?;
    let colleagues = app.store.read().await?.staff(clinic).await?;
    let next = board
        .appointments
        .iter()
        .filter(|row| row.host.id == staff && row.status == Status::Booked && wall.now < row.ends_at)
        .filter(|row| {
            row.attendees.iter().all(|one| {
                matches!(
                    one.status,
                    AttendeeStatus::Expected | AttendeeStatus::Opened | AttendeeStatus::NoShowProposed
                )
            })
        })
        .take(MOST_NEXT)
        .map(|row| NextVisit {
            time: format!("{}–{}", wall.time(row.starts_at), wall.time(row.ends_at)),
            whom: words::list(&row.attendees.iter().map(|one| one.name.to_string()).collect::<Vec<_>>()),
            note: if row.kind == Kind::InPerson {
                "in person".to_owned()
            } else if wall.now > row.starts_at {
                format!("late by {}", words::length(wall.now.since(row.starts_at)))
            } else if row.attendees.iter().any(|one| one.status == AttendeeStatus::Opened) {
                "has opened the link".to_owned()
            } else {
                String::new()
            },
            open: format!("/appointments/{}", row.id),
        })
        .collect();
    // Zoom's own link to a registered room leads to a form of Zoom's.
    let guest_link = match (&zoom.room, &zoom.guest_link) {
        _ if other.in_use => Some(app.outreach.guest_link(clinic, staff).await?.expose().to_owned()),
        (Some(room), _) if room.kind == RoomKind::Registered => {
            Some(app.outreach.guest_link(clinic, staff).await?.expose().to_owned())
        }
        (_, link) => link.as_ref().map(|link| link.expose().to_owned()),
    };
    let guest_link = guest_link.map(|url| Copy { word: "Guest link".to_owned(), url });
    let links = mine
        .clone()
        .map(|url| Copy { word: "Host link".to_owned(), url })
        .into_iter()
        .chain(guest_link)
        .collect();
    let phone = PhoneView {
        number: person.staff.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        fault: String::new(),
    };
    Ok(RoomPage {
        phone,
        frame: frame(person, "My room", Some(Place::Room)),
        day: long_date(wall.today()),
        time: wall.time(wall.now),
        zone: wall.zone_word(wall.now),
        offset: wall.offset(),
        now: wall.now.as_millis(),
        rate: app.ambient.clock_rate(),
        connection: if other.in_use {
            not_needed(connection(&zoom, &wall))
        } else {
            connection(&zoom, &wall)
        },
        kind: (zoom.connection.is_some() && !other.in_use).then(|| room_kind::own(&zoom)),
        join: mine,
        warnings: warnings(&guests),
        guests: if other.in_use {
            elsewhere(&board, &person.staff, &colleagues, &wall)
        } else {
            guests.iter().map(|guest| in_my_room(guest, &wall)).collect()
        },
        other,
        next,
        links,
    })
}

/// Zoom, for whoever's visits take place elsewhere.
fn not_needed(connection: ConnectionView) -> ConnectionView {
    ConnectionView {
        good: true,
        sentence: "Your visits take place elsewhere, so Zoom is not needed now.".to_owned(),
        ..connection
    }
}

/// Who is in a room of another product, or on the way there, as far as our own pages and the staff tell.
fn elsewhere(board: &Board, me: &StaffMember, colleagues: &[StaffMember], wall: &Wall) -> Vec<Guest> {
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

fn connection(zoom: &oauth::RoomPage, wall: &Wall) -> ConnectionView {
    let Some(connection) = &zoom.connection else {
        return ConnectionView {
            good: false,
            word: "Not connected.".to_owned(),
            sentence: "Connect Zoom once, and you get a room of your own with links that stay the same."
                .to_owned(),
            connect: "Connect Zoom",
            try_again: false,
            can_disconnect: false,
        };
    };
    let trouble = zoom.trouble.map(oauth::Trouble::words);
    let told = trouble.map(|words| format!("{} {}", words.what, words.todo));
    match (connection.state, told) {
        (ConnectionState::Connected, None) if zoom.room.is_some() => ConnectionView {
            good: true,
            word: "Connected".to_owned(),
            sentence: format!("as {}, checked {}.", connection.zoom_email, wall.ago(connection.checked_at)),
            connect: "",
            try_again: false,
            can_disconnect: true,
        },
        (ConnectionState::Connected, told) => ConnectionView {
            good: zoom.room.is_some(),
            word: format!("Connected as {}.", connection.zoom_email),
            sentence: told.unwrap_or_else(|| "Your room is not ready yet.".to_owned()),
            connect: "",
            try_again: true,
            can_disconnect: true,
        },
        (_, told) => ConnectionView {
            good: false,
            word: "Has to be connected again.".to_owned(),
            sentence: told.unwrap_or_else(|| "Zoom no longer accepts the connection.".to_owned()),
            connect: "Connect Zoom again",
            try_again: false,
            can_disconnect: true,
        },
    }
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
fn warnings(guests: &[InMyRoom]) -> Vec<WarningLine> {
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

fn in_my_room(guest: &InMyRoom, wall: &Wall) -> Guest {
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
