//! The bare address: each to their own page.

use axum::{
    extract::State,
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};

use super::view::frame::Place;
use crate::{App, Error, SignedIn, guard::Who, routes::Route, session};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Who::Anyone, home)]
}

async fn home(State(app): State<App>, person: Option<SignedIn>, wanted: Uri) -> Result<Response, Error> {
    let Some(person) = person else { return Ok(session::sign_in_first(&app, &wanted)) };
    match Place::first_of(&person.staff) {
        Some(place) => Ok(Redirect::to(place.href()).into_response()),
        None => Err(Error::Forbidden("You have no role here yet. Ask your administrator for one.".into())),
    }
}
