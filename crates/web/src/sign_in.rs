//! Signing in and out: e-mail address and password, and one-time links that set a password.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{AppendHeaders, Html, IntoResponse, Redirect, Response},
};
use domain::{clinic::Clinic, id::Id, staff::StaffMember, text::Email};
use serde::Deserialize;
use store::{Tx, ports::doors::Hash};
use tokio::task::spawn_blocking;
use uuid::Uuid;
use vault::{SecretText, Token, password};

use crate::{
    App, Error, SignedIn, address::Source, guard::Who, local_path, pages::view::frame::Frame, routes::Route,
    session,
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Who::Anyone, form),
        Route::post("/sign-in", Who::Anyone, sign_in),
        Route::get("/sign-in/link/{token}", Who::LinkHolder, link_form),
        Route::post("/sign-in/link/{token}", Who::LinkHolder, use_link),
        Route::post("/sign-out", Who::Anyone, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "sign_in/form.html")]
struct FormPage<'a> {
    frame: Frame,
    email: &'a str,
    next: &'a str,
    trouble: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sign_in/link.html")]
struct LinkPage<'a> {
    frame: Frame,
    token: &'a str,
    name: &'a str,
    email: &'a str,
    fewest: usize,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/dead_link.html")]
struct DeadLinkPage {
    frame: Frame,
}

fn page(status: StatusCode, template: &impl Template) -> Result<Response, Error> {
    Ok((status, Html(template.render().map_err(Error::internal)?)).into_response())
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

async fn form(
    signed_in: Option<SignedIn>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let next = local_path::parse(&wanted.next);
    if signed_in.is_some() {
        let next = session::wanted(&headers, next.as_deref());
        return Ok(Redirect::to(next.as_deref().unwrap_or("/")).into_response());
    }
    sign_in_form(StatusCode::OK, "", next.as_deref().unwrap_or(""), None)
}

fn sign_in_form(
    status: StatusCode,
    email: &str,
    next: &str,
    trouble: Option<&str>,
) -> Result<Response, Error> {
    page(status, &FormPage { frame: Frame::bare("Sign in"), email, next, trouble })
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: SecretText,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(app): State<App>,
    Source(address): Source,
    headers: HeaderMap,
    Form(Credentials { email: typed, password, next }): Form<Credentials>,
) -> Result<Response, Error> {
    let next = local_path::parse(&next);
    let in_form = next.as_deref().unwrap_or("");
    // What is no address at all names an account that does not exist, and is counted like one.
    let account = Email::parse(&typed).map_or_else(|_| String::new(), String::from);
    if let Err(wait) = app.throttle.admit(&account, address, app.ambient.now()) {
        tracing::warn!(wait_s = wait.as_secs(), "sign-in held back after too many failures");
        let minutes = wait.as_secs().div_ceil(60);
        let trouble = format!(
            "Too many tries. Try again in {minutes} min, or ask your administrator for a sign-in link."
        );
        let mut response = sign_in_form(StatusCode::TOO_MANY_REQUESTS, &typed, in_form, Some(&trouble))?;
        response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        return Ok(response);
    }
    let Some(member) = verify(&app, &account, password).await? else {
        tracing::info!("sign-in refused");
        let trouble = "That address and password do not fit together.";
        return sign_in_form(StatusCode::UNAUTHORIZED, &typed, in_form, Some(trouble));
    };
    app.throttle.forgive(&account, address);
    let mut tx = app.store.begin().await?;
    let held = session::presented(&app.settings, &headers);
    let cookie = session::begin_in(&app, &mut *tx, &member, held).await?;
    tx.commit().await?;
    tracing::info!(staff = %member.id, "signed in");
    let to = session::wanted(&headers, Some(&next.unwrap_or_default()));
    Ok(let_in(&app, cookie, to.as_deref().unwrap_or("/")))
}

fn let_in(app: &App, cookie: String, to: &str) -> Response {
    let cookies = [(header::SET_COOKIE, cookie), (header::SET_COOKIE, session::forget_wanted(&app.settings))];
    (AppendHeaders(cookies), Redirect::to(to)).into_response()
}

/// Whose address and password this is. Takes the same work whether the account exists, has a password, may sign in, or
/// not.
async fn verify(app: &App, account: &str, password: SecretText) -> Result<Option<StaffMember>, Error> {
    let mut tx = app.store.read().await?;
    let member = tx.staff_by_email(account).await?;
    let phc = match &member {
        Some(member) => tx.password(member.clinic_id, member.id).await?,
        // The same questions for nobody.
        None => tx.password(Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil())).await?,
    };
    drop(tx);
    // Each takes tens of megabytes and a core: a crowd of them waits here rather than exhausting the machine.
    let permit = app.hashing.clone().acquire_owned().await.map_err(Error::internal)?;
    let salt = app.ambient.bytes();
    let (is_right, anew) = spawn_blocking(move || {
        let _permit = permit;
        match phc {
            None => (password::verify_against_nobody(password.expose()), None),
            Some(phc) => {
                let is_right = password::verify(password.expose(), &phc);
                let anew = (is_right && password::is_outdated(&phc))
                    .then(|| password::hash(password.expose(), salt).ok())
                    .flatten();
                (is_right, anew)
            }
        }
    })
    .await
    .map_err(Error::internal)?;
    let Some(member) = member.filter(|member| is_right && member.disabled_at.is_none()) else {
        return Ok(None);
    };
    if let Some(phc) = anew {
        let mut tx = app.store.begin().await?;
        tx.set_password(member.clinic_id, member.id, &phc, app.ambient.now()).await?;
        tx.commit().await?;
    }
    Ok(Some(member))
}

