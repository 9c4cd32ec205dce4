//! What the token endpoint answers: tokens, or why not.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use vault::SecretText;

use crate::fields::{Fields, Oddities};
use crate::http::Answer;
use crate::retry::RetryAfter;

/// Why there are no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The code or the refresh token is no good, and only connecting again helps. Before believing it of a refresh token,
    /// look whether another process has stored a newer one.
    #[error("Zoom does not accept the grant ({reason:?})")]
    InvalidGrant {
        /// Zoom's reason, as far as it gave one.
        reason: GrantReason,
    },
    /// Zoom does not know the app by this client id and secret: the settings are wrong.
    #[error("Zoom does not accept the app's client id and secret")]
    InvalidClient,
    /// Zoom refuses the request for another reason: a fault of ours or of the app's set-up, not of this connection.
    #[error("Zoom refuses the request (code {code:?})")]
    Rejected {
        /// Zoom's number for it, if it gave one, such as 4709 for a redirect address that is not the app's.
        code: Option<i64>,
    },
    /// No answer, a limit, or a fault at Zoom's side. Try again later.
    #[error("Zoom is not available")]
    Unavailable {
        /// When, if Zoom says so.
        retry: Option<RetryAfter>,
        /// Whether Zoom may have traded the token nevertheless.
        may_be_done: bool,
    },
    /// Something else than Zoom answered, or Zoom did in a way unknown to us.
    #[error("the answer cannot be understood")]
    Unreadable,
}

impl TokenError {
    /// Whether the connection is dead, and only connecting again helps.
    pub fn is_final(self) -> bool {
        matches!(self, Self::InvalidGrant { .. })
    }

    /// Whether Zoom may have traded the token although we have nothing to show for it. Then the old refresh token may be
    /// dead, and only a next try tells.
    pub fn may_be_done(self) -> bool {
        matches!(self, Self::Unreadable | Self::Unavailable { may_be_done: true, .. })
    }
}

/// Zoom's reason for `invalid_grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantReason {
    /// 4733: the code is older than five minutes.
    CodeExpired,
    /// 4734: the code is wrong, or was used.
    CodeInvalid,
    /// 4735: the user exists no more.
    OwnerGone,
    /// 4737: Zoom has no record of the consent.
    NoRecord,
    /// 4738: an administrator switched the app off for this user.
    DisabledByAdmin,
    /// 4740: an older token, past its period of grace.
    PastGrace,
    /// 4741: revoked, also by the same user connecting anew elsewhere.
    Revoked,
    /// `Invalid Token!` and everything else: mostly a refresh token that was used before.
    InvalidToken,
}

impl GrantReason {
    fn of(code: Option<i64>) -> Option<Self> {
        match code? {
            4733 => Some(Self::CodeExpired),
            4734 => Some(Self::CodeInvalid),
            4735 => Some(Self::OwnerGone),
            4737 => Some(Self::NoRecord),
            4738 => Some(Self::DisabledByAdmin),
            4740 => Some(Self::PastGrace),
            4741 => Some(Self::Revoked),
            _ => None,
        }
    }
}

/// Reads a refusal. Only Zoom's own words end a connection: a page put in by a proxy does not.
pub(super) fn refusal(answer: &Answer) -> TokenError {
    match answer.status {
        429 => return TokenError::Unavailable { retry: answer.retry_after, may_be_done: false },
        408 | 425 | 500.. => return TokenError::Unavailable { retry: answer.retry_after, may_be_done: true },
        400..500 => {}
        // Redirects are not followed, and what stands in one is nobody's word.
        _ => return TokenError::Unreadable,
    }
    let Ok(document) = serde_json::from_slice::<Value>(&answer.body) else { return TokenError::Unreadable };
    let Some(fields) = Fields::root(&document) else { return TokenError::Unreadable };
    let mut odd = Oddities::default();
    let error = fields.text("error", &mut odd).unwrap_or_default();
    let reason = fields.text("reason", &mut odd);
    let code = ["code", "errorCode", "error_code"]
        .into_iter()
        .find_map(|name| fields.number(name, &mut odd))
        .or_else(|| reason.as_deref().and_then(code_in));
    let client_fault = matches!(error.as_str(), "invalid_client" | "unauthorized_client")
        || matches!(code, Some(4702 | 4704));
    if client_fault {
        TokenError::InvalidClient
    } else if error == "invalid_grant" {
        TokenError::InvalidGrant { reason: GrantReason::of(code).unwrap_or(GrantReason::InvalidToken) }
    } else if let Some(reason) = GrantReason::of(code) {
        TokenError::InvalidGrant { reason }
    } else if !error.is_empty() || code.is_some() {
        TokenError::Rejected { code }
    } else if answer.status == 401 {
        TokenError::InvalidClient
    } else {
        TokenError::Unreadable
    }
}

/// A number of the form 47nn inside of the reason's text.
fn code_in(reason: &str) -> Option<i64> {
    reason
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 4 && digits.starts_with("47"))
        .and_then(|digits| digits.parse().ok())
}

/// A successful answer, read field by field: a renewal is spent when its answer comes, so a lifetime written as text must
/// not cost the connection.
#[derive(Clone)]
pub(super) struct TokenAnswer {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    expires_in: Option<Duration>,
    scopes: Option<Vec<Scope>>,
    api_url: Option<String>,
}

impl TokenAnswer {
    pub(super) fn access(&self) -> Option<SecretText> {
        Some(SecretText::from(self.access_token.secret().as_str())).filter(|token| !token.is_empty())
    }

    pub(super) fn refresh(&self) -> Option<SecretText> {
        Some(SecretText::from(self.refresh_token.as_ref()?.secret().as_str()))
    }

    pub(super) fn lifetime(&self) -> Option<Duration> {
        self.expires_in
    }

    pub(super) fn granted(&self) -> BTreeSet<String> {
        self.scopes.iter().flatten().map(|scope| scope.as_str().to_owned()).collect()
    }

    pub(super) fn api_url(&self) -> Option<String> {
        self.api_url.clone()
    }
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenAnswer(redacted)")
    }
}

impl<'de> Deserialize<'de> for TokenAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("not a token answer");
        let fields = Fields::root(&document).ok_or_else(wrong)?;
        // Not through `Fields`: it bounds the length of texts, and Zoom announces ever longer tokens.
        let token = |name: &str| {
            fields.raw(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let mut odd = Oddities::default();
        let scopes = match fields.raw("scope") {
            Some(Value::String(text)) => Some(
                text.split([' ', ','])
                    .filter(|name| !name.is_empty())
                    .map(|s| Scope::new(s.to_owned()))
                    .collect(),
            ),
            Some(Value::Array(items)) => {
                Some(items.iter().filter_map(Value::as_str).map(|s| Scope::new(s.to_owned())).collect())
            }
            _ => None,
        };
        let seconds = fields.number("expires_in", &mut odd).and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            access_token: AccessToken::new(token("access_token").ok_or_else(wrong)?),
            refresh_token: token("refresh_token").map(RefreshToken::new),
            expires_in: seconds.filter(|seconds| (1..=31_536_000).contains(seconds)).map(Duration::from_secs),
            scopes,
            api_url: fields.text("api_url", &mut odd),
        })
    }
}

/// Demanded by `oauth2`, never used: tokens are not written out.
impl Serialize for TokenAnswer {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("tokens are not written out"))
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}
