//! The main job, as the people of a clinic live it, in a browser, on each engine.

use std::time::Duration;

use domain::{Ambient, clinic::Zone};
use tests::{browser::Driver, clinic::Clinic, zoom::Zoom};

async fn the_main_job(database_url: &str) {
    let zoom = Zoom::start(database_url).await;
    let settings = &zoom.settings;
    let clinic = Clinic::add(settings).await;
    let clinician_link = clinic.add_user("Dr. Amara Osei", "a.osei@riverside.example", &["staff"]).await;
    let desk_link = clinic.add_user("Priya Shah", "desk@riverside.example", &["scheduler"]).await;
    let admin_link = clinic.add_user("Ada Okonkwo", "admin@riverside.example", &["admin"]).await;
    let serving = settings.serve().await;
    let driver = Driver::start().await;

    // A clinician connects Zoom once and has a permanent room.
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    clinician.connect_zoom().await;
    clinician.open(&format!("{}/room", settings.address())).await;
    clinician.see("My links").await;
    let guest_link = clinician.value("input[readonly][value*='/j/']").await;
    clinician.pictured("room-connected").await;

    // The front desk books a visit that starts in a few minutes.
    let desk = driver.person().await;
    desk.sign_in_for_the_first_time(&desk_link).await;
    desk.open(&format!("{}/appointments/new", settings.address())).await;
    let chicago = Zone::parse("America/Chicago").expect("a zone");
    let soon = Ambient::system().now().plus(Duration::from_mins(5)).in_zone(chicago.rules());
    desk.fill("date", &soon.strftime("%Y-%m-%d").to_string()).await;
    desk.fill("start", &soon.strftime("%H:%M").to_string()).await;
    desk.fill("minutes", "30").await;
    desk.choose("host", "Dr. Amara Osei").await;
    desk.fill("attendee-0-name", "Rosa <b>Delgado</b>").await;
    desk.find("form.booking .buttons button.main").await.click().await.expect("it can be booked");
    desk.see("Each person has a link of their own").await;
    let patient_link = desk.value("input[readonly][value*='/v/']").await;
    desk.open(&format!("{}/board", settings.address())).await;
    desk.see_state("Rosa <b>Delgado</b>", "expected").await;

    // The patient opens the link, presses Join, and waits in Zoom's waiting room.
    let patient = driver.person().await;
    patient.open(&patient_link).await;
    patient.see("Your video visit").await;
    patient.see("Dr. Amara Osei").await;
    desk.see_state("Rosa <b>Delgado</b>", "link opened").await;
    patient.pictured("visit").await;
    patient.click("Join").await;
    patient.see("Your name").await;
    assert!(patient.address().await.starts_with(guest_link.split('?').next().unwrap()), "led into her room");
    patient.fill("name", "Rosa b Delgado b").await;
    patient.click("Join").await;
    patient.see("In the waiting room").await;

    // The desk sees her wait, without touching the page; the name is certain, so it stands plain.
    desk.see_state("Rosa <b>Delgado</b>", "waiting").await;
    desk.pictured("board-waiting").await;
    assert!(!desk.text().await.contains("probably"), "she pressed her own link, alone, under her own name");

    // The clinician sees who waits, joins as host, and lets her in.
    clinician.open(&format!("{}/room", settings.address())).await;
    clinician.see("Rosa <b>Delgado</b>").await;
    clinician.press("form[action='/room/join'] button").await;
    clinician.follow_to_new_tab().await;
    clinician.choose("user_id", "Amara Osei").await;
    clinician.click("Start as host").await;
    clinician.click("Admit").await;
    desk.see_state("Rosa <b>Delgado</b>", "in session").await;
    patient.see("You are in the meeting").await;
    desk.pictured("board-in-session").await;

    // She leaves, the host ends, and the board says so.
    patient.click("Leave").await;
    desk.see_state("Rosa <b>Delgado</b>", "left").await;
    clinician.click("End meeting for all").await;

    // The admin finds the attendance afterwards.
    let admin = driver.person().await;
    admin.sign_in_for_the_first_time(&admin_link).await;
    admin.open(&format!("{}/attendance", settings.address())).await;
    admin.see("Rosa <b>Delgado</b>").await;
    admin.pictured("attendance").await;
    admin.click("Rosa <b>Delgado</b>").await;
    admin.see("Who was there").await;
    admin.see("In session").await;
    admin.pictured("appointment").await;

    // What was shown follows from what Zoom said, and the program stops as it should.
    for person in [clinician, desk, patient, admin] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    settings.succeed(&["attendance", "rebuild", "--verify"]).await;
    zoom.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_seen_to_wait_to_be_admitted_and_to_leave_on_sqlite() {
    let directory = tempfile::tempdir().expect("a directory");
    the_main_job(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_seen_to_wait_to_be_admitted_and_to_leave_on_postgresql() {
    let database = store::testing::postgres().await;
    the_main_job(&database.url).await;
}
