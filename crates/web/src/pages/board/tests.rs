use std::collections::HashMap;

use askama::Template;
use attendance::{
    Board,
    board::{
        AppointmentRow, AttendeeRow, AttendeeStatus, CandidateCell, Feed, GuestRow, Host, MatchCell, Named,
        NoShowCell, RulingCell, UnmatchedRow, Warning,
    },
};
use domain::{
    AppointmentId, AttendeeId, PresenceId, StaffId, Timestamp,
    appointment::{Kind, Status},
    attendance::{
        feed::FeedState,
        matching::{DecidedBy, Level, StaffOrToken, Verdict},
        no_show::{Ruling, Says},
        presence::{Whereabouts, Who},
        stay::Source,
        warnings::WarningKind,
    },
    clinic::{Clinic, Zone},
    text::{ExternalId, Name},
};

use super::{Asked, Wanted, build, decide::Answer};
use crate::pages::view::{
    board::{BoardRows, BoardView, Certainty, Row},
    words::Wall,
};

const NOW: &str = "16:07:00";

fn at(time: &str) -> Timestamp {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: u32) -> T {
    format!("{prefix}_01935a5a700070008000{number:012}").parse().unwrap()
}

fn osei(present: bool) -> Host {
    Host {
        id: id("staff", 1),
        name: Name::parse("Dr. Osei").unwrap(),
        present,
        present_since: present.then(|| at("15:00:00")),
        elsewhere: None,
    }
}

fn haddad() -> Host {
    Host {
        id: id("staff", 2),
        name: Name::parse("Dr. Haddad").unwrap(),
        present: true,
        present_since: None,
        elsewhere: None,
    }
}

fn attendee(number: u32, name: &str, status: AttendeeStatus, since: &str) -> AttendeeRow {
    let is_there = !matches!(status, AttendeeStatus::Expected | AttendeeStatus::Opened);
    AttendeeRow {
        id: id("att", number),
        external_id: ExternalId::parse("p-1").unwrap(),
        name: Name::parse(name).unwrap(),
        status,
        since: at(since),
        source: Source::Webhook,
        matched: is_there.then(|| MatchCell {
            level: Level::Certain,
            reasons: vec!["pressed Join on this link 12 s before".to_owned()],
            decided_by: DecidedBy::Rule,
        }),
        no_show: None,
        marking: attendance::marks::Marking::default(),
        late_seconds: None,
        presence: is_there.then(|| id("pres", number)),
        shown_name: is_there.then(|| "Rosa’s iPad".to_owned()),
        opened_at: None,
        pressed_at: None,
        waited_seconds: 180,
        in_session_seconds: 0,
        together_seconds: 0,
    }
}

fn row(number: u32, from: &str, to: &str, host: Host, attendees: Vec<AttendeeRow>) -> AppointmentRow {
    AppointmentRow {
        id: id("appt", number),
        external_id: ExternalId::parse("a-1").unwrap(),
        starts_at: at(from),
        ends_at: at(to),
        host,
        attendees,
        kind: Kind::Telehealth,
        status: Status::Booked,
    }
}

fn board(appointments: Vec<AppointmentRow>) -> Board {
    Board {
        date: "2026-11-23".parse().unwrap(),
        as_of: at(NOW),
        feed: Feed { state: FeedState::Live, last_event_at: Some(at("16:06:56")), sentence: String::new() },
        appointments,
        unmatched: Vec::new(),
        warnings: Vec::new(),
        guests: Vec::new(),
        last_change: 7,
        is_today: true,
    }
}

fn seen_with(board: &Board, asked: &Asked) -> BoardView {
    let clinic = Clinic {
        id: id("clinic", 1),
        name: Name::parse("Riverside").unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: at("00:00:00"),
    };
    let wall = Wall { zone: clinic.zone.clone(), now: board.as_of };
    let ledgers = HashMap::new();
    let booked = HashMap::new();
    let zoom_names = HashMap::from([(id("att", 77), "Guest K7QF".to_owned())]);
    let facts = build::Facts {
        clinic: &clinic,
        wall,
        rate: 1,
        board,
        staff: &[],
        connections: &[],
        ledgers: &ledgers,
        booked: &booked,
        channels: &[],
        notices: &[],
        query: String::new(),
        zoom_names: &zoom_names,
        is_admin: false,
    };
    build::view(&facts, &asked.understand().unwrap())
}

