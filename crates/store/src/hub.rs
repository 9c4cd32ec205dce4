//! Who hears of what changed: channels within the process, and what one unit of work has to tell.

use std::collections::BTreeSet;

use domain::ClinicId;
use tokio::{sync::broadcast, task::JoinHandle};

/// How many hints a slow listener may be behind before it is told that it missed some.
const BEHIND: usize = 1024;

/// What one unit of work touched.
#[derive(Debug, Default)]
pub struct Touched {
    /// Clinics whose boards changed.
    pub clinics: BTreeSet<ClinicId>,
    /// Whether there are deliveries to be understood that were not.
    pub inbox: bool,
}

/// The sending ends. That nobody listens is no fault.
#[derive(Clone, Debug)]
pub struct Voices {
    changes: broadcast::Sender<ClinicId>,
    arrivals: broadcast::Sender<()>,
}

impl Voices {
    /// Tells every listener in this process that the clinic's board changed.
    pub fn tell_change(&self, clinic: ClinicId) {
        let _ = self.changes.send(clinic);
    }

    /// Tells every listener in this process that deliveries came.
    pub fn tell_arrival(&self) {
        let _ = self.arrivals.send(());
    }
}

/// The channels of one open store, and the task that hears other instances where there may be some.
#[derive(Debug)]
pub struct Hub {
    voices: Voices,
    listener: Option<JoinHandle<()>>,
}

impl Hub {
    /// Channels that nobody outside of this process speaks into.
    pub fn local() -> Self {
        let voices =
            Voices { changes: broadcast::Sender::new(BEHIND), arrivals: broadcast::Sender::new(BEHIND) };
        Self { voices, listener: None }
    }

    /// Channels that a task started by `listen` speaks into as well; it ends with the hub.
    pub fn with_listener(listen: impl FnOnce(Voices) -> JoinHandle<()>) -> Self {
        let mut hub = Self::local();
        hub.listener = Some(listen(hub.voices.clone()));
        hub
    }

    /// The sending ends.
    pub fn voices(&self) -> &Voices {
        &self.voices
    }

    /// Hears of clinics whose boards changed.
    pub fn changes(&self) -> broadcast::Receiver<ClinicId> {
        self.voices.changes.subscribe()
    }

    /// Hears of deliveries.
    pub fn arrivals(&self) -> broadcast::Receiver<()> {
        self.voices.arrivals.subscribe()
    }

    /// Stops hearing other instances.
    pub fn stop(&self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}
