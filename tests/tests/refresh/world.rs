//! A clinic of fifty clinicians on `PostgreSQL`, a simulated Zoom behind the proxy, and instances of the program that come
//! and go.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{
    Ambient, ClinicId, ConnectionId,
    clinic::{Clinic, Zone},
    id::Id as _,
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use oauth::{Callback, Patience, Zoom};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use store::{Options, Store, ports::access::Session, testing::Engine};
use tokio::net::TcpListener;
use vault::{KeyRing, Place, Sealed, SecretText};
use zoom::{
    api::{Api, ApiBase},
    oauth::OAuth,
};
use zoomsim::{Config, Sim, SimClock, SimHandle, SimUser};

use crate::proxy::{Proxy, QUESTION};

const REDIRECT: &str = "https://anteroom.example/zoom/callback";
/// Of connections.
pub const CONNECTIONS: usize = 50;
/// The life of the instance that serves people and never dies.
const WELL: usize = 1_000_000;

struct MachineClock(Ambient);

impl SimClock for MachineClock {
    fn now_micros(&self) -> i64 {
        self.0.now().as_micros()
    }
}

/// What every instance needs to start.
#[derive(Clone)]
pub struct Setting {
    url: String,
    sim: SocketAddr,
    proxy: SocketAddr,
    secret: String,
    client_id: String,
}

impl Setting {
    /// One life of an instance, on the present runtime.
    pub async fn instance(&self, life: usize) -> Zoom {
        let store = store::open(&self.url, Options::default()).await.expect("the database opens");
        self.on(store, life)
    }

    fn on(&self, store: Arc<dyn Store>, life: usize) -> Zoom {
        let client = zoom::http::client(zoom::http::Limits::default()).expect("a client");
        let secret = SecretText::from(self.secret.as_str());
        let address = format!("http://{}/{life}/oauth", self.proxy);
        let oauth = OAuth::new(client.clone(), &address, &self.client_id, secret, REDIRECT);
        let base = ApiBase::parse(&format!("http://{}/v2", self.sim)).expect("a good address");
        let keys = KeyRing::parse(tests::anteroom::KEYS).expect("a key ring");
        let oauth = oauth.expect("the addresses are good");
        let zoom = Zoom::new(store, Ambient::system(), Arc::new(keys), oauth, Api::new(client, base));
        zoom.with_patience(Patience {
            lease: QUESTION + Duration::from_millis(200),
            question: QUESTION,
            at_once: Duration::from_millis(300),
            step: Duration::from_millis(10),
            steps: 500,
            keep_step: Duration::from_millis(20),
            keep_steps: 500,
        })
    }
}

/// A clinician.
pub struct Clinician {
    pub session: Session,
    pub zoom_user: String,
    pub connection: ConnectionId,
}

/// Everything.
pub struct World {
    pub setting: Setting,
    pub proxy: Proxy,
    pub clinic: ClinicId,
    pub clinicians: Vec<Clinician>,
    /// The instance on which people connect.
    pub well: Zoom,
    pub store: Arc<dyn Store>,
    pub engine: Engine,
    keys: KeyRing,
    handle: SimHandle,
    _sim: Sim,
}

impl World {
    /// The clinicians are connected, and every token that is kept from now on is recorded.
    pub async fn open(seed: u64) -> Self {
        zoomsim::install_tls();
        let engine = store::testing::postgres().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let sim = listener.local_addr().expect("it has an address");
        let clock = Arc::new(MachineClock(Ambient::system()));
        let mut config = Config::new(clock, seed, format!("http://{sim}"));
        config.redirect_uris = vec![REDIRECT.to_owned()];
        config.users = (0..CONNECTIONS)
            .map(|n| {
                // Each of an account of their own, so that no limit of one holds the others up.
                let account = format!("refreshed-account-{n:04}");
                let (id, email) = (format!("refreshed-user-{n:07}"), format!("u{n}@clinic.example"));
                SimUser::new(&id, &account, &email, "Clinician", &n.to_string())
            })
            .collect();
        let users: Vec<String> = config.users.iter().map(|user| user.id.clone()).collect();
        let (client_id, secret) = (config.client_id.clone(), config.client_secret.clone());
        let running = Sim::start(listener, config);
        let proxy = Proxy::start(sim, seed).await;
        let setting = Setting { url: engine.url.clone(), sim, proxy: proxy.address, secret, client_id };
        let store = engine.store.clone();
        let well = setting.on(store.clone(), WELL);
        let mut world = Self {
            setting,
            proxy,
            clinic: Ambient::system().id(),
            clinicians: Vec::new(),
            well,
            store,
            engine,
            keys: KeyRing::parse(tests::anteroom::KEYS).expect("a key ring"),
            handle: running.handle(),
            _sim: running,
        };
        world.record_tokens().await;
        world.hire(users).await;
        for n in 0..CONNECTIONS {
            world.connect(n).await;
        }
        world
    }

