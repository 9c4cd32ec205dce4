use std::time::Duration;

use domain::appointment::{Kind, Status};
use store::{StoreError, testing::Engine};

use crate::{
    once,
    world::{World, always, appointment, at, attendee, external, name},
};

crate::on_both_engines! {
    an_appointment_comes_back_as_it_went_in,
    putting_it_again_replaces_it,
    an_attendee_who_is_no_longer_listed_is_kept_out_of_sight,
    who_was_taken_off_is_found_again_and_can_come_back,
    an_external_id_is_taken_once_in_a_clinic,
    an_attendees_id_belongs_to_one_appointment,
    appointments_overlap_a_range_that_they_do_not_merely_touch,
    pages_neither_overlap_nor_leave_out_where_starts_tie,
}

async fn an_appointment_comes_back_as_it_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let wanted = Some(world.appointment.clone());
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.appointment(world.clinic, world.appointment.id).await.unwrap(), wanted);
    assert_eq!(tx.appointment_by_external_id(world.clinic, "appointment").await.unwrap(), wanted);
    assert_eq!(tx.appointment_of_attendee(world.clinic, world.attendee).await.unwrap(), wanted);
    assert_eq!(tx.appointments(world.clinic, always(), None).await.unwrap(), [world.appointment]);
    assert_eq!(tx.appointment_by_external_id(world.clinic, "Appointment").await.unwrap(), None);
}

async fn putting_it_again_replaces_it(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut changed = world.appointment.clone();
    changed.external_id = external("moved");
    changed.host = world.colleague.id;
    changed.kind = Kind::InPerson;
    changed.status = Status::Cancelled;
    (changed.starts_at, changed.ends_at) = (at(100), at(200));
    changed.updated_at = at(50);
    changed.attendees.reverse();
    changed.attendees[0].name = name("Rosa Delgado-Ruiz");
    changed.attendees[0].email = None;
    changed.attendees[1].consent.sms = true;
    changed.attendees.push(attendee(&world.ambient, "third", "Li"));
    let put = domain::appointment::Appointment { created_at: at(50), ..changed.clone() };
    once!(engine.store, tx => tx.put_appointment(world.clinic, &put)).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    let found = tx.appointment(world.clinic, changed.id).await.unwrap();
    assert_eq!(found, Some(changed), "all of it, but for the time when it was first booked");
}

async fn an_attendee_who_is_no_longer_listed_is_kept_out_of_sight(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut changed = world.appointment.clone();
    let gone = changed.attendees.remove(0);
    once!(engine.store, tx => tx.put_appointment(world.clinic, &changed)).unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    let found = tx.appointment_of_attendee(world.clinic, gone.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&changed));
    let pressed = tx.presses(world.clinic, always()).await.unwrap();
    assert_eq!(pressed, [world.press], "what was said about them stands");
    // Somebody else under the same external id, then the first one once more.
    let mut again = changed.clone();
    again.attendees.push(attendee(&world.ambient, "rosa", "Rosa Delgado"));
    tx.put_appointment(world.clinic, &again).await.unwrap();
    assert_eq!(tx.appointment(world.clinic, again.id).await.unwrap().as_ref(), Some(&again));
    changed.attendees.push(gone);
    tx.put_appointment(world.clinic, &changed).await.unwrap();
    assert_eq!(tx.appointment(world.clinic, again.id).await.unwrap(), Some(changed));
}

async fn who_was_taken_off_is_found_again_and_can_come_back(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (them, mut changed) = (World::put(&*engine.store, 2).await, world.appointment.clone());
    let gone = changed.attendees.remove(0);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.former_attendees(world.clinic, changed.id).await.unwrap(), []);
    tx.put_appointment(world.clinic, &changed).await.unwrap();
    assert_eq!(tx.former_attendees(world.clinic, changed.id).await.unwrap(), std::slice::from_ref(&gone));
    assert_eq!(tx.former_attendees(them.clinic, changed.id).await.unwrap(), []);
    changed.attendees.push(gone);
    tx.put_appointment(world.clinic, &changed).await.unwrap();
    assert_eq!(tx.former_attendees(world.clinic, changed.id).await.unwrap(), []);
    assert_eq!(tx.appointment(world.clinic, changed.id).await.unwrap(), Some(changed));
}

