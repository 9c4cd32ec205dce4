//! How somebody of the staff wants to be told of what needs them: by e-mail, by text message, or on the pages alone.

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    alert::{Choice as Chosen, Told},
    staff::Role,
};
use outreach::ChoiceError;
use serde::Deserialize;

use super::super::{
    draw, frame, see_other,
    view::{
        board::Choice,
        room::{ToldForm, ToldPage},
    },
};
use crate::{
    App, Error, SignedIn,
    guard::{ANY_ROLE, Who},
    routes::Route,
};

pub(super) fn routes() -> Vec<Route> {
    // Whoever has no room of their own hears of everybody's.
    let any = Who::Staff(ANY_ROLE);
    vec![Route::get("/room/told", any, page), Route::post("/room/told", any, choose)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    own: String,
    clinic: String,
    from: String,
}

/// Where the form stands on the room's page.
const ON_ROOM: &str = "room";

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let mut frame = frame(&person, "How I am told", None);
    frame.said = said(&asked.done);
    draw(&ToldPage { frame, told: ToldForm { from: "", ..read(&app, &person).await? } })
}

async fn choose(State(app): State<App>, person: SignedIn, Form(wish): Form<Wish>) -> Result<Response, Error> {
    let kept = app.outreach.alert_choice(person.clinic.id, person.staff.id).await?;
    let of = |word: &str, shown: bool, kept: Told| match Told::from_word(word) {
        Some(told) if shown => Ok(told),
        None if shown && !word.is_empty() => {
            Err(Error::BadRequest("Choose one of the ways that were offered.".into()))
        }
        _ => Ok(kept),
    };
    let choice = Chosen {
        own: of(&wish.own, person.staff.is(Role::Staff), kept.own)?,
        clinic: of(&wish.clinic, sees_to_all(&person), kept.clinic)?,
    };
    match app.outreach.set_alert_choice(person.clinic.id, person.staff.id, choice).await {
        Ok(()) => {}
        Err(ChoiceError::NoNumber) => {
            let form = ToldForm {
                fault: "A text message needs your mobile number: say it first, on your room’s page."
                    .to_owned(),
                from: "",
                ..form(&person, choice)
            };
            let page = ToldPage { frame: frame(&person, "How I am told", None), told: form };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response());
        }
        Err(ChoiceError::Store(error)) => return Err(error.into()),
        Err(error @ ChoiceError::UnknownStaff) => return Err(Error::internal(error)),
    }
    let on_room = wish.from == ON_ROOM && person.staff.is(Role::Staff);
    Ok(see_other(if on_room { "/room?done=told#how-told" } else { "/room/told?done=told" }))
}

fn sees_to_all(person: &SignedIn) -> bool {
    person.staff.is(Role::Scheduler) || person.staff.is(Role::Admin)
}

/// The form as things stand.
pub(super) async fn read(app: &App, person: &SignedIn) -> Result<ToldForm, Error> {
    let kept = app.outreach.alert_choice(person.clinic.id, person.staff.id).await?;
    Ok(form(person, kept))
}

fn form(person: &SignedIn, chosen: Chosen) -> ToldForm {
    let choices = |chosen: Told| {
        let choice = |told: Told| Choice {
            value: told.as_str().to_owned(),
            word: match told {
                Told::Nothing => "By nothing: I look at the pages".to_owned(),
                Told::Email => format!("By e-mail to {}", person.staff.email),
                Told::Sms => match &person.staff.phone {
                    Some(phone) => format!("By text message to {phone}"),
                    None => "By text message (say your mobile number first)".to_owned(),
                },
            },
            chosen: told == chosen,
        };
        [Told::Email, Told::Sms, Told::Nothing].map(choice).to_vec()
    };
    ToldForm {
        own: if person.staff.is(Role::Staff) { choices(chosen.own) } else { Vec::new() },
        clinic: if sees_to_all(person) { choices(chosen.clinic) } else { Vec::new() },
        fault: String::new(),
        from: ON_ROOM,
    }
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    (done == "told").then_some("Noted. That is how you are told from now on.")
}
