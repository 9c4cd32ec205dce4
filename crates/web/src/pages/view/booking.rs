//! The form that books and changes appointments. Whatever was typed comes back, with what is wrong beside it.

use askama::Template;

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
}

impl AttendeeFields {
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