async fn an_external_id_is_taken_once_in_a_clinic(engine: Engine) {
    let (here, _there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let second = appointment(&here.ambient, here.clinic, here.host.id, "appointment", 0);
    let taken = once!(engine.store, tx => tx.put_appointment(here.clinic, &second));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let mut twice = appointment(&here.ambient, here.clinic, here.host.id, "twice", 0);
    twice.attendees = vec![attendee(&here.ambient, "same", "A"), attendee(&here.ambient, "same", "B")];
    let taken = once!(engine.store, tx => tx.put_appointment(here.clinic, &twice));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

async fn an_attendees_id_belongs_to_one_appointment(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut second = appointment(&world.ambient, world.clinic, world.host.id, "second", 0);
    second.attendees = world.appointment.attendees.clone();
    let taken = once!(engine.store, tx => tx.put_appointment(world.clinic, &second));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

async fn appointments_overlap_a_range_that_they_do_not_merely_touch(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, host) = (world.clinic, world.host.id);
    let mut tx = engine.store.begin().await.unwrap();
    let mut put = Vec::new();
    // The world's own runs from 0 to 1800.
    for (external_id, starts, lasts) in
        [("before", -1800, 1800), ("into", -900, 1800), ("day", -86_000, 86_400), ("after", 1800, 60)]
    {
        let mut new = appointment(&world.ambient, clinic, host, external_id, starts);
        new.ends_at = new.starts_at.plus(Duration::from_secs(lasts));
        tx.put_appointment(clinic, &new).await.unwrap();
        put.push(new);
    }
    put[1].status = Status::Cancelled;
    put[1].host = world.colleague.id;
    tx.put_appointment(clinic, &put[1]).await.unwrap();
    let ids = |found: Vec<domain::appointment::Appointment>| {
        found.iter().map(|found| found.external_id.as_str().to_owned()).collect::<Vec<_>>()
    };
    let found = tx.appointments(clinic, at(0)..at(1800), None).await.unwrap();
    assert_eq!(ids(found), ["day", "into", "appointment"]);
    let found = tx.appointments(clinic, at(0)..at(1800), Some(world.colleague.id)).await.unwrap();
    assert_eq!(ids(found), ["into"], "cancelled ones too");
    assert_eq!(ids(tx.appointments(clinic, at(1900)..at(9999), None).await.unwrap()), Vec::<String>::new());
    assert_eq!(
        ids(tx.appointments(clinic, at(399)..at(401), None).await.unwrap()),
        ["day", "into", "appointment"]
    );
    assert_eq!(ids(tx.appointments(clinic, at(400)..at(401), None).await.unwrap()), ["into", "appointment"]);
}

async fn pages_neither_overlap_nor_leave_out_where_starts_tie(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let clinic = world.clinic;
    let mut tx = engine.store.begin().await.unwrap();
    let mut wanted = Vec::new();
    for number in 0..9 {
        let host = if number == 4 { world.colleague.id } else { world.host.id };
        let mut new = appointment(&world.ambient, clinic, host, &format!("a{number}"), 1000 + number / 3);
        new.attendees = vec![attendee(&world.ambient, "one", "One")];
        tx.put_appointment(clinic, &new).await.unwrap();
        wanted.push(new);
    }
    wanted.sort_by_key(|new| (new.starts_at, new.id));
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = tx.appointments_page(clinic, at(1000)..at(1003), None, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.starts_at, last.id));
        seen.extend(page);
    }
    assert_eq!(seen, wanted);
    let one =
        tx.appointments_page(clinic, at(1000)..at(1002), Some(world.colleague.id), None, 10).await.unwrap();
    assert_eq!(one.len(), 1);
    let empty = tx.appointments_page(clinic, at(1003)..at(1004), None, None, 10).await.unwrap();
    assert_eq!(empty, [], "the end is not part of the range");
}
