//! Who may call what. [`crate::routes`] says it for each address; [`gate`] holds to it before the handler runs, and
//! leaves who it is for the handler to take: [`SignedIn`] or [`Caller`].

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{
    ClinicId, StaffId,
    attendance::matching::StaffOrToken,
    clinic::Clinic,
    staff::{Role, StaffMember},
};
use store::ports::access::{ApiToken, Session};
use vault::Token;

use crate::{App, Error, session};

/// What a program may do, in the words of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Book, change, cancel; say who somebody is.
    AppointmentsWrite,
    /// Read appointments with their links.
    AppointmentsRead,
    /// Read the board and attendance.
    AttendanceRead,
    /// Hand out links.
    LinksSend,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 4] =
        [Self::AppointmentsWrite, Self::AppointmentsRead, Self::AttendanceRead, Self::LinksSend];

    /// The word in the API, on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AppointmentsWrite => "appointments:write",
            Self::AppointmentsRead => "appointments:read",
            Self::AttendanceRead => "attendance:read",
            Self::LinksSend => "links:send",
        }
    }
}

/// Who may call an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// Whoever holds the link whose token is in the address; the handler looks at it.
    LinkHolder,
    /// Zoom, by its signature; the handler looks at it.
    Zoom,
    /// The provider of text messages, by its signature; the handler looks at it.
    Provider,
    /// People who are signed in and have one of these roles.
    Staff(&'static [Role]),
    /// Programs with a token of this scope.
    Program(Scope),
    /// Programs with a token of this scope, and people who are signed in and have one of these roles.
    ProgramOrStaff(Scope, &'static [Role]),
}

/// Any of the roles.
pub const ANY_ROLE: &[Role] = &Role::ALL;

/// Somebody of the staff, signed in, with a role that the address asks for.
///
/// `Option<SignedIn>` works at any address, and is none where nobody is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their clinic.
    pub clinic: Clinic,
    /// Who.
    pub staff: StaffMember,
    /// Their session.
    pub session: Session,
}

impl SignedIn {
    /// Whether what concerns this host's visits is theirs: the desk and an admin see to everybody's, a host to their own.
    pub(crate) fn sees_to(&self, host: StaffId) -> bool {
        let is_host = self.staff.is(Role::Staff) && self.staff.id == host;
        is_host || self.staff.is(Role::Scheduler) || self.staff.is(Role::Admin)
    }
}

/// Whoever calls the API.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A program, by its token.
    Program(ApiToken),
    /// A person, by their session.
    Person(Box<SignedIn>),
}

impl Caller {
    /// Whose data they may see.
    pub fn clinic(&self) -> ClinicId {
        match self {
            Self::Program(token) => token.clinic_id,
            Self::Person(person) => person.clinic.id,
        }
    }

    /// As whom their decisions count.
    pub fn decides_as(&self) -> StaffOrToken {
        match self {
            Self::Program(token) => StaffOrToken::Token(token.id),
            Self::Person(person) => StaffOrToken::Staff(person.staff.id),
        }
    }

    /// Whether they still may what they might when they came: the token is not revoked, the session has not ended,
    /// no role was taken away.
    pub(crate) async fn is_still_welcome(&self, app: &App) -> Result<bool, Error> {
        match self {
            Self::Program(token) => Ok(app.store.read().await?.api_token(&token.token_hash).await?.is_some()),
            Self::Person(person) => Ok(session::look_up(app, &person.session.token_hash)
                .await?
                .is_some_and(|now| now.staff.roles.is_superset(&person.staff.roles))),
        }
    }
}

/// What [`gate`] needs to know of an address.
#[derive(Clone)]
pub(crate) struct Gate {
    pub app: App,
    pub who: Who,
    /// Whether calling it says that a person is at work; a stream does not.
    pub is_activity: bool,
}

