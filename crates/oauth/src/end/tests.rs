use std::time::Duration;

use zoomsim::Fault;

use crate::{
    RoomOutcome,
    testing::{AMARA, World},
};

use super::*;

#[tokio::test]
async fn disconnecting_erases_the_tokens_and_tells_zoom() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (access, refresh) = world.kept().await.unwrap();
    let mut tx = world.store.read().await.unwrap();
    let sealed = tx.tokens(connection.clinic_id, connection.id).await.unwrap().unwrap();
    drop(tx);
    let done = world.zoom.disconnect(connection.clinic_id, connection.staff_id).await.unwrap();
    assert!(done.zoom_knows);
    assert_eq!(world.connection().await, None);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.tokens(connection.clinic_id, connection.id).await.unwrap(), None);
    let kept = tx.connection(connection.clinic_id, connection.id).await.unwrap().unwrap();
    assert_eq!(kept.state, ConnectionState::Disconnected);
    drop(tx);
    assert!(world.zoom.0.api.me(&access).await.is_err());
    assert!(world.zoom.0.oauth.refresh(&refresh).await.is_err());
    assert!(sealed.refresh.len() > 40);
    let page = world.zoom.room_page(connection.clinic_id, connection.staff_id).await.unwrap();
    assert!(page.connection.is_none() && page.room.is_none() && page.guest_link.is_none());
    let again = world.zoom.disconnect(connection.clinic_id, connection.staff_id).await;
    assert!(matches!(again, Err(AccessError::NotConnected)));
}

#[tokio::test]
async fn disconnecting_works_while_zoom_is_down_and_says_that_zoom_does_not_know() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_hours(1));
    world.sim.fault(Fault { route: "* /oauth/*".to_owned(), status: Some(503), ..Fault::default() });
    let done = world.zoom.disconnect(connection.clinic_id, connection.staff_id).await.unwrap();
    assert!(!done.zoom_knows);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.tokens(connection.clinic_id, connection.id).await.unwrap(), None);
}

#[tokio::test]
async fn connecting_the_same_zoom_user_again_gives_the_same_room_back() {
    let world = World::new().await;
    let first = world.connect(&world.amara, AMARA).await.unwrap();
    let connection = first.connection;
    world.zoom.disconnect(connection.clinic_id, connection.staff_id).await.unwrap();
    let second = world.connect(&world.amara, AMARA).await.unwrap();
    let (RoomOutcome::Ready(before), RoomOutcome::Ready(after)) = (first.room, second.room) else {
        panic!("no room")
    };
    assert_eq!(after.room.id, before.room.id);
    assert_eq!(after.room.meeting_number, before.room.meeting_number);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn a_removed_app_ends_the_connection_without_a_call() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_mins(1));
    world.sim.deauthorize(AMARA).unwrap();
    world.count("*");
    let ended =
        world.zoom.deauthorized(AMARA, &connection.zoom_account_id, world.ambient.now()).await.unwrap();
    assert_eq!(ended, Some((connection.clinic_id, connection.staff_id)));
    let told = world.store.read().await.unwrap().alerts_lasting(connection.clinic_id).await.unwrap();
    assert_eq!(told.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::AppRemoved]);
    assert_eq!(world.counted().await, 0);
    assert_eq!(world.connection().await, None);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.tokens(connection.clinic_id, connection.id).await.unwrap(), None);
    drop(tx);
    let repeated =
        world.zoom.deauthorized(AMARA, &connection.zoom_account_id, world.ambient.now()).await.unwrap();
    assert_eq!(repeated, None);
    world.connect(&world.amara, AMARA).await.unwrap();
    let told = world.store.read().await.unwrap().alerts_lasting(connection.clinic_id).await.unwrap();
    assert_eq!(told, [], "connecting again ends it");
}

#[tokio::test]
async fn the_app_that_was_removed_without_a_word_is_noticed_by_the_next_renewal() {
    let world = World::new().await;
    let connection = world.connected().await;
    let before = world.zoom.room_page(connection.clinic_id, connection.staff_id).await.unwrap().room;
    world.sim.deauthorize(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(21));
    world.zoom.refresh_due().await.unwrap();
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::NeedsReconnect);
    // The word comes after all, and once more.
    for _ in 0..2 {
        world.zoom.deauthorized(AMARA, &connection.zoom_account_id, world.ambient.now()).await.unwrap();
    }
    let told = world.store.read().await.unwrap().alerts_lasting(connection.clinic_id).await.unwrap();
    assert_eq!(told.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::AppRemoved]);
    world.connect(&world.amara, AMARA).await.unwrap();
    let after = world.zoom.room_page(connection.clinic_id, connection.staff_id).await.unwrap().room;
    assert_eq!(before.unwrap().meeting_number, after.unwrap().meeting_number);
}

#[tokio::test]
async fn disconnecting_a_broken_connection_ends_what_is_told_of_it() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(21));
    world.zoom.refresh_due().await.unwrap();
    world.zoom.disconnect(connection.clinic_id, connection.staff_id).await.unwrap();
    let told = world.store.read().await.unwrap().alerts_lasting(connection.clinic_id).await.unwrap();
    assert_eq!(told, []);
}

#[tokio::test]
async fn a_late_word_that_the_app_was_removed_does_not_end_a_newer_connection() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_mins(1));
    let removed_at = world.ambient.now();
    world.sim.deauthorize(AMARA).unwrap();
    world.clock.advance(Duration::from_mins(1));
    world.connect(&world.amara, AMARA).await.unwrap();
    world.clock.advance(Duration::from_mins(80));
    let ended = world.zoom.deauthorized(AMARA, &connection.zoom_account_id, removed_at).await.unwrap();
    assert_eq!(ended, None);
    assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.is_ok());
}

#[tokio::test]
async fn a_stranger_who_removed_the_app_ends_nothing() {
    let world = World::new().await;
    world.connected().await;
    let ended = world.zoom.deauthorized("nobody", "no account", world.ambient.now()).await.unwrap();
    assert_eq!(ended, None);
    assert!(world.connection().await.is_some());
}
