use std::collections::BTreeSet;

use domain::{DeliveryId, id::Id as _};
use store::{
    Store, StoreError,
    ports::inbox::{NewDelivery, Outcome, Settled},
    testing::Engine,
};

use crate::{
    ambient, once,
    world::{NOW, World, at, delivery},
};

crate::on_both_engines! {
    a_body_is_kept_to_the_byte,
    a_repetition_is_stored_once,
    a_body_with_nul_is_refused_and_not_cut,
    a_large_batch_is_stored_whole,
    two_instances_claim_different_deliveries,
    a_claim_that_is_not_committed_is_given_to_the_next,
    a_settled_delivery_is_not_claimed_again,
    a_rebuild_reads_settled_deliveries_page_by_page,
    two_instances_that_store_the_same_deliveries_do_not_block_each_other,
}

fn numbered(ambient: &domain::Ambient, count: i64) -> Vec<NewDelivery> {
    (0..count)
        .map(|number| {
            let mut new = delivery(ambient, 1_795_442_400_000 + number, &format!("{{\"n\":{number}}}"));
            new.id = DeliveryId::from_uuid(uuid::Uuid::from_u128(u128::try_from(number).unwrap() + 1));
            new
        })
        .collect()
}

async fn store_all(store: &dyn Store, deliveries: &[NewDelivery]) -> u64 {
    store.keep_deliveries(deliveries).await.unwrap()
}

async fn a_body_is_kept_to_the_byte(engine: Engine) {
    let ambient = ambient();
    let bodies = [
        "{ \"spaces\" :\t1,\r\n \"spaces\": 2}".to_owned(),
        r#"{"escapes":"\u0000\u001f\/\\\"\ud83c\udf3b\u00e9","number":1.10,"big":123456789012345678901234567890}"#
            .to_owned(),
        "{\"raw\":\"é🌻\u{7f}\u{2028}\u{feff}\u{10ffff}\"}".to_owned(),
        "[null,true,\"$1 ? '' -- ; {}\"]".to_owned(),
        String::new(),
        format!("\"{}\"", "x".repeat(1_000_000)),
    ];
    let stored: Vec<_> = bodies.iter().map(|body| delivery(&ambient, 5, body)).collect();
    assert_eq!(store_all(&*engine.store, &stored).await, 6);
    let mut tx = engine.store.begin().await.unwrap();
    let mut found = tx.claim_deliveries(100).await.unwrap();
    found.sort_by_key(|found| stored.iter().position(|new| new.id == found.id));
    assert_eq!(found.len(), 6);
    for (found, new) in found.iter().zip(&stored) {
        assert_eq!((found.id, found.received_at, found.late), (new.id, new.received_at, new.late));
        assert!(found.body == new.body, "{} bytes came back otherwise", new.body.len());
    }
}

async fn a_repetition_is_stored_once(engine: Engine) {
    let ambient = ambient();
    let first = delivery(&ambient, 1, "{}");
    let repeated = NewDelivery { id: ambient.id(), late: true, ..first.clone() };
    let another_time = NewDelivery { id: ambient.id(), event_ts: 2, ..first.clone() };
    let another_body = NewDelivery { id: ambient.id(), digest: [1; 16], ..first.clone() };
    let batch = [first.clone(), repeated.clone(), another_time];
    assert_eq!(store_all(&*engine.store, &batch).await, 2, "a repetition in the same batch");
    assert_eq!(store_all(&*engine.store, &[repeated, another_body]).await, 1, "a repetition of a stored one");
    assert_eq!(store_all(&*engine.store, &[]).await, 0);
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.inbox_backlog().await.unwrap(), 3);
}

async fn a_body_with_nul_is_refused_and_not_cut(engine: Engine) {
    let refused = engine.store.keep_deliveries(&[delivery(&ambient(), 1, "{\"a\":\"\0\"}")]).await;
    assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
}

async fn a_large_batch_is_stored_whole(engine: Engine) {
    let batch = numbered(&ambient(), 5_000);
    assert_eq!(store_all(&*engine.store, &batch).await, 5_000);
    let mut tx = engine.store.begin().await.unwrap();
    let claimed = tx.claim_deliveries(10_000).await.unwrap();
    assert!(claimed.iter().map(|claimed| claimed.id).eq(batch.iter().map(|new| new.id)), "oldest first");
}

