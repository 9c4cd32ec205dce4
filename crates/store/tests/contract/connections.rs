use domain::{
    id::Id as _,
    room::{ConnectionState, RoomKind},
};
use store::{StoreError, ports::access::SealedTokens, testing::Engine};
use uuid::Uuid;

use crate::{
    once,
    world::{NOW, World, at, connection, room, tokens},
};

crate::on_both_engines! {
    a_connection_its_tokens_and_its_room_come_back_as_they_went_in,
    a_zoom_user_is_connected_once_in_the_installation,
    a_person_has_one_connection_and_may_connect_anew_after_disconnecting,
    new_tokens_mend_a_connection,
    tokens_that_come_after_the_disconnection_are_not_kept,
    one_instance_at_a_time_refreshes_until_its_lease_ends,
    what_was_asked_is_in_doubt_until_it_is_settled,
    those_refreshed_longest_ago_come_first_and_only_connected_ones,
    what_zoom_says_of_the_user_is_renewed,
    a_meeting_number_and_a_person_have_one_room,
    a_room_made_anew_keeps_its_id,
    zoom_is_heard_forwards_only,
}

async fn a_connection_its_tokens_and_its_room_come_back_as_they_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, host) = (world.clinic, world.host.id);
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.connection(clinic, world.connection.id).await.unwrap().as_ref(), Some(&world.connection));
    assert_eq!(tx.connection_of(clinic, host).await.unwrap().as_ref(), Some(&world.connection));
    assert_eq!(tx.connections(clinic).await.unwrap(), std::slice::from_ref(&world.connection));
    let found = tx.connection_of_zoom_user("zoom-user-1").await.unwrap();
    assert_eq!(found.as_ref(), Some(&world.connection));
    assert_eq!(tx.connection_of_zoom_user("ZOOM-USER-1").await.unwrap(), None, "Zoom's ids have a case");
    assert_eq!(tx.tokens(clinic, world.connection.id).await.unwrap(), Some(world.tokens));
    assert_eq!(tx.room(clinic, world.room.id).await.unwrap().as_ref(), Some(&world.room));
    assert_eq!(tx.room_of(clinic, host).await.unwrap().as_ref(), Some(&world.room));
    assert_eq!(tx.rooms(clinic).await.unwrap(), std::slice::from_ref(&world.room));
    assert_eq!(tx.room_by_meeting(world.room.meeting_number).await.unwrap().as_ref(), Some(&world.room));
    assert_eq!(tx.room_by_meeting(1).await.unwrap(), None);
    let sealed = tx.join_url(clinic, world.room.id).await.unwrap();
    assert_eq!(sealed.as_deref(), Some(b"sealed join link".as_slice()));
}

async fn a_zoom_user_is_connected_once_in_the_installation(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    for world in [&here, &there] {
        let second = connection(&world.ambient, world.clinic, world.colleague.id, "zoom-user-1");
        let taken = once!(engine.store, tx => tx.insert_connection(&second, &tokens(&second)));
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    }
}

async fn a_person_has_one_connection_and_may_connect_anew_after_disconnecting(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, id) = (world.clinic, world.connection.id);
    let second = connection(&world.ambient, clinic, world.host.id, "another-zoom-user");
    let taken = once!(engine.store, tx => tx.insert_connection(&second, &tokens(&second)));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");

    let mut tx = engine.store.begin().await.unwrap();
    tx.set_connection_state(clinic, id, ConnectionState::Disconnected, None, at(1)).await.unwrap();
    tx.erase_tokens(clinic, id).await.unwrap();
    assert_eq!(tx.tokens(clinic, id).await.unwrap(), None);
    assert_eq!(tx.connection_of(clinic, world.host.id).await.unwrap(), None);
    assert_eq!(tx.connection_of_zoom_user("zoom-user-1").await.unwrap(), None);
    assert_eq!(tx.connections(clinic).await.unwrap(), []);
    let kept = tx.connection(clinic, id).await.unwrap().unwrap();
    assert_eq!(kept.state, ConnectionState::Disconnected);

    let anew = connection(&world.ambient, clinic, world.host.id, "zoom-user-1");
    tx.insert_connection(&anew, &tokens(&anew)).await.unwrap();
    assert_eq!(tx.connection_of(clinic, world.host.id).await.unwrap(), Some(anew));
}

