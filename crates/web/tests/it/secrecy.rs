//! What must not stand in a log: names, addresses, links, tokens, passwords, whole paths.

use std::{cell::RefCell, io};

use axum::http::StatusCode;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::{
    pages::give_a_room,
    world::{PASSWORD, World, booking, get, post, put},
    zoom::delivery,
};

thread_local! {
    /// Everything that was logged on this thread. A test's runtime has one thread, and each test its own.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_names_a_person_or_holds_a_secret_however_much_is_logged() {
    // tower-http's own lines of the finest level hold the path; nothing of ours does. For the whole process: a
    // subscriber of one thread alone misses what another thread met first.
    let filter = EnvFilter::new("trace,tower_http=debug");
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Log).init();

    let world = World::new().await;
    let room = give_a_room(&world).await;
    let mut body = booking(&world.here);
    body["attendees"][0] = json!({
        "external_id": "canary-person", "name": "Canary Canarsson", "email": "canary@mail.example",
        "phone": "+15550100199",
    });
    let token = &world.here.token;
    let path = "/api/v1/appointments/canary-appointment";
    let made = world.send(put(path).token(token).json(&body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let link =
        |place: &serde_json::Value| place.as_str().unwrap().parse::<url::Url>().unwrap().path().to_owned();
    let join = link(&made.json()["attendees"][0]["join_link"]);
    let host = link(&made.json()["host_link"]);

    // Things that go well, and the ways in which they do not.
    world.send(get(&join)).await;
    world.send(post(&format!("{join}/opened"))).await;
    assert_eq!(world.send(post(&format!("{join}/join"))).await.status, StatusCode::SEE_OTHER);
    world.send(post(&format!("{join}/join")).header("origin", "https://evil.example")).await;
    world.send(get(&host)).await;
    world.send(get(&format!("{join}x"))).await;
    world.send(get(&format!("{join}/nothing?name=Canary"))).await;
    let cookie = world.session_of(&world.here.staff).await;
    world.send(get(&host).cookie(&cookie)).await;
    world.send(get("/zoom/callback?code=canary-code&state=canary-state").cookie(&cookie)).await;
    world.send(post("/zoom/disconnect").cookie(&cookie)).await;
    let email = world.here.scheduler.email.as_str();
    world.send(post("/sign-in").form(&[("email", email), ("password", PASSWORD)])).await;
    world
        .send(post("/sign-in").form(&[("email", "canary@mail.example"), ("password", "canary-password")]))
        .await;
    let one_time = world.sign_in_link(&world.here.staff).await;
    world.send(get(&format!("/sign-in/link/{one_time}"))).await;
    let set = post(&format!("/sign-in/link/{one_time}")).form(&[("password", "canary-password-anew")]);
    assert_eq!(world.send(set).await.status, StatusCode::SEE_OTHER);
    world.send(get("/api/v1/appointments?host=canary@mail.example&cursor=canary").token(token)).await;
    world.send(get("/api/v1/appointments").token("antr_canary")).await;
    let broken =
        put(path).token(token).header("content-type", "application/json").body("{\"name\":\"Canary\",");
    world.send(broken).await;
    let said = json!({ "event": "meeting.participant_joined_waiting_room", "event_ts": 1, "payload": {
        "account_id": room.zoom_account_id, "object": {
            "uuid": "u", "id": room.meeting_number.to_string(), "host_id": "h",
            "participant": { "user_id": "1", "user_name": "Canary Canarsson", "email": "canary@mail.example",
                             "date_time": "2026-11-23T16:00:00Z" } } } });
    world.send(delivery(&world, &said.to_string())).await;
    world.send(delivery(&world, "{").header("x-canary", "Canary")).await;
    world.app.attendance.apply_pending().await.unwrap();
    world.send(get("/api/v1/attendance?format=csv").token(token)).await;
    let guest = world.app.outreach.guest_link(world.here.clinic.id, world.here.staff.id).await.unwrap();
    let guest = guest.expose().parse::<url::Url>().unwrap().path().to_owned();
    world.send(get(&guest)).await;
    world.send(post(&format!("{guest}/join")).from([198, 51, 100, 77])).await;
    world.send(post(&format!("{join}/join")).from([198, 51, 100, 77])).await;
    let desk = world.session_of(&world.here.scheduler).await;
    world.clock.set("2026-11-23T17:05:00Z".parse().unwrap());
    let attendee = made.json()["attendees"][0]["id"].as_str().unwrap().to_owned();
    let ruling = post(&format!("/board/attendees/{attendee}/no-show")).form(&[("ruling", "accepted")]);
    world.send(ruling.cookie(&desk)).await;
    world.send(get("/board").cookie(&desk)).await;
    let admin = world.session_of(&world.here.admin).await;
    world.send(get("/feed").cookie(&admin)).await;
    world.send(post("/feed/deliveries/canary/replay").cookie(&admin)).await;

    let log = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
    assert!(log.contains("answered") && log.contains("/v/{token}/join"), "the log says what happened");
    let secret_part = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    for canary in [
        "canary".to_owned(),
        "15550100199".to_owned(),
        email.to_owned(),
        PASSWORD.to_owned(),
        secret_part(&join),
        secret_part(&host),
        secret_part(&guest),
        "198.51.100.77".to_owned(),
        one_time,
        token.strip_prefix("antr_").unwrap().to_owned(),
        cookie.split_once('=').unwrap().1.to_owned(),
        "zoom.us/j/".to_owned(),
    ] {
        let found: Vec<&str> =
            log.lines().filter(|line| line.to_lowercase().contains(&canary.to_lowercase())).collect();
        assert!(found.is_empty(), "{canary} stands in {found:#?}");
    }
}
