//! Every request runs in a task of its own, so that a client who goes away never cancels a unit of work halfway (a
//! cancelled `begin` can even hand an open transaction to the next borrower: transact-rs/sqlx#4393). A panic ends
//! that task and nothing else.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::timeout::DeadlineBody;
use tracing::Instrument;

use crate::{App, Error};

/// Why a request's task ended without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the request's task panicked")]
struct Panicked;

pub(super) async fn detach(State(app): State<App>, request: Request, next: Next) -> Response {
    let deadline = app.settings.body_deadline;
    let request = request.map(|body| Body::new(DeadlineBody::new(deadline, body)));
    let work = app.tasks.spawn(next.run(request).in_current_span());
    // Only the waiting ends with the limit, not the work.
    match tokio::time::timeout(app.settings.request_timeout, work).await {
        Ok(Ok(response)) => response,
        // What the panic said is on standard error by way of the panic hook; it may hold anything.
        Ok(Err(_)) => Error::internal(Panicked).into_response(),
        Err(_) => Error::TimedOut.into_response(),
    }
}
