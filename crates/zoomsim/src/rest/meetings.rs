//! Saved meetings: create, list, read, change, delete, end, recover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::{ApiError, Caller, bad_request, body, fail, invalid, no_meeting, object, only_me, routes};
use crate::clock::{DAY, seconds_text};
use crate::state::{Action, FIRST_USER_ID, Meeting};
use crate::world::{Turn, World};

impl Turn<'_> {
    /// The guest's link; with a personal token it carries the name or the registration.
    pub(crate) fn join_url(&self, meeting: &Meeting, tk: Option<&str>) -> String {
        let mut query = Vec::new();
        if let Some(tk) = tk {
            query.push(format!("tk={tk}"));
        }
        // An account may keep passcodes out of links.
        let embeds = self
            .user(&meeting.host_id)
            .ok()
            .and_then(|host| host.security.get("embed_password_in_join_link").and_then(Value::as_bool));
        if !meeting.password.is_empty() && embeds != Some(false) {
            query.push(format!("pwd={}", meeting.pwd));
        }
        let number = self.number_in_events(meeting);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/j/{number}{mark}{}", self.config.public_url, query.join("&"))
    }

    /// A meeting as the API shows it. `fresh` adds what only the create answer and GET carry.
    fn shown(&mut self, meeting: &Meeting) -> Value {
        let host = self.user(&meeting.host_id).map(|user| user.profile.clone()).ok();
        // A ZAK lets its bearer act as the host, so every answer has a new one.
        let zak = self.state.dice.token();
        let mut settings = meeting.settings.clone();
        if self.state.knobs.dial_in {
            settings.insert("global_dial_in_countries".to_owned(), json!(["US", "GB"]));
            settings.insert("global_dial_in_numbers".to_owned(), dial_in_numbers());
        }
        let mut view = json!({
            "uuid": meeting.uuid, "id": meeting.number, "host_id": meeting.host_id,
            "host_email": host.as_ref().map(|host| host.email.as_str()),
            "topic": meeting.topic, "type": meeting.kind, "agenda": meeting.agenda,
            "status": if meeting.running().is_some() { "started" } else { "waiting" },
            "duration": meeting.duration, "timezone": meeting.timezone,
            "created_at": seconds_text(meeting.created_at),
            "start_url": format!("{}/s/{}?zak={zak}", self.config.public_url, meeting.number),
            "join_url": self.join_url(meeting, None),
            "password": meeting.password, "h323_password": meeting.password,
            "encrypted_password": meeting.pwd,
            "settings": settings, "pre_schedule": false, "creation_source": meeting.creation_source,
            "tracking_fields": meeting.tracking_fields,
        });
        if let Some(fields) = view.as_object_mut() {
            if self.state.knobs.dial_in {
                fields.insert("pstn_password".to_owned(), json!(pstn_password(&meeting.password)));
            }
            if let Some(start) = &meeting.start_time {
                fields.insert("start_time".to_owned(), json!(start));
            }
            if let Some(recurrence) = &meeting.recurrence {
                fields.insert("recurrence".to_owned(), recurrence.clone());
                fields.insert("occurrences".to_owned(), json!(meeting.occurrences_left(self.now)));
            }
            if let (true, Some(host)) = (meeting.flag("use_pmi") || meeting.personal, host) {
                fields.insert("pmi".to_owned(), json!(host.pmi.to_string()));
            }
            if meeting.wants_registration() {
                let url = format!("{}/meeting/register/{}", self.config.public_url, meeting.number);
                fields.insert("registration_url".to_owned(), json!(url));
            }
        }
        view
    }
}

/// Numbers kept free for fiction.
fn dial_in_numbers() -> Value {
    json!([
        { "country": "US", "country_name": "US", "city": "New York", "number": "+1 646 555 0100", "type": "toll" },
        { "country": "US", "country_name": "US", "city": "Chicago", "number": "+1 312 555 0142", "type": "toll" },
        { "country": "US", "country_name": "US", "number": "+1 833 555 0111", "type": "tollfree" },
        { "country": "GB", "country_name": "United Kingdom", "number": "+44 20 7946 0958", "type": "toll" },
    ])
}

