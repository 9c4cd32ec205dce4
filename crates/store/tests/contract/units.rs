//! Units of work.

use std::time::Duration;

use store::{StoreError, testing::Engine};

use crate::{
    ambient, once,
    world::{World, clinic, member},
};

crate::on_both_engines! {
    dropping_a_unit_of_work_rolls_it_back,
    what_is_not_committed_is_seen_by_nobody_else,
    a_reader_sees_one_moment,
    a_reader_cannot_write,
    a_reader_does_not_wait_for_a_writer,
    twenty_writers_of_two_instances_get_their_turns,
    a_failed_statement_can_be_dropped_and_tried_again,
    a_closed_store_answers_no_more,
}

async fn dropping_a_unit_of_work_rolls_it_back(engine: Engine) {
    let here = clinic(&ambient(), "Northside");
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_clinic(&here).await.unwrap();
    drop(tx);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.clinic(here.id).await.unwrap(), None);
    tx.insert_clinic(&here).await.unwrap();
    tx.commit().await.unwrap();
}

async fn what_is_not_committed_is_seen_by_nobody_else(engine: Engine) {
    let here = clinic(&ambient(), "Northside");
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_clinic(&here).await.unwrap();
    assert!(tx.clinic(here.id).await.unwrap().is_some(), "it sees its own changes");
    let mut reader = engine.store.read().await.unwrap();
    assert_eq!(reader.clinics().await.unwrap(), []);
}

async fn a_reader_sees_one_moment(engine: Engine) {
    let ambient = ambient();
    let mut reader = engine.store.read().await.unwrap();
    assert_eq!(reader.clinics().await.unwrap(), []);
    once!(engine.store, tx => tx.insert_clinic(&clinic(&ambient, "Northside"))).unwrap();
    assert_eq!(reader.clinics().await.unwrap(), []);
    drop(reader);
    let mut reader = engine.store.read().await.unwrap();
    assert_eq!(reader.clinics().await.unwrap().len(), 1);
}

async fn a_reader_cannot_write(engine: Engine) {
    let mut tx = engine.store.read().await.unwrap();
    let refused = tx.insert_clinic(&clinic(&ambient(), "Northside")).await;
    assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
}

async fn a_reader_does_not_wait_for_a_writer(engine: Engine) {
    let mut writer = engine.store.begin().await.unwrap();
    writer.insert_clinic(&clinic(&ambient(), "Northside")).await.unwrap();
    let read = async {
        engine.store.ready().await.unwrap();
        engine.store.read().await.unwrap().clinics().await.unwrap().len()
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), read).await, Ok(0));
}

async fn twenty_writers_of_two_instances_get_their_turns(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = engine.another_instance().await;
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let store = if number % 2 == 0 { engine.store.clone() } else { other.clone() };
            let (ambient, clinic) = (world.ambient.clone(), world.clinic);
            tokio::spawn(async move {
                // Reads before it writes: what a deferred transaction fails at.
                let mut tx = store.begin().await.unwrap();
                let before = tx.staff(clinic).await.unwrap().len();
                tokio::task::yield_now().await;
                let new = member(&ambient, clinic, "New", &format!("{number}@new.example"));
                tx.insert_staff(clinic, &new).await.unwrap();
                assert!(tx.staff(clinic).await.unwrap().len() > before);
                tx.commit().await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.staff(world.clinic).await.unwrap().len(), 22);
}

async fn a_failed_statement_can_be_dropped_and_tried_again(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let new = member(&world.ambient, world.clinic, "New", "new@new.example");
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_staff(world.clinic, &new).await.unwrap();
    let taken = tx.insert_staff(world.clinic, &world.host).await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict(_)), "{taken:?}");
    let said = format!("{taken} {taken:?} {:?}", std::error::Error::source(&taken).map(ToString::to_string));
    assert!(!said.contains("osei@"), "no value of a row is repeated: {said}");
    drop(tx);
    assert_eq!(once!(engine.store, tx => tx.staff_by_email("new@new.example")).unwrap(), None);
    once!(engine.store, tx => tx.insert_staff(world.clinic, &new)).unwrap();
}

async fn a_closed_store_answers_no_more(engine: Engine) {
    engine.store.ready().await.unwrap();
    engine.store.close().await;
    assert!(matches!(engine.store.ready().await, Err(StoreError::Driver(_))));
    assert!(engine.store.begin().await.is_err());
}
