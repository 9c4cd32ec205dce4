//! The demo as a whole, at times of the test's choosing, on ports that differ at each start.

use serde_json::Value;
use tempfile::TempDir;

use super::*;

/// A Monday morning in Chicago.
const MORNING: &str = "2026-11-23T16:05:00Z";

async fn start(folder: &TempDir, now: &str) -> Demo {
    let listen = || TcpListener::bind(("127.0.0.1", 0));
    let (anteroom, zoom) = (listen().await.unwrap(), listen().await.unwrap());
    let now = now.parse().unwrap();
    let zone = Zone::parse(cast::ZONE).unwrap();
    let folder = folder.path().join("demo");
    Demo::start(&folder, false, now, zone, anteroom, zoom, CancellationToken::new()).await.unwrap()
}

async fn stop(demo: Demo) {
    demo.stop.cancel();
    demo.until_stopped().await.unwrap();
}

async fn board(demo: &Demo) -> Value {
    let app = demo.panel.app();
    let clinic = app.store.read().await.unwrap().clinics().await.unwrap().remove(0);
    serde_json::to_value(app.attendance.board(clinic.id, None).await.unwrap()).unwrap()
}

fn attendee<'a>(board: &'a Value, name: &str) -> &'a Value {
    let appointments = board["appointments"].as_array().unwrap();
    let mut attendees = appointments.iter().flat_map(|row| row["attendees"].as_array().unwrap());
    attendees
        .find(|attendee| attendee["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not on the board"))
}

