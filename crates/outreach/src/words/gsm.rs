//! The length of text messages. A message in the GSM alphabet (3GPP TS 23.038, 6.2.1) holds 160 septets, or 153 in each
//! part of a longer one; any other character makes it UCS-2, with 70 and 67 units.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The basic table. The form feed of the extension table is left out: nobody means it.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: two septets each.
const EXTENSION: &str = "^{}\\[~]|€";

/// In which alphabet a text message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// The GSM alphabet.
    Gsm,
    /// Two bytes a unit.
    Ucs2,
}

/// How long a text message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// The alphabet that it needs.
    pub encoding: Alphabet,
    /// How many parts it is sent, and charged, as.
    pub count: usize,
    /// Its length in septets or UCS-2 units.
    pub length: usize,
    /// The most that one part may have before there are two.
    pub room: usize,
    /// The characters.
    pub characters: usize,
    /// Those that are not in the GSM alphabet, each once.
    pub foreign: Vec<char>,
}

fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// Counts the parts of a text message as the network does: no character is cut in two.
pub fn segments(text: &str) -> Segments {
    let mut foreign = Vec::new();
    for c in text.chars().filter(|c| septets(*c).is_none()) {
        if !foreign.contains(&c) {
            foreign.push(c);
        }
    }
    let (encoding, room, part) =
        if foreign.is_empty() { (Alphabet::Gsm, 160, 153) } else { (Alphabet::Ucs2, 70, 67) };
    let length_of = |c: char| match encoding {
        Alphabet::Gsm => septets(c).unwrap_or_default(),
        Alphabet::Ucs2 => c.len_utf16(),
    };
    let length: usize = text.chars().map(length_of).sum();
    let mut count = usize::from(length > 0);
    if length > room {
        let mut left = part;
        for c in text.chars() {
            let needed = length_of(c);
            if needed > left {
                count += 1;
                left = part;
            }
            left -= needed;
        }
    }
    Segments { encoding, count, length, room, characters: text.chars().count(), foreign }
}

/// A value for a text message in the GSM alphabet, where that can be done without changing what it says: marks are left
/// off, quotation marks and dashes become plain ones, and signs that are no letters go. A letter of another script stays,
/// and makes the message UCS-2.
pub(crate) fn simpler(value: &str) -> String {
    let mut simple = String::with_capacity(value.len());
    for c in value.chars() {
        match septets(c) {
            Some(_) => simple.push(c),
            None => push_simpler(&mut simple, c),
        }
    }
    let words: Vec<&str> = simple.split_whitespace().collect();
    let simple = words.join(" ");
    if simple.chars().any(char::is_alphanumeric) { simple } else { value.to_owned() }
}

fn push_simpler(simple: &mut String, c: char) {
    let plain = match c {
        '‘' | '’' | '‚' | '′' | '`' | '´' => "'",
        '“' | '”' | '„' | '«' | '»' | '″' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '…' => "...",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' => "D",
        'ı' => "i",
        'œ' => "oe",
        'Œ' => "OE",
        'þ' => "th",
        'Þ' => "Th",
        'ẞ' => "SS",
        _ if c.is_whitespace() => " ",
        _ => "",
    };
    if !plain.is_empty() {
        simple.push_str(plain);
        return;
    }
    let bare: String = c.nfkd().filter(|part| !is_combining_mark(*part)).collect();
    if !bare.is_empty() && bare.chars().all(|part| septets(part).is_some()) {
        simple.push_str(&bare);
    } else if c.is_alphanumeric() || is_combining_mark(c) {
        simple.push(c);
    }
}

