//! Telling the staff of what somebody has to do something about: a connection that Zoom no longer takes, a room that is
//! not guarded, a patient who waits and nobody comes.
//!
//! Alerts are raised and ended by whoever sees the matter; here they are only told. Whose it is hears of it by the way
//! that they chose for their own, the desk and the admins by the one that they chose for everybody's. What goes on at this
//! moment is told at once. What is wrong with a connection or a room is told a day before the next visit by video, at once
//! where that is nearer, and not at all where there is none: the pages show it. Nothing is told twice: each message is named
//! by its alert, its recipient and its channel.

mod choices;
mod remind;
mod round;
mod told;
mod unconnected;
mod words;

use std::time::Duration;

use store::StoreError;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Outreach, outbox::OutboxError, words::BadTemplate};

pub use choices::{BadSettings, ChoiceError, SettingsError};
pub use remind::Reminded;
pub(crate) use round::kept_back_until;
pub use told::ToldOf;

/// How often it is looked whether there is something to tell, on the program's clock.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Every so many looks it is looked as well who has visits and never connected.
const UNCONNECTED_EVERY: u32 = 12;

/// Why people could not be told.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// Nobody of this id works at the clinic.
    #[error("no such member of the staff")]
    UnknownStaff,
    /// A built-in text cannot be filled in.
    #[error("a built-in text cannot be filled in: {0}")]
    Words(#[from] BadTemplate),
    /// It could not be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outreach {
    /// Looks once who has visits soon and never connected, and tells what is to be told now, in all clinics. Returns how
    /// many messages were queued.
    pub async fn tell_alerts(&self) -> Result<usize, TellError> {
        self.look_for_unconnected().await?;
        self.tell_untold().await
    }

    /// Does this from time to time, until told to stop. Never fails: it tries again.
    pub async fn run_alerts(&self, stop: CancellationToken) {
        let every = LOOK_EVERY / self.ambient.clock_rate().max(1);
        let mut looks = 0_u32;
        while !stop.is_cancelled() {
            let told = if looks.is_multiple_of(UNCONNECTED_EVERY) {
                self.tell_alerts().await
            } else {
                self.tell_untold().await
            };
            if let Err(error) = told {
                tracing::error!(%error, "alerts cannot be told; trying again");
            }
            looks = looks.wrapping_add(1);
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(every) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
