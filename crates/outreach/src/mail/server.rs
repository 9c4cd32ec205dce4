//! The mail server, from its address.

use std::{net::IpAddr, time::Duration};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    extension::ClientId,
};
use tokio::time::timeout;
use url::{Host, Url};
use vault::SecretText;

use super::MailTrouble;

/// Implicit TLS (RFC 8314, 3.3).
const SMTPS_PORT: u16 = 465;
const SUBMISSION_PORT: u16 = 587;
const SMTP_PORT: u16 = 25;

pub(super) struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
}

/// When TLS begins.
enum Security {
    /// With the first byte.
    AtOnce(TlsParameters),
    /// After the greeting (RFC 3207). Where the server does not offer it, nothing more is said.
    AfterGreeting(TlsParameters),
    /// Never: on this machine alone.
    Never,
}

impl Server {
    /// Reads the address. Loads the machine's root certificates where TLS is spoken.
    pub(super) fn of(url: &SecretText) -> Result<Self, MailTrouble> {
        let url = Url::parse(url.expose()).map_err(|_| MailTrouble::Settings("it is no address"))?;
        let host = url.host_str().ok_or(MailTrouble::Settings("it names no server"))?;
        // As the resolver and the certificate have it: without the brackets of an IPv6 address.
        let host = host.trim_matches(['[', ']']).to_owned();
        let tls = || TlsParameters::new(host.clone()).map_err(|_| MailTrouble::Tls);
        let (security, port) = match url.scheme() {
            "smtps" => (Security::AtOnce(tls()?), SMTPS_PORT),
            "smtp+starttls" => (Security::AfterGreeting(tls()?), SUBMISSION_PORT),
            "smtp" if is_this_machine(&url) => (Security::Never, SMTP_PORT),
            "smtp" => return Err(MailTrouble::Settings("smtp without TLS is for this machine only")),
            _ => return Err(MailTrouble::Settings("it does not begin with smtps://")),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => {
                Some(Credentials::new(decoded(user)?, decoded(password.unwrap_or_default())?))
            }
        };
        Ok(Self { host, port: url.port().unwrap_or(port), security, credentials })
    }

    /// Connects, greets and signs in.
    pub(super) async fn connect(&self, within: Duration) -> Result<AsyncSmtpConnection, MailTrouble> {
        timeout(within, self.connect_at_leisure()).await.unwrap_or(Err(MailTrouble::NoAnswer))
    }

    async fn connect_at_leisure(&self) -> Result<AsyncSmtpConnection, MailTrouble> {
        let (greeting, at_once) = (
            ClientId::default(),
            match &self.security {
                Security::AtOnce(tls) => Some(tls.clone()),
                Security::AfterGreeting(_) | Security::Never => None,
            },
        );
        let address = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &greeting, at_once, None)
            .await
            .map_err(judged)?;
        if let Security::AfterGreeting(tls) = &self.security {
            if !connection.can_starttls() {
                return Err(MailTrouble::Tls);
            }
            connection.starttls(tls.clone(), &greeting).await.map_err(judged)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| {
                match error.status().map(u16::from) {
                    // Not now: nothing is said of the password.
                    Some(code) if error.is_transient() => MailTrouble::Refused(Some(code)),
                    Some(_) => MailTrouble::SignIn,
                    None if error.is_client() => MailTrouble::SignIn,
                    None => MailTrouble::NoAnswer,
                }
            })?;
        }
        Ok(connection)
    }
}

/// Why no connection came about.
#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn judged(error: lettre::transport::smtp::Error) -> MailTrouble {
    match error.status().map(u16::from) {
        Some(code) => MailTrouble::Refused(Some(code)),
        None if is_of_tls(&error) => MailTrouble::Tls,
        None if error.is_response() => MailTrouble::Refused(None),
        None => MailTrouble::NoAnswer,
    }
}

/// A failed handshake comes as an error of the connection with rustls's own inside.
fn is_of_tls(error: &lettre::transport::smtp::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if let Some(io) = next.downcast_ref::<std::io::Error>() {
            return io.kind() == std::io::ErrorKind::InvalidData;
        }
        cause = next.source();
    }
    error.is_tls()
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // In addresses of this kind the parser leaves numbers as names.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn decoded(text: &str) -> Result<String, MailTrouble> {
    // A plus sign is itself here, as everywhere outside of forms.
    let form = format!("x={}", text.replace('+', "%2B"));
    let value = url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned());
    value
        .filter(|value| !value.contains('\u{fffd}'))
        .ok_or(MailTrouble::Settings("its user or password is not percent-encoded as it should be"))
}
