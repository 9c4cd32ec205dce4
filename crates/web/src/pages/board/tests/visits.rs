//! How a visit stands on the board: waits, overruns, what is over, and who did not come.

use askama::Template;
use attendance::board::{AttendeeStatus, NoShowCell, RulingCell};
use domain::{
    AttendeeId,
    appointment::{Kind, Status},
    attendance::{
        matching::StaffOrToken,
        no_show::{Ruling, Says},
    },
};

use super::{appointment_key, at, attendee, board, found, haddad, id, one, osei, row, row_of, seen};
use crate::pages::view::board::BoardRows;

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
