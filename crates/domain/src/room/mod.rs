//! A staff member's Zoom connection, and the permanent room that it gives.

pub mod guard;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    id::{ClinicId, ConnectionId, RoomId, StaffId},
    time::Timestamp,
};

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Zoom takes our tokens.
    Connected,
    /// Zoom no longer does; only the staff member can mend it, by connecting again.
    NeedsReconnect,
    /// The staff member, or Zoom on their behalf, took the connection back; the tokens are erased.
    Disconnected,
}

impl ConnectionState {
    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Disconnected => "disconnected",
        }
    }

    /// The state that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Connected, Self::NeedsReconnect, Self::Disconnected]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A staff member's connected Zoom account, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Names it.
    pub id: ConnectionId,
    /// The staff member's clinic.
    pub clinic_id: ClinicId,
    /// Whose it is.
    pub staff_id: StaffId,
    /// Zoom's id of the user (`users/me.id`), case-sensitive.
    pub zoom_user_id: String,
    /// Zoom's id of the account the user belongs to.
    pub zoom_account_id: String,
    /// What the user signs in to Zoom with; shown to its owner and the admin only.
    pub zoom_email: String,
    /// Zoom's plan: 1 Basic, 2 Licensed, others as in `users/me.type`.
    pub zoom_plan: i64,
    /// How it stands.
    pub state: ConnectionState,
    /// Why it needs reconnecting, as a short code for `oauth` to put in words.
    pub trouble: Option<String>,
    /// When Zoom last took our tokens.
    pub checked_at: Timestamp,
    /// When it was first made.
    pub created_at: Timestamp,
}

/// What kind of room it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// A Zoom meeting of type 3: one join link for everybody.
    Open,
    /// A Zoom meeting of type 8 with registration: a join link for each attendee.
    Registered,
    /// Another product's static link.
    Other,
}

impl RoomKind {
    /// The word kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Registered => "registered",
            Self::Other => "other",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Registered, Self::Other].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A staff member's permanent room. Its join link, which holds the passcode, is kept sealed and apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Names it.
    pub id: RoomId,
    /// The staff member's clinic.
    pub clinic_id: ClinicId,
    /// Whose it is.
    pub staff_id: StaffId,
    /// What kind it is.
    pub kind: RoomKind,
    /// Zoom's meeting number; permanent.
    pub meeting_number: i64,
    /// Zoom's id of the user who owns the meeting.
    pub zoom_user_id: String,
    /// Zoom's id of that user's account: events of another account are not about this room.
    pub zoom_account_id: String,
    /// When the room was last seen to be as it should be.
    pub checked_at: Timestamp,
    /// When it was made or adopted.
    pub created_at: Timestamp,
}

/// How a room of Zoom's is reached by telephone. Kept sealed, as JSON: with numbers and passcode one is in the room.
///
/// `Debug` shows how many numbers there are and nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialIn {
    /// Numbers to call, in Zoom's order; at least one.
    pub numbers: Vec<DialInNumber>,
    /// What the voice asks for first: the meeting's number.
    pub meeting: String,
    /// What it asks for then; none where it does not.
    pub passcode: Option<String>,
}

/// A number to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialInNumber {
    /// As Zoom writes it: digits, spaces and `+-()`.
    pub number: String,
    /// The country by ISO 3166-1, such as `US`; empty where Zoom did not say.
    pub country: String,
}

impl fmt::Debug for DialIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialIn").field("numbers", &self.numbers.len()).finish_non_exhaustive()
    }
}
