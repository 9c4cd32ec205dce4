//! What happened, without whom it happened to: deliveries with every name, address, number and id replaced, the same
//! one by the same thing, and all times moved by one span. A clinic can hand such a file over to have a question of
//! understanding looked into, and it can be understood anew like the deliveries that it was made of.
//!
//! What stays as it was is listed here, and everything else is replaced: a field that Zoom adds tomorrow gives nothing away.

use std::time::Duration;

use domain::{
    Ambient, ClinicId, RoomId, Timestamp,
    attendance::names::{Agreement, agreement},
    id::Id as _,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use sha2::Sha256;
use uuid::Uuid;
use zoom::webhook::LeaveReason;

/// Times are moved by up to this much, either way.
const MOVED_BY_AT_MOST: Duration = Duration::from_hours(24 * 180);
/// The longest name of a field that is kept as it is.
const LONGEST_KEY: usize = 40;

/// Words of Zoom's own, which name nobody.
const PLAIN_WORDS: [&str; 9] =
    ["event", "anteroom", "operation", "status", "old_role", "new_role", "scope", "source", "method"];
/// Numbers that name nobody.
const PLAIN_NUMBERS: [&str; 4] = ["type", "duration", "issues", "failover"];
const TIMES: [&str; 8] = [
    "date_time",
    "join_time",
    "leave_time",
    "start_time",
    "end_time",
    "created_at",
    "deauthorization_time",
    "event_ts",
];

/// One delivery, scrubbed: a line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scrubbed {
    /// When it came, moved like everything else.
    pub received_at: Timestamp,
    /// Whether it is Zoom's own record, which Anteroom asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_record: bool,
    /// What it says.
    pub body: Value,
}

/// Replaces. The key and the span are drawn anew for each file and kept nowhere.
pub struct Scrub {
    key: [u8; 32],
    moved_by: i64,
}

impl Scrub {
    /// With a key and a span of its own.
    pub fn new(ambient: &Ambient) -> Self {
        let most = i64::try_from(MOVED_BY_AT_MOST.as_secs()).unwrap_or(i64::MAX);
        let drawn = i64::from(u32::from_le_bytes(ambient.bytes()));
        Self { key: ambient.bytes(), moved_by: (drawn % (2 * most) - most) * 1_000_000 }
    }

    /// The delivery without anybody in it; none where it is not JSON.
    pub fn delivery(&self, received_at: Timestamp, is_record: bool, body: &str) -> Option<Scrubbed> {
        let body: Value = serde_json::from_str(body).ok()?;
        Some(Scrubbed { received_at: self.moved(received_at), is_record, body: self.value("", &body) })
    }

    fn moved(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_micros(at.as_micros().saturating_add(self.moved_by))
    }

