//! Zoom's REST side under `/v2`: who calls, with which scope, how often, and what goes wrong.

pub(crate) mod body;
mod change;
pub(crate) mod joining;
pub(crate) mod meetings;
pub(crate) mod past;
pub(crate) mod routes;
mod rules;
pub(crate) mod settings;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock::{DAY, MINUTE, SECOND, next_midnight, seconds_text};
use crate::config::Plan;
use crate::ledger::LimitKind;
use crate::state::{AccessToken, Meeting};
use crate::world::{Turn, World};
use routes::Route;

pub(crate) fn router() -> Router<std::sync::Arc<World>> {
    use axum::routing::{get, patch, post, put};
    Router::new()
        .route("/v2/users/{user}", get(settings::me))
        .route("/v2/users/{user}/settings", get(settings::read).patch(settings::change))
        .route("/v2/users/{user}/meetings", get(meetings::list).post(meetings::create))
        .route("/v2/meetings/{id}", get(meetings::read).patch(meetings::update).delete(meetings::delete))
        .route("/v2/meetings/{id}/status", put(meetings::status))
        .route("/v2/live_meetings/{id}/events", patch(joining::in_meeting_control))
        .route("/v2/meetings/{id}/invite_links", post(joining::invite_links))
        .route("/v2/meetings/{id}/registrants", post(joining::add_registrant))
        .route("/v2/past_meetings/{id}", get(past::read))
        .route("/v2/past_meetings/{id}/instances", get(past::instances))
        .route("/v2/past_meetings/{id}/participants", get(past::participants))
}

/// An error as the REST side writes it.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub code: i64,
    pub message: String,
    pub errors: Vec<(String, String)>,
    pub headers: Vec<(&'static str, String)>,
}

pub(crate) fn fail(status: StatusCode, code: i64, message: impl Into<String>) -> ApiError {
    ApiError { status, code, message: message.into(), errors: Vec::new(), headers: Vec::new() }
}

pub(crate) fn bad_request(message: impl Into<String>) -> ApiError {
    fail(StatusCode::BAD_REQUEST, 300, message)
}

pub(crate) fn invalid(errors: Vec<(String, String)>) -> ApiError {
    ApiError { errors, ..bad_request("Validation Failed.") }
}

pub(crate) fn no_meeting(number: impl std::fmt::Display) -> ApiError {
    fail(StatusCode::NOT_FOUND, 3001, format!("Meeting does not exist: {number}."))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let (false, Some(fields)) = (self.errors.is_empty(), body.as_object_mut()) {
            let errors: Vec<Value> = self
                .errors
                .into_iter()
                .map(|(field, message)| json!({ "field": field, "message": message }))
                .collect();
            fields.insert("errors".to_owned(), Value::Array(errors));
        }
        let mut response = (self.status, Json(body)).into_response();
        put_headers(response.headers_mut(), &self.headers);
        response
    }
}

