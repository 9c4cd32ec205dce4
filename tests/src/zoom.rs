//! The simulated Zoom beside the program, on the machine's clock.

use std::sync::Arc;

use domain::Ambient;
use zoomsim::{Config, Sim, SimClock, SimHandle};

use crate::anteroom::{self, Settings, WEBHOOK_SECRET};

struct MachineClock(Ambient);

impl SimClock for MachineClock {
    fn now_micros(&self) -> i64 {
        self.0.now().as_micros()
    }
}

/// A simulated Zoom that knows where the program is.
pub struct Zoom {
    /// What drives it.
    pub handle: SimHandle,
    /// Settings of a program that uses it.
    pub settings: Settings,
    sim: Sim,
}

impl Zoom {
    /// Starts it, for a program with this database that is about to be started.
    pub async fn start(database_url: &str) -> Self {
        let port = anteroom::free_port();
        let address = format!("http://127.0.0.1:{port}");
        let settings = Settings::new(database_url, &address);
        let config = Config {
            client_id: "client".to_owned(),
            client_secret: "client-secret-for-tests".to_owned(),
            webhook_secret: WEBHOOK_SECRET.to_owned(),
            redirect_uris: vec![format!("{}/zoom/callback", settings.address())],
            webhook_url: Some(format!("{}/zoom/webhook", settings.address())),
            ..Config::new(Arc::new(MachineClock(Ambient::system())), 1, &address)
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let sim = Sim::start(listener, config);
        Self { handle: sim.handle(), settings, sim }
    }

    /// Stops it.
    pub async fn stop(self) {
        self.sim.shutdown().await;
    }
}