/// Lets in whom the table names, and nobody else.
pub(crate) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut request, body) = request.into_parts();
    let admitted = match gate.who {
        Who::Anyone | Who::LinkHolder | Who::Zoom | Who::Provider => Ok(None),
        Who::Program(scope) => by_token(&gate.app, &request.headers, scope).await.map(Some),
        // Whoever shows a token is judged by it alone, so that a cookie can never lend it rights.
        Who::ProgramOrStaff(scope, _) if request.headers.contains_key(header::AUTHORIZATION) => {
            by_token(&gate.app, &request.headers, scope).await.map(Some)
        }
        Who::Staff(roles) | Who::ProgramOrStaff(_, roles) => {
            by_session(&gate, &request, roles).await.map(Some)
        }
    };
    match admitted {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions.insert(caller);
            }
            next.run(Request::from_parts(request, body)).await
        }
        Err(Error::Unauthorized) if asks_for_a_page(&gate, &request) => {
            session::sign_in_first(&gate.app, &request.uri)
        }
        Err(error) => error.into_response(),
    }
}

async fn by_session(gate: &Gate, request: &Parts, roles: &[Role]) -> Result<Caller, Error> {
    let token = session::presented(&gate.app.settings, &request.headers).ok_or(Error::Unauthorized)?;
    let person = session::look_up(&gate.app, &token).await?.ok_or(Error::Unauthorized)?;
    if !roles.iter().any(|&role| person.staff.is(role)) {
        return Err(Error::Forbidden("Your role does not allow this. Ask your administrator.".into()));
    }
    if gate.is_activity && is_a_persons_doing(request) {
        session::touch(&gate.app, &person.session).await?;
    }
    Ok(Caller::Person(Box::new(person)))
}

/// Whether a person did this, rather than a page on its own: they sent something, or went somewhere. Browsers say so
/// in `Sec-Fetch-Mode`; what says nothing is taken for a person.
fn is_a_persons_doing(request: &Parts) -> bool {
    let mode = request.headers.get("sec-fetch-mode").map(axum::http::HeaderValue::as_bytes);
    !request.method.is_safe() || mode.is_none_or(|mode| mode == b"navigate")
}

async fn by_token(app: &App, headers: &HeaderMap, scope: Scope) -> Result<Caller, Error> {
    let hash = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, text)| text.trim().strip_prefix("antr_"))
        .and_then(|text| Token::parse(text).ok())
        .map(|token| *token.hash().as_bytes())
        .ok_or(Error::Unauthorized)?;
    let token = app.store.read().await?.api_token(&hash).await?.ok_or(Error::Unauthorized)?;
    if !token.scopes.contains(scope.as_str()) {
        return Err(Error::Forbidden(format!("The token lacks the scope {}.", scope.as_str()).into()));
    }
    Ok(Caller::Program(token))
}

/// Whether to answer with the sign-in page: for people's addresses, unless a script asks.
fn asks_for_a_page(gate: &Gate, request: &Parts) -> bool {
    let accept = request.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    matches!(gate.who, Who::Staff(_))
        && (request.method == Method::GET || request.method == Method::HEAD)
        && (accept.contains("text/html") || accept.contains("*/*"))
        && !accept.contains("text/event-stream")
}

/// A handler asks for somebody that its entry in the table does not promise.
#[derive(Debug, thiserror::Error)]
#[error("the table of addresses lets nobody in here that the handler could ask for")]
struct NobodyLetIn;

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::internal(NobodyLetIn))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Caller::from_request_parts(parts, state).await? {
            Caller::Person(person) => Ok(*person),
            Caller::Program(_) => Err(Error::internal(NobodyLetIn)),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn
where
    App: FromRef<S>,
{
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Error> {
        if let Some(Caller::Person(person)) = parts.extensions.get::<Caller>() {
            return Ok(Some((**person).clone()));
        }
        let app = App::from_ref(state);
        match session::presented(&app.settings, &parts.headers) {
            Some(token) => session::look_up(&app, &token).await,
            None => Ok(None),
        }
    }
}
