//! Outgoing mail: one message in, one SMTP dialogue out.
//!
//! The library's own time limit covers connecting only, so every step here stands under one of ours. What a server
//! answers is kept as its code alone: the words around it repeat addresses.

mod dialogue;
mod form;
mod server;

use std::time::Duration;

use domain::{MessageId, Timestamp, text::Email};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::timeout;
use vault::SecretText;

use crate::{content::Mail, outbox::Sending};
use server::Server;

/// Until the connection stands, with TLS and sign-in.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Until the server has taken the message.
const SEND_WITHIN: Duration = Duration::from_secs(20);
/// A server may close a connection that brings more messages than it likes; this is less than any known limit.
const MOST_PER_CONNECTION: u32 = 20;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `smtps://user:password@host`, `smtp+starttls://…`, or `smtp://` to this machine.
    pub url: SecretText,
    /// The sender's address.
    pub from: Email,
}

/// Why the mail server cannot be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MailTrouble {
    /// The address does not say where to go.
    #[error("ANTEROOM_SMTP_URL cannot be used: {0}")]
    Settings(&'static str),
    /// Nobody answers, or not in time.
    #[error("the mail server does not answer within {} seconds", CONNECT_WITHIN.as_secs())]
    NoAnswer,
    /// TLS failed: another name on the certificate, or an issuer that this machine does not know.
    #[error(
        "the mail server speaks no TLS that can be trusted; does its certificate bear the name in ANTEROOM_SMTP_URL?"
    )]
    Tls,
    /// User and password are not right, or the server offers no way to give them.
    #[error("the mail server does not let ANTEROOM_SMTP_URL's user in")]
    SignIn,
    /// It does not speak SMTP, or refuses to.
    #[error("the mail server refuses the connection{}", code_in_brackets(*.0))]
    Refused(Option<u16>),
}

fn code_in_brackets(code: Option<u16>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

impl MailTrouble {
    /// As the reason of a message that waits for better times.
    fn reason(&self) -> String {
        match self {
            Self::Settings(_) => "smtp_settings".to_owned(),
            Self::NoAnswer => "smtp_unreachable".to_owned(),
            Self::Tls => "smtp_tls".to_owned(),
            Self::SignIn => "smtp_sign_in".to_owned(),
            Self::Refused(Some(code)) => format!("smtp_{code}"),
            Self::Refused(None) => "smtp_no_sense".to_owned(),
        }
    }

    /// What it means for a message. What the operator has to mend is no try of the message's own.
    fn into_sending(self) -> Sending {
        match self {
            Self::Settings(_) | Self::Tls | Self::SignIn => Sending::closed(&self.reason()),
            Self::NoAnswer | Self::Refused(_) => Sending::down(self.reason()),
        }
    }
}

impl MailSettings {
    /// Connects, greets and signs in, and sends nothing.
    pub async fn reach(&self) -> Result<(), MailTrouble> {
        let mut connection = Server::of(&self.url)?.connect(CONNECT_WITHIN).await?;
        let _ = timeout(CONNECT_WITHIN, connection.quit()).await;
        Ok(())
    }
}

/// Sends mail. What is expensive to prepare (the machine's root certificates) is prepared once.
pub(crate) struct Mailer {
    pub(crate) settings: MailSettings,
    server: tokio::sync::OnceCell<Server>,
}

/// A connection that may be used again for the next message.
#[derive(Default)]
pub(crate) struct Line {
    open: Option<AsyncSmtpConnection>,
    used: u32,
}

impl Mailer {
    pub(crate) fn new(settings: MailSettings) -> Self {
        Self { settings, server: tokio::sync::OnceCell::new() }
    }

    /// Sends one message under its own id: a server that gets it again can tell.
    pub(crate) async fn send(&self, line: &mut Line, id: MessageId, now: Timestamp, mail: &Mail) -> Sending {
        let Ok(message) = form::message(&self.settings.from, id, now, mail) else {
            return Sending::Refused("smtp_address".to_owned());
        };
        let mut connection = match self.connection(line).await {
            Ok(connection) => connection,
            Err(trouble) => return trouble.into_sending(),
        };
        let envelope = message.envelope().clone();
        match timeout(SEND_WITHIN, dialogue::send(&mut connection, &envelope, &message.formatted())).await {
            Ok(Ok(())) => {
                line.used += 1;
                line.open = (line.used < MOST_PER_CONNECTION).then_some(connection);
                Sending::Taken(None)
            }
            // The connection is closed.
            Ok(Err(refusal)) => refusal,
            Err(_) => Sending::down("smtp_timeout".to_owned()),
        }
    }

    /// The line's connection if it still stands, or a new one.
    async fn connection(&self, line: &mut Line) -> Result<AsyncSmtpConnection, MailTrouble> {
        if let Some(mut kept) = line.open.take()
            && timeout(CONNECT_WITHIN, kept.test_connected()).await == Ok(true)
        {
            return Ok(kept);
        }
        line.used = 0;
        let server = self.server.get_or_try_init(async || Server::of(&self.settings.url)).await?;
        server.connect(CONNECT_WITHIN).await
    }
}

impl Line {
    /// Says goodbye.
    pub(crate) async fn close(self) {
        if let Some(mut connection) = self.open {
            let _ = timeout(CONNECT_WITHIN, connection.quit()).await;
        }
    }
}

#[cfg(test)]
mod tests;
