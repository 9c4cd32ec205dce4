//! Sessions: a random token in a cookie, its hash in the store, two limits.
//!
//! A session ends when its owner has done nothing for a while, and some hours after sign-in whatever they did. What a
//! page does on its own (streams, polling) is not its owner doing something, see [`crate::guard`].

use std::time::Duration;

use axum::{
    http::{HeaderMap, Uri, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use domain::{
    Timestamp,
    staff::{Role, StaffMember},
};
use store::{
    Tx,
    ports::{access::Session, doors::Hash},
};
use vault::Token;

use crate::{App, Error, SignedIn, WebSettings, local_path};

/// A session's last sign of life is written down at most so often.
const TOUCH_EVERY: Duration = Duration::from_mins(1);
/// Where to go after signing in, when the path is itself a secret and must not stand in an address's query.
const NEXT_COOKIE: &str = "anteroom_next";

/// The cookie's name: browsers take one with `__Host-` from this very host over TLS only.
fn cookie_name(settings: &WebSettings) -> &'static str {
    if settings.is_https() { "__Host-anteroom" } else { "anteroom" }
}

/// Dies with the browser; the limits are the server's business.
fn cookie(settings: &WebSettings, token: &Token) -> Cookie<'static> {
    Cookie::build((cookie_name(settings), token.text().expose().to_owned()))
        .path("/")
        .http_only(true)
        .secure(settings.is_https())
        .same_site(SameSite::Lax)
        .build()
}

/// The `Set-Cookie` value that makes the browser forget.
pub(crate) fn cookie_removal(settings: &WebSettings) -> String {
    let mut cookie = Cookie::build((cookie_name(settings), ""))
        .path("/")
        .http_only(true)
        .secure(settings.is_https())
        .same_site(SameSite::Lax)
        .build();
    cookie.make_removal();
    cookie.to_string()
}

/// The hash of the session token that the request carries, known or not.
pub(crate) fn presented(settings: &WebSettings, headers: &HeaderMap) -> Option<Hash> {
    let jar = CookieJar::from_headers(headers);
    let token = Token::parse(jar.get(cookie_name(settings))?.value()).ok()?;
    Some(*token.hash().as_bytes())
}

/// Begins a session for this person; returns the `Set-Cookie` value that lets their browser in. A fresh token each
/// time: whatever the browser held before stays what it was.
pub async fn begin(app: &App, member: &StaffMember) -> Result<String, Error> {
    let mut tx = app.store.begin().await?;
    let cookie = begin_in(app, &mut *tx, member, None).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// The same within a unit of work, in place of the session that the browser held.
pub(crate) async fn begin_in(
    app: &App,
    tx: &mut dyn Tx,
    member: &StaffMember,
    instead_of: Option<Hash>,
) -> Result<String, Error> {
    if let Some(old) = instead_of
        && let Some(session) = tx.session(&old).await?
    {
        tx.end_session(session.clinic_id, &old).await?;
    }
    let token = Token::from_random(app.ambient.bytes());
    let now = app.ambient.now();
    tx.insert_session(&Session {
        token_hash: *token.hash().as_bytes(),
        clinic_id: member.clinic_id,
        staff_id: member.id,
        created_at: now,
        seen_at: now,
    })
    .await?;
    Ok(cookie(&app.settings, &token).to_string())
}

/// Whose session this is, if it still is one: within both limits, of a person who may still sign in.
pub(crate) async fn look_up(app: &App, token: &Hash) -> Result<Option<SignedIn>, Error> {
    let mut tx = app.store.read().await?;
    let Some(session) = tx.session(token).await? else { return Ok(None) };
    let Some(staff) = tx.staff_member(session.clinic_id, session.staff_id).await? else { return Ok(None) };
    let Some(clinic) = tx.clinic(session.clinic_id).await? else { return Ok(None) };
    let lives = staff.disabled_at.is_none() && is_alive(&app.settings, &session, &staff, app.ambient.now());
    Ok(lives.then_some(SignedIn { clinic, staff, session }))
}

fn is_alive(settings: &WebSettings, session: &Session, staff: &StaffMember, now: Timestamp) -> bool {
    let idle = if staff.is(Role::Admin) {
        settings.session_idle_admin.min(settings.session_idle)
    } else {
        settings.session_idle
    };
    now.since(session.seen_at) < idle && now.since(session.created_at) < settings.session_absolute
}

/// Notes that the session's owner did something.
pub(crate) async fn touch(app: &App, session: &Session) -> Result<(), Error> {
    let now = app.ambient.now();
    if now.since(session.seen_at) >= TOUCH_EVERY {
        let mut tx = app.store.begin().await?;
        tx.touch_session(session.clinic_id, &session.token_hash, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes sessions, sign-in links and OAuth flows that no longer lead anywhere. To be called from time to time.
pub async fn purge(app: &App) -> Result<(), Error> {
    let now = app.ambient.now();
    let mut tx = app.store.begin().await?;
    tx.purge_access(now.minus(app.settings.session_idle), now.minus(app.settings.session_absolute)).await?;
    Ok(tx.commit().await?)
}

/// Sends whoever is not signed in to the sign-in page, and from there back to where they wanted to go. A path with a
/// link's token in it travels in a cookie, so that it never stands in a query.
pub fn sign_in_first(app: &App, wanted: &Uri) -> Response {
    let path = wanted.path_and_query().and_then(|wanted| local_path::parse(wanted.as_str()));
    match path {
        None => Redirect::to("/sign-in").into_response(),
        Some(path) if path.starts_with("/h/") || path.starts_with("/v/") => {
            let cookie = Cookie::build((NEXT_COOKIE, path))
                .path("/sign-in")
                .http_only(true)
                .secure(app.settings.is_https())
                .same_site(SameSite::Lax)
                .build();
            (AppendHeaders([(header::SET_COOKIE, cookie.to_string())]), Redirect::to("/sign-in"))
                .into_response()
        }
        Some(path) => {
            let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            Redirect::to(&format!("/sign-in?next={next}")).into_response()
        }
    }
}

/// Where the person wanted to go before they were asked to sign in: what the form carries, else the cookie.
pub(crate) fn wanted(headers: &HeaderMap, from_form: Option<&str>) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    from_form
        .and_then(local_path::parse)
        .or_else(|| jar.get(NEXT_COOKIE).and_then(|cookie| local_path::parse(cookie.value())))
}

/// The `Set-Cookie` value that makes the browser forget where its user wanted to go.
pub(crate) fn forget_wanted(settings: &WebSettings) -> String {
    let mut cookie =
        Cookie::build((NEXT_COOKIE, "")).path("/sign-in").http_only(true).secure(settings.is_https()).build();
    cookie.make_removal();
    cookie.to_string()
}
