//! What Zoom remembers of meetings that are over, and paging.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ApiError, Caller, bad_request, fail, no_meeting, routes};
use crate::clock::{MINUTE, SECOND, seconds_text};
use crate::config::Plan;
use crate::state::{Instance, Meeting, PageToken, Place};
use crate::world::{Turn, World};

/// One page of a list.
pub(crate) struct Page {
    pub items: Vec<Value>,
    pub size: usize,
    pub number: usize,
    pub next: String,
}

impl Turn<'_> {
    /// Cuts a page; `of` names the list, so that a token works for nothing else. Tokens live 15 minutes.
    pub(crate) fn page(
        &mut self,
        of: &str,
        items: &[Value],
        query: &BTreeMap<String, String>,
    ) -> Result<Page, ApiError> {
        let whole = |name: &str| query.get(name).map(|text| text.parse::<usize>());
        let size = match whole("page_size") {
            None => 30,
            Some(Ok(size)) if (1..=300).contains(&size) => size,
            Some(_) => return Err(bad_request("Invalid field: page_size.")),
        };
        let token = query.get("next_page_token").filter(|token| !token.is_empty());
        let offset = match token {
            Some(token) => {
                let known = self
                    .state
                    .page_tokens
                    .get(token)
                    .filter(|known| known.of == of && known.expires_at > self.now);
                known.ok_or_else(|| bad_request("The next page token is invalid or expired."))?.offset
            }
            None => match whole("page_number") {
                Some(Ok(number)) => number.saturating_sub(1) * size,
                _ => 0,
            },
        };
        let end = offset.saturating_add(size).min(items.len());
        let now = self.now;
        let next = if end < items.len() {
            self.state.page_tokens.retain(|_, known| known.expires_at > now);
            let token = self.state.dice.base64url(32);
            let known = PageToken { of: of.to_owned(), offset: end, expires_at: now + 15 * MINUTE };
            self.state.page_tokens.insert(token.clone(), known);
            token
        } else {
            String::new()
        };
        let items = items.get(offset..end).unwrap_or_default().to_vec();
        Ok(Page { items, size, number: offset / size + 1, next })
    }

    /// The instance that a path names: a number means the latest one that ended, anything else is a uuid.
    fn past(&self, caller: &Caller, id: &str) -> Result<(Meeting, Instance), ApiError> {
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
            let meeting = self.own_meeting(caller, id)?;
            let ended = meeting.instances.iter().rev().find(|instance| instance.ended_at.is_some()).cloned();
            return match ended {
                Some(instance) => Ok((meeting, instance)),
                None => Err(not_ended()),
            };
        }
        let uuid = path_uuid(id)?;
        let meeting = self
            .state
            .meetings
            .values()
            .find(|meeting| meeting.instances.iter().any(|instance| instance.uuid == uuid))
            .filter(|meeting| meeting.host_id == caller.user_id)
            .ok_or_else(|| no_meeting(&uuid))?;
        let instance = meeting.instances.iter().find(|instance| instance.uuid == uuid);
        match instance.filter(|instance| instance.ended_at.is_some()) {
            Some(instance) => Ok((meeting.clone(), instance.clone())),
            None => Err(not_ended()),
        }
    }

    /// One row per stay in the waiting room or the meeting; nothing where only one person was ever in the meeting. And how many
    /// people were in the meeting.
    fn rows(&self, meeting: &Meeting, instance: &Instance) -> (Vec<Value>, usize) {
        let account = self.account_of(meeting);
        let mut rows = Vec::new();
        let mut people = BTreeSet::new();
        let visits: BTreeSet<u64> = meeting.visits.iter().copied().collect();
        for guest in visits.iter().filter_map(|id| self.state.guests.get(id)) {
            for stay in guest.stays.iter().filter(|stay| self.belongs(meeting, instance, stay.from)) {
                let status = match stay.place {
                    Place::Waiting => "in_waiting_room",
                    Place::InMeeting => "in_meeting",
                    _ => continue,
                };
                if stay.place == Place::InMeeting {
                    people.insert(guest.id);
                }
                let to = stay.to.or(instance.ended_at).unwrap_or(self.now);
                let of_account = guest
                    .zoom_user_id
                    .as_deref()
                    .is_some_and(|id| self.user(id).is_ok_and(|user| user.profile.account_id == account));
                rows.push((
                    stay.from,
                    json!({
                        "id": guest.zoom_user_id.clone().unwrap_or_default(),
                        "user_id": stay.ids.user_id,
                        "name": self.recorded_name(&stay.name),
                        "user_email": self.shown_email(guest, &account),
                        "registrant_id": guest.registrant_id.clone().unwrap_or_default(),
                        "join_time": seconds_text(stay.from),
                        "leave_time": seconds_text(to),
                        "duration": to.div_euclid(SECOND) - stay.from.div_euclid(SECOND),
                        "failover": false,
                        "status": status,
                        "internal_user": of_account,
                    }),
                ));
            }
        }
        if people.len() < 2 {
            return (Vec::new(), people.len());
        }
        rows.sort_by_key(|(from, _)| *from);
        (rows.into_iter().map(|(_, row)| row).collect(), people.len())
    }

    /// A wait before the start counts to the instance that it led into.
    fn belongs(&self, meeting: &Meeting, instance: &Instance, from: i64) -> bool {
        let place =
            meeting.instances.iter().position(|known| known.uuid == instance.uuid).unwrap_or_default();
        let before = place.checked_sub(1).and_then(|place| meeting.instances.get(place));
        let since = before.and_then(|before| before.ended_at).unwrap_or(i64::MIN);
        from >= since && from <= instance.ended_at.unwrap_or(self.now)
    }
}

