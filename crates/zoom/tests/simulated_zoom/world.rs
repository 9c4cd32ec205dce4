//! The client against a simulated Zoom of its own.

use std::sync::Arc;
use std::time::Duration;

use vault::SecretText;
use zoom::api::{Api, ApiBase};
use zoom::oauth::{OAuth, Pkce, Tokens};
use zoom::webhook::{Envelope, EventKind, Secrets, verify};
use zoomsim::{Config, ManualClock, Sim, SimHandle};

/// 2026-11-23T14:00:00Z.
pub const MORNING: i64 = 1_795_442_400_000_000;
pub const AMARA: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
pub const JONAS: &str = "m0Lk2Qw9TUe5VzRx8sYbAg";
/// On the free plan.
pub const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";
pub const CALLBACK: &str = "https://clinic.example/zoom/callback";

/// The client and the simulated Zoom.
pub struct Zoom {
    /// Stops when dropped.
    _sim: Sim,
    pub sim: SimHandle,
    pub oauth: OAuth,
    pub api: Api,
    pub secrets: Secrets,
}

impl Zoom {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config::new(Arc::new(ManualClock::new(MORNING)), 7, &url);
        config.redirect_uris = vec![CALLBACK.to_owned()];
        change(&mut config);
        let http = zoom::http::client(zoom::http::Limits::default()).unwrap();
        let secret = SecretText::from(config.client_secret.as_str());
        let oauth =
            OAuth::new(http.clone(), &format!("{url}/oauth"), &config.client_id, secret, CALLBACK).unwrap();
        let api = Api::new(http, ApiBase::parse(&format!("{url}/v2")).unwrap());
        let secrets = Secrets::parse(&config.webhook_secret).unwrap();
        let sim = Sim::start(listener, config);
        Self { sim: sim.handle(), _sim: sim, oauth, api, secrets }
    }

    /// Goes through consent; gives back the code and the verifier that it needs.
    pub fn consent(&self, user: &str) -> (String, SecretText) {
        let pkce = Pkce::from_random([9; 32]);
        let url = self.oauth.authorize_url("state-1", &pkce.challenge);
        let back = self.sim.consent(url.query().unwrap(), user, true).unwrap();
        let back = url::Url::parse(&back).unwrap();
        let parameter = |name: &str| {
            back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
        };
        assert_eq!(parameter("state"), "state-1");
        (parameter("code"), pkce.verifier)
    }

    pub async fn connect(&self, user: &str) -> Tokens {
        let (code, verifier) = self.consent(user);
        self.oauth.exchange(&code, &verifier).await.unwrap()
    }

    /// Takes what is due, checks every signature and reads it.
    pub fn events(&self) -> Vec<Envelope> {
        let now = self.sim.now() / 1_000_000;
        let read = |delivery: &zoomsim::SignedDelivery| {
            let header = |name: &str| {
                delivery.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
            };
            let (timestamp, signature) = (header("x-zm-request-timestamp"), header("x-zm-signature"));
            verify(&self.secrets, timestamp, signature, delivery.body.as_bytes(), now).unwrap();
            let envelope = Envelope::parse(delivery.body.as_bytes()).unwrap();
            assert!(envelope.oddities.is_empty(), "{}: {}", envelope.kind, envelope.oddities);
            envelope
        };
        self.sim.take_due().iter().map(read).filter(|event| event.kind != EventKind::UrlValidation).collect()
    }

    pub async fn advance(&self, seconds: u64) {
        assert!(self.sim.advance(Duration::from_secs(seconds)).await);
    }
}
