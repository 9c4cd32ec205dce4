//! Asking for a lost link: the answer tells nothing, and comes before anybody looks.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use domain::{
    ClinicId,
    outreach::message::{Message, Occasion},
    text::Email,
};
use store::{
    Store,
    ports::{Tx, inbox::NewDelivery},
};
use tokio::sync::{Semaphore, broadcast};
use web::Parts;

use crate::{
    pages::text_of,
    world::{Answer, World, get, post},
};

/// A store of which nothing is to be had before it is opened.
struct Shut {
    store: Arc<dyn Store>,
    asked: Arc<Semaphore>,
    opened: Arc<Semaphore>,
}

impl Shut {
    async fn pass(&self) {
        self.asked.add_permits(1);
        drop(self.opened.acquire().await.unwrap());
    }
}

#[async_trait]
impl Store for Shut {
    async fn read(&self) -> store::Result<Box<dyn Tx>> {
        self.pass().await;
        self.store.read().await
    }
    async fn begin(&self) -> store::Result<Box<dyn Tx>> {
        self.pass().await;
        self.store.begin().await
    }
    async fn keep_deliveries(&self, deliveries: &[NewDelivery]) -> store::Result<u64> {
        self.store.keep_deliveries(deliveries).await
    }
    fn changes(&self) -> broadcast::Receiver<ClinicId> {
        self.store.changes()
    }
    fn arrivals(&self) -> broadcast::Receiver<()> {
        self.store.arrivals()
    }
    async fn ready(&self) -> store::Result<()> {
        self.store.ready().await
    }
    async fn close(&self) {
        self.store.close().await;
    }
}

/// Messages can be queued; nothing leaves, since nobody works the outbox.
fn sending(outreach: outreach::Outreach) -> outreach::Outreach {
    let from = Email::parse("visits@anteroom.example").unwrap();
    outreach.sending_by(Some(outreach::MailSettings { url: "smtp://127.0.0.1:1".into(), from }), None)
}

async fn world() -> World {
    World::of_parts("http://127.0.0.1:8080", |parts| parts.outreach = sending(parts.outreach.clone())).await
}

async fn ask(world: &World, address: &str) -> Answer {
    world.send(post("/lost").form(&[("address", address)])).await
}

/// What was queued about the appointment, once all work is done.
async fn queued(world: &World, appointment: &str) -> Vec<Message> {
    world.app.tasks.close();
    world.app.tasks.wait().await;
    let mut tx = world.store().read().await.unwrap();
    let mut messages =
        tx.messages_of_all(world.here.clinic.id, &[appointment.parse().unwrap()]).await.unwrap();
    messages.retain(|message| message.occasion == Occasion::Recovery);
    messages
}

/// The headers but for what is the request's own.
fn lasting(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove("x-request-id");
    headers
}

#[tokio::test]
async fn the_answer_is_the_same_to_the_byte_whether_anybody_is_known() {
    let world = world().await;
    let made = world.book(&world.here, "a").await;
    let id = made["id"].as_str().unwrap();
    let known = ask(&world, "Rosa@Example.org").await;
    let unknown = ask(&world, "nobody@example.org").await;
    assert_eq!((known.status, unknown.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(known.body, unknown.body);
    assert_eq!(lasting(&known.headers), lasting(&unknown.headers));
    assert!(!known.body.to_lowercase().contains("rosa"), "what was typed is not repeated");
    assert_eq!(queued(&world, id).await.len(), 1, "and yet the link is on its way");
}

#[tokio::test]
async fn the_answer_is_given_before_anything_is_looked_up() {
    let (asked, opened) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let world = World::of_parts("http://127.0.0.1:8080", |parts: &mut Parts| {
        let shut = Shut { store: parts.store.clone(), asked: asked.clone(), opened: opened.clone() };
        let hosts = outreach::JoinHosts::parse("zoom.us").unwrap();
        let (ambient, keys) = (parts.ambient.clone(), parts.keyring.clone());
        let public_url = parts.settings.public_url.clone();
        parts.outreach = sending(outreach::Outreach::new(Arc::new(shut), ambient, keys, &public_url, hosts));
    })
    .await;
    // While nothing is to be had of the store, both are answered.
    assert_eq!(ask(&world, "rosa@example.org").await.status, StatusCode::OK);
    assert_eq!(ask(&world, "nobody@example.org").await.status, StatusCode::OK);
    assert_eq!(world.app.tasks.len(), 2, "the looking goes on");
    // It does begin, and ends once the store answers.
    asked.acquire_many(2).await.unwrap().forget();
    opened.add_permits(1);
    world.app.tasks.close();
    world.app.tasks.wait().await;
}

#[tokio::test]
async fn what_waits_to_be_looked_for_cannot_pile_up_and_the_answer_stays_the_same() {
    let (asked, opened) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let world = World::of_parts("http://127.0.0.1:8080", |parts: &mut Parts| {
        let shut = Shut { store: parts.store.clone(), asked: asked.clone(), opened: opened.clone() };
        let hosts = outreach::JoinHosts::parse("zoom.us").unwrap();
        let (ambient, keys) = (parts.ambient.clone(), parts.keyring.clone());
        let public_url = parts.settings.public_url.clone();
        parts.outreach = sending(outreach::Outreach::new(Arc::new(shut), ambient, keys, &public_url, hosts));
    })
    .await;
    let first = ask(&world, "patient@example.org").await;
    for n in 0..220_u8 {
        let address = format!("patient-{n}@example.org");
        let answer = world.send(post("/lost").from([198, 51, 100, n]).form(&[("address", &address)])).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &first.body));
    }
    assert_eq!(world.app.tasks.len(), 200);
    opened.add_permits(1);
    world.app.tasks.close();
    world.app.tasks.wait().await;
}

