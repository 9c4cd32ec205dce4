//! Every way to hand out a link, walked in a browser: what the clipboard holds, what a mail server took, what a provider of
//! text messages took, and what another program reads in the calendar file.

use std::time::Duration;

use domain::{Ambient, Timestamp};
use fantoccini::{
    Locator,
    actions::{InputSource, MouseActions, PointerAction},
};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    browser::{Driver, Person},
    clinic::{Clinic, Program},
    eventually,
    post::{MailServer, TextProvider},
    zoom::Zoom,
};

const HOST: &str = "a.osei@riverside.example";
const HOSTS_PHONE: &str = "+15550100200";
const ANA: (&str, &str, &str) = ("P-1", "ana@home.example", "+15550100123");
const LUIS: (&str, &str, &str) = ("P-2", "luis@home.example", "+15550100124");

const PATH: &str = "/api/v1/appointments/A-1";

/// The menu behind the telehealth icon.
const ICON: &str = "//details[@id='ways']";

/// Opens a menu and clicks the entry that begins with these words.
async fn choose(person: &Person, menu: &str, words: &str) {
    let open = format!("{menu}[not(@open)]/summary");
    let entry =
        format!("{menu}//*[(self::a or self::button) and starts-with(normalize-space(.), \"{words}\")]");
    eventually(&format!("the entry {words:?} of {menu}"), async || {
        if let Ok(summary) = person.window.find(Locator::XPath(&open)).await {
            summary.click().await.ok()?;
        }
        let entry = person.window.find(Locator::XPath(&entry)).await.ok()?;
        (entry.is_displayed().await.ok()? && entry.click().await.is_ok()).then_some(())
    })
    .await;
}

/// The text of an entry that cannot be chosen.
async fn refused(person: &Person, menu: &str, words: &str) -> String {
    let entry =
        format!("{menu}//button[@aria-disabled='true' and starts-with(normalize-space(.), \"{words}\")]");
    eventually(&format!("the closed entry {words:?} of {menu}"), async || {
        person.window.find(Locator::XPath(&entry)).await.ok()?.prop("textContent").await.ok()?
    })
    .await
}

/// Goes through the page that shows what would be sent, which must name this address, and sends it.
async fn send(person: &Person, addresses: &[&str]) {
    person.see("This is sent").await;
    let shown = person.text().await;
    for address in addresses {
        assert!(shown.contains(address), "{address} is not named:\n{shown}");
    }
    assert!(shown.contains("/v/") || shown.contains("/h/"), "the message is not shown:\n{shown}");
    person.press("form[action$='/send'] button").await;
    person.see("Each person has a link of their own").await;
}

fn link_of(booked: &Value, attendee: usize) -> String {
    booked["attendees"][attendee]["join_link"].as_str().expect("a link").to_owned()
}

struct Visit {
    starts: Timestamp,
    ends: Timestamp,
}

impl Visit {
    fn booking(&self, status: &str) -> Value {
        let attendee = |(id, email, phone): (&str, &str, &str), name: &str| {
            json!({ "external_id": id, "name": name, "email": email, "phone": phone,
                    "consent": { "email": true, "sms": true } })
        };
        json!({
            "starts_at": self.starts.to_string(), "ends_at": self.ends.to_string(), "host": HOST,
            "kind": "telehealth", "status": status,
            "attendees": [attendee(ANA, "Ana Prado"), attendee(LUIS, "Luis Prado")],
        })
    }
}

/// What every calendar file must say of this visit to whoever has this link; returns UID and SEQUENCE.
fn check_calendar(message: &Value, visit: &Visit, link: &str, method: &str) -> (String, i64) {
    let files = message["calendars"].as_array().expect("a list of parts");
    assert!(!files.is_empty(), "no calendar file in {message}");
    for file in files {
        assert_eq!(file["method"], method, "{file}");
        assert_eq!(file["events"], 1);
        let at =
            |name: &str| file[name].as_str().expect("a time").parse::<Timestamp>().expect("a time in UTC");
        assert_eq!(at("start").as_seconds(), visit.starts.as_seconds());
        assert_eq!(at("end").as_seconds(), visit.ends.as_seconds());
        assert_eq!(file["status"], if method == "CANCEL" { "CANCELLED" } else { "CONFIRMED" });
        let summary = file["summary"].as_str().expect("a text");
        assert!(!summary.contains("Prado"), "{summary}");
        if method == "REQUEST" {
            assert_eq!(file["url"], link);
            assert_eq!(file["conference"], link);
            assert!(
                file["conference_parameters"]["FEATURE"].as_str().is_some_and(|all| all.contains("VIDEO"))
            );
        }
    }
    let inline = files.iter().find(|file| file["method_of_part"].is_string());
    assert_eq!(inline.expect("a part that calendars read")["method_of_part"], method);
    let first = &files[0];
    (first["uid"].as_str().expect("a UID").to_owned(), first["sequence"].as_i64().expect("a number"))
}

