//! Zoom's limits: respected where Zoom says so, and kept away from where it does not.

use std::collections::BTreeMap;

use super::*;
use crate::testing::AMARA;

const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";

impl World {
    async fn try_to_look(&self) -> Result<Looked, RoomError> {
        self.zoom.look_after(self.amara.clinic_id, self.amara.staff_id, LookFor::Asked).await
    }

    fn limited(&self, route: &str, kind: &str, retry_after: Option<String>) {
        let mut headers = BTreeMap::from([("x-ratelimit-type".to_owned(), kind.to_owned())]);
        headers.extend(retry_after.map(|at| ("retry-after".to_owned(), at)));
        self.sim.fault(Fault {
            route: route.to_owned(),
            status: Some(429),
            body: Some(json!({ "code": 429, "message": "Too many." })),
            headers,
            count: 1,
            ..Fault::default()
        });
    }

    fn calls(&self) -> usize {
        self.sim.calls().iter().filter(|call| call.route.starts_with("/v2")).count()
    }

    /// How long no look is possible, in seconds, tried every second; and that nothing is asked in that time.
    async fn silence(&self) -> Option<u64> {
        let before = self.calls();
        for second in 0..200 {
            if self.try_to_look().await.is_ok() {
                return Some(second);
            }
            assert_eq!(self.calls(), before, "Zoom asked to be left alone");
            self.clock.advance(Duration::from_secs(1));
        }
        None
    }
}

#[tokio::test]
async fn a_limit_of_the_second_is_waited_out_as_zoom_says_in_every_form() {
    let in_seconds = |world: &World, seconds: i64| {
        let at = world.ambient.now().as_seconds() + seconds;
        domain::Timestamp::from_seconds(at).to_jiff()
    };
    for (form, expected) in [("none", 2), ("seconds", 30), ("iso", 40), ("http", 50)] {
        for route in ["GET /v2/users/me", "GET /v2/users/me/settings", "GET /v2/meetings/*"] {
            let world = World::new().await;
            world.connected().await;
            let retry_after = match form {
                "seconds" => Some("30".to_owned()),
                "iso" => Some(in_seconds(&world, 40).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
                "http" => Some(in_seconds(&world, 50).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
                _ => None,
            };
            world.limited(route, "QPS", retry_after);
            let refused = world.try_to_look().await.unwrap_err();
            assert!(refused.is_temporary());
            assert_eq!(world.guarded().await.trouble.as_deref(), Some("limit"));
            assert_eq!(world.silence().await, Some(expected), "{form} {route}");
        }
    }
}

#[tokio::test]
async fn after_the_limit_of_the_day_nobody_of_the_account_is_looked_at_before_midnight_utc() {
    let world = World::new().await;
    world.connected().await;
    world.limited("GET /v2/meetings/*", "Daily-limit", None);
    world.try_to_look().await.unwrap_err();
    assert_eq!(world.guarded().await.trouble.as_deref(), Some("limit_of_day"));
    let before = world.calls();
    let midnight = 86_400 - world.ambient.now().as_seconds().rem_euclid(86_400);
    world.clock.advance(Duration::from_secs(u64::try_from(midnight).unwrap() - 1));
    world.try_to_look().await.unwrap_err();
    assert_eq!(world.calls(), before);
    world.clock.advance(Duration::from_secs(1));
    world.try_to_look().await.unwrap();
}

#[tokio::test]
async fn where_only_the_settings_may_not_be_read_any_more_today_the_room_is_looked_at_all_the_same() {
    let world = World::new().await;
    world.connected().await;
    world.limited("GET /v2/users/me/settings", "Daily-limit", None);
    world.tamper(json!({ "waiting_room": false })).await;
    assert_eq!(world.try_to_look().await.unwrap().repaired, [DriftKind::WaitingRoomOff]);
    let asked = world.asked("GET", "/settings");
    world.clock.advance(Duration::from_mins(30));
    world.try_to_look().await.unwrap();
    assert_eq!(world.asked("GET", "/settings"), asked, "and they are not asked for before midnight");
}

#[tokio::test]
async fn a_meeting_that_was_recovered_too_often_today_is_replaced_and_others_are_looked_at() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.delete_meeting(number).unwrap();
    world.limited("PUT /v2/meetings/*", "Daily-limit", None);
    assert_eq!(world.try_to_look().await.unwrap().provisioned.how, crate::How::Replaced);
    assert_eq!(world.try_to_look().await.unwrap().provisioned.how, crate::How::Kept);
}

#[tokio::test]
async fn the_hosts_limit_of_changes_stops_repairs_for_the_day_and_no_looks() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    world.limited("PATCH /v2/meetings/*", "Daily-limit", None);
    let looked = world.try_to_look().await.unwrap();
    assert_eq!(looked.lasting[0].hindrance.as_deref(), Some("limit"));
    assert_eq!(world.guarded().await.trouble, None);
    world.clock.advance(Duration::from_mins(30));
    let repairs = world.repairs();
    assert_eq!(kinds(&world.try_to_look().await.unwrap().lasting), [DriftKind::WaitingRoomOff]);
    assert_eq!(world.repairs(), repairs, "it is looked at, and not tried");
    world.clock.advance(Duration::from_hours(24));
    assert_eq!(world.try_to_look().await.unwrap().repaired, [DriftKind::WaitingRoomOff]);
}

