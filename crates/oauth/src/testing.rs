//! A clinic on a real database, and a simulated Zoom over HTTP, for the tests of this crate.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    ambient::ManualClock,
    clinic::{Clinic, Zone},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use store::ports::{access::Session, doors::Hash};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use vault::SecretText;
use zoom::{
    api::{Api, ApiBase},
    http,
    oauth::OAuth,
};
use zoomsim::{Fault, Sim, SimClock, SimHandle};

use super::*;
use crate::{Callback, ConnectError, Connected};

pub(crate) const AMARA: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
pub(crate) const JONAS: &str = "m0Lk2Qw9TUe5VzRx8sYbAg";
const REDIRECT: &str = "https://anteroom.example/zoom/callback";
pub(crate) const START: i64 = 1_795_442_400;

struct SharedClock(Arc<ManualClock>);

impl SimClock for SharedClock {
    fn now_micros(&self) -> i64 {
        domain::ambient::Clock::now(&*self.0).as_micros()
    }
    fn move_to(&self, micros: i64) -> bool {
        self.0.set(domain::Timestamp::from_micros(micros));
        true
    }
    fn is_driven(&self) -> bool {
        true
    }
}

/// Everything a test needs.
pub(crate) struct World {
    pub(crate) zoom: Zoom,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ambient: Ambient,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sim: SimHandle,
    /// Dr Osei of the clinic, who connects.
    pub(crate) amara: Session,
    origin: String,
    config: zoomsim::Config,
    _sim: Sim,
    engine: store::testing::Engine,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(configure: impl FnOnce(&mut zoomsim::Config)) -> Self {
        Self::on(store::testing::sqlite().await, configure).await
    }

    pub(crate) async fn on(
        engine: store::testing::Engine,
        configure: impl FnOnce(&mut zoomsim::Config),
    ) -> Self {
        let (ambient, clock) = Ambient::manual(domain::Timestamp::from_seconds(START), 7);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = listener.local_addr().unwrap().to_string();
        let mut config =
            zoomsim::Config::new(Arc::new(SharedClock(clock.clone())), 7, format!("http://{origin}"));
        config.redirect_uris = vec![REDIRECT.to_owned()];
        configure(&mut config);
        let running = Sim::start(listener, config.clone());
        let store = engine.store.clone();
        let zoom = instance(&store, &ambient, &origin, &config);
        let amara = someone(&store, &ambient, "Riverside", "Amara Osei").await;
        let sim = running.handle();
        Self { zoom, store, ambient, clock, sim, amara, origin, config, _sim: running, engine }
    }

    /// Another instance of the program on the same database.
    pub(crate) async fn other_instance(&self) -> Zoom {
        instance(&self.engine.another_instance().await, &self.ambient, &self.origin, &self.config)
    }

    /// A signed-in person of another clinic, which is made for them.
    pub(crate) async fn elsewhere(&self) -> Session {
        someone(&self.store, &self.ambient, "Lakeside", "Amara Osei").await
    }

    /// A signed-in colleague of the same clinic.
    pub(crate) async fn colleague(&self) -> Session {
        sign_in(&self.store, &self.ambient, self.amara.clinic_id, "Jonas Berg").await
    }

    /// Goes to Zoom's consent page and back.
    pub(crate) async fn consent(&self, session: &Session, zoom_user: &str, allows: bool) -> Callback {
        let url = self.zoom.begin(session.clinic_id, session.staff_id, session.token_hash).await.unwrap();
        let back = self.sim.consent(url.query().unwrap(), zoom_user, allows).unwrap();
        let back = url::Url::parse(&back).unwrap();
        let get =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Callback { code: get("code"), state: get("state"), error: get("error") }
    }

    pub(crate) async fn connect(
        &self,
        session: &Session,
        zoom_user: &str,
    ) -> Result<Connected, ConnectError> {
        let callback = self.consent(session, zoom_user, true).await;
        self.zoom.finish(session, callback).await
    }

    /// Dr Osei, connected as herself.
    pub(crate) async fn connected(&self) -> domain::room::Connection {
        self.connect(&self.amara, AMARA).await.unwrap().connection
    }

    pub(crate) async fn connection(&self) -> Option<domain::room::Connection> {
        self.connection_of(&self.amara).await
    }

    pub(crate) async fn connection_of(&self, session: &Session) -> Option<domain::room::Connection> {
        let mut tx = self.store.read().await.unwrap();
        tx.connection_of(session.clinic_id, session.staff_id).await.unwrap()
    }

