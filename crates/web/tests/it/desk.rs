//! The desk's hand: saying who somebody is and is not, by form and by API, and taking it back.

use axum::http::StatusCode;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::{
    pages::{give_a_room, read, text_of},
    record::{WAITS, board, decide, happens},
    shapes::check,
    world::{Answer, World, get, post},
};

/// Somebody unknown waits in the room of the clinic's staff member, for whom a visit is booked: who waits and who is
/// booked.
async fn somebody_waits(world: &World) -> (String, String) {
    let room = give_a_room(world).await;
    let attendee = world.book(&world.here, "a").await["attendees"][0]["id"].as_str().unwrap().to_owned();
    happens(world, &room, WAITS, ("16780288", "iPhone")).await;
    let presence = board(world).await["unmatched"][0]["id"].as_str().unwrap().to_owned();
    (presence, attendee)
}

async fn press(world: &World, cookie: &str, path: &str, field: (&str, &str)) -> Answer {
    let answer = world.send(post(path).cookie(cookie).form(&[field])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {field:?}: {}", answer.body);
    answer
}

#[tokio::test]
async fn an_interpreter_is_marked_stays_visible_while_there_and_can_be_unmarked() {
    let world = World::new().await;
    let (presence, _) = somebody_waits(&world).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let path = format!("/board/presences/{presence}/match");
    let done = press(&world, &desk, &path, ("as", "interpreter")).await;
    let shown = read(&world, &desk, done.header("location")).await;
    assert!(shown.contains("Noted as an interpreter.") && shown.contains("Marked as an interpreter."));
    assert_eq!(board(&world).await["unmatched"], json!([]), "nobody is asked about any more");
    // Long after the sentence is gone the mark can still be taken back.
    let later = read(&world, &desk, "/board").await;
    assert!(!later.contains("Noted as") && later.contains("Take back what was decided"), "{later}");
    let undone = press(&world, &desk, &path, ("as", "undecided")).await;
    assert!(read(&world, &desk, undone.header("location")).await.contains("Taken back."));
    assert_eq!(board(&world).await["unmatched"][0]["id"], presence.as_str());
}

#[tokio::test]
async fn whom_the_desk_denies_is_told_beside_the_question_until_it_is_taken_back() {
    let world = World::new().await;
    let (presence, attendee) = somebody_waits(&world).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let path = format!("/board/presences/{presence}/match");
    press(&world, &desk, &path, ("attendee", &attendee)).await;
    assert_eq!(board(&world).await["unmatched"], json!([]));
    let done = press(&world, &desk, &format!("{path}?date=2026-11-23"), ("not", &attendee)).await;
    assert!(done.header("location").starts_with("/board?date=2026-11-23&"), "the day stays");
    let shown = read(&world, &desk, done.header("location")).await;
    assert!(shown.contains("Noted who it is not.") && shown.contains("Said to be not"), "{shown}");
    let before = board(&world).await;
    assert_eq!(
        before["appointments"][0]["attendees"][0]["match"],
        json!(null),
        "the decision before is over"
    );
    press(&world, &desk, &path, ("as", "undecided")).await;
    assert!(!read(&world, &desk, "/board").await.contains("Said to be not"));
}

#[tokio::test]
async fn programs_may_deny_and_mark_interpreters_too() {
    let world = World::new().await;
    let (presence, attendee) = somebody_waits(&world).await;
    let denied = decide(&world, &presence, &json!({ "not": attendee })).await;
    assert_eq!(denied.status, StatusCode::OK, "{}", denied.body);
    check(&world, "Presence", &denied.json()).await;
    assert_eq!((&denied.json()["who"], &denied.json()["attendee"]), (&json!("visitor"), &json!(null)));
    assert_eq!(board(&world).await["unmatched"][0]["not"], json!([attendee]));
    let marked = decide(&world, &presence, &json!({ "as": "interpreter" })).await;
    assert_eq!((marked.status, marked.json()["who"].clone()), (StatusCode::OK, json!("interpreter")));
    check(&world, "Presence", &marked.json()).await;
    let after = board(&world).await;
    assert_eq!((&after["unmatched"], &after["guests"][0]["as"]), (&json!([]), &json!("interpreter")));
}

#[tokio::test]
async fn another_clinics_desk_marks_nobody_here() {
    let world = World::new().await;
    let (presence, _) = somebody_waits(&world).await;
    let other = world.session_of(&world.there.scheduler).await;
    let path = format!("/board/presences/{presence}/match");
    let answer = world.send(post(&path).cookie(&other).form(&[("as", "guest")])).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(!text_of(&answer).contains("iPhone"));
    assert_eq!(board(&world).await["unmatched"][0]["id"], presence.as_str());
    let theirs = world.send(get("/board").cookie(&other)).await;
    assert!(!theirs.body.contains("iPhone"));
}

/// Zoom's word on who came is never waited for here: the visit runs, and nobody was heard of.
async fn nobody_came(world: &World) -> String {
    give_a_room(world).await;
    let attendee = world.book(&world.here, "a").await["attendees"][0]["id"].as_str().unwrap().to_owned();
    world.clock.set("2026-11-23T17:20:00Z".parse::<Timestamp>().unwrap());
    attendee
}

async fn standing(world: &World) -> Value {
    board(world).await["appointments"][0]["attendees"][0].clone()
}

#[tokio::test]
async fn a_no_show_is_somebodys_word_and_can_be_taken_back() {
    let world = World::new().await;
    let attendee = nobody_came(&world).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let path = format!("/board/attendees/{attendee}/no-show");
    let done = press(&world, &desk, &path, ("ruling", "accepted")).await;
    assert_eq!(standing(&world).await["status"], "no_show");
    let shown = read(&world, &desk, done.header("location")).await;
    assert!(
        shown.contains("Noted as a no-show.") && shown.contains("Take back: this is not a no-show"),
        "{shown}"
    );
    let auditor = world.session_of(&world.here.admin).await;
    let record = read(&world, &auditor, "/attendance?outcome=no-show").await;
    assert!(record.contains("Did not come.") && record.contains("Rosa Delgado"), "{record}");

    press(&world, &desk, &path, ("ruling", "withdrawn")).await;
    assert_ne!(standing(&world).await["status"], "no_show");
    let done = press(&world, &desk, &format!("{path}?appointment=appt_x"), ("ruling", "refused")).await;
    assert!(done.header("location").starts_with("/board?"), "an id that is none leads to the board");
    assert_eq!(standing(&world).await["no_show"]["ruling"]["ruling"], "refused");
    let unclear = world.send(post(&path).cookie(&desk).form(&[("ruling", "maybe")])).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn from_the_appointments_page_a_ruling_leads_back_there() {
    let world = World::new().await;
    let attendee = nobody_came(&world).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let appointment = board(&world).await["appointments"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/board/attendees/{attendee}/no-show?appointment={appointment}");
    let done = press(&world, &desk, &path, ("ruling", "accepted")).await;
    assert!(done.header("location").starts_with(&format!("/appointments/{appointment}?done=no-show")));
    let shown = read(&world, &desk, done.header("location").split('#').next().unwrap()).await;
    assert!(shown.contains("Noted as a no-show.") && shown.contains("Undo"), "{shown}");
    assert!(shown.contains(&format!("/no-show?appointment={appointment}")), "and back again");
    let auditor = world.session_of(&world.here.admin).await;
    let seen = read(&world, &auditor, &format!("/appointments/{appointment}")).await;
    assert!(
        seen.contains("Somebody said that it was a no-show.") && !seen.contains("/no-show?"),
        "only the desk rules"
    );
}

#[tokio::test]
async fn programs_rule_on_no_shows_too_and_are_told_why_not() {
    let world = World::new().await;
    give_a_room(&world).await;
    let attendee = world.book(&world.here, "a").await["attendees"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/attendees/{attendee}/no-show");
    let rule = async |token: &str, body: &Value| world.send(post(&path).token(token).json(body)).await;
    let token = &world.here.token;
    let early = rule(token, &json!({ "ruling": "accepted" })).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.body);
    world.clock.set("2026-11-23T17:20:00Z".parse::<Timestamp>().unwrap());
    for body in [json!({}), json!({ "ruling": "proposed" }), json!({ "ruling": 7 })] {
        assert_eq!(rule(token, &body).await.refused_fields(), ["ruling"], "{body}");
    }
    let ruled = rule(token, &json!({ "ruling": "accepted" })).await;
    assert_eq!((ruled.status, ruled.json()["status"].clone()), (StatusCode::OK, json!("no_show")));
    check(&world, "BoardAttendee", &ruled.json()).await;
    assert_eq!(rule(&world.there.token, &json!({ "ruling": "refused" })).await.status, StatusCode::NOT_FOUND);
    let list = world.send(get("/api/v1/attendance").token(token)).await.json();
    check(&world, "Record", &list).await;
    assert_eq!(list["items"][0]["attendees"][0]["status"], "no_show");
}

#[tokio::test]
async fn what_to_look_out_for_stands_on_the_board_and_in_the_hosts_room() {
    let world = World::new().await;
    somebody_waits(&world).await;
    let warnings = board(&world).await["warnings"].clone();
    assert_eq!(warnings[0]["kind"], "unknown_waiting", "{warnings}");
    let desk = world.session_of(&world.here.scheduler).await;
    let host = world.session_of(&world.here.staff).await;
    for (cookie, path) in [(&desk, "/board"), (&desk, "/board/rows"), (&host, "/room"), (&host, "/room/rows")]
    {
        let shown = read(&world, cookie, path).await;
        assert!(shown.contains("Before you let anybody in") && shown.contains("Unknown person"), "{path}");
    }
}

#[tokio::test]
async fn what_is_the_matter_in_a_room_stands_in_the_boards_json_by_time_alone() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "a").await;
    happens(&world, &room, WAITS, ("16780288", "Zed Nomura")).await;
    assert_eq!(board(&world).await["alerts"], json!([]));
    world.clock.advance(std::time::Duration::from_mins(3));
    let shown = board(&world).await;
    check(&world, "Board", &shown).await;
    let alert = &shown["alerts"][0];
    assert_eq!((&alert["kind"], &alert["appointment"]), (&json!("stranger"), &json!(null)), "{alert}");
    assert_eq!(alert["presence"], shown["unmatched"][0]["id"]);
    let document = world.send(get("/api/openapi.json")).await.json();
    let words = document.pointer("/components/schemas/RoomAlertKind/enum").unwrap().as_array().unwrap();
    let live =
        domain::alert::AlertKind::ALL.into_iter().filter(|kind| kind.group() == domain::alert::Group::Now);
    let live: Vec<Value> = live.map(|kind| json!(kind.as_str())).collect();
    assert_eq!(words, &live, "all that may stand there are described");
}

#[tokio::test]
async fn the_appointment_tells_who_was_shown_as_whom_until_when_and_by_whom() {
    let world = World::new().await;
    // Beside the visit's time, and too early to be taken for its only attendee.
    world.clock.set("2026-11-23T16:28:00Z".parse::<Timestamp>().unwrap());
    let (presence, attendee) = somebody_waits(&world).await;
    world.clock.set("2026-11-23T16:45:00Z".parse::<Timestamp>().unwrap());
    let desk = world.session_of(&world.here.scheduler).await;
    press(&world, &desk, &format!("/board/presences/{presence}/match"), ("attendee", &attendee)).await;
    let appointment = board(&world).await["appointments"][0]["id"].as_str().unwrap().to_owned();
    let shown = read(&world, &desk, &format!("/appointments/{appointment}")).await;
    assert!(shown.contains("What was shown before"), "{shown}");
    assert!(shown.contains("<bdi>sid of Riverside</bdi>"), "{shown}");
    assert!(shown.contains("This is not") && shown.contains("early"), "{shown}");
    press(&world, &desk, &format!("/board/presences/{presence}/match"), ("as", "undecided")).await;
    let shown = read(&world, &desk, &format!("/appointments/{appointment}")).await;
    assert!(shown.contains("sid of Riverside") && shown.contains("somebody unknown"), "{shown}");
}
