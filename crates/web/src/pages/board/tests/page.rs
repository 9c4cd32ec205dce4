//! What stands around the rows: the day, the feed, the filter, warnings, and what to do where no row stands.

use askama::Template;
use attendance::board::{AttendeeStatus, Feed, Named, Warning};
use domain::{
    StaffId,
    attendance::{feed::FeedState, warnings::WarningKind},
    text::Name,
};

use super::{
    super::{Asked, Wanted},
    NOW, appointment_key, at, attendee, board, id, osei, row, row_of, seen, seen_with,
};
use crate::pages::view::board::BoardRows;

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
fn a_board_without_a_date_stays_todays() {
    let wanted: Wanted = Asked::default().understand().unwrap();
    assert_eq!(wanted.query(wanted.date), "");
    assert!(Asked { date: "tomorrow".into(), ..Asked::default() }.understand().is_err());
}
