//! `/oauth/authorize`: checks the request as Zoom does, asks a human, and goes back with a code or a refusal.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::Params;
use crate::clock::MINUTE;
use crate::pages::page;
use crate::state::Code;
use crate::world::{Turn, World};

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    code: u32,
    reason: &'a str,
}

struct Choice {
    id: String,
    name: String,
    email: String,
    plan: &'static str,
}

struct Asked {
    name: String,
    optional: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    client_id: &'a str,
    query: &'a str,
    host: String,
    users: Vec<Choice>,
    scopes: Vec<Asked>,
}

/// A request for consent that passed the checks.
struct Request {
    redirect_uri: String,
    state: Option<String>,
    challenge: Option<String>,
    challenge_is_plain: bool,
}

/// Zoom's error number, and what it says.
type Refusal = (u32, &'static str);

fn check(turn: &Turn<'_>, params: &Params) -> Result<Request, Refusal> {
    let client_id = params.get("client_id").ok_or((4702, "Invalid client_id: none was given."))?;
    if client_id != turn.config.client_id {
        return Err((4702, "Invalid client_id."));
    }
    let redirect_uri = params.get("redirect_uri").ok_or((4709, "Invalid redirect: none was given."))?;
    if !turn.config.redirect_uris.iter().any(|listed| listed == redirect_uri) {
        return Err((4709, "Invalid redirect: it is not on the allow list of the app."));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return Err((4700, "Invalid response_type: only code is supported.")),
        None => return Err((4700, "Invalid response_type: none was given.")),
    }
    let challenge_is_plain = match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) | (Some(_), Some("S256")) => false,
        (Some(_), None | Some("plain")) => true,
        _ => return Err((4700, "Invalid code_challenge_method.")),
    };
    if turn.state.knobs.approval_needed {
        return Err((4738, "Your account administrator has to approve this app first."));
    }
    Ok(Request {
        redirect_uri: redirect_uri.to_owned(),
        state: params.get("state").map(str::to_owned),
        challenge: params.get("code_challenge").map(str::to_owned),
        challenge_is_plain,
    })
}

fn refused((code, reason): Refusal) -> Response {
    (StatusCode::BAD_REQUEST, page(&Refused { code, reason })).into_response()
}

pub(crate) async fn show_consent(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&query]);
    world.turn(|turn| match check(turn, &params) {
        Err(refusal) => refused(refusal),
        Ok(request) => {
            let host = url::Url::parse(&request.redirect_uri).ok();
            let consent = Consent {
                client_id: &turn.config.client_id,
                query: &query,
                host: host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default(),
                users: turn
                    .users_in_order()
                    .map(|user| Choice {
                        id: user.profile.id.clone(),
                        name: user.profile.display_name.clone(),
                        email: user.profile.email.clone(),
                        plan: if user.profile.plan == crate::Plan::Basic { "Basic" } else { "Licensed" },
                    })
                    .collect(),
                scopes: turn
                    .config
                    .scopes
                    .iter()
                    .map(|name| Asked {
                        name: name.clone(),
                        optional: turn.config.optional_scopes.contains(name),
                    })
                    .collect(),
            };
            page(&consent).into_response()
        }
    })
}

/// The button of the consent page: `decision` is `allow` or `decline`, `user_id` who is signed in, and `scope` (any
/// number of times) the optional scopes left ticked; without any `scope` or `scopes_shown`, all are granted.
pub(crate) async fn allow(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&body, &query]);
    match world.turn(|turn| decide(turn, &params)) {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(refusal) => refused(refusal),
    }
}

/// Where the browser goes back to.
pub(crate) fn decide(turn: &mut Turn<'_>, params: &Params) -> Result<String, Refusal> {
    let request = check(turn, params)?;
    let mut back = url::Url::parse(&request.redirect_uri)
        .map_err(|_| (4709, "Invalid redirect: it is not an address."))?;
    let user_id = params.get("user_id").unwrap_or_default();
    if params.get("decision") == Some("allow") {
        let user = turn.user(user_id).map_err(|_| (4735, "Nobody is signed in."))?;
        if user.disabled {
            return Err((4738, "Your account administrator has switched this app off for you."));
        }
        let user_id = user.profile.id.clone();
        let shown = params.get("scopes_shown").is_some() || params.get("scope").is_some();
        let optional = &turn.config.optional_scopes;
        let kept = |scope: &&String| {
            !shown || !optional.contains(*scope) || params.all("scope").any(|ticked| ticked == scope.as_str())
        };
        let scopes = turn.config.scopes.iter().filter(kept).cloned().collect();
        let code = turn.state.dice.base64url(44);
        let expires_at = turn.now + 5 * MINUTE;
        let Request { redirect_uri, challenge, challenge_is_plain, .. } = &request;
        turn.state.codes.insert(
            code.clone(),
            Code {
                user_id,
                redirect_uri: redirect_uri.clone(),
                scopes,
                challenge: challenge.clone(),
                challenge_is_plain: *challenge_is_plain,
                expires_at,
                used: false,
            },
        );
        back.query_pairs_mut().append_pair("code", &code);
    } else {
        back.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The user declined.");
    }
    if let Some(state) = &request.state {
        back.query_pairs_mut().append_pair("state", state);
    }
    Ok(back.into())
}
