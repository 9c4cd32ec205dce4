use domain::{
    Ambient,
    alert::{Alert, AlertKind, Group},
    attendance::{
        event::{Person, RoomEvent, What},
        matching::{Decision, Level, Match, StaffOrToken, Verdict},
        presence::{Presence, Whereabouts, Who},
        stay::{Source, Stay, StayKind},
    },
};
use store::{StoreError, testing::Engine};

use crate::{
    once,
    world::{NOW, World, always, at, clinic, event, member, presence, room},
};

crate::on_both_engines! {
    an_event_comes_back_as_it_went_in_and_only_once,
    events_come_in_order_of_time_then_delivery,
    the_span_of_a_room_reaches_from_its_first_event_to_its_last,
    a_presence_comes_back_as_it_went_in_and_is_replaced,
    a_name_that_postgresql_cannot_hold_stops_nothing,
    presences_are_found_by_time_room_and_appointment,
    rooms_are_unsettled_while_somebody_there_is_not_known_for_certain,
    a_clinic_is_watched_while_somebody_is_there_or_something_lasts,
    a_presence_that_was_part_of_another_is_removed,
    clearing_attendance_leaves_decisions_and_the_inbox,
    decisions_come_oldest_first,
    decisions_about_some_are_without_those_about_others,
    a_presence_needs_a_room_and_an_attendee_that_exist,
}

async fn an_event_comes_back_as_it_went_in_and_only_once(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room) = (world.clinic, world.room.id);
    let full = RoomEvent {
        what: What::Bound,
        person: Some(Person {
            user_id: Some("16778240".into()),
            participant_uuid: Some("A==".into()),
            zoom_user_id: Some("u".into()),
            registrant_id: Some("r".into()),
            customer_key: Some("k".into()),
            name: Some("محمد \u{0} 🌻".into()),
            phone: Some("+15550100123".into()),
            public_ip: Some("203.0.113.1".into()),
            is_host: true,
            bound_to: Some("1".into()),
        }),
        ..event(&world.ambient, 5)
    };
    let bare =
        RoomEvent { what: What::MeetingEnded, instance: None, person: None, ..event(&world.ambient, 6) };
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.insert_room_event(clinic, room, &full, &[1; 16]).await.unwrap());
    let same = RoomEvent { delivery: world.ambient.id(), ..full.clone() };
    assert!(!tx.insert_room_event(clinic, room, &same, &[1; 16]).await.unwrap());
    assert!(tx.insert_room_event(clinic, room, &bare, &[2; 16]).await.unwrap());
    assert_eq!(tx.room_events(clinic, room, at(1)..at(100)).await.unwrap(), [full, bare]);
}

async fn events_come_in_order_of_time_then_delivery(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, room) = (world.clinic, world.room.id);
    let mut wanted = vec![world.event.clone()];
    let mut tx = engine.store.begin().await.unwrap();
    for (number, seconds) in [(1, 7), (2, -3), (3, 7), (4, 7), (5, 2)] {
        let new = event(&world.ambient, seconds);
        // The meaning's order is another one.
        assert!(tx.insert_room_event(clinic, room, &new, &[9 - number; 16]).await.unwrap());
        wanted.push(new);
    }
    wanted.sort_by_key(|event| (event.at, event.delivery));
    assert_eq!(tx.room_events(clinic, room, always()).await.unwrap(), wanted);
    assert_eq!(tx.room_events(clinic, room, at(0)..at(7)).await.unwrap(), wanted[1..3]);
}

async fn the_span_of_a_room_reaches_from_its_first_event_to_its_last(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let silent = room(&world.ambient, world.clinic, world.colleague.id, 5);
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_room(&silent, b"").await.unwrap();
    assert_eq!(tx.room_event_span(world.clinic, silent.id).await.unwrap(), None);
    for (number, seconds) in [(1, 50), (2, -50)] {
        let new = event(&world.ambient, seconds);
        tx.insert_room_event(world.clinic, world.room.id, &new, &[number; 16]).await.unwrap();
    }
    assert_eq!(tx.room_event_span(world.clinic, world.room.id).await.unwrap(), Some((at(-50), at(50))));
}