/// The clinic in the middle of its day: who sits where, what they look at, and where messages arrive.
struct Scene {
    desk: Person,
    clinician: Person,
    mail: MailServer,
    texts: TextProvider,
    program: Program,
    visit: Visit,
    booked: Value,
    ana: String,
    luis: String,
    staff: String,
    /// The menu of one patient, Ana.
    anas: String,
    anas_id: String,
    address: String,
    page: String,
}

/// The telehealth icon. Returns UID and SEQUENCE of Ana's entry.
async fn six_ways_for_the_whole_event(scene: &Scene) -> (String, i64) {
    let Scene { desk, mail, texts, visit, ana, luis, staff, page, .. } = scene;
    choose(desk, ICON, "Copy Staff Join Link to Clipboard").await;
    desk.see("Copied").await;
    assert_eq!(desk.pasted().await, *staff);
    choose(desk, ICON, "Send Staff Join Link by SMS").await;
    send(desk, &[HOSTS_PHONE]).await;
    let text = texts.text(HOSTS_PHONE, staff).await;
    assert!(!text["body"].as_str().expect("a text").contains("Prado"), "{text}");
    choose(desk, ICON, "Send Staff Join Link by E-mail").await;
    send(desk, &[HOST]).await;
    let message = mail.message(HOST, staff).await;
    assert_eq!(message["tls"], true);
    assert_eq!(message["user"], "clinic");
    desk.open(page).await;
    choose(desk, ICON, "Copy Patient Join Link to Clipboard").await;
    desk.see("Copied: 2 links").await;
    let pasted = desk.pasted().await;
    assert!(pasted.contains(ana) && pasted.contains(luis), "{pasted}");
    assert!(!pasted.contains("Prado"), "names do not belong into the clipboard: {pasted}");
    choose(desk, ICON, "Send Patient Join Link by SMS").await;
    send(desk, &[ANA.2, LUIS.2]).await;
    for (number, link, other) in [(ANA.2, ana, luis), (LUIS.2, luis, ana)] {
        let text = texts.text(number, link).await;
        let body = text["body"].as_str().expect("a text");
        assert!(!body.contains(other.as_str()) && !body.contains("Prado"), "{body}");
        assert!(body.is_ascii() && body.len() <= 160, "more than one segment: {body}");
        assert_eq!(text["from"], "+15550100999");
    }
    choose(desk, ICON, "Send Patient Join Link by E-mail").await;
    send(desk, &[ANA.1, LUIS.1]).await;
    let to_ana = mail.message(ANA.1, ana).await;
    let to_luis = mail.message(LUIS.1, luis).await;
    for message in [&to_ana, &to_luis] {
        assert_eq!(message["defects"], json!([]));
        assert!(message["html"].as_str().is_some_and(|html| html.contains("/v/")));
        assert!(!message.to_string().contains("Prado"), "no full name in mail");
    }
    let (uid, sequence) = check_calendar(&to_ana, visit, ana, "REQUEST");
    assert_ne!(
        uid,
        check_calendar(&to_luis, visit, luis, "REQUEST").0,
        "each patient has an entry of their own"
    );
    (uid, sequence)
}

