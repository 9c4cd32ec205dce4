//! A staff member's room, in its states.

use askama::Template;

use super::{
    super::{
        board::{Choice, Copy, State, WarningLine},
        frame::Place,
        room::{
            Acts, AdoptChoice, AdoptConfirm, AdoptPage, Colleague, ConnectionView, CoverLine, CoveredRoom,
            EndPage, Guest, Join, KindChoice, KindView, MessageForm, NextVisit, NowLine, PhoneView, Preset,
            RoomPage, ShownLine, StandingLine, ToldForm, ToldPage,
        },
        room_other::OtherRoomView,
    },
    HOSTILE, frame, moment,
};

fn at(time: &str) -> domain::Timestamp {
    moment(&format!("2026-11-23T{time}Z"))
}

fn standing() -> Vec<StandingLine> {
    let line = |look, word: &str, sentence: &str, check| StandingLine {
        look,
        word: word.to_owned(),
        sentence: sentence.to_owned(),
        at: Some(1_795_449_871_000),
        ago: ("checked", "3 min ago".to_owned()),
        check,
    };
    vec![
        line("good", "Connected", "as a.osei@riverside.example,", false),
        line("bad", "Waiting room off", HOSTILE, true),
        line("idle", "Your meeting is not running", "", false),
    ]
}

fn needs() -> Vec<NowLine> {
    let line = |look, word: &str, end| NowLine {
        look,
        word: word.to_owned(),
        sentence: format!("Sign in as {HOSTILE}."),
        since: Some(1_795_449_871_000),
        length: "6 min".to_owned(),
        end,
    };
    vec![line("bad", "Not there as host", false), line("idle", "Your meeting still runs", true)]
}

fn shown() -> Vec<ShownLine> {
    vec![ShownLine {
        place: "On patients’ pages".to_owned(),
        words: HOSTILE.to_owned(),
        by: "by Dr. Amara Osei at 10:05".to_owned(),
    }]
}

fn acts() -> Acts {
    Acts {
        message: MessageForm {
            presets: vec![Preset { value: "late-5", title: "Running late", text: "Please stay." }],
            title: HOSTILE.to_owned(),
            text: HOSTILE.to_owned(),
            title_fault: "This must not be empty.".to_owned(),
            text_fault: String::new(),
            trouble: "Zoom did not answer.".to_owned(),
            longest_title: 64,
            longest_text: 200,
        },
        cover: None,
        colleagues: vec![Colleague {
            id: "staff_2".to_owned(),
            name: HOSTILE.to_owned(),
            note: "not as host at Zoom",
        }],
        cover_fault: "Please choose another one.".to_owned(),
    }
}

/// With somebody who stands in.
fn covered() -> Acts {
    Acts {
        cover: Some(CoverLine {
            id: "cover_1".to_owned(),
            whom: HOSTILE.to_owned(),
            colleague: "staff_2".to_owned(),
            until: "the end of today".to_owned(),
            may_start: false,
            words: "Hand it over in Zoom’s own window.".to_owned(),
        }),
        ..acts()
    }
}

fn told() -> ToldForm {
    let choices = || {
        ["email", "sms", "nothing"]
            .map(|value| Choice {
                value: value.to_owned(),
                word: format!("By {value}"),
                chosen: value == "email",
            })
            .to_vec()
    };
    ToldForm { own: choices(), clinic: choices(), fault: "Say your number first.".to_owned(), from: "room" }
}

fn phone() -> PhoneView {
    PhoneView { number: "+15550100200".to_owned(), fault: "Your mobile number is none.".to_owned() }
}

fn room(good: bool) -> RoomPage {
    let now = at("16:07:31");
    RoomPage {
        phone: phone(),
        frame: frame("My room", Some(Place::Room)),
        day: "Monday 23 November 2026".to_owned(),
        time: "10:07".to_owned(),
        zone: "CST".to_owned(),
        offset: -21_600,
        now: now.as_millis(),
        rate: 1,
        connection: if good {
            ConnectionView {
                good,
                word: "Connected".to_owned(),
                sentence: "as a.osei@riverside.example, checked 3 min ago.".to_owned(),
                connect: "",
                try_again: false,
                can_disconnect: true,
            }
        } else {
            ConnectionView {
                good,
                word: "Not connected.".to_owned(),
                sentence: "Connect once, and you get a room of your own with links that stay.".to_owned(),
                connect: "Connect Zoom",
                try_again: false,
                can_disconnect: false,
            }
        },
        kind: good.then(kind),
        lacks: vec![("The waiting room is off.".to_owned(), HOSTILE.to_owned())],
        origin: "It is a room that Anteroom made.",
        join: good.then_some(Join::AtZoom),
        standing: if good { standing() } else { Vec::new() },
        needs: if good { needs() } else { Vec::new() },
        shown: if good { shown() } else { Vec::new() },
        covered: vec![CoveredRoom {
            host: HOSTILE.to_owned(),
            id: "staff_2".to_owned(),
            cover: "cover_1".to_owned(),
            until: "the end of today".to_owned(),
            may_start: good,
            guests: vec![guest(State::waiting(at("16:00:00"), now), HOSTILE, "booked for 10:00")],
        }],
        acts: good.then(acts),
        told: told(),
        warnings: if good {
            vec![WarningLine {
                key: "1".to_owned(),
                look: "several",
                word: "Several wait",
                host: String::new(),
                sentence: format!("Rosa Delgado (10:00) and {HOSTILE} (10:15) wait."),
                href: String::new(),
            }]
        } else {
            Vec::new()
        },
        guests: if good {
            vec![
                guest(State::waiting(at("15:59:00"), now), "Rosa Delgado", "booked for 10:00"),
                Guest {
                    probably: true,
                    ..guest(
                        State::waiting(at("16:06:30"), now),
                        "Anaïs Moreau",
                        "only one due now; please ask for her name",
                    )
                },
                Guest {
                    shown: true,
                    open: String::new(),
                    ..guest(
                        State::running("ask", "someone waits", at("16:07:00"), now),
                        HOSTILE,
                        "nobody knows yet who this is",
                    )
                },
            ]
        } else {
            Vec::new()
        },
        next: vec![NextVisit {
            time: "10:30–11:00".to_owned(),
            whom: "Tom Reyes".to_owned(),
            note: "opened the link".to_owned(),
            open: "/appointments/appt_2".to_owned(),
        }],
        other: OtherRoomView::default(),
        links: if good { links() } else { Vec::new() },
    }
}

