use zoomsim::Fault;

use crate::testing::World;

use super::*;

#[tokio::test]
async fn a_room_that_could_not_be_made_is_made_by_itself_later() {
    let world = World::new().await;
    world.sim.fault(Fault {
        route: "* /v2/users/me/meetings".to_owned(),
        status: Some(503),
        ..Fault::default()
    });
    world.connected().await;
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0);
    world.sim.clear_faults();
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    assert_eq!(world.meetings().len(), 1);
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0, "and then left alone");
}

#[tokio::test]
async fn a_waiting_room_that_was_switched_off_is_noticed_within_a_day() {
    let world = World::new().await;
    world.connected().await;
    let number = world.meetings()[0].number;
    let off = serde_json::json!({ "settings": { "waiting_room": false } });
    world.sim.change_meeting(number, &off).unwrap();
    world.clock.advance(CHECK_ROOM_AFTER);
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    assert!(world.meetings()[0].waiting_room);
}
