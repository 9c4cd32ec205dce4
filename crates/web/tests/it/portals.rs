//! All visits of one person behind one link: the page, the site that may show it inside its own, and the same as JSON.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::{Timestamp, outreach::Settings};
use serde_json::{Value, json};
use web::guard::Scope;

use crate::{
    pages::{give_a_room, text_of},
    shapes::check,
    world::{Answer, START, World, ask, booking, get, post, put},
};

const VISITS: &str = "/api/v1/patients/p-1/visits";

fn at(hours: u64) -> Timestamp {
    START.parse::<Timestamp>().unwrap().plus(Duration::from_hours(hours))
}

/// Books a visit of Rosa's, with this changed, in so many hours.
async fn book(world: &World, name: &str, hours: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut body = booking(&world.here);
    body["starts_at"] = json!(at(hours));
    body["ends_at"] = json!(at(hours).plus(Duration::from_mins(30)));
    change(&mut body);
    let path = format!("/api/v1/appointments/{name}");
    let answer = world.send(put(&path).token(&world.here.token).json(&body)).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    answer.json()
}

async fn set(world: &World, settings: &Settings) {
    let mut tx = world.store().begin().await.unwrap();
    tx.set_outreach_settings(world.here.clinic.id, settings).await.unwrap();
    tx.commit().await.unwrap();
}

