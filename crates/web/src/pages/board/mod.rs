//! The desk's board: the page, the part of it that is read again, its stream, and the desk's decisions.

mod alerts;
mod build;
pub(super) mod decide;
pub(super) mod marks;
pub(super) mod no_show;
mod rows;
mod strip;
pub(super) mod tell;
pub(super) mod warnings;

use std::collections::HashMap;

use attendance::{Board, board::AttendeeStatus};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{Html, Response},
};
use domain::{
    AppointmentId, AttendeeId, ClinicId, StaffId, appointment::Attendee, attendance::feed::FeedState,
    outreach::message::Channel, room::RoomKind, staff::Role,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{StoreError, Tx};

use super::{
    draw, frame, query, see_other,
    view::{
        board::{BoardPage, BoardRows, BoardView, Decided},
        frame::Place,
    },
    wall,
};
use crate::{
    App, Caller, Error, SignedIn,
    guard::Who,
    routes::Route,
    stream::{Source, Update, last_seen, live},
};
use build::Facts;

const DESK: Who = Who::Staff(&[Role::Scheduler]);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = tell::routes();
    routes.extend([
        Route::get("/board", DESK, page),
        // The same page, fetched again by itself where no script runs: that is nobody's doing.
        Route::get("/board/watch", DESK, page).in_background(),
        Route::get("/board/rows", DESK, part).in_background(),
        Route::get("/board/stream", DESK, stream).in_background(),
        Route::post("/board/presences/{presence}/match", DESK, decide::decide),
        Route::post("/board/attendees/{attendee}/no-show", DESK, no_show::rule),
        // The desk, and a host for their own visits: the handler holds to it.
        Route::post(
            "/board/attendees/{attendee}/mark",
            Who::Staff(&[Role::Scheduler, Role::Staff]),
            marks::mark,
        ),
    ]);
    routes
}

/// What the board is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    date: String,
    host: String,
    q: String,
    /// What was just decided, as [`decide::Done`] words it.
    done: String,
    /// About whom.
    about: String,
    /// The appointment from whose page it was decided.
    appointment: String,
    /// Whether it was decided on the host's own page.
    from_room: bool,
    /// How many were told something, and how many could not be.
    count: usize,
    not: usize,
}

/// What the board is asked for, understood.
#[derive(Clone, Debug)]
struct Wanted {
    date: Option<Date>,
    host: Option<StaffId>,
    search: String,
}

impl Asked {
    fn understand(&self) -> Result<Wanted, Error> {
        let date = (!self.date.is_empty())
            .then(|| self.date.parse().map_err(|_| Error::field("date", "is not a date such as 2026-11-23")))
            .transpose()?;
        let host = (!self.host.is_empty())
            .then(|| self.host.parse().map_err(|_| Error::field("host", "is nobody of the staff")))
            .transpose()?;
        Ok(Wanted { date, host, search: self.q.trim().chars().take(200).collect() })
    }

    fn decided(&self) -> Option<Decided> {
        tell::said(&self.done, self.count, self.not).or_else(|| decide::decided(&self.done, &self.about))
    }

    /// Where to go back to, if not to the board.
    fn of_appointment(&self) -> Option<AppointmentId> {
        self.appointment.parse().ok()
    }
}

impl Wanted {
    fn query(&self, date: Option<Date>) -> String {
        let host = self.host.map(|id| id.to_string()).unwrap_or_default();
        let date = date.map(|date| date.to_string()).unwrap_or_default();
        query(&[("date", &date), ("host", &host), ("q", &self.search)])
    }
}

/// To where it was decided: the appointment's own page, or the board as it was looked at.
fn back_to(asked: &Asked, wanted: &Wanted, done: &str) -> Response {
    if let Some(appointment) = asked.of_appointment() {
        return see_other(&format!("/appointments/{appointment}?{done}#timeline"));
    }
    let back = wanted.query(wanted.date);
    let both = if back.is_empty() { done.to_owned() } else { format!("{back}&{done}") };
    see_other(&format!("/board?{both}"))
}

