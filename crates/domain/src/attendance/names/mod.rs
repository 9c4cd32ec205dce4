//! Names as people type them, made comparable: case, marks and order do not count.
//!
//! A name shown in Zoom is typed by anybody at all, and some accounts mask it. So a name never says who somebody
//! is; it only agrees with what is known otherwise, or does not.

mod script;
mod tables;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a name: compatibility forms and marks taken away, in lower case.
pub fn words(name: &str) -> BTreeSet<String> {
    in_order(name).into_iter().collect()
}

fn in_order(name: &str) -> Vec<String> {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // An apostrophe joins: O'Brien is one word, and so is "Rosa's" without its possessive.
    let plain = plain.replace("'s ", " ").replace("’s ", " ").replace(['\'', '’'], "");
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// One text for names that differ only in case, marks, punctuation and order.
pub fn key(name: &str) -> String {
    let words = words(name);
    if words.is_empty() {
        return name.trim().to_lowercase();
    }
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// A name without the words that say how somebody is addressed or what they are, made comparable; with them, where nothing
/// else is left.
pub fn untitled(name: &str) -> String {
    let words = in_order(name);
    let plain: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !tables::TITLES.contains(word)).collect();
    if plain.is_empty() { words.join(" ") } else { plain.join(" ") }
}

/// Whether somebody calls themselves a doctor or a professor.
pub fn is_titled(name: &str) -> bool {
    in_order(name).iter().any(|word| tables::LEARNED.contains(&word.as_str()))
}

/// How a name shown in Zoom stands to the name that the clinic knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// The same first and last words, whole; nothing in between or beside speaks against it.
    Full,
    /// One can be read as the other: fewer or more words, initials, a short form of the first name.
    Agrees,
    /// Weakly: a device named after this person, initials alone, one letter mistyped.
    Hints,
    /// It says that somebody else comes for this person: a parent, an interpreter. Never more than probable.
    ComesFor,
    /// It is one that we gave with the link, and nobody typed.
    Given,
    /// Zoom shows none.
    Absent,
    /// Zoom shows stars, digits or signs in its place.
    Masked,
    /// It names a device and not a person.
    Device,
    /// It is written in letters that cannot be compared with these.
    Unreadable,
    /// Another first name with the same family name.
    Family,
    /// It is somebody else's name, or cannot be read as this one.
    Differs,
}

impl Agreement {
    /// Whether this person may be meant by the name.
    pub const fn fits(self) -> bool {
        matches!(self, Self::Full | Self::Agrees | Self::Hints | Self::ComesFor)
    }

    /// Whether the name shown says nothing of who it is.
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Given | Self::Absent | Self::Masked | Self::Device | Self::Unreadable)
    }

    /// In words that a scheduler understands.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Full | Self::Agrees => "the name shown in Zoom agrees",
            Self::Hints => "the name shown in Zoom may be read as theirs",
            Self::ComesFor => "the name shown in Zoom says that somebody comes for them",
            Self::Given => "Zoom shows the name that came with the link",
            Self::Absent => "Zoom shows no name",
            Self::Masked => "Zoom shows no full name",
            Self::Device => "Zoom shows a device and no name",
            Self::Unreadable => "Zoom shows a name in other letters",
            Self::Family => "Zoom shows another first name with the same family name",
            Self::Differs => "Zoom shows another name",
        }
    }
}

/// Compares the name shown with the name known.
pub fn agreement(shown: Option<&str>, known: &str) -> Agreement {
    let Some(shown) = shown.map(str::trim).filter(|shown| !shown.is_empty()) else {
        return Agreement::Absent;
    };
    if shown.contains(['*', '•', '●', '█']) {
        return Agreement::Masked;
    }
    if is_alias(shown) {
        return Agreement::Given;
    }
    let parts = Parts::of(shown);
    if parts.words.is_empty() && parts.comes_for_another {
        return Agreement::Differs;
    }
    if parts.words.is_empty() {
        return if parts.device { Agreement::Device } else { Agreement::Masked };
    }
    let known = Parts::of_known(known);
    if script::are_strange_to_each_other(&parts.words, &known.words) {
        return Agreement::Unreadable;
    }
    let found = compare(&parts, &known);
    match found {
        Agreement::Differs | Agreement::Family if parts.device => Agreement::Device,
        Agreement::Full | Agreement::Agrees | Agreement::Hints if parts.comes_for_another => {
            Agreement::ComesFor
        }
        Agreement::Full | Agreement::Agrees if parts.device => Agreement::Hints,
        found => found,
    }
}

