//! A clinic with its people, a second one with the same shape, and ways to ask as each of them.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use domain::{
    Ambient, ClinicId, Timestamp,
    ambient::ManualClock,
    clinic::{Clinic, Zone},
    staff::{Role, StaffMember},
    text::{Email, ExternalId, Name},
};
use serde_json::Value;
use store::{
    Store,
    ports::access::{ApiToken, Session, SignInLink},
    testing::Engine,
};
use tower::ServiceExt;
use vault::{KeyRing, Token, password};
use web::{App, Parts, WebSettings, guard::Scope};

/// 10:00 in Chicago, on the day on which the tests play.
pub const START: &str = "2026-11-23T16:00:00Z";
/// Everybody's.
pub const PASSWORD: &str = "a lighthouse keeps its own hours";
/// Signs deliveries.
pub const SECRET: &str = "the-webhook-secret-of-the-tests";

/// One clinic's people and their ways in.
pub struct Place {
    pub clinic: Clinic,
    pub admin: StaffMember,
    pub scheduler: StaffMember,
    pub staff: StaffMember,
    /// A token with every scope.
    pub token: String,
}

/// Two clinics on one installation.
pub struct World {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub here: Place,
    pub there: Place,
    engine: Engine,
    router: Router,
}

struct Nobody;

#[async_trait]
impl attendance::Deauthorized for Nobody {
    async fn deauthorized(&self, _: &str, _: &str, _: Timestamp) -> store::Result<Option<ClinicId>> {
        Ok(None)
    }
}

impl World {
    /// On loopback, as in the demo.
    pub async fn new() -> Self {
        Self::at("http://127.0.0.1:8080").await
    }

    /// At this public address.
    pub async fn at(public_url: &str) -> Self {
        Self::with(public_url, |_| {}).await
    }

    /// With other settings.
    pub async fn with(public_url: &str, change: impl FnOnce(&mut WebSettings)) -> Self {
        Self::of_parts(public_url, |parts| change(&mut parts.settings)).await
    }

    /// Of other parts.
    pub async fn of_parts(public_url: &str, change: impl FnOnce(&mut Parts)) -> Self {
        let engine = store::testing::sqlite().await;
        let (ambient, clock) = Ambient::manual(START.parse().unwrap(), 7);
        let store = engine.store.clone();
        let mut parts = parts(&store, &ambient, public_url);
        change(&mut parts);
        let app = App::new(parts);
        let router = web::router(app.clone());
        let here = place(&*store, &ambient, "Riverside", "riverside.example").await;
        let there = place(&*store, &ambient, "Lakeside", "lakeside.example").await;
        Self { app, clock, here, there, engine, router }
    }

    pub fn store(&self) -> &dyn Store {
        &*self.engine.store
    }

