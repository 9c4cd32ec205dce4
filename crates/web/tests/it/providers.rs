//! What the provider of text messages tells us, and what others try to tell in its name.

use axum::http::StatusCode;
use domain::{
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    text::Phone,
};
use outreach::SmsSettings;
use serde_json::Value;
use store::ports::messages::NewMessage;

use crate::world::{Ask, World, post};

const PUBLIC: &str = "https://anteroom.example";
const PATIENT: &str = "+15550123000";

fn settings() -> SmsSettings {
    SmsSettings {
        // Nothing listens there, and nothing is sent.
        url: "http://127.0.0.1:1".parse().unwrap(),
        account: "AC0123".to_owned(),
        token: "t0ken".into(),
        from: Phone::parse("+15550100999").unwrap(),
    }
}

async fn with_texts() -> World {
    World::of_parts(PUBLIC, |parts| {
        parts.outreach = parts.outreach.clone().sending_by(None, Some(settings()));
    })
    .await
}

fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
    form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn unsigned(path: &str, form: &[(&str, &str)]) -> Ask {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    post(path).header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn signed(path: &str, form: &[(&str, &str)]) -> Ask {
    let signature = settings().signature(&format!("{PUBLIC}{path}"), &owned(form));
    unsigned(path, form).header("x-twilio-signature", &signature)
}

fn answer(body: &'static str) -> [(&'static str, &'static str); 3] {
    [("From", PATIENT), ("Body", body), ("MessageSid", "SM1")]
}

async fn has_opted_out(world: &World) -> bool {
    let mut tx = world.store().read().await.unwrap();
    !tx.opted_out(Channel::Sms, &[PATIENT.to_owned()]).await.unwrap().is_empty()
}

#[tokio::test]
async fn stop_is_heard_and_start_too() {
    let world = with_texts().await;
    let said = world.send(signed("/sms/inbound", &answer("Stop"))).await;
    assert_eq!((said.status, said.header("content-type")), (StatusCode::OK, "text/xml; charset=utf-8"));
    assert!(said.body.ends_with("<Response/>"), "{}", said.body);
    assert!(has_opted_out(&world).await);
    world.send(signed("/sms/inbound", &answer("thanks"))).await;
    assert!(has_opted_out(&world).await);
    world.send(signed("/sms/inbound", &answer("START"))).await;
    assert!(!has_opted_out(&world).await);
}

#[tokio::test]
async fn what_is_not_signed_changes_nothing() {
    let world = with_texts().await;
    let form = answer("STOP");
    let other = SmsSettings { token: "another".into(), ..settings() };
    let forged = other.signature(&format!("{PUBLIC}/sms/inbound"), &owned(&form));
    let elsewhere = settings().signature("https://evil.example/sms/inbound", &owned(&form));
    for ask in [
        unsigned("/sms/inbound", &form),
        unsigned("/sms/inbound", &form).header("x-twilio-signature", &forged),
        // The host that the request names does not count.
        unsigned("/sms/inbound", &form)
            .header("x-twilio-signature", &elsewhere)
            .header("host", "evil.example"),
        signed("/sms/inbound", &form).body("From=%2B15550123001&Body=STOP&MessageSid=SM1".to_owned()),
        unsigned("/sms/status/x/y", &form).header("x-twilio-signature", ""),
        signed("/sms/inbound", &form).body("x".repeat(17 * 1024)),
    ] {
        let refused = world.send(ask).await;
        assert_eq!((refused.status, refused.body.as_str()), (StatusCode::FORBIDDEN, ""));
    }
    assert!(!has_opted_out(&world).await);
}

#[tokio::test]
async fn without_text_messages_nobody_is_let_in() {
    let world = World::at(PUBLIC).await;
    assert_eq!(world.send(signed("/sms/inbound", &answer("STOP"))).await.status, StatusCode::FORBIDDEN);
    assert!(!has_opted_out(&world).await);
}

#[tokio::test]
async fn another_sites_name_does_not_keep_the_provider_out() {
    let world = with_texts().await;
    let ask = signed("/sms/inbound", &answer("STOP")).header("origin", "https://api.twilio.com");
    assert_eq!(world.send(ask.header("sec-fetch-site", "cross-site")).await.status, StatusCode::OK);
}

/// A text message that was sent to the attendee of a booked appointment.
async fn sent(world: &World, booked: &Value) -> Message {
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let now = world.app.ambient.now();
    let message = Message {
        id: world.app.ambient.id(),
        clinic_id: world.here.clinic.id,
        to: Recipient::Attendee(
            id(&booked["id"]).parse().unwrap(),
            id(&booked["attendees"][0]["id"]).parse().unwrap(),
        ),
        channel: Channel::Sms,
        occasion: Occasion::Link,
        state: MessageState::Sent,
        reason: None,
        asked_by: None,
        queued_at: now,
        due_at: now,
        tries: 1,
        sent_at: Some(now),
        changed_at: now,
    };
    let new = NewMessage { message: message.clone(), content_sealed: None, once: None };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_message(&new).await.unwrap();
    tx.commit().await.unwrap();
    message
}

#[tokio::test]
async fn what_became_of_a_message_is_written_down() {
    let world = with_texts().await;
    let booked = world.book(&world.here, "A-1").await;
    let state = async |message: &Message| {
        let mut tx = world.store().read().await.unwrap();
        let now = tx.message(message.clinic_id, message.id).await.unwrap().unwrap();
        (now.state, now.reason)
    };
    let (one, two) = (sent(&world, &booked).await, sent(&world, &booked).await);
    let path = |message: &Message| format!("/sms/status/{}/{}", message.clinic_id, message.id);
    for (status, is) in [("sending", MessageState::Sent), ("delivered", MessageState::Delivered)] {
        let told = world.send(signed(&path(&one), &[("MessageStatus", status)])).await;
        assert_eq!(told.status, StatusCode::NO_CONTENT);
        assert_eq!(state(&one).await, (is, None));
    }
    let form = [("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
    world.send(signed(&path(&two), &form)).await;
    assert_eq!(state(&two).await, (MessageState::Failed, Some("sms_30003".to_owned())));

    let nonsense = signed("/sms/status/x/y", &form);
    assert_eq!(world.send(nonsense).await.status, StatusCode::NOT_FOUND);
}
