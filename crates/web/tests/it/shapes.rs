//! Real answers, held against the shapes that the API's description promises.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, get, post};

/// Where the value differs from the schema: unknown members, missing ones, other types, other words.
fn differences(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(pointer) = schema["$ref"].as_str() {
        let schema = document.pointer(pointer.strip_prefix('#').unwrap()).unwrap();
        return differences(document, schema, value, place);
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let tries: Vec<_> = either.iter().map(|schema| differences(document, schema, value, place)).collect();
        return tries.into_iter().min_by_key(Vec::len).unwrap();
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { vec![] } else { vec![format!("{place}: no such word {value}")] };
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        other => panic!("{place}: type {other}"),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) {
        return vec![format!("{place}: {kind}, not {kinds:?}")];
    }
    let mut found = Vec::new();
    match value {
        Value::String(text)
            if schema["format"] == "date-time"
                && (text.parse::<domain::Timestamp>().is_err() || !text.ends_with('Z')) =>
        {
            found.push(format!("{place}: {text} is no time in UTC"));
        }
        Value::Array(items) => {
            for item in items {
                found.extend(differences(document, &schema["items"], item, &format!("{place}[]")));
            }
        }
        Value::Object(members) => {
            for key in schema["required"].as_array().into_iter().flatten() {
                if !members.contains_key(key.as_str().unwrap()) {
                    found.push(format!("{place}: {key} is missing"));
                }
            }
            for (key, member) in members {
                match &schema["properties"][key] {
                    Value::Null => found.push(format!("{place}: {key} is not described")),
                    schema => found.extend(differences(document, schema, member, &format!("{place}.{key}"))),
                }
            }
        }
        _ => {}
    }
    found
}

pub async fn check(world: &World, shape: &str, value: &Value) {
    let document = world.send(get("/api/openapi.json")).await.json();
    let schema = json!({ "$ref": format!("#/components/schemas/{shape}") });
    assert_eq!(differences(&document, &schema, value, shape), Vec::<String>::new(), "{value:#}");
}

#[tokio::test]
async fn appointments_links_and_errors_are_as_described() {
    let world = World::new().await;
    let token = &world.here.token;
    check(&world, "Appointment", &world.book(&world.here, "a").await).await;
    check(&world, "Appointments", &world.send(get("/api/v1/appointments?limit=1").token(token)).await.json())
        .await;
    for to in ["patients", "staff"] {
        let ask = post("/api/v1/appointments/a/links").token(token).json(&json!({ "to": to, "by": "copy" }));
        check(&world, "Links", &world.send(ask).await.json()).await;
    }
    for path in ["/api/v1/appointments?limit=0", "/api/v1/appointments/b", "/api/nothing"] {
        check(&world, "Problem", &world.send(get(path).token(token)).await.json()).await;
    }
}

#[tokio::test]
async fn the_board_and_the_record_are_as_described() {
    let world = World::new().await;
    world.book(&world.here, "a").await;
    for (path, shape) in [
        ("/api/v1/board", "Board"),
        ("/api/v1/board?date=2026-11-24", "Board"),
        ("/api/v1/appointments/a/attendance", "AppointmentRecord"),
        ("/api/v1/attendance", "Record"),
        ("/api/v1/feed", "FeedHealth"),
    ] {
        let answer = world.send(get(path).token(&world.here.token)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        check(&world, shape, &answer.json()).await;
    }
}

#[tokio::test]
async fn a_difference_from_the_description_would_be_found() {
    let world = World::new().await;
    let document = world.send(get("/api/openapi.json")).await.json();
    let mut made = world.book(&world.here, "a").await;
    made["kind"] = json!("by_pigeon");
    made["more"] = json!(1);
    made["host"]["name"] = json!(null);
    made["attendees"][0].as_object_mut().unwrap().remove("join_link");
    let schema = json!({ "$ref": "#/components/schemas/Appointment" });
    assert_eq!(differences(&document, &schema, &made, "").len(), 4);
}
