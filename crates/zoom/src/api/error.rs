//! How calls fail. Zoom's `message` may hold a user's address, so none of it is kept but names of fields and permissions.

use serde_json::Value;

use crate::fields::{Fields, Oddities};
use crate::http::{Answer, TransportError};
use crate::retry::RetryAfter;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The access token has expired or was revoked: renew it, once, and try again.
    #[error("the access token is not valid any more")]
    AccessTokenDead,
    /// The connection lacks a permission, named as far as Zoom names it: connect again and grant it.
    #[error("the connection lacks the permission `{0}`")]
    MissingScope(String),
    /// Zoom says that there is no such meeting (3001) or user (1001). For a past meeting 3001 also means: not ended, or not
    /// ready yet.
    #[error("Zoom knows no such thing (code {code})")]
    NotFound {
        /// Zoom's number.
        code: i64,
    },
    /// This user may not, this plan cannot, or not in this state: 200 no paid plan, 1114 one of the alternative hosts cannot
    /// be one, 3003 not the host, 3018 a personal meeting cannot be deleted.
    #[error("Zoom does not allow it (code {code})")]
    NotAllowed {
        /// Zoom's number.
        code: i64,
    },
    /// Zoom does not understand the request: a fault of ours.
    #[error("Zoom refuses the request (code {code:?}, fields {fields:?})")]
    Invalid {
        /// Zoom's number, if it gave one.
        code: Option<i64>,
        /// Which fields it names.
        fields: Vec<FieldFault>,
    },
    /// Too many requests. The limits are those of the whole Zoom account, shared by all its users and apps.
    #[error("Zoom's limit is reached")]
    RateLimited {
        /// When to try again, if Zoom says so.
        retry: Option<RetryAfter>,
        /// The limit of the day rather than that of the second.
        daily: bool,
    },
    /// No answer, or a fault at Zoom's side. Try again later.
    #[error("Zoom is not available")]
    Unavailable {
        /// When, if Zoom says so.
        retry: Option<RetryAfter>,
        /// Whether Zoom may have done it nevertheless.
        may_be_done: bool,
    },
    /// Something else than Zoom answered, or Zoom did in a way unknown to us.
    #[error("the answer cannot be understood: {what}")]
    Unreadable {
        /// Which part.
        what: &'static str,
    },
}

/// A field that Zoom names as wrong, by its name; what Zoom says of it is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault(pub String);

impl ApiError {
    /// Whether Zoom may have acted on the request in spite of the error.
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Unavailable { may_be_done: true, .. })
    }

    /// Whether the same request may succeed later without anybody doing something about it.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. } | Self::Unreadable { .. })
    }
}

impl From<TransportError> for ApiError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge => Self::Unreadable { what: "too large" },
            other => Self::Unavailable { retry: None, may_be_done: other.may_be_done() },
        }
    }
}

/// Numbers that say: not by this user, not with this plan, not now.
const NOT_ALLOWED: [i64; 10] = [200, 1010, 1114, 3000, 3002, 3003, 3007, 3018, 3038, 3063];
/// Numbers that say: no such user or meeting.
const NOT_FOUND: [i64; 2] = [1001, 3001];

/// Reads a refusal. A meeting is only gone if Zoom itself says so: a proxy's 404 page is [`ApiError::Unreadable`].
pub(super) fn refusal(answer: &Answer) -> ApiError {
    match answer.status {
        401 => return unauthorised(answer),
        408 | 425 | 500.. => return ApiError::Unavailable { retry: answer.retry_after, may_be_done: true },
        400..500 => {}
        // Redirects are not followed: none is documented, and a token must not go elsewhere.
        _ => return ApiError::Unreadable { what: "the refusal" },
    }
    let said = Said::read(answer);
    if answer.status == 429 {
        let by_header = answer.limit_type.as_deref().map(|limit| limit.contains("daily"));
        return ApiError::RateLimited {
            retry: answer.retry_after,
            daily: by_header.unwrap_or_else(|| said.is_some_and(|said| said.message.contains("daily"))),
        };
    }
    let Some(said) = said else { return ApiError::Unreadable { what: "the refusal" } };
    match said.code {
        Some(4700 | 4711) if said.message.contains("scope") => ApiError::MissingScope(said.scope()),
        // 400 was seen instead of 401.
        Some(124) if said.message.contains("token") => ApiError::AccessTokenDead,
        Some(code) if NOT_FOUND.contains(&code) || answer.status == 404 => ApiError::NotFound { code },
        Some(code) if NOT_ALLOWED.contains(&code) || answer.status == 403 => ApiError::NotAllowed { code },
        Some(_) if (400..500).contains(&answer.status) => {
            ApiError::Invalid { code: said.code, fields: said.fields }
        }
        _ => ApiError::Unreadable { what: "the refusal" },
    }
}

fn unauthorised(answer: &Answer) -> ApiError {
    match Said::read(answer) {
        Some(said) if matches!(said.code, Some(4700 | 4711)) && said.message.contains("scope") => {
            ApiError::MissingScope(said.scope())
        }
        _ => ApiError::AccessTokenDead,
    }
}

/// The body of a refusal.
struct Said {
    code: Option<i64>,
    /// Lower case; for telling cases apart, never passed on.
    message: String,
    fields: Vec<FieldFault>,
}

impl Said {
    fn read(answer: &Answer) -> Option<Self> {
        let document: Value = serde_json::from_slice(&answer.body).ok()?;
        let top = Fields::root(&document)?;
        let mut odd = Oddities::default();
        let code = top.number("code", &mut odd);
        let message = top.text("message", &mut odd).unwrap_or_default().to_lowercase();
        let fields = top
            .list("errors", &mut odd)
            .iter()
            .filter_map(|entry| Fields::item(entry, "errors")?.id("field", &mut Oddities::default()))
            .filter(|name| looks_like_a_field(name))
            .map(FieldFault)
            .take(20)
            .collect();
        Some(Self { code, message, fields })
    }

    /// The permissions between the brackets of `… does not contain scopes:[a:b, c:d]`.
    fn scope(&self) -> String {
        let named = self.message.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
        let named = named.map_or("", |(inside, _)| inside);
        let scopes: Vec<&str> =
            named.split(',').map(str::trim).filter(|name| looks_like_a_scope(name)).collect();
        scopes.join(", ")
    }
}

/// `meeting:write:meeting`; nothing that a person could be called.
fn looks_like_a_scope(text: &str) -> bool {
    text.len() <= 80
        && text.contains(':')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b"_:".contains(&b))
}

/// `settings.waiting_room`; nothing that has the form of an address or a sentence.
fn looks_like_a_field(text: &str) -> bool {
    text.len() <= 80 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._[]".contains(&b))
}
