//! Zoom's own addresses: its webhook, and the way to its consent page and back.

use std::borrow::Cow;

use askama::Template;
use axum::{
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{room::Connection, staff::Role};
use oauth::{AccessError, Callback, ConnectError, RoomOutcome, words, words::Words};
use serde::Deserialize;
use webhook::Receipt;

use crate::{
    App, Error, SignedIn,
    guard::Who,
    middleware::Plain,
    pages::view::frame::{Frame, Place},
    routes::Route,
};

/// Zoom sends again after 5 minutes at the earliest; a test or a proxy that honours this may sooner.
const SEND_AGAIN_AFTER: HeaderValue = HeaderValue::from_static("5");

pub(crate) fn routes() -> Vec<Route> {
    let staff = Who::Staff(&[Role::Staff]);
    vec![
        Route::post("/zoom/webhook", Who::Zoom, receive).with_body_limit(webhook::MAX_BODY),
        Route::get("/zoom/connect", staff, connect),
        Route::get("/zoom/callback", staff, callback),
        Route::post("/zoom/disconnect", staff, disconnect),
    ]
}

/// Hands the bytes over as they came: the signature is over them.
async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let receipt = match body {
        Ok(body) => app.receiver.receive(text("x-zm-request-timestamp"), text("x-zm-signature"), &body).await,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Receipt::TooLarge,
        // It broke off or came too slowly: nothing is known of it.
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT),
    };
    match receipt {
        Receipt::Stored => plain(StatusCode::OK),
        Receipt::Challenge(answer) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer).into_response()
        }
        Receipt::NotJson => plain(StatusCode::BAD_REQUEST),
        Receipt::BadSignature => plain(StatusCode::UNAUTHORIZED),
        Receipt::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE),
        Receipt::Unavailable => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(header::RETRY_AFTER, SEND_AGAIN_AFTER);
            response
        }
    }
}

/// A status says it all.
fn plain(status: StatusCode) -> Response {
    (status, axum::Extension(Plain)).into_response()
}

async fn connect(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let begun = app.zoom.begin(person.clinic.id, person.staff.id, person.session.token_hash).await;
    match begun {
        Ok(url) => Ok(Redirect::to(url.as_str()).into_response()),
        Err(oauth::BeginError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// What Zoom's redirect brings. A field that comes twice is refused with the rest.
#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Whoever connects may have been in a colleague's room today, before anybody knew their account. Nobody waits for that.
fn recognise(app: &App, connection: &Connection) {
    let (attendance, clinic, now) = (app.attendance.clone(), connection.clinic_id, app.ambient.now());
    app.tasks.spawn(async move {
        if let Err(error) = attendance.reconsider_clinic(clinic, now).await {
            tracing::warn!(%error, clinic.id = %clinic, "rooms were not looked at again after a connection");
        }
    });
}

async fn callback(
    State(app): State<App>,
    person: SignedIn,
    Query(Answer { code, state, error }): Query<Answer>,
) -> Result<Response, Error> {
    match app.zoom.finish(&person.session, Callback { code, state, error }).await {
        Ok(connected) => {
            recognise(&app, &connected.connection);
            let email = connected.connection.zoom_email.clone();
            let mut notes: Vec<Words> = words::of_plan(&connected.connection).into_iter().collect();
            let room = match connected.room {
                RoomOutcome::Ready(room) => {
                    notes.extend(room.deviations.iter().map(|&deviation| words::of_deviation(deviation)));
                    "Your room is ready: its links stay the same from now on.".into()
                }
                RoomOutcome::Delayed { why } => {
                    let why = why.words();
                    Cow::from(format!("{} {}", why.what, why.todo))
                }
            };
            let page = Outcome {
                title: "Zoom is connected",
                what: format!("You are connected as {email}.").into(),
                todo: room,
                notes,
                undo: true,
            };
            page.show(StatusCode::OK, &person)
        }
        Err(error) => {
            let Words { what, todo } = error.words();
            let title = "Zoom is not connected";
            Outcome { title, what, todo, notes: Vec::new(), undo: false }.show(status_of(&error), &person)
        }
    }
}

fn status_of(error: &ConnectError) -> StatusCode {
    match error {
        ConnectError::Denied => StatusCode::OK,
        ConnectError::UnknownState
        | ConnectError::Expired
        | ConnectError::AlreadyUsed
        | ConnectError::OtherBrowser
        | ConnectError::MissingScopes(_)
        | ConnectError::ZoomRefused => StatusCode::BAD_REQUEST,
        ConnectError::ConnectedElsewhere
        | ConnectError::ConnectedToColleague
        | ConnectError::OtherZoomUser => StatusCode::CONFLICT,
        ConnectError::Misconfigured => StatusCode::BAD_GATEWAY,
        ConnectError::ZoomUnavailable | ConnectError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        ConnectError::Secret(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn disconnect(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let title = "Zoom is disconnected";
    let (what, todo) = match app.zoom.disconnect(person.clinic.id, person.staff.id).await {
        Ok(done) if done.zoom_knows => (
            "Anteroom no longer has access to your Zoom account, and its keys to it are erased.".into(),
            "Your patients cannot come into your room until you connect again.".into(),
        ),
        Ok(_) => (
            "Anteroom's keys to your Zoom account are erased. Zoom could not be told.".into(),
            "The app may still stand among your apps at marketplace.zoom.us: you can remove it there. Your patients \
             cannot come into your room until you connect again."
                .into(),
        ),
        Err(AccessError::NotConnected) => {
            ("There was nothing to disconnect: Zoom was not connected.".into(), Cow::Borrowed(""))
        }
        Err(AccessError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Error::internal(error)),
    };
    Outcome { title, what, todo, notes: Vec::new(), undo: false }.show(StatusCode::OK, &person)
}

/// What came of it.
struct Outcome {
    title: &'static str,
    what: Cow<'static, str>,
    todo: Cow<'static, str>,
    /// What else to know.
    notes: Vec<Words>,
    /// Whether to offer disconnecting: somebody else's Zoom account may have been signed in.
    undo: bool,
}

#[derive(Template)]
#[template(path = "zoom/outcome.html")]
struct OutcomePage<'a> {
    frame: Frame,
    outcome: &'a Outcome,
}

impl Outcome {
    fn show(&self, status: StatusCode, person: &SignedIn) -> Result<Response, Error> {
        let frame = Frame::of(&person.staff, person.clinic.name.as_str(), self.title, Some(Place::Room));
        let page = OutcomePage { frame, outcome: self }.render().map_err(Error::internal)?;
        Ok((status, Html(page)).into_response())
    }
}