async fn new_tokens_mend_a_connection(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, id) = (world.clinic, world.connection.id);
    let mut tx = engine.store.begin().await.unwrap();
    tx.set_connection_state(clinic, id, ConnectionState::NeedsReconnect, Some("revoked"), at(1))
        .await
        .unwrap();
    let broken = tx.connection(clinic, id).await.unwrap().unwrap();
    assert_eq!(
        (broken.state, broken.trouble.as_deref(), broken.checked_at),
        (ConnectionState::NeedsReconnect, Some("revoked"), NOW),
        "Zoom did not take the tokens, so that the time when it last did stays"
    );
    let fresh = SealedTokens { access: vec![5], refresh: vec![6], refreshed_at: at(2), ..world.tokens };
    assert!(tx.set_tokens(clinic, &fresh).await.unwrap());
    let mended = tx.connection(clinic, id).await.unwrap().unwrap();
    assert_eq!((mended.state, mended.trouble, mended.checked_at), (ConnectionState::Connected, None, at(2)));
    assert_eq!(tx.tokens(clinic, id).await.unwrap(), Some(fresh));
    tx.set_connection_state(clinic, id, ConnectionState::Connected, None, at(3)).await.unwrap();
    assert_eq!(tx.connection(clinic, id).await.unwrap().unwrap().checked_at, at(3));
}

async fn tokens_that_come_after_the_disconnection_are_not_kept(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, id) = (world.clinic, world.connection.id);
    let mut tx = engine.store.begin().await.unwrap();
    tx.set_connection_state(clinic, id, ConnectionState::Disconnected, None, at(1)).await.unwrap();
    tx.erase_tokens(clinic, id).await.unwrap();
    assert!(!tx.set_tokens(clinic, &world.tokens).await.unwrap());
    tx.set_connection_state(clinic, id, ConnectionState::NeedsReconnect, Some("late"), at(2)).await.unwrap();
    assert_eq!(tx.tokens(clinic, id).await.unwrap(), None);
    let kept = tx.connection(clinic, id).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.trouble), (ConnectionState::Disconnected, None));
}

async fn one_instance_at_a_time_refreshes_until_its_lease_ends(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, id) = (world.clinic, world.connection.id);
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.lease_refresh(clinic, id, one, at(0), at(30)).await.unwrap());
    assert!(!tx.lease_refresh(clinic, id, two, at(29), at(60)).await.unwrap());
    assert!(tx.lease_refresh(clinic, id, one, at(20), at(50)).await.unwrap(), "the holder may prolong it");
    assert!(!tx.lease_refresh(clinic, id, two, at(49), at(60)).await.unwrap());
    assert!(tx.lease_refresh(clinic, id, two, at(50), at(80)).await.unwrap(), "it has ended");
    tx.release_refresh(clinic, id, one).await.unwrap();
    assert!(
        !tx.lease_refresh(clinic, id, one, at(51), at(80)).await.unwrap(),
        "it was not the holder's to give"
    );
    tx.release_refresh(clinic, id, two).await.unwrap();
    assert_eq!(tx.lock_connection(clinic, id).await.unwrap(), None);
    assert!(tx.lease_refresh(clinic, id, one, at(52), at(80)).await.unwrap());
    assert_eq!(tx.lock_connection(clinic, id).await.unwrap(), Some((one, at(80))));
}

async fn what_was_asked_is_in_doubt_until_it_is_settled(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = World::put(&*engine.store, 2).await;
    let (clinic, id) = (world.clinic, world.connection.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), None);
    tx.note_asked(clinic, id, at(5)).await.unwrap();
    tx.note_asked(other.clinic, other.connection.id, at(4)).await.unwrap();
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), Some(at(5)));
    assert_eq!(
        tx.in_doubt_since(other.clinic, id).await.unwrap(),
        None,
        "another clinic knows nothing of it"
    );
    assert_eq!(tx.connections_in_doubt(at(4), 9).await.unwrap(), []);
    let all = tx.connections_in_doubt(at(6), 9).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [other.connection.id, id]);
    assert_eq!(tx.connections_in_doubt(at(6), 1).await.unwrap().len(), 1);
    // A word about the room says nothing of the tokens.
    tx.set_connection_state(clinic, id, ConnectionState::Connected, Some("room"), at(6)).await.unwrap();
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), Some(at(5)));
    tx.settle_doubt(clinic, id).await.unwrap();
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), None);
    // New tokens, and the knowledge that none can be had, settle it as well.
    tx.note_asked(clinic, id, at(7)).await.unwrap();
    assert!(tx.set_tokens(clinic, &world.tokens).await.unwrap());
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), None);
    tx.note_asked(clinic, id, at(8)).await.unwrap();
    tx.set_connection_state(clinic, id, ConnectionState::NeedsReconnect, Some("why"), at(9)).await.unwrap();
    assert_eq!(tx.in_doubt_since(clinic, id).await.unwrap(), None);
    let asked = tx.connections_in_trouble("why", at(8), 9).await.unwrap();
    assert_eq!(asked, [], "asked about at that very moment");
    assert_eq!(tx.connections_in_trouble("why", at(9), 9).await.unwrap().len(), 1);
    assert_eq!(tx.connections_in_trouble("other", at(9), 9).await.unwrap(), []);
}

