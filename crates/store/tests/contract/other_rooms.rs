use domain::attendance::matching::Press;
use store::{StoreError, ports::other_rooms::OtherRoom, testing::Engine};

use crate::{
    once,
    world::{World, always, at, handed_out::other_room},
};

crate::on_both_engines! {
    a_room_of_another_product_comes_back_as_it_went_in,
    links_that_are_pasted_anew_take_the_place_of_the_old,
    a_person_has_one_room,
    a_press_can_lead_into_a_room_of_another_product,
    how_a_room_is_dialled_into_is_kept_and_forgotten,
}

async fn a_room_of_another_product_comes_back_as_it_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let room = &world.handed_out.other_room;
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.other_room_of(world.clinic, world.colleague.id).await.unwrap().as_ref(), Some(room));
    assert_eq!(tx.other_room_of(world.clinic, world.host.id).await.unwrap(), None);
    assert_eq!(tx.other_rooms(world.clinic).await.unwrap(), std::slice::from_ref(room));
}

async fn links_that_are_pasted_anew_take_the_place_of_the_old(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let renewed = OtherRoom {
        host_url_sealed: vec![],
        guest_url_sealed: vec![8, 0],
        host_url_digest: [1; 32],
        guest_url_digest: [1; 32],
        host_name: "meet.example".into(),
        trouble: Some("same_link".into()),
        checked_at: Some(at(9)),
        ..world.handed_out.other_room.clone()
    };
    let hosts = other_room(&world.ambient, &world.host);
    for room in [&renewed, &hosts] {
        once!(engine.store, tx => tx.put_other_room(room)).unwrap();
    }
    let mut rooms = [renewed, hosts];
    rooms.sort_by_key(|room| room.id);
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.other_rooms(world.clinic).await.unwrap(), rooms);
}

async fn a_person_has_one_room(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let second = other_room(&world.ambient, &world.colleague);
    let taken = once!(engine.store, tx => tx.put_other_room(&second));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

async fn a_press_can_lead_into_a_room_of_another_product(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let press = Press {
        id: world.ambient.id(),
        room_id: world.handed_out.other_room.id,
        at: at(5),
        from_page: false,
        ..world.press.clone()
    };
    once!(store, tx => tx.insert_press(&press)).unwrap();
    let nowhere = Press { id: world.ambient.id(), room_id: world.ambient.id(), ..press.clone() };
    let refused = once!(store, tx => tx.insert_press(&nowhere));
    assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.presses(world.clinic, always()).await.unwrap(), [world.press.clone(), press.clone()]);
    assert_eq!(
        tx.presses_in_room(world.clinic, world.room.id, always()).await.unwrap(),
        std::slice::from_ref(&world.press),
        "what led elsewhere says nothing of who is in Zoom's room"
    );
    let last = tx.last_presses(world.clinic, &[world.appointment.id]).await.unwrap();
    assert_eq!(last, [(world.attendee, world.press.at)], "of those from the page");
}

async fn how_a_room_is_dialled_into_is_kept_and_forgotten(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let read = async || {
        let mut tx = store.read().await.unwrap();
        tx.dial_in(world.clinic, world.room.id).await.unwrap()
    };
    assert_eq!(read().await.as_deref(), Some(b"sealed numbers".as_slice()));
    once!(store, tx => tx.set_dial_in(them.clinic, world.room.id, Some(b"theirs"))).unwrap();
    assert_eq!(read().await.as_deref(), Some(b"sealed numbers".as_slice()));
    once!(store, tx => tx.set_dial_in(world.clinic, world.room.id, Some(b"anew"))).unwrap();
    assert_eq!(read().await.as_deref(), Some(b"anew".as_slice()));
    once!(store, tx => tx.set_dial_in(world.clinic, world.room.id, None)).unwrap();
    assert_eq!(read().await, None);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.dial_in(world.clinic, world.ambient.id()).await.unwrap(), None);
}
