//! From Zoom's deliveries to the board, the record and its file, as programs read them.

use axum::http::StatusCode;
use domain::room::Room;
use serde_json::{Value, json};

use crate::{
    pages::give_a_room,
    shapes::check,
    world::{World, booking, get, post, put},
    zoom::delivery,
};

/// Zoom says that somebody of this name did something in the room now.
pub async fn happens(world: &World, room: &Room, event: &str, who: (&str, &str)) {
    let (user_id, name) = who;
    let now = world.app.ambient.now();
    let time = if event.ends_with("participant_joined") { "join_time" } else { "date_time" };
    let mut participant = json!({
        "user_id": user_id, "user_name": name, "participant_user_id": "", "id": "", "email": "",
        "participant_uuid": format!("4B7E1D20-93A1-5C44-08F2-{user_id:0>12}"),
    });
    participant[time] = json!(now);
    let body = json!({
        "event": format!("meeting.{event}"),
        "event_ts": now.as_millis(),
        "payload": { "account_id": room.zoom_account_id, "object": {
            "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==", "id": room.meeting_number.to_string(), "type": 3,
            "host_id": room.zoom_user_id, "participant": participant,
        } },
    });
    assert_eq!(world.send(delivery(world, &body.to_string())).await.status, StatusCode::OK);
    world.app.attendance.apply_pending().await.unwrap();
    world.clock.advance(std::time::Duration::from_mins(1));
}

pub const WAITS: &str = "participant_joined_waiting_room";

pub async fn board(world: &World) -> Value {
    let board = world.send(get("/api/v1/board").token(&world.here.token)).await.json();
    check(world, "Board", &board).await;
    board
}

pub async fn decide(world: &World, presence: &str, decision: &Value) -> crate::world::Answer {
    let path = format!("/api/v1/presences/{presence}/match");
    world.send(post(&path).token(&world.here.token).json(decision)).await
}

#[tokio::test]
async fn somebody_unknown_is_asked_about_and_a_persons_decision_settles_it_until_it_is_taken_back() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let attendee = world.book(&world.here, "a").await["attendees"][0]["id"].clone();
    happens(&world, &room, WAITS, ("16780288", "iPhone")).await;
    let before = board(&world).await;
    let asked = before["unmatched"][0].clone();
    let presence = asked["id"].as_str().unwrap();
    assert_eq!((&asked["name"], &asked["status"]), (&json!("iPhone"), &json!("waiting")));

    let decided = decide(&world, presence, &json!({ "attendee": attendee })).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    check(&world, "Presence", &decided.json()).await;
    assert_eq!(decided.json()["attendee"], attendee);
    assert_eq!(decided.json()["match"]["decided_by"], "person");
    let settled = board(&world).await;
    assert_eq!(settled["unmatched"], json!([]));
    let row = &settled["appointments"][0]["attendees"][0];
    assert_eq!((&row["status"], &row["match"]["level"]), (&json!("waiting"), &json!("certain")));

    let undone = decide(&world, presence, &json!({ "attendee": null })).await;
    assert_eq!(undone.status, StatusCode::OK);
    assert_eq!(board(&world).await["unmatched"][0]["id"], asked["id"]);
    let guest = decide(&world, presence, &json!({ "as": "guest" })).await;
    assert_eq!((guest.json()["who"].clone(), guest.json()["match"].clone()), (json!("guest"), json!(null)));
    assert_eq!(board(&world).await["unmatched"], json!([]));
}

#[tokio::test]
async fn a_decision_names_an_attendee_of_this_clinic_who_is_due_in_this_room() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "a").await;
    let theirs = world.book(&world.there, "a").await["attendees"][0]["id"].clone();
    happens(&world, &room, WAITS, ("16780288", "iPhone")).await;
    let presence = board(&world).await["unmatched"][0]["id"].as_str().unwrap().to_owned();
    for attendee in [theirs.clone(), json!("att_01935a5a70007000800000000000002a")] {
        let answer = decide(&world, &presence, &json!({ "attendee": attendee })).await;
        assert_eq!(
            (answer.status, answer.refused_fields()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["attendee".to_owned()])
        );
    }
    let path = format!("/api/v1/presences/{presence}/match");
    let answer = world.send(post(&path).token(&world.there.token).json(&json!({ "attendee": theirs }))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "another clinic's presence");
}

