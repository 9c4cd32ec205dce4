//! Outages: times in which no instance of the program could take deliveries.
//!
//! Every instance notes again and again that it is there, in the database, where deliveries go too. A gap between these
//! notes is an outage, whether the program was down, its machine asleep, or the database out of reach. As long as one
//! instance is there, there is none. What lies in front of the program (a proxy, the network) is not seen by this;
//! that every day is compared with Zoom's record covers it.

use std::{ops::Range, sync::Arc, time::Duration};

use domain::{Ambient, Timestamp};
use store::{
    Store, Tx,
    ports::recovery::{Outage, Reconciliation, Why},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Attendance, Result};

/// How often an instance notes that it is there.
const BEAT_EVERY: Duration = Duration::from_secs(30);
/// A gap of more than this is an outage: two beats may be lost.
const LONGEST_GAP: Duration = Duration::from_secs(90);
/// Zoom has the record of a meeting some minutes after its end.
const FIRST_LOOK: Duration = Duration::from_mins(2);
/// Instances that were not heard of for so long are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// Notes that this instance takes deliveries, and sees when none did.
#[derive(Clone)]
pub struct Watch {
    store: Arc<dyn Store>,
    ambient: Ambient,
    instance: Uuid,
}

impl Watch {
    /// A watch for an instance that has just started.
    pub fn new(store: Arc<dyn Store>, ambient: Ambient) -> Self {
        let instance = ambient.nonce();
        Self { store, ambient, instance }
    }

    /// Notes that this instance takes deliveries. Returns the outage that is over with that, if there was one and no
    /// other instance noted it before; then every room is to be compared with Zoom's record.
    pub async fn beat(&self) -> Result<Option<Outage>> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let before = tx.beat(self.instance, now).await?;
        tx.purge_beats(now.minus(FORGOTTEN_AFTER)).await?;
        let gap = before.filter(|before| now.since(*before) > LONGEST_GAP).map(|before| before..now);
        let outage = match gap {
            Some(range) => self.note(&mut *tx, range).await?,
            None => None,
        };
        tx.commit().await?;
        if let Some(outage) = &outage {
            let seconds = outage.range.end.since(outage.range.start).as_secs();
            metrics::counter!("anteroom_outages_total").increment(1);
            metrics::counter!("anteroom_outage_seconds_total").increment(seconds);
            tracing::warn!(outage.id = %outage.id, seconds, "no deliveries could be taken; rooms will be compared with Zoom's record");
        }
        Ok(outage)
    }

    async fn note(&self, tx: &mut dyn Tx, range: Range<Timestamp>) -> Result<Option<Outage>> {
        let outage = Outage { id: self.ambient.id(), range };
        if !tx.insert_outage(&outage).await? {
            return Ok(None);
        }
        for clinic in tx.clinics().await? {
            for room in tx.rooms(clinic.id).await? {
                let due = Reconciliation::due(
                    self.ambient.id(),
                    &room,
                    outage.range.clone(),
                    Why::Outage,
                    outage.range.end.plus(FIRST_LOOK),
                );
                tx.put_reconciliation(&due).await?;
            }
        }
        Ok(Some(outage))
    }

    /// Notes it again and again, until told to stop. While the database refuses, time passes, and that is what an outage
    /// is.
    pub async fn run(&self, stop: CancellationToken) {
        let mut every = interval(BEAT_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = every.tick() => {}
            }
            if let Err(error) = self.beat().await {
                metrics::counter!("anteroom_beats_failed_total").increment(1);
                tracing::error!(%error, "the database takes no note of this instance; deliveries are not taken either");
            }
        }
    }
}

impl Attendance {
    /// The times in which no deliveries could be taken, as far as they overlap the range.
    pub async fn outages(&self, range: Range<Timestamp>) -> Result<Vec<Outage>> {
        Ok(self.store.read().await?.outages(range).await?)
    }
}
