//! The control panel: who exists, which meetings there are, what was delivered, and the knobs.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::{clock_time, page, trouble};
use crate::config::Plan;
use crate::handle::SimHandle;
use crate::knobs::Knobs;
use crate::oauth::Params;
use crate::state::{Outcome, Place};
use crate::world::{SimError, World};

struct UserLine {
    id: String,
    name: String,
    email: String,
    plan: &'static str,
    installed: bool,
    disabled: bool,
}

struct MeetingLine {
    number: i64,
    topic: String,
    host: String,
    running: bool,
    waiting: usize,
    inside: usize,
    join_url: String,
    waiting_room: bool,
    deleted: bool,
}

struct Line {
    at: String,
    event: String,
    attempt: u32,
    outcome: &'static str,
    is_good: bool,
    status: String,
}

struct Knob {
    name: String,
    /// `switch`, `choice` or `number`; others are left to the JSON call.
    kind: &'static str,
    value: String,
    on: bool,
    choices: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "panel.html")]
struct Panel {
    now: String,
    endpoint: Option<String>,
    validated: bool,
    pending: usize,
    users: Vec<UserLine>,
    meetings: Vec<MeetingLine>,
    lines: Vec<Line>,
    knobs: Vec<Knob>,
    faults: Vec<String>,
}

const CHOICES: [(&str, &[&str]); 4] = [
    ("names", &["typed", "absent", "empty", "masked"]),
    ("admitted_carries", &["waiting_room", "meeting"]),
    ("before_host", &["waiting_room", "jbh_waiting"]),
    ("deauthorized_shape", &["current", "legacy", "text_event_ts"]),
];

fn knob_lines(knobs: &Knobs) -> Vec<Knob> {
    let Value::Object(all) = json!(knobs) else { return Vec::new() };
    let line = |(name, value): (String, Value)| {
        let choices = CHOICES.iter().find(|(known, _)| *known == name).map(|(_, choices)| choices.to_vec());
        let kind = match &value {
            Value::Bool(_) => "switch",
            Value::Number(_) => "number",
            Value::String(_) => "choice",
            _ => return None,
        };
        let on = value.as_bool().unwrap_or(false);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(Knob { name, kind, value: text, on, choices: choices.unwrap_or_default() })
    };
    all.into_iter().filter_map(line).collect()
}

pub(crate) async fn show(State(world): State<Arc<World>>) -> Response {
    let panel = world.turn(|turn| {
        let users = turn.users_in_order().map(|user| UserLine {
            id: user.profile.id.clone(),
            name: user.profile.display_name.clone(),
            email: user.profile.email.clone(),
            plan: if user.profile.plan == Plan::Basic { "Basic" } else { "Licensed" },
            installed: user.installed,
            disabled: user.disabled,
        });
        let meetings =
            turn.state.meetings.values().filter(|meeting| !meeting.personal).map(|meeting| MeetingLine {
                number: meeting.number,
                topic: meeting.topic.clone(),
                host: turn
                    .user(&meeting.host_id)
                    .map(|host| host.profile.display_name.clone())
                    .unwrap_or_default(),
                running: meeting.running().is_some(),
                waiting: turn.at(meeting.number, Place::Waiting).len()
                    + turn.at(meeting.number, Place::BeforeHost).len(),
                inside: turn.at(meeting.number, Place::InMeeting).len(),
                join_url: turn.join_url(meeting, None),
                waiting_room: meeting.flag("waiting_room"),
                deleted: meeting.deleted_at.is_some(),
            });
        let lines = turn.state.log.iter().rev().take(60).map(|line| Line {
            at: clock_time(line.at),
            event: line.event.clone(),
            attempt: line.attempt,
            outcome: outcome(line.outcome),
            is_good: matches!(line.outcome, Outcome::Delivered | Outcome::Validated | Outcome::Taken),
            status: line.status.map(|status| status.to_string()).unwrap_or_default(),
        });
        Panel {
            now: crate::clock::seconds_text(turn.now),
            endpoint: turn.config.webhook_url.clone(),
            validated: turn.state.subscription.validated,
            pending: turn.state.outbox.len() + turn.state.reversing.len(),
            users: users.collect(),
            meetings: meetings.collect(),
            lines: lines.collect(),
            knobs: knob_lines(&turn.state.knobs),
            faults: turn.state.faults.iter().map(|fault| fault.route.clone()).collect(),
        }
    });
    page(&panel).into_response()
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Failed => "failed, will be tried again",
        Outcome::GivenUp => "given up",
        Outcome::Lost => "lost on purpose",
        Outcome::Taken => "taken by a test",
        Outcome::Validated => "challenge answered",
        Outcome::NotValidated => "challenge not answered",
    }
}

/// One knob, as a form sends it: `name` and `value`.
pub(crate) async fn turn(State(world): State<Arc<World>>, body: String) -> Response {
    let params = Params::parse(&[&body]);
    let (name, sent) = (params.get("name").unwrap_or_default(), params.get("value").unwrap_or_default());
    let turned = world.turn(|turn| {
        let mut all = json!(turn.state.knobs);
        let known =
            all.get_mut(name).ok_or_else(|| SimError::BadRequest("there is no such knob".to_owned()))?;
        *known = match known {
            Value::String(_) => json!(sent),
            _ => serde_json::from_str(sent).map_err(|error| SimError::BadRequest(error.to_string()))?,
        };
        turn.state.knobs =
            serde_json::from_value(all).map_err(|error| SimError::BadRequest(error.to_string()))?;
        Ok::<_, SimError>(())
    });
    match turned {
        Ok(()) => Redirect::to("/#knobs").into_response(),
        Err(error) => trouble(&error),
    }
}

pub(crate) async fn on_user(
    State(world): State<Arc<World>>,
    Path((id, act)): Path<(String, String)>,
) -> Response {
    let sim = SimHandle::new(world);
    let done = match act.as_str() {
        "deauthorize" => sim.deauthorize(&id),
        "password" => sim.change_password(&id),
        "disable" => sim.disable_by_admin(&id),
        "allow" => sim.allow_by_admin(&id, false),
        _ => Err(SimError::BadRequest("nothing was asked for".to_owned())),
    };
    match done {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => trouble(&error),
    }
}
