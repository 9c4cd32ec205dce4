use std::collections::BTreeSet;

use domain::Timestamp;
use store::{
    Store,
    ports::recovery::{Outage, Reconciliation, Why},
    testing::Engine,
};
use uuid::Uuid;

use crate::{
    ambient, once,
    world::{World, always, at, further::due},
};

crate::on_both_engines! {
    an_instance_learns_when_any_of_them_last_took_deliveries,
    the_last_beat_is_never_forgotten,
    an_outage_is_noted_once,
    outages_are_found_by_what_they_overlap,
    what_is_due_takes_in_more_of_the_same,
    what_was_begun_takes_in_nothing,
    nothing_is_claimed_before_it_is_due_or_while_somebody_holds_it,
    what_is_tried_again_is_counted_and_what_is_done_is_left_alone,
    two_instances_claim_different_comparisons,
    comparisons_are_found_by_the_time_that_they_cover,
}

const LATER: i64 = 10_000;

async fn an_instance_learns_when_any_of_them_last_took_deliveries(engine: Engine) {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.beat(one, at(0)).await.unwrap(), None);
    assert_eq!(tx.beat(one, at(30)).await.unwrap(), Some(at(0)));
    assert_eq!(tx.beat(two, at(40)).await.unwrap(), Some(at(30)));
    assert_eq!(tx.beat(one, at(60)).await.unwrap(), Some(at(40)));
    assert_eq!(tx.beat(two, at(20)).await.unwrap(), Some(at(60)), "a clock that was set back");
    assert_eq!(tx.beat(two, at(70)).await.unwrap(), Some(at(60)));
}

async fn the_last_beat_is_never_forgotten(engine: Engine) {
    let mut tx = engine.store.begin().await.unwrap();
    tx.purge_beats(at(0)).await.unwrap();
    for (instance, seconds) in [(1, 0), (2, 10), (3, 20)] {
        tx.beat(Uuid::from_u128(instance), at(seconds)).await.unwrap();
    }
    tx.purge_beats(at(LATER)).await.unwrap();
    assert_eq!(tx.beat(Uuid::from_u128(3), at(30)).await.unwrap(), Some(at(20)));
}

fn outage(from: i64, to: i64) -> Outage {
    Outage { id: ambient().id(), range: at(from)..at(to) }
}

async fn an_outage_is_noted_once(engine: Engine) {
    let ambient = ambient();
    let first = Outage { id: ambient.id(), ..outage(0, 100) };
    let again = Outage { id: ambient.id(), ..outage(0, 130) };
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.insert_outage(&first).await.unwrap());
    assert!(!tx.insert_outage(&again).await.unwrap());
    assert_eq!(tx.outages(always()).await.unwrap(), [first]);
}

async fn outages_are_found_by_what_they_overlap(engine: Engine) {
    let ambient = ambient();
    let [late, early] =
        [(200, 300), (0, 100)].map(|(from, to)| Outage { id: ambient.id(), ..outage(from, to) });
    let mut tx = engine.store.begin().await.unwrap();
    for outage in [&late, &early] {
        assert!(tx.insert_outage(outage).await.unwrap());
    }
    assert_eq!(tx.outages(at(50)..at(250)).await.unwrap(), [early.clone(), late.clone()]);
    assert_eq!(tx.outages(at(99)..at(200)).await.unwrap(), [early]);
    assert_eq!(tx.outages(at(100)..at(200)).await.unwrap(), []);
    assert_eq!(tx.outages(at(299)..at(900)).await.unwrap(), [late]);
}

async fn all(store: &dyn Store, world: &World) -> Vec<Reconciliation> {
    store.read().await.unwrap().reconciliations(world.clinic, always()).await.unwrap()
}

async fn what_is_due_takes_in_more_of_the_same(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let first = world.further.due.clone();
    let another = |why| due(&world.ambient, world.clinic, world.room.id, why);
    let more = Reconciliation { range: at(30)..at(90), due_at: at(700), ..another(Why::Ended) };
    let earlier = Reconciliation { range: at(-30)..at(10), due_at: at(50), ..another(Why::Ended) };
    let asked = another(Why::Asked);
    let mut tx = engine.store.begin().await.unwrap();
    for due in [&more, &earlier, &asked] {
        tx.put_reconciliation(due).await.unwrap();
    }
    tx.commit().await.unwrap();
    let wanted = Reconciliation { range: at(-30)..at(90), due_at: at(700), ..first };
    assert_eq!(all(&*engine.store, &world).await, [wanted, asked], "and leaves other reasons alone");
}

