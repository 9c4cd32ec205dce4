//! The patient's page: when, with whom, and one button. No word about health, and none about anybody else.

use askama::Template;

use super::frame::Frame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "visit.html")]
pub struct VisitPage {
    /// The frame, with the clinic's name and nobody signed in.
    pub frame: Frame,
    /// The link's token: the page's own address.
    pub token: String,
    /// Who hosts.
    pub host: String,
    /// `Monday 23 November 2026`.
    pub date: String,
    /// `10:00 AM`.
    pub from: String,
    /// `10:50 AM`.
    pub to: String,
    /// `CST, Chicago time`.
    pub zone: String,
    /// What can be done now.
    pub state: VisitState,
}

/// What a patient can do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// Join.
    Open,
    /// Come back when Join is there.
    Early {
        /// From when on, with its date.
        opens: String,
    },
    /// Nothing more.
    Over,
    /// Nothing.
    Cancelled,
    /// Come to the clinic.
    InPerson,
    /// Wait: the page looks again by itself.
    HostNotReady,
}

impl VisitState {
    /// Whether the page should look again by itself.
    pub fn looks_again(&self) -> bool {
        matches!(self, Self::HostNotReady | Self::Early { .. })
    }
}

/// A link that leads nowhere.
#[derive(Clone, Debug, Template)]
#[template(path = "visit_unknown.html")]
pub struct UnknownLinkPage {
    /// The frame; nobody's.
    pub frame: Frame,
}
