//! Reading Zoom's JSON leniently: a field of the wrong type counts as absent and is noted by name.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Characters kept of any text. Zoom's own limits are far below (names 64, topics 200).
const MAX_TEXT: usize = 1_000;
/// 2000-01-01 and 2100-01-01 in microseconds: an instant outside is a zero date or a fault.
const EARLIEST: i64 = 946_684_800_000_000;
const LATEST: i64 = 4_102_444_800_000_000;

/// Fields that were not as expected: their names and what was wrong, never their values. For logs and counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Oddities(Vec<String>);

impl Oddities {
    /// How many fields were odd.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether all was as expected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One text for each, such as `payload.object.id: not a number`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn note(&mut self, path: &str, name: &str, what: &str) {
        let dot = if path.is_empty() { "" } else { "." };
        self.0.push(format!("{path}{dot}{name}: {what}"));
    }
}

impl fmt::Display for Oddities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

/// One JSON object, or the absence of one, together with where it stands.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The top of a document, or `None` where it is no object.
    pub(crate) fn root(value: &'a Value) -> Option<Self> {
        Some(Self { map: Some(value.as_object()?), path: String::new() })
    }

    /// An item of a list, or `None` where it is no object.
    pub(crate) fn item(value: &'a Value, path: &str) -> Option<Self> {
        Some(Self { map: Some(value.as_object()?), path: path.to_owned() })
    }

    /// The object under this name. Where there is none, all its fields are absent.
    pub(crate) fn child(&self, name: &str, odd: &mut Oddities) -> Self {
        let map = match self.get(name) {
            Some(Value::Object(map)) => Some(map),
            Some(_) => {
                odd.note(&self.path, name, "not an object");
                None
            }
            None => None,
        };
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { map, path: format!("{}{dot}{name}", self.path) }
    }

    /// Whether there is an object at all.
    pub(crate) fn is_present(&self) -> bool {
        self.map.is_some()
    }

    /// The list under this name; empty where there is none.
    pub(crate) fn list(&self, name: &str, odd: &mut Oddities) -> &'a [Value] {
        match self.get(name) {
            Some(Value::Array(items)) => items,
            Some(_) => {
                odd.note(&self.path, name, "not a list");
                &[]
            }
            None => &[],
        }
    }

    /// Text. Empty text is absent, control characters are taken out, and what is too long is cut.
    pub(crate) fn text(&self, name: &str, odd: &mut Oddities) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => self.clean(name, text, odd),
            _ => self.wrong(name, "not text", odd),
        }
    }

    /// An identifier: text or a whole number. One that is too long or holds control characters is absent, for a cut
    /// identifier would be another one.
    pub(crate) fn id(&self, name: &str, odd: &mut Oddities) -> Option<String> {
        match self.get(name)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) if text.chars().count() > MAX_TEXT => self.wrong(name, "too long", odd),
            Value::String(text) if text.chars().any(char::is_control) => {
                self.wrong(name, "has control characters", odd)
            }
            Value::String(text) => Some(text.clone()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
            _ => self.wrong(name, "neither text nor a whole number", odd),
        }
    }

    /// A whole number, also where it is written as text.
    pub(crate) fn number(&self, name: &str, odd: &mut Oddities) -> Option<i64> {
        let number = match self.get(name)? {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => digits(text),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        number.or_else(|| self.wrong(name, "not a whole number", odd))
    }

    /// A truth value, also where it is written as text.
    pub(crate) fn flag(&self, name: &str, odd: &mut Oddities) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            Value::String(text) if text.is_empty() => None,
            _ => self.wrong(name, "neither true nor false", odd),
        }
    }

    /// An RFC 3339 instant in microseconds.
    pub(crate) fn instant(&self, name: &str, odd: &mut Oddities) -> Option<i64> {
        match self.get(name)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => rfc3339(text).or_else(|| self.wrong(name, "not a time", odd)),
            _ => self.wrong(name, "not a time", odd),
        }
    }

    /// An instant in microseconds, however it is written: milliseconds or seconds since the epoch as number or text,
    /// RFC 3339, or `YYYY-MM-DD hh:mm:ss` in UTC.
    pub(crate) fn any_instant(&self, name: &str, odd: &mut Oddities) -> Option<i64> {
        let instant = match self.get(name)? {
            Value::Number(number) => number.as_i64().and_then(epoch),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => digits(text)
                .and_then(epoch)
                .or_else(|| rfc3339(text))
                .or_else(|| DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok().and_then(utc)),
            _ => None,
        };
        instant.or_else(|| self.wrong(name, "not a time", odd))
    }

    /// Whatever stands there.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a Value> {
        self.get(name)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    fn wrong<T>(&self, name: &str, what: &str, odd: &mut Oddities) -> Option<T> {
        odd.note(&self.path, name, what);
        None
    }

    fn clean(&self, name: &str, text: &str, odd: &mut Oddities) -> Option<String> {
        if text.trim().is_empty() {
            return None;
        }
        if text.chars().any(char::is_control) {
            odd.note(&self.path, name, "has control characters");
        }
        let mut kept = text.chars().filter(|c| !c.is_control());
        let cleaned: String = kept.by_ref().take(MAX_TEXT).collect();
        if kept.next().is_some() {
            odd.note(&self.path, name, "too long");
        }
        (!cleaned.trim().is_empty()).then_some(cleaned)
    }
}

