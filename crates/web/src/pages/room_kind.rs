//! What kind of room somebody wants, or a clinic for all of its rooms: open, or registered.

use axum::{Form, extract::State, response::Response};
use domain::{room::RoomKind, staff::Role};
use oauth::{How, RoomOutcome, words};
use serde::Deserialize;

use super::{
    see_other,
    view::room::{KindChoice, KindView},
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    // Staff for their own room, an admin for the clinic: the handler holds to it.
    vec![Route::post("/room/kind", Who::Staff(&[Role::Staff, Role::Admin]), choose)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    kind: String,
    /// `clinic`, or nothing for one's own room.
    r#for: String,
}

/// Follows the clinic, in the form.
const AS_THE_CLINIC: &str = "clinic";

async fn choose(State(app): State<App>, person: SignedIn, Form(wish): Form<Wish>) -> Result<Response, Error> {
    let (clinic, staff) = (person.clinic.id, person.staff.id);
    let kind = RoomKind::from_word(&wish.kind);
    let follows = wish.kind == AS_THE_CLINIC && wish.r#for.is_empty();
    if kind.is_none() && !follows {
        return Err(Error::BadRequest("Choose which kind of room you want.".into()));
    }
    let failed = |error: oauth::RoomError| {
        let words = error.words();
        Error::Unavailable(format!("{} {}", words.what, words.todo).into())
    };
    match (wish.r#for.as_str(), kind) {
        ("clinic", Some(RoomKind::Other)) => {
            Err(Error::BadRequest("Everybody pastes links of their own, on their room’s page.".into()))
        }
        ("clinic", Some(kind)) => {
            if !person.staff.is(Role::Admin) {
                return Err(Error::Forbidden("Only an administrator chooses for the whole clinic.".into()));
            }
            app.zoom.set_room_kind(clinic, None, kind).await.map_err(failed)?;
            Ok(see_other("/feed?done=kind#kinds"))
        }
        ("", kind) => {
            if !person.staff.is(Role::Staff) {
                return Err(Error::Forbidden("You have no room of your own.".into()));
            }
            if kind == Some(RoomKind::Other) {
                app.outreach.use_other_room(clinic, staff).await?;
                return Ok(see_other("/room?done=kind#elsewhere"));
            }
            let outcome = match kind {
                Some(kind) => app.zoom.set_room_kind(clinic, Some(staff), kind).await,
                None => app.zoom.follow_clinics_kind(clinic, staff).await,
            };
            let changed = matches!(
                outcome.map_err(failed)?,
                Some(RoomOutcome::Ready(room)) if matches!(room.how, How::Changed)
            );
            Ok(see_other(if changed { "/room?done=changed" } else { "/room?done=kind" }))
        }
        _ => Err(Error::BadRequest("Choose for your own room, or for the clinic.".into())),
    }
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "changed" => Some(
            "Your room is of another kind now, and has another number. Links that Anteroom gave out lead to it by themselves.",
        ),
        "kind" => Some("Noted. How your room stands is told below."),
        _ => None,
    }
}

/// The kind's name.
pub(super) fn word(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Open => "Open room",
        RoomKind::Registered => "Registered room",
        RoomKind::Other => "A link from elsewhere",
    }
}

/// The choice between the kinds, for one's own room.
pub(super) fn own(zoom: &oauth::RoomPage) -> KindView {
    let mut choices = vec![KindChoice {
        value: AS_THE_CLINIC,
        word: format!("As the clinic wants: {}", word(zoom.clinics_kind).to_lowercase()),
        what: String::new(),
        todo: String::new(),
        chosen: zoom.wish.is_none(),
    }];
    let now = zoom.room.as_ref().map(|room| room.kind);
    choices.extend(kinds(zoom.wish, now));
    KindView {
        now: match &zoom.room {
            Some(room) => format!("{}.", word(room.kind)),
            None => "There is no room yet.".to_owned(),
        },
        trouble: zoom.kind_trouble.map_or_else(String::new, |trouble| {
            let words = trouble.words();
            format!("{} {}", words.what, words.todo)
        }),
        choices,
        of_clinic: false,
    }
}

/// The choice for all rooms of a clinic.
pub(super) fn of_clinic(wanted: RoomKind, rooms: &[domain::room::Room]) -> KindView {
    let of = |kind| rooms.iter().filter(|room| room.kind == kind).count();
    KindView {
        now: format!(
            "{} open, {} registered.",
            super::view::words::count(of(RoomKind::Open), "room is", "rooms are"),
            of(RoomKind::Registered)
        ),
        trouble: String::new(),
        choices: kinds(Some(wanted), Some(wanted)).collect(),
        of_clinic: true,
    }
}

/// The kinds, with what a change from what it is now brings.
fn kinds(chosen: Option<RoomKind>, now: Option<RoomKind>) -> impl Iterator<Item = KindChoice> {
    [RoomKind::Open, RoomKind::Registered].into_iter().map(move |kind| {
        let words = words::of_kind_change(kind);
        KindChoice {
            value: kind.as_str(),
            word: word(kind).to_owned(),
            what: words.what.into_owned(),
            todo: if now == Some(kind) { String::new() } else { words.todo.into_owned() },
            chosen: chosen == Some(kind),
        }
    })
}
