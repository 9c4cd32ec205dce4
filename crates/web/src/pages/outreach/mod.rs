//! How a clinic reaches its patients, for the admin: when links work, what goes out by itself and when, and what it says.

mod read;
mod wordings;

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    outreach::{Settings, message::Channel},
    staff::Role,
};
use outreach::words::Words;
use serde::Deserialize;

use super::{
    draw, frame, see_other,
    view::{
        board::Choice,
        frame::Place,
        outreach::{ChannelLine, Length, OutreachForm, OutreachPage},
        words::{Wall, count},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};
use read::Sent;

const ADMIN: Who = Who::Staff(&[Role::Admin]);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![Route::get("/outreach", ADMIN, show), Route::post("/outreach", ADMIN, keep)];
    routes.extend(wordings::routes());
    routes
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let settings = app.store.read().await?.outreach_settings(person.clinic.id).await?;
    let form = form_of(&settings, &wall(&app, &person.clinic));
    let said = (asked.done == "saved").then_some("Saved. It holds from now on.");
    draw(&page(&app, &person, form, said).await?)
}

async fn keep(
    State(app): State<App>,
    person: SignedIn,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let sent = Sent::new(sent);
    let form = sent.form(&wall(&app, &person.clinic));
    if let Some(form) = sent.other_rungs(&form) {
        return Ok(draw(&page(&app, &person, form, None).await?)?.into_response());
    }
    match sent.settings(&form) {
        Ok(settings) => {
            let mut tx = app.store.begin().await?;
            tx.set_outreach_settings(person.clinic.id, &settings).await?;
            tx.commit().await?;
            Ok(see_other("/outreach?done=saved"))
        }
        Err(faults) => {
            let form = OutreachForm { faults, ..form };
            let page = draw(&page(&app, &person, form, None).await?)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn page(
    app: &App,
    person: &SignedIn,
    form: OutreachForm,
    said: Option<&'static str>,
) -> Result<OutreachPage, Error> {
    let own = app.store.read().await?.wordings(person.clinic.id).await?.len();
    let mut frame = frame(person, "Messages and links", Some(Place::Outreach));
    frame.said = said;
    let wordings = match own {
        0 => "All messages are in the built-in words.".to_owned(),
        own => format!("{} in your own words.", count(own, "message is", "messages are")),
    };
    Ok(OutreachPage { frame, channels: channels(app), form, wordings })
}

/// What messages leave by, in words.
fn channels(app: &App) -> Vec<ChannelLine> {
    let line = |channel, word, on, off| {
        let works = app.outreach.can_send(channel);
        ChannelLine { word, works, sentence: if works { on } else { off } }
    };
    vec![
        line(
            Channel::Email,
            "E-mail",
            "goes to whoever has an address and agreed to e-mail.",
            "is not set up on this installation, so that none is sent. Whoever runs Anteroom sets a mail server.",
        ),
        line(
            Channel::Sms,
            "Text messages",
            "go to whoever has a mobile number and agreed to them.",
            "are not set up on this installation, so that none are sent. Whoever runs Anteroom sets a provider.",
        ),
        line(Channel::Copy, "Copying a link", "always works, on each appointment.", ""),
    ]
}

/// The form with these settings in it.
fn form_of(settings: &Settings, wall: &Wall) -> OutreachForm {
    let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    let quiet = settings.quiet.unwrap_or_default();
    OutreachForm {
        opens: Length::of(settings.opens_before),
        closes: Length::of(settings.closes_after),
        phone: settings.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        languages: languages(settings.language.as_str()),
        send_when_booked: settings.send_when_booked,
        tell_changes: settings.tell_changes,
        rungs: settings.ladder.rungs().iter().copied().map(Length::of).collect(),
        is_full: settings.ladder.rungs().len() >= domain::outreach::reminders::MOST_RUNGS,
        quiet: settings.quiet.is_some(),
        quiet_from: time(quiet.from),
        quiet_to: time(quiet.to),
        zone: format!("{}, {}", wall.zone_word(wall.now), wall.zone_place()),
        portal_origin: settings.portal_origin.clone().unwrap_or_default(),
        unsaved: false,
        faults: Vec::new(),
    }
}

/// The languages that there are, as choices.
fn languages(chosen: &str) -> Vec<Choice> {
    Words::languages()
        .iter()
        .map(|words| Choice {
            value: words.language.to_string(),
            word: words.name.clone(),
            chosen: words.language.as_str() == chosen,
        })
        .collect()
}