/// A telephone has digits alone: of a passcode with other characters Zoom makes one of its own.
fn pstn_password(password: &str) -> String {
    if password.bytes().all(|b| b.is_ascii_digit()) {
        return password.to_owned();
    }
    let sum = password.bytes().fold(0_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    format!("{:06}", sum % 1_000_000)
}

pub(crate) fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

pub(crate) async fn create(
    State(world): State<Arc<World>>,
    Path(user): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::CREATE, |turn, caller| {
        only_me(&user, "meeting:write:meeting")?;
        let fields = body::read(object(&headers, &bytes)?).map_err(invalid)?;
        turn.count_write(&routes::CREATE, caller, &caller.user_id)?;
        let meeting = new_meeting(turn, caller, fields)?;
        turn.state.meetings.insert(meeting.number, meeting.clone());
        turn.tell_saved("meeting.created", &meeting, &caller.user_id);
        Ok((StatusCode::CREATED, Json(turn.shown(&meeting))).into_response())
    })
}

pub(crate) fn new_meeting(
    turn: &mut Turn<'_>,
    caller: &Caller,
    mut fields: Map<String, Value>,
) -> Result<Meeting, ApiError> {
    let zone = turn.user(&caller.user_id).map(|user| user.profile.timezone.clone()).unwrap_or_default();
    let kind = fields.get("type").and_then(Value::as_i64).unwrap_or(2);
    let waiting_room = turn
        .user(&caller.user_id)
        .is_ok_and(|user| user.security.get("waiting_room").and_then(Value::as_bool).unwrap_or(false));
    let defaults = body::default_settings(waiting_room, 2);
    let mut settings = defaults.clone();
    if let Some(Value::Object(sent)) = fields.remove("settings") {
        body::merge(&mut settings, sent);
    }
    turn.obey(caller, kind, &defaults, &mut settings)?;
    let timezone = text(&fields, "timezone").unwrap_or(zone);
    let duration = fields.get("duration").and_then(Value::as_i64).unwrap_or(60);
    let start_time = match (kind, text(&fields, "start_time")) {
        (1 | 3 | 10, _) => None,
        (_, Some(start)) => Some(start),
        (_, None) => Some(seconds_text(turn.now)),
    };
    let recurrence = fields.get("recurrence").cloned().filter(|_| matches!(kind, 8));
    let occurrences = match (kind, &recurrence, &start_time) {
        (8, None, _) => {
            return Err(invalid(vec![("recurrence".to_owned(), "Invalid field.".to_owned())]));
        }
        (8, Some(recurrence), Some(start)) => {
            body::occurrences(recurrence, start, &timezone, duration).map_err(invalid)?
        }
        _ => Vec::new(),
    };
    let mut number = turn.state.dice.number(11);
    while turn.state.meetings.contains_key(&number) {
        number = turn.state.dice.number(11);
    }
    let slashes = turn.state.knobs.slash_uuids;
    Ok(Meeting {
        number,
        uuid: turn.state.dice.meeting_uuid(slashes),
        host_id: caller.user_id.clone(),
        kind,
        topic: text(&fields, "topic")
            .filter(|topic| !topic.is_empty())
            .unwrap_or_else(|| "Zoom Meeting".to_owned()),
        agenda: text(&fields, "agenda").unwrap_or_default(),
        start_time,
        duration,
        timezone,
        password: text(&fields, "password").unwrap_or_else(|| turn.state.dice.number(6).to_string()),
        pwd: turn.state.dice.base64url(32),
        settings,
        recurrence,
        occurrences,
        tracking_fields: fields.get("tracking_fields").cloned().unwrap_or_else(|| json!([])),
        created_at: turn.now,
        creation_source: "open_api".to_owned(),
        personal: false,
        deleted_at: None,
        last_used_at: turn.now,
        instances: Vec::new(),
        next_user_id: FIRST_USER_ID,
        visits: Vec::new(),
        present: BTreeSet::new(),
        live_waiting_room: None,
        waiting_room_title: None,
        waiting_room_description: None,
        registrants: Vec::new(),
        invites: BTreeMap::new(),
    })
}

