//! The pages that people see: a guest's way into a meeting, the host's view of who waits, and the control panel.
//! They work without script; a small one reloads them when something changed.

mod guest;
mod host;
mod panel;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

use crate::world::{SimError, World};

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(panel::show))
        .route("/panel/knobs", post(panel::turn))
        .route("/panel/users/{id}/{act}", post(panel::on_user))
        .route("/j/{number}", get(guest::door).post(guest::come))
        // The web client: the same door.
        .route("/wc/join/{number}", get(guest::door))
        .route("/g/{id}", get(guest::show).post(guest::act))
        .route("/s/{number}", get(host::door).post(host::start))
        .route("/h/{number}", get(host::show).post(host::act))
        .route("/sim/assets/sim.css", get(css))
        .route("/sim/assets/sim.js", get(js))
        .route("/sim/changes", get(changes))
}

/// Forms may lead anywhere, because consent goes back to the app.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Renders a template; a fault in one shows as an empty page and a line in the log.
pub(crate) fn page(template: &impl Template) -> ([(header::HeaderName, &'static str); 1], Html<String>) {
    let text = template.render().inspect_err(|error| tracing::error!(%error, "a page cannot be rendered"));
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(text.unwrap_or_default()))
}

async fn css() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/sim.css")).into_response()
}

async fn js() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../assets/sim.js"))
        .into_response()
}

/// A number that grows with everything that happens; the script reloads a page when it does.
async fn changes(State(world): State<Arc<World>>) -> String {
    world.look(|state| format!("{}-{}-{}", state.serial, state.log.len(), state.guests.len()))
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct Trouble {
    reason: String,
}

/// What went wrong, for a human.
fn trouble(error: &SimError) -> Response {
    let status = match error {
        SimError::NoSuchMeeting | SimError::NoSuchGuest | SimError::NoSuchUser => StatusCode::NOT_FOUND,
        SimError::BadRequest(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    };
    (status, page(&Trouble { reason: error.to_string() })).into_response()
}

/// A length of time that goes on while the page is looked at.
struct Timer {
    seconds: i64,
    text: String,
}

impl Timer {
    fn new(now: i64, from: Option<i64>) -> Self {
        let seconds = (now - from.unwrap_or(now)).max(0) / crate::clock::SECOND;
        Self { seconds, text: format!("{}:{:02}", seconds / 60, seconds % 60) }
    }
}

/// The time of day in UTC.
fn clock_time(micros: i64) -> String {
    crate::clock::seconds_text(micros).chars().skip(11).take(8).collect()
}
