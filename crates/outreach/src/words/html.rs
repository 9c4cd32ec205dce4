//! An e-mail's text as HTML. There is one text, and this draws it: paragraphs are parted by empty lines, and a link that
//! stands in a line of its own becomes the button. Every value is escaped by the template engine.

use minijinja::{AutoEscape, Value, value::Serde};
use serde::Serialize;

use super::{BadTemplate, Words, fill::render};

const PAGE: &str = include_str!("mail.html");

/// What the page is drawn from.
pub(crate) struct MailParts<'a> {
    pub words: &'a Words,
    pub clinic: &'a str,
    pub subject: &'a str,
    /// The text, filled in.
    pub text: &'a str,
    /// The address that the text holds.
    pub link: &'a str,
    pub button: &'a str,
    /// What stands below, smaller.
    pub footer: &'a [String],
}

#[derive(Serialize)]
struct Page<'a> {
    language: &'a str,
    direction: &'a str,
    subject: &'a str,
    clinic: &'a str,
    parts: Vec<Part<'a>>,
    link: Value,
    button: &'a str,
    button_fails: &'a str,
    footer: &'a [String],
}

#[derive(Serialize)]
struct Part<'a> {
    button: bool,
    lines: Vec<Vec<Piece<'a>>>,
}

#[derive(Serialize)]
struct Piece<'a> {
    link: bool,
    text: &'a str,
}

/// The e-mail as HTML.
pub(crate) fn mail(mail: &MailParts<'_>) -> Result<String, BadTemplate> {
    let page = Page {
        language: mail.words.language.as_str(),
        direction: mail.words.direction.as_str(),
        subject: mail.subject,
        clinic: mail.clinic,
        parts: parts(mail.text, mail.link),
        link: address(mail.link),
        button: mail.button,
        button_fails: &mail.words.messages.button_fails,
        footer: mail.footer,
    };
    render(PAGE, AutoEscape::Html, Value::from(Serde(&page)))
}

/// The link for the page. The engine would write `/` as `&#x2f;`, which is right but for the mail programs and filters
/// that look for links in the bare text; an address of nothing but harmless characters is left as it is.
fn address(link: &str) -> Value {
    if link.chars().all(|c| c.is_ascii_alphanumeric() || ":/.-_~%".contains(c)) {
        Value::from_safe_string(link.to_owned())
    } else {
        Value::from(link)
    }
}

/// A part of an e-mail's text, for whoever shows it in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailPart {
    /// A paragraph by its lines.
    Paragraph(Vec<String>),
    /// The button that leads to the visit.
    Button,
}

/// The parts that a text is drawn in.
pub(super) fn outline(text: &str, link: &str) -> Vec<MailPart> {
    let joined = |pieces: Vec<Piece<'_>>| {
        pieces.into_iter().map(|piece| if piece.link { link } else { piece.text }).collect::<String>()
    };
    parts(text, link)
        .into_iter()
        .map(|part| {
            if part.button {
                MailPart::Button
            } else {
                MailPart::Paragraph(part.lines.into_iter().map(joined).collect())
            }
        })
        .collect()
}

fn parts<'a>(text: &'a str, link: &str) -> Vec<Part<'a>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut parts = Vec::new();
    for paragraph in lines.split(|line| line.is_empty()) {
        let mut plain = Vec::new();
        for line in paragraph {
            if *line == link {
                parts.extend(paragraph_of(&mut plain));
                parts.push(Part { button: true, lines: Vec::new() });
            } else {
                plain.push(pieces(line, link));
            }
        }
        parts.extend(paragraph_of(&mut plain));
    }
    parts
}

fn paragraph_of<'a>(lines: &mut Vec<Vec<Piece<'a>>>) -> Option<Part<'a>> {
    (!lines.is_empty()).then(|| Part { button: false, lines: std::mem::take(lines) })
}

/// The text of a line with each occurrence of the link as a piece of its own.
fn pieces<'a>(whole: &'a str, link: &str) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    for (index, text) in whole.split(link).enumerate() {
        if index > 0 {
            pieces.push(Piece { link: true, text: "" });
        }
        if !text.is_empty() {
            pieces.push(Piece { link: false, text });
        }
    }
    pieces
}
