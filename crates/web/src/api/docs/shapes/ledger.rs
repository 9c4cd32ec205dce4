//! What became of links.

use utoipa::ToSchema;

use super::By;

/// Messages that were put into the outbox.
#[derive(ToSchema)]
pub struct Sent {
    messages: Vec<SentMessage>,
    /// Who is sent nothing, and why; absent where everybody is.
    not_sent: Option<Vec<NotSent>>,
}

/// A message in the outbox.
#[derive(ToSchema)]
pub struct SentMessage {
    /// `msg_…`
    id: String,
    /// For whom; absent for the host.
    attendee: Option<String>,
    by: By,
    state: MessageState,
}

/// Somebody who is sent nothing.
#[derive(ToSchema)]
pub struct NotSent {
    /// Who; absent for the host.
    attendee: Option<String>,
    by: By,
    reason: NotSentReason,
    /// In words.
    detail: String,
}

/// Why somebody is sent nothing: the channel is not set up, there is no address, they have not agreed, or they said that
/// they want nothing more.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum NotSentReason {
    ChannelOff,
    NoAddress,
    NoConsent,
    OptedOut,
}

/// What became of a message. The mail server or the provider took what is `sent`; of mail nobody says that it arrived.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum MessageState {
    Queued,
    Sent,
    Delivered,
    Failed,
    Withdrawn,
    Copied,
}

/// Why a message is sent.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Occasion {
    Link,
    StaffLink,
    Booked,
    Moved,
    Cancelled,
    Reminder,
    Late,
    Recovery,
}

/// The delivery ledger of an appointment.
#[derive(ToSchema)]
pub struct Ledger {
    /// `appt_…`
    id: String,
    external_id: String,
    attendees: Vec<LedgerOfAttendee>,
    host: LedgerOfHost,
    /// Those who no longer attend or host it and were sent something.
    former: Vec<LedgerOfFormer>,
}

/// What became of an attendee's link.
#[derive(ToSchema)]
pub struct LedgerOfAttendee {
    /// `att_…`
    id: String,
    external_id: String,
    /// Whether they have the link that works now, or will in a moment. False again when the link is renewed.
    link_sent: bool,
    /// When a person first saw the page of the link.
    #[schema(required, format = DateTime)]
    opened_at: Option<String>,
    /// When Join was last pressed there.
    #[schema(required, format = DateTime)]
    pressed_at: Option<String>,
    /// The newest last.
    messages: Vec<Message>,
}

/// What became of the host's link.
#[derive(ToSchema)]
pub struct LedgerOfHost {
    /// `staff_…`
    id: String,
    link_sent: bool,
    messages: Vec<Message>,
}

/// What somebody was sent who is no longer part of it: an attendee or a host.
#[derive(ToSchema)]
pub struct LedgerOfFormer {
    #[schema(required)]
    attendee: Option<String>,
    #[schema(required)]
    host: Option<String>,
    messages: Vec<Message>,
}

/// One message, or one copying of a link.
#[derive(ToSchema)]
pub struct Message {
    /// `msg_…`
    id: String,
    by: By,
    occasion: Occasion,
    state: MessageState,
    /// Why it failed, was withdrawn or is tried again: a short word for programs.
    #[schema(required)]
    reason: Option<String>,
    /// The same for people.
    #[schema(required)]
    detail: Option<String>,
    /// Null where Anteroom sends it by itself.
    #[schema(required)]
    asked_by: Option<AskedBy>,
    #[schema(format = DateTime)]
    queued_at: String,
    /// When it is sent, or tried again.
    #[schema(format = DateTime)]
    due_at: String,
    #[schema(required, format = DateTime)]
    sent_at: Option<String>,
    #[schema(format = DateTime)]
    changed_at: String,
    tries: i64,
}

/// A member of the staff, or the token of a program.
#[derive(ToSchema)]
pub struct AskedBy {
    staff: Option<String>,
    token: Option<String>,
}
