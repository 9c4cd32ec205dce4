//! The page of a clinic's guest link to a room, for whoever has no link of their own. Looking at it changes nothing; Join
//! leads into the room, in a registered one by a registration without a name.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::room::RoomKind;
use outreach::{GuestRoom, GuestVisit, HostRoom, LinkError, Redirect, words::filled};

use super::{
    draw, room_other, see_other,
    view::{
        guest::{GuestPage, GuestState},
        visit::PatientFrame,
        words::isolated,
    },
    visit::{self, PATIENCE, language::Asked},
};
use crate::{App, Error, address::Source, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/g/{token}", Who::LinkHolder, show),
        Route::post("/g/{token}/join", Who::LinkHolder, join),
    ]
}

async fn show(State(app): State<App>, Path(token): Path<String>, asked: Asked) -> Result<Response, Error> {
    match app.outreach.guest_visit(&token).await {
        Ok(visit) => {
            let state = if visit.room.is_some() { GuestState::Open } else { GuestState::NotReady };
            Ok(draw(&page(&token, &visit, &asked, state))?.into_response())
        }
        Err(LinkError::Unknown) => visit::unknown(&asked),
        Err(error) => Err(error.into()),
    }
}

async fn join(
    State(app): State<App>,
    Path(token): Path<String>,
    Source(address): Source,
    asked: Asked,
) -> Result<Response, Error> {
    let mut visit = match app.outreach.guest_visit(&token).await {
        Ok(visit) => visit,
        Err(LinkError::Unknown) => return visit::unknown(&asked),
        Err(error) => return Err(error.into()),
    };
    let Some(GuestRoom { room, redirect }) = visit.room.take() else {
        let page = draw(&page(&token, &visit, &asked, GuestState::NotReady))?;
        return Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response());
    };
    if let Err(wait) = app.guests.admit(&room.id().to_string(), address, app.ambient.now()) {
        let page = draw(&page(&token, &visit, &asked, GuestState::TooMany))?;
        let mut response = (StatusCode::TOO_MANY_REQUESTS, page).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        return Ok(response);
    }
    tracing::info!(clinic.id = %visit.clinic.id, room.id = %room.id(), "a guest pressed Join");
    let room = match &room {
        HostRoom::Other(_) => return room_other::onward(asked.words(None, &visit.settings), &redirect),
        HostRoom::Zoom(room) => room,
    };
    if room.kind != RoomKind::Registered {
        return Ok(see_other(redirect.location()));
    }
    let own = tokio::time::timeout(PATIENCE, app.zoom.guest_way(visit.clinic.id, room)).await;
    let own: Option<Redirect> = own.ok().flatten().and_then(|way| app.outreach.allow(&way));
    Ok(see_other(own.unwrap_or(redirect).location()))
}

fn page(token: &str, visit: &GuestVisit, asked: &Asked, state: GuestState) -> GuestPage {
    let words = asked.words(None, &visit.settings);
    let texts = &words.page.guest;
    let phone = visit::phone(words, visit.settings.phone.as_ref());
    let host = isolated(visit.host.name.as_str());
    let is_elsewhere = visit.room.as_ref().is_some_and(|room| room.room.elsewhere().is_some());
    GuestPage {
        frame: PatientFrame::new(words, &format!("/g/{token}"), &texts.title, visit.clinic.name.as_str()),
        token: token.to_owned(),
        query: asked.query(),
        host: visit.host.name.to_string(),
        state,
        then: filled(
            if is_elsewhere { &words.page.visit.then_other } else { &texts.then },
            &[("host", &host)],
        ),
        message: match state {
            GuestState::Open => String::new(),
            GuestState::NotReady => filled(&texts.not_ready, &[("phone", &phone)]),
            GuestState::TooMany => filled(&texts.too_many, &[("phone", &phone)]),
        },
        help_call: filled(&words.page.visit.help_call, &[("phone", &phone)]),
    }
}
