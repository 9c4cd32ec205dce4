//! Connected once, and it stays right: what a clinician, the admin, the desk and a patient see of it in a browser, from the
//! refusal at Zoom's consent page to the meeting that is ended for all.

use std::time::Duration;

use domain::{Ambient, Timestamp, clinic::Zone};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    browser::{Driver, Person},
    clinic::{Clinic, Program},
    zoom::Zoom,
};

const OSEI: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
const OSEIS: &str = "a.osei@riverside.example";
const BERGS: &str = "j.berg@riverside.example";

/// When a visit is booked, so that it is today at the clinic whatever the machine's clock says.
fn soon(minutes: u64) -> (Timestamp, Timestamp) {
    let chicago = Zone::parse("America/Chicago").expect("a zone");
    let now = Ambient::system().now();
    let latest = chicago.day(chicago.date(now)).end.minus(Duration::from_mins(40));
    let starts = now.plus(Duration::from_mins(minutes)).min(latest);
    (starts, starts.plus(Duration::from_mins(30)))
}

/// Books a visit and returns the patient's link.
async fn book(program: &Program, id: &str, host: &str, name: &str, times: (Timestamp, Timestamp)) -> String {
    let booking = json!({
        "starts_at": times.0.to_string(), "ends_at": times.1.to_string(), "host": host, "kind": "telehealth",
        "status": "booked", "attendees": [{ "external_id": format!("P-{id}"), "name": name }],
    });
    let booked = program.call(Method::PUT, &format!("/api/v1/appointments/{id}"), Some(booking)).await;
    booked["attendees"][0]["join_link"].as_str().expect("a link").to_owned()
}

/// A patient presses Join on their page and waits in Zoom's waiting room.
async fn comes_to_wait(driver: &Driver, link: &str, name: &str) -> Person {
    let patient = driver.person().await;
    patient.open(link).await;
    patient.see("Your video visit").await;
    patient.click("Join").await;
    patient.see("Your name").await;
    patient.fill("name", name).await;
    patient.click("Join").await;
    patient.see("In the waiting room").await;
    patient
}

