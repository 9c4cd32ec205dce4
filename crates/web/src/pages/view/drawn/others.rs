//! Every page but the board.

use askama::Template;
use domain::{
    Timestamp,
    attendance::stay::{Source, Stay, StayKind},
    clinic::Zone,
};

use super::super::{
    appointment::{AppointmentPage, HistoryLine, Marked, Measured, StayLine, Taken},
    board::{Choice, Decided, NoShow, State, Undo},
    booking::{AspectField, AttendeeFields, BookingForm, BookingPage},
    error::ErrorPage,
    frame::{Frame, Place},
    sessions::{Filters, SessionLine, SessionsPage},
    timeline::{self, Stays},
    words::Wall,
};
use super::{
    HOSTILE, frame,
    hand_out::{links, notices},
    moment,
};

fn at(time: &str) -> Timestamp {
    moment(&format!("2026-11-23T{time}Z"))
}

fn choice(value: &str, word: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), word: word.to_owned(), chosen }
}

fn stay(kind: StayKind, from: &str, to: Option<&str>) -> Stay {
    Stay {
        kind,
        from: at(from),
        to: to.map(at),
        from_source: Source::Webhook,
        to_source: to.map(|_| Source::Webhook),
        evidence: Vec::new(),
    }
}

fn hosts() -> Vec<Choice> {
    vec![choice("staff_1", "Dr. Amara Osei", true), choice("staff_2", "Dr. Nils Lindqvist", false)]
}

fn form(faults: &[(&str, &str)]) -> BookingForm {
    BookingForm {
        revision: "4".to_owned(),
        conflict: HOSTILE.to_owned(),
        action: "/appointments".to_owned(),
        submit: "Book",
        open: false,
        date: "2026-11-01".to_owned(),
        start: "01:30".to_owned(),
        minutes: "50".to_owned(),
        which: if faults.is_empty() {
            Vec::new()
        } else {
            vec![
                choice("first", "the first, 01:30 CDT", false),
                choice("second", "the second, 01:30 CST", false),
            ]
        },
        zone: "CST, Chicago time".to_owned(),
        hosts: hosts(),
        in_person: false,
        by_rules: false,
        aspects: vec![AspectField {
            name: "service",
            word: "Service",
            value: HOSTILE.to_owned(),
            known: vec![HOSTILE.to_owned()],
        }],
        attendees: vec![
            AttendeeFields {
                name: HOSTILE.to_owned(),
                email: "rosa@example".to_owned(),
                by_email: true,
                language: "fr".to_owned(),
                ..AttendeeFields::default()
            },
            AttendeeFields::default(),
        ],
        faults: faults.iter().map(|(field, why)| ((*field).to_owned(), (*why).to_owned())).collect(),
    }
}

fn appointment() -> AppointmentPage {
    let wall = Wall { zone: Zone::parse("America/Chicago").unwrap(), now: at("16:39:00") };
    let host = [stay(StayKind::InSession, "15:59:30", None)];
    let rosa = [
        stay(StayKind::Waiting, "15:52:10", Some("16:01:00")),
        stay(StayKind::Connecting, "16:01:00", Some("16:01:20")),
        stay(StayKind::InSession, "16:01:20", Some("16:20:00")),
        stay(StayKind::Waiting, "16:22:00", Some("16:24:00")),
        stay(StayKind::InSession, "16:24:00", None),
    ];
    let guest = [stay(StayKind::InSession, "16:05:00", Some("16:12:40"))];
    let people = [
        Stays {
            name: "Dr. Amara Osei".to_owned(),
            note: "host".to_owned(),
            of_the_visit: false,
            stays: host.iter().collect(),
        },
        Stays {
            name: "Rosa Delgado".to_owned(),
            note: String::new(),
            of_the_visit: true,
            stays: rosa.iter().collect(),
        },
        Stays {
            name: HOSTILE.to_owned(),
            note: "nobody said who this is".to_owned(),
            of_the_visit: false,
            stays: guest.iter().collect(),
        },
    ];
    let stays = people
        .iter()
        .flat_map(|person| person.stays.iter().map(|stay| StayLine::of(&person.name, stay, &wall)))
        .collect();
    AppointmentPage {
        frame: frame("Rosa Delgado", None),
        id: "appt_01935a5a70007000800000000000002a".to_owned(),
        whom: "Rosa Delgado".to_owned(),
        date: "Monday 23 November 2026".to_owned(),
        time: "10:00–10:50".to_owned(),
        zone: "CST".to_owned(),
        host: "Dr. Amara Osei".to_owned(),
        kind: "Telehealth",
        cancelled: false,
        offers_telehealth: true,
        external_id: "sched-4711".to_owned(),
        said: Some("An e-mail is queued.".to_owned()),
        users: hosts(),
        links: Some(links()),
        notices: Some(notices()),
        measured: vec![measured(wall.now)],
        staff: vec!["Dr. Amara Osei, host: since 09:59, 33 min with the attendees.".to_owned()],
        marked: vec![Marked {
            presence: "pres_01935a5a70007000800000000000002c".to_owned(),
            name: format!("“{HOSTILE}”"),
            as_what: "interpreter",
        }],
        history: vec![HistoryLine {
            who: format!("“{HOSTILE}”"),
            from: "09:52:10".to_owned(),
            until: "still".to_owned(),
            shown_as: "probably Rosa Delgado, 10:00".to_owned(),
            by: "a rule".to_owned(),
            why: "Only one due in this room then.".to_owned(),
        }],
        unsaid: String::new(),
        unsaid_why: String::new(),
        decided: Some(Decided {
            sentence: "Noted as an interpreter.".to_owned(),
            undo: Some(Undo {
                action: "/board/presences/pres_01935a5a70007000800000000000002c/match".to_owned(),
                name: "as",
                value: "undecided",
            }),
        }),
        timeline: Some(timeline::draw(at("16:00:00"), at("16:50:00"), &people, &wall)),
        stays,
        nobody: "",
        form: Some(BookingForm { submit: "Save", ..form(&[]) }),
    }
}