async fn read(app: &App, person: &SignedIn, wanted: &Wanted) -> Result<BoardView, Error> {
    let clinic = &person.clinic;
    let wall = wall(app, clinic);
    let board = app.attendance.board(clinic.id, wanted.date).await?;
    let mut tx = app.store.read().await?;
    let staff = tx.staff(clinic.id).await?;
    let connections = tx.connections(clinic.id).await?;
    let appointments = tx.appointments(clinic.id, clinic.zone.day(board.date), None).await?;
    let zoom_names = zoom_names(&mut *tx, clinic.id, &board).await?;
    let notices = tx.notices(clinic.id, None, wall.now).await?;
    drop(tx);
    let standings =
        if board.is_today { app.zoom.standings_of_today(clinic, &appointments).await? } else { Vec::new() };
    // What became of a link matters until the visit is over.
    let to_come: Vec<_> = appointments
        .into_iter()
        .filter(|one| one.is_expected_in_a_room() && wall.now < one.ends_at)
        .collect();
    let ledgers = app.outreach.ledgers(clinic.id, &to_come).await?;
    let booked: HashMap<AttendeeId, Attendee> =
        to_come.into_iter().flat_map(|one| one.attendees).map(|attendee| (attendee.id, attendee)).collect();
    let channels: Vec<Channel> =
        [Channel::Email, Channel::Sms].into_iter().filter(|&by| app.outreach.can_send(by)).collect();
    let rate = app.ambient.clock_rate();
    let facts = Facts {
        clinic,
        wall,
        rate,
        board: &board,
        staff: &staff,
        connections: &connections,
        ledgers: &ledgers,
        booked: &booked,
        channels: &channels,
        notices: &notices,
        zoom_names: &zoom_names,
        standings: &standings,
        query: wanted.query(wanted.date),
        is_admin: person.staff.is(Role::Admin),
    };
    Ok(build::view(&facts, wanted))
}

/// What Zoom calls the attendees who wait in registered rooms. There everybody has a pseudonym, so that without it a host
/// could not tell whom to let in.
async fn zoom_names(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    board: &Board,
) -> Result<HashMap<AttendeeId, String>, StoreError> {
    let mut names = HashMap::new();
    let rooms = tx.rooms(clinic).await?;
    for room in rooms.iter().filter(|room| room.kind == RoomKind::Registered) {
        let hosted = board.appointments.iter().filter(|row| row.host.id == room.staff_id);
        let waiting =
            hosted.flat_map(|row| &row.attendees).filter(|one| one.status == AttendeeStatus::Waiting);
        for attendee in waiting {
            let known = tx.registration_of(clinic, room.id, room.meeting_number, attendee.id).await?;
            if known.is_some() {
                names.insert(attendee.id, oauth::pseudonym(room, attendee.id));
            }
        }
    }
    Ok(names)
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let board = read(&app, &person, &asked.understand()?).await?;
    draw(&BoardPage { frame: frame(&person, "Board", Some(Place::Board)), board, decided: asked.decided() })
}

async fn part(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let board = read(&app, &person, &asked.understand()?).await?;
    draw(&BoardRows { board })
}

async fn stream(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let date = asked.understand()?.date;
    let source = Hints { app: app.clone(), clinic: caller.clinic(), date, feed: None };
    Ok(live(&app, &caller, last_seen(&headers), source))
}

/// Tells the page that it should read its rows again, and nothing else: names do not travel twice.
struct Hints {
    app: App,
    clinic: ClinicId,
    date: Option<Date>,
    feed: Option<FeedState>,
}

impl Source for Hints {
    async fn update(&mut self, after: Option<i64>) -> Result<Update, Error> {
        let changes = match after {
            Some(after) => self.app.attendance.board_changes(self.clinic, after, self.date).await?,
            None => attendance::BoardChanges::ReadWhole,
        };
        let (last, is_news) = match changes {
            attendance::BoardChanges::Rows(rows) => {
                let told = self.feed.replace(rows.feed.state);
                (rows.last, !rows.is_empty() || told.is_some_and(|told| told != rows.feed.state))
            }
            attendance::BoardChanges::ReadWhole => {
                (self.app.store.read().await?.last_change(self.clinic).await?, true)
            }
        };
        Ok(Update { last, data: is_news.then(|| "changed".to_owned()) })
    }
}

#[cfg(test)]
mod tests;
