//! A clinic's own wordings: what they may hold, and how they are checked, kept and tried.

use std::time::Duration;

use domain::{
    ClinicId,
    outreach::message::{Channel, Occasion},
    text::Language,
};
use store::{StoreError, ports::outreach::Wording};
use vault::SecretText;

use super::{
    BadTemplate, Segments, Words, fill,
    html::{MailPart, outline},
    segments,
};
use crate::{
    Outreach,
    compose::{Values, write_mail, write_sms},
};

/// The most characters of an e-mail's text.
pub const LONGEST_EMAIL: usize = 4_000;
/// The most characters of a text message before it is filled in.
pub const LONGEST_SMS: usize = 500;
/// The most characters of a subject before it is filled in.
pub const LONGEST_SUBJECT: usize = 150;
/// How often one name may stand in a text message, so that none outgrows what providers take (1,600 characters).
const MOST_TIMES: usize = 2;
/// As long as a token, and no token.
const EXAMPLE_TOKEN: &str = "example-of-a-link-that-leads-nowhere-at-all";

/// What may be filled in for an occasion.
pub fn placeholders(occasion: Occasion) -> &'static [&'static str] {
    match occasion {
        Occasion::StaffLink => &["clinic", "date", "time", "zone", "host", "link", "phone"],
        Occasion::Late => {
            &["clinic", "date", "time", "zone", "host", "first_name", "minutes", "link", "phone"]
        }
        _ => &["clinic", "date", "time", "zone", "host", "first_name", "link", "phone"],
    }
}

/// Whether a message is of no use without its link.
const fn needs_link(occasion: Occasion) -> bool {
    !matches!(occasion, Occasion::Cancelled | Occasion::Late)
}

/// A field of a wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The subject.
    Subject,
    /// The text.
    Body,
    /// By what it is sent.
    Channel,
    /// In which language.
    Language,
}

