//! What the operator decides: a file, overridden by environment variables, with every fault found at once.
//!
//! One module for each concern; each names its settings as [`Key`]s beside the code that reads them.

mod database;
mod keys;
mod log;
mod mail;
mod network;
mod problem;
mod sms;
mod source;
mod sso;
mod zoom;

use std::path::Path;

use outreach::{MailSettings, SmsSettings};

pub use database::{Database, Engine};
pub use keys::Keys;
pub use log::{Log, filter_of_environment};
pub use network::Network;
pub use problem::Problems;
pub use source::{Key, Source};
pub use sso::SingleSignOn;
pub use zoom::ZoomApp;

/// Every setting there is, in the order in which the example file shows them.
pub const ALL: &[&[Key]] =
    &[network::KEYS, database::KEYS, keys::KEYS, zoom::KEYS, mail::KEYS, sms::KEYS, sso::KEYS, log::KEYS];

/// All settings, each known to be usable. `Debug` shows no secret.
#[derive(Debug)]
pub struct Settings {
    /// Where Anteroom listens and how it is reached.
    pub network: Network,
    /// Where data is kept.
    pub database: Database,
    /// What seals secrets at rest.
    pub keys: Keys,
    /// The Zoom app.
    pub zoom: ZoomApp,
    /// Outgoing mail, where it is set up.
    pub mail: Option<MailSettings>,
    /// Outgoing text messages, where they are set up.
    pub sms: Option<SmsSettings>,
    /// Single sign-on, where it is set up.
    pub sso: Option<SingleSignOn>,
    /// What is logged.
    pub log: Log,
    /// Variables that begin like settings and are none: perhaps misspelt.
    pub unknown_variables: Vec<String>,
}

