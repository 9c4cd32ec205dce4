//! The patient's page. Looking at it changes nothing, so that scanners of mail may; pressing Join does.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use outreach::{LinkError, Pressed, Redirect};
use vault::Token;

use super::{
    draw, see_other,
    view::{
        frame::Frame,
        visit::{UnknownLinkPage, VisitPage, VisitState},
        words::{Wall, long_date},
    },
};
use crate::{App, Error, address::Source, guard::Who, routes::Route};

/// Whoever has pressed Join waits no longer than this for Zoom.
pub(super) const PATIENCE: Duration = Duration::from_millis(3_500);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v/{token}", Who::LinkHolder, show),
        Route::post("/v/{token}/opened", Who::LinkHolder, opened),
        Route::post("/v/{token}/join", Who::LinkHolder, join),
    ]
}

async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Error> {
    match app.outreach.visit(&token).await {
        Ok(visit) => Ok(draw(&page(&app, &token, &visit, None))?.into_response()),
        Err(LinkError::Unknown) => unknown(),
        Err(error) => Err(error.into()),
    }
}

/// What the page's script says when the page is seen.
async fn opened(State(app): State<App>, Path(token): Path<String>) -> Result<StatusCode, Error> {
    match app.outreach.opened(&token).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(LinkError::Unknown) => Err(Error::NotFound),
        Err(error) => Err(error.into()),
    }
}

async fn join(
    State(app): State<App>,
    Path(token): Path<String>,
    Source(address): Source,
) -> Result<Response, Error> {
    // Each press is kept, and asks Zoom where the room has links of one's own: a link that is pressed without end would
    // use up what the account may ask for others.
    if let Ok(known) = Token::parse(&token)
        && let Err(wait) = app.presses.admit(&hex::encode(known.hash().as_bytes()), None, app.ambient.now())
    {
        return Err(Error::TooManyRequests(wait.as_secs().max(1)));
    }
    match app.outreach.press(&token, address).await {
        Ok(pressed) => {
            // The press is kept; should this fail, the next word from Zoom makes up for it. The patient goes on.
            if let Err(error) =
                app.attendance.reconsider(pressed.clinic, pressed.room.id, pressed.press.at).await
            {
                tracing::error!(%error, room.id = %pressed.room.id, "a press was not weighed");
            }
            let way = own_way(&app, &pressed).await.unwrap_or(pressed.redirect);
            Ok(see_other(way.location()))
        }
        Err(LinkError::Unknown) => unknown(),
        // The page says why, and what to do.
        Err(
            LinkError::TooEarly { .. }
            | LinkError::Over
            | LinkError::Cancelled
            | LinkError::InPerson
            | LinkError::NoRoom,
        ) => Ok(see_other(&format!("/v/{token}"))),
        Err(LinkError::NotAllowed(_)) => {
            let visit = app.outreach.visit(&token).await?;
            let page = draw(&page(&app, &token, &visit, Some(VisitState::HostNotReady)))?;
            Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The attendee's own way into the room, by which Zoom says whose link it was; none where it is not to be had soon. The
/// room's own link leads there too.
async fn own_way(app: &App, pressed: &Pressed) -> Option<Redirect> {
    let Pressed { clinic, room, appointment, attendee, .. } = pressed;
    let way = tokio::time::timeout(PATIENCE, app.zoom.personal_way(*clinic, room, appointment, attendee));
    app.outreach.allow(&way.await.ok()??)
}

pub(super) fn unknown() -> Result<Response, Error> {
    let page = UnknownLinkPage { frame: Frame::bare("This link does not work") };
    let html = page.render().map_err(Error::internal)?;
    Ok((StatusCode::NOT_FOUND, axum::response::Html(html)).into_response())
}

fn page(app: &App, token: &str, visit: &outreach::Visit, instead: Option<VisitState>) -> VisitPage {
    let wall = Wall { zone: visit.clinic.zone.clone(), now: app.ambient.now() };
    let (starts_at, ends_at) = (visit.appointment.starts_at, visit.appointment.ends_at);
    let mut frame = Frame::bare("Your visit");
    visit.clinic.name.as_str().clone_into(&mut frame.clinic);
    VisitPage {
        frame,
        token: token.to_owned(),
        host: visit.host.name.to_string(),
        date: long_date(wall.date(starts_at)),
        from: wall.time_for_patients(starts_at),
        to: wall.time_for_patients(ends_at),
        zone: format!("{}, {}", wall.zone_word(starts_at), wall.zone_place()),
        state: instead.unwrap_or_else(|| state(&visit.state, &wall)),
    }
}

fn state(state: &outreach::VisitState, wall: &Wall) -> VisitState {
    match state {
        outreach::VisitState::Open => VisitState::Open,
        outreach::VisitState::Early { opens_at } => VisitState::Early {
            opens: format!("{} at {}", long_date(wall.date(*opens_at)), wall.time_for_patients(*opens_at)),
        },
        outreach::VisitState::Over => VisitState::Over,
        outreach::VisitState::Cancelled => VisitState::Cancelled,
        outreach::VisitState::InPerson => VisitState::InPerson,
        outreach::VisitState::HostNotConnected => VisitState::HostNotReady,
    }
}
