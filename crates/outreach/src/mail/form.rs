//! A message in the form that leaves: headers, plain text, HTML, and the calendar file.

use std::time::{Duration, SystemTime};

use domain::{MessageId, Timestamp, text::Email};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::content::{CalendarFile, Mail, one_line};

/// Why a message cannot be put into this form.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadForm {
    /// An address that mail does not know.
    #[error(transparent)]
    Address(#[from] lettre::address::AddressError),
    /// A header is missing; none is here.
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
    /// A type of content is none; none is here.
    #[error(transparent)]
    ContentType(#[from] lettre::message::header::ContentTypeErr),
}

/// The whole message. Its `Message-ID` is made of the outbox's own id, and the same at every try.
pub(super) fn message(from: &Email, id: MessageId, now: Timestamp, mail: &Mail) -> Result<Message, BadForm> {
    let sender: Address = from.as_str().parse()?;
    let message_id = format!("<{id}@{}>", sender.domain());
    let builder = Message::builder()
        .from(Mailbox::new(Some(one_line(&mail.from_name)), sender))
        .to(Mailbox::new(None, mail.to.as_str().parse()?))
        .subject(one_line(&mail.subject))
        .date(date(now))
        .message_id(Some(message_id))
        // RFC 3834: nobody's automatic answer is wanted.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    let words = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    Ok(match &mail.calendar {
        None => builder.multipart(words)?,
        Some(calendar) => builder.multipart(
            MultiPart::mixed()
                .multipart(words.singlepart(invitation(calendar)?))
                .singlepart(attached(calendar)?),
        )?,
    })
}

/// What mail programs that know calendars show: the last of the alternatives (RFC 6047, 2.4).
fn invitation(calendar: &CalendarFile) -> Result<SinglePart, BadForm> {
    let content_type = format!("text/calendar; charset=utf-8; method={}", calendar.method.as_str());
    Ok(SinglePart::builder().header(ContentType::parse(&content_type)?).body(calendar.file.clone()))
}

/// What all others let people open. Of another type, or some programs show the invitation twice.
fn attached(calendar: &CalendarFile) -> Result<SinglePart, BadForm> {
    let content_type = ContentType::parse("application/ics; name=\"visit.ics\"")?;
    Ok(Attachment::new("visit.ics".to_owned()).body(calendar.file.clone(), content_type))
}

fn date(now: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_seconds()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use domain::Ambient;
    use proptest::prelude::*;

    use super::*;
    use crate::content::CalendarMethod;

    fn sent(from_name: &str, subject: &str, calendar: Option<CalendarFile>) -> String {
        let (ambient, _) = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 3);
        let mail = Mail {
            to: Email::parse("rosa@mail.example").unwrap(),
            from_name: from_name.to_owned(),
            subject: subject.to_owned(),
            text: "Su visita: https://anteroom.example/v/x\nHasta mañana".to_owned(),
            html: "<p>Su visita</p>".to_owned(),
            calendar,
        };
        let from = Email::parse("desk@clinic.example").unwrap();
        String::from_utf8(message(&from, ambient.id(), ambient.now(), &mail).unwrap().formatted()).unwrap()
    }

    /// The names of the message's own headers.
    fn headers(message: &str) -> Vec<String> {
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        let lines = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        lines.split("\r\n").map(|line| line.split_once(':').expect("a header").0.to_owned()).collect()
    }

    const HEADERS: [&str; 8] =
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];

    #[test]
    fn a_message_names_the_clinic_and_is_nobodys_to_answer_automatically() {
        let message = sent("Riverside", "Your visit", None);
        assert_eq!(headers(&message), HEADERS);
        assert!(message.contains("From: Riverside <desk@clinic.example>\r\n"), "{message}");
        assert!(message.contains("To: rosa@mail.example\r\n"));
        assert!(message.contains("Date: Mon, 23 Nov 2026 14:00:00 +0000\r\n"));
        assert!(message.contains("Auto-Submitted: auto-generated\r\n"));
    }

    #[test]
    fn the_message_id_is_the_outboxs_own_and_the_same_each_time() {
        let of =
            |message: String| message.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
        let first = of(sent("Riverside", "Your visit", None));
        assert!(first.starts_with("Message-ID: <msg_") && first.ends_with("@clinic.example>"), "{first}");
        assert_eq!(of(sent("Riverside", "Your visit", None)), first);
    }

    #[test]
    fn a_calendar_file_goes_as_an_invitation_and_as_an_attachment() {
        let file = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned();
        let message =
            sent("Riverside", "Your visit", Some(CalendarFile { method: CalendarMethod::Cancel, file }));
        assert!(message.contains("Content-Type: text/calendar; charset=utf-8; method=CANCEL"), "{message}");
        assert!(message.contains("Content-Type: application/ics; name=\"visit.ics\""), "{message}");
        assert!(message.contains("Content-Disposition: attachment; filename=\"visit.ics\""), "{message}");
    }

    #[test]
    fn a_line_break_in_a_name_makes_no_header() {
        for hostile in
            ["A\r\nBcc: x@y.example", "A\nBcc: x@y.example", "A\rBcc: x", "\r\n\r\nBody", "A\u{85}B: c"]
        {
            assert_eq!(headers(&sent(hostile, "Your visit", None)), HEADERS, "{hostile:?}");
            assert_eq!(headers(&sent("Riverside", hostile, None)), HEADERS, "{hostile:?}");
        }
    }

    proptest! {
        #[test]
        fn no_words_make_a_header_or_leave_ascii(name in any::<String>(), subject in any::<String>()) {
            let message = sent(&name, &subject, None);
            prop_assert_eq!(headers(&message), HEADERS);
            prop_assert!(message.is_ascii());
        }
    }
}
