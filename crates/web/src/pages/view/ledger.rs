//! What became of a link, in words: on the board in a few of them, on the appointment's page message by message.

use domain::outreach::message::{Channel, Message, MessageState, Occasion};
use jiff::civil::Date;
use outreach::{LedgerOf, carries_link, reason_in_words};

use super::words::{Wall, sentence};

/// What became of somebody's link in a few words, with a shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// The shape and the colour, as a class of the style sheet.
    pub look: &'static str,
    /// `e-mail sent 09:58 · link opened 10:01`.
    pub words: String,
}

/// One message of the ledger.
#[derive(Clone, Debug)]
pub struct MessageLine {
    /// Its id, where it can be sent once more.
    pub resend: Option<String>,
    /// The shape and the colour of its state.
    pub look: &'static str,
    /// `delivered`.
    pub state: &'static str,
    /// `09:58`, or with the date where that is another day's.
    pub at: String,
    /// `E-mail with the link`.
    pub what: String,
    /// `asked for by Priya Shah at 09:57`.
    pub by: String,
    /// Why it failed, is tried again or was withdrawn; may be empty.
    pub why: String,
}

/// Whether they have the link that works now, or will in a moment, as far as anybody here knows.
pub fn has_link(of: &LedgerOf) -> bool {
    let has_pressed = of.link_since.is_some_and(|since| of.pressed_at >= Some(since));
    of.was_sent() || of.opened_at.is_some() || has_pressed
}

/// What became of their link, as far as it matters at the desk.
pub fn told(of: &LedgerOf, wall: &Wall, day: Date) -> Fate {
    let time = |at| wall.time_seen_from(day, at);
    let mut parts = Vec::new();
    if let Some(at) = of.pressed_at {
        parts.push(format!("pressed Join {}", time(at)));
    } else if let Some(at) = of.opened_at {
        parts.push(format!("link opened {}", time(at)));
    }
    let arrived = !parts.is_empty();
    let (mut failed, mut sent) = (false, false);
    for channel in [Channel::Email, Channel::Sms, Channel::Copy] {
        // The newest of each way: what came before it, or before the link was renewed, no longer matters.
        let newest = of.messages.iter().rev().find(|message| {
            message.channel == channel
                && carries_link(message.occasion)
                && message.state != MessageState::Withdrawn
                && Some(message.queued_at) >= of.link_since
        });
        let Some(message) = newest else { continue };
        failed |= message.state == MessageState::Failed;
        sent |= message.state != MessageState::Failed;
        let word = channel_word(channel);
        parts.push(match message.state {
            // Whoever sends it counts the try first: only a reason says that one failed.
            MessageState::Queued if message.reason.is_some() => format!("{word} not sent yet, tried again"),
            MessageState::Queued if message.due_at > wall.now => {
                format!("{word} goes out {}", time(message.due_at))
            }
            MessageState::Queued => format!("{word} on its way"),
            MessageState::Sent => {
                format!("{word} sent {}", time(message.sent_at.unwrap_or(message.changed_at)))
            }
            MessageState::Delivered => format!("{word} delivered {}", time(message.changed_at)),
            MessageState::Failed | MessageState::Withdrawn => format!("{word} failed"),
            MessageState::Copied => format!("link copied {}", time(message.queued_at)),
        });
    }
    // Whoever has it by one way is not without it for the other's failing.
    let look = match (arrived, sent, failed) {
        (true, ..) => "arrived",
        (_, true, _) => "sent",
        (.., true) => "failed",
        _ => "unsent",
    };
    if parts.is_empty() {
        parts.push("no link sent yet".to_owned());
    }
    Fate { look, words: parts.join(" · ") }
}

/// `e-mail`, `text`, `copy`.
pub fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "e-mail",
        Channel::Sms => "text",
        Channel::Copy => "copy",
    }
}

/// What a message was: `E-mail with the link`.
pub fn what(message: &Message) -> String {
    let by = match message.channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Text message",
        Channel::Copy => return "Link copied".to_owned(),
    };
    let about = match message.occasion {
        Occasion::Link => "with the link",
        Occasion::StaffLink => "with the staff link",
        Occasion::Booked => "that the visit is booked",
        Occasion::Moved => "that the visit was changed",
        Occasion::Cancelled => "that the visit was cancelled",
        Occasion::Reminder => "as a reminder",
        Occasion::Late => "that the clinician is late",
        Occasion::Recovery => "since they asked for the lost link",
        Occasion::Alert => "with a warning",
    };
    format!("{by} {about}")
}

/// Why a message stands as it does, as a sentence.
pub fn why(code: &str) -> String {
    sentence(&reason_in_words(code))
}

