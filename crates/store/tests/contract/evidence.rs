use domain::{
    PresenceId,
    attendance::{
        matching::{Invite, Registration},
        no_show::{NoShowRuling, Ruling},
        presence::Who,
        record::RecordedStay,
        stay::StayKind,
    },
    id::Id as _,
};
use store::{StoreError, ports::evidence::MatchChange, testing::Engine};

use crate::{
    once,
    world::{NOW, World, always, appointment, at, attendee, further::recorded, matched},
};

crate::on_both_engines! {
    a_row_of_the_record_comes_back_as_it_went_in,
    a_row_that_says_the_same_once_more_changes_nothing,
    only_a_younger_record_corrects_a_row,
    rows_come_by_their_beginning_and_only_those_that_begin_in_the_range,
    a_rebuild_drops_the_record_and_keeps_what_does_not_come_from_the_inbox,
    a_look_at_the_same_moment_is_one,
    an_attendee_has_one_registration_for_a_room_as_it_is_numbered,
    one_registrant_is_never_two_people,
    registrations_are_found_by_what_zoom_calls_them,
    the_youngest_invite_is_the_attendees,
    all_that_was_shown_of_somebody_is_kept_in_order,
    words_on_no_shows_come_oldest_first,
}

async fn a_row_of_the_record_comes_back_as_it_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let bare = RecordedStay {
        kind: StayKind::Waiting,
        user_id: None,
        zoom_user_id: Some("KdYKjnimT4KPd8".into()),
        registrant_id: None,
        name: None,
        is_host: true,
        ..recorded(&world.ambient, 5)
    };
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.put_recorded_stay(world.clinic, world.room.id, &bare).await.unwrap());
    let found = tx.recorded_stays(world.clinic, world.room.id, always()).await.unwrap();
    assert_eq!(found, [world.further.recorded, bare]);
}

async fn a_row_that_says_the_same_once_more_changes_nothing(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let first = &world.further.recorded;
    let copy = RecordedStay { delivery: world.ambient.id(), ..first.clone() };
    let mut tx = engine.store.begin().await.unwrap();
    for same in [first, &copy, &copy] {
        assert!(!tx.put_recorded_stay(world.clinic, world.room.id, same).await.unwrap());
    }
    let found = tx.recorded_stays(world.clinic, world.room.id, always()).await.unwrap();
    assert_eq!(found, std::slice::from_ref(first), "the first that said so stays the evidence");
}

async fn only_a_younger_record_corrects_a_row(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let row = |delivery: u128, seconds| RecordedStay {
        delivery: domain::DeliveryId::from_uuid(uuid::Uuid::from_u128(delivery)),
        row: PresenceId::from_uuid(uuid::Uuid::from_u128(7)),
        to: at(seconds),
        ..world.further.recorded.clone()
    };
    let mut tx = engine.store.begin().await.unwrap();
    for (stay, changed) in [
        (row(5, 60), true),
        (row(3, 50), false),
        (row(8, 60), false),
        (row(7, 70), false),
        (row(9, 90), true),
        (row(9, 95), false),
    ] {
        let did = tx.put_recorded_stay(world.clinic, world.room.id, &stay).await.unwrap();
        assert_eq!(did, changed, "{stay:?}");
    }
    let found = tx.recorded_stays(world.clinic, world.room.id, always()).await.unwrap();
    assert!(found.contains(&row(9, 90)) && found.len() == 2, "{found:?}");
}

async fn rows_come_by_their_beginning_and_only_those_that_begin_in_the_range(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let [late, early, middle] = [20, 10, 15].map(|seconds| recorded(&world.ambient, seconds));
    let mut tx = engine.store.begin().await.unwrap();
    for stay in [&late, &early, &middle] {
        tx.put_recorded_stay(world.clinic, world.room.id, stay).await.unwrap();
    }
    let found = tx.recorded_stays(world.clinic, world.room.id, at(10)..at(20)).await.unwrap();
    assert_eq!(found, [early, middle]);
}

async fn a_rebuild_drops_the_record_and_keeps_what_does_not_come_from_the_inbox(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room) = (world.clinic, world.room.id);
    once!(engine.store, tx => tx.clear_attendance(clinic)).unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.recorded_stays(clinic, room, always()).await.unwrap(), []);
    assert_eq!(tx.looks(clinic, room, always()).await.unwrap(), [NOW]);
    assert_eq!(tx.registrations(clinic, room, &["r-1".into()]).await.unwrap().len(), 1);
    assert_eq!(tx.invites(clinic, room, always()).await.unwrap().len(), 1);
    assert_eq!(tx.match_changes(clinic, world.presence.id).await.unwrap().len(), 1);
    assert_eq!(tx.rulings(clinic, &[world.appointment.id]).await.unwrap().len(), 1);
    let again = RecordedStay { delivery: world.further.recorded.delivery, ..world.further.recorded };
    assert!(tx.put_recorded_stay(clinic, room, &again).await.unwrap(), "and it is made again");
}

async fn a_look_at_the_same_moment_is_one(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    for seconds in [9, 0, 9, -3] {
        tx.insert_look(world.clinic, world.room.id, at(seconds)).await.unwrap();
    }
    let all = tx.looks(world.clinic, world.room.id, always()).await.unwrap();
    assert_eq!(all, [at(-3), at(0), at(9)]);
    assert_eq!(tx.looks(world.clinic, world.room.id, at(-3)..at(9)).await.unwrap(), [at(-3), at(0)]);
}