fn seen(board: &Board) -> BoardView {
    seen_with(board, &Asked::default())
}

/// Which group holds the row of this number, and the row.
fn found(view: &BoardView, key: &str) -> (&'static str, Row) {
    view.groups
        .iter()
        .find_map(|group| group.rows.iter().find(|row| row.key == key).map(|row| (group.id, row.clone())))
        .unwrap()
}

fn appointment_key(number: u32) -> String {
    id::<AppointmentId>("appt", number).to_string()
}

fn one(status: AttendeeStatus, since: &str, host: Host) -> (&'static str, Row) {
    let board =
        board(vec![row(1, "16:00:00", "16:50:00", host, vec![attendee(1, "Rosa Delgado", status, since)])]);
    found(&seen(&board), &appointment_key(1))
}

fn stranger() -> UnmatchedRow {
    let candidate = |number, name: &str| CandidateCell {
        attendee: id("att", number),
        level: Level::Ambiguous,
        reasons: vec!["due in this room now".to_owned()],
        name: Name::parse(name).unwrap(),
        appointment: id("appt", number),
        starts_at: at("16:00:00"),
    };
    UnmatchedRow {
        id: id("pres", 9),
        host: Named { id: id("staff", 1), name: Name::parse("Dr. Osei").unwrap() },
        name: "<b>iPhone</b>".to_owned(),
        status: Whereabouts::Waiting,
        since: at("16:05:00"),
        candidates: vec![candidate(1, "Rosa Delgado"), candidate(2, "Tom Reyes")],
        not: Vec::new(),
        first_at: at("16:05:00"),
        named: true,
    }
}

#[test]
fn a_short_wait_stands_under_waiting_whether_or_not_the_host_is_there() {
    for present in [true, false] {
        let (group, row) = one(AttendeeStatus::Waiting, "16:05:00", osei(present));
        assert_eq!(
            (group, row.state.word.as_str(), row.state.length.as_str()),
            ("waiting", "waiting", "2 min")
        );
    }
}

#[test]
fn a_long_wait_needs_the_desk_where_the_host_is_not_there() {
    let (group, row) = one(AttendeeStatus::Waiting, "16:01:00", osei(false));
    assert_eq!((group, row.state.word.as_str()), ("needs", "waiting long"));
    assert_eq!(row.why[0], "Dr. Osei is not in the room.");
    let (group, _) = one(AttendeeStatus::Waiting, "16:01:00", osei(true));
    assert_eq!(group, "waiting");
}

#[test]
fn a_very_long_wait_always_needs_the_desk() {
    let (group, row) = one(AttendeeStatus::Waiting, "15:50:00", osei(true));
    assert_eq!(
        (group, row.state.word.as_str(), row.state.look),
        ("needs", "waiting very long", "waiting very")
    );
}

#[test]
fn a_certain_name_stands_plain_with_its_reason() {
    let (_, row) = one(AttendeeStatus::Waiting, "16:05:00", osei(true));
    assert_eq!(row.people[0].certainty, Certainty::Plain);
    assert!(!row.people[0].doubt.as_ref().unwrap().confirm, "nothing is asked that is known");
    assert_eq!(row.why[1], "Pressed Join on this link 12 s before.");
}

#[test]
fn whoever_waits_in_a_registered_room_is_told_with_their_name_in_zoom() {
    let rosa = attendee(77, "Rosa Delgado", AttendeeStatus::Waiting, "16:05:00");
    let board = board(vec![row(1, "16:00:00", "16:50:00", osei(true), vec![rosa])]);
    let (_, row) = found(&seen(&board), &appointment_key(1));
    assert!(row.why.iter().any(|why| why.contains("Guest K7QF")), "{:?}", row.why);
}

