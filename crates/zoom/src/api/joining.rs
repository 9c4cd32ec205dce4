//! Ways into a room that belong to one person: a registration, and an invite link that presets the name.

use std::{fmt, time::Duration};

use serde::Serialize;
use serde_json::Value;
use vault::SecretText;

use super::error::ApiError;
use crate::fields::{Fields, Oddities};

/// Characters of a first or last name at most.
const MAX_NAME: usize = 64;
/// Names that one call may ask links for.
pub(super) const MOST_INVITED: usize = 500;
/// The longest that an invite link may live.
const LONGEST_TTL: Duration = Duration::from_hours(2 * 365 * 24);

/// Who is to be registered. Zoom keeps this with the meeting and shows it to the host: nothing about a patient belongs
/// into it unless that is meant.
#[derive(Clone, Serialize)]
pub struct NewRegistrant {
    email: String,
    first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
    auto_approve: bool,
}

impl NewRegistrant {
    /// The names are cut at 64 characters. Together they are the name shown, unless the person changes it.
    pub fn new(email: &str, first_name: &str, last_name: &str) -> Self {
        Self {
            email: email.to_owned(),
            first_name: first_name.chars().take(MAX_NAME).collect(),
            last_name: last_name.chars().take(MAX_NAME).collect(),
            auto_approve: true,
        }
    }
}

impl fmt::Debug for NewRegistrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewRegistrant")
    }
}

/// Somebody registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Registrant {
    /// What every event about them says, also after they come again. The only identity that Zoom vouches for.
    pub registrant_id: String,
    /// Their own link. It works for one device at a time.
    pub join_url: SecretText,
}

impl Registrant {
    /// A registration without a link waits for somebody's approval, and is of no use to anybody who is at the door.
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let top = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the registrant" })?;
        let id = top.id("registrant_id", &mut odd);
        let link = top.id("join_url", &mut odd);
        Ok(Self {
            registrant_id: id.ok_or(ApiError::Unreadable { what: "the registrant's id" })?,
            join_url: link
                .map(SecretText::from)
                .ok_or(ApiError::Unreadable { what: "the registrant's link" })?,
        })
    }
}

impl fmt::Debug for Registrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registrant")
    }
}

/// What asks for invite links.
#[derive(Serialize)]
pub(super) struct Invitation {
    attendees: Vec<Invited>,
    ttl: u64,
}

#[derive(Serialize)]
struct Invited {
    name: String,
}

impl Invitation {
    pub(super) fn new(names: &[&str], ttl: Duration) -> Self {
        let attendees = names.iter().take(MOST_INVITED).map(|name| Invited { name: short(name) });
        Self { attendees: attendees.collect(), ttl: ttl.min(LONGEST_TTL).as_secs() }
    }
}

/// A name as Zoom takes it: at most 64 bytes, whole characters.
fn short(name: &str) -> String {
    let mut kept = String::new();
    for sign in name.chars() {
        if kept.len() + sign.len_utf8() > MAX_NAME {
            break;
        }
        kept.push(sign);
    }
    kept
}

/// A link that presets a name. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// The name under which its holder comes, unless they change it.
    pub name: String,
    /// The link.
    pub join_url: SecretText,
}

impl InviteLink {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let mut odd = Oddities::default();
        let entry = Fields::item(entry, "attendees")?;
        Some(Self {
            name: entry.text("name", &mut odd)?,
            join_url: entry.id("join_url", &mut odd).map(SecretText::from)?,
        })
    }
}

impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteLink")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_at_a_whole_character() {
        assert_eq!(short("Rosa Delgado"), "Rosa Delgado");
        let long = "é".repeat(40);
        assert_eq!(short(&long), "é".repeat(32));
    }
}
