//! Outgoing mail.

use domain::text::Email;
use vault::SecretText;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `smtps://user:password@host`, or `smtp://` to this machine.
    pub url: SecretText,
    /// The sender's address.
    pub from: Email,
}