pub(crate) async fn list(
    State(world): State<Arc<World>>,
    Path(user): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::LIST, |turn, caller| {
        only_me(&user, "meeting:read:list_meetings")?;
        let kind = query.get("type").map_or("scheduled", String::as_str);
        if !matches!(kind, "scheduled" | "live" | "upcoming" | "upcoming_meetings" | "previous_meetings") {
            return Err(bad_request("Invalid field: type."));
        }
        let mut found: Vec<&Meeting> = turn
            .state
            .meetings
            .values()
            .filter(|meeting| meeting.host_id == caller.user_id && !meeting.personal)
            .filter(|meeting| turn.meeting(meeting.number).is_ok())
            .filter(|meeting| match kind {
                "live" => meeting.running().is_some(),
                "previous_meetings" => meeting.instances.iter().any(|instance| instance.ended_at.is_some()),
                _ => meeting.kind != 1,
            })
            .collect();
        found.sort_by_key(|meeting| (meeting.created_at, meeting.number));
        let items: Vec<Value> = found
            .into_iter()
            .map(|meeting| {
                let mut item = json!({
                    "uuid": meeting.uuid, "id": meeting.number, "host_id": meeting.host_id,
                    "topic": meeting.topic, "type": meeting.kind, "duration": meeting.duration,
                    "timezone": meeting.timezone, "agenda": meeting.agenda,
                    "created_at": seconds_text(meeting.created_at),
                    "join_url": turn.join_url(meeting, None),
                });
                if let (Some(fields), Some(start)) = (item.as_object_mut(), &meeting.start_time) {
                    fields.insert("start_time".to_owned(), json!(start));
                }
                item
            })
            .collect();
        let page = turn.page(&format!("meetings {kind} {}", caller.user_id), &items, &query)?;
        let total = items.len();
        Ok(Json(json!({
            "page_size": page.size, "page_count": total.div_ceil(page.size), "page_number": page.number,
            "total_records": total, "next_page_token": page.next, "meetings": page.items,
        }))
        .into_response())
    })
}

pub(crate) async fn read(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::READ, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        Ok(Json(turn.shown(&meeting)).into_response())
    })
}

pub(crate) async fn update(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::UPDATE, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        let fields = body::read(object(&headers, &bytes)?).map_err(invalid)?;
        turn.count_write(&routes::UPDATE, caller, &meeting.host_id)?;
        turn.change_meeting(meeting.number, fields, &caller.user_id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

pub(crate) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::DELETE, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        turn.delete_meeting(&meeting, &caller.user_id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

impl Turn<'_> {
    /// Into the trash, and out of it for good after 30 days.
    pub(crate) fn delete_meeting(&mut self, meeting: &Meeting, operator: &str) -> Result<(), ApiError> {
        if meeting.personal {
            return Err(fail(StatusCode::BAD_REQUEST, 3018, "Not allowed to delete PMI."));
        }
        if meeting.running().is_some() {
            let message = "Sorry, you cannot delete this meeting since it's in progress.";
            return Err(fail(StatusCode::BAD_REQUEST, 3002, message));
        }
        let now = self.now;
        if let Some(kept) = self.state.meetings.get_mut(&meeting.number) {
            kept.deleted_at = Some(now);
        }
        self.tell_saved("meeting.deleted", meeting, operator);
        self.schedule(now + 30 * DAY, Action::Purge { meeting: meeting.number });
        Ok(())
    }
}

pub(crate) async fn status(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    world.call(&headers, &routes::STATUS, |turn, caller| {
        let fields = object(&headers, &bytes)?;
        match fields.get("action").and_then(Value::as_str) {
            Some("end") => {
                let meeting = turn.own_meeting(caller, &id)?;
                turn.end(meeting.number).map_err(|_| {
                    fail(StatusCode::BAD_REQUEST, 3063, "Can not end the meeting: it is not running.")
                })?;
            }
            Some("recover") => {
                let number: i64 = id.parse().map_err(|_| bad_request("Invalid meeting id."))?;
                recover(turn, caller, number)?;
            }
            _ => return Err(invalid(vec![("action".to_owned(), "Invalid field.".to_owned())])),
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

pub(crate) fn recover(turn: &mut Turn<'_>, caller: &Caller, number: i64) -> Result<(), ApiError> {
    let trashed = turn
        .state
        .meetings
        .get_mut(&number)
        .filter(|meeting| meeting.host_id == caller.user_id && meeting.deleted_at.is_some());
    let meeting = trashed.ok_or_else(|| no_meeting(number))?;
    meeting.deleted_at = None;
    let meeting = meeting.clone();
    turn.state.agenda.retain(|item| item.action != Action::Purge { meeting: number });
    turn.tell_saved("meeting.recovered", &meeting, &caller.user_id);
    Ok(())
}
