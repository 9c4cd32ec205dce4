//! What Anteroom says to patients, language by language. Each file under `locales/` is one language, built into the
//! program; another one is added by adding its file.

pub mod alert;
mod fill;
mod gsm;
mod html;
pub mod page;
mod time;
mod wording;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use wording::checked;

use std::{str::FromStr, sync::LazyLock};

use domain::{
    outreach::message::Occasion,
    text::{Language, Phone},
};
use rust_embed::Embed;
use serde::Deserialize;

pub use fill::{BadTemplate, fill, filled};
pub use gsm::{Alphabet, Segments, segments};
pub use html::MailPart;
pub use time::When;
pub use wording::{
    BadWording, Field, LONGEST_EMAIL, LONGEST_SMS, LONGEST_SUBJECT, WordingError, WordingFault,
    WordingPreview, placeholders,
};
pub(crate) use {
    gsm::{shorten, simpler},
    html::{MailParts, mail},
    wording::built_in,
};

#[derive(Embed)]
#[folder = "locales/"]
struct Files;

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let mut all: Vec<Words> =
        Files::iter().filter_map(|path| read(&path, &Files::get(&path)?.data)).collect();
    // English first, since it is what stands in for a language that is not there.
    all.sort_by_key(|words| (words.language != Language::english(), words.name.clone()));
    all
});

/// All texts in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Which language: the file's name.
    #[serde(skip, default = "Language::english")]
    pub language: Language,
    /// What the language calls itself.
    pub name: String,
    /// How it is written.
    pub direction: Direction,
    /// What messages say.
    pub messages: Messages,
    /// Dates and times.
    pub time: time::TimeWords,
    /// What patients' pages say.
    pub page: page::Page,
}

/// The direction of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

impl Direction {
    /// The value of HTML's `dir`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// What messages say: one wording for each occasion, and what stands around them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// “the clinic”: instead of a telephone number where there is none.
    pub phone_unknown: String,
    /// The button of an e-mail to a patient.
    pub button: String,
    /// The button of an e-mail to the host.
    pub button_for_staff: String,
    /// Stands above the bare address.
    pub button_fails: String,
    /// “Questions? Call …”
    pub questions: String,
    /// How to get no more e-mails.
    pub stop: String,
    /// What the visit is called in a calendar, where others may see it.
    pub calendar_summary: String,
    /// What the link is called there.
    pub calendar_label: String,
    /// [`Occasion::Link`].
    pub link: Wording,
    /// [`Occasion::StaffLink`].
    pub staff_link: Wording,
    /// [`Occasion::Booked`].
    pub booked: Wording,
    /// [`Occasion::Moved`].
    pub moved: Wording,
    /// [`Occasion::Moved`] where the visit is at the clinic now. No clinic words it: it has no link to be opened.
    pub moved_to_clinic: Wording,
    /// [`Occasion::Cancelled`].
    pub cancelled: Wording,
    /// [`Occasion::Reminder`].
    pub reminder: Wording,
    /// [`Occasion::Late`].
    pub late: Wording,
    /// [`Occasion::Recovery`].
    pub recovery: Wording,
    /// [`Occasion::Alert`].
    pub alert: alert::AlertWords,
}

/// What one message says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The subject of the e-mail.
    pub subject: String,
    /// Its text.
    pub email: String,
    /// The text message.
    pub sms: String,
}

impl Messages {
    /// The built-in wording for an occasion; none where it has none that a clinic could replace.
    pub fn of(&self, occasion: Occasion) -> Option<&Wording> {
        Some(match occasion {
            Occasion::Link => &self.link,
            Occasion::StaffLink => &self.staff_link,
            Occasion::Booked => &self.booked,
            Occasion::Moved => &self.moved,
            Occasion::Cancelled => &self.cancelled,
            Occasion::Reminder => &self.reminder,
            Occasion::Late => &self.late,
            Occasion::Recovery => &self.recovery,
            Occasion::Alert => return None,
        })
    }
}

impl Words {
    /// The texts in this language; English where it is not there.
    #[expect(clippy::expect_used, reason = "the files are built in, and a test reads every one of them")]
    pub fn of(language: &Language) -> &'static Self {
        Self::known(language).unwrap_or_else(|| ALL.first().expect("English is built in"))
    }

    /// The texts in this language, if it is there.
    pub fn known(language: &Language) -> Option<&'static Self> {
        ALL.iter().find(|words| words.language == *language)
    }

    /// The texts for somebody in their own language, if it is known and there, or else in the clinic's.
    pub(crate) fn in_theirs(theirs: Option<&Language>, clinic: &Language) -> &'static Self {
        theirs.and_then(Self::known).unwrap_or_else(|| Self::of(clinic))
    }

    /// Every language that there is: English, then the others by their own names.
    pub fn languages() -> &'static [Self] {
        &ALL
    }

    /// The texts for somebody who looks at a page: as they ask in its address, as is known of them, as their browser
    /// prefers (`Accept-Language`, RFC 9110, 12.5.4), or as the clinic has it; the first of these that is there.
    pub fn choose(
        asked: Option<&str>,
        theirs: Option<&Language>,
        accept_language: Option<&str>,
        clinic: &Language,
    ) -> &'static Self {
        let parsed = |text: &str| Language::parse(text).ok();
        asked
            .and_then(parsed)
            .and_then(|language| Self::known(&language))
            .or_else(|| theirs.and_then(Self::known))
            .or_else(|| {
                preferred(accept_language?).into_iter().filter_map(parsed).find_map(|one| Self::known(&one))
            })
            .unwrap_or_else(|| Self::of(clinic))
    }

    /// The number to call, or “the clinic”.
    pub fn phone<'a>(&'a self, phone: Option<&'a Phone>) -> &'a str {
        phone.map_or(self.messages.phone_unknown.as_str(), Phone::as_str)
    }
}

/// The languages of an `Accept-Language`, the most wanted first. Only the first twenty are looked at.
fn preferred(accept_language: &str) -> Vec<&str> {
    let mut wanted: Vec<(&str, f32)> = accept_language
        .split(',')
        .take(20)
        .map(|one| {
            let (language, weight) = one.split_once(';').unwrap_or((one, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(1.0, |q| f32::from_str(q).unwrap_or(0.0));
            (language.trim(), weight)
        })
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    wanted.sort_by(|one, other| other.1.total_cmp(&one.1));
    wanted.into_iter().map(|(language, _)| language).collect()
}

/// Reads one file. A file that is none of ours is left out; that every one can be read is what a test sees to.
fn read(path: &str, file: &[u8]) -> Option<Words> {
    let language = Language::parse(path.strip_suffix(".toml")?).ok()?;
    match toml::from_slice::<Words>(file) {
        Ok(words) => Some(Words { language, ..words }),
        Err(error) => {
            tracing::error!(%error, file = path, "a language cannot be read");
            None
        }
    }
}
