use domain::{ClinicId, DeliveryId, Timestamp, id::Id as _};
use jiff::civil::date;
use store::{
    ports::{
        feed::{FeedCounts, ReceiverCounts},
        inbox::{DeliverySource, NewDelivery, Outcome, Settled},
    },
    testing::Engine,
};

use crate::{
    once,
    world::{World, always, at, delivery, further::DAY},
};

crate::on_both_engines! {
    a_days_counts_of_the_receiver_add_up_and_its_times_move_forwards,
    a_days_counts_of_the_feed_add_up_for_each_room_and_for_none,
    what_nothing_came_of_is_listed_youngest_first,
    what_nothing_came_of_can_be_put_back_and_is_understood_anew,
    a_delivery_says_how_it_came,
    a_clinic_hands_over_its_own_deliveries_oldest_first,
    deliveries_that_had_to_be_sent_again_are_counted,
}

async fn a_days_counts_of_the_receiver_add_up_and_its_times_move_forwards(engine: Engine) {
    let counts = |stored, challenge: Option<i64>, refused: Option<i64>| ReceiverCounts {
        stored,
        repeated: 1,
        refused: 2,
        unreadable: 3,
        unavailable: 4,
        challenges: 5,
        last_challenge_at: challenge.map(at),
        last_refused_at: refused.map(at),
    };
    let mut tx = engine.store.begin().await.unwrap();
    for counts in [counts(1, None, Some(9)), counts(10, Some(5), None), counts(100, Some(4), Some(12))] {
        tx.add_receiver_counts(DAY, &counts).await.unwrap();
    }
    tx.add_receiver_counts(date(2026, 11, 9), &ReceiverCounts::default()).await.unwrap();
    let whole = ReceiverCounts {
        stored: 111,
        repeated: 3,
        refused: 6,
        unreadable: 9,
        unavailable: 12,
        challenges: 15,
        last_challenge_at: Some(at(5)),
        last_refused_at: Some(at(12)),
    };
    let found = tx.receiver_days(date(2026, 11, 9), DAY).await.unwrap();
    assert_eq!(found, [(date(2026, 11, 9), ReceiverCounts::default()), (DAY, whole)]);
    assert_eq!(tx.receiver_days(date(2026, 11, 10), date(2026, 11, 22)).await.unwrap(), []);
}

async fn a_days_counts_of_the_feed_add_up_for_each_room_and_for_none(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let counts = FeedCounts { applied: 1, duplicate: 2, ignored: 3, foreign: 4, failed: 5, late: 6 };
    let (room, yesterday) = (Some(world.room.id), date(2026, 11, 22));
    let mut tx = engine.store.begin().await.unwrap();
    for room in [room, None] {
        tx.add_feed_counts(world.clinic, room, DAY, &counts).await.unwrap();
        tx.add_feed_counts(world.clinic, room, DAY, &counts).await.unwrap();
    }
    tx.add_feed_counts(world.clinic, room, yesterday, &counts).await.unwrap();
    let sum = FeedCounts { applied: 3, duplicate: 4, ignored: 6, foreign: 8, failed: 10, late: 12 };
    let today = [(DAY, None, sum), (DAY, room, sum)];
    assert_eq!(tx.feed_days(world.clinic, DAY, DAY).await.unwrap(), today);
    let both = tx.feed_days(world.clinic, yesterday, DAY).await.unwrap();
    assert_eq!(both, [(yesterday, room, counts), today[0], today[1]]);
}