/// What is wrong with a field, in words that can stand beside it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordingFault {
    /// Nothing that can be seen.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("has {length} characters; at most {most} are allowed")]
    TooLong {
        /// How many it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
    /// A control character, or a line break in a subject.
    #[error("must not hold control characters, and the subject no line break")]
    ControlCharacter,
    /// The link is missing.
    #[error("must hold {{{{ link }}}}: without it nobody can join")]
    NoLink,
    /// The link would stand where it is no link.
    #[error("must not hold {{{{ link }}}}: subjects are shown on locked screens")]
    LinkInSubject,
    /// One name stands there too often for a text message.
    #[error("holds {{{{ {0} }}}} more than twice")]
    TooOften(String),
    /// It cannot be filled in.
    #[error(transparent)]
    Template(#[from] BadTemplate),
    /// Only e-mail and text messages have wordings.
    #[error("must be e-mail or text message")]
    NoWords,
    /// What staff are told of alerts is Anteroom's own.
    #[error("is worded by Anteroom alone")]
    NotWorded,
    /// There are no built-in texts in it.
    #[error("is not a language that Anteroom has")]
    UnknownLanguage,
}

/// Everything that is wrong with a wording, field by field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a wording is not usable")]
pub struct BadWording(pub Vec<(Field, WordingFault)>);

/// Why a wording was not kept or tried.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    /// It is not usable.
    #[error(transparent)]
    Bad(#[from] BadWording),
    /// There is no such clinic.
    #[error("no such clinic")]
    UnknownClinic,
    /// It could not be filled in although it was checked.
    #[error(transparent)]
    Template(#[from] BadTemplate),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message as it would leave.
#[derive(Clone, Debug)]
pub struct WordingPreview {
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// The parts of an e-mail as its HTML has them, without what stands below; of a text message its lines.
    pub parts: Vec<MailPart>,
    /// What an e-mail's button says.
    pub button: &'static str,
    /// What stands below an e-mail.
    pub footer: Vec<String>,
    /// How long a text message is.
    pub segments: Option<Segments>,
}

/// The built-in wording; none for what no clinic words.
pub(crate) fn built_in(words: &Words, occasion: Occasion, channel: Channel) -> Option<Wording> {
    let texts = words.messages.of(occasion)?;
    let email = channel == Channel::Email;
    Some(Wording {
        occasion,
        channel,
        language: words.language.clone(),
        subject: email.then(|| texts.subject.clone()),
        body: if email { texts.email.clone() } else { texts.sms.clone() },
    })
}

/// The wording with its line ends made one kind and its margins trimmed, if it is usable.
pub(crate) fn checked(wording: &Wording) -> Result<Wording, BadWording> {
    let mut faults = Vec::new();
    let known = placeholders(wording.occasion);
    let body = wording.body.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    let body = body.trim().to_owned();
    let (most, email) = match wording.channel {
        Channel::Email => (LONGEST_EMAIL, true),
        Channel::Sms => (LONGEST_SMS, false),
        Channel::Copy => {
            faults.push((Field::Channel, WordingFault::NoWords));
            (LONGEST_EMAIL, false)
        }
    };
    if !Occasion::WORDED.contains(&wording.occasion) {
        faults.push((Field::Body, WordingFault::NotWorded));
    }
    if Words::known(&wording.language).is_none() {
        faults.push((Field::Language, WordingFault::UnknownLanguage));
    }
    if let Err(fault) = check_body(&body, wording.occasion, most, email, known) {
        faults.push((Field::Body, fault));
    }
    let subject = email.then(|| wording.subject.as_deref().unwrap_or_default().trim().to_owned());
    if let Some(subject) = &subject
        && let Err(fault) = check_subject(subject, known)
    {
        faults.push((Field::Subject, fault));
    }
    if faults.is_empty() { Ok(Wording { subject, body, ..wording.clone() }) } else { Err(BadWording(faults)) }
}

fn check_length(text: &str, most: usize) -> Result<(), WordingFault> {
    if domain::text::is_blank(text) {
        return Err(WordingFault::Empty);
    }
    let length = text.chars().count();
    if length > most { Err(WordingFault::TooLong { length, most }) } else { Ok(()) }
}

fn check_body(
    body: &str,
    occasion: Occasion,
    most: usize,
    email: bool,
    known: &[&str],
) -> Result<(), WordingFault> {
    check_length(body, most)?;
    if body.chars().any(|c| c.is_control() && c != '\n') {
        return Err(WordingFault::ControlCharacter);
    }
    let names = fill::check(body, known)?;
    if needs_link(occasion) && !names.contains(&"link") {
        return Err(WordingFault::NoLink);
    }
    if !email {
        let times = |name: &str| names.iter().filter(|one| **one == name).count();
        if let Some(often) = known.iter().find(|name| times(name) > MOST_TIMES) {
            return Err(WordingFault::TooOften((*often).to_owned()));
        }
    }
    Ok(())
}

fn check_subject(subject: &str, known: &[&str]) -> Result<(), WordingFault> {
    check_length(subject, LONGEST_SUBJECT)?;
    if subject.chars().any(is_line_break_or_control) {
        return Err(WordingFault::ControlCharacter);
    }
    if fill::check(subject, known)?.contains(&"link") {
        return Err(WordingFault::LinkInSubject);
    }
    Ok(())
}

/// What has no place in one line: U+2028 and U+2029 are line breaks too.
fn is_line_break_or_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

impl Outreach {
    /// The clinic's own wording for this message, or the built-in one, and whether it is its own. None for what no clinic
    /// words.
    pub async fn wording_of(
        &self,
        clinic: ClinicId,
        occasion: Occasion,
        channel: Channel,
        language: &Language,
    ) -> Result<Option<(Wording, bool)>, StoreError> {
        let own = self.store.read().await?.wordings(clinic).await?.into_iter().find(|wording| {
            wording.occasion == occasion && wording.channel == channel && wording.language == *language
        });
        Ok(match own {
            Some(own) => Some((own, true)),
            None => built_in(Words::of(language), occasion, channel).map(|built_in| (built_in, false)),
        })
    }

    /// Keeps a clinic's own wording, if nothing that is sent with it can fail.
    pub async fn save_wording(&self, clinic: ClinicId, wording: &Wording) -> Result<(), WordingError> {
        let wording = checked(wording)?;
        let mut tx = self.store.begin().await?;
        tx.put_wording(clinic, &wording).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Goes back to the built-in wording.
    pub async fn drop_wording(
        &self,
        clinic: ClinicId,
        occasion: Occasion,
        channel: Channel,
        language: &Language,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.drop_wording(clinic, occasion, channel, language).await?;
        tx.commit().await
    }

    /// The message as it would leave with this wording, which need not be kept, to somebody made up.
    pub async fn preview_wording(
        &self,
        clinic: ClinicId,
        wording: &Wording,
    ) -> Result<WordingPreview, WordingError> {
        let wording = checked(wording)?;
        let mut tx = self.store.read().await?;
        let clinic = tx.clinic(clinic).await?.ok_or(WordingError::UnknownClinic)?;
        let settings = tx.outreach_settings(clinic.id).await?;
        drop(tx);
        let words = Words::of(&wording.language);
        let tomorrow = clinic.zone.date(self.ambient.now()).saturating_add(jiff::Span::new().days(1));
        let link = SecretText::from(format!("{}/v/{EXAMPLE_TOKEN}", self.public_url));
        let values = Values {
            clinic: clinic.name.as_str(),
            when: words.when(&clinic.zone, clinic.zone.day(tomorrow).start.plus(Duration::from_hours(10))),
            host: "Dr. Example",
            first_name: "Rosa",
            link: link.expose(),
            minutes: (wording.occasion == Occasion::Late).then(|| "20".to_owned()),
            phone: words.phone(settings.phone.as_ref()),
        };
        if wording.channel == Channel::Email {
            let mail = write_mail(words, &wording, &values)?;
            return Ok(WordingPreview {
                subject: Some(mail.subject),
                parts: outline(&mail.body, values.link),
                text: mail.text,
                button: mail.button,
                footer: mail.footer,
                segments: None,
            });
        }
        let text = write_sms(&wording, &values)?;
        Ok(WordingPreview {
            subject: None,
            parts: vec![MailPart::Paragraph(text.lines().map(str::to_owned).collect())],
            segments: Some(segments(&text)),
            text,
            button: "",
            footer: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests;
