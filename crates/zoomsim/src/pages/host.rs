//! The host: start the meeting, see who waits, let in, send back, remove, end.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Timer, page, trouble};
use crate::handle::SimHandle;
use crate::oauth::Params;
use crate::room::NewGuest;
use crate::state::{Place, User};
use crate::world::{SimError, Turn, World};

struct Person {
    id: u64,
    name: String,
    since: Timer,
    role: String,
    is_host: bool,
    note: &'static str,
}

#[derive(Template)]
#[template(path = "host_door.html")]
struct Door {
    number: i64,
    topic: String,
    running: bool,
    users: Vec<(String, String)>,
    /// Who may not host it.
    others: Vec<(String, String)>,
    host: String,
}

#[derive(Template)]
#[template(path = "host.html")]
struct Room {
    number: i64,
    topic: String,
    running: bool,
    since: Timer,
    join_url: String,
    host_seat: Option<u64>,
    waiting: Vec<Person>,
    connecting: Vec<Person>,
    inside: Vec<Person>,
}

pub(crate) async fn door(State(world): State<Arc<World>>, Path(number): Path<i64>) -> Response {
    let door = world.turn(|turn| {
        let number = turn.meeting_for_joining(number)?;
        let meeting = turn.meeting(number)?;
        let (may, may_not): (Vec<&User>, Vec<&User>) =
            turn.users_in_order().partition(|user| turn.may_host(number, &user.profile.id) == Ok(true));
        let mut users: Vec<_> = may
            .into_iter()
            .map(|user| (user.profile.id.clone(), user.profile.display_name.clone()))
            .collect();
        users.sort_by_key(|(id, _)| *id != meeting.host_id);
        let others = may_not.into_iter().map(|user| {
            (user.profile.id.clone(), format!("{} · {}", user.profile.display_name, user.profile.email))
        });
        Ok::<_, SimError>(Door {
            number,
            topic: meeting.topic.clone(),
            running: meeting.running().is_some(),
            users,
            others: others.collect(),
            host: turn.user(&meeting.host_id)?.profile.display_name.clone(),
        })
    });
    match door {
        Ok(door) => page(&door).into_response(),
        Err(error) => trouble(&error),
    }
}

pub(crate) async fn start(
    State(world): State<Arc<World>>,
    Path(number): Path<i64>,
    body: String,
) -> Response {
    let params = Params::parse(&[&body]);
    if let Some(other) = params.get("other") {
        return come_as(&world, number, other, params.get("name").unwrap_or_default());
    }
    let started = world.turn(|turn| turn.start(number, params.get("user_id").map(str::to_owned)));
    match started {
        Ok(_) => Redirect::to(&format!("/h/{number}")).into_response(),
        Err(error) => trouble(&error),
    }
}

/// The start link opened in a browser that is signed in to another Zoom account: its owner may not host, and comes as
/// a guest under the name of that account.
fn come_as(world: &World, number: i64, other: &str, name: &str) -> Response {
    let came = world.turn(|turn| {
        let mut guest = NewGuest::default();
        if other == "private" {
            name.clone_into(&mut guest.name);
            guest.outside_zoom_id = Some(turn.state.dice.base64url(22));
        } else {
            guest.zoom_user_id = Some(other.to_owned());
        }
        turn.come(number, guest)
    });
    match came {
        Ok(id) => Redirect::to(&format!("/g/{id}")).into_response(),
        Err(error) => trouble(&error),
    }
}

fn people(turn: &Turn<'_>, number: i64, place: Place) -> Vec<Person> {
    let ids = turn.at(number, place);
    let guests = ids.iter().filter_map(|id| turn.guest(*id).ok());
    guests
        .map(|guest| Person {
            id: guest.id,
            name: guest.name.clone(),
            since: Timer::new(turn.now, guest.stays.last().map(|stay| stay.from)),
            role: if guest.role == "attendee" { String::new() } else { guest.role.clone() },
            is_host: guest.is_host,
            note: match (&guest.phone, &guest.registrant_id, &guest.zoom_user_id) {
                (Some(_), _, _) => "by phone",
                (_, Some(_), _) => "registered",
                (_, _, Some(_)) => "signed in",
                _ => "guest",
            },
        })
        .collect()
}

pub(crate) async fn show(State(world): State<Arc<World>>, Path(number): Path<i64>) -> Response {
    let room = world.turn(|turn| {
        let number = turn.meeting_for_joining(number)?;
        let meeting = turn.meeting(number)?;
        let mut waiting = people(turn, number, Place::Waiting);
        waiting.extend(people(turn, number, Place::BeforeHost));
        let inside = people(turn, number, Place::InMeeting);
        Ok::<_, SimError>(Room {
            number,
            topic: meeting.topic.clone(),
            running: meeting.running().is_some(),
            since: Timer::new(turn.now, meeting.running().map(|running| running.started_at)),
            join_url: turn.join_url(meeting, None),
            host_seat: inside.iter().find(|person| person.is_host).map(|person| person.id),
            waiting,
            connecting: people(turn, number, Place::Connecting),
            inside,
        })
    });
    match room {
        Ok(room) => page(&room).into_response(),
        Err(error) => trouble(&error),
    }
}

pub(crate) async fn act(State(world): State<Arc<World>>, Path(number): Path<i64>, body: String) -> Response {
    let params = Params::parse(&[&body]);
    let number = world.turn(|turn| turn.meeting_for_joining(number)).unwrap_or(number);
    let sim = SimHandle::new(world);
    let guest = params.get("guest").and_then(|id| id.parse().ok()).ok_or(SimError::NoSuchGuest);
    let done = match params.get("act") {
        Some("admit") => guest.and_then(|id| sim.admit(id)),
        Some("admit_all") => sim.admit_all(number).map(|_| ()),
        Some("put_back") => guest.and_then(|id| sim.put_back(id)),
        Some("remove") => guest.and_then(|id| sim.remove(id)),
        Some("leave") => guest.and_then(|id| sim.leave(id)),
        Some("end") => sim.end(number),
        _ => Err(SimError::BadRequest("nothing was asked for".to_owned())),
    };
    match done {
        // Somebody else was quicker: the page shows what became of it.
        Ok(()) | Err(SimError::WrongPlace | SimError::NotRunning) => {
            Redirect::to(&format!("/h/{number}")).into_response()
        }
        Err(error) => trouble(&error),
    }
}
