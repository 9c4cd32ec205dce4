//! What stands around the rows: the day, the feed, the filter, warnings, and what to do where no row stands.

use askama::Template;
use attendance::board::{AttendeeStatus, BoardAlert, Feed, Named, Warning};
use domain::{
    StaffId,
    alert::AlertKind,
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
fn what_is_the_matter_now_stands_on_top_and_is_not_said_twice() {
    let waits = attendee(2, "Tom Reyes", AttendeeStatus::Waiting, "16:05:00");
    let mut board = board(vec![row(2, "16:00:00", "16:30:00", osei(true), vec![waits])]);
    let host = Named { id: id("staff", 1), name: Name::parse("Dr. Osei").unwrap() };
    let warning = |kind, presences: &[u32]| Warning {
        kind,
        host: host.clone(),
        sentence: "Somebody waits.".to_owned(),
        presences: presences.iter().map(|&number| id("pres", number)).collect(),
    };
    board.warnings = vec![
        warning(WarningKind::PreviousStillThere, &[2, 7]),
        warning(WarningKind::PreviousStillThere, &[5, 7]),
        warning(WarningKind::UnknownWaiting, &[8]),
        warning(WarningKind::UnknownWaiting, &[9]),
    ];
    assert_eq!(seen(&board).warnings.len(), 4);
    let alert = |kind, appointment, presence| BoardAlert {
        kind,
        host: host.clone(),
        sentence: "Dr. Osei's visit goes on.".to_owned(),
        since: at("16:00:00"),
        appointment,
        presence,
    };
    board.alerts = vec![
        alert(AlertKind::Overrun, Some(id("appt", 2)), None),
        alert(AlertKind::Stranger, None, Some(id("pres", 8))),
    ];
    let view = seen(&board);
    let (over, stranger) = (&view.alerts[0], &view.alerts[1]);
    assert_eq!((over.word, over.length.as_str()), ("Runs over", "7 min"));
    assert_eq!(over.href, format!("#{}", appointment_key(2)));
    assert_eq!((stranger.word, stranger.href.as_str()), ("Unknown person", ""));
    let left: Vec<&str> = view.warnings.iter().map(|line| line.key.as_str()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left[0].contains("000000005") && left[1].contains("000000009"), "{left:?}");
    let of_another = Asked { host: id::<StaffId>("staff", 2).to_string(), ..Asked::default() };
    assert!(seen_with(&board, &of_another).alerts.is_empty());
}

#[test]
fn a_board_without_a_date_stays_todays() {
    let wanted: Wanted = Asked::default().understand().unwrap();
    assert_eq!(wanted.query(wanted.date), "");
    assert!(Asked { date: "tomorrow".into(), ..Asked::default() }.understand().is_err());
}
