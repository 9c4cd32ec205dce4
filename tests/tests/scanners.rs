//! What scanners of mail do with a patient's link: they fetch it, follow what stands on the page and submit its forms.
//! None of it may count.

use std::time::Duration;

use domain::{Ambient, Timestamp};
use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{
    anteroom::client,
    browser::Driver,
    clinic::{Clinic, Program},
    post::{MailServer, TextProvider},
    zoom::Zoom,
};

/// What of the program could show that something was noted.
struct Traces(Program);

impl Traces {
    /// How the only attendee stands on the board, without what changes by time alone.
    async fn on_the_board(&self) -> Value {
        let board = self.0.call(Method::GET, "/api/v1/board", None).await;
        board["appointments"][0]["attendees"][0].clone()
    }

    async fn attendance(&self) -> Value {
        self.0.call(Method::GET, "/api/v1/appointments/A-1/attendance", None).await
    }

    async fn ledger(&self) -> Value {
        self.0.call(Method::GET, "/api/v1/appointments/A-1/messages", None).await
    }
}

/// The addresses in the attributes of this name.
fn addresses(page: &str, attribute: &str) -> Vec<String> {
    let start = format!("{attribute}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

fn soon() -> (Timestamp, Timestamp) {
    let starts = Ambient::system().now().plus(Duration::from_mins(10));
    (starts, starts.plus(Duration::from_mins(50)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_of_mail_changes_nothing_and_the_link_works_afterwards() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let (mail, texts) = (MailServer::start().await, TextProvider::start().await);
    zoom.settings = zoom.settings.with(mail.settings()).with(texts.settings());
    let settings = &zoom.settings;
    let clinic = Clinic::add(settings).await;
    let clinician_link = clinic.add_user("Dr. Amara Osei", "a.osei@riverside.example", &["staff"]).await;
    let token =
        clinic.add_token(&["appointments:write", "appointments:read", "links:send", "attendance:read"]).await;
    let serving = settings.serve().await;
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    clinician.connect_zoom().await;

    let traces = Traces(Program::new(settings, token));
    let (starts, ends) = soon();
    let booking = json!({
        "starts_at": starts.to_string(), "ends_at": ends.to_string(), "host": "a.osei@riverside.example",
        "kind": "telehealth", "status": "booked",
        "attendees": [{ "external_id": "P-1", "name": "Rosa Delgado", "email": "rosa@home.example",
                        "consent": { "email": true, "sms": false } }],
    });
    traces.0.call(Method::PUT, "/api/v1/appointments/A-1", Some(booking)).await;
    let asked = json!({ "to": "patients", "by": "email" });
    traces.0.call(Method::POST, "/api/v1/appointments/A-1/links", Some(asked)).await;
    let message = mail.message("rosa@home.example", "/v/").await;
    let text = message["text"].as_str().expect("a text");
    let link = text.split_whitespace().find(|word| word.contains("/v/")).expect("a link").to_owned();
    let before = (traces.on_the_board().await, traces.attendance().await);

    // It fetches, again and again, in every way that changes nothing.
    let scanner = client();
    let page = scanner.get(&link).send().await.expect("a page").text().await.expect("a page");
    for _ in 0..3 {
        assert_eq!(scanner.head(&link).send().await.expect("an answer").status(), 200);
        assert_eq!(scanner.get(&link).send().await.expect("an answer").status(), 200);
    }
    for (name, value) in
        [("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("x-moz", "prefetch")]
    {
        let fetched = scanner.get(&link).header(name, value).send().await.expect("an answer");
        assert!(fetched.status().is_success());
    }
    // It follows every link of the page, and the files that the page asks for.
    let root = settings.address();
    for address in addresses(&page, "href").into_iter().chain(addresses(&page, "src")) {
        if address.starts_with('/') {
            scanner.get(format!("{root}{address}")).send().await.expect("an answer");
        } else if address.starts_with('?') {
            scanner.get(format!("{link}{address}")).send().await.expect("an answer");
        }
    }
    // It submits every form of the page, and what the page's script would say, without what only the page has.
    let opened = link.replace(&root, "") + "/opened";
    let forms = addresses(&page, "action");
    assert!(forms.iter().any(|form| form.ends_with("/join")), "{forms:?}");
    for form in forms.iter().chain([&opened]) {
        for body in ["", "way=app", "way=browser&page=", "by=email&page=0"] {
            let submitted = scanner
                .post(format!("{root}{form}"))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body);
            let status = submitted.send().await.expect("an answer").status();
            assert!(!status.is_server_error(), "{form} {body}: {status}");
        }
    }

    let after = (traces.on_the_board().await, traces.attendance().await);
    assert_eq!(after.0["status"], "expected", "nobody is told that she opened it");
    assert_eq!(after, before, "nothing on the board or in the record has changed");
    let ledger = traces.ledger().await.to_string();
    assert!(!ledger.contains("opened_at\":\"") && !ledger.contains("pressed_at\":\""), "{ledger}");

    // She still may be written to, and the link still works for her.
    let again = json!({ "to": "patients", "by": "email" });
    let queued = traces.0.call(Method::POST, "/api/v1/appointments/A-1/links", Some(again)).await;
    assert_eq!(queued["messages"].as_array().map(Vec::len), Some(1));
    let patient = driver.person().await;
    patient.open(&link).await;
    patient.see("Dr. Amara Osei").await;
    patient.click("Join").await;
    patient.see("Your name").await;
    let board = traces.on_the_board().await;
    assert_eq!(board["status"], "opened", "{board}");

    for person in [clinician, patient] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    zoom.stop().await;
}
