//! The desk's board: rows grouped by who needs the desk, then by where people are.

mod row;
mod state;

use askama::Template;

use super::{appointment::NoticeLine, frame::Frame, words};

pub use row::{Arrival, Ask, Certainty, Doubt, Likely, NoShow, Person, Row, Someone, Way};
pub use state::{Age, State};

/// The whole page.
#[derive(Clone, Debug, Template)]
#[template(path = "board/page.html")]
pub struct BoardPage {
    /// The frame.
    pub frame: Frame,
    /// What changes while the page is open.
    pub board: BoardView,
    /// What was just decided, to be taken back at once if it was a slip.
    pub decided: Option<Decided>,
}

/// The part that changes while the page is open.
#[derive(Clone, Debug, Template)]
#[template(path = "board/rows.html")]
pub struct BoardRows {
    /// It.
    pub board: BoardView,
}

/// What stands on the board.
#[derive(Clone, Debug)]
pub struct BoardView {
    /// As patients know the clinic.
    pub clinic: String,
    /// `Monday 23 November 2026`.
    pub day: String,
    /// `2026-11-23`, for the form.
    pub date: String,
    /// Whether that is today by the clinic's clocks.
    pub is_today: bool,
    /// The day before, as a query.
    pub before: String,
    /// The day after, as a query.
    pub after: String,
    /// `10:07`.
    pub time: String,
    /// `CST`.
    pub zone: String,
    /// How many seconds the clinic's clocks are ahead of Greenwich's: the page's clock counts with it.
    pub offset: i32,
    /// The server's time, milliseconds since the epoch: the page counts on from it.
    pub now: i64,
    /// How many seconds of the clinic's clock pass in one second; 1 but where the clock is driven.
    pub rate: u32,
    /// How Zoom's feed stands.
    pub feed: Feed,
    /// The staff to choose from.
    pub hosts: Vec<Choice>,
    /// What is searched for.
    pub search: String,
    /// The day and the filter as a query with its question mark, for forms and the stream.
    pub query: String,
    /// Which hosts are not ready for their visits.
    pub strip: Option<Strip>,
    /// What is the matter in the rooms at this moment, worst first.
    pub alerts: Vec<AlertLine>,
    /// What to look out for before somebody is let in.
    pub warnings: Vec<WarningLine>,
    /// What stands on patients' pages.
    pub notices: Vec<NoticeLine>,
    /// The groups, all six of them.
    pub groups: Vec<Group>,
    /// What to do where no row stands; empty where one does.
    pub empty: Option<Empty>,
}

/// How Zoom's feed stands.
#[derive(Clone, Debug)]
pub struct Feed {
    /// `live`, `quiet`, `stale` or `never`: the look.
    pub state: &'static str,
    /// One word for it.
    pub word: &'static str,
    /// What that means now, as a sentence.
    pub sentence: String,
    /// When Zoom was last heard of, milliseconds since the epoch, where the page is to count on from it.
    pub last: Option<i64>,
    /// How long ago that was.
    pub ago: String,
    /// Whether the reader may see more of it.
    pub more: bool,
}

/// One of several to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What a person reads.
    pub word: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// What to do where the board has no rows.
#[derive(Clone, Debug)]
pub struct Empty {
    /// What is so.
    pub sentence: String,
    /// Where to go.
    pub href: String,
    /// What that does.
    pub action: &'static str,
}

/// Rows that ask the same of the desk.
#[derive(Clone, Debug)]
pub struct Group {
    /// Names it in the page.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Most urgent first.
    pub rows: Vec<Row>,
}

/// A link to copy.
#[derive(Clone, Debug)]
pub struct Copy {
    /// What it is.
    pub word: String,
    /// The address.
    pub url: String,
}

/// What was just decided.
#[derive(Clone, Debug)]
pub struct Decided {
    /// As a sentence of ours.
    pub sentence: String,
    /// How it is taken back.
    pub undo: Option<Undo>,
}

/// The button that takes a decision back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Where it is sent, without a query.
    pub action: String,
    /// What it says.
    pub name: &'static str,
    /// What it says of that.
    pub value: &'static str,
}

/// What to look out for before somebody is let in.
#[derive(Clone, Debug)]
pub struct WarningLine {
    /// Names it among the others, also when the page is drawn again.
    pub key: String,
    /// The shape, as a class of the style sheet.
    pub look: &'static str,
    /// In two or three words.
    pub word: &'static str,
    /// Whose room, where the reader might ask.
    pub host: String,
    /// What is so, as a sentence.
    pub sentence: String,
    /// The row that it is about, as a fragment; empty where there is none.
    pub href: String,
}

/// Which of the day's hosts are not ready.
#[derive(Clone, Debug)]
pub struct Strip {
    /// Its heading.
    pub title: &'static str,
    /// Who, worst and soonest first.
    pub lines: Vec<StripLine>,
    /// How many more there are.
    pub more: usize,
}

/// A host who is not ready.
#[derive(Clone, Debug)]
pub struct StripLine {
    /// The shape, as a class of the style sheet.
    pub look: &'static str,
    /// In two or three words.
    pub word: &'static str,
    /// Who; empty where it is about several.
    pub host: String,
    /// What is so, and when their visit is.
    pub sentence: String,
}

/// Something that is the matter in a room at this moment.
#[derive(Clone, Debug)]
pub struct AlertLine {
    /// Names it among the others, also when the page is drawn again.
    pub key: String,
    /// The shape, as a class of the style sheet.
    pub look: &'static str,
    /// In two or three words.
    pub word: &'static str,
    /// Whose room.
    pub host: String,
    /// What is so, as a sentence.
    pub sentence: String,
    /// Since when, milliseconds since the epoch: the page counts from it.
    pub since: i64,
    /// How long that is.
    pub length: String,
    /// The row that it is about, as a fragment; empty where there is none.
    pub href: String,
}

impl BoardView {
    /// The board in one sentence, for who hears it rather than sees it.
    pub fn summary(&self) -> String {
        let parts: Vec<String> = self
            .groups
            .iter()
            .filter(|group| !group.rows.is_empty())
            .map(|group| format!("{} {}", group.title.to_lowercase(), group.rows.len()))
            .collect();
        if parts.is_empty() {
            "Nothing stands on the board.".to_owned()
        } else {
            words::sentence(&parts.join(", "))
        }
    }
}
