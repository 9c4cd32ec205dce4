//! The page where a lost link is asked for, and its answer, which is the same whoever asks.

use askama::Template;
use outreach::words::page::Lost;

use super::visit::PatientFrame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "lost.html")]
pub struct LostPage {
    /// The frame; nobody's.
    pub frame: PatientFrame,
    /// What it says, in the language of the page.
    pub words: &'static Lost,
    /// The language, to be kept when the form is sent.
    pub language: String,
    /// What is asked, or answered.
    pub state: LostState,
}

/// What the page is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostState {
    /// It asks for an address.
    Asks {
        /// What was typed before.
        typed: String,
        /// Whether that was no address.
        wrong: bool,
    },
    /// It was taken, and nothing is said of what came of it.
    Taken,
    /// It was asked for too often.
    TooMany {
        /// `There have been too many requests. Please try again in 12 min, or call the clinic.`
        sentence: String,
    },
}
