use domain::room::ConnectionState;
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
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        status: Some(503),
        count: 1,
        ..Fault::default()
    });
    assert_eq!(world.zoom.refresh_due().await.unwrap(), Refreshed { failed: 1, ..Refreshed::default() });
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