pub(crate) fn put_headers(into: &mut HeaderMap, headers: &[(&'static str, String)]) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            into.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Who calls.
pub(crate) struct Caller {
    pub user_id: String,
    pub account_id: String,
    pub plan: Plan,
}

impl World {
    /// One REST call: token, scope, limits, then the act itself. Rate-limit headers go onto every answer.
    pub(crate) fn call(
        &self,
        headers: &HeaderMap,
        route: &'static Route,
        act: impl FnOnce(&mut Turn<'_>, &Caller) -> Result<Response, ApiError>,
    ) -> Response {
        self.turn(|turn| {
            let authorization = headers.get(header::AUTHORIZATION);
            let who = turn.bearer(authorization).and_then(|token| turn.owner_of(token.grant));
            let mut response = match turn.caller(authorization, route) {
                Err(error) => error.into_response(),
                Ok((caller, limit_headers)) => {
                    let mut response = act(turn, &caller).unwrap_or_else(IntoResponse::into_response);
                    if response.status() != StatusCode::TOO_MANY_REQUESTS {
                        put_headers(response.headers_mut(), &limit_headers);
                    }
                    response
                }
            };
            turn.note_call(route, who, response.status().as_u16());
            let tracking = turn.tracking_id("WEB");
            put_headers(response.headers_mut(), &[("x-zm-trackingid", tracking)]);
            response
        })
    }
}

type Headers = Vec<(&'static str, String)>;

impl Turn<'_> {
    /// The access token that a call carries, dead or alive.
    pub(crate) fn bearer(&self, authorization: Option<&HeaderValue>) -> Option<&AccessToken> {
        let (scheme, token) = authorization?.to_str().ok()?.split_once(' ')?;
        self.state.access_tokens.get(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
    }

    fn caller(
        &mut self,
        authorization: Option<&HeaderValue>,
        route: &'static Route,
    ) -> Result<(Caller, Headers), ApiError> {
        let invalid = || fail(StatusCode::UNAUTHORIZED, 124, "Invalid access token.");
        let known = self.bearer(authorization).cloned().ok_or_else(invalid)?;
        let grant = self.live_grant(known.grant).ok_or_else(invalid)?;
        if known.expires_at <= self.now {
            return Err(fail(StatusCode::UNAUTHORIZED, 124, "Access token is expired."));
        }
        if !route.scopes.iter().any(|needed| grant.scopes.iter().any(|held| held == needed)) {
            let wanted = route.scopes.first().copied().unwrap_or_default();
            let message = format!("Invalid access token, does not contain scopes:[{wanted}].");
            return Err(fail(StatusCode::BAD_REQUEST, 4711, message));
        }
        let user = self.user(&grant.user_id).map_err(|_| invalid())?;
        let caller = Caller {
            user_id: user.profile.id.clone(),
            account_id: user.profile.account_id.clone(),
            plan: user.profile.plan,
        };
        let headers = self.count_call(&caller, route)?;
        Ok((caller, headers))
    }

    /// Adds one to a counter of the window that `now` falls into, and returns the new count.
    fn count(&mut self, what: String, window: i64) -> u32 {
        let counter = self.state.counters.entry(what).or_default();
        if counter.window != window {
            counter.window = window;
            counter.count = 0;
        }
        counter.count += 1;
        counter.count
    }

    /// Limits are per account, shared by all its users and apps.
    fn count_call(&mut self, caller: &Caller, route: &Route) -> Result<Headers, ApiError> {
        let account_pays =
            self.state.users.values().any(|user| {
                user.profile.account_id == caller.account_id && user.profile.plan == Plan::Licensed
            });
        let plan = if account_pays { Plan::Licensed } else { Plan::Basic };
        let weight = self.weight(route);
        let limits = weight.limits(plan);
        let per_day = match (self.state.knobs.daily_limit, limits.day) {
            (Some(most), day) => Some((day.map_or(weight.label(), |(shared, _)| shared), most)),
            (None, day) => day,
        };
        let held = self.state.knobs.per_second_limits.unwrap_or(!self.config.clock.is_driven());
        let (now, label, account) = (self.now, weight.label(), caller.account_id.as_str());
        if let Some((shared, limit)) = per_day {
            let used = self.count(format!("day {shared} {account}"), now.div_euclid(DAY));
            if used > limit {
                self.note_breach(route, caller, LimitKind::Day, limit, used);
                let reset = next_midnight(now);
                let mut error = fail(
                    StatusCode::TOO_MANY_REQUESTS,
                    429,
                    "You have reached the maximum daily rate limit for this API. Refer to the response header for \
                     details on when you can make another request.",
                );
                error.headers = limit_headers(label, "Daily-limit", limit, 0, reset);
                error.headers.push(("retry-after", seconds_text(reset)));
                return Err(error);
            }
        }
        let (window, kind) =
            if limits.by_minute { (MINUTE, LimitKind::Minute) } else { (SECOND, LimitKind::Second) };
        let used = self.count(format!("{kind:?} {label} {account}"), now.div_euclid(window));
        let reset = (now.div_euclid(window) + 1) * window;
        let left = limits.most.saturating_sub(used);
        let headers = limit_headers(label, "QPS", limits.most, left, reset);
        if used > limits.most {
            self.note_breach(route, caller, kind, limits.most, used);
        }
        if held && used > limits.most {
            let message = "You have reached the maximum per-second rate limit for this API. Try again later.";
            return Err(ApiError { headers, ..fail(StatusCode::TOO_MANY_REQUESTS, 429, message) });
        }
        Ok(headers)
    }

    /// Meetings may be created or updated so often per host and day, whoever asks.
    pub(crate) fn count_write(
        &mut self,
        route: &Route,
        caller: &Caller,
        host_id: &str,
    ) -> Result<(), ApiError> {
        let limit = self.state.knobs.host_writes_per_day;
        let used = self.count(format!("writes {host_id}"), self.now.div_euclid(DAY));
        if used <= limit {
            return Ok(());
        }
        self.note_breach(route, caller, LimitKind::HostWrites, limit, used);
        let reset = next_midnight(self.now);
        let message = format!(
            "You have exceeded the daily rate limit of ({limit}) for meeting create/update API requests permitted for \
             this particular user. You may resume these requests at GMT 00:00."
        );
        let mut error = fail(StatusCode::TOO_MANY_REQUESTS, 429, message);
        error.headers = limit_headers("Light", "Daily-limit", limit, 0, reset);
        error.headers.push(("retry-after", seconds_text(reset)));
        Err(error)
    }

    /// At most three registrations per e-mail, meeting and day.
    pub(crate) fn count_registration(
        &mut self,
        caller: &Caller,
        number: i64,
        email: &str,
    ) -> Result<(), ApiError> {
        let used = self.count(format!("registrations {number} {email}"), self.now.div_euclid(DAY));
        if used <= 3 {
            return Ok(());
        }
        self.note_breach(&routes::REGISTRANTS, caller, LimitKind::Registrations, 3, used);
        let reset = next_midnight(self.now);
        let message = "You have exceeded the daily rate limit of (3) for Add meeting registrant API requests permitted \
                       for the registrant.";
        let mut error = fail(StatusCode::TOO_MANY_REQUESTS, 429, message);
        error.headers = limit_headers("Light", "Daily-limit", 3, 0, reset);
        error.headers.push(("retry-after", seconds_text(reset)));
        Err(error)
    }

    /// A meeting that the caller hosts.
    pub(crate) fn own_meeting(&self, caller: &Caller, id: &str) -> Result<Meeting, ApiError> {
        let number: i64 = id.parse().map_err(|_| bad_request("Invalid meeting id."))?;
        let meeting = self.meeting(number).map_err(|_| no_meeting(number))?;
        if meeting.host_id == caller.user_id {
            return Ok(meeting.clone());
        }
        let colleague =
            self.user(&meeting.host_id).is_ok_and(|host| host.profile.account_id == caller.account_id);
        if colleague {
            return Err(fail(StatusCode::BAD_REQUEST, 3003, "You are not the meeting host."));
        }
        Err(no_meeting(number))
    }
}

fn limit_headers(category: &str, kind: &str, limit: u32, left: u32, reset: i64) -> Headers {
    vec![
        ("x-ratelimit-category", category.to_owned()),
        ("x-ratelimit-type", kind.to_owned()),
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", reset.div_euclid(SECOND).to_string()),
    ]
}

/// A user-managed app may say only `me`.
pub(crate) fn only_me(user: &str, scope: &str) -> Result<(), ApiError> {
    if user == "me" {
        return Ok(());
    }
    let message = format!("Invalid access token, does not contain scopes:[{scope}:admin].");
    Err(fail(StatusCode::BAD_REQUEST, 4711, message))
}

/// A JSON object, announced as JSON.
pub(crate) fn object(headers: &HeaderMap, bytes: &[u8]) -> Result<serde_json::Map<String, Value>, ApiError> {
    let announced =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !announced.starts_with("application/json") {
        return Err(bad_request("Unsupported Content Type."));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(bad_request("Request Body should be a valid JSON object.")),
    }
}
