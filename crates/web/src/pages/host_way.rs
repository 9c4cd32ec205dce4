//! A host's link: sign-in first, then, for that host alone, the way into the room.

use axum::{
    extract::{Path, State},
    http::{Uri, uri::PathAndQuery},
    response::Response,
};
use domain::text::Language;
use outreach::{LinkError, words::Words};

use super::{room_other, see_other, visit::language::field};
use crate::{App, Error, SignedIn, guard::Who, routes::Route, session};

/// Stands in the address of whoever was asked to sign in first.
const SIGNED_IN: &str = "signed_in";

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
    let Some(person) = person else {
        return Ok(session::sign_in_first(&app, &after_sign_in(&wanted)?));
    };
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
    let has_just_signed_in = wanted.query().and_then(|query| field(query.as_bytes(), SIGNED_IN)).is_some();
    if way.elsewhere && has_just_signed_in {
        // They come from a form, whose way on is held to Zoom's hosts.
        return room_other::onward(Words::of(&Language::english()), &way.redirect);
    }
    Ok(see_other(way.redirect.location()))
}

/// Where to come back to: the same link, which then knows that a form came before.
fn after_sign_in(wanted: &Uri) -> Result<Uri, Error> {
    let back = format!("{}?{SIGNED_IN}=1", wanted.path());
    Ok(Uri::from(PathAndQuery::try_from(back).map_err(Error::internal)?))
}
