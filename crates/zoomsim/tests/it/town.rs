//! A simulated Zoom on a port of its own, with a program beside it that takes webhooks and calls the API.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use zoomsim::{Config, ManualClock, NewGuest, Sim, SimHandle};

/// 2026-11-23T14:00:00Z.
pub const START: i64 = 1_795_442_400_000_000;
pub const REDIRECT: &str = "http://127.0.0.1:9999/zoom/callback";
pub const OSEI: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
pub const BERG: &str = "m0Lk2Qw9TUe5VzRx8sYbAg";
pub const RAHMAN: &str = "c7HdW4yPRn2eXkU9qLsMtQ";
pub const TRAN: &str = "Zq1vB6gFSx8jOaC3iNwKuA";

#[derive(Clone, Debug)]
pub struct Hook {
    pub headers: HeaderMap,
    pub raw: String,
    pub body: Value,
}

impl Hook {
    pub fn event(&self) -> &str {
        self.body["event"].as_str().unwrap()
    }

    pub fn person(&self, field: &str) -> &Value {
        &self.body["payload"]["object"]["participant"][field]
    }
}

/// The event endpoint of the program under test.
#[derive(Default)]
pub struct Inbox {
    pub hooks: Mutex<Vec<Hook>>,
    /// Answers to give instead of 200, the first one next.
    pub answers: Mutex<Vec<u16>>,
    pub challenge_is_ignored: Mutex<bool>,
    pub stalls: Mutex<bool>,
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, raw: String) -> Response {
    let body: Value = serde_json::from_str(&raw).unwrap();
    if *inbox.stalls.lock().unwrap() {
        std::future::pending::<()>().await;
    }
    if body["event"] == "endpoint.url_validation" {
        let token = body["payload"]["plainToken"].as_str().unwrap();
        let stamp = headers["x-zm-request-timestamp"].to_str().unwrap();
        assert_eq!(headers["x-zm-signature"].to_str().unwrap(), zoomsim::signature(SECRET, stamp, &raw));
        if *inbox.challenge_is_ignored.lock().unwrap() {
            return StatusCode::OK.into_response();
        }
        return axum::Json(json!({ "plainToken": token, "encryptedToken": hmac(SECRET, token) }))
            .into_response();
    }
    inbox.hooks.lock().unwrap().push(Hook { headers, raw, body });
    let answer = inbox.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap().into_response()
}

pub const SECRET: &str = "zN4pQ7rT2vX5yB8dF1hJ3k";

pub fn hmac(key: &str, message: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub struct Town {
    pub sim: Sim,
    pub zoom: SimHandle,
    pub url: String,
    pub http: reqwest::Client,
    pub inbox: Arc<Inbox>,
}

impl Town {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        zoomsim::install_tls();
        let inbox = Arc::new(Inbox::default());
        let hook = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook_url = format!("http://{}/zoom/webhook", hook.local_addr().unwrap());
        let app = axum::Router::new()
            .route("/zoom/webhook", axum::routing::post(receive))
            .with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(hook, app).await.unwrap() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(ManualClock::new(START));
        let mut config = Config::new(clock, 42, url.as_str());
        config.redirect_uris = vec![REDIRECT.to_owned()];
        config.webhook_url = Some(hook_url);
        change(&mut config);
        let sim = Sim::start(listener, config);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { zoom: sim.handle(), sim, url, http, inbox }
    }

    pub async fn advance(&self, seconds: u64) {
        assert!(self.zoom.advance(Duration::from_secs(seconds)).await);
    }

    /// A code for a user, through consent.
    pub fn code(&self, user: &str) -> String {
        let to = self.zoom.consent(&authorize_query(), user, true).unwrap();
        let to = url::Url::parse(&to).unwrap();
        to.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    pub async fn token_call(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer = self
            .http
            .post(format!("{}/oauth/token", self.url))
            .basic_auth("rT6yU8iO0pQwErTyUiOpAs", Some("s1mulated-cl1ent-s3cret-0000001"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub async fn link(&self, user: &str) -> Value {
        let code = self.code(user);
        let (status, body) = self
            .token_call(&[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)])
            .await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn access(&self, user: &str) -> Api<'_> {
        let body = self.link(user).await;
        Api { town: self, token: body["access_token"].as_str().unwrap().to_owned() }
    }

    pub fn hooks(&self) -> Vec<Hook> {
        self.inbox.hooks.lock().unwrap().clone()
    }

    /// The names of the events that arrived, and forgets them.
    pub async fn events(&self) -> Vec<String> {
        self.zoom.tick().await;
        let hooks = std::mem::take(&mut *self.inbox.hooks.lock().unwrap());
        hooks.iter().map(|hook| hook.event().trim_start_matches("meeting.").to_owned()).collect()
    }

    /// A room as a clinic makes it.
    pub async fn room(&self, user: &str) -> i64 {
        let api = self.access(user).await;
        let number = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].as_i64().unwrap();
        self.events().await;
        number
    }

    pub fn guest(&self, number: i64, name: &str) -> u64 {
        self.zoom.join(number, NewGuest { name: name.to_owned(), ..NewGuest::default() }).unwrap()
    }
}

pub fn authorize_query() -> String {
    format!("response_type=code&client_id=rT6yU8iO0pQwErTyUiOpAs&state=st4te&redirect_uri={REDIRECT}")
}

pub fn clinic_room() -> Value {
    json!({
        "topic": "Visits with Dr. Amara Osei", "type": 3, "password": "418820",
        "settings": {
            "waiting_room": true,
            "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" },
            "join_before_host": false, "use_pmi": false, "auto_recording": "none"
        }
    })
}

pub struct Api<'a> {
    pub town: &'a Town,
    pub token: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn error(&self, status: u16, code: i64) {
        assert_eq!((self.status, self.body["code"].as_i64()), (status, Some(code)), "{}", self.body);
        assert!(self.headers.contains_key("x-zm-trackingid"));
    }
}

impl Api<'_> {
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            self.town.http.request(method, format!("{}{path}", self.town.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status, headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }
}
