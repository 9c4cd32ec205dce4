//! What Zoom remembers of meetings that are over.

use serde_json::json;

use crate::town::{Api, OSEI, RAHMAN, Town};

/// A meeting with Rosa in it, from 14:00:00; she waits 10 seconds and stays 60.
async fn held(town: &Town, room: i64) -> String {
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa Delgado");
    town.advance(10).await;
    town.zoom.admit(rosa).unwrap();
    town.advance(62).await;
    town.zoom.end(room).unwrap();
    let truth = town.zoom.truth();
    let room = truth.meetings.iter().find(|meeting| meeting.number == room).unwrap();
    room.instances.last().unwrap().uuid.clone()
}

fn once(uuid: &str) -> String {
    url::form_urlencoded::byte_serialize(uuid.as_bytes()).collect()
}

async fn participants(api: &Api<'_>, id: &str, query: &str) -> crate::town::Answer {
    api.get(&format!("/v2/past_meetings/{id}/participants?{query}")).await
}

#[tokio::test]
async fn a_past_meeting_lists_each_stay_once_it_is_ready() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    participants(&api, &room.to_string(), "").await.error(404, 3001);
    let uuid = held(&town, room).await;
    participants(&api, &once(&uuid), "").await.error(404, 3001);
    town.advance(180).await;
    let list = participants(&api, &once(&uuid), "").await.ok(200);
    let rows = list["participants"].as_array().unwrap();
    let brief: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["status"].as_str().unwrap(),
                row["duration"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            ("Amara Osei", "in_meeting", 72),
            ("Rosa Delgado", "in_waiting_room", 10),
            ("Rosa Delgado", "in_meeting", 60)
        ]
    );
    assert_eq!(rows[0]["id"], OSEI);
    assert_eq!(rows[2]["join_time"], "2026-11-23T14:00:12Z");
    let meeting = api.get(&format!("/v2/past_meetings/{}", once(&uuid))).await.ok(200);
    assert_eq!((&meeting["uuid"], &meeting["end_time"]), (&json!(uuid), &json!("2026-11-23T14:01:12Z")));
}

#[tokio::test]
async fn a_number_means_the_latest_instance_and_the_instances_are_listed() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let first = held(&town, room).await;
    let second = held(&town, room).await;
    town.advance(180).await;
    let api = town.access(OSEI).await;
    assert_eq!(api.get(&format!("/v2/past_meetings/{room}")).await.ok(200)["uuid"], second);
    let list = api.get(&format!("/v2/past_meetings/{room}/instances")).await.ok(200);
    let uuids: Vec<_> =
        list["meetings"].as_array().unwrap().iter().map(|one| one["uuid"].as_str().unwrap()).collect();
    assert_eq!(uuids, [first, second]);
}

#[tokio::test]
async fn a_uuid_with_slashes_has_to_be_encoded_twice() {
    let town = Town::new().await;
    town.zoom.knobs(|knobs| knobs.slash_uuids = true);
    let room = town.room(OSEI).await;
    let uuid = held(&town, room).await;
    assert!(uuid.starts_with("//"));
    town.advance(180).await;
    let api = town.access(OSEI).await;
    participants(&api, &once(&uuid), "").await.error(404, 300);
    participants(&api, &once(&once(&uuid)), "").await.ok(200);
}

#[tokio::test]
async fn pages_follow_a_token_that_lives_fifteen_minutes() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let uuid = once(&held(&town, room).await);
    town.advance(180).await;
    let api = town.access(OSEI).await;
    let first = participants(&api, &uuid, "page_size=2").await.ok(200);
    assert_eq!(first["total_records"], 3);
    let next = format!("page_size=2&next_page_token={}", first["next_page_token"].as_str().unwrap());
    assert_eq!(participants(&api, &uuid, &next).await.ok(200)["participants"].as_array().unwrap().len(), 1);
    town.advance(900).await;
    participants(&api, &uuid, &next).await.error(400, 300);
}

#[tokio::test]
async fn a_meeting_of_one_person_has_no_list() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.guest(room, "Rosa");
    town.advance(60).await;
    town.zoom.end(room).unwrap();
    town.advance(180).await;
    let api = town.access(OSEI).await;
    assert_eq!(participants(&api, &room.to_string(), "").await.ok(200)["participants"], json!([]));
}

#[tokio::test]
async fn participants_are_only_for_paid_hosts() {
    let town = Town::new().await;
    let room = town.room(RAHMAN).await;
    held(&town, room).await;
    town.advance(180).await;
    participants(&town.access(RAHMAN).await, &room.to_string(), "").await.error(400, 200);
}