/// A one-time link that still works, and whose it is.
struct LiveLink {
    hash: Hash,
    member: StaffMember,
    clinic: Clinic,
}

async fn live_link(app: &App, tx: &mut dyn Tx, token: &str) -> Result<Option<LiveLink>, Error> {
    let Ok(token) = Token::parse(token) else { return Ok(None) };
    let hash = *token.hash().as_bytes();
    let Some(link) = tx.sign_in_link(&hash).await? else { return Ok(None) };
    if link.used_at.is_some() || link.expires_at <= app.ambient.now() {
        return Ok(None);
    }
    let member =
        tx.staff_member(link.clinic_id, link.staff_id).await?.filter(|member| member.disabled_at.is_none());
    let clinic = tx.clinic(link.clinic_id).await?;
    Ok(member.zip(clinic).map(|(member, clinic)| LiveLink { hash, member, clinic }))
}

/// Unknown, used, expired: all the same to whoever holds it.
fn dead_link() -> Result<Response, Error> {
    page(StatusCode::GONE, &DeadLinkPage { frame: Frame::bare("This link works no more") })
}

fn live_link_page(
    status: StatusCode,
    token: &str,
    link: &LiveLink,
    trouble: Option<String>,
) -> Result<Response, Error> {
    page(
        status,
        &LinkPage {
            frame: Frame { clinic: link.clinic.name.as_str().to_owned(), ..Frame::bare("Choose a password") },
            token,
            name: link.member.name.as_str(),
            email: link.member.email.as_str(),
            fewest: password::MIN_LENGTH,
            trouble,
        },
    )
}

/// Shows the form and changes nothing: mail scanners open links too.
async fn link_form(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Error> {
    let mut tx = app.store.read().await?;
    match live_link(&app, &mut *tx, &token).await? {
        Some(link) => live_link_page(StatusCode::OK, &token, &link, None),
        None => dead_link(),
    }
}

#[derive(Deserialize)]
struct NewPassword {
    password: SecretText,
}

async fn use_link(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(NewPassword { password }): Form<NewPassword>,
) -> Result<Response, Error> {
    let mut tx = app.store.read().await?;
    let Some(link) = live_link(&app, &mut *tx, &token).await? else { return dead_link() };
    drop(tx);
    let about = [link.member.name.as_str(), link.member.email.as_str(), link.clinic.name.as_str()];
    if let Err(unfit) = password::check(password.expose(), &about) {
        return live_link_page(StatusCode::UNPROCESSABLE_ENTITY, &token, &link, Some(unfit.to_string()));
    }
    let permit = app.hashing.clone().acquire_owned().await.map_err(Error::internal)?;
    let salt = app.ambient.bytes();
    let phc = spawn_blocking(move || {
        let _permit = permit;
        password::hash(password.expose(), salt)
    })
    .await
    .map_err(Error::internal)?
    .map_err(Error::internal)?;

    let LiveLink { hash, member, .. } = link;
    let now = app.ambient.now();
    let mut tx = app.store.begin().await?;
    if !tx.use_sign_in_link(member.clinic_id, &hash, now).await? {
        return dead_link();
    }
    tx.set_password(member.clinic_id, member.id, &phc, now).await?;
    // Whoever had the old password is out.
    tx.end_sessions_of(member.clinic_id, member.id).await?;
    let cookie =
        session::begin_in(&app, &mut *tx, &member, session::presented(&app.settings, &headers)).await?;
    tx.commit().await?;
    tracing::info!(staff = %member.id, "signed in by a one-time link and set a password");
    Ok(let_in(&app, cookie, "/"))
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    if let Some(held) = session::presented(&app.settings, &headers) {
        let mut tx = app.store.begin().await?;
        if let Some(session) = tx.session(&held).await? {
            tx.end_session(session.clinic_id, &held).await?;
            tx.commit().await?;
            tracing::info!(staff = %session.staff_id, "signed out");
        }
    }
    let leave_nothing = [
        (header::SET_COOKIE, session::cookie_removal(&app.settings)),
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"cookies\", \"storage\"".to_owned()),
    ];
    Ok((AppendHeaders(leave_nothing), Redirect::to("/sign-in")).into_response())
}
