//! From the inbox to presences.

use tokio_util::sync::CancellationToken;

use crate::{Attendance, Error, Result};

impl Attendance {
    /// Understands deliveries that wait in the inbox, at most one batch. Returns how many were settled; with 0 there
    /// is nothing to do.
    pub async fn apply_pending(&self) -> Result<usize> {
        Err(Error::NotBuilt("applying deliveries"))
    }

    /// Understands deliveries as they come, until told to stop. Never fails: it waits and tries again.
    pub async fn run(&self, stop: CancellationToken) {
        stop.cancelled().await;
    }
}