    /// The tokens as they stand in the database, in clear.
    pub(crate) async fn kept(&self) -> Option<(SecretText, SecretText)> {
        let connection = self.connection().await?;
        let mut tx = self.store.read().await.unwrap();
        let tokens = tx.tokens(connection.clinic_id, connection.id).await.unwrap()?;
        let access = self.zoom.open_access(connection.clinic_id, &tokens).unwrap();
        Some((access, self.zoom.open_refresh(connection.clinic_id, &tokens).unwrap()))
    }

    /// From now on counts the calls on a route, such as `POST /oauth/token`.
    pub(crate) fn count(&self, route: &str) {
        self.sim.fault(Fault { route: route.to_owned(), count: 1_000_000, ..Fault::default() });
    }

    /// How many calls were counted, over all routes.
    pub(crate) async fn counted(&self) -> u64 {
        let mut stream = TcpStream::connect(&self.origin).await.unwrap();
        let request =
            format!("GET /sim/faults HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.origin);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
            .split("\"count\":")
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
            .filter_map(|count| count.parse::<u64>().ok())
            .map(|left| 1_000_000 - left)
            .sum()
    }

    /// Meetings that Zoom has and that are not in its trash.
    pub(crate) fn meetings(&self) -> Vec<zoomsim::TruthMeeting> {
        self.sim
            .truth()
            .meetings
            .into_iter()
            .filter(|meeting| !meeting.deleted && meeting.kind == 3)
            .collect()
    }

    /// Deletes a meeting that Zoom then has in its trash no longer.
    pub(crate) fn delete_for_good(&self, number: i64) {
        self.sim.delete_meeting(number).unwrap();
        self.sim.fault(Fault {
            route: "PUT /v2/meetings/*".to_owned(),
            status: Some(404),
            body: Some(serde_json::json!({ "code": 3001, "message": "Meeting does not exist." })),
            ..Fault::default()
        });
    }

    /// Whether any file of the database holds these bytes.
    pub(crate) fn on_disk(&self, secret: &[u8]) -> bool {
        let database = self.engine.url.strip_prefix("sqlite://").unwrap();
        let folder = std::path::Path::new(database).parent().unwrap();
        std::fs::read_dir(folder).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(secret.len()).any(|window| window == secret)
        })
    }
}

impl Zoom {
    /// How many rooms one round of the guard looks at.
    pub(crate) async fn see_to_rooms(&self) -> Result<usize, store::StoreError> {
        Ok(self.guard_due().await?.looked)
    }
}

fn instance(store: &Arc<dyn Store>, ambient: &Ambient, origin: &str, config: &zoomsim::Config) -> Zoom {
    let client = http::client(http::Limits::default()).unwrap();
    let oauth = OAuth::new(
        client.clone(),
        &format!("http://{origin}/oauth"),
        &config.client_id,
        SecretText::from(config.client_secret.as_str()),
        REDIRECT,
    )
    .unwrap();
    let api = Api::new(client, ApiBase::parse(&format!("http://{origin}/v2")).unwrap());
    let keys = Arc::new(KeyRing::parse("a:9wE2hQx7mKfT3vYbN5pLrS8uZcJ1dGoAi6tVyMqXkDs=").unwrap());
    Zoom::new(store.clone(), ambient.clone(), keys, oauth, api).with_patience(Patience {
        step: Duration::from_millis(5),
        steps: 40,
        keep_step: Duration::from_millis(5),
        ..Patience::default()
    })
}

async fn someone(store: &Arc<dyn Store>, ambient: &Ambient, clinic: &str, name: &str) -> Session {
    let clinic = Clinic {
        id: ambient.id(),
        name: Name::parse(clinic).unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: ambient.now(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_clinic(&clinic).await.unwrap();
    tx.commit().await.unwrap();
    sign_in(store, ambient, clinic.id, name).await
}

async fn sign_in(store: &Arc<dyn Store>, ambient: &Ambient, clinic: domain::ClinicId, name: &str) -> Session {
    let id: domain::StaffId = ambient.id();
    let member = StaffMember {
        id,
        clinic_id: clinic,
        name: Name::parse(name).unwrap(),
        email: Email::parse(&format!("{id}@clinic.example")).unwrap(),
        phone: None,
        external_id: None,
        roles: BTreeSet::from([Role::Staff]),
        disabled_at: None,
        created_at: ambient.now(),
    };
    let token_hash: Hash = ambient.bytes();
    let session = Session {
        token_hash,
        clinic_id: clinic,
        staff_id: id,
        created_at: ambient.now(),
        seen_at: ambient.now(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_staff(clinic, &member).await.unwrap();
    tx.insert_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    session
}
