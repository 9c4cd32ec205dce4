//! How patients are reached: the admin's settings, and what messages say. Whatever was typed comes back, with what is
//! wrong beside it.

use askama::Template;

use super::{board::Choice, frame::Frame};

/// The settings.
#[derive(Clone, Debug, Template)]
#[template(path = "outreach/settings.html")]
pub struct OutreachPage {
    /// The frame.
    pub frame: Frame,
    /// What messages leave by.
    pub channels: Vec<ChannelLine>,
    /// The form.
    pub form: OutreachForm,
    /// How many messages the clinic has worded itself: `3 messages are in your own words.`
    pub wordings: String,
}

/// Whether something leaves by a channel.
#[derive(Clone, Debug)]
pub struct ChannelLine {
    /// `E-mail`.
    pub word: &'static str,
    /// Whether the operator has set it up.
    pub works: bool,
    /// What that means.
    pub sentence: &'static str,
}

/// The form.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form, or a state of the page")]
pub struct OutreachForm {
    /// How long before the start links begin to work.
    pub opens: Length,
    /// How long after the end they stop.
    pub closes: Length,
    /// What patients may call, or whatever was typed.
    pub phone: String,
    /// The languages that there are.
    pub languages: Vec<Choice>,
    /// Whether links go out when a visit is booked.
    pub send_when_booked: bool,
    /// Whether changes are told.
    pub tell_changes: bool,
    /// The reminders.
    pub rungs: Vec<Length>,
    /// Whether as many reminders stand there as there may be.
    pub is_full: bool,
    /// Whether there are quiet hours.
    pub quiet: bool,
    /// `21:00`, or whatever was typed.
    pub quiet_from: String,
    /// `08:00`, or whatever was typed.
    pub quiet_to: String,
    /// The clinic's zone: `CST, Chicago time`.
    pub zone: String,
    /// The site that may show portal pages, or whatever was typed.
    pub portal_origin: String,
    /// Whether it holds what is not kept yet, although nothing is wrong: a reminder was added or taken off.
    pub unsaved: bool,
    /// What is wrong: the field's name and why.
    pub faults: Vec<(String, String)>,
}

/// A length of time as two fields.
#[derive(Clone, Debug, Default)]
pub struct Length {
    /// `3`, or whatever was typed.
    pub number: String,
    /// `days`.
    pub unit: &'static str,
}

/// The units to choose from, with the minutes of each.
pub const UNITS: [(&str, u32); 3] = [("minutes", 1), ("hours", 60), ("days", 24 * 60)];

impl Length {
    /// So many minutes in the largest unit that holds them whole.
    pub fn of(minutes: u32) -> Self {
        let (unit, size) = UNITS
            .into_iter()
            .rev()
            .find(|(_, size)| minutes > 0 && minutes.is_multiple_of(*size))
            .unwrap_or(("minutes", 1));
        Self { number: (minutes / size).to_string(), unit }
    }

    /// The minutes that were typed.
    pub fn minutes(&self) -> Option<u32> {
        let (_, size) = UNITS.into_iter().find(|(unit, _)| *unit == self.unit)?;
        self.number.trim().parse::<u32>().ok()?.checked_mul(size)
    }

    /// The units, with the one that is chosen.
    pub fn units(&self) -> Vec<(&'static str, bool)> {
        UNITS.into_iter().map(|(unit, _)| (unit, unit == self.unit)).collect()
    }
}

impl OutreachForm {
    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }

    /// What a field is called, for the list of all that is wrong.
    pub fn label(&self, field: &str) -> String {
        match field {
            "opens-number" => "From before the start".to_owned(),
            "closes-number" => "Until after the end".to_owned(),
            "phone" => "Telephone".to_owned(),
            "language" => "Language".to_owned(),
            "reminders" => "Reminders".to_owned(),
            "quiet-from" | "quiet-to" => "Quiet hours".to_owned(),
            "portal-origin" => "Patient portal".to_owned(),
            rung => {
                let number = rung.split('-').nth(1).and_then(|index| index.parse::<usize>().ok());
                number.map_or_else(|| "Reminders".to_owned(), |index| format!("Reminder {}", index + 1))
            }
        }
    }

    /// What is wrong with one reminder.
    pub fn rung_fault(&self, index: &usize) -> Option<&str> {
        self.fault(&format!("rung-{index}-number"))
    }
}

