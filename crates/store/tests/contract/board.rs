//! What boards hear of.

use std::time::Duration;

use store::{ports::attendance::Change, testing::Engine};
use tokio::sync::broadcast::error::TryRecvError;

use crate::{
    ambient, once,
    world::{World, always, at, delivery},
};

crate::on_both_engines! {
    changes_are_numbered_by_clinic,
    a_change_that_was_rolled_back_leaves_no_gap,
    numbers_follow_the_order_of_commits,
    a_board_that_missed_changes_no_longer_kept_reads_everything,
    listeners_hear_after_the_commit_and_not_of_what_was_rolled_back,
    arrivals_are_heard_of_new_deliveries_only,
}

async fn changes_are_numbered_by_clinic(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let one = Change::Appointment(here.appointment.id);
    let two = Change::Presence(here.presence.id);
    let other = Change::Presence(there.presence.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.last_change(here.clinic).await.unwrap(), 0);
    assert_eq!(tx.changes_after(here.clinic, 0, 10).await.unwrap(), Some(vec![]));
    assert_eq!(tx.note_change(here.clinic, one, at(0)).await.unwrap(), 1);
    assert_eq!(tx.note_change(there.clinic, other, at(0)).await.unwrap(), 1);
    assert_eq!(tx.note_change(here.clinic, two, at(0)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.last_change(here.clinic).await.unwrap(), 2);
    assert_eq!(tx.changes_after(here.clinic, 0, 10).await.unwrap(), Some(vec![(1, one), (2, two)]));
    assert_eq!(tx.changes_after(here.clinic, 0, 1).await.unwrap(), Some(vec![(1, one)]));
    assert_eq!(tx.changes_after(here.clinic, 1, 10).await.unwrap(), Some(vec![(2, two)]));
    assert_eq!(tx.changes_after(here.clinic, 2, 10).await.unwrap(), Some(vec![]));
    assert_eq!(tx.changes_after(there.clinic, 0, 10).await.unwrap(), Some(vec![(1, other)]));
}

async fn a_change_that_was_rolled_back_leaves_no_gap(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let change = Change::Appointment(world.appointment.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.note_change(world.clinic, change, at(0)).await.unwrap(), 1);
    drop(tx);
    assert_eq!(once!(engine.store, tx => tx.note_change(world.clinic, change, at(0))).unwrap(), 1);
}

async fn numbers_follow_the_order_of_commits(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = engine.another_instance().await;
    let change = Change::Presence(world.presence.id);
    let writers: Vec<_> = (0..10)
        .flat_map(|_| [engine.store.clone(), other.clone()])
        .map(|store| {
            tokio::spawn(async move {
                for _ in 0..5 {
                    once!(store, tx => tx.note_change(world.clinic, change, at(0))).unwrap();
                }
            })
        })
        .collect();
    // Whoever reads meanwhile sees the numbers without a gap: what comes later is numbered later.
    let mut seen = 0;
    while seen < 100 {
        let mut tx = engine.store.read().await.unwrap();
        let new = tx.changes_after(world.clinic, seen, 1000).await.unwrap();
        let new = new.expect("nothing is missing in between");
        seen = new.last().map_or(seen, |(number, _)| *number);
        let last = tx.last_change(world.clinic).await.unwrap();
        assert_eq!(last, seen, "the same snapshot");
        drop(tx);
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn a_board_that_missed_changes_no_longer_kept_reads_everything(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let change = Change::Presence(world.presence.id);
    let mut tx = engine.store.begin().await.unwrap();
    // Clocks of two instances differ, so that times need not rise with the numbers.
    for seconds in [10, 30, 20, 40] {
        tx.note_change(world.clinic, change, at(seconds)).await.unwrap();
    }
    tx.purge_changes(at(30)).await.unwrap();
    assert_eq!(tx.last_change(world.clinic).await.unwrap(), 4);
    assert_eq!(tx.changes_after(world.clinic, 0, 10).await.unwrap(), None, "the first is gone");
    assert_eq!(tx.changes_after(world.clinic, 1, 10).await.unwrap(), None, "one in between is gone");
    assert_eq!(tx.changes_after(world.clinic, 2, 10).await.unwrap(), None);
    assert_eq!(tx.changes_after(world.clinic, 3, 10).await.unwrap(), Some(vec![(4, change)]));
    assert_eq!(tx.changes_after(world.clinic, 4, 10).await.unwrap(), Some(vec![]));
    assert_eq!(tx.changes_after(world.clinic, 5, 10).await.unwrap(), None, "a number from another database");
    tx.purge_changes(at(1000)).await.unwrap();
    assert_eq!(tx.changes_after(world.clinic, 3, 10).await.unwrap(), None);
    assert_eq!(tx.changes_after(world.clinic, 4, 10).await.unwrap(), Some(vec![]));
}

async fn listeners_hear_after_the_commit_and_not_of_what_was_rolled_back(engine: Engine) {
    let (here, there) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let mut changes = engine.store.changes();
    let mut tx = engine.store.begin().await.unwrap();
    tx.note_change(here.clinic, Change::Presence(here.presence.id), at(0)).await.unwrap();
    drop(tx);
    let mut tx = engine.store.begin().await.unwrap();
    for _ in 0..3 {
        tx.note_change(there.clinic, Change::Presence(there.presence.id), at(0)).await.unwrap();
    }
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
    tx.commit().await.unwrap();
    once!(engine.store, tx => tx.note_change(here.clinic, Change::Presence(here.presence.id), at(0)))
        .unwrap();
    let mut heard = Vec::new();
    for _ in 0..2 {
        heard.push(tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap());
    }
    assert_eq!(heard, [there.clinic, here.clinic], "once for each unit of work, whatever it noted");
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
    let mut tx = engine.store.read().await.unwrap();
    tx.presences(here.clinic, always()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty), "reading is no change");
}

async fn arrivals_are_heard_of_new_deliveries_only(engine: Engine) {
    let mut arrivals = engine.store.arrivals();
    let new = delivery(&ambient(), 1, "{}");
    engine.store.keep_deliveries(std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(arrivals.try_recv(), Ok(()));
    engine.store.keep_deliveries(std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(arrivals.try_recv(), Err(TryRecvError::Empty));
}
