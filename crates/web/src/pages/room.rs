//! A staff member's own room. Nobody else's is shown here.

mod adopt;
mod cover;
mod end;
mod guests;
mod join;
mod message;
mod nobody_named;
mod now;
mod standing;
mod told;

use attendance::{Board, board::AttendeeStatus};
use axum::{
    extract::{Query, State},
    response::{Html, Response},
};
use domain::{
    StaffId,
    appointment::{Kind, Status},
    room::{
        RoomKind,
        guard::{Drift, LookFor, Origin},
    },
    staff::Role,
};
use serde::Deserialize;

use super::{
    draw, frame, room_kind, room_other, room_phone, see_other,
    view::{
        board::Copy,
        frame::Place,
        room::{Acts, Join, NextVisit, PhoneView, RoomLive, RoomPage},
        words::{self, Wall, long_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);
/// So many visits to come are shown; the rest of the day is the board's business.
const MOST_NEXT: usize = 8;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/room", STAFF, page),
        Route::get("/room/watch", STAFF, page).in_background(),
        Route::get("/room/rows", STAFF, part).in_background(),
        Route::post("/room/try-again", STAFF, try_again),
    ];
    routes.extend(join::routes());
    routes.extend(message::routes());
    routes.extend(end::routes());
    routes.extend(cover::routes());
    routes.extend(told::routes());
    routes.extend(adopt::routes());
    routes
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
    page.frame.said = said(&asked.done);
    draw(&page)
}

fn said(done: &str) -> Option<&'static str> {
    room_kind::said(done)
        .or_else(|| room_other::said(done))
        .or_else(|| room_phone::said(done))
        .or_else(|| message::said(done))
        .or_else(|| end::said(done))
        .or_else(|| cover::said(done))
        .or_else(|| told::said(done))
        .or_else(|| adopt::said(done))
        .or_else(|| {
            (done == "checked").then_some("Zoom was asked just now. How your room stands is told below.")
        })
}

async fn part(State(app): State<App>, person: SignedIn) -> Result<Html<String>, Error> {
    draw(&RoomLive { page: read(&app, &person).await? })
}

/// Asks Zoom once more for the room; the page then tells what came of it.
async fn try_again(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    if let Err(error) = app.zoom.look_after(person.clinic.id, person.staff.id, LookFor::Asked).await {
        let words = error.words();
        return Err(Error::Unavailable(format!("{} {}", words.what, words.todo).into()));
    }
    Ok(see_other("/room?done=checked"))
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
    let there = app.attendance.waiting_for(clinic, staff).await?;
    let board = app.attendance.board(clinic, None).await?;
    let now = now::read(app, clinic, staff).await?;
    let notices = app.outreach.notices(clinic, Some(staff)).await?;
    let mut tx = app.store.read().await?;
    let colleagues = tx.staff(clinic).await?;
    let holding = tx.covers(clinic, wall.now).await?;
    let connections = tx.connections(clinic).await?;
    let (guarded, shown, drifts) = match &zoom.room {
        Some(room) => {
            let lasting = tx.drifts_lasting(clinic).await?;
            let own: Vec<Drift> = lasting.into_iter().filter(|drift| drift.room_id == room.id).collect();
            (tx.guarded(clinic, room.id).await?, tx.shown(clinic, room.id).await?, own)
        }
        None => Default::default(),
    };
    drop(tx);
    let at_zoom = zoom.room.is_some() && !other.in_use;
    let zoom_email = zoom.connection.as_ref().map_or("", |connection| connection.zoom_email.as_str());
    let own_cover = holding.iter().find(|cover| cover.host_id == staff && cover.holds_at(wall.now));
    let acts = at_zoom.then(|| Acts {
        message: message::form(),
        cover: own_cover.map(|cover| {
            let reason = cover::hindrance(zoom.room.as_ref(), &connections, cover.by_id);
            cover::line(cover, &colleagues, reason, &wall)
        }),
        colleagues: cover::colleagues(staff, &colleagues, zoom.room.as_ref(), &connections),
        cover_fault: String::new(),
    });
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
    let connection = standing::connection(&zoom, &wall);
    let warnings = guests::warnings(&there);
    Ok(RoomPage {
        phone: PhoneView {
            number: person.staff.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            fault: String::new(),
        },
        frame: frame(person, "My room", Some(Place::Room)),
        day: long_date(wall.today()),
        time: wall.time(wall.now),
        zone: wall.zone_word(wall.now),
        offset: wall.offset(),
        now: wall.now.as_millis(),
        rate: app.ambient.clock_rate(),
        connection: if other.in_use { standing::not_needed(connection) } else { connection },
        // A meeting of one's own is what it is.
        kind: (zoom.connection.is_some() && !other.in_use && guarded.origin == Origin::Made)
            .then(|| room_kind::own(&zoom)),
        lacks: if at_zoom { standing::lacks(&guarded, &drifts) } else { Vec::new() },
        origin: if at_zoom { adopt::origin(guarded.origin) } else { "" },
        join: mine.map(|link| if at_zoom { Join::AtZoom } else { Join::Elsewhere(link) }),
        standing: if at_zoom { standing::lines(&zoom, &guarded, &drifts, &now, &wall) } else { Vec::new() },
        needs: if at_zoom {
            let mut needs = now::needs(&now, &guarded, zoom_email, &board, staff, &wall);
            // Who it may be stands among what to look out for.
            if warnings.iter().any(|warning| warning.look == "unknown") {
                needs.retain(|need| need.word != now::STRANGER);
            }
            needs
        } else {
            Vec::new()
        },
        shown: message::lines(shown.as_ref(), &notices, &now, &colleagues, &wall),
        covered: cover::rooms(app, person, &holding, &colleagues, &wall).await?,
        acts,
        told: told::read(app, person).await?,
        warnings,
        guests: if other.in_use {
            guests::elsewhere(&board, &person.staff, &colleagues, &wall)
        } else {
            there.iter().map(|guest| guests::in_my_room(guest, &wall)).collect()
        },
        next: next(&board, staff, &wall),
        other,
        links,
    })
}

/// The visits to come today of which nothing was heard yet.
fn next(board: &Board, staff: StaffId, wall: &Wall) -> Vec<NextVisit> {
    board
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
        .collect()
}
