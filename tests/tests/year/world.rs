//! A clinic of many clinicians on a real database, connected to a simulated Zoom over HTTP, with the program's own rounds
//! done by hand. One clock drives everything.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use attendance::{Attendance, outage::Watch, reconcile::Reconciler};
use domain::{
    Ambient, ClinicId, StaffId, Timestamp,
    ambient::{Clock as _, ManualClock},
    clinic::{Clinic, Zone},
    room::{Connection, Room},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use outreach::{JoinHosts, Outreach};
use store::{Options, Store, ports::access::Session};
use tempfile::TempDir;
use tests::{anteroom::KEYS, endpoint::Endpoint};
use tokio::net::TcpListener;
use vault::{KeyRing, SecretText};
use webhook::{Limits, Receiver};
use zoom::{
    api::{Api, ApiBase},
    oauth::OAuth,
    webhook::Secrets,
};
use zoomsim::{Config, Sim, SimClock, SimHandle, SimUser};

use crate::post::Post;

const REDIRECT: &str = "https://anteroom.example/zoom/callback";
/// The longest time between two of the program's rounds, as the year is driven: the program itself makes one every few
/// minutes, the year every hour of a working day and every three at night.
pub const ROUND: Duration = Duration::from_hours(3);

/// The clock that all share. A moment passes whenever the simulated Zoom looks at it, as no two calls are answered at once
/// in the world either: three or four looks make a call last some 70 ms.
struct SharedClock(Arc<ManualClock>);

const MOMENT: Duration = Duration::from_millis(20);

impl SimClock for SharedClock {
    fn now_micros(&self) -> i64 {
        self.0.advance(MOMENT);
        self.0.now().as_micros()
    }
    fn move_to(&self, micros: i64) -> bool {
        if micros > self.0.now().as_micros() {
            self.0.set(Timestamp::from_micros(micros));
        }
        true
    }
    fn is_driven(&self) -> bool {
        true
    }
}

/// What the operator has written into the program's settings.
#[derive(Clone)]
pub struct Operated {
    pub webhook_secrets: String,
    pub client_secret: String,
    pub keys: String,
}

/// The program's parts, as one start of it puts them together.
pub struct Program {
    pub zoom: oauth::Zoom,
    pub attendance: Attendance,
    pub outreach: Outreach,
    reconciler: Reconciler,
}

/// Somebody with a room.
pub struct Host {
    pub id: StaffId,
    pub email: String,
    /// The Zoom user that they are, as the simulator knows it.
    pub zoom_user: String,
    /// The Zoom account that this belongs to.
    pub account: String,
    /// The clinic's link to their room, as it stands on patients' refrigerators.
    pub guest_link: String,
    /// The number of the room as it was first made.
    pub first_number: i64,
}

/// Everything.
pub struct World {
    store: Arc<dyn Store>,
    pub database_url: String,
    pub ambient: Ambient,
    clock: Arc<ManualClock>,
    pub sim: SimHandle,
    pub clinic: Clinic,
    pub hosts: Vec<Host>,
    pub operated: Operated,
    pub program: Option<Program>,
    pub post: Post,
    client_id: String,
    origin: String,
    address: SocketAddr,
    endpoint: Option<Endpoint>,
    _sim: Sim,
    _folder: TempDir,
}

/// An empty database: in memory where the machine has such a place, since a year is a hundred thousand commits.
async fn database() -> (TempDir, String, Arc<dyn Store>) {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("anteroom.db").display());
    let store = store::open(&url, Options::default()).await.expect("a new file opens");
    (folder, url, store)
}

/// Everybody's Zoom user: one in five has an account of their own, the others share the clinic's.
fn users(count: usize) -> Vec<SimUser> {
    (0..2 * count)
        .map(|number| {
            // The second half are users of other accounts, for those who move.
            let account = match (number < count, number % 5) {
                (true, 4) => format!("OwnAccount{number:012}"),
                (true, _) => "ClinicAccountOfMany000".to_owned(),
                (false, _) => format!("NewAccount{number:012}"),
            };
            let id = format!("ZoomUser{number:014}");
            let mut user = SimUser::new(
                &id,
                &account,
                &format!("u{number}@zoom.example"),
                "Host",
                &format!("{number:04}"),
            );
            user.pmi = 2_000_000_000 + i64::try_from(number).expect("few users");
            user
        })
        .collect()
}

