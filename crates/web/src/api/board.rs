//! The board as JSON, whole and live.

use attendance::BoardChanges;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{ClinicId, attendance::feed::FeedState};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::json;
use crate::{
    App, Caller, Error,
    stream::{Source, Update, last_seen, live},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Day {
    date: Option<String>,
}

impl Day {
    fn date(&self) -> Result<Option<Date>, Error> {
        self.date
            .as_deref()
            .map(|text| text.parse().map_err(|_| Error::field("date", "is not a date such as 2026-11-23")))
            .transpose()
    }
}

pub async fn board(
    State(app): State<App>,
    caller: Caller,
    Query(day): Query<Day>,
) -> Result<Response, Error> {
    let board = app.attendance.board(caller.clinic(), day.date()?).await?;
    Ok(json(StatusCode::OK, &board))
}

/// What one event of the stream holds: the changed rows, or at first, and after too long an absence, all of them.
#[derive(Debug, Serialize)]
struct Event<T> {
    /// Whether these are all rows, to be put in place of whatever the client has.
    whole: bool,
    #[serde(flatten)]
    rows: T,
}

pub async fn stream(
    State(app): State<App>,
    caller: Caller,
    Query(day): Query<Day>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let source = Rows { date: day.date()?, clinic: caller.clinic(), app: app.clone(), feed: None };
    Ok(live(&app, &caller, last_seen(&headers), source))
}

struct Rows {
    app: App,
    clinic: ClinicId,
    date: Option<Date>,
    /// As it was last told.
    feed: Option<FeedState>,
}

impl Source for Rows {
    async fn update(&mut self, after: Option<i64>) -> Result<Update, Error> {
        let changes = match after {
            Some(after) => self.app.attendance.board_changes(self.clinic, after, self.date).await?,
            None => BoardChanges::ReadWhole,
        };
        let (last, feed, data) = match changes {
            BoardChanges::Rows(rows) => {
                let is_news = !rows.is_empty() || self.feed.is_some_and(|told| told != rows.feed.state);
                (rows.last, rows.feed.state, is_news.then(|| text_of(&Event { whole: false, rows })))
            }
            BoardChanges::ReadWhole => {
                let board = self.app.attendance.board(self.clinic, self.date).await?;
                (board.last_change, board.feed.state, Some(text_of(&Event { whole: true, rows: board })))
            }
        };
        self.feed = Some(feed);
        Ok(Update { last, data: data.transpose()? })
    }
}

fn text_of(event: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(event).map_err(Error::internal)
}
