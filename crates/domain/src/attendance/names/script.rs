//! Letters made comparable across alphabets: those that no Unicode form takes apart, Cyrillic and Greek.

/// Plain letters, and the lower-case ones that are spelled so. Soft and hard signs are not spelled at all.
const SPELLED: [(&str, &str); 35] = [
    ("", "ъь"),
    ("a", "аα"),
    ("ae", "æ"),
    ("b", "б"),
    ("ch", "χч"),
    ("d", "đðдδ"),
    ("e", "еэєε"),
    ("f", "фφ"),
    ("g", "гґγ"),
    ("i", "ıиіηι"),
    ("k", "кκ"),
    ("kh", "х"),
    ("l", "łлλ"),
    ("m", "мμ"),
    ("n", "нν"),
    ("o", "øоοω"),
    ("oe", "œ"),
    ("p", "пπ"),
    ("ps", "ψ"),
    ("r", "рρ"),
    ("s", "сσς"),
    ("sh", "ш"),
    ("shch", "щ"),
    ("ss", "ß"),
    ("t", "тτ"),
    ("th", "þθ"),
    ("ts", "ц"),
    ("u", "у"),
    ("v", "вβ"),
    ("x", "ξ"),
    ("y", "ыυ"),
    ("ya", "я"),
    ("yu", "ю"),
    ("z", "зζ"),
    ("zh", "ж"),
];

/// Spells a lower-case letter in plain Latin, where this knows how.
pub(super) fn spell(letter: char) -> Option<&'static str> {
    SPELLED.iter().find(|(_, letters)| letters.contains(letter)).map(|(plain, _)| *plain)
}

/// Whether words of these two cannot be compared: one is written in Latin letters only, the other in none.
pub(super) fn are_strange_to_each_other(a: &[String], b: &[String]) -> bool {
    let is_latin =
        |words: &[String]| words.iter().flat_map(|word| word.chars()).any(|c| c.is_ascii_alphabetic());
    !a.is_empty() && !b.is_empty() && is_latin(a) != is_latin(b)
}
