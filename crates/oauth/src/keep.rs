//! What happens by itself: tokens renewed at least daily, and rooms guarded.

use std::time::Duration;

use store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::{AccessError, Zoom};

/// Zoom does not say how long a refresh token lives unused; reports differ between hours and years. A day has been
/// enough for everybody, and a renewal that fails is tried again within it.
const RENEW_AFTER: Duration = Duration::from_hours(20);
/// Connections renewed in one round.
const AT_ONCE: i64 = 500;
/// Between two rounds.
const ROUND: Duration = Duration::from_mins(10);

/// What a round of renewals did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Renewed.
    pub renewed: usize,
    /// Found to need reconnecting.
    pub broken: usize,
    /// Not renewed this time.
    pub failed: usize,
}

impl Zoom {
    /// Renews the tokens of every connection that were last renewed 20 hours ago or earlier.
    pub async fn refresh_due(&self) -> Result<Refreshed, StoreError> {
        self.refresh_due_until(&CancellationToken::new()).await
    }

    async fn refresh_due_until(&self, stop: &CancellationToken) -> Result<Refreshed, StoreError> {
        let before = self.0.ambient.now().minus(RENEW_AFTER);
        let due = self.0.store.read().await?.connections_to_refresh(before, AT_ONCE).await?;
        let mut round = Refreshed::default();
        for connection in due {
            if stop.is_cancelled() {
                break;
            }
            match self.access_token(connection.clinic_id, connection.id).await {
                Ok(_) => round.renewed += 1,
                Err(AccessError::NeedsReconnect(_)) => round.broken += 1,
                Err(AccessError::NotConnected) => {}
                Err(error) => {
                    tracing::warn!(connection.id = %connection.id, %error, "a connection could not be renewed");
                    round.failed += 1;
                }
            }
        }
        Ok(round)
    }

    /// Renews tokens, guards rooms, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(self.run_renewals(&stop), self.run_guard(&stop));
    }

    /// Renews what is due, every ten minutes.
    async fn run_renewals(&self, stop: &CancellationToken) {
        loop {
            match self.refresh_due_until(stop).await {
                Ok(Refreshed { renewed: 0, broken: 0, failed: 0 }) => {}
                Ok(Refreshed { renewed, broken, failed }) => {
                    tracing::info!(renewed, broken, failed, "renewed the connections that were due");
                }
                Err(error) => tracing::error!(%error, "connections could not be renewed"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
