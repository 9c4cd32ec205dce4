//! Who waits, who is let in, who leaves: as the desk sees it.

use std::time::Duration;

use domain::attendance::{
    feed::FeedState,
    matching::{DecidedBy, Level, StaffOrToken, Verdict},
    presence::{Whereabouts, Who},
    stay::StayKind,
};
use serde_json::json;

use super::clinic::{TestClinic, named, nothing, osei};
use crate::{BoardChanges, DecideError, board::AttendeeStatus};

#[tokio::test]
async fn a_patient_waits_is_admitted_joins_and_leaves_under_changing_ids() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(300, &["Rosa Delgado"]).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::Expected, None));

    clinic.press(&visit, 0, 0).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::Opened, None));
    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::Waiting, Some(Level::Certain)));
    let board = clinic.board().await;
    assert!(!board.appointments[0].host.present);
    assert_eq!(board.unmatched, []);

    clinic.says("started", 60, json!({})).await;
    clinic.says("participant_joined", 61, osei("16778240")).await;
    let board = clinic.board().await;
    assert!(board.appointments[0].host.present);
    assert_eq!(board.appointments[0].host.present_since, Some(clinic.at(61)));

    clinic.says("participant_admitted", 70, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::Connecting, Some(Level::Certain)));
    clinic.says("participant_joined", 74, named("16785408", "Rosa Delgado")).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::InSession, Some(Level::Certain)));
    clinic.says("participant_left", 600, named("16785408", "Rosa Delgado")).await;
    clinic.says("ended", 610, json!({})).await;
    assert_eq!(clinic.status(&visit, 0).await, (AttendeeStatus::Left, Some(Level::Certain)));

    let record = clinic.attendance.appointment(clinic.clinic, visit.0.id).await.unwrap();
    let rosa = &record.attendees[0];
    let kinds: Vec<StayKind> = rosa.stays.iter().map(|stay| stay.kind).collect();
    assert_eq!(kinds, [StayKind::Waiting, StayKind::Connecting, StayKind::InSession]);
    assert_eq!((rosa.waited_seconds, rosa.in_session_seconds, rosa.together_seconds), (58, 526, 526));
    assert_eq!((record.host.stays[0].from, record.host.stays[0].to), (clinic.at(61), Some(clinic.at(610))));
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn two_presses_at_once_are_never_certain_and_the_desk_is_asked() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    let tom = clinic.book(600, &["Tom Reyes"]).await;
    clinic.press(&rosa, 0, 0).await;
    clinic.press(&tom, 0, 4).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    let board = clinic.board().await;
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Opened, Some(Level::Ambiguous)));
    assert_eq!(clinic.status(&tom, 0).await, (AttendeeStatus::Opened, Some(Level::Ambiguous)));
    assert_eq!(board.unmatched.len(), 1);
    let candidates: Vec<_> = board.unmatched[0].candidates.iter().map(|c| (c.attendee, c.level)).collect();
    assert_eq!(candidates, [(tom.attendee(0), Level::Ambiguous), (rosa.attendee(0), Level::Ambiguous)]);
    assert_eq!(board.unmatched[0].candidates[0].name.as_str(), "Tom Reyes");

    // A person says who it is.
    let by = StaffOrToken::Staff(clinic.host);
    let verdict = Verdict::Attendee(rosa.attendee(0));
    let decided = clinic.attendance.decide(clinic.clinic, board.unmatched[0].id, verdict, by).await.unwrap();
    assert_eq!(decided.matched.unwrap().decided_by, DecidedBy::Person);
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Waiting, Some(Level::Certain)));
    assert_eq!(clinic.board().await.unmatched, []);
}

