//! Who is in the room: names and how sure they are, strangers, and what a person decided.

use askama::Template;
use attendance::board::{AttendeeStatus, CandidateCell, GuestRow, MatchCell, Named, UnmatchedRow};
use domain::{
    AttendeeId, PresenceId, StaffId,
    attendance::{
        matching::{DecidedBy, Level, Verdict},
        presence::{Whereabouts, Who},
    },
    text::Name,
};

use super::{
    super::{Asked, decide::Answer},
    appointment_key, at, attendee, board, found, haddad, id, one, osei, row, row_of, seen, seen_with,
};
use crate::pages::view::board::{BoardRows, Certainty, Someone};

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
    let names = |list: &[Someone]| list.iter().map(|someone| someone.name.clone()).collect::<Vec<_>>();
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
