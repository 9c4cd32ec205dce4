//! The buttons by which somebody of the staff says where an attendee is, for rooms that tell nothing themselves.

/// The buttons.
#[derive(Clone, Debug)]
pub struct MarkButtons {
    /// Whom they are about.
    pub attendee: String,
    /// Their name.
    pub name: String,
    /// What holds: `marked as waiting at 10:03 by Sid`; empty where nothing does.
    pub told: String,
    /// What the buttons send, and what they say.
    pub choices: Vec<(&'static str, &'static str)>,
    /// What taking back sends, and what it says; empty where nothing holds.
    pub take_back: Option<(String, String)>,
    /// What is added to the address, so that the answer leads back: `?appointment=…`.
    pub back: String,
}
