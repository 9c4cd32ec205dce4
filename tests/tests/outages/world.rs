//! A clinic of two clinicians on a real database, connected to a simulated Zoom over HTTP, whose deliveries go to a real
//! endpoint that can be switched off. One clock drives both; nothing waits for the machine's.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use attendance::{Attendance, outage::Watch, reconcile::Reconciler};
use domain::{
    Ambient, AppointmentId, AttendeeId, ClinicId, StaffId, Timestamp,
    ambient::{Clock as _, ManualClock},
    appointment::{Appointment, Attendee, Consent, Kind, Status},
    attendance::presence::Presence,
    clinic::{Clinic, Zone},
    room::Room,
    staff::{Role, StaffMember},
    text::{Email, ExternalId, Name},
};
use store::{
    Store,
    ports::{access::Session, recovery::Reconciliation},
    testing::{Engine, sqlite},
};
use tests::endpoint::Endpoint;
use tokio::net::TcpListener;
use vault::{KeyRing, SecretText};
use webhook::{Limits, Receiver};
use zoom::{
    api::{Api, ApiBase},
    oauth::OAuth,
    webhook::Secrets,
};
use zoomsim::{Config, Sim, SimClock, SimHandle};

const REDIRECT: &str = "https://anteroom.example/zoom/callback";
/// Two users of one Zoom account, as the simulator knows them.
const CLINICIANS: [(&str, &str); 2] =
    [("pV8sJ2nXQ7m4dT0uHrBkEw", "Dr. Amara Osei"), ("m0Lk2Qw9TUe5VzRx8sYbAg", "Jonas Berg")];

struct SharedClock(Arc<ManualClock>);

impl SimClock for SharedClock {
    fn now_micros(&self) -> i64 {
        self.0.now().as_micros()
    }
    fn move_to(&self, micros: i64) -> bool {
        self.0.set(Timestamp::from_micros(micros));
        true
    }
    fn is_driven(&self) -> bool {
        true
    }
}

/// A clinician with a room.
pub struct Clinician {
    pub id: StaffId,
    pub room: Room,
}

/// Everything.
pub struct World {
    pub engine: Engine,
    pub ambient: Ambient,
    pub sim: SimHandle,
    pub attendance: Attendance,
    pub reconciler: Reconciler,
    pub clinic: Clinic,
    pub clinicians: Vec<Clinician>,
    pub zoom: oauth::Zoom,
    watch: Watch,
    secret: String,
    address: SocketAddr,
    endpoint: Option<Endpoint>,
    _sim: Sim,
}

impl World {
    /// A clinic in Chicago whose clinicians have connected, at this time.
    pub async fn open(now: Timestamp, seed: u64) -> Self {
        zoomsim::install_tls();
        let engine = sqlite().await;
        let (ambient, clock) = Ambient::manual(now, seed);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let origin = format!("http://{}", listener.local_addr().expect("it has an address"));
        let address = Endpoint::reserve().await;
        let mut config = Config::new(Arc::new(SharedClock(clock.clone())), seed, &origin);
        config.redirect_uris = vec![REDIRECT.to_owned()];
        config.webhook_url = Some(format!("http://{address}/zoom/webhook"));
        let secret = config.webhook_secret.clone();
        let client = zoom::http::client(zoom::http::Limits::default()).expect("a client");
        let app_secret = SecretText::from(config.client_secret.as_str());
        let oauth =
            OAuth::new(client.clone(), &format!("{origin}/oauth"), &config.client_id, app_secret, REDIRECT)
                .expect("the addresses are good");
        let api = Api::new(client, ApiBase::parse(&format!("{origin}/v2")).expect("a good address"));
        let simulator = Sim::start(listener, config);
        let keys = KeyRing::parse(tests::anteroom::KEYS).expect("a key ring");
        let zoom = oauth::Zoom::new(engine.store.clone(), ambient.clone(), Arc::new(keys), oauth, api);
        let clinic = Clinic {
            id: ambient.id(),
            name: Name::parse("Riverside Counseling").expect("a name"),
            zone: Zone::parse("America/Chicago").expect("a zone"),
            created_at: now,
        };
        let mut tx = engine.store.begin().await.expect("the database is there");
        tx.insert_clinic(&clinic).await.expect("it is new");
        tx.commit().await.expect("the database is there");
        let attendance = Attendance::new(engine.store.clone(), ambient.clone(), zoom.clone());
        let mut world = Self {
            reconciler: Reconciler::new(attendance.clone(), zoom.clone()),
            watch: Watch::new(engine.store.clone(), ambient.clone()),
            clinicians: Vec::new(),
            sim: simulator.handle(),
            endpoint: None,
            engine,
            ambient,
            attendance,
            clinic,
            zoom,
            secret,
            address,
            _sim: simulator,
        };
        for (zoom_user, name) in CLINICIANS {
            let clinician = world.connect(zoom_user, name).await;
            world.clinicians.push(clinician);
        }
        world.come_up().await;
        world.sim.tick().await;
        assert!(world.sim.endpoint_is_validated(), "the endpoint answers its challenge");
        world
    }

