//! The page of a guest link: whose room, and one button. No word about health, and none about anybody else.

use askama::Template;

use super::visit::PatientFrame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "guest.html")]
pub struct GuestPage {
    /// The frame, with the clinic's name.
    pub frame: PatientFrame,
    /// The link's token: the page's own address.
    pub token: String,
    /// Keeps the language that was asked for.
    pub query: String,
    /// Whose room it is.
    pub host: String,
    /// What can be done now.
    pub state: GuestState,
    /// What comes after Join.
    pub then: String,
    /// Why there is no Join, and what to do.
    pub message: String,
    /// Whom to call when nothing helps.
    pub help_call: String,
}

/// What a guest can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestState {
    /// Join.
    Open,
    /// Wait: the page looks again by itself.
    NotReady,
    /// Wait a little: too many have come just now.
    TooMany,
}

impl GuestState {
    /// Whether the page should look again by itself.
    pub fn looks_again(self) -> bool {
        self == Self::NotReady
    }
}
