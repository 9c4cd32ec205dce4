//! A row of the board: who it is about, the questions that it asks, and what can be done from it.

use super::{
    super::{appointment::NoticeLine, ledger::Fate, marks::MarkButtons},
    State,
};

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

/// What a notice says, once.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Names this arrival among others of the same person.
    pub key: String,
    /// Initials only: a screen is seen by whoever passes.
    pub words: String,
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
