//! The controls over HTTP, the truth, and a restart.

use std::sync::Arc;

use serde_json::{Value, json};
use zoomsim::{Config, ManualClock, Sim};

use crate::town::{OSEI, START, Town};

async fn post(town: &Town, path: &str, body: Value) -> (u16, Value) {
    let answer = town.http.post(format!("{}{path}", town.url)).body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(town: &Town, path: &str) -> Value {
    town.http.get(format!("{}{path}", town.url)).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_whole_visit_can_be_driven_over_http_and_the_truth_read() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let (_, came) =
        post(&town, &format!("/sim/meetings/{room}/guests"), json!({ "name": "Rosa", "person": "rosa" }))
            .await;
    assert_eq!(came["place"], "waiting");
    let rosa = came["guest"].as_u64().unwrap();
    post(&town, "/sim/clock/advance", json!({ "seconds": 30 })).await;
    assert_eq!(post(&town, &format!("/sim/meetings/{room}/start"), json!({})).await.0, 200);
    assert_eq!(post(&town, &format!("/sim/guests/{rosa}/admit"), json!({})).await.1["place"], "connecting");
    post(&town, "/sim/clock/advance", json!({ "seconds": 60 })).await;
    for act in ["put_back", "remove", "rejoin", "drop", "rejoin", "leave"] {
        let (status, body) = post(&town, &format!("/sim/guests/{rosa}/{act}"), json!({})).await;
        assert_eq!(status, 200, "{act} {body}");
    }
    assert_eq!(post(&town, &format!("/sim/meetings/{room}/end"), json!({})).await.0, 200);
    let truth = get(&town, "/sim/truth").await;
    let guests = truth["guests"].as_array().unwrap();
    let stays = guests.iter().find(|guest| guest["person"] == "rosa").unwrap()["stays"].as_array().unwrap();
    let brief: Vec<_> = stays
        .iter()
        .take(3)
        .map(|stay| (stay["place"].as_str().unwrap(), (stay["from"].as_i64().unwrap() - START) / 1_000_000))
        .collect();
    assert_eq!(brief, [("waiting", 0), ("connecting", 30), ("in_meeting", 32)]);
    assert!(stays.iter().all(|stay| stay["to"].is_i64()));
    assert_eq!(get(&town, "/sim/deliveries").await["endpoint_validated"], true);
}

#[tokio::test]
async fn knobs_take_parts_and_refuse_what_is_not_one() {
    let town = Town::new().await;
    let (status, knobs) = post(&town, "/sim/knobs", json!({ "names": "masked", "lose_percent": 5 })).await;
    assert_eq!((status, &knobs["names"], &knobs["lose_percent"]), (200, &json!("masked"), &json!(5)));
    assert_eq!(post(&town, "/sim/knobs", json!({ "no_such_knob": 1 })).await.0, 400);
    assert_eq!(get(&town, "/sim/knobs").await["lose_percent"], 5);
}

#[tokio::test]
async fn what_is_not_possible_says_so() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    assert_eq!(post(&town, "/sim/meetings/1/guests", json!({ "name": "Rosa" })).await.0, 404);
    assert_eq!(post(&town, &format!("/sim/meetings/{room}/guests"), json!({ "nmae": "Rosa" })).await.0, 400);
    assert_eq!(post(&town, &format!("/sim/meetings/{room}/end"), json!({})).await.0, 409);
    assert_eq!(post(&town, &format!("/sim/meetings/{room}/dance"), json!({})).await.0, 404);
    assert_eq!(post(&town, "/sim/guests/999/leave", json!({})).await.0, 404);
}

#[tokio::test]
async fn the_state_shows_no_tokens() {
    let town = Town::new().await;
    let linked = town.link(OSEI).await;
    let state = get(&town, "/sim/state").await.to_string();
    assert!(!state.contains(linked["access_token"].as_str().unwrap()));
    assert!(!state.contains(linked["refresh_token"].as_str().unwrap()));
}

#[tokio::test]
async fn a_restart_keeps_tokens_meetings_and_what_is_still_to_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zoom.json");
    let town =
        Town::with(|config| (config.state_file, config.webhook_url) = (Some(file.clone()), None)).await;
    let room = town.room(OSEI).await;
    town.zoom.take_due();
    let rosa = town.guest(room, "Rosa");
    let api = town.access(OSEI).await;
    let token = api.token.clone();
    town.sim.shutdown().await;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut config = Config::new(Arc::new(ManualClock::new(START)), 42, url.as_str());
    config.state_file = Some(file);
    let sim = Sim::start(listener, config);
    let zoom = sim.handle();
    assert_eq!(zoom.take_due().len(), 1);
    assert_eq!(zoom.guest(rosa).unwrap().place, zoomsim::Place::Waiting);
    let answer = town.http.get(format!("{url}/v2/meetings/{room}")).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    zoom.start(room).unwrap();
    let before: std::collections::BTreeSet<_> =
        zoom.truth().guests.into_iter().map(|guest| guest.ids.user_id).collect();
    assert_eq!(before.len(), 2, "ids go on where they stopped");
}
