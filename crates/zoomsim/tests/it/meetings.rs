//! Saved meetings, and the events that tell of their changes.

use serde_json::json;

use crate::town::{BERG, OSEI, TRAN, Town, clinic_room};

#[tokio::test]
async fn a_room_is_made_with_its_settings_as_sent() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let made = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    let id = made["id"].as_i64().unwrap();
    assert_eq!(id.to_string().len(), 11);
    assert_eq!(made["type"], 3);
    assert!(made.get("start_time").is_none());
    assert_eq!(
        made["settings"]["waiting_room_options"],
        json!({ "mode": "custom", "who_goes_to_waiting_room": "everyone" })
    );
    assert!(made["join_url"].as_str().unwrap().starts_with(&format!("{}/j/{id}?pwd=", town.url)));
    let start = made["start_url"].as_str().unwrap();
    assert!(start.starts_with(&format!("{}/s/{id}?zak=", town.url)));
    let read = api.get(&format!("/v2/meetings/{id}")).await.ok(200);
    assert_eq!((&read["settings"], &read["uuid"]), (&made["settings"], &made["uuid"]));
    assert_ne!(read["start_url"], made["start_url"], "each answer has a new ZAK");
    town.zoom.tick().await;
    let hook = town.hooks().remove(0);
    assert_eq!(hook.event(), "meeting.created");
    assert_eq!(hook.body["payload"]["object"]["id"], id, "a number in events about the saved meeting");
    assert_eq!(hook.body["payload"]["operator_id"], OSEI);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    for (body, field) in [
        (json!({ "topic": "x".repeat(201) }), "topic"),
        (json!({ "type": 4 }), "type"),
        (json!({ "password": "12345678901" }), "password"),
        (json!({ "settings": { "jbh_time": 7 } }), "settings.jbh_time"),
        (json!({ "type": 8 }), "recurrence"),
        (json!({ "timezone": "Mars/Base" }), "timezone"),
    ] {
        let answer = api.post("/v2/users/me/meetings", body).await;
        answer.error(400, 300);
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn the_list_is_paged_and_leaves_out_the_personal_meeting() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    for _ in 0..3 {
        api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    }
    let first = api.get("/v2/users/me/meetings?type=scheduled&page_size=2").await.ok(200);
    assert_eq!((first["total_records"].as_i64(), first["meetings"].as_array().unwrap().len()), (Some(3), 2));
    let token = first["next_page_token"].as_str().unwrap();
    let path = format!("/v2/users/me/meetings?type=scheduled&page_size=2&next_page_token={token}");
    let second = api.get(&path).await.ok(200);
    assert_eq!(second["meetings"].as_array().unwrap().len(), 1);
    assert_eq!(second["next_page_token"], "");
    assert!(second["meetings"][0].get("start_time").is_none());
    town.advance(15 * 60).await;
    api.get(&path).await.error(400, 300);
    api.get("/v2/users/me/meetings?page_size=301").await.error(400, 300);
}

#[tokio::test]
async fn an_update_merges_and_tells_only_what_changed() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/meetings/{room}");
    api.patch(&path, json!({ "settings": { "waiting_room": false } })).await.ok(204);
    let read = api.get(&path).await.ok(200);
    assert_eq!(read["settings"]["waiting_room"], false);
    assert_eq!(read["settings"]["waiting_room_options"]["mode"], "custom", "the rest stays");
    town.zoom.tick().await;
    let hook = town.hooks().pop().unwrap();
    assert_eq!(hook.event(), "meeting.updated");
    let payload = &hook.body["payload"];
    assert_eq!(payload["object"], json!({ "id": room, "settings": { "waiting_room": false } }));
    assert_eq!(payload["old_object"], json!({ "id": room, "settings": { "waiting_room": true } }));
    town.inbox.hooks.lock().unwrap().clear();
    api.patch(&path, json!({ "settings": { "waiting_room": false } })).await.ok(204);
    assert_eq!(town.events().await, [""; 0], "no change, no event");
}

#[tokio::test]
async fn a_new_passcode_changes_the_join_link() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/meetings/{room}");
    let before = api.get(&path).await.ok(200)["join_url"].clone();
    town.zoom.change_meeting(room, &json!({ "password": "902113" })).unwrap();
    assert_ne!(api.get(&path).await.ok(200)["join_url"], before);
    town.zoom.tick().await;
    let payload = town.hooks().pop().unwrap().body["payload"].clone();
    assert_eq!(payload["old_object"]["join_url"], before);
}