fn links() -> Vec<Copy> {
    vec![
        Copy { word: "Host link".to_owned(), url: "https://clinic.example/h/4Zr1xY0kT3mQ8".to_owned() },
        Copy { word: "Guest link".to_owned(), url: "https://zoom.us/j/93612345678?pwd=aXb1".to_owned() },
    ]
}

/// The choice of a room's kind, with a room that is not what was wanted.
pub(super) fn kind() -> KindView {
    let choice = |value, word: &str, what: &str, chosen| KindChoice {
        value,
        word: word.to_owned(),
        what: what.to_owned(),
        todo: "Your room gets another number.".to_owned(),
        chosen,
    };
    KindView {
        now: "Open room.".to_owned(),
        trouble: "Your Zoom user has no licence. Ask the administrator of your Zoom account for one."
            .to_owned(),
        choices: vec![
            choice("clinic", "As the clinic wants: open room", "", false),
            choice("open", "Open room", "Everybody comes by the same link.", false),
            choice("registered", "Registered room", "Everybody comes by a link of their own.", true),
        ],
        of_clinic: false,
    }
}

fn guest(state: State, name: &str, note: &str) -> Guest {
    Guest {
        state,
        name: name.to_owned(),
        probably: false,
        shown: false,
        note: note.to_owned(),
        open: "/appointments/appt_1".to_owned(),
        marks: None,
    }
}

fn ending(runs: bool) -> EndPage {
    EndPage {
        frame: frame("End for all", Some(Place::Room)),
        host: if runs { HOSTILE.to_owned() } else { String::new() },
        id: if runs { "staff_2".to_owned() } else { String::new() },
        guests: if runs {
            vec![guest(State::still("in", "in session"), HOSTILE, "booked for 10:00")]
        } else {
            Vec::new()
        },
        staff: vec![HOSTILE.to_owned()],
        runs,
        is_sure: runs,
        trouble: "Zoom did not answer.".to_owned(),
    }
}

fn adopting(confirm: Option<bool>) -> AdoptPage {
    AdoptPage {
        frame: frame("Another meeting as my room", Some(Place::Room)),
        origin: "It is a room that Anteroom made.",
        is_own: confirm.is_some(),
        meetings: vec![AdoptChoice {
            number: "936 1234 5678".to_owned(),
            topic: HOSTILE.to_owned(),
            value: 93_612_345_678,
        }],
        personal: "503 216 6001".to_owned(),
        unfit: "2 other meetings do not last.".to_owned(),
        is_complete: false,
        confirm: confirm.map(|personal| AdoptConfirm {
            topic: HOSTILE.to_owned(),
            number: "936 1234 5678".to_owned(),
            value: 93_612_345_678,
            personal,
            put_right: vec![HOSTILE.to_owned()],
        }),
        trouble: "Somebody is in your room.".to_owned(),
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let covered = RoomPage { acts: Some(covered()), ..room(true) };
    let elsewhere = RoomPage {
        join: Some(Join::Elsewhere("https://clinic.example/h/4Zr1".to_owned())),
        acts: None,
        standing: Vec::new(),
        needs: Vec::new(),
        ..room(true)
    };
    let told = ToldPage {
        frame: frame("How I am told", None),
        told: ToldForm { own: Vec::new(), from: "", ..told() },
    };
    vec![
        ("room", room(true).render().unwrap()),
        ("room-new", room(false).render().unwrap()),
        ("room-covered", covered.render().unwrap()),
        ("room-elsewhere", elsewhere.render().unwrap()),
        ("room-end", ending(true).render().unwrap()),
        ("room-end-nothing", ending(false).render().unwrap()),
        ("room-told", told.render().unwrap()),
        ("room-adopt", adopting(None).render().unwrap()),
        ("room-adopt-confirm", adopting(Some(true)).render().unwrap()),
        ("room-adopt-meeting", adopting(Some(false)).render().unwrap()),
    ]
}
