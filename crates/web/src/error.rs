//! How requests fail. Handlers return an [`Error`]; one table gives its status and words; the middleware turns it
//! into a page or into `application/problem+json` (RFC 9457), whichever the address speaks.
//!
//! What went wrong inside is logged once, here, and never sent.

use std::{borrow::Cow, error::Error as StdError};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use store::StoreError;

/// One field of the input that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Which, as a path: `attendees[1].email`.
    pub field: String,
    /// Why, in words that can stand beside the field.
    pub message: String,
}

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself cannot be read.
    #[error("the request cannot be read")]
    BadRequest(Cow<'static, str>),
    /// Fields were refused.
    #[error("fields were refused")]
    Invalid(Vec<FieldError>),
    /// Nobody is signed in, or the token is not one of ours.
    #[error("not signed in")]
    Unauthorized,
    /// Whoever it is may not do this.
    #[error("not allowed")]
    Forbidden(Cow<'static, str>),
    /// There is no such thing, or it is another clinic's.
    #[error("not found")]
    NotFound,
    /// The address exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// It cannot be answered in the form that was asked for.
    #[error("not acceptable")]
    NotAcceptable(Cow<'static, str>),
    /// It contradicts how things stand.
    #[error("conflict")]
    Conflict(Cow<'static, str>),
    /// The same, with what would have to be otherwise.
    #[error("conflict")]
    ConflictOf(Cow<'static, str>, Vec<FieldError>),
    /// It was there and is no more.
    #[error("gone")]
    Gone(Cow<'static, str>),
    /// The body is larger than this address takes.
    #[error("too large")]
    TooLarge,
    /// The body is not of a type that this address takes.
    #[error("unsupported media type")]
    UnsupportedMediaType(Cow<'static, str>),
    /// Too many tries; again after so many seconds.
    #[error("too many requests")]
    TooManyRequests(u64),
    /// Something we need does not answer; again in a moment.
    #[error("unavailable")]
    Unavailable(Cow<'static, str>),
    /// The work took longer than a request may.
    #[error("timed out")]
    TimedOut,
    /// The body took longer to arrive than it may.
    #[error("the body came too slowly")]
    SlowBody,
    /// Our fault.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// Our fault, with what went wrong for the log.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// One refused field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Driver(_) => {
                log(&error);
                Self::Unavailable("The data cannot be reached just now. Nothing was changed.".into())
            }
            error => Self::internal(error),
        }
    }
}

impl From<attendance::Error> for Error {
    fn from(error: attendance::Error) -> Self {
        match error {
            attendance::Error::UnknownAppointment => Self::NotFound,
            attendance::Error::Store(error) => error.into(),
            error @ (attendance::Error::UnknownClinic | attendance::Error::Interrupted) => {
                Self::internal(error)
            }
        }
    }
}

impl From<attendance::RuleError> for Error {
    fn from(error: attendance::RuleError) -> Self {
        use attendance::RuleError;
        match error {
            RuleError::UnknownAttendee => Self::NotFound,
            RuleError::NotExpected => {
                Self::Conflict("A visit that was cancelled, or is at the clinic, is no no-show here.".into())
            }
            RuleError::TooEarly => Self::Conflict("Nobody is a no-show before the visit begins.".into()),
            RuleError::Came => Self::Conflict(
                "They were in the room. If that was somebody else, say so first: this is not they.".into(),
            ),
            RuleError::Failed(error) => error.into(),
        }
    }
}

/// What a failed request tells its caller. Rides on the response until the middleware renders it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// What happened, the same for all of its kind.
    pub title: &'static str,
    /// What happened this time, and what to do.
    pub detail: Cow<'static, str>,
    /// The fields that were refused.
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// What a bare status means, for responses that others made.
    pub fn of_status(status: StatusCode) -> Self {
        let (title, detail) = match status {
            StatusCode::BAD_REQUEST => ("The request cannot be read", "Check the address and what was sent."),
            StatusCode::UNAUTHORIZED => ("Not signed in", "Sign in, or send a token that is valid."),
            StatusCode::FORBIDDEN => ("Not allowed", "You may not do this here."),
            StatusCode::NOT_FOUND => {
                ("Not found", "There is nothing at this address, or it is not yours to see.")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                ("Method not allowed", "This address does not take that method.")
            }
            StatusCode::REQUEST_TIMEOUT => {
                ("Too slow", "The request took too long to arrive. Send it again.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("Too large", "The request is larger than this address takes."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("Unsupported media type", "This address does not take that content type.")
            }
            StatusCode::UNPROCESSABLE_ENTITY => ("Not accepted", "Something in the request was refused."),
            StatusCode::SERVICE_UNAVAILABLE => ("Not available", "Try again in a moment."),
            status if status.is_client_error() => ("Refused", "The request was refused."),
            _ => (
                "Something went wrong",
                "This is our fault. Try again; if it stays, give us the request's number.",
            ),
        };
        Self { status, title, detail: detail.into(), errors: Vec::new() }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let of = Self::of_status;
        let with = |status, detail: &Cow<'static, str>| Self { detail: detail.clone(), ..of(status) };
        match error {
            Error::BadRequest(detail) => with(StatusCode::BAD_REQUEST, detail),
            Error::Invalid(errors) => Self { errors: errors.clone(), ..of(StatusCode::UNPROCESSABLE_ENTITY) },
            Error::Unauthorized => of(StatusCode::UNAUTHORIZED),
            Error::Forbidden(detail) => with(StatusCode::FORBIDDEN, detail),
            Error::NotFound => of(StatusCode::NOT_FOUND),
            Error::MethodNotAllowed => of(StatusCode::METHOD_NOT_ALLOWED),
            Error::NotAcceptable(detail) => {
                Self { title: "Not available in this form", ..with(StatusCode::NOT_ACCEPTABLE, detail) }
            }
            Error::Conflict(detail) => {
                Self { title: "Not possible as things stand", ..with(StatusCode::CONFLICT, detail) }
            }
            Error::ConflictOf(detail, errors) => Self {
                title: "Not possible as things stand",
                errors: errors.clone(),
                ..with(StatusCode::CONFLICT, detail)
            },
            Error::Gone(detail) => Self { title: "No longer there", ..with(StatusCode::GONE, detail) },
            Error::TooLarge => of(StatusCode::PAYLOAD_TOO_LARGE),
            Error::UnsupportedMediaType(detail) => with(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail),
            Error::TooManyRequests(seconds) => Self {
                title: "Too many tries",
                detail: format!("Try again in {seconds} seconds.").into(),
                ..of(StatusCode::TOO_MANY_REQUESTS)
            },
            Error::Unavailable(detail) => with(StatusCode::SERVICE_UNAVAILABLE, detail),
            Error::TimedOut => Self {
                title: "It took too long",
                detail:
                    "The answer did not come in time. What you asked for may still be done: look before you \
                         try again."
                        .into(),
                ..of(StatusCode::GATEWAY_TIMEOUT)
            },
            Error::SlowBody => of(StatusCode::REQUEST_TIMEOUT),
            Error::Internal(_) => of(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            log(source.as_ref());
        }
        let problem = Problem::from(&self);
        let mut response = problem.status.into_response();
        let retry_after = match self {
            Self::TooManyRequests(seconds) => Some(seconds),
            Self::Unavailable(_) => Some(5),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Self::Unauthorized = self {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(problem);
        response
    }
}

/// Logs an error with what caused it. The errors of our crates and of the database hold ids and codes, never what a
/// person typed.
fn log(error: &(dyn StdError + 'static)) {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    tracing::error!(error = %error, causes = ?causes, "request failed");
}
