use std::time::Duration;

use domain::{
    AppointmentId, AttendeeId, ClinicId, PersonId,
    appointment::{Appointment, Status},
    outreach::{
        Settings,
        desk::{Mark, Marked, Says},
        message::{Channel, Occasion},
        reminders::QuietHours,
    },
    telehealth::{Aspect, Offer, Rule},
    text::{Email, Language, Phone},
};
use store::{
    StoreError,
    ports::{links::LinkFor, outreach::Wording},
    testing::Engine,
};

use crate::{
    once,
    world::{NOW, World, always, appointment, at, attendee, external, handed_out::notice, link, name},
};

crate::on_both_engines! {
    a_clinic_that_never_said_has_the_defaults,
    settings_are_replaced_as_a_whole,
    a_wording_is_kept_for_each_occasion_channel_and_language,
    rules_are_replaced_as_a_whole,
    notices_stand_until_they_end_or_are_taken_down,
    marks_come_in_order_of_time,
    a_person_is_known_once,
    a_person_has_one_link_to_all_their_visits_until_it_is_revoked,
    a_person_is_to_have_no_portal_link_until_they_may_have_one_again,
    a_persons_appointments_are_found_by_the_scheduler_s_id,
    whoever_lost_a_link_is_found_by_their_address,
    the_words_of_a_booking_and_a_language_come_back,
}

async fn a_clinic_that_never_said_has_the_defaults(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.outreach_settings(world.ambient.id()).await.unwrap(), Settings::default());
    assert_eq!(tx.outreach_settings(world.clinic).await.unwrap(), world.handed_out.settings);
}

async fn settings_are_replaced_as_a_whole(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    for quiet in [None, Some(QuietHours::default())] {
        let settings = Settings {
            opens_before: 0,
            closes_after: 7,
            phone: Some(Phone::parse("+15550100199").unwrap()),
            language: Language::parse("es").unwrap(),
            quiet,
            portal_origin: Some("https://portal.example".into()),
            ..Settings::default()
        };
        once!(engine.store, tx => tx.set_outreach_settings(world.clinic, &settings)).unwrap();
        let mut tx = engine.store.read().await.unwrap();
        assert_eq!(tx.outreach_settings(world.clinic).await.unwrap(), settings);
    }
}

async fn a_wording_is_kept_for_each_occasion_channel_and_language(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, first) = (world.clinic, world.handed_out.wording.clone());
    let english = Wording { language: Language::english(), ..first.clone() };
    let text = Wording { channel: Channel::Sms, subject: None, ..first.clone() };
    let late = Wording { occasion: Occasion::Late, ..first.clone() };
    let anew = Wording { subject: None, body: "{{ link }}".into(), ..first };
    for wording in [&english, &text, &late, &anew] {
        once!(store, tx => tx.put_wording(clinic, wording)).unwrap();
    }
    let mut tx = store.read().await.unwrap();
    let wordings = tx.wordings(clinic).await.unwrap();
    assert_eq!(wordings.len(), 4);
    assert!([&english, &text, &late, &anew].iter().all(|wording| wordings.contains(wording)));
    drop(tx);
    let drop_it = async |wording: &Wording| {
        let (occasion, channel, language) = (wording.occasion, wording.channel, &wording.language);
        once!(store, tx => tx.drop_wording(clinic, occasion, channel, language)).unwrap();
    };
    drop_it(&anew).await;
    drop_it(&anew).await;
    let mut tx = store.read().await.unwrap();
    let wordings = tx.wordings(clinic).await.unwrap();
    assert_eq!((wordings.len(), wordings.contains(&anew)), (3, false));
}

async fn rules_are_replaced_as_a_whole(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let rule = |aspect, called: &str, offer| Rule { aspect, name: name(called), offer };
    let rules = [
        rule(Aspect::EventType, "Intake", Offer::Manual),
        rule(Aspect::Location, "Intake", Offer::Disabled),
        rule(Aspect::Location, "Video", Offer::Automatic),
    ];
    once!(store, tx => tx.set_telehealth_rules(world.clinic, &rules)).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.telehealth_rules(world.clinic).await.unwrap(), rules);
    assert_eq!(tx.telehealth_rules(them.clinic).await.unwrap(), std::slice::from_ref(&them.handed_out.rule));
    drop(tx);
    let twice = [rules[0].clone(), Rule { offer: Offer::Disabled, ..rules[0].clone() }];
    let refused = once!(store, tx => tx.set_telehealth_rules(world.clinic, &twice));
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.telehealth_rules(world.clinic).await.unwrap(), rules, "and nothing is lost by it");
}

