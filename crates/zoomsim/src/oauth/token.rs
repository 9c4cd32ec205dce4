//! `/oauth/token` and `/oauth/revoke`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Params;
use crate::clock::SECOND;
use crate::rest::routes::{self, Route};
use crate::state::{AccessToken, Death, Grant};
use crate::world::{Turn, World};

/// What Zoom writes, in seconds.
const LIFETIME: i64 = 3599;

struct Refusal {
    status: StatusCode,
    reason: String,
    error: &'static str,
}

fn refuse(reason: &str, error: &'static str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, reason: reason.to_owned(), error }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "reason": self.reason, "error": self.error }))).into_response()
    }
}

/// Zoom wants the client id and secret as Basic authentication.
fn check_client(turn: &Turn<'_>, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
    let expected = format!("{}:{}", turn.config.client_id, turn.state.secrets.client);
    if given.as_deref() == Some(expected.as_bytes()) {
        return Ok(());
    }
    Err(Refusal {
        status: StatusCode::UNAUTHORIZED,
        reason: "Invalid client_id or client_secret".to_owned(),
        error: "invalid_client",
    })
}

pub(crate) async fn token(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&body, &query]);
    let answer = world.turn(|turn| {
        check_client(turn, &headers)?;
        match params.get("grant_type") {
            Some("authorization_code") => trade_code(turn, &params),
            Some("refresh_token") => refresh(turn, &params),
            Some(_) => Err(refuse("Unsupported grant type", "unsupported_grant_type")),
            None => Err(refuse("Missing grant type", "invalid_request")),
        }
    });
    settle(&world, &routes::TOKEN, answer)
}

/// The answer with whose grant it is about, or the refusal; noted either way.
fn settle(world: &World, route: &'static Route, answer: Result<(u64, Response), Refusal>) -> Response {
    let (grant, response) = match answer {
        Ok((grant, response)) => (Some(grant), response),
        Err(refusal) => (None, refusal.into_response()),
    };
    world.turn(|turn| {
        let who = grant.and_then(|id| turn.owner_of(id));
        turn.note_call(route, who, response.status().as_u16());
    });
    response
}

fn trade_code(turn: &mut Turn<'_>, params: &Params) -> Result<(u64, Response), Refusal> {
    let given = params.get("code").ok_or_else(|| refuse("Missing code", "invalid_request"))?;
    let now = turn.now;
    let code =
        turn.state.codes.get(given).ok_or_else(|| refuse("Invalid authorization code", "invalid_grant"))?;
    if code.used {
        return Err(refuse("Invalid authorization code", "invalid_grant"));
    }
    if code.expires_at <= now {
        return Err(refuse("Authorization code expired", "invalid_grant"));
    }
    match params.get("redirect_uri") {
        Some(uri) if uri == code.redirect_uri => {}
        Some(_) => return Err(refuse("Redirect URI mismatch.", "invalid_request")),
        None => return Err(refuse("Missing redirect URI", "invalid_request")),
    }
    let proven = match (&code.challenge, params.get("code_verifier")) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if code.challenge_is_plain => challenge == verifier,
        (Some(challenge), Some(verifier)) => {
            *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
        }
        _ => false,
    };
    if !proven {
        return Err(refuse("Invalid code verifier", "invalid_grant"));
    }
    let (user_id, scopes) = (code.user_id.clone(), code.scopes.clone());
    if let Some(code) = turn.state.codes.get_mut(given) {
        code.used = true;
    }
    turn.kill_grants(&user_id, Death::Revoked);
    if let Some(user) = turn.state.users.get_mut(&user_id) {
        user.installed = true;
    }
    let grant = turn.state.next_serial();
    let refresh_token = turn.state.dice.token();
    turn.state
        .grants
        .insert(grant, Grant { user_id, scopes, refresh_token, retired: Vec::new(), dead: None });
    Ok((grant, issue(turn, grant)))
}

fn refresh(turn: &mut Turn<'_>, params: &Params) -> Result<(u64, Response), Refusal> {
    let given =
        params.get("refresh_token").ok_or_else(|| refuse("Missing refresh token", "invalid_request"))?;
    let known = turn
        .state
        .grants
        .iter()
        .find(|(_, grant)| grant.refresh_token == given || grant.retired.iter().any(|old| old == given))
        .map(|(id, grant)| (*id, grant.dead, grant.refresh_token == given));
    let id = match known {
        Some((id, None, true)) => id,
        Some((_, Some(Death::DisabledByAdmin), _)) => {
            return Err(refuse(
                "The app has been disabled by the account administrator (4738)",
                "invalid_grant",
            ));
        }
        Some((_, Some(Death::Revoked), true)) => {
            return Err(refuse("The token has been revoked (4741)", "invalid_grant"));
        }
        _ => return Err(refuse("Invalid Token!", "invalid_grant")),
    };
    let fresh = turn.state.dice.token();
    if let Some(grant) = turn.state.grants.get_mut(&id) {
        let old = std::mem::replace(&mut grant.refresh_token, fresh);
        grant.retired.push(old);
        let spare = grant.retired.len().saturating_sub(8);
        grant.retired.drain(..spare);
    }
    Ok((id, issue(turn, id)))
}

fn issue(turn: &mut Turn<'_>, id: u64) -> Response {
    let now = turn.now;
    // Tokens long expired are forgotten, which changes only the message of the refusal.
    turn.state.access_tokens.retain(|_, token| token.expires_at + crate::clock::DAY > now);
    let access_token = turn.state.dice.token();
    turn.state
        .access_tokens
        .insert(access_token.clone(), AccessToken { grant: id, expires_at: now + LIFETIME * SECOND });
    let grant = turn.state.grants.get(&id);
    Json(json!({
        "access_token": access_token,
        "token_type": "bearer",
        "refresh_token": grant.map(|grant| grant.refresh_token.as_str()),
        "expires_in": LIFETIME,
        "scope": grant.map(|grant| grant.scopes.join(" ")),
        "api_url": turn.config.public_url,
    }))
    .into_response()
}

pub(crate) async fn revoke(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::parse(&[&body, &query]);
    let answer = world.turn(|turn| {
        check_client(turn, &headers)?;
        let given = params.get("token").ok_or_else(|| refuse("Missing token", "invalid_request"))?;
        let id = turn.state.access_tokens.get(given).map(|token| token.grant);
        let id = id.filter(|id| turn.live_grant(*id).is_some());
        let id = id.ok_or_else(|| refuse("Invalid Token!", "invalid_request"))?;
        if let Some(grant) = turn.state.grants.get_mut(&id) {
            grant.dead = Some(Death::Revoked);
        }
        Ok((id, Json(json!({ "status": "success" })).into_response()))
    });
    settle(&world, &routes::REVOKE, answer)
}