async fn those_refreshed_longest_ago_come_first_and_only_connected_ones(engine: Engine) {
    let mut worlds = Vec::new();
    for (seed, refreshed) in [(1, 30), (2, 10), (3, 20), (4, 5)] {
        let world = World::put(&*engine.store, seed).await;
        let tokens = SealedTokens { refreshed_at: at(refreshed), ..world.tokens.clone() };
        once!(engine.store, tx => tx.set_tokens(world.clinic, &tokens)).unwrap();
        worlds.push(world);
    }
    let broken = &worlds[3];
    once!(engine.store, tx => tx.set_connection_state(
        broken.clinic, broken.connection.id, ConnectionState::NeedsReconnect, Some("x"), at(40)))
    .unwrap();
    let mut tx = engine.store.read().await.unwrap();
    let due = tx.connections_to_refresh(at(30), 10).await.unwrap();
    let due: Vec<_> = due.iter().map(|connection| connection.clinic_id).collect();
    assert_eq!(due, [worlds[1].clinic, worlds[2].clinic]);
    assert_eq!(tx.connections_to_refresh(at(30), 1).await.unwrap().len(), 1);
}

async fn what_zoom_says_of_the_user_is_renewed(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut renewed = world.connection.clone();
    (renewed.zoom_email, renewed.zoom_account_id, renewed.zoom_plan) = ("new@x".into(), "moved".into(), 1);
    once!(engine.store, tx => tx.update_connection(world.clinic, &renewed)).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.connection(world.clinic, renewed.id).await.unwrap(), Some(renewed));
}

async fn a_meeting_number_and_a_person_have_one_room(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let same_number = room(&there.ambient, there.clinic, there.colleague.id, here.room.meeting_number);
    let taken = once!(engine.store, tx => tx.insert_room(&same_number, b""));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let second = room(&here.ambient, here.clinic, here.host.id, 5);
    let taken = once!(engine.store, tx => tx.insert_room(&second, b""));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

async fn a_room_made_anew_keeps_its_id(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut renewed = world.room.clone();
    renewed.meeting_number = i64::MAX;
    renewed.kind = RoomKind::Registered;
    renewed.checked_at = at(9);
    once!(engine.store, tx => tx.update_room(world.clinic, &renewed, b"new")).unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    tx.lock_room(world.clinic, renewed.id).await.unwrap();
    assert_eq!(tx.room(world.clinic, renewed.id).await.unwrap().as_ref(), Some(&renewed));
    assert_eq!(tx.join_url(world.clinic, renewed.id).await.unwrap().as_deref(), Some(b"new".as_slice()));
    assert_eq!(tx.room_by_meeting(world.room.meeting_number).await.unwrap(), None);
    assert_eq!(tx.room_by_meeting(i64::MAX).await.unwrap(), Some(renewed));
}

async fn zoom_is_heard_forwards_only(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let silent = room(&world.ambient, world.clinic, world.colleague.id, 5);
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_room(&silent, b"").await.unwrap();
    tx.heard_from_zoom(world.clinic, Some(world.room.id), at(5)).await.unwrap();
    tx.heard_from_zoom(world.clinic, Some(world.room.id), at(4)).await.unwrap();
    tx.heard_from_zoom(world.clinic, None, at(7)).await.unwrap();
    assert_eq!(tx.last_heard_from_zoom(world.clinic).await.unwrap(), Some(at(7)));
    assert_eq!(tx.rooms_last_heard(world.clinic).await.unwrap(), [(world.room.id, at(5))]);
    let nobody = domain::ClinicId::from_uuid(Uuid::from_u128(4));
    assert_eq!(tx.last_heard_from_zoom(nobody).await.unwrap(), None);
}
