//! The board of connections and rooms, as an admin sees it.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    alert::{Alert, AlertKind, Choice, Told},
    room::{
        ConnectionState, Room,
        guard::{Drift, DriftEnd, DriftKind, LookFor},
    },
};

use crate::{
    pages::{give_a_room, read},
    world::{World, get, post},
};

/// Zoom tells just now how the room is.
pub async fn looked_at(world: &World, room: &Room) {
    let mut tx = world.store().begin().await.unwrap();
    tx.note_look(room.clinic_id, room.id, world.app.ambient.now(), None).await.unwrap();
    tx.commit().await.unwrap();
}

/// The connection needs its owner again.
pub async fn breaks(world: &World, room: &Room, trouble: &str) {
    let mut tx = world.store().begin().await.unwrap();
    let connection = tx.connection_of(room.clinic_id, room.staff_id).await.unwrap().unwrap();
    let (needs, now) = (ConnectionState::NeedsReconnect, world.app.ambient.now());
    tx.set_connection_state(room.clinic_id, connection.id, needs, Some(trouble), now).await.unwrap();
    tx.commit().await.unwrap();
}

/// The room is found to lack something.
pub async fn lacks(world: &World, room: &Room, kind: DriftKind) -> Drift {
    let drift = Drift {
        id: world.app.ambient.id(),
        clinic_id: room.clinic_id,
        room_id: room.id,
        kind,
        found_at: world.app.ambient.now(),
        found_for: LookFor::FirstVisit,
        hindrance: None,
        tries: 0,
        tried_at: None,
        ended: None,
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_drift(&drift).await.unwrap();
    tx.commit().await.unwrap();
    drift
}

/// Since when a look at the room is wanted, if it is.
async fn is_wanted(world: &World, room: &Room) -> bool {
    let mut tx = world.store().read().await.unwrap();
    tx.guarded(room.clinic_id, room.id).await.unwrap().wanted_at.is_some()
}

#[tokio::test]
async fn somebody_who_never_connected_stands_among_those_who_need_the_admin() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let shown = read(&world, &admin, "/connections").await;
    assert!(shown.contains("Needs you") && shown.contains("osei of Riverside"), "{shown}");
    assert!(shown.contains("not connected") && shown.contains("Connect Zoom"), "{shown}");
    assert!(shown.contains("The one clinician here is not ready."), "{shown}");
    assert!(!shown.contains("Lakeside"), "another clinic's people are nobody's business");
    assert!(shown.contains(">Connections</a>"), "it stands in the navigation");
}

#[tokio::test]
async fn a_room_that_was_looked_at_is_ready_and_says_when() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    looked_at(&world, &room).await;
    world.clock.advance(Duration::from_mins(3));
    let admin = world.session_of(&world.here.admin).await;
    let shown = read(&world, &admin, "/connections").await;
    assert!(shown.contains("The one clinician here is ready."), "{shown}");
    assert!(shown.contains("a.osei@zoom.example") && shown.contains("3 min ago"), "{shown}");
    assert!(!shown.contains("Needs you"), "{shown}");
    for secret in ["pwd=", "zoom.us/j/", "zoom-account"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_drift_is_told_with_its_time_and_whether_it_was_put_right() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let drift = lacks(&world, &room, DriftKind::WaitingRoomOff).await;
    looked_at(&world, &room).await;
    let admin = world.session_of(&world.here.admin).await;
    let off = read(&world, &admin, "/connections").await;
    assert!(off.contains("room not as it should be") && off.contains(">Check now and repair<"), "{off}");
    assert!(
        off.contains("Waiting room off: found 10:00 at the check before the first visit, still so."),
        "{off}"
    );
    let mut tx = world.store().begin().await.unwrap();
    let at = world.app.ambient.now().plus(Duration::from_secs(4));
    tx.end_drift(room.clinic_id, drift.id, at, DriftEnd::Repaired).await.unwrap();
    tx.commit().await.unwrap();
    let on = read(&world, &admin, "/connections").await;
    assert!(on.contains("put right at once.") && on.contains("is ready"), "{on}");
    let history = read(&world, &admin, &format!("/connections/{}", world.here.staff.id)).await;
    assert!(history.contains("Waiting room off") && history.contains("Put right at once."), "{history}");
}

#[tokio::test]
async fn repair_asks_for_a_look_which_the_page_shows_until_it_was_taken() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let admin = world.session_of(&world.here.admin).await;
    let path = format!("/connections/{}/repair", world.here.staff.id);
    let answer = world.send(post(&path).cookie(&admin)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(is_wanted(&world, &room).await);
    let back = answer.header("location").split('#').next().unwrap().to_owned();
    let waiting = read(&world, &admin, &back).await;
    assert!(waiting.contains("being checked") && waiting.contains("data-poll"), "{waiting}");
    assert!(waiting.contains("/connections/watch"), "without a script the page asks anew by itself");
    world.clock.advance(Duration::from_secs(2));
    looked_at(&world, &room).await;
    let done = read(&world, &admin, "/connections/rows").await;
    assert!(
        !done.contains("being checked") && !done.contains("data-poll") && done.contains("ready"),
        "{done}"
    );
}

#[tokio::test]
async fn nobody_has_a_look_taken_at_another_clinics_room() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let theirs = world.session_of(&world.there.admin).await;
    let staff = world.here.staff.id;
    for ask in [post(&format!("/connections/{staff}/repair")), get(&format!("/connections/{staff}"))] {
        assert_eq!(world.send(ask.cookie(&theirs)).await.status, StatusCode::NOT_FOUND);
    }
    assert!(!is_wanted(&world, &room).await);
}

