//! Choosing another meeting of one's own as the room.

use askama::Template;

use super::super::frame::Frame;

/// The page: what there is to choose from, or what the chosen one would mean.
#[derive(Clone, Debug, Template)]
#[template(path = "room/adopt.html")]
pub struct AdoptPage {
    /// The frame.
    pub frame: Frame,
    /// Where the room comes from now.
    pub origin: &'static str,
    /// Whether it is the owner's own meeting, so that they can go back.
    pub is_own: bool,
    /// What can be chosen.
    pub meetings: Vec<AdoptChoice>,
    /// The personal meeting's number; empty where there is none to choose.
    pub personal: String,
    /// How many meetings cannot be chosen, as a sentence; empty where there are none.
    pub unfit: String,
    /// Whether Zoom told all meetings.
    pub is_complete: bool,
    /// What was chosen, to be confirmed.
    pub confirm: Option<AdoptConfirm>,
    /// Why it was not done; empty where nothing went wrong.
    pub trouble: String,
}

/// A meeting that can be chosen.
#[derive(Clone, Debug)]
pub struct AdoptChoice {
    /// Its number as Zoom writes it.
    pub number: String,
    /// Its name.
    pub topic: String,
    /// Its number, for the address.
    pub value: i64,
}

/// What choosing a meeting means.
#[derive(Clone, Debug)]
pub struct AdoptConfirm {
    /// Its name.
    pub topic: String,
    /// Its number as Zoom writes it.
    pub number: String,
    /// What the form sends.
    pub value: i64,
    /// Whether it is the personal one.
    pub personal: bool,
    /// What is put right in its settings, a sentence each.
    pub put_right: Vec<String>,
}
