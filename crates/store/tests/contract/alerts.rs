use domain::{
    alert::{Alert, AlertKind, Choice, Settings, Told},
    outreach::message::{Channel, MessageState, Recipient},
};
use store::{Store, StoreError, testing::Engine};

use crate::{
    once,
    world::{NOW, World, at, handed_out, watched},
};

crate::on_both_engines! {
    an_alert_comes_back_as_it_went_in,
    the_same_thing_is_raised_once_for_ever,
    what_lasts_is_in_the_order_in_which_it_was_raised_and_ends_once,
    what_was_not_told_yet_is_read_page_by_page_over_all_clinics,
    people_are_told_once_and_not_of_what_is_over,
    of_two_who_tell_at_the_same_time_one_does,
    a_choice_is_the_usual_one_until_it_is_said,
    a_clinic_is_warned_as_usual_until_it_says_otherwise,
    a_message_about_an_alert_stands_in_no_visits_ledger,
    a_message_about_an_alert_is_claimed_like_any_other,
    a_message_is_about_a_visit_or_an_alert_and_never_both,
}

async fn raise(store: &dyn Store, alert: &Alert) -> bool {
    once!(store, tx => tx.raise_alert(alert)).unwrap()
}

async fn read(store: &dyn Store, alert: &Alert) -> Alert {
    store.read().await.unwrap().alert(alert.clinic_id, alert.id).await.unwrap().unwrap()
}

async fn an_alert_comes_back_as_it_went_in(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    assert_eq!(read(store, &world.watched.alert).await, world.watched.alert);
    for (number, kind) in (0..).zip(AlertKind::ALL) {
        let full = Alert {
            kind,
            appointment_id: Some(world.appointment.id),
            presence_id: Some(world.presence.id),
            detail: None,
            ended_at: Some(at(9)),
            told_at: Some(at(5)),
            ..watched::alert(&world.ambient, &world.colleague, kind.as_str(), number)
        };
        assert!(raise(store, &full).await);
        assert_eq!(read(store, &full).await, full);
    }
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.alert(world.clinic, world.ambient.id()).await.unwrap(), None);
    let mine = world.watched.alert.clone();
    let found = tx.alerts_among(world.clinic, &[world.ambient.id(), mine.id, mine.id]).await.unwrap();
    assert_eq!(found, [mine]);
    assert_eq!(tx.alerts_among(world.clinic, &[]).await.unwrap(), []);
}

async fn the_same_thing_is_raised_once_for_ever(engine: Engine) {
    let store = &*engine.store;
    let (world, other) = (World::put(store, 1).await, World::put(store, 2).await);
    let alert = watched::alert(&world.ambient, &world.host, "again", 0);
    assert!(raise(store, &alert).await);
    let again = Alert { id: world.ambient.id(), raised_at: at(9), ..alert.clone() };
    assert!(!raise(store, &again).await);
    assert!(once!(store, tx => tx.end_alert(world.clinic, alert.id, at(10))).unwrap());
    assert!(!raise(store, &again).await, "not after it is over either");
    assert_eq!(read(store, &alert).await, Alert { ended_at: Some(at(10)), ..alert });
    assert!(raise(store, &watched::alert(&other.ambient, &other.host, "again", 0)).await, "elsewhere");
}

async fn what_lasts_is_in_the_order_in_which_it_was_raised_and_ends_once(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let later = watched::alert(&world.ambient, &world.host, "later", 20);
    let sooner = watched::alert(&world.ambient, &world.colleague, "sooner", 10);
    for alert in [&later, &sooner] {
        assert!(raise(store, alert).await);
    }
    let lasting = async || store.read().await.unwrap().alerts_lasting(world.clinic).await.unwrap();
    assert_eq!(lasting().await, [world.watched.alert.clone(), sooner.clone(), later.clone()]);
    assert!(once!(store, tx => tx.end_alert(world.clinic, sooner.id, at(30))).unwrap());
    assert!(!once!(store, tx => tx.end_alert(world.clinic, sooner.id, at(40))).unwrap());
    assert_eq!(lasting().await, [world.watched.alert.clone(), later]);
    assert_eq!(read(store, &sooner).await.ended_at, Some(at(30)), "the first end stays");
}

async fn what_was_not_told_yet_is_read_page_by_page_over_all_clinics(engine: Engine) {
    let store = &*engine.store;
    let worlds = [World::put(store, 1).await, World::put(store, 2).await];
    let mut wanted: Vec<Alert> = worlds.iter().map(|world| world.watched.alert.clone()).collect();
    for number in 0..7 {
        let world = &worlds[number % 2];
        // Several of one instant.
        let raised = i64::try_from(number / 3).unwrap();
        let mut alert = watched::alert(&world.ambient, &world.host, &number.to_string(), raised);
        match number {
            2 => alert.told_at = Some(at(9)),
            3 => alert.ended_at = Some(at(9)),
            _ => wanted.push(alert.clone()),
        }
        assert!(raise(store, &alert).await);
    }
    wanted.sort_by_key(|alert| (alert.raised_at, alert.id));
    for page in [1, 2, 3, 100] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let some = store.read().await.unwrap().alerts_untold(after, page).await.unwrap();
            let Some(last) = some.last() else { break };
            after = Some((last.raised_at, last.id));
            found.extend(some);
        }
        assert_eq!(found, wanted, "by {page}");
    }
}

async fn people_are_told_once_and_not_of_what_is_over(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let told =
        async |alert: &Alert, at| once!(store, tx => tx.note_told(world.clinic, alert.id, at)).unwrap();
    assert!(told(&world.watched.alert, at(1)).await);
    assert!(!told(&world.watched.alert, at(2)).await);
    assert_eq!(read(store, &world.watched.alert).await.told_at, Some(at(1)));
    let over = Alert { ended_at: Some(at(1)), ..watched::alert(&world.ambient, &world.host, "over", 0) };
    assert!(raise(store, &over).await);
    assert!(!told(&over, at(2)).await);
    assert_eq!(read(store, &over).await.told_at, None);
}

