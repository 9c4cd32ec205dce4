//! Rooms of other products: what our own pages know, and what the staff say.

use std::time::Duration;

use domain::{
    RoomId,
    attendance::{
        feed::FeedState,
        matching::{Press, StaffOrToken},
        no_show::{Ruling, Says},
        stay::{Source, StayKind},
    },
    outreach::desk::Marked,
    room::RoomKind,
};
use store::ports::other_rooms::OtherRoom;

use super::clinic::{Booked, TestClinic, named};
use crate::{
    MarkError, RuleError,
    board::{AttendeeRow, AttendeeStatus},
    sessions::SessionFilter,
};

/// The host's visits take place at another product from now on.
async fn go_elsewhere(clinic: &TestClinic) -> RoomId {
    let now = clinic.ambient.now();
    let room = OtherRoom {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        staff_id: clinic.host,
        host_url_sealed: vec![1],
        guest_url_sealed: vec![2],
        host_url_digest: [3; 32],
        guest_url_digest: [4; 32],
        host_name: "doxy.me".to_owned(),
        trouble: None,
        checked_at: None,
        created_at: now,
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_other_room(&room).await.unwrap();
    tx.set_staff_room_kind(clinic.clinic, clinic.host, Some(RoomKind::Other)).await.unwrap();
    tx.commit().await.unwrap();
    room.id
}

async fn press(clinic: &TestClinic, booked: &Booked, room: RoomId) {
    let press = Press {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        appointment_id: booked.0.id,
        attendee_id: booked.attendee(0),
        room_id: room,
        at: clinic.ambient.now(),
        client_address: None,
        from_page: true,
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.insert_press(&press).await.unwrap();
    tx.commit().await.unwrap();
}

async fn row(clinic: &TestClinic, booked: &Booked) -> AttendeeRow {
    let board = clinic.board().await;
    let rows = board.appointments.into_iter().flat_map(|row| row.attendees);
    rows.into_iter().find(|row| row.id == booked.attendee(0)).unwrap()
}

async fn mark(clinic: &TestClinic, booked: &Booked, marked: Marked) {
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.mark(clinic.clinic, booked.attendee(0), marked, None, by).await.unwrap();
}

#[tokio::test]
async fn a_press_into_such_a_room_that_nothing_follows_says_nothing_of_the_feed() {
    let clinic = TestClinic::open().await;
    let zoom_room = clinic.room;
    clinic.says("participant_joined_waiting_room", -60, named("1", "Somebody")).await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    let room = go_elsewhere(&clinic).await;
    press(&clinic, &booked, room).await;
    clinic.clock.advance(Duration::from_mins(12));
    assert_ne!(clinic.board().await.feed.state, FeedState::Stale);
    let health =
        clinic.attendance.feed_health(clinic.clinic, &std::collections::BTreeSet::new()).await.unwrap();
    assert_ne!(health.state, FeedState::Stale);
    let row = row(&clinic, &booked).await;
    assert_eq!((row.status, row.source), (AttendeeStatus::Opened, Source::Page));

    // The same into a room at Zoom is an alarm.
    clinic.clock.advance(Duration::from_secs(1));
    press(&clinic, &booked, zoom_room).await;
    clinic.clock.advance(Duration::from_mins(12));
    assert_eq!(clinic.board().await.feed.state, FeedState::Stale);
}

#[tokio::test]
async fn the_board_and_the_record_say_what_the_staff_marked_and_on_whose_word() {
    let clinic = TestClinic::open().await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    go_elsewhere(&clinic).await;
    let before = clinic.board().await;
    assert_eq!(before.appointments[0].host.elsewhere.as_deref(), Some("doxy.me"));
    mark(&clinic, &booked, Marked::Waiting).await;
    let changes = clinic.attendance.board_changes(clinic.clinic, before.last_change, None).await.unwrap();
    let crate::BoardChanges::Rows(rows) = changes else { panic!("nothing was lost") };
    assert_eq!(rows.appointments.len(), 1, "open boards are told");
    let waiting = row(&clinic, &booked).await;
    assert_eq!((waiting.status, waiting.source), (AttendeeStatus::Waiting, Source::Person));
    assert_eq!(waiting.since, clinic.at(0));
    clinic.clock.advance(Duration::from_mins(4));
    mark(&clinic, &booked, Marked::InSession).await;
    mark(&clinic, &booked, Marked::InSession).await;
    clinic.clock.advance(Duration::from_mins(40));
    mark(&clinic, &booked, Marked::Left).await;
    let left = row(&clinic, &booked).await;
    assert_eq!((left.status, left.since), (AttendeeStatus::Left, clinic.at(44 * 60)));
    assert_eq!((left.waited_seconds, left.in_session_seconds, left.together_seconds), (240, 2_400, 2_400));

    let record = clinic.attendance.appointment(clinic.clinic, booked.0.id).await.unwrap();
    let one = &record.attendees[0];
    let stays: Vec<_> = one.stays.iter().map(|stay| (stay.kind, stay.from_source, stay.to_source)).collect();
    let person = Some(Source::Person);
    assert_eq!(
        stays,
        [(StayKind::Waiting, Source::Person, person), (StayKind::InSession, Source::Person, person)]
    );
    assert!(one.stays.iter().all(|stay| stay.evidence.is_empty()));
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(json["attendees"][0]["stays"][1]["from_source"], "person");
    let day = clinic.at(-3_600)..clinic.at(7_200);
    let sessions =
        clinic.attendance.sessions(clinic.clinic, day, SessionFilter::default(), None, 10).await.unwrap();
    let one = &sessions.items[0].attendees[0];
    assert_eq!(
        (one.status, one.arrived_at, one.left_at),
        (left.status, Some(clinic.at(0)), Some(left.since))
    );
    assert_eq!(one.joined_at, Some(clinic.at(240)));
    assert_eq!(one.doubts, Vec::<String>::new());
}

#[tokio::test]
async fn a_mark_that_is_taken_back_gives_way_to_the_one_before_it_and_stays_in_the_table() {
    let clinic = TestClinic::open().await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    go_elsewhere(&clinic).await;
    mark(&clinic, &booked, Marked::Waiting).await;
    mark(&clinic, &booked, Marked::Left).await;
    let by = StaffOrToken::Staff(clinic.host);
    for _ in 0..2 {
        let seen = Some(Marked::Left);
        clinic.attendance.mark(clinic.clinic, booked.attendee(0), Marked::Withdrawn, seen, by).await.unwrap();
    }
    assert_eq!(row(&clinic, &booked).await.status, AttendeeStatus::Waiting, "pressed twice, taken back once");
    mark(&clinic, &booked, Marked::Withdrawn).await;
    assert_eq!(row(&clinic, &booked).await.status, AttendeeStatus::Expected);
    mark(&clinic, &booked, Marked::Withdrawn).await;
    let mut tx = clinic.engine.store.read().await.unwrap();
    let all = tx.marks_of_all(clinic.clinic, &[booked.0.id]).await.unwrap();
    let words: Vec<_> = all.iter().map(|mark| mark.marked.as_str()).collect();
    assert_eq!(words, ["waiting", "left", "withdrawn", "withdrawn"]);
    assert!(all.iter().all(|mark| mark.marked_by == by));
    assert!(all.is_sorted_by(|one, other| one.at < other.at), "in order though no time passed");
}

#[tokio::test]
async fn silence_of_such_a_room_proposes_no_no_show_and_says_why() {
    let clinic = TestClinic::open().await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    go_elsewhere(&clinic).await;
    clinic.clock.advance(Duration::from_hours(2));
    let silent = row(&clinic, &booked).await;
    assert_eq!(silent.status, AttendeeStatus::Expected);
    let cell = silent.no_show.unwrap();
    assert_eq!(cell.says, Says::Unknown);
    assert!(cell.reasons[0].contains("another product"), "{:?}", cell.reasons);

    let by = StaffOrToken::Staff(clinic.host);
    let rule = async |ruling| clinic.attendance.rule(clinic.clinic, booked.attendee(0), ruling, by).await;
    assert_eq!(rule(Ruling::Accepted).await.unwrap().status, AttendeeStatus::NoShow);
    rule(Ruling::Withdrawn).await.unwrap();
    mark(&clinic, &booked, Marked::InSession).await;
    assert!(matches!(rule(Ruling::Accepted).await, Err(RuleError::Came)));
    assert_eq!(row(&clinic, &booked).await.no_show, None);
}

#[tokio::test]
async fn what_nobody_marked_as_over_is_doubted_and_not_counted_for_ever() {
    let clinic = TestClinic::open().await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    go_elsewhere(&clinic).await;
    mark(&clinic, &booked, Marked::InSession).await;
    clinic.clock.advance(Duration::from_hours(20));
    let day = clinic.at(-3_600)..clinic.at(7_200);
    let sessions =
        clinic.attendance.sessions(clinic.clinic, day, SessionFilter::default(), None, 10).await.unwrap();
    let one = &sessions.items[0].attendees[0];
    assert_eq!(one.in_session_seconds, 0);
    assert_eq!(one.doubts, ["nobody marked when it ended"]);
}

#[tokio::test]
async fn nobody_is_marked_where_zoom_tells_nor_where_nobody_is_expected() {
    let clinic = TestClinic::open().await;
    let booked = clinic.book(0, &["Rosa Delgado"]).await;
    let by = StaffOrToken::Staff(clinic.host);
    let mark =
        async |marked| clinic.attendance.mark(clinic.clinic, booked.attendee(0), marked, None, by).await;
    assert!(matches!(mark(Marked::Waiting).await, Err(MarkError::ToldByZoom)));
    assert!(!row(&clinic, &booked).await.marking.open);
    go_elsewhere(&clinic).await;
    assert!(row(&clinic, &booked).await.marking.open);
    let nobody =
        clinic.attendance.mark(clinic.clinic, super::clinic::nothing(), Marked::Waiting, None, by).await;
    assert!(matches!(nobody, Err(MarkError::UnknownAttendee)));
    let foreign =
        clinic.attendance.mark(super::clinic::nothing(), booked.attendee(0), Marked::Waiting, None, by).await;
    assert!(matches!(foreign, Err(MarkError::UnknownAttendee)));
    mark(Marked::Waiting).await.unwrap();
}
