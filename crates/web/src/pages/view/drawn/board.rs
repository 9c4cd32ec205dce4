//! A board with everything on it.

use super::super::{
    board::{
        AlertLine, Arrival, Ask, BoardPage, BoardView, Certainty, Choice, Decided, Doubt, Empty, Feed, Group,
        Likely, NoShow, Person, Row, Someone, State, Strip, StripLine, Undo, WarningLine, Way,
    },
    frame::Place,
    ledger::Fate,
};
use super::{HOSTILE, frame, hand_out::notices, moment};

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

fn row(key: &str, state: State, time: &str, people: Vec<Person>, host: &str, why: &[&str]) -> Row {
    Row {
        key: key.to_owned(),
        state,
        time: time.to_owned(),
        until: String::new(),
        people,
        host: host.to_owned(),
        why: why.iter().map(|why| (*why).to_owned()).collect(),
        open: format!("/appointments/{key}"),
        ways: format!("/appointments/{key}/menu"),
        send: Some(Way {
            word: "Send it again by e-mail".to_owned(),
            href: format!("/appointments/{key}/send?to=patients&by=email"),
        }),
        late: Some(Way {
            word: "Running late, or a word to patients…".to_owned(),
            href: "/board/hosts/staff_1/tell".to_owned(),
        }),
        ..Row::default()
    }
}

fn absent(name: &str, proposed: bool, take_back: &'static str) -> Person {
    let no_show = NoShow {
        attendee: "att_01935a5a70007000800000000000002e".to_owned(),
        proposed,
        sayable: false,
        take_back,
    };
    Person { no_show: Some(no_show), ..person(name) }
}

fn someone(name: &str, time: &str, host: &str) -> Someone {
    Someone {
        attendee: "att_01935a5a70007000800000000000002a".to_owned(),
        name: name.to_owned(),
        time: time.to_owned(),
        host: host.to_owned(),
    }
}

fn others() -> Vec<Someone> {
    vec![
        someone("Jun-ho Bae", "10:00", "Dr. Leila Haddad"),
        someone("Anaïs Moreau", "10:15", "Dr. Amara Osei"),
        someone("Grace Wanjiru", "10:45", "Dr. Leila Haddad"),
    ]
}

const OSEI: &str = "Dr. Amara Osei";
const LINDQVIST: &str = "Dr. Nils Lindqvist";
const HADDAD: &str = "Dr. Leila Haddad";

