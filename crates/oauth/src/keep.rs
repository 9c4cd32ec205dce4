//! What happens by itself: tokens renewed at least daily, doubts settled within minutes, and rooms guarded.

use std::time::Duration;

use domain::room::Connection;
use store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::{AccessError, Trouble, Zoom, tokens::Need};

/// Zoom does not say how long a refresh token lives unused; reports differ between hours and years. A day has been
/// enough for everybody, and a renewal that fails is tried again within it.
pub(crate) const RENEW_AFTER: Duration = Duration::from_hours(20);
/// How often a paused connection is tried: approval is given back by people, who then expect it to work the same day.
const TRY_PAUSED_AFTER: Duration = Duration::from_hours(3);
/// Connections renewed in one round.
const AT_ONCE: i64 = 500;
/// Between two rounds.
const ROUND: Duration = Duration::from_mins(1);
/// Every tenth round renews what is due; the others settle doubts alone.
const DUE_EVERY: u32 = 10;

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
    /// Renews the tokens of every connection that were last renewed 20 hours ago or earlier, of those where nobody knows
    /// what came of the last renewal, and tries those that an administrator had paused.
    pub async fn refresh_due(&self) -> Result<Refreshed, StoreError> {
        self.refresh_due_until(&CancellationToken::new()).await
    }

    async fn refresh_due_until(&self, stop: &CancellationToken) -> Result<Refreshed, StoreError> {
        let mut round = self.settle_doubts(stop).await?;
        let now = self.0.ambient.now();
        let (due, paused) = {
            let mut tx = self.0.store.read().await?;
            let due = tx.connections_to_refresh(now.minus(RENEW_AFTER), AT_ONCE).await?;
            let paused = Trouble::DisabledByAdmin.as_str();
            (due, tx.connections_in_trouble(paused, now.minus(TRY_PAUSED_AFTER), AT_ONCE).await?)
        };
        self.renew_all(due, &Need::Upkeep, &mut round, stop).await;
        self.renew_all(paused, &Need::Return, &mut round, stop).await;
        Ok(round)
    }

    /// Asks once more where an answer was lost, so that the connection is alive or known to be broken.
    async fn settle_doubts(&self, stop: &CancellationToken) -> Result<Refreshed, StoreError> {
        let mut round = Refreshed::default();
        // Whoever asked later than that may still be at it.
        let before = self.0.ambient.now().minus(self.0.patience.lease);
        let doubtful = self.0.store.read().await?.connections_in_doubt(before, AT_ONCE).await?;
        self.renew_all(doubtful, &Need::Return, &mut round, stop).await;
        Ok(round)
    }

    async fn renew_all(
        &self,
        connections: Vec<Connection>,
        need: &Need,
        round: &mut Refreshed,
        stop: &CancellationToken,
    ) {
        for connection in connections {
            if stop.is_cancelled() {
                break;
            }
            let paused = connection.trouble.as_deref() == Some(Trouble::DisabledByAdmin.as_str());
            match self.renewed(connection.clinic_id, connection.id, need.clone()).await {
                Ok(_) => round.renewed += 1,
                // It is as it was.
                Err(AccessError::NeedsReconnect(Some(Trouble::DisabledByAdmin))) if paused => {}
                Err(AccessError::NeedsReconnect(_)) => round.broken += 1,
                Err(AccessError::NotConnected) => {}
                Err(error) => {
                    tracing::warn!(connection.id = %connection.id, %error, "a connection could not be renewed");
                    round.failed += 1;
                }
            }
        }
    }

    /// Renews tokens, guards rooms, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(self.run_renewals(&stop), self.run_guard(&stop));
    }

    /// Renews what is due every ten minutes, and settles doubts every minute.
    async fn run_renewals(&self, stop: &CancellationToken) {
        let mut round: u32 = 0;
        loop {
            let outcome = if round.is_multiple_of(DUE_EVERY) {
                self.refresh_due_until(stop).await
            } else {
                self.settle_doubts(stop).await
            };
            match outcome {
                Ok(Refreshed { renewed: 0, broken: 0, failed: 0 }) => {}
                Ok(Refreshed { renewed, broken, failed }) => {
                    tracing::info!(renewed, broken, failed, "renewed the connections that were due");
                }
                Err(error) => tracing::error!(%error, "connections could not be renewed"),
            }
            round = round.wrapping_add(1);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
