//! The form that books and changes appointments. Whatever was typed comes back, with what is wrong beside it.

use askama::Template;

use domain::{appointment::Consent, text::Language};
use outreach::words::Words;

use super::{board::Choice, frame::Frame};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "booking.html")]
pub struct BookingPage {
    /// The frame.
    pub frame: Frame,
    /// The form.
    pub form: BookingForm,
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct BookingForm {
    /// Where it goes.
    pub action: String,
    /// What its button says.
    pub submit: &'static str,
    /// Which state of the appointment it shows; empty for a new one. A form that is sent with another one is shown again.
    pub revision: String,
    /// What somebody else did in between, as a sentence; empty where nobody did anything.
    pub conflict: String,
    /// Whether it stands open although nothing is wrong: a row was added or taken away.
    pub open: bool,
    /// `2026-11-23`, or whatever was typed.
    pub date: String,
    /// `10:00`, or whatever was typed.
    pub start: String,
    /// In minutes, or whatever was typed.
    pub minutes: String,
    /// Which of two equal times, where the clocks go back: the choices, empty where there is nothing to choose.
    pub which: Vec<Choice>,
    /// The clinic's zone: `CST, Chicago time`.
    pub zone: String,
    /// The staff to choose from.
    pub hosts: Vec<Choice>,
    /// Whether it takes place at the clinic.
    pub in_person: bool,
    /// Whether the clinic's rules say where it takes place.
    pub by_rules: bool,
    /// As what it is booked: event type, location and service, each with the words that the clinic's rules know. Empty
    /// where the clinic has no rules.
    pub aspects: Vec<AspectField>,
    /// Who attends; the last ones are empty rows.
    pub attendees: Vec<AttendeeFields>,
    /// What is wrong: the field's name and why.
    pub faults: Vec<(String, String)>,
}

/// A field that says as what it is booked.
#[derive(Clone, Debug, Default)]
pub struct AspectField {
    /// What the form sends it as: `event_type`.
    pub name: &'static str,
    /// What stands beside it.
    pub word: &'static str,
    /// What was typed, or stands.
    pub value: String,
    /// What the rules know.
    pub known: Vec<String>,
}

/// The fields of one attendee.
#[derive(Clone, Debug, Default)]
pub struct AttendeeFields {
    /// The scheduler's own id, by which a known one is known again.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// Agreed to e-mail.
    pub by_email: bool,
    /// Agreed to text messages.
    pub by_sms: bool,
    /// What they had agreed to when the form was drawn: only a box that was changed since is somebody's word.
    pub shown: Consent,
    /// What they read best, as a language's code; empty for the clinic's.
    pub language: String,
}

/// What [`AttendeeFields::shown_word`] says.
pub fn shown(word: &str) -> Option<Consent> {
    let consent = |email, sms| Some(Consent { email, sms });
    match word {
        "none" => consent(false, false),
        "email" => consent(true, false),
        "sms" => consent(false, true),
        "both" => consent(true, true),
        _ => None,
    }
}

impl AttendeeFields {
    /// Which boxes were ticked when the form was drawn.
    pub fn shown_word(&self) -> &'static str {
        match (self.shown.email, self.shown.sms) {
            (false, false) => "none",
            (true, false) => "email",
            (false, true) => "sms",
            (true, true) => "both",
        }
    }

    /// The languages to choose from. One that there are no texts in stays what it is.
    pub fn languages(&self) -> Vec<Choice> {
        let choice = |value: &str, word: &str| Choice {
            value: value.to_owned(),
            word: word.to_owned(),
            chosen: value == self.language,
        };
        let known =
            Words::languages().iter().map(|words| choice(words.language.as_str(), words.name.as_str()));
        let mut all: Vec<Choice> = std::iter::once(choice("", "As the clinic")).chain(known).collect();
        if !all.iter().any(|one| one.chosen) && Language::parse(&self.language).is_ok() {
            all.push(choice(&self.language, &self.language));
        }
        all
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        [&self.external_id, &self.name, &self.email, &self.phone]
            .into_iter()
            .all(|text| text.trim().is_empty())
    }
}

impl BookingForm {
    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, why)| why.as_str())
    }

    /// What is wrong with an attendee's field.
    pub fn attendee_fault(&self, index: &usize, field: &str) -> Option<&str> {
        self.fault(&format!("attendee-{index}-{field}"))
    }
}
