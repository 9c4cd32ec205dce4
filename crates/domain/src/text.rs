//! Texts that came from people or from other systems, checked once, at the door.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text was refused, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing that can be seen.
    #[error("must not be empty")]
    Empty,
    /// More characters than the field takes.
    #[error("has {length} characters; at most {most} are allowed")]
    TooLong {
        /// How many it had.
        length: usize,
        /// How many are allowed.
        most: usize,
    },
    /// A line break or another control character.
    #[error("must be one line without control characters")]
    ControlCharacter,
    /// Not what the field holds.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Whether there is nothing to see in a text: white space, fillers and marks that only act on other characters.
pub fn is_blank(text: &str) -> bool {
    let is_unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().all(is_unseen)
}

fn one_line(text: &str, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if is_blank(text) {
        return Err(Invalid::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::ControlCharacter);
    }
    let length = text.chars().count();
    if length > most {
        return Err(Invalid::TooLong { length, most });
    }
    Ok(text.to_owned())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and trims.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let check: fn(&str) -> Result<String, Invalid> = $check;
                check(text).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Redacted: these may name a patient, and logs must not.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} characters)"), self.0.chars().count())
            }
        }
    )*};
}

texts! {
    /// A person's or a clinic's name: one line, 1 to 200 characters of any script.
    Name = |text| one_line(text, 200);
    /// An e-mail address: one line with one `@`, 3 to 254 characters, lower case.
    Email = |text| {
        let text = one_line(text, 254)?.to_lowercase();
        match text.split_once('@') {
            Some((local, host))
                if !local.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && !text.chars().any(|c| c.is_whitespace() || "<>,;\"".contains(c)) => Ok(text),
            _ => Err(Invalid::Malformed("is not an e-mail address such as name@example.org")),
        }
    };
    /// A telephone number in E.164 form: `+` and 7 to 15 digits; spaces, dots, dashes and brackets are dropped.
    Phone = |text| {
        let text: String = one_line(text, 40)?.chars().filter(|c| !" .-()/".contains(*c)).collect();
        match text.strip_prefix('+') {
            Some(digits) if (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()) => Ok(text),
            _ => Err(Invalid::Malformed("is not a telephone number such as +1 555 010 0123")),
        }
    };
    /// A language by its primary subtag in BCP 47, such as `en` or `es`: two or three letters, lower case.
    Language = |text| {
        let text = one_line(text, 35)?.to_lowercase();
        let primary = text.split(['-', '_']).next().unwrap_or_default();
        if (2..=3).contains(&primary.len()) && primary.chars().all(|c| c.is_ascii_lowercase()) {
            Ok(primary.to_owned())
        } else {
            Err(Invalid::Malformed("is not a language such as en or es"))
        }
    };
    /// Something short that the clinic says to patients: one line, 1 to 300 characters.
    Note = |text| one_line(text, 300);
    /// Another system's id for a thing: one line, 1 to 128 characters.
    ExternalId = |text| one_line(text, 128);
}

impl Language {
    /// What everything is written in first.
    pub fn english() -> Self {
        Self("en".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_taken() {
        for name in
            ["Rosa Delgado", "Łukasz Żak", "محمد علي", "李小龙", "Zoë 🌻", "<script>alert(1)</script>"]
        {
            assert_eq!(Name::parse(name).map(String::from), Ok(name.to_owned()));
        }
    }

    #[test]
    fn a_name_of_several_lines_or_of_ten_thousand_characters_is_refused_with_a_reason() {
        assert_eq!(Name::parse("Rosa\r\nBcc: x@y"), Err(Invalid::ControlCharacter));
        assert_eq!(Name::parse(&"x".repeat(10_000)), Err(Invalid::TooLong { length: 10_000, most: 200 }));
        assert_eq!(Name::parse(" \t "), Err(Invalid::Empty));
    }

    #[test]
    fn a_name_is_something_to_see() {
        for unseen in ["\u{200b}\u{200b}", "\u{a0}", "\u{3164}", "\u{202e}\u{202c}", "\u{feff}"] {
            assert_eq!(Name::parse(unseen), Err(Invalid::Empty), "{unseen:?}");
        }
        for joined in ["می\u{200c}خواهم", "👩\u{200d}👧"] {
            assert!(Name::parse(joined).is_ok(), "{joined:?}");
        }
    }

    #[test]
    fn addresses_that_would_break_a_header_are_refused() {
        for bad in ["a@b@c", "a b@c", "a@b>", "@b", "a@", "a@b\r\nBcc: c@d", "no-at"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Email::parse(" A.Osei@Clinic.example ").map(String::from),
            Ok("a.osei@clinic.example".to_owned())
        );
    }

    #[test]
    fn telephone_numbers_lose_their_decoration_only() {
        assert_eq!(Phone::parse("+1 (555) 010-0123").map(String::from), Ok("+15550100123".to_owned()));
        assert!(Phone::parse("555 010 0123").is_err());
    }

    #[test]
    fn a_name_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Name::parse("Rosa").unwrap()), "Name(4 characters)");
    }
}
