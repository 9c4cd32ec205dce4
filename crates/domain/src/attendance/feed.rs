//! Whether Zoom is still heard of, and what to tell people who rely on it.
//!
//! Silence alone proves nothing: an empty clinic is silent. It is suspicious when something ought to have been heard.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A press of Join ought to be followed by word from its room within this time.
pub const PRESS_HEARD_WITHIN: Duration = Duration::from_secs(90);
/// After this time a press that was not followed by anything says no more: the patient may have given up.
pub const PRESS_FORGOTTEN: Duration = Duration::from_mins(30);
/// Silence while a meeting runs. Sessions last 50 minutes and a clinic's begin together on the hour, so that forty
/// minutes without anybody coming or going are everyday; a warning each hour would teach people to overlook it.
const SILENCE_WHILE_RUNNING: Duration = Duration::from_mins(45);
/// Heard of so recently that nothing needs to be asked.
const RECENTLY: Duration = Duration::from_mins(5);

/// How the feed stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    /// Zoom was heard of within minutes.
    Live,
    /// Nothing came for a while, and nothing had to.
    Quiet,
    /// Something ought to have come and did not: what boards show may be old.
    Stale,
    /// Zoom was never heard of.
    Never,
}

impl FeedState {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Quiet => "quiet",
            Self::Stale => "stale",
            Self::Never => "never",
        }
    }
}

/// What is known of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When Zoom was last heard of for this clinic.
    pub last: Option<Timestamp>,
    /// The oldest press of Join that still waits for word: see [`oldest_unanswered`].
    pub unanswered_press: Option<Timestamp>,
    /// How many rooms have somebody in session.
    pub running: usize,
}

/// The oldest press, not long ago, whose room was not heard of after it. Presses are `(when, when that room was last
/// heard of)`.
pub fn oldest_unanswered(
    presses: impl IntoIterator<Item = (Timestamp, Option<Timestamp>)>,
    now: Timestamp,
) -> Option<Timestamp> {
    presses
        .into_iter()
        .filter(|(at, heard)| {
            *at <= now && now.since(*at) <= PRESS_FORGOTTEN && heard.is_none_or(|heard| heard < *at)
        })
        .map(|(at, _)| at)
        .min()
}

/// The state, and the sentence that stands in the header.
pub fn state(heard: Heard, now: Timestamp) -> (FeedState, String) {
    let unanswered =
        heard.unanswered_press.map(|press| now.since(press)).filter(|age| *age >= PRESS_HEARD_WITHIN);
    let silence = heard.last.map(|last| now.since(last));
    if let Some(age) = unanswered {
        let ago = in_words(age);
        let sentence = match silence {
            Some(_) => format!(
                "A patient pressed Join {ago} ago and Zoom has said nothing of that room since. What you see may be old."
            ),
            None => format!(
                "A patient pressed Join {ago} ago and Zoom has never been heard of. Check the Zoom app's webhook."
            ),
        };
        return (FeedState::Stale, sentence);
    }
    let Some(silence) = silence else {
        return (FeedState::Never, "Nothing has ever come from Zoom.".to_owned());
    };
    let ago = in_words(silence);
    let running = match heard.running {
        0 => None,
        1 => Some("a meeting runs".to_owned()),
        several => Some(format!("{several} meetings run")),
    };
    match running {
        Some(running) if silence >= SILENCE_WHILE_RUNNING => (
            FeedState::Stale,
            format!("No word from Zoom for {ago} while {running}. What you see may be old."),
        ),
        _ if silence <= RECENTLY => (FeedState::Live, format!("Last word from Zoom {ago} ago.")),
        Some(running) => (
            FeedState::Quiet,
            format!("No word from Zoom for {ago} while {running}, as is usual in a session."),
        ),
        None => (FeedState::Quiet, format!("No word from Zoom for {ago}; nothing had to come.")),
    }
}

fn in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

    fn ago(seconds: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(seconds))
    }

    fn word(last: Option<u64>, press: Option<u64>, running: usize) -> FeedState {
        state(Heard { last: last.map(ago), unanswered_press: press.map(ago), running }, NOW).0
    }

    #[test]
    fn a_feed_that_never_spoke_says_never() {
        assert_eq!(word(None, None, 0), FeedState::Never);
    }

    #[test]
    fn silence_in_an_empty_clinic_is_quiet_and_not_stale() {
        assert_eq!(word(Some(300), None, 0), FeedState::Live);
        assert_eq!(word(Some(301), None, 0), FeedState::Quiet);
        assert_eq!(word(Some(86_400), None, 0), FeedState::Quiet);
    }

    #[test]
    fn silence_is_usual_within_a_session_and_suspicious_beyond_it() {
        for running in [1, 2] {
            assert_eq!(word(Some(44 * 60), None, running), FeedState::Quiet);
            assert_eq!(word(Some(45 * 60), None, running), FeedState::Stale);
        }
    }

    #[test]
    fn a_press_that_zoom_does_not_answer_within_90_seconds_makes_it_stale() {
        assert_eq!(word(Some(10), Some(89), 0), FeedState::Live);
        assert_eq!(word(Some(10), Some(90), 0), FeedState::Stale);
        assert_eq!(word(None, Some(90), 0), FeedState::Stale);
    }

    #[test]
    fn a_press_is_answered_by_its_own_room_only_and_forgotten_after_half_an_hour() {
        assert_eq!(oldest_unanswered([(ago(100), Some(ago(50)))], NOW), None);
        assert_eq!(oldest_unanswered([(ago(100), Some(ago(150))), (ago(40), None)], NOW), Some(ago(100)));
        assert_eq!(oldest_unanswered([(ago(1_801), None)], NOW), None);
    }

    #[test]
    fn the_sentence_says_how_long_and_how_many() {
        let said = |minutes: u64, running| {
            let heard = Heard { last: Some(ago(minutes * 60)), unanswered_press: None, running };
            state(heard, NOW).1
        };
        assert_eq!(
            said(46, 2),
            "No word from Zoom for 46 min while 2 meetings run. What you see may be old."
        );
        assert_eq!(said(6, 1), "No word from Zoom for 6 min while a meeting runs, as is usual in a session.");
        assert_eq!(said(6, 0), "No word from Zoom for 6 min; nothing had to come.");
    }
}
