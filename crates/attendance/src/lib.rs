//! Understand: from deliveries in the inbox to who is where, which appointment that was, and what boards show.
//!
//! ```text
//! inbox --apply--> room events, recorded stays --recompute--> presences --board/sessions--> pages and JSON
//! ```
//!
//! What is derived here can be dropped and made again from the inbox ([`Attendance::rebuild`]). What people decided
//! ([`Attendance::decide`]), where they pressed Join and when it was looked at a room ([`Attendance::look_when_due`]) are
//! facts of their own and survive that.

mod apply;
mod derive;
mod error;
mod history;
mod looks;
mod no_show;
mod recompute;
mod reconsider;
mod translate;
mod watching;

pub mod board;
pub mod decide;
pub mod feed_health;
pub mod hand_over;
pub mod marks;
pub mod outage;
pub mod rebuild;
pub mod reconcile;
pub mod record;
pub mod scrub;
pub mod sessions;
pub mod waiting;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Ambient, ClinicId, Timestamp};
use store::{Store, StoreError};

pub use board::{Board, BoardChanges};
pub use decide::DecideError;
pub use error::Error;
pub use marks::MarkError;
pub use no_show::RuleError;
pub use rebuild::RebuildReport;
pub use record::ZoomRecord;
pub use sessions::{AppointmentAttendance, SessionRow, Sessions};
pub use waiting::InMyRoom;
pub use watching::RoomNow;

/// This crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What must happen when a user takes the app away. [`oauth::Zoom`] does it; a seam so that attendance can be tested
/// without Zoom. Called outside of any unit of work, at least once for each delivery, so it must stand repetition.
#[async_trait]
pub trait Deauthorized: Send + Sync {
    /// Erases the tokens of this Zoom user, unless they came after `at`. Returns whose they were, where they were
    /// anybody's.
    async fn deauthorized(
        &self,
        zoom_user_id: &str,
        account_id: &str,
        at: Timestamp,
    ) -> Result<Option<ClinicId>, StoreError>;

    /// Whether Zoom means this app by that client id, as far as can be told.
    fn is_our_app(&self, _client_id: &str) -> bool {
        true
    }
}

#[async_trait]
impl Deauthorized for oauth::Zoom {
    async fn deauthorized(
        &self,
        zoom_user_id: &str,
        account_id: &str,
        at: Timestamp,
    ) -> Result<Option<ClinicId>, StoreError> {
        let whose = self.deauthorized(zoom_user_id, account_id, at).await?;
        Ok(whose.map(|(clinic, _)| clinic))
    }

    fn is_our_app(&self, client_id: &str) -> bool {
        self.is_our_app(client_id)
    }
}

/// Understands deliveries and answers questions about attendance. Cheap to clone.
#[derive(Clone)]
pub struct Attendance {
    store: Arc<dyn Store>,
    ambient: Ambient,
    zoom: Arc<dyn Deauthorized>,
    told: Arc<no_show::Told>,
    seen: Arc<watching::Seen>,
    /// Since when this instance may have heard of everything.
    up_since: Timestamp,
    running: Arc<reconcile::Running>,
    habits: Arc<hand_over::Remembered>,
}

impl Attendance {
    /// Stands on a store.
    pub fn new(store: Arc<dyn Store>, ambient: Ambient, zoom: impl Deauthorized + 'static) -> Self {
        let up_since = ambient.now();
        Self {
            store,
            ambient,
            zoom: Arc::new(zoom),
            told: Arc::default(),
            seen: Arc::default(),
            up_since,
            running: Arc::default(),
            habits: Arc::default(),
        }
    }
}
