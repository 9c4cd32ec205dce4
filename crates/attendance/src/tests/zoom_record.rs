//! Zoom's own record fills in what deliveries lost.

use domain::attendance::{
    matching::{Level, StaffOrToken, Verdict},
    presence::{Whereabouts, Who},
    stay::{Source, StayKind},
};
use serde_json::{Value, json};
use store::testing::engines;

use super::clinic::{TestClinic, named, osei};
use crate::board::AttendeeStatus;

/// What Zoom's record says of a visit of Rosa with Dr. Osei.
fn rosa_met_osei(clinic: &TestClinic) -> Vec<Value> {
    vec![
        clinic.row("host", "Dr. Amara Osei", "in_meeting", 60..900),
        clinic.row("1", "Rosa Delgado", "in_waiting_room", 12..70),
        clinic.row("2", "Rosa Delgado", "in_meeting", 74..880),
    ]
}

#[tokio::test]
async fn a_visit_of_which_every_delivery_was_lost_is_known_from_the_record() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let rosa = clinic.book(0, &["Rosa Delgado"]).await;
        clinic.press(&rosa, 0, 0).await;
        assert!(clinic.record(900, rosa_met_osei(&clinic)).await);
        assert_eq!(clinic.status(&rosa, 0).await.0, AttendeeStatus::Left);
        let record = clinic.attendance.appointment(clinic.clinic, rosa.0.id).await.unwrap();
        let attendee = &record.attendees[0];
        assert_eq!((attendee.in_session_seconds, attendee.together_seconds), (806, 806));
        assert!(attendee.stays.iter().all(|stay| stay.from_source == Source::ZoomRecord));
        assert!(attendee.stays.iter().all(|stay| !stay.evidence.is_empty()));
        assert_eq!(clinic.verify().await, [""; 0]);
        let before = clinic.presences().await;
        clinic.attendance.rebuild(None, false).await.unwrap();
        assert_eq!(clinic.presences().await, before);
    }
}

#[tokio::test]
async fn the_same_record_twice_changes_nothing_and_a_longer_one_adds_only_what_is_new() {
    let clinic = TestClinic::open().await;
    assert!(clinic.record(900, rosa_met_osei(&clinic)).await);
    let before = (clinic.presences().await, clinic.board().await.last_change);
    assert!(!clinic.record(900, rosa_met_osei(&clinic)).await);
    assert_eq!((clinic.presences().await, clinic.board().await.last_change), before);

    let mut longer = rosa_met_osei(&clinic);
    longer.reverse();
    longer.push(clinic.row("3", "Luis Prado", "in_meeting", 300..880));
    assert!(clinic.record(900, longer).await);
    let after = clinic.presences().await;
    assert_eq!(after.len(), before.0.len() + 1);
    assert!(before.0.iter().all(|presence| after.contains(presence)), "{after:?}");
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn an_end_that_was_lost_comes_from_the_record() {
    let clinic = TestClinic::open().await;
    clinic.says("started", 50, json!({})).await;
    clinic.says("participant_joined", 60, osei("host")).await;
    clinic.says("participant_joined", 74, named("2", "Rosa Delgado")).await;
    let still_there = clinic.presences().await;
    assert!(still_there.iter().all(|presence| presence.whereabouts == Whereabouts::InSession));

    clinic.record(900, rosa_met_osei(&clinic)).await;
    let gone = clinic.presences().await;
    let rosa = gone.iter().find(|presence| presence.who == Who::Visitor).unwrap();
    let met = rosa.stays.iter().find(|stay| stay.kind == StayKind::InSession).unwrap();
    assert_eq!(rosa.whereabouts, Whereabouts::Left);
    assert_eq!(
        (met.from_source, met.to, met.to_source),
        (Source::Webhook, Some(clinic.at(880)), Some(Source::ZoomRecord))
    );
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn a_decision_about_somebody_known_from_the_record_alone_holds_when_their_deliveries_come() {
    let clinic = TestClinic::open().await;
    let tom = clinic.book(0, &["Tom Reyes"]).await;
    clinic
        .record(
            900,
            vec![
                clinic.row("1", "iPhone", "in_waiting_room", 12..70),
                clinic.row("2", "iPhone", "in_meeting", 74..880),
            ],
        )
        .await;
    let [known] = clinic.presences().await.try_into().unwrap();
    let by = StaffOrToken::Staff(clinic.host);
    let verdict = Verdict::Attendee(tom.attendee(0));
    clinic.attendance.decide(clinic.clinic, known.id, verdict, by).await.unwrap();

    // An hour later Zoom tells again what could not be taken.
    clinic.says("participant_joined", 74, named("2", "iPhone")).await;
    clinic.says("participant_admitted", 70, named("1", "iPhone")).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    clinic.says("participant_left", 880, named("2", "iPhone")).await;
    let [now] = clinic.presences().await.try_into().unwrap();
    assert_ne!(now.id, known.id, "now they are named by the first delivery");
    assert_eq!(clinic.status(&tom, 0).await, (AttendeeStatus::Left, Some(Level::Certain)));
    assert_eq!(clinic.verify().await, [""; 0]);
    let history = clinic.attendance.history(clinic.clinic, now.id).await.unwrap();
    let shown: Vec<_> =
        history.iter().map(|change| change.matched.as_ref().map(|matched| matched.level)).collect();
    assert_eq!(shown.last(), Some(&Some(Level::Certain)));
    assert_eq!(shown.iter().filter(|level| **level == Some(Level::Certain)).count(), 1, "{history:?}");
}

#[tokio::test]
async fn nobody_can_pass_off_a_delivery_of_zoom_as_a_record() {
    let clinic = TestClinic::open().await;
    let record = json!({
        "event": "anteroom.zoom_record", "event_ts": 1_795_449_600_000_i64,
        "anteroom": "zoom_record", "clinic": clinic.clinic.to_string(), "room": clinic.room.to_string(),
        "meeting_number": super::clinic::NUMBER, "host_id": super::clinic::HOST,
        "instance": { "uuid": "x", "start_time": null, "end_time": null },
        "participants": rosa_met_osei(&clinic),
    });
    clinic.deliver_body(&record.to_string()).await;
    clinic.apply_all().await;
    assert_eq!(clinic.presences().await, []);
}

#[tokio::test]
async fn a_record_without_rows_tells_of_nobody_and_only_ends_the_meeting() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("participant_joined", 60, osei("host")).await;
    assert!(clinic.record(900, Vec::new()).await);
    let [osei] = clinic.presences().await.try_into().unwrap();
    let last = osei.stays.last().unwrap();
    assert_eq!((last.to, last.to_source), (Some(clinic.at(900)), Some(Source::ZoomRecord)));
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Expected, None));
    assert_eq!(clinic.verify().await, [""; 0]);
}
