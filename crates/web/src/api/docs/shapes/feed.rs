//! How word comes from Zoom.

use utoipa::ToSchema;

use super::board::{FeedState, Named};

/// How word comes from Zoom: of the last seven days, where nothing else is said.
#[derive(ToSchema)]
pub struct FeedHealth {
    /// When this was true.
    #[schema(format = DateTime)]
    as_of: String,
    state: FeedState,
    sentence: String,
    #[schema(format = DateTime, required)]
    last_event_at: Option<String>,
    receiver: Receiver,
    /// Each clinician's room, broken ones first.
    rooms: Vec<RoomHealth>,
    about_no_room: FeedCounts,
    outages: Vec<Outage>,
    reconciliations: Vec<Reconciliation>,
    habits: Habits,
    /// Deliveries that nothing came of: the youngest 50, whenever they came.
    fruitless: Vec<Fruitless>,
}

/// What takes the deliveries of the whole installation.
#[derive(ToSchema)]
pub struct Receiver {
    #[schema(format = DateTime, required)]
    last_challenge_at: Option<String>,
    /// Whether Zoom should have checked the address again by now.
    challenge_overdue: bool,
    #[schema(format = DateTime, required)]
    last_refused_at: Option<String>,
    sentence: String,
    /// Youngest first.
    days: Vec<ReceiverDay>,
}

/// What the receiver answered on one day (UTC).
#[derive(ToSchema)]
pub struct ReceiverDay {
    #[schema(format = Date)]
    date: String,
    stored: i64,
    repeated: i64,
    /// Without a right signature, or too old.
    refused: i64,
    unreadable: i64,
    /// Not stored; Zoom was asked to send them again.
    unavailable: i64,
    challenges: i64,
}

/// One clinician's room.
#[derive(ToSchema)]
pub struct RoomHealth {
    host: Named,
    state: RoomFeed,
    sentence: String,
    #[schema(format = DateTime, required)]
    last_event_at: Option<String>,
    counts: FeedCounts,
}

/// How a room is heard of.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RoomFeed {
    Broken,
    Never,
    Quiet,
    Live,
}

/// What came of deliveries.
#[derive(ToSchema)]
pub struct FeedCounts {
    applied: i64,
    duplicate: i64,
    ignored: i64,
    /// Named another Zoom account: refused.
    foreign: i64,
    failed: i64,
    /// Came more than five minutes after they were signed, whatever became of them.
    late: i64,
}

/// A time in which nothing could be received.
#[derive(ToSchema)]
pub struct Outage {
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    to: String,
}

/// A comparison of a room with Zoom's own record.
#[derive(ToSchema)]
pub struct Reconciliation {
    /// `rec_…`
    id: String,
    host: Named,
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    to: String,
    why: Why,
    #[schema(format = DateTime, required)]
    due_at: Option<String>,
    tries: i64,
    #[schema(format = DateTime, required)]
    done_at: Option<String>,
    /// A code and counts, as JSON text.
    #[schema(required)]
    found: Option<String>,
}

/// Why a room is compared.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Why {
    Ended,
    Outage,
    Daily,
    Asked,
}

/// Which of Zoom's unsettled behaviours the clinic's accounts show.
#[derive(ToSchema)]
pub struct Habits {
    names_shown: Tally,
    left_waiting_room_on_admission: Tally,
    user_id_kept_on_admission: Tally,
    participant_uuid_kept_on_admission: Tally,
    admitted_with_the_meetings_id: Tally,
    uuid_kept_at_start: Tally,
    put_back_also_joins_waiting_room: Tally,
    phones_join: Tally,
    left_told_at_the_end: Tally,
    retries_signed_anew: Tally,
}

/// How often it was so, and how often it was not.
#[derive(ToSchema)]
pub struct Tally {
    yes: u64,
    no: u64,
}

/// A delivery that nothing came of, without what it says.
#[derive(ToSchema)]
pub struct Fruitless {
    /// `inb_…`
    id: String,
    #[schema(format = DateTime)]
    received_at: String,
    /// Zoom's name of the event.
    event: String,
    late: bool,
    outcome: Outcome,
    bytes: i64,
}

/// What became of it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Outcome {
    Ignored,
    Foreign,
    Failed,
}