impl Settings {
    /// Reads the file (the default one may be missing, a named one may not) and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, Problems> {
        Self::read(Source::of_process(file))
    }

    /// Reads what the source holds, and collects everything that is wrong with it.
    fn read(mut source: Source) -> Result<Self, Problems> {
        source.refuse_unknown_keys(ALL);
        let network = network::read(&mut source);
        let database = database::read(&mut source);
        let keys = keys::read(&mut source);
        let zoom = zoom::read(&mut source);
        let mail = mail::read(&mut source);
        let sms = sms::read(&mut source);
        let sso = sso::read(&mut source);
        let log = log::read(&mut source);
        let unknown_variables = source.unknown_variables(ALL);
        let problems = source.into_problems();
        match (network, database, keys, zoom, log) {
            (Some(network), Some(database), Some(keys), Some(zoom), Some(log)) if problems.is_empty() => {
                Ok(Self { network, database, keys, zoom, mail, sms, sso, log, unknown_variables })
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const KEY: &str = "k1:q83vEjRWeJC6mHZUMhDwDS8xUXOVt9n7HT9hg6XH6Qs=";

    fn good() -> Vec<(&'static str, &'static str)> {
        vec![
            ("ANTEROOM_PUBLIC_URL", "https://anteroom.clinic.example"),
            ("ANTEROOM_KEYS", KEY),
            ("ANTEROOM_ZOOM_CLIENT_ID", "rT6yU8iO0pQwErTyUiOpAs"),
            ("ANTEROOM_ZOOM_CLIENT_SECRET", "s1mulated-cl1ent-s3cret-0000001"),
            ("ANTEROOM_ZOOM_WEBHOOK_SECRETS", "zN4pQ7rT2vX5yB8dF1hJ3k"),
        ]
    }

    fn with(changes: &[(&'static str, &str)]) -> Result<Settings, Problems> {
        let mut variables: Vec<(String, String)> =
            good().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, value) in changes {
            variables.retain(|(known, _)| known != name);
            variables.push(((*name).to_owned(), (*value).to_owned()));
        }
        Settings::read(Source::of(variables, None))
    }

    fn wrong_variables(result: Result<Settings, Problems>) -> Vec<String> {
        result.expect_err("these settings must be refused").variables()
    }

    #[test]
    fn the_necessary_settings_suffice() {
        let settings = with(&[]).unwrap();
        assert_eq!(settings.network.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.database.url.expose(), "sqlite://data/anteroom.db");
        assert_eq!(settings.zoom.join_host_names, ["zoom.us", "zoomgov.com"]);
        assert!(settings.mail.is_none() && settings.sms.is_none() && settings.sso.is_none());
    }

    #[test]
    fn every_missing_setting_is_named_at_once() {
        assert_eq!(
            wrong_variables(Settings::read(Source::of(Vec::new(), None))),
            [
                "ANTEROOM_PUBLIC_URL",
                "ANTEROOM_KEYS",
                "ANTEROOM_ZOOM_CLIENT_ID",
                "ANTEROOM_ZOOM_CLIENT_SECRET",
                "ANTEROOM_ZOOM_WEBHOOK_SECRETS",
            ]
        );
    }

    #[test]
    fn each_wrong_value_is_named_by_its_variable() {
        let cases = [
            ("ANTEROOM_PUBLIC_URL", "http://anteroom.clinic.example"),
            ("ANTEROOM_PUBLIC_URL", "https://anteroom.clinic.example/app"),
            ("ANTEROOM_PUBLIC_URL", "anteroom.clinic.example"),
            ("ANTEROOM_LISTEN", "8080"),
            ("ANTEROOM_METRICS_LISTEN", "127.0.0.1:8080"),
            ("ANTEROOM_DATABASE_URL", "mysql://db/anteroom"),
            ("ANTEROOM_DATABASE_URL", "sqlite::memory:"),
            ("ANTEROOM_KEYS", "k1:short"),
            ("ANTEROOM_ZOOM_CLIENT_SECRET", "changeme"),
            ("ANTEROOM_ZOOM_WEBHOOK_SECRETS", "short"),
            ("ANTEROOM_ZOOM_WEBHOOK_SECRETS", "s1mulated-cl1ent-s3cret-0000001"),
            ("ANTEROOM_ZOOM_OAUTH_URL", "http://zoom.us/oauth"),
            ("ANTEROOM_ZOOM_API_URL", "zoom"),
            ("ANTEROOM_ZOOM_JOIN_HOSTS", "https://zoom.us"),
            ("ANTEROOM_ZOOM_JOIN_HOSTS", "zoom.us:8443"),
            ("ANTEROOM_ZOOM_JOIN_HOSTS", "us"),
            ("ANTEROOM_SMTP_URL", "smtp://mail.clinic.example"),
            ("ANTEROOM_SMS_URL", "http://sms.example"),
            ("ANTEROOM_OIDC_ISSUER", "http://login.example"),
            ("ANTEROOM_LOG", "anteroom=loud"),
        ];
        for (variable, value) in cases {
            assert!(
                wrong_variables(with(&[(variable, value)])).iter().any(|named| named == variable),
                "{variable}={value}"
            );
        }
    }

    #[test]
    fn half_of_a_group_is_refused_and_the_other_half_is_named() {
        assert_eq!(
            wrong_variables(with(&[("ANTEROOM_SMTP_URL", "smtps://u:p@mail.clinic.example")])),
            ["ANTEROOM_MAIL_FROM"]
        );
        assert_eq!(
            wrong_variables(with(&[("ANTEROOM_OIDC_CLIENT_ID", "anteroom")])),
            ["ANTEROOM_OIDC_ISSUER", "ANTEROOM_OIDC_CLIENT_SECRET"]
        );
    }

    #[test]
    fn plain_http_is_fine_on_loopback_only() {
        for url in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            assert!(with(&[("ANTEROOM_PUBLIC_URL", url)]).is_ok(), "{url}");
        }
        for url in ["http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1"] {
            assert!(with(&[("ANTEROOM_PUBLIC_URL", url)]).is_err(), "{url}");
        }
    }

    #[test]
    fn a_simulated_zoom_on_loopback_may_be_joined() {
        let settings = with(&[("ANTEROOM_ZOOM_JOIN_HOSTS", "zoom.us, 127.0.0.1:8081")]).unwrap();
        assert_eq!(settings.zoom.join_host_names, ["zoom.us", "127.0.0.1:8081"]);
    }

    #[test]
    fn neither_debug_output_nor_a_complaint_shows_a_secret() {
        let secrets = [
            ("ANTEROOM_DATABASE_URL", "postgres://anteroom:Tr0ub4dor@db/anteroom"),
            ("ANTEROOM_SMTP_URL", "smtps://mailer:C0rrect-horse@mail.example"),
            ("ANTEROOM_MAIL_FROM", "clinic@example.org"),
        ];
        let shown = format!("{:?}", with(&secrets).unwrap());
        for secret in ["Tr0ub4dor", "C0rrect-horse", "q83vEjRW", "s1mulated-cl1ent", "zN4pQ7rT"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        let wrong = [
            ("ANTEROOM_DATABASE_URL", "mysql://anteroom:Tr0ub4dor@db/anteroom"),
            ("ANTEROOM_SMTP_URL", "ftp://mailer:C0rrect-horse@mail.example"),
            ("ANTEROOM_KEYS", "q83vEjRWeJC6mHZUMhDwDS8xUXOVt9n7HT9hg6XH6Qs="),
            ("ANTEROOM_ZOOM_WEBHOOK_SECRETS", "zN4pQ7rT,zN4pQ7rT"),
        ];
        let problems = with(&wrong).expect_err("wrong");
        let shown = format!("{problems} {problems:?}");
        for secret in ["Tr0ub4dor", "C0rrect-horse", "q83vEjRW", "zN4pQ7rT"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn a_variable_that_is_no_setting_is_told_of() {
        let settings = with(&[("ANTEROOM_PUBLC_URL", "x")]).unwrap();
        assert_eq!(settings.unknown_variables, ["ANTEROOM_PUBLC_URL"]);
    }

    #[test]
    fn the_example_file_shows_every_setting_with_its_variable() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let example = fs::read_to_string(root.join("config/anteroom.toml")).unwrap();
        let environment = fs::read_to_string(root.join(".env.example")).unwrap();
        for key in ALL.iter().copied().flatten() {
            let name = key.path.rsplit('.').next().unwrap();
            assert!(example.contains(key.variable), "config/anteroom.toml lacks {}", key.variable);
            assert!(example.contains(&format!("# {name} = ")), "config/anteroom.toml lacks {}", key.path);
            assert!(environment.contains(key.variable), ".env.example lacks {}", key.variable);
        }
    }

    #[test]
    fn the_example_file_as_it_stands_sets_nothing() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/anteroom.toml");
        let variables = good().into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        assert!(Settings::read(Source::of(variables, Some(&example))).is_ok());
    }
}
