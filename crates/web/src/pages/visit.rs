//! The patient's page. Looking at it changes nothing, so that scanners of mail may; pressing Join does.

pub(super) mod language;
pub(super) mod shown;

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::outreach::message::Channel;
use outreach::{
    LinkError, PressFrom, Pressed, Redirect, Visit, Way,
    words::{Words, filled},
};
use vault::Token;

use self::{
    language::{Asked, field},
    shown::{Said, Scene},
};
use super::{
    draw, room_other, see_other,
    view::visit::{NowParts, PatientFrame, TroublePage, UnknownLinkPage, VisitState},
};
use crate::{App, Error, address::Source, guard::Who, routes::Route};

pub(super) use shown::phone;

/// Whoever has pressed Join waits no longer than this for Zoom.
pub(super) const PATIENCE: Duration = Duration::from_millis(3_500);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v/{token}", Who::LinkHolder, show),
        Route::get("/v/{token}/now", Who::LinkHolder, now),
        Route::get("/v/{token}/calendar.ics", Who::LinkHolder, calendar),
        Route::post("/v/{token}/opened", Who::LinkHolder, opened),
        Route::post("/v/{token}/join", Who::LinkHolder, join),
        Route::post("/v/{token}/stop", Who::LinkHolder, stop),
    ]
}

async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    asked: Asked,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    match app.outreach.visit(&token).await {
        Ok(visit) => {
            let said = query.and_then(|query| {
                let of = |name| field(query.as_bytes(), name);
                Said::from_words(&of("said")?, &of("by")?)
            });
            page(&app, &token, &visit, &asked, None, said)
        }
        Err(LinkError::Unknown) => unknown(&asked),
        Err(error) => Err(error.into()),
    }
}

/// The parts that change by themselves. Where they are as the page's script has them: 304.
async fn now(
    State(app): State<App>,
    Path(token): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let visit = match app.outreach.visit(&token).await {
        Ok(visit) => visit,
        Err(LinkError::Unknown) => return Err(Error::NotFound),
        Err(error) => return Err(error.into()),
    };
    let scene = scene(&token, "", &visit, &asked, None);
    let html = draw(&NowParts { now: scene.now() })?;
    let mut digest = DefaultHasher::new();
    html.0.hash(&mut digest);
    let tag = format!("\"{:016x}\"", digest.finish());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { html.into_response() };
    response.headers_mut().insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Error::internal)?);
    Ok(response)
}

/// The visit for the patient's calendar.
async fn calendar(
    State(app): State<App>,
    Path(token): Path<String>,
    asked: Asked,
) -> Result<Response, Error> {
    match app.outreach.calendar_of(&token).await {
        Ok(file) => {
            let headers = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
            ];
            Ok((headers, file.file).into_response())
        }
        Err(LinkError::Unknown) => unknown(&asked),
        Err(error) => Err(error.into()),
    }
}

/// What the page's script says when somebody has the page before them.
async fn opened(State(app): State<App>, Path(token): Path<String>, form: Bytes) -> Result<StatusCode, Error> {
    match app.outreach.opened(&token, field(&form, "page").as_deref()).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(LinkError::Unknown) => Err(Error::NotFound),
        Err(error) => Err(error.into()),
    }
}

