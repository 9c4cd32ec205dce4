//! When rooms are looked at.

use domain::{
    appointment::{Appointment, Kind, Status},
    telehealth::Booked,
    text::ExternalId,
};

use super::*;
use crate::testing::AMARA;

const HOUR: Duration = Duration::from_hours(1);
const LOOKED: GuardRound = GuardRound { looked: 1, repaired: 0, failed: 0 };
const NOTHING: GuardRound = GuardRound { looked: 0, repaired: 0, failed: 0 };
const FAILED: GuardRound = GuardRound { looked: 0, repaired: 0, failed: 1 };

impl World {
    async fn round(&self) -> GuardRound {
        self.zoom.guard_due().await.unwrap()
    }

    async fn book(&self, begins_at: Timestamp, status: Status) {
        let visit = Appointment {
            id: self.ambient.id(),
            clinic_id: self.amara.clinic_id,
            external_id: ExternalId::parse(&self.ambient.nonce().to_string()).unwrap(),
            starts_at: begins_at,
            ends_at: begins_at.plus(Duration::from_mins(30)),
            host: self.amara.staff_id,
            kind: Kind::Telehealth,
            status,
            booked_as: Booked::default(),
            attendees: Vec::new(),
            revision: 0,
            created_at: self.ambient.now(),
            updated_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.put_appointment(self.amara.clinic_id, &visit).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What `attendance` does when Zoom tells of a change.
    async fn zoom_says_changed(&self) {
        let room = self.kept_room().await;
        let mut tx = self.store.begin().await.unwrap();
        tx.want_look(room.clinic_id, room.id, self.ambient.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_room_that_could_not_be_made_is_made_by_itself_later() {
    let world = World::new().await;
    world.failing("* /v2/users/me/meetings", 503, json!({}));
    world.connected().await;
    world.sim.clear_faults();
    assert_eq!(world.round().await, NOTHING, "not in the next moment");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.round().await, LOOKED);
    assert_eq!(world.meetings().len(), 1);
    assert_eq!(world.round().await, NOTHING, "and then left alone");
}

#[tokio::test]
async fn every_room_is_looked_at_within_a_day() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    world.clock.advance(Duration::from_hours(19));
    assert_eq!(world.round().await, NOTHING);
    world.clock.advance(Duration::from_hours(5));
    assert_eq!(world.round().await, GuardRound { repaired: 1, ..LOOKED });
    assert_eq!(world.round().await, NOTHING);
    assert_eq!(world.history().await[0].found_for, LookFor::Daily);
}

#[tokio::test]
async fn a_room_is_looked_at_two_hours_before_its_hosts_first_visit_of_the_day_and_not_before_each() {
    let world = World::new().await;
    world.connected().await;
    let first = world.ambient.now().plus(5 * HOUR);
    world.book(first.minus(HOUR), Status::Cancelled).await;
    for hours in 0..4 {
        world.book(first.plus(HOUR * hours), Status::Booked).await;
    }
    world.clock.set(first.minus(2 * HOUR).minus(Duration::from_mins(1)));
    assert_eq!(world.round().await, NOTHING);
    world.clock.set(first.minus(2 * HOUR));
    world.tamper(json!({ "waiting_room": false })).await;
    assert_eq!(world.round().await, GuardRound { repaired: 1, ..LOOKED });
    assert_eq!(world.history().await[0].found_for, LookFor::FirstVisit);
    for _ in 0..12 {
        world.clock.advance(Duration::from_mins(20));
        assert_eq!(world.round().await, NOTHING, "once a day");
    }
}

#[tokio::test]
async fn a_visit_booked_for_the_next_hour_has_its_room_looked_at_at_once() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(12 * HOUR);
    assert_eq!(world.round().await, NOTHING);
    world.book(world.ambient.now().plus(Duration::from_mins(20)), Status::Booked).await;
    assert_eq!(world.round().await, LOOKED);
}

#[tokio::test]
async fn a_change_that_zoom_tells_of_is_looked_at_and_put_right_at_once() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(HOUR);
    world.tamper(json!({ "waiting_room": false })).await;
    world.zoom_says_changed().await;
    assert_eq!(world.round().await, GuardRound { repaired: 1, ..LOOKED });
    assert_eq!(world.history().await[0].found_for, LookFor::Changed);
    let guarded = world.guarded().await;
    assert_eq!((guarded.wanted_at, guarded.wanted_for), (None, None));
    // Zoom tells of our own repair as well.
    world.zoom_says_changed().await;
    assert_eq!(world.round().await, NOTHING, "in a moment");
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.round().await, LOOKED, "and that is the end of it");
    assert_eq!(world.round().await, NOTHING);
}