fn measured(now: Timestamp) -> Measured {
    Measured {
        marks: None,
        name: "Rosa Delgado".to_owned(),
        state: State::running("in", "in session", at("16:24:00"), now),
        sure: vec!["Pressed Join on this link 12 s before.".to_owned()],
        in_doubt: false,
        absence: vec!["Was not seen in the room.".to_owned()],
        no_show: Some(NoShow {
            attendee: "att_01935a5a70007000800000000000002a".to_owned(),
            proposed: true,
            sayable: false,
            take_back: "Take back: this is not a no-show",
        }),
        doubts: vec![Taken {
            presence: "pres_01935a5a70007000800000000000002b".to_owned(),
            attendee: "att_01935a5a70007000800000000000002a".to_owned(),
            name: HOSTILE.to_owned(),
            number: "1 of 2".to_owned(),
            decided: true,
        }],
        came: "8 min early".to_owned(),
        waited: "10 min".to_owned(),
        in_session: "33 min".to_owned(),
        together: "33 min".to_owned(),
    }
}

fn sessions() -> SessionsPage {
    let line = |patient: &str, tells: &str, doubts: &[&str]| SessionLine {
        date: "Mon 23 Nov".to_owned(),
        time: "10:00–10:50".to_owned(),
        patient: patient.to_owned(),
        host: "Dr. Amara Osei".to_owned(),
        tells: tells.to_owned(),
        waited: "9 min".to_owned(),
        in_session: "47 min".to_owned(),
        together: "45 min".to_owned(),
        open: "/appointments/appt_1".to_owned(),
        doubts: doubts.iter().map(|doubt| (*doubt).to_owned()).collect(),
    };
    SessionsPage {
        frame: frame("Attendance", Some(Place::Attendance)),
        filters: Filters {
            from: "2026-11-01".to_owned(),
            to: "2026-11-23".to_owned(),
            hosts: hosts(),
            patient: String::new(),
            outcomes: vec![choice("attended", "Attended", false), choice("absent", "Nobody came", false)],
            doubts: false,
        },
        period: "Sunday 1 to Monday 23 November 2026, Chicago time".to_owned(),
        made: "Made on Monday 23 November 2026 at 10:07 CST for Priya Shah.".to_owned(),
        wrong: String::new(),
        totals: vec![
            ("Sessions", "128".to_owned()),
            ("Attended", "121".to_owned()),
            ("Nobody came", "5".to_owned()),
            ("With a doubt", "2".to_owned()),
            ("Together with staff", "96 h 12 min".to_owned()),
        ],
        lines: vec![
            line("Rosa Delgado", "Came at 09:52, was let in at 10:01, left at 10:48.", &[]),
            line(
                "Tom Reyes",
                "Came at 10:29, was let in at 10:31, left at 10:58.",
                &["Probably Tom Reyes: only one due in this room then."],
            ),
            line(HOSTILE, "Did not come.", &[]),
        ],
        csv: "/attendance.csv?from=2026-11-01&to=2026-11-23".to_owned(),
        more: Some("/attendance?from=2026-11-01&after=1".to_owned()),
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let wrong = [
        (
            "start",
            "At 01:30 on 1 November 2026 the clocks have gone back: the time comes twice. Choose which.",
        ),
        ("host", "Choose whose room it is in."),
        ("attendee-0-email", "The e-mail of attendee 1 is not an e-mail address such as name@example.org."),
    ];
    let mut cancelled = appointment();
    cancelled.cancelled = true;
    cancelled.timeline = None;
    cancelled.nobody = "Nobody was seen in the room.";
    let mut none = sessions();
    none.lines.clear();
    none.totals.clear();
    none.more = None;
    let book =
        |faults: &[(&str, &str)]| BookingPage { frame: frame("Book", Some(Place::Book)), form: form(faults) };
    vec![
        ("booking", book(&[]).render().unwrap()),
        ("booking-wrong", book(&wrong).render().unwrap()),
        ("appointment", appointment().render().unwrap()),
        ("appointment-cancelled", cancelled.render().unwrap()),
        ("attendance", sessions().render().unwrap()),
        ("attendance-none", none.render().unwrap()),
        (
            "error",
            ErrorPage {
                frame: Frame::bare("Not found"),
                title: "Not found".to_owned(),
                detail: "There is nothing at this address, or it is not yours to see.".to_owned(),
                fields: Vec::new(),
                request_id: "0b0e6f0c-3d2a-4e5f-9a53-2b8d1f4f7c11".to_owned(),
            }
            .render()
            .unwrap(),
        ),
    ]
}