    /// Sends a request through the whole router.
    pub async fn send(&self, ask: Ask) -> Answer {
        let request = ask.request.body(ask.body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The same, for answers without an end.
    pub async fn open(&self, ask: Ask) -> axum::response::Response {
        self.router.clone().oneshot(ask.request.body(ask.body).unwrap()).await.unwrap()
    }

    /// A session of this person: the `Cookie` header's value.
    pub async fn session_of(&self, member: &StaffMember) -> String {
        cookie_pair(&web::session::begin(&self.app, member).await.unwrap())
    }

    /// A token of this clinic with these scopes.
    pub async fn token_with(&self, place: &Place, scopes: &[Scope]) -> String {
        token(self.store(), &self.app.ambient, &place.clinic, scopes).await
    }

    /// A one-time link's token for this person, valid for an hour.
    pub async fn sign_in_link(&self, member: &StaffMember) -> String {
        let token = Token::from_random(self.app.ambient.bytes());
        let link = SignInLink {
            token_hash: *token.hash().as_bytes(),
            clinic_id: member.clinic_id,
            staff_id: member.id,
            expires_at: self.app.ambient.now().plus(Duration::from_hours(1)),
            used_at: None,
        };
        let mut tx = self.store().begin().await.unwrap();
        tx.insert_sign_in_link(&link).await.unwrap();
        tx.commit().await.unwrap();
        token.text().expose().to_owned()
    }

    /// The session that this cookie stands for, as it is stored.
    pub async fn stored(&self, cookie: &str) -> Option<Session> {
        let token = Token::parse(cookie.split_once('=').unwrap().1).unwrap();
        self.store().read().await.unwrap().session(token.hash().as_bytes()).await.unwrap()
    }

    /// Changes what this person may do.
    pub async fn update(&self, member: &StaffMember, roles: &[Role], disabled_at: Option<Timestamp>) {
        let mut tx = self.store().begin().await.unwrap();
        let roles = roles.iter().copied().collect();
        tx.update_staff(member.clinic_id, member.id, &member.name, &roles, disabled_at).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Books an appointment of this clinic's staff member with one attendee, through the API.
    pub async fn book(&self, place: &Place, external_id: &str) -> Value {
        let path = format!("/api/v1/appointments/{external_id}");
        let answer = self.send(put(&path).token(&place.token).json(&booking(place))).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        answer.json()
    }
}

fn parts(store: &Arc<dyn Store>, ambient: &Ambient, public_url: &str) -> Parts {
    let keyring = Arc::new(KeyRing::parse("k1:bU0ynkROffZRqXoq9wXb7kyXufCcxu5SDrmN8wi6rbI=").unwrap());
    let http = zoom::http::client(zoom::http::Limits::default()).unwrap();
    // Nothing listens there: whoever would call Zoom fails at once.
    let oauth = zoom::oauth::OAuth::new(
        http.clone(),
        "http://127.0.0.1:1/oauth",
        "client-id",
        "client-secret".into(),
        &format!("{public_url}/zoom/callback"),
    )
    .unwrap();
    let api = zoom::api::Api::new(http, zoom::api::ApiBase::parse("http://127.0.0.1:1/v2").unwrap());
    let zoom = oauth::Zoom::new(store.clone(), ambient.clone(), keyring.clone(), oauth, api);
    let public_url: url::Url = public_url.parse().unwrap();
    let join_hosts = outreach::JoinHosts::parse("zoom.us").unwrap();
    let mut settings = WebSettings::new(public_url.clone(), "https://zoom.us/oauth".parse().unwrap());
    settings.stream_poll = Duration::from_millis(20);
    settings.body_deadline = Duration::from_millis(300);
    let secrets = zoom_secrets();
    Parts {
        zoom,
        outreach: outreach::Outreach::new(
            store.clone(),
            ambient.clone(),
            keyring.clone(),
            &public_url,
            join_hosts,
        ),
        attendance: attendance::Attendance::new(store.clone(), ambient.clone(), Nobody),
        receiver: Arc::new(webhook::Receiver::start(
            store,
            ambient.clone(),
            secrets,
            webhook::Limits::default(),
        )),
        store: store.clone(),
        ambient: ambient.clone(),
        keyring,
        settings,
        stop: tokio_util::sync::CancellationToken::new(),
    }
}

fn zoom_secrets() -> zoom::webhook::Secrets {
    zoom::webhook::Secrets::parse(SECRET).unwrap()
}

/// Slow to make by design, and the same for everybody here.
static PHC: OnceLock<String> = OnceLock::new();

async fn place(store: &dyn Store, ambient: &Ambient, name: &str, host: &str) -> Place {
    let now = ambient.now();
    let clinic = Clinic {
        id: ambient.id(),
        name: Name::parse(name).unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: now,
    };
    let member = |local: &str, role: Role| StaffMember {
        id: ambient.id(),
        clinic_id: clinic.id,
        name: Name::parse(&format!("{local} of {name}")).unwrap(),
        email: Email::parse(&format!("{local}@{host}")).unwrap(),
        phone: None,
        external_id: Some(ExternalId::parse(&format!("emr-{local}")).unwrap()),
        roles: BTreeSet::from([role]),
        disabled_at: None,
        created_at: now,
    };
    let people = [member("ada", Role::Admin), member("sid", Role::Scheduler), member("osei", Role::Staff)];
    let phc = PHC.get_or_init(|| password::hash(PASSWORD, [7; 16]).unwrap());
    let mut tx = store.begin().await.unwrap();
    tx.insert_clinic(&clinic).await.unwrap();
    for person in &people {
        tx.insert_staff(clinic.id, person).await.unwrap();
        tx.set_password(clinic.id, person.id, phc, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    let token = token(store, ambient, &clinic, &Scope::ALL).await;
    let [admin, scheduler, staff] = people;
    Place { clinic, admin, scheduler, staff, token }
}

async fn token(store: &dyn Store, ambient: &Ambient, clinic: &Clinic, scopes: &[Scope]) -> String {
    let secret = Token::from_random(ambient.bytes());
    let token = ApiToken {
        id: ambient.id(),
        clinic_id: clinic.id,
        name: "tests".to_owned(),
        scopes: scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        token_hash: *secret.hash().as_bytes(),
        created_at: ambient.now(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_api_token(&token).await.unwrap();
    tx.commit().await.unwrap();
    format!("antr_{}", secret.text().expose())
}

/// A booking of tomorrow's visit with the clinic's staff member.
pub fn booking(place: &Place) -> Value {
    serde_json::json!({
        "starts_at": "2026-11-23T17:00:00Z",
        "ends_at": "2026-11-23T17:30:00Z",
        "host": place.staff.email.as_str(),
        "kind": "telehealth",
        "status": "booked",
        "attendees": [{
            "external_id": "p-1", "name": "Rosa Delgado", "email": "rosa@example.org",
            "consent": { "email": true, "sms": false },
        }],
    })
}

/// `name=value` of a `Set-Cookie` header.
pub fn cookie_pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

/// A request to be sent.
pub struct Ask {
    request: axum::http::request::Builder,
    body: Body,
}

pub fn ask(method: Method, path: &str) -> Ask {
    Ask {
        request: Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080"),
        body: Body::empty(),
    }
}

pub fn get(path: &str) -> Ask {
    ask(Method::GET, path)
}

pub fn post(path: &str) -> Ask {
    ask(Method::POST, path)
}

pub fn put(path: &str) -> Ask {
    ask(Method::PUT, path)
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    /// From this address.
    pub fn from(mut self, peer: [u8; 4]) -> Self {
        let peer = std::net::SocketAddr::from((peer, 4711));
        self.request = self.request.extension(axum::extract::ConnectInfo(peer));
        self
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("JSON, not {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `name=value` of the session cookie that was set.
    pub fn session_cookie(&self) -> Option<String> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| cookie_pair(value.to_str().unwrap()))
            .find(|pair| pair.contains("anteroom=") && !pair.ends_with('='))
    }

    /// The fields that were refused.
    pub fn refused_fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}