    fn value(&self, key: &str, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => Value::Number(self.number(key, number)),
            Value::String(text) if text.trim().is_empty() => value.clone(),
            Value::String(text) => Value::String(self.text(key, text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(key, item)).collect()),
            Value::Object(fields) => Value::Object(self.fields(fields)),
        }
    }

    fn fields(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let plain = |key: &str| {
            key.len() <= LONGEST_KEY
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let named = fields.iter().map(|(key, value)| {
            // The names of Zoom's fields are in lower case, but for `plainToken`.
            let name = if plain(key) { key.clone() } else { self.same_shape("key", key) };
            (name, self.value(key, value))
        });
        named.collect()
    }

    fn number(&self, key: &str, number: &Number) -> Number {
        if PLAIN_NUMBERS.contains(&key) {
            return number.clone();
        }
        if matches!(key, "event_ts" | "time_stamp") {
            return number.as_i64().map_or_else(
                || Number::from(0),
                |millis| Number::from(millis.saturating_add(self.moved_by / 1_000)),
            );
        }
        // The same number written as text must come out the same: Zoom writes ids either way.
        self.same_shape("id", &number.to_string()).parse().unwrap_or_else(|_| Number::from(0))
    }

    fn text(&self, key: &str, text: &str) -> String {
        let has = |piece: &str| key.contains(piece);
        if PLAIN_WORDS.contains(&key) {
            let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.' | ' ');
            if text.chars().all(plain) {
                return text.to_owned();
            }
        }
        if TIMES.contains(&key) {
            return text.parse().map_or_else(|_| self.same_shape(key, text), |at| self.moved(at).to_string());
        }
        match key {
            "leave_reason" => reason(LeaveReason::of(text)).to_owned(),
            "timezone" => "UTC".to_owned(),
            "room" if text.parse::<RoomId>().is_ok() => {
                RoomId::from_uuid(Uuid::from_bytes(self.sixteen("room", text))).to_string()
            }
            "clinic" if text.parse::<ClinicId>().is_ok() => {
                ClinicId::from_uuid(Uuid::from_bytes(self.sixteen("clinic", text))).to_string()
            }
            _ if has("email") => {
                format!("{}@example.invalid", hex::encode(self.sixteen("email", &text.to_lowercase())))
            }
            _ if has("phone") => self.same_shape("phone", text),
            _ if key.ends_with("_ip") => {
                std::net::Ipv6Addr::from(self.documentation_address(text)).to_string()
            }
            _ if has("name") || has("topic") || has("agenda") => self.name(text),
            _ => self.same_shape("id", text),
        }
    }

    /// Word by word, so that a part of a name stays a part of it; stars, signs and the names of devices stay.
    fn name(&self, name: &str) -> String {
        let mut scrubbed = String::new();
        for word in name.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '*')) {
            let rest = word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '*'));
            let device = agreement(Some(rest), "?") == Agreement::Device;
            match rest {
                "" => {}
                // As in "Rosa's iPhone".
                "s" => scrubbed.push('s'),
                _ if device => scrubbed.push_str(rest),
                _ if rest.contains('*')
                    || rest.chars().all(char::is_numeric)
                    || rest.chars().count() == 1 =>
                {
                    scrubbed.push_str(&self.same_shape("word", rest));
                }
                _ => scrubbed.push_str(&self.word(rest)),
            }
            scrubbed.extend(
                word.strip_prefix(rest)
                    .unwrap_or_default()
                    .chars()
                    .map(|c| if c.is_ascii() { c } else { ' ' }),
            );
        }
        scrubbed
    }

    /// A word that can be spoken, of a length that tells nothing.
    fn word(&self, word: &str) -> String {
        const CONSONANTS: &[u8; 16] = b"bcdfghjklmnprstv";
        const VOWELS: &[u8; 4] = b"aeio";
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let mut spoken = String::new();
        for (index, byte) in self.sixteen("word", &word.to_lowercase()).into_iter().take(8).enumerate() {
            let letters: &[u8] = if index % 2 == 0 { CONSONANTS } else { VOWELS };
            let letter = letters.get(usize::from(byte) % letters.len()).copied().map_or('x', char::from);
            spoken.push(if index == 0 && capital { letter.to_ascii_uppercase() } else { letter });
        }
        spoken
    }

    /// Another text with digits, capitals and small letters where this one has them, and the same signs between.
    fn same_shape(&self, what: &str, text: &str) -> String {
        let mut drawn = Vec::new();
        let mut round: u8 = 0;
        let count = text.chars().count();
        while drawn.len() < count {
            drawn.extend(self.sixteen(&format!("{what}{round}"), text));
            round = round.wrapping_add(1);
        }
        let first_digit_is_not_zero = text.chars().next().is_some_and(|c| c.is_ascii_digit() && c != '0');
        text.chars()
            .zip(drawn)
            .enumerate()
            .map(|(index, (c, byte))| match c {
                '0'..='9' if index == 0 && first_digit_is_not_zero => char::from(b'1' + byte % 9),
                '0'..='9' => char::from(b'0' + byte % 10),
                'A'..='Z' => char::from(b'A' + byte % 26),
                _ if c.is_ascii() && !c.is_ascii_lowercase() => c,
                _ => char::from(b'a' + byte % 26),
            })
            .collect()
    }

    /// An address out of those for documentation (RFC 3849).
    fn documentation_address(&self, text: &str) -> [u8; 16] {
        let mut address = self.sixteen("ip", text);
        for (byte, fixed) in address.iter_mut().zip([0x20, 0x01, 0x0d, 0xb8]) {
            *byte = fixed;
        }
        address
    }

    fn sixteen(&self, what: &str, text: &str) -> [u8; 16] {
        let mut sixteen = [0; 16];
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return sixteen };
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        for (byte, drawn) in sixteen.iter_mut().zip(mac.finalize().into_bytes()) {
            *byte = drawn;
        }
        sixteen
    }
}

