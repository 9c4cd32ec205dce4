//! The signature over a delivery, and the window in which it is accepted.
//!
//! `x-zm-signature: v0=<hex>` is HMAC-SHA256, keyed with the app's secret token, over `v0:{timestamp}:{raw body}`, where the
//! timestamp is the text of `x-zm-request-timestamp` (Zoom's webhook sample and SDK). The body is taken as the bytes that
//! came in: any re-serialisation would be another message.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vault::SecretText;

/// Zoom resends up to 85 minutes later, perhaps with the first timestamp; what is older than a day is not a resend.
const MAX_AGE_SECONDS: i64 = 24 * 60 * 60;
/// Older than this is accepted, but said to be late.
const LATE_SECONDS: i64 = 5 * 60;
/// Clocks may differ by so much.
const MAX_AHEAD_SECONDS: i64 = 5 * 60;
/// Shorter secrets could be found by trying. Zoom's have 22 characters.
const MIN_SECRET_LENGTH: usize = 8;

/// The secret tokens of the Zoom app, newest first. Several, because Zoom's rotation has no overlap of its own.
#[derive(Clone)]
pub struct Secrets(Vec<SecretText>);

/// Why the secret tokens cannot be used. Never shows one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is none.
    #[error("holds no secret: expected the app's Secret Token, as shown under Feature > Event Subscriptions")]
    Empty,
    /// The one at this place, counted from 1, is too short to be a secret.
    #[error(
        "secret {position} is shorter than 8 characters: expected the app's Secret Token, several separated by commas"
    )]
    TooShort {
        /// Counted from 1.
        position: usize,
    },
    /// The one at this place has stood before.
    #[error("secret {position} is given twice")]
    Duplicate {
        /// Counted from 1.
        position: usize,
    },
}

impl Secrets {
    /// Reads secrets separated by commas, newest first.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        if text.trim().is_empty() {
            return Err(SecretsError::Empty);
        }
        let mut secrets: Vec<SecretText> = Vec::new();
        for (index, secret) in text.split(',').map(str::trim).enumerate() {
            let position = index + 1;
            if secret.len() < MIN_SECRET_LENGTH {
                return Err(SecretsError::TooShort { position });
            }
            let secret = SecretText::from(secret);
            if secrets.contains(&secret) {
                return Err(SecretsError::Duplicate { position });
            }
            secrets.push(secret);
        }
        Ok(Self(secrets))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The one at this index, or else the newest.
    pub(super) fn at_or_newest(&self, index: Option<usize>) -> Option<&SecretText> {
        index.and_then(|index| self.0.get(index)).or_else(|| self.0.first())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// A delivery that is Zoom's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// When Zoom sent it, by its own word, in seconds since the Unix epoch.
    pub timestamp: i64,
    /// Which secret signed it: 0 is the newest.
    pub secret_index: usize,
    /// More than five minutes old: a resend, or a replay, which the digest of the body tells apart.
    pub late: bool,
}

/// Why a delivery is not taken for Zoom's. All are answered alike; the difference is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header is missing.
    #[error("no signature")]
    Unsigned,
    /// A header is not in the form that Zoom sends.
    #[error("malformed signature headers")]
    Malformed,
    /// No secret of ours made this signature for this body and timestamp.
    #[error("wrong signature")]
    WrongSignature,
    /// Rightly signed, more than a day ago.
    #[error("signed too long ago")]
    TooOld,
    /// Rightly signed, more than five minutes ahead of our clock.
    #[error("signed in the future")]
    InTheFuture,
}

/// Whether Zoom sent this body, given the texts of `x-zm-request-timestamp` and `x-zm-signature` and our clock in seconds.
///
/// The signature is compared in constant time and before the age is looked at.
pub fn verify(
    secrets: &Secrets,
    timestamp_header: Option<&str>,
    signature_header: Option<&str>,
    raw_body: &[u8],
    now_unix_seconds: i64,
) -> Result<Verified, Refused> {
    let (Some(timestamp_text), Some(signature)) = (timestamp_header, signature_header) else {
        return Err(Refused::Unsigned);
    };
    let timestamp = parse_timestamp(timestamp_text).ok_or(Refused::Malformed)?;
    let signature = parse_signature(signature).ok_or(Refused::Malformed)?;
    let secret_index = secrets
        .0
        .iter()
        .position(|secret| is_signed_with(secret, timestamp_text, raw_body, &signature))
        .ok_or(Refused::WrongSignature)?;
    let age = now_unix_seconds.saturating_sub(timestamp);
    if age > MAX_AGE_SECONDS {
        return Err(Refused::TooOld);
    }
    if age < -MAX_AHEAD_SECONDS {
        return Err(Refused::InTheFuture);
    }
    Ok(Verified { timestamp, secret_index, late: age > LATE_SECONDS })
}

pub(super) fn hmac(secret: &SecretText) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret.expose().as_bytes()).ok()
}

fn is_signed_with(secret: &SecretText, timestamp: &str, body: &[u8], signature: &[u8; 32]) -> bool {
    let Some(mut mac) = hmac(secret) else { return false };
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

/// Digits alone: 10 of them are seconds. Zoom's documents do not state the unit, so 13 of them are taken as milliseconds.
fn parse_timestamp(text: &str) -> Option<i64> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    match text.len() {
        10 => Some(number),
        13 => Some(number / 1_000),
        _ => None,
    }
}

/// `v0=` and 64 lower-case hexadecimal digits, nothing else.
fn parse_signature(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("v0=")?;
    if !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    let mut signature = [0; 32];
    hex::decode_to_slice(digits, &mut signature).ok()?;
    Some(signature)
}

#[cfg(test)]
mod tests;
