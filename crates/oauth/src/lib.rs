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
};

use domain::{Ambient, ConnectionId};
use store::Store;
use vault::KeyRing;

pub use acts::{
    ActError, AdoptError, Adoptable, Adopted, Adoption, CoverError, Covered, Ended, LONGEST_TEXT,
    LONGEST_TITLE, NotAtZoom, OwnMeeting, ShownWhere,
};
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
pub use tokens::{AccessError, Patience};
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

impl Zoom {
    /// `oauth` knows the app and its redirect address, `api` where calls go.
    pub fn new(
        store: Arc<dyn Store>,
        ambient: Ambient,
        keys: Arc<KeyRing>,
        oauth: zoom::oauth::OAuth,
        api: zoom::api::Api,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            ambient,
            keys,
            oauth,
            api,
            patience: Patience::default(),
            locks: Mutex::default(),
            silences: Mutex::default(),
            guests: Mutex::default(),
            guard: guard::Memory::default(),
            rooms_wanted: tokio::sync::Notify::new(),
        }))
    }

    /// The same with other durations, for tests that cannot wait so long; to be said before it is cloned.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.patience = patience;
        }
        self
    }

    /// Whether Zoom means this app by that client id. Zoom signs what it says of each app with that app's own secret, so that
    /// another one's id comes only where two apps share a secret or an address.
    pub fn is_our_app(&self, client_id: &str) -> bool {
        self.0.oauth.client_id() == client_id
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
