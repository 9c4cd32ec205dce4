//! The Zoom app, and where Zoom lives.

use outreach::{BadJoinHost, JoinHosts};
use url::Url;
use vault::SecretText;
use zoom::webhook::Secrets;

use super::{
    network::web_address,
    source::{Key, Source},
};

const CLIENT_ID: Key = Key {
    path: "zoom.client_id",
    variable: "ANTEROOM_ZOOM_CLIENT_ID",
    secret: false,
    right: "the Client ID on the app's page in the Zoom Marketplace (docs/zoom-app.md)",
};
const CLIENT_SECRET: Key = Key {
    path: "zoom.client_secret",
    variable: "ANTEROOM_ZOOM_CLIENT_SECRET",
    secret: true,
    right: "the Client Secret on the app's page in the Zoom Marketplace (docs/zoom-app.md)",
};
const WEBHOOK_SECRETS: Key = Key {
    path: "zoom.webhook_secrets",
    variable: "ANTEROOM_ZOOM_WEBHOOK_SECRETS",
    secret: true,
    right: "the Secret Token of the app's event subscriptions; while it is being changed the new one and the old one, \
            separated by a comma",
};
const OAUTH_URL: Key = Key {
    path: "zoom.oauth_url",
    variable: "ANTEROOM_ZOOM_OAUTH_URL",
    secret: false,
    right: "https://zoom.us/oauth, or the address of a simulated Zoom on this machine",
};
const API_URL: Key = Key {
    path: "zoom.api_url",
    variable: "ANTEROOM_ZOOM_API_URL",
    secret: false,
    right: "https://api.zoom.us/v2, or the address of a simulated Zoom on this machine",
};
const JOIN_HOSTS: Key = Key {
    path: "zoom.join_hosts",
    variable: "ANTEROOM_ZOOM_JOIN_HOSTS",
    secret: false,
    right: "names of hosts separated by commas, such as zoom.us,zoomgov.com",
};
pub(super) const KEYS: &[Key] = &[CLIENT_ID, CLIENT_SECRET, WEBHOOK_SECRETS, OAUTH_URL, API_URL, JOIN_HOSTS];

/// Zoom's secrets have 22 and 32 characters; anything much shorter is a placeholder.
const SHORTEST_SECRET: usize = 16;

/// The Zoom app, and where Zoom lives.
#[derive(Debug)]
pub struct ZoomApp {
    /// The app's public name.
    pub client_id: String,
    /// The app's password.
    pub client_secret: SecretText,
    /// What signs webhooks, newest first; all are accepted.
    pub webhook_secrets: Secrets,
    /// Without a slash at the end.
    pub oauth_url: Url,
    /// Without a slash at the end.
    pub api_url: Url,
    /// Where a patient may be sent: these hosts and everything below them. With a port on this machine only.
    pub join_hosts: JoinHosts,
    /// The same as they were given.
    pub join_host_names: Vec<String>,
}

pub(super) fn read(source: &mut Source) -> Option<ZoomApp> {
    let client_id = source.required(&CLIENT_ID, client_id);
    let client_secret = source.required(&CLIENT_SECRET, client_secret);
    let webhook_secrets = source.required(&WEBHOOK_SECRETS, webhook_secrets);
    let oauth_url = source.or_default(&OAUTH_URL, "https://zoom.us/oauth", base_address);
    let api_url = source.or_default(&API_URL, "https://api.zoom.us/v2", base_address);
    let join_hosts = source.or_default(&JOIN_HOSTS, "zoom.us,zoomgov.com", join_hosts);
    if let (Some(client_secret), Some((texts, _))) = (&client_secret, &webhook_secrets)
        && texts.contains(client_secret)
    {
        source.refuse(&WEBHOOK_SECRETS, "holds the client secret, which is another one");
    }
    let (join_hosts, join_host_names) = join_hosts?;
    Some(ZoomApp {
        client_id: client_id?,
        client_secret: client_secret?,
        webhook_secrets: webhook_secrets?.1,
        oauth_url: oauth_url?,
        api_url: api_url?,
        join_hosts,
        join_host_names,
    })
}

fn client_id(text: &str) -> Result<String, &'static str> {
    if text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("holds white space or other characters that no client id has")
    }
}

fn long_enough(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length < SHORTEST_SECRET {
        return Err(format!(
            "is too short to be Zoom's ({length} characters, at least {SHORTEST_SECRET} are expected)"
        ));
    }
    Ok(())
}

fn client_secret(text: &str) -> Result<SecretText, String> {
    long_enough(text)?;
    Ok(SecretText::from(text))
}

fn webhook_secrets(text: &str) -> Result<(Vec<SecretText>, Secrets), String> {
    let texts: Vec<&str> = text.split(',').map(str::trim).collect();
    for one in &texts {
        long_enough(one)?;
    }
    let secrets = Secrets::parse(text).map_err(|error| error.to_string())?;
    Ok((texts.into_iter().map(SecretText::from).collect(), secrets))
}

/// Kept without a slash at the end, so that paths can be added as they are documented.
fn base_address(text: &str) -> Result<Url, String> {
    web_address(text.trim_end_matches('/'))
}

/// The list itself for redirects, and its names for the content security policy.
fn join_hosts(text: &str) -> Result<(JoinHosts, Vec<String>), BadJoinHost> {
    let names = text.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty());
    Ok((JoinHosts::parse(text)?, names.collect()))
}