async fn visits(world: &World) -> Value {
    let answer = world.send(get(VISITS).token(&world.here.token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// The path of the person's page.
async fn path(world: &World) -> String {
    let link: url::Url = visits(world).await["portal_link"].as_str().unwrap().parse().unwrap();
    link.path().to_owned()
}

async fn page(world: &World) -> Answer {
    let answer = world.send(get(&path(world).await)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}

fn ancestors(answer: &Answer) -> &str {
    answer.header("content-security-policy").rsplit("; ").next().unwrap()
}

#[tokio::test]
async fn the_page_shows_each_coming_visit_with_its_own_way_and_join_where_it_is_time() {
    let world = World::new().await;
    give_a_room(&world).await;
    let soon = book(&world, "soon", 1, |_| {}).await;
    let later = book(&world, "later", 72, |_| {}).await;
    let answer = page(&world).await;
    let text = text_of(&answer);
    for told in ["Riverside", "Monday 23 November 2026", "11:00 AM to 11:30 AM", "osei of Riverside", "CST"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(text.contains("You can join starting Wednesday 25 November 2026 at 10:00 AM."), "{text}");
    let link = |made: &Value| made["attendees"][0]["join_link"].as_str().unwrap().to_owned();
    let [first, second] = [&soon, &later].map(|made| answer.body.find(&link(made)).expect("its link"));
    assert!(first < second);
    assert!(answer.body.get(first..second).unwrap().contains(">Join</a>"));
    assert!(!answer.body.get(second..).unwrap().contains(">Join</a>"), "not yet");
    assert!(!answer.body.contains("zoom.us"), "the way into the room is not on the page");
    assert_eq!(world.send(get(&path(&world).await)).await.body, answer.body, "looking changes nothing");
}

#[tokio::test]
async fn nothing_about_anybody_else_or_about_health_is_on_the_page() {
    let world = World::new().await;
    let made = book(&world, "group", 1, |body| {
        let attendees = body["attendees"].as_array_mut().unwrap();
        attendees.push(json!({ "external_id": "p-2", "name": "Tom Reyes", "email": "tom@example.org" }));
    })
    .await;
    let answer = page(&world).await;
    assert!(answer.body.contains(made["attendees"][0]["join_link"].as_str().unwrap()));
    for secret in
        ["Tom", "Reyes", "tom@example.org", "p-2", made["attendees"][1]["join_link"].as_str().unwrap()]
    {
        assert!(!answer.body.contains(secret), "{secret}");
        assert!(!visits(&world).await.to_string().contains(secret), "{secret}");
    }
    for word in ["Rosa", "patient", "doctor", "therapy", "treatment", "health", "diagnos"] {
        assert!(!text_of(&answer).contains(word), "{word}");
    }
}

#[tokio::test]
async fn without_a_visit_the_page_says_so_and_speaks_the_clinics_language() {
    let world = World::new().await;
    book(&world, "a", 1, |_| {}).await;
    book(&world, "a", 1, |body| body["status"] = json!("cancelled")).await;
    let text = text_of(&page(&world).await);
    assert!(text.contains("You have no upcoming visits here."), "{text}");
    let spanish = domain::text::Language::parse("es").unwrap();
    set(&world, &Settings { language: spanish, ..Settings::default() }).await;
    let answer = page(&world).await;
    assert!(text_of(&answer).contains("No tiene próximas citas aquí."));
    assert!(answer.body.contains("<html lang=\"es\""));
    let asked = world.send(get(&format!("{}?lang=en", path(&world).await))).await;
    assert!(text_of(&asked).contains("You have no upcoming visits here."));
}

#[tokio::test]
async fn only_the_site_that_the_clinic_names_may_show_the_page_and_no_other_page() {
    let world = World::new().await;
    give_a_room(&world).await;
    let made = book(&world, "a", 1, |_| {}).await;
    let alone = page(&world).await;
    assert_eq!(ancestors(&alone), "frame-ancestors 'none'");
    assert!(!alone.body.contains("_top"));
    for refused in
        ["http://portal.example", "*", "https://portal.example; script-src *", "https://p.example/x"]
    {
        let settings = Settings { portal_origin: Some(refused.to_owned()), ..Settings::default() };
        set(&world, &settings).await;
        assert_eq!(ancestors(&page(&world).await), "frame-ancestors 'none'", "{refused}");
    }
    let origin = Some("https://portal.example".to_owned());
    set(&world, &Settings { portal_origin: origin, ..Settings::default() }).await;
    let shown = page(&world).await;
    assert_eq!(ancestors(&shown), "frame-ancestors https://portal.example");
    assert_eq!(shown.header("x-frame-options"), "");
    let expected = alone.header("content-security-policy").replace("'none'", "x");
    let rest =
        shown.header("content-security-policy").replace("'none'", "x").replace("https://portal.example", "x");
    assert_eq!(rest, expected, "nothing else of the policy changes");
    let own = made["attendees"][0]["join_link"].as_str().unwrap();
    assert!(shown.body.contains(&format!("href=\"{own}\" target=\"_top\"")), "links lead out of the frame");

    let visit: url::Url = own.parse().unwrap();
    for other in [visit.path(), "/p/never-was", "/lost", "/sign-in", "/nothing"] {
        assert_eq!(ancestors(&world.send(get(other)).await), "frame-ancestors 'none'", "{other}");
    }
}

#[tokio::test]
async fn a_link_that_is_none_of_a_portals_leads_nowhere() {
    let world = World::new().await;
    let made = book(&world, "a", 1, |_| {}).await;
    let own: url::Url = made["attendees"][0]["join_link"].as_str().unwrap().parse().unwrap();
    let portal = path(&world).await;
    for wrong in ["/p/never-was".to_owned(), own.path().replace("/v/", "/p/"), portal.replace("/p/", "/v/")] {
        assert_eq!(world.send(get(&wrong)).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn a_portal_of_the_clinics_own_is_told_the_same_as_json() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    set(&world, &Settings { opens_before: 15, closes_after: 30, ..Settings::default() }).await;
    let made = book(&world, "video", 1, |_| {}).await;
    book(&world, "at the clinic".replace(' ', "-").as_str(), 2, |body| body["kind"] = json!("in_person"))
        .await;
    book(&world, "cancelled", 3, |_| {}).await;
    book(&world, "cancelled", 3, |body| body["status"] = json!("cancelled")).await;
    let told = visits(&world).await;
    check(&world, "PatientVisits", &told).await;
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!((&items[0]["id"], &items[0]["external_id"]), (&made["id"], &json!("video")));
    assert_eq!(items[0]["host"]["name"], "osei of Riverside");
    assert_eq!(
        items[0]["join"],
        json!({
            "available": false,
            "opens_at": at(1).minus(Duration::from_mins(15)),
            "closes_at": at(1).plus(Duration::from_hours(1)),
            "url": made["attendees"][0]["join_link"],
        })
    );
    assert_eq!((&items[1]["kind"], &items[1]["join"]), (&json!("in_person"), &Value::Null));

    let available = async || visits(&world).await["items"][0]["join"]["available"] == true;
    world.clock.set(at(1).minus(Duration::from_mins(15)));
    assert!(available().await);
    assert_eq!(visits(&world).await["portal_link"], told["portal_link"], "it stays the same");
    let mut tx = world.store().begin().await.unwrap();
    let connection = tx.connection_of(room.clinic_id, room.staff_id).await.unwrap().unwrap();
    let (state, now) = (domain::room::ConnectionState::Disconnected, at(1));
    tx.set_connection_state(room.clinic_id, connection.id, state, None, now).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!available().await, "there is no room");
}

#[tokio::test]
async fn whoever_is_not_known_here_is_not_found_and_a_token_needs_its_scope() {
    let world = World::new().await;
    book(&world, "a", 1, |_| {}).await;
    for (path, token) in [
        ("/api/v1/patients/p-9/visits", &world.here.token),
        ("/api/v1/patients/%20/visits", &world.here.token),
        (VISITS, &world.there.token),
    ] {
        let answer = world.send(get(path).token(token)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other = world.token_with(&world.here, &[Scope::AttendanceRead]).await;
    assert_eq!(world.send(get(VISITS).token(&other)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.send(get(VISITS)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_id_with_signs_of_its_own_is_named_percent_encoded() {
    let world = World::new().await;
    book(&world, "a", 1, |body| body["attendees"][0]["external_id"] = json!("MRN 7/é")).await;
    let answer = world.send(get("/api/v1/patients/MRN%207%2F%C3%A9/visits").token(&world.here.token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_program_renews_a_portal_link_and_the_old_one_leads_to_the_page_of_lost_links() {
    let world = World::new().await;
    book(&world, "a", 1, |_| {}).await;
    let old = path(&world).await;
    let renew = "/api/v1/patients/p-1/portal-link/renew";
    let renewed = world.send(post(renew).token(&world.here.token)).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    check(&world, "PortalLink", &renewed.json()).await;
    assert_eq!(visits(&world).await["portal_link"], renewed.json()["portal_link"]);
    assert_ne!(old, path(&world).await);
    assert_eq!(page(&world).await.status, StatusCode::OK);
    let dead = world.send(get(&old)).await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);
    assert!(dead.body.contains("href=\"/lost"), "{}", dead.body);
}

#[tokio::test]
async fn a_program_revokes_a_portal_link_until_it_renews_it() {
    let world = World::new().await;
    book(&world, "a", 1, |_| {}).await;
    let old = path(&world).await;
    let link = "/api/v1/patients/p-1/portal-link";
    for _ in 0..2 {
        let revoked = world.send(ask(Method::DELETE, link).token(&world.here.token)).await;
        assert_eq!((revoked.status, revoked.body.as_str()), (StatusCode::NO_CONTENT, ""));
    }
    assert_eq!(world.send(get(&old)).await.status, StatusCode::NOT_FOUND);
    let told = visits(&world).await;
    check(&world, "PatientVisits", &told).await;
    assert_eq!(told["portal_link"], Value::Null);
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "the visits are told all the same");
    world.send(post(&format!("{link}/renew")).token(&world.here.token)).await;
    assert_eq!(page(&world).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_else_renews_or_revokes_a_portal_link() {
    let world = World::new().await;
    book(&world, "a", 1, |_| {}).await;
    let before = path(&world).await;
    let reader = world.token_with(&world.here, &[Scope::AppointmentsRead]).await;
    for (method, link) in [
        (Method::POST, "/api/v1/patients/p-1/portal-link/renew"),
        (Method::DELETE, "/api/v1/patients/p-1/portal-link"),
    ] {
        let status = async |token: &str| world.send(ask(method.clone(), link).token(token)).await.status;
        assert_eq!(status(&world.there.token).await, StatusCode::NOT_FOUND, "{method} at another clinic");
        assert_eq!(status(&reader).await, StatusCode::FORBIDDEN, "{method}");
        let unknown = link.replace("p-1", "p-9");
        let answer = world.send(ask(method.clone(), &unknown).token(&world.here.token)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}");
    }
    assert_eq!(path(&world).await, before);
}
