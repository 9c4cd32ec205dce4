use domain::{
    appointment::{Kind, Status},
    room::{
        ConnectionState,
        guard::{Cover, Drift, DriftEnd, DriftKind, Guarded, LookFor, Origin, Shown},
    },
};
use store::{Store, StoreError, testing::Engine};

use crate::{
    once,
    world::{NOW, World, appointment, at, connection, room, tokens, watched},
};

crate::on_both_engines! {
    a_look_is_wanted_until_one_that_began_after_it,
    somebodys_asking_outweighs_any_other_reason,
    what_comes_of_a_look_is_kept,
    rooms_at_which_a_look_is_wanted_are_found_over_all_clinics,
    what_is_known_of_a_room_is_kept,
    a_drift_of_one_kind_lasts_once_at_a_time,
    a_drift_that_has_ended_stays_as_it_is,
    drifts_are_listed_by_room_by_time_and_while_they_last,
    covers_are_found_until_they_are_over_and_then_until_they_are_undone,
    nobody_covers_for_themselves_or_backwards,
    changes_are_counted_by_host_and_day,
    the_next_visit_of_each_host_is_the_first_by_video_that_is_not_over,
    connections_in_trouble_are_found_by_their_trouble_and_when_zoom_was_asked,
    renewals_are_those_of_the_clinics_tokens,
}

async fn guarded(store: &dyn Store, world: &World) -> Guarded {
    store.read().await.unwrap().guarded(world.clinic, world.room.id).await.unwrap()
}

async fn a_look_is_wanted_until_one_that_began_after_it(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, id) = (world.clinic, world.room.id);
    assert_eq!(guarded(store, &world).await, Guarded::default());
    once!(store, tx => tx.want_look(clinic, id, at(10))).unwrap();
    let wanted = guarded(store, &world).await;
    assert_eq!((wanted.wanted_at, wanted.wanted_for), (Some(at(10)), Some(LookFor::Changed)));
    once!(store, tx => tx.note_look(clinic, id, at(9), None)).unwrap();
    assert_eq!(guarded(store, &world).await.wanted_at, Some(at(10)), "that look may have come too early");
    once!(store, tx => tx.note_look(clinic, id, at(10), None)).unwrap();
    let looked = guarded(store, &world).await;
    assert_eq!((looked.wanted_at, looked.wanted_for), (None, None));
}

async fn somebodys_asking_outweighs_any_other_reason(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, id) = (world.clinic, world.room.id);
    for (why, wanted_for) in [
        (LookFor::FirstVisit, LookFor::FirstVisit),
        (LookFor::Daily, LookFor::FirstVisit),
        (LookFor::Asked, LookFor::Asked),
        (LookFor::Changed, LookFor::Asked),
    ] {
        once!(store, tx => tx.want_look_for(clinic, id, at(1), why)).unwrap();
        assert_eq!(guarded(store, &world).await.wanted_for, Some(wanted_for));
    }
}

async fn what_comes_of_a_look_is_kept(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, id) = (world.clinic, world.room.id);
    once!(store, tx => tx.note_look(clinic, id, at(5), None)).unwrap();
    let seen = guarded(store, &world).await;
    assert_eq!((seen.looked_at, seen.asked_at, seen.trouble), (Some(at(5)), Some(at(5)), None));
    once!(store, tx => tx.note_look(clinic, id, at(6), Some("unreachable"))).unwrap();
    let seen = guarded(store, &world).await;
    assert_eq!((seen.looked_at, seen.asked_at), (Some(at(5)), Some(at(6))), "what Zoom last told stays");
    assert_eq!(seen.trouble.as_deref(), Some("unreachable"));
    once!(store, tx => tx.note_look(clinic, id, at(7), None)).unwrap();
    assert_eq!(guarded(store, &world).await.trouble, None);
}