#[expect(clippy::too_many_lines, reason = "one board, with everything that can stand on it")]
fn groups() -> Vec<Group> {
    let now = moment("2026-11-23T16:07:31Z");
    let at = |time: &str| moment(&format!("2026-11-23T{time}Z"));
    let waiting = |time: &str| State::waiting(at(time), now);
    let in_session = |time: &str| State::running("in", "in session", at(time), now);
    let mut rosa = row(
        "appt_1",
        waiting("15:50:00"),
        "09:50",
        vec![person("Rosa Delgado")],
        OSEI,
        &["Dr. Amara Osei is not in the room.", "Pressed Join on her own link 12 s before."],
    );
    rosa.arrival =
        Some(Arrival { key: "pres_1".to_owned(), words: "R. D. waits for Dr. Amara Osei".to_owned() });
    let mut iphone = row(
        "pres_2",
        State::running("ask", "someone waits", at("16:05:20"), now),
        "10:05",
        vec![Person { certainty: Certainty::Shown, note: "not matched yet".to_owned(), ..person("iPhone") }],
        LINDQVIST,
        &["Two are due in this room.", "Nobody pressed Join."],
    );
    iphone.open.clear();
    iphone.ways.clear();
    (iphone.send, iphone.late) = (None, None);
    iphone.ask = Some(Ask {
        presence: "pres_01935a5a70007000800000000000002b".to_owned(),
        likely: vec![
            Likely { who: someone("Tom Reyes", "10:00", LINDQVIST), why: "due in this room now".to_owned() },
            Likely { who: someone(HOSTILE, "10:30", LINDQVIST), why: "named a little like that".to_owned() },
        ],
        others: others(),
        decided: true,
    });
    let mut anais = row(
        "appt_4",
        waiting("16:06:10"),
        "10:15",
        vec![Person {
            certainty: Certainty::Probably,
            note: "only one due in this room now".to_owned(),
            doubt: Some(Doubt {
                presence: "pres_01935a5a70007000800000000000002c".to_owned(),
                attendee: Some("att_01935a5a70007000800000000000002c".to_owned()),
                confirm: true,
                decided: false,
                others: others(),
            }),
            ..person("Anaïs Moreau")
        }],
        OSEI,
        &["The name shown in Zoom is “A.”."],
    );
    anais.until = "to 10:45".to_owned();
    let mut interpreter = row(
        "pres_13",
        in_session("16:01:00"),
        "10:01",
        vec![Person {
            certainty: Certainty::Shown,
            doubt: Some(Doubt {
                presence: "pres_01935a5a70007000800000000000002d".to_owned(),
                attendee: None,
                confirm: false,
                decided: true,
                others: others(),
            }),
            ..person("Interpreter ES")
        }],
        LINDQVIST,
        &["Marked as an interpreter."],
    );
    interpreter.open.clear();
    interpreter.ways.clear();
    (interpreter.send, interpreter.late) = (None, None);
    vec![
        Group {
            id: "needs",
            title: "Needs you",
            rows: vec![
                rosa,
                iphone,
                row(
                    "appt_14",
                    State::still("proposed", "no-show?"),
                    "09:30",
                    vec![absent("Ida Lund", true, "")],
                    HADDAD,
                    &["Was not seen in the room so far.", "Opened the link at 09:12, never pressed Join."],
                ),
            ],
        },
        Group {
            id: "waiting",
            title: "Waiting",
            rows: vec![
                row(
                    "appt_3",
                    waiting("15:59:01"),
                    "10:00",
                    vec![person("Jun-ho Bae")],
                    HADDAD,
                    &["The visit before is still in session, 7 min over."],
                ),
                anais,
            ],
        },
        Group {
            id: "in",
            title: "In session",
            rows: vec![
                row(
                    "appt_5",
                    in_session("15:43:00"),
                    "09:45",
                    vec![
                        person("Ana Prado"),
                        Person {
                            state: Some(State::running("connecting", "connecting", at("16:07:20"), now)),
                            ..person("Luis Prado")
                        },
                    ],
                    LINDQVIST,
                    &["Ends 10:30."],
                ),
                row(
                    "appt_6",
                    in_session("15:00:10"),
                    "09:00",
                    vec![person("Samuel Okafor")],
                    HADDAD,
                    &["7 min over; Jun-ho Bae waits."],
                ),
                interpreter,
            ],
        },
        Group { id: "unsent", title: "No link sent yet", rows: vec![unsent()] },
        Group {
            id: "next",
            title: "Next",
            rows: vec![
                row(
                    "appt_10",
                    State::still("late", "late"),
                    "10:00",
                    vec![person("Ivo Marković")],
                    OSEI,
                    &["Nobody has come yet."],
                ),
                row(
                    "appt_7",
                    State::still("opened", "link opened"),
                    "10:30",
                    vec![person("Tom Reyes")],
                    OSEI,
                    &["Opened the link at 09:58."],
                ),
                row(
                    "appt_8",
                    State::still("expected", "expected"),
                    "10:45",
                    vec![person("Grace Wanjiru")],
                    HADDAD,
                    &["Has not opened the link."],
                ),
                row(
                    "appt_9",
                    State::still("off", "in person"),
                    "11:00",
                    vec![person("Mei Tanaka")],
                    LINDQVIST,
                    &[],
                ),
            ],
        },
        Group {
            id: "done",
            title: "Done",
            rows: vec![
                row(
                    "appt_11",
                    State::still("left", "left 09:51"),
                    "09:00",
                    vec![person("Elif Yılmaz")],
                    OSEI,
                    &["Waited 3 min, together 47 min."],
                ),
                row(
                    "appt_15",
                    State::still("absent", "no-show"),
                    "08:30",
                    vec![absent("Owen Baker", false, "Take back: this is not a no-show")],
                    HADDAD,
                    &["Somebody said that it is a no-show."],
                ),
                row(
                    "appt_12",
                    State::still("off cancelled", "cancelled"),
                    "09:30",
                    vec![person("Noor Haddad")],
                    OSEI,
                    &[],
                ),
            ],
        },
    ]
}

/// A visit of two, of whom one has no link.
fn unsent() -> Row {
    let fate = |look, words: &str| Some(Fate { look, words: words.to_owned() });
    let people = vec![
        Person { fate: fate("failed", "e-mail failed"), ..person(HOSTILE) },
        Person { fate: fate("sent", "text delivered 09:58"), ..person("Leo Varga") },
    ];
    Row {
        is_unsent: true,
        notices: notices(),
        ..row("appt_16", State::still("expected", "expected"), "11:15", people, LINDQVIST, &[])
    }
}

