//! Ending the meeting for everybody: asked once more first, since whoever is in it is cut off.

use axum::{
    Form,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use domain::{StaffId, staff::Role};
use oauth::Ended;

use super::{
    super::{
        draw, frame, see_other,
        view::{frame::Place, room::EndPage},
        wall,
    },
    guests,
    join::Which,
    now,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/room/end", STAFF, ask), Route::post("/room/end", STAFF, end)]
}

async fn ask(
    State(app): State<App>,
    person: SignedIn,
    Query(which): Query<Which>,
) -> Result<Html<String>, Error> {
    let host = which.host(&app, &person).await?;
    draw(&read(&app, &person, host).await?)
}

async fn read(app: &App, person: &SignedIn, host: StaffId) -> Result<EndPage, Error> {
    let clinic = person.clinic.id;
    let wall = wall(app, &person.clinic);
    let now = now::read(app, clinic, host).await?;
    let there = app.attendance.waiting_for(clinic, host).await?;
    let is_own = host == person.staff.id;
    let name = if is_own {
        String::new()
    } else {
        let member = app.store.read().await?.staff_member(clinic, host).await?;
        member.map(|member| member.name.to_string()).unwrap_or_default()
    };
    let mut staff = now.colleagues(host);
    if now.host_since.is_some() {
        staff.insert(0, if is_own { "you".to_owned() } else { name.clone() });
    }
    Ok(EndPage {
        frame: frame(person, "End for all", Some(Place::Room)),
        host: name,
        id: if is_own { String::new() } else { host.to_string() },
        guests: there.iter().map(|guest| guests::in_my_room(guest, &wall)).collect(),
        staff,
        runs: now.room.running_since.is_some(),
        is_sure: now.room.feed_is_live,
        trouble: String::new(),
    })
}

async fn end(State(app): State<App>, person: SignedIn, Form(which): Form<Which>) -> Result<Response, Error> {
    let host = which.host(&app, &person).await?;
    match app.zoom.end_for_all(person.clinic.id, host).await {
        Ok(Ended::ForAll) => Ok(see_other("/room?done=ended")),
        Ok(Ended::NothingRan) => Ok(see_other("/room?done=nothing-ran")),
        Err(oauth::ActError::Store(error)) => Err(error.into()),
        Err(error) => {
            let words = error.words();
            let page = EndPage {
                trouble: format!("{} {}", words.what, words.todo),
                ..read(&app, &person, host).await?
            };
            Ok(draw(&page)?.into_response())
        }
    }
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "ended" => {
            Some("Zoom has ended the meeting for everybody. Who left stands here as soon as Zoom tells.")
        }
        "nothing-ran" => Some("Nothing was running, so there was nothing to end."),
        _ => None,
    }
}
