//! How a meeting is reached by telephone. A patient without a camera, or without an internet, dials one of these.

use std::fmt;

use serde_json::Value;
use vault::SecretText;

use crate::fields::{Fields, Oddities};

/// Numbers that are kept. Accounts list dozens of countries, the account's own first; nobody reads more than these.
const MOST_NUMBERS: usize = 8;
/// Entries that are looked at.
const MOST_ENTRIES: usize = 200;
/// Digits of a number: E.164 has at most 15, and Zoom writes the country's code too.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=15;
/// Characters of a number, with what makes it readable.
const LONGEST_NUMBER: usize = 25;
/// Digits of a passcode that is typed on a telephone.
const LONGEST_PASSCODE: usize = 16;

/// How a meeting is reached by telephone.
///
/// `Debug` shows how many numbers there are and nothing else: with number and passcode one is in the meeting.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DialIn {
    /// Numbers to call, in Zoom's order; none where the account has no telephone audio.
    pub numbers: Vec<DialInNumber>,
    /// What the voice asks for after the meeting's number; digits. None where it does not ask.
    pub passcode: Option<SecretText>,
}

/// A number to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialInNumber {
    /// As Zoom writes it: digits, spaces and `+-()`.
    pub number: String,
    /// The country by ISO 3166-1, such as `US`; empty where Zoom did not say.
    pub country: String,
}

impl DialIn {
    pub(super) fn read(meeting: &Fields<'_>, settings: &Fields<'_>, odd: &mut Oddities) -> Self {
        let mut numbers: Vec<DialInNumber> = Vec::new();
        for entry in settings.list("global_dial_in_numbers", odd).iter().take(MOST_ENTRIES) {
            match number(entry) {
                Some(number) if numbers.iter().any(|known| known.number == number.number) => {}
                Some(number) => numbers.push(number),
                None => {}
            }
            if numbers.len() == MOST_NUMBERS {
                break;
            }
        }
        let passcode = meeting.id("pstn_password", odd).filter(|code| {
            code.len() <= LONGEST_PASSCODE && !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit())
        });
        Self { numbers, passcode: passcode.map(SecretText::from) }
    }
}

impl fmt::Debug for DialIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialIn").field("numbers", &self.numbers.len()).finish_non_exhaustive()
    }
}

/// A number that can be shown and dialled, or none: one from which something had to be taken out would be another
/// number. Those that cost extra are left out, since nobody who sees a doctor expects that.
fn number(entry: &Value) -> Option<DialInNumber> {
    let mut odd = Oddities::default();
    let entry = Fields::item(entry, "settings.global_dial_in_numbers")?;
    if entry.id("type", &mut odd).is_some_and(|kind| kind.eq_ignore_ascii_case("premium")) {
        return None;
    }
    let number = entry.id("number", &mut odd)?.trim().to_owned();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let is_a_number = number.len() <= LONGEST_NUMBER
        && DIGITS.contains(&digits)
        && number.bytes().all(|b| b.is_ascii_digit() || b" +-()".contains(&b))
        && number.bytes().skip(1).all(|b| b != b'+');
    let country = entry.id("country", &mut odd).map(|country| country.to_ascii_uppercase());
    is_a_number.then(|| DialInNumber {
        number,
        country: country
            .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()))
            .unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(meeting: &Value) -> DialIn {
        let mut odd = Oddities::default();
        let top = Fields::root(meeting).unwrap();
        let settings = top.child("settings", &mut odd);
        DialIn::read(&top, &settings, &mut odd)
    }

    fn with(numbers: &Value) -> DialIn {
        read(&json!({ "settings": { "global_dial_in_numbers": numbers }, "pstn_password": "482913" }))
    }

    fn shown(dial_in: &DialIn) -> Vec<&str> {
        dial_in.numbers.iter().map(|number| number.number.as_str()).collect()
    }

    #[test]
    fn numbers_are_kept_with_their_country_in_zooms_order() {
        let dial_in = with(&json!([
            { "country": "US", "country_name": "US", "city": "New York", "number": "+1 646 555 0100", "type": "toll" },
            { "country": "gb", "number": "+44 (0)20 7946-0958", "type": "toll" },
            { "country": "US", "number": "+1 646 555 0100", "type": "toll" },
            { "number": "+1 877 555 0199", "type": "tollfree" },
        ]));
        assert_eq!(shown(&dial_in), ["+1 646 555 0100", "+44 (0)20 7946-0958", "+1 877 555 0199"]);
        let countries: Vec<_> = dial_in.numbers.iter().map(|number| number.country.as_str()).collect();
        assert_eq!(countries, ["US", "GB", ""]);
        assert_eq!(dial_in.passcode, Some("482913".into()));
    }

    #[test]
    fn of_thirty_countries_the_first_eight_numbers_are_kept() {
        let many: Vec<Value> = (0..30)
            .map(|n| json!({ "country": format!("A{}", char::from(b'A' + n % 26)), "number": format!("+1 555 010 01{n:02}") }))
            .collect();
        let dial_in = with(&json!(many));
        assert_eq!(dial_in.numbers.len(), 8);
        assert_eq!(dial_in.numbers[0].number, "+1 555 010 0100");
        assert_eq!(dial_in.numbers[7].number, "+1 555 010 0107");
    }

    #[test]
    fn what_is_not_a_number_to_dial_is_left_out_whole() {
        for hostile in [
            json!("<script>alert(1)</script>"),
            json!("+1 555 0100 <b>"),
            json!("+1 555 010 0100,,123#"),
            json!("tel:+15550100100"),
            json!("javascript:alert(1)"),
            json!("١٢٣٤٥٦٧٨"),
            json!("+1 555 010\n0100"),
            json!("1+555 010 0100"),
            json!("+1 2"),
            json!("1234567890123456"),
            json!(" +  (-)  "),
            json!("5".repeat(2_000)),
            json!(null),
            json!({}),
            json!([]),
            json!(true),
        ] {
            assert_eq!(with(&json!([{ "country": "US", "number": hostile }])).numbers, [], "{hostile}");
        }
        assert_eq!(with(&json!([{ "number": "+1 900 555 0100", "type": "premium" }])).numbers, []);
        let odd_country = with(&json!([{ "country": "<US>", "number": "+1 555 010 0100" }]));
        assert_eq!(odd_country.numbers[0].country, "");
    }

    #[test]
    fn a_meeting_without_numbers_or_passcode_is_one_without() {
        for none in [
            json!({}),
            json!({ "settings": {} }),
            json!({ "settings": { "global_dial_in_numbers": [] } }),
            json!({ "settings": { "global_dial_in_numbers": "none" } }),
            json!({ "settings": { "global_dial_in_numbers": ["+1 555 010 0100", 5, null] } }),
            json!({ "settings": "none", "pstn_password": "" }),
        ] {
            assert_eq!(read(&none), DialIn::default(), "{none}");
        }
        for odd in [json!("12a4"), json!("<b>"), json!("1".repeat(17)), json!(true)] {
            assert_eq!(read(&json!({ "pstn_password": odd })).passcode, None, "{odd}");
        }
        assert_eq!(read(&json!({ "pstn_password": 482_913 })).passcode, Some("482913".into()));
    }

    #[test]
    fn neither_numbers_nor_passcode_show_in_debug_output() {
        let shown = format!("{:?}", with(&json!([{ "number": "+1 646 555 0100" }])));
        assert_eq!(shown, "DialIn { numbers: 1, .. }");
    }
}
