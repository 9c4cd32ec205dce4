//! The desk's board: rows grouped by who needs the desk, then by where people are.

use std::time::Duration;

use askama::Template;

use super::{appointment::NoticeLine, frame::Frame, ledger::Fate, marks::MarkButtons, words};

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

/// One appointment, or somebody in a room whom nobody knows yet.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Names it in the page: the appointment's or the presence's id.
    pub key: String,
    /// How it stands.
    pub state: State,
    /// `10:00`, on the clinic's wall.
    pub time: String,
    /// Until when, in words for who cannot see the column; empty for a presence.
    pub until: String,
    /// Who.
    pub people: Vec<Person>,
    /// In whose room.
    pub host: String,
    /// Why it stands so, as sentences.
    pub why: Vec<String>,
    /// What became of the link of a visit of one, while that matters.
    pub fate: Option<Fate>,
    /// The question to the desk.
    pub ask: Option<Ask>,
    /// The appointment's page.
    pub open: String,
    /// Where the ways to hand out its links are fetched from; empty where it has none.
    pub ways: String,
    /// Where the link is sent, and what the button says; none where it cannot be sent.
    pub send: Option<Way>,
    /// Whether somebody has no link yet, so that handing it out stands in the row itself.
    pub is_unsent: bool,
    /// Where the host's patients are told something; empty where nobody is to come.
    pub late: Option<Way>,
    /// What stands on their pages, to be taken down.
    pub notices: Vec<NoticeLine>,
    /// What a notice says once, when somebody arrives.
    pub arrival: Option<Arrival>,
}

/// Somebody in a row.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The clinic's name for them, or the name shown in Zoom.
    pub name: String,
    /// How much of a claim that is.
    pub certainty: Certainty,
    /// Why, or how they stand, in a few words; may be empty.
    pub note: String,
    /// What became of their link, while that matters.
    pub fate: Option<Fate>,
    /// How this one stands, where a row has several.
    pub state: Option<State>,
    /// The question whether it is really they.
    pub doubt: Option<Doubt>,
    /// Whether they did not come, where that is a question or somebody has answered it.
    pub no_show: Option<NoShow>,
    /// The buttons by which the staff say where they are, for rooms that tell nothing themselves.
    pub marks: Option<MarkButtons>,
}

/// Whether somebody did not come.
#[derive(Clone, Debug)]
pub struct NoShow {
    /// Who.
    pub attendee: String,
    /// Whether it waits for somebody to accept or refuse it.
    pub proposed: bool,
    /// Whether the desk may say it though nothing proposes it, since the room tells nothing itself. Nobody is asked.
    pub sayable: bool,
    /// What was said already, as a button that takes it back; empty where nothing was.
    pub take_back: &'static str,
}

/// How much of a claim a name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// Booked, or known for certain: the plain name.
    #[default]
    Plain,
    /// Likely to be the one in the room.
    Probably,
    /// Perhaps the one in the room.
    Perhaps,
    /// Only what somebody typed into Zoom.
    Shown,
}

/// A match that the desk may confirm or correct.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Who is in the room.
    pub presence: String,
    /// Who that is taken for; none where they are marked as no attendee.
    pub attendee: Option<String>,
    /// Whether it is to be confirmed: no person has yet, and the rules are not certain.
    pub confirm: bool,
    /// Whether a person decided it, so that it can be taken back.
    pub decided: bool,
    /// Who else it may be.
    pub others: Vec<Someone>,
}

/// Somebody due on this day.
#[derive(Clone, Debug)]
pub struct Someone {
    /// Their id at their appointment.
    pub attendee: String,
    /// The clinic's name for them.
    pub name: String,
    /// When they are due.
    pub time: String,
    /// With whom.
    pub host: String,
}

/// A question to the desk: who is this?
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who is in the room.
    pub presence: String,
    /// The likely ones, likeliest first.
    pub likely: Vec<Likely>,
    /// Everybody else who is due on this day.
    pub others: Vec<Someone>,
    /// Whether a person has said something already, so that it can be taken back.
    pub decided: bool,
}