/// Whether this is what people are registered as, so that Zoom need not know their names: Guest 7K2F.
fn is_alias(shown: &str) -> bool {
    let is_code = |word: &str| {
        (3..=8).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    shown.split_once(' ').is_some_and(|(guest, code)| guest == "Guest" && is_code(code))
}

/// A name taken apart.
struct Parts {
    /// The words that name somebody, spelled in plain letters, in order.
    words: Vec<String>,
    generation: Option<&'static str>,
    device: bool,
    comes_for_another: bool,
    names_two: bool,
}

impl Parts {
    /// A name that somebody typed, or that a device gave itself.
    fn of(name: &str) -> Self {
        let mut parts = Self::nobody(name);
        let words: Vec<String> = in_order(name).iter().map(|word| spelled(word)).collect();
        // Some people are called Max, Mac or Mini: where nothing else speaks of a device, and nobody owns it.
        let is_model =
            |word: &str| word.chars().any(|c| c.is_ascii_digit()) && word.chars().any(char::is_alphabetic);
        let is_plain_device =
            |word: &str| tables::DEVICES.contains(&word) && !tables::NAMES_TOO.contains(&word);
        let speaks_of_a_device = name.contains("'s ")
            || name.contains("’s ")
            || words.iter().any(|word| is_plain_device(word) || is_model(word));
        let mut titles = Vec::new();
        for word in words {
            if parts.takes_generation(&word) {
            } else if word.chars().any(|c| c.is_ascii_digit()) {
                parts.device |= word.chars().any(char::is_alphabetic);
            } else if is_plain_device(&word)
                || speaks_of_a_device && tables::NAMES_TOO.contains(&word.as_str())
            {
                parts.device = true;
            } else if tables::RELATIONS.contains(&word.as_str()) {
                parts.comes_for_another = true;
            } else if tables::TITLES.contains(&word.as_str()) {
                titles.push(word);
            } else if !word.is_empty() {
                parts.words.push(word);
            }
        }
        // Some people are called Don or Mag.
        if parts.words.is_empty() && !parts.device {
            parts.words = titles;
        }
        parts
    }

    /// A name that the clinic keeps: every word of it is one, but for how the person is addressed.
    fn of_known(name: &str) -> Self {
        let mut parts = Self::nobody(name);
        let words: Vec<String> = in_order(name).iter().map(|word| spelled(word)).collect();
        let is_title = |word: &String| tables::TITLES.contains(&word.as_str());
        // Mag Weber keeps both words, Dr. Mag Weber loses the first.
        let mut may_lose = words.len().saturating_sub(2);
        for word in words {
            if is_title(&word) && may_lose > 0 {
                may_lose -= 1;
            } else if !parts.takes_generation(&word) && !word.is_empty() {
                parts.words.push(word);
            }
        }
        parts
    }

    fn nobody(name: &str) -> Self {
        Self {
            words: Vec::new(),
            generation: None,
            device: false,
            comes_for_another: false,
            names_two: name.contains(['&', '+']),
        }
    }

    /// Whether the word tells a father from his son.
    fn takes_generation(&mut self, word: &str) -> bool {
        let generation =
            tables::GENERATIONS.iter().find(|one| **one == word).map(|generation| match *generation {
                "junior" => "jr",
                "senior" => "sr",
                other => other,
            });
        self.generation = generation.or(self.generation);
        generation.is_some()
    }
}

/// In plain letters.
fn spelled(word: &str) -> String {
    word.chars().fold(String::new(), |mut plain, c| {
        match script::spell(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(c),
        }
        plain
    })
}

fn compare(shown: &Parts, known: &Parts) -> Agreement {
    if let (Some(a), Some(b)) = (shown.generation, known.generation)
        && a != b
    {
        return Agreement::Differs;
    }
    let (Some(first), Some(last)) = (known.words.first(), known.words.last()) else {
        return Agreement::Differs;
    };
    let has_whole = |word: &String| shown.words.iter().any(|other| other == word);
    let whole = |word: &&String| is_whole(word) && known.words.iter().any(|other| is_same(word, other));
    // Each word stands for one only: Scott Scott is not Rachel Scott.
    let reads_as = |few: &[String], many: &[String]| {
        let mut left: Vec<&String> = many.iter().collect();
        few.iter().all(|word| {
            left.iter()
                .position(|other| *other == word)
                .or_else(|| left.iter().position(|other| is_same(word, other) || is_initial_of(word, other)))
                .map(|at| left.swap_remove(at))
                .is_some()
        })
    };
    let readable = reads_as(&shown.words, &known.words) || reads_as(&known.words, &shown.words);
    if shown.words.iter().any(|word| whole(&word)) {
        // Juan Carlos Perez may be the father of Carlos Perez.
        let begins_alike = match shown.words.as_slice() {
            [one, ..] if one == first => true,
            [one, second, ..] => one == last && second == first,
            _ => false,
        };
        let in_full = begins_alike
            && has_whole(last)
            && shown.words.len() <= known.words.len() + 2
            && !shown.names_two
            && shown.generation == known.generation;
        return match (readable, in_full) {
            (true, true) => Agreement::Full,
            (true, false) => Agreement::Agrees,
            _ if nearly(shown, known) => Agreement::Hints,
            // The first name alone in common is no family.
            _ if shown
                .words
                .iter()
                .any(|word| is_whole(word) && known.words.iter().skip(1).any(|k| k == word)) =>
            {
                Agreement::Family
            }
            _ => Agreement::Differs,
        };
    }
    let initials = |words: &[String]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    match shown.words.as_slice() {
        [one] if known.words.len() > 1 && *one == initials(&known.words) => Agreement::Hints,
        many if many.iter().all(|word| !is_whole(word)) => {
            if initials(many) == initials(&known.words) {
                Agreement::Hints
            } else {
                Agreement::Masked
            }
        }
        _ if nearly(shown, known) => Agreement::Hints,
        _ => Agreement::Differs,
    }
}

/// Whether each word shown is one of the known, one of them mistyped by a letter or cut short. Where that is the first
/// name, the family name must be whole, and the slip not one that makes another name: Maria is not Mario or Marie.
fn nearly(shown: &Parts, known: &Parts) -> bool {
    let is_one_of = |word: &String, known: &[String]| {
        known.iter().any(|other| is_same(word, other) || is_initial_of(word, other))
    };
    let slips: Vec<&String> = shown.words.iter().filter(|word| !is_one_of(word, &known.words)).collect();
    let (Some((first, rest)), [slip]) = (known.words.split_first(), slips.as_slice()) else { return false };
    let is_slip_of = |other: &String| is_one_letter_off(slip, other) || is_short_for(slip, other);
    let first_is_whole = shown.words.len() == 1 || shown.words.iter().any(|word| is_same(word, first));
    if first_is_whole {
        return known.words.iter().any(is_slip_of);
    }
    let family_is_whole = rest.last().is_some_and(|last| shown.words.contains(last));
    family_is_whole && (is_short_for(slip, first) || is_one_letter_off_inside(slip, first))
}

/// Another letter than the first or the last.
fn is_one_letter_off_inside(a: &str, b: &str) -> bool {
    a.chars().count() == b.chars().count()
        && a.chars().next() == b.chars().next()
        && a.chars().next_back() == b.chars().next_back()
        && is_one_letter_off(a, b)
}

/// Ken for Kenneth, Steph for Stephanie.
fn is_short_for(short: &str, whole: &str) -> bool {
    let (short_length, length) = (short.chars().count(), whole.chars().count());
    (3..=5).contains(&short_length) && length >= short_length + 2 && whole.starts_with(short)
}

fn is_one_letter_off(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < 5 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same_before = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let same_behind = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    same_before + same_behind + 1 >= a.len().max(b.len())
}

fn is_same(a: &str, b: &str) -> bool {
    a == b || is_whole(a) && tables::NICKNAMES.iter().any(|names| names.contains(&a) && names.contains(&b))
}

fn is_initial_of(a: &str, b: &str) -> bool {
    (!is_whole(a) && b.starts_with(a)) || (!is_whole(b) && a.starts_with(b))
}

/// More than an initial. One sign of other scripts is a whole word.
fn is_whole(word: &str) -> bool {
    word.chars().count() > 1 || word.len() > 2
}