/// Six deliveries a second apart: of the clinic what was ignored, failed and applied, and of nobody what was ignored,
/// of another account, and not yet looked at.
async fn settle(engine: &Engine, world: &World) -> Vec<NewDelivery> {
    let deliveries: Vec<_> = (0..6)
        .map(|number| NewDelivery {
            id: DeliveryId::from_uuid(uuid::Uuid::from_u128(100 + u128::try_from(number).unwrap())),
            received_at: at(number),
            late: number == 1,
            ..delivery(&world.ambient, number, "{\"é\":1}")
        })
        .collect();
    engine.store.keep_deliveries(&deliveries).await.unwrap();
    let outcomes = [Outcome::Ignored, Outcome::Failed, Outcome::Applied, Outcome::Ignored, Outcome::Foreign];
    let settled: Vec<_> = deliveries
        .iter()
        .zip(outcomes)
        .enumerate()
        .map(|(index, (new, outcome))| Settled {
            id: new.id,
            clinic_id: (index < 3).then_some(world.clinic),
            outcome,
        })
        .collect();
    once!(engine.store, tx => tx.settle_deliveries(&settled, at(9))).unwrap();
    deliveries
}

async fn what_nothing_came_of_is_listed_youngest_first(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let deliveries = settle(&engine, &world).await;
    let mut tx = engine.store.begin().await.unwrap();
    let mut list =
        async |clinic: Option<ClinicId>, range: std::ops::Range<Timestamp>, before: Option<usize>, limit| {
            let before = before.map(|index| deliveries[index].id);
            let found = tx.fruitless_deliveries(clinic, range, before, limit).await.unwrap();
            found
                .iter()
                .map(|head| deliveries.iter().position(|new| new.id == head.id).unwrap())
                .collect::<Vec<_>>()
        };
    let mine = Some(world.clinic);
    assert_eq!(list(mine, always(), None, 9).await, [1, 0]);
    assert_eq!(list(None, always(), None, 9).await, [4, 3, 1, 0]);
    assert_eq!(list(None, always(), None, 2).await, [4, 3]);
    assert_eq!(list(None, always(), Some(3), 9).await, [1, 0]);
    assert_eq!(list(mine, always(), Some(1), 9).await, [0]);
    assert_eq!(list(None, at(1)..at(4), None, 9).await, [3, 1]);
    assert_eq!(list(mine, at(0)..at(1), None, 9).await, [0]);

    let head = tx.fruitless_deliveries(mine, always(), None, 1).await.unwrap().remove(0);
    let new = &deliveries[1];
    assert_eq!((head.id, head.source, head.received_at), (new.id, new.source, new.received_at));
    assert_eq!((head.event, head.late, head.bytes), (new.event.clone(), true, 8));
    assert_eq!((head.clinic_id, head.outcome), (mine, Outcome::Failed));
}

async fn what_nothing_came_of_can_be_put_back_and_is_understood_anew(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let other = World::put(&*engine.store, 2).await;
    let deliveries = settle(&engine, &world).await;
    let mut arrivals = engine.store.arrivals();
    let mut tx = engine.store.begin().await.unwrap();
    for (clinic, index, wanted) in [
        (Some(other.clinic), 1, false),
        (Some(world.clinic), 3, false),
        (Some(world.clinic), 2, false),
        (None, 2, false),
        (None, 5, false),
        (Some(world.clinic), 1, true),
        (Some(world.clinic), 1, false),
        (None, 3, true),
    ] {
        let reopened = tx.reopen_delivery(clinic, deliveries[index].id).await.unwrap();
        assert_eq!(reopened, wanted, "{index} of {clinic:?}");
    }
    let open: Vec<_> = tx.claim_deliveries(9).await.unwrap().into_iter().map(|open| open.id).collect();
    assert_eq!(open, [1, 3, 5].map(|index: usize| deliveries[index].id));
    assert!(arrivals.try_recv().is_err(), "nothing is told before the commit");
    tx.commit().await.unwrap();
    arrivals.try_recv().expect("whoever understands deliveries is told");
}