/// A text of the same class, without the name that some of Zoom's texts begin with.
const fn reason(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::Own => "left the meeting. Reason : left the meeting",
        LeaveReason::HostEnded => "left the meeting. Reason : Host ended the meeting.",
        LeaveReason::Removed => "left the meeting. Reason : Removed by host",
        LeaveReason::Network => "left the meeting. Reason : Network connection error",
        LeaveReason::Breakout => "left the meeting. Reason : left the meeting to join breakout room",
        LeaveReason::WaitingRoom => "left the meeting. Reason : left the meeting to join waiting room",
        LeaveReason::Limit => "left the meeting. Reason : Exceeded free meeting minutes limit.",
        LeaveReason::Other => "left the meeting. Reason : other",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

    fn scrub() -> Scrub {
        Scrub::new(&Ambient::manual(NOW, 7).0)
    }

    fn body() -> Value {
        json!({
            "event": "meeting.participant_left",
            "event_ts": 1_795_442_340_311_i64,
            "payload": { "account_id": "AbC-12_x", "object": {
                "id": "86720014455", "uuid": "/q7Yc//a==", "host_id": "xY9Host", "topic": "Visits with Dr. Osei",
                "start_time": "2026-11-23T13:59:00Z", "timezone": "America/Chicago", "type": 3, "duration": 60,
                "participant": {
                    "user_id": "16778240", "user_name": "Rosa Delgado", "email": "rosa@mail.example", "id": "",
                    "phone_number": "+1312555***2", "public_ip": "203.0.113.9", "leave_time": "2026-11-23T14:30:00Z",
                    "leave_reason": "Rosa Delgado left the meeting.<br>Reason: Host ended the meeting.",
                    "registrant_id": "Reg_Rosa", "customer_key": "rosa-42", "Rosa": "x", "future": ["Rosa Delgado", 7],
                },
            } },
        })
    }

    #[test]
    fn nothing_of_a_person_a_room_or_an_account_is_left() {
        let scrubbed = scrub().delivery(NOW, false, &body().to_string()).unwrap();
        let text = serde_json::to_string(&scrubbed).unwrap();
        for told in [
            "Rosa",
            "Delgado",
            "rosa",
            "mail.example",
            "16778240",
            "86720014455",
            "q7Yc",
            "Host\"",
            "AbC",
            "Osei",
            "1312555",
            "203.0.113",
            "Reg_",
            "2026-11-23",
            "Chicago",
            "1795442340311",
        ] {
            assert!(!text.contains(told), "{told} in {text}");
        }
        assert_eq!(scrubbed.body["event"], "meeting.participant_left");
        assert_eq!(
            scrubbed.body["payload"]["object"]["participant"]["id"], "",
            "what is absent stays absent"
        );
        assert_eq!(scrubbed.body["payload"]["object"]["type"], 3);
    }

    #[test]
    fn the_same_thing_is_replaced_by_the_same_thing_in_every_delivery() {
        let scrub = scrub();
        let one = scrub.delivery(NOW, false, &body().to_string()).unwrap().body;
        let mut other = body();
        other["payload"]["object"]["id"] = json!(86_720_014_455_i64);
        other["payload"]["object"]["participant"]["user_name"] = json!("DELGADO, rosa");
        let other = scrub.delivery(NOW, false, &other.to_string()).unwrap().body;
        let object = |body: &Value| body["payload"]["object"].clone();
        assert_eq!(object(&one)["uuid"], object(&other)["uuid"]);
        assert_eq!(
            object(&one)["id"].as_str().unwrap(),
            object(&other)["id"].to_string(),
            "as text or as a number"
        );
        let words = |body: &Value| -> BTreeSet<String> {
            let name = object(body)["participant"]["user_name"].as_str().unwrap().to_lowercase();
            name.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        assert_eq!(words(&one), words(&other), "in whatever order and case");
    }

    #[test]
    fn two_files_have_nothing_in_common() {
        let (ambient, _) = Ambient::manual(NOW, 7);
        let [one, other] = [Scrub::new(&ambient), Scrub::new(&ambient)]
            .map(|scrub| scrub.delivery(NOW, false, &body().to_string()).unwrap());
        assert_ne!(one.received_at, other.received_at);
        assert_ne!(one.body["payload"]["object"]["uuid"], other.body["payload"]["object"]["uuid"]);
    }

    #[test]
    fn spans_of_time_are_what_they_were() {
        let scrubbed = scrub().delivery(NOW, false, &body().to_string()).unwrap();
        let at = |field: &Value| field.as_str().unwrap().parse::<Timestamp>().unwrap();
        let object = &scrubbed.body["payload"]["object"];
        let left = at(&object["participant"]["leave_time"]);
        assert_eq!(left.since(at(&object["start_time"])), Duration::from_mins(31));
        assert_eq!(scrubbed.received_at.since(left), NOW.since("2026-11-23T14:30:00Z".parse().unwrap()));
        assert_ne!(scrubbed.received_at, NOW);
    }

    #[test]
    fn what_the_matching_goes_by_stays_recognisable() {
        let scrub = scrub();
        assert!(scrub.name("Rosa's iPhone").ends_with("'s iPhone"));
        assert_eq!(scrub.name("R***").matches('*').count(), 3);
        assert_eq!(scrub.name("312 555").chars().filter(char::is_ascii_digit).count(), 6);
        let whole = scrub.name("Rosa Delgado");
        assert!(whole.starts_with(&scrub.name("Rosa")), "a part of a name stays a part of it");
        assert!(scrub.same_shape("id", "/q7Yc//a==").starts_with('/'));
    }

    proptest! {
        #[test]
        fn no_word_of_any_name_survives(name in "[A-Z][a-z]{6,12} [A-Z][a-z]{6,12}") {
            let scrubbed = scrub().name(&name);
            for word in name.split(' ') {
                prop_assert!(!scrubbed.contains(word));
            }
        }

        #[test]
        fn any_json_is_scrubbed_without_harm(text in ".*", number in any::<i64>()) {
            let body = json!({ "event": text, "payload": { "object": { "id": number, "x": [text] } } });
            prop_assert!(scrub().delivery(NOW, false, &body.to_string()).is_some());
        }
    }
}
