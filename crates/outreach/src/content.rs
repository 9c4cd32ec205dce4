//! What a message says and where it goes. Kept sealed in the outbox, since it holds a name, an address and a link.

use domain::text::{Email, Phone};
use serde::{Deserialize, Serialize};

/// What one message says, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// An e-mail.
    Email(Mail),
    /// A text message.
    Sms(Text),
}

/// An e-mail, without what is the same for all of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Where it goes.
    pub to: Email,
    /// The sender's name beside the installation's address: the clinic's.
    pub from_name: String,
    /// One line.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The visit for the recipient's calendar.
    pub calendar: Option<CalendarFile>,
}

/// A calendar file (RFC 5545) and its method, which mail must repeat (RFC 6047, 2.4).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFile {
    /// Whether the visit takes place.
    pub method: CalendarMethod,
    /// The file.
    pub file: String,
}

/// What a calendar file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarMethod {
    /// It takes place, so.
    Request,
    /// It does not.
    Cancel,
    /// It takes place, so; nobody is invited by the file itself. For downloads.
    Publish,
}

/// A text message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Where it goes.
    pub to: Phone,
    /// What it says.
    pub text: String,
}

macro_rules! redacted {
    ($($name:ident),*) => {$(
        /// Redacted: it holds a link.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

redacted!(Mail, CalendarFile, Text);

/// A text without what could end its line, for what is written in lines: a header, an entry of a calendar. The libraries
/// that write them escape what a line cannot hold; line breaks do not even get so far.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