/// The shape and the word of a message's state.
pub fn standing(state: MessageState) -> (&'static str, &'static str) {
    match state {
        MessageState::Queued => ("queued", "queued"),
        MessageState::Sent => ("sent", "sent"),
        MessageState::Delivered => ("arrived", "delivered"),
        MessageState::Failed => ("failed", "failed"),
        MessageState::Withdrawn => ("withdrawn", "withdrawn"),
        MessageState::Copied => ("sent", "copied"),
    }
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, clinic::Zone, outreach::message::Recipient};

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-23T{time}:00Z").parse().unwrap()
    }

    fn message(channel: Channel, state: MessageState, time: &str) -> Message {
        let id = |prefix: &str| format!("{prefix}_01935a5a70007000800000000000002a");
        Message {
            id: id("msg").parse().unwrap(),
            clinic_id: id("clinic").parse().unwrap(),
            to: Recipient::Attendee(id("appt").parse().unwrap(), id("att").parse().unwrap()),
            channel,
            occasion: Occasion::Link,
            state,
            reason: None,
            asked_by: None,
            queued_at: at(time),
            due_at: at(time),
            tries: 0,
            sent_at: None,
            changed_at: at(time),
        }
    }

    fn told(messages: &[Message], opened: Option<&str>, pressed: Option<&str>) -> (bool, Fate) {
        let wall = Wall { zone: Zone::parse("America/Chicago").unwrap(), now: at("16:00") };
        let of = LedgerOf {
            recipient: message(Channel::Email, MessageState::Sent, "12:00").to,
            messages: messages.to_vec(),
            link_since: Some(at("12:00")),
            opened_at: opened.map(at),
            pressed_at: pressed.map(at),
        };
        (super::has_link(&of), super::told(&of, &wall, wall.today()))
    }

    #[test]
    fn whoever_was_sent_nothing_has_no_link() {
        let (has, fate) = told(&[], None, None);
        assert_eq!((has, fate.words.as_str(), fate.look), (false, "no link sent yet", "unsent"));
    }

    #[test]
    fn what_failed_or_was_withdrawn_gives_nobody_a_link() {
        let failed = message(Channel::Sms, MessageState::Failed, "15:58");
        let (has, fate) = told(std::slice::from_ref(&failed), None, None);
        assert_eq!((has, fate.words.as_str(), fate.look), (false, "text failed", "failed"));
        let withdrawn = Message { state: MessageState::Withdrawn, ..failed.clone() };
        assert_eq!(told(&[withdrawn], None, None).1.words, "no link sent yet");
        let cancelled = Message { state: MessageState::Sent, occasion: Occasion::Cancelled, ..failed };
        assert!(!told(&[cancelled], None, None).0, "a cancellation holds no link");
    }

    #[test]
    fn each_way_is_told_by_its_newest_message() {
        let messages = [
            message(Channel::Email, MessageState::Failed, "14:00"),
            message(Channel::Email, MessageState::Sent, "15:58"),
            message(Channel::Sms, MessageState::Delivered, "15:59"),
            message(Channel::Copy, MessageState::Copied, "15:59"),
        ];
        let (has, fate) = told(&messages, None, None);
        assert!(has);
        assert_eq!(fate.words, "e-mail sent 09:58 · text delivered 09:59 · link copied 09:59");
        assert_eq!(fate.look, "sent");
    }

    #[test]
    fn who_opened_it_without_being_sent_it_has_it_all_the_same() {
        let (has, fate) = told(&[], Some("15:58"), None);
        assert_eq!((has, fate.words.as_str(), fate.look), (true, "link opened 09:58", "arrived"));
        let failed = [message(Channel::Email, MessageState::Failed, "14:00")];
        let (has, fate) = told(&failed, Some("15:58"), Some("15:59"));
        assert_eq!((has, fate.words.as_str()), (true, "pressed Join 09:59 · e-mail failed"));
    }

    #[test]
    fn what_is_tried_again_is_not_said_to_be_on_its_way() {
        let queued = message(Channel::Email, MessageState::Queued, "15:58");
        assert_eq!(told(std::slice::from_ref(&queued), None, None).1.words, "e-mail on its way");
        let first = Message { tries: 1, ..queued.clone() };
        assert_eq!(told(&[first], None, None).1.words, "e-mail on its way");
        let again = Message { tries: 1, reason: Some("smtp_unreachable".to_owned()), ..queued };
        assert_eq!(told(&[again], None, None).1.words, "e-mail not sent yet, tried again");
        let later = Message { due_at: at("18:00"), ..message(Channel::Sms, MessageState::Queued, "15:58") };
        assert_eq!(told(&[later], None, None).1.words, "text goes out 12:00");
    }

    #[test]
    fn what_was_sent_before_the_link_was_renewed_no_longer_counts() {
        let before = message(Channel::Email, MessageState::Sent, "11:00");
        let (has, fate) = told(&[before], None, None);
        assert_eq!((has, fate.words.as_str()), (false, "no link sent yet"));
    }
}
