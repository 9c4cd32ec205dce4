//! Links sent through the API: what is queued, what is not and why, and what became of it.

use axum::http::StatusCode;
use domain::text::{Email, Phone};
use outreach::{MailSettings, SmsSettings};
use serde_json::{Value, json};
use store::ports::consents::{ConsentChange, SaidBy};
use web::guard::Scope;

use crate::{
    shapes::check,
    world::{Answer, World, booking, get, post, put},
};

async fn sending() -> World {
    World::of_parts("http://127.0.0.1:8080", |parts| {
        // Nothing listens at either, and nothing is sent: these tests look at the outbox.
        let mail = MailSettings {
            url: "smtp://127.0.0.1:1".into(),
            from: Email::parse("visits@riverside.example").unwrap(),
        };
        let sms = SmsSettings {
            url: "http://127.0.0.1:1".parse().unwrap(),
            account: "AC0123".to_owned(),
            token: "t0ken".into(),
            from: Phone::parse("+15550100999").unwrap(),
        };
        parts.outreach = parts.outreach.clone().sending_by(Some(mail), Some(sms));
    })
    .await
}

/// Rosa takes everything, Luis has no telephone, and Tom agreed to nothing.
fn three(world: &World) -> Value {
    let mut body = booking(&world.here);
    body["attendees"] = json!([
        { "external_id": "p-1", "name": "Rosa Delgado", "email": "rosa@example.org", "phone": "+1 555 012 3001",
          "consent": { "email": true, "sms": true }, "language": "es-MX" },
        { "external_id": "p-2", "name": "Luis Prado", "email": "luis@example.org", "consent": { "email": true, "sms": true } },
        { "external_id": "p-3", "name": "Tom Reyes", "email": "tom@example.org", "phone": "+15550123003" },
    ]);
    body
}

async fn book(world: &World, name: &str, body: &Value) -> Value {
    let path = format!("/api/v1/appointments/{name}");
    let answer = world.send(put(&path).token(&world.here.token).json(body)).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    answer.json()
}

async fn hand_out(world: &World, to: &Value, by: &str) -> Answer {
    let ask = post("/api/v1/appointments/a/links").token(&world.here.token);
    world.send(ask.json(&json!({ "to": to, "by": by }))).await
}

