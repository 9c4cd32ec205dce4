//! What somebody saw before they pressed Send, so that nothing else is sent in its place, and nothing twice.

use std::fmt;

use domain::outreach::message::{Channel, Recipient};
use sha2::{Digest as _, Sha256};

use super::{Preview, PreviewOne};
use crate::{content::Content, correspondence::Whom};

/// Characters of a nonce at most.
const LONGEST_NONCE: usize = 64;

/// A preview in a few marks, which a form carries: of two previews with the same marks the same is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    revision: String,
    people: String,
    addresses: String,
    words: String,
}

/// What is otherwise than it was shown, in words that can stand in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Changed {
    /// Its time, its host or anything else that is booked.
    #[error("the appointment was changed")]
    Appointment,
    /// Who is sent it, and who is left out.
    #[error("who can be sent it changed")]
    People,
    /// Where it goes.
    #[error("an address changed")]
    Addresses,
    /// The clinic's wording, a name, or a link that was renewed.
    #[error("what it says changed, or a link in it")]
    Words,
}

/// One press of Send on a page that showed what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// What the page showed.
    pub seen: Seen,
    nonce: String,
}

impl Confirmed {
    /// What the page's form holds: [`Preview::seen`] as text, and something that no other page holds. None where it is
    /// neither.
    pub fn parse(seen: &str, nonce: &str) -> Option<Self> {
        let is_nonce = (1..=LONGEST_NONCE).contains(&nonce.len())
            && nonce.chars().all(|character| character.is_ascii_alphanumeric());
        Some(Self { seen: Seen::parse(seen)?, nonce: is_nonce.then(|| nonce.to_owned())? })
    }

    /// Names what this press sends to somebody, once at most.
    pub(super) fn once(&self, whom: Whom<'_>, channel: Channel) -> String {
        let whom = whom.attendee().map_or_else(|| "host".to_owned(), |attendee| attendee.id.to_string());
        format!("send/{}/{whom}/{}", self.nonce, channel.as_str())
    }
}

impl Seen {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::to_owned);
        let seen = Self {
            revision: parts.next()?,
            people: parts.next()?,
            addresses: parts.next()?,
            words: parts.next()?,
        };
        parts.next().is_none().then_some(seen)
    }

    /// What is otherwise now. Words that follow from a changed appointment or another recipient are not told apart.
    pub(super) fn against(&self, now: &Self) -> Vec<Changed> {
        let mut changed = Vec::new();
        if self.revision != now.revision {
            changed.push(Changed::Appointment);
        }
        if self.people != now.people {
            changed.push(Changed::People);
        } else if self.addresses != now.addresses {
            changed.push(Changed::Addresses);
        }
        if self.words != now.words && changed.is_empty() {
            changed.push(Changed::Words);
        }
        changed
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.revision, self.people, self.addresses, self.words)
    }
}

impl Preview {
    /// Its marks. The time at which a calendar file is written is none of them.
    pub fn seen(&self) -> Seen {
        let to = self.to.iter().map(|one| match one.recipient {
            Recipient::Attendee(_, attendee) => attendee.to_string(),
            Recipient::Host(_, staff) | Recipient::Staff(staff, _) => staff.to_string(),
        });
        let not = self.not.iter().map(|(attendee, why)| {
            let whom = attendee.map_or_else(String::new, |attendee| attendee.to_string());
            format!("not {whom} {}", why.code())
        });
        Seen {
            revision: self.revision.to_string(),
            people: mark(to.chain(not)),
            addresses: mark(self.to.iter().map(|one| one.address.clone())),
            words: mark(self.to.iter().flat_map(words)),
        }
    }
}

fn words(one: &PreviewOne) -> Vec<String> {
    match &one.content {
        Content::Email(mail) => vec![
            mail.from_name.clone(),
            mail.subject.clone(),
            mail.text.clone(),
            mail.html.clone(),
            format!("{:?}", mail.calendar.as_ref().map(|calendar| calendar.method)),
        ],
        Content::Sms(text) => vec![text.text.clone()],
    }
}

/// Of several texts, each by itself: none can be taken for a part of its neighbour.
fn mark(texts: impl Iterator<Item = String>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(Sha256::digest(text.as_bytes()));
    }
    let half = digest.finalize().iter().take(16).fold(0_u128, |half, &byte| (half << 8) | u128::from(byte));
    format!("{half:032x}")
}

#[cfg(test)]
mod tests;