/// Somebody who is likely to be meant.
#[derive(Clone, Debug)]
pub struct Likely {
    /// Who.
    pub who: Someone,
    /// Why, in a few words; may be empty.
    pub why: String,
}

/// A page that does something about a row.
#[derive(Clone, Debug)]
pub struct Way {
    /// What it does.
    pub word: String,
    /// Where it is.
    pub href: String,
}

/// A link to copy.
#[derive(Clone, Debug)]
pub struct Copy {
    /// What it is.
    pub word: String,
    /// The address.
    pub url: String,
}

/// What a notice says, once.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Names this arrival among others of the same person.
    pub key: String,
    /// Initials only: a screen is seen by whoever passes.
    pub words: String,
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

/// How somebody stands: a word, a shape and a colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The shape and the colour, as classes of the style sheet.
    pub look: &'static str,
    /// The word.
    pub word: String,
    /// Since when, milliseconds since the epoch, where the page is to count.
    pub since: Option<i64>,
    /// How long that is.
    pub length: String,
    /// Whether the word, shape and colour change with the length.
    pub ages: bool,
}

/// How long somebody has waited. The page's script knows the same limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Under five minutes.
    Short,
    /// Five to fifteen.
    Long,
    /// Fifteen and more.
    VeryLong,
}

impl Age {
    /// From when on a wait is long.
    pub const LONG: Duration = Duration::from_mins(5);
    /// From when on a wait is very long.
    pub const VERY_LONG: Duration = Duration::from_mins(15);

    /// The age of a wait.
    pub fn of(wait: Duration) -> Self {
        if wait >= Self::VERY_LONG {
            Self::VeryLong
        } else if wait >= Self::LONG {
            Self::Long
        } else {
            Self::Short
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Short => "waiting",
            Self::Long => "waiting long",
            Self::VeryLong => "waiting very long",
        }
    }

    fn look(self) -> &'static str {
        match self {
            Self::Short => "waiting",
            Self::Long => "waiting long",
            Self::VeryLong => "waiting very",
        }
    }
}

impl State {
    /// A state that does not change by itself.
    pub fn still(look: &'static str, word: impl Into<String>) -> Self {
        Self { look, word: word.into(), since: None, length: String::new(), ages: false }
    }

    /// A state whose length the page counts.
    pub fn running(look: &'static str, word: &str, since: domain::Timestamp, now: domain::Timestamp) -> Self {
        Self {
            look,
            word: word.to_owned(),
            since: Some(since.as_millis()),
            length: words::length(now.since(since)),
            ages: false,
        }
    }

    /// In the waiting room.
    pub fn waiting(since: domain::Timestamp, now: domain::Timestamp) -> Self {
        let age = Age::of(now.since(since));
        Self { ages: true, ..Self::running(age.look(), age.word(), since, now) }
    }
}

impl Row {
    /// Those of whom it is asked or said that they did not come.
    pub fn no_shows(&self) -> impl Iterator<Item = (&Person, &NoShow)> {
        self.people.iter().filter_map(|person| Some((person, person.no_show.as_ref()?)))
    }

    /// Whether there is anything in its menu.
    pub fn has_menu(&self) -> bool {
        !self.open.is_empty()
            || self.late.is_some()
            || self.people.iter().any(|person| person.doubt.is_some())
    }

    /// The buttons to mark each of them.
    pub fn marks(&self) -> impl Iterator<Item = (&Person, &MarkButtons)> {
        self.people.iter().filter_map(|person| Some((person, person.marks.as_ref()?)))
    }

    /// The people in the room whom the rules take for somebody, and whether that is right.
    pub fn doubts(&self) -> impl Iterator<Item = (&Person, &Doubt)> {
        self.people.iter().filter_map(|person| Some((person, person.doubt.as_ref()?)))
    }
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
