//! Rooms of other products, marks by the staff, and when it is telehealth.

use axum::http::StatusCode;
use domain::room::RoomKind;
use serde_json::json;

use crate::{
    pages::{give_a_room, press_on_page, read},
    world::{World, booking, get, post, put},
};

/// Nothing answers there, which is a doubt and no fault.
const HOST: &str = "http://127.0.0.1:1/osei?role=host";
const GUEST: &str = "http://127.0.0.1:1/osei";

async fn paste(world: &World) -> String {
    let host = world.session_of(&world.here.staff).await;
    let form = post("/room/other").cookie(&host).form(&[("host_url", HOST), ("guest_url", GUEST)]);
    let answer = world.send(form).await;
    assert_eq!(answer.header("location"), "/room?done=other-doubts#elsewhere", "{}", answer.body);
    host
}

fn path_of(link: &serde_json::Value) -> String {
    link.as_str().unwrap().trim_start_matches("http://127.0.0.1:8080").to_owned()
}

#[tokio::test]
async fn pasted_links_are_followed_by_patients_and_their_host_without_a_redirect_of_the_form() {
    let world = World::new().await;
    let host = paste(&world).await;
    let booked = world.book(&world.here, "A-1").await;
    assert_eq!(booked["host"]["connection"], "connected", "the links lead somewhere");
    let page = path_of(&booked["attendees"][0]["join_link"]);
    let shown = world.send(get(&page)).await;
    assert!(
        shown.body.contains("The video room opens next") && !shown.body.contains("Zoom"),
        "{}",
        shown.body
    );
    let pressed = world.send(post(&format!("{page}/join"))).await;
    assert_eq!(pressed.status, StatusCode::OK);
    assert!(
        pressed.body.contains(&format!(r#"http-equiv="refresh" content="0;url={GUEST}""#)),
        "{}",
        pressed.body
    );
    assert!(!pressed.body.contains("role=host"), "the host's rights are nobody else's");
    let mut body = booking(&world.here);
    body["attendees"][0]["language"] = json!("es");
    let known = put("/api/v1/appointments/A-1").token(&world.here.token).json(&body);
    assert!(world.send(known).await.status.is_success());
    let spanish = world.send(post(&format!("{page}/join"))).await;
    assert!(spanish.body.contains("La sala de video se abre ahora"), "{}", spanish.body);

    let way = path_of(&booked["host_link"]);
    let own = world.send(get(&way).cookie(&host)).await;
    assert_eq!((own.status, own.header("location")), (StatusCode::SEE_OTHER, HOST));
    // A redirect in answer to the form of signing in would be held to the hosts that it names.
    let remembered = world.send(get(&way)).await.header("set-cookie").to_owned();
    let back = format!("{way}?signed_in=1");
    assert!(remembered.contains(&back), "{remembered}");
    let own = world.send(get(&back).cookie(&host)).await;
    assert!(own.status == StatusCode::OK && own.body.contains("role=host"), "{}", own.body);
    let stranger = world.session_of(&world.here.scheduler).await;
    assert_eq!(world.send(get(&way).cookie(&stranger)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_owner_reads_what_is_wrong_and_loses_nothing_that_was_typed() {
    let world = World::new().await;
    let host = world.session_of(&world.here.staff).await;
    let bad = [("host_url", "https://zoom.us/s/86720014455?zak=eyJ0"), ("guest_url", "<b>not a link</b>")];
    let answer = world.send(post("/room/other").cookie(&host).form(&bad)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Zoom start link"), "{}", answer.body);
    assert!(answer.body.contains("This is not a link") && !answer.body.contains("<b>not"), "{}", answer.body);
    assert!(answer.body.contains("86720014455?zak=eyJ0"), "typed is kept");
    let mut tx = world.store().read().await.unwrap();
    let (clinic, staff) = (world.here.clinic.id, world.here.staff.id);
    assert_eq!(tx.other_room_of(clinic, staff).await.unwrap(), None);
    drop(tx);

    let none = world.send(post("/room/kind").cookie(&host).form(&[("kind", "other")])).await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    give_a_room(&world).await;
    paste(&world).await;
    let shown = read(&world, &host, "/room").await;
    assert!(
        shown.contains("Your visits take place at") && shown.contains("No server answers there"),
        "{shown}"
    );
    let back = world.send(post("/room/kind").cookie(&host).form(&[("kind", "clinic")])).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    let shown = read(&world, &host, "/room").await;
    assert!(shown.contains("your visits take place at Zoom"), "{shown}");
    let again = world.send(post("/room/kind").cookie(&host).form(&[("kind", "other")])).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let mut tx = world.store().read().await.unwrap();
    assert_eq!(tx.staff_room_kind(clinic, staff).await.unwrap(), Some(RoomKind::Other));
}

#[tokio::test]
async fn the_desk_and_the_host_mark_where_somebody_is_and_take_it_back() {
    let world = World::new().await;
    let host = paste(&world).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let booked = world.book(&world.here, "A-1").await;
    let path = format!("/board/attendees/{}/mark", booked["attendees"][0]["id"].as_str().unwrap());
    let board = read(&world, &desk, "/board").await;
    assert!(board.contains(&path) && !board.contains("Zoom is not connected"), "{board}");
    let marked = world.send(post(&path).cookie(&desk).form(&[("marked", "waiting")])).await;
    assert_eq!(marked.status, StatusCode::SEE_OTHER);
    assert!(marked.header("location").starts_with("/board?done=marked-waiting"), "{marked:?}");
    let shown = world.send(get("/api/v1/board").token(&world.here.token)).await.json();
    let one = &shown["appointments"][0]["attendees"][0];
    assert_eq!((&one["status"], &one["source"]), (&json!("waiting"), &json!("person")));
    let board = read(&world, &desk, "/board").await;
    assert!(board.contains("Marked as waiting at 10:00 by sid of Riverside."), "{board}");
    assert!(!board.contains("is not in the room"), "nobody tells whether the host is there: {board}");

    let by_host = post(&format!("{path}?from_room=true")).cookie(&host).form(&[("marked", "in_session")]);
    assert_eq!(world.send(by_host).await.header("location"), "/room?done=marked");
    let room = read(&world, &host, "/room").await;
    assert!(room.contains("Marked as in session") && room.contains("Rosa Delgado"), "{room}");
    let id = booked["id"].as_str().unwrap();
    let page = read(&world, &desk, &format!("/appointments/{id}")).await;
    assert!(page.contains("the staff") && page.contains("Marked as in session"), "{page}");
    let undone = post(&path).cookie(&desk).form(&[("marked", "withdrawn:in_session")]);
    assert_eq!(world.send(undone).await.status, StatusCode::SEE_OTHER);
    let shown = world.send(get("/api/v1/board").token(&world.here.token)).await.json();
    assert_eq!(shown["appointments"][0]["attendees"][0]["status"], "waiting");
    for bad in ["", "connecting", "withdrawn:x", "waiting:left:x"] {
        let answer = world.send(post(&path).cookie(&desk).form(&[("marked", bad)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let elsewhere = world.session_of(&world.there.scheduler).await;
    let foreign = world.send(post(&path).cookie(&elsewhere).form(&[("marked", "left")])).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let colleague = world.session_of(&world.there.staff).await;
    let foreign = world.send(post(&path).cookie(&colleague).form(&[("marked", "left")])).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_desk_alone_says_that_somebody_did_not_come_where_nothing_else_can_tell() {
    let world = World::new().await;
    paste(&world).await;
    let booked = world.book(&world.here, "A-1").await;
    world.clock.advance(std::time::Duration::from_hours(2));
    let desk = world.session_of(&world.here.scheduler).await;
    let board = read(&world, &desk, "/board").await;
    let path = format!("/board/attendees/{}/no-show", booked["attendees"][0]["id"].as_str().unwrap());
    assert!(board.contains(&path) && board.contains("Nobody can say whether they came."), "{board}");
    assert!(!board.contains("no-show?"), "nothing is proposed: {board}");
    assert!(!board.contains("class=\"assign\"") && !board.contains("class=\"deny\""), "nor asked: {board}");
    let page = read(&world, &desk, &format!("/appointments/{}", booked["id"].as_str().unwrap())).await;
    assert!(page.contains("Did not come") && !page.contains("not come?"), "{page}");
    let said = world.send(post(&path).cookie(&desk).form(&[("ruling", "accepted")])).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER);
    let shown = world.send(get("/api/v1/board").token(&world.here.token)).await.json();
    assert_eq!(shown["appointments"][0]["attendees"][0]["status"], "no_show");
}

#[tokio::test]
async fn nobody_is_offered_as_absent_who_has_pressed_join_or_is_marked() {
    let world = World::new().await;
    paste(&world).await;
    let pressed = world.book(&world.here, "A-1").await;
    let marked = world.book(&world.here, "A-2").await;
    let unheard_of = world.book(&world.here, "A-3").await;
    let who = |booked: &serde_json::Value| booked["attendees"][0]["id"].as_str().unwrap().to_owned();
    let joined = press_on_page(&world, &path_of(&pressed["attendees"][0]["join_link"])).await;
    assert_eq!(joined.status, StatusCode::OK);
    let desk = world.session_of(&world.here.scheduler).await;
    let mark = format!("/board/attendees/{}/mark", who(&marked));
    world.send(post(&mark).cookie(&desk).form(&[("marked", "in_session")])).await;
    world.clock.advance(std::time::Duration::from_hours(2));
    let desk = world.session_of(&world.here.scheduler).await;
    let board = read(&world, &desk, "/board").await;
    let action = |booked| format!("/board/attendees/{}/no-show", who(booked));
    assert!(board.contains(&action(&unheard_of)), "{board}");
    assert!(!board.contains(&action(&pressed)), "{board}");
    assert!(!board.contains(&action(&marked)), "{board}");
}

async fn rules(world: &World, rows: &[(&str, &str, &str)]) -> crate::world::Answer {
    let admin = world.session_of(&world.here.admin).await;
    let fields: Vec<(String, &str)> = rows
        .iter()
        .enumerate()
        .flat_map(|(index, (aspect, name, offer))| {
            [
                (format!("rule-{index}-aspect"), *aspect),
                (format!("rule-{index}-name"), *name),
                (format!("rule-{index}-offer"), *offer),
            ]
        })
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    world.send(post("/outreach/rules").cookie(&admin).form(&fields)).await
}

#[tokio::test]
async fn a_scheduler_leaves_it_to_the_rules_and_the_desk_makes_it_telehealth_where_they_offer_it() {
    let world = World::new().await;
    let kept = [
        ("location", "Video", "automatic"),
        ("service", "Intake", "manual"),
        ("event_type", "Lab", "disabled"),
    ];
    assert_eq!(rules(&world, &kept).await.status, StatusCode::SEE_OTHER);
    let ask = async |id: &str, words: serde_json::Value| {
        let mut body = booking(&world.here);
        body.as_object_mut().unwrap().remove("kind");
        body.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
        world.send(put(&format!("/api/v1/appointments/{id}")).token(&world.here.token).json(&body)).await
    };
    let kind = |answer: &crate::world::Answer| {
        let shown = answer.json();
        (shown["kind"].as_str().unwrap_or_default().to_owned(), shown["telehealth_offered"].as_bool())
    };
    let telehealth = ("telehealth".to_owned(), Some(false));
    let in_person = |offered| ("in_person".to_owned(), Some(offered));
    assert_eq!(ask("none", json!({})).await.refused_fields(), ["kind"], "as ever");
    assert_eq!(ask("none", json!({ "service": null })).await.refused_fields(), ["kind"]);
    assert_eq!(kind(&ask("auto", json!({ "location": "VIDEO", "event_type": "Lab" })).await), telehealth);
    assert_eq!(kind(&ask("lab", json!({ "event_type": "lab" })).await), in_person(false));
    assert_eq!(kind(&ask("other", json!({ "service": "Haircut" })).await), in_person(false));
    let said = json!({ "event_type": "Lab", "kind": "telehealth" });
    assert_eq!(kind(&ask("said", said).await), telehealth, "what the scheduler says goes before the rules");
    assert_eq!(ask("long", json!({ "service": "x".repeat(300) })).await.refused_fields(), ["service"]);

    let words = json!({ "service": "intake" });
    let made = ask("manual", words.clone()).await;
    assert_eq!(kind(&made), in_person(true));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let desk = world.session_of(&world.here.scheduler).await;
    let page = read(&world, &desk, &format!("/appointments/{id}")).await;
    assert!(page.contains("Make it telehealth"), "{page}");
    let menu = read(&world, &desk, &format!("/appointments/{id}/menu")).await;
    assert!(menu.contains("at the clinic"), "where it is offered, the menu says why: {menu}");
    let press = post(&format!("/appointments/{id}/telehealth")).cookie(&desk);
    assert_eq!(world.send(press).await.status, StatusCode::SEE_OTHER);
    assert_eq!(kind(&ask("manual", words).await), telehealth, "sent again, it is not undone");

    let lab = ask("lab", json!({ "event_type": "lab" })).await.json()["id"].as_str().unwrap().to_owned();
    let page = read(&world, &desk, &format!("/appointments/{lab}")).await;
    assert!(!page.contains("Make it telehealth") && !page.contains("data-copy="), "{page}");
    let menu = read(&world, &desk, &format!("/appointments/{lab}/menu")).await;
    assert_eq!(menu.trim(), "", "nor does the menu of its row");
    let press = post(&format!("/appointments/{lab}/telehealth")).cookie(&desk);
    assert_eq!(world.send(press).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn rules_that_contradict_one_another_are_refused_and_nothing_typed_is_lost() {
    let world = World::new().await;
    let twice =
        [("location", "Video", "automatic"), ("location", "video", "disabled"), ("service", "", "manual")];
    let answer = rules(&world, &twice).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("a rule for this word already") && answer.body.contains("value=\"Video\""));
    assert_eq!(
        rules(&world, &[("place", "Video", "automatic")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let long = "x".repeat(300);
    let hostile = [("service", "<script>", "manual"), ("service", long.as_str(), "manual")];
    let answer = rules(&world, &hostile).await;
    assert!(answer.body.contains("at most 200") && !answer.body.contains("<script>x"), "{}", answer.body);
    let mut tx = world.store().read().await.unwrap();
    assert_eq!(tx.telehealth_rules(world.here.clinic.id).await.unwrap(), []);
    drop(tx);
    assert_eq!(rules(&world, &twice[..1]).await.status, StatusCode::SEE_OTHER);
    let mut tx = world.store().read().await.unwrap();
    assert_eq!(tx.telehealth_rules(world.here.clinic.id).await.unwrap().len(), 1);
    assert_eq!(tx.telehealth_rules(world.there.clinic.id).await.unwrap(), [], "another clinic's");
}

#[tokio::test]
async fn the_booking_form_offers_the_words_that_the_rules_know() {
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    let plain = read(&world, &desk, "/appointments/new").await;
    assert!(!plain.contains("By the clinic’s rules"), "{plain}");
    rules(&world, &[("service", "Intake & more", "automatic")]).await;
    let form = read(&world, &desk, "/appointments/new").await;
    assert!(form.contains("By the clinic’s rules") && form.contains("Intake &#38; more"), "{form}");
    let host = world.here.staff.id.to_string();
    let fields = [
        ("date", "2026-11-23"),
        ("start", "14:00"),
        ("minutes", "30"),
        ("host", host.as_str()),
        ("kind", "rules"),
        ("service", "intake & MORE"),
        ("attendee-0-name", "Rosa Delgado"),
    ];
    let answer = world.send(post("/appointments").cookie(&desk).form(&fields)).await;
    let page = answer.header("location").to_owned();
    assert!(page.ends_with("?done=booked"), "{answer:?}");
    let shown = read(&world, &desk, &page).await;
    assert!(shown.contains("<dd>Telehealth</dd>") && shown.contains("intake &#38; MORE"), "{shown}");
}
