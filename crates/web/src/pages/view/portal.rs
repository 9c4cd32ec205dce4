//! The page of all coming visits of one person: when, with whom, and a way to each. No word about health, and none about
//! anybody else.

use askama::Template;
use outreach::words::page::Portal;

use super::visit::PatientFrame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "portal.html")]
pub struct PortalPage {
    /// The frame, with the clinic's name and the languages.
    pub frame: PatientFrame,
    /// What it says, in the language of the page.
    pub words: &'static Portal,
    /// `Your upcoming visits at Riverside.`
    pub lead: String,
    /// `Times are the clinic's: CST, Chicago time.`
    pub zone: String,
    /// The visits, by start.
    pub visits: Vec<Visit>,
    /// Whether the page may stand inside another site's: links then lead out of that frame.
    pub in_frame: bool,
}

/// One visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// `Monday 23 November 2026`.
    pub date: String,
    /// Whether that is today.
    pub is_today: bool,
    /// `10:00 AM to 10:50 AM`.
    pub time: String,
    /// `With Amara Osei`.
    pub with: String,
    /// The patient's own page of this visit.
    pub href: String,
    /// What can be done.
    pub state: State,
}

/// What a patient can do about a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Join.
    Open,
    /// Come back when Join is there.
    Early {
        /// `Join is here from Sunday 22 November 2026 at 10:00 AM.`
        opens: String,
    },
    /// Wait: the page looks again by itself.
    NotReady,
    /// Come to the clinic.
    InPerson,
}
