//! Outgoing mail.

use outreach::MailSettings;
use url::Url;
use vault::SecretText;

use super::{
    network::is_loopback_name,
    source::{Key, Source},
};

const URL: Key = Key {
    path: "mail.smtp_url",
    variable: "ANTEROOM_SMTP_URL",
    secret: true,
    right: "smtps://user:password@mail.example, smtp+starttls://… for port 587, or smtp://127.0.0.1:25 for a relay on this \
            machine",
};
const FROM: Key = Key {
    path: "mail.from",
    variable: "ANTEROOM_MAIL_FROM",
    secret: false,
    right: "the address that messages come from, such as telehealth@clinic.example",
};
pub(super) const KEYS: &[Key] = &[URL, FROM];

pub(super) fn read(source: &mut Source) -> Option<MailSettings> {
    if !source.has_any(KEYS) {
        return None;
    }
    let url = source.required(&URL, smtp_url);
    let from = source.required(&FROM, domain::text::Email::parse);
    Some(MailSettings { url: url?, from: from? })
}

fn smtp_url(text: &str) -> Result<SecretText, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no server")?;
    match url.scheme() {
        "smtps" | "smtp+starttls" => Ok(SecretText::from(text)),
        "smtp" if is_loopback_name(host) => Ok(SecretText::from(text)),
        "smtp" => Err("is smtp without TLS, which is allowed to this machine only"),
        _ => Err("begins with none of smtps://, smtp+starttls:// and smtp://"),
    }
}