async fn a_delivery_says_how_it_came(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let webhook = delivery(&world.ambient, 1, "{}");
    let record = NewDelivery { source: DeliverySource::ZoomRecord, ..delivery(&world.ambient, 2, "{}") };
    engine.store.keep_deliveries(&[webhook.clone(), record.clone()]).await.unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    let source_of = |found: Vec<store::ports::inbox::Delivery>, new: &NewDelivery| {
        found.iter().find(|found| found.id == new.id).unwrap().source
    };
    let open = tx.claim_deliveries(9).await.unwrap();
    assert_eq!(source_of(open.clone(), &webhook), DeliverySource::Webhook);
    assert_eq!(source_of(open, &record), DeliverySource::ZoomRecord);
    let settled =
        [&webhook, &record].map(|new| Settled { id: new.id, clinic_id: None, outcome: Outcome::Applied });
    tx.settle_deliveries(&settled, at(1)).await.unwrap();
    let settled = tx.settled_deliveries(None, 9).await.unwrap();
    assert_eq!(source_of(settled.clone(), &webhook), DeliverySource::Webhook);
    assert_eq!(source_of(settled, &record), DeliverySource::ZoomRecord);
}

/// The id of a delivery that came at that second, as the receiver makes it.
fn id_at(seconds: i64, number: u8) -> DeliveryId {
    let millis = u64::try_from(at(seconds).as_millis()).unwrap();
    DeliveryId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[number; 10]).into_uuid())
}

async fn a_clinic_hands_over_its_own_deliveries_oldest_first(engine: Engine) {
    let (world, other) = (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await);
    let came = |seconds, number| NewDelivery {
        id: id_at(seconds, number),
        received_at: at(seconds),
        ..delivery(&world.ambient, seconds, "{}")
    };
    let [late, early, middle, after, theirs, nobodys] =
        [(20, 1), (10, 1), (15, 1), (30, 1), (15, 2), (15, 3)].map(|(seconds, number)| came(seconds, number));
    let all = [&late, &early, &middle, &after, &theirs, &nobodys].map(Clone::clone);
    engine.store.keep_deliveries(&all).await.unwrap();
    let settled = [&late, &early, &middle, &after, &theirs].map(|new| Settled {
        id: new.id,
        clinic_id: Some(if new.id == theirs.id { other.clinic } else { world.clinic }),
        outcome: Outcome::Applied,
    });
    let mut tx = engine.store.begin().await.unwrap();
    tx.settle_deliveries(&settled, at(40)).await.unwrap();
    let mut handed = async |after, limit| -> Vec<_> {
        let found = tx.clinic_deliveries(world.clinic, at(10)..at(30), after, limit).await.unwrap();
        found.into_iter().map(|found| found.id).collect()
    };
    assert_eq!(handed(None, 9).await, [early.id, middle.id, late.id]);
    assert_eq!(handed(None, 2).await, [early.id, middle.id]);
    assert_eq!(handed(Some(middle.id), 9).await, [late.id]);
}

async fn deliveries_that_had_to_be_sent_again_are_counted(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let came = |number: u8, behind_millis: i64| NewDelivery {
        id: id_at(0, number),
        received_at: at(0),
        event_ts: at(0).as_millis() - behind_millis,
        ..delivery(&world.ambient, 0, "{}")
    };
    let deliveries = [
        came(1, 240_000),
        came(2, 240_001),
        came(3, 300_000),
        NewDelivery { late: true, ..came(4, 400_000) },
        NewDelivery { source: DeliverySource::ZoomRecord, ..came(5, 900_000) },
        NewDelivery { event_ts: 0, ..came(6, 0) },
        NewDelivery { event_ts: i64::MAX, ..came(7, 0) },
        NewDelivery { id: id_at(60, 8), ..came(8, 500_000) },
        came(9, 600_000),
    ];
    engine.store.keep_deliveries(&deliveries).await.unwrap();
    let settled: Vec<_> = deliveries[..8]
        .iter()
        .map(|new| Settled { id: new.id, clinic_id: Some(world.clinic), outcome: Outcome::Applied })
        .collect();
    let mut tx = engine.store.begin().await.unwrap();
    tx.settle_deliveries(&settled, at(40)).await.unwrap();
    assert_eq!(tx.retried(world.clinic, at(0)..at(60)).await.unwrap(), (2, 1));
    assert_eq!(tx.retried(world.clinic, at(60)..at(90)).await.unwrap(), (1, 0));
}
