//! Asking for a lost link. The answer is the same whether anybody is known by the address, and is given before anybody
//! looks: so neither what it says nor how long it takes tells who is a patient here.

use std::time::Duration;

use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use outreach::{
    LostBy,
    words::{Words, filled},
};
use serde::Deserialize;

use super::{
    draw,
    view::{
        lost::{LostPage, LostState},
        visit::PatientFrame,
    },
    visit::language::Asked,
};
use crate::{App, Error, address::Source, guard::Who, routes::Route};

/// What is shown again of what was typed: no address is longer.
const MOST_SHOWN: usize = 254;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/lost", Who::Anyone, form),
        Route::post("/lost", Who::Anyone, ask).from_old_browsers_too(),
    ]
}

async fn form(asked: Asked) -> Result<Response, Error> {
    let state = LostState::Asks { typed: String::new(), wrong: false };
    page(StatusCode::OK, asked.words_for_a_stranger(), state)
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    address: String,
}

async fn ask(
    State(app): State<App>,
    Source(from): Source,
    asked: Asked,
    Form(Typed { address }): Form<Typed>,
) -> Result<Response, Error> {
    let words = asked.words_for_a_stranger();
    let Some(lost) = LostBy::parse(&address) else {
        let typed = address.chars().take(MOST_SHOWN).collect();
        return page(StatusCode::UNPROCESSABLE_ENTITY, words, LostState::Asks { typed, wrong: true });
    };
    if let Err(wait) = app.lost.admit(lost.as_str(), from, app.ambient.now()) {
        return too_many(words, wait);
    }
    look_for(&app, lost);
    page(StatusCode::OK, words, LostState::Taken)
}

/// Apart from the request, and from its number in the log. Where too many wait already it is dropped, and the answer is
/// the same: what is asked for cannot pile up in memory, and whoever asked in earnest asks again.
fn look_for(app: &App, lost: LostBy) {
    let Ok(place) = app.to_be_looked_for.clone().try_acquire_owned() else {
        tracing::warn!("too many lost links are to be looked for; one was dropped");
        return;
    };
    let (outreach, looking) = (app.outreach.clone(), app.looking.clone());
    app.tasks.spawn(async move {
        let _place = place;
        let Ok(_turn) = looking.acquire_owned().await else { return };
        if let Err(error) = outreach.recover(&lost).await {
            tracing::error!(%error, "lost links could not be looked for");
        }
    });
}

fn too_many(words: &'static Words, wait: Duration) -> Result<Response, Error> {
    let minutes = wait.as_secs().div_ceil(60).to_string();
    let sentence = filled(&words.page.lost.too_many, &[("minutes", &minutes)]);
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, words, LostState::TooMany { sentence })?;
    response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
    Ok(response)
}

fn page(status: StatusCode, words: &'static Words, state: LostState) -> Result<Response, Error> {
    let texts = &words.page.lost;
    let title = if state == LostState::Taken { &texts.done_title } else { &texts.title };
    let page = LostPage {
        frame: PatientFrame::new(words, "/lost", title, ""),
        words: texts,
        language: words.language.to_string(),
        state,
    };
    Ok((status, draw(&page)?).into_response())
}
