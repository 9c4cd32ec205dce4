//! What is too large, too deep, too slow, or goes away in the middle.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing,
};
use serde_json::json;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::world::{World, booking, get, post, put};

const PATH: &str = "/api/v1/appointments/a";

#[tokio::test]
async fn a_body_of_one_byte_too_many_is_refused_and_one_at_the_limit_is_read() {
    let world = World::new().await;
    let mut text = booking(&world.here).to_string();
    text.push_str(&" ".repeat(web::routes::BODY_LIMIT - text.len()));
    let ask = |text: String| {
        put(PATH).token(&world.here.token).header("content-type", "application/json").body(text)
    };
    assert_eq!(world.send(ask(text.clone())).await.status, StatusCode::CREATED);
    text.push(' ');
    assert_eq!(world.send(ask(text)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn json_ten_thousand_deep_is_refused_without_harm() {
    let world = World::new().await;
    for deep in [
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
    ] {
        let ask = put(PATH).token(&world.here.token).header("content-type", "application/json").body(deep);
        assert_eq!(world.send(ask).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let world = World::new().await;
    let drip = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    });
    let ask = put(PATH)
        .token(&world.here.token)
        .header("content-type", "application/json")
        .body(Body::from_stream(drip));
    assert_eq!(world.send(ask).await.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_client_who_goes_away_does_not_undo_what_was_begun() {
    let world = World::new().await;
    let (path, body) = ("/api/v1/appointments/gone", booking(&world.here));
    let request = world.open(put(path).token(&world.here.token).json(&body));
    // Polled once, so that it is under way, and then dropped as hyper drops it when the connection closes.
    let mut request = Box::pin(request);
    let _ = futures_util::poll!(request.as_mut());
    drop(request);
    world.app.tasks.close();
    world.app.tasks.wait().await;
    let mut tx = world.store().read().await.unwrap();
    let found = tx.appointment_by_external_id(world.here.clinic.id, "gone").await.unwrap();
    assert!(found.is_some());
}

#[tokio::test]
async fn a_form_that_is_no_form_is_refused_with_a_page() {
    let world = World::new().await;
    let answer = world.send(post("/sign-in").json(&json!({}))).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.header("content-type").starts_with("text/html"));
}

async fn broken() {
    panic!("a secret that was about to be shown")
}

#[tokio::test]
async fn a_panic_ends_its_own_request_with_an_error_and_says_nothing_of_itself() {
    let world = World::new().await;
    let router =
        web::middleware::around(Router::new().route("/api/broken", routing::get(broken)), world.app.clone());
    let request = Request::builder().uri("/api/broken").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("content-security-policy"));
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["status"], 500);
    assert!(!problem.to_string().contains("secret"));
}

#[tokio::test]
async fn work_that_takes_too_long_is_no_longer_waited_for_but_is_finished() {
    let world =
        World::with("http://127.0.0.1:8080", |settings| settings.request_timeout = Duration::from_millis(20))
            .await;
    let (go_on, wait) = oneshot::channel::<()>();
    let (finished, is_finished) = oneshot::channel::<()>();
    let ends = Arc::new(Mutex::new(Some((wait, finished))));
    let slow = move || async move {
        let (wait, finished) = ends.lock().unwrap().take().unwrap();
        wait.await.unwrap();
        finished.send(()).unwrap();
    };
    let router = web::middleware::around(Router::new().route("/slow", routing::get(slow)), world.app.clone());
    let request = Request::builder().uri("/slow").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    go_on.send(()).unwrap();
    is_finished.await.unwrap();
}

#[tokio::test]
async fn a_balancer_is_told_soon_when_the_database_does_not_answer() {
    let world = World::new().await;
    assert_eq!(world.send(get("/readyz")).await.status, StatusCode::OK);
    let mut readers = Vec::new();
    // As many as read at once; nobody else can then ask anything.
    for _ in 0..4 {
        readers.push(world.store().read().await.unwrap());
    }
    tokio::time::pause();
    let asked_at = tokio::time::Instant::now();
    assert_eq!(world.send(get("/readyz")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(asked_at.elapsed() < Duration::from_secs(3));
    assert_eq!(world.send(get("/healthz")).await.status, StatusCode::OK);
    tokio::time::resume();
    drop(readers);
    assert_eq!(world.send(get("/readyz")).await.status, StatusCode::OK);
}
