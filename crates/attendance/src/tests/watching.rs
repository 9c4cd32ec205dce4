//! What is the matter in a room: on the board at once, raised once, and ended when it is over.

use domain::{
    Ambient, AppointmentId, PresenceId, StaffId,
    alert::{Alert, AlertKind, Group, Settings},
    ambient::ManualClock,
    attendance::{
        feed::FeedState,
        matching::{Press, StaffOrToken, Verdict},
    },
    outreach::desk::{Marked, Notice, Says},
    room::{RoomKind, guard::Cover},
};
use serde_json::json;
use store::{
    ports::{other_rooms::OtherRoom, recovery::Outage},
    testing::engines,
};

use super::clinic::{Booked, TestClinic, named, osei};
use crate::{Attendance, BoardChanges};

/// Lets time pass until so many seconds from the beginning of the story, and looks.
async fn look_at(clinic: &TestClinic, seconds: i64) -> usize {
    clinic.clock.set(clinic.at(seconds));
    clinic.attendance.watch_rooms_once().await.unwrap()
}

/// What lasts, oldest first.
async fn lasting(clinic: &TestClinic) -> Vec<Alert> {
    let mut tx = clinic.engine.store.read().await.unwrap();
    let mut lasting = tx.alerts_lasting(clinic.clinic).await.unwrap();
    lasting.retain(|alert| alert.kind.group() == Group::Now);
    lasting
}

async fn kinds(clinic: &TestClinic) -> Vec<AlertKind> {
    lasting(clinic).await.into_iter().map(|alert| alert.kind).collect()
}

/// What the board shows.
async fn shown(clinic: &TestClinic) -> Vec<AlertKind> {
    clinic.board().await.alerts.into_iter().map(|alert| alert.kind).collect()
}

/// Rosa has pressed Join and waits, so that it is certainly she, from that second on.
async fn rosa_waits(clinic: &TestClinic, visit: &Booked, user_id: &str, seconds: i64) {
    clinic.clock.set(clinic.at(seconds));
    clinic.press(visit, 0, seconds - 10).await;
    clinic.says("participant_joined_waiting_room", seconds, named(user_id, "Rosa Delgado")).await;
}

#[tokio::test]
async fn a_late_host_is_told_once_for_each_step_and_it_is_over_when_the_host_comes() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(300, &["Rosa Delgado"]).await;
    rosa_waits(&clinic, &visit, "1", 120).await;
    assert_eq!(look_at(&clinic, 599).await, 0);
    assert_eq!(shown(&clinic).await, []);

    assert_eq!(look_at(&clinic, 600).await, 1);
    let [five] = lasting(&clinic).await.try_into().unwrap();
    assert_eq!(
        (five.kind, five.staff_id, five.appointment_id, five.detail.as_deref(), five.raised_at),
        (AlertKind::HostLate, clinic.host, Some(visit.0.id), Some("5"), clinic.at(600))
    );
    assert_eq!(five.key, format!("host_late/{}/5", visit.0.id));
    assert_eq!(look_at(&clinic, 630).await, 0, "and not again");
    let board = clinic.board().await;
    assert_eq!(board.alerts[0].host.id, clinic.host);
    assert!(board.alerts[0].sentence.starts_with("Rosa Delgado (10:05) has waited"), "{:?}", board.alerts);

    assert_eq!(look_at(&clinic, 900).await, 2, "ten minutes in place of five");
    assert_eq!(lasting(&clinic).await[0].detail.as_deref(), Some("10"));

    clinic.says("started", 920, json!({})).await;
    clinic.says("participant_joined", 921, osei("16778240")).await;
    assert_eq!(shown(&clinic).await, [], "the board knows at once");
    assert_eq!(look_at(&clinic, 925).await, 1);
    assert_eq!(kinds(&clinic).await, []);
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn whoever_comes_back_and_waits_again_is_shown_again_and_told_no_more() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    rosa_waits(&clinic, &visit, "1", 60).await;
    assert_eq!(look_at(&clinic, 360).await, 1);
    clinic.says("participant_left_waiting_room", 400, named("1", "Rosa Delgado")).await;
    assert_eq!(look_at(&clinic, 401).await, 1);
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![], vec![]));

    rosa_waits(&clinic, &visit, "2", 600).await;
    let before = clinic.board().await.last_change;
    assert_eq!(look_at(&clinic, 900).await, 0, "for the same visit nobody is told twice");
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![AlertKind::HostLate], vec![]));
    let changes = clinic.attendance.board_changes(clinic.clinic, before, None).await.unwrap();
    let BoardChanges::Rows(rows) = changes else { panic!("little has changed") };
    assert_eq!(rows.appointments.len(), 1, "and open boards hear of it");
    assert_eq!(rows.alerts.len(), 1);
    assert_eq!(look_at(&clinic, 1_200).await, 1, "ten minutes were not told yet");
}

