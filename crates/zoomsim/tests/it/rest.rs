//! Who may call what, how often, and what settings hold.

use serde_json::json;
use zoomsim::{Fault, WaitingRoomLock};

use crate::town::{BERG, OSEI, RAHMAN, Town, clinic_room};

#[tokio::test]
async fn only_me_is_accepted_for_user_paths() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let me = api.get("/v2/users/me").await.ok(200);
    assert_eq!((me["id"].as_str(), me["type"].as_i64()), (Some(OSEI), Some(2)));
    assert_eq!(me["account_id"], "Kx3mQvTtR5aZ1LwYbN0cGg");
    assert!(me["pmi"].is_i64());
    for other in [OSEI, BERG, "amara.osei@clinic.example"] {
        api.get(&format!("/v2/users/{other}")).await.error(400, 4711);
    }
}

#[tokio::test]
async fn an_unknown_token_is_401_124() {
    let town = Town::new().await;
    let api = crate::town::Api { town: &town, token: "nonsense".to_owned() };
    let answer = api.get("/v2/users/me").await;
    answer.error(401, 124);
    assert_eq!(answer.body["message"], "Invalid access token.");
}

#[tokio::test]
async fn the_waiting_room_shows_in_both_views_of_the_settings() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let security = "/v2/users/me/settings?option=meeting_security";
    assert_eq!(api.get("/v2/users/me/settings").await.ok(200)["in_meeting"]["waiting_room"], false);
    api.patch(security, json!({ "meeting_security": { "waiting_room": true } })).await.ok(204);
    assert_eq!(api.get("/v2/users/me/settings").await.ok(200)["in_meeting"]["waiting_room"], true);
    assert_eq!(api.get(security).await.ok(200)["meeting_security"]["waiting_room"], true);
    api.patch("/v2/users/me/settings", json!({ "in_meeting": { "waiting_room": "yes" } }))
        .await
        .error(400, 300);
}

#[tokio::test]
async fn an_account_lock_wins_over_user_and_meeting() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let lock = |refuses| WaitingRoomLock { on: false, refuses };
    let account = "Kx3mQvTtR5aZ1LwYbN0cGg".to_owned();
    town.zoom.knobs(|knobs| knobs.waiting_room_locks = [(account.clone(), lock(true))].into());
    let change = json!({ "in_meeting": { "waiting_room": true } });
    api.patch("/v2/users/me/settings", change.clone()).await.error(400, 300);
    town.zoom.knobs(|knobs| knobs.waiting_room_locks = [(account.clone(), lock(false))].into());
    api.patch("/v2/users/me/settings", change).await.ok(204);
    assert_eq!(api.get("/v2/users/me/settings").await.ok(200)["in_meeting"]["waiting_room"], false);
    let made = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    assert_eq!(made["settings"]["waiting_room"], false);
}

#[tokio::test]
async fn a_basic_account_gets_the_daily_limit_with_an_iso_retry_after() {
    let town = Town::with(|config| config.users.retain(|user| user.id == RAHMAN)).await;
    let api = town.access(RAHMAN).await;
    town.zoom.knobs(|knobs| knobs.daily_limit = Some(2));
    api.get("/v2/users/me").await.ok(200);
    api.get("/v2/users/me").await.ok(200);
    let answer = api.get("/v2/users/me").await;
    answer.error(429, 429);
    assert_eq!(answer.headers["retry-after"], "2026-11-24T00:00:00Z");
    assert_eq!(answer.headers["x-ratelimit-type"], "Daily-limit");
    town.advance(10 * 3600).await;
    let linked = town.access(RAHMAN).await;
    linked.get("/v2/users/me").await.ok(200);
}

#[tokio::test]
async fn the_per_second_limit_is_shared_by_the_account() {
    let town = Town::new().await;
    let (one, other) = (town.access(OSEI).await, town.access(BERG).await);
    town.zoom.knobs(|knobs| knobs.per_second_limits = Some(true));
    for _ in 0..15 {
        one.get("/v2/users/me").await.ok(200);
        other.get("/v2/users/me").await.ok(200);
    }
    let answer = one.get("/v2/users/me").await;
    answer.error(429, 429);
    assert_eq!(answer.headers["x-ratelimit-type"], "QPS");
    assert_eq!(answer.headers["x-ratelimit-remaining"], "0");
    assert!(!answer.headers.contains_key("retry-after"));
    town.advance(1).await;
    one.get("/v2/users/me").await.ok(200);
}

#[tokio::test]
async fn a_host_has_a_hundred_creates_and_updates_a_day() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let id = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].clone();
    for turn in 0..99 {
        api.patch(&format!("/v2/meetings/{id}"), json!({ "agenda": turn.to_string() })).await.ok(204);
    }
    let answer = api.patch(&format!("/v2/meetings/{id}"), json!({ "agenda": "x" })).await;
    answer.error(429, 429);
    assert_eq!(answer.headers["retry-after"], "2026-11-24T00:00:00Z");
    api.get(&format!("/v2/meetings/{id}")).await.ok(200);
}

#[tokio::test]
async fn a_fault_answers_in_place_of_zoom_as_often_as_asked() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let fault = Fault { route: "GET /v2/users/*".into(), status: Some(503), count: 2, ..Fault::default() };
    town.zoom.fault(fault);
    for status in [503, 503, 200] {
        assert_eq!(api.get("/v2/users/me").await.status, status);
    }
}

#[tokio::test]
async fn an_answer_can_be_lost_while_the_change_is_not() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let route = "POST /v2/users/me/meetings".to_owned();
    town.zoom.fault(Fault { route, status: Some(504), after: true, count: 1, ..Fault::default() });
    assert_eq!(api.post("/v2/users/me/meetings", clinic_room()).await.status, 504);
    assert_eq!(api.get("/v2/users/me/meetings").await.ok(200)["total_records"], 1);
    town.zoom.fault(Fault { route: "GET /v2/users/me".to_owned(), cut: true, count: 1, ..Fault::default() });
    let cut = town.http.get(format!("{}/v2/users/me", town.url)).send().await;
    let body = match cut {
        Ok(answer) => answer.text().await,
        Err(error) => Err(error),
    };
    assert!(body.is_err());
}
