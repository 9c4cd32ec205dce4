//! Whether a text that all who wait will read names one of the day's patients, or gives their address or number.
//!
//! It cannot know every way of naming somebody. It stops the slip of writing "Rosa, please wait" to everybody.

use domain::{appointment::Appointment, attendance::names};

/// Names that are everyday words too, in small letters: "I will be with you" names nobody.
const EVERYDAY: [&str; 40] = [
    "amber", "april", "art", "august", "autumn", "back", "be", "bill", "chance", "close", "dawn", "day",
    "do", "faith", "frank", "grace", "green", "guy", "hall", "hope", "in", "joy", "june", "long", "mark",
    "may", "more", "page", "patience", "ray", "rich", "rose", "see", "so", "soon", "summer", "to", "will",
    "wood", "young",
];
/// Digits of a telephone number that are enough to know it by: without the country's and the area's.
const ENOUGH_DIGITS: usize = 7;

/// What in the text is a patient's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Name,
    Email,
    Phone,
}

impl Named {
    /// For the field, with what to do.
    pub(super) fn fault(self) -> &'static str {
        match self {
            Self::Name => {
                "This holds the name of somebody who has a visit today. Everybody who waits reads it: name nobody."
            }
            Self::Email => "This holds an e-mail address. Everybody who waits reads it: leave it out.",
            Self::Phone => {
                "This holds the telephone number of somebody who has a visit today. Everybody who waits reads it: leave it out."
            }
        }
    }
}

/// Whom or what the text names, of those with a visit on the day.
pub(super) fn find(text: &str, day: &[Appointment]) -> Option<Named> {
    let written: Vec<(String, bool)> = written(text);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // Nobody's address has to stand there.
    if text.split_whitespace().any(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).contains('@')) {
        return Some(Named::Email);
    }
    for attendee in day.iter().flat_map(|appointment| &appointment.attendees) {
        if names_somebody(&written, text, attendee.name.as_str()) {
            return Some(Named::Name);
        }
        let number = attendee.phone.as_ref().map(|phone| phone.as_str().trim_start_matches('+'));
        let end = number.and_then(|number| number.get(number.len().saturating_sub(ENOUGH_DIGITS)..));
        if end.is_some_and(|end| end.len() == ENOUGH_DIGITS && digits.contains(end)) {
            return Some(Named::Phone);
        }
    }
    None
}

/// The words of the text, made comparable, each with whether it is written with a capital.
fn written(text: &str) -> Vec<(String, bool)> {
    text.split_whitespace()
        .flat_map(|piece| {
            let is_capital = piece.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
            // The space lets a possessive be seen as one.
            names::words(&format!("{piece} ")).into_iter().map(move |word| (word, is_capital))
        })
        .collect()
}

fn names_somebody(written: &[(String, bool)], text: &str, name: &str) -> bool {
    let parts = names::words(name);
    let is_named = |part: &String| {
        written
            .iter()
            .any(|(word, is_capital)| word == part && (*is_capital || !EVERYDAY.contains(&part.as_str())))
    };
    // A single letter is an initial in the name and a word in the text.
    if parts.iter().filter(|part| part.chars().count() > 1).any(is_named) {
        return true;
    }
    // Scripts that put no spaces between words.
    let has_no_spaces =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{0e00}'..='\u{0e7f}');
    let whole: String = name.split_whitespace().collect();
    whole.chars().count() > 1 && whole.chars().any(has_no_spaces) && text.contains(&whole)
}

#[cfg(test)]
mod tests {
    use domain::{
        Ambient, Timestamp,
        appointment::{Attendee, Consent, Kind, Status},
        telehealth::Booked,
        text::{ExternalId, Name, Phone},
    };

    use super::*;

    fn day(names: &[&str]) -> Vec<Appointment> {
        let ambient = Ambient::manual(Timestamp::from_seconds(0), 1).0;
        let attendee = |name: &&str| Attendee {
            id: ambient.id(),
            external_id: ExternalId::parse("p").unwrap(),
            name: Name::parse(name).unwrap(),
            email: None,
            phone: Some(Phone::parse("+1 555 010 0123").unwrap()),
            consent: Consent::default(),
            language: None,
        };
        vec![Appointment {
            id: ambient.id(),
            clinic_id: ambient.id(),
            external_id: ExternalId::parse("a").unwrap(),
            starts_at: ambient.now(),
            ends_at: ambient.now(),
            host: ambient.id(),
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: Booked::default(),
            revision: 0,
            attendees: names.iter().map(attendee).collect(),
            created_at: ambient.now(),
            updated_at: ambient.now(),
        }]
    }

    #[test]
    fn any_part_of_a_name_counts_in_any_case_and_with_or_without_marks() {
        let day = day(&["Rosa María Delgado", "李小龙", "O’Brien, Tom"]);
        for text in [
            "Rosa, please wait",
            "with ms DELGADO just now",
            "Maria is next",
            "请李小龙等一下",
            "Rosa's visit takes longer",
            "obrien is in",
        ] {
            assert_eq!(find(text, &day), Some(Named::Name), "{text}");
        }
        for text in
            ["Running 10 minutes late", "Please stay, we are sorting out the sound", "R. is short for room"]
        {
            assert_eq!(find(text, &day), None, "{text}");
        }
    }

    #[test]
    fn an_everyday_word_is_a_name_only_with_a_capital() {
        let day = day(&["Will May", "Joy So"]);
        assert_eq!(find("I will be with you soon, it may take a bit so please stay", &day), None);
        assert_eq!(find("Please wait, Will", &day), Some(Named::Name));
    }

    #[test]
    fn addresses_and_numbers_count_however_they_are_written() {
        let day = day(&["Rosa Delgado"]);
        assert_eq!(find("write to desk@clinic.example", &day), Some(Named::Email));
        assert_eq!(find("call (555) 010-0123", &day), Some(Named::Phone));
        assert_eq!(find("call 010 0123", &day), Some(Named::Phone));
        assert_eq!(find("back at 10:15 @ the latest, in 5 to 10 minutes", &day), None);
    }

    #[test]
    fn our_own_messages_name_nobody_whoever_comes() {
        let day = day(&["Will May", "Joy So", "Page Long"]);
        for preset in super::super::message::PRESETS {
            assert_eq!(find(preset.2, &day), None, "{}", preset.2);
        }
    }
}
