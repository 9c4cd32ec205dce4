//! What a host's patients are told: that the host is late, or anything else.

use askama::Template;

use super::{appointment::NoticeLine, frame::Frame};

/// The page; its part called "tell" also stands in a dialog on the board.
#[derive(Clone, Debug, Template)]
#[template(path = "board/tell.html")]
pub struct TellPage {
    /// The frame.
    pub frame: Frame,
    /// Whose patients.
    pub host: String,
    /// The host's id.
    pub id: String,
    /// Who is still to come, and by what they would be told, as sentences.
    pub audience: Vec<String>,
    /// Whether nobody is.
    pub nobody: bool,
    /// The minutes to choose from.
    pub minutes: Vec<i64>,
    /// What stands on their pages.
    pub notices: Vec<NoticeLine>,
    /// Whether they are told to be late already.
    pub is_late: bool,
    /// Where to go back to.
    pub back: String,
    /// The same as a query with its question mark, for forms.
    pub query: String,
    /// What was wrong with what was sent; empty where nothing was.
    pub fault: String,
    /// What had been written.
    pub words: String,
}