/// The only meeting that is not somebody's personal one, with its owner's number.
fn number_of(zoom: &Zoom, user: &str) -> i64 {
    let meetings = zoom.handle.truth().meetings;
    let made = meetings.iter().find(|meeting| meeting.host_id == user && meeting.kind == 3);
    made.expect("a room was made").number
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connected_once_stays_connected_or_is_told_why_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let settings = &zoom.settings;
    let root = settings.address();
    let clinic = Clinic::add(settings).await;
    let clinician_link = clinic.add_user("Dr. Amara Osei", OSEIS, &["staff"]).await;
    let admin_link = clinic.add_user("Ada Okonkwo", "admin@riverside.example", &["admin"]).await;
    let token = clinic.add_token(&["appointments:write", "appointments:read"]).await;
    let serving = settings.serve().await;
    let program = Program::new(settings, token);
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    let admin = driver.person().await;
    admin.sign_in_for_the_first_time(&admin_link).await;

    // Consent is refused at Zoom's page, and the page says so.
    clinician.see("My room").await;
    clinician.click("Connect Zoom").await;
    clinician.see("Allow this app to use your Zoom account?").await;
    clinician.click("Decline").await;
    clinician.see("consent was not given").await;
    clinician.pictured("connected-1-denied").await;
    admin.open(&format!("{root}/connections")).await;
    admin.see("Dr. Amara Osei").await;
    admin.pictured("connected-2-admin-never-connected").await;

    // Then it is given.
    clinician.open(&format!("{root}/room")).await;
    clinician.connect_zoom().await;
    book(&program, "A-1", OSEIS, "Rosa Delgado", soon(10)).await;
    clinician.open(&format!("{root}/room")).await;
    clinician.see("My links").await;
    let guest_link = clinician.value("input[readonly][value*='/j/']").await;
    let number = number_of(&zoom, OSEI);
    admin.open(&format!("{root}/connections")).await;
    admin.see("Ready").await;
    admin.pictured("connected-3-admin-ready").await;

    // The password changes at Zoom: whoever looks finds it, and both pages say why.
    zoom.handle.change_password(OSEI).expect("a user");
    admin.click("Check now: the room of Dr. Amara Osei").await;
    admin.see("Zoom no longer accepts").await;
    admin.pictured("connected-4-admin-broken").await;
    clinician.open(&format!("{root}/room")).await;
    clinician.see("Zoom no longer accepts your connection").await;
    clinician.pictured("connected-5-room-broken").await;

    // Connecting again keeps the room and the links.
    clinician.press("a[href='/zoom/connect']").await;
    clinician.see("Allow this app to use your Zoom account?").await;
    clinician.click("Allow").await;
    clinician.see("connected").await;
    clinician.open(&format!("{root}/room")).await;
    assert_eq!(clinician.value("input[readonly][value*='/j/']").await, guest_link);
    assert_eq!(number_of(&zoom, OSEI), number);
    admin.open(&format!("{root}/connections")).await;
    admin.see("Ready").await;

    // Somebody switches the waiting room off at Zoom: it is on again, and the page tells of it.
    zoom.handle
        .change_meeting(number, &json!({ "settings": { "waiting_room": false } }))
        .expect("it is there");
    tests::eventually("the waiting room to be on again", async || {
        let meetings = zoom.handle.truth().meetings;
        meetings.iter().any(|meeting| meeting.number == number && meeting.waiting_room).then_some(())
    })
    .await;
    admin.see("put right at once").await;
    admin.pictured("connected-6-admin-repaired").await;
    clinician.open(&format!("{root}/room")).await;
    clinician.pictured("connected-7-room-repaired").await;

    for person in [clinician, admin] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    zoom.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_sees_whose_account_it_is_speaks_to_all_who_wait_and_ends_for_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let settings = &zoom.settings;
    let root = settings.address();
    let clinic = Clinic::add(settings).await;
    let clinician_link = clinic.add_user("Dr. Amara Osei", OSEIS, &["staff"]).await;
    let desk_link = clinic.add_user("Priya Shah", "desk@riverside.example", &["scheduler"]).await;
    let token = clinic.add_token(&["appointments:write", "appointments:read"]).await;
    let serving = settings.serve().await;
    let program = Program::new(settings, token);
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    clinician.connect_zoom().await;
    let desk = driver.person().await;
    desk.sign_in_for_the_first_time(&desk_link).await;

    // A visit has begun and its patient waits.
    let (starts, _) = soon(0);
    let begun = (starts.minus(Duration::from_mins(2)), starts.plus(Duration::from_mins(28)));
    let rosas = book(&program, "A-1", OSEIS, "Rosa Delgado", begun).await;
    let anas = book(&program, "A-2", OSEIS, "Ana Prado", soon(12)).await;
    desk.open(&format!("{root}/board")).await;
    let patient = comes_to_wait(&driver, &rosas, "Rosa Delgado").await;
    desk.see_state("Rosa Delgado", "waiting").await;
    desk.pictured("connected-8-board-waiting").await;

    // The host joins in a browser that is signed in to another Zoom account: the board says so, and so does their page.
    clinician.open(&format!("{root}/room")).await;
    clinician.see("Rosa Delgado").await;
    clinician.press("form[action='/room/join'] button").await;
    clinician.follow_to_new_tab().await;
    clinician.see("Signed in to another Zoom account").await;
    clinician.fill("name", "Amara Osei").await;
    clinician.click("Join as a guest").await;
    clinician.see("In the waiting room").await;
    desk.see("It looks like Dr. Amara Osei is signed in to another Zoom account").await;
    desk.pictured("connected-9-board-other-account").await;
    clinician.close_tab().await;
    clinician.see("This browser is probably signed in to another Zoom account").await;
    clinician.pictured("connected-10-room-other-account").await;

    // A message to all who wait: in Zoom's waiting room and on the page of whoever is still to come.
    let number = number_of(&zoom, OSEI);
    let host = zoom.handle.start(number).expect("the right account starts it");
    clinician.open(&format!("{root}/room")).await;
    clinician.click("Running about 5 minutes late").await;
    clinician.see("What your patients read now").await;
    clinician.see("In Zoom’s waiting room").await;
    clinician.pictured("connected-11-room-message").await;
    patient.see("Running about 5 minutes late").await;
    patient.pictured("connected-12-waiting-room-message").await;
    let other = driver.person().await;
    other.open(&anas).await;
    other.see("Running about 5 minutes late").await;
    other.pictured("connected-13-patient-page-message").await;

    // She is let in, and the meeting is ended for all.
    zoom.handle.admit_all(number).expect("the meeting runs");
    patient.see("You are in the meeting").await;
    clinician.open(&format!("{root}/room")).await;
    clinician.click("End for all…").await;
    clinician.see("Rosa Delgado").await;
    clinician.pictured("connected-14-end-for-all").await;
    clinician.click("End for all").await;
    patient.see("You have left").await;
    desk.see_state("Rosa Delgado", "left").await;
    clinician.see("Nobody is in your room").await;
    clinician.pictured("connected-15-ended").await;
    let host = zoom.handle.guest(host).expect("they were there");
    assert_eq!(host.place, zoomsim::Place::Gone, "the meeting is over for the host too");

    for person in [clinician, desk, patient, other] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    settings.succeed(&["attendance", "rebuild", "--verify"]).await;
    zoom.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_morning_the_desk_sees_which_of_todays_hosts_are_not_ready() {
    let directory = tempfile::tempdir().expect("a directory");
    let zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let settings = &zoom.settings;
    let root = settings.address();
    let clinic = Clinic::add(settings).await;
    let osei_link = clinic.add_user("Dr. Amara Osei", OSEIS, &["staff"]).await;
    clinic.add_user("Jonas Berg", BERGS, &["staff"]).await;
    let desk_link = clinic.add_user("Priya Shah", "desk@riverside.example", &["scheduler"]).await;
    let token = clinic.add_token(&["appointments:write", "appointments:read"]).await;
    let serving = settings.serve().await;
    let program = Program::new(settings, token);
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&osei_link).await;
    clinician.connect_zoom().await;
    book(&program, "A-1", OSEIS, "Rosa Delgado", soon(60)).await;
    book(&program, "A-2", BERGS, "Ana Prado", soon(90)).await;

    let desk = driver.person().await;
    desk.sign_in_for_the_first_time(&desk_link).await;
    desk.open(&format!("{root}/readiness")).await;
    desk.see("Jonas Berg").await;
    desk.click("Check now").await;
    desk.see("Dr. Amara Osei").await;
    desk.pictured("connected-16-readiness").await;
    desk.open(&format!("{root}/board")).await;
    desk.see("Jonas Berg").await;
    desk.pictured("connected-17-board-not-ready").await;

    // The same for a program that runs at seven in the morning.
    let ready = settings.run(&["ready", "--json"]).await;
    assert_eq!(ready.status.code(), Some(1), "one host is not ready");
    let said: Value = serde_json::from_slice(&ready.stdout).expect("JSON");
    assert!(said.to_string().contains("Jonas Berg"), "{said}");

    for person in [clinician, desk] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    zoom.stop().await;
}
