//! The demo's post office: what patients receive. Anteroom sends by real SMTP and a real Messages API; here is who takes it,
//! keeps the last of it in memory, and shows it as a telephone or a mailbox would.

mod letter;
mod page;
mod smtp;
mod texts;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use domain::{
    Ambient, Timestamp,
    text::{Email, Phone},
};
use outreach::{MailSettings, SmsSettings};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::{SecretText, Token};
use zoom::http::{Limits, client};

pub use page::{Reply, answer, show};
pub use texts::{account, take_text};

/// Where the page is, and below it the Messages API.
pub const PATH: &str = "demo/post";
/// The clinic's number.
const CLINIC_NUMBER: &str = "+15550100100";
/// The clinic's address.
const CLINIC_ADDRESS: &str = "telehealth@riverside.example";
/// The account at the simulated provider.
pub const ACCOUNT: &str = "ACdemo";
/// So many messages are kept.
const KEPT: usize = 200;

/// The post office. Cheap to clone.
#[derive(Clone)]
pub struct PostOffice(Arc<Inner>);

struct Inner {
    ambient: Ambient,
    public_url: Url,
    mail: MailSettings,
    texts: SmsSettings,
    http: reqwest::Client,
    kept: Mutex<VecDeque<Received>>,
}

/// Something that arrived.
#[derive(Clone)]
pub struct Received {
    /// When, on the clinic's clock.
    pub at: Timestamp,
    /// The address or the number.
    pub to: String,
    /// What.
    pub what: What,
}

/// By what.
#[derive(Clone)]
pub enum What {
    /// A letter.
    Mail(letter::Letter),
    /// A text message.
    Text(String),
}

impl PostOffice {
    /// Opens it: takes mail on a port of its own on this machine, until told to stop.
    pub async fn open(public_url: &Url, ambient: &Ambient, stop: CancellationToken) -> Result<Self> {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.context("no port for the demo's mail server")?;
        let from = Email::parse(CLINIC_ADDRESS)?;
        let url = SecretText::new(format!("smtp://{}", listener.local_addr()?));
        // Nobody else is to speak in the provider's name, even on this machine.
        let token = Token::from_random(Ambient::system().bytes()).text();
        let texts = SmsSettings {
            url: public_url.join(&format!("{PATH}/api"))?,
            account: ACCOUNT.to_owned(),
            token,
            from: Phone::parse(CLINIC_NUMBER)?,
        };
        let office = Self(Arc::new(Inner {
            ambient: ambient.clone(),
            public_url: public_url.clone(),
            mail: MailSettings { url, from },
            texts,
            http: client(Limits::default())?,
            kept: Mutex::default(),
        }));
        tokio::spawn(smtp::serve(listener, office.clone(), stop));
        Ok(office)
    }

    /// How Anteroom sends mail to it.
    pub fn mail(&self) -> MailSettings {
        self.0.mail.clone()
    }

    /// How Anteroom sends text messages to it.
    pub fn texts(&self) -> SmsSettings {
        self.0.texts.clone()
    }

    fn keep(&self, to: String, what: What) {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(Received { at: self.0.ambient.now(), to, what });
        kept.truncate(KEPT);
    }

    /// What arrived, the newest first.
    pub fn received(&self) -> Vec<Received> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Tells Anteroom something in the provider's name, as it would: by a signed form.
    async fn tell(&self, address: &str, form: &[(String, String)]) -> Result<()> {
        let signature = self.0.texts.signature(address, form);
        let told = self.0.http.post(address).header("x-twilio-signature", signature).form(form).send().await;
        told.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url)?;
        Ok(())
    }
}
