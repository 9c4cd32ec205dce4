//! How word comes from Zoom.

use super::super::{
    board::State,
    feed::{ComparisonLine, Counts, DayLine, FeedPage, FruitlessLine, HabitLine, ReceiverView, RoomLine},
    frame::Place,
    room::KindView,
};
use super::{HOSTILE, frame, rooms::kind};

fn full() -> FeedPage {
    let counts = Counts { applied: 412, late: 3, duplicate: 17, ignored: 2, foreign: 0, failed: 1 };
    FeedPage {
        frame: frame("Word from Zoom", Some(Place::Feed)),
        state: State::still("late", "may be old"),
        sentence: "No word from Zoom for 46 min while 2 meetings run. What you see may be old.".to_owned(),
        made: "Made on Monday 23 November 2026 at 10:07 CST.".to_owned(),
        rooms: vec![
            RoomLine {
                host: HOSTILE.to_owned(),
                state: State::still("waiting very", "broken"),
                sentence: "Somebody is in session, and nothing was heard for 52 min.".to_owned(),
                last: "52 min ago".to_owned(),
                counts,
            },
            RoomLine {
                host: "Dr. Nils Lindqvist".to_owned(),
                state: State::still("off", "quiet"),
                sentence: "Nothing for a while, and nothing had to come.".to_owned(),
                last: "2 h 10 min ago".to_owned(),
                counts,
            },
        ],
        about_no_room: Counts::default(),
        receiver: ReceiverView {
            troubled: true,
            sentence: "3 deliveries were refused for their signature in 7 days.".to_owned(),
            challenged: "Zoom last checked the address 20 h 11 min ago.".to_owned(),
            days: vec![DayLine {
                day: "Mon 23 Nov".to_owned(),
                stored: 431,
                repeated: 4,
                refused: 3,
                unreadable: 0,
                unavailable: 0,
                challenges: 1,
            }],
        },
        outages: vec!["Sun 22 Nov 03:10 to Sun 22 Nov 04:36: 1 h 26 min.".to_owned()],
        kind: KindView { of_clinic: true, ..kind() },
        comparisons: vec![ComparisonLine {
            host: "Dr. Nils Lindqvist".to_owned(),
            meetings: "08:15 to 09:10".to_owned(),
            why: "a meeting ended",
            found: "Given up: this Zoom plan offers no record.".to_owned(),
            in_doubt: true,
        }],
        habits: vec![HabitLine { what: "A visitor’s name is shown", yes: 212, no: 0 }],
        fruitless: vec![FruitlessLine {
            id: "inb_01935a5a70007000800000000000002a".to_owned(),
            at: "Sun 22 Nov 21:00".to_owned(),
            event: "meeting.participant_qos_summary<b>".to_owned(),
            outcome: "says nothing that concerns the clinic",
            late: true,
        }],
        older: Some("/feed?before=inb_1#fruitless".to_owned()),
    }
}

fn new() -> FeedPage {
    FeedPage {
        rooms: Vec::new(),
        outages: Vec::new(),
        comparisons: Vec::new(),
        habits: Vec::new(),
        fruitless: Vec::new(),
        older: None,
        receiver: ReceiverView {
            troubled: false,
            sentence: "Nothing is wrong.".to_owned(),
            challenged: "Zoom has not checked the address yet.".to_owned(),
            days: Vec::new(),
        },
        ..full()
    }
}

pub(super) fn pages() -> Vec<(&'static str, FeedPage)> {
    vec![("feed", full()), ("feed-new", new())]
}
