//! Putting a message into words: the clinic's wording or the built-in one, in the recipient's language.

use domain::{
    appointment::{Appointment, Attendee, Kind},
    clinic::Clinic,
    outreach::{
        Settings,
        message::{Channel, Occasion},
    },
    staff::StaffMember,
};
use store::ports::outreach::Wording;
use vault::SecretText;

use crate::{
    consent::NotSent,
    content::{Content, Mail, Text, one_line},
    words::{self, BadTemplate, MailParts, When, Words, built_in, fill, segments, shorten, simpler},
};

/// The most characters of a clinic's name in a text message.
const CLINIC_IN_SMS: usize = 60;
/// The fewest that it is cut to, so that the text fits one part; a name of less tells nobody who writes.
const LEAST_OF_CLINIC: usize = 8;
/// The most characters of a person's name in a text message.
pub(crate) const PERSON_IN_SMS: usize = 40;
/// The most characters of a subject.
const LONGEST_SUBJECT: usize = 200;

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    /// The clinic.
    pub clinic: &'a Clinic,
    /// How it wants patients to be reached.
    pub settings: &'a Settings,
    /// Its own wordings.
    pub wordings: &'a [Wording],
    /// The appointment.
    pub appointment: &'a Appointment,
    /// Who hosts it.
    pub host: &'a StaffMember,
    /// Whom it is for; none for the host.
    pub attendee: Option<&'a Attendee>,
    /// The recipient's own link.
    pub link: &'a SecretText,
    /// About how many minutes the host is late; for [`Occasion::Late`].
    pub minutes_late: Option<i64>,
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The recipient has no address for the channel.
    #[error(transparent)]
    NoAddress(#[from] NotSent),
    /// Nobody said by how much the host is late.
    #[error("a message about a delay needs its minutes")]
    NoMinutes,
    /// What staff are told of an alert is composed elsewhere.
    #[error("this kind of message is not about a visit")]
    NotOfAVisit,
    /// A built-in wording cannot be filled in.
    #[error("a built-in wording cannot be filled in: {0}")]
    Wording(#[from] BadTemplate),
}

/// The message in words, with the address that the recipient has now.
pub(crate) fn compose(
    about: &About<'_>,
    occasion: Occasion,
    channel: Channel,
) -> Result<Content, ComposeError> {
    let (email, phone) = match about.attendee {
        Some(attendee) => (attendee.email.clone(), attendee.phone.clone()),
        None => (Some(about.host.email.clone()), about.host.phone.clone()),
    };
    let language = about.attendee.and_then(|attendee| attendee.language.as_ref());
    let words = Words::in_theirs(language, &about.settings.language);
    let minutes = about.minutes_late.map(|minutes| minutes.to_string());
    if occasion == Occasion::Late && minutes.is_none() {
        return Err(ComposeError::NoMinutes);
    }
    let values = Values {
        clinic: about.clinic.name.as_str(),
        when: words.when(&about.clinic.zone, about.appointment.starts_at),
        host: about.host.name.as_str(),
        first_name: about.attendee.map_or("", |attendee| first_name(attendee.name.as_str())),
        link: about.link.expose(),
        minutes,
        phone: words.phone(about.settings.phone.as_ref()),
    };
    let at_clinic = occasion == Occasion::Moved && about.appointment.kind == Kind::InPerson;
    let own = about.wordings.iter().find(|wording| {
        !at_clinic
            && wording.occasion == occasion
            && wording.channel == channel
            && wording.language == words.language
    });
    let mut built_in = built_in(words, occasion, channel).ok_or(ComposeError::NotOfAVisit)?;
    if at_clinic {
        let texts = &words.messages.moved_to_clinic;
        let of_mail = channel == Channel::Email;
        built_in.subject = of_mail.then(|| texts.subject.clone());
        built_in.body = if of_mail { texts.email.clone() } else { texts.sms.clone() };
    }
    match channel {
        Channel::Email => {
            let to = email.ok_or(NotSent::NoAddress)?;
            let written = preferring(own, &built_in, |wording| write_mail(words, wording, &values))?;
            Ok(Content::Email(Mail {
                to,
                from_name: about.clinic.name.to_string(),
                subject: written.subject,
                text: written.text,
                html: written.html,
                calendar: None,
            }))
        }
        Channel::Sms => {
            let to = phone.ok_or(NotSent::NoAddress)?;
            let text = preferring(own, &built_in, |wording| write_sms(wording, &values))?;
            Ok(Content::Sms(Text { to, text }))
        }
        Channel::Copy => Err(NotSent::NoAddress.into()),
    }
}

/// What the clinic's own wording comes to. Wordings are checked when they are kept; should one have been kept by an older
/// version that knew more names, the built-in one is sent, since a patient without a link is worse off.
fn preferring<T>(
    own: Option<&Wording>,
    built_in: &Wording,
    write: impl Fn(&Wording) -> Result<T, BadTemplate>,
) -> Result<T, BadTemplate> {
    match own.map(&write) {
        Some(Ok(written)) => Ok(written),
        Some(Err(_)) => {
            tracing::warn!(
                occasion = built_in.occasion.as_str(),
                channel = built_in.channel.as_str(),
                "a clinic's own wording cannot be filled in; the built-in one is sent"
            );
            write(built_in)
        }
        None => write(built_in),
    }
}

/// The first of a person's given names: `Rosa` of `Rosa Delgado` and of `Delgado, Rosa`. Empty where there is only one
/// word, which may be the whole of a name.
pub(crate) fn first_name(name: &str) -> &str {
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    let mut words = given.split_whitespace();
    match (words.next(), words.next()) {
        (Some(first), Some(_)) => first,
        (Some(first), None) if given.len() < name.len() => first,
        _ => "",
    }
}

/// What is filled in.
#[derive(Clone, Debug)]
pub(crate) struct Values<'a> {
    pub clinic: &'a str,
    pub when: When,
    pub host: &'a str,
    pub first_name: &'a str,
    pub link: &'a str,
    pub minutes: Option<String>,
    pub phone: &'a str,
}

