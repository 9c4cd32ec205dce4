//! People in meetings, and the events that tell of them.

use serde_json::json;
use zoomsim::{AdmittedIds, BeforeHost, Names, NewGuest, Place};

use crate::town::{BERG, OSEI, START, TRAN, Town};

#[tokio::test]
async fn a_visit_tells_its_story_in_events() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let rosa = town.guest(room, "Rosa Delgado");
    assert_eq!(town.events().await, ["participant_joined_waiting_room"]);
    town.zoom.start(room).unwrap();
    assert_eq!(town.events().await, ["started", "participant_joined"]);
    town.zoom.admit(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_admitted"]);
    town.advance(2).await;
    assert_eq!(town.events().await, ["participant_joined"]);
    town.zoom.leave(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_left"]);
    town.zoom.end(room).unwrap();
    assert_eq!(town.events().await, ["participant_left", "ended"]);
}

#[tokio::test]
async fn an_event_has_the_envelope_and_fields_of_the_captured_ones() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.advance(10).await;
    town.inbox.hooks.lock().unwrap().clear();
    town.guest(room, "Rosa Delgado");
    town.zoom.tick().await;
    let hook = town.hooks().remove(0);
    assert_eq!(hook.body["event_ts"], (START + 10_000_000) / 1000);
    let object = &hook.body["payload"]["object"];
    assert_eq!(hook.body["payload"]["account_id"], "Kx3mQvTtR5aZ1LwYbN0cGg");
    assert_eq!(object["id"], room.to_string());
    assert_eq!(object["host_id"], OSEI);
    assert_eq!(object["type"], 3);
    assert_eq!(object["start_time"], "2026-11-23T14:00:00Z");
    assert_eq!(hook.person("date_time"), "2026-11-23T14:00:10Z");
    for empty in ["id", "participant_user_id", "email"] {
        assert_eq!(hook.person(empty), "");
    }
    let user_id: u64 = hook.person("user_id").as_str().unwrap().parse().unwrap();
    assert!(user_id > 16_778_240 && (user_id - 16_778_240) % 1024 == 0);
    let stamp = hook.headers["x-zm-request-timestamp"].to_str().unwrap();
    assert_eq!(stamp, ((START + 10_000_000) / 1_000_000).to_string());
    let signature = hook.headers["x-zm-signature"].to_str().unwrap();
    assert_eq!(
        signature,
        format!("v0={}", crate::town::hmac(crate::town::SECRET, &format!("v0:{stamp}:{}", hook.raw)))
    );
}
