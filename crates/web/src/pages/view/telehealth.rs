//! The rules that say what is telehealth, for the admin.

use askama::Template;

use super::{board::Choice, frame::Frame};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "telehealth_rules.html")]
pub struct RulesPage {
    /// The frame.
    pub frame: Frame,
    /// The rules, with an empty row at the end.
    pub rows: Vec<RuleRow>,
    /// Whether there are rows that were not saved.
    pub unsaved: bool,
    /// Whether any rule is kept or typed.
    pub has_rules: bool,
    /// Whether no more fit.
    pub is_full: bool,
}

/// One rule, as kept or as typed.
#[derive(Clone, Debug)]
pub struct RuleRow {
    /// What it is about.
    pub aspects: Vec<Choice>,
    /// The word that it is for.
    pub name: String,
    /// What it says.
    pub offers: Vec<Choice>,
    /// What is wrong with it.
    pub fault: Option<String>,
}