async fn a_presence_comes_back_as_it_went_in_and_is_replaced(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    let id = world.presence.id;
    assert_eq!(tx.presence(world.clinic, id).await.unwrap().as_ref(), Some(&world.presence));
    let mut later = world.presence.clone();
    later.who = Who::Staff;
    later.staff_id = Some(world.colleague.id);
    later.shown_name = None;
    later.first_at = at(-1);
    later.whereabouts = Whereabouts::Left;
    later.since = at(60);
    later.stays[0].to = Some(at(60));
    later.stays[0].to_source = Some(Source::Person);
    later.stays.push(Stay { kind: StayKind::InSession, ..later.stays[0].clone() });
    later.matched = None;
    later.candidates.clear();
    tx.put_presence(world.clinic, &later).await.unwrap();
    assert_eq!(tx.presence(world.clinic, id).await.unwrap(), Some(later));
    assert_eq!(tx.presences_of(world.clinic, world.appointment.id).await.unwrap(), []);
}

async fn a_name_that_postgresql_cannot_hold_stops_nothing(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut odd = presence(&world.ambient, world.clinic, world.room.id, 5);
    odd.shown_name = Some("Ro\0sa".into());
    let mut tx = engine.store.begin().await.unwrap();
    tx.put_presence(world.clinic, &odd).await.unwrap();
    let found = tx.presence(world.clinic, odd.id).await.unwrap().unwrap();
    assert_eq!(found.shown_name.as_deref(), Some("Ro\u{fffd}sa"));
}