async fn rooms_at_which_a_look_is_wanted_are_found_over_all_clinics(engine: Engine) {
    let store = &*engine.store;
    let (one, two) = (World::put(store, 1).await, World::put(store, 2).await);
    let further = room(&one.ambient, one.clinic, one.colleague.id, 5);
    let mut tx = store.begin().await.unwrap();
    tx.insert_room(&further, b"x").await.unwrap();
    assert_eq!(tx.rooms_wanted(9).await.unwrap(), []);
    tx.want_look(one.clinic, one.room.id, at(3)).await.unwrap();
    tx.want_look(two.clinic, two.room.id, at(1)).await.unwrap();
    tx.want_look(one.clinic, further.id, at(2)).await.unwrap();
    assert_eq!(tx.rooms_wanted(9).await.unwrap(), [two.room.clone(), further.clone(), one.room.clone()]);
    assert_eq!(tx.rooms_wanted(1).await.unwrap(), [two.room]);
}

async fn what_is_known_of_a_room_is_kept(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, id) = (world.clinic, world.room.id);
    let mut tx = store.begin().await.unwrap();
    for origin in Origin::ALL {
        tx.set_origin(clinic, id, *origin).await.unwrap();
        assert_eq!(tx.guarded(clinic, id).await.unwrap().origin, *origin);
    }
    for (start, known) in [(at(5), at(5)), (at(3), at(5)), (at(8), at(8))] {
        tx.note_start(clinic, id, start).await.unwrap();
        assert_eq!(tx.guarded(clinic, id).await.unwrap().started_at, Some(known), "a start that comes late");
    }
    tx.note_host_press(clinic, id, at(4)).await.unwrap();
    tx.note_number(clinic, id, at(6)).await.unwrap();
    let known = tx.guarded(clinic, id).await.unwrap();
    assert_eq!((known.host_pressed_at, known.numbered_at), (Some(at(4)), Some(at(6))));
    assert_eq!(tx.guarded_all(clinic).await.unwrap(), [(id, known)]);

    assert_eq!(tx.shown(clinic, id).await.unwrap(), Some(world.watched.shown.clone()));
    let other = Shown { text: "Two lines\nof it".into(), ..world.watched.shown.clone() };
    tx.set_shown(clinic, id, Some(&other)).await.unwrap();
    assert_eq!(tx.shown(clinic, id).await.unwrap(), Some(other));
    tx.set_shown(clinic, id, None).await.unwrap();
    assert_eq!(tx.shown(clinic, id).await.unwrap(), None);
}

async fn a_drift_of_one_kind_lasts_once_at_a_time(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let first = &world.watched.drift;
    let second = Drift { id: world.ambient.id(), found_at: at(5), ..first.clone() };
    let refused = once!(store, tx => tx.insert_drift(&second));
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let other = Drift { kind: DriftKind::Recorded, ..second.clone() };
    once!(store, tx => tx.insert_drift(&other)).unwrap();
    once!(store, tx => tx.end_drift(world.clinic, first.id, at(4), DriftEnd::Repaired)).unwrap();
    let again = Drift { id: world.ambient.id(), ..second };
    once!(store, tx => tx.insert_drift(&again)).unwrap();
}

async fn a_drift_that_has_ended_stays_as_it_is(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, drift) = (world.clinic, &world.watched.drift);
    let mut tx = store.begin().await.unwrap();
    tx.note_try(clinic, drift.id, at(1), "locked").await.unwrap();
    tx.note_try(clinic, drift.id, at(2), "plan").await.unwrap();
    let tried = Drift { tries: 2, tried_at: Some(at(2)), hindrance: Some("plan".into()), ..drift.clone() };
    assert_eq!(tx.drifts_lasting(clinic).await.unwrap(), std::slice::from_ref(&tried));
    tx.end_drift(clinic, drift.id, at(3), DriftEnd::Gone).await.unwrap();
    tx.end_drift(clinic, drift.id, at(4), DriftEnd::Replaced).await.unwrap();
    assert_eq!(tx.drifts_lasting(clinic).await.unwrap(), []);
    let ended = Drift { ended: Some((at(3), DriftEnd::Gone)), ..tried };
    assert_eq!(tx.drifts_of(clinic, world.room.id, 9).await.unwrap(), [ended]);
}