#[tokio::test]
async fn a_program_that_switches_the_waiting_room_off_all_day_is_undone_six_times_and_then_told_of() {
    let world = World::new().await;
    world.connected().await;
    let room = world.kept_room().await;
    // From midnight to midnight where Zoom counts days.
    let to_midnight = 86_400 - world.ambient.now().as_seconds().rem_euclid(86_400);
    world.clock.advance(Duration::from_secs(u64::try_from(to_midnight).unwrap()));
    for day in 1..=2 {
        for _ in 0..287 {
            world.clock.advance(Duration::from_mins(5));
            world.tamper(json!({ "waiting_room": false })).await;
            let mut tx = world.store.begin().await.unwrap();
            tx.want_look(room.clinic_id, room.id, world.ambient.now()).await.unwrap();
            tx.commit().await.unwrap();
            world.zoom.guard_due().await.unwrap();
        }
        assert_eq!(world.repairs(), 6 * day);
        let last = world.history().await.pop().unwrap();
        assert_eq!((last.hindrance.as_deref(), last.ended), (Some("often"), None));
        assert_eq!(world.alerts().await.len(), 1);
        world.clock.advance(Duration::from_mins(5));
    }
    assert!(world.history().await.len() < 15, "and the list of what was found stays short");
    let looks = world.asked("GET", "/meetings/{id}");
    assert!(looks < 2 * 24 * 22, "{looks}: Zoom's telling of it does not keep us busy either");
}

#[tokio::test]
async fn however_often_somebody_presses_the_host_keeps_more_than_half_of_zooms_changes() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "auto_recording": "cloud" })).await;
    world.sim.knobs(|knobs| {
        knobs.locked_settings.insert(CLINIC_ACCOUNT.to_owned(), vec!["auto_recording".to_owned()]);
    });
    let other = world.other_instance().await;
    for press in 0..150 {
        let zoom = if press % 2 == 0 { &world.zoom } else { &other };
        zoom.look_after(world.amara.clinic_id, world.amara.staff_id, LookFor::Asked).await.unwrap();
    }
    // The making of the room was one as well.
    assert_eq!(world.repairs(), 39);
    let drift = world.history().await.pop().unwrap();
    assert_eq!(drift.hindrance.as_deref(), Some("limit"));
    world.sim.knobs(|knobs| knobs.locked_settings.clear());
    world.clock.advance(Duration::from_hours(24));
    assert_eq!(world.try_to_look().await.unwrap().repaired, [DriftKind::Recorded]);
}

#[tokio::test]
async fn looks_one_after_another_stay_within_zooms_limits_of_the_second_on_a_free_and_a_paid_plan() {
    for user in [AMARA, NADIA] {
        let world = World::new().await;
        world.sim.knobs(|knobs| knobs.per_second_limits = Some(true));
        let clock = world.clock.clone();
        world.zoom.pass_time_by(move |wait| clock.advance(wait));
        world.connect(&world.amara, user).await.unwrap();
        let started = world.ambient.now();
        for _ in 0..30 {
            world.try_to_look().await.unwrap();
        }
        assert!(world.ambient.now().since(started) > Duration::from_secs(20), "it took its time");
        assert!(world.sim.limits_broken().is_empty(), "{:?}", world.sim.limits_broken());
    }
}
