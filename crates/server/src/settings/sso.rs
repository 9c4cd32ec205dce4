//! Single sign-on for staff. This version reads and checks the settings, and signs in locally only.

use url::Url;
use vault::SecretText;

use super::{
    network::web_address,
    source::{Key, Source},
};

const ISSUER: Key = Key {
    path: "oidc.issuer",
    variable: "ANTEROOM_OIDC_ISSUER",
    secret: false,
    right: "the issuer's address as its discovery document says it, such as https://login.clinic.example",
};
const CLIENT_ID: Key = Key {
    path: "oidc.client_id",
    variable: "ANTEROOM_OIDC_CLIENT_ID",
    secret: false,
    right: "the client id that the issuer gave",
};
const CLIENT_SECRET: Key = Key {
    path: "oidc.client_secret",
    variable: "ANTEROOM_OIDC_CLIENT_SECRET",
    secret: true,
    right: "the client secret that the issuer gave",
};
pub(super) const KEYS: &[Key] = &[ISSUER, CLIENT_ID, CLIENT_SECRET];

/// Single sign-on.
#[derive(Debug)]
#[expect(
    dead_code,
    reason = "read and checked, so that a wrong value is known early; the sign-in itself comes later"
)]
pub struct SingleSignOn {
    /// Who vouches for people.
    pub issuer: Url,
    /// Our name there.
    pub client_id: String,
    /// Our password there.
    pub client_secret: SecretText,
}

pub(super) fn read(source: &mut Source) -> Option<SingleSignOn> {
    if !source.has_any(KEYS) {
        return None;
    }
    let issuer = source.required(&ISSUER, web_address);
    let client_id = source.required(&CLIENT_ID, |text| Ok::<_, String>(text.to_owned()));
    let client_secret = source.required(&CLIENT_SECRET, |text| Ok::<_, String>(SecretText::from(text)));
    Some(SingleSignOn { issuer: issuer?, client_id: client_id?, client_secret: client_secret? })
}