/// "Link to Patient", and what became of it, with resending in one click.
async fn three_ways_for_one_patient(scene: &Scene) {
    let Scene { desk, mail, texts, booked, ana, anas, page, .. } = scene;
    desk.open(page).await;
    choose(desk, anas, "Copy Patient Join Link to Clipboard").await;
    desk.see("Copied").await;
    assert_eq!(desk.pasted().await, *ana);
    let (mails_before, texts_before) = (mail.all().len(), texts.all().len());
    choose(desk, anas, "Send Patient Join Link by SMS").await;
    send(desk, &[ANA.2]).await;
    choose(desk, anas, "Send Patient Join Link by E-mail").await;
    send(desk, &[ANA.1]).await;
    eventually("one more of each", async || {
        (mail.all().len() == mails_before + 1 && texts.all().len() == texts_before + 1).then_some(())
    })
    .await;
    assert_eq!(texts.all().last().expect("a text")["to"], ANA.2);

    // What became of it is on the page, and resending is one click.
    desk.see("delivered").await;
    let luises = booked["attendees"][1]["id"].as_str().expect("an id");
    let resend = format!("//li[@id='link-of-{luises}']//form[contains(@action, '/resend')][1]/button");
    eventually("resending in one click", async || {
        desk.window.find(Locator::XPath(&resend)).await.ok()?.click().await.ok()
    })
    .await;
    eventually("one more to him", async || {
        let sent =
            texts.all().iter().chain(&mail.all()).filter(|one| one.to_string().contains("/v/")).count();
        (sent == mails_before + texts_before - 2 + 3).then_some(())
    })
    .await;
}

/// In its row's menu, by right click and by keyboard.
async fn the_event_on_the_board(scene: &Scene) {
    let Scene { desk, luis, staff, address, .. } = scene;
    let row = "//li[contains(@class, 'row')][.//*[contains(., 'Prado')]]";
    let menu = format!("{row}//details[contains(@class, 'more')]");
    desk.open(&format!("{address}/board")).await;
    desk.see("Prado").await;
    let element = desk.window.find(Locator::XPath(&format!("{row}//*[@class='at']"))).await.expect("a row");
    let right_click = MouseActions::new("mouse".to_owned())
        .then(PointerAction::MoveToElement { element, duration: None, x: 2.0, y: 2.0 })
        .then(PointerAction::Down { button: 2 })
        .then(PointerAction::Up { button: 2 });
    desk.window.perform_actions(right_click).await.expect("a right click");
    choose(desk, &menu, "Get Staff Telehealth Link").await;
    desk.see("Copied").await;
    assert_eq!(desk.pasted().await, *staff);
    assert!(refused(desk, &menu, "Join Telehealth Session").await.contains("signed in"));
    for words in [
        "Copy Staff Join Link to Clipboard",
        "Send Staff Join Link by SMS",
        "Send Staff Join Link by E-mail",
        "Copy Patient Join Link to Clipboard",
        "Send Patient Join Link by SMS",
        "Send Patient Join Link by E-mail",
    ] {
        let entry =
            format!("{menu}//*[(self::a or self::button) and starts-with(normalize-space(.), \"{words}\")]");
        assert!(desk.window.find(Locator::XPath(&entry)).await.is_ok(), "{words} is missing on the board");
    }
    desk.open(&format!("{address}/board")).await;
    desk.see("Prado").await;
    desk.window
        .execute("document.querySelector('li.row').focus()", vec![])
        .await
        .expect("a row has the focus");
    desk.window.active_element().await.expect("the row").send_keys("m").await.expect("a key");
    choose(desk, &menu, "Copy Patient Join Link to Clipboard").await;
    desk.see("Copied").await;
    assert!(desk.pasted().await.contains(luis));
}

/// From the appointment's page.
async fn the_clinician_joins(scene: &Scene) {
    let Scene { clinician, page, .. } = scene;
    clinician.open(page).await;
    choose(clinician, "//main", "Join Telehealth Session").await;
    clinician.see("Start as host").await;
}

/// Whoever says STOP is sent none; a forged STOP does nothing.
async fn no_texts_after_stop(scene: &Scene) {
    let Scene { desk, texts, program, anas, anas_id, address, page, .. } = scene;
    assert_eq!(texts.answer(address, LUIS.2, "STOP", false).await.0, 403);
    let (status, said) = texts.answer(address, ANA.2, " Stop ", true).await;
    assert_eq!(status, 200, "{said}");
    desk.open(page).await;
    let why = refused(desk, anas, "Send Patient Join Link by SMS").await;
    assert!(why.contains("want nothing more"), "{why}");
    let asked = json!({ "to": anas_id, "by": "sms" });
    let (status, answer) = program.ask(Method::POST, &format!("{PATH}/links"), Some(asked)).await;
    assert_eq!(status, 409, "{answer}");
    let asked = json!({ "to": "patients", "by": "sms" });
    let (status, answer) = program.ask(Method::POST, &format!("{PATH}/links"), Some(asked)).await;
    assert_eq!((status, answer["messages"].as_array().map(Vec::len)), (202, Some(1)), "{answer}");
}

