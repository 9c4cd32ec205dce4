//! A host's link: sign-in first, then, for that host alone, the way into the room.

use axum::{
    extract::{Path, State},
    http::Uri,
    response::Response,
};
use domain::text::Language;
use outreach::{LinkError, words::Words};

use super::{room_other, see_other};
use crate::{App, Error, SignedIn, guard::Who, routes::Route, session};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/h/{token}", Who::LinkHolder, enter)]
}

async fn enter(
    State(app): State<App>,
    person: Option<SignedIn>,
    Path(token): Path<String>,
    wanted: Uri,
) -> Result<Response, Error> {
    // Before the link is looked at, so that nobody learns from outside which links there are.
    let Some(person) = person else { return Ok(session::sign_in_first(&app, &wanted)) };
    let way = match app.outreach.host_way(&token).await {
        Ok(way) => way,
        Err(LinkError::Cancelled) => {
            return Err(Error::Gone(
                "This appointment was cancelled. Your own room is on your room’s page.".into(),
            ));
        }
        Err(LinkError::InPerson) => {
            return Err(Error::Gone(
                "This appointment is at the clinic: there is no video room to enter.".into(),
            ));
        }
        Err(LinkError::NoRoom) => {
            return Err(Error::Conflict(
                "There is no room to enter. Connect Zoom, or paste your links, on your room’s page first."
                    .into(),
            ));
        }
        Err(LinkError::NotAllowed(_)) => {
            return Err(Error::Unavailable(
                "The room’s address is on no host that this installation allows. Tell the person who runs it.".into(),
            ));
        }
        Err(LinkError::Unknown) => return Err(Error::NotFound),
        Err(error) => return Err(error.into()),
    };
    if (way.clinic, way.staff) != (person.clinic.id, person.staff.id) {
        return Err(Error::Forbidden(
            "This is a colleague’s link into their own room. Only they can open it.".into(),
        ));
    }
    if way.elsewhere {
        // Whoever has just signed in comes from a form, whose way on is held to Zoom's hosts.
        return room_other::onward(Words::of(&Language::english()), &way.redirect);
    }
    Ok(see_other(way.redirect.location()))
}