#[tokio::test]
async fn a_deleted_meeting_is_gone_until_recovered_and_purged_after_thirty_days() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/meetings/{room}");
    api.delete(&path).await.ok(204);
    api.get(&path).await.error(404, 3001);
    assert!(town.zoom.join_named(room, "Rosa").is_err());
    api.put(&format!("{path}/status"), json!({ "action": "recover" })).await.ok(204);
    api.get(&path).await.ok(200);
    api.delete(&path).await.ok(204);
    assert_eq!(town.events().await, ["deleted", "recovered", "deleted"]);
    town.advance(30 * 86_400).await;
    assert!(town.events().await.contains(&"permanently_deleted".to_owned()));
    town.access(OSEI)
        .await
        .put(&format!("{path}/status"), json!({ "action": "recover" }))
        .await
        .error(404, 3001);
}

#[tokio::test]
async fn a_running_meeting_cannot_be_deleted_and_neither_can_the_personal_one() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    town.zoom.start(room).unwrap();
    api.delete(&format!("/v2/meetings/{room}")).await.error(400, 3002);
    let pmi = api.get("/v2/users/me").await.ok(200)["pmi"].as_i64().unwrap();
    api.delete(&format!("/v2/meetings/{pmi}")).await.error(400, 3018);
}

#[tokio::test]
async fn ending_works_only_while_running() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/meetings/{room}/status");
    api.put(&path, json!({ "action": "end" })).await.error(400, 3063);
    town.zoom.start(room).unwrap();
    assert_eq!(api.get(&format!("/v2/meetings/{room}")).await.ok(200)["status"], "started");
    api.put(&path, json!({ "action": "end" })).await.ok(204);
    assert_eq!(town.events().await, ["started", "participant_joined", "participant_left", "ended"]);
}

#[tokio::test]
async fn other_peoples_meetings_are_out_of_reach() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.access(BERG).await.get(&format!("/v2/meetings/{room}")).await.error(400, 3003);
    town.access(TRAN).await.get(&format!("/v2/meetings/{room}")).await.error(404, 3001);
    town.access(OSEI).await.get("/v2/meetings/not-a-number").await.error(400, 300);
}

#[tokio::test]
async fn a_number_expires_after_a_year_without_a_start() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.advance(364 * 86_400).await;
    town.zoom.start(room).unwrap();
    town.zoom.end(room).unwrap();
    town.advance(364 * 86_400).await;
    let path = format!("/v2/meetings/{room}");
    town.access(OSEI).await.get(&path).await.ok(200);
    town.advance(86_400).await;
    town.access(OSEI).await.get(&path).await.error(404, 3001);
}

#[tokio::test]
async fn a_meeting_on_the_personal_number_has_another_number_in_events() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let pmi = api.get("/v2/users/me").await.ok(200)["pmi"].as_i64().unwrap();
    let made = api
        .post("/v2/users/me/meetings", json!({ "type": 2, "settings": { "use_pmi": true } }))
        .await
        .ok(201);
    assert_ne!(made["id"], pmi);
    assert_eq!(made["pmi"], pmi.to_string());
    town.zoom.start(made["id"].as_i64().unwrap()).unwrap();
    town.zoom.tick().await;
    assert_eq!(town.hooks().pop().unwrap().body["payload"]["object"]["id"], pmi.to_string());
}

#[tokio::test]
async fn the_waiting_room_text_can_be_changed_while_running() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/live_meetings/{room}/events");
    let late =
        json!({ "method": "waiting_room.update", "params": { "waiting_room_title": "Ten minutes late" } });
    api.patch(&path, late.clone()).await.error(400, 300);
    town.zoom.start(room).unwrap();
    api.patch(&path, late).await.ok(202);
    let rosa = town.guest(room, "Rosa");
    let page = town.http.get(format!("{}/g/{rosa}", town.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Ten minutes late"));
    api.patch(&path, json!({ "method": "participant.admit", "params": {} })).await.error(400, 300);
}

#[tokio::test]
async fn a_meeting_can_be_dialled_into_unless_the_account_has_no_numbers() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let made = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    let numbers = made["settings"]["global_dial_in_numbers"].as_array().unwrap();
    assert!(numbers.len() > 1);
    assert!(numbers.iter().all(|number| number["number"].as_str().is_some_and(|text| text.starts_with('+'))));
    let passcode = made["pstn_password"].as_str().unwrap();
    assert!(passcode.bytes().all(|b| b.is_ascii_digit()), "{passcode}");
    town.zoom.knobs(|knobs| knobs.dial_in = false);
    let read = api.get(&format!("/v2/meetings/{}", made["id"])).await.ok(200);
    assert!(read["settings"].get("global_dial_in_numbers").is_none());
    assert!(read.get("pstn_password").is_none());
}
