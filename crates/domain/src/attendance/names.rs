//! Names as people type them, made comparable: case, marks and order do not count.
//!
//! A name shown in Zoom is typed by anybody at all, and some accounts mask it. So a name never says who somebody
//! is; it only agrees with what is known otherwise, or does not.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What Zoom shows for people who never typed a name.
const DEVICES: [&str; 33] = [
    "android",
    "browser",
    "caller",
    "chromebook",
    "computer",
    "desktop",
    "device",
    "galaxy",
    "guest",
    "huawei",
    "imac",
    "ipad",
    "iphone",
    "laptop",
    "mac",
    "macbook",
    "max",
    "mini",
    "mobile",
    "moto",
    "note",
    "oneplus",
    "pc",
    "phone",
    "pixel",
    "plus",
    "pro",
    "samsung",
    "tablet",
    "ultra",
    "user",
    "xiaomi",
    "zoom",
];

/// The words of a name: compatibility forms and marks taken away, in lower case.
pub fn words(name: &str) -> BTreeSet<String> {
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

/// How a name shown in Zoom stands to the name that the clinic knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// One can be read as the other: the same words, or fewer or more of them, or initials for some.
    Agrees,
    /// Zoom shows none.
    Absent,
    /// Zoom shows stars, digits or initials in its place.
    Masked,
    /// It names a device and not a person.
    Device,
    /// It is somebody else's name, or cannot be read as this one.
    Differs,
}

/// Compares the name shown with the name known.
pub fn agreement(shown: Option<&str>, known: &str) -> Agreement {
    let Some(shown) = shown.map(str::trim).filter(|shown| !shown.is_empty()) else {
        return Agreement::Absent;
    };
    if shown.contains('*') {
        return Agreement::Masked;
    }
    let all = words(shown);
    let (known, shown): (BTreeSet<String>, BTreeSet<String>) =
        (words(known), all.iter().filter(|word| !DEVICES.contains(&word.as_str())).cloned().collect());
    let is_number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
    let shown: BTreeSet<String> = shown.into_iter().filter(|word| !is_number(word)).collect();
    if shown.is_empty() {
        return if all.iter().any(|word| !is_number(word)) { Agreement::Device } else { Agreement::Masked };
    }
    if shown.iter().all(|word| is_initial(word))
        && !shown.iter().any(|word| known.contains(word) && !is_ascii_letter(word))
    {
        return Agreement::Masked;
    }
    let in_common = shown.intersection(&known).filter(|word| !is_ascii_letter(word)).count();
    let reads_as = |few: &BTreeSet<String>, many: &BTreeSet<String>| {
        few.iter().all(|word| {
            many.contains(word)
                || is_initial(word) && many.iter().any(|other| other.starts_with(word.as_str()))
                || many.iter().any(|other| is_initial(other) && word.starts_with(other.as_str()))
        })
    };
    if in_common > 0 && (reads_as(&shown, &known) || reads_as(&known, &shown)) {
        Agreement::Agrees
    } else {
        Agreement::Differs
    }
}

fn is_ascii_letter(word: &str) -> bool {
    word.len() == 1
}

fn is_initial(word: &str) -> bool {
    word.chars().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_order_and_punctuation_do_not_count() {
        assert_eq!(key("Żak, ŁUKASZ"), key("łukasz zak"));
        assert_eq!(key("Renée  O’Brien"), key("o'brien renee"));
        assert_ne!(key("Rosa Delgado"), key("Rosa Delgada"));
        assert_eq!(key(" 🌻 "), "🌻");
    }

    #[test]
    fn a_shorter_or_longer_form_of_the_name_agrees() {
        for shown in [
            "Rosa Delgado",
            "DELGADO ROSA",
            "rosa",
            "Rosa D.",
            "R. Delgado",
            "Rosa’s iPhone",
            "Rosa M. Delgado Ruiz",
        ] {
            assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Agrees, "{shown}");
        }
        assert_eq!(agreement(Some("Ana & Luis Prado"), "Ana Prado"), Agreement::Agrees);
        assert_eq!(agreement(Some("李小龙"), "李小龙"), Agreement::Agrees);
    }

    #[test]
    fn another_persons_name_differs_even_where_one_word_is_the_same() {
        for shown in ["Rosa García", "Tom Reyes", "Delgado Tom", "Ros"] {
            assert_eq!(agreement(Some(shown), "Rosa Delgado"), Agreement::Differs, "{shown}");
        }
    }

    #[test]
    fn what_is_no_name_is_said_to_be_none() {
        assert_eq!(agreement(None, "Rosa Delgado"), Agreement::Absent);
        assert_eq!(agreement(Some("  "), "Rosa Delgado"), Agreement::Absent);
        assert_eq!(agreement(Some("R*** D***"), "Rosa Delgado"), Agreement::Masked);
        assert_eq!(agreement(Some("13125550142"), "Rosa Delgado"), Agreement::Masked);
        assert_eq!(agreement(Some("RD"), "Rosa Delgado"), Agreement::Differs);
        assert_eq!(agreement(Some("R D"), "Rosa Delgado"), Agreement::Masked);
        assert_eq!(agreement(Some("iPhone 15 Pro"), "Rosa Delgado"), Agreement::Device);
        assert_eq!(agreement(Some("Galaxy-Tablet"), "Rosa Delgado"), Agreement::Device);
    }
}