/// Another host keeps the links; a cancelled visit is taken out of the calendars.
async fn links_stay_and_calendars_follow(scene: &Scene, entry: (String, i64)) {
    let Scene { desk, mail, program, visit, ana, luis, staff, .. } = scene;
    desk.choose("host", "Dr. Nils Lindqvist").await;
    desk.press("form[action$='/host'] button").await;
    desk.see("Dr. Nils Lindqvist").await;
    let moved = program.call(Method::GET, PATH, None).await;
    assert_eq!((link_of(&moved, 0), link_of(&moved, 1)), (ana.clone(), luis.clone()));
    assert_eq!(moved["host_link"], staff.as_str());
    program.call(Method::PUT, PATH, Some(visit.booking("cancelled"))).await;
    let cancelled = eventually("a cancellation", async || {
        let is_it = |one: &Value| one["to"] == json!([ANA.1]) && one["calendars"][0]["method"] == "CANCEL";
        mail.all().into_iter().find(is_it)
    })
    .await;
    let (same, later) = check_calendar(&cancelled, visit, ana, "CANCEL");
    assert_eq!(same, entry.0, "the same entry");
    assert!(later > entry.1, "{later} is not after {}", entry.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_entry_of_the_menus_hands_out_the_right_link_in_its_way() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut zoom = Zoom::start(&format!("sqlite://{}/anteroom.db", directory.path().display())).await;
    let (mail, texts) = (MailServer::start().await, TextProvider::start().await);
    zoom.settings = zoom.settings.with(mail.settings()).with(texts.settings());
    let settings = &zoom.settings;
    let clinic = Clinic::add(settings).await;
    let clinician_link =
        clinic.add_user_with("Dr. Amara Osei", HOST, &["staff"], &["--phone", HOSTS_PHONE]).await;
    clinic.add_user("Dr. Nils Lindqvist", "n.lindqvist@riverside.example", &["staff"]).await;
    let desk_link = clinic.add_user("Priya Shah", "desk@riverside.example", &["scheduler"]).await;
    let scopes = ["appointments:write", "appointments:read", "links:send", "attendance:read"];
    let serving = settings.serve().await;
    let program = Program::new(settings, clinic.add_token(&scopes).await);
    let driver = Driver::start().await;
    let clinician = driver.person().await;
    clinician.sign_in_for_the_first_time(&clinician_link).await;
    clinician.connect_zoom().await;

    let starts = Ambient::system().now().plus(Duration::from_mins(20));
    let visit = Visit { starts, ends: starts.plus(Duration::from_mins(50)) };
    let booked = program.call(Method::PUT, PATH, Some(visit.booking("booked"))).await;
    let (ana, luis) = (link_of(&booked, 0), link_of(&booked, 1));
    let staff = booked["host_link"].as_str().expect("a link").to_owned();
    let anas_id = booked["attendees"][0]["id"].as_str().expect("an id").to_owned();
    let page = format!("{}/appointments/{}", settings.address(), booked["id"].as_str().expect("an id"));
    let desk = driver.person().await;
    desk.sign_in_for_the_first_time(&desk_link).await;
    desk.open(&page).await;
    let scene = Scene {
        anas: format!("//details[@id='ways-{anas_id}']"),
        address: settings.address(),
        desk,
        clinician,
        mail,
        texts,
        program,
        visit,
        booked,
        ana,
        luis,
        staff,
        anas_id,
        page,
    };

    let entry = six_ways_for_the_whole_event(&scene).await;
    three_ways_for_one_patient(&scene).await;
    the_event_on_the_board(&scene).await;
    the_clinician_joins(&scene).await;
    no_texts_after_stop(&scene).await;
    links_stay_and_calendars_follow(&scene, entry).await;

    for person in [scene.clinician, scene.desk] {
        person.leave().await;
    }
    assert_eq!(serving.stop().await, Some(0));
    zoom.stop().await;
}
