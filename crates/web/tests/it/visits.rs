//! The patient's page as browsers, and what is none, use it.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::{
    Timestamp,
    outreach::{
        Settings,
        message::{Channel, Message, MessageState, Occasion, Recipient},
    },
    staff::StaffMember,
    text::{Email, Language, Name, Phone},
};
use store::ports::messages::NewMessage;

use crate::{
    pages::{JOIN, booked, give_a_room, link, page_token, presses, read, text_of},
    world::{World, ask, booking, get, post, put},
};

/// A world with a visit, its page for patients, the desk's cookie, and the visit's page at the desk.
async fn visit(world: &World) -> (String, String, String) {
    give_a_room(world).await;
    let (desk, page) = booked(world).await;
    let path = link(&read(world, &desk, &page).await, 'v');
    (path, desk, page)
}

async fn set(world: &World, settings: &Settings) {
    let mut tx = world.store().begin().await.unwrap();
    tx.set_outreach_settings(world.here.clinic.id, settings).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_page_is_in_the_language_that_is_asked_for_then_in_the_browsers_then_in_the_clinics() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    let language =
        |html: &str| html.split("<html lang=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let of = async |query: &str, browser: &str| {
        let answer = world.send(get(&format!("{path}{query}")).header("accept-language", browser)).await;
        assert_eq!(answer.status, StatusCode::OK);
        language(&answer.body)
    };
    assert_eq!(of("", "de").await, "en");
    assert_eq!(of("", "de, es-MX;q=0.8, en;q=0.5").await, "es");
    assert_eq!(of("?lang=en", "es").await, "en");
    assert_eq!(of("?lang=tlh", "es").await, "es", "there is no such language here");
    assert_eq!(of("?lang=%22%3E%3Cscript%3E", "en").await, "en");
    set(&world, &Settings { language: Language::parse("es").unwrap(), ..Settings::default() }).await;
    assert_eq!(of("", "de").await, "es");
    let spanish = world.send(get(&format!("{path}?lang=es"))).await;
    assert!(text_of(&spanish).contains("Su cita por video") && spanish.body.contains("value=\"es\""));
    let unknown = world.send(get("/v/never-was?lang=es")).await;
    assert!(text_of(&unknown).contains("Este enlace no funciona"));
}

#[tokio::test]
async fn a_scanner_of_mail_changes_nothing_by_looking_however_it_looks() {
    let world = World::new().await;
    let (path, desk, page) = visit(&world).await;
    let before = read(&world, &desk, &page).await;
    for _ in 0..3 {
        for sub in ["", "/now", "/calendar.ics", "?lang=es"] {
            for method in [Method::GET, Method::HEAD] {
                let seen = world.send(ask(method, &format!("{path}{sub}"))).await;
                assert_eq!(seen.status, StatusCode::OK, "{sub}");
            }
            for (header, value) in
                [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch")]
            {
                let seen = world.send(get(&format!("{path}{sub}")).header(header, value)).await;
                assert_eq!(seen.status, StatusCode::OK, "{sub}");
            }
        }
    }
    assert!(before.contains("Not opened yet."));
    assert!(read(&world, &desk, &page).await.contains("Not opened yet."));
}

/// As if the visit's link had just gone out to its attendee.
async fn has_just_been_sent(world: &World) {
    let now = world.app.ambient.now();
    let all = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    let mut tx = world.store().begin().await.unwrap();
    let appointment = tx.appointments(world.here.clinic.id, all, None).await.unwrap().remove(0);
    let message = Message {
        id: world.app.ambient.id(),
        clinic_id: appointment.clinic_id,
        to: Recipient::Attendee(appointment.id, appointment.attendees[0].id),
        channel: Channel::Email,
        occasion: Occasion::Link,
        state: MessageState::Queued,
        reason: None,
        asked_by: None,
        queued_at: now,
        due_at: now,
        tries: 0,
        sent_at: None,
        changed_at: now,
    };
    tx.insert_message(&NewMessage { message, content_sealed: Some(vec![1]), once: None }).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_form_submitted_by_what_has_not_loaded_the_page_leads_on_and_is_not_told() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'v');
    has_just_been_sent(&world).await;
    for form in [vec![], vec![("way", "app")], vec![("page", "made up")]] {
        let pressed = world.send(post(&format!("{path}/join")).form(&form)).await;
        assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, JOIN));
    }
    assert!(presses(&world, &room).await.is_empty(), "nobody has opened the link: a scanner's");

    let token = page_token(&world.send(get(&path)).await.body);
    world.clock.advance(Duration::from_secs(5));
    let pressed = world.send(post(&format!("{path}/join")).form(&[("page", &token)])).await;
    assert_eq!(pressed.header("location"), JOIN);
    assert_eq!(presses(&world, &room).await.iter().map(|press| press.from_page).collect::<Vec<_>>(), [true]);
}

