//! Messages to patients and staff, and what became of them: the delivery ledger.

use serde::{Deserialize, Serialize};

use crate::{
    attendance::matching::StaffOrToken,
    id::{AlertId, AppointmentId, AttendeeId, ClinicId, MessageId, StaffId},
    time::Timestamp,
};

macro_rules! words {
    ($name:ident: $($variant:ident $word:literal),* $(,)?) => {
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the API and the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The one that a word names.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

/// By what a link is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
    /// Somebody copied it, to hand it out in their own way.
    Copy,
}

words!(Channel: Email "email", Sms "sms", Copy "copy");

/// Why it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Somebody handed the patient's link out.
    Link,
    /// Somebody handed the host's link out.
    StaffLink,
    /// The visit was booked.
    Booked,
    /// The visit was moved, or has another host.
    Moved,
    /// The visit was cancelled.
    Cancelled,
    /// The visit comes nearer.
    Reminder,
    /// The clinician is late.
    Late,
    /// The patient had lost the link and asked for it.
    Recovery,
    /// Somebody of the staff has to know of something: an [`Alert`](crate::alert::Alert).
    Alert,
}

words!(Occasion: Link "link", StaffLink "staff_link", Booked "booked", Moved "moved", Cancelled "cancelled",
    Reminder "reminder", Late "late", Recovery "recovery", Alert "alert");

impl Occasion {
    /// Those whose words a clinic may choose. What staff are told of alerts is Anteroom's own.
    pub const WORDED: &[Self] = &[
        Self::Link,
        Self::StaffLink,
        Self::Booked,
        Self::Moved,
        Self::Cancelled,
        Self::Reminder,
        Self::Late,
        Self::Recovery,
    ];
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits to be sent, for the first time or again.
    Queued,
    /// The mail server, or the provider of text messages, took it.
    Sent,
    /// The provider says that it arrived. Of mail nobody says so.
    Delivered,
    /// It was given up, or the provider says that it could not be delivered.
    Failed,
    /// It was no longer wanted when its turn came.
    Withdrawn,
    /// Somebody copied the link.
    Copied,
}

words!(MessageState: Queued "queued", Sent "sent", Delivered "delivered", Failed "failed", Withdrawn "withdrawn",
    Copied "copied");

/// For whom it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// One attendee of an appointment.
    Attendee(AppointmentId, AttendeeId),
    /// The host of an appointment.
    Host(AppointmentId, StaffId),
    /// Somebody of the staff who is told of an alert.
    Staff(StaffId, AlertId),
}

impl Recipient {
    /// The appointment that it is about; none where it is about an alert.
    pub fn appointment(self) -> Option<AppointmentId> {
        match self {
            Self::Attendee(appointment, _) | Self::Host(appointment, _) => Some(appointment),
            Self::Staff(..) => None,
        }
    }

    /// The attendee it is for, if it is for one.
    pub fn attendee(self) -> Option<AttendeeId> {
        match self {
            Self::Attendee(_, attendee) => Some(attendee),
            Self::Host(..) | Self::Staff(..) => None,
        }
    }
}

/// A message, without what it says and where it goes: that is kept sealed until it is sent, and erased then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Names it, to the provider too: sending it twice is sending it with the same key.
    pub id: MessageId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// For whom.
    pub to: Recipient,
    /// By what.
    pub channel: Channel,
    /// Why.
    pub occasion: Occasion,
    /// What became of it.
    pub state: MessageState,
    /// Why it failed, was withdrawn or is tried again, as a short code that `outreach` puts in words.
    pub reason: Option<String>,
    /// Who asked for it; none where Anteroom sent it by itself.
    pub asked_by: Option<StaffOrToken>,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When it is to be sent, or tried again.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: i64,
    /// When it was taken by the mail server or the provider.
    pub sent_at: Option<Timestamp>,
    /// When its state last changed.
    pub changed_at: Timestamp,
}
