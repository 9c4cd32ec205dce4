//! A staff member's own room: who waits, what comes next, the links, the connection, and what can be done.

mod acts;
mod adopt;

use askama::Template;

pub use acts::{
    Acts, Colleague, CoverLine, CoveredRoom, EndPage, MessageForm, NowLine, Preset, ShownLine, StandingLine,
    ToldForm, ToldPage,
};
pub use adopt::{AdoptChoice, AdoptConfirm, AdoptPage};

use super::{
    board::{Copy, State, WarningLine},
    frame::Frame,
    marks::MarkButtons,
    room_other::OtherRoomView,
};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "room.html")]
pub struct RoomPage {
    /// The frame.
    pub frame: Frame,
    /// `Monday 23 November 2026`.
    pub day: String,
    /// `10:07`.
    pub time: String,
    /// `CST`.
    pub zone: String,
    /// How many seconds the clinic's clocks are ahead of Greenwich's: the page's clock counts with it.
    pub offset: i32,
    /// The server's time, milliseconds since the epoch: the page counts on from it.
    pub now: i64,
    /// How many seconds of the clinic's clock pass in one second.
    pub rate: u32,
    /// How the connection to Zoom stands.
    pub connection: ConnectionView,
    /// What the room lacks, and what to do about each.
    pub lacks: Vec<(String, String)>,
    /// Where the room comes from, as a sentence; empty where there is none at Zoom.
    pub origin: &'static str,
    /// What kind of room it is; none while Zoom is not connected, or where it is the owner's own meeting.
    pub kind: Option<KindView>,
    /// The way in as host; none while there is no room.
    pub join: Option<Join>,
    /// How connection, waiting room and meeting stand, a line each; empty for a room of another product.
    pub standing: Vec<StandingLine>,
    /// What needs the owner now, worst first.
    pub needs: Vec<NowLine>,
    /// What all who wait read now.
    pub shown: Vec<ShownLine>,
    /// Rooms in which the owner stands in for somebody today.
    pub covered: Vec<CoveredRoom>,
    /// What can be done with the room; none where it is not at Zoom.
    pub acts: Option<Acts>,
    /// How the owner wants to be told.
    pub told: ToldForm,
    /// What to look out for before somebody is let in.
    pub warnings: Vec<WarningLine>,
    /// Who is in the room now; who waits comes first.
    pub guests: Vec<Guest>,
    /// What comes next today.
    pub next: Vec<NextVisit>,
    /// The links to copy.
    pub links: Vec<Copy>,
    /// The room of another product.
    pub other: OtherRoomView,
    /// Where text messages to its owner go.
    pub phone: PhoneView,
}

/// The way in as host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Join {
    /// By a form, which notes the press and leads to Zoom.
    AtZoom,
    /// By this link, to another product.
    Elsewhere(String),
}

/// A number in its field.
#[derive(Clone, Debug, Default)]
pub struct PhoneView {
    /// It, or whatever was typed.
    pub number: String,
    /// What is wrong with it; empty where nothing is.
    pub fault: String,
}

/// The part that changes while the page is open.
#[derive(Clone, Debug, Template)]
#[template(path = "room_live.html")]
pub struct RoomLive {
    /// The page that it is a part of.
    pub page: RoomPage,
}

/// How the connection to Zoom stands.
#[derive(Clone, Debug)]
pub struct ConnectionView {
    /// Whether all is well.
    pub good: bool,
    /// In a few words.
    pub word: String,
    /// What that means and what to do, as sentences.
    pub sentence: String,
    /// What the button to Zoom says; empty where none is needed.
    pub connect: &'static str,
    /// Whether to offer asking Zoom for the room once more.
    pub try_again: bool,
    /// Whether it can be taken back.
    pub can_disconnect: bool,
}

/// What kind of room it is, and what else it could be.
#[derive(Clone, Debug)]
pub struct KindView {
    /// What it is, as a sentence.
    pub now: String,
    /// Why it is not what was wanted, and what to do; empty where it is.
    pub trouble: String,
    /// What can be chosen.
    pub choices: Vec<KindChoice>,
    /// Whether it is for all rooms of the clinic.
    pub of_clinic: bool,
}

/// A kind of room that can be chosen.
#[derive(Clone, Debug)]
pub struct KindChoice {
    /// What the form sends.
    pub value: &'static str,
    /// Its name.
    pub word: String,
    /// What it is like.
    pub what: String,
    /// What changing to it brings.
    pub todo: String,
    /// Whether it is what is wanted now.
    pub chosen: bool,
}

/// Somebody in the room.
#[derive(Clone, Debug)]
pub struct Guest {
    /// How they stand.
    pub state: State,
    /// Who, as the clinic knows them, or what Zoom shows.
    pub name: String,
    /// Whether that is likely rather than certain.
    pub probably: bool,
    /// Whether the name is only what somebody typed into Zoom.
    pub shown: bool,
    /// Which visit, why, or what to do, in a few words.
    pub note: String,
    /// The appointment, where it is known.
    pub open: String,
    /// The buttons to say where they are, for a room that tells nothing itself.
    pub marks: Option<MarkButtons>,
}

/// A visit that comes next.
#[derive(Clone, Debug)]
pub struct NextVisit {
    /// `10:30–11:00`.
    pub time: String,
    /// With whom.
    pub whom: String,
    /// How they stand, in a few words.
    pub note: String,
    /// The appointment's page.
    pub open: String,
}
