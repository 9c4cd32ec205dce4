//! The receiver on a real database, and on databases that fail, stall or fill up.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::{Ambient, ClinicId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::{Store, StoreError, Tx, ports::inbox::NewDelivery};
use tokio::sync::{Semaphore, broadcast};
use webhook::{Limits, MAX_BODY, Receipt, Receiver};
use zoom::webhook::Secrets;

const NOW: i64 = 1_795_442_400;
const SECRET: &str = "zN4pQ7rT2vX5yB8dF1hJ3k";
const OLD_SECRET: &str = "aB3dE5fG7hI9jK1lM3nO5p";

fn ambient() -> Ambient {
    Ambient::manual(Timestamp::from_seconds(NOW), 1).0
}

fn secrets() -> Secrets {
    Secrets::parse(&format!("{SECRET},{OLD_SECRET}")).unwrap()
}

fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

async fn deliver(receiver: &Receiver, body: &[u8]) -> Receipt {
    let timestamp = NOW.to_string();
    receiver.receive(Some(&timestamp), Some(&sign(SECRET, &timestamp, body)), body).await
}

async fn stored(store: &Arc<dyn Store>) -> Vec<String> {
    let mut tx = store.begin().await.unwrap();
    tx.claim_deliveries(10_000).await.unwrap().into_iter().map(|delivery| delivery.body).collect()
}

fn receiver(store: &Arc<dyn Store>, limits: Limits) -> Receiver {
    Receiver::start(store, ambient(), secrets(), limits)
}

#[tokio::test]
async fn a_delivery_is_stored_to_the_byte_before_it_is_acknowledged() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    let body = "{ \"event\" : \"meeting.started\",\t\"x\": \"Zo\\u00eb \\/ Łuk 🌻 '' \\\\u0000\" }";
    assert_eq!(deliver(&receiver, body.as_bytes()).await, Receipt::Stored);
    assert_eq!(stored(&database.store).await, [body]);
}

#[tokio::test]
async fn a_repeated_delivery_is_acknowledged_and_stored_once() {
    let database = store::testing::sqlite().await;
    let receiver = Arc::new(receiver(&database.store, Limits::default()));
    let body = br#"{"event":"meeting.started","event_ts":1795442340311}"#;
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let receiver = receiver.clone();
        sent.spawn(async move { deliver(&receiver, body).await });
    }
    assert!(sent.join_all().await.iter().all(|receipt| *receipt == Receipt::Stored));
    assert_eq!(stored(&database.store).await.len(), 1);
}

#[tokio::test]
async fn every_secret_is_accepted_and_no_other() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    let timestamp = NOW.to_string();
    for (secret, receipt) in
        [(SECRET, Receipt::Stored), (OLD_SECRET, Receipt::Stored), ("wrong-secret", Receipt::BadSignature)]
    {
        let body = format!("{{\"event\":\"{secret}\"}}");
        let signature = sign(secret, &timestamp, body.as_bytes());
        assert_eq!(receiver.receive(Some(&timestamp), Some(&signature), body.as_bytes()).await, receipt);
    }
    assert_eq!(receiver.receive(None, None, b"{}").await, Receipt::BadSignature);
    assert_eq!(stored(&database.store).await.len(), 2);
}

#[tokio::test]
async fn events_that_nobody_knows_and_odd_json_are_kept() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [r#"{"event":"meeting.dreamt_of"}"#, r#"{"event":7,"event_ts":{},"payload":[]}"#, "[]", &deep]
    {
        assert_eq!(deliver(&receiver, body.as_bytes()).await, Receipt::Stored);
    }
    assert_eq!(stored(&database.store).await.len(), 4);
}

#[tokio::test]
async fn what_is_not_json_or_too_large_is_refused_and_not_stored() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    assert_eq!(deliver(&receiver, b"hello").await, Receipt::NotJson);
    assert_eq!(deliver(&receiver, b"{\"x\":\"\xff\"}").await, Receipt::NotJson);
    let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    assert_eq!(deliver(&receiver, body(MAX_BODY + 1).as_bytes()).await, Receipt::TooLarge);
    assert_eq!(stored(&database.store).await.len(), 0);
    assert_eq!(deliver(&receiver, body(MAX_BODY).as_bytes()).await, Receipt::Stored);
}

#[tokio::test]
async fn the_endpoint_check_is_answered_while_the_database_is_gone_signed_or_not() {
    let store: Arc<dyn Store> = Arc::new(Broken::default());
    let receiver = receiver(&store, Limits::default());
    let body = br#"{"event":"endpoint.url_validation","payload":{"plainToken":"tQ3vX9bLSkOe7uYwZr1aGw"}}"#;
    let expected = Receipt::Challenge(
        concat!(
            r#"{"plainToken":"tQ3vX9bLSkOe7uYwZr1aGw","encryptedToken":"#,
            r#""69b931dc4969e5dbbd7b561991a9ff6d162781474280a309d201e88be0d08a03"}"#
        )
        .to_owned(),
    );
    assert_eq!(deliver(&receiver, body).await, expected);
    assert_eq!(receiver.receive(None, None, body).await, expected);
    let wrong = sign("wrong-secret", &NOW.to_string(), body);
    assert_eq!(receiver.receive(Some(&NOW.to_string()), Some(&wrong), body).await, Receipt::BadSignature);
}