fn statuses(board: &Value) -> Vec<(String, String)> {
    let appointments = board["appointments"].as_array().unwrap().iter();
    let attendees = appointments.flat_map(|row| row["attendees"].as_array().unwrap());
    attendees
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["status"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_shows_a_day_in_full_swing() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    let board = board(&demo).await;
    assert_eq!(board["date"], "2026-11-23");
    assert_eq!(attendee(&board, "Mei Tanaka")["status"], "left");
    assert_eq!(attendee(&board, "Mei Tanaka")["match"]["level"], "certain");
    assert_eq!(attendee(&board, "Ana Prado")["status"], "in_session");
    assert_eq!(attendee(&board, "Luis Prado")["status"], "in_session");
    assert_eq!(attendee(&board, "Mario Gonzales")["status"], "waiting");
    assert_eq!(attendee(&board, "Tom Reyes")["status"], "expected");
    assert_eq!(board["unmatched"][0]["name"], "Interpreter ES", "the desk is asked who that is");
    let guests = board["guests"].as_array().unwrap();
    assert_eq!(
        (guests.len(), &guests[0]["as"]),
        (1, &"interpreter".into()),
        "and has marked another: {guests:?}"
    );
    assert_eq!(attendee(&board, "Ida Lund")["status"], "no_show_proposed");
    let warnings: Vec<&str> =
        board["warnings"].as_array().unwrap().iter().filter_map(|warning| warning["kind"].as_str()).collect();
    assert!(warnings.contains(&"previous_still_there"), "{warnings:?}");
    assert!(warnings.contains(&"unknown_waiting"), "{warnings:?}");
    let addresses = demo.addresses().await.unwrap().join("\n");
    for face in ["/demo", "/demo/as/desk", "/demo/as/osei", "/demo/as/admin", "/v/", "simulated Zoom"] {
        assert!(addresses.contains(face), "{face} in {addresses}");
    }
    stop(demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_by_the_bare_link_is_not_taken_for_anybody_for_certain() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    demo.player.play_until("2026-11-23T16:59:30Z".parse().unwrap()).await;
    let board = board(&demo).await;
    let level = &attendee(&board, "Hannah Vogel")["match"]["level"];
    let asked = board["unmatched"].as_array().unwrap().iter().any(|row| row["name"] == "hannah");
    assert!(asked || level != "certain", "{level}");
    assert!(asked || attendee(&board, "Hannah Vogel")["status"] == "waiting");
    stop(demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_start_goes_on_where_the_earlier_one_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    let before = statuses(&board(&demo).await);
    stop(demo).await;

    // The clock was played ahead of real time: it does not go back.
    let demo = start(&folder, "2026-11-23T16:04:00Z").await;
    let board = board(&demo).await;
    assert_eq!(statuses(&board), before);
    let as_of: Timestamp = board["as_of"].as_str().unwrap().parse().unwrap();
    assert!(as_of >= MORNING.parse().unwrap(), "{as_of}");
    demo.player.play_until("2026-11-23T18:30:00Z".parse().unwrap()).await;
    stop(demo).await;

    let demo = start(&folder, "2026-11-23T18:40:00Z").await;
    let board = self::board(&demo).await;
    assert_eq!(attendee(&board, "Mario Gonzales")["status"], "left");
    assert_eq!(attendee(&board, "Ibrahim Haddad")["status"], "opened");
    stop(demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_day_begins_with_a_book_of_its_own_and_empty_rooms() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    stop(demo).await;

    let demo = start(&folder, "2026-11-25T21:20:00Z").await;
    let board = board(&demo).await;
    assert_eq!(board["date"], "2026-11-25");
    assert_eq!(attendee(&board, "Mei Tanaka")["status"], "left");
    assert_eq!(attendee(&board, "Ana Prado")["status"], "in_session");
    assert_eq!(board["unmatched"].as_array().unwrap().len(), 1, "somebody of another day is still in a room");
    stop(demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_click_signs_in_and_the_clock_can_be_set() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    let addresses = demo.addresses().await.unwrap().join(" ");
    let panel = addresses.split_whitespace().find(|word| word.ends_with("/demo")).unwrap().to_owned();
    let http = client(Limits::default()).unwrap();

    let page = http.get(&panel).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let text = page.text().await.unwrap();
    assert!(text.contains("Priya Nair") && text.contains("yours to play"), "{text}");

    let signed_in = http.post(format!("{panel}/as/desk")).send().await.unwrap();
    assert_eq!(signed_in.status(), 303);
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let board = http.get(panel.replace("/demo", "/board")).header("cookie", cookie).send().await.unwrap();
    assert_eq!(board.status(), 200);

    let foreign = http.post(format!("{panel}/as/admin")).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.unwrap().status(), 403, "another site must not sign anybody in");

    let faster =
        http.post(format!("{panel}/rate")).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(faster.body("rate=sixty").send().await.unwrap().status(), 303);
    let moving: Value = http.get(format!("{panel}/moving")).send().await.unwrap().json().await.unwrap();
    assert_eq!(moving["rate"], "sixty");
    assert!(!moving["ahead"].as_array().unwrap().is_empty());
    stop(demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patients_receive_what_the_clinic_sends_and_can_answer() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder, MORNING).await;
    let addresses = demo.addresses().await.unwrap().join(" ");
    let post = addresses.split_whitespace().find(|word| word.ends_with("/demo/post")).unwrap().to_owned();
    let http = client(Limits::default()).unwrap();
    let app = demo.panel.app();
    let mut changes = app.store.changes();
    let mut shows = async |wanted: &[&str]| loop {
        let page = http.get(&post).send().await.unwrap().text().await.unwrap();
        if wanted.iter().all(|wanted| page.contains(wanted)) {
            return page;
        }
        // Messages leave a moment after the visits were booked; the board hears when they have.
        let _ = changes.recv().await;
    };
    let page = shows(&["text message to Tom Reyes", "mail to Tom Reyes", "<a href=\"http://127.0.0.1"]).await;
    assert!(!page.contains("Zoe Adler"), "she agreed to nothing");

    let phone = reach::Reach::of("p-reyes").unwrap().phone;
    let reply = http.post(format!("{post}/reply")).form(&[("from", phone.as_str()), ("body", "Stop")]);
    assert_eq!(reply.send().await.unwrap().status(), 303);
    let mut tx = app.store.read().await.unwrap();
    let by_text = domain::outreach::message::Channel::Sms;
    assert_eq!(tx.opted_out(by_text, &[phone.to_string()]).await.unwrap(), [phone.to_string()]);
    drop(tx);
    stop(demo).await;
}