fn digits(text: &str) -> Option<i64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Zoom writes milliseconds; a value that makes sense only as seconds is taken as seconds.
fn epoch(value: i64) -> Option<i64> {
    let plausible =
        |scale: i64| value.checked_mul(scale).filter(|micros| (EARLIEST..LATEST).contains(micros));
    plausible(1_000).or_else(|| plausible(1_000_000))
}

pub(crate) fn rfc3339(text: &str) -> Option<i64> {
    plausible(text.trim().parse().ok()?)
}

/// Microseconds of an instant that can be meant.
pub(crate) fn plausible(instant: jiff::Timestamp) -> Option<i64> {
    Some(instant.as_microsecond()).filter(|micros| (EARLIEST..LATEST).contains(micros))
}

fn utc(civil: DateTime) -> Option<i64> {
    plausible(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2026-11-23T15:23:20Z.
    const INSTANT: i64 = 1_795_447_400_000_000;

    fn read<T>(
        value: &Value,
        how: impl FnOnce(&Fields<'_>, &mut Oddities) -> Option<T>,
    ) -> (Option<T>, usize) {
        let document = json!({ "field": value });
        let mut odd = Oddities::default();
        let fields = Fields::root(&document).unwrap();
        let read = how(&fields, &mut odd);
        (read, odd.count())
    }

    #[test]
    fn instants_are_read_in_every_form_that_zoom_uses() {
        let forms = [
            json!(1_795_447_400_000_i64),
            json!("1795447400000"),
            json!(1_795_447_400),
            json!("2026-11-23 15:23:20"),
            json!("2026-11-23T15:23:20Z"),
            json!("2026-11-23T10:23:20-05:00"),
        ];
        for form in forms {
            assert_eq!(read(&form, |f, o| f.any_instant("field", o)), (Some(INSTANT), 0), "{form}");
        }
        for wrong in
            [json!(0), json!(-5), json!(1.5), json!("yesterday"), json!([]), json!("0001-01-01T00:00:00Z")]
        {
            assert_eq!(read(&wrong, |f, o| f.any_instant("field", o)), (None, 1), "{wrong}");
        }
        assert_eq!(
            read(&json!("2026-11-23T15:23:20.004Z"), |f, o| f.instant("field", o)),
            (Some(INSTANT + 4_000), 0)
        );
    }

    #[test]
    fn ids_and_numbers_may_be_either_text_or_number() {
        assert_eq!(
            read(&json!(86_720_014_455_i64), |f, o| f.id("field", o)),
            (Some("86720014455".into()), 0)
        );
        assert_eq!(read(&json!("86720014455"), |f, o| f.number("field", o)), (Some(86_720_014_455), 0));
        assert_eq!(read(&json!(86_720_014_455_i64), |f, o| f.number("field", o)), (Some(86_720_014_455), 0));
        for wrong in [json!("-4"), json!("1e3"), json!(1.5), json!("99999999999999999999"), json!({})] {
            assert_eq!(read(&wrong, |f, o| f.number("field", o)), (None, 1), "{wrong}");
        }
    }

    #[test]
    fn empty_text_and_null_are_absent_without_being_odd() {
        for absent in [json!(""), json!("   "), json!(null)] {
            assert_eq!(read(&absent, |f, o| f.text("field", o)), (None, 0), "{absent}");
            assert_eq!(read(&absent, |f, o| f.id("field", o)), (None, 0), "{absent}");
            assert_eq!(read(&absent, |f, o| f.number("field", o)), (None, 0), "{absent}");
            assert_eq!(read(&absent, |f, o| f.instant("field", o)), (None, 0), "{absent}");
        }
    }

    #[test]
    fn control_characters_leave_a_name_but_spoil_an_id() {
        assert_eq!(read(&json!("Ro\u{0}sa\n"), |f, o| f.text("field", o)), (Some("Rosa".into()), 1));
        assert_eq!(read(&json!("a\u{0}b"), |f, o| f.id("field", o)), (None, 1));
        let long = "n".repeat(MAX_TEXT + 1);
        assert_eq!(read(&json!(long.clone()), |f, o| f.text("field", o)), (Some("n".repeat(MAX_TEXT)), 1));
        assert_eq!(read(&json!(long), |f, o| f.id("field", o)), (None, 1));
    }

    #[test]
    fn an_oddity_names_the_field_and_never_its_value() {
        let document = json!({ "payload": { "object": { "email": ["rosa@example.org"] } } });
        let mut odd = Oddities::default();
        let object = Fields::root(&document).unwrap().child("payload", &mut odd).child("object", &mut odd);
        assert_eq!(object.text("email", &mut odd), None);
        assert_eq!(odd.to_string(), "payload.object.email: not text");
    }
}
