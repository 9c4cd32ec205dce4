//! A room of another product: its owner pastes the links, and whoever comes is led there.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::staff::Role;
use outreach::{Doubt, OtherRoomError, OtherRoomPage, Redirect, Side, WrongLink, words::Words};
use serde::Deserialize;

use super::{
    draw, room, see_other,
    view::{
        room_other::{OnwardPage, OtherRoomView},
        visit::PatientFrame,
        words::Wall,
    },
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/room/other", STAFF, paste), Route::post("/room/other/try", STAFF, try_again)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pasted {
    host_url: String,
    guest_url: String,
}

async fn paste(
    State(app): State<App>,
    person: SignedIn,
    Form(pasted): Form<Pasted>,
) -> Result<Response, Error> {
    let (clinic, staff) = (person.clinic.id, person.staff.id);
    match app.outreach.set_other_room(clinic, staff, &pasted.host_url, &pasted.guest_url).await {
        Ok(checked) => {
            let done = if checked.doubts.is_empty() { "other" } else { "other-doubts" };
            Ok(see_other(&format!("/room?done={done}#elsewhere")))
        }
        Err(OtherRoomError::Refused(wrong)) => {
            let mut page = room::read(&app, &person).await?;
            page.other = OtherRoomView {
                faults: wrong.iter().map(fault).collect(),
                host_url: pasted.host_url.chars().take(4_000).collect(),
                guest_url: pasted.guest_url.chars().take(4_000).collect(),
                ..page.other
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn try_again(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let doubts = app.outreach.try_other_room(person.clinic.id, person.staff.id).await?;
    let done = if doubts.is_empty() { "answers" } else { "other-doubts" };
    Ok(see_other(&format!("/room?done={done}#elsewhere")))
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "other" => Some("Saved. Both links answer, and your visits lead there from now on."),
        "other-doubts" => Some("Your visits lead to these links. Look at what is said below of them."),
        "answers" => Some("Both links answer."),
        "marked" => Some("Noted."),
        _ => None,
    }
}

/// The form for the links, as they are kept.
pub(super) fn view(kept: Option<&OtherRoomPage>, wall: &Wall) -> OtherRoomView {
    let Some(kept) = kept else { return OtherRoomView::default() };
    OtherRoomView {
        in_use: kept.in_use,
        kept: true,
        server: kept.room.host_name.clone(),
        now: kept.room.checked_at.map_or_else(String::new, |at| format!("Last tried {}.", wall.ago(at))),
        host_url: kept.host_url.expose().to_owned(),
        guest_url: kept.guest_url.expose().to_owned(),
        faults: Vec::new(),
        doubts: kept.doubts.iter().map(doubt).collect(),
    }
}

fn fault(wrong: &WrongLink) -> (&'static str, String) {
    (wrong.side.field(), wrong.kind.to_string())
}

fn doubt(doubt: &Doubt) -> (&'static str, String) {
    let side = match doubt.side {
        Side::Host => "Host link",
        Side::Guest => "Guest link",
    };
    (side, doubt.kind.to_string())
}

/// The step into a room of another product: a page that moves on by itself. A redirect in answer to a form would be held
/// to the hosts that `form-action` names, and so would every further one on the other side, which nobody can list here.
pub(super) fn onward(words: &'static Words, way: &Redirect) -> Result<Response, Error> {
    let mut frame = PatientFrame::new(words, "", &words.page.visit.onward, "");
    // There is nothing to read here in another language.
    frame.languages.clear();
    Ok(draw(&OnwardPage { frame, url: way.location().to_owned() })?.into_response())
}

impl From<OtherRoomError> for Error {
    fn from(error: OtherRoomError) -> Self {
        match error {
            OtherRoomError::NoLinks => {
                Self::Conflict("There are no links yet. Paste them on your room’s page first.".into())
            }
            OtherRoomError::UnknownStaff => Self::NotFound,
            OtherRoomError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
