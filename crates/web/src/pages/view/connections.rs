//! The board of connections and rooms, one clinician's history, and the readiness of a day.

use askama::Template;

use super::{board::State, frame::Frame};

/// The board of connections and rooms.
#[derive(Clone, Debug, Template)]
#[template(path = "connections/page.html")]
pub struct ConnectionsPage {
    /// The frame.
    pub frame: Frame,
    /// What changes while the page is open.
    pub list: ConnectionsList,
    /// Who is told by what.
    pub choices: Vec<ChoiceLine>,
    /// What that needs and is not there, as a sentence; empty where all is there.
    pub cannot: &'static str,
    /// When people are warned.
    pub steps: StepsForm,
}

/// The part of it that changes while it is open.
#[derive(Clone, Debug, Template)]
#[template(path = "connections/list.html")]
pub struct ConnectionsList {
    /// The clinic's clock.
    pub clock: Clock,
    /// How many stand how, as a sentence.
    pub summary: String,
    /// Whether nothing is to be done.
    pub all_well: bool,
    /// Those who need somebody, soonest visit first.
    pub needy: Vec<StandingLine>,
    /// The others, by name.
    pub well: Vec<StandingLine>,
    /// Whether a look at somebody's room is under way.
    pub looking: bool,
}

/// The clinic's clock, as the page counts on from it.
#[derive(Clone, Debug)]
pub struct Clock {
    /// `Monday 23 November 2026`.
    pub day: String,
    /// `07:01`.
    pub time: String,
    /// `CST`.
    pub zone: String,
    /// How many seconds the clinic's clocks are ahead of Greenwich's.
    pub offset: i32,
    /// The server's time, milliseconds since the epoch.
    pub now: i64,
    /// How many seconds of the clinic's clock pass in one second.
    pub rate: u32,
}

/// How one clinician's connection and room stand.
#[derive(Clone, Debug)]
pub struct StandingLine {
    /// Names them in addresses.
    pub key: String,
    /// Who.
    pub name: String,
    /// In a word.
    pub state: State,
    /// What is to be done, worst first.
    pub todo: Vec<TodoLine>,
    /// What they sign in to Zoom with; empty where nobody is connected.
    pub email: String,
    /// When the connection was last renewed.
    pub renewed: String,
    /// The room, and when it was last looked at.
    pub room: String,
    /// What was found lately, youngest first.
    pub found: Vec<FoundLine>,
    /// How much more was found.
    pub more: usize,
    /// When Zoom last said something of the room.
    pub heard: String,
    /// When their next visit is.
    pub next: String,
    /// When they were last told that something is to be done, and by what; empty where they were not.
    pub told: String,
    /// What has a look taken at the room, if anything: `Repair` or `Check now`.
    pub look: Option<&'static str>,
    /// Whether they can be reminded.
    pub remind: bool,
}

/// Something to be done.
#[derive(Clone, Debug)]
pub struct TodoLine {
    /// How much it matters, as a class of the style sheet.
    pub look: &'static str,
    /// What is so.
    pub what: String,
    /// Who can do something about it; empty where nobody has to.
    pub by: String,
    /// What.
    pub todo: String,
}

/// What a room was found to lack.
#[derive(Clone, Debug)]
pub struct FoundLine {
    /// Whether it still lacks it.
    pub lasts: bool,
    /// As a sentence, with the times.
    pub sentence: String,
}

/// By what somebody is told.
#[derive(Clone, Debug)]
pub struct ChoiceLine {
    /// Who.
    pub name: String,
    /// Of their own room; empty where they have none.
    pub own: &'static str,
    /// Of everybody's; empty where that is not theirs.
    pub clinic: &'static str,
}

/// After how many minutes a host is late, as typed.
#[derive(Clone, Debug, Default)]
pub struct StepsForm {
    /// One for each box, empty ones too.
    pub steps: Vec<String>,
    /// What is wrong with them.
    pub fault: Option<&'static str>,
}

/// What was found in one clinician's room.
#[derive(Clone, Debug, Template)]
#[template(path = "connections/history.html")]
pub struct HistoryPage {
    /// The frame.
    pub frame: Frame,
    /// How it stands now.
    pub line: StandingLine,
    /// What was found, youngest first.
    pub found: Vec<HistoryLine>,
    /// The clinic's clock.
    pub clock: Clock,
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// When.
    pub found: String,
    /// What.
    pub what: &'static str,
    /// What made us look.
    pub why: &'static str,
    /// What became of it.
    pub became: String,
    /// Whether it still is so.
    pub lasts: bool,
}

/// Whether the day can begin.
#[derive(Clone, Debug, Template)]
#[template(path = "readiness/page.html")]
pub struct ReadinessPage {
    /// The frame.
    pub frame: Frame,
    /// What changes while the page is open.
    pub list: ReadinessList,
}

/// The part of it that changes while it is open.
#[derive(Clone, Debug, Template)]
#[template(path = "readiness/list.html")]
pub struct ReadinessList {
    /// The clinic's clock.
    pub clock: Clock,
    /// The query with which the page was asked for.
    pub query: String,
    /// How it stands with all of them, in a word.
    pub state: State,
    /// The same as a sentence.
    pub summary: String,
    /// How far the looks are that somebody asked for; none where nobody did.
    pub progress: Option<Progress>,
    /// Today's hosts, by their first visit.
    pub hosts: Vec<HostLine>,
    /// What else the day needs.
    pub besides: Vec<BesidesLine>,
    /// Whether the reader may see the board of connections.
    pub is_admin: bool,
}

/// How far the looks are.
#[derive(Clone, Debug)]
pub struct Progress {
    /// How many were taken.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// Whether all were taken, or no more are waited for.
    pub over: bool,
    /// The same as a sentence.
    pub sentence: String,
}

/// One of today's hosts.
#[derive(Clone, Debug)]
pub struct HostLine {
    /// Names them.
    pub key: String,
    /// When their first visit begins.
    pub time: String,
    /// Who.
    pub name: String,
    /// `4 visits, 09:00 to 16:30`.
    pub visits: String,
    /// In a word.
    pub state: State,
    /// When the room was last looked at.
    pub looked: String,
    /// What is to be done, worst first.
    pub todo: Vec<TodoLine>,
}

/// Something else that the day needs.
#[derive(Clone, Debug)]
pub struct BesidesLine {
    /// What.
    pub word: &'static str,
    /// In a word.
    pub state: State,
    /// As a sentence.
    pub sentence: String,
    /// Where to see to it; empty where there is nothing, or the reader may not.
    pub href: &'static str,
    /// What that is called.
    pub action: &'static str,
}