#[tokio::test]
async fn whoever_asks_for_a_look_gets_it_in_the_next_moment() {
    let world = World::new().await;
    world.connected().await;
    let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
    world.zoom.want_look(clinic, staff).await.unwrap();
    assert_eq!(world.guarded().await.wanted_for, Some(LookFor::Asked));
    assert_eq!(world.round().await, LOOKED);
    world.zoom_says_changed().await;
    world.zoom.want_look(clinic, staff).await.unwrap();
    assert_eq!(world.guarded().await.wanted_for, Some(LookFor::Asked), "asking outweighs");
    assert_eq!(world.round().await, LOOKED);
}

#[tokio::test]
async fn a_look_that_is_wanted_where_nobody_is_connected_says_so_and_is_wanted_no_more() {
    let world = World::new().await;
    world.connected().await;
    let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(2 * HOUR);
    world.zoom.want_look(clinic, staff).await.unwrap();
    assert_eq!(world.round().await, FAILED);
    assert_eq!(world.guarded().await.trouble.as_deref(), Some("reconnect"));
    world.zoom.want_look(clinic, staff).await.unwrap();
    assert_eq!(world.round().await, NOTHING);
    let guarded = world.guarded().await;
    assert_eq!((guarded.trouble.as_deref(), guarded.wanted_at), (Some("reconnect"), None));
    world.zoom.disconnect(clinic, staff).await.unwrap();
    world.zoom.want_look(clinic, staff).await.unwrap();
    assert_eq!(world.round().await, NOTHING);
    assert_eq!(world.guarded().await.trouble.as_deref(), Some("not_connected"));
}

#[tokio::test]
async fn while_zoom_is_away_it_is_asked_ever_more_rarely_and_soon_again_when_it_is_back() {
    let world = World::new().await;
    world.connected().await;
    let looked_at = world.guarded().await.looked_at;
    world.clock.advance(Duration::from_hours(24));
    world.failing("GET /v2/meetings/*", 503, json!({}));
    let mut asked = Vec::new();
    for minute in 0..120 {
        match world.round().await {
            FAILED => asked.push(minute),
            round => assert_eq!(round, NOTHING),
        }
        world.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(asked, [0, 1, 3, 7, 15, 31, 61, 91]);
    let guarded = world.guarded().await;
    assert_eq!((guarded.trouble.as_deref(), guarded.looked_at), (Some("unavailable"), looked_at));
    world.sim.clear_faults();
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(world.round().await, LOOKED);
    let guarded = world.guarded().await;
    assert_eq!((guarded.trouble, guarded.looked_at), (None, Some(world.ambient.now())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_at_once_look_once() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::on(engine, |_| {}).await;
        world.connected().await;
        world.tamper(json!({ "waiting_room": false })).await;
        world.clock.advance(Duration::from_hours(24));
        let before = world.asked("GET", "/meetings/{id}");
        let route = "GET /v2/users/me".to_owned();
        world.sim.fault(Fault { route, delay_ms: 30, ..Fault::default() });
        let mut rounds = Vec::new();
        for _ in 0..4 {
            let zoom = world.other_instance().await;
            rounds.push(tokio::spawn(async move { zoom.guard_due().await.unwrap() }));
        }
        let mut looked = 0;
        for round in rounds {
            looked += round.await.unwrap().looked;
        }
        assert_eq!(looked, 1, "{name}");
        // Read, repaired, read again.
        assert_eq!((world.asked("GET", "/meetings/{id}") - before, world.repairs()), (2, 1), "{name}");
        assert_eq!(world.history().await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_is_wanted_is_looked_at_by_the_running_guard_without_a_round() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let (zoom, until) = (world.zoom.clone(), stop.clone());
    let running = tokio::spawn(async move { zoom.run_guard(&until).await });
    world.zoom.want_look(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    while world.history().await.is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
    assert_eq!(world.history().await[0].found_for, LookFor::Asked);
}
