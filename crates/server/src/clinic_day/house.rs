//! The clinic: the program running on a port, its people and rooms, and everybody's ways to ask it.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use axum::http::Method;
use domain::{
    Ambient, AttendeeId, ClinicId, DeliveryId, PresenceId, RoomId, StaffId, Timestamp,
    ambient::ManualClock,
    attendance::presence::Presence,
    clinic::{Clinic, Zone},
    room::{Connection, ConnectionState, Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use outreach::JoinHosts;
use serde_json::Value;
use store::{
    Options, Store,
    ports::access::{ApiToken, SealedTokens},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::{KeyRing, Place, SecretText, Token};
use web::{App, WebSettings};
use zoom::{
    api::{Api, ApiBase},
    http::{Limits, client},
    oauth::OAuth,
    webhook::Secrets,
};

use super::acted::Told;
use crate::service::{Service, Wiring};

/// The Zoom account that the events come from.
pub const ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";
const SECRET: &str = "zN4pQ7rT2vX5yB8dF1hJ3k";
const KEYS: &str = "test:zU8vZ/BjUGDF5d910O+i2nCqt0tfgvdrq5Bk5y9GUr8=";
/// Where Zoom is not: nothing answers there.
const NOWHERE: &str = "http://127.0.0.1:9";
const FIRST_MEETING: i64 = 86_720_014_400;

/// A clinician with a room.
pub struct Host {
    pub email: String,
    pub room: RoomId,
    pub meeting_number: i64,
    pub zoom_user_id: String,
    pub join_url: String,
}

/// The running program.
pub struct House {
    pub hosts: Vec<Host>,
    app: App,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    clinic: ClinicId,
    address: String,
    token: String,
    http: reqwest::Client,
    /// What is known already of deliveries in the inbox, and up to which.
    told: Mutex<(Option<DeliveryId>, BTreeMap<DeliveryId, Told>)>,
    serving: JoinHandle<()>,
    stop: CancellationToken,
    _directory: TempDir,
}

impl House {
    /// Starts the program at that time, with so many clinicians, and a colleague.
    pub async fn open(now: Timestamp, hosts: usize) -> Self {
        zoom::http::install_tls();
        let directory = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}/anteroom.db", directory.path().display());
        let store = store::open(&database, Options::default()).await.unwrap();
        let (ambient, clock) = Ambient::manual(now, 7);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let keys = Arc::new(KeyRing::parse(KEYS).unwrap());
        let stop = CancellationToken::new();
        let service = Service::start(wiring(&address, store.clone(), &ambient, &keys, &stop));
        let app = service.app();
        let router = web::router(app.clone());
        let serving = tokio::spawn(service.serve(listener, router));

        let clinic = Clinic {
            id: ambient.id(),
            name: Name::parse("Riverside Counseling").unwrap(),
            zone: Zone::parse("America/Chicago").unwrap(),
            created_at: now,
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_clinic(&clinic).await.unwrap();
        tx.commit().await.unwrap();
        let mut rooms = Vec::new();
        for number in 0..hosts {
            let zoom_user = format!("zoom-host-{number}");
            rooms.push(clinician(&*store, &ambient, &keys, clinic.id, &zoom_user).await);
        }
        clinician(&*store, &ambient, &keys, clinic.id, "zoom-colleague").await;
        let token = token(&*store, &ambient, clinic.id).await;
        let http = client(Limits::default()).unwrap();
        let told = Mutex::default();
        let clinic = clinic.id;
        Self {
            hosts: rooms,
            app,
            store,
            clock,
            clinic,
            address,
            token,
            http,
            told,
            serving,
            stop,
            _directory: directory,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.app.ambient.now()
    }

    /// Moves the clock there, unless it is later already.
    pub fn wait_until(&self, at: Timestamp) {
        self.clock.set(self.now().max(at));
    }

    /// Lets time pass, then looks at rooms as the program's timer does.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.understand().await;
        self.app.attendance.look_when_due().await.unwrap();
    }

    /// Waits until all that was delivered is understood.
    pub async fn understand(&self) {
        while self.app.attendance.apply_pending().await.unwrap() > 0 {}
    }

    pub async fn get(&self, path: &str) -> Value {
        self.api(Method::GET, path, None).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Value {
        self.api(Method::PUT, path, Some(body)).await
    }

    async fn api(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let mut request =
            self.http.request(method, format!("{}{path}", self.address)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Presses Join on a patient's page, as its form does, and returns where that leads.
    pub async fn press_join(&self, link: &str, from: Option<IpAddr>) -> String {
        let html = self.http.get(link).send().await.unwrap().text().await.unwrap();
        let page = html.split("data-page=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut request = self
            .http
            .post(format!("{link}/join"))
            .header("origin", &self.address)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(from) = from {
            request = request.header("x-forwarded-for", from.to_string());
        }
        let answer = request.body(format!("page={page}")).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Delivers an event as Zoom does, signed at this moment.
    pub async fn deliver(&self, body: &str) {
        let stamp = self.now().as_seconds().to_string();
        let answer = self
            .http
            .post(format!("{}/zoom/webhook", self.address))
            .header("content-type", "application/json; charset=utf-8")
            .header("x-zm-request-timestamp", &stamp)
            .header("x-zm-signature", zoomsim::signature(SECRET, &stamp, body))
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Everybody who was in a room this day.
    pub async fn presences(&self) -> Vec<Presence> {
        let range = self.now().minus(Duration::from_hours(24))..self.now().plus(Duration::from_hours(1));
        self.store.read().await.unwrap().presences(self.clinic, range).await.unwrap()
    }

    /// Which of the day's deliveries stands in the inbox under which id.
    pub async fn told(&self, said: &BTreeMap<String, Told>) -> BTreeMap<DeliveryId, Told> {
        let mut tx = self.store.read().await.unwrap();
        let mut known = self.told.lock().await;
        loop {
            let page = tx.settled_deliveries(known.0, 1_000).await.unwrap();
            let Some(last) = page.last() else { return known.1.clone() };
            known.0 = Some(last.id);
            known.1.extend(page.into_iter().map(|delivery| (delivery.id, said[&delivery.body])));
        }
    }

    /// Stops the program; what is kept must follow from the inbox.
    pub async fn close(self) {
        let report = self.app.attendance.rebuild(None, true).await.unwrap();
        assert_eq!(report.differences, [""; 0]);
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

fn wiring(
    address: &str,
    store: Arc<dyn Store>,
    ambient: &Ambient,
    keys: &Arc<KeyRing>,
    stop: &CancellationToken,
) -> Wiring {
    let public_url: Url = address.parse().unwrap();
    let oauth_url: Url = format!("{NOWHERE}/oauth").parse().unwrap();
    let http = || client(Limits::default()).unwrap();
    let redirect = public_url.join("zoom/callback").unwrap();
    let oauth =
        OAuth::new(http(), oauth_url.as_str(), "client", SecretText::from("secret"), redirect.as_str())
            .unwrap();
    let mut web = WebSettings::new(public_url, oauth_url);
    web.proxy_hops = 1;
    Wiring {
        store,
        ambient: ambient.clone(),
        keys: keys.clone(),
        oauth,
        api: Api::new(http(), ApiBase::parse(&format!("{NOWHERE}/v2")).unwrap()),
        webhook_secrets: Secrets::parse(SECRET).unwrap(),
        join_hosts: JoinHosts::parse("zoom.us").unwrap(),
        mail: None,
        sms: None,
        web,
        inbox_writers: 1,
        watch_for_outages: false,
        stop: stop.clone(),
    }
}

/// Somebody who works at the clinic and has a room.
async fn clinician(
    store: &dyn Store,
    ambient: &Ambient,
    keys: &KeyRing,
    clinic: ClinicId,
    zoom_user_id: &str,
) -> Host {
    let email = format!("{zoom_user_id}@riverside.example");
    let member = StaffMember {
        id: ambient.id::<StaffId>(),
        clinic_id: clinic,
        name: Name::parse(&format!("Dr {zoom_user_id}")).unwrap(),
        email: Email::parse(&email).unwrap(),
        phone: None,
        external_id: None,
        roles: [Role::Staff].into(),
        disabled_at: None,
        created_at: ambient.now(),
    };
    let mut tx = store.begin().await.unwrap();
    let taken = tx.rooms(clinic).await.unwrap().len();
    let meeting_number = FIRST_MEETING + i64::try_from(taken).unwrap();
    let join_url = format!("https://zoom.us/j/{meeting_number}?pwd=x");
    let room = Room {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: member.id,
        kind: RoomKind::Open,
        meeting_number,
        zoom_user_id: zoom_user_id.to_owned(),
        zoom_account_id: ACCOUNT.to_owned(),
        checked_at: ambient.now(),
        created_at: ambient.now(),
    };
    let (named, row) = (clinic.to_string(), room.id.to_string());
    let place = Place { clinic: &named, table: "rooms", column: "join_url", row: &row };
    let sealed = keys.seal(place, ambient.bytes(), join_url.as_bytes()).unwrap();
    tx.insert_staff(clinic, &member).await.unwrap();
    tx.insert_room(&room, sealed.as_bytes()).await.unwrap();
    // Nobody signs in to Zoom here: the connection needs mending, which takes the room from nobody.
    let connection = Connection {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: member.id,
        zoom_user_id: zoom_user_id.to_owned(),
        zoom_account_id: ACCOUNT.to_owned(),
        zoom_email: email.clone(),
        zoom_plan: 2,
        state: ConnectionState::NeedsReconnect,
        trouble: Some("test".to_owned()),
        checked_at: ambient.now(),
        created_at: ambient.now(),
    };
    let tokens = SealedTokens {
        connection_id: connection.id,
        access: b"none".to_vec(),
        refresh: b"none".to_vec(),
        access_expires_at: ambient.now(),
        scopes: String::new(),
        refreshed_at: ambient.now(),
    };
    tx.insert_connection(&connection, &tokens).await.unwrap();
    tx.commit().await.unwrap();
    Host { email, room: room.id, meeting_number, zoom_user_id: zoom_user_id.to_owned(), join_url }
}

/// A token that may do everything the API offers.
async fn token(store: &dyn Store, ambient: &Ambient, clinic: ClinicId) -> String {
    let secret = Token::from_random(ambient.bytes());
    let token = ApiToken {
        id: ambient.id(),
        clinic_id: clinic,
        name: "the day".to_owned(),
        scopes: web::guard::Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect(),
        token_hash: *secret.hash().as_bytes(),
        created_at: ambient.now(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_api_token(&token).await.unwrap();
    tx.commit().await.unwrap();
    format!("antr_{}", secret.text().expose())
}

/// The board's row of an attendee.
pub fn row(board: &Value, attendee: AttendeeId) -> Option<&Value> {
    rows(board).find(|row| row["id"] == attendee.to_string().as_str())
}

/// Whom the board names for certain.
pub fn certain_on(board: &Value) -> impl Iterator<Item = AttendeeId> {
    let certain = rows(board).filter(|row| row["match"]["level"] == "certain");
    certain.map(|row| row["id"].as_str().unwrap().parse().unwrap())
}

/// Those in the board's lane of people to be named.
pub fn unmatched(board: &Value) -> Vec<PresenceId> {
    let lane = board["unmatched"].as_array().unwrap().iter();
    lane.map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn rows(board: &Value) -> impl Iterator<Item = &Value> {
    let appointments = board["appointments"].as_array().unwrap().iter();
    appointments.flat_map(|row| row["attendees"].as_array().unwrap())
}
