//! The guest: a name, the waiting room, the meeting, goodbye. The address `/g/{id}` is the guest's seat.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Timer, page, trouble};
use crate::handle::SimHandle;
use crate::oauth::Params;
use crate::room::NewGuest;
use crate::state::{Meeting, Place};
use crate::world::{SimError, Turn, World};

#[derive(Template)]
#[template(path = "door.html")]
struct Door {
    number: i64,
    topic: String,
    query: String,
    name: String,
    name_is_given: bool,
    asks_passcode: bool,
    wrong: Option<String>,
    users: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "seat.html")]
struct Seat {
    id: u64,
    number: i64,
    name: String,
    place: Place,
    topic: String,
    host: String,
    title: String,
    description: String,
    since: Timer,
    others: Vec<String>,
}

impl Seat {
    fn has_gone(&self) -> bool {
        self.place == Place::Gone
    }
}

/// Whether the passcode is in the link, typed rightly, or not needed.
fn passes(meeting: &Meeting, params: &Params) -> bool {
    meeting.password.is_empty()
        || params.get("pwd") == Some(&meeting.pwd)
        || params.get("passcode") == Some(&meeting.password)
}

fn look_at_door(
    turn: &Turn<'_>,
    number: i64,
    query: &str,
    params: &Params,
    wrong: Option<String>,
) -> Result<Door, SimError> {
    let meeting = turn.meeting(turn.meeting_for_joining(number)?)?;
    let tk = params.get("tk");
    let registrant = meeting.registrants.iter().find(|known| Some(known.tk.as_str()) == tk);
    let invite = tk.and_then(|tk| meeting.invites.get(tk));
    let given =
        registrant.map(crate::state::Registrant::name).or_else(|| invite.map(|invite| invite.name.clone()));
    let users = turn.users_in_order().map(|user| {
        (user.profile.id.clone(), format!("{} · {}", user.profile.display_name, user.profile.email))
    });
    Ok(Door {
        number,
        topic: meeting.topic.clone(),
        query: query.to_owned(),
        name_is_given: given.is_some(),
        name: given.or_else(|| params.get("uname").map(str::to_owned)).unwrap_or_default(),
        asks_passcode: !passes(meeting, params),
        wrong,
        users: users.collect(),
    })
}

pub(crate) async fn door(
    State(world): State<Arc<World>>,
    Path(number): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&query]);
    match world.turn(|turn| look_at_door(turn, number, &query, &params, None)) {
        Ok(door) => page(&door).into_response(),
        Err(error) => trouble(&error),
    }
}

pub(crate) async fn come(
    State(world): State<Arc<World>>,
    Path(number): Path<i64>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&body, &query]);
    let came = world.turn(|turn| {
        let known = turn.meeting_for_joining(number)?;
        if !passes(turn.meeting(known)?, &params) {
            return Err(SimError::WrongPasscode);
        }
        let text = |name: &str| params.get(name).map(str::to_owned);
        let guest = NewGuest {
            name: text("name").unwrap_or_default(),
            zoom_user_id: text("zoom_user_id"),
            phone: text("phone"),
            tk: text("tk"),
            ..NewGuest::default()
        };
        turn.come(known, guest)
    });
    match came {
        Ok(id) => Redirect::to(&format!("/g/{id}")).into_response(),
        Err(SimError::NoSuchMeeting) => trouble(&SimError::NoSuchMeeting),
        Err(error) => {
            let shown =
                world.turn(|turn| look_at_door(turn, number, &query, &params, Some(error.to_string())));
            match shown {
                Ok(door) => page(&door).into_response(),
                Err(error) => trouble(&error),
            }
        }
    }
}

pub(crate) async fn show(State(world): State<Arc<World>>, Path(id): Path<u64>) -> Response {
    let seat = world.turn(|turn| {
        let guest = turn.guest(id)?.clone();
        let meeting = turn.state.meetings.get(&guest.meeting).ok_or(SimError::NoSuchMeeting)?;
        let host = turn.user(&meeting.host_id).map(|host| host.profile.display_name.clone());
        let others = turn.at(guest.meeting, Place::InMeeting);
        let others = others.iter().filter(|other| **other != id).filter_map(|other| turn.guest(*other).ok());
        Ok::<_, SimError>(Seat {
            id,
            number: guest.meeting,
            name: guest.name.clone(),
            place: guest.place,
            topic: meeting.topic.clone(),
            host: host.unwrap_or_default(),
            title: meeting
                .waiting_room_title
                .clone()
                .unwrap_or_else(|| "Please wait, the meeting host will let you in soon.".to_owned()),
            description: meeting.waiting_room_description.clone().unwrap_or_default(),
            since: Timer::new(turn.now, guest.stays.last().map(|stay| stay.from)),
            others: others.map(|other| other.name.clone()).collect(),
        })
    });
    match seat {
        Ok(seat) => page(&seat).into_response(),
        Err(error) => trouble(&error),
    }
}

pub(crate) async fn act(State(world): State<Arc<World>>, Path(id): Path<u64>, body: String) -> Response {
    let params = Params::parse(&[&body]);
    let sim = SimHandle::new(world);
    let done = match params.get("act") {
        Some("leave") => sim.leave(id),
        Some("drop") => sim.lose_line(id),
        Some("rejoin") => sim.rejoin(id),
        _ => Err(SimError::BadRequest("nothing was asked for".to_owned())),
    };
    match done {
        // Somebody else was quicker: the page shows what became of it.
        Ok(()) | Err(SimError::WrongPlace) => Redirect::to(&format!("/g/{id}")).into_response(),
        Err(error) => trouble(&error),
    }
}
