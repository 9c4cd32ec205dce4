//! The headers that every response carries, and the shape of errors.

use axum::http::{Method, StatusCode};

use crate::world::{Answer, World, ask, get, post, put};

const ALWAYS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self' https://zoom.us \
         https://*.zoom.us https://zoomgov.com https://*.zoomgov.com; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn check(answer: &axum::http::HeaderMap, of: &str) {
    for (name, value) in ALWAYS {
        let found: Vec<_> = answer.get_all(*name).iter().collect();
        assert_eq!(found, [value], "{name} of {of}");
    }
    assert!(answer.get("permissions-policy").is_some(), "{of}");
    assert!(answer.get("x-request-id").is_some(), "{of}");
    // The assets' own addresses are public files, which a cache may keep.
    if !of.contains(" /assets/") && !of.contains(" /favicon.ico") {
        assert_eq!(answer.get("cache-control").unwrap(), "no-store", "{of}");
    }
}

#[tokio::test]
async fn every_address_answers_with_the_security_headers_whatever_it_answers() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.scheduler).await;
    for route in web::routes::table() {
        let path = route.path.replace(['{', '}'], "");
        for ask in [
            ask(route.method.clone(), &path),
            ask(route.method.clone(), &path).cookie(&cookie),
            ask(route.method.clone(), &path).token(&world.here.token),
            ask(Method::TRACE, &path),
        ] {
            let response = world.open(ask).await;
            check(response.headers(), &format!("{} {path}: {}", route.method, response.status()));
        }
    }
    for ask in [get("/"), get("/nothing/here"), get("/api/v1/nothing"), get("/%ff"), post("/board")] {
        let response = world.open(ask).await;
        check(response.headers(), &response.status().to_string());
    }
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_tls_where_there_is_tls() {
    let plain = World::new().await.send(get("/healthz")).await;
    assert_eq!(plain.header("strict-transport-security"), "");
    let secure = World::at("https://anteroom.example").await.send(get("/healthz")).await;
    assert_eq!(secure.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
}

fn check_problem(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    for member in ["title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
}

#[tokio::test]
async fn every_error_of_the_api_has_the_one_shape() {
    let world = World::new().await;
    let token = &world.here.token;
    let link = "/api/v1/appointments/a/links";
    check_problem(&world.send(get("/api/v1/nothing")).await, StatusCode::NOT_FOUND);
    check_problem(&world.send(get("/api/v1/appointments")).await, StatusCode::UNAUTHORIZED);
    check_problem(&world.send(post("/api/v1/board").token(token)).await, StatusCode::METHOD_NOT_ALLOWED);
    check_problem(
        &world.send(put("/api/v1/appointments/a").token(token).body("{}")).await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
    );
    let broken =
        put("/api/v1/appointments/a").token(token).header("content-type", "application/json").body("{");
    check_problem(&world.send(broken).await, StatusCode::BAD_REQUEST);
    check_problem(
        &world.send(put("/api/v1/appointments/a").token(token).json(&serde_json::json!({}))).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    check_problem(
        &world.send(post(link).token(token).json(&serde_json::json!({}))).await,
        StatusCode::NOT_FOUND,
    );
    check_problem(
        &world.send(get("/api/v1/appointments?limit=1&limit=2").token(token)).await,
        StatusCode::BAD_REQUEST,
    );
}

#[tokio::test]
async fn people_get_a_page_for_their_errors_and_it_names_the_request() {
    let world = World::new().await;
    let answer = world.send(get("/nothing/here").header("accept", "text/html")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.body.contains(answer.header("x-request-id")));
}

#[tokio::test]
async fn trace_is_refused() {
    let world = World::new().await;
    let answer = world.send(ask(Method::TRACE, "/healthz")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