impl World {
    /// A clinic in Chicago of so many clinicians, all connected.
    pub async fn open(now: Timestamp, seed: u64, count: usize) -> Self {
        zoomsim::install_tls();
        let (folder, database_url, store) = database().await;
        let (ambient, clock) = Ambient::manual(now, seed);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let origin = format!("http://{}", listener.local_addr().expect("it has an address"));
        let address = Endpoint::reserve().await;
        let config = Config {
            redirect_uris: vec![REDIRECT.to_owned()],
            webhook_url: Some(format!("http://{address}/zoom/webhook")),
            users: users(count),
            ..Config::new(Arc::new(SharedClock(clock.clone())), seed, &origin)
        };
        let operated = Operated {
            webhook_secrets: config.webhook_secret.clone(),
            client_secret: config.client_secret.clone(),
            keys: KEYS.to_owned(),
        };
        let client_id = config.client_id.clone();
        let everybody = config.users.clone();
        let simulator = Sim::start(listener, config);
        let clinic = Clinic {
            id: ambient.id(),
            name: Name::parse("Riverside Counseling").expect("a name"),
            zone: Zone::parse("America/Chicago").expect("a zone"),
            created_at: now,
        };
        let mut tx = store.begin().await.expect("the database is there");
        tx.insert_clinic(&clinic).await.expect("it is new");
        tx.commit().await.expect("the database is there");
        let mut world = Self {
            post: Post::open(ambient.clone()).await,
            sim: simulator.handle(),
            hosts: Vec::new(),
            program: None,
            endpoint: None,
            store,
            database_url,
            ambient,
            clock,
            clinic,
            operated,
            client_id,
            origin,
            address,
            _sim: simulator,
            _folder: folder,
        };
        world.start().await;
        world.sim.tick().await;
        assert!(world.sim.endpoint_is_validated(), "the endpoint answers its challenge");
        for (number, user) in everybody.into_iter().take(count).enumerate() {
            let host = world.welcome(number, user).await;
            world.hosts.push(host);
        }
        world
    }

    /// Adds somebody, who connects Zoom at once.
    async fn welcome(&self, number: usize, user: SimUser) -> Host {
        let id: StaffId = self.ambient.id();
        let email = format!("host{number}@clinic.example");
        let member = StaffMember {
            id,
            clinic_id: self.clinic.id,
            name: Name::parse(&format!("Host {number:04}")).expect("a name"),
            email: Email::parse(&email).expect("an address"),
            phone: None,
            external_id: None,
            roles: BTreeSet::from([Role::Staff]),
            disabled_at: None,
            created_at: self.now(),
        };
        let mut tx = self.store().begin().await.expect("the database is there");
        tx.insert_staff(self.clinic.id, &member).await.expect("new");
        tx.commit().await.expect("the database is there");
        self.connect(id, &user.id).await.expect("consent is given");
        let room = self.room_of(id).await.expect("a room was made");
        let guest_link = self.program().outreach.guest_link(self.clinic.id, id).await.expect("a link");
        let guest_link = guest_link.expose().rsplit('/').next().expect("a token").to_owned();
        Host {
            id,
            email,
            zoom_user: user.id,
            account: user.account_id,
            guest_link,
            first_number: room.meeting_number,
        }
    }

