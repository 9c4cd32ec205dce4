//! The controls over HTTP, below `/sim/`, for tests that run outside this process and for the pages.
//!
//! | call | what |
//! |---|---|
//! | `GET /sim/state` | users, meetings, guests, knobs, faults: everything, tokens left out |
//! | `GET /sim/truth` | who really was where and when |
//! | `GET /sim/deliveries` | the delivery log |
//! | `POST /sim/meetings/{number}/guests` | somebody comes: [`NewGuest`]; answers `{guest, place}` |
//! | `POST /sim/meetings/{number}/start` | `{user_id?}`; answers `{guest}`: the host as a participant |
//! | `POST /sim/meetings/{number}/end`, `/admit_all` | |
//! | `POST /sim/meetings/{number}/settings` | the host changes the saved meeting: a body as for PATCH |
//! | `POST /sim/meetings/{number}/live_waiting_room` | `{on}` |
//! | `POST /sim/meetings/{number}/delete` | the host deletes the meeting |
//! | `POST /sim/guests/{id}/leave`, `/drop`, `/rejoin`, `/admit`, `/put_back`, `/remove` | |
//! | `POST /sim/guests/{id}/rename` `{name}`, `/role` `{role}`, `/bind` `{computer}`, `/breakout` `{inside}` | |
//! | `GET /sim/guests/{id}` | one visit |
//! | `POST /sim/meetings/{number}/recover` | the host takes it out of the trash |
//! | `POST /sim/meetings/{number}/give` | `{user_id}`: an administrator gives it to another user |
//! | `POST /sim/users/{id}/deauthorize`, `/password`, `/disable` | the tokens die: by the user, by a new password, by an administrator |
//! | `POST /sim/users/{id}/allow` | `{revives?}`: the administrator's approval is given back |
//! | `POST /sim/users/{id}/settings` | the user changes their own settings: groups, `meeting_security` among them |
//! | `POST /sim/users/{id}/plan` | `{plan}`: `basic` or `licensed` |
//! | `POST /sim/secrets` | `{client_secret?, webhook_secret?}`: made anew in the marketplace |
//! | `GET /sim/calls` | the calls of the program under test, their numbers, and the limits that they broke |
//! | `POST /sim/users/{id}/meetings` | the user makes a meeting on Zoom's own pages: a body as for POST; answers `{meeting}` |
//! | `GET`, `POST /sim/knobs` | any part of [`Knobs`] |
//! | `GET`, `POST`, `DELETE /sim/faults` | one [`Fault`] |
//! | `POST /sim/clock/advance` | `{seconds}`: a driven clock moves on and delivers on the way |
//! | `POST /sim/tick` | delivers what is due |
//! | `POST /sim/revalidate` | challenges the endpoint again |

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::handle::SimHandle;
use crate::knobs::{Fault, Knobs};
use crate::room::NewGuest;
use crate::world::{SimError, World};

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/sim/state", get(state))
        .route("/sim/truth", get(truth))
        .route("/sim/deliveries", get(deliveries))
        .route("/sim/meetings/{number}/guests", post(join))
        .route("/sim/meetings/{number}/{act}", post(on_meeting))
        .route("/sim/guests/{id}", get(guest))
        .route("/sim/guests/{id}/{act}", post(on_guest))
        .route("/sim/users/{id}/{act}", post(on_user))
        .route("/sim/secrets", post(set_secrets))
        .route("/sim/calls", get(calls))
        .route("/sim/knobs", get(read_knobs).post(turn_knobs))
        .route("/sim/faults", get(read_faults).post(add_fault).delete(clear_faults))
        .route("/sim/clock/advance", post(advance))
        .route("/sim/tick", post(tick))
        .route("/sim/revalidate", post(revalidate))
}

impl IntoResponse for SimError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoSuchMeeting | Self::NoSuchGuest | Self::NoSuchUser => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::CONFLICT,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

fn done<T>(result: Result<T, SimError>, answer: impl FnOnce(T) -> Value) -> Response {
    match result {
        Ok(value) => Json(answer(value)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn unknown_act() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "there is no such control" }))).into_response()
}

/// The body as JSON; an empty one is an empty object.
fn fields(body: &str) -> Result<Value, SimError> {
    if body.trim().is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_str(body).map_err(|error| SimError::BadRequest(error.to_string()))
}

