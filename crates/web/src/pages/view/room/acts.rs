//! What its owner can do with a room that is in use, and how it stands.

use askama::Template;

use super::{
    super::{board::Choice, frame::Frame},
    Guest,
};

/// How something stands: a word, a shape and a colour, and what that means.
#[derive(Clone, Debug)]
pub struct StandingLine {
    /// `good`, `bad`, `unsure` or `idle`.
    pub look: &'static str,
    /// In two or three words.
    pub word: String,
    /// More of it, as a sentence; may be empty.
    pub sentence: String,
    /// Since when that is known, milliseconds since the epoch, where the page is to count on from it.
    pub at: Option<i64>,
    /// How long ago that is, with what happened then: `checked 3 min ago`.
    pub ago: (&'static str, String),
    /// Whether to offer asking Zoom at once.
    pub check: bool,
}

/// Something that needs the owner now.
#[derive(Clone, Debug)]
pub struct NowLine {
    /// The shape, as a class of the style sheet.
    pub look: &'static str,
    /// In two or three words.
    pub word: String,
    /// What is so and what to do, as sentences.
    pub sentence: String,
    /// Since when, milliseconds since the epoch, where that matters.
    pub since: Option<i64>,
    /// How long that is.
    pub length: String,
    /// Whether to offer ending the meeting.
    pub end: bool,
}

/// What all who wait read.
#[derive(Clone, Debug)]
pub struct ShownLine {
    /// Where they read it.
    pub place: String,
    /// It.
    pub words: String,
    /// Who put it there, and when.
    pub by: String,
}

/// A room in which the owner of the page stands in.
#[derive(Clone, Debug)]
pub struct CoveredRoom {
    /// Whose.
    pub host: String,
    /// Their id, for forms.
    pub id: String,
    /// Names the cover, to end it.
    pub cover: String,
    /// Until when.
    pub until: String,
    /// Whether Zoom lets the reader start the meeting there.
    pub may_start: bool,
    /// Who is there.
    pub guests: Vec<Guest>,
}

/// What can be done with the room.
#[derive(Clone, Debug, Default)]
pub struct Acts {
    /// The message to all who wait.
    pub message: MessageForm,
    /// Who stands in now.
    pub cover: Option<CoverLine>,
    /// Who could.
    pub colleagues: Vec<Colleague>,
    /// Why nobody does although it was asked for; empty where nothing went wrong.
    pub cover_fault: String,
}

/// A message of ours that is shown by one press.
#[derive(Clone, Debug)]
pub struct Preset {
    /// What the form sends.
    pub value: &'static str,
    /// In large letters.
    pub title: &'static str,
    /// Below it.
    pub text: &'static str,
}

/// The message to all who wait.
#[derive(Clone, Debug, Default)]
pub struct MessageForm {
    /// What can be shown by one press.
    pub presets: Vec<Preset>,
    /// The title as it was typed.
    pub title: String,
    /// The text as it was typed.
    pub text: String,
    /// What is wrong with the title; empty where nothing is.
    pub title_fault: String,
    /// The same of the text.
    pub text_fault: String,
    /// What became of it where that is not all well, as sentences.
    pub trouble: String,
    /// Characters of a title at most.
    pub longest_title: usize,
    /// Of a text.
    pub longest_text: usize,
}

/// A colleague who can be asked to stand in.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// What the form sends.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What to know of it, such as that Zoom will not let them start the meeting; may be empty.
    pub note: &'static str,
}

/// Somebody stands in.
#[derive(Clone, Debug)]
pub struct CoverLine {
    /// Names it.
    pub id: String,
    /// Who.
    pub whom: String,
    /// Their id, to try again at Zoom.
    pub colleague: String,
    /// Until when.
    pub until: String,
    /// Whether they may start the meeting.
    pub may_start: bool,
    /// Why not, and how to hand over; empty where they may.
    pub words: String,
}

/// How somebody wants to be told.
#[derive(Clone, Debug, Default)]
pub struct ToldForm {
    /// Of their own; empty for whoever has no room.
    pub own: Vec<Choice>,
    /// Of everybody's; empty for whoever does not see to them.
    pub clinic: Vec<Choice>,
    /// What is wrong with it; empty where nothing is.
    pub fault: String,
    /// Where the form came from, so that it leads back there.
    pub from: &'static str,
}

/// The same as a page of its own, for whoever has no room.
#[derive(Clone, Debug, Template)]
#[template(path = "room/told_page.html")]
pub struct ToldPage {
    /// The frame.
    pub frame: Frame,
    /// The form.
    pub told: ToldForm,
}

/// Asks once more before a meeting is ended for everybody.
#[derive(Clone, Debug, Template)]
#[template(path = "room/end.html")]
pub struct EndPage {
    /// The frame.
    pub frame: Frame,
    /// Whose room, where it is a colleague's; empty for the reader's own.
    pub host: String,
    /// Their id, for the form.
    pub id: String,
    /// Who is in it or waits, the clinic's names first.
    pub guests: Vec<Guest>,
    /// Who of the staff is in it.
    pub staff: Vec<String>,
    /// Whether it runs, as far as is known.
    pub runs: bool,
    /// Whether Zoom's word comes through, so that the list can be relied on.
    pub is_sure: bool,
    /// Why it was not ended; empty where it was not tried.
    pub trouble: String,
}
