//! Zoom's addresses.

use axum::http::StatusCode;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::world::{Ask, SECRET, World, get, post};

pub fn delivery(world: &World, body: &str) -> Ask {
    let timestamp = world.app.ambient.now().as_seconds();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let signature = format!("v0={}", hex::encode(mac.finalize().into_bytes()));
    post("/zoom/webhook")
        .header("x-zm-request-timestamp", &timestamp.to_string())
        .header("x-zm-signature", &signature)
        .header("content-type", "application/json")
        .body(body.to_owned())
}

#[tokio::test]
async fn a_signed_delivery_is_in_the_inbox_when_zoom_hears_that_it_arrived() {
    let world = World::new().await;
    let answer = world.send(delivery(&world, r#"{"event":"meeting.started","event_ts":1}"#)).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(world.store().read().await.unwrap().inbox_backlog().await.unwrap(), 1);
}

#[tokio::test]
async fn another_site_header_does_not_keep_zoom_out() {
    let world = World::new().await;
    let ask = delivery(&world, "{}").header("origin", "https://zoom.us");
    assert_eq!(world.send(ask).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_signed_is_refused_and_not_kept() {
    let world = World::new().await;
    let unsigned = post("/zoom/webhook").body(r#"{"event":"meeting.started"}"#);
    assert_eq!(world.send(unsigned).await.status, StatusCode::UNAUTHORIZED);
    let forged = delivery(&world, "{}").body(r#"{"event":"meeting.started"}"#);
    assert_eq!(world.send(forged).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.store().read().await.unwrap().inbox_backlog().await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_signed_and_not_json_is_told_so() {
    let world = World::new().await;
    assert_eq!(world.send(delivery(&world, "not json")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_endpoint_check_is_answered_with_its_digest() {
    let world = World::new().await;
    let body =
        json!({ "event": "endpoint.url_validation", "payload": { "plainToken": "qgg8vlvZRS6UYooatFL8Aw" } });
    let answer = world.send(delivery(&world, &body.to_string())).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(b"qgg8vlvZRS6UYooatFL8Aw");
    assert_eq!(answer.json()["encryptedToken"], hex::encode(mac.finalize().into_bytes()));
}

#[tokio::test]
async fn a_delivery_may_be_larger_than_other_requests_up_to_a_mebibyte() {
    let world = World::new().await;
    let body = |bytes: usize| format!("{{\"event\":\"{}\"}}", "x".repeat(bytes - 12));
    assert_eq!(world.send(delivery(&world, &body(1024 * 1024))).await.status, StatusCode::OK);
    assert_eq!(
        world.send(delivery(&world, &body(1024 * 1024 + 1))).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn when_nothing_can_be_stored_zoom_is_told_to_send_again() {
    let world = World::new().await;
    world.app.receiver.shutdown().await;
    let answer = world.send(delivery(&world, r#"{"event":"meeting.started"}"#)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
}

#[tokio::test]
async fn connecting_leads_to_the_consent_page_with_our_own_address_whatever_host_is_claimed() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.staff).await;
    let ask = get("/zoom/connect").cookie(&cookie).header("x-forwarded-host", "evil.example");
    let answer = world.send(ask).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location: url::Url = answer.header("location").parse().unwrap();
    let parameter = |name: &str| {
        location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    assert_eq!(location.path(), "/oauth/authorize");
    assert_eq!(parameter("redirect_uri"), "http://127.0.0.1:8080/zoom/callback");
    assert_eq!(parameter("code_challenge_method"), "S256");
    assert_eq!(parameter("state").len(), 43);
}

#[tokio::test]
async fn an_answer_of_zooms_that_nobody_here_asked_for_is_refused_in_words() {
    let world = World::new().await;
    let mine = world.session_of(&world.here.staff).await;
    let begun = world.send(get("/zoom/connect").cookie(&mine)).await;
    let location: url::Url = begun.header("location").parse().unwrap();
    let state =
        location.query_pairs().find(|(key, _)| key == "state").map(|(_, value)| value.into_owned()).unwrap();
    let other_browser = world.session_of(&world.here.staff).await;
    for (cookie, path) in [
        (&other_browser, format!("/zoom/callback?code=x&state={state}")),
        (&mine, format!("/zoom/callback?code=x&state={}", "A".repeat(43))),
        (&mine, "/zoom/callback?code=x".to_owned()),
        (&mine, "/zoom/callback".to_owned()),
    ] {
        let answer = world.send(get(&path).cookie(cookie)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.body.contains("Zoom is not connected"), "{}", answer.body);
    }
    let denied =
        world.send(get(&format!("/zoom/callback?error=access_denied&state={state}")).cookie(&mine)).await;
    assert_eq!(denied.status, StatusCode::OK);
    assert!(denied.body.contains("consent was not given"));
    let again = world.send(get(&format!("/zoom/callback?code=x&state={state}")).cookie(&mine)).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "an attempt is answered once");
}

#[tokio::test]
async fn disconnecting_what_is_not_connected_says_so() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.staff).await;
    let answer = world.send(post("/zoom/disconnect").cookie(&cookie)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("nothing to disconnect"));
}