    /// Every pair that is written is noted by the database itself.
    async fn record_tokens(&self) {
        let mut admin = PgConnection::connect(&self.engine.url).await.expect("the database opens");
        let sql = "CREATE TABLE written (n BIGSERIAL PRIMARY KEY, connection_id UUID NOT NULL, refresh BYTEA NOT NULL);
             CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 INSERT INTO written (connection_id, refresh) VALUES (NEW.connection_id, NEW.refresh); RETURN NEW;
             END $$;
             CREATE TRIGGER note_written AFTER INSERT OR UPDATE ON connection_tokens
                 FOR EACH ROW EXECUTE FUNCTION note_written();";
        admin.execute(sql).await.expect("a trigger");
    }

    async fn hire(&mut self, users: Vec<String>) {
        let ambient = Ambient::system();
        let now = ambient.now();
        let clinic = Clinic {
            id: self.clinic,
            name: Name::parse("Riverside Counseling").expect("a name"),
            zone: Zone::parse("America/Chicago").expect("a zone"),
            created_at: now,
        };
        let mut tx = self.store.begin().await.expect("the database is there");
        tx.insert_clinic(&clinic).await.expect("it is new");
        for (n, zoom_user) in users.into_iter().enumerate() {
            let member = StaffMember {
                id: ambient.id(),
                clinic_id: self.clinic,
                name: Name::parse(&format!("Clinician {n}")).expect("a name"),
                email: Email::parse(&format!("c{n}@riverside.example")).expect("an address"),
                phone: None,
                external_id: None,
                roles: [Role::Staff].into(),
                disabled_at: None,
                created_at: now,
            };
            let session = Session {
                token_hash: ambient.bytes(),
                clinic_id: self.clinic,
                staff_id: member.id,
                created_at: now,
                seen_at: now,
            };
            tx.insert_staff(self.clinic, &member).await.expect("they are new");
            tx.insert_session(&session).await.expect("it is new");
            self.clinicians.push(Clinician { session, zoom_user, connection: ambient.id() });
        }
        tx.commit().await.expect("the database is there");
    }

    /// A clinician goes to Zoom's consent page and back.
    pub async fn connect(&mut self, n: usize) {
        let clinician = &self.clinicians[n];
        let session = &clinician.session;
        self.proxy.connecting(n);
        let begun = self.well.begin(session.clinic_id, session.staff_id, session.token_hash).await;
        let url = begun.expect("the database is there");
        let back = self.handle.consent(url.query().expect("a query"), &clinician.zoom_user, true);
        let back = url::Url::parse(&back.expect("a consent")).expect("an address");
        let get =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let callback = Callback { code: get("code"), state: get("state"), error: get("error") };
        let connected = self.well.finish(session, callback).await.expect("connecting works");
        self.clinicians[n].connection = connected.connection.id;
    }

    /// The refresh token that a connection holds.
    pub async fn kept(&self, n: usize) -> String {
        let id = self.clinicians[n].connection;
        let mut tx = self.store.read().await.expect("the database is there");
        let tokens = tx.tokens(self.clinic, id).await.expect("the database is there");
        self.open_refresh(id, tokens.expect("it was connected").refresh)
    }

    /// Every refresh token that was kept, in the order of writing, with the connection that it was kept for.
    pub async fn written(&self) -> Vec<(usize, String)> {
        let mut admin = PgConnection::connect(&self.engine.url).await.expect("the database opens");
        let rows = admin.fetch_all("SELECT connection_id, refresh FROM written ORDER BY n");
        let rows = rows.await.expect("the record reads");
        rows.iter()
            .map(|row| {
                let id = ConnectionId::from_uuid(row.get("connection_id"));
                let n = self.clinicians.iter().position(|one| one.connection == id).expect("one of ours");
                (n, self.open_refresh(id, row.get("refresh")))
            })
            .collect()
    }

    fn open_refresh(&self, id: ConnectionId, sealed: Vec<u8>) -> String {
        let (clinic, row) = (self.clinic.to_string(), id.to_string());
        let place = Place { clinic: &clinic, table: "connections", column: "refresh", row: &row };
        let opened = self.keys.open_text(place, &Sealed::from_bytes(sealed));
        opened.expect("what was kept opens").expose().to_owned()
    }
}