/// The text with so many characters at most: whole words where more than half of it is left by that, and otherwise cut
/// where it must be.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    // The next character is a space where the cut falls between two words.
    let between = text.chars().nth(most).is_some_and(char::is_whitespace);
    let whole = match cut.rsplit_once(char::is_whitespace) {
        Some((whole, _)) if !between && whole.chars().count() * 2 > most => whole,
        _ => cut.as_str(),
    };
    whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:&-(".contains(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_in_the_gsm_alphabet_holds_160_and_then_153_a_part() {
        for (length, parts) in [(0, 0), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3)] {
            assert_eq!(segments(&"a".repeat(length)).count, parts, "{length}");
        }
    }

    #[test]
    fn brackets_and_the_euro_count_twice_and_are_never_cut_in_two() {
        assert_eq!(segments(&"€".repeat(80)).count, 1);
        assert_eq!(segments(&"[".repeat(81)).count, 2);
        // 153 is odd, so that each part holds 76 of them: 152 in two parts, and one more is a third.
        assert_eq!(segments(&"]".repeat(152)).count, 2);
        assert_eq!(segments(&"]".repeat(153)).count, 3);
    }

    #[test]
    fn one_foreign_character_makes_the_whole_ucs2() {
        let long = segments(&format!("á{}", "a".repeat(70)));
        assert_eq!((long.encoding, long.count, long.foreign), (Alphabet::Ucs2, 2, vec!['á']));
        assert_eq!(segments(&"á".repeat(70)).count, 1);
        assert_eq!(segments(&"🌻".repeat(36)).length, 72);
        // 67 is odd, and a pair of surrogates stays together.
        assert_eq!(segments(&"🌻".repeat(66)).count, 2);
        assert_eq!(segments(&"🌻".repeat(67)).count, 3);
    }

    #[test]
    fn the_letters_of_spanish_are_half_in_the_alphabet() {
        assert_eq!(segments("éñü¿¡ÑÜÉ").encoding, Alphabet::Gsm);
        for c in "áíóúÁÍÓÚ".chars() {
            assert_eq!(segments(&c.to_string()).encoding, Alphabet::Ucs2, "{c}");
        }
    }

    #[test]
    fn the_basic_table_has_its_127_characters() {
        // 128 places, less the one that leads to the extension table.
        assert_eq!(BASIC.chars().count(), 127);
    }

    #[test]
    fn a_name_is_made_simpler_and_stays_the_same_name() {
        assert_eq!(simpler("Clínica São João – “Río”"), "Clinica Sao Joao - \"Rio\"");
        assert_eq!(simpler("Łukasz Żak"), "Lukasz Zak");
        assert_eq!(simpler("Peña & Müller"), "Peña & Müller");
        assert_eq!(simpler("Sunflower 🌻 Clinic"), "Sunflower Clinic");
        assert_eq!(simpler("李小龙"), "李小龙");
        assert_eq!(simpler("🌻"), "🌻");
    }

    #[test]
    fn a_name_is_cut_between_words() {
        assert_eq!(shorten("Riverside Counseling and Family Center", 24), "Riverside Counseling and");
        assert_eq!(shorten("Riverside Counseling & Family", 22), "Riverside Counseling");
        assert_eq!(shorten("Donaudampfschifffahrtsgesellschaft", 10), "Donaudampf");
        assert_eq!(shorten("A Donaudampfschifffahrtsgesellschaft", 10), "A Donaudam");
        assert_eq!(shorten("Short", 10), "Short");
    }

    proptest! {
        #[test]
        fn a_longer_text_never_takes_fewer_parts(text in "[a-zé€\\[áè🌻]{0,400}", more in "[a-zá€]{0,5}") {
            let longer = format!("{text}{more}");
            prop_assert!(segments(&longer).count >= segments(&text).count);
        }

        #[test]
        fn what_is_shortened_fits(text in "\\PC{0,60}", most in 1_usize..60) {
            prop_assert!(shorten(&text, most).chars().count() <= most);
        }

        #[test]
        fn what_is_simpler_stays_so(text in "\\PC{0,60}") {
            let once = simpler(&text);
            prop_assert_eq!(simpler(&once), once);
        }
    }
}
