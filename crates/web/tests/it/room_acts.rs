//! What a clinician does from their own room's page. Zoom does not answer here: what it does is tested where it is asked.

use std::{collections::BTreeSet, time::Duration};

use axum::http::StatusCode;
use domain::{
    StaffId,
    room::{Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use serde_json::json;

use crate::{
    pages::{booked, give_a_room, give_a_room_of, link, press_on_page, read, text_of},
    record::{WAITS, happens},
    world::{Answer, World, get, post},
    zoom::delivery,
};

async fn press(world: &World, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    world.send(post(path).cookie(cookie).form(fields)).await
}

/// Leads on with 303 to this address.
async fn leads(world: &World, cookie: &str, path: &str, fields: &[(&str, &str)], to: &str) {
    let answer = press(world, cookie, path, fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, to), "{}", answer.body);
}

/// A colleague who sees patients too.
async fn colleague(world: &World) -> StaffMember {
    let member = StaffMember {
        id: world.app.ambient.id(),
        name: Name::parse("Jonas Berg").unwrap(),
        email: Email::parse("jonas@riverside.example").unwrap(),
        external_id: None,
        roles: BTreeSet::from([Role::Staff]),
        ..world.here.staff.clone()
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_staff(member.clinic_id, &member).await.unwrap();
    tx.commit().await.unwrap();
    member
}

/// Zoom says that the room's owner came into the meeting.
async fn host_comes(world: &World, room: &Room) {
    let now = world.app.ambient.now();
    let body = json!({
        "event": "meeting.participant_joined",
        "event_ts": now.as_millis(),
        "payload": { "account_id": room.zoom_account_id, "object": {
            "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==", "id": room.meeting_number.to_string(), "type": 3,
            "host_id": room.zoom_user_id,
            "participant": {
                "user_id": "16777216", "user_name": "Dr Osei", "participant_user_id": room.zoom_user_id,
                "id": room.zoom_user_id, "email": "", "participant_uuid": "10010282-DB44-0000-0000-000000000001",
                "join_time": now,
            },
        } },
    });
    assert_eq!(world.send(delivery(world, &body.to_string())).await.status, StatusCode::OK);
    world.app.attendance.apply_pending().await.unwrap();
}

async fn notices(world: &World, host: StaffId) -> usize {
    world.app.outreach.notices(world.here.clinic.id, Some(host)).await.unwrap().len()
}

#[tokio::test]
async fn join_is_noted_and_leads_to_the_hosts_own_way() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    let page = read(&world, &host, "/room").await;
    assert!(page.contains(r#"<form method="post" action="/room/join""#), "{page}");
    leads(&world, &host, "/room/join", &[], "https://zoom.us/s/93612345678").await;
    let guarded = world.store().read().await.unwrap().guarded(room.clinic_id, room.id).await.unwrap();
    assert_eq!(guarded.host_pressed_at, Some(world.app.ambient.now()));
}

#[tokio::test]
async fn whoever_pressed_join_and_is_not_seen_as_host_is_told_of_the_other_account() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    happens(&world, &room, WAITS, ("16780288", "iPhone")).await;
    press(&world, &host, "/room/join", &[]).await;
    let at_once = read(&world, &host, "/room/rows").await;
    assert!(at_once.contains("Joining") && !at_once.contains("another Zoom account"), "{at_once}");
    world.clock.advance(Duration::from_secs(50));
    let later = read(&world, &host, "/room/rows").await;
    assert!(later.contains("Zoom has not seen you as host since you pressed Join at 10:01."), "{later}");
    assert!(later.contains("sign in as a.osei@zoom.example, and press Join again"), "{later}");
    host_comes(&world, &room).await;
    let there = read(&world, &host, "/room/rows").await;
    assert!(there.contains("You are in session") && !there.contains("another Zoom account"), "{there}");
}

#[tokio::test]
async fn where_nothing_was_ever_heard_from_zoom_nobody_is_told_of_another_account() {
    let world = World::new().await;
    give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    press(&world, &host, "/room/join", &[]).await;
    world.clock.advance(Duration::from_mins(1));
    let rows = read(&world, &host, "/room/rows").await;
    assert!(
        rows.contains("Not known whether you are host") && !rows.contains("another Zoom account"),
        "{rows}"
    );
    world.clock.advance(Duration::from_mins(10));
    assert!(!read(&world, &host, "/room/rows").await.contains("Not known whether"), "it is forgotten");
}

#[tokio::test]
async fn a_press_after_which_nobody_comes_makes_one_think_of_the_lock() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let patient = link(&read(&world, &desk, &page).await, 'v');
    host_comes(&world, &room).await;
    world.clock.advance(Duration::from_mins(46));
    let host = world.session_of(&world.here.staff).await;
    press_on_page(&world, &patient).await;
    world.clock.advance(Duration::from_secs(80));
    assert!(!read(&world, &host, "/room/rows").await.contains("Perhaps locked"));
    world.clock.advance(Duration::from_secs(15));
    let rows = read(&world, &host, "/room/rows").await;
    assert!(rows.contains("Perhaps locked") && rows.contains("Rosa Delgado"), "{rows}");
    happens(&world, &room, WAITS, ("16780288", "Rosa Delgado")).await;
    assert!(!read(&world, &host, "/room/rows").await.contains("Perhaps locked"));
}

#[tokio::test]
async fn a_message_stands_on_patients_pages_even_where_zoom_does_not_show_it() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let patient = link(&read(&world, &desk, &page).await, 'v');
    let host = world.session_of(&world.here.staff).await;
    let shown = press(&world, &host, "/room/message", &[("preset", "late-10")]).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown.body.contains("It stands on patients’ pages. Zoom’s waiting room does not show it:"),
        "{}",
        shown.body
    );
    assert!(shown.body.contains("What your patients read now"));
    let read_there = world.send(get(&patient)).await;
    assert!(text_of(&read_there).contains("Running about 10 minutes late."), "{}", read_there.body);
    // Another one takes its place.
    press(&world, &host, "/room/message", &[("title", "Back at 10:15"), ("text", "Please stay")]).await;
    assert_eq!(notices(&world, world.here.staff.id).await, 1);
    let read_there = text_of(&world.send(get(&patient)).await);
    assert!(
        read_there.contains("Back at 10:15. Please stay") && !read_there.contains("10 minutes late"),
        "{read_there}"
    );
    press(&world, &host, "/room/message/clear", &[]).await;
    assert_eq!(notices(&world, world.here.staff.id).await, 0);
}