fn not_ended() -> ApiError {
    fail(StatusCode::NOT_FOUND, 3001, "Meeting ID is invalid or not end.")
}

/// A uuid out of a path, already decoded once by the router. One that begins with `/` or holds `//` has to be encoded
/// twice; Zoom does not find it otherwise.
fn path_uuid(once: &str) -> Result<String, ApiError> {
    if once.starts_with('/') || once.contains("//") {
        return Err(fail(StatusCode::NOT_FOUND, 300, "Invalid meeting id."));
    }
    let literal = format!("uuid={}", once.replace('+', "%2B").replace('&', "%26"));
    let decoded = url::form_urlencoded::parse(literal.as_bytes()).next().map(|(_, value)| value.into_owned());
    Ok(decoded.unwrap_or_default())
}

fn paid(caller: &Caller) -> Result<(), ApiError> {
    if caller.plan == Plan::Licensed {
        return Ok(());
    }
    Err(fail(StatusCode::BAD_REQUEST, 200, format!("Only available for Paid user: {}.", caller.user_id)))
}

pub(crate) async fn read(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::PAST, |turn, caller| {
        let (meeting, instance) = turn.past(caller, &id)?;
        let (rows, people) = turn.rows(&meeting, &instance);
        let ended = instance.ended_at.unwrap_or(turn.now);
        let minutes = (ended - instance.started_at + MINUTE - 1) / MINUTE;
        let host = turn.user(&meeting.host_id).map(|user| user.profile.clone()).ok();
        let total: i64 = rows
            .iter()
            .filter(|row| row.get("status").and_then(Value::as_str) == Some("in_meeting"))
            .filter_map(|row| row.get("duration")?.as_i64())
            .sum();
        Ok(Json(json!({
            "uuid": instance.uuid, "id": meeting.number, "host_id": meeting.host_id, "type": meeting.kind,
            "topic": meeting.topic,
            "user_name": host.as_ref().map(|host| host.display_name.as_str()),
            "user_email": host.as_ref().map(|host| host.email.as_str()),
            "start_time": seconds_text(instance.started_at), "end_time": seconds_text(ended),
            "duration": minutes, "total_minutes": (total + 59) / 60, "participants_count": people,
            "dept": "", "source": "Zoom",
        }))
        .into_response())
    })
}

pub(crate) async fn instances(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::INSTANCES, |turn, caller| {
        let meeting = turn.own_meeting(caller, &id)?;
        let ended: Vec<Value> = meeting
            .instances
            .iter()
            .filter(|instance| instance.ended_at.is_some())
            .map(|instance| json!({ "uuid": instance.uuid, "start_time": seconds_text(instance.started_at) }))
            .collect();
        Ok(Json(json!({ "meetings": ended })).into_response())
    })
}

pub(crate) async fn participants(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    world.call(&headers, &routes::PARTICIPANTS, |turn, caller| {
        paid(caller)?;
        let (meeting, instance) = turn.past(caller, &id)?;
        let ready = instance.ended_at.unwrap_or(turn.now) + turn.state.knobs.past_ready_after_ms * 1000;
        if turn.now < ready {
            return Err(not_ended());
        }
        let (rows, _) = turn.rows(&meeting, &instance);
        let page = turn.page(&format!("participants {}", instance.uuid), &rows, &query)?;
        Ok(Json(json!({
            "page_count": rows.len().div_ceil(page.size), "page_size": page.size, "total_records": rows.len(),
            "next_page_token": page.next, "participants": page.items,
        }))
        .into_response())
    })
}