#[tokio::test]
async fn what_the_clinic_set_and_what_the_desk_said_decide_when_a_host_is_late() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let settings = Settings { host_late_after: vec![3] };
    tx.set_alert_settings(clinic.clinic, &settings).await.unwrap();
    let notice = Notice {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        host: clinic.host,
        appointment: None,
        says: Says::Late(10),
        said_by: StaffOrToken::Staff(clinic.host),
        at: clinic.at(0),
        until: clinic.at(7_200),
    };
    tx.insert_notice(&notice).await.unwrap();
    tx.commit().await.unwrap();
    rosa_waits(&clinic, &visit, "1", 30).await;
    assert_eq!(look_at(&clinic, 779).await, 0);
    assert_eq!(look_at(&clinic, 780).await, 1);
    assert_eq!(lasting(&clinic).await[0].detail.as_deref(), Some("3"));
}

#[tokio::test]
async fn two_instances_that_look_at_once_tell_it_once() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let visit = clinic.book(0, &["Rosa Delgado"]).await;
        rosa_waits(&clinic, &visit, "1", 30).await;
        // The clocks of two machines are never quite the same.
        let (ahead, _): (Ambient, std::sync::Arc<ManualClock>) = Ambient::manual(clinic.at(332), 9);
        let other = Attendance::new(clinic.engine.another_instance().await, ahead, clinic.zoom.clone());
        clinic.clock.set(clinic.at(329));
        assert_eq!(other.watch_rooms_once().await.unwrap(), 1);
        assert_eq!(clinic.attendance.watch_rooms_once().await.unwrap(), 0, "not ended by a clock behind");
        assert_eq!(kinds(&clinic).await, [AlertKind::HostLate]);
        clinic.clock.set(clinic.at(332));
        let (one, two) = tokio::join!(clinic.attendance.watch_rooms_once(), other.watch_rooms_once());
        assert_eq!((one.unwrap(), two.unwrap()), (0, 0));
        assert_eq!(kinds(&clinic).await, [AlertKind::HostLate]);
        clinic.says("participant_left_waiting_room", 333, named("1", "Rosa Delgado")).await;
        clinic.clock.set(clinic.at(340));
        let (one, two) = tokio::join!(clinic.attendance.watch_rooms_once(), other.watch_rooms_once());
        assert_eq!(one.unwrap() + two.unwrap(), 1, "ended once");
        assert_eq!(kinds(&clinic).await, []);
    }
}

#[tokio::test]
async fn a_host_under_another_account_is_seen_at_once_and_a_stranger_is_not() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    rosa_waits(&clinic, &visit, "1", 10).await;
    clinic.says("participant_joined_waiting_room", 20, named("2", "Amara Osei")).await;
    assert_eq!(look_at(&clinic, 25).await, 1);
    let [alert] = lasting(&clinic).await.try_into().unwrap();
    let presence: PresenceId = alert.presence_id.unwrap();
    assert_eq!((alert.kind, alert.key), (AlertKind::OtherAccount, format!("other_account/{presence}")));
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert!(room.alerts[0].sentence.contains("you are signed in to another Zoom account"), "{room:?}");
    assert_eq!(look_at(&clinic, 200).await, 0, "nor is it told as a stranger");

    // The host leaves there and comes as the host.
    clinic.says("participant_left_waiting_room", 210, named("2", "Amara Osei")).await;
    clinic.says("participant_joined", 220, osei("3")).await;
    assert_eq!(look_at(&clinic, 225).await, 1);
    assert_eq!(kinds(&clinic).await, []);
}

#[tokio::test]
async fn a_stranger_is_told_of_until_somebody_says_who_it_is() {
    let clinic = TestClinic::open().await;
    clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "Zed Nomura")).await;
    assert_eq!(look_at(&clinic, 119).await, 0);
    assert_eq!(look_at(&clinic, 120).await, 1);
    assert_eq!(shown(&clinic).await, [AlertKind::Stranger]);
    let presence = lasting(&clinic).await[0].presence_id.unwrap();
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Interpreter, by).await.unwrap();
    assert_eq!(look_at(&clinic, 130).await, 1);
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![], vec![]));
}

