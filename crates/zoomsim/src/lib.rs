//! A simulated Zoom: OAuth, the REST API, meetings with waiting rooms and people in them, signed webhooks with their
//! retries, and the ways in which all of that goes wrong. It serves the demo and the tests, and depends on none of the
//! other crates, so that a field misread by the program under test shows up instead of being mirrored.
//!
//! Where Zoom's behaviour is documented the simulator is strict about it; where nobody outside knows, it has a knob
//! ([`Knobs`]). What it remembers of who really was where, and when, is the truth that a program under test has to
//! find out ([`SimHandle::truth`]).
//!
//! Everything that a test can do through [`SimHandle`] can be done over HTTP below `/sim/`, and nearly all of it on the
//! pages. `README.md` lists the addresses.

mod clock;
mod config;
mod control;
mod deliver;
mod dice;
mod events;
mod faults;
mod handle;
mod knobs;
mod ledger;
mod oauth;
mod outbox;
mod pages;
mod rest;
mod room;
mod state;
mod visit;
#[cfg(test)]
mod walk;
mod world;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use clock::{ManualClock, SimClock};
pub use config::{ALL_SCOPES, Config, Plan, SimUser};
pub use deliver::install_tls;
pub use handle::{SimHandle, Truth, TruthInstance, TruthMeeting};
pub use knobs::{AdmittedIds, BeforeHost, DeauthorizedShape, Fault, Knobs, Names, WaitingRoomLock};
pub use ledger::{CallSeen, CallTotal, LimitBroken, LimitKind};
pub use outbox::{SignedDelivery, signature};
pub use rest::routes::Weight;
pub use room::NewGuest;
pub use state::{Attempt, Outcome};
pub use visit::{Guest, Ids, Place, Stay};
pub use world::SimError;

/// A running simulated Zoom.
pub struct Sim {
    world: Arc<world::World>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    delivery: JoinHandle<()>,
}

impl Sim {
    /// Serves on `listener` and delivers webhooks, until [`Sim::shutdown`] or until it is dropped. Must be called
    /// inside a Tokio runtime.
    pub fn start(listener: tokio::net::TcpListener, config: Config) -> Self {
        let world = Arc::new(world::World::new(config));
        let app = router(&world);
        let (stop, mut stopped) = watch::channel(false);
        let server = tokio::spawn(async move {
            let until = async move {
                // An error says that the sender is gone, which is a reason to stop too.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(until).await {
                tracing::error!(%error, "the simulated Zoom stopped serving");
            }
        });
        let delivery = tokio::spawn(Arc::clone(&world).deliver_forever());
        Self { world, stop, server, delivery }
    }

    /// What tests drive it with; cheap to clone.
    pub fn handle(&self) -> SimHandle {
        SimHandle::new(Arc::clone(&self.world))
    }

    /// Stops serving and delivering. Calls that still hang after two seconds are cut off.
    pub async fn shutdown(mut self) {
        self.delivery.abort();
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_secs(2), &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.delivery.abort();
        self.server.abort();
    }
}

fn router(world: &Arc<world::World>) -> axum::Router {
    use axum::routing::{get, post};
    let faulty = axum::Router::new()
        .route("/oauth/authorize", get(oauth::show_consent).post(oauth::allow))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/revoke", post(oauth::revoke))
        .merge(rest::router())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(world), faults::apply));
    faulty.merge(control::router()).merge(pages::router()).with_state(Arc::clone(world))
}
