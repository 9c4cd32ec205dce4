//! What an admin is told of the feed, and what is handed over of it.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use domain::{
    Ambient, Timestamp,
    attendance::{fold::fold, habits::Tally, stay::StayKind},
};
use serde_json::json;
use store::ports::{feed::ReceiverCounts, recovery::Outage};

use super::clinic::{TestClinic, named, osei};
use crate::{
    feed_health::RoomFeed,
    hand_over::{RetoldVisit, retell},
    scrub::Scrubbed,
};

async fn a_visit(clinic: &TestClinic) {
    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa Delgado")).await;
    clinic.says("started", 60, json!({})).await;
    clinic.says("participant_joined", 61, osei("16778240")).await;
    clinic.says("participant_admitted", 70, named("1", "Rosa Delgado")).await;
    clinic.says("participant_joined", 74, named("16785408", "Rosa Delgado")).await;
    clinic.says("participant_left", 600, named("16785408", "Rosa Delgado")).await;
    clinic.says("ended", 610, json!({})).await;
}

async fn handed_over(clinic: &TestClinic) -> Vec<Scrubbed> {
    let mut lines = Vec::new();
    let all = clinic.at(-86_400)..clinic.at(86_400 * 2);
    let written = clinic
        .attendance
        .hand_over(clinic.clinic, all, |line| {
            // As it stands in the file.
            lines.push(serde_json::from_str(&serde_json::to_string(line).unwrap()).unwrap());
            Ok::<_, Infallible>(())
        })
        .await
        .unwrap();
    assert_eq!(written.unwrap(), lines.len());
    lines
}

fn spans(visit: &RetoldVisit) -> Vec<(StayKind, Option<Duration>)> {
    visit.stays.iter().map(|stay| (stay.kind, stay.to.map(|to| to.since(stay.from)))).collect()
}

#[tokio::test]
async fn a_file_without_anybody_in_it_tells_the_same_story() {
    let clinic = TestClinic::open().await;
    a_visit(&clinic).await;
    clinic.record(610, vec![clinic.row("16785408", "Rosa Delgado", "in_meeting", 74..600)]).await;
    let retold = retell(handed_over(&clinic).await);
    assert_eq!((retold.deliveries, retold.of_no_room, retold.unusable), (8, 0, 0));
    let [room] = retold.rooms.as_slice() else { panic!("{} rooms", retold.rooms.len()) };
    let [rosa, host] = room.visits.as_slice() else { panic!("{:?}", room.visits) };
    assert!(!rosa.is_host && host.is_host);
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(
        spans(rosa),
        [
            (StayKind::Waiting, seconds(58)),
            (StayKind::Connecting, seconds(4)),
            (StayKind::InSession, seconds(526))
        ]
    );
    let mut tx = clinic.engine.store.read().await.unwrap();
    let events = tx.room_events(clinic.clinic, clinic.room, clinic.at(-1)..clinic.at(9_999)).await.unwrap();
    let really: Vec<usize> = fold(&events, &[]).iter().map(|visit| visit.stays.len()).collect();
    assert_eq!(room.visits.iter().map(|visit| visit.stays.len()).collect::<Vec<_>>(), really);
    assert_eq!(room.habits.user_id_kept_on_admission, Tally { yes: 0, no: 1 });
}