#[tokio::test]
async fn a_press_by_a_program_of_the_clinics_own_is_kept_and_not_told_as_opened() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'v');
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!(pressed.header("location"), JOIN);
    let noted = presses(&world, &room).await;
    assert_eq!(noted.iter().map(|press| press.from_page).collect::<Vec<_>>(), [false]);
    assert!(read(&world, &desk, &page).await.contains("Not opened yet."));
    assert!(!read(&world, &desk, "/board").await.contains("Pressed Join"));
}

#[tokio::test]
async fn a_patient_without_script_joins_in_the_browser() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    let html = world.send(get(&path)).await.body;
    assert!(html.contains("name=\"way\" value=\"browser\""));
    let pressed = world
        .send(post(&format!("{path}/join")).form(&[("page", &page_token(&html)), ("way", "browser")]))
        .await;
    assert_eq!(pressed.header("location"), "https://zoom.us/wc/join/93612345678?pwd=secret");
}

#[tokio::test]
async fn the_parts_that_change_are_answered_anew_only_when_they_changed() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    let first = world.send(get(&format!("{path}/now"))).await;
    assert!(first.body.contains("data-part=\"state\"") && !first.body.contains("<html"));
    assert!(!first.body.contains(&page_token(&world.send(get(&path)).await.body)), "the page puts it in");
    let tag = first.header("etag").to_owned();
    let same = world.send(get(&format!("{path}/now")).header("if-none-match", &tag)).await;
    assert_eq!((same.status, same.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    world.clock.advance(Duration::from_hours(8));
    let over = world.send(get(&format!("{path}/now")).header("if-none-match", &tag)).await;
    assert_eq!(over.status, StatusCode::OK);
    assert!(over.body.contains("data-final") && !over.body.contains("/join"));
    assert_eq!(world.send(get("/v/never-was/now")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_patient_stops_messages_on_the_page_and_takes_it_back_there() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    let html = world.send(get(&path)).await.body;
    assert!(html.contains("Stop e-mails") && !html.contains("Stop text messages"), "no number is known");
    let stop = format!("{path}/stop");
    let without = world.send(post(&stop).form(&[("by", "email")])).await;
    assert_eq!(without.header("location"), format!("{path}#messages"));
    assert!(world.send(get(&path)).await.body.contains("Stop e-mails"), "it had not loaded the page");
    let token = page_token(&html);
    let stopped = world.send(post(&stop).form(&[("by", "email"), ("page", &token), ("lang", "es")])).await;
    assert_eq!(stopped.header("location"), format!("{path}?lang=es&said=stopped&by=email#messages"));
    let after = world.send(get(&format!("{path}?said=stopped&by=email"))).await;
    assert!(text_of(&after).contains("Done. You will not get any more of these messages."));
    assert!(after.body.contains("Send me e-mails again"));
    world.send(post(&stop).form(&[("by", "email"), ("page", &token), ("again", "1")])).await;
    let later = world.send(get(&format!("{path}?said=stopped&by=email"))).await;
    assert!(later.body.contains("Stop e-mails") && !text_of(&later).contains("You will not get any more"));
}

#[tokio::test]
async fn a_patient_takes_the_visit_into_their_calendar() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    assert!(world.send(get(&path)).await.body.contains(&format!("{path}/calendar.ics")));
    let file = world.send(get(&format!("{path}/calendar.ics"))).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.body.starts_with("BEGIN:VCALENDAR\r\n") && !file.body.contains("Rosa"));
    assert_eq!(world.send(get("/v/never-was/calendar.ics")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_revoked_link_answers_byte_for_byte_as_one_that_never_was() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    let hash = vault::Token::parse(path.strip_prefix("/v/").unwrap()).unwrap().hash();
    let mut tx = world.store().begin().await.unwrap();
    let link = tx.link(hash.as_bytes()).await.unwrap().unwrap();
    tx.revoke_link(link.clinic_id, link.id, world.app.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    let never = format!("/v/{}", "A".repeat(43));
    for (method, sub) in [
        (Method::GET, ""),
        (Method::GET, "?lang=es"),
        (Method::GET, "/calendar.ics"),
        (Method::POST, "/join"),
        (Method::POST, "/stop"),
        (Method::POST, "/opened"),
    ] {
        let revoked = world.send(ask(method.clone(), &format!("{path}{sub}"))).await;
        let unknown = world.send(ask(method, &format!("{never}{sub}"))).await;
        assert_eq!(revoked.status, StatusCode::NOT_FOUND, "{sub}");
        assert_eq!(unknown.status, revoked.status, "{sub}");
        let without_ids = |body: &str| -> String {
            // An error's own number is all that may differ.
            body.split("request_id").next().unwrap().to_owned()
        };
        if sub != "/opened" {
            assert_eq!(without_ids(&revoked.body), without_ids(&unknown.body), "{sub}");
        }
    }
    assert!(text_of(&world.send(get(&path)).await).contains("Get your link again"));
}

#[tokio::test]
async fn whoever_cannot_join_reads_whom_to_call() {
    let world = World::new().await;
    let (path, desk, page) = visit(&world).await;
    let phone = Some(Phone::parse("+15550100123").unwrap());
    set(&world, &Settings { phone, ..Settings::default() }).await;
    assert!(world.send(get(&path)).await.body.contains("tel:+15550100123"));
    world.send(post(&format!("{page}/cancel")).cookie(&desk)).await;
    let cancelled = world.send(get(&path)).await;
    assert!(text_of(&cancelled).contains("please call +1 555 010 0123."), "{}", text_of(&cancelled));
    assert!(cancelled.body.contains("href=\"tel:+15550100123\""));
}

#[tokio::test]
async fn pressing_without_end_is_told_in_the_patients_language() {
    let world = World::new().await;
    let (path, ..) = visit(&world).await;
    for _ in 0..30 {
        world.send(post(&format!("{path}/join"))).await;
    }
    let stopped = world.send(post(&format!("{path}/join")).form(&[("lang", "es")])).await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    let said = text_of(&stopped);
    assert!(said.contains("Se ha pulsado demasiadas veces. Pruebe otra vez dentro de 15 min."), "{said}");
}

#[tokio::test]
async fn the_parts_that_change_tell_of_a_moved_time_another_host_and_a_cancellation() {
    let world = World::new().await;
    give_a_room(&world).await;
    let colleague = StaffMember {
        id: world.app.ambient.id(),
        name: Name::parse("Dr. Haddad").unwrap(),
        email: Email::parse("haddad@riverside.example").unwrap(),
        external_id: None,
        ..world.here.staff.clone()
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_staff(colleague.clinic_id, &colleague).await.unwrap();
    tx.commit().await.unwrap();
    let made = world.book(&world.here, "a").await;
    let link = made["attendees"][0]["join_link"].as_str().unwrap();
    let path = link.trim_start_matches("http://127.0.0.1:8080");
    let now = async || world.send(get(&format!("{path}/now"))).await;
    let before = now().await;
    assert!(before.body.contains("2026-11-23T17:00:00Z") && before.body.contains("calendar.ics"));
    let mut body = booking(&world.here);
    let mut change = async |field: &str, value: &str| {
        body[field] = value.into();
        let put = put("/api/v1/appointments/a").token(&world.here.token).json(&body);
        assert!(world.send(put).await.status.is_success(), "{field}");
    };
    change("ends_at", "2026-11-23T18:30:00Z").await;
    change("starts_at", "2026-11-23T18:00:00Z").await;
    change("host", colleague.email.as_str()).await;
    let after = now().await;
    assert!(after.body.contains("2026-11-23T18:00:00Z") && after.body.contains("<bdi>Dr. Haddad</bdi>"));
    assert!(
        !after.body.contains("2026-11-23T17:00:00Z") && !after.body.contains(world.here.staff.name.as_str())
    );
    assert_ne!(before.header("etag"), after.header("etag"));
    change("status", "cancelled").await;
    let cancelled = now().await;
    assert!(!cancelled.body.contains("calendar.ics") && !cancelled.body.contains("data-to-come"));
}
