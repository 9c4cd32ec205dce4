//! Where text messages to somebody of the staff go: their own word, on their room's page.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{staff::Role, text::Phone};
use serde::Deserialize;

use super::{draw, room, see_other, view::room::PhoneView};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/room/phone", Who::Staff(&[Role::Staff]), keep)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    phone: String,
}

/// Keeps the number; an empty field takes it away.
async fn keep(State(app): State<App>, person: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let text = typed.phone.trim();
    let phone = match Phone::parse(text) {
        Ok(phone) => Some(phone),
        Err(_) if text.is_empty() => None,
        Err(wrong) => {
            let mut page = room::read(&app, &person).await?;
            page.phone = PhoneView {
                number: text.chars().take(100).collect(),
                fault: format!("Your mobile number {wrong}."),
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response());
        }
    };
    let mut tx = app.store.begin().await?;
    tx.set_staff_phone(person.clinic.id, person.staff.id, phone.as_ref()).await?;
    tx.commit().await?;
    Ok(see_other("/room?done=phone#phone"))
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    (done == "phone").then_some("Noted where text messages to you go.")
}