#[tokio::test]
async fn a_visit_that_overruns_and_a_host_who_leaves_are_told_of() {
    let clinic = TestClinic::open().await;
    let tom = clinic.book(-1_800, &["Tom Reyes"]).await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.press(&tom, 0, -1_810).await;
    clinic.says("participant_joined_waiting_room", -1_805, named("1", "Tom Reyes")).await;
    clinic.says("participant_joined", -1_700, osei("2")).await;
    clinic.says("participant_admitted", -1_690, named("1", "Tom Reyes")).await;
    clinic.says("participant_joined", -1_680, named("3", "Tom Reyes")).await;
    rosa_waits(&clinic, &rosa, "4", 10).await;
    assert_eq!(look_at(&clinic, 129).await, 0);
    assert_eq!(look_at(&clinic, 130).await, 1);
    let [overrun] = lasting(&clinic).await.try_into().unwrap();
    assert_eq!(overrun.key, format!("overrun/{}/{}", tom.0.id, rosa.0.id));
    assert_eq!(overrun.appointment_id, Some(rosa.0.id));

    // The host's line breaks: Tom is alone in the meeting, and Rosa waits for nobody.
    clinic.says("participant_left", 200, osei("2")).await;
    assert_eq!(look_at(&clinic, 259).await, 0);
    look_at(&clinic, 310).await;
    assert_eq!(shown(&clinic).await, [AlertKind::HostLate, AlertKind::Overrun, AlertKind::NobodyHosting]);
    clinic.says("participant_joined", 320, osei("5")).await;
    clinic.says("participant_left", 330, named("3", "Tom Reyes")).await;
    look_at(&clinic, 335).await;
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![], vec![]));
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn a_meeting_that_still_runs_is_told_of_and_the_room_says_since_when() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("participant_joined", 0, osei("1")).await;
    rosa_waits(&clinic, &visit, "2", 20).await;
    clinic.says("participant_joined", 60, named("3", "Rosa Delgado")).await;
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert_eq!((room.running_since, room.host_there_since), (Some(clinic.at(0)), Some(clinic.at(0))));
    assert_eq!((room.alone_since, room.staff_there.len(), room.feed_is_live), (None, 1, true));
    clinic.says("participant_left", 900, named("3", "Rosa Delgado")).await;
    assert_eq!(look_at(&clinic, 1_079).await, 0);
    assert_eq!(look_at(&clinic, 1_080).await, 1);
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert_eq!(room.alone_since, Some(clinic.at(900)));
    assert!(room.alerts[0].sentence.ends_with("End it for all."), "{room:?}");
    clinic.says("ended", 1_100, json!({})).await;
    assert_eq!(look_at(&clinic, 1_105).await, 1);
    assert_eq!(kinds(&clinic).await, []);
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert_eq!((room.running_since, room.staff_there.len()), (None, 0));
}

#[tokio::test]
async fn a_colleague_who_stands_in_is_expected_too_and_counts_as_the_host() {
    let clinic = TestClinic::open().await;
    let ben: StaffId = clinic.colleague("Ben Lim", "b.lim@clinic.example").await;
    clinic.connect(ben, "bens-zoom-id").await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    let cover = Cover {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        host_id: clinic.host,
        by_id: ben,
        from: clinic.at(-60),
        until: clinic.at(3_600),
        ended_at: None,
        at_zoom: true,
        named: None,
        said_by: StaffOrToken::Staff(clinic.host),
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.insert_cover(&cover).await.unwrap();
    tx.commit().await.unwrap();
    rosa_waits(&clinic, &visit, "1", 10).await;
    look_at(&clinic, 310).await;
    let board = clinic.board().await;
    assert!(board.alerts[0].sentence.contains("nor Ben Lim, who stands in"), "{:?}", board.alerts);
    let there = json!({ "user_id": "2", "user_name": "Ben", "id": "bens-zoom-id" });
    clinic.says("participant_joined", 315, there).await;
    look_at(&clinic, 320).await;
    assert_eq!(shown(&clinic).await, []);
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert_eq!(room.host_there_since, Some(clinic.at(315)));
    assert_eq!(room.staff_there[0].id, ben);
}

#[tokio::test]
async fn while_something_was_missed_nobody_is_said_to_be_away_and_nothing_is_over() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    rosa_waits(&clinic, &visit, "1", 10).await;
    look_at(&clinic, 310).await;
    assert_eq!(kinds(&clinic).await, [AlertKind::HostLate]);
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let outage = Outage { id: clinic.ambient.id(), range: clinic.at(320)..clinic.at(380) };
    tx.insert_outage(&outage).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look_at(&clinic, 385).await, 0);
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![], vec![AlertKind::HostLate]));
    assert_eq!(look_at(&clinic, 380 + 359).await, 0);
    // By then Zoom has told again what it could not tell.
    assert_eq!(look_at(&clinic, 380 + 361).await, 2);
    assert_eq!(lasting(&clinic).await[0].detail.as_deref(), Some("10"));
}