async fn of_two_who_tell_at_the_same_time_one_does(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = engine.another_instance().await;
    let (clinic, id) = (world.clinic, world.watched.alert.id);
    let tell = async |store: &dyn Store| once!(store, tx => tx.note_told(clinic, id, NOW)).unwrap();
    let (one, two) = tokio::join!(tell(&*engine.store), tell(&*other));
    assert!(one ^ two);
}

async fn a_choice_is_the_usual_one_until_it_is_said(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, host, colleague) = (world.clinic, world.host.id, world.colleague.id);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.alert_choice(clinic, host).await.unwrap(), world.watched.choice);
    assert_eq!(tx.alert_choice(clinic, colleague).await.unwrap(), Choice::default());
    let mut all = vec![(host, world.watched.choice), (colleague, Choice::default())];
    all.sort_by_key(|(staff, _)| *staff);
    assert_eq!(tx.alert_choices(clinic).await.unwrap(), all);
    for own in Told::ALL {
        for everybody in Told::ALL {
            let choice = Choice { own, clinic: everybody };
            tx.set_alert_choice(clinic, colleague, choice).await.unwrap();
            assert_eq!(tx.alert_choice(clinic, colleague).await.unwrap(), choice);
        }
    }
    assert_eq!(tx.alert_choice(clinic, host).await.unwrap(), world.watched.choice);
}

async fn a_clinic_is_warned_as_usual_until_it_says_otherwise(engine: Engine) {
    let store = &*engine.store;
    let (world, other) = (World::put(store, 1).await, World::put(store, 2).await);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.alert_settings(world.clinic).await.unwrap(), world.watched.settings);
    assert_eq!(tx.alert_settings(world.ambient.id()).await.unwrap(), Settings::default());
    let never = Settings { host_late_after: Vec::new() };
    tx.set_alert_settings(world.clinic, &never).await.unwrap();
    assert_eq!(tx.alert_settings(world.clinic).await.unwrap(), never);
    assert_eq!(tx.alert_settings(other.clinic).await.unwrap(), other.watched.settings);
}

async fn a_message_about_an_alert_stands_in_no_visits_ledger(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let mut later = watched::told(&world.ambient, &world.watched.alert, &world.host);
    later.message.queued_at = at(10);
    assert!(once!(store, tx => tx.insert_message(&later)).unwrap());
    let mut tx = store.read().await.unwrap();
    let first = world.watched.told.message.clone();
    assert_eq!(tx.message(world.clinic, first.id).await.unwrap(), Some(first.clone()));
    let ledger = tx.messages_of_all(world.clinic, &[world.appointment.id]).await.unwrap();
    assert_eq!(ledger, std::slice::from_ref(&world.handed_out.message.message));
    let later = later.message;
    assert_eq!(tx.messages_about_alerts(world.clinic, NOW).await.unwrap(), [first, later.clone()]);
    assert_eq!(tx.messages_about_alerts(world.clinic, at(1)).await.unwrap(), [later]);
    assert_eq!(tx.messages_about_alerts(world.clinic, at(11)).await.unwrap(), []);
}

async fn a_message_about_an_alert_is_claimed_like_any_other(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let mut queued = watched::told(&world.ambient, &world.watched.alert, &world.host);
    queued.message.state = MessageState::Queued;
    queued.content_sealed = Some(vec![1]);
    queued.once = Some("alert/1".into());
    assert!(once!(store, tx => tx.insert_message(&queued)).unwrap());
    let again = watched::told(&world.ambient, &world.watched.alert, &world.host);
    let again = store::ports::messages::NewMessage { once: Some("alert/1".into()), ..again };
    assert!(!once!(store, tx => tx.insert_message(&again)).unwrap());
    let claimed = once!(store, tx => tx.claim_messages(Channel::Email, NOW, at(30), 9)).unwrap();
    assert_eq!(claimed.iter().map(|due| due.message.clone()).collect::<Vec<_>>(), [queued.message]);
    // Cancelling a visit takes nothing back that is about an alert.
    let other = watched::told(&world.ambient, &world.watched.alert, &world.colleague);
    assert!(once!(store, tx => tx.insert_message(&other)).unwrap());
    once!(store, tx => tx.withdraw_messages(world.clinic, world.appointment.id, "x", at(40))).unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(
        tx.message(world.clinic, claimed[0].message.id).await.unwrap().unwrap().state,
        MessageState::Queued
    );
}

async fn a_message_is_about_a_visit_or_an_alert_and_never_both(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let about_visit = Recipient::Host(world.appointment.id, world.host.id);
    let mut wrong = watched::told(&world.ambient, &world.watched.alert, &world.host);
    wrong.message.to = about_visit;
    let refused = once!(store, tx => tx.insert_message(&wrong));
    assert!(refused.is_err(), "an alert's occasion about a visit: {refused:?}");
    let about_alert = Recipient::Staff(world.host.id, world.watched.alert.id);
    let wrong = handed_out::message(&world.ambient, world.clinic, about_alert, NOW);
    let refused = once!(store, tx => tx.insert_message(&wrong));
    assert!(refused.is_err(), "a visit's occasion about an alert: {refused:?}");
    let nothing = Recipient::Staff(world.host.id, world.ambient.id());
    let mut wrong = watched::told(&world.ambient, &world.watched.alert, &world.host);
    wrong.message.to = nothing;
    let refused = once!(store, tx => tx.insert_message(&wrong));
    assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{refused:?}");
}