#[tokio::test]
async fn those_whose_visit_is_soonest_stand_first() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    breaks(&world, &room, "revoked").await;
    world.book(&world.here, "v-1").await;
    // The admin sees patients too, is not connected, and has nothing booked.
    world.update(&world.here.admin, &[domain::staff::Role::Admin, domain::staff::Role::Staff], None).await;
    let admin = world.session_of(&world.here.admin).await;
    let shown = read(&world, &admin, "/connections").await;
    let live = shown.split("id=\"live\"").nth(1).unwrap();
    let place = |name: &str| live.find(&format!("<h3><bdi>{name}")).unwrap();
    assert!(place("osei of Riverside") < place("ada of Riverside"), "{live}");
    assert!(live.contains("next visit today 11:00") && live.contains("no visit booked"), "{live}");
    assert!(live.contains("The first visit among them"), "{live}");
    assert!(live.contains("needs reconnecting") && live.contains("consent was taken back"), "{live}");
}

/// Somebody's connection is broken, and that is known.
async fn is_known_to_be_broken(world: &World) {
    let room = give_a_room(world).await;
    breaks(world, &room, "revoked").await;
    let alert = Alert {
        id: world.app.ambient.id(),
        clinic_id: room.clinic_id,
        staff_id: room.staff_id,
        kind: AlertKind::Reconnect,
        appointment_id: None,
        presence_id: None,
        key: "reconnect/1".to_owned(),
        detail: Some("revoked".to_owned()),
        raised_at: world.app.ambient.now(),
        ended_at: None,
        told_at: None,
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.raise_alert(&alert).await.unwrap();
    tx.commit().await.unwrap();
}

async fn remind(world: &World, cookie: &str) -> crate::world::Answer {
    world.send(post(&format!("/connections/{}/remind", world.here.staff.id)).cookie(cookie)).await
}

#[tokio::test]
async fn an_admin_reminds_somebody_and_sees_when_and_by_what_they_were_told() {
    let from = domain::text::Email::parse("visits@anteroom.example").unwrap();
    let mail = outreach::MailSettings { url: "smtp://127.0.0.1:1".into(), from };
    let world = World::of_parts("http://127.0.0.1:8080", |parts| {
        parts.outreach = parts.outreach.clone().sending_by(Some(mail), None);
    })
    .await;
    is_known_to_be_broken(&world).await;
    let admin = world.session_of(&world.here.admin).await;
    let before = read(&world, &admin, "/connections").await;
    assert!(before.contains("not written to yet; known since today 10:00") && before.contains(">Remind<"));
    world.clock.advance(Duration::from_mins(5));
    let done = remind(&world, &admin).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(done.header("location").starts_with("/connections?done=reminded-email#"), "{done:?}");
    let after = read(&world, &admin, "/connections?done=reminded-email").await;
    let told = "today 10:05 by e-mail, to connect again, as somebody asked (on its way)";
    assert!(after.contains("Reminded by e-mail.") && after.contains(told), "{after}");
    let again = remind(&world, &admin).await;
    assert!(again.header("location").contains("done=just-now"), "not twice within minutes");
}

#[tokio::test]
async fn a_reminder_that_cannot_go_out_is_said_to_have_not() {
    let world = World::new().await;
    is_known_to_be_broken(&world).await;
    let admin = world.session_of(&world.here.admin).await;
    let done = remind(&world, &admin).await;
    assert!(done.header("location").contains("done=unreachable-channel_off"), "{done:?}");
    let said = read(&world, &admin, "/connections?done=unreachable-channel_off").await;
    assert!(said.contains("They could not be reminded: e-mail is not set up"), "{said}");
    let theirs = world.session_of(&world.there.admin).await;
    assert_eq!(remind(&world, &theirs).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_admin_says_after_how_many_minutes_a_host_is_late() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let save = async |steps: &[(&str, &str)]| {
        world.send(post("/connections/settings").cookie(&admin).form(steps)).await
    };
    let kept = async || {
        let mut tx = world.store().read().await.unwrap();
        tx.alert_settings(world.here.clinic.id).await.unwrap().host_late_after
    };
    assert!(read(&world, &admin, "/connections").await.contains(r#"name="step-1" value="10""#));
    let saved = save(&[("step-0", "15"), ("step-1", "3")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(kept().await, [3, 15]);
    let refused = save(&[("step-0", "a\"b"), ("step-1", "3")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Not saved yet") && refused.body.contains("a&#34;b"), "{}", refused.body);
    assert_eq!(kept().await, [3, 15], "what was there stays");
}

#[tokio::test]
async fn who_is_told_by_what_is_shown_and_what_is_not_set_up_is_said() {
    let world = World::new().await;
    let mut tx = world.store().begin().await.unwrap();
    let choice = Choice { own: Told::Email, clinic: Told::Sms };
    tx.set_alert_choice(world.here.clinic.id, world.here.scheduler.id, choice).await.unwrap();
    tx.commit().await.unwrap();
    let admin = world.session_of(&world.here.admin).await;
    let shown = read(&world, &admin, "/connections").await;
    let lines = shown.split("id=\"told-by\"").nth(1).unwrap();
    let line = |name: &str| lines.split("<tr>").find(|line| line.contains(name)).unwrap().to_owned();
    assert!(line("sid of Riverside").contains("by text message"));
    assert!(!line("sid of Riverside").contains("Of their own"), "the desk has no room");
    assert!(line("osei of Riverside").contains("by e-mail"), "whoever never chose");
    assert!(lines.contains("Neither e-mail nor text messages are set up"), "{lines}");
}