async fn presences_are_found_by_time_room_and_appointment(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let clinic = world.clinic;
    let other = room(&world.ambient, clinic, world.colleague.id, 5);
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_room(&other, b"").await.unwrap();
    let (one, two, three) = (
        presence(&world.ambient, clinic, world.room.id, 10),
        presence(&world.ambient, clinic, other.id, 5),
        presence(&world.ambient, clinic, world.room.id, -5),
    );
    for presence in [&one, &two, &three] {
        tx.put_presence(clinic, presence).await.unwrap();
    }
    let first = world.presence;
    let found = tx.presences(clinic, always()).await.unwrap();
    assert_eq!(found, [three.clone(), first.clone(), two, one.clone()]);
    assert_eq!(
        tx.presences_in_room(clinic, world.room.id, always()).await.unwrap(),
        [three, first.clone(), one]
    );
    assert_eq!(tx.presences(clinic, at(0)..at(5)).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(
        tx.presences_in_room(clinic, world.room.id, at(0)..at(10)).await.unwrap(),
        std::slice::from_ref(&first)
    );
    assert_eq!(tx.presences_of(clinic, world.appointment.id).await.unwrap(), [first]);
}

async fn rooms_are_unsettled_while_somebody_there_is_not_known_for_certain(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let clinic = world.clinic;
    let (level, here) = (Level::Certain, (clinic, world.room.id));
    let mut tx = engine.store.begin().await.unwrap();
    let mut somebody = world.presence.clone();
    somebody.matched = somebody.matched.map(|matched| Match { level, ..matched });
    tx.put_presence(clinic, &somebody).await.unwrap();
    assert!(tx.unsettled_rooms(always()).await.unwrap().is_empty(), "who is known for certain");
    let waits = presence(&world.ambient, clinic, world.room.id, 10);
    let unknown = Presence { who: Who::Visitor, whereabouts: Whereabouts::Waiting, matched: None, ..waits };
    let others = [
        Presence { whereabouts: Whereabouts::Left, ..unknown.clone() },
        Presence { who: Who::Guest, ..unknown.clone() },
        Presence { first_at: at(20), ..unknown.clone() },
    ];
    for nobody in others {
        tx.put_presence(clinic, &nobody).await.unwrap();
        assert!(tx.unsettled_rooms(at(0)..at(20)).await.unwrap().is_empty(), "{nobody:?}");
    }
    tx.put_presence(clinic, &unknown).await.unwrap();
    assert_eq!(tx.unsettled_rooms(at(0)..at(20)).await.unwrap(), [here].into());
    let level = Level::Probable;
    somebody.matched = somebody.matched.map(|matched| Match { level, ..matched });
    tx.put_presence(clinic, &somebody).await.unwrap();
    tx.remove_presence(clinic, unknown.id).await.unwrap();
    assert_eq!(tx.unsettled_rooms(always()).await.unwrap(), [here].into());
}

async fn a_clinic_is_watched_while_somebody_is_there_or_something_lasts(engine: Engine) {
    let ambient = Ambient::manual(NOW, 3).0;
    let whose = clinic(&ambient, "Riverside");
    let host = member(&ambient, whose.id, "Amara Osei", "a.osei@clinic.example");
    let (clinic, room) = (whose.id, room(&ambient, whose.id, host.id, 86_720_014_455));
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_clinic(&whose).await.unwrap();
    tx.insert_staff(clinic, &host).await.unwrap();
    tx.insert_room(&room, b"sealed").await.unwrap();
    let there = presence(&ambient, clinic, room.id, 10);
    let there = Presence { matched: None, ..there };
    let left = Presence { whereabouts: Whereabouts::Left, ..there.clone() };
    tx.put_presence(clinic, &left).await.unwrap();
    assert!(!tx.clinics_to_watch(at(0)..at(20)).await.unwrap().contains(&clinic));
    let waits = Presence { whereabouts: Whereabouts::Waiting, ..there };
    tx.put_presence(clinic, &waits).await.unwrap();
    assert_eq!(tx.clinics_to_watch(at(0)..at(20)).await.unwrap(), [clinic].into());
    assert!(!tx.clinics_to_watch(at(11)..at(20)).await.unwrap().contains(&clinic));
    let alert = |kind: AlertKind| Alert {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: host.id,
        kind,
        appointment_id: None,
        presence_id: None,
        key: kind.as_str().to_owned(),
        detail: None,
        raised_at: at(10),
        ended_at: None,
        told_at: None,
    };
    for kind in AlertKind::ALL {
        let lasts = alert(kind);
        tx.raise_alert(&lasts).await.unwrap();
        let is_watched = tx.clinics_to_watch(at(11)..at(20)).await.unwrap().contains(&clinic);
        assert_eq!(is_watched, kind.group() == Group::Now, "{kind:?}");
        tx.end_alert(clinic, lasts.id, at(11)).await.unwrap();
    }
}

async fn a_presence_that_was_part_of_another_is_removed(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    tx.remove_presence(world.clinic, world.presence.id).await.unwrap();
    tx.remove_presence(world.clinic, world.presence.id).await.unwrap();
    assert_eq!(tx.presence(world.clinic, world.presence.id).await.unwrap(), None);
}

async fn clearing_attendance_leaves_decisions_and_the_inbox(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let mut tx = engine.store.begin().await.unwrap();
    tx.clear_attendance(here.clinic).await.unwrap();
    assert_eq!(tx.room_events(here.clinic, here.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.presences(here.clinic, always()).await.unwrap(), []);
    assert_eq!(tx.decisions_in_room(here.clinic, here.room.id).await.unwrap(), [here.decision]);
    assert_eq!(tx.presses(here.clinic, always()).await.unwrap(), [here.press]);
    assert_eq!(tx.presences(there.clinic, always()).await.unwrap(), [there.presence]);
    assert_eq!(tx.room_events(there.clinic, there.room.id, always()).await.unwrap(), [there.event]);
}

async fn decisions_come_oldest_first(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let decision = |seconds, verdict, decided_by| Decision {
        id: world.ambient.id(),
        verdict,
        decided_by,
        at: at(seconds),
        ..world.decision.clone()
    };
    let program = StaffOrToken::Token(world.api_token.id);
    let made = [
        decision(30, Verdict::Undecided, program),
        decision(10, Verdict::Guest, program),
        decision(20, Verdict::Staff, world.decision.decided_by),
    ];
    let mut tx = engine.store.begin().await.unwrap();
    for decision in &made {
        tx.insert_decision(decision).await.unwrap();
    }
    let [third, first, second] = made;
    let found = tx.decisions_in_room(world.clinic, world.room.id).await.unwrap();
    assert_eq!(found, [world.decision, first, second, third]);
}

async fn decisions_about_some_are_without_those_about_others(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let clinic = world.clinic;
    let about = |presence_id, seconds| Decision {
        id: world.ambient.id(),
        presence_id,
        at: at(seconds),
        ..world.decision.clone()
    };
    let (one, two, nobody) = (world.ambient.id(), world.ambient.id(), world.ambient.id());
    let (late, early, other) = (about(one, 9), about(one, 3), about(two, 5));
    let mut tx = engine.store.begin().await.unwrap();
    for decision in [&late, &early, &other] {
        tx.insert_decision(decision).await.unwrap();
    }
    let found = tx.decisions_about(clinic, &[one, nobody]).await.unwrap();
    assert_eq!(found, [early.clone(), late.clone()]);
    let found = tx.decisions_about(clinic, &[two, one]).await.unwrap();
    assert_eq!(found, [early, other, late]);
    assert_eq!(tx.decisions_about(clinic, &[]).await.unwrap(), []);
}

async fn a_presence_needs_a_room_and_an_attendee_that_exist(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let homeless = presence(&world.ambient, world.clinic, world.ambient.id(), 5);
    let refused = once!(engine.store, tx => tx.put_presence(world.clinic, &homeless));
    assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
    let mut nobody = world.presence.clone();
    nobody.matched.as_mut().unwrap().attendee = world.ambient.id();
    let refused = once!(engine.store, tx => tx.put_presence(world.clinic, &nobody));
    assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
}