fn text(fields: &Value, name: &str) -> Result<String, SimError> {
    let value = fields.get(name).and_then(Value::as_str).map(str::to_owned);
    value.ok_or_else(|| SimError::BadRequest(format!("{name} is missing")))
}

fn switch(fields: &Value, name: &str) -> Result<bool, SimError> {
    let value = fields.get(name).and_then(Value::as_bool);
    value.ok_or_else(|| SimError::BadRequest(format!("{name} is missing")))
}

async fn state(State(world): State<Arc<World>>) -> Response {
    world
        .look(|state| {
            Json(json!({
                "now": world.now(),
                "users": state.users, "meetings": state.meetings, "guests": state.guests,
                "knobs": state.knobs, "faults": state.faults, "subscription": state.subscription,
                "pending": state.outbox.len() + state.reversing.len(),
            }))
        })
        .into_response()
}

async fn truth(State(world): State<Arc<World>>) -> Response {
    Json(SimHandle::new(world).truth()).into_response()
}

async fn deliveries(State(world): State<Arc<World>>) -> Response {
    let log = SimHandle::new(Arc::clone(&world)).deliveries();
    let validated = world.look(|state| state.subscription.validated);
    let pending = SimHandle::new(world).pending();
    Json(json!({ "endpoint_validated": validated, "pending": pending, "attempts": log })).into_response()
}

async fn join(State(world): State<Arc<World>>, Path(number): Path<i64>, body: String) -> Response {
    let sim = SimHandle::new(world);
    let joined = fields(&body)
        .and_then(|fields| {
            serde_json::from_value(fields).map_err(|error| SimError::BadRequest(error.to_string()))
        })
        .and_then(|guest: NewGuest| sim.join(number, guest))
        .and_then(|id| sim.guest(id));
    done(joined, |guest| json!({ "guest": guest.id, "place": guest.place }))
}

async fn on_meeting(
    State(world): State<Arc<World>>,
    Path((number, act)): Path<(i64, String)>,
    body: String,
) -> Response {
    let sim = SimHandle::new(world);
    let fields = match fields(&body) {
        Ok(fields) => fields,
        Err(error) => return error.into_response(),
    };
    match act.as_str() {
        "start" => {
            let started = match fields.get("user_id").and_then(Value::as_str) {
                Some(user) => sim.start_as(number, user),
                None => sim.start(number),
            };
            done(started, |guest| json!({ "guest": guest }))
        }
        "end" => done(sim.end(number), |()| json!({})),
        "admit_all" => done(sim.admit_all(number), |admitted| json!({ "admitted": admitted })),
        "settings" => done(sim.change_meeting(number, &fields), |()| json!({})),
        "delete" => done(sim.delete_meeting(number), |()| json!({})),
        "recover" => done(sim.recover_meeting(number), |()| json!({})),
        "give" => {
            let given = text(&fields, "user_id").and_then(|user| sim.give_meeting_to(number, &user));
            done(given, |()| json!({}))
        }
        "live_waiting_room" => {
            let switched = switch(&fields, "on").and_then(|on| sim.switch_live_waiting_room(number, on));
            done(switched, |()| json!({}))
        }
        _ => unknown_act(),
    }
}

async fn guest(State(world): State<Arc<World>>, Path(id): Path<u64>) -> Response {
    done(SimHandle::new(world).guest(id), |guest| json!(guest))
}

async fn on_guest(
    State(world): State<Arc<World>>,
    Path((id, act)): Path<(u64, String)>,
    body: String,
) -> Response {
    let sim = SimHandle::new(world);
    let fields = match fields(&body) {
        Ok(fields) => fields,
        Err(error) => return error.into_response(),
    };
    let result = match act.as_str() {
        "leave" => sim.leave(id),
        "drop" => sim.lose_line(id),
        "rejoin" => sim.rejoin(id),
        "admit" => sim.admit(id),
        "put_back" => sim.put_back(id),
        "remove" => sim.remove(id),
        "rename" => text(&fields, "name").and_then(|name| sim.rename(id, &name)),
        "role" => text(&fields, "role").and_then(|role| sim.change_role(id, &role)),
        "breakout" => switch(&fields, "inside").and_then(|inside| sim.breakout(id, inside)),
        "bind" => match fields.get("computer").and_then(Value::as_u64) {
            Some(computer) => sim.bind(id, computer),
            None => Err(SimError::BadRequest("computer is missing".to_owned())),
        },
        _ => return unknown_act(),
    };
    done(result.and_then(|()| sim.guest(id)), |guest| json!({ "guest": guest.id, "place": guest.place }))
}