async fn join(
    State(app): State<App>,
    Path(token): Path<String>,
    Source(address): Source,
    asked: Asked,
    form: Bytes,
) -> Result<Response, Error> {
    let asked = asked.or(field(&form, "lang").as_deref());
    // Each press is kept, and asks Zoom where the room has links of one's own: a link that is pressed without end would
    // use up what the account may ask for others.
    if let Err(wait) = admit(&app, &token) {
        return too_often(&app, &token, &asked, wait).await;
    }
    let way = field(&form, "way").map(|word| Way::from_word(&word)).unwrap_or_default();
    let from = PressFrom { page_token: field(&form, "page"), way };
    match app.outreach.press(&token, address, from).await {
        Ok(pressed) => {
            // The press is kept; should this fail, the next word from Zoom makes up for it. The patient goes on.
            if let Some(press) = &pressed.press
                && let Err(error) =
                    app.attendance.reconsider(pressed.clinic, pressed.room.id(), press.at).await
            {
                tracing::error!(%error, room.id = %pressed.room.id(), "a press was not weighed");
            }
            // Zoom is asked for nobody of whom nothing was noted: scanners of mail would use up what it gives out in a day.
            let own = if pressed.press.is_some() { own_way(&app, &pressed).await } else { None };
            let way = pressed.lead(own);
            if pressed.room.elsewhere().is_some() {
                return room_other::onward(words_for(&app, &token, &asked).await, &way);
            }
            Ok(see_other(way.location()))
        }
        Err(LinkError::Unknown) => unknown(&asked),
        // The page says why, and what to do.
        Err(
            LinkError::TooEarly { .. }
            | LinkError::Over
            | LinkError::Cancelled
            | LinkError::InPerson
            | LinkError::NoRoom,
        ) => Ok(see_other(&format!("/v/{token}{}", asked.query()))),
        Err(LinkError::NotAllowed(_)) => {
            let visit = app.outreach.visit(&token).await?;
            let page = page(&app, &token, &visit, &asked, Some(VisitState::HostNotReady), None)?;
            Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The attendee's own way into the room, by which Zoom says whose link it was; none where it is not to be had soon. The
/// room's own link leads there too.
async fn own_way(app: &App, pressed: &Pressed) -> Option<Redirect> {
    let Pressed { clinic, room, appointment, attendee, .. } = pressed;
    let room = room.zoom()?;
    let way = tokio::time::timeout(PATIENCE, app.zoom.personal_way(*clinic, room, appointment, attendee));
    app.outreach.allow(&way.await.ok()??)
}

/// "No more messages", or "send them again".
async fn stop(
    State(app): State<App>,
    Path(token): Path<String>,
    asked: Asked,
    form: Bytes,
) -> Result<Response, Error> {
    let asked = asked.or(field(&form, "lang").as_deref());
    if let Err(wait) = admit(&app, &token) {
        return too_often(&app, &token, &asked, wait).await;
    }
    let channel = field(&form, "by").and_then(|word| Channel::from_word(&word)).unwrap_or(Channel::Copy);
    let again = field(&form, "again").is_some();
    match app.outreach.set_messages(&token, field(&form, "page").as_deref(), channel, again).await {
        Ok(done) => {
            let said = match (done, again) {
                (false, _) => ["", ""],
                (true, false) => ["stopped", channel.as_str()],
                (true, true) => ["again", channel.as_str()],
            };
            let query = super::query(&[
                ("lang", asked.code().unwrap_or_default()),
                ("said", said[0]),
                ("by", said[1]),
            ]);
            Ok(see_other(&format!("/v/{token}{}#messages", super::with_mark(&query))))
        }
        Err(LinkError::Unknown) => unknown(&asked),
        Err(error) => Err(error.into()),
    }
}

fn admit(app: &App, token: &str) -> Result<(), Duration> {
    match Token::parse(token) {
        Ok(known) => app.presses.admit(&hex::encode(known.hash().as_bytes()), None, app.ambient.now()),
        Err(_) => Ok(()),
    }
}

/// The texts for whoever holds this link.
async fn words_for(app: &App, token: &str, asked: &Asked) -> &'static Words {
    match app.outreach.visit(token).await {
        Ok(visit) => asked.words(visit.attendee.language.as_ref(), &visit.settings),
        // Why there is none is said by what else the request does.
        Err(_) => asked.words_for_a_stranger(),
    }
}

async fn too_often(app: &App, token: &str, asked: &Asked, wait: Duration) -> Result<Response, Error> {
    let words = words_for(app, token, asked).await;
    let minutes = wait.as_secs().div_ceil(60).max(1).to_string();
    let page = TroublePage {
        frame: PatientFrame::new(words, &format!("/v/{token}"), &words.page.trouble.title, ""),
        message: filled(&words.page.trouble.too_often, &[("minutes", &minutes)]),
    };
    let mut response = (StatusCode::TOO_MANY_REQUESTS, draw(&page)?).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    Ok(response)
}

/// The page for a link that leads nowhere, the same whether it ever led anywhere.
pub(super) fn unknown(asked: &Asked) -> Result<Response, Error> {
    let words = asked.words_for_a_stranger();
    let mut frame = PatientFrame::new(words, "", &words.page.unknown.title, "");
    // The page says nothing of its address, so that all such pages are the same.
    for one in &mut frame.languages {
        one.href = format!("?lang={}", one.code);
    }
    let page = UnknownLinkPage { frame, lost_query: asked.query() };
    Ok((StatusCode::NOT_FOUND, draw(&page)?).into_response())
}

fn page(
    app: &App,
    token: &str,
    visit: &Visit,
    asked: &Asked,
    instead: Option<VisitState>,
    said: Option<Said>,
) -> Result<Response, Error> {
    let page_token = app.outreach.page_token(visit.clinic.id, visit.link).map_err(Error::internal)?;
    let scene = scene(token, page_token.expose(), visit, asked, instead);
    Ok(draw(&scene.page(said))?.into_response())
}

fn scene<'a>(
    token: &'a str,
    page_token: &'a str,
    visit: &'a Visit,
    asked: &Asked,
    instead: Option<VisitState>,
) -> Scene<'a> {
    Scene {
        words: asked.words(visit.attendee.language.as_ref(), &visit.settings),
        asked: asked.code(),
        token,
        page_token,
        instead,
        visit,
    }
}
