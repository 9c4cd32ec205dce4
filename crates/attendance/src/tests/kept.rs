//! What is kept beside attendance itself: every change of what was shown, counts of the feed, comparisons to be made.

use std::time::Duration;

use domain::{
    Timestamp,
    attendance::{
        matching::{DecidedBy, Level, StaffOrToken, Verdict},
        presence::Who,
    },
};
use jiff::civil::date;
use serde_json::json;
use store::{
    ports::{feed::FeedCounts, recovery::Why},
    testing::engines,
};

use super::clinic::{TestClinic, named, nothing, osei};
use crate::{DecideError, board::AttendeeStatus};

#[tokio::test]
async fn every_change_of_what_was_shown_is_kept_and_nothing_else() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado", "Luis Prado"]).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    let id = clinic.presences().await[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    let verdicts = [
        Verdict::Attendee(rosa.attendee(1)),
        Verdict::Attendee(rosa.attendee(1)),
        Verdict::Interpreter,
        Verdict::Undecided,
    ];
    for verdict in verdicts {
        clinic.clock.advance(Duration::from_mins(1));
        clinic.attendance.decide(clinic.clinic, id, verdict, by).await.unwrap();
    }
    // Where they are changes nothing about who they are.
    clinic.says("participant_admitted", 70, named("1", "iPhone")).await;
    let history = async || clinic.attendance.history(clinic.clinic, id).await.unwrap();
    let shown: Vec<_> = history()
        .await
        .into_iter()
        .map(|change| (change.who, change.matched.map(|matched| (matched.attendee, matched.decided_by))))
        .collect();
    let assigned = (Who::Visitor, Some((rosa.attendee(1), DecidedBy::Person)));
    assert_eq!(shown[shown.len() - 3..], [assigned, (Who::Interpreter, None), (Who::Visitor, None)]);
    assert_eq!(shown.len(), 3, "nobody was shown before: {shown:?}");

    let before = history().await;
    clinic.attendance.rebuild(None, false).await.unwrap();
    assert_eq!(history().await, before, "a rebuild that changes nothing keeps nothing");
    assert_eq!(clinic.attendance.history(nothing(), id).await.unwrap(), [], "another clinic's");
}

#[tokio::test]
async fn somebody_said_not_to_be_an_attendee_is_shown_as_another_or_nobody_until_that_is_taken_back() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(300, &["Rosa Delgado"]).await;
    clinic.press(&rosa, 0, 0).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.status(&rosa, 0).await, (AttendeeStatus::Waiting, Some(Level::Certain)));
    let id = clinic.presences().await[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    let decide = async |verdict| clinic.attendance.decide(clinic.clinic, id, verdict, by).await;
    let not_rosa = Verdict::Not(rosa.attendee(0));
    for _ in 0..2 {
        assert_eq!(decide(not_rosa).await.unwrap().matched, None);
    }
    assert_eq!(clinic.board().await.unmatched.len(), 1);
    assert_eq!(clinic.verify().await, [""; 0]);
    assert!(matches!(decide(Verdict::Not(nothing())).await, Err(DecideError::UnknownAttendee)));
    let back = decide(Verdict::Undecided).await.unwrap().matched.unwrap();
    assert_eq!(
        (back.attendee, back.level, back.decided_by),
        (rosa.attendee(0), Level::Certain, DecidedBy::Rule)
    );
    let mut tx = clinic.engine.store.read().await.unwrap();
    assert_eq!(
        tx.decisions_in_room(clinic.clinic, clinic.room).await.unwrap().len(),
        2,
        "the same one twice is one"
    );
    drop(tx);

    // Also of somebody whom a person assigned, and also when that is thought of once more.
    let assigned = decide(Verdict::Attendee(rosa.attendee(0))).await.unwrap().matched.unwrap();
    assert_eq!(assigned.decided_by, DecidedBy::Person);
    assert_eq!(decide(not_rosa).await.unwrap().matched, None);
    let again = decide(Verdict::Attendee(rosa.attendee(0))).await.unwrap().matched.unwrap();
    assert_eq!((again.attendee, again.decided_by), (rosa.attendee(0), DecidedBy::Person));
}

#[tokio::test]
async fn deliveries_are_counted_for_their_room_and_day_by_what_came_of_them() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let waits = clinic.body("participant_joined_waiting_room", 0, &named("1", "Rosa"));
        let mut again = waits.clone();
        again["event_ts"] = json!(clinic.at(0).as_millis() + 90_000);
        let mut foreign = clinic.body("participant_joined", 5, &named("2", "Rosa"));
        foreign["payload"]["account_id"] = json!("another");
        let mut nobody = clinic.body("participant_joined", 6, &named("3", "Rosa"));
        nobody["payload"]["object"]["participant"] = json!(null);
        let mut elsewhere = clinic.body("participant_joined", 7, &named("4", "Rosa"));
        elsewhere["payload"]["object"]["id"] = json!("11111111111");
        for body in [waits, again, foreign, nobody, elsewhere, clinic.body("created", 8, &json!({}))] {
            clinic.deliver_body(&body.to_string()).await;
        }
        clinic.apply_all().await;
        clinic.record(900, vec![clinic.row("9", "Tom", "in_meeting", 100..800)]).await;
        let mut tx = clinic.engine.store.read().await.unwrap();
        let day = date(2026, 11, 23);
        let counts = FeedCounts { applied: 1, duplicate: 1, ignored: 1, foreign: 1, failed: 1, late: 0 };
        assert_eq!(tx.feed_days(clinic.clinic, day, day).await.unwrap(), [(day, Some(clinic.room), counts)]);
    }
}

#[tokio::test]
async fn a_meeting_that_ends_is_to_be_compared_with_zooms_record_ten_minutes_later() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined", 60, osei("9")).await;
    let due = async || {
        let mut tx = clinic.engine.store.read().await.unwrap();
        tx.reconciliations(clinic.clinic, clinic.at(-86_400)..clinic.at(86_400)).await.unwrap()
    };
    assert_eq!(due().await, []);
    let mut ended = clinic.body("ended", 900, &json!({}));
    ended["payload"]["object"]["start_time"] = json!(clinic.at(55).to_string());
    for _ in 0..2 {
        clinic.deliver_body(&ended.to_string()).await;
        clinic.apply_all().await;
    }
    let [one] = due().await.try_into().unwrap();
    assert_eq!(
        (one.room_id, one.why, one.due_at, one.done_at),
        (clinic.room, Why::Ended, clinic.at(1_500), None)
    );
    assert!(one.range.contains(&clinic.at(55)) && one.range.contains(&clinic.at(900)), "{:?}", one.range);
    clinic.attendance.rebuild(None, false).await.unwrap();
    assert_eq!(due().await, [one]);
}

#[tokio::test]
async fn a_colleague_who_connects_zoom_is_recognised_in_todays_rooms() {
    let clinic = TestClinic::open().await;
    let colleague = clinic.colleague("Dr. Ben Ito", "b.ito@clinic.example").await;
    let mut ito = named("7", "Ben");
    ito["id"] = json!("zoom-user-of-ito");
    clinic.says("participant_joined", 60, ito).await;
    assert_eq!(clinic.presences().await[0].who, Who::Visitor);
    clinic.connect(colleague, "zoom-user-of-ito").await;
    let around: Timestamp = clinic.at(600);
    clinic.attendance.reconsider_clinic(clinic.clinic, around).await.unwrap();
    let [ito] = clinic.presences().await.try_into().unwrap();
    assert_eq!((ito.who, ito.staff_id), (Who::Staff, Some(colleague)));
    assert_eq!(clinic.verify().await, [""; 0]);
}
