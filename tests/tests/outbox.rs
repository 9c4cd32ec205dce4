//! The program is killed while it sends, again and again: what it promised to send is sent, nothing is left lying, and
//! what goes out twice goes out under the same key.
//!
//! By default some thousand messages are sent; `ANTEROOM_DRILL=full` sends 100,000 and kills a hundred times.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Form, Json, Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use domain::{Ambient, AppointmentId, outreach::message::MessageState};
use serde_json::{Value, json};
use store::Options;
use tests::{
    anteroom::{Settings, client, free_port},
    clinic::Clinic,
    eventually,
    post::{ACCOUNT, TOKEN},
};

/// How many attendees an appointment has.
const ATTENDEES: usize = 50;
const MEETING: i64 = 86_720_014_400;
/// A message that was being sent by a worker that died is taken up again after its lease of a minute.
const DRAINED_WITHIN: Duration = Duration::from_mins(4);

/// What the provider took: how often under each key, and what it said.
#[derive(Default)]
struct Taken {
    texts: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
    requests: AtomicU64,
}

async fn take(
    State(taken): State<Arc<Taken>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let number = taken.requests.fetch_add(1, Ordering::Relaxed);
    let key = headers["i-twilio-idempotency-token"].to_str().expect("a key is text").to_owned();
    // Taken, and refused all the same: the worst of both.
    let text = format!("{} {}", form["To"], form["Body"]);
    let mut texts = taken.texts.lock().unwrap();
    let said = texts.entry(key.clone()).or_default();
    let is_first = said.is_empty();
    *said.entry(text).or_default() += 1;
    // Once for each at most: whoever is refused again and again waits for hours, as is right.
    if is_first && number % 97 == 96 {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "code": 20503, "status": 503 })));
    }
    (StatusCode::CREATED, Json(json!({ "sid": format!("SM{key}"), "status": "queued" })))
}

async fn provider(taken: Arc<Taken>) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", free_port())).await.expect("the port is free");
    let address = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let router = Router::new().route(&path, post(take)).with_state(taken);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Books an appointment with all its attendees, asks for their links to be texted, and returns the appointment with the
/// ids of the messages that were promised. None where the program was killed before it answered.
async fn hand_out(address: &str, token: &str, number: u64) -> Option<(AppointmentId, Vec<String>)> {
    let client = client();
    let starts = Ambient::system().now().plus(Duration::from_hours(30));
    let attendees: Vec<Value> = (0..ATTENDEES)
        .map(|one| {
            json!({
                "external_id": format!("P-{number}-{one}"), "name": format!("Patient {number} {one}"),
                "phone": format!("+1555{:07}", number * ATTENDEES as u64 + one as u64),
                "consent": { "email": false, "sms": true },
            })
        })
        .collect();
    let body = json!({
        "starts_at": starts.to_string(), "ends_at": starts.plus(Duration::from_mins(50)).to_string(),
        "host": format!("c{MEETING}@riverside.example"), "kind": "telehealth", "status": "booked",
        "attendees": attendees,
    });
    let appointment = format!("{address}/api/v1/appointments/A-{number}");
    let booked = client.put(&appointment).bearer_auth(token).json(&body).send().await.ok()?;
    assert!(booked.status().is_success(), "{}", booked.text().await.unwrap_or_default());
    let booked: Value = booked.json().await.ok()?;
    let asked = json!({ "to": "patients", "by": "sms" });
    let queued =
        client.post(format!("{appointment}/links")).bearer_auth(token).json(&asked).send().await.ok()?;
    let status = queued.status();
    assert_eq!(status, 202, "{}", queued.text().await.unwrap_or_default());
    let queued: Value = queued.json().await.ok()?;
    let messages = queued["messages"].as_array().expect("a list of messages").iter();
    let ids: Vec<_> = messages.map(|message| message["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), ATTENDEES);
    Some((booked["id"].as_str()?.parse().ok()?, ids))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_promised_text_is_sent_under_one_key_however_often_the_program_is_killed() {
    let full = std::env::var("ANTEROOM_DRILL").is_ok_and(|drill| drill == "full");
    let (wanted, kills) = if full { (100_000, 100) } else { (4_000, 20) };
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}/anteroom.db", directory.path().display());
    let taken: Arc<Taken> = Arc::default();
    let settings = Settings::new(&url, "http://127.0.0.1:9").with([
        ("ANTEROOM_SMS_URL", provider(taken.clone()).await),
        ("ANTEROOM_SMS_ACCOUNT", ACCOUNT.to_owned()),
        ("ANTEROOM_SMS_TOKEN", TOKEN.to_owned()),
        ("ANTEROOM_SMS_FROM", "+15550100999".to_owned()),
    ]);
    let clinic = Clinic::add(&settings).await;
    clinic.give_rooms(&url, [MEETING]).await;
    let key = clinic.add_token(&["appointments:write", "links:send"]).await;

    let mut promised: BTreeMap<AppointmentId, Vec<String>> = BTreeMap::new();
    let mut number = 0;
    let each_round = wanted / ATTENDEES / kills;
    for round in 0..kills {
        let serving = settings.serve().await;
        let address = settings.address();
        for _ in 0..each_round {
            number += 1;
            if let Some((appointment, ids)) = hand_out(&address, &key, number).await {
                promised.insert(appointment, ids);
            }
        }
        // One more is under way when it is killed, after so many further texts, another number each round.
        number += 1;
        let (address, key) = (address.clone(), key.clone());
        let last = tokio::spawn(async move { hand_out(&address, &key, number).await });
        let before = taken.requests.load(Ordering::Relaxed);
        let until = before + (round as u64 * 13) % 61;
        eventually("texts to be sent", async || {
            (taken.requests.load(Ordering::Relaxed) >= until).then_some(())
        })
        .await;
        serving.kill().await;
        if let Ok(Some((appointment, ids))) = last.await {
            promised.insert(appointment, ids);
        }
    }

    let serving = settings.serve().await;
    let store = store::open(&url, Options::default()).await.expect("the database is there");
    let begun = tokio::time::Instant::now();
    let left = loop {
        let now = Ambient::system().now();
        let (left, _) = store.read().await.unwrap().queued_messages(now).await.expect("the outbox reads");
        if left == 0 || begun.elapsed() > DRAINED_WITHIN {
            break left;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(left, 0, "messages were left lying");

    let texts = taken.texts.lock().unwrap().clone();
    let ids: BTreeSet<_> = promised.values().flatten().cloned().collect();
    println!(
        "{} promised, {} sent in {} requests over {kills} kills",
        ids.len(),
        texts.len(),
        taken.requests.load(Ordering::Relaxed),
    );
    let lost: Vec<_> = ids.iter().filter(|id| !texts.contains_key(*id)).collect();
    assert!(lost.is_empty(), "promised and never sent: {lost:?}");
    for (key, said) in &texts {
        assert_eq!(said.len(), 1, "the key {key} was used for different texts");
    }
    // Nobody has two messages unless two were asked for.
    let appointments: Vec<_> = promised.keys().copied().collect();
    for some in appointments.chunks(100) {
        let messages = store.read().await.unwrap().messages_of_all(clinic.id, some).await.unwrap();
        for message in messages {
            assert_eq!(message.state, MessageState::Sent, "{}", message.id);
            assert!(texts.contains_key(&message.id.to_string()));
        }
    }
    store.close().await;
    assert_eq!(serving.stop().await, Some(0));
}