async fn an_attendee_has_one_registration_for_a_room_as_it_is_numbered(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room, number) = (world.clinic, world.room.id, world.room.meeting_number);
    let first = &world.further.registration;
    let another = |registrant: &str, number| Registration {
        id: world.ambient.id(),
        registrant_id: registrant.into(),
        meeting_number: number,
        ..first.clone()
    };
    let second = another("r-2", number);
    let taken = once!(engine.store, tx => tx.insert_registration(&second, b"x"));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");

    let anew = another("r-2", number + 1);
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_registration(&anew, b"sealed anew").await.unwrap();
    let found = tx.registration_of(clinic, room, number, world.attendee).await.unwrap();
    assert_eq!(found, Some((first.clone(), b"sealed registration".to_vec())));
    let found = tx.registration_of(clinic, room, number + 1, world.attendee).await.unwrap();
    assert_eq!(found, Some((anew, b"sealed anew".to_vec())));
    let son = world.appointment.attendees[1].id;
    assert_eq!(tx.registration_of(clinic, room, number, son).await.unwrap(), None);
}

async fn one_registrant_is_never_two_people(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let son = Registration {
        id: world.ambient.id(),
        whose: Some((world.appointment.id, world.appointment.attendees[1].id)),
        ..world.further.registration.clone()
    };
    let guest = Registration { id: world.ambient.id(), whose: None, ..son.clone() };
    for registration in [son, guest] {
        let taken = once!(engine.store, tx => tx.insert_registration(&registration, b"x"));
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    }
}

async fn registrations_are_found_by_what_zoom_calls_them(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let guest = |registrant: &str| Registration {
        id: world.ambient.id(),
        registrant_id: registrant.into(),
        whose: None,
        ..world.further.registration.clone()
    };
    let (one, two) = (guest("g \"1\""), guest("g2"));
    let mut tx = engine.store.begin().await.unwrap();
    for guest in [&one, &two] {
        tx.insert_registration(guest, b"x").await.unwrap();
    }
    let mut wanted = vec![world.further.registration.clone(), one];
    wanted.sort_by_key(|registration| registration.id);
    let ids = ["nobody", "g \"1\"", "r-1", "r-1", "R-1", "g2\0", "\0"].map(String::from);
    assert_eq!(tx.registrations(world.clinic, world.room.id, &ids).await.unwrap(), wanted);
    assert_eq!(tx.registrations(world.clinic, world.room.id, &[]).await.unwrap(), []);
}

async fn the_youngest_invite_is_the_attendees(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room) = (world.clinic, world.room.id);
    let first = world.further.invite.clone();
    let made = |seconds| Invite {
        id: world.ambient.id(),
        at: at(seconds),
        until: at(seconds + 60),
        ..first.clone()
    };
    let (older, younger) = (made(-10), made(10));
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_invite(&younger, b"sealed, young").await.unwrap();
    tx.insert_invite(&older, b"old").await.unwrap();
    let found = tx.invite_of(clinic, room, world.attendee).await.unwrap();
    assert_eq!(found, Some((younger.clone(), b"sealed, young".to_vec())));
    assert_eq!(tx.invite_of(clinic, room, world.appointment.attendees[1].id).await.unwrap(), None);
    assert_eq!(tx.invites(clinic, room, always()).await.unwrap(), [older.clone(), first.clone(), younger]);
    assert_eq!(tx.invites(clinic, room, at(-10)..at(10)).await.unwrap(), [older, first]);
}

async fn all_that_was_shown_of_somebody_is_kept_in_order(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let shown = |who, matched| MatchChange { presence: world.presence.id, at: at(3), who, matched };
    let son = matched(world.appointment.id, world.appointment.attendees[1].id);
    // Three in the same moment, and one whose clock was behind.
    let later = [
        shown(Who::Visitor, None),
        shown(Who::Interpreter, None),
        shown(Who::Visitor, Some(son)),
        MatchChange { at: at(-9), ..shown(Who::Guest, None) },
    ];
    let mut tx = engine.store.begin().await.unwrap();
    for change in &later {
        tx.insert_match_change(world.clinic, change).await.unwrap();
    }
    let mut wanted = vec![world.further.shown.clone()];
    wanted.extend(later);
    assert_eq!(tx.match_changes(world.clinic, world.presence.id).await.unwrap(), wanted);
    let nobody = PresenceId::from_uuid(uuid::Uuid::from_u128(1));
    assert_eq!(tx.match_changes(world.clinic, nobody).await.unwrap(), []);
}

async fn words_on_no_shows_come_oldest_first(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let first = &world.further.ruling;
    let mut other = appointment(&world.ambient, world.clinic, world.host.id, "other", 0);
    other.attendees = vec![attendee(&world.ambient, "one", "One")];
    let mut tx = engine.store.begin().await.unwrap();
    tx.put_appointment(world.clinic, &other).await.unwrap();
    let said =
        |ruling, seconds| NoShowRuling { id: world.ambient.id(), ruling, at: at(seconds), ..first.clone() };
    let (accepted, withdrawn) = (said(Ruling::Accepted, 20), said(Ruling::Withdrawn, 10));
    let elsewhere = NoShowRuling {
        appointment_id: other.id,
        attendee_id: other.attendees[0].id,
        ..said(Ruling::Accepted, 5)
    };
    for ruling in [&accepted, &withdrawn, &elsewhere] {
        tx.insert_ruling(ruling).await.unwrap();
    }
    let one = tx.rulings(world.clinic, &[world.appointment.id]).await.unwrap();
    assert_eq!(one, [first.clone(), withdrawn.clone(), accepted.clone()]);
    let both = tx.rulings(world.clinic, &[other.id, world.appointment.id]).await.unwrap();
    assert_eq!(both, [first.clone(), elsewhere, withdrawn, accepted]);
    assert_eq!(tx.rulings(world.clinic, &[]).await.unwrap(), []);
}