#[tokio::test]
async fn the_stream_tells_who_waits_and_who_is_settled() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "a").await;
    let mut stream =
        crate::streams::Stream::open(&world, get("/api/v1/board/stream").token(&world.here.token)).await;
    check(&world, "BoardEvent", &stream.next().await.unwrap().1).await;
    happens(&world, &room, WAITS, ("16780288", "iPhone")).await;
    let (_, event) = stream.next().await.unwrap();
    check(&world, "BoardEvent", &event).await;
    let presence = event["unmatched"][0]["id"].as_str().unwrap().to_owned();
    decide(&world, &presence, &json!({ "as": "guest" })).await;
    loop {
        let (_, event) = stream.next().await.unwrap();
        if event["gone"].as_array().unwrap().contains(&json!(presence)) {
            break;
        }
    }
}

#[tokio::test]
async fn the_record_tells_every_stay_with_its_evidence() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "a").await;
    let rosa = ("16780288", "Rosa Delgado");
    world.clock.set("2026-11-23T16:57:00Z".parse().unwrap());
    happens(&world, &room, WAITS, rosa).await;
    happens(&world, &room, "participant_joined", rosa).await;
    let path = "/api/v1/appointments/a/attendance";
    let record = world.send(get(path).token(&world.here.token)).await.json();
    check(&world, "AppointmentRecord", &record).await;
    let attendee = &record["attendees"][0];
    assert_eq!(
        (&attendee["stays"][0]["kind"], &attendee["waited_seconds"]),
        (&json!("waiting"), &json!(60)),
        "{record:#}"
    );
    let evidence = attendee["stays"][0]["evidence"].as_array().unwrap();
    assert!(evidence.iter().all(|id| id.as_str().unwrap().starts_with("inb_")) && !evidence.is_empty());
    let list = world.send(get("/api/v1/attendance").token(&world.here.token)).await.json();
    check(&world, "Record", &list).await;
    assert_eq!(list["items"][0]["attendees"][0]["status"], "in_session");
}

#[tokio::test]
async fn a_file_of_the_record_has_a_line_for_each_attendee_and_no_formula() {
    let world = World::new().await;
    for (n, name) in ["=HYPERLINK(\"http://evil.example\")", "Ana \"Lu\", Prado"].iter().enumerate() {
        let mut body = booking(&world.here);
        body["attendees"][0]["name"] = json!(name);
        let path = format!("/api/v1/appointments/a-{n}");
        assert!(world.send(put(&path).token(&world.here.token).json(&body)).await.status.is_success());
    }
    let answer = world.send(get("/api/v1/attendance?format=csv").token(&world.here.token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"attendance-2026-11-23-2026-11-24.csv\""
    );
    let mut lines = answer.body.lines();
    assert!(lines.next().unwrap().starts_with("appointment_id,"));
    assert_eq!(lines.count(), 2);
    assert!(answer.body.contains(",\"'=HYPERLINK(\"\"http://evil.example\"\")\","), "{}", answer.body);
    assert!(answer.body.contains(",\"Ana \"\"Lu\"\", Prado\","), "{}", answer.body);
}

#[tokio::test]
async fn a_form_that_there_is_not_is_told_so() {
    let world = World::new().await;
    let ask = |format: &str| get(&format!("/api/v1/attendance?format={format}")).token(&world.here.token);
    assert_eq!(world.send(ask("xlsx")).await.status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(world.send(ask("pdf")).await.refused_fields(), ["format"]);
}
