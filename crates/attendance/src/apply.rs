//! From the inbox to presences: deliveries are claimed in batches, understood, and settled, all in one unit of work.

mod batch;

use std::time::Duration;

use domain::{Timestamp, room::Room};
use store::ports::inbox::{Outcome, Settled};
use tokio::{sync::broadcast, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{Attendance, Result, translate};
use batch::{Batch, Deauthorization, counts_of, day_of};

/// Deliveries understood in one unit of work: enough to make a commit worth while, few enough not to keep others
/// waiting for the database.
const BATCH: usize = 500;
/// How long deliveries are let gather after some were understood, which are then understood together. Each unit of work
/// costs a commit, and the inbox writer, whom Zoom waits for, shares the database with it. A delivery that comes alone
/// does not wait.
const GATHER: Duration = Duration::from_millis(250);
/// The same where more are known to wait than one unit of work takes.
const CATCH_UP: Duration = Duration::from_millis(20);
/// How often the inbox is looked at without having been told to.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The first pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So often a delivery is tried alone before it is given up, so that the rest can go on.
const TRIES_ALONE: u32 = 3;

impl Attendance {
    /// Understands deliveries that wait in the inbox, at most one batch. Returns how many were settled; with 0 there
    /// is nothing to do. One that cannot be understood is settled as failed and does not stop the rest.
    pub async fn apply_pending(&self) -> Result<usize> {
        match self.apply_batch(BATCH).await {
            Ok(settled) => Ok(settled),
            Err(error) => {
                // Perhaps one of them is to blame. Alone, it harms nobody else; nor does the pause that follows.
                tracing::warn!(%error, "a batch of deliveries failed; trying them one by one");
                metrics::counter!("anteroom_apply_failures_total").increment(1);
                let mut settled = 0;
                while settled < BATCH {
                    match self.apply_one().await? {
                        0 => break,
                        more => settled += more,
                    }
                }
                Ok(settled)
            }
        }
    }

    async fn apply_one(&self) -> Result<usize> {
        let mut tries = 1;
        let error = loop {
            match self.apply_batch(1).await {
                Ok(settled) => return Ok(settled),
                Err(error) if tries >= TRIES_ALONE => break error,
                Err(_) => {
                    // A fault of the moment, such as a deadlock, is not the delivery's.
                    sleep(FIRST_PAUSE * tries / self.ambient.clock_rate().max(1)).await;
                    tries += 1;
                }
            }
        };
        // Where even this fails, nothing can be written, and the delivery is not to blame.
        let mut tx = self.store.begin().await?;
        let Some(delivery) = tx.claim_deliveries(1).await?.into_iter().next() else { return Ok(0) };
        let now = self.ambient.now();
        // Its clinic's admin is to find it, and may have it understood anew.
        let clinic_id = match translate::about(&delivery) {
            Some(about) => {
                let room = tx.room_by_meeting(about.meeting_number).await?;
                let own = |room: &Room| about.account_id.as_deref() == Some(room.zoom_account_id.as_str());
                room.filter(own).map(|room| room.clinic_id)
            }
            None => None,
        };
        let settled = Settled { id: delivery.id, clinic_id, outcome: Outcome::Failed };
        tx.settle_deliveries(&[settled], now).await?;
        tx.commit().await?;
        count(Outcome::Failed, 1);
        tracing::error!(delivery.id = %delivery.id, %error, "a delivery could not be applied and is set aside");
        Ok(1)
    }

    pub(crate) async fn apply_batch(&self, limit: usize) -> Result<usize> {
        let mut tx = self.store.begin().await?;
        let deliveries = tx.claim_deliveries(i64::try_from(limit).unwrap_or(i64::MAX)).await?;
        if deliveries.is_empty() {
            return Ok(0);
        }
        let now = self.ambient.now();
        let mut batch = Batch::default();
        for delivery in &deliveries {
            batch.read(&mut *tx, delivery).await?;
        }
        batch.understand(&mut *tx, &self.ambient, now).await?;
        tx.settle_deliveries(&batch.settled, now).await?;
        tx.commit().await?;
        for settled in &batch.settled {
            count(settled.outcome, 1);
        }
        let mut done = batch.settled.len();
        for gone in batch.deauthorizations {
            done += self.deauthorize(gone, now).await?;
        }
        Ok(done)
    }

    /// Outside of the unit of work, since it has its own. The delivery is settled afterwards, so that a crash in
    /// between repeats it.
    async fn deauthorize(&self, gone: Deauthorization, now: Timestamp) -> Result<usize> {
        if gone.client_id.is_some_and(|app| !self.zoom.is_our_app(&app)) {
            tracing::warn!(delivery.id = %gone.heard.id, "a user took another app away");
            let settled = Settled { id: gone.heard.id, clinic_id: None, outcome: Outcome::Foreign };
            let mut tx = self.store.begin().await?;
            tx.settle_deliveries(&[settled], now).await?;
            tx.commit().await?;
            count(Outcome::Foreign, 1);
            return Ok(1);
        }
        let done = self.zoom.deauthorized(&gone.zoom_user_id, &gone.account_id, gone.at).await;
        let clinic_id = match done {
            Ok(clinic) => clinic,
            Err(error) => {
                tracing::warn!(delivery.id = %gone.heard.id, %error, "taking a connection back failed; it is tried again");
                return Ok(0);
            }
        };
        let outcome = if clinic_id.is_some() { Outcome::Applied } else { Outcome::Ignored };
        let mut tx = self.store.begin().await?;
        tx.settle_deliveries(&[Settled { id: gone.heard.id, clinic_id, outcome }], now).await?;
        if let Some(clinic) = clinic_id {
            let counts = counts_of(outcome, gone.heard.late);
            tx.add_feed_counts(clinic, None, day_of(gone.heard.received_at), &counts).await?;
        }
        tx.commit().await?;
        count(outcome, 1);
        Ok(1)
    }

    /// Understands deliveries as they come, and looks at rooms when time alone may tell more, until told to stop. Never
    /// fails: it waits and tries again.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(self.understand_as_they_come(&stop), self.look_now_and_then(&stop));
    }

    async fn understand_as_they_come(&self, stop: &CancellationToken) {
        let mut arrivals = self.store.arrivals();
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            match self.apply_pending().await {
                Ok(0) => {
                    pause = FIRST_PAUSE;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(LOOK_EVERY) => {}
                        heard = arrivals.recv() => {
                            let closed = matches!(heard, Err(broadcast::error::RecvError::Closed));
                            // Where nobody will say so any more, looking from time to time is enough.
                            if closed {
                                sleep(LOOK_EVERY).await;
                            }
                        }
                    }
                }
                Ok(settled) => {
                    pause = FIRST_PAUSE;
                    let is_full = settled >= BATCH;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(if is_full { CATCH_UP } else { GATHER }) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "deliveries cannot be applied; trying again");
                    metrics::counter!("anteroom_apply_failures_total").increment(1);
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn count(outcome: Outcome, deliveries: u64) {
    metrics::counter!("anteroom_deliveries_applied_total", "outcome" => outcome.as_str())
        .increment(deliveries);
}