    async fn connect(&self, zoom_user: &str, name: &str) -> Clinician {
        let now = self.ambient.now();
        let id: StaffId = self.ambient.id();
        let member = StaffMember {
            id,
            clinic_id: self.clinic.id,
            name: Name::parse(name).expect("a name"),
            email: Email::parse(&format!("{id}@clinic.example")).expect("an address"),
            phone: None,
            external_id: None,
            roles: BTreeSet::from([Role::Staff]),
            disabled_at: None,
            created_at: now,
        };
        let session = Session {
            token_hash: self.ambient.bytes(),
            clinic_id: self.clinic.id,
            staff_id: id,
            created_at: now,
            seen_at: now,
        };
        let mut tx = self.store().begin().await.expect("the database is there");
        tx.insert_staff(self.clinic.id, &member).await.expect("new");
        tx.insert_session(&session).await.expect("new");
        tx.commit().await.expect("the database is there");
        let url = self.zoom.begin(self.clinic.id, id, session.token_hash).await.expect("it begins");
        let back =
            self.sim.consent(url.query().expect("a query"), zoom_user, true).expect("consent is given");
        let back = url::Url::parse(&back).expect("an address");
        let get =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let callback = oauth::Callback { code: get("code"), state: get("state"), error: get("error") };
        self.zoom.finish(&session, callback).await.expect("they are connected");
        let room = self.store().read().await.expect("read").room_of(self.clinic.id, id).await.expect("read");
        Clinician { id, room: room.expect("a room was made") }
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.engine.store
    }

    /// Whether deliveries are taken.
    pub fn is_up(&self) -> bool {
        self.endpoint.is_some()
    }

    /// Deliveries are taken again; the gap since they last were is noted.
    pub async fn come_up(&mut self) {
        let secrets = Secrets::parse(&self.secret).expect("a secret");
        let receiver = Receiver::start(self.store(), self.ambient.clone(), secrets, Limits::default());
        self.endpoint = Some(Endpoint::open(self.address, receiver));
        self.watch.beat().await.expect("the database is there");
    }

    /// No deliveries are taken any more.
    pub async fn go_down(&mut self) {
        self.watch.beat().await.expect("the database is there");
        self.endpoint.take().expect("it was up").close().await;
    }

    /// Lets time pass; while it is up, everything that comes is understood and everything due is done.
    pub async fn pass_to(&self, to: Timestamp) {
        self.sim.advance(to.since(self.ambient.now())).await;
        if self.is_up() {
            self.work().await;
        }
    }

    /// Does what the service does by itself.
    pub async fn work(&self) {
        while self.attendance.apply_pending().await.expect("deliveries are understood") > 0 {}
        while self.reconciler.reconcile_due().await.expect("rooms are compared") > 0 {}
    }

    /// All comparisons, due or done.
    pub async fn reconciliations(&self) -> Vec<Reconciliation> {
        let now = self.ambient.now();
        let range = now.minus(Duration::from_hours(24 * 40))..now.plus(Duration::from_hours(24));
        let mut tx = self.store().read().await.expect("read");
        tx.reconciliations(self.clinic.id, range).await.expect("read")
    }

    /// Lets time pass until nothing is left to be compared, the night after included.
    pub async fn settle(&self) {
        self.work().await;
        let night = self.clinic.zone.day(self.clinic.zone.date(self.ambient.now())).end;
        let mut night = Some(night.plus(Duration::from_mins(150)));
        loop {
            let all = self.reconciliations().await;
            let due = all.iter().filter(|one| one.done_at.is_none()).map(|one| one.due_at).min();
            match (due, night) {
                (Some(due), night) if night.is_none_or(|night| due < night) => self.pass_to(due).await,
                (_, Some(at)) => {
                    self.pass_to(at).await;
                    self.reconciler.compare_yesterday().await.expect("the day before is compared");
                    self.work().await;
                    night = None;
                }
                (None, None) => return,
                (Some(_), None) => unreachable!("the first arm takes it"),
            }
        }
    }

    /// Books half an hour for one attendee.
    pub async fn book(&self, host: usize, starts_at: Timestamp, name: &str) -> (AppointmentId, AttendeeId) {
        let (id, attendee): (AppointmentId, AttendeeId) = (self.ambient.id(), self.ambient.id());
        let appointment = Appointment {
            id,
            clinic_id: self.clinic.id,
            external_id: ExternalId::parse(&id.to_string()).expect("an id"),
            starts_at,
            ends_at: starts_at.plus(Duration::from_mins(30)),
            host: self.clinicians[host].id,
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: domain::telehealth::Booked::default(),
            revision: 0,
            attendees: vec![Attendee {
                id: attendee,
                external_id: ExternalId::parse(&attendee.to_string()).expect("an id"),
                name: Name::parse(name).expect("a name"),
                email: None,
                phone: None,
                consent: Consent::default(),
                language: None,
            }],
            created_at: self.ambient.now(),
            updated_at: self.ambient.now(),
        };
        let mut tx = self.store().begin().await.expect("the database is there");
        tx.put_appointment(self.clinic.id, &appointment).await.expect("it is new");
        tx.commit().await.expect("the database is there");
        (id, attendee)
    }

    /// Everybody who was seen in a clinician's room.
    pub async fn presences(&self, host: usize) -> Vec<Presence> {
        let all = Timestamp::from_micros(i64::MIN)..Timestamp::from_micros(i64::MAX);
        let mut tx = self.store().read().await.expect("read");
        tx.presences_in_room(self.clinic.id, self.clinicians[host].room.id, all).await.expect("read")
    }

    pub fn clinic_id(&self) -> ClinicId {
        self.clinic.id
    }
}