#[test]
fn a_probable_name_says_so_with_its_reason_and_asks_to_be_confirmed() {
    let mut rosa = attendee(1, "Rosa Delgado", AttendeeStatus::Waiting, "16:05:00");
    rosa.matched = Some(MatchCell {
        level: Level::Probable,
        reasons: vec!["only one due in this room now".to_owned()],
        decided_by: DecidedBy::Rule,
    });
    let board = board(vec![row(1, "16:00:00", "16:50:00", osei(true), vec![rosa])]);
    let view = seen(&board);
    let (_, row) = found(&view, &appointment_key(1));
    assert_eq!(row.people[0].certainty, Certainty::Probably);
    assert_eq!(row.people[0].note, "only one due in this room now");
    assert!(row.people[0].doubt.as_ref().unwrap().confirm);
    let html = BoardRows { board: view }.render().unwrap();
    assert!(html.contains(r#"<span class="probably">probably</span> <bdi>Rosa Delgado</bdi>"#), "{html}");
}

#[test]
fn what_a_person_decided_can_be_taken_back_from_the_rows_menu() {
    let mut rosa = attendee(1, "Rosa Delgado", AttendeeStatus::InSession, "16:05:00");
    rosa.matched.as_mut().unwrap().decided_by = DecidedBy::Person;
    let board = board(vec![row(1, "16:00:00", "16:50:00", osei(true), vec![rosa])]);
    let html = BoardRows { board: seen(&board) }.render().unwrap();
    assert!(html.contains("Take back what was decided"));
    assert!(html.contains(&format!("/board/presences/{}/match", id::<PresenceId>("pres", 1))));
}

#[test]
fn a_stranger_is_a_question_with_the_likely_ones_as_buttons_and_the_days_others_behind() {
    let mut board = board(vec![
        row(
            1,
            "16:00:00",
            "16:50:00",
            osei(true),
            vec![attendee(1, "Rosa Delgado", AttendeeStatus::Expected, "15:00:00")],
        ),
        row(
            2,
            "16:30:00",
            "17:00:00",
            osei(true),
            vec![attendee(2, "Tom Reyes", AttendeeStatus::Expected, "15:00:00")],
        ),
        row(
            3,
            "18:00:00",
            "18:30:00",
            osei(true),
            vec![attendee(3, "Mei Tanaka", AttendeeStatus::Expected, "15:00:00")],
        ),
        row(
            4,
            "16:00:00",
            "16:30:00",
            haddad(),
            vec![attendee(4, "Grace Wanjiru", AttendeeStatus::Expected, "15:00:00")],
        ),
    ]);
    board.unmatched = vec![stranger()];
    let view = seen(&board);
    let (group, row) = found(&view, &id::<PresenceId>("pres", 9).to_string());
    assert_eq!((group, row.state.word.as_str()), ("needs", "someone waits"));
    assert_eq!(row.people[0].certainty, Certainty::Shown);
    let ask = row.ask.clone().unwrap();
    let names = |list: &[crate::pages::view::board::Someone]| {
        list.iter().map(|someone| someone.name.clone()).collect::<Vec<_>>()
    };
    let likely: Vec<_> = ask.likely.iter().map(|one| (one.who.name.as_str(), one.why.as_str())).collect();
    assert_eq!(likely, [("Rosa Delgado", "due in this room now"), ("Tom Reyes", "due in this room now")]);
    assert!(!ask.decided, "there is nothing to take back");
    assert_eq!(names(&ask.others), ["Mei Tanaka"], "nobody of another host's room");
    assert_eq!(row.arrival.unwrap().words, "Someone waits for Dr. Osei");
    let html = BoardRows { board: view }.render().unwrap();
    assert!(html.contains("“<bdi>&#60;b&#62;iPhone&#60;/b&#62;</bdi>”"), "a typed name is text");
}

#[test]
fn a_notice_names_initials_and_nothing_more() {
    let (_, row) = one(AttendeeStatus::Waiting, "16:05:00", osei(true));
    let arrival = row.arrival.unwrap();
    assert_eq!(arrival.words, "R. D. waits for Dr. Osei");
    assert_eq!(arrival.key, id::<PresenceId>("pres", 1).to_string());
    assert!(one(AttendeeStatus::InSession, "16:05:00", osei(true)).1.arrival.is_none());
}

#[test]
fn an_overrun_says_by_how_much_and_who_waits_for_it() {
    let board = board(vec![
        row(
            1,
            "15:00:00",
            "16:00:00",
            osei(true),
            vec![attendee(1, "Samuel Okafor", AttendeeStatus::InSession, "15:00:10")],
        ),
        row(
            2,
            "16:00:00",
            "16:50:00",
            osei(true),
            vec![attendee(2, "Jun-ho Bae", AttendeeStatus::Waiting, "16:00:00")],
        ),
    ]);
    let view = seen(&board);
    let (group, over) = found(&view, &appointment_key(1));
    assert_eq!(group, "in");
    assert_eq!(over.why, ["7 min over.", "\u{2068}Jun-ho Bae\u{2069} waits."]);
    let (_, waits) = found(&view, &appointment_key(2));
    assert_eq!(waits.why[0], "The visit before is still in session, 7 min over.");
}

#[test]
fn whoever_has_not_come_is_late_during_the_visit_and_not_seen_after_it() {
    let (group, row) = one(AttendeeStatus::Expected, "12:00:00", osei(true));
    assert_eq!((group, row.state.word.as_str(), row.state.length.as_str()), ("next", "late", "7 min"));
    let expected = attendee(1, "Rosa Delgado", AttendeeStatus::Expected, "12:00:00");
    let board = board(vec![row_of("15:00:00", "15:50:00", expected)]);
    let (group, row) = found(&seen(&board), &appointment_key(1));
    assert_eq!((group, row.state.word.as_str()), ("done", "not seen"));
}

fn row_of(from: &str, to: &str, one: AttendeeRow) -> AppointmentRow {
    row(1, from, to, osei(true), vec![one])
}

#[test]
fn a_host_without_zoom_is_told_before_the_patient_comes() {
    let (_, row) = one(AttendeeStatus::Opened, "15:58:00", osei(false));
    assert_eq!(row.why[0], "Dr. Osei’s Zoom is not connected: nobody can join yet.");
}

#[test]
fn of_several_attendees_each_shows_their_own_state_and_who_waits_leads() {
    let board = board(vec![row(
        1,
        "16:00:00",
        "16:50:00",
        osei(true),
        vec![
            attendee(1, "Ana Prado", AttendeeStatus::InSession, "16:01:00"),
            attendee(2, "Luis Prado", AttendeeStatus::Waiting, "16:05:00"),
        ],
    )]);
    let (group, row) = found(&seen(&board), &appointment_key(1));
    assert_eq!((group, row.state.word.as_str()), ("waiting", "waiting"));
    let states: Vec<_> = row.people.iter().map(|one| one.state.as_ref().unwrap().word.clone()).collect();
    assert_eq!(states, ["in session", "waiting"]);
}

#[test]
fn cancelled_and_in_person_stand_quietly_with_nothing_to_hand_out() {
    let mut cancelled = row(
        1,
        "16:00:00",
        "16:50:00",
        osei(false),
        vec![attendee(1, "Noor", AttendeeStatus::Expected, "12:00:00")],
    );
    cancelled.status = Status::Cancelled;
    let mut in_person = row(
        2,
        "17:00:00",
        "17:50:00",
        osei(false),
        vec![attendee(2, "Mei", AttendeeStatus::Expected, "12:00:00")],
    );
    in_person.kind = Kind::InPerson;
    let view = seen(&board(vec![cancelled, in_person]));
    let (group, row) = found(&view, &appointment_key(1));
    assert_eq!((group, row.state.word.as_str(), row.send.is_some()), ("done", "cancelled", false));
    let (group, row) = found(&view, &appointment_key(2));
    assert_eq!((group, row.state.word.as_str(), row.send.is_some()), ("next", "in person", false));
    assert!(row.why.is_empty());
}

#[test]
fn what_is_done_says_how_long() {
    let mut gone = attendee(1, "Rosa Delgado", AttendeeStatus::Left, "16:00:00");
    (gone.in_session_seconds, gone.together_seconds) = (47 * 60, 45 * 60);
    let (group, row) = found(&seen(&board(vec![row_of("15:00:00", "15:50:00", gone)])), &appointment_key(1));
    assert_eq!((group, row.state.word.as_str()), ("done", "left 10:00"));
    assert_eq!(row.why, ["Waited 3 min, together 45 min."]);
}

#[test]
fn the_longest_wait_stands_first() {
    let board = board(vec![
        row(
            1,
            "16:00:00",
            "16:50:00",
            osei(true),
            vec![attendee(1, "Ana", AttendeeStatus::Waiting, "16:06:00")],
        ),
        row(
            2,
            "16:00:00",
            "16:50:00",
            haddad(),
            vec![attendee(2, "Tom", AttendeeStatus::Waiting, "16:04:00")],
        ),
    ]);
    let view = seen(&board);
    let keys: Vec<_> = view.groups[1].rows.iter().map(|row| row.people[0].name.as_str()).collect();
    assert_eq!(keys, ["Tom", "Ana"]);
    assert_eq!(view.summary(), "Waiting 2.");
}

#[test]
fn a_filter_that_lets_nothing_through_says_how_to_see_everybody() {
    let board = board(vec![row_of(
        "16:00:00",
        "16:50:00",
        attendee(1, "Rosa Delgado", AttendeeStatus::Expected, "12:00:00"),
    )]);
    let asked = |q: &str, host: &str| Asked { q: q.into(), host: host.into(), ..Asked::default() };
    assert!(seen_with(&board, &asked("rosa", "")).empty.is_none());
    let empty = seen_with(&board, &asked("nobody", "")).empty.unwrap();
    assert_eq!(empty.sentence, "Nobody on this day is called “nobody”.");
    assert_eq!(empty.href, "/board");
    let other = id::<StaffId>("staff", 2).to_string();
    assert_eq!(seen_with(&board, &asked("", &other)).empty.unwrap().action, "Show everybody");
}

#[test]
fn an_empty_day_says_what_to_do_next() {
    let empty = seen(&board(Vec::new())).empty.unwrap();
    assert_eq!(empty.sentence, "Nothing is booked for this day.");
    assert_eq!(empty.href, "/appointments/new?date=2026-11-23");
}

#[test]
fn a_stale_feed_says_so_in_a_sentence() {
    let mut board = board(Vec::new());
    board.feed = Feed {
        state: FeedState::Stale,
        last_event_at: Some(at("16:01:00")),
        sentence: "No word from Zoom for 6 minutes while 2 meetings run. What you see may be old.".to_owned(),
    };
    let html = BoardRows { board: seen(&board) }.render().unwrap();
    assert!(html.contains("No word from Zoom for 6 minutes while 2 meetings run. What you see may be old."));
    assert!(!html.contains(">Live<"));
}

#[test]
fn the_clinics_day_time_and_zone_stand_on_the_board() {
    let view = seen(&board(Vec::new()));
    assert_eq!(
        (view.day.as_str(), view.time.as_str(), view.zone.as_str()),
        ("Monday 23 November 2026", "10:07", "CST")
    );
    assert_eq!((view.offset, view.now), (-21_600, at(NOW).as_millis()));
}

#[test]
fn an_answer_is_one_of_those_that_were_offered() {
    let own = |text: Option<&str>| text.map(str::to_owned);
    let answer = |attendee: Option<&str>, as_what: Option<&str>| {
        Answer { attendee: own(attendee), not: None, as_what: own(as_what) }.verdict()
    };
    let rosa = id::<AttendeeId>("att", 1);
    assert_eq!(answer(Some(&rosa.to_string()), None).unwrap(), Verdict::Attendee(rosa));
    let not = |as_what: Option<&str>| {
        Answer { attendee: None, not: Some(rosa.to_string()), as_what: own(as_what) }.verdict()
    };
    assert_eq!(not(None).unwrap(), Verdict::Not(rosa));
    assert!(not(Some("guest")).is_err());
    assert_eq!(answer(None, Some("interpreter")).unwrap(), Verdict::Interpreter);
    assert_eq!(answer(None, Some("guest")).unwrap(), Verdict::Guest);
    assert_eq!(answer(None, Some("undecided")).unwrap(), Verdict::Undecided);
    assert!(answer(Some(&rosa.to_string()), Some("guest")).is_err());
    assert!(answer(None, None).is_err());
    assert!(answer(Some("pres_1"), None).is_err());
}

fn interpreter(status: Whereabouts) -> GuestRow {
    GuestRow {
        id: id("pres", 8),
        host: Named { id: id("staff", 1), name: Name::parse("Dr. Osei").unwrap() },
        name: "Interpreter ES".to_owned(),
        who: Who::Interpreter,
        status,
        since: at("16:02:00"),
    }
}

#[test]
fn whoever_was_marked_stands_where_they_are_and_can_be_unmarked() {
    for (status, place) in [(Whereabouts::Waiting, "waiting"), (Whereabouts::InSession, "in")] {
        let mut board = board(Vec::new());
        board.guests = vec![interpreter(status)];
        let view = seen(&board);
        let (group, row) = found(&view, &id::<PresenceId>("pres", 8).to_string());
        assert_eq!((group, row.why.as_slice()), (place, &["Marked as an interpreter.".to_owned()][..]));
        let html = BoardRows { board: view }.render().unwrap();
        assert!(html.contains("“<bdi>Interpreter ES</bdi>”") && html.contains("Take back what was decided"));
        let of_another = Asked { host: id::<StaffId>("staff", 2).to_string(), ..Asked::default() };
        let view = seen_with(&board, &of_another);
        assert!(view.groups.iter().all(|group| group.rows.is_empty()), "another host's board");
    }
}

fn no_show(says: Says, ruling: Option<Ruling>) -> NoShowCell {
    NoShowCell {
        says,
        reasons: vec!["was not seen in the room".to_owned(), "never opened the link".to_owned()],
        ruling: ruling.map(|ruling| RulingCell {
            ruling,
            at: at("16:06:00"),
            by: StaffOrToken::Staff(id("staff", 3)),
        }),
    }
}

#[test]
fn a_proposed_no_show_asks_the_desk_with_its_evidence_after_those_who_wait() {
    let mut absent = attendee(1, "Rosa Delgado", AttendeeStatus::NoShowProposed, "15:45:00");
    (absent.no_show, absent.matched, absent.presence) = (Some(no_show(Says::Yes, None)), None, None);
    let waits = attendee(2, "Tom Reyes", AttendeeStatus::Waiting, "15:50:00");
    let board = board(vec![
        row(1, "15:30:00", "16:00:00", osei(true), vec![absent]),
        row(2, "16:00:00", "16:30:00", osei(true), vec![waits]),
    ]);
    let view = seen(&board);
    let needs: Vec<_> = view.groups[0].rows.iter().map(|row| row.people[0].name.as_str()).collect();
    assert_eq!(needs, ["Tom Reyes", "Rosa Delgado"]);
    let (_, row) = found(&view, &appointment_key(1));
    assert_eq!((row.state.word.as_str(), row.state.look), ("no-show?", "proposed"));
    assert_eq!(row.why, ["Was not seen in the room.", "Never opened the link."]);
    let html = BoardRows { board: view }.render().unwrap();
    let action = format!("/board/attendees/{}/no-show", id::<AttendeeId>("att", 1));
    assert!(
        html.contains(&action) && html.contains(r#"value="accepted""#) && html.contains(r#"value="refused""#)
    );
}

#[test]
fn an_answered_no_show_stands_among_the_done_and_can_be_taken_back() {
    for (status, ruling, word) in [
        (AttendeeStatus::NoShow, Ruling::Accepted, "no-show"),
        (AttendeeStatus::Expected, Ruling::Refused, "not seen"),
    ] {
        let mut absent = attendee(1, "Rosa Delgado", status, "15:45:00");
        (absent.no_show, absent.matched, absent.presence) =
            (Some(no_show(Says::Yes, Some(ruling))), None, None);
        let board = board(vec![row(1, "15:00:00", "15:30:00", osei(true), vec![absent])]);
        let view = seen(&board);
        let (group, row) = found(&view, &appointment_key(1));
        assert_eq!((group, row.state.word.as_str()), ("done", word));
        let html = BoardRows { board: view }.render().unwrap();
        assert!(html.contains(r#"value="withdrawn""#) && !html.contains(r#"value="accepted""#), "{html}");
    }
}

#[test]
fn where_nobody_can_say_whether_somebody_came_the_board_says_so_and_asks_nothing() {
    let mut absent = attendee(1, "Rosa Delgado", AttendeeStatus::Expected, "12:00:00");
    absent.no_show = Some(no_show(Says::Unknown, None));
    let board = board(vec![row(1, "15:00:00", "15:30:00", osei(true), vec![absent])]);
    let (group, row) = found(&seen(&board), &appointment_key(1));
    assert_eq!((group, row.why[0].as_str()), ("done", "Nobody can say whether they came."));
    assert!(row.people[0].no_show.is_none());
}

#[test]
fn warnings_are_told_above_the_rows_and_lead_to_whom_they_are_about() {
    let waits = attendee(2, "Tom Reyes", AttendeeStatus::Waiting, "16:05:00");
    let mut board = board(vec![row(2, "16:00:00", "16:30:00", osei(true), vec![waits])]);
    let host = Named { id: id("staff", 1), name: Name::parse("Dr. Osei").unwrap() };
    board.warnings = vec![Warning {
        kind: WarningKind::PreviousStillThere,
        host,
        sentence: "Rosa Delgado (09:30) is still in the room while Tom Reyes (10:00) waits.".to_owned(),
        presences: vec![id("pres", 2), id("pres", 7)],
    }];
    let view = seen(&board);
    assert_eq!(view.warnings[0].href, format!("#{}", appointment_key(2)));
    assert_eq!((view.warnings[0].look, view.warnings[0].word), ("stays", "Still in the room"));
    let of_another = Asked { host: id::<StaffId>("staff", 2).to_string(), ..Asked::default() };
    assert!(seen_with(&board, &of_another).warnings.is_empty());
}

#[test]
fn whom_somebody_is_said_not_to_be_stands_beside_the_question_and_can_be_taken_back() {
    let mut board = board(vec![row_of(
        "16:00:00",
        "16:50:00",
        attendee(1, "Rosa Delgado", AttendeeStatus::Expected, "12:00:00"),
    )]);
    let mut unknown = stranger();
    unknown.candidates.truncate(1);
    unknown.candidates[0].attendee = id("att", 2);
    unknown.not = vec![id("att", 1)];
    board.unmatched = vec![unknown];
    let view = seen(&board);
    let (_, row) = found(&view, &id::<PresenceId>("pres", 9).to_string());
    assert_eq!(row.why, ["Said to be not \u{2068}Rosa Delgado\u{2069}."]);
    assert!(row.ask.unwrap().decided);
    assert!(BoardRows { board: view }.render().unwrap().contains("Take back what was said"));
}

#[test]
fn a_matched_row_offers_to_say_that_it_is_somebody_else() {
    let board = board(vec![row_of(
        "16:00:00",
        "16:50:00",
        attendee(1, "Rosa Delgado", AttendeeStatus::Waiting, "16:05:00"),
    )]);
    let html = BoardRows { board: seen(&board) }.render().unwrap();
    let rosa = id::<AttendeeId>("att", 1);
    assert!(html.contains(&format!(r#"<button name="not" value="{rosa}" class="deny">"#)), "{html}");
}

#[test]
fn what_was_decided_can_be_taken_back_once() {
    let about = id::<PresenceId>("pres", 1).to_string();
    let asked = |done: &str| Asked { done: done.into(), about: about.clone(), ..Asked::default() }.decided();
    for done in ["attendee", "not", "guest", "interpreter", "staff"] {
        let undo = asked(done).unwrap().undo.unwrap();
        assert_eq!(undo.action, format!("/board/presences/{about}/match"), "{done}");
        assert_eq!((undo.name, undo.value), ("as", "undecided"));
    }
    assert!(asked("undone").unwrap().undo.is_none());
    assert!(asked("<script>").is_none());
}

#[test]
fn a_board_without_a_date_stays_todays() {
    let wanted: Wanted = Asked::default().understand().unwrap();
    assert_eq!(wanted.query(wanted.date), "");
    assert!(Asked { date: "tomorrow".into(), ..Asked::default() }.understand().is_err());
}
