use domain::{id::Id as _, room::RoomKind};
use store::{
    StoreError,
    ports::{links::LinkFor, rooms::RoomState},
    testing::Engine,
};

use crate::{
    ambient, once,
    world::{World, at, clinic, further::state, link},
};

crate::on_both_engines! {
    rooms_are_open_where_nobody_said_otherwise,
    a_wish_is_kept_and_can_be_taken_back,
    a_hosts_own_wish_says_before_the_clinics_whether_they_are_elsewhere,
    a_rooms_state_is_kept_and_can_be_cleared,
    there_is_one_guest_link_to_a_room_until_it_is_revoked,
}

async fn rooms_are_open_where_nobody_said_otherwise(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let new = clinic(&ambient(), "New");
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_clinic(&new).await.unwrap();
    assert_eq!(tx.clinic_room_kind(new.id).await.unwrap(), RoomKind::Open);
    assert_eq!(tx.staff_room_kind(world.clinic, world.colleague.id).await.unwrap(), None);
    let nobodys = domain::RoomId::from_uuid(uuid::Uuid::from_u128(1));
    assert_eq!(tx.room_state(world.clinic, nobodys).await.unwrap(), RoomState::default());
}

async fn a_wish_is_kept_and_can_be_taken_back(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, host) = (world.clinic, world.host.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.clinic_room_kind(clinic).await.unwrap(), RoomKind::Registered);
    assert_eq!(tx.staff_room_kind(clinic, host).await.unwrap(), Some(RoomKind::Open));
    tx.set_clinic_room_kind(clinic, RoomKind::Open).await.unwrap();
    tx.set_staff_room_kind(clinic, host, None).await.unwrap();
    assert_eq!(tx.clinic_room_kind(clinic).await.unwrap(), RoomKind::Open);
    assert_eq!(tx.staff_room_kind(clinic, host).await.unwrap(), None);
}

async fn a_hosts_own_wish_says_before_the_clinics_whether_they_are_elsewhere(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = World::put(&*engine.store, 2).await;
    let (clinic, host) = (world.clinic, world.host.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.hosts_elsewhere(clinic).await.unwrap(), []);
    tx.set_clinic_room_kind(clinic, RoomKind::Other).await.unwrap();
    let followers = tx.hosts_elsewhere(clinic).await.unwrap();
    assert!(
        followers.contains(&world.colleague.id) && !followers.contains(&host),
        "the host wishes for another"
    );
    tx.set_clinic_room_kind(clinic, RoomKind::Open).await.unwrap();
    tx.set_staff_room_kind(clinic, host, Some(RoomKind::Other)).await.unwrap();
    assert_eq!(tx.hosts_elsewhere(clinic).await.unwrap(), [host]);
    assert_eq!(tx.hosts_elsewhere(other.clinic).await.unwrap(), []);
}

async fn a_rooms_state_is_kept_and_can_be_cleared(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room) = (world.clinic, world.room.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.room_state(clinic, room).await.unwrap(), state());
    tx.update_room(clinic, &world.room, b"x").await.unwrap();
    assert_eq!(tx.room_state(clinic, room).await.unwrap(), state(), "a room made anew keeps it");
    let other = RoomState { kind_trouble: None, ..state() };
    tx.set_room_state(clinic, room, &other).await.unwrap();
    assert_eq!(tx.room_state(clinic, room).await.unwrap(), other);
    tx.set_room_state(clinic, room, &RoomState::default()).await.unwrap();
    assert_eq!(tx.room_state(clinic, room).await.unwrap(), RoomState::default());
}

async fn there_is_one_guest_link_to_a_room_until_it_is_revoked(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, host, first) = (world.clinic, world.host.id, world.further.guest_link.clone());
    let second = link(&world.ambient, clinic, LinkFor::Guest(host));
    let taken = once!(engine.store, tx => tx.insert_link(&second));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.link(&first.token_hash).await.unwrap().as_ref(), Some(&first));
    assert_eq!(tx.guest_link(clinic, host).await.unwrap(), Some(first.clone()));
    assert_eq!(tx.room_link(clinic, host).await.unwrap(), Some(world.room_link), "which is another one");
    assert_eq!(tx.guest_link(clinic, world.colleague.id).await.unwrap(), None);
    tx.revoke_link(clinic, first.id, at(5)).await.unwrap();
    assert_eq!(tx.guest_link(clinic, host).await.unwrap(), None);
    tx.insert_link(&second).await.unwrap();
    assert_eq!(tx.guest_link(clinic, host).await.unwrap(), Some(second));
}
