//! The inbox writer: commits whatever is queued in one transaction, then answers each one who waits.
//!
//! One commit costs the disk the same for one delivery as for hundreds, so throughput comes from grouping, and
//! latency from never waiting for a fuller group. It runs in a task of its own, so that no sender who goes away can
//! cancel a transaction half-way.

use std::{sync::Arc, time::Duration};

use store::{Store, ports::inbox::NewDelivery};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinSet,
};

use crate::tally::Tally;

/// How much is taken on at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Deliveries that may wait for the writer; beyond it Zoom is told at once to send again.
    pub queue: usize,
    /// Deliveries in one commit. At least the number of connections that are expected, or groups come out half full.
    pub batch: usize,
    /// Commits under way at once. One on `SQLite`, which has one writer; a few on `PostgreSQL`.
    pub writers: usize,
    /// How long a sender waits for the commit. Zoom gives up after three seconds.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 4_096, batch: 1_024, writers: 1, patience: Duration::from_millis(2_500) }
    }
}

/// Why a delivery was not kept. Zoom sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotKept {
    /// Too many wait already, or the writer has stopped.
    Full,
    /// The database failed or took too long.
    Failed,
}

struct Waiting {
    delivery: NewDelivery,
    kept: oneshot::Sender<bool>,
}

/// The way to the writer. The writer stops when this is dropped, after it has emptied the queue.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Waiting>,
    patience: Duration,
}

impl Writer {
    /// Starts the writer's tasks; they end in the set when the queue is closed and empty.
    pub(crate) fn start(
        store: &Arc<dyn Store>,
        limits: Limits,
        tally: &Arc<Tally>,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(limits.queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..limits.writers.max(1) {
            tasks.spawn(write(store.clone(), waiting.clone(), tally.clone(), limits.batch));
        }
        Self { queue, patience: limits.patience }
    }

    /// Returns once the delivery is durable.
    pub(crate) async fn keep(&self, delivery: NewDelivery) -> std::result::Result<(), NotKept> {
        let (kept, answer) = oneshot::channel();
        self.queue.try_send(Waiting { delivery, kept }).map_err(|_| NotKept::Full)?;
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(true)) => Ok(()),
            Ok(_) | Err(_) => Err(NotKept::Failed),
        }
    }
}

async fn write(
    store: Arc<dyn Store>,
    waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>,
    tally: Arc<Tally>,
    batch: usize,
) {
    let mut group = Vec::new();
    loop {
        // Whoever holds the queue takes all that is there; the next group gathers while this one is committed.
        if waiting.lock().await.recv_many(&mut group, batch).await == 0 {
            return;
        }
        let (deliveries, senders): (Vec<_>, Vec<_>) =
            group.drain(..).map(|waiting| (waiting.delivery, waiting.kept)).unzip();
        let kept = match store.keep_deliveries(&deliveries).await {
            Ok(new) => {
                let repeated = u64::try_from(deliveries.len()).unwrap_or(u64::MAX).saturating_sub(new);
                metrics::counter!("anteroom_deliveries_stored_total").increment(new);
                metrics::counter!("anteroom_deliveries_repeated_total").increment(repeated);
                tally.kept(new, repeated);
                true
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    deliveries = deliveries.len(),
                    "inbox not written"
                );
                false
            }
        };
        for sender in senders {
            // A sender that no longer waits was told to send again; the repetition will be recognised.
            let _ = sender.send(kept);
        }
    }
}
