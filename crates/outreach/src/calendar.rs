//! The visit as a calendar file (RFC 5545), to be mailed (RFC 6047) or downloaded.
//!
//! Its UID stays the same as long as the appointment lives and its SEQUENCE rises with each change, so that a calendar
//! moves or removes the entry that it has instead of adding another. It says nothing that the wording does not: no
//! diagnosis, no name of a patient.

use domain::{Timestamp, appointment::Status, text::Email};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use vault::SecretText;

use crate::{
    LinkError, Outreach,
    content::{CalendarFile, CalendarMethod, one_line},
    words::Words,
};

/// What a calendar file is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CalendarAbout<'a> {
    /// What it is for. What goes by mail needs an organiser; without one it is a file to be taken as it is.
    pub method: CalendarMethod,
    /// The attendee's id in text, or the appointment's for its host: names the entry together with the link's host.
    pub id: &'a str,
    /// How often the appointment was changed.
    pub revision: i64,
    /// Now.
    pub now: Timestamp,
    /// When the visit starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// One neutral line in the recipient's language.
    pub summary: &'a str,
    /// What the link is called there, such as "Join the video visit".
    pub label: &'a str,
    /// The recipient's own link.
    pub link: &'a SecretText,
    /// The clinic's name.
    pub clinic: &'a str,
    /// The address that mail comes from.
    pub organizer: Option<&'a Email>,
    /// The recipient's address; nobody else's is ever in the file.
    pub attendee: Option<&'a Email>,
}

/// The file.
pub(crate) fn visit_file(about: &CalendarAbout<'_>) -> CalendarFile {
    // RFC 5546 wants an organiser and the attendee in requests, and no attendee in what is merely published.
    let method = match (about.method, about.organizer, about.attendee) {
        (method @ (CalendarMethod::Request | CalendarMethod::Cancel), Some(_), Some(_)) => method,
        _ => CalendarMethod::Publish,
    };
    let is_cancelled = about.method == CalendarMethod::Cancel;
    let link = about.link.expose();
    let mut event = Event::new();
    event
        .uid(&format!("{}@{}", about.id, host_of(link)))
        .sequence(u32::try_from(about.revision).unwrap_or(u32::MAX))
        .status(if is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed })
        .summary(&one_line(about.summary))
        .location(link)
        .url(link)
        .add_property("DTSTAMP", utc(about.now))
        .add_property("DTSTART", utc(about.starts_at))
        .add_property("DTEND", utc(about.ends_at))
        .append_property(
            // The features are a list (RFC 7986, 6.3), which the library would quote as one word.
            Property::new("CONFERENCE;VALUE=URI;FEATURE=VIDEO,AUDIO", link)
                .add_parameter("LABEL", &parameter(about.label))
                .done(),
        );
    if let Some(organizer) = about.organizer {
        event.append_property(
            Property::new("ORGANIZER", format!("mailto:{organizer}"))
                .add_parameter("CN", &parameter(about.clinic))
                .done(),
        );
    }
    if method != CalendarMethod::Publish
        && let Some(attendee) = about.attendee
    {
        // Nobody is to answer: the desk would not see it.
        event.append_property(
            Property::new("ATTENDEE", format!("mailto:{attendee}"))
                .add_parameter("CUTYPE", "INDIVIDUAL")
                .add_parameter("ROLE", "REQ-PARTICIPANT")
                .add_parameter("PARTSTAT", "ACCEPTED")
                .add_parameter("RSVP", "FALSE")
                .done(),
        );
    }
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//Anteroom//Anteroom//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", method.as_str()))
        .push(event.done());
    CalendarFile { method, file: calendar.to_string() }
}

impl Outreach {
    /// The visit of a patient's link, to be downloaded: the same entry that a mail brings. Nobody's address is in it.
    pub async fn calendar_of(&self, token: &str) -> Result<CalendarFile, LinkError> {
        let visit = self.visit(token).await?;
        let words = Words::in_theirs(visit.attendee.language.as_ref(), &visit.settings.language);
        let is_cancelled = visit.appointment.status == Status::Cancelled;
        Ok(visit_file(&CalendarAbout {
            method: if is_cancelled { CalendarMethod::Cancel } else { CalendarMethod::Publish },
            id: &visit.attendee.id.to_string(),
            revision: visit.appointment.revision,
            now: self.ambient.now(),
            starts_at: visit.appointment.starts_at,
            ends_at: visit.appointment.ends_at,
            summary: &words.messages.calendar_summary,
            label: &words.messages.calendar_label,
            link: &SecretText::new(format!("{}/v/{token}", self.public_url)),
            clinic: visit.clinic.name.as_str(),
            organizer: self.mail_from(),
            attendee: None,
        }))
    }
}

impl CalendarMethod {
    /// As it is written in the file and in the mail's part.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

fn host_of(link: &str) -> String {
    let url = url::Url::parse(link).ok();
    url.as_ref().and_then(url::Url::host_str).unwrap_or("anteroom.invalid").to_owned()
}

fn utc(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A parameter's value cannot hold a quotation mark (RFC 5545, 3.2), and the library does not look for one.
fn parameter(text: &str) -> String {
    one_line(text).replace('"', "'")
}

#[cfg(test)]
mod tests;