fn view(groups: Vec<Group>) -> BoardView {
    BoardView {
        clinic: "Riverside Counseling".to_owned(),
        day: "Monday 23 November 2026".to_owned(),
        date: "2026-11-23".to_owned(),
        is_today: true,
        before: "?date=2026-11-22".to_owned(),
        after: "?date=2026-11-24".to_owned(),
        time: "10:07".to_owned(),
        zone: "CST".to_owned(),
        offset: -21_600,
        now: moment("2026-11-23T16:07:31Z").as_millis(),
        rate: 1,
        feed: Feed {
            state: "live",
            word: "Live",
            sentence: String::new(),
            last: Some(moment("2026-11-23T16:07:27Z").as_millis()),
            ago: "4 s ago".to_owned(),
            more: true,
        },
        hosts: vec![
            Choice { value: "staff_1".to_owned(), word: OSEI.to_owned(), chosen: false },
            Choice { value: "staff_2".to_owned(), word: LINDQVIST.to_owned(), chosen: false },
        ],
        search: String::new(),
        query: "?date=2026-11-23".to_owned(),
        strip: Some(strip()),
        alerts: alerts(),
        warnings: warnings(),
        notices: notices(),
        groups,
        empty: None,
    }
}

fn strip() -> Strip {
    let line = |look, word, host: &str, sentence: &str| StripLine {
        look,
        word,
        host: host.to_owned(),
        sentence: sentence.to_owned(),
    };
    Strip {
        title: "Before the day starts",
        lines: vec![
            line("broken", "Connect again", OSEI, "Zoom has to be connected again (first visit 09:00)."),
            line("paused", "Paused", HOSTILE, "an administrator switched Anteroom off (first visit 09:15)."),
            line("unconnected", "Not connected", HADDAD, "Zoom is not connected (first visit 10:00)."),
            line("unchecked", "Not checked", "", "3 rooms were not checked today."),
        ],
        more: 2,
    }
}

fn alerts() -> Vec<AlertLine> {
    let line = |look: &'static str, word, sentence: &str| AlertLine {
        key: look.to_owned(),
        look,
        word,
        host: OSEI.to_owned(),
        sentence: sentence.to_owned(),
        since: moment("2026-11-23T15:59:31Z").as_millis(),
        length: "8 min".to_owned(),
        href: "#appt_1".to_owned(),
    };
    vec![
        line(
            "host-late",
            "Host late",
            "Rosa Delgado has been waiting for her 09:50 visit, and Dr. Osei is not there.",
        ),
        line("nobody-hosts", "Nobody hosts", "Ana Prado is in the meeting, and nobody of the staff is."),
        line("other-account", "Another account", &format!("{HOSTILE} looks like the host.")),
        line("overrun", "Runs over", "The 09:00 visit goes on while Tom Reyes waits for 10:00."),
        line("unknown", "Unknown person", "Somebody waits of whom nobody can say who it may be."),
        line("left-running", "Still running", "The last patient has left, and the meeting still runs."),
    ]
}

fn warnings() -> Vec<WarningLine> {
    let line = |key: &str, look, word, host: &str, sentence: &str| WarningLine {
        key: key.to_owned(),
        look,
        word,
        host: host.to_owned(),
        sentence: sentence.to_owned(),
        href: "#appt_3".to_owned(),
    };
    vec![
        line("1", "stays", "Still there", HADDAD, "Samuel Okafor of the visit before is still in the room."),
        line("2", "several", "Several wait", OSEI, "Two patients wait: Rosa Delgado and Anaïs Moreau."),
        line("3", "unknown", "Unknown", LINDQVIST, "Somebody waits of whom nobody knows who it is."),
        line("4", "same", "Same name", OSEI, &format!("Two people are called {HOSTILE}.")),
    ]
}

pub(super) fn pages() -> Vec<(&'static str, BoardPage)> {
    let frame = || frame("Board", Some(Place::Board));
    let mut empty = view(Vec::new());
    empty.feed = Feed {
        state: "never",
        word: "Never heard of Zoom",
        sentence: "Nothing has come from Zoom yet. Until it does, nobody shows as waiting here.".to_owned(),
        last: None,
        ago: String::new(),
        more: false,
    };
    empty.warnings.clear();
    empty.notices.clear();
    empty.empty = Some(Empty {
        sentence: "Nothing is booked for this day.".to_owned(),
        href: "/appointments/new?date=2026-11-23".to_owned(),
        action: "Book an appointment",
    });
    let mut stale = view(groups());
    stale.feed = Feed {
        state: "stale",
        word: "Old",
        sentence: "No word from Zoom for 6 minutes while 2 visits run. What you see may be old.".to_owned(),
        last: None,
        ago: String::new(),
        more: false,
    };
    stale.groups.truncate(1);
    vec![
        ("board", BoardPage { frame: frame(), board: view(groups()), decided: None }),
        ("board-empty", BoardPage { frame: frame(), board: empty, decided: None }),
        (
            "board-stale",
            BoardPage {
                frame: frame(),
                board: stale,
                decided: Some(Decided {
                    sentence: "Marked as a guest.".to_owned(),
                    undo: Some(Undo {
                        action: "/board/presences/pres_01935a5a70007000800000000000002c/match".to_owned(),
                        name: "as",
                        value: "undecided",
                    }),
                }),
            },
        ),
    ]
}