#[tokio::test]
async fn a_decision_survives_late_events_a_rebuild_and_a_merge_of_presences() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    let tom = clinic.book(600, &["Tom Reyes"]).await;
    // The meeting was heard of first; the waiting room's words come late.
    clinic.says("participant_joined", 64, named("2", "Guest")).await;
    let unmatched = clinic.board().await.unmatched;
    let by = StaffOrToken::Staff(clinic.host);
    let verdict = Verdict::Attendee(tom.attendee(0));
    clinic.attendance.decide(clinic.clinic, unmatched[0].id, verdict, by).await.unwrap();
    clinic.says("participant_admitted", 60, named("1", "Guest")).await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "Guest")).await;
    clinic.press(&rosa, 0, -5).await;
    let presences = clinic.presences().await;
    assert_eq!(presences.len(), 1);
    assert_eq!(presences[0].id, unmatched[0].id);
    assert_eq!(presences[0].stays.len(), 3);
    assert_eq!(clinic.status(&tom, 0).await, (AttendeeStatus::InSession, Some(Level::Certain)));
    assert_eq!(clinic.verify().await, [""; 0]);
    clinic.attendance.rebuild(Some(clinic.clinic), false).await.unwrap();
    assert_eq!(clinic.presences().await, presences);
}

#[tokio::test]
async fn a_decision_can_be_changed_taken_back_and_repeated() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado", "Luis Prado"]).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    let id = clinic.presences().await[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    let decide = async |verdict| clinic.attendance.decide(clinic.clinic, id, verdict, by).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            decide(Verdict::Attendee(rosa.attendee(1))).await.matched.unwrap().attendee,
            rosa.attendee(1)
        );
    }
    assert_eq!(decide(Verdict::Guest).await.who, Who::Guest);
    assert_eq!(clinic.board().await.unmatched, []);
    assert_eq!(decide(Verdict::Staff).await.who, Who::Staff);
    let undecided = decide(Verdict::Undecided).await;
    assert_eq!((undecided.who, undecided.matched), (Who::Visitor, None));
    let mut tx = clinic.engine.store.read().await.unwrap();
    assert_eq!(tx.decisions_in_room(clinic.clinic, clinic.room).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_decision_about_nobody_or_for_nobody_is_refused() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa Delgado")).await;
    let id = clinic.presences().await[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    let decide =
        async |presence, verdict| clinic.attendance.decide(clinic.clinic, presence, verdict, by).await;
    let verdict = Verdict::Attendee(rosa.attendee(0));
    assert!(matches!(decide(nothing(), verdict).await, Err(DecideError::UnknownPresence)));
    let nobody = Verdict::Attendee(nothing());
    assert!(matches!(decide(id, nobody).await, Err(DecideError::UnknownAttendee)));
    let other = clinic.attendance.decide(nothing(), id, verdict, by).await;
    assert!(matches!(other, Err(DecideError::UnknownPresence)), "another clinic's presence is nobody");
    let tomorrow = clinic.book(86_400, &["Tom Reyes"]).await;
    let another_day = Verdict::Attendee(tomorrow.attendee(0));
    assert!(matches!(decide(id, another_day).await, Err(DecideError::NotInThisRoom)));
}

#[tokio::test]
async fn the_only_one_due_is_probable_and_shown_as_such() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Waiting, Some(Level::Probable)));
    let board = clinic.board().await;
    let row = &board.appointments[0].attendees[0];
    assert_eq!(row.shown_name.as_deref(), Some("iPhone"));
    assert_eq!(row.matched.as_ref().unwrap().reasons[0], "the only one due in this room around now");
}

#[tokio::test]
async fn somebody_unknown_stands_in_the_lane_and_stays_there_until_it_is_settled() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "")).await;
    clinic.says("participant_joined_waiting_room", 5, named("2", "")).await;
    let names = async || -> Vec<(String, Whereabouts)> {
        clinic.board().await.unmatched.into_iter().map(|row| (row.name, row.status)).collect()
    };
    assert_eq!(
        names().await,
        [("Guest 1".into(), Whereabouts::Waiting), ("Guest 2".into(), Whereabouts::Waiting)]
    );
    clinic.says("participant_left_waiting_room", 20, named("1", "")).await;
    clinic.says("participant_left_waiting_room", 90, named("2", "")).await;
    assert_eq!(
        names().await,
        [("Guest 2".into(), Whereabouts::Left)],
        "who looked in for moments is no question"
    );
    let id = clinic.board().await.unmatched[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.decide(clinic.clinic, id, Verdict::Guest, by).await.unwrap();
    assert_eq!(names().await, []);
}

