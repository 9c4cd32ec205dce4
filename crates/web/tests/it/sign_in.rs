//! Signing in and out, and how long a session lives.

use std::time::Duration;

use axum::http::StatusCode;
use domain::staff::Role;

use crate::world::{Answer, Ask, PASSWORD, World, get, post};

const SECOND: Duration = Duration::from_secs(1);

fn attempt(email: &str, password: &str) -> Ask {
    post("/sign-in").form(&[("email", email), ("password", password)])
}

async fn signed_in(world: &World) -> Answer {
    let answer = world.send(attempt(world.here.scheduler.email.as_str(), PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer
}

/// Whether the cookie opens the board's data.
async fn works(world: &World, cookie: &str) -> bool {
    let answer = world.send(get("/api/v1/board").cookie(cookie)).await;
    answer.status != StatusCode::UNAUTHORIZED
}

#[tokio::test]
async fn the_right_password_begins_a_session_and_only_its_hash_is_kept() {
    let world = World::new().await;
    let answer = signed_in(&world).await;
    assert_eq!(answer.header("location"), "/");
    let cookie = answer.session_cookie().unwrap();
    let (name, token) = cookie.split_once('=').unwrap();
    assert_eq!((name, token.len()), ("anteroom", 43));
    let stored = world.stored(&cookie).await.unwrap();
    assert_eq!(stored.staff_id, world.here.scheduler.id);
    assert_ne!(stored.token_hash.as_slice(), vault::Token::parse(token).unwrap().text().expose().as_bytes());
    assert!(works(&world, &cookie).await);
}

#[tokio::test]
async fn the_address_may_be_typed_in_any_case() {
    let world = World::new().await;
    let typed = world.here.scheduler.email.as_str().to_uppercase();
    assert_eq!(world.send(attempt(&typed, PASSWORD)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_other_sites_and_other_hosts() {
    let world = World::at("https://anteroom.example").await;
    let answer = signed_in(&world).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let cookie = cookies[0].to_str().unwrap();
    assert!(cookie.starts_with("__Host-anteroom="), "{cookie}");
    for attribute in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "{cookie}"
    );
}

#[tokio::test]
async fn whoever_tries_cannot_tell_a_wrong_password_from_an_unknown_or_disabled_account() {
    let world = World::new().await;
    world.update(&world.here.admin, &[Role::Admin], Some(world.app.ambient.now())).await;
    let mut answers = Vec::new();
    for (email, password) in [
        (world.here.scheduler.email.as_str(), "not the password at all"),
        ("nobody@riverside.example", PASSWORD),
        (world.here.admin.email.as_str(), PASSWORD),
        ("no address", PASSWORD),
    ] {
        let answer = world.send(attempt(email, password)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.session_cookie().is_none());
        answers.push(answer.body.replace(email, "…"));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn signing_in_gives_a_new_token_and_ends_what_the_browser_held_before() {
    let world = World::new().await;
    let planted = world.session_of(&world.there.scheduler).await;
    let ask = attempt(world.here.scheduler.email.as_str(), PASSWORD).cookie(&planted);
    let cookie = world.send(ask).await.session_cookie().unwrap();
    assert_ne!(cookie, planted);
    assert!(!works(&world, &planted).await);
    assert!(works(&world, &cookie).await);
}

#[tokio::test]
async fn a_token_that_the_browser_made_up_is_not_taken_over() {
    let world = World::new().await;
    let made_up = format!("anteroom={}", "A".repeat(43));
    let ask = attempt(world.here.scheduler.email.as_str(), PASSWORD).cookie(&made_up);
    assert_ne!(world.send(ask).await.session_cookie().unwrap(), made_up);
    assert!(!works(&world, &made_up).await);
}

#[tokio::test]
async fn a_session_ends_after_thirty_idle_minutes_and_an_admins_after_fifteen() {
    let world = World::new().await;
    for (member, minutes, path) in
        [(&world.here.scheduler, 30, "/api/v1/board"), (&world.here.admin, 15, "/api/v1/attendance")]
    {
        let cookie = world.session_of(member).await;
        let look = || get(path).cookie(&cookie).header("sec-fetch-mode", "cors");
        world.clock.advance(Duration::from_secs(minutes * 60 - 1));
        assert_ne!(world.send(look()).await.status, StatusCode::UNAUTHORIZED);
        world.clock.advance(SECOND);
        assert_eq!(world.send(look()).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_busy_its_owner_is() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.staff).await;
    let visit = || get("/zoom/callback").cookie(&cookie).header("sec-fetch-mode", "navigate");
    for _ in 0..12 * 4 {
        assert_eq!(
            world.send(visit()).await.status,
            StatusCode::BAD_REQUEST,
            "signed in, and without an answer"
        );
        world.clock.advance(Duration::from_mins(15));
    }
    assert_eq!(world.send(visit()).await.status, StatusCode::SEE_OTHER, "to sign in");
}

#[tokio::test]
async fn what_a_page_does_on_its_own_keeps_no_session_alive() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.scheduler).await;
    let begun = world.stored(&cookie).await.unwrap().seen_at;
    world.clock.advance(Duration::from_mins(10));
    world.send(get("/api/v1/board").cookie(&cookie)).await;
    world.send(get("/api/v1/board").cookie(&cookie).header("sec-fetch-mode", "cors")).await;
    drop(world.open(get("/api/v1/board/stream").cookie(&cookie)).await);
    assert_eq!(world.stored(&cookie).await.unwrap().seen_at, begun);
    let path = "/api/v1/presences/pres_01935a5a70007000800000000000002a/match";
    world.send(post(path).cookie(&cookie).json(&serde_json::json!({ "attendee": null }))).await;
    assert_eq!(world.stored(&cookie).await.unwrap().seen_at, world.app.ambient.now());
}

#[tokio::test]
async fn an_owners_doings_are_written_down_once_a_minute_at_most() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.staff).await;
    let visit = || get("/zoom/callback").cookie(&cookie);
    let begun = world.stored(&cookie).await.unwrap().seen_at;
    world.clock.advance(Duration::from_secs(59));
    world.send(visit()).await;
    assert_eq!(world.stored(&cookie).await.unwrap().seen_at, begun);
    world.clock.advance(SECOND);
    world.send(visit()).await;
    assert_eq!(world.stored(&cookie).await.unwrap().seen_at, world.app.ambient.now());
}

#[tokio::test]
async fn signing_out_ends_the_session_and_leaves_nothing_behind() {
    let world = World::new().await;
    let cookie = signed_in(&world).await.session_cookie().unwrap();
    let other = signed_in(&world).await.session_cookie().unwrap();
    let answer = world.send(post("/sign-out").cookie(&cookie)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert!(world.stored(&cookie).await.is_none());
    assert!(!works(&world, &cookie).await);
    assert!(works(&world, &other).await, "another browser of the same person goes on");
}

#[tokio::test]
async fn whoever_is_disabled_is_out_at_once() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.scheduler).await;
    assert!(works(&world, &cookie).await);
    world.update(&world.here.scheduler, &[Role::Scheduler], Some(world.app.ambient.now())).await;
    assert!(!works(&world, &cookie).await);
}

#[tokio::test]
async fn after_signing_in_people_go_where_they_wanted_to_and_never_to_another_site() {
    let world = World::new().await;
    for (next, leads_to) in [
        ("/board?date=2026-11-23", "/board?date=2026-11-23"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
    ] {
        let fields = [("email", world.here.scheduler.email.as_str()), ("password", PASSWORD), ("next", next)];
        let answer = world.send(post("/sign-in").form(&fields)).await;
        assert_eq!(answer.header("location"), leads_to, "{next}");
    }
}

#[tokio::test]
async fn the_way_back_from_the_consent_page_never_ends_up_in_a_query() {
    let world = World::new().await;
    let answer = world.send(get("/zoom/callback?code=secret&state=secret")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    let answer = world.send(get("/zoom/connect")).await;
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fzoom%2Fconnect");
}

#[tokio::test]
async fn a_hosts_link_is_remembered_in_a_cookie_and_never_in_a_query() {
    let world = World::new().await;
    let path = format!("/h/{}", "A".repeat(43));
    let response = web::session::sign_in_first(&world.app, &path.parse().unwrap());
    assert_eq!(response.headers()["location"], "/sign-in");
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/sign-in"), "{cookie}");
    let remembered = crate::world::cookie_pair(&cookie);
    let ask = attempt(world.here.staff.email.as_str(), PASSWORD).cookie(&remembered);
    assert_eq!(world.send(ask).await.header("location"), path);
}

#[tokio::test]
async fn guessing_is_stopped_for_the_account_for_a_quarter_of_an_hour_even_with_the_right_password() {
    let world = World::new().await;
    let email = world.here.scheduler.email.as_str();
    for _ in 0..10 {
        assert_eq!(world.send(attempt(email, "guess")).await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = world.send(attempt(email, PASSWORD)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "900"));
    assert!(answer.session_cookie().is_none());
    let other = world.here.staff.email.as_str();
    assert_eq!(world.send(attempt(other, PASSWORD)).await.status, StatusCode::SEE_OTHER);
    world.clock.advance(Duration::from_mins(15));
    assert_eq!(world.send(attempt(email, PASSWORD)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_counted_like_one_that_does() {
    let world = World::new().await;
    for _ in 0..10 {
        world.send(attempt("nobody@riverside.example", "guess")).await;
    }
    let answer = world.send(attempt("nobody@riverside.example", "guess")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_sign_in_link_changes_nothing_when_it_is_opened_and_works_once_when_it_is_used() {
    let world = World::new().await;
    let token = world.sign_in_link(&world.here.staff).await;
    let path = format!("/sign-in/link/{token}");
    for _ in 0..3 {
        let answer = world.send(get(&path)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.session_cookie().is_none());
    }
    let before = world.session_of(&world.here.staff).await;
    let fields = [("password", "seven herons by the weir")];
    let answer = world.send(post(&path).form(&fields)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(world.stored(&answer.session_cookie().unwrap()).await.unwrap().staff_id, world.here.staff.id);
    assert!(world.stored(&before).await.is_none(), "whoever had the old password is out");

    assert_eq!(world.send(post(&path).form(&fields)).await.status, StatusCode::GONE);
    assert_eq!(world.send(get(&path)).await.status, StatusCode::GONE);
    let email = world.here.staff.email.as_str();
    assert_eq!(world.send(attempt(email, PASSWORD)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.send(attempt(email, "seven herons by the weir")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_weak_password_is_refused_with_the_reason_and_the_link_goes_on_working() {
    let world = World::new().await;
    let token = world.sign_in_link(&world.here.staff).await;
    let path = format!("/sign-in/link/{token}");
    for weak in ["short", "password2026!", world.here.staff.email.as_str()] {
        let answer = world.send(post(&path).form(&[("password", weak)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        assert!(answer.body.contains("role=\"alert\""));
    }
    let answer = world.send(post(&path).form(&[("password", "seven herons by the weir")])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_sign_in_link_dies_with_its_hour_and_with_its_owners_account() {
    let world = World::new().await;
    let late = world.sign_in_link(&world.here.staff).await;
    let disabled = world.sign_in_link(&world.here.scheduler).await;
    world.update(&world.here.scheduler, &[Role::Scheduler], Some(world.app.ambient.now())).await;
    world.clock.advance(Duration::from_hours(1));
    let unknown = "A".repeat(43);
    let mut bodies = Vec::new();
    for token in [&late, &disabled, &unknown, "x"] {
        let answer = world.send(get(&format!("/sign-in/link/{token}"))).await;
        assert_eq!(answer.status, StatusCode::GONE);
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "nobody learns which it was");
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_only_one_gets_in() {
    let world = World::new().await;
    let path = format!("/sign-in/link/{}", world.sign_in_link(&world.here.staff).await);
    let fields = [("password", "seven herons by the weir")];
    let (first, second) =
        tokio::join!(world.send(post(&path).form(&fields)), world.send(post(&path).form(&fields)));
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::GONE]);
}

#[tokio::test]
async fn one_address_that_tries_many_accounts_is_stopped_while_others_sign_in() {
    let world = World::new().await;
    let guesser = [198, 51, 100, 7];
    for n in 0..50 {
        let ask = attempt(&format!("{n}@riverside.example"), "guess").from(guesser);
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let email = world.here.scheduler.email.as_str();
    let ask = attempt(email, PASSWORD).from(guesser).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(world.send(ask).await.status, StatusCode::TOO_MANY_REQUESTS, "the header is not believed");
    assert_eq!(
        world.send(attempt(email, PASSWORD).from([198, 51, 100, 8])).await.status,
        StatusCode::SEE_OTHER
    );
}