#[tokio::test]
async fn the_endpoint_check_cannot_be_used_to_forge_an_event() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    let forged = r#"{\"event\":\"meeting.ended\"}"#;
    let body =
        format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"v0:{NOW}:{forged}"}}}}"#);
    assert_eq!(receiver.receive(None, None, body.as_bytes()).await, Receipt::BadSignature);
}

#[tokio::test]
async fn a_failing_database_is_answered_with_send_again_at_once_and_recovers() {
    let database = store::testing::sqlite().await;
    let broken = Arc::new(Broken { inner: Some(database.store.clone()), ..Broken::default() });
    let store: Arc<dyn Store> = broken.clone();
    let receiver = receiver(&store, Limits::default());
    assert_eq!(deliver(&receiver, b"{\"n\":1}").await, Receipt::Unavailable);
    broken.works.store(true, Ordering::SeqCst);
    assert_eq!(deliver(&receiver, b"{\"n\":1}").await, Receipt::Stored);
    assert_eq!(stored(&database.store).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_database_fills_the_queue_and_nobody_waits_longer_than_zoom_does() {
    let stalled = Arc::new(Broken { stalls: Some(Semaphore::new(0)), ..Broken::default() });
    let store: Arc<dyn Store> = stalled.clone();
    let receiver = Arc::new(receiver(&store, Limits { queue: 8, ..Limits::default() }));
    let begun = tokio::time::Instant::now();
    let mut sent = tokio::task::JoinSet::new();
    for n in 0..32 {
        let receiver = receiver.clone();
        sent.spawn(async move { deliver(&receiver, format!("{{\"n\":{n}}}").as_bytes()).await });
    }
    assert!(sent.join_all().await.iter().all(|receipt| *receipt == Receipt::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(3));
    // The writer took a first group; everybody else was refused at the full queue.
    assert_eq!(stalled.begun.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_was_queued_is_written_before_the_receiver_stops() {
    let database = store::testing::sqlite().await;
    let receiver = Arc::new(receiver(&database.store, Limits::default()));
    let mut sent = tokio::task::JoinSet::new();
    for n in 0..100 {
        let receiver = receiver.clone();
        sent.spawn(async move { deliver(&receiver, format!("{{\"n\":{n}}}").as_bytes()).await });
    }
    tokio::task::yield_now().await;
    receiver.shutdown().await;
    let acknowledged = sent.join_all().await.iter().filter(|receipt| **receipt == Receipt::Stored).count();
    assert_eq!(stored(&database.store).await.len(), acknowledged);
    assert_eq!(deliver(&receiver, b"{}").await, Receipt::Unavailable);
}

/// A database that fails until it works, or that never answers.
#[derive(Default)]
struct Broken {
    inner: Option<Arc<dyn Store>>,
    works: AtomicBool,
    stalls: Option<Semaphore>,
    begun: AtomicUsize,
}

#[async_trait]
impl Store for Broken {
    async fn read(&self) -> store::Result<Box<dyn Tx>> {
        self.begin().await
    }

    async fn begin(&self) -> store::Result<Box<dyn Tx>> {
        Err(StoreError::Unusable("the disk is full".to_owned()))
    }

    async fn keep_deliveries(&self, deliveries: &[NewDelivery]) -> store::Result<u64> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if let Some(stalls) = &self.stalls {
            let _never = stalls.acquire().await;
        }
        match &self.inner {
            Some(inner) if self.works.load(Ordering::SeqCst) => inner.keep_deliveries(deliveries).await,
            _ => Err(StoreError::Unusable("the disk is full".to_owned())),
        }
    }

    fn changes(&self) -> broadcast::Receiver<ClinicId> {
        broadcast::channel(1).1
    }

    fn arrivals(&self) -> broadcast::Receiver<()> {
        broadcast::channel(1).1
    }

    async fn ready(&self) -> store::Result<()> {
        Err(StoreError::Unusable("the disk is full".to_owned()))
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn what_was_answered_is_counted_and_only_a_signed_check_tells_that_zoom_looks_at_us() {
    let database = store::testing::sqlite().await;
    let receiver = receiver(&database.store, Limits::default());
    deliver(&receiver, b"{}").await;
    deliver(&receiver, b"{}").await;
    deliver(&receiver, b"no").await;
    receiver.receive(None, None, b"{}").await;
    let check = br#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1}"#;
    receiver.receive(None, None, check).await;
    let counts = receiver.take_counts();
    assert_eq!((counts.stored, counts.repeated, counts.unreadable, counts.refused), (1, 1, 1, 1));
    assert_eq!((counts.challenges, counts.last_challenge_at), (0, None), "anybody can send an unsigned one");
    deliver(&receiver, check).await;
    let counts = receiver.take_counts();
    assert_eq!((counts.challenges, counts.last_challenge_at), (1, Some(Timestamp::from_seconds(NOW))));
}
