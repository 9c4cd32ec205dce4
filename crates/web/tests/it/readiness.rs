//! Whether the day can begin, as the desk reads it at seven in the morning.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{Timestamp, room::guard::DriftKind};

use crate::{
    connections::{breaks, lacks, looked_at},
    pages::{give_a_room, read},
    world::{World, post},
};

#[tokio::test]
async fn a_day_without_visits_needs_nobody() {
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    let shown = read(&world, &desk, "/readiness").await;
    assert!(shown.contains("Nothing today") && shown.contains("Book an appointment"), "{shown}");
    assert!(shown.contains("CST"), "the zone is told");
    assert!(!shown.contains("href=\"/connections\""), "the board of connections is the admin's");
    let admin = world.session_of(&world.here.admin).await;
    assert!(read(&world, &admin, "/readiness").await.contains("href=\"/connections\""));
}

#[tokio::test]
async fn a_host_whose_room_was_looked_at_today_can_begin() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "v-1").await;
    let desk = world.session_of(&world.here.scheduler).await;
    let unseen = read(&world, &desk, "/readiness").await;
    assert!(
        unseen.contains("Not checked yet") && unseen.contains("Their first visit is at 11:00."),
        "{unseen}"
    );
    looked_at(&world, &room).await;
    let seen = read(&world, &desk, "/readiness").await;
    assert!(seen.contains("one host can begin") && seen.contains("11:00–11:30"), "{seen}");
    assert!(seen.contains("1 of 1 patient still to come has no link"), "{seen}");
    assert!(seen.contains("Neither e-mail nor text messages are set up"), "{seen}");
}

#[tokio::test]
async fn a_host_who_has_to_connect_again_or_whose_waiting_room_is_off_is_not_ready() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "v-1").await;
    looked_at(&world, &room).await;
    lacks(&world, &room, DriftKind::WaitingRoomOff).await;
    let desk = world.session_of(&world.here.scheduler).await;
    let off = read(&world, &desk, "/readiness").await;
    assert!(off.contains("1 of 1 host is not ready.") && off.contains("waiting room is off"), "{off}");
    breaks(&world, &room, "disabled_by_admin").await;
    let paused = read(&world, &desk, "/readiness").await;
    assert!(
        paused.contains("paused at Zoom") && paused.contains("Whoever administers their Zoom account"),
        "{paused}"
    );
}

#[tokio::test]
async fn checking_counts_the_looks_that_were_taken_and_ends_by_itself() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "v-1").await;
    let desk = world.session_of(&world.here.scheduler).await;
    let asked = world.send(post("/readiness").cookie(&desk)).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let page = asked.header("location").to_owned();
    let wanted =
        world.store().read().await.unwrap().guarded(room.clinic_id, room.id).await.unwrap().wanted_at;
    assert!(wanted.is_some_and(|at| page == format!("/readiness?since={}", at.as_micros())), "{page}");
    let before = read(&world, &desk, &page).await;
    assert!(before.contains("0 of 1 checked…") && before.contains("data-poll"), "{before}");
    assert!(
        before.contains(&page.replace("/readiness?", "/readiness/watch?")),
        "without a script it goes on too"
    );
    world.clock.advance(Duration::from_secs(1));
    looked_at(&world, &room).await;
    let after = read(&world, &desk, &page.replace("/readiness?", "/readiness/rows?")).await;
    assert!(after.contains("1 of 1 checked.") && !after.contains("data-poll"), "{after}");
    assert!(after.contains("one host can begin"), "{after}");
}

#[tokio::test]
async fn looks_that_take_too_long_are_not_waited_for_for_ever() {
    let world = World::new().await;
    give_a_room(&world).await;
    world.book(&world.here, "v-1").await;
    let desk = world.session_of(&world.here.scheduler).await;
    let page = world.send(post("/readiness").cookie(&desk)).await.header("location").to_owned();
    world.clock.advance(Duration::from_mins(4));
    let late = read(&world, &desk, &page).await;
    assert!(late.contains("0 of 1 checked.") && late.contains("took too long"), "{late}");
    assert!(!late.contains("data-poll"), "{late}");
}

#[tokio::test]
async fn another_clinics_hosts_are_neither_shown_nor_looked_at() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    world.book(&world.here, "v-1").await;
    let theirs = world.session_of(&world.there.scheduler).await;
    assert!(!read(&world, &theirs, "/readiness").await.contains("osei of Riverside"));
    world.send(post("/readiness").cookie(&theirs)).await;
    let wanted =
        world.store().read().await.unwrap().guarded(room.clinic_id, room.id).await.unwrap().wanted_at;
    assert_eq!(wanted, None::<Timestamp>);
}
