//! When a visit is, as the form says it on the clinic's wall.

use std::time::Duration;

use domain::{Timestamp, appointment::LONGEST};
use jiff::{
    civil::{Date, Time},
    tz::AmbiguousOffset,
};

use super::{Sent, Wrong};
use crate::pages::view::{
    board::Choice,
    words::{Wall, long_date},
};

impl Sent {
    /// How long it lasts.
    pub(super) fn length(&self, wrong: &mut Wrong) -> Option<Duration> {
        let longest = LONGEST.as_secs() / 60;
        match self.text("minutes").parse::<u64>() {
            Ok(minutes) if (1..=longest).contains(&minutes) => Some(Duration::from_mins(minutes)),
            _ => {
                wrong.note("minutes", format!("Give the length in whole minutes, from 1 to {longest}."));
                None
            }
        }
    }

    /// The instant that date and time mean on the clinic's wall. Where the clocks change, a time may not exist, or
    /// come twice; neither is guessed.
    pub(super) fn starts_at(&self, wall: &Wall, wrong: &mut Wrong) -> Option<Timestamp> {
        let date: Option<Date> = self.text("date").parse().ok();
        if date.is_none() {
            wrong.note("date", "Give a date such as 2026-11-23.");
        }
        let time: Option<Time> = Time::strptime("%H:%M", self.text("start")).ok();
        if time.is_none() {
            wrong.note("start", "Give a time such as 14:30.");
        }
        let wanted = date?.to_datetime(time?);
        let found = wall.zone.rules().to_ambiguous_timestamp(wanted);
        match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => found.unambiguous().ok().map(Timestamp::from),
            AmbiguousOffset::Gap { .. } => {
                let before = found.earlier().ok().map(Timestamp::from)?;
                let after = found.later().ok().map(Timestamp::from)?;
                wrong.note(
                    "start",
                    format!(
                        "{} does not exist on {} in {}: the clocks are put forward over it. Choose {} or {}.",
                        time?.strftime("%H:%M"),
                        long_date(date?),
                        wall.zone_place(),
                        wall.time(before),
                        wall.time(after)
                    ),
                );
                None
            }
            AmbiguousOffset::Fold { .. } => {
                let first = found.earlier().ok().map(Timestamp::from)?;
                let second = found.later().ok().map(Timestamp::from)?;
                let answer = self.text("which");
                wrong.which =
                    choices(wall, first, second).map(|(value, word)| (value, word, value == answer)).into();
                match answer {
                    "first" => Some(first),
                    "second" => Some(second),
                    _ => {
                        wrong.note(
                            "start",
                            format!(
                                "{} comes twice on {} in {}, since the clocks are put back. Choose which one is meant.",
                                time?.strftime("%H:%M"),
                                long_date(date?),
                                wall.zone_place()
                            ),
                        );
                        None
                    }
                }
            }
        }
    }
}

fn choices(wall: &Wall, first: Timestamp, second: Timestamp) -> [(&'static str, String); 2] {
    let word = |at| format!("{} {}", wall.time(at), wall.zone_word(at));
    [("first", format!("the first, {}", word(first))), ("second", format!("the second, {}", word(second)))]
}

/// For an appointment that starts at a time which comes twice: which of the two it is.
pub(in crate::pages::booking) fn which(wall: &Wall, starts_at: Timestamp) -> Vec<Choice> {
    let on_the_wall = starts_at.in_zone(wall.zone.rules()).datetime();
    let found = wall.zone.rules().to_ambiguous_timestamp(on_the_wall);
    let AmbiguousOffset::Fold { .. } = found.offset() else { return Vec::new() };
    let (Ok(first), Ok(second)) = (found.earlier(), found.later()) else { return Vec::new() };
    choices(wall, first.into(), second.into())
        .into_iter()
        .zip([first, second])
        .map(|((value, word), at)| Choice {
            value: value.to_owned(),
            word,
            chosen: Timestamp::from(at).as_seconds() == starts_at.as_seconds(),
        })
        .collect()
}
