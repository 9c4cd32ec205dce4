//! The outbox and the delivery ledger: messages that wait to be sent, and what became of all of them.

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, MessageId, Timestamp,
    outreach::message::{Channel, Message, MessageState},
};

use crate::Result;

/// A message as it is put into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The message.
    pub message: Message,
    /// What it says and where it goes, sealed; none for a link that was copied.
    pub content_sealed: Option<Vec<u8>>,
    /// Names what is sent once at most in this clinic, whoever thinks of it.
    pub once: Option<String>,
}

/// A message whose turn has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// The message.
    pub message: Message,
    /// What it says and where it goes, sealed.
    pub content_sealed: Vec<u8>,
}

/// What became of a message when it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The mail server or the provider took it; the provider's name for it, where it gave one. Its content is erased.
    Sent(Option<String>),
    /// It is over: [`MessageState::Failed`] or [`MessageState::Withdrawn`], and why. Its content is erased.
    Over(MessageState, String),
    /// It is tried again then, and why; or withdrawn, where it was overtaken meanwhile.
    Again(Timestamp, String),
    /// The same, but nothing was tried: the claim does not count as a try.
    Back(Timestamp, String),
}

/// The outbox and the ledger.
#[async_trait]
pub trait Messages {
    /// Puts a message into the outbox. False where something of the same `once` is there already; nothing is written
    /// then.
    async fn insert_message(&mut self, message: &NewMessage) -> Result<bool>;
    /// Which of these `once` there is something of already.
    async fn once_before(&mut self, clinic: ClinicId, once: &[String]) -> Result<Vec<String>>;
    /// The message.
    async fn message(&mut self, clinic: ClinicId, id: MessageId) -> Result<Option<Message>>;
    /// All messages about these appointments, by when they were asked for, then id.
    async fn messages_of_all(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<Message>>;
    /// Messages about alerts that were asked for since then, by when they were, then id.
    async fn messages_about_alerts(&mut self, clinic: ClinicId, since: Timestamp) -> Result<Vec<Message>>;
    /// Takes up to `limit` messages of one channel that are due at `now`, of any clinic, the longest due first: nobody
    /// else gets them before `until`. Whoever does not settle one by then has lost it to another worker. One that cannot
    /// be read is failed as `unreadable` and left out, so that it keeps nobody else's waiting.
    async fn claim_messages(
        &mut self,
        channel: Channel,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueMessage>>;
    /// Why a message that was claimed is not to be sent after all: it was overtaken since, or is over already. To be asked
    /// just before it is sent.
    async fn overtaken(&mut self, clinic: ClinicId, id: MessageId) -> Result<Option<String>>;
    /// Says what became of a try. Changes nothing where the message is no longer queued.
    async fn settle_message(
        &mut self,
        clinic: ClinicId,
        id: MessageId,
        tried: &Tried,
        now: Timestamp,
    ) -> Result<()>;
    /// Withdraws what is still queued about the appointment. Returns how many. What a worker has at this moment is marked as
    /// overtaken and not counted: it is withdrawn unless the worker has begun to send it, and not tried again.
    async fn withdraw_messages(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64>;
    /// The same for what is queued for one recipient: an attendee, or, where none is named, the host.
    async fn withdraw_messages_to(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: Option<AttendeeId>,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64>;
    /// What the provider says later of a message: delivered, or failed and why. It may say so before it has answered the
    /// request that sends it. None where there is no such message, or it is over already.
    async fn report_message(
        &mut self,
        clinic: ClinicId,
        id: MessageId,
        state: MessageState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Message>>;
    /// How many are queued in the whole installation, and since when the longest due one is.
    async fn queued_messages(&mut self, now: Timestamp) -> Result<(i64, Option<Timestamp>)>;
}
