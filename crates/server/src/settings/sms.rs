//! Outgoing text messages.

use outreach::SmsSettings;
use vault::SecretText;

use super::{
    network::web_address,
    source::{Key, Source},
};

const URL: Key = Key {
    path: "sms.url",
    variable: "ANTEROOM_SMS_URL",
    secret: false,
    right: "the base address of a Twilio-compatible Messages API, such as https://api.twilio.com",
};
const ACCOUNT: Key = Key {
    path: "sms.account",
    variable: "ANTEROOM_SMS_ACCOUNT",
    secret: false,
    right: "the account's id at the provider",
};
const TOKEN: Key = Key {
    path: "sms.token",
    variable: "ANTEROOM_SMS_TOKEN",
    secret: true,
    right: "the account's token at the provider",
};
const FROM: Key = Key {
    path: "sms.from",
    variable: "ANTEROOM_SMS_FROM",
    secret: false,
    right: "the sending number, such as +15550100123",
};
pub(super) const KEYS: &[Key] = &[URL, ACCOUNT, TOKEN, FROM];

pub(super) fn read(source: &mut Source) -> Option<SmsSettings> {
    if !source.has_any(KEYS) {
        return None;
    }
    let url = source.required(&URL, web_address);
    let account = source.required(&ACCOUNT, |text| Ok::<_, String>(text.to_owned()));
    let token = source.required(&TOKEN, |text| Ok::<_, String>(SecretText::from(text)));
    let from = source.required(&FROM, domain::text::Phone::parse);
    Some(SmsSettings { url: url?, account: account?, token: token?, from: from? })
}
