//! How word comes from Zoom, as an admin reads it.

use axum::http::StatusCode;
use domain::room::Room;
use serde_json::json;

use crate::{
    pages::{give_a_room, read},
    record::{WAITS, happens},
    shapes::check,
    world::{World, get, post},
    zoom::delivery,
};

/// Zoom says something of the room that concerns nobody here.
async fn says_nothing(world: &World, room: &Room) {
    let now = world.app.ambient.now();
    let body = json!({
        "event": "meeting.sharing_started", "event_ts": now.as_millis(),
        "payload": { "account_id": room.zoom_account_id, "object": {
            "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==", "id": room.meeting_number.to_string(), "type": 3,
            "host_id": room.zoom_user_id, "topic": "Canary",
        } },
    });
    assert_eq!(world.send(delivery(world, &body.to_string())).await.status, StatusCode::OK);
    world.app.attendance.apply_pending().await.unwrap();
}

#[tokio::test]
async fn an_admin_reads_what_came_of_what_zoom_said_of_each_room() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let new = read(&world, &admin, "/feed").await;
    assert!(new.contains("Nobody has a room yet.") && new.contains("There are none."), "{new}");
    let room = give_a_room(&world).await;
    happens(&world, &room, WAITS, ("16780288", "Rosa Delgado")).await;
    let shown = read(&world, &admin, "/feed").await;
    assert!(shown.contains("osei of Riverside") && shown.contains("Heard of within minutes."), "{shown}");
    assert!(!shown.contains("Rosa"), "counts, and no names");
    let answer = world.send(get("/api/v1/feed").token(&world.here.token)).await;
    check(&world, "FeedHealth", &answer.json()).await;
    assert_eq!(answer.json()["rooms"][0]["counts"]["applied"], 1, "{}", answer.body);
    let theirs = world.send(get("/api/v1/feed").token(&world.there.token)).await.json();
    assert_eq!(theirs["rooms"], json!([]));
}

#[tokio::test]
async fn a_delivery_that_nothing_came_of_is_listed_without_what_it_says_and_can_be_put_back() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let room = give_a_room(&world).await;
    says_nothing(&world, &room).await;
    let shown = read(&world, &admin, "/feed").await;
    assert!(shown.contains("meeting.sharing_started") && !shown.contains("Canary"), "{shown}");
    let path = shown.split("action=\"/feed/deliveries/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/feed/deliveries/{path}");
    let other = world.session_of(&world.there.admin).await;
    assert!(!read(&world, &other, "/feed").await.contains("meeting.sharing_started"));
    assert_eq!(
        world.send(post(&path).cookie(&other)).await.status,
        StatusCode::NOT_FOUND,
        "another clinic's"
    );
    let done = world.send(post(&path).cookie(&admin)).await;
    assert_eq!(done.header("location"), "/feed?done=replayed#fruitless");
    assert_eq!(world.store().read().await.unwrap().inbox_backlog().await.unwrap(), 1);
    assert_eq!(
        world.send(post(&path).cookie(&admin)).await.status,
        StatusCode::NOT_FOUND,
        "it is put back already"
    );
    world.app.attendance.apply_pending().await.unwrap();
    assert!(read(&world, &admin, "/feed").await.contains("meeting.sharing_started"), "it says nothing still");
}

#[tokio::test]
async fn the_boards_header_leads_there_only_those_who_may_go() {
    use domain::staff::Role;
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    assert!(!read(&world, &desk, "/board").await.contains("/feed"));
    world.update(&world.here.scheduler, &[Role::Scheduler, Role::Admin], None).await;
    let both = world.session_of(&world.here.scheduler).await;
    assert!(read(&world, &both, "/board").await.contains("<a href=\"/feed\">Details"));
}