fn fault<'a>(faults: &'a [(String, String)], field: &str) -> Option<&'a str> {
    faults.iter().find(|(name, _)| name == field).map(|(_, why)| why.as_str())
}

/// All messages, each leading to its words.
#[derive(Clone, Debug, Template)]
#[template(path = "outreach/wordings.html")]
pub struct WordingsPage {
    /// The frame.
    pub frame: Frame,
    /// The languages, each with its address.
    pub languages: Vec<Choice>,
    /// The messages.
    pub messages: Vec<MessageLine>,
}

/// One message of the list.
#[derive(Clone, Debug)]
pub struct MessageLine {
    /// `Reminder`.
    pub word: &'static str,
    /// When it is sent.
    pub when: &'static str,
    /// By e-mail.
    pub email: WordingLink,
    /// By text message.
    pub sms: WordingLink,
}

/// Leads to the words of one message by one channel.
#[derive(Clone, Debug)]
pub struct WordingLink {
    /// Where they are.
    pub href: String,
    /// Whether they are the clinic's own.
    pub own: bool,
}

/// The words of one message.
#[derive(Clone, Debug, Template)]
#[template(path = "outreach/wording.html")]
pub struct WordingPage {
    /// The frame.
    pub frame: Frame,
    /// `Reminder, by text message, in English`.
    pub title: String,
    /// When it is sent.
    pub when: &'static str,
    /// The form.
    pub form: WordingForm,
    /// How it reads.
    pub preview: PreviewView,
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct WordingForm {
    /// The message's word in addresses.
    pub of: &'static str,
    /// The channel's word in addresses.
    pub by: &'static str,
    /// The language's.
    pub language: String,
    /// Its direction of writing.
    pub direction: &'static str,
    /// Back to the list.
    pub list: String,
    /// Whether it is e-mail.
    pub is_email: bool,
    /// The subject, or whatever was typed.
    pub subject: String,
    /// The text, or whatever was typed.
    pub body: String,
    /// The most characters of the text.
    pub most: usize,
    /// Whether the clinic has its own words for it.
    pub own: bool,
    /// What can be filled in, and what that is.
    pub names: Vec<(&'static str, &'static str)>,
    /// What is wrong: the field's name and why.
    pub faults: Vec<(String, String)>,
}

impl WordingForm {
    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }
}

/// How a message reads, to somebody made up.
#[derive(Clone, Debug, Template)]
#[template(path = "outreach/preview.html")]
pub struct PreviewView {
    /// Why there is nothing to see.
    pub trouble: Vec<String>,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text's paragraphs, each by its lines.
    pub parts: Vec<PreviewPart>,
    /// How long a text message is.
    pub length: String,
    /// What makes it long.
    pub long: String,
    /// The language, for the browser.
    pub language: String,
    /// Its direction of writing.
    pub direction: &'static str,
}

/// A part of a message.
#[derive(Clone, Debug)]
pub enum PreviewPart {
    /// A paragraph by its lines.
    Paragraph(Vec<String>),
    /// The button that leads to the visit.
    Button(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_the_largest_unit_that_holds_it_whole() {
        for (minutes, number, unit) in [
            (0, "0", "minutes"),
            (10, "10", "minutes"),
            (60, "1", "hours"),
            (90, "90", "minutes"),
            (4320, "3", "days"),
        ] {
            let length = Length::of(minutes);
            assert_eq!((length.number.as_str(), length.unit), (number, unit));
            assert_eq!(length.minutes(), Some(minutes));
        }
    }

    #[test]
    fn a_length_that_is_none_is_not_taken_for_one() {
        for number in ["", "-1", "1.5", "many", "99999999999"] {
            assert_eq!(Length { number: number.to_owned(), unit: "days" }.minutes(), None);
        }
    }
}