#[tokio::test]
async fn a_press_that_is_followed_by_nothing_makes_us_deaf_to_its_own_room_alone() {
    let clinic = TestClinic::open().await;
    let (rosa, tom) = (clinic.book(0, &["Rosa Delgado"]).await, clinic.book(0, &["Tom Reyes"]).await);
    rosa_waits(&clinic, &rosa, "1", 10).await;
    clinic.press(&tom, 0, 200).await;
    assert_eq!(look_at(&clinic, 310).await, 0, "Tom's coming was not heard, and perhaps not the host's");
    assert_eq!(shown(&clinic).await, []);
    assert!(!clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap().feed_is_live);

    // Another room is heard of after another press that nothing follows.
    clinic.says("participant_joined_waiting_room", 320, named("9", "Tom Reyes")).await;
    let ben = clinic.colleague("Ben Lim", "b.lim@clinic.example").await;
    clinic.connect(ben, "bens-zoom-id").await;
    let theirs =
        clinic.engine.store.read().await.unwrap().room_of(clinic.clinic, ben).await.unwrap().unwrap();
    let press = Press {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        appointment_id: tom.0.id,
        attendee_id: tom.attendee(0),
        room_id: theirs.id,
        at: clinic.at(330),
        client_address: None,
        from_page: true,
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.insert_press(&press).await.unwrap();
    tx.commit().await.unwrap();
    clinic.says("participant_joined_waiting_room", 340, named("10", "Zed Nomura")).await;
    look_at(&clinic, 430).await;
    assert_eq!(clinic.board().await.feed.state, FeedState::Stale);
    assert!(shown(&clinic).await.contains(&AlertKind::HostLate));
    assert!(!clinic.attendance.room_now(clinic.clinic, ben).await.unwrap().feed_is_live);
}

#[tokio::test]
async fn in_rooms_that_tell_nothing_marks_tell_that_the_host_is_late() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
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
        created_at: clinic.ambient.now(),
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_other_room(&room).await.unwrap();
    tx.set_staff_room_kind(clinic.clinic, clinic.host, Some(RoomKind::Other)).await.unwrap();
    tx.commit().await.unwrap();
    let mark = async |marked| {
        let by = StaffOrToken::Staff(clinic.host);
        clinic.attendance.mark(clinic.clinic, visit.attendee(0), marked, None, by).await.unwrap();
    };
    mark(Marked::Waiting).await;
    assert_eq!(look_at(&clinic, 299).await, 0);
    assert_eq!(look_at(&clinic, 300).await, 1);
    mark(Marked::InSession).await;
    assert_eq!(look_at(&clinic, 310).await, 1);
    assert_eq!((shown(&clinic).await, kinds(&clinic).await), (vec![], vec![]));
}

#[tokio::test]
async fn where_nobody_is_nothing_is_the_matter() {
    let clinic = TestClinic::open().await;
    clinic.book(0, &["Rosa Delgado"]).await;
    assert_eq!(look_at(&clinic, 1_200).await, 0);
    assert_eq!(clinic.board().await.alerts, []);
    let room = clinic.attendance.room_now(clinic.clinic, clinic.host).await.unwrap();
    assert_eq!((room.running_since, room.alerts.len()), (None, 0));
    // Another day's board tells nothing of now.
    let tomorrow = clinic.board().await.date.tomorrow().unwrap();
    clinic.says("participant_joined_waiting_room", 1_200, named("1", "Zed Nomura")).await;
    look_at(&clinic, 1_400).await;
    assert_eq!(shown(&clinic).await, [AlertKind::Stranger]);
    assert_eq!(clinic.attendance.board(clinic.clinic, Some(tomorrow)).await.unwrap().alerts, []);
}

#[tokio::test]
async fn nobody_is_told_of_the_same_thing_twice_after_a_rebuild() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(0, &["Rosa Delgado"]).await;
    rosa_waits(&clinic, &visit, "1", 10).await;
    look_at(&clinic, 310).await;
    clinic.attendance.rebuild(None, false).await.unwrap();
    assert_eq!(look_at(&clinic, 320).await, 0);
    // A restart forgets what was seen, and the store does not.
    let again = Attendance::new(clinic.engine.store.clone(), clinic.ambient.clone(), clinic.zoom.clone());
    assert_eq!(again.watch_rooms_once().await.unwrap(), 0);
    let alerts = lasting(&clinic).await;
    let about: Vec<Option<AppointmentId>> = alerts.iter().map(|alert| alert.appointment_id).collect();
    assert_eq!(about, [Some(visit.0.id)]);
}