#[tokio::test]
async fn only_the_clinics_own_deliveries_of_the_time_are_handed_over() {
    let clinic = TestClinic::open().await;
    a_visit(&clinic).await;
    let mut foreign = clinic.body("started", 700, &json!({}));
    foreign["payload"]["object"]["id"] = json!("99999999999");
    clinic.deliver_body(&foreign.to_string()).await;
    clinic.apply_all().await;
    assert_eq!(handed_over(&clinic).await.len(), 7);
    let none = clinic.at(100_000)..clinic.at(200_000);
    let written =
        clinic.attendance.hand_over(clinic.clinic, none, |_| Ok::<_, Infallible>(())).await.unwrap();
    assert_eq!(written.unwrap(), 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_ends_it() {
    let clinic = TestClinic::open().await;
    a_visit(&clinic).await;
    let all = clinic.at(-86_400)..clinic.at(86_400);
    let written = clinic.attendance.hand_over(clinic.clinic, all, |_| Err("disk full")).await.unwrap();
    assert_eq!(written, Err("disk full"));
}

#[tokio::test]
async fn the_account_is_learned_from_its_own_inbox() {
    let clinic = TestClinic::open().await;
    a_visit(&clinic).await;
    let habits = clinic.attendance.habits(clinic.clinic, clinic.at(-60)..clinic.at(9_999)).await.unwrap();
    assert_eq!(habits.names_shown, Tally { yes: 1, no: 0 });
    assert_eq!(habits.left_waiting_room_on_admission, Tally { yes: 0, no: 1 });
    assert_eq!(habits.left_told_at_the_end, Tally { yes: 0, no: 1 }, "the host was there at the end");
}

#[tokio::test]
async fn a_delivery_that_nothing_came_of_is_listed_and_can_be_replayed() {
    let clinic = TestClinic::open().await;
    let mut body = clinic.body("started", 60, &json!({}));
    body["payload"]["account_id"] = json!("SomebodyElse");
    clinic.deliver_body(&body.to_string()).await;
    clinic.apply_all().await;
    let listed = clinic.attendance.fruitless(Some(clinic.clinic), None, 10).await.unwrap();
    let [foreign] = listed.as_slice() else { panic!("{listed:?}") };
    let health = clinic.attendance.feed_health(clinic.clinic, &BTreeSet::new()).await.unwrap();
    assert_eq!(health.rooms[0].counts.foreign + health.about_no_room.foreign, 1);

    assert!(clinic.attendance.replay(Some(clinic.clinic), foreign.id).await.unwrap());
    assert!(!clinic.attendance.replay(Some(clinic.clinic), foreign.id).await.unwrap(), "it waits already");
    clinic.apply_all().await;
    let again = clinic.attendance.fruitless(Some(clinic.clinic), None, 10).await.unwrap();
    assert_eq!(again, std::slice::from_ref(foreign), "the same came of it");
    let elsewhere = Ambient::manual(Timestamp::from_seconds(1), 9).0.id();
    assert!(
        !clinic.attendance.replay(Some(elsewhere), foreign.id).await.unwrap(),
        "another clinic's is not found"
    );
}

#[tokio::test]
async fn an_admin_sees_rooms_outages_and_what_the_receiver_answered() {
    let clinic = TestClinic::open().await;
    let health = clinic.attendance.feed_health(clinic.clinic, &BTreeSet::new()).await.unwrap();
    assert_eq!(health.rooms[0].state, RoomFeed::Never);
    a_visit(&clinic).await;
    clinic.clock.set(clinic.at(620));
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let today = clinic.at(0).in_zone(&jiff::tz::TimeZone::UTC).date();
    let counts = ReceiverCounts { stored: 7, refused: 2, ..ReceiverCounts::default() };
    tx.add_receiver_counts(today, &counts).await.unwrap();
    let outage = Outage { id: clinic.ambient.id(), range: clinic.at(-300)..clinic.at(-100) };
    tx.insert_outage(&outage).await.unwrap();
    tx.commit().await.unwrap();

    let health = clinic.attendance.feed_health(clinic.clinic, &BTreeSet::new()).await.unwrap();
    assert_eq!((health.rooms[0].state, health.rooms[0].counts.applied), (RoomFeed::Live, 7));
    assert_eq!((health.outages[0].from, health.outages[0].to), (clinic.at(-300), clinic.at(-100)));
    assert_eq!((health.receiver.days[0].stored, health.receiver.days[0].refused), (7, 2));
    assert_eq!(health.reconciliations.len(), 1, "a meeting ended");

    let unseen = clinic.attendance.feed_health(clinic.clinic, &[clinic.room].into()).await.unwrap();
    assert_eq!(unseen.rooms[0].state, RoomFeed::Broken);
}