async fn drifts_are_listed_by_room_by_time_and_while_they_last(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let clinic = world.clinic;
    let further = room(&world.ambient, clinic, world.colleague.id, 5);
    let of = |id, kind, found| watched::drift(&world.ambient, clinic, id, kind, found);
    let recorded = of(world.room.id, DriftKind::Recorded, 10);
    let theirs = of(further.id, DriftKind::Deleted, 20);
    let over =
        Drift { ended: Some((at(31), DriftEnd::Repaired)), ..of(world.room.id, DriftKind::Deleted, 30) };
    let mut tx = store.begin().await.unwrap();
    tx.insert_room(&further, b"x").await.unwrap();
    for drift in [&recorded, &theirs, &over] {
        tx.insert_drift(drift).await.unwrap();
    }
    let first = world.watched.drift.clone();
    let mut lasting = vec![first.clone(), recorded.clone(), theirs.clone()];
    lasting.sort_by_key(|drift| (drift.room_id, drift.kind));
    assert_eq!(tx.drifts_lasting(clinic).await.unwrap(), lasting);
    let of_room = [over.clone(), recorded.clone(), first];
    assert_eq!(tx.drifts_of(clinic, world.room.id, 9).await.unwrap(), of_room);
    assert_eq!(tx.drifts_of(clinic, world.room.id, 1).await.unwrap(), std::slice::from_ref(&over));
    assert_eq!(tx.drifts_since(clinic, at(10)).await.unwrap(), [over, theirs, recorded]);
}

async fn covers_are_found_until_they_are_over_and_then_until_they_are_undone(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, first) = (world.clinic, world.watched.cover.clone());
    let later = watched::cover(&world.ambient, &world.host, &world.colleague, 100, 200);
    let mut tx = store.begin().await.unwrap();
    tx.insert_cover(&later).await.unwrap();
    assert_eq!(tx.covers(clinic, at(0)).await.unwrap(), [first.clone(), later.clone()]);
    assert_eq!(
        tx.covers(clinic, at(200)).await.unwrap(),
        std::slice::from_ref(&first),
        "until its end, and not at it"
    );
    assert_eq!(tx.covers_to_undo(clinic, at(9_999)).await.unwrap(), [], "nothing of them stands at Zoom");

    tx.set_cover_at_zoom(clinic, first.id, true, None).await.unwrap();
    tx.set_cover_at_zoom(clinic, later.id, true, Some("li@zoom.example")).await.unwrap();
    let named = Cover { at_zoom: true, named: Some("li@zoom.example".into()), ..later };
    assert_eq!(tx.covers_to_undo(clinic, at(199)).await.unwrap(), []);
    assert_eq!(tx.covers_to_undo(clinic, at(200)).await.unwrap(), std::slice::from_ref(&named), "ours alone");
    tx.end_cover(clinic, named.id, at(150)).await.unwrap();
    tx.end_cover(clinic, named.id, at(160)).await.unwrap();
    let ended = Cover { ended_at: Some(at(150)), ..named };
    assert_eq!(tx.covers(clinic, at(150)).await.unwrap(), [Cover { at_zoom: true, ..first }]);
    assert_eq!(tx.covers_to_undo(clinic, at(151)).await.unwrap(), std::slice::from_ref(&ended));
    tx.set_cover_at_zoom(clinic, ended.id, false, None).await.unwrap();
    assert_eq!(tx.covers_to_undo(clinic, at(151)).await.unwrap(), []);
}

async fn nobody_covers_for_themselves_or_backwards(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    for wrong in [
        watched::cover(&world.ambient, &world.host, &world.host, 0, 10),
        watched::cover(&world.ambient, &world.host, &world.colleague, 10, 10),
    ] {
        assert!(once!(store, tx => tx.insert_cover(&wrong)).is_err());
    }
}

async fn changes_are_counted_by_host_and_day(engine: Engine) {
    let store = &*engine.store;
    let (world, other) = (World::put(store, 1).await, World::put(store, 2).await);
    let count = async |world: &World, day| {
        once!(store, tx => tx.count_change(world.clinic, world.connection.id, day)).unwrap()
    };
    assert_eq!((count(&world, 1).await, count(&world, 1).await), (1, 2));
    assert_eq!(count(&other, 1).await, 1);
    assert_eq!((count(&world, 2).await, count(&world, 2).await), (1, 2));
}

