//! What was found in a room and what became of it, as sentences with times.

use std::time::Duration;

use domain::{
    Timestamp,
    room::guard::{Drift, DriftEnd, LookFor},
};
use oauth::drift_in_short;

use crate::pages::view::{
    connections::{FoundLine, HistoryLine},
    words::{Wall, count},
};

/// What was put right within this time of being found was put right at once.
const AT_ONCE: Duration = Duration::from_mins(2);

/// `Waiting room off: found 06:02 at the daily check, put right at once.`
pub(super) fn sentence(drift: &Drift, wall: &Wall) -> FoundLine {
    FoundLine {
        lasts: drift.ended.is_none(),
        sentence: format!(
            "{}: found {} {}, {}.",
            drift_in_short(drift.kind),
            told(wall, drift.found_at),
            at(drift.found_for),
            became(drift, wall)
        ),
    }
}

/// The same for a table.
pub(super) fn line(drift: &Drift, wall: &Wall) -> HistoryLine {
    HistoryLine {
        found: told(wall, drift.found_at),
        what: drift_in_short(drift.kind),
        why: because(drift.found_for),
        became: crate::pages::view::words::sentence(&became(drift, wall)),
        lasts: drift.ended.is_none(),
    }
}

fn told(wall: &Wall, at: Timestamp) -> String {
    wall.time_seen_from(wall.today(), at)
}

fn became(drift: &Drift, wall: &Wall) -> String {
    match drift.ended {
        Some((at, DriftEnd::Repaired)) if at.since(drift.found_at) <= AT_ONCE => {
            "put right at once".to_owned()
        }
        Some((at, DriftEnd::Repaired)) => format!("put right {}", told(wall, at)),
        Some((at, DriftEnd::Gone)) => format!("seen to be right again {}", told(wall, at)),
        Some((at, DriftEnd::Replaced)) => format!("over when the room was replaced {}", told(wall, at)),
        None => match (drift.tries, drift.tried_at) {
            (often, Some(at)) if often > 0 => {
                let times = usize::try_from(often).unwrap_or(usize::MAX);
                let tried = count(times, "time", "times");
                format!("still so; putting it right was tried {tried}, last {}", told(wall, at))
            }
            _ => "still so".to_owned(),
        },
    }
}

fn at(look: LookFor) -> &'static str {
    match look {
        LookFor::Connected => "when Zoom was connected",
        LookFor::Daily => "at the daily check",
        LookFor::FirstVisit => "at the check before the first visit",
        LookFor::Changed => "when Zoom said that it was changed",
        LookFor::Asked => "when somebody asked for a check",
    }
}

fn because(look: LookFor) -> &'static str {
    match look {
        LookFor::Connected => "Zoom was connected",
        LookFor::Daily => "a day had passed",
        LookFor::FirstVisit => "the day’s first visit came near",
        LookFor::Changed => "Zoom said that it was changed",
        LookFor::Asked => "somebody asked for it",
    }
}

#[cfg(test)]
mod tests {
    use domain::{Ambient, clinic::Zone, room::guard::DriftKind};

    use super::*;

    fn drift(ended: Option<(Timestamp, DriftEnd)>, tries: i64) -> Drift {
        let found_at: Timestamp = "2026-11-23T12:02:00Z".parse().unwrap();
        let (ambient, _) = Ambient::manual(found_at, 1);
        Drift {
            id: ambient.id(),
            clinic_id: ambient.id(),
            room_id: ambient.id(),
            kind: DriftKind::WaitingRoomOff,
            found_at,
            found_for: LookFor::FirstVisit,
            hindrance: None,
            tries,
            tried_at: (tries > 0).then_some(found_at),
            ended,
        }
    }

    #[test]
    fn what_was_found_is_told_with_its_times_and_what_became_of_it() {
        let wall = Wall {
            zone: Zone::parse("America/Chicago").unwrap(),
            now: "2026-11-23T16:00:00Z".parse().unwrap(),
        };
        let at = |time: &str| -> Timestamp { format!("2026-11-23T{time}Z").parse().unwrap() };
        let start = "Waiting room off: found 06:02 at the check before the first visit,";
        for (drift, end) in [
            (drift(Some((at("12:02:05"), DriftEnd::Repaired)), 1), "put right at once."),
            (drift(Some((at("13:30:00"), DriftEnd::Repaired)), 2), "put right 07:30."),
            (drift(Some((at("13:30:00"), DriftEnd::Gone)), 2), "seen to be right again 07:30."),
            (drift(None, 1), "still so; putting it right was tried 1 time, last 06:02."),
            (drift(None, 0), "still so."),
        ] {
            let line = sentence(&drift, &wall);
            assert_eq!(line.sentence, format!("{start} {end}"));
            assert_eq!(line.lasts, drift.ended.is_none());
        }
    }
}
