//! Outgoing text messages.

use domain::text::Phone;
use url::Url;
use vault::SecretText;

/// How text messages are sent: a Messages API as Twilio has it.
#[derive(Clone, Debug)]
pub struct SmsSettings {
    /// The API's base address.
    pub url: Url,
    /// The account there.
    pub account: String,
    /// Its token, which signs what the provider tells us too.
    pub token: SecretText,
    /// The sending number.
    pub from: Phone,
}
