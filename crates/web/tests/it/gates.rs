//! Who may call what: the table that the router is built from, held against a second one written by hand, and then
//! tried with everybody at every address.

use axum::http::{Method, StatusCode};
use web::guard::Scope::{self, AppointmentsRead, AppointmentsWrite, AttendanceRead, LinksSend};

use crate::world::{Ask, World, ask, get};

/// Who may call an address, by this test's own words.
#[derive(Clone, Copy, Debug, PartialEq)]
enum May {
    /// Nobody is asked who they are.
    Anyone,
    /// These people by their session, and programs with this scope.
    These(&'static [&'static str], Option<Scope>),
}

use May::{Anyone, These};

const EVERY_ADDRESS: &[(&str, &str, May)] = &[
    ("GET", "/healthz", Anyone),
    ("GET", "/readyz", Anyone),
    ("GET", "/sign-in", Anyone),
    ("POST", "/sign-in", Anyone),
    ("GET", "/sign-in/link/{token}", Anyone),
    ("POST", "/sign-in/link/{token}", Anyone),
    ("POST", "/sign-out", Anyone),
    ("POST", "/zoom/webhook", Anyone),
    ("GET", "/zoom/connect", These(&["staff"], None)),
    ("GET", "/zoom/callback", These(&["staff"], None)),
    ("POST", "/zoom/disconnect", These(&["staff"], None)),
    // The provider of text messages: the handler looks at its signature.
    ("POST", "/sms/inbound", Anyone),
    ("POST", "/sms/status/{clinic}/{message}", Anyone),
    ("PUT", "/api/v1/appointments/{appointment}", These(&[], Some(AppointmentsWrite))),
    ("GET", "/api/v1/appointments/{appointment}", These(&[], Some(AppointmentsRead))),
    ("GET", "/api/v1/appointments", These(&[], Some(AppointmentsRead))),
    ("POST", "/api/v1/appointments/{appointment}/links", These(&[], Some(LinksSend))),
    ("GET", "/api/v1/appointments/{appointment}/messages", These(&[], Some(AppointmentsRead))),
    ("GET", "/api/v1/patients/{external_id}/visits", These(&[], Some(AppointmentsRead))),
    ("POST", "/api/v1/patients/{external_id}/portal-link/renew", These(&[], Some(LinksSend))),
    ("DELETE", "/api/v1/patients/{external_id}/portal-link", These(&[], Some(LinksSend))),
    ("GET", "/api/v1/board", These(&["scheduler"], Some(AttendanceRead))),
    ("GET", "/api/v1/board/stream", These(&["scheduler"], Some(AttendanceRead))),
    ("POST", "/api/v1/presences/{presence}/match", These(&["scheduler"], Some(AppointmentsWrite))),
    ("POST", "/api/v1/attendees/{attendee}/no-show", These(&["scheduler"], Some(AppointmentsWrite))),
    (
        "GET",
        "/api/v1/appointments/{appointment}/attendance",
        These(&["admin", "scheduler"], Some(AttendanceRead)),
    ),
    ("GET", "/api/v1/attendance", These(&["admin"], Some(AttendanceRead))),
    ("GET", "/api/v1/feed", These(&["admin"], Some(AttendanceRead))),
    ("GET", "/api/openapi.json", Anyone),
    ("GET", "/api/docs", Anyone),
    ("GET", "/", Anyone),
    ("GET", "/assets/{name}", Anyone),
    ("GET", "/favicon.ico", Anyone),
    ("GET", "/board", These(&["scheduler"], None)),
    ("GET", "/board/watch", These(&["scheduler"], None)),
    ("GET", "/board/rows", These(&["scheduler"], None)),
    ("GET", "/board/stream", These(&["scheduler"], None)),
    ("POST", "/board/presences/{presence}/match", These(&["scheduler"], None)),
    ("POST", "/board/attendees/{attendee}/no-show", These(&["scheduler"], None)),
    ("POST", "/board/attendees/{attendee}/mark", These(&["scheduler", "staff"], None)),
    ("GET", "/appointments/new", These(&["scheduler"], None)),
    ("POST", "/appointments", These(&["scheduler"], None)),
    // Its host, and nobody else of the staff: the handler looks at whose it is.
    ("GET", "/appointments/{id}", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/appointments/{id}", These(&["scheduler"], None)),
    ("POST", "/appointments/{id}/cancel", These(&["scheduler"], None)),
    ("POST", "/appointments/{id}/restore", These(&["scheduler"], None)),
    // Of the staff the host alone, for their own: the handlers look at whose it is.
    ("GET", "/appointments/{id}/links", These(&["admin", "scheduler", "staff"], None)),
    ("GET", "/appointments/{id}/menu", These(&["admin", "scheduler", "staff"], None)),
    ("GET", "/appointments/{id}/send", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/appointments/{id}/send", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/appointments/{id}/copied", These(&["admin", "scheduler", "staff"], None)),
    ("GET", "/appointments/{id}/links/renew", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/appointments/{id}/links/renew", These(&["admin", "scheduler", "staff"], None)),
    // It leads to visits of other hosts too: the desk's alone.
    ("GET", "/appointments/{id}/portal", These(&["admin", "scheduler"], None)),
    ("POST", "/appointments/{id}/portal/renew", These(&["admin", "scheduler"], None)),
    ("POST", "/appointments/{id}/portal/revoke", These(&["admin", "scheduler"], None)),
    ("POST", "/appointments/{id}/host", These(&["admin", "scheduler"], None)),
    ("POST", "/appointments/{id}/notice", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/messages/{message}/resend", These(&["admin", "scheduler", "staff"], None)),
    ("GET", "/board/hosts/{staff}/tell", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/board/hosts/{staff}/late", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/board/hosts/{staff}/notice", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/notices/{notice}/end", These(&["admin", "scheduler", "staff"], None)),
    ("GET", "/room", These(&["staff"], None)),
    ("GET", "/room/watch", These(&["staff"], None)),
    ("GET", "/room/rows", These(&["staff"], None)),
    ("POST", "/room/try-again", These(&["staff"], None)),
    ("POST", "/room/join", These(&["staff"], None)),
    ("POST", "/room/message", These(&["staff"], None)),
    ("POST", "/room/message/clear", These(&["staff"], None)),
    ("GET", "/room/end", These(&["staff"], None)),
    ("POST", "/room/end", These(&["staff"], None)),
    ("POST", "/room/cover", These(&["staff"], None)),
    ("POST", "/room/cover/end", These(&["staff"], None)),
    ("GET", "/room/adopt", These(&["staff"], None)),
    ("POST", "/room/adopt", These(&["staff"], None)),
    ("POST", "/room/adopt/back", These(&["staff"], None)),
    ("GET", "/room/told", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/room/told", These(&["admin", "scheduler", "staff"], None)),
    ("POST", "/room/kind", These(&["admin", "staff"], None)),
    ("POST", "/room/phone", These(&["staff"], None)),
    ("POST", "/room/other", These(&["staff"], None)),
    ("POST", "/room/other/try", These(&["staff"], None)),
    ("GET", "/outreach/rules", These(&["admin"], None)),
    ("POST", "/outreach/rules", These(&["admin"], None)),
    ("POST", "/appointments/{id}/telehealth", These(&["scheduler"], None)),
    ("GET", "/attendance", These(&["admin"], None)),
    ("GET", "/attendance.csv", These(&["admin"], None)),
    ("GET", "/feed", These(&["admin"], None)),
    ("POST", "/feed/deliveries/{delivery}/replay", These(&["admin"], None)),
    ("GET", "/connections", These(&["admin"], None)),
    ("GET", "/connections/watch", These(&["admin"], None)),
    ("GET", "/connections/rows", These(&["admin"], None)),
    ("POST", "/connections/settings", These(&["admin"], None)),
    ("GET", "/connections/{staff}", These(&["admin"], None)),
    ("POST", "/connections/{staff}/repair", These(&["admin"], None)),
    ("POST", "/connections/{staff}/remind", These(&["admin"], None)),
    ("GET", "/readiness", These(&["admin", "scheduler"], None)),
    ("GET", "/readiness/watch", These(&["admin", "scheduler"], None)),
    ("GET", "/readiness/rows", These(&["admin", "scheduler"], None)),
    ("POST", "/readiness", These(&["admin", "scheduler"], None)),
    ("GET", "/outreach", These(&["admin"], None)),
    ("POST", "/outreach", These(&["admin"], None)),
    ("GET", "/outreach/wordings", These(&["admin"], None)),
    ("POST", "/outreach/wordings", These(&["admin"], None)),
    ("GET", "/p/{token}", Anyone),
    ("GET", "/lost", Anyone),
    ("POST", "/lost", Anyone),
    ("GET", "/v/{token}", Anyone),
    ("GET", "/v/{token}/now", Anyone),
    ("GET", "/v/{token}/calendar.ics", Anyone),
    ("POST", "/v/{token}/stop", Anyone),
    ("POST", "/v/{token}/opened", Anyone),
    ("POST", "/v/{token}/join", Anyone),
    ("GET", "/g/{token}", Anyone),
    ("POST", "/g/{token}/join", Anyone),
    ("GET", "/h/{token}", Anyone),
];

#[test]
fn the_table_of_addresses_is_the_one_that_was_agreed() {
    let mut there: Vec<String> =
        web::routes::table().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let mut agreed: Vec<String> =
        EVERY_ADDRESS.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    there.sort();
    agreed.sort();
    assert_eq!(there, agreed);
}

/// The address with something in its place holders that fits the form but names nothing.
fn filled(path: &str) -> String {
    path.replace("{token}", &"A".repeat(43))
        .replace("{appointment}", "appt_01935a5a70007000800000000000002a")
        .replace("{id}", "appt_01935a5a70007000800000000000002a")
        .replace("{presence}", "pres_01935a5a70007000800000000000002a")
        .replace("{attendee}", "att_01935a5a70007000800000000000002a")
        .replace("{delivery}", "inb_01935a5a70007000800000000000002a")
        .replace("{message}", "msg_01935a5a70007000800000000000002a")
        .replace("{staff}", "staff_01935a5a70007000800000000000002a")
        .replace("{notice}", "ntc_01935a5a70007000800000000000002a")
        .replace("{name}", "nothing.css")
}

fn request(method: &str, path: &str) -> Ask {
    ask(Method::from_bytes(method.as_bytes()).unwrap(), &filled(path)).header("accept", "text/html")
}

/// Whether the answer is the gate's: turned away, or sent to sign in.
fn is_turned_away(status: StatusCode, location: &str) -> bool {
    status == StatusCode::UNAUTHORIZED
        || status == StatusCode::FORBIDDEN
        || (status == StatusCode::SEE_OTHER && location.starts_with("/sign-in"))
}

/// Tries the address; answers without an end are not read.
async fn tried(world: &World, ask: Ask) -> (StatusCode, String) {
    let response = world.open(ask).await;
    let location = response.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
    (response.status(), location)
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_sign_in_or_refused() {
    let world = World::new().await;
    for &(method, path, may) in EVERY_ADDRESS {
        let These(_, program) = may else { continue };
        let (status, location) = tried(&world, request(method, path)).await;
        if program.is_none() && method == "GET" {
            assert_eq!(status, StatusCode::SEE_OTHER, "{method} {path}");
            assert!(location.starts_with("/sign-in"), "{method} {path}");
        } else {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_role_is_let_in_where_it_was_agreed_and_nowhere_else() {
    let world = World::new().await;
    let here = &world.here;
    for (role, member) in [("admin", &here.admin), ("scheduler", &here.scheduler), ("staff", &here.staff)] {
        let cookie = world.session_of(member).await;
        for &(method, path, may) in EVERY_ADDRESS {
            let These(roles, _) = may else { continue };
            let (status, location) = tried(&world, request(method, path).cookie(&cookie)).await;
            if roles.contains(&role) {
                assert!(!is_turned_away(status, &location), "{role} {method} {path}: {status}");
            } else if roles.is_empty() {
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{role} {method} {path}: programs only");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{role} {method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_scope_opens_what_was_agreed_and_nothing_else() {
    let world = World::new().await;
    for scope in Scope::ALL {
        let token = world.token_with(&world.here, &[scope]).await;
        for &(method, path, may) in EVERY_ADDRESS {
            let These(_, program) = may else { continue };
            let (status, location) = tried(&world, request(method, path).token(&token)).await;
            if program == Some(scope) {
                assert!(!is_turned_away(status, &location), "{scope:?} {method} {path}: {status}");
            } else {
                assert!(is_turned_away(status, &location), "{scope:?} {method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_judged_alone_and_borrows_nothing_from_a_cookie() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.scheduler).await;
    let token = world.token_with(&world.here, &[LinksSend]).await;
    let answer = world.send(get("/api/v1/board").cookie(&cookie).token(&token)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = world.send(get("/api/v1/board").cookie(&cookie).header("authorization", "Basic eA==")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_that_is_not_spelt_exactly_is_refused() {
    let world = World::new().await;
    let token = &world.here.token;
    let without_prefix = token.strip_prefix("antr_").unwrap();
    for wrong in [without_prefix, &format!("{token}A"), &token.replace("antr_", "ANTR_"), "", "antr_"] {
        let answer = world.send(get("/api/v1/appointments").token(wrong)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_person_without_any_role_is_let_in_nowhere() {
    let world = World::new().await;
    let cookie = world.session_of(&world.here.staff).await;
    world.update(&world.here.staff, &[], None).await;
    for &(method, path, may) in EVERY_ADDRESS {
        if matches!(may, These(..)) {
            let (status, location) = tried(&world, request(method, path).cookie(&cookie)).await;
            assert!(is_turned_away(status, &location), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn an_unsafe_request_from_another_site_is_refused_everywhere_but_for_zoom_providers_and_programs() {
    let world = World::new().await;
    let cookies =
        [&world.here.admin, &world.here.scheduler, &world.here.staff].map(|member| world.session_of(member));
    let mut sessions = Vec::new();
    for cookie in cookies {
        sessions.push(cookie.await);
    }
    for &(method, path, may) in EVERY_ADDRESS {
        // These bring a signature, which no browser does.
        let is_signed = path == "/zoom/webhook" || path.starts_with("/sms/");
        if method == "GET" || is_signed || matches!(may, These(&[], Some(_))) {
            continue;
        }
        for cookie in &sessions {
            let by_fetch_metadata =
                request(method, path).cookie(cookie).header("sec-fetch-site", "cross-site");
            let by_origin = request(method, path).cookie(cookie).header("origin", "https://evil.example");
            for ask in [by_fetch_metadata, by_origin] {
                let answer = world.send(ask).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
                assert!(answer.body.contains("another site"), "{method} {path}: {}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn a_form_of_our_own_is_taken_even_behind_a_proxy_that_rewrites_the_host() {
    let world = World::at("https://anteroom.example").await;
    let ask = crate::world::post("/sign-out").header("origin", "https://anteroom.example");
    assert_eq!(world.send(ask).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_patients_old_telephone_may_press_join_and_a_page_of_another_site_may_not() {
    let world = World::new().await;
    let made = world.book(&world.here, "a").await;
    let link: url::Url = made["attendees"][0]["join_link"].as_str().unwrap().parse().unwrap();
    let join = || crate::world::post(&format!("{}/join", link.path()));
    let old = world.send(join().header("origin", "null")).await;
    assert_ne!(old.status, StatusCode::FORBIDDEN);
    let other = world.send(join().header("origin", "null").header("sec-fetch-site", "cross-site")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let other = world.send(join().header("origin", "https://evil.example")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}
