use domain::attendance::matching::Press;
use store::{StoreError, ports::links::LinkFor, testing::Engine};

use crate::{
    once,
    world::{World, always, appointment, at, attendee, link},
};

crate::on_both_engines! {
    links_come_back_as_they_went_in,
    there_is_one_link_for_each_thing_until_it_is_revoked,
    the_links_of_several_appointments_come_in_one_answer,
    a_page_is_opened_for_the_first_time_once,
    presses_come_in_order_of_time,
    a_press_says_where_it_came_from_where_that_is_known,
}

async fn links_come_back_as_they_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let host = link(&world.ambient, world.clinic, LinkFor::Host(world.appointment.id));
    once!(engine.store, tx => tx.insert_link(&host)).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    for link in [&world.link, &world.room_link, &host] {
        assert_eq!(tx.link(&link.token_hash).await.unwrap().as_ref(), Some(link));
    }
    assert_eq!(tx.link(&[0; 32]).await.unwrap(), None);
    let mut wanted = [world.link, host];
    wanted.sort_by_key(|link| link.id);
    assert_eq!(tx.links_of(world.clinic, world.appointment.id).await.unwrap(), wanted);
    assert_eq!(tx.room_link(world.clinic, world.host.id).await.unwrap(), Some(world.room_link));
    assert_eq!(tx.room_link(world.clinic, world.colleague.id).await.unwrap(), None);
}

async fn there_is_one_link_for_each_thing_until_it_is_revoked(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let host = LinkFor::Host(world.appointment.id);
    once!(engine.store, tx => tx.insert_link(&link(&world.ambient, world.clinic, host))).unwrap();
    for link_for in [world.link.link_for, world.room_link.link_for, host] {
        let second = link(&world.ambient, world.clinic, link_for);
        let taken = once!(engine.store, tx => tx.insert_link(&second));
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{link_for:?}: {taken:?}");
    }
    let mut tx = engine.store.begin().await.unwrap();
    tx.revoke_link(world.clinic, world.link.id, at(5)).await.unwrap();
    tx.revoke_link(world.clinic, world.link.id, at(9)).await.unwrap();
    assert_eq!(tx.link(&world.link.token_hash).await.unwrap().unwrap().revoked_at, Some(at(5)));
    let second = link(&world.ambient, world.clinic, world.link.link_for);
    tx.insert_link(&second).await.unwrap();
    let links = tx.links_of(world.clinic, world.appointment.id).await.unwrap();
    assert!(links.contains(&second) && links.iter().all(|link| link.id != world.link.id));
}

async fn the_links_of_several_appointments_come_in_one_answer(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    let (mut ids, mut wanted) = (vec![world.appointment.id], vec![world.link.clone()]);
    for number in 0..3 {
        let mut new = appointment(&world.ambient, world.clinic, world.host.id, &format!("a{number}"), 0);
        new.attendees = vec![attendee(&world.ambient, "one", "One")];
        tx.put_appointment(world.clinic, &new).await.unwrap();
        let its = link(&world.ambient, world.clinic, LinkFor::Attendee(new.id, new.attendees[0].id));
        tx.insert_link(&its).await.unwrap();
        if number < 2 {
            ids.push(new.id);
            wanted.push(its);
        }
    }
    wanted.sort_by_key(|link| link.id);
    assert_eq!(tx.links_of_all(world.clinic, &ids).await.unwrap(), wanted);
    assert_eq!(tx.links_of_all(world.clinic, &[]).await.unwrap(), []);
}

async fn a_page_is_opened_for_the_first_time_once(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.mark_opened(world.clinic, world.link.id, at(1)).await.unwrap());
    assert!(!tx.mark_opened(world.clinic, world.link.id, at(2)).await.unwrap());
    assert_eq!(tx.link(&world.link.token_hash).await.unwrap().unwrap().opened_at, Some(at(1)));
}

async fn presses_come_in_order_of_time(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let press = |seconds| Press { id: world.ambient.id(), at: at(seconds), ..world.press.clone() };
    let (early, late, same) = (press(-10), press(10), press(10));
    let mut tx = engine.store.begin().await.unwrap();
    for press in [&late, &same, &early] {
        tx.insert_press(press).await.unwrap();
    }
    let mut wanted = vec![early, world.press.clone(), late, same];
    wanted.sort_by_key(|press| (press.at, press.id));
    assert_eq!(tx.presses_in_room(world.clinic, world.room.id, always()).await.unwrap(), wanted);
    assert_eq!(tx.presses(world.clinic, always()).await.unwrap(), wanted);
    assert_eq!(tx.presses(world.clinic, at(-10)..at(10)).await.unwrap(), wanted[..2]);
    assert_eq!(tx.presses_in_room(world.clinic, world.room.id, at(0)..at(10)).await.unwrap(), wanted[1..2]);
}

async fn a_press_says_where_it_came_from_where_that_is_known(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let press = |address: Option<&str>| Press {
        id: world.ambient.id(),
        at: at(1),
        client_address: address.map(|address| address.parse().unwrap()),
        from_page: address.is_some(),
        ..world.press.clone()
    };
    let mut wanted = [press(None), press(Some("198.51.100.4")), press(Some("2001:db8::7"))];
    wanted.sort_by_key(|press| press.id);
    let mut tx = engine.store.begin().await.unwrap();
    for press in &wanted {
        tx.insert_press(press).await.unwrap();
    }
    assert_eq!(tx.presses(world.clinic, at(1)..at(2)).await.unwrap(), wanted);
}
