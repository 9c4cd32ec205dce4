//! The user and the user's settings.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Caller, bad_request, fail, invalid, object, only_me, routes};
use crate::clock::seconds_text;
use crate::config::Plan;
use crate::world::{Turn, World};

pub(crate) async fn me(
    State(world): State<Arc<World>>,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::ME, |turn, caller| {
        only_me(&user, "user:read:user")?;
        let user = turn.user(&caller.user_id).map_err(|_| {
            fail(StatusCode::NOT_FOUND, 1001, format!("User does not exist: {}.", caller.user_id))
        })?;
        let profile = &user.profile;
        let created = seconds_text(user.created_at);
        let (kind, name) = (if profile.plan == Plan::Basic { 1 } else { 2 }, &profile.display_name);
        Ok(Json(json!({
            "id": profile.id, "account_id": profile.account_id, "account_number": 5_012_345,
            "email": profile.email, "first_name": profile.first_name, "last_name": profile.last_name,
            "display_name": name, "type": kind, "role_name": "Member", "role_id": "2",
            "pmi": profile.pmi, "use_pmi": false,
            "personal_meeting_url": format!("{}/j/{}", turn.config.public_url, profile.pmi),
            "timezone": profile.timezone, "dept": "", "company": "", "job_title": "", "location": "",
            "language": "en-US", "phone_number": "", "status": "active", "verified": 1,
            "login_types": [100], "group_ids": [], "im_group_ids": [], "plan_united_type": "1",
            "cluster": "us02", "jid": format!("{}@xmpp.zoom.us", profile.id.to_lowercase()),
            "created_at": created, "user_created_at": created, "last_login_time": seconds_text(turn.now),
        }))
        .into_response())
    })
}

/// A new user's settings: the default view, and the security view.
pub(crate) fn defaults() -> (Value, Value) {
    let settings = json!({
        "schedule_meeting": {
            "host_video": true, "participants_video": true, "audio_type": "both", "join_before_host": false,
            "personal_meeting": true, "use_pmi_for_schedule_meetings": false,
            "use_pmi_for_instant_meetings": false, "require_password_for_scheduling_new_meetings": true,
        },
        "in_meeting": { "waiting_room": false, "chat": true, "co_host": true, "breakout_room": true },
        "email_notification": { "jbh_reminder": true, "cancel_meeting_reminder": true },
        "recording": { "local_recording": true, "cloud_recording": false, "auto_recording": "none" },
        "telephony": { "third_party_audio": false },
        "audio_conferencing": {},
        "tsp": {},
        "feature": { "meeting_capacity": 100 },
        "profile": {},
        "whiteboard": {},
    });
    let security = json!({
        "waiting_room": false,
        "waiting_room_settings": {
            "participants_to_place_in_waiting_room": 0,
            "users_who_can_admit_participants_from_waiting_room": 0,
            "whitelisted_domains_for_waiting_room": "",
        },
        "auto_security": true, "embed_password_in_join_link": true, "encryption_type": "enhanced_encryption",
        "end_to_end_encrypted_meetings": false, "meeting_password": true, "pmi_password": true,
        "phone_password": true, "require_password_for_scheduled_meeting": true,
        "only_authenticated_can_join_from_webclient": false,
    });
    (settings, security)
}

#[derive(Deserialize)]
pub(crate) struct Option_ {
    option: Option<String>,
}

impl Option_ {
    fn security(&self) -> Result<bool, super::ApiError> {
        match self.option.as_deref() {
            None => Ok(false),
            Some("meeting_security") => Ok(true),
            Some("meeting_authentication" | "recording_authentication") => {
                Err(bad_request("This option is not part of the simulation."))
            }
            Some(_) => Err(bad_request("Invalid option.")),
        }
    }
}

pub(crate) async fn read(
    State(world): State<Arc<World>>,
    Path(user): Path<String>,
    Query(query): Query<Option_>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::SETTINGS, |turn, caller| {
        only_me(&user, "user:read:settings")?;
        let locked = turn.state.knobs.waiting_room_locks.get(&caller.account_id).copied();
        let security = query.security()?;
        let user = turn.user(&caller.user_id).map_err(|_| bad_request("Invalid user."))?;
        let mut view =
            if security { json!({ "meeting_security": user.security }) } else { user.settings.clone() };
        let group = if security { "/meeting_security/waiting_room" } else { "/in_meeting/waiting_room" };
        if let (Some(lock), Some(value)) = (locked, view.pointer_mut(group)) {
            *value = json!(lock.on);
        }
        Ok(Json(view).into_response())
    })
}

pub(crate) async fn change(
    State(world): State<Arc<World>>,
    Path(user): Path<String>,
    Query(query): Query<Option_>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    world.call(&headers, &routes::CHANGE_SETTINGS, |turn, caller| {
        only_me(&user, "user:update:settings")?;
        let security = query.security()?;
        let mut body = object(&headers, &body)?;
        let sent = if security {
            match body.remove("meeting_security") {
                Some(Value::Object(fields)) => fields,
                _ => return Err(bad_request("meeting_security is missing.")),
            }
        } else {
            body
        };
        apply(turn, caller, security, sent)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

pub(crate) fn apply(
    turn: &mut Turn<'_>,
    caller: &Caller,
    security: bool,
    mut sent: Map<String, Value>,
) -> Result<(), super::ApiError> {
    let lock = turn.state.knobs.waiting_room_locks.get(&caller.account_id).copied();
    let asked = if security {
        sent.get("waiting_room")
    } else {
        sent.get("in_meeting").and_then(|all| all.get("waiting_room"))
    };
    if let (Some(lock), Some(_)) = (lock, asked) {
        if lock.refuses {
            return Err(bad_request("The setting is locked by the account administrator: waiting_room."));
        }
        if security {
            sent.remove("waiting_room");
        } else if let Some(Value::Object(fields)) = sent.get_mut("in_meeting") {
            fields.remove("waiting_room");
        }
    }
    let Some(user) = turn.state.users.get_mut(&caller.user_id) else {
        return Err(bad_request("Invalid user."));
    };
    let current = if security { &mut user.security } else { &mut user.settings };
    let mut merged = current.clone();
    let mut errors = Vec::new();
    merge_known(&mut merged, sent, "", &mut errors);
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    *current = merged;
    // The two views show the same switch.
    let (from, to) = if security {
        (user.security.get("waiting_room").cloned(), user.settings.pointer_mut("/in_meeting/waiting_room"))
    } else {
        (user.settings.pointer("/in_meeting/waiting_room").cloned(), user.security.get_mut("waiting_room"))
    };
    if let (Some(from), Some(to)) = (from, to) {
        *to = from;
    }
    Ok(())
}

/// Takes over known fields of the right type; unknown ones are ignored, as Zoom does.
fn merge_known(known: &mut Value, sent: Map<String, Value>, path: &str, errors: &mut Vec<(String, String)>) {
    for (name, value) in sent {
        let Some(current) = known.get_mut(&name) else { continue };
        let field = if path.is_empty() { name } else { format!("{path}.{name}") };
        match (current, value) {
            (current @ Value::Object(_), Value::Object(fields)) => {
                merge_known(current, fields, &field, errors);
            }
            (current, value) if std::mem::discriminant(current) == std::mem::discriminant(&value) => {
                *current = value;
            }
            _ => errors.push((field, "Invalid field.".to_owned())),
        }
    }
}