#[tokio::test]
async fn a_message_that_names_a_patient_of_the_day_is_shown_to_nobody() {
    let world = World::new().await;
    give_a_room(&world).await;
    booked(&world).await;
    let host = world.session_of(&world.here.staff).await;
    for (title, text) in [
        ("Rosa, please wait", ""),
        ("Please wait", "I am with ms delgado"),
        ("Please wait", "write to rosa@example.org"),
        ("", "Please wait"),
        ("Please\nwait", ""),
    ] {
        let refused = press(&world, &host, "/room/message", &[("title", title), ("text", text)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{title:?} {text:?}");
        assert!(refused.body.contains(r#"aria-invalid="true""#), "{}", refused.body);
        assert_eq!(notices(&world, world.here.staff.id).await, 0, "{title:?} {text:?}");
    }
    let long = "x".repeat(65);
    let refused = press(&world, &host, "/room/message", &[("title", &long)]).await;
    assert!(refused.body.contains("has 65 characters; at most 64 are allowed"), "{}", refused.body);
}

#[tokio::test]
async fn what_the_desk_says_on_patients_pages_outlives_the_hosts_own_message() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, _) = booked(&world).await;
    let host = world.session_of(&world.here.staff).await;
    let said = format!("/board/hosts/{}/notice", world.here.staff.id);
    press(&world, &desk, &said, &[("words", "The lift is out of order")]).await;
    press(&world, &host, "/room/message", &[("preset", "moment")]).await;
    press(&world, &host, "/room/message/clear", &[]).await;
    let page = read(&world, &host, "/room").await;
    assert!(
        page.contains("The lift is out of order") && !page.contains("“<bdi>With you in a moment"),
        "{page}"
    );
}

#[tokio::test]
async fn ending_for_all_is_asked_once_more_with_who_is_still_there() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    let nobody = read(&world, &host, "/room/end").await;
    assert!(nobody.contains("it is not known who is in it"), "nothing was ever heard: {nobody}");
    booked(&world).await;
    world.clock.advance(Duration::from_mins(58));
    let host = world.session_of(&world.here.staff).await;
    happens(&world, &room, WAITS, ("16780288", "Rosa Delgado")).await;
    let asked = read(&world, &host, "/room/end").await;
    assert!(
        asked.contains("Rosa Delgado") && asked.contains(r#"<form method="post" action="/room/end""#),
        "{asked}"
    );
    let failed = press(&world, &host, "/room/end", &[]).await;
    assert_eq!(failed.status, StatusCode::OK);
    assert!(
        failed.body.contains(r#"role="alert""#) && failed.body.contains("Rosa Delgado"),
        "{}",
        failed.body
    );
}

#[tokio::test]
async fn a_colleague_who_stands_in_sees_who_waits_and_may_do_so_only_while_it_holds() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let jonas = colleague(&world).await;
    let (host, covering) = (world.session_of(&world.here.staff).await, world.session_of(&jonas).await);
    happens(&world, &room, WAITS, ("16780288", "iPhone")).await;
    let other = world.here.staff.id.to_string();
    let before = read(&world, &covering, "/room").await;
    assert!(!before.contains("iPhone") && !before.contains("You stand in"), "{before}");
    assert_eq!(
        press(&world, &covering, "/room/join", &[("room", &other)]).await.status,
        StatusCode::NOT_FOUND
    );
    let ask = format!("/room/end?room={other}");
    assert_eq!(world.send(get(&ask).cookie(&covering)).await.status, StatusCode::NOT_FOUND);

    let by = jonas.id.to_string();
    leads(&world, &host, "/room/cover", &[("by", &by)], "/room?done=covered-here#cover").await;
    let told = read(&world, &host, "/room?done=covered-here").await;
    assert!(told.contains("Jonas Berg") && told.contains("Make Host"), "{told}");
    let now = read(&world, &covering, "/room").await;
    assert!(now.contains("You stand in for") && now.contains("iPhone"), "{now}");
    // Zoom does not let them start it: through the waiting room, by the clinic's guest link.
    let joined = press(&world, &covering, "/room/join", &[("room", &other)]).await;
    assert!(joined.header("location").contains("/g/"), "{:?}", joined.headers);
    assert!(read(&world, &covering, &ask).await.contains("iPhone"));

    let stranger = world.session_of(&world.there.staff).await;
    let cover = told.split(r#"name="cover" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    leads(&world, &stranger, "/room/cover/end", &[("cover", &cover)], "/room?done=cover-over").await;
    assert!(
        read(&world, &covering, "/room").await.contains("You stand in"),
        "another clinic ends nothing here"
    );
    leads(&world, &covering, "/room/cover/end", &[("cover", &cover)], "/room?done=cover-ended").await;
    assert!(!read(&world, &covering, "/room").await.contains("iPhone"));
    assert_eq!(
        press(&world, &covering, "/room/join", &[("room", &other)]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn standing_in_ends_with_the_clinics_day() {
    let world = World::new().await;
    give_a_room(&world).await;
    let jonas = colleague(&world).await;
    let (host, covering) = (world.session_of(&world.here.staff).await, world.session_of(&jonas).await);
    press(&world, &host, "/room/cover", &[("by", &jonas.id.to_string())]).await;
    // 23:59 in Chicago; sessions end before, so that both sign in again.
    world.clock.advance(Duration::from_mins(13 * 60 + 59));
    let covering_late = world.session_of(&jonas).await;
    assert!(read(&world, &covering_late, "/room").await.contains("You stand in"));
    world.clock.advance(Duration::from_mins(1));
    assert!(!read(&world, &covering_late, "/room").await.contains("You stand in"));
    drop(covering);
}

#[tokio::test]
async fn only_somebody_who_sees_patients_here_can_stand_in() {
    let world = World::new().await;
    give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    for nobody in [&world.here.scheduler, &world.here.staff, &world.there.staff] {
        let refused = press(&world, &host, "/room/cover", &[("by", &nobody.id.to_string())]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("There is no such colleague"), "{}", refused.body);
    }
}

#[tokio::test]
async fn everybody_chooses_how_they_are_told_of_what_is_theirs_to_see_to() {
    let world = World::new().await;
    let (clinic, host, desk) = (world.here.clinic.id, world.here.staff.id, world.here.scheduler.id);
    let hosts = world.session_of(&world.here.staff).await;
    let desks = world.session_of(&world.here.scheduler).await;
    let choice = async |id| world.app.outreach.alert_choice(clinic, id).await.unwrap();
    let page = read(&world, &hosts, "/room").await;
    assert!(
        page.contains(r#"name="own" value="email" checked"#) && !page.contains(r#"name="clinic" value="#),
        "{page}"
    );
    leads(
        &world,
        &hosts,
        "/room/told",
        &[("own", "nothing"), ("clinic", "email"), ("from", "room")],
        "/room?done=told#how-told",
    )
    .await;
    assert_eq!((choice(host).await.own.as_str(), choice(host).await.clinic.as_str()), ("nothing", "nothing"));
    let without_number = press(&world, &hosts, "/room/told", &[("own", "sms")]).await;
    assert_eq!(without_number.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without_number.body.contains("needs your mobile number"), "{}", without_number.body);
    assert_eq!(choice(host).await.own.as_str(), "nothing");
    assert_eq!(
        press(&world, &hosts, "/room/told", &[("own", "pigeon")]).await.status,
        StatusCode::BAD_REQUEST
    );

    let form = read(&world, &desks, "/room/told").await;
    assert!(
        form.contains(r#"name="clinic" value="nothing" checked"#) && !form.contains(r#"name="own""#),
        "{form}"
    );
    leads(&world, &desks, "/room/told", &[("clinic", "email")], "/room/told?done=told").await;
    assert_eq!(choice(desk).await.clinic.as_str(), "email");
}

#[tokio::test]
async fn a_room_of_another_product_has_none_of_what_only_zoom_can_do() {
    let world = World::new().await;
    give_a_room_of(&world, RoomKind::Open).await;
    let host = world.session_of(&world.here.staff).await;
    let links = [("host_url", "https://doxy.me/osei/host"), ("guest_url", "https://doxy.me/osei")];
    press(&world, &host, "/room/other", &links).await;
    let page = read(&world, &host, "/room").await;
    for absent in ["/room/join", "/room/message", "/room/end", "/room/cover", "/room/adopt", "Waiting room"] {
        assert!(!page.contains(absent), "{absent} in {page}");
    }
    assert!(page.contains("/h/") && page.contains("How I want to be told"), "{page}");
    assert_eq!(press(&world, &host, "/room/join", &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_meeting_cannot_be_chosen_while_zoom_does_not_answer_and_nothing_changes() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    for path in ["/room/adopt", "/room/adopt?meeting=93600000000", "/room/adopt?meeting=personal"] {
        let page = read(&world, &host, path).await;
        assert!(page.contains(r#"role="alert""#) && !page.contains("Use it as my room"), "{path}: {page}");
    }
    let failed = press(&world, &host, "/room/adopt", &[("meeting", "93600000000")]).await;
    assert!(failed.body.contains(r#"role="alert""#), "{}", failed.body);
    assert_eq!(
        press(&world, &host, "/room/adopt", &[("meeting", "x")]).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(press(&world, &host, "/room/adopt", &[]).await.status, StatusCode::BAD_REQUEST);
    let kept = world.store().read().await.unwrap().room(room.clinic_id, room.id).await.unwrap();
    assert_eq!(kept, Some(room));
}
