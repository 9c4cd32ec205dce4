//! Writes down what the receiver has answered, so that it survives a restart and every instance sees it.

use std::{sync::Arc, time::Duration};

use domain::Ambient;
use jiff::tz::TimeZone;
use store::{Store, ports::feed::ReceiverCounts};
use tokio_util::sync::CancellationToken;
use webhook::Receiver;

/// How often.
const EVERY: Duration = Duration::from_mins(1);

/// Writes every minute, and once more when the service stops.
pub async fn write_down(
    receiver: Arc<Receiver>,
    store: Arc<dyn Store>,
    ambient: Ambient,
    stop: CancellationToken,
) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = every.tick() => false,
        };
        let counts = receiver.take_counts();
        if counts != ReceiverCounts::default()
            && let Err(error) = add(&*store, &ambient, &counts).await
        {
            tracing::warn!(%error, "the receiver's counts could not be written down yet");
            receiver.give_back(&counts);
        }
        if last {
            return;
        }
    }
}

async fn add(store: &dyn Store, ambient: &Ambient, counts: &ReceiverCounts) -> store::Result<()> {
    let today = ambient.now().in_zone(&TimeZone::UTC).date();
    let mut tx = store.begin().await?;
    tx.add_receiver_counts(today, counts).await?;
    tx.commit().await
}
