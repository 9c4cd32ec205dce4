//! The outbox: messages are put into the database in the unit of work that wants them, and sent from there at least once.

#[cfg(test)]
pub(crate) mod post_office;
mod reasons;
mod run;
mod sending;
mod wanted;

use domain::{
    ClinicId, MessageId, Timestamp,
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
};
use store::{StoreError, Tx, ports::messages::NewMessage};
use vault::{OpenError, Place, SealError, Sealed};

use crate::{Outreach, content::Content};

pub use reasons::reason_in_words;
pub(crate) use run::Wake;
pub(crate) use sending::Sending;

/// Why a message could not be queued, or opened again.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// What it says could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was sealed does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be written down, or read.
    #[error("what a message says cannot be written down or read")]
    Form(#[from] serde_json::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message as somebody wants it sent.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// For whom.
    pub to: Recipient,
    /// Why.
    pub occasion: Occasion,
    /// Who asked; none where Anteroom sends it by itself.
    pub asked_by: Option<StaffOrToken>,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// Names what is sent once at most in this clinic; none for what may be repeated.
    pub once: Option<String>,
}

impl Outreach {
    /// Puts a message into the outbox, inside the caller's unit of work. None where something of the same `once` is
    /// there already.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        wanted: Wanted,
        content: &Content,
    ) -> Result<Option<Message>, OutboxError> {
        let now = self.ambient.now();
        let message = Message {
            id: self.ambient.id(),
            clinic_id: clinic,
            to: wanted.to,
            channel: match content {
                Content::Email(_) => Channel::Email,
                Content::Sms(_) => Channel::Sms,
            },
            occasion: wanted.occasion,
            state: MessageState::Queued,
            reason: None,
            asked_by: wanted.asked_by,
            queued_at: now,
            due_at: wanted.due_at,
            tries: 0,
            sent_at: None,
            changed_at: now,
        };
        let (clinic_text, row) = (clinic.to_string(), message.id.to_string());
        let sealed =
            self.keys.seal(place(&clinic_text, &row), self.ambient.bytes(), &serde_json::to_vec(content)?)?;
        let new = NewMessage { message, content_sealed: Some(sealed.into_bytes()), once: wanted.once };
        let added = tx.insert_message(&new).await?;
        Ok(added.then_some(new.message))
    }

    /// What a queued message says and where it goes.
    pub(crate) fn open_content(
        &self,
        clinic: ClinicId,
        message: MessageId,
        sealed: Vec<u8>,
    ) -> Result<Content, OutboxError> {
        let (clinic, row) = (clinic.to_string(), message.to_string());
        let text = self.keys.open_text(place(&clinic, &row), &Sealed::from_bytes(sealed))?;
        Ok(serde_json::from_str(text.expose())?)
    }
}

fn place<'a>(clinic: &'a str, row: &'a str) -> Place<'a> {
    Place { clinic, table: "messages", column: "content", row }
}

#[cfg(test)]
mod tests;
