//! The endpoint check, `endpoint.url_validation`, at set-up and every 72 hours after it.
//!
//! Zoom asks for HMAC-SHA256 of a token of its choice under the same secret that signs deliveries. Answered carelessly,
//! that is a signing oracle: for the token `v0:{timestamp}:{forged body}` the answer is a valid signature. So only a short
//! token without `:` is answered; then nothing that is answered can be the text under a signature. A signature is not
//! demanded, because sources disagree on whether the check carries one, and Zoom switches off an endpoint that refuses it.

use hmac::Mac;
use serde::Serialize;
use serde_json::Value;

use super::signature::{Secrets, hmac};

/// A check is a few hundred bytes; nothing larger is looked at before its signature.
const MAX_BODY: usize = 4_096;
/// Zoom's tokens have 22 characters.
const MAX_TOKEN: usize = 64;

/// What to answer, with status 200, within three seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeAnswer {
    /// The token as it came.
    pub plain_token: String,
    /// HMAC-SHA256 of the token, in lower-case hexadecimal.
    pub encrypted_token: String,
}

impl ChallengeAnswer {
    /// The answer to a token, made with the secret that verified the request (see
    /// [`Verified::secret_index`](super::Verified)), or with the newest. `None` where the token must not be answered.
    pub fn to(plain_token: &str, secrets: &Secrets, secret_index: Option<usize>) -> Option<Self> {
        if !is_harmless(plain_token) {
            return None;
        }
        let mut mac = hmac(secrets.at_or_newest(secret_index)?)?;
        mac.update(plain_token.as_bytes());
        let encrypted_token = hex::encode(mac.finalize().into_bytes());
        Some(Self { plain_token: plain_token.to_owned(), encrypted_token })
    }
}

/// The token, where this body is an endpoint check; otherwise `None`. Bounded work, fit for bytes of unknown origin.
pub fn plain_token(raw_body: &[u8]) -> Option<String> {
    if raw_body.len() > MAX_BODY {
        return None;
    }
    let body: Value = serde_json::from_slice(raw_body).ok()?;
    if body.get("event")?.as_str()? != "endpoint.url_validation" {
        return None;
    }
    Some(body.get("payload")?.get("plainToken")?.as_str()?.to_owned())
}

/// Letters, digits and the signs of both base64 alphabets. Above all no `:`, which stands in all that is ever signed.
fn is_harmless(token: &str) -> bool {
    (1..=MAX_TOKEN).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::super::{Refused, verify};
    use super::*;

    fn secrets() -> Secrets {
        Secrets::parse("zN4pQ7rT2vX5yB8dF1hJ3k,previous-secret").unwrap()
    }

    #[test]
    fn the_answer_is_the_documented_one() {
        // Computed with `printf tQ3vX9bLSkOe7uYwZr1aGw | openssl dgst -sha256 -hmac zN4pQ7rT2vX5yB8dF1hJ3k`.
        let answer = ChallengeAnswer::to("tQ3vX9bLSkOe7uYwZr1aGw", &secrets(), None).unwrap();
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"plainToken":"tQ3vX9bLSkOe7uYwZr1aGw","encryptedToken":"69b931dc4969e5dbbd7b561991a9ff6d162781474280a309d201e88be0d08a03"}"#
        );
    }

    #[test]
    fn the_secret_that_verified_the_request_answers_it() {
        let newest = ChallengeAnswer::to("token", &secrets(), Some(0)).unwrap();
        let previous = ChallengeAnswer::to("token", &secrets(), Some(1)).unwrap();
        let alone = ChallengeAnswer::to("token", &Secrets::parse("previous-secret").unwrap(), None).unwrap();
        assert_eq!(previous, alone);
        assert_ne!(newest, previous);
    }

    #[test]
    fn a_token_is_found_in_a_check_and_in_nothing_else() {
        let check = br#"{"event":"endpoint.url_validation","payload":{"plainToken":"abc"},"event_ts":1}"#;
        assert_eq!(plain_token(check).as_deref(), Some("abc"));
        let others: [&[u8]; 5] = [
            br#"{"event":"meeting.started","payload":{"plainToken":"abc"}}"#,
            br#"{"event":"endpoint.url_validation","payload":{"plainToken":7}}"#,
            br#"{"event":"endpoint.url_validation"}"#,
            b"[]",
            b"\xff",
        ];
        for other in others {
            assert_eq!(plain_token(other), None, "{}", String::from_utf8_lossy(other));
        }
        let padded = format!("{}{}", " ".repeat(MAX_BODY), String::from_utf8_lossy(check));
        assert_eq!(plain_token(padded.as_bytes()), None);
    }

    #[test]
    fn no_token_makes_the_check_a_signing_oracle() {
        let secrets = secrets();
        for n in 0..1_000 {
            let timestamp = 1_795_442_400 + n;
            let body = format!(r#"{{"event":"meeting.started","event_ts":{n}}}"#);
            let token = format!("v0:{timestamp}:{body}");
            assert_eq!(ChallengeAnswer::to(&token, &secrets, None), None, "{token}");
            // The shortest message that can be signed at all is refused as well, whatever its body.
            assert_eq!(ChallengeAnswer::to(&format!("v0:{timestamp}:"), &secrets, None), None);
            // A token without the colons is answered, and the answer signs nothing.
            let near = ChallengeAnswer::to(&format!("v0-{timestamp}-"), &secrets, None).unwrap();
            let forged = format!("v0={}", near.encrypted_token);
            let verdict =
                verify(&secrets, Some(&timestamp.to_string()), Some(&forged), body.as_bytes(), timestamp);
            assert_eq!(verdict, Err(Refused::WrongSignature));
        }
    }

    #[test]
    fn empty_long_and_strange_tokens_are_refused() {
        for token in [
            String::new(),
            "a".repeat(65),
            "a:b".into(),
            "a{b".into(),
            "a b".into(),
            "ä".into(),
            "a\n".into(),
        ] {
            assert_eq!(ChallengeAnswer::to(&token, &secrets(), None), None, "{token:?}");
        }
        assert!(ChallengeAnswer::to(&"a".repeat(64), &secrets(), None).is_some());
    }
}
