//! Connect once: link a staff member's Zoom account, keep its tokens alive, provision and guard the room.
//!
//! Zoom's rules shape it. Every renewal kills the refresh token before, and so does every new consent of the same Zoom
//! user, so a renewal happens under a lease on the row and is kept before it is used. Making a meeting is not
//! idempotent, so a room is looked for before it is made. A way into a room for one person is never worth keeping them
//! waiting: where it is not to be had at once, the room's own link is the way.

mod acts;
mod alerts;
mod calls;
mod connect;
mod end;
mod guard;
mod keep;
mod page;
mod personal;
mod record;
mod room;
mod secrets;
mod standing;
mod tokens;
mod trouble;
pub mod words;

#[cfg(test)]
mod testing;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Ambient, ConnectionId};
use store::Store;
use vault::KeyRing;

pub use acts::{ActError, CoverError, Covered, Ended, LONGEST_TEXT, LONGEST_TITLE, NotAtZoom, ShownWhere};
pub use connect::{BeginError, Callback, ConnectError, Connected, FLOW_LIVES, RoomOutcome};
pub use end::Disconnected;
pub use guard::{GuardRound, LookTrouble, Looked, Obstacle};
pub use keep::Refreshed;
pub use page::RoomPage;
pub use personal::pseudonym;
pub use record::{RecordError, Recorded};
pub use room::{How, KindTrouble, Provisioned, RoomError};
pub use secrets::SecretError;
pub use standing::{By, Standing, Stands, Today, Todo, Weight, drift_in_short};
pub use tokens::AccessError;
pub use trouble::Trouble;
pub use zoom::{
    api::{Deviation, Instance, ParticipantStatus, PastMeeting, PastParticipant},
    oauth::ScopeNeed,
};

/// The clinic's connections to Zoom. Cheap to clone.
#[derive(Clone)]
pub struct Zoom(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    ambient: Ambient,
    keys: Arc<KeyRing>,
    oauth: zoom::oauth::OAuth,
    api: zoom::api::Api,
    patience: Patience,
    locks: Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>,
    silences: Mutex<calls::Silences>,
    guests: Mutex<personal::Guests>,
    guard: guard::Memory,
    /// Rooms are wanted in another way than before: do not wait for the next round.
    rooms_wanted: tokio::sync::Notify,
}

/// How long to wait for another instance that is at work on the same connection.
#[derive(Clone, Copy)]
struct Patience {
    step: Duration,
    steps: u32,
}

impl Zoom {
    /// `oauth` knows the app and its redirect address, `api` where calls go.
    pub fn new(
        store: Arc<dyn Store>,
        ambient: Ambient,
        keys: Arc<KeyRing>,
        oauth: zoom::oauth::OAuth,
        api: zoom::api::Api,
    ) -> Self {
        // 15 seconds: most renewals take one, and nobody waits longer for a page.
        let patience = Patience { step: Duration::from_millis(250), steps: 60 };
        Self(Arc::new(Inner {
            store,
            ambient,
            keys,
            oauth,
            api,
            patience,
            locks: Mutex::default(),
            silences: Mutex::default(),
            guests: Mutex::default(),
            guard: guard::Memory::default(),
            rooms_wanted: tokio::sync::Notify::new(),
        }))
    }

    /// One of ours at a time: the lease on the row is for other instances, and waiting for it takes longer.
    fn lock_of(&self, connection: ConnectionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(connection).or_default().clone()
    }
}

impl fmt::Debug for Zoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zoom")
    }
}
