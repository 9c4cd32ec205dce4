use std::time::Duration;

use domain::room::ConnectionState;
use serde_json::json;
use zoomsim::{Fault, WaitingRoomLock};

use crate::{
    RoomOutcome, Trouble,
    testing::{AMARA, World},
};

use super::*;

const CLINIC_ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";

async fn provision(world: &World) -> Result<Provisioned, RoomError> {
    world.zoom.provision_room(world.amara.clinic_id, world.amara.staff_id).await
}

fn lost_answer(route: &str) -> Fault {
    Fault { route: route.to_owned(), status: Some(504), after: true, count: 1, ..Fault::default() }
}

#[tokio::test]
async fn a_room_whose_making_went_unanswered_is_found_and_not_made_twice() {
    for cut in [false, true] {
        let world = World::new().await;
        world.sim.fault(Fault { cut, ..lost_answer("POST /v2/users/me/meetings") });
        let connected = world.connect(&world.amara, AMARA).await.unwrap();
        let RoomOutcome::Ready(provisioned) = connected.room else { panic!("no room") };
        assert_eq!(provisioned.how, How::Found);
        assert_eq!(world.meetings().len(), 1);
        assert_eq!(world.meetings()[0].number, provisioned.room.meeting_number);
    }
}

#[tokio::test]
async fn a_room_that_could_not_even_be_looked_for_is_found_later() {
    let world = World::new().await;
    world.sim.fault(Fault { cut: true, ..lost_answer("POST /v2/users/me/meetings") });
    // The first look finds nothing, the second one, after the lost answer, fails.
    world.sim.fault(Fault { route: "GET /v2/users/me/meetings".to_owned(), count: 1, ..Fault::default() });
    world.sim.fault(Fault {
        route: "GET /v2/users/me/meetings".to_owned(),
        status: Some(503),
        count: 1,
        ..Fault::default()
    });
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    let RoomOutcome::Delayed { why } = connected.room else { panic!("a room") };
    assert!(why.is_temporary());
    assert!(world.connection().await.is_some(), "the connection is kept");
    let provisioned = provision(&world).await.unwrap();
    assert_eq!(provisioned.how, How::Found);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn a_room_that_was_made_but_not_kept_is_found_again() {
    let world = World::new().await;
    world.sim.fault(Fault {
        route: "* /v2/users/me/meetings".to_owned(),
        status: Some(503),
        ..Fault::default()
    });
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    assert!(matches!(connected.room, RoomOutcome::Delayed { .. }));
    world.sim.clear_faults();
    // As if the program had died just after the answer.
    let token = world.zoom.access_token(world.amara.clinic_id, connected.connection.id).await.unwrap();
    let owner = world.zoom.owner(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    let look = world.zoom.look_of(owner, &token, LookFor::Daily).await.unwrap();
    let (made, how) = world.zoom.find_or_make(&look, RoomKind::Open).await.unwrap();
    assert_eq!(how, How::Made);
    let provisioned = provision(&world).await.unwrap();
    assert_eq!(provisioned.how, How::Found);
    assert_eq!(provisioned.room.meeting_number, made.number);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_at_once_make_one_room() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::on(engine, |_| {}).await;
        let route = "* /v2/users/me/meetings".to_owned();
        world.sim.fault(Fault { route, status: Some(503), ..Fault::default() });
        world.connected().await;
        world.sim.clear_faults();
        // So that everybody's look would end before anybody's room is there.
        let route = "GET /v2/users/me/meetings".to_owned();
        world.sim.fault(Fault { route, delay_ms: 30, ..Fault::default() });
        let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
        let mut attempts = Vec::new();
        for _ in 0..4 {
            let zoom = world.other_instance().await;
            attempts.push(tokio::spawn(async move { zoom.provision_room(clinic, staff).await }));
        }
        let mut rooms = Vec::new();
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(provisioned) => rooms.push(provisioned.room.id),
                Err(error) => assert!(error.is_temporary(), "{name}: {error}"),
            }
        }
        assert!(!rooms.is_empty());
        assert!(rooms.iter().all(|room| *room == rooms[0]), "{name}");
        assert_eq!(world.meetings().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_made_while_zooms_list_cannot_be_read_to_its_end() {
    let world = World::new().await;
    world.sim.fault(Fault {
        route: "GET /v2/users/me/meetings".to_owned(),
        status: Some(200),
        body: Some(json!({ "meetings": ["?"], "next_page_token": "" })),
        ..Fault::default()
    });
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    let RoomOutcome::Delayed { why } = connected.room else { panic!("a room") };
    assert!(matches!(why, RoomError::ListIncomplete));
    assert!(world.meetings().is_empty());
}

#[tokio::test]
async fn a_waiting_room_that_was_switched_off_is_switched_on_again() {
    let world = World::new().await;
    world.connected().await;
    let number = world.meetings()[0].number;
    world.sim.change_meeting(number, &json!({ "settings": { "waiting_room": false } })).unwrap();
    assert!(!world.meetings()[0].waiting_room);
    let provisioned = provision(&world).await.unwrap();
    assert!(provisioned.deviations.is_empty());
    assert!(world.meetings()[0].waiting_room);
    assert_eq!(world.connection().await.unwrap().trouble, None);
}

#[tokio::test]
async fn a_waiting_room_that_is_locked_off_is_said_to_be_until_it_is_on() {
    let world = World::new().await;
    world.sim.knobs(|knobs| {
        let lock = WaitingRoomLock { on: false, refuses: false };
        knobs.waiting_room_locks.insert(CLINIC_ACCOUNT.to_owned(), lock);
    });
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    let RoomOutcome::Ready(provisioned) = connected.room else { panic!("no room") };
    assert!(provisioned.deviations.contains(&Deviation::WaitingRoomOff), "{:?}", provisioned.deviations);
    let page = world.zoom.room_page(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    assert_eq!(page.trouble, Some(Trouble::RoomWaitingRoomOff));
    let connection = page.connection.unwrap();
    assert_eq!(connection.state, ConnectionState::Connected);

    // Renewed tokens say nothing new about the room.
    world.clock.advance(Duration::from_hours(1));
    world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap();
    assert_eq!(world.connection().await.unwrap().trouble.as_deref(), Some("room_waiting_room_off"));

    world.sim.knobs(|knobs| knobs.waiting_room_locks.clear());
    assert!(provision(&world).await.unwrap().deviations.is_empty());
    assert_eq!(world.connection().await.unwrap().trouble, None);
}

#[tokio::test]
async fn a_room_that_was_deleted_at_zoom_for_good_is_made_anew_under_the_same_id() {
    let world = World::new().await;
    world.connected().await;
    let before = provision(&world).await.unwrap();
    assert_eq!(before.how, How::Kept);
    world.delete_for_good(before.room.meeting_number);
    let after = provision(&world).await.unwrap();
    assert_eq!(after.how, How::Replaced);
    assert_eq!(after.room.id, before.room.id);
    assert_ne!(after.room.meeting_number, before.room.meeting_number);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn a_meeting_is_not_taken_for_gone_because_zoom_is_down() {
    let world = World::new().await;
    world.connected().await;
    let before = provision(&world).await.unwrap();
    for (status, body) in [(503, None), (404, Some(json!("<html>not here</html>"))), (429, None)] {
        world.sim.fault(Fault {
            route: "GET /v2/meetings/*".to_owned(),
            status: Some(status),
            body,
            count: 1,
            ..Fault::default()
        });
        assert!(provision(&world).await.unwrap_err().is_temporary(), "{status}");
        world.clock.advance(Duration::from_secs(2));
    }
    assert_eq!(provision(&world).await.unwrap().room.meeting_number, before.room.meeting_number);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn a_token_that_died_early_is_renewed_in_between() {
    let world = World::new().await;
    let connection = world.connected().await;
    let dead = world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap();
    world.sim.fault(Fault {
        route: "GET /v2/meetings/*".to_owned(),
        status: Some(401),
        body: Some(json!({ "code": 124, "message": "Invalid access token." })),
        count: 1,
        ..Fault::default()
    });
    assert_eq!(provision(&world).await.unwrap().how, How::Kept);
    assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap() != dead);
}

#[tokio::test]
async fn the_page_shows_the_join_link_and_the_hosts_way_on_the_same_host() {
    let world = World::new().await;
    world.connected().await;
    let page = world.zoom.room_page(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    let (meeting, guest_link) = (&world.meetings()[0], page.guest_link.unwrap());
    assert_eq!(guest_link.expose(), meeting.join_url);
    let way = page.host_way.unwrap();
    assert_eq!(way.path(), format!("/s/{}", meeting.number));
    assert_eq!((way.query(), way.port()), (None, url::Url::parse(&meeting.join_url).unwrap().port()));
    assert!(!format!("{guest_link:?}").contains("pwd"));
}

#[tokio::test]
async fn nobody_who_is_not_connected_gets_a_room() {
    let world = World::new().await;
    let refused = provision(&world).await;
    assert!(matches!(refused, Err(RoomError::Access(AccessError::NotConnected))));
    let page = world.zoom.room_page(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    assert!(page.connection.is_none() && page.room.is_none() && page.guest_link.is_none());
}

/// How the room can be dialled into, as it is kept.
async fn dial_in(world: &World, room: &Room) -> Option<DialIn> {
    let sealed = world.store.read().await.unwrap().dial_in(room.clinic_id, room.id).await.unwrap()?;
    for secret in ["646 555 0100", &room.meeting_number.to_string()] {
        assert!(!String::from_utf8_lossy(&sealed).contains(secret), "it is sealed");
    }
    let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
    let place = vault::Place { clinic: &clinic, table: "rooms", column: "dial_in", row: &row };
    let opened = world.zoom.0.keys.open_text(place, &vault::Sealed::from_bytes(sealed)).unwrap();
    Some(serde_json::from_str(opened.expose()).unwrap())
}

#[tokio::test]
async fn how_a_room_is_dialled_into_is_kept_with_it_sealed() {
    let world = World::new().await;
    world.connected().await;
    let room = provision(&world).await.unwrap().room;
    let kept = dial_in(&world, &room).await.unwrap();
    assert_eq!(kept.meeting, room.meeting_number.to_string());
    assert_eq!(kept.numbers[0].number, "+1 646 555 0100");
    assert_eq!(kept.numbers[0].country, "US");
    assert_eq!(kept.passcode.map(|code| code.len()), Some(6));
}

#[tokio::test]
async fn numbers_that_zoom_takes_away_are_forgotten_at_the_next_look() {
    let world = World::new().await;
    world.connected().await;
    let room = provision(&world).await.unwrap().room;
    assert!(dial_in(&world, &room).await.is_some());
    world.sim.knobs(|knobs| knobs.dial_in = false);
    provision(&world).await.unwrap();
    assert_eq!(dial_in(&world, &room).await, None);
    world.sim.knobs(|knobs| knobs.dial_in = true);
    provision(&world).await.unwrap();
    assert!(dial_in(&world, &room).await.is_some(), "and known again when they are back");
}
