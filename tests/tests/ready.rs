//! Whether the day can begin, asked from a shell.

use std::time::Duration;

use domain::Ambient;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    anteroom::Settings,
    clinic::{Clinic, Program},
};

/// Books a visit that begins now.
async fn book(program: &Program, host: &str) {
    let now = Ambient::system().now();
    let visit = json!({
        "starts_at": now, "ends_at": now.plus(Duration::from_mins(30)), "host": host,
        "kind": "telehealth", "status": "booked",
        "attendees": [{ "external_id": "p-1", "name": "Rosa Delgado", "consent": { "email": false, "sms": false } }],
    });
    program.call(Method::PUT, "/api/v1/appointments/a-1", Some(visit)).await;
}

#[tokio::test]
async fn a_shell_hears_by_the_exit_code_whether_todays_hosts_are_ready() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}/ready.db", folder.path().display());
    // Nothing listens there: whoever never connected is known not to be ready without asking Zoom.
    let settings = Settings::new(&database, "http://127.0.0.1:1");
    let clinic = Clinic::add(&settings).await;
    clinic.add_user("Dr Amara Osei", "osei@clinic.example", &["staff"]).await;
    let none = settings.run(&["ready"]).await;
    assert_eq!(none.status.code(), Some(0), "{none:?}");
    assert!(String::from_utf8_lossy(&none.stdout).contains("No visit by video is booked for today."));

    let token = clinic.add_token(&["appointments:write"]).await;
    let serving = settings.serve().await;
    book(&Program::new(&settings, token), "osei@clinic.example").await;
    let open = settings.run(&["ready"]).await;
    assert_eq!(open.status.code(), Some(1), "beside the running service: {open:?}");
    let told = String::from_utf8_lossy(&open.stdout).into_owned();
    assert!(told.contains("NOT READY") && told.contains("Dr Amara Osei: Sign in to Anteroom"), "{told}");
    assert!(!told.contains("Rosa"), "no patient is named");

    let report = settings.run(&["ready", "--clinic", "Riverside Counseling", "--json"]).await;
    assert_eq!(report.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let host = &report["clinics"][0]["hosts"][0];
    assert_eq!((&report["ready"], &host["connection"]), (&json!(false), &json!("not_connected")), "{report}");
    assert_eq!(host["todo"][0]["by"], "owner");

    let unknown = settings.run(&["ready", "--clinic", "Nowhere"]).await;
    assert_eq!((unknown.status.code(), unknown.stdout.as_slice()), (Some(2), &b""[..]));
    serving.stop().await;
}
