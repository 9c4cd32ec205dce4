//! What handlers work with. Cheap to clone; each part can be asked for alone with `State<Part>`.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use domain::Ambient;
use store::Store;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;
use vault::KeyRing;

use crate::throttle::Throttle;

/// How the web layer behaves. Durations and sizes are those that the security notes of the documentation promise.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// The address that staff, patients and Zoom use; `https` but on loopback.
    pub public_url: Url,
    /// A session ends when its owner has done nothing for so long.
    pub session_idle: Duration,
    /// The same for whoever is an admin.
    pub session_idle_admin: Duration,
    /// A session ends so long after sign-in, whatever its owner does.
    pub session_absolute: Duration,
    /// Hosts a patient may be redirected to, each with its subdomains; loopback addresses with any port.
    pub join_hosts: Vec<String>,
    /// Where Zoom's consent page is.
    pub oauth_url: Url,
    /// The longest that a request may take; the work itself is finished all the same.
    pub request_timeout: Duration,
    /// The longest that a request's body may take to arrive.
    pub body_deadline: Duration,
    /// How often an open stream looks at the store and at its own session without having been told to.
    pub stream_poll: Duration,
    /// How often an open stream shows what changes by time alone.
    pub stream_refresh: Duration,
    /// How many reverse proxies of the operator's own stand in front and add to `X-Forwarded-For`. 0 ignores it.
    pub proxy_hops: usize,
}

impl WebSettings {
    /// The defaults for this address, with Zoom's own hosts.
    pub fn new(public_url: Url, oauth_url: Url) -> Self {
        Self {
            public_url,
            session_idle: Duration::from_mins(30),
            session_idle_admin: Duration::from_mins(15),
            session_absolute: Duration::from_hours(12),
            join_hosts: vec!["zoom.us".to_owned(), "zoomgov.com".to_owned()],
            oauth_url,
            request_timeout: Duration::from_secs(30),
            body_deadline: Duration::from_secs(10),
            stream_poll: Duration::from_secs(4),
            stream_refresh: Duration::from_secs(30),
            proxy_hops: 0,
        }
    }

    /// Whether browsers reach us over TLS, so that cookies can be `Secure` and HSTS makes sense.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// The parts that an [`App`] is made of.
pub struct Parts {
    /// Where data is kept.
    pub store: Arc<dyn Store>,
    /// The clock and the randomness.
    pub ambient: Ambient,
    /// What seals secrets.
    pub keyring: Arc<KeyRing>,
    /// Zoom accounts, and the rooms that they give.
    pub zoom: oauth::Zoom,
    /// Appointments and links.
    pub outreach: outreach::Outreach,
    /// Who is where.
    pub attendance: attendance::Attendance,
    /// Takes Zoom's deliveries.
    pub receiver: Arc<webhook::Receiver>,
    /// How the web layer behaves.
    pub settings: WebSettings,
    /// Cancelled when the program stops: open streams end, so that the server can.
    pub stop: CancellationToken,
}

/// What handlers work with.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The parts and what the web layer keeps in memory.
pub struct Inner {
    parts: Parts,
    /// The units of work of requests, which go on when their client does not wait. The server waits for them before
    /// it closes the store.
    pub tasks: TaskTracker,
    pub(crate) throttle: Throttle,
    /// Counts who comes by guest links.
    pub(crate) guests: Throttle,
    /// Counts presses of Join by each link.
    pub(crate) presses: Throttle,
    /// Counts who asks for lost links.
    pub(crate) lost: Throttle,
    /// Lets few lost links be looked for at once.
    pub(crate) looking: Arc<Semaphore>,
    /// Lets so many wait for that, with those that are being looked for.
    pub(crate) to_be_looked_for: Arc<Semaphore>,
    /// Lets few passwords be hashed at once.
    pub(crate) hashing: Arc<Semaphore>,
    /// Lets so many streams be open at once.
    pub(crate) streams: Arc<Semaphore>,
}

/// So many passwords are hashed at once; each takes 19 MiB and a core for a while.
const HASHED_AT_ONCE: usize = 4;
/// So many lost links are looked for at once; what is asked for meanwhile waits its turn, after its answer.
const LOOKED_FOR_AT_ONCE: usize = 2;
/// So many may wait for their turn; any further one is dropped.
const MOST_TO_BE_LOOKED_FOR: usize = 200;
/// So many streams are open at once: ten times what the largest clinic group shows, and each looks at the store every
/// few seconds.
const STREAMS_AT_ONCE: usize = 2_000;

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            tasks: TaskTracker::new(),
            throttle: Throttle::default(),
            guests: Throttle::of_guests(),
            presses: Throttle::of_presses(),
            lost: Throttle::of_lost_links(),
            looking: Arc::new(Semaphore::new(LOOKED_FOR_AT_ONCE)),
            to_be_looked_for: Arc::new(Semaphore::new(MOST_TO_BE_LOOKED_FOR)),
            hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE)),
            streams: Arc::new(Semaphore::new(STREAMS_AT_ONCE)),
        }))
    }
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl FromRef<App> for Arc<dyn Store> {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

impl FromRef<App> for Ambient {
    fn from_ref(app: &App) -> Self {
        app.ambient.clone()
    }
}

impl FromRef<App> for WebSettings {
    fn from_ref(app: &App) -> Self {
        app.settings.clone()
    }
}