async fn on_user(
    State(world): State<Arc<World>>,
    Path((id, act)): Path<(String, String)>,
    body: String,
) -> Response {
    let sim = SimHandle::new(world);
    let fields = match fields(&body) {
        Ok(fields) => fields,
        Err(error) => return error.into_response(),
    };
    let result = match act.as_str() {
        "meetings" => {
            return done(sim.create_meeting(&id, &fields), |number| json!({ "meeting": number }));
        }
        "allow" => sim.allow_by_admin(&id, fields.get("revives").and_then(Value::as_bool).unwrap_or(false)),
        "settings" => sim.change_user_settings(&id, &fields),
        "plan" => serde_json::from_value(fields.get("plan").cloned().unwrap_or_default())
            .map_err(|error| SimError::BadRequest(error.to_string()))
            .and_then(|plan| sim.set_plan(&id, plan)),
        "deauthorize" => sim.deauthorize(&id),
        "password" => sim.change_password(&id),
        "disable" => sim.disable_by_admin(&id),
        _ => return unknown_act(),
    };
    done(result, |()| json!({}))
}

async fn set_secrets(State(world): State<Arc<World>>, body: String) -> Response {
    let sim = SimHandle::new(world);
    let set = fields(&body).map(|fields| {
        if let Some(secret) = fields.get("client_secret").and_then(Value::as_str) {
            sim.set_client_secret(secret);
        }
        if let Some(secret) = fields.get("webhook_secret").and_then(Value::as_str) {
            sim.set_webhook_secret(secret);
        }
    });
    done(set, |()| json!({}))
}

async fn calls(State(world): State<Arc<World>>) -> Response {
    let sim = SimHandle::new(world);
    let (calls, totals, broken) = (sim.calls(), sim.call_totals(), sim.limits_broken());
    Json(json!({ "calls": calls, "totals": totals, "limits_broken": broken })).into_response()
}

async fn read_knobs(State(world): State<Arc<World>>) -> Response {
    Json(world.look(|state| state.knobs.clone())).into_response()
}

async fn turn_knobs(State(world): State<Arc<World>>, body: String) -> Response {
    let turned = fields(&body).and_then(|sent| {
        world.turn(|turn| {
            let mut knobs = json!(turn.state.knobs);
            if let (Some(known), Value::Object(sent)) = (knobs.as_object_mut(), sent) {
                known.extend(sent);
            }
            let knobs: Knobs =
                serde_json::from_value(knobs).map_err(|error| SimError::BadRequest(error.to_string()))?;
            turn.state.knobs = knobs.clone();
            Ok(knobs)
        })
    });
    done(turned, |knobs| json!(knobs))
}

async fn read_faults(State(world): State<Arc<World>>) -> Response {
    Json(world.look(|state| state.faults.clone())).into_response()
}

async fn add_fault(State(world): State<Arc<World>>, body: String) -> Response {
    let fault = fields(&body).and_then(|sent| {
        serde_json::from_value(sent).map_err(|error| SimError::BadRequest(error.to_string()))
    });
    done(fault.map(|fault: Fault| SimHandle::new(world).fault(fault)), |()| json!({}))
}

async fn clear_faults(State(world): State<Arc<World>>) -> Response {
    SimHandle::new(world).clear_faults();
    Json(json!({})).into_response()
}

async fn advance(State(world): State<Arc<World>>, body: String) -> Response {
    let seconds = fields(&body).map(|sent| sent.get("seconds").and_then(Value::as_f64).unwrap_or_default());
    let by = seconds.and_then(|seconds| {
        Duration::try_from_secs_f64(seconds).map_err(|error| SimError::BadRequest(error.to_string()))
    });
    match by {
        Err(error) => error.into_response(),
        Ok(by) if world.advance(by).await => Json(json!({ "now": world.now() })).into_response(),
        Ok(_) => {
            (StatusCode::CONFLICT, Json(json!({ "error": "this clock runs by itself" }))).into_response()
        }
    }
}

async fn tick(State(world): State<Arc<World>>) -> Response {
    world.tick().await;
    Json(json!({ "now": world.now() })).into_response()
}

async fn revalidate(State(world): State<Arc<World>>) -> Response {
    SimHandle::new(world).revalidate();
    Json(json!({})).into_response()
}
