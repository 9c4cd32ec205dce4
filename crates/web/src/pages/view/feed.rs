//! How word comes from Zoom: for whoever has to mend it when it does not.

use askama::Template;

use super::{board::State, frame::Frame, room::KindView};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "feed.html")]
pub struct FeedPage {
    /// The frame.
    pub frame: Frame,
    /// How the feed stands.
    pub state: State,
    /// The same as a sentence.
    pub sentence: String,
    /// When this was made.
    pub made: String,
    /// The clinicians' rooms, broken ones first.
    pub rooms: Vec<RoomLine>,
    /// What came of deliveries about none of them.
    pub about_no_room: Counts,
    /// What takes the deliveries.
    pub receiver: ReceiverView,
    /// Times in which nothing could be received, as sentences.
    pub outages: Vec<String>,
    /// What kind of rooms the clinic wants.
    pub kind: KindView,
    /// Comparisons with Zoom's own record.
    pub comparisons: Vec<ComparisonLine>,
    /// What this Zoom account is seen to do.
    pub habits: Vec<HabitLine>,
    /// Deliveries that nothing came of.
    pub fruitless: Vec<FruitlessLine>,
    /// Where their list goes on.
    pub older: Option<String>,
}

/// One clinician's room.
#[derive(Clone, Debug)]
pub struct RoomLine {
    /// Whose.
    pub host: String,
    /// How it is heard of.
    pub state: State,
    /// The same as a sentence.
    pub sentence: String,
    /// When it was last heard of.
    pub last: String,
    /// What came of what was said of it.
    pub counts: Counts,
}

/// What came of deliveries, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Became events.
    pub applied: i64,
    /// Came late.
    pub late: i64,
    /// Said what was known.
    pub duplicate: i64,
    /// Said nothing that concerns the clinic.
    pub ignored: i64,
    /// Named another Zoom account.
    pub foreign: i64,
    /// Could not be understood.
    pub failed: i64,
}

/// What takes the deliveries.
#[derive(Clone, Debug)]
pub struct ReceiverView {
    /// Whether something is wrong.
    pub troubled: bool,
    /// What, or that nothing is.
    pub sentence: String,
    /// When Zoom last checked the address, as a sentence.
    pub challenged: String,
    /// Day by day, youngest first.
    pub days: Vec<DayLine>,
}

/// What the receiver answered on one day.
#[derive(Clone, Debug)]
pub struct DayLine {
    /// `Mon 23 Nov`.
    pub day: String,
    /// Stored.
    pub stored: i64,
    /// Repeated to the byte.
    pub repeated: i64,
    /// Refused for their signature.
    pub refused: i64,
    /// Signed, but not to be read.
    pub unreadable: i64,
    /// Zoom was asked to send again.
    pub unavailable: i64,
    /// Checks of the address.
    pub challenges: i64,
}

/// A comparison with Zoom's own record.
#[derive(Clone, Debug)]
pub struct ComparisonLine {
    /// Whose room.
    pub host: String,
    /// Which meetings.
    pub meetings: String,
    /// Why.
    pub why: &'static str,
    /// What came of it, or when it is tried.
    pub found: String,
    /// Whether somebody should look at it.
    pub in_doubt: bool,
}

/// One thing that Zoom accounts do differently.
#[derive(Clone, Debug)]
pub struct HabitLine {
    /// What.
    pub what: &'static str,
    /// How often it was so.
    pub yes: u64,
    /// How often it was not.
    pub no: u64,
}

/// A delivery that nothing came of.
#[derive(Clone, Debug)]
pub struct FruitlessLine {
    /// Its id.
    pub id: String,
    /// When it came.
    pub at: String,
    /// Zoom's name of the event.
    pub event: String,
    /// What became of it.
    pub outcome: &'static str,
    /// Whether it came late.
    pub late: bool,
}
