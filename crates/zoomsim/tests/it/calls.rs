//! What was asked of Zoom, and which limits it broke.

use serde_json::json;
use zoomsim::{CallTotal, Fault, LimitKind, Plan, Weight};

use crate::town::{BERG, OSEI, RAHMAN, Town, clinic_room};

#[tokio::test]
async fn every_call_is_seen_with_who_made_it_and_what_was_answered() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    town.advance(60).await;
    let room = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].clone();
    api.get(&format!("/v2/meetings/{room}")).await.ok(200);
    api.get("/v2/meetings/1").await.error(404, 3001);
    town.zoom.fault(Fault {
        route: "GET /v2/users/me".into(),
        status: Some(503),
        count: 1,
        ..Fault::default()
    });
    assert_eq!(api.get("/v2/users/me").await.status, 503);
    crate::town::Api { town: &town, token: "nonsense".into() }.get("/v2/users/me").await.error(401, 124);
    let calls = town.zoom.calls();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call.method, call.route, call.weight, call.status, call.user_id.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("POST", "/oauth/token", Weight::Unmetered, 200, OSEI),
            ("POST", "/v2/users/{user}/meetings", Weight::Medium, 201, OSEI),
            ("GET", "/v2/meetings/{id}", Weight::Light, 200, OSEI),
            ("GET", "/v2/meetings/{id}", Weight::Light, 404, OSEI),
            ("GET", "/v2/users/{user}", Weight::Light, 503, OSEI),
            ("GET", "/v2/users/{user}", Weight::Light, 401, ""),
        ]
    );
    assert_eq!(calls[1].at - calls[0].at, 60_000_000);
    assert_eq!(calls[1].account_id, "Kx3mQvTtR5aZ1LwYbN0cGg");
    assert_eq!(town.zoom.limits_broken(), []);
}

#[tokio::test]
async fn the_last_calls_are_kept_and_all_are_counted() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    town.zoom.knobs(|knobs| knobs.calls_kept = 3);
    for _ in 0..10 {
        api.get("/v2/users/me").await.ok(200);
    }
    assert_eq!(town.zoom.calls().len(), 3);
    let totals = town.zoom.call_totals();
    assert!(
        totals.contains(&CallTotal { method: "GET", route: "/v2/users/{user}", status: 200, count: 10 }),
        "{totals:?}"
    );
}

/// Breaks every limit of one label within a second, and says which were broken, and how many calls were refused.
async fn too_many(plan: Plan, weight: Weight, held: bool, calls: u32) -> (Vec<(LimitKind, u32, u32)>, u32) {
    let town = Town::with(|config| config.users.retain(|user| user.id == RAHMAN)).await;
    town.zoom.set_plan(RAHMAN, plan).unwrap();
    let api = town.access(RAHMAN).await;
    town.zoom.knobs(|knobs| {
        knobs.per_second_limits = Some(held);
        knobs.weights = [("GET /v2/users/{user}".to_owned(), weight)].into();
    });
    let mut refused = 0;
    for _ in 0..calls {
        refused += u32::from(api.get("/v2/users/me").await.status == 429);
    }
    let broken = town.zoom.limits_broken();
    (broken.iter().map(|one| (one.limit, one.allowed, one.count)).collect(), refused)
}

#[tokio::test]
async fn each_label_has_its_own_limit_which_is_noted_even_where_it_does_not_hold() {
    let cases = [
        (Plan::Basic, Weight::Light, LimitKind::Second, 4),
        (Plan::Basic, Weight::Medium, LimitKind::Second, 2),
        (Plan::Basic, Weight::Heavy, LimitKind::Second, 1),
        (Plan::Basic, Weight::ResourceIntensive, LimitKind::Minute, 10),
        (Plan::Licensed, Weight::Light, LimitKind::Second, 30),
        (Plan::Licensed, Weight::Medium, LimitKind::Second, 20),
        (Plan::Licensed, Weight::Heavy, LimitKind::Second, 10),
        (Plan::Licensed, Weight::ResourceIntensive, LimitKind::Minute, 10),
    ];
    for (plan, weight, limit, most) in cases {
        for held in [true, false] {
            let (broken, refused) = too_many(plan, weight, held, most + 2).await;
            let expected = [(limit, most, most + 1), (limit, most, most + 2)];
            assert_eq!(
                (broken.as_slice(), refused),
                (expected.as_slice(), if held { 2 } else { 0 }),
                "{plan:?} {weight:?}"
            );
        }
    }
}

#[tokio::test]
async fn labels_and_accounts_do_not_share_a_second() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let other = town.access(crate::town::TRAN).await;
    town.zoom.knobs(|knobs| knobs.per_second_limits = Some(true));
    for _ in 0..20 {
        api.get("/v2/users/me").await.ok(200);
        api.get("/v2/users/me/settings").await.ok(200);
        other.get("/v2/users/me/settings").await.ok(200);
    }
    api.get("/v2/users/me/settings").await.error(429, 429);
    api.get("/v2/users/me").await.ok(200);
    town.advance(1).await;
    api.get("/v2/users/me/settings").await.ok(200);
}

#[tokio::test]
async fn a_minute_is_a_minute_for_resource_intensive_calls() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    town.zoom.knobs(|knobs| {
        knobs.per_second_limits = Some(true);
        knobs.weights = [("GET /v2/users/{user}".to_owned(), Weight::ResourceIntensive)].into();
    });
    for _ in 0..10 {
        api.get("/v2/users/me").await.ok(200);
        town.advance(2).await;
    }
    api.get("/v2/users/me").await.error(429, 429);
    town.advance(60).await;
    api.get("/v2/users/me").await.ok(200);
}

#[tokio::test]
async fn the_day_s_limit_of_a_free_account_and_the_host_s_hundred_writes_are_noted_and_hold() {
    let town = Town::with(|config| config.users.retain(|user| user.id == RAHMAN)).await;
    let api = town.access(RAHMAN).await;
    town.zoom.knobs(|knobs| knobs.daily_limit = Some(3));
    for _ in 0..3 {
        api.get("/v2/users/me").await.ok(200);
    }
    api.get("/v2/users/me").await.error(429, 429);
    town.zoom.knobs(|knobs| (knobs.daily_limit, knobs.host_writes_per_day) = (None, 1));
    let room = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].clone();
    api.patch(&format!("/v2/meetings/{room}"), json!({ "topic": "T" })).await.error(429, 429);
    let broken: Vec<_> = town
        .zoom
        .limits_broken()
        .into_iter()
        .filter(|one| one.limit != LimitKind::Second)
        .map(|one| (one.limit, one.allowed, one.route))
        .collect();
    assert_eq!(
        broken,
        [(LimitKind::Day, 3, "/v2/users/{user}"), (LimitKind::HostWrites, 1, "/v2/meetings/{id}")]
    );
    town.advance(10 * 3600).await;
    let api = town.access(RAHMAN).await;
    api.patch(&format!("/v2/meetings/{room}"), json!({ "topic": "T" })).await.ok(204);
}

#[tokio::test]
async fn a_host_s_writes_are_counted_by_host_and_not_by_account() {
    let town = Town::new().await;
    town.zoom.knobs(|knobs| knobs.host_writes_per_day = 1);
    for user in [OSEI, BERG] {
        town.access(user).await.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    }
    assert_eq!(town.zoom.limits_broken(), []);
}
