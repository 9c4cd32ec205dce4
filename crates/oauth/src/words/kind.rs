//! Kinds of rooms in words: what a change means, and why it was not made.

use domain::room::RoomKind;

use super::{Words, words};
use crate::KindTrouble;

/// What a change to that kind of room means, to be shown before it is made.
pub fn of_kind_change(to: RoomKind) -> Words {
    match to {
        RoomKind::Registered => words(
            "In a registered room everybody comes by a link of their own, and Anteroom knows for certain whose link it was, \
             even where Zoom hides names. In Zoom people appear as “Guest” with four signs, such as “Guest K7QF”; the board \
             says who that is.",
            "Your room gets another number. Links that Anteroom gave out lead to the new room by themselves. Copies of Zoom's \
             own join link lead to the old one, which nobody looks into from then on: replace them where you have written \
             them down. Change when nobody waits. Your Zoom user needs a licence; without one the room stays as it is.",
        ),
        RoomKind::Open | RoomKind::Other => words(
            "In an open room everybody comes by the same link, and Anteroom tells people apart by who pressed Join, by names \
             and by times.",
            "Your room gets another number: the one that it had before, if it was open before. Links that Anteroom gave out \
             lead to it by themselves; links that Zoom made for single people end. Change when nobody waits.",
        ),
    }
}

impl KindTrouble {
    /// For the staff member's own page, and for `anteroom check`.
    pub fn words(self) -> Words {
        match self {
            Self::Plan => words(
                "Your Zoom user has no licence, and Zoom offers registration only with one. Your room is an open one.",
                "Ask the administrator of your Zoom account for a licence. The room then changes by itself within a day.",
            ),
            Self::Scope => words(
                "The connection to Zoom does not include the permission to register people. Your room is an open one.",
                "Press “Connect Zoom” again and leave every permission ticked. If “register” is not among them, please tell \
                 the person who runs Anteroom: meeting:write:registrant is missing from the Zoom app.",
            ),
            Self::Registration => words(
                "Zoom did not give your room registration, or took it away. Your room is an open one.",
                "An administrator of your Zoom account may have switched registration off. Ask them, and the room changes by \
                 itself within a day.",
            ),
            Self::Refused => words(
                "Zoom did not let Anteroom change your room, so it stays as it is.",
                "It is tried again every day. If it stays so, please tell the person who runs Anteroom; its log has the \
                 details.",
            ),
            Self::Limit => words(
                "Your Zoom account has reached Zoom's limit for today, so your room stays as it is.",
                "It changes by itself tomorrow. Nothing needs to be done.",
            ),
            Self::Unavailable => words(
                "Zoom did not answer, so your room stays as it is for now.",
                "It is tried again within the hour. Nothing needs to be done.",
            ),
            Self::Running => words(
                "Your room is in use, so it was not changed.",
                "It changes by itself within an hour after the meeting has ended.",
            ),
            Self::Series => words(
                "Your room's series of meetings at Zoom comes to its end soon, and Zoom did not let Anteroom extend it.",
                "Open the meeting “Visits with …” in Zoom and let it recur daily for longer, or choose an open room here.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_with_the_kind_says_what_to_do_in_words_of_its_own() {
        let all: std::collections::HashSet<_> =
            KindTrouble::ALL.into_iter().map(|trouble| trouble.words().what.into_owned()).collect();
        assert_eq!(all.len(), KindTrouble::ALL.len());
        for trouble in KindTrouble::ALL {
            assert_eq!(KindTrouble::from_code(trouble.as_str()), Some(trouble));
        }
    }

    #[test]
    fn that_the_old_number_is_left_is_said_before_the_change() {
        for kind in [RoomKind::Open, RoomKind::Registered] {
            assert!(of_kind_change(kind).todo.contains("another number"), "{kind:?}");
        }
    }
}