#[tokio::test]
async fn the_stream_tells_the_rows_that_changed_and_nothing_else() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    let tom = clinic.book(3_600, &["Tom Reyes"]).await;
    let start = clinic.board().await.last_change;
    let changes =
        async |after| match clinic.attendance.board_changes(clinic.clinic, after, None).await.unwrap() {
            BoardChanges::Rows(rows) => *rows,
            BoardChanges::ReadWhole => panic!("nothing was lost"),
        };
    assert!(changes(start).await.is_empty());

    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa Delgado")).await;
    let rows = changes(start).await;
    assert_eq!(rows.appointments.iter().map(|row| row.id).collect::<Vec<_>>(), [rosa.0.id]);
    assert!(rows.last > start);
    assert!(changes(rows.last).await.is_empty());

    // The host's coming changes every row of the room.
    let before = rows.last;
    clinic.says("participant_joined", 20, osei("9")).await;
    let rows = changes(before).await;
    assert_eq!(rows.appointments.iter().map(|row| row.id).collect::<Vec<_>>(), [rosa.0.id, tom.0.id]);

    // Who was unmatched and is settled is gone from the lane.
    clinic.says("participant_joined_waiting_room", 30, named("5", "Beatriz Lima")).await;
    let id = clinic.board().await.unmatched[0].id;
    let before = clinic.board().await.last_change;
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.decide(clinic.clinic, id, Verdict::Guest, by).await.unwrap();
    let rows = changes(before).await;
    assert_eq!((rows.gone, rows.unmatched), (vec![id], vec![]));
    let beyond = clinic.attendance.board_changes(clinic.clinic, 1_000_000, None).await.unwrap();
    assert_eq!(beyond, BoardChanges::ReadWhole);
}

#[tokio::test]
async fn a_press_that_zoom_never_answers_makes_the_feed_stale() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    assert_eq!(clinic.board().await.feed.state, FeedState::Never);
    clinic.says("participant_joined_waiting_room", 0, named("1", "Tom Reyes")).await;
    assert_eq!(clinic.board().await.feed.state, FeedState::Live);
    clinic.clock.advance(Duration::from_secs(10));
    clinic.press(&rosa, 0, 5).await;
    clinic.clock.advance(Duration::from_secs(95));
    let feed = clinic.board().await.feed;
    assert_eq!(feed.state, FeedState::Stale);
    assert!(feed.sentence.contains("pressed Join"), "{}", feed.sentence);
    clinic.says("participant_joined_waiting_room", 100, named("2", "Rosa Delgado")).await;
    assert_eq!(clinic.board().await.feed.state, FeedState::Live);
}

#[tokio::test]
async fn the_clinician_sees_who_waits_longest_first() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    clinic.says("participant_joined", 1, osei("9")).await;
    clinic.press(&rosa, 0, 40).await;
    clinic.says("participant_joined_waiting_room", 50, named("1", "Rosa Delgado")).await;
    clinic.says("participant_joined_waiting_room", 5, named("2", "Beatriz Lima")).await;
    let there = clinic.attendance.waiting_for(clinic.clinic, clinic.host).await.unwrap();
    let names: Vec<&str> = there.iter().map(|one| one.shown_name.as_str()).collect();
    assert_eq!(names, ["Beatriz Lima", "Rosa Delgado"]);
    assert_eq!(there[1].attendee.as_ref().unwrap().1, rosa.0.id);
    assert!(there[0].attendee.is_none());
}

#[tokio::test]
async fn a_booking_made_while_somebody_waits_finds_them() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.board().await.unmatched.len(), 1);
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    let range = rosa.0.starts_at..rosa.0.ends_at;
    clinic.attendance.reconsider_host(clinic.clinic, clinic.host, range).await.unwrap();
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Waiting, Some(Level::Certain)));
    assert_eq!(clinic.board().await.unmatched, []);
}