async fn what_was_begun_takes_in_nothing(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let first = world.further.due.clone();
    let more = || due(&world.ambient, world.clinic, world.room.id, Why::Ended);
    let (second, third, fourth) = (more(), more(), more());
    let claim = async || once!(engine.store, tx => tx.claim_reconciliations(at(600), at(660), 9)).unwrap();
    let put = async |due: &Reconciliation| once!(engine.store, tx => tx.put_reconciliation(due)).unwrap();

    assert_eq!(claim().await, std::slice::from_ref(&first), "it is held");
    put(&second).await;
    assert_eq!(claim().await, std::slice::from_ref(&second));
    once!(engine.store, tx => tx.retry_reconciliation(world.clinic, first.id, at(900), "{}")).unwrap();
    once!(engine.store, tx => tx.finish_reconciliation(world.clinic, second.id, at(610), "{}")).unwrap();
    put(&third).await;
    put(&fourth).await;
    let found: Vec<_> = all(&*engine.store, &world).await.into_iter().map(|due| due.id).collect();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), [&first.id, &second.id, &third.id].into());
}

async fn nothing_is_claimed_before_it_is_due_or_while_somebody_holds_it(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let there = World::put(&*engine.store, 2).await;
    let sooner =
        Reconciliation { due_at: at(100), ..due(&there.ambient, there.clinic, there.room.id, Why::Outage) };
    once!(engine.store, tx => tx.put_reconciliation(&sooner)).unwrap();
    let claim = async |now, until, limit| -> Vec<_> {
        let claimed = once!(engine.store, tx => tx.claim_reconciliations(at(now), at(until), limit)).unwrap();
        claimed.into_iter().map(|claimed| claimed.id).collect()
    };
    let (here, there) = (world.further.due.id, there.further.due.id);
    assert_eq!(claim(99, 200, 9).await, []);
    assert_eq!(claim(600, 700, 1).await, [sooner.id], "the longest due first");
    assert_eq!(claim(600, 700, 9).await.into_iter().collect::<BTreeSet<_>>(), [here, there].into());
    assert_eq!(claim(699, 800, 9).await, []);
    assert_eq!(claim(700, 800, 9).await.len(), 3, "whoever held them has died");
}

async fn what_is_tried_again_is_counted_and_what_is_done_is_left_alone(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let (clinic, first) = (world.clinic, world.further.due.clone());
    let claim = async |now: Timestamp| {
        once!(engine.store, tx => tx.claim_reconciliations(now, at(LATER), 9)).unwrap()
    };
    claim(at(600)).await;
    let mut tx = engine.store.begin().await.unwrap();
    tx.retry_reconciliation(clinic, first.id, at(900), r#"{"why":"not_ready"}"#).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(at(899)).await, []);
    let again = Reconciliation {
        tries: 1,
        due_at: at(900),
        found: Some(r#"{"why":"not_ready"}"#.into()),
        ..first.clone()
    };
    assert_eq!(claim(at(900)).await, std::slice::from_ref(&again));

    let mut tx = engine.store.begin().await.unwrap();
    tx.finish_reconciliation(clinic, first.id, at(950), r#"{"rows":2}"#).await.unwrap();
    tx.finish_reconciliation(clinic, first.id, at(960), r#"{"rows":3}"#).await.unwrap();
    tx.retry_reconciliation(clinic, first.id, at(970), "{}").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(at(LATER)).await, []);
    let done = Reconciliation { done_at: Some(at(950)), found: Some(r#"{"rows":2}"#.into()), ..again };
    assert_eq!(all(&*engine.store, &world).await, [done]);
}

async fn two_instances_claim_different_comparisons(engine: Engine) {
    let other = engine.another_instance().await;
    for seed in 1..=12 {
        World::put(&*engine.store, seed).await;
    }
    let work = |store: std::sync::Arc<dyn Store>| async move {
        let mut done = Vec::new();
        loop {
            let mut tx = store.begin().await.unwrap();
            let claimed = tx.claim_reconciliations(at(600), at(LATER), 2).await.unwrap();
            tokio::task::yield_now().await;
            tx.commit().await.unwrap();
            if claimed.is_empty() {
                return done;
            }
            done.extend(claimed.into_iter().map(|claimed| claimed.id));
        }
    };
    let (one, two) =
        tokio::join!(tokio::spawn(work(engine.store.clone())), tokio::spawn(work(other.clone())));
    let (one, two) = (one.unwrap(), two.unwrap());
    // One that finds all that are left held by the other may end before that one.
    let all: BTreeSet<_> = one.iter().chain(&two).collect();
    assert_eq!((one.len() + two.len(), all.len()), (12, 12));
}

async fn comparisons_are_found_by_the_time_that_they_cover(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let first = world.further.due.clone();
    let later = Reconciliation {
        range: at(60)..at(120),
        ..due(&world.ambient, world.clinic, world.room.id, Why::Daily)
    };
    let mut tx = engine.store.begin().await.unwrap();
    tx.put_reconciliation(&later).await.unwrap();
    for (range, wanted) in [
        (at(59)..at(61), vec![first.clone(), later.clone()]),
        (at(0)..at(60), vec![first]),
        (at(60)..at(61), vec![later]),
        (at(120)..at(130), vec![]),
    ] {
        assert_eq!(tx.reconciliations(world.clinic, range.clone()).await.unwrap(), wanted, "{range:?}");
    }
}
