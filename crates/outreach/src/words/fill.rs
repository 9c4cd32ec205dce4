//! Putting values into texts that people write. A text knows placeholders such as `{{ link }}` and nothing else: no
//! conditions, no loops, no filters, no expressions, since each would be a way to write something that fails only when it
//! is sent.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

/// What a text may cost to fill; an instruction of the template engine is one. A text of 4,000 characters has at most
/// 1,000 placeholders of a few instructions each.
const FUEL: u64 = 20_000;

/// Why a text cannot be filled, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// Nothing is known by that name.
    #[error("{{{{ {name} }}}} is not known here. Known are {}", .known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// What is known, with its braces.
        known: Vec<String>,
    },
    /// Something stands between the braces that is no name.
    #[error("between {{{{ and }}}} stands only a name, such as {{{{ clinic }}}}; here it is “{0}”")]
    NotAName(String),
    /// A brace that is never closed.
    #[error("{{{{ is opened and never closed with }}}}")]
    Open,
    /// The engine's own statements and comments.
    #[error("{{% and {{# mean nothing here: only names in double braces are filled in")]
    Statement,
    /// The engine refused it for another reason.
    #[error("this cannot be filled in")]
    Failed,
}

/// The names that a text wants filled in, in their order, repeated as they are.
#[cfg(test)]
pub(super) fn names(text: &str) -> Result<Vec<&str>, BadTemplate> {
    read(text).map(|(names, _)| names)
}

/// The names that a text wants filled in, in their order, and the text with each of them written in the one way that the engine is known to read: what is pasted
/// from a letter has other spaces in the braces.
fn read(text: &str) -> Result<(Vec<&str>, String), BadTemplate> {
    if text.contains("{%") || text.contains("{#") {
        return Err(BadTemplate::Statement);
    }
    let mut names = Vec::new();
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}").ok_or(BadTemplate::Open)?;
        let name = inside.trim();
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
            return Err(BadTemplate::NotAName(name.chars().take(40).collect()));
        }
        names.push(name);
        plain.push_str(before);
        plain.push_str("{{ ");
        plain.push_str(name);
        plain.push_str(" }}");
        rest = after;
    }
    plain.push_str(rest);
    Ok((names, plain))
}

/// Whether every name in the text is one of these.
pub(super) fn check<'a>(text: &'a str, known: &[&str]) -> Result<Vec<&'a str>, BadTemplate> {
    checked(text, known).map(|(names, _)| names)
}

fn checked<'a>(text: &'a str, known: &[&str]) -> Result<(Vec<&'a str>, String), BadTemplate> {
    let (names, plain) = read(text)?;
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(BadTemplate::Unknown {
            name: (*unknown).to_owned(),
            known: known.iter().map(|name| format!("{{{{ {name} }}}}")).collect(),
        }),
        None => Ok((names, plain)),
    }
}

/// The text with its placeholders filled in. A name that is not among the values is an error that says which are.
pub fn fill(text: &str, values: &[(&str, &str)]) -> Result<String, BadTemplate> {
    let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let (_, plain) = checked(text, &known)?;
    render(&plain, AutoEscape::None, Value::from_pairs(values.iter().copied()))
}

/// One of our own texts with its placeholders filled in. A test fills every text of every language; should one be
/// missed, its braces are seen, which is better than no page.
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    fill(text, values).unwrap_or_else(|_| text.to_owned())
}

/// Runs the engine: every value must be there, and in HTML every value is escaped.
pub(super) fn render(text: &str, escape: AutoEscape, values: Value) -> Result<String, BadTemplate> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(move |_| escape.clone());
    engine.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    engine.set_syntax(syntax.map_err(|_| BadTemplate::Failed)?);
    engine.render_str(text, values).map_err(|_| BadTemplate::Failed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_filled_in_and_nothing_else_is_touched() {
        assert_eq!(fill("Hello {{ a }}, {{b}} }} {", &[("a", "A"), ("b", "B")]).unwrap(), "Hello A, B }} {");
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_are_known() {
        let error = fill("{{ clinic }} {{ diagnosis }}", &[("clinic", "C"), ("link", "L")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "{{ diagnosis }} is not known here. Known are {{ clinic }}, {{ link }}"
        );
    }

    #[test]
    fn nothing_but_names_can_be_written() {
        for bad in [
            "{% for a in range(1000000) %}x{% endfor %}",
            "{# hidden #}",
            "{{ a|upper }}",
            "{{ a.b }}",
            "{{ a() }}",
            "{{ 'x' * 1000000 }}",
            "{{ a ~ a }}",
            "{{- a -}}",
            "{{ }}",
            "{{ a",
            "{{ {{ a }} }}",
            "{% raw %}{{ a }}{% endraw %}",
        ] {
            assert!(fill(bad, &[("a", "A")]).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_space_in_the_braces_is_a_space() {
        for text in ["{{\u{a0}a\u{a0}}}", "{{a}}", "{{\n a\t}}", "{{\u{2003}a }}", "{{\u{85}a }}"] {
            assert_eq!(fill(text, &[("a", "A")]), Ok("A".to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_a_value_says_is_never_taken_for_a_placeholder() {
        assert_eq!(fill("{{ a }}", &[("a", "{{ b }} {% c %}")]).unwrap(), "{{ b }} {% c %}");
    }

    proptest! {
        #[test]
        fn whatever_passes_the_check_is_filled(text in "([a-z{}%# \n\u{a0}\\-+'\"]|\\{\\{ a \\}\\}){0,60}") {
            prop_assert_eq!(check(&text, &["a"]).is_ok(), fill(&text, &[("a", "<x>")]).is_ok());
        }

        #[test]
        fn any_text_without_braces_comes_back_as_it_was(text in "[^{]{0,80}") {
            prop_assert_eq!(fill(&text, &[]), Ok(text));
        }
    }
}