/// An e-mail in words.
#[derive(Clone, Debug)]
pub(crate) struct WrittenMail {
    pub subject: String,
    /// The wording alone, filled in.
    pub body: String,
    /// With what stands below it.
    pub text: String,
    pub html: String,
    pub button: &'static str,
    /// What stands below.
    pub footer: Vec<String>,
}

/// The e-mail that a wording comes to, with what stands below every one.
pub(crate) fn write_mail(
    words: &'static Words,
    wording: &Wording,
    values: &Values<'_>,
) -> Result<WrittenMail, BadTemplate> {
    let When { date, time, zone, .. } = &values.when;
    let mut named = vec![
        ("clinic", values.clinic),
        ("date", date),
        ("time", time),
        ("zone", zone),
        ("host", values.host),
        ("first_name", values.first_name),
        ("link", values.link),
        ("phone", values.phone),
    ];
    named.extend(values.minutes.as_deref().map(|minutes| ("minutes", minutes)));
    let subject = short_line(&fill(wording.subject.as_deref().unwrap_or_default(), &named)?);
    let body = fill(&wording.body, &named)?;
    let for_host = wording.occasion == Occasion::StaffLink;
    let mut footer = Vec::new();
    if !for_host {
        footer.push(fill(&words.messages.questions, &named)?);
        footer.push(fill(&words.messages.stop, &named)?);
    }
    let button = if for_host { &words.messages.button_for_staff } else { &words.messages.button };
    let html = words::mail(&MailParts {
        words,
        clinic: values.clinic,
        subject: &subject,
        text: &body,
        link: values.link,
        button,
        footer: &footer,
    })?;
    let mut text = body.clone();
    for line in &footer {
        text.push_str("\n\n");
        text.push_str(line);
    }
    text.push('\n');
    Ok(WrittenMail { subject, body, text, html, button, footer })
}

/// The text message that a wording comes to. Values are put into the GSM alphabet where that leaves them what they are,
/// and the clinic's name is cut, where that makes the message fit one part.
pub(crate) fn write_sms(wording: &Wording, values: &Values<'_>) -> Result<String, BadTemplate> {
    let person = |name: &str| shorten(&simpler(name), PERSON_IN_SMS);
    let When { short_date, time, zone_letters, .. } = &values.when;
    let (date, time, zone) = (simpler(short_date), simpler(time), simpler(zone_letters));
    let (host, first_name, phone) = (person(values.host), person(values.first_name), person(values.phone));
    let write = |clinic: &str| {
        let mut named = vec![
            ("clinic", clinic),
            ("date", &date),
            ("time", &time),
            ("zone", &zone),
            ("host", &host),
            ("first_name", &first_name),
            ("link", values.link),
            ("phone", &phone),
        ];
        named.extend(values.minutes.as_deref().map(|minutes| ("minutes", minutes)));
        fill(&wording.body, &named)
    };
    fitting(values.clinic, write)
}

/// A text message with the clinic's name, which is cut where that makes the message fit one part.
pub(crate) fn fitting(
    clinic: &str,
    write: impl Fn(&str) -> Result<String, BadTemplate>,
) -> Result<String, BadTemplate> {
    let clinic = shorten(&simpler(clinic), CLINIC_IN_SMS);
    let whole = write(&clinic)?;
    if segments(&whole).count <= 1 {
        return Ok(whole);
    }
    for most in (LEAST_OF_CLINIC..clinic.chars().count()).rev() {
        let shorter = write(&shorten(&clinic, most))?;
        if segments(&shorter).count <= 1 {
            return Ok(shorter);
        }
    }
    Ok(whole)
}

/// A subject without anything that could end its line (Unicode's own separators of lines are white space too), and of a
/// length that mail programs show.
pub(crate) fn short_line(subject: &str) -> String {
    let spaced = one_line(subject);
    let words: Vec<&str> = spaced.split_whitespace().collect();
    shorten(&words.join(" "), LONGEST_SUBJECT)
}

#[cfg(test)]
mod tests;
