//! The JSON API, as schedulers' programs use it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, booking, get, post, put};

#[tokio::test]
async fn an_appointment_is_made_once_changed_when_it_differs_and_left_alone_when_it_does_not() {
    let world = World::new().await;
    let token = &world.here.token;
    let mut body = booking(&world.here);
    let path = "/api/v1/appointments/emr-77";
    let made = world.send(put(path).token(token).json(&body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let again = world.send(put(path).token(token).json(&body)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, made.json()));
    body["status"] = json!("cancelled");
    let changed = world.send(put(path).token(token).json(&body)).await;
    assert_eq!((changed.status, changed.json()["status"].clone()), (StatusCode::OK, json!("cancelled")));
    assert_eq!(changed.json()["attendees"], made.json()["attendees"], "the links stay");
}

#[tokio::test]
async fn an_appointment_has_the_shape_that_was_agreed() {
    let world = World::new().await;
    let made = world.book(&world.here, "emr-77").await;
    let keys: Vec<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    let agreed =
        ["attendees", "ends_at", "external_id", "host", "host_link", "id", "kind", "starts_at", "status"];
    assert_eq!(keys, agreed);
    assert!(made["id"].as_str().unwrap().starts_with("appt_"));
    assert_eq!(made["external_id"], "emr-77");
    assert_eq!(made["starts_at"], "2026-11-23T17:00:00Z");
    assert_eq!(
        made["host"],
        json!({ "id": world.here.staff.id, "name": "osei of Riverside", "connection": "not_connected" })
    );
    assert!(made["host_link"].as_str().unwrap().starts_with("http://127.0.0.1:8080/h/"));
    let attendee = &made["attendees"][0];
    assert!(attendee["id"].as_str().unwrap().starts_with("att_"));
    assert_eq!((&attendee["external_id"], &attendee["name"]), (&json!("p-1"), &json!("Rosa Delgado")));
    assert!(attendee["join_link"].as_str().unwrap().starts_with("http://127.0.0.1:8080/v/"));
    assert_eq!(attendee.as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn an_appointment_is_found_by_either_of_its_ids_and_a_host_by_any_of_three() {
    let world = World::new().await;
    let token = &world.here.token;
    for host in ["OSEI@riverside.example", "emr-osei", &world.here.staff.id.to_string()] {
        let mut body = booking(&world.here);
        body["host"] = json!(host);
        let answer = world.send(put("/api/v1/appointments/emr%2F77%20%C3%BC").token(token).json(&body)).await;
        assert!(answer.status.is_success(), "{host}: {}", answer.body);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.json()["external_id"], "emr/77 ü");
        for name in ["emr%2F77%20%C3%BC", &id] {
            let found = world.send(get(&format!("/api/v1/appointments/{name}")).token(token)).await;
            assert_eq!(found.json(), answer.json());
        }
    }
}

#[tokio::test]
async fn every_fault_of_a_booking_is_told_at_once_beside_its_field() {
    let world = World::new().await;
    let long = "x".repeat(10_000);
    let body = json!({
        "starts_at": "yesterday",
        "host": "nobody@riverside.example",
        "kind": "by pigeon",
        "status": 7,
        "attendees": [
            { "external_id": "p-1", "name": long, "email": "a@b\r\nBcc: c@d", "phone": "555" },
            { "external_id": "p-1", "name": " ", "consent": { "email": "yes" } },
            "Rosa",
        ],
    });
    let answer = world.send(put("/api/v1/appointments/a").token(&world.here.token).json(&body)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut fields = answer.refused_fields();
    fields.sort();
    let mut expected = vec![
        "starts_at",
        "ends_at",
        "host",
        "kind",
        "status",
        "attendees[0].name",
        "attendees[0].email",
        "attendees[0].phone",
        "attendees[1].name",
        "attendees[1].consent.email",
        "attendees[2]",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected, "{}", answer.body);
    assert!(!answer.body.contains(&long), "what was sent is not sent back");
}

#[tokio::test]
async fn single_faults_are_told_in_words() {
    let world = World::new().await;
    for (change, field, words) in [
        (json!({ "ends_at": "2026-11-23T16:30:00Z" }), "ends_at", "must be after starts_at"),
        (json!({ "ends_at": "2026-11-25T16:30:00Z" }), "ends_at", "within 24 hours"),
        (json!({ "host": "nobody@riverside.example" }), "host", "nobody who works at this clinic"),
        (json!({ "host": "sid@riverside.example" }), "host", "does not see patients"),
        (json!({ "host": world.there.staff.email.as_str() }), "host", "nobody who works at this clinic"),
        (json!({ "attendees": [] }), "attendees", "at least one"),
        (
            json!({ "attendees": vec![json!({ "external_id": "p", "name": "n" }); 51] }),
            "attendees",
            "at most 50",
        ),
        (json!({ "attendees": null }), "attendees", "is missing"),
        (
            json!({ "attendees": [{ "external_id": "p", "name": "R\r\nosa" }] }),
            "attendees[0].name",
            "one line",
        ),
        (
            json!({ "attendees": [{ "external_id": "p", "name": "A" }, { "external_id": "p", "name": "B" }] }),
            "attendees[1].external_id",
            "same as another",
        ),
    ] {
        let mut body = booking(&world.here);
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        let answer = world.send(put("/api/v1/appointments/a").token(&world.here.token).json(&body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
        let errors = answer.json()["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        assert_eq!(errors[0]["field"], field, "{errors}");
        assert!(errors[0]["message"].as_str().unwrap().contains(words), "{errors}");
    }
    let mut tx = world.store().read().await.unwrap();
    assert!(tx.appointment_by_external_id(world.here.clinic.id, "a").await.unwrap().is_none());
}

#[tokio::test]
async fn names_of_any_script_come_back_as_they_were_sent() {
    let world = World::new().await;
    for (n, name) in [
        "محمد علي",
        "李小龙",
        "Zoë 🌻👩‍⚕️",
        "<script>alert(1)</script>",
        "a\u{202e}b",
        "=1+1",
        "O'Brien \"Bob\"",
    ]
    .iter()
    .enumerate()
    {
        let mut body = booking(&world.here);
        body["attendees"][0]["name"] = json!(name);
        let path = format!("/api/v1/appointments/n-{n}");
        let answer = world.send(put(&path).token(&world.here.token).json(&body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{name}: {}", answer.body);
        assert_eq!(answer.json()["attendees"][0]["name"], *name);
    }
}

#[tokio::test]
async fn appointments_are_listed_page_by_page_without_gap_or_repetition() {
    let world = World::new().await;
    for n in 0..7 {
        world.book(&world.here, &format!("a-{n}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/appointments?limit=3".to_owned();
    loop {
        let page = world.send(get(&path).token(&world.here.token)).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["external_id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/appointments?limit=3&cursor={cursor}"),
            None => break,
        }
        assert_eq!(items.len(), 3);
    }
    seen.sort();
    assert_eq!(seen, (0..7).map(|n| format!("a-{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_is_narrowed_by_time_and_host_and_tells_its_faults() {
    let world = World::new().await;
    world.book(&world.here, "a").await;
    let count = async |query: &str| {
        let answer = world.send(get(&format!("/api/v1/appointments?{query}")).token(&world.here.token)).await;
        answer.json()["items"].as_array().map(Vec::len)
    };
    assert_eq!(count("from=2026-11-23T17:00:00Z&to=2026-11-23T17:00:01Z").await, Some(1));
    assert_eq!(count("from=2026-11-23T17:00:01Z").await, Some(0));
    assert_eq!(count("host=emr-osei").await, Some(1));
    assert_eq!(count("host=emr-sid").await, Some(0));
    let query = "from=x&to=2026&limit=201&cursor=y&host=z";
    let answer = world.send(get(&format!("/api/v1/appointments?{query}")).token(&world.here.token)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.refused_fields(), ["from", "to", "host", "limit", "cursor"]);
}

#[tokio::test]
async fn links_are_handed_out_to_be_copied_and_sending_says_that_it_is_off() {
    let world = World::new().await;
    let made = world.book(&world.here, "a").await;
    let attendee = made["attendees"][0]["id"].clone();
    let hand_out = async |to: &Value, by: &str| {
        let ask = post("/api/v1/appointments/a/links").token(&world.here.token);
        world.send(ask.json(&json!({ "to": to, "by": by }))).await
    };
    let join = json!({ "links": [{ "attendee": attendee, "url": made["attendees"][0]["join_link"] }] });
    assert_eq!(hand_out(&json!("patients"), "copy").await.json(), join);
    assert_eq!(hand_out(&attendee, "copy").await.json(), join);
    assert_eq!(
        hand_out(&json!("staff"), "copy").await.json(),
        json!({ "links": [{ "url": made["host_link"] }] })
    );
    for by in ["sms", "email"] {
        let answer = hand_out(&json!("patients"), by).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.json()["detail"].as_str().unwrap().contains("Sending is off"));
    }
    let other = world.book(&world.here, "b").await["attendees"][0]["id"].clone();
    for to in [other, json!("everybody"), json!(null)] {
        assert_eq!(hand_out(&to, "copy").await.refused_fields(), ["to"]);
    }
    assert_eq!(hand_out(&json!("staff"), "fax").await.refused_fields(), ["by"]);
}

#[tokio::test]
async fn another_clinics_things_are_not_found_by_any_of_their_names() {
    let world = World::new().await;
    let theirs = world.book(&world.there, "shared-id").await;
    let (id, attendee) = (theirs["id"].as_str().unwrap(), theirs["attendees"][0]["id"].as_str().unwrap());
    let token = &world.here.token;
    for name in [id, "shared-id"] {
        for ask in [
            get(&format!("/api/v1/appointments/{name}")),
            get(&format!("/api/v1/appointments/{name}/attendance")),
            post(&format!("/api/v1/appointments/{name}/links")).json(&json!({ "to": "staff", "by": "copy" })),
        ] {
            let answer = world.send(ask.token(token)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(!answer.body.contains("Rosa") && !answer.body.contains(attendee));
        }
    }
    let list = world.send(get("/api/v1/appointments").token(token)).await;
    assert_eq!(list.json()["items"], json!([]));

    // Their id names nothing here that could be changed; their external id is free for us.
    let answer =
        world.send(put(&format!("/api/v1/appointments/{id}")).token(token).json(&booking(&world.here))).await;
    assert_eq!(answer.refused_fields(), ["external_id"]);
    let ours = world.book(&world.here, "shared-id").await;
    assert_ne!(ours["id"], theirs["id"]);
    let still = world.send(get("/api/v1/appointments/shared-id").token(&world.there.token)).await;
    assert_eq!(still.json(), theirs);
}

#[tokio::test]
async fn a_decision_must_say_one_thing() {
    let world = World::new().await;
    let path = "/api/v1/presences/pres_01935a5a70007000800000000000002a/match";
    let attendee = "att_01935a5a70007000800000000000002a";
    for (body, field) in [
        (json!({}), "attendee"),
        (json!({ "attendee": "somebody" }), "attendee"),
        (json!({ "as": "ghost" }), "as"),
        (json!({ "attendee": attendee, "as": "guest" }), "as"),
        (json!({ "attendee": attendee, "not": attendee }), "not"),
        (json!({ "not": attendee, "as": "interpreter" }), "as"),
        (json!({ "not": "somebody" }), "not"),
    ] {
        let answer = world.send(post(path).token(&world.here.token).json(&body)).await;
        assert_eq!(answer.refused_fields(), [field], "{body}");
    }
    let answer = world
        .send(post("/api/v1/presences/nobody/match").token(&world.here.token).json(&json!({ "as": "guest" })))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_description_can_be_read_by_programs_and_by_people() {
    let world = World::new().await;
    let document = world.send(get("/api/openapi.json")).await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["version"], "1");
    assert!(document["paths"]["/api/v1/appointments/{appointment}"]["put"].is_object());
    let page = world.send(get("/api/docs")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("/api/v1/board/stream") && page.body.contains("attendance:read"));
    assert!(
        !page.body.contains("src=\"http") && !page.body.contains("href=\"http"),
        "nothing from elsewhere"
    );
}
