//! Time alone says something: a press of Join ripens while nobody else comes.

use std::time::Duration;

use domain::{DeliveryId, Timestamp, attendance::matching::Level, id::Id as _};
use serde_json::json;
use store::{
    ports::{
        inbox::{DeliverySource, NewDelivery},
        recovery::Outage,
    },
    testing::engines,
};

use super::clinic::{Booked, TestClinic, named};
use crate::board::AttendeeStatus;

const WAITING: AttendeeStatus = AttendeeStatus::Waiting;

/// Rosa, who shows no name, waits since 612; her press is ripe two minutes after she pressed, or some seconds later.
async fn rosa_waits(clinic: &TestClinic) -> Booked {
    let rosa = clinic.book(900, &["Rosa Delgado"]).await;
    clinic.press(&rosa, 0, 600).await;
    clinic.says("participant_joined_waiting_room", 612, named("1", "")).await;
    assert_eq!(clinic.status(&rosa, 0).await, (WAITING, Some(Level::Probable)));
    rosa
}

async fn look_at(clinic: &TestClinic, seconds: i64) -> usize {
    clinic.clock.set(clinic.at(seconds));
    clinic.attendance.look_when_due().await.unwrap()
}

async fn looks(clinic: &TestClinic) -> Vec<Timestamp> {
    let mut tx = clinic.engine.store.read().await.unwrap();
    tx.looks(clinic.clinic, clinic.room, clinic.at(-86_400)..clinic.at(86_400)).await.unwrap()
}

#[tokio::test]
async fn a_press_ripens_while_nobody_else_comes_and_a_rebuild_gives_it_again() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let rosa = rosa_waits(&clinic).await;
        assert_eq!(look_at(&clinic, 719).await, 0, "somebody may still come by that press");
        assert_eq!(look_at(&clinic, 729).await, 0, "and Zoom may be about to tell it");
        let before = clinic.board().await.last_change;
        assert_eq!(look_at(&clinic, 745).await, 1);
        assert_eq!(clinic.status(&rosa, 0).await, (WAITING, Some(Level::Certain)));
        assert!(clinic.board().await.last_change > before, "boards hear of it");
        let [look] = looks(&clinic).await.try_into().unwrap();
        assert!(
            clinic.at(720) <= look && look <= clinic.at(730),
            "the moment that mattered, not that of looking"
        );
        assert_eq!(look_at(&clinic, 755).await, 0);

        assert_eq!(clinic.verify().await, [""; 0]);
        clinic.attendance.rebuild(None, false).await.unwrap();
        assert_eq!(clinic.status(&rosa, 0).await, (WAITING, Some(Level::Certain)));
        let presence = clinic.presences().await[0].id;
        let history = clinic.attendance.history(clinic.clinic, presence).await.unwrap();
        let levels: Vec<_> = history.iter().map(|change| change.matched.as_ref().unwrap().level).collect();
        assert_eq!(levels, [Level::Probable, Level::Certain]);
        assert_eq!(history[1].at, clinic.at(745));
    }
}

#[tokio::test]
async fn an_arrival_that_is_told_after_the_look_takes_the_certainty_away_again() {
    let clinic = TestClinic::open().await;
    let rosa = rosa_waits(&clinic).await;
    assert_eq!(look_at(&clinic, 745).await, 1);
    assert_eq!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
    // Zoom was slow: somebody else came by that press all the same.
    clinic.says("participant_joined_waiting_room", 660, named("2", "")).await;
    assert_ne!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
    assert_eq!(look_at(&clinic, 2_000).await, 0, "time does not bring it back");
    assert_ne!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn nothing_is_concluded_while_something_waits_to_be_understood() {
    let clinic = TestClinic::open().await;
    let rosa = rosa_waits(&clinic).await;
    clinic.clock.set(clinic.at(665));
    clinic
        .deliver_body(&clinic.body("participant_joined_waiting_room", 660, &named("2", "")).to_string())
        .await;
    assert_eq!(look_at(&clinic, 745).await, 0);
    clinic.apply_all().await;
    assert_eq!(look_at(&clinic, 755).await, 0, "two came by one press");
    assert_ne!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
}

#[tokio::test]
async fn what_came_in_later_than_the_moment_in_question_holds_nothing_up() {
    let clinic = TestClinic::open().await;
    let rosa = rosa_waits(&clinic).await;
    let delivery = NewDelivery {
        id: DeliveryId::from_uuid(clinic.ambient.nonce()),
        source: DeliverySource::Webhook,
        received_at: clinic.at(742),
        event_ts: 0,
        digest: [7; 16],
        event: "x".into(),
        late: false,
        body: json!({}).to_string(),
    };
    clinic.engine.store.keep_deliveries(&[delivery]).await.unwrap();
    assert_eq!(look_at(&clinic, 745).await, 1);
    assert_eq!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
}

#[tokio::test]
async fn nothing_is_concluded_near_an_outage() {
    let clinic = TestClinic::open().await;
    let rosa = rosa_waits(&clinic).await;
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let outage = Outage { id: clinic.ambient.id(), range: clinic.at(400)..clinic.at(500) };
    tx.insert_outage(&outage).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look_at(&clinic, 745).await, 0);
    assert_eq!(look_at(&clinic, 1_500).await, 0, "who came then may have been missed for good");
    assert_eq!(clinic.status(&rosa, 0).await.1, Some(Level::Probable));
}

#[tokio::test]
async fn nothing_is_concluded_soon_after_a_start() {
    let clinic = TestClinic::open().await;
    let rosa = rosa_waits(&clinic).await;
    clinic.clock.set(clinic.at(700));
    let restarted =
        crate::Attendance::new(clinic.engine.store.clone(), clinic.ambient.clone(), clinic.zoom.clone());
    clinic.clock.advance(Duration::from_mins(5));
    assert_eq!(
        restarted.look_when_due().await.unwrap(),
        0,
        "what came in between is told again after five minutes"
    );
    clinic.clock.advance(Duration::from_mins(1));
    assert_eq!(restarted.look_when_due().await.unwrap(), 1);
    assert_eq!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
}

#[tokio::test]
async fn two_instances_that_look_at_different_times_make_one_look() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let other = crate::Attendance::new(
            clinic.engine.another_instance().await,
            clinic.ambient.clone(),
            clinic.zoom.clone(),
        );
        rosa_waits(&clinic).await;
        clinic.clock.set(clinic.at(745));
        let (one, two) = tokio::join!(clinic.attendance.look_when_due(), other.look_when_due());
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        assert_eq!(looks(&clinic).await.len(), 1);
        assert_eq!(clinic.verify().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_room_where_everybody_is_known_is_not_looked_at() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(900, &["Rosa Delgado"]).await;
    clinic.press(&rosa, 0, 600).await;
    clinic.says("participant_joined_waiting_room", 612, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.status(&rosa, 0).await.1, Some(Level::Certain));
    assert_eq!(look_at(&clinic, 800).await, 0);
    assert_eq!(looks(&clinic).await, []);
}
