//! The desk's board: the page, the part of it that is read again, its stream, and the desk's decisions.

mod build;
mod rows;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{Html, Response},
};
use domain::{
    AttendeeId, ClinicId, PresenceId, StaffId,
    attendance::{
        feed::FeedState,
        matching::{StaffOrToken, Verdict},
    },
    staff::Role,
};
use jiff::civil::Date;
use serde::Deserialize;

use super::{
    draw, frame, query, see_other,
    view::{
        board::{BoardPage, BoardRows, BoardView, Decided},
        frame::Place,
    },
    wall, with_mark,
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
    vec![
        Route::get("/board", DESK, page),
        // The same page, fetched again by itself where no script runs: that is nobody's doing.
        Route::get("/board/watch", DESK, page).in_background(),
        Route::get("/board/rows", DESK, part).in_background(),
        Route::get("/board/stream", DESK, stream).in_background(),
        Route::post("/board/presences/{presence}/match", DESK, decide),
    ]
}

/// What the board is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    date: String,
    host: String,
    q: String,
    /// What was just decided, as [`Done`] words it.
    done: String,
    /// About whom.
    about: String,
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
        let done = Done::from_word(&self.done)?;
        let presence = self.about.parse::<PresenceId>().ok().filter(|_| done != Done::TakenBack);
        Some(Decided { sentence: done.sentence(), presence: presence.map(|id| id.to_string()) })
    }
}

impl Wanted {
    fn query(&self, date: Option<Date>) -> String {
        let host = self.host.map(|id| id.to_string()).unwrap_or_default();
        let date = date.map(|date| date.to_string()).unwrap_or_default();
        query(&[("date", &date), ("host", &host), ("q", &self.search)])
    }
}

async fn read(app: &App, person: &SignedIn, wanted: &Wanted) -> Result<BoardView, Error> {
    let clinic = &person.clinic;
    let wall = wall(app, clinic);
    let board = app.attendance.board(clinic.id, wanted.date).await?;
    let mut tx = app.store.read().await?;
    let staff = tx.staff(clinic.id).await?;
    let connections = tx.connections(clinic.id).await?;
    let appointments = tx.appointments(clinic.id, clinic.zone.day(board.date), None).await?;
    drop(tx);
    // Links are for handing out: whoever has come and gone needs none.
    let to_come: Vec<_> = appointments
        .into_iter()
        .filter(|one| one.is_expected_in_a_room() && wall.now < one.ends_at)
        .collect();
    let links = app.outreach.links_of_all(clinic.id, &to_come).await?;
    let rate = app.ambient.clock_rate();
    let facts =
        Facts { clinic, wall, rate, board: &board, staff: &staff, connections: &connections, links: &links };
    Ok(build::view(&facts, wanted))
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

/// What a decision said, for the sentence after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Attendee,
    Not,
    Guest,
    Interpreter,
    Staff,
    TakenBack,
}

impl Done {
    const ALL: [Self; 6] =
        [Self::Attendee, Self::Not, Self::Guest, Self::Interpreter, Self::Staff, Self::TakenBack];

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Attendee(_) => Self::Attendee,
            Verdict::Not(_) => Self::Not,
            Verdict::Guest => Self::Guest,
            Verdict::Interpreter => Self::Interpreter,
            Verdict::Staff => Self::Staff,
            Verdict::Undecided => Self::TakenBack,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Attendee => "attendee",
            Self::Not => "not",
            Self::Guest => "guest",
            Self::Interpreter => "interpreter",
            Self::Staff => "staff",
            Self::TakenBack => "undone",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Attendee => "Noted who it is.",
            Self::Not => "Noted who it is not.",
            Self::Guest => "Noted as a guest.",
            Self::Interpreter => "Noted as an interpreter.",
            Self::Staff => "Noted as one of the staff.",
            Self::TakenBack => "Taken back. The board decides by its rules again.",
        }
    }
}

/// The buttons of a question: an attendee, or what else somebody is.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Answer {
    attendee: Option<String>,
    #[serde(rename = "as")]
    as_what: Option<String>,
}

impl Answer {
    fn verdict(&self) -> Result<Verdict, Error> {
        let unclear = || Error::BadRequest("The answer is not one of those that were offered.".into());
        match (self.attendee.as_deref(), self.as_what.as_deref()) {
            (Some(attendee), None) => {
                attendee.parse::<AttendeeId>().map(Verdict::Attendee).map_err(|_| unclear())
            }
            (None, Some("guest")) => Ok(Verdict::Guest),
            (None, Some("staff")) => Ok(Verdict::Staff),
            (None, Some("undecided")) => Ok(Verdict::Undecided),
            _ => Err(unclear()),
        }
    }
}

async fn decide(
    State(app): State<App>,
    person: SignedIn,
    Path(presence): Path<String>,
    Query(asked): Query<Asked>,
    Form(answer): Form<Answer>,
) -> Result<Response, Error> {
    let presence: PresenceId = presence.parse().map_err(|_| Error::NotFound)?;
    let wanted = asked.understand()?;
    let verdict = answer.verdict()?;
    app.attendance
        .decide(person.clinic.id, presence, verdict, StaffOrToken::Staff(person.staff.id))
        .await
        .map_err(|error| match error {
            attendance::DecideError::UnknownPresence => Error::Conflict(
                "Whoever that was is no longer on the board: Zoom has told more since. Go back and look again.".into(),
            ),
            error => error.into(),
        })?;
    let done = query(&[("done", Done::of(verdict).word()), ("about", &presence.to_string())]);
    let back = wanted.query(wanted.date);
    let both = if back.is_empty() { done } else { format!("{back}&{done}") };
    Ok(see_other(&format!("/board{}", with_mark(&both))))
}

#[cfg(test)]
mod tests;