async fn two_instances_claim_different_deliveries(engine: Engine) {
    let other = engine.another_instance().await;
    store_all(&*engine.store, &numbered(&ambient(), 40)).await;
    // Each takes five at a time until there is nothing left; on SQLite they queue, on PostgreSQL they skip.
    let work = |store: std::sync::Arc<dyn Store>| async move {
        let mut done = Vec::new();
        loop {
            let mut tx = store.begin().await.unwrap();
            let claimed = tx.claim_deliveries(5).await.unwrap();
            if claimed.is_empty() && tx.inbox_backlog().await.unwrap() == 0 {
                return done;
            }
            tokio::task::yield_now().await;
            let settled: Vec<_> = claimed
                .iter()
                .map(|claimed| Settled { id: claimed.id, clinic_id: None, outcome: Outcome::Ignored })
                .collect();
            tx.settle_deliveries(&settled, NOW).await.unwrap();
            tx.commit().await.unwrap();
            done.extend(claimed.into_iter().map(|claimed| claimed.id));
        }
    };
    let (one, two) =
        tokio::join!(tokio::spawn(work(engine.store.clone())), tokio::spawn(work(other.clone())));
    let (one, two) = (one.unwrap(), two.unwrap());
    let all: BTreeSet<_> = one.iter().chain(&two).collect();
    assert_eq!((one.len() + two.len(), all.len()), (40, 40));
}

async fn a_claim_that_is_not_committed_is_given_to_the_next(engine: Engine) {
    store_all(&*engine.store, &numbered(&ambient(), 3)).await;
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.claim_deliveries(2).await.unwrap().len(), 2);
    drop(tx);
    let mut tx = engine.store.begin().await.unwrap();
    // The dropped one's locks go with a message that this one does not wait for.
    let mut claimed = tx.claim_deliveries(10).await.unwrap();
    while claimed.len() < 3 {
        drop(tx);
        tx = engine.store.begin().await.unwrap();
        claimed = tx.claim_deliveries(10).await.unwrap();
    }
}

async fn a_settled_delivery_is_not_claimed_again(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let batch = numbered(&world.ambient, 6);
    store_all(&*engine.store, &batch).await;
    let outcomes =
        [Outcome::Applied, Outcome::Ignored, Outcome::Duplicate, Outcome::Foreign, Outcome::Failed];
    let settled: Vec<_> = outcomes
        .into_iter()
        .zip(&batch)
        .map(|(outcome, new)| Settled {
            id: new.id,
            clinic_id: (outcome == Outcome::Applied).then_some(world.clinic),
            outcome,
        })
        .collect();
    let mut tx = engine.store.begin().await.unwrap();
    tx.settle_deliveries(&settled, at(1)).await.unwrap();
    tx.settle_deliveries(&[], at(1)).await.unwrap();
    assert_eq!(tx.waiting_since().await.unwrap(), Some(batch[5].received_at));
    let left: Vec<_> = tx.claim_deliveries(10).await.unwrap().into_iter().map(|left| left.id).collect();
    assert_eq!(left, [batch[5].id]);
    assert_eq!(tx.inbox_backlog().await.unwrap(), 1);
    let last = Settled { id: batch[5].id, clinic_id: None, outcome: Outcome::Ignored };
    tx.settle_deliveries(&[last], at(1)).await.unwrap();
    assert_eq!(tx.waiting_since().await.unwrap(), None);
}

async fn a_rebuild_reads_settled_deliveries_page_by_page(engine: Engine) {
    let batch = numbered(&ambient(), 7);
    store_all(&*engine.store, &batch).await;
    let settled: Vec<_> = batch[..6]
        .iter()
        .map(|new| Settled { id: new.id, clinic_id: None, outcome: Outcome::Failed })
        .collect();
    once!(engine.store, tx => tx.settle_deliveries(&settled, NOW)).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = tx.settled_deliveries(after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.into_iter().map(|delivery| (delivery.id, delivery.body)));
    }
    let wanted: Vec<_> = batch[..6].iter().map(|new| (new.id, new.body.clone())).collect();
    assert_eq!(seen, wanted);
}

async fn two_instances_that_store_the_same_deliveries_do_not_block_each_other(engine: Engine) {
    let other = engine.another_instance().await;
    let ambient = ambient();
    for round in 0..10 {
        let batch: Vec<_> = (0..50).map(|number| delivery(&ambient, round * 100 + number, "{}")).collect();
        let mut reversed = batch.clone();
        reversed.reverse();
        for new in &mut reversed {
            new.id = ambient.id();
        }
        let one = tokio::spawn({
            let store = engine.store.clone();
            async move { store_all(&*store, &batch).await }
        });
        let two = tokio::spawn({
            let store = other.clone();
            async move { store_all(&*store, &reversed).await }
        });
        assert_eq!(one.await.unwrap() + two.await.unwrap(), 50);
    }
}
