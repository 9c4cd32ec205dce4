//! Why a message was not sent, in words for the desk.

use std::borrow::Cow;

/// A message's reason in words that can stand behind "failed:", "withdrawn:" or "is tried again:".
pub fn reason_in_words(code: &str) -> Cow<'static, str> {
    if let Some(words) = plain(code) {
        return words.into();
    }
    if let Some(number) = numbered(code, "smtp_") {
        return match number {
            550 | 551 | 553 => format!("the mail server knows no such mailbox ({number})"),
            452 | 552 => format!("the mailbox is full ({number})"),
            530 | 534 | 535 | 538 => format!("the mail server does not let Anteroom in ({number})"),
            554 => "the mail server refused the message (554)".to_owned(),
            400..=499 => format!("the mail server did not take it for now ({number})"),
            _ => format!("the mail server refused it ({number})"),
        }
        .into();
    }
    if let Some(number) = numbered(code, "sms_http_") {
        return format!("the provider of text messages did not take it (status {number})").into();
    }
    if let Some(number) = numbered(code, "sms_") {
        return format!("{} ({number})", of_provider(number)).into();
    }
    "for a reason that this version does not know".into()
}

fn numbered(code: &str, prefix: &str) -> Option<u32> {
    code.strip_prefix(prefix)?.parse().ok()
}

fn plain(code: &str) -> Option<&'static str> {
    Some(match code {
        "channel_off" => "it is not set up on this installation",
        "no_address" => "there is no address for it",
        "no_consent" => "they have not agreed to it",
        "opted_out" => "they said that they want nothing more by it",
        "cancelled" => "the visit was cancelled",
        "booked_again" => "the visit takes place after all",
        "in_person" => "the visit is in person now",
        "too_late" => "it was of no use any more before it could be sent",
        "no_longer_late" => "the clinician is no longer late, or by other minutes",
        "quiet_hours" => "it waits for the end of the quiet hours",
        "not_listed" => "they no longer take part in the visit",
        "other_host" => "somebody else hosts the visit now",
        "address_changed" => "their address was changed after it was asked for",
        "changed_meanwhile" => "the visit was changed before it could be sent",
        "details_changed" => "what is known of them was changed before it could be sent",
        "link_renewed" => "its link was replaced by a new one",
        "bad_wording" => "the clinic's own wording for it has a fault",
        "no_appointment" => "the visit is no longer known",
        "alert_over" => "it was over before it could be told",
        "no_longer_staff" => "they no longer work here",
        "unreadable" => "what it said can no longer be read",
        "key_missing" => "the key that sealed what it says is missing",
        "too_many_tries" => "it was begun too often without an end",
        "not_yet" => "its turn has not come yet",
        "database" => "the database did not answer",
        "smtp_address" => "it is no address that mail can be sent to",
        "smtp_settings" => "the mail server's address in the settings cannot be used",
        "smtp_unreachable" => "the mail server does not answer",
        "smtp_timeout" => "the mail server did not take it in time",
        "smtp_tls" => "the mail server's TLS cannot be trusted",
        "smtp_sign_in" => "the mail server does not let Anteroom in",
        "smtp_no_sense" | "smtp_broken" => "the connection to the mail server broke",
        "smtp_down" => "the mail server takes nothing for now",
        "sms_client" => "text messages cannot be sent from this machine",
        "sms_unreachable" => "the provider of text messages does not answer",
        "sms_timeout" => "the provider of text messages did not answer in time",
        "sms_broken" => "the connection to the provider of text messages broke",
        "sms_sign_in" => "the provider of text messages does not let Anteroom in",
        "mail_refused" => "the mail server takes nothing from Anteroom's address for now",
        "sms_refused" => "the provider of text messages takes nothing from this account or number for now",
        "sms_429" => "the provider of text messages has too much to do",
        "sms_down" => "the provider of text messages takes nothing for now",
        "sms_undelivered" => "it could not be delivered",
        _ => return None,
    })
}

/// Twilio's numbers (twilio.com/docs/api/errors) that a desk can do something about.
fn of_provider(number: u32) -> &'static str {
    match number {
        21211 | 21217 | 30005 => "there is no such telephone number",
        21614 | 30006 => "the number is no mobile telephone",
        21408 => "the provider does not send to that country",
        30003 => "the telephone was off or out of reach",
        30004 => "the telephone does not take messages from this number",
        30007 => "the carrier took it for spam",
        30032 | 30034 => "the carrier does not take messages from this number until it is registered",
        _ => "the provider of text messages could not deliver it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NotSent;

    #[test]
    fn why_an_attendee_is_not_written_to_reads_the_same_everywhere() {
        for not in [NotSent::ChannelOff, NotSent::NoAddress, NotSent::NoConsent, NotSent::OptedOut] {
            assert_eq!(reason_in_words(not.code()), not.to_string());
        }
    }

    #[test]
    fn a_number_is_told_with_its_meaning() {
        assert_eq!(reason_in_words("smtp_550"), "the mail server knows no such mailbox (550)");
        assert_eq!(reason_in_words("sms_21211"), "there is no such telephone number (21211)");
        assert_eq!(
            reason_in_words("sms_99999"),
            "the provider of text messages could not deliver it (99999)"
        );
        assert_eq!(
            reason_in_words("sms_http_503"),
            "the provider of text messages did not take it (status 503)"
        );
    }

    #[test]
    fn what_is_unknown_is_not_repeated() {
        assert!(!reason_in_words("<b>smtp_x").contains('<'));
    }
}