async fn notices_stand_until_they_end_or_are_taken_down(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let words = world.handed_out.notice.clone();
    let late = notice(&world.ambient, &world.host, Says::Late(20), -5, 60);
    let colleagues = notice(&world.ambient, &world.colleague, Says::Late(240), 5, 120);
    for notice in [&late, &colleagues] {
        once!(store, tx => tx.insert_notice(notice)).unwrap();
    }
    let shown = async |host, seconds: i64| {
        let mut tx = store.read().await.unwrap();
        tx.notices(world.clinic, host, at(seconds)).await.unwrap()
    };
    assert_eq!(shown(None, 59).await, [late.clone(), words.clone(), colleagues.clone()]);
    assert_eq!(shown(Some(world.host.id), 59).await, [late.clone(), words.clone()]);
    assert_eq!(shown(None, 60).await, [words.clone(), colleagues.clone()], "its time is over");
    let end =
        async |clinic, id, seconds: i64| once!(store, tx => tx.end_notice(clinic, id, at(seconds))).unwrap();
    assert!(!end(them.clinic, words.id, 61).await);
    assert!(!end(world.clinic, late.id, 61).await, "it has ended already");
    assert!(end(world.clinic, words.id, 61).await);
    assert!(!end(world.clinic, words.id, 62).await);
    assert_eq!(shown(None, 61).await, [colleagues]);
}

async fn marks_come_in_order_of_time(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let first = world.handed_out.mark.clone();
    let mark = |marked, seconds| Mark { id: world.ambient.id(), marked, at: at(seconds), ..first.clone() };
    let (left, withdrawn) = (mark(Marked::Left, 9), mark(Marked::Withdrawn, -9));
    for mark in [&left, &withdrawn] {
        once!(store, tx => tx.insert_mark(mark)).unwrap();
    }
    let mut tx = store.read().await.unwrap();
    let marks = tx.marks_of_all(world.clinic, &[world.appointment.id]).await.unwrap();
    assert_eq!(marks, [withdrawn, first, left]);
    assert_eq!(tx.marks_of_all(world.clinic, &[world.ambient.id()]).await.unwrap(), []);
    assert_eq!(tx.marks_of_all(world.clinic, &[]).await.unwrap(), []);
}

async fn a_person_is_known_once(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.person(world.clinic, &external("rosa")).await.unwrap(), Some(world.handed_out.person));
    assert_eq!(tx.person(world.clinic, &external("Rosa")).await.unwrap(), None, "another id");
    assert_eq!(tx.person(them.clinic, &external("rosa")).await.unwrap(), Some(them.handed_out.person));
    let called = tx.person_external_id(world.clinic, world.handed_out.person).await.unwrap();
    assert_eq!(called, Some(external("rosa")));
    assert_eq!(tx.person_external_id(them.clinic, world.handed_out.person).await.unwrap(), None);
    drop(tx);
    let second: PersonId = world.ambient.id();
    let taken = once!(store, tx => tx.insert_person(world.clinic, second, &external("rosa"), NOW));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    once!(store, tx => tx.insert_person(world.clinic, second, &external("son"), NOW)).unwrap();
}

async fn a_person_has_one_link_to_all_their_visits_until_it_is_revoked(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let (person, first) = (world.handed_out.person, &world.handed_out.portal_link);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.portal_link(world.clinic, person).await.unwrap().as_ref(), Some(first));
    assert_eq!(tx.link(&first.token_hash).await.unwrap().as_ref(), Some(first));
    assert_eq!(tx.portal_link(them.clinic, person).await.unwrap(), None);
    drop(tx);
    let second = link(&world.ambient, world.clinic, LinkFor::Portal(person));
    let taken = once!(store, tx => tx.insert_link(&second));
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let foreign = link(&world.ambient, them.clinic, LinkFor::Portal(person));
    let refused = once!(store, tx => tx.insert_link(&foreign));
    assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
    once!(store, tx => tx.revoke_link(world.clinic, first.id, at(1))).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.portal_link(world.clinic, person).await.unwrap(), None);
    drop(tx);
    once!(store, tx => tx.insert_link(&second)).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.portal_link(world.clinic, person).await.unwrap(), Some(second));
}

async fn a_person_is_to_have_no_portal_link_until_they_may_have_one_again(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let person = world.handed_out.person;
    assert_eq!(once!(store, tx => tx.hold_portal(world.clinic, person)).unwrap(), None);
    once!(store, tx => tx.set_portal_revoked_at(world.clinic, person, Some(at(3)))).unwrap();
    for _ in 0..2 {
        assert_eq!(once!(store, tx => tx.hold_portal(world.clinic, person)).unwrap(), Some(at(3)));
        let mut tx = store.read().await.unwrap();
        assert_eq!(tx.portal_revoked_at(world.clinic, person).await.unwrap(), Some(at(3)));
        assert_eq!(tx.portal_revoked_at(them.clinic, them.handed_out.person).await.unwrap(), None);
    }
    once!(store, tx => tx.set_portal_revoked_at(world.clinic, person, None)).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.portal_revoked_at(world.clinic, person).await.unwrap(), None);
    assert_eq!(tx.portal_revoked_at(world.clinic, world.ambient.id()).await.unwrap(), None, "nobody");
}

