//! Ways into a meeting: invite links with a preset name, registrants, and the text of the waiting room.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ApiError, bad_request, fail, invalid, no_meeting, object, routes};
use crate::clock::SECOND;
use crate::config::Plan;
use crate::state::{Invite, Registrant};
use crate::world::World;

fn wrong(field: &str) -> ApiError {
    invalid(vec![(field.to_owned(), "Invalid field.".to_owned())])
}

pub(crate) async fn invite_links(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::INVITE_LINKS, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        let fields = object(&headers, &bytes)?;
        let attendees =
            fields.get("attendees").and_then(Value::as_array).ok_or_else(|| wrong("attendees"))?;
        let ttl = match fields.get("ttl") {
            None => 7200,
            Some(ttl) => {
                ttl.as_i64().filter(|ttl| (0..=63_072_000).contains(ttl)).ok_or_else(|| wrong("ttl"))?
            }
        };
        if attendees.is_empty() || attendees.len() > 500 {
            return Err(wrong("attendees"));
        }
        let mut links = Vec::new();
        for attendee in attendees {
            let name = attendee
                .get("name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty() && name.len() <= 64);
            let name = name.ok_or_else(|| wrong("attendees.name"))?.to_owned();
            let tk = turn.state.dice.base64url(48);
            links.push(json!({ "name": name, "join_url": turn.join_url(&meeting, Some(&tk)) }));
            let invite = Invite { name, expires_at: turn.now + ttl * SECOND };
            turn.meeting_mut(meeting.number)
                .map_err(|_| no_meeting(meeting.number))?
                .invites
                .insert(tk, invite);
        }
        Ok((StatusCode::CREATED, Json(json!({ "attendees": links }))).into_response())
    })
}

pub(crate) async fn add_registrant(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::REGISTRANTS, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        if caller.plan == Plan::Basic {
            let message = format!("Only available for Paid user: {}.", caller.user_id);
            return Err(fail(StatusCode::BAD_REQUEST, 200, message));
        }
        if !meeting.wants_registration() {
            let message = format!("This meeting has not registration required: {}.", meeting.number);
            return Err(fail(StatusCode::NOT_FOUND, 300, message));
        }
        let fields = object(&headers, &bytes)?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::trim);
        let first_name = text("first_name").filter(|name| !name.is_empty() && name.len() <= 64);
        let email = text("email").filter(|email| email.contains('@') && email.len() <= 128);
        let (Some(first_name), Some(email)) = (first_name, email) else {
            return Err(wrong(if first_name.is_none() { "first_name" } else { "email" }));
        };
        turn.count_registration(caller, meeting.number, email)?;
        let auto = fields.get("auto_approve").and_then(Value::as_bool).unwrap_or(false);
        let approved = auto || meeting.settings.get("approval_type").and_then(Value::as_i64) == Some(0);
        let known = meeting.registrants.iter().find(|known| known.email.eq_ignore_ascii_case(email)).cloned();
        let registrant = known.unwrap_or_else(|| Registrant {
            id: turn.state.dice.base64url(22),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: text("last_name").unwrap_or_default().to_owned(),
            tk: turn.state.dice.base64url(48),
            pin: turn.state.dice.number(6).to_string(),
            approved,
        });
        let kept = turn.meeting_mut(meeting.number).map_err(|_| no_meeting(meeting.number))?;
        if !kept.registrants.iter().any(|known| known.id == registrant.id) {
            kept.registrants.push(registrant.clone());
        }
        let mut answer = json!({
            "id": meeting.number, "registrant_id": registrant.id, "topic": meeting.topic,
            "start_time": meeting.start_time, "participant_pin_code": registrant.pin,
            "occurrences": meeting.occurrences_left(turn.now),
        });
        if let (true, Some(fields)) = (registrant.approved, answer.as_object_mut()) {
            fields.insert("join_url".to_owned(), json!(turn.join_url(&meeting, Some(&registrant.tk))));
        }
        Ok((StatusCode::CREATED, Json(answer)).into_response())
    })
}

/// `PATCH /live_meetings/{id}/events`: of its methods only the text of the waiting room is simulated. There is no
/// method that admits, removes or puts back anybody.
pub(crate) async fn in_meeting_control(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::IN_MEETING, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        let fields = object(&headers, &bytes)?;
        match fields.get("method").and_then(Value::as_str) {
            Some("waiting_room.update") => {}
            Some(
                "recording.start"
                | "recording.stop"
                | "recording.pause"
                | "recording.resume"
                | "participant.invite"
                | "participant.invite.callout"
                | "participant.invite.room_system_callout",
            ) => return Err(bad_request("This method is not part of the simulation.")),
            _ => return Err(wrong("method")),
        }
        if meeting.running().is_none() {
            return Err(bad_request("The meeting is not in progress."));
        }
        let params = fields.get("params").and_then(Value::as_object).ok_or_else(|| wrong("params"))?;
        let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        let kept = turn.meeting_mut(meeting.number).map_err(|_| no_meeting(meeting.number))?;
        if let Some(title) = text("waiting_room_title") {
            kept.waiting_room_title = Some(title);
        }
        if let Some(description) = text("waiting_room_description") {
            kept.waiting_room_description = Some(description);
        }
        Ok(StatusCode::ACCEPTED.into_response())
    })
}
