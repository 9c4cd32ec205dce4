//! Reminders: what goes out by itself as a visit comes nearer.
//!
//! Nothing is planned ahead: each round asks which reminder of which visit is due at this moment, and puts into the outbox
//! what is not there yet. A visit that was moved, cancelled or booked in between has therefore nothing to be taken
//! back, and whoever was down goes on with what is still good. What is sent once is named by the attendee, the
//! channel, the start and the moment, so that neither a second round nor a second instance sends it again.

pub(crate) mod arrived;
mod round;
pub(crate) mod telling;

use std::time::Duration;

use domain::{ClinicId, clinic::Clinic};
use store::StoreError;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Outreach, outbox::OutboxError, visit::LinkError};

/// How often it is looked, on the program's clock.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Why no reminders could be queued.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// The links that stand in them could not be had.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// They could not be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outreach {
    /// Queues the reminders of all clinics that are due and returns how many. What is wrong with one clinic is logged and
    /// keeps no other from reminding.
    pub async fn remind(&self) -> Result<usize, RemindError> {
        let clinics = self.store.read().await?.clinics().await?;
        let mut count = 0;
        for clinic in clinics {
            let id = clinic.id;
            match self.remind_clinic(clinic).await {
                Ok(queued) => count += queued,
                Err(error) => {
                    tracing::error!(clinic.id = %id, %error, "reminders cannot be queued; trying again");
                }
            }
        }
        Ok(count)
    }

    async fn remind_clinic(&self, clinic: Clinic) -> Result<usize, RemindError> {
        let id: ClinicId = clinic.id;
        let now = self.ambient.now();
        let Some(round) = self.reminders_due(clinic, now).await? else { return Ok(0) };
        let queued = self.queue_reminders(&round, now).await?;
        if queued > 0 {
            self.wake_outbox();
            tracing::info!(clinic.id = %id, reminders = queued, "queued reminders");
        }
        Ok(queued)
    }

    /// Does this from time to time, until told to stop. Never fails: it tries again.
    pub async fn run_reminders(&self, stop: CancellationToken) {
        let every = LOOK_EVERY / self.ambient.clock_rate().max(1);
        while !stop.is_cancelled() {
            if let Err(error) = self.remind().await {
                tracing::error!(%error, "reminders cannot be queued; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(every) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