/// An appointment that lists Rosa.
fn of_rosa(world: &World, external_id: &str, starts: i64) -> Appointment {
    let mut appointment = appointment(&world.ambient, world.clinic, world.host.id, external_id, starts);
    appointment.attendees = vec![attendee(&world.ambient, "rosa", "Rosa Delgado")];
    appointment
}

async fn a_persons_appointments_are_found_by_the_scheduler_s_id(engine: Engine) {
    let store = &*engine.store;
    let (world, _) = (World::put(store, 1).await, World::put(store, 2).await);
    let late = of_rosa(&world, "late", 7_200);
    let mut long = of_rosa(&world, "long", -3_600);
    long.ends_at = at(60);
    let over = of_rosa(&world, "over", -3_600);
    let mut taken_off = of_rosa(&world, "taken off", 60);
    let mut others = of_rosa(&world, "others", 60);
    others.attendees[0].external_id = external("somebody");
    let mut cancelled = of_rosa(&world, "cancelled", 9_000);
    cancelled.status = Status::Cancelled;
    for appointment in [&late, &long, &over, &taken_off, &others, &cancelled] {
        once!(store, tx => tx.put_appointment(world.clinic, appointment)).unwrap();
    }
    taken_off.attendees.clear();
    once!(store, tx => tx.put_appointment(world.clinic, &taken_off)).unwrap();
    let mut tx = store.read().await.unwrap();
    let found = tx.appointments_of_person(world.clinic, &external("rosa"), at(0)..at(10_000)).await.unwrap();
    assert_eq!(found, [long, world.appointment.clone(), late.clone(), cancelled]);
    let found =
        tx.appointments_of_person(world.clinic, &external("rosa"), at(7_200)..at(7_201)).await.unwrap();
    assert_eq!(found, [late]);
}

async fn whoever_lost_a_link_is_found_by_their_address(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let mut mine = of_rosa(&world, "mine", 600);
    mine.attendees[0].email = Some(Email::parse("other@home.example").unwrap());
    let mut cancelled = of_rosa(&world, "cancelled", 60);
    cancelled.status = Status::Cancelled;
    let mut over = of_rosa(&world, "over", -7_200);
    over.ends_at = at(-3_600);
    let mut taken_off = of_rosa(&world, "taken off", 60);
    for appointment in [&mine, &cancelled, &over, &taken_off] {
        once!(store, tx => tx.put_appointment(world.clinic, appointment)).unwrap();
    }
    taken_off.attendees.clear();
    once!(store, tx => tx.put_appointment(world.clinic, &taken_off)).unwrap();

    let find = async |channel, address: &str, limit| {
        let mut tx = store.read().await.unwrap();
        tx.attendees_at(channel, address, at(0)..at(3_600), limit).await.unwrap()
    };
    let of = |world: &World| -> Vec<(ClinicId, AppointmentId, AttendeeId)> {
        world.appointment.attendees.iter().map(|one| (world.clinic, world.appointment.id, one.id)).collect()
    };
    let mut wanted = [of(&world), of(&them)].concat();
    wanted.sort_by_key(|(.., attendee)| *attendee);
    assert_eq!(find(Channel::Email, "rosa@home.example", 9).await, wanted, "at any clinic");
    assert_eq!(find(Channel::Email, "rosa@home.example", 3).await, wanted[..3]);
    let by_phone = find(Channel::Sms, "+15550100123", 9).await;
    assert_eq!(by_phone.len(), 5);
    assert_eq!(by_phone[4], (world.clinic, mine.id, mine.attendees[0].id), "by start");
    assert_eq!(find(Channel::Email, "rosa@elsewhere.example", 9).await, []);
    assert_eq!(find(Channel::Copy, "rosa@home.example", 9).await, []);
    assert_eq!(find(Channel::Sms, "rosa@home.example", 9).await, []);
}

async fn the_words_of_a_booking_and_a_language_come_back(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let mut booked = of_rosa(&world, "in words", 60);
    booked.booked_as = domain::telehealth::Booked {
        event_type: Some(name("Intake")),
        location: None,
        service: Some(name("Counseling 50")),
    };
    booked.revision = 3;
    booked.ends_at = booked.starts_at.plus(Duration::from_hours(1));
    booked.attendees[0].language = Some(Language::parse("es").unwrap());
    once!(store, tx => tx.put_appointment(world.clinic, &booked)).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.appointment(world.clinic, booked.id).await.unwrap(), Some(booked.clone()));
    let mut all = tx.appointments(world.clinic, always(), None).await.unwrap();
    all.retain(|one| one.id == booked.id);
    assert_eq!(all, [booked]);
}
