//! The pages that patients and the desk use most can be used by everybody: nothing that axe-core finds, light and dark;
//! nothing wider than a telephone; and little to load.

use std::time::Duration;

use domain::Ambient;
use reqwest::Method;
use serde_json::json;
use tests::{
    browser::{Driver, Person},
    clinic::{Clinic, Program},
    post::{MailServer, TextProvider},
    zoom::Zoom,
};

/// The most bytes that the patient's page may take, with all that it loads.
const MOST_BYTES: u64 = 100_000;
const TELEPHONE: (u32, u32) = (360, 800);
const DESK: (u32, u32) = (1_440, 900);
const DARK: &str = "--blink-settings=preferredColorScheme=0";

async fn look_at(person: &Person, address: &str, found: &mut Vec<String>) {
    for (width, height) in [DESK, TELEPHONE] {
        person.window.set_window_size(width, height).await.expect("a window has a size");
        person.open(address).await;
        for barrier in person.barriers().await {
            found.push(format!("{address} at {width}: {barrier}"));
        }
        let overflow = person.overflow().await;
        if overflow > 0 {
            found.push(format!("{address} at {width}: {overflow} pixels too wide"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_use_the_pages_of_patients_and_of_the_desk() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let (mail, texts) = (MailServer::start().await, TextProvider::start().await);
    zoom.settings = zoom.settings.with(mail.settings()).with(texts.settings());
    let settings = &zoom.settings;
    let clinic = Clinic::add(settings).await;
    let clinician_link = clinic.add_user("Dr. Amara Osei", "a.osei@riverside.example", &["staff"]).await;
    let desk_link = clinic.add_user("Priya Shah", "desk@riverside.example", &["scheduler", "admin"]).await;
    let scopes = ["appointments:write", "appointments:read", "links:send", "attendance:read"];
    let serving = settings.serve().await;
    let program = Program::new(settings, clinic.add_token(&scopes).await);
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    clinician.connect_zoom().await;

    let now = Ambient::system().now();
    let mut links = Vec::new();
    for (id, hours, name) in
        [("A-1", 0, "Rosa Delgado"), ("A-2", 1, "Ana <i>Prado</i>"), ("A-3", 72, "Rosa Delgado")]
    {
        let starts = now.plus(Duration::from_mins(10 + hours * 60));
        let person = if hours == 1 { "P-2" } else { "P-1" };
        let (path, body) = (
            format!("/api/v1/appointments/{id}"),
            json!({
                "starts_at": starts.to_string(), "ends_at": starts.plus(Duration::from_mins(50)).to_string(),
                "host": "a.osei@riverside.example", "kind": "telehealth", "status": "booked",
                "attendees": [{ "external_id": person, "name": name, "email": "rosa@home.example",
                                "phone": "+15550100123", "consent": { "email": true, "sms": true } }],
            }),
        );
        let booked = program.call(Method::PUT, &path, Some(body)).await;
        let link = booked["attendees"][0]["join_link"].as_str().expect("a link").to_owned();
        links.push((booked["id"].as_str().expect("an id").to_owned(), link));
    }
    let by_email = json!({ "to": "patients", "by": "email" });
    program.call(Method::POST, "/api/v1/appointments/A-1/links", Some(by_email)).await;
    mail.message("rosa@home.example", "/v/").await;
    let portal = program.call(Method::GET, "/api/v1/patients/P-1/visits", None).await;
    let portal = portal["portal_link"].as_str().expect("a link").to_owned();

    let root = settings.address();
    let appointment = format!("{root}/appointments/{}", links[0].0);
    let public = [
        links[0].1.clone(),
        format!("{}?lang=es", links[0].1),
        links[2].1.clone(),
        portal,
        format!("{root}/lost"),
        format!("{root}/v/{}", "A".repeat(43)),
    ];
    let of_staff = [
        format!("{root}/board"),
        appointment.clone(),
        format!("{appointment}/send?to=patients&by=sms"),
        format!("{appointment}/send?to=patients&by=email"),
        format!("{root}/outreach"),
        format!("{root}/appointments/new"),
        format!("{root}/connections"),
        format!("{root}/readiness"),
    ];
    let mut found = Vec::new();
    for (number, further) in [[].as_slice(), &[DARK]].into_iter().enumerate() {
        let patient = driver.person_who_prefers(further).await;
        for address in &public {
            look_at(&patient, address, &mut found).await;
        }
        patient.leave().await;
        if number == 0 {
            let desk = driver.person_who_prefers(further).await;
            desk.sign_in_for_the_first_time(&desk_link).await;
            for address in &of_staff {
                look_at(&desk, address, &mut found).await;
            }
            desk.leave().await;
            for page in ["room", "room/adopt", "room/told", "room/end"] {
                look_at(&clinician, &format!("{root}/{page}"), &mut found).await;
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));

    // Large letters on a small screen, and a slow line.
    let patient = driver.person().await;
    patient.window.set_window_size(TELEPHONE.0, TELEPHONE.1).await.expect("a window has a size");
    patient.open(&links[0].1).await;
    let weight = patient.weight().await;
    assert!((2_000..MOST_BYTES).contains(&weight), "the patient's page takes {weight} bytes");
    println!("the patient's page takes {weight} bytes in all");
    let larger = "document.documentElement.style.fontSize = '200%'";
    patient.window.execute(larger, vec![]).await.expect("letters can be larger");
    assert!(patient.overflow().await <= 0, "twice as large, the page is too wide for a telephone");
    if let Some(directory) = std::env::var_os("ANTEROOM_TEST_PICTURES") {
        patient.picture(&std::path::Path::new(&directory).join("visit-large.png")).await;
    }
    patient.click("Join").await;
    patient.see("Your name").await;
    patient.leave().await;
    clinician.leave().await;
    assert_eq!(serving.stop().await, Some(0));
    zoom.stop().await;
}
