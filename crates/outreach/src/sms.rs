//! Outgoing text messages, by a Messages API as Twilio has it, and what its provider tells us later.

mod heard;
mod signature;

use std::{sync::OnceLock, time::Duration};

use domain::{ClinicId, MessageId, text::Phone};
use reqwest::{Client, RequestBuilder, header};
use serde::Deserialize;
use url::Url;
use vault::SecretText;

use crate::{content::Text, outbox::Sending};

pub use heard::Heard;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Until the last byte of the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Bytes of an answer at most. A real one has about 1 KiB.
const LARGEST_ANSWER: usize = 64 << 10;
/// The longest that a provider's wish to be left alone is heeded.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// The number has said STOP to the provider itself (Twilio's error 21610).
const OPTED_OUT: i64 = 21610;

/// Twilio's errors (twilio.com/docs/api/errors) that are the account's or the sending number's, whoever is written to: it
/// does not sign in, is closed or over its limits, or does not have the number, or not for text messages.
const SENDERS_FAULT: [i64; 16] = [
    10001, 20003, 20005, 20006, 20404, 20429, 21212, 21603, 21606, 21607, 21611, 21659, 21660, 30001, 30002,
    63038,
];
/// Text messages to the recipient's country are switched off in the account; answered with status 403.
const NOT_THAT_COUNTRY: i64 = 21408;

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

/// Why the provider cannot be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SmsTrouble {
    /// The HTTPS client cannot be set up.
    #[error(
        "the HTTPS client cannot be set up; are the system's root certificates (ca-certificates) installed?"
    )]
    Client,
    /// Nobody answers, or not in time, or its TLS cannot be trusted.
    #[error("nobody answers at ANTEROOM_SMS_URL")]
    NoAnswer,
    /// Account and token do not fit.
    #[error("the provider does not know ANTEROOM_SMS_ACCOUNT with ANTEROOM_SMS_TOKEN")]
    SignIn,
    /// It answers something else.
    #[error("what answers at ANTEROOM_SMS_URL is no Messages API (status {0})")]
    Other(u16),
}

/// Sends text messages.
pub(crate) struct Texter {
    pub(crate) settings: SmsSettings,
    client: OnceLock<Client>,
}

/// What the provider answers: the message with its id, or a fault with its number.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    sid: Option<String>,
    code: Option<i64>,
}

impl SmsSettings {
    /// Asks for the account itself, which changes nothing.
    pub async fn reach(&self) -> Result<(), SmsTrouble> {
        let texter = Texter::new(self.clone());
        let client = texter.client().map_err(|_| SmsTrouble::Client)?;
        let asked = texter.authorised(client.get(texter.address(".json")));
        match asked.send().await.map(|answer| answer.status().as_u16()) {
            Ok(200) => Ok(()),
            Ok(401 | 403) => Err(SmsTrouble::SignIn),
            Ok(status) => Err(SmsTrouble::Other(status)),
            Err(_) => Err(SmsTrouble::NoAnswer),
        }
    }
}

impl Texter {
    pub(crate) fn new(settings: SmsSettings) -> Self {
        Self { settings, client: OnceLock::new() }
    }

    /// Sends one message under its own id, and asks to be told at `callback` what becomes of it.
    pub(crate) async fn send(&self, id: MessageId, callback: &str, text: &Text) -> Sending {
        let Ok(client) = self.client() else { return Sending::down("sms_client".to_owned()) };
        let form = [
            ("To", text.to.as_str()),
            ("From", self.settings.from.as_str()),
            ("Body", text.text.as_str()),
            ("StatusCallback", callback),
        ];
        let request = self
            .authorised(client.post(self.address("/Messages.json")))
            .header("I-Twilio-Idempotency-Token", id.to_string())
            .form(&form);
        match ask(request).await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => Sending::down("sms_unreachable".to_owned()),
            Err(error) if error.is_timeout() => Sending::down("sms_timeout".to_owned()),
            Err(_) => Sending::down("sms_broken".to_owned()),
        }
    }

    /// Below the account's own address.
    fn address(&self, below: &str) -> String {
        let account: String =
            url::form_urlencoded::byte_serialize(self.settings.account.as_bytes()).collect();
        format!("{}/2010-04-01/Accounts/{account}{below}", self.settings.url.as_str().trim_end_matches('/'))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.settings.account, Some(self.settings.token.expose()))
    }

    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // An error says that a provider of TLS stands already, which is what is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .user_agent(concat!("anteroom/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(reqwest::Error::without_url)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Where the provider tells what became of a message.
pub(crate) fn callback(public_url: &str, clinic: ClinicId, message: MessageId) -> String {
    format!("{public_url}/sms/status/{clinic}/{message}")
}

async fn ask(request: RequestBuilder) -> Result<Sending, reqwest::Error> {
    let mut response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status().as_u16();
    let after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            body.clear();
            break;
        }
    }
    Ok(judged(status, after, serde_json::from_slice(&body).unwrap_or_default()))
}

/// What an answer means for the message.
fn judged(status: u16, after: Option<Duration>, answer: Answer) -> Sending {
    match (status, answer.code) {
        (200..=299, _) => Sending::Taken(answer.sid.filter(|sid| sid.len() <= 64)),
        // Too many at once: all others would hear the same.
        (429, _) => Sending::Closed { reason: "sms_429".to_owned(), after },
        (401, _) => Sending::closed("sms_sign_in"),
        (_, Some(OPTED_OUT)) => Sending::OptedOut,
        (400..=499, Some(NOT_THAT_COUNTRY)) => Sending::Refused(format!("sms_{NOT_THAT_COUNTRY}")),
        (400..=499, Some(code)) if status == 403 || SENDERS_FAULT.contains(&code) => {
            tracing::warn!(code, status, "the provider of text messages refuses this account or number");
            Sending::Closed { reason: "sms_refused".to_owned(), after }
        }
        (400..=499, Some(code)) => Sending::Refused(format!("sms_{code}")),
        (408, None) => Sending::later("sms_408".to_owned()),
        // Nothing is said of the recipient here: the address of the API is wrong, or somebody stands before it.
        (403..=405 | 407, None) => Sending::closed(&format!("sms_http_{status}")),
        (400..=499, None) => Sending::Refused(format!("sms_http_{status}")),
        _ => Sending::Later { reason: format!("sms_http_{status}"), after, is_down: false },
    }
}

#[cfg(test)]
mod tests;