#[tokio::test]
async fn what_is_neither_an_address_nor_a_number_is_said_to_be() {
    let world = world().await;
    for wrong in
        ["", "rosa", "555 0100", "rosa@example.org\r\nBcc: x@example.org", "\"><script>alert(1)</script>"]
    {
        let answer = ask(&world, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(text_of(&answer).contains("neither an e-mail address nor a mobile number"));
        assert!(!answer.body.contains("<script>alert"), "{wrong}");
    }
    let long = ask(&world, &"x".repeat(20_000)).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.body.len() < 20_000, "only the beginning is shown again");
    let nothing = world.send(post("/lost").form(&[])).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_asks_again_and_again_has_to_wait_known_or_not() {
    for address in ["rosa@example.org", "nobody@example.org"] {
        let world = world().await;
        world.book(&world.here, "a").await;
        for _ in 0..5 {
            assert_eq!(ask(&world, address).await.status, StatusCode::OK);
        }
        let stopped = ask(&world, address).await;
        assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(stopped.header("retry-after").parse::<u64>().unwrap() > 0);
        assert!(text_of(&stopped).contains("Please try again in 15 min"), "{}", stopped.body);
        assert_eq!(ask(&world, "tom@example.org").await.status, StatusCode::OK, "another one is heard");
    }
}

#[tokio::test]
async fn one_place_on_the_net_cannot_try_address_after_address() {
    let world = world().await;
    let try_one = async |n: u8, from: u8| {
        let address = format!("patient-{n}@example.org");
        let ask = post("/lost").from([198, 51, 100, from]).form(&[("address", &address)]);
        world.send(ask).await.status
    };
    for n in 0..20 {
        assert_eq!(try_one(n, 7).await, StatusCode::OK);
    }
    assert_eq!(try_one(20, 7).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_one(20, 8).await, StatusCode::OK, "somebody else goes on");
}

#[tokio::test]
async fn the_page_speaks_the_language_that_was_asked_for_and_keeps_it() {
    let world = world().await;
    let english = world.send(get("/lost")).await;
    assert!(text_of(&english).contains("Get your link again"));
    for ask in [get("/lost?lang=es"), get("/lost").header("accept-language", "es-MX,es;q=0.9,en;q=0.5")] {
        let answer = world.send(ask).await;
        assert!(text_of(&answer).contains("Recuperar su enlace"), "{}", answer.body);
        assert!(answer.body.contains("action=\"/lost?lang=es\""));
        assert!(answer.body.contains("<html lang=\"es\""));
    }
    let taken = world.send(post("/lost?lang=es").form(&[("address", "rosa@example.org")])).await;
    assert!(text_of(&taken).contains("Mire sus mensajes"));
}

#[tokio::test]
async fn an_old_telephone_that_writes_no_origin_on_our_own_form_is_heard_and_another_site_is_not() {
    let world = world().await;
    let form = || post("/lost").form(&[("address", "rosa@example.org")]);
    assert_eq!(world.send(form().header("origin", "null")).await.status, StatusCode::OK);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(world.send(form().header(name, value)).await.status, StatusCode::FORBIDDEN, "{value}");
    }
}

#[tokio::test]
async fn a_message_goes_only_to_whom_the_clinic_may_write() {
    let world = world().await;
    let mut body = crate::world::booking(&world.here);
    body["attendees"][0]["consent"]["email"] = serde_json::json!(false);
    let put = crate::world::put("/api/v1/appointments/a").token(&world.here.token).json(&body);
    let made = world.send(put).await.json();
    assert_eq!(ask(&world, "rosa@example.org").await.status, StatusCode::OK);
    assert!(queued(&world, made["id"].as_str().unwrap()).await.is_empty());
}
