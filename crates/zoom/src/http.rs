//! The one way in which requests leave for Zoom: time limits, no redirects, no proxy from the environment, a bounded body.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::retry::RetryAfter;

/// Bytes of an answer at most. The largest real one, 300 participants on a page, has about 100 KiB.
const MAX_BODY: usize = 4 << 20;

/// What some servers put before JSON.
const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20) }
    }
}

/// The client could not be built: no TLS provider, or no root certificates on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client cannot be set up; are the system's root certificates (ca-certificates) installed?")]
pub struct ClientError(#[source] reqwest::Error);

/// A request that got no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made: Zoom did not see the request.
    #[error("no connection")]
    NotSent,
    /// The answer did not come in time, or the connection broke: Zoom may have done what was asked.
    #[error("no answer")]
    NoAnswer,
    /// The answer was larger than any real one: Zoom may have done what was asked.
    #[error("the answer was too large")]
    TooLarge,
}

impl TransportError {
    /// Whether Zoom may have acted on the request in spite of the error.
    pub fn may_be_done(self) -> bool {
        self != Self::NotSent
    }
}

/// Makes `ring` the TLS provider of the process. Safe to call again and from several places.
pub fn install_tls() {
    // An error says that a provider stands already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The client for all calls to Zoom.
///
/// Every call has a connection of its own. A kept one may be closed by Zoom at the moment of the next call, and then nobody
/// knows whether the call arrived; for the renewal of a token that doubt costs more than a handshake.
pub fn client(limits: Limits) -> Result<reqwest::Client, ClientError> {
    install_tls();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .referer(false)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .user_agent(concat!("anteroom/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| ClientError(error.without_url()))
}

/// An answer, whatever its status. The body may hold tokens or an e-mail address, so `Debug` leaves it out.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<RetryAfter>,
    /// `X-RateLimit-Type`, lower case: `qps` or `daily-limit`.
    pub(crate) limit_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a success without anything to read is Zoom's: no body, or an object that is no refusal. A page put in by a
    /// proxy is neither.
    pub(crate) fn is_plain_success(&self) -> bool {
        self.body.is_empty()
            || serde_json::from_slice::<Value>(&self.body)
                .is_ok_and(|said| said.is_object() && !is_refusal(&said))
    }
}

/// Whether this is what Zoom writes with an error, as REST or as OAuth, whatever the status beside it.
pub(crate) fn is_refusal(document: &Value) -> bool {
    let is_text = |name: &str| document.get(name).is_some_and(Value::is_string);
    is_text("error") || (is_text("message") && document.get("code").is_some_and(Value::is_number))
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Result<Answer, TransportError> {
    let mut response = request.send().await.map_err(|error| classify(&error))?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header("retry-after").and_then(RetryAfter::parse);
    let limit_type = header("x-ratelimit-type").map(str::to_ascii_lowercase);
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| TransportError::NoAnswer)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    // Allowed by RFC 8259, section 8.1, and no reason to lose a token that is spent.
    if body.starts_with(BYTE_ORDER_MARK) {
        body.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(Answer { status, retry_after, limit_type, body })
}

/// Only a failure to connect, or to build the request, is sure not to have reached Zoom.
fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() { TransportError::NotSent } else { TransportError::NoAnswer }
}

#[cfg(test)]
mod tests;
