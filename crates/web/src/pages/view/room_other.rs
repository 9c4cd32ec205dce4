//! A room of another product on its owner's page, and the step from our pages into such a room.

use askama::Template;

use super::visit::PatientFrame;

/// The page that moves on to the room by itself, with a link for whom it does not.
#[derive(Clone, Debug, Template)]
#[template(path = "onward.html")]
pub struct OnwardPage {
    /// The frame.
    pub frame: PatientFrame,
    /// Where to.
    pub url: String,
}

/// The form for the two links, and what is to be said of them.
#[derive(Clone, Debug, Default)]
pub struct OtherRoomView {
    /// Whether visits lead there now.
    pub in_use: bool,
    /// Whether links are kept.
    pub kept: bool,
    /// The server of the guests' link, such as `doxy.me`.
    pub server: String,
    /// When the links were last tried, as a sentence.
    pub now: String,
    /// The host's link, as kept or as typed.
    pub host_url: String,
    /// The guests' link.
    pub guest_url: String,
    /// What is wrong with what was typed: the field and why.
    pub faults: Vec<(&'static str, String)>,
    /// What is doubtful about what is kept: which link and why.
    pub doubts: Vec<(&'static str, String)>,
}

impl OtherRoomView {
    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<String> {
        let of_field: Vec<&str> =
            self.faults.iter().filter(|(name, _)| *name == field).map(|(_, why)| why.as_str()).collect();
        (!of_field.is_empty()).then(|| of_field.join(" "))
    }

    /// Whether the form stands open.
    pub fn is_open(&self) -> bool {
        !self.faults.is_empty()
    }
}
