use domain::outreach::message::Channel;
use store::{
    StoreError,
    ports::consents::{ConsentChange, SaidBy},
    testing::Engine,
};

use crate::{
    once,
    world::{NOW, World, appointment, at, attendee, external},
};

crate::on_both_engines! {
    what_was_agreed_to_comes_back_in_the_order_in_which_it_was_said,
    a_persons_consents_are_found_at_all_their_appointments,
    consent_changes_and_nothing_else_of_the_appointment_does,
    an_address_that_wants_nothing_more_is_known_by_its_channel,
    somebody_is_an_attendee_of_that_appointment,
}

fn change(channel: Channel, given: bool, said_by: SaidBy, seconds: i64) -> ConsentChange {
    ConsentChange { channel, given, said_by, at: at(seconds) }
}

async fn what_was_agreed_to_comes_back_in_the_order_in_which_it_was_said(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, appointment, rosa) = (world.clinic, world.appointment.id, world.attendee);
    let son = world.appointment.attendees[1].id;
    // The second is said in the same instant as the first, and the third by a clock that went back.
    let said = [
        change(Channel::Sms, false, SaidBy::Patient, 0),
        change(Channel::Email, true, SaidBy::Desk, 0),
        change(Channel::Sms, true, SaidBy::Scheduler, -9),
    ];
    for one in &said {
        once!(store, tx => tx.note_consent(clinic, appointment, rosa, one)).unwrap();
    }
    let mut tx = store.read().await.unwrap();
    let consents = tx.consents_of(clinic, appointment, rosa).await.unwrap();
    assert_eq!(consents[0], world.handed_out.consent);
    assert_eq!(consents[1..], said);
    assert_eq!(tx.consents_of(clinic, appointment, son).await.unwrap(), []);
}

async fn a_persons_consents_are_found_at_all_their_appointments(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let mut second = appointment(&world.ambient, world.clinic, world.host.id, "second", 60);
    second.attendees =
        vec![attendee(&world.ambient, "rosa", "Rosa Delgado"), attendee(&world.ambient, "x", "X")];
    once!(store, tx => tx.put_appointment(world.clinic, &second)).unwrap();
    let (later, earlier) = (
        change(Channel::Email, false, SaidBy::Patient, 60),
        change(Channel::Email, true, SaidBy::Scheduler, -60),
    );
    for (attendee, said) in [(0, &later), (0, &earlier), (1, &later)] {
        let attendee = second.attendees[attendee].id;
        once!(store, tx => tx.note_consent(world.clinic, second.id, attendee, said)).unwrap();
    }
    let mut tx = store.read().await.unwrap();
    let rosa = external("rosa");
    let mut found = tx.consents_of_persons(world.clinic, std::slice::from_ref(&rosa)).await.unwrap();
    assert!(found.is_sorted_by_key(|(_, change)| change.at), "the oldest first");
    assert!(found.iter().all(|(person, _)| *person == rosa));
    found.retain(|(_, change)| *change != world.handed_out.consent);
    assert_eq!(found.iter().map(|(_, change)| *change).collect::<Vec<_>>(), [earlier, later]);
    let theirs = tx.consents_of_persons(them.clinic, &[rosa, external("x")]).await.unwrap();
    assert_eq!(theirs.len(), 1, "what was said at the other clinic");
    assert_eq!(tx.consents_of_persons(world.clinic, &[]).await.unwrap(), []);
}

async fn consent_changes_and_nothing_else_of_the_appointment_does(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let set = async |clinic, channel, given| {
        once!(store, tx => tx.set_consent(clinic, world.attendee, channel, given)).unwrap();
    };
    let read = async || {
        let mut tx = store.read().await.unwrap();
        tx.appointment(world.clinic, world.appointment.id).await.unwrap().unwrap()
    };
    set(them.clinic, Channel::Email, false).await;
    assert_eq!(read().await, world.appointment, "another clinic's word counts nothing");
    set(world.clinic, Channel::Copy, false).await;
    assert_eq!(read().await, world.appointment, "nobody need agree to that");
    let mut wanted = world.appointment.clone();
    wanted.attendees[0].consent.email = false;
    set(world.clinic, Channel::Email, false).await;
    assert_eq!(read().await, wanted);
    wanted.attendees[0].consent.sms = true;
    set(world.clinic, Channel::Sms, true).await;
    assert_eq!(read().await, wanted);
}

async fn an_address_that_wants_nothing_more_is_known_by_its_channel(engine: Engine) {
    let store = &*engine.store;
    let address = "+15550100123";
    let asked: Vec<String> = [address, "+15550100999", "o'hara@home.example"].map(Into::into).into();
    let out = async |channel| {
        let mut tx = store.read().await.unwrap();
        tx.opted_out(channel, &asked).await.unwrap()
    };
    assert_eq!(out(Channel::Sms).await, Vec::<String>::new());
    for now in [NOW, at(5)] {
        once!(store, tx => tx.opt_out(Channel::Sms, address, now)).unwrap();
    }
    once!(store, tx => tx.opt_out(Channel::Email, "o'hara@home.example", NOW)).unwrap();
    assert_eq!(out(Channel::Sms).await, [address]);
    assert_eq!(out(Channel::Email).await, ["o'hara@home.example"]);
    once!(store, tx => tx.opt_in(Channel::Email, address)).unwrap();
    assert_eq!(out(Channel::Sms).await, [address], "by the other channel it is another word");
    for _ in 0..2 {
        once!(store, tx => tx.opt_in(Channel::Sms, address)).unwrap();
    }
    assert_eq!(out(Channel::Sms).await, Vec::<String>::new());
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.opted_out(Channel::Sms, &[]).await.unwrap(), Vec::<String>::new());
}

async fn somebody_is_an_attendee_of_that_appointment(engine: Engine) {
    let store = &*engine.store;
    let (me, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let said = change(Channel::Email, true, SaidBy::Patient, 0);
    for (appointment, attendee) in [(me.appointment.id, them.attendee), (them.appointment.id, them.attendee)]
    {
        let refused = once!(store, tx => tx.note_consent(me.clinic, appointment, attendee, &said));
        assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
    }
}
