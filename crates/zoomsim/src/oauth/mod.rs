//! Zoom's OAuth side: consent in a browser, codes for tokens, rotation, revocation.

mod authorize;
mod token;

pub(crate) use authorize::{allow, decide, show_consent};
pub(crate) use token::{revoke, token};

use crate::state::{Death, Grant};
use crate::world::Turn;

/// Splits form or query text into names and values; the first of a name counts.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(texts: &[&str]) -> Self {
        let pairs = texts.iter().flat_map(|text| url::form_urlencoded::parse(text.as_bytes()).into_owned());
        Self(pairs.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Turn<'_> {
    /// Ends every living grant of a user.
    pub(crate) fn kill_grants(&mut self, user_id: &str, death: Death) {
        for grant in
            self.state.grants.values_mut().filter(|grant| grant.user_id == user_id && grant.dead.is_none())
        {
            grant.dead = Some(death);
        }
    }

    /// The user of a grant and the user's account.
    pub(crate) fn owner_of(&self, grant: u64) -> Option<(String, String)> {
        let user = self.user(&self.state.grants.get(&grant)?.user_id).ok()?;
        Some((user.profile.id.clone(), user.profile.account_id.clone()))
    }

    pub(crate) fn live_grant(&self, id: u64) -> Option<&Grant> {
        self.state.grants.get(&id).filter(|grant| grant.dead.is_none())
    }
}
