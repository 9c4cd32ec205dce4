//! How somebody stands, and how long a wait is.

use std::time::Duration;

use domain::Timestamp;

use super::super::words;

/// How somebody stands: a word, a shape and a colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The shape and the colour, as classes of the style sheet.
    pub look: &'static str,
    /// The word.
    pub word: String,
    /// Since when, milliseconds since the epoch, where the page is to count.
    pub since: Option<i64>,
    /// How long that is.
    pub length: String,
    /// Whether the word, shape and colour change with the length.
    pub ages: bool,
}

/// How long somebody has waited. The page's script knows the same limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Under five minutes.
    Short,
    /// Five to fifteen.
    Long,
    /// Fifteen and more.
    VeryLong,
}

impl Age {
    /// From when on a wait is long.
    pub const LONG: Duration = Duration::from_mins(5);
    /// From when on a wait is very long.
    pub const VERY_LONG: Duration = Duration::from_mins(15);

    /// The age of a wait.
    pub fn of(wait: Duration) -> Self {
        if wait >= Self::VERY_LONG {
            Self::VeryLong
        } else if wait >= Self::LONG {
            Self::Long
        } else {
            Self::Short
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Short => "waiting",
            Self::Long => "waiting long",
            Self::VeryLong => "waiting very long",
        }
    }

    fn look(self) -> &'static str {
        match self {
            Self::Short => "waiting",
            Self::Long => "waiting long",
            Self::VeryLong => "waiting very",
        }
    }
}

impl State {
    /// A state that does not change by itself.
    pub fn still(look: &'static str, word: impl Into<String>) -> Self {
        Self { look, word: word.into(), since: None, length: String::new(), ages: false }
    }

    /// A state whose length the page counts.
    pub fn running(look: &'static str, word: &str, since: Timestamp, now: Timestamp) -> Self {
        Self {
            look,
            word: word.to_owned(),
            since: Some(since.as_millis()),
            length: words::length(now.since(since)),
            ages: false,
        }
    }

    /// In the waiting room.
    pub fn waiting(since: Timestamp, now: Timestamp) -> Self {
        let age = Age::of(now.since(since));
        Self { ages: true, ..Self::running(age.look(), age.word(), since, now) }
    }
}