async fn the_next_visit_of_each_host_is_the_first_by_video_that_is_not_over(engine: Engine) {
    let store = &*engine.store;
    let (world, other) = (World::put(store, 1).await, World::put(store, 2).await);
    let (clinic, host, colleague) = (world.clinic, world.host.id, world.colleague.id);
    let mut tx = store.begin().await.unwrap();
    let visit = |host, name, starts| appointment(&world.ambient, clinic, host, name, starts);
    let mut cancelled = visit(colleague, "cancelled", 600);
    cancelled.status = Status::Cancelled;
    let mut at_clinic = visit(colleague, "at the clinic", 700);
    at_clinic.kind = Kind::InPerson;
    for one in [
        visit(host, "further", 86_400 * 40),
        visit(host, "next", 7_200),
        cancelled,
        at_clinic,
        visit(colleague, "theirs", 86_400 * 3),
    ] {
        tx.put_appointment(clinic, &one).await.unwrap();
    }
    let wanted = |pairs: &[(domain::StaffId, i64)]| {
        let mut wanted: Vec<_> = pairs.iter().map(|(staff, starts)| (*staff, at(*starts))).collect();
        wanted.sort();
        wanted
    };
    // The one that began at zero takes half an hour.
    for (now, hosts) in [(-60, 0), (0, 0), (1_799, 0), (1_800, 7_200), (9_000, 86_400 * 40)] {
        let found = tx.next_visits(clinic, at(now)).await.unwrap();
        assert_eq!(found, wanted(&[(host, hosts), (colleague, 86_400 * 3)]), "at {now}");
    }
    let far = tx.next_visits(clinic, at(86_400 * 10)).await.unwrap();
    assert_eq!(far, [(host, at(86_400 * 40))], "whoever has none is left out");
    assert_eq!(tx.next_visits(clinic, at(86_400 * 41)).await.unwrap(), []);
    assert_eq!(tx.next_visits(other.clinic, NOW).await.unwrap(), [(other.host.id, NOW)]);
}

async fn connections_in_trouble_are_found_by_their_trouble_and_when_zoom_was_asked(engine: Engine) {
    let store = &*engine.store;
    let (one, two) = (World::put(store, 1).await, World::put(store, 2).await);
    let set = async |world: &World, state, trouble: Option<&str>| {
        let id = world.connection.id;
        once!(store, tx => tx.set_connection_state(world.clinic, id, state, trouble, at(1))).unwrap();
    };
    let asked = async |world: &World, asked_at| {
        once!(store, tx => tx.note_asked(world.clinic, world.connection.id, asked_at)).unwrap();
    };
    let found = async |trouble: &str, before, limit| {
        let mut tx = store.read().await.unwrap();
        let found = tx.connections_in_trouble(trouble, at(before), limit).await.unwrap();
        found.into_iter().map(|connection| connection.id).collect::<Vec<_>>()
    };
    assert_eq!(found("paused", 999, 9).await, []);
    for world in [&one, &two] {
        set(world, ConnectionState::NeedsReconnect, Some("paused")).await;
    }
    asked(&one, at(20)).await;
    assert_eq!(
        found("paused", 999, 9).await,
        [two.connection.id, one.connection.id],
        "who was never asked about"
    );
    asked(&two, at(30)).await;
    assert_eq!(
        found("paused", 999, 9).await,
        [one.connection.id, two.connection.id],
        "the longest ago first"
    );
    assert_eq!(found("paused", 999, 1).await, [one.connection.id]);
    assert_eq!(found("paused", 30, 9).await, [one.connection.id]);
    assert_eq!(found("refused", 999, 9).await, []);
    set(&one, ConnectionState::Connected, None).await;
    assert_eq!(found("paused", 999, 9).await, [two.connection.id]);
}

async fn renewals_are_those_of_the_clinics_tokens(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let another = connection(&world.ambient, world.clinic, world.colleague.id, "another");
    let mut theirs = tokens(&another);
    theirs.refreshed_at = at(77);
    let mut tx = store.begin().await.unwrap();
    tx.insert_connection(&another, &theirs).await.unwrap();
    let mut wanted = vec![(world.connection.id, NOW), (another.id, at(77))];
    wanted.sort();
    assert_eq!(tx.renewals(world.clinic).await.unwrap(), wanted);
    tx.erase_tokens(world.clinic, another.id).await.unwrap();
    assert_eq!(tx.renewals(world.clinic).await.unwrap(), [(world.connection.id, NOW)]);
}