async fn ledger(world: &World) -> Value {
    let answer = world.send(get("/api/v1/appointments/a/messages").token(&world.here.token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    check(world, "Ledger", &answer.json()).await;
    answer.json()
}

#[tokio::test]
async fn links_are_queued_for_whom_they_may_go_to_and_the_others_are_listed_with_the_reason() {
    let world = sending().await;
    let made = book(&world, "a", &three(&world)).await;
    let id = |index: usize| made["attendees"][index]["id"].clone();
    let answer = hand_out(&world, &json!("patients"), "sms").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    check(&world, "Sent", &answer.json()).await;
    let sent = answer.json();
    assert!(sent["messages"][0]["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(sent["messages"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&sent["messages"][0]["attendee"], &sent["messages"][0]["by"], &sent["messages"][0]["state"]),
        (&id(0), &json!("sms"), &json!("queued"))
    );
    assert_eq!(
        sent["not_sent"],
        json!([
            { "attendee": id(1), "by": "sms", "reason": "no_address",
              "detail": format!("{} (p-2), SMS: there is no address for it.", id(1).as_str().unwrap()) },
            { "attendee": id(2), "by": "sms", "reason": "no_consent",
              "detail": format!("{} (p-3), SMS: they have not agreed to it.", id(2).as_str().unwrap()) },
        ])
    );
    let to_one = hand_out(&world, &id(0), "email").await;
    assert_eq!(to_one.status, StatusCode::ACCEPTED);
    assert_eq!(to_one.json().as_object().unwrap().len(), 1, "nobody was left out: {}", to_one.body);
    let staff = hand_out(&world, &json!("staff"), "email").await.json();
    assert_eq!(staff["messages"][0].get("attendee"), None);
}

#[tokio::test]
async fn where_nobody_can_be_sent_anything_the_reason_of_each_is_told_without_a_name() {
    let world = sending().await;
    let mut body = three(&world);
    body["attendees"].as_array_mut().unwrap().remove(0);
    book(&world, "a", &body).await;
    let answer = hand_out(&world, &json!("patients"), "sms").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    check(&world, "Problem", &answer.json()).await;
    assert_eq!(answer.refused_fields(), ["attendees[0].phone", "attendees[1].consent.sms"]);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("Nobody was sent anything. att_"), "{detail}");
    assert!(detail.contains("(p-2), SMS: there is no address for it."), "{detail}");
    assert!(!detail.contains("Luis") && !detail.contains("Tom") && !detail.contains("+1555"), "{detail}");
    let staff = hand_out(&world, &json!("staff"), "sms").await;
    assert_eq!(staff.refused_fields(), ["host.phone"]);
    let ledger = ledger(&world).await;
    assert_eq!(ledger["attendees"][0]["messages"], json!([]), "nothing was queued");
}

#[tokio::test]
async fn links_that_lead_nowhere_are_not_sent() {
    let world = sending().await;
    let mut body = three(&world);
    for (key, value, why) in [
        ("status", "cancelled", "cancelled"),
        ("kind", "in_person", "at the clinic"),
        ("ends_at", "2026-11-23T17:01:00Z", "over"),
    ] {
        let before = body[key].clone();
        body[key] = json!(value);
        book(&world, "a", &body).await;
        if key == "ends_at" {
            world.clock.advance(std::time::Duration::from_hours(6));
        }
        let answer = hand_out(&world, &json!("patients"), "email").await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{key}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(why), "{}", answer.body);
        body[key] = before;
    }
}

#[tokio::test]
async fn the_ledger_tells_what_was_copied_queued_and_withdrawn_and_by_whom() {
    let world = sending().await;
    let mut body = three(&world);
    book(&world, "a", &body).await;
    for _ in 0..2 {
        assert_eq!(hand_out(&world, &json!("staff"), "copy").await.status, StatusCode::OK);
    }
    hand_out(&world, &json!("patients"), "email").await;
    let first = ledger(&world).await;
    assert_eq!(first["external_id"], "a");
    let host = &first["host"];
    assert_eq!((&host["id"], &host["link_sent"]), (&json!(world.here.staff.id), &json!(true)));
    assert_eq!(host["messages"].as_array().unwrap().len(), 1, "the same copying is noted once");
    assert_eq!(
        (&host["messages"][0]["by"], &host["messages"][0]["state"]),
        (&json!("copy"), &json!("copied"))
    );
    assert!(host["messages"][0]["asked_by"]["token"].as_str().is_some());
    let rosa = &first["attendees"][0];
    assert_eq!((&rosa["external_id"], &rosa["link_sent"]), (&json!("p-1"), &json!(true)));
    assert_eq!(
        (&rosa["messages"][0]["occasion"], &rosa["messages"][0]["state"]),
        (&json!("link"), &json!("queued"))
    );
    assert_eq!(first["attendees"][2]["link_sent"], json!(false), "Tom did not agree");
    assert_eq!(first["former"], json!([]));

    body["attendees"].as_array_mut().unwrap().remove(1);
    book(&world, "a", &body).await;
    let second = ledger(&world).await;
    let former = &second["former"][0];
    assert_eq!(former["attendee"], first["attendees"][1]["id"]);
    assert_eq!(former["messages"][0]["state"], "withdrawn");
    assert_eq!(former["messages"][0]["reason"], "not_listed");
    assert_eq!(former["messages"][0]["detail"], "they no longer take part in the visit");

    for name in ["b", "appt_01935a5a70007000800000000000002a"] {
        let path = format!("/api/v1/appointments/{name}/messages");
        assert_eq!(world.send(get(&path).token(&world.here.token)).await.status, StatusCode::NOT_FOUND);
    }
    let theirs = get("/api/v1/appointments/a/messages").token(&world.there.token);
    assert_eq!(world.send(theirs).await.status, StatusCode::NOT_FOUND);
    let narrow = world.token_with(&world.here, &[Scope::LinksSend]).await;
    let refused = world.send(get("/api/v1/appointments/a/messages").token(&narrow)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_address_or_a_number_that_is_none_is_refused_at_its_field_and_nothing_is_kept() {
    let world = sending().await;
    let mut body = three(&world);
    body["attendees"][0]["phone"] = json!("555-CALL-ME");
    body["attendees"][0]["language"] = json!("Klingon, please");
    body["attendees"][1]["email"] = json!("luis@example.org\r\nBcc: everybody@example.org");
    body["attendees"][2]["phone"] = json!("+1555012\n3003");
    body["attendees"][2]["email"] = json!("tom@example.org, tina@example.org");
    let answer = world.send(put("/api/v1/appointments/a").token(&world.here.token).json(&body)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut fields = answer.refused_fields();
    fields.sort();
    assert_eq!(
        fields,
        [
            "attendees[0].language",
            "attendees[0].phone",
            "attendees[1].email",
            "attendees[2].email",
            "attendees[2].phone"
        ]
    );
    let nothing = world.send(get("/api/v1/appointments/a").token(&world.here.token)).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refusal_of_the_patients_own_outlasts_the_same_body_sent_again() {
    let world = sending().await;
    let body = three(&world);
    let made = book(&world, "a", &body).await;
    let clinic = world.here.clinic.id;
    let (id, rosa) = (made["id"].as_str().unwrap(), made["attendees"][0]["id"].as_str().unwrap());
    let (id, rosa) = (id.parse().unwrap(), rosa.parse().unwrap());
    let refused = ConsentChange {
        channel: domain::outreach::message::Channel::Sms,
        given: false,
        said_by: SaidBy::Patient,
        at: world.app.ambient.now(),
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.note_consent(clinic, id, rosa, &refused).await.unwrap();
    tx.set_consent(clinic, rosa, refused.channel, false).await.unwrap();
    tx.commit().await.unwrap();
    book(&world, "a", &body).await;
    let answer = hand_out(&world, &json!(rosa), "sms").await;
    assert_eq!(
        (answer.status, answer.refused_fields()),
        (StatusCode::CONFLICT, vec!["attendees[0].consent.sms".to_owned()])
    );
    assert_eq!(hand_out(&world, &json!(rosa), "email").await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn the_language_of_an_attendee_stays_until_another_is_said() {
    let world = sending().await;
    let mut body = three(&world);
    book(&world, "a", &body).await;
    let language = async || {
        let mut tx = world.store().read().await.unwrap();
        let found = tx.appointment_by_external_id(world.here.clinic.id, "a").await.unwrap().unwrap();
        found.attendees[0].language.as_ref().map(ToString::to_string)
    };
    assert_eq!(language().await.as_deref(), Some("es"));
    body["attendees"][0].as_object_mut().unwrap().remove("language");
    book(&world, "a", &body).await;
    assert_eq!(language().await.as_deref(), Some("es"));
    body["attendees"][0]["language"] = json!("en");
    book(&world, "a", &body).await;
    assert_eq!(language().await.as_deref(), Some("en"));
}
