use domain::{alert::AlertKind, room::ConnectionState};
use zoomsim::Fault;

use crate::testing::{AMARA, JONAS, World};

use super::*;

#[tokio::test]
async fn a_connection_that_nobody_uses_is_renewed_within_a_day() {
    let world = World::new().await;
    world.connected().await;
    let before = world.kept().await.unwrap();
    world.clock.advance(RENEW_AFTER);
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default(), "not yet");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { renewed: 1, ..Refreshed::default() });
    assert!(world.kept().await.unwrap().1 != before.1);
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default(), "once");
}

#[tokio::test]
async fn one_broken_connection_does_not_keep_the_others_from_being_renewed() {
    let world = World::new().await;
    world.connected().await;
    let colleague = world.colleague().await;
    world.connect(&colleague, JONAS).await.unwrap();
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(21));
    let round = world.zoom.refresh_due().await.unwrap();
    assert_eq!(round, Refreshed { renewed: 1, broken: 1, failed: 0 });
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::NeedsReconnect);
    assert_eq!(world.connection_of(&colleague).await.unwrap().state, ConnectionState::Connected);
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default(), "and it is not tried again");
}

#[tokio::test]
async fn a_renewal_that_failed_is_tried_in_the_next_round() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(Duration::from_hours(21));
    world.sim.fault(Fault { route: "POST /oauth/token".to_owned(), status: Some(503), ..Fault::default() });
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { failed: 1, ..Refreshed::default() });
    world.sim.clear_faults();
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { renewed: 1, ..Refreshed::default() });
}

#[tokio::test]
async fn the_timer_stops_when_it_is_told_to() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(Duration::from_hours(30));
    let stop = CancellationToken::new();
    let (zoom, told) = (world.zoom.clone(), stop.clone());
    let running = tokio::spawn(async move { zoom.run(told).await });
    let before = world.kept().await.unwrap();
    while world.kept().await.unwrap().1 == before.1 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
}

/// An administrator switches the app off, until the faults are cleared.
fn switch_off(world: &World) {
    let body = serde_json::json!({ "reason": "The app has been disabled (4738)", "error": "invalid_grant" });
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        status: Some(400),
        body: Some(body),
        count: 1_000_000,
        ..Fault::default()
    });
}

#[tokio::test]
async fn a_paused_connection_works_again_by_itself_once_the_administrator_allows_it() {
    let world = World::new().await;
    let connection = world.connected().await;
    switch_off(&world);
    world.clock.advance(Duration::from_hours(21));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { broken: 1, ..Refreshed::default() });
    let before = world.counted().await;
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default());
    assert_eq!(world.counted().await, before, "not at once again");
    world.clock.advance(TRY_PAUSED_AFTER + Duration::from_secs(1));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default(), "paused as before");
    assert_eq!(world.counted().await, before + 1);
    world.sim.clear_faults();
    world.clock.advance(TRY_PAUSED_AFTER + Duration::from_secs(1));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { renewed: 1, ..Refreshed::default() });
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.alerts_lasting(connection.clinic_id).await.unwrap(), []);
    assert_eq!(tx.rooms_wanted(9).await.unwrap().len(), 1, "nobody could look at it for a while");
}

#[tokio::test]
async fn a_paused_connection_whose_tokens_died_meanwhile_has_to_be_made_again() {
    let world = World::new().await;
    let connection = world.connected().await;
    switch_off(&world);
    world.clock.advance(Duration::from_hours(21));
    world.zoom.refresh_due().await.unwrap();
    world.sim.clear_faults();
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(TRY_PAUSED_AFTER + Duration::from_secs(1));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { broken: 1, ..Refreshed::default() });
    let told = world.store.read().await.unwrap().alerts_lasting(connection.clinic_id).await.unwrap();
    assert_eq!(told.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::Reconnect]);
    world.clock.advance(Duration::from_hours(30));
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed::default(), "and is not tried again");
}
