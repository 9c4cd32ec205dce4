//! What the inbox needs to know of a body without understanding it.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The longest event name that is kept whole; Zoom's longest known one has 48 characters.
const LONGEST_EVENT: usize = 100;

/// A body seen from outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Zoom's name of the event; empty where there is none.
    pub event: String,
    /// Zoom's `event_ts`, milliseconds; 0 where there is none.
    pub event_ts: i64,
    /// The first 16 bytes of the SHA-256 of the body. A collision would need 2^64 signed bodies.
    pub digest: [u8; 16],
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event_ts: Option<&'a RawValue>,
}

impl Outline {
    /// Looks at a body; none where it is not JSON. Fields of unexpected types are as good as absent.
    pub(crate) fn of(body: &str) -> Option<Self> {
        let head = match serde_json::from_str::<Head<'_>>(body) {
            Ok(head) => head,
            // An array, a bare value, a name that stands twice: odd, but JSON, and signed.
            Err(_) if serde_json::from_str::<IgnoredAny>(body).is_ok() => {
                Head { event: None, event_ts: None }
            }
            Err(_) => return None,
        };
        let event: String =
            head.event.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let event_ts = head.event_ts.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(0);
        let hash = Sha256::digest(body.as_bytes());
        let mut digest = [0; 16];
        for (byte, hashed) in digest.iter_mut().zip(hash) {
            *byte = hashed;
        }
        let event = event.chars().filter(|c| !c.is_control()).take(LONGEST_EVENT).collect();
        Some(Self { event, event_ts, digest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_and_the_time_of_an_event_are_found_wherever_they_stand() {
        let outline =
            Outline::of(r#"{"payload":{"event":"no"},"event_ts":1795442340311,"event":"meeting.started"}"#);
        let outline = outline.unwrap();
        assert_eq!((outline.event.as_str(), outline.event_ts), ("meeting.started", 1_795_442_340_311));
    }

    #[test]
    fn odd_json_is_taken_and_what_is_not_json_is_not() {
        for odd in ["{}", "[]", "7", "null", r#"{"event":7,"event_ts":"x"}"#, r#"{"event":"a","event":"b"}"#]
        {
            let outline = Outline::of(odd).unwrap_or_else(|| panic!("{odd} is JSON"));
            assert_eq!((outline.event.as_str(), outline.event_ts), ("", 0), "{odd}");
        }
        for broken in ["", "{", "{]", "hello", "{\"event\":}", "{} {}"] {
            assert_eq!(Outline::of(broken), None, "{broken}");
        }
    }

    #[test]
    fn json_ten_thousand_deep_is_looked_at_without_harm() {
        let deep = format!("{{\"event\":\"x\",\"payload\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(Outline::of(&deep).map(|outline| outline.event), Some("x".to_owned()));
    }

    #[test]
    fn one_byte_makes_another_digest() {
        assert_ne!(Outline::of("{}").unwrap().digest, Outline::of("{} ").unwrap().digest);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_looked_at(body in ".*") {
            let _ = Outline::of(&body);
        }
    }
}
