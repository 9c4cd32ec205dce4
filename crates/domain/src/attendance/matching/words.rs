//! Reasons, in words that a scheduler understands. Times are those of the clinic's wall.

use super::ladder::Invited;
use crate::{clinic::Zone, time::Timestamp};

/// Two of one name are told apart by the time of their appointments.
pub(super) fn with_times(invited: &[&Invited], zone: &Zone) -> String {
    let one = |invited: &&Invited| format!("{} {}", invited.name, zone.time(invited.starts_at));
    invited.iter().map(one).collect::<Vec<_>>().join(", ")
}

pub(super) fn already_there(invited: &Invited) -> String {
    format!("somebody else in the room is taken for {}", invited.name)
}

/// When the attendee is due, seen from the moment at which somebody came.
pub(super) fn when_due(invited: &Invited, at: Timestamp, zone: &Zone) -> String {
    let minutes = invited.starts_at.distance(at).as_secs() / 60;
    let due = format!("due at {}", zone.time(invited.starts_at));
    match (invited.starts_at > at, minutes) {
        (_, 0) => format!("{due}, at that moment"),
        (true, _) => format!("{due}, {minutes} min later"),
        (false, _) if !invited.is_due(at) => format!("was {due}, {minutes} min before"),
        (false, _) => format!("{due}, for {minutes} min by then"),
    }
}

/// Two, three, or in digits.
pub(super) fn how_many(many: usize) -> String {
    match many {
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        many => many.to_string(),
    }
}
