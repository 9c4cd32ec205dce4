//! A person's visit to a meeting, and the stays that it is made of: the truth that a program under test has to find out.

use serde::{Deserialize, Serialize};

/// Where a person is, as far as the meeting is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Told to wait until the host starts; no waiting room yet.
    BeforeHost,
    /// In the waiting room.
    Waiting,
    /// Admitted, not yet joined.
    Connecting,
    /// In the meeting.
    InMeeting,
    /// Not there.
    Gone,
}

/// The ids that a participant has for one stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// Numeric text, unique within one meeting instance.
    pub user_id: String,
    /// Upper-case and dashed.
    pub participant_uuid: String,
}

/// One person's visit to a meeting: a guest, a colleague or the host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guest {
    /// The simulator's own id, never sent anywhere.
    pub id: u64,
    /// Meeting number.
    pub meeting: i64,
    /// The name shown.
    pub name: String,
    /// Set where the person is signed in to Zoom.
    pub zoom_user_id: Option<String>,
    /// Typed, registered or of the account.
    pub email: Option<String>,
    /// Set where the person dialled in.
    pub phone: Option<String>,
    /// Set where the person came by a registrant's link.
    pub registrant_id: Option<String>,
    /// Set where the person joined through a Meeting SDK.
    pub customer_key: Option<String>,
    /// A test's own label for the human being, over several visits and devices; never sent.
    pub person: Option<String>,
    /// Came by a personal invite link.
    pub invited: bool,
    /// Where the person is.
    pub place: Place,
    /// Current ids.
    pub ids: Ids,
    /// Whether this is the owner of the meeting.
    pub is_host: bool,
    /// `host`, `co-host` or `attendee`.
    pub role: String,
    /// Admission is followed by nothing: the client hangs.
    pub never_joins: bool,
    /// Random documentation address (RFC 5737).
    pub public_ip: String,
    /// What really happened, in order.
    pub stays: Vec<Stay>,
}

/// A stretch of time in one place: the truth that a program under test has to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// Where.
    pub place: Place,
    /// From, microseconds UTC.
    pub from: i64,
    /// Until, microseconds UTC; open while it lasts.
    pub to: Option<i64>,
    /// The meeting instance that events of this stay name.
    pub uuid: String,
    /// The ids of this stay.
    pub ids: Ids,
    /// The name at that time.
    pub name: String,
}