    /// Somebody presses Connect and allows it at Zoom, signed in as this Zoom user. Zoom may not let them; then it says why.
    pub async fn connect(&self, staff: StaffId, zoom_user: &str) -> Result<oauth::Connected, String> {
        let now = self.now();
        let session = Session {
            token_hash: self.ambient.bytes(),
            clinic_id: self.clinic.id,
            staff_id: staff,
            created_at: now,
            seen_at: now,
        };
        let mut tx = self.store().begin().await.expect("the database is there");
        tx.insert_session(&session).await.expect("new");
        tx.commit().await.expect("the database is there");
        let zoom = &self.program().zoom;
        let url = zoom.begin(self.clinic.id, staff, session.token_hash).await.expect("it begins");
        let back =
            self.sim.consent(url.query().expect("a query"), zoom_user, true).map_err(|no| no.to_string())?;
        let back = url::Url::parse(&back).expect("an address");
        let get =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let callback = oauth::Callback { code: get("code"), state: get("state"), error: get("error") };
        zoom.finish(&session, callback).await.map_err(|error| error.to_string())
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    pub fn clinic_id(&self) -> ClinicId {
        self.clinic.id
    }

    /// The running program.
    pub fn program(&self) -> &Program {
        self.program.as_ref().expect("the program runs")
    }

    /// Starts the program with the operator's settings as they are.
    pub async fn start(&mut self) {
        let (store, ambient) = (self.store.clone(), self.ambient.clone());
        let client = zoom::http::client(zoom::http::Limits::default()).expect("a client");
        let secret = SecretText::from(self.operated.client_secret.as_str());
        let oauth_url = format!("{}/oauth", self.origin);
        let oauth = OAuth::new(client.clone(), &oauth_url, &self.client_id, secret, REDIRECT)
            .expect("good addresses");
        let api = Api::new(client, ApiBase::parse(&format!("{}/v2", self.origin)).expect("a good address"));
        let keys = Arc::new(KeyRing::parse(&self.operated.keys).expect("a key ring"));
        let zoom = oauth::Zoom::new(store.clone(), ambient.clone(), keys.clone(), oauth, api);
        let clock = self.clock.clone();
        zoom.pass_time_by(move |wait| clock.advance(wait));
        let attendance = Attendance::new(store.clone(), ambient.clone(), zoom.clone());
        let public_url = "https://anteroom.example".parse().expect("an address");
        let join_hosts = JoinHosts::parse(self.origin.trim_start_matches("http://")).expect("this machine");
        let outreach = Outreach::new(store.clone(), ambient.clone(), keys, &public_url, join_hosts)
            .sending_by(Some(self.post.settings()), None);
        Watch::new(store, ambient).beat().await.expect("the database is there");
        let reconciler = Reconciler::new(attendance.clone(), zoom.clone());
        self.program = Some(Program { zoom, attendance, outreach, reconciler });
        let secrets = Secrets::parse(&self.operated.webhook_secrets).expect("a secret");
        let receiver = Receiver::start(self.store(), self.ambient.clone(), secrets, Limits::default());
        self.endpoint = Some(Endpoint::open(self.address, receiver));
    }

    /// Stops it: nothing is received, and nothing is done, until it is started again.
    pub async fn stop(&mut self) {
        // The beat of half a minute, of which only the last one before an outage matters.
        let mut tx = self.store().begin().await.expect("the database is there");
        tx.beat(self.ambient.nonce(), self.now()).await.expect("it is noted");
        tx.commit().await.expect("the database is there");
        self.program = None;
        if let Some(endpoint) = self.endpoint.take() {
            endpoint.close().await;
        }
    }

    /// Stops it and starts it with other settings.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Operated)) {
        self.stop().await;
        change(&mut self.operated);
        self.start().await;
    }

    /// Lets time pass, no further than to `to`. What Zoom has to deliver is delivered on the way.
    pub async fn pass_to(&self, to: Timestamp) {
        self.sim.advance(to.since(self.now())).await;
        if self.clock.now() < to {
            self.clock.set(to);
        }
    }

    /// Does one round of everything that the program does by itself.
    pub async fn round(&self) {
        let Some(program) = &self.program else { return };
        self.hear().await;
        program.zoom.refresh_due().await.expect("tokens are renewed");
        program.zoom.guard_due().await.expect("rooms are looked after");
        self.hear().await;
        self.tell().await;
    }

    /// Understands what was delivered, and looks at once where that is wanted: the program does both within seconds.
    pub async fn hear(&self) {
        let Some(program) = &self.program else { return };
        self.sim.tick().await;
        while program.attendance.apply_pending().await.expect("deliveries are understood") > 0 {}
        while program.reconciler.reconcile_due().await.expect("rooms are compared") > 0 {}
    }

    /// Looks after rooms at which a look is wanted, as the program does every few seconds.
    pub async fn look(&self) {
        let Some(program) = &self.program else { return };
        program.zoom.guard_due().await.expect("rooms are looked after");
        self.sim.tick().await;
        while program.attendance.apply_pending().await.expect("deliveries are understood") > 0 {}
    }

    /// Tells people what they have to be told, and sends it.
    pub async fn tell(&self) {
        let Some(program) = &self.program else { return };
        program.attendance.watch_rooms_once().await.expect("rooms are watched");
        program.outreach.tell_alerts().await.expect("people are told");
        while program.outreach.send_due().await.expect("the outbox works") > 0 {}
    }

    pub async fn room_of(&self, staff: StaffId) -> Option<Room> {
        let mut tx = self.store().read().await.expect("read");
        tx.room_of(self.clinic.id, staff).await.expect("read")
    }

    pub async fn connection_of(&self, staff: StaffId) -> Option<Connection> {
        let mut tx = self.store().read().await.expect("read");
        tx.connection_of(self.clinic.id, staff).await.expect("read")
    }
}
