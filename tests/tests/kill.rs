//! The program is killed under load, again and again: whatever was answered 200 is there, and is there once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use domain::{Ambient, Timestamp};
use store::{Options, Store};
use tests::{
    anteroom::{Settings, WEBHOOK_SECRET, client},
    clinic::Clinic,
    signed,
};
use tokio::task::JoinSet;

const ROUNDS: u64 = 100;
const SENDERS: usize = 8;
const ROOMS: i64 = 25;
const FIRST_MEETING: i64 = 86_720_014_400;

fn now() -> Timestamp {
    Ambient::system().now()
}

/// Every delivery that the inbox holds.
async fn bodies(store: &Arc<dyn Store>) -> Vec<String> {
    let mut tx = store.begin().await.expect("the database opens after the last kill");
    let pending = tx.claim_deliveries(1_000_000).await.expect("the inbox reads");
    let settled = tx.settled_deliveries(None, 1_000_000).await.expect("the inbox reads");
    pending.into_iter().chain(settled).map(|delivery| delivery.body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_or_counted_twice_over_a_hundred_kills() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}/anteroom.db", directory.path().display());
    let settings = Settings::new(&url, "http://127.0.0.1:9");
    let clinic = Clinic::add(&settings).await;
    clinic.give_rooms(&url, (0..ROOMS).map(|room| FIRST_MEETING + room)).await;

    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let number = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let serving = settings.serve().await;
        // Killed after so many answers, another number each round, so that each moment of a commit has its turn.
        let until = 3 + (round * 37) % 61;
        let answered = Arc::new(AtomicUsize::new(0));
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let (acknowledged, number, answered) = (acknowledged.clone(), number.clone(), answered.clone());
            let address = settings.address();
            senders.spawn(async move {
                let client = client();
                loop {
                    let at = now();
                    let earlier = acknowledged.lock().unwrap().get(round as usize * 7 + sender).cloned();
                    // Every fifth repeats one that was acknowledged before, as Zoom does after a lost answer.
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let body = earlier.filter(|_| number.is_multiple_of(5)).unwrap_or_else(|| {
                        let event = "meeting.participant_joined_waiting_room";
                        let time = Timestamp::from_seconds(at.as_seconds()).to_string();
                        let meeting = FIRST_MEETING + number.cast_signed() % ROOMS;
                        signed::participant_event(event, number, meeting, &time, at.as_millis()).to_string()
                    });
                    let sent =
                        signed::send(&client, &address, WEBHOOK_SECRET, at.as_seconds(), body.clone().into())
                            .await;
                    match sent {
                        Some(200) => {
                            acknowledged.lock().unwrap().push(body);
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        Some(503) => {}
                        Some(status) => panic!("a good delivery was answered {status}"),
                        None => return,
                    }
                }
            });
        }
        tests::eventually("enough answers", async || {
            (answered.load(Ordering::Relaxed) >= until as usize).then_some(())
        })
        .await;
        serving.kill().await;
        while let Some(sender) = senders.join_next().await {
            sender.expect("a sender saw nothing but 200, 503 and the end");
        }
    }

    let store = store::open(&url, Options::default()).await.expect("the database opens after the last kill");
    let mut stored: BTreeMap<String, usize> = BTreeMap::new();
    for body in bodies(&store).await {
        *stored.entry(body).or_default() += 1;
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    let distinct: BTreeSet<&String> = acknowledged.iter().collect();
    let lost = distinct.iter().filter(|body| !stored.contains_key(**body)).count();
    let doubled = stored.values().filter(|count| **count > 1).count();
    println!(
        "{ROUNDS} kills, {} acknowledged ({} distinct), {} stored",
        acknowledged.len(),
        distinct.len(),
        stored.len()
    );
    assert_eq!((lost, doubled), (0, 0), "lost, stored twice");
    store.close().await;
    drop(store);

    // Once more in peace, until all is understood: each arrival is one person in the room, and a rebuild agrees.
    let serving = settings.serve().await;
    let expected = stored.len();
    let found = clinic.people_in_rooms(&url, expected).await;
    assert_eq!(found, expected, "each delivery told of another person");
    assert_eq!(serving.stop().await, Some(0));
    settings.succeed(&["attendance", "rebuild", "--verify"]).await;
}
