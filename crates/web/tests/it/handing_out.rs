//! Handing links out from the appointment's page and from the board: each entry of the menus, and each refusal.

use axum::http::StatusCode;
use domain::{
    appointment::Appointment,
    outreach::message::{Channel, Message, MessageState, Occasion},
    staff::{Role, StaffMember},
    text::{Email, Phone},
};
use serde_json::{Value, json};

use crate::{
    pages::{give_a_room, link, read, text_of},
    world::{Answer, Place, World, booking, get, post, put},
};

/// A world that sends e-mail and text messages, to nobody who answers.
async fn world() -> World {
    World::of_parts("http://127.0.0.1:8080", |parts| {
        let from = Email::parse("visits@riverside.example").unwrap();
        let mail = outreach::MailSettings { url: "smtp://127.0.0.1:1".into(), from };
        let sms = outreach::SmsSettings {
            url: "http://127.0.0.1:1".parse().unwrap(),
            account: "AC1".to_owned(),
            token: "token".into(),
            from: Phone::parse("+15550100999").unwrap(),
        };
        parts.outreach = parts.outreach.clone().sending_by(Some(mail), Some(sms));
    })
    .await
}

/// A visit of two: one who agreed to both, one who agreed to nothing.
fn of_two(place: &Place) -> Value {
    let mut body = booking(place);
    body["attendees"] = json!([
        { "external_id": "p-1", "name": "Ana Prado", "email": "ana@example.org", "phone": "+15550100111",
          "consent": { "email": true, "sms": true } },
        { "external_id": "p-2", "name": "Luis <b>Prado</b>", "email": "luis@example.org",
          "consent": { "email": false, "sms": false } },
    ]);
    body
}

struct Visit {
    world: World,
    desk: String,
    page: String,
    ana: String,
    luis: String,
    host: String,
}

impl Visit {
    async fn of(world: World, body: &Value) -> Self {
        give_a_room(&world).await;
        let answer = world.send(put("/api/v1/appointments/a").token(&world.here.token).json(body)).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        let booked = answer.json();
        let link = |place: &Value| place.as_str().unwrap_or_default().to_owned();
        Self {
            desk: world.session_of(&world.here.scheduler).await,
            page: format!("/appointments/{}", booked["id"].as_str().unwrap()),
            ana: booked["attendees"][0]["id"].as_str().unwrap().to_owned(),
            luis: link(&booked["attendees"][1]["id"]),
            host: link(&booked["host_link"]),
            world,
        }
    }

    async fn new() -> Self {
        let world = world().await;
        let body = of_two(&world.here);
        Self::of(world, &body).await
    }

    async fn read(&self, path: &str) -> String {
        read(&self.world, &self.desk, path).await
    }

    /// The path of her link, as it stands on the page to be marked by hand.
    async fn anas_link(&self) -> String {
        let page = self.read(&self.page).await;
        let field = page.split(&format!("id=\"address-{}\"", self.ana)).nth(1).unwrap();
        link(field, 'v')
    }

    async fn press(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.world.send(post(path).cookie(&self.desk).form(fields)).await
    }

    async fn appointment(&self) -> Appointment {
        let id = self.page.strip_prefix("/appointments/").unwrap().parse().unwrap();
        let mut tx = self.world.store().read().await.unwrap();
        tx.appointment(self.world.here.clinic.id, id).await.unwrap().unwrap()
    }

    async fn messages(&self) -> Vec<Message> {
        let appointment = self.appointment().await;
        let mut tx = self.world.store().read().await.unwrap();
        tx.messages_of_all(appointment.clinic_id, &[appointment.id]).await.unwrap()
    }

    /// Everybody who has no business with this visit: their cookies.
    async fn strangers(&self) -> Vec<String> {
        let world = &self.world;
        let colleague = StaffMember {
            id: world.app.ambient.id(),
            email: Email::parse("colleague@riverside.example").unwrap(),
            external_id: None,
            roles: [Role::Staff].into(),
            ..world.here.staff.clone()
        };
        let mut tx = world.store().begin().await.unwrap();
        tx.insert_staff(colleague.clinic_id, &colleague).await.unwrap();
        tx.commit().await.unwrap();
        let mut cookies = vec![world.session_of(&colleague).await];
        for person in [&world.there.scheduler, &world.there.admin, &world.there.staff] {
            cookies.push(world.session_of(person).await);
        }
        cookies
    }
}

/// The menu's entry that begins with these words: its tag, and what stands in it.
fn entries<'a>(html: &'a str, word: &str) -> Vec<&'a str> {
    let start = format!("<span>{word}");
    html.match_indices(&start)
        .map(|(at, _)| {
            let tag = html.get(..at).unwrap().rfind('<').unwrap();
            let end = html.get(at..).unwrap().find("</span></").map_or(html.len(), |end| at + end);
            html.get(tag..end).unwrap()
        })
        .collect()
}

const COPY_STAFF: &str = "Copy Staff Join Link to Clipboard";
const SMS_STAFF: &str = "Send Staff Join Link by SMS";
const MAIL_STAFF: &str = "Send Staff Join Link by E-mail";
const COPY: &str = "Copy Patient Join Link to Clipboard";
const SMS: &str = "Send Patient Join Link by SMS";
const MAIL: &str = "Send Patient Join Link by E-mail";

#[tokio::test]
async fn the_icon_offers_six_ways_and_each_patient_three() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    for (word, how_often) in
        [(COPY_STAFF, 1), (SMS_STAFF, 1), (MAIL_STAFF, 1), (COPY, 3), (SMS, 3), (MAIL, 3)]
    {
        assert_eq!(entries(&page, word).len(), how_often, "{word}");
    }
    assert!(page.contains("Telehealth links") && page.contains("Link to Patient"));
    assert!(page.contains("Join Telehealth Session") && page.contains("Get Staff Telehealth Link"));
    let send = |to: &str, by: &str| format!("href=\"{}/send?to={to}&#38;by={by}\"", visit.page);
    for wanted in [
        send("staff", "email"),
        send("patients", "sms"),
        send("patients", "email"),
        send(&visit.ana, "sms"),
        send(&visit.ana, "email"),
    ] {
        assert!(page.contains(&wanted), "{wanted}");
    }
    assert!(!page.contains(&send(&visit.luis, "email")), "he has not agreed");
}

#[tokio::test]
async fn what_is_copied_stands_in_the_page_and_names_nobody() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    let text =
        |entry: &str| entry.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(text(entries(&page, COPY_STAFF)[0]), visit.host);
    let all = text(entries(&page, COPY)[0]);
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert!(lines[0].starts_with("A. P.: http") && lines[1].starts_with("L. B.: http"), "{all}");
    assert!(!all.contains("Prado") && !all.contains("/h/"), "{all}");
    let one = text(entries(&page, COPY)[1]);
    assert!(one.starts_with("http://127.0.0.1:8080/v/") && !one.contains('\n'), "{one}");
}

#[tokio::test]
async fn two_patients_with_the_same_initials_are_told_apart_in_the_clipboard() {
    let world = world().await;
    let mut body = of_two(&world.here);
    body["attendees"][1]["name"] = json!("Alva Prado");
    let visit = Visit::of(world, &body).await;
    let page = visit.read(&visit.page).await;
    assert!(page.contains("A. P. (patient 1): http") && page.contains("A. P. (patient 2): http"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_there_with_the_reason() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    let is_off = |entry: &str| entry.starts_with("<button type=\"button\" aria-disabled=\"true\">");
    let staff = entries(&page, SMS_STAFF)[0];
    assert!(is_off(staff) && staff.contains("No mobile number"), "{staff}");
    let all = entries(&page, SMS)[0];
    assert!(all.starts_with("<a ") && all.contains("Not to") && all.contains("Luis"), "{all}");
    let luis = entries(&page, SMS)[2];
    assert!(is_off(luis) && luis.contains("There is no address for it."), "{luis}");
    let luis = entries(&page, MAIL)[2];
    assert!(is_off(luis) && luis.contains("They have not agreed to it."), "{luis}");
    assert!(!page.contains("<b>Prado"), "a name is text");
    assert!(page.contains("The link of Luis &#60;b&#62;Prado"), "also in labels");
}

#[tokio::test]
async fn where_nothing_is_set_up_copying_still_works_and_the_rest_says_so() {
    let world = World::new().await;
    let body = of_two(&world.here);
    let visit = Visit::of(world, &body).await;
    let page = visit.read(&visit.page).await;
    for word in [SMS_STAFF, MAIL_STAFF, SMS, MAIL] {
        for entry in entries(&page, word) {
            assert!(entry.contains("It is not set up on this installation."), "{entry}");
        }
    }
    assert!(entries(&page, COPY)[0].contains("data-copy"));
    let preview = visit.read(&format!("{}/send?to={}&by=email", visit.page, visit.ana)).await;
    assert!(preview.contains("Nobody can be sent anything this way."), "{preview}");
    assert!(!preview.contains("<form method=\"post\" action=\"/appointments"), "there is nothing to press");
}

#[tokio::test]
async fn of_a_cancelled_or_in_person_visit_nothing_is_handed_out_and_the_menu_says_why() {
    for (field, value, why) in [
        ("status", "cancelled", "The visit is cancelled, and its links say so."),
        ("kind", "in_person", "The visit is at the clinic: there is no room to join."),
    ] {
        let world = world().await;
        let mut body = of_two(&world.here);
        body[field] = json!(value);
        let visit = Visit::of(world, &body).await;
        for path in [visit.page.clone(), format!("{}/menu", visit.page)] {
            let html = visit.read(&path).await;
            // No rule offers telehealth here, so the page of a visit at the clinic says nothing of links at all.
            if value == "in_person" && path == visit.page {
                assert!(!html.contains("Telehealth links") && !html.contains("Link to Patient"), "{html}");
            } else {
                assert!(html.contains(why), "{path}: {html}");
            }
            assert!(!html.contains("/v/") && !html.contains("/h/"), "{path} hands out a link");
            assert!(!html.contains(&format!("{}/send?", visit.page)), "{path}");
        }
        let preview = visit.read(&format!("{}/send?to=patients&by=email", visit.page)).await;
        assert!(preview.contains("lead nowhere"), "{preview}");
        let sent = visit.press(&format!("{}/send", visit.page), &[("to", "patients"), ("by", "email")]).await;
        assert_eq!(sent.status, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn what_will_be_sent_is_shown_first_with_whom_and_who_is_left_out() {
    let visit = Visit::new().await;
    let preview = visit.read(&format!("{}/send?to=patients&by=sms", visit.page)).await;
    assert!(preview.contains("+15550100111") && preview.contains("Ana Prado"), "{preview}");
    assert!(preview.contains("one segment") && preview.contains("http://127.0.0.1:8080/v/"), "{preview}");
    assert!(preview.contains("Left out") && preview.contains("There is no address for it."), "{preview}");
    assert!(preview.contains("Luis &#60;b&#62;Prado"), "{preview}");
    let mail = visit.read(&format!("{}/send?to={}&by=email", visit.page, visit.ana)).await;
    assert!(mail.contains("ana@example.org") && mail.contains("Subject") && mail.contains("From"), "{mail}");
    assert!(mail.contains("The same as HTML") && mail.contains("&#60;html"), "{mail}");
    assert!(visit.messages().await.is_empty(), "looking sends nothing");
}

#[tokio::test]
async fn sending_queues_it_and_the_page_tells_what_became_of_it() {
    let visit = Visit::new().await;
    let fields = [("to", visit.ana.as_str()), ("by", "email")];
    let sent = visit.press(&format!("{}/send", visit.page), &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let back = sent.header("location").to_owned();
    assert!(back.starts_with(&format!("{}?done=queued", visit.page)) && back.ends_with("#links"), "{back}");
    let messages = visit.messages().await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!((message.channel, message.occasion), (Channel::Email, Occasion::Link));
    assert_eq!(message.state, MessageState::Queued);
    let page = visit.read(back.split('#').next().unwrap()).await;
    assert!(page.contains("An e-mail for \u{2068}Ana Prado\u{2069} is queued."), "{page}");
    assert!(page.contains("e-mail on its way") && page.contains("sid of Riverside"), "{page}");
    assert!(visit.read("/board").await.contains("e-mail on its way"));
    // Nobody answers at that address: it is tried again, and the page says so.
    visit.world.app.outreach.send_due().await.unwrap();
    let part = visit.read(&format!("{}/links", visit.page)).await;
    assert!(part.contains("e-mail not sent yet, tried again"), "{part}");
    let again = visit.press(&format!("/messages/{}/resend", message.id), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "what still waits is not sent twice");
}

#[tokio::test]
async fn a_message_that_is_over_is_sent_again_with_one_press() {
    let visit = Visit::new().await;
    let fields = [("to", visit.ana.as_str()), ("by", "email")];
    visit.press(&format!("{}/send", visit.page), &fields).await;
    let first = visit.messages().await[0].clone();
    let mut tx = visit.world.store().begin().await.unwrap();
    let failed = store::ports::messages::Tried::Over(MessageState::Failed, "smtp_550".to_owned());
    tx.settle_message(first.clinic_id, first.id, &failed, visit.world.app.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = visit.read(&visit.page).await;
    assert!(page.contains("knows no such mailbox") && page.contains("e-mail failed"), "{page}");
    let resend = format!("/messages/{}/resend", first.id);
    assert!(page.contains(&format!("action=\"{resend}\"")), "{page}");
    for stranger in visit.strangers().await {
        let answer = visit.world.send(post(&resend).cookie(&stranger)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(visit.messages().await.len(), 1);
    let again = visit.press(&resend, &[]).await;
    assert!(again.header("location").contains("done=queued"), "{}", again.body);
    assert_eq!(visit.messages().await.len(), 2);
}

#[tokio::test]
async fn what_was_copied_is_noted_and_leaves_the_lane_of_those_without_a_link() {
    let visit = Visit::new().await;
    let lane = |board: &str| board.contains("id=\"unsent\"");
    let board = visit.read("/board").await;
    assert!(lane(&board) && board.contains("no link sent yet"), "{board}");
    assert!(board.contains(&format!("href=\"{}/send?to=patients&#38;by=email\"", visit.page)), "{board}");
    let copied = format!("{}/copied", visit.page);
    let noted = visit.press(&copied, &[("to", &visit.ana)]).await;
    assert_eq!(noted.status, StatusCode::NO_CONTENT);
    let board = visit.read("/board").await;
    assert!(lane(&board), "the other one has none yet");
    assert!(!board.contains(&format!("{}/send?to={}", visit.page, visit.luis)), "and agreed to nothing");
    visit.press(&copied, &[("to", "patients")]).await;
    let board = visit.read("/board").await;
    assert!(!lane(&board) && board.contains("link copied 10:00"), "{board}");
    assert!(visit.read(&visit.page).await.contains("Link copied"));
    let states: Vec<_> = visit.messages().await.iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Copied; 2]);
    for to in ["", "everybody", "att_01935a5a70007000800000000000002a"] {
        assert_eq!(visit.press(&copied, &[("to", to)]).await.status, StatusCode::NOT_FOUND, "{to}");
    }
}

#[tokio::test]
async fn the_lane_ends_with_the_start_and_is_for_today_alone() {
    let visit = Visit::new().await;
    let lane = |board: &str| board.contains("id=\"unsent\"");
    assert!(lane(&visit.read("/board").await));
    for (now, path, why) in [
        ("2026-11-23T17:00:00Z", "/board", "the visit has begun"),
        ("2026-11-22T17:00:00Z", "/board?date=2026-11-23", "that is tomorrow"),
    ] {
        visit.world.clock.set(now.parse().unwrap());
        let desk = visit.world.session_of(&visit.world.here.scheduler).await;
        let board = read(&visit.world, &desk, path).await;
        assert!(board.contains("Ana Prado") && !lane(&board), "{why}");
    }
}

#[tokio::test]
async fn a_renewed_link_works_in_place_of_the_old_one_after_a_question() {
    let visit = Visit::new().await;
    let before = visit.anas_link().await;
    let ask = format!("{}/links/renew?to={}", visit.page, visit.ana);
    let question = visit.read(&ask).await;
    assert!(question.contains("Ana Prado") && question.contains("stops at once"), "{question}");
    assert_eq!(visit.world.send(get(&before)).await.status, StatusCode::OK, "asking ends nothing");
    for stranger in visit.strangers().await {
        let asked = visit.world.send(get(&ask).cookie(&stranger)).await;
        let path = format!("{}/links/renew", visit.page);
        let answer = visit.world.send(post(&path).cookie(&stranger).form(&[("to", &visit.ana)])).await;
        assert_eq!((asked.status, answer.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    }
    assert_eq!(visit.world.send(get(&before)).await.status, StatusCode::OK);
    visit.press(&format!("{}/copied", visit.page), &[("to", "patients")]).await;
    visit.world.clock.advance(std::time::Duration::from_secs(5));
    let done = visit.press(&format!("{}/links/renew", visit.page), &[("to", &visit.ana)]).await;
    assert_eq!(done.header("location"), format!("{}?done=renewed#links", visit.page));
    assert_eq!(visit.world.send(get(&before)).await.status, StatusCode::NOT_FOUND);
    let html = visit.read(&visit.page).await;
    let after = visit.anas_link().await;
    assert_ne!(before, after);
    assert_eq!(visit.world.send(get(&after)).await.status, StatusCode::OK);
    assert!(html.contains("no link sent yet"), "whoever has the old one has none");
}

#[tokio::test]
async fn another_host_gets_the_visit_and_the_links_stay() {
    let visit = Visit::new().await;
    let world = &visit.world;
    let colleague = StaffMember {
        id: world.app.ambient.id(),
        name: domain::text::Name::parse("Dr. Haddad").unwrap(),
        email: Email::parse("haddad@riverside.example").unwrap(),
        external_id: None,
        ..world.here.staff.clone()
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_staff(colleague.clinic_id, &colleague).await.unwrap();
    tx.commit().await.unwrap();
    let before = visit.read(&visit.page).await;
    let anas = visit.anas_link().await;
    assert!(before.contains("Telehealth User") && before.contains("Dr. Haddad"), "{before}");
    let path = format!("{}/host", visit.page);
    for nobody in ["", "somebody", &world.there.staff.id.to_string(), &world.here.admin.id.to_string()] {
        let answer = visit.press(&path, &[("host", nobody)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{nobody:?}");
    }
    let theirs = world.session_of(&world.there.scheduler).await;
    let host = colleague.id.to_string();
    let answer = world.send(post(&path).cookie(&theirs).form(&[("host", host.as_str())])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(visit.appointment().await.host, world.here.staff.id);

    let done = visit.press(&path, &[("host", &host)]).await;
    assert_eq!(done.header("location"), format!("{}?done=host", visit.page));
    assert_eq!(visit.appointment().await.host, colleague.id);
    let after = visit.read(&visit.page).await;
    assert_eq!((anas, link(&before, 'h')), (visit.anas_link().await, link(&after, 'h')));
    let again = visit.press(&path, &[("host", &host)]).await;
    assert_eq!(again.header("location"), format!("{}?done=same-host", visit.page));
}

#[tokio::test]
async fn only_the_host_may_join_and_everybody_else_reads_who_may() {
    let visit = Visit::new().await;
    let host = visit.world.session_of(&visit.world.here.staff).await;
    let own = read(&visit.world, &host, &visit.page).await;
    assert!(own.contains(&format!("href=\"{}\"><span>Join Telehealth Session", visit.host)), "{own}");
    let desk = visit.read(&visit.page).await;
    assert!(desk.contains("osei of Riverside\u{2069} can, signed in."), "{desk}");
    assert!(!desk.contains(&format!("href=\"{}\"", visit.host)), "it would lead the desk nowhere");
    assert!(desk.contains("Get Staff Telehealth Link"));
}

#[tokio::test]
async fn the_board_holds_no_links_and_a_rows_menu_fetches_its_own() {
    let visit = Visit::new().await;
    for path in ["/board", "/board/rows"] {
        let board = visit.read(path).await;
        assert!(!board.contains("/v/") && !board.contains("/h/"), "{path} hands every link to every screen");
        assert!(board.contains(&format!("data-menu=\"{}/menu\"", visit.page)), "{board}");
    }
    let menu = visit.read(&format!("{}/menu", visit.page)).await;
    for (word, how_often) in
        [(COPY_STAFF, 1), (SMS_STAFF, 1), (MAIL_STAFF, 1), (COPY, 3), (SMS, 3), (MAIL, 3)]
    {
        assert_eq!(entries(&menu, word).len(), how_often, "{word}");
    }
    assert!(menu.contains(&format!("data-copy=\"{}\"", visit.host)), "{menu}");
    assert!(menu.contains("Join Telehealth Session") && menu.contains("Get Staff Telehealth Link"));
}

#[tokio::test]
async fn nobody_hands_out_what_is_not_theirs() {
    let visit = Visit::new().await;
    let page = &visit.page;
    let gets = [
        page.clone(),
        format!("{page}/links"),
        format!("{page}/menu"),
        format!("{page}/send?to=patients&by=email"),
    ];
    let posts = [format!("{page}/send"), format!("{page}/copied"), format!("{page}/notice")];
    let fields = [("to", "patients"), ("by", "email"), ("words", "hello")];
    for stranger in visit.strangers().await {
        for path in &gets {
            let answer = visit.world.send(get(path).cookie(&stranger)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.body.contains("Prado"), "{path}");
        }
        for path in &posts {
            let answer = visit.world.send(post(path).cookie(&stranger).form(&fields)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert!(visit.messages().await.is_empty());
    // The visit's own host, and an admin, may.
    for person in [&visit.world.here.staff, &visit.world.here.admin] {
        let cookie = visit.world.session_of(person).await;
        let sent = visit.world.send(post(&posts[0]).cookie(&cookie).form(&fields)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    assert_eq!(visit.messages().await.len(), 2);
}

#[tokio::test]
async fn another_visits_attendee_is_nobody_here() {
    let visit = Visit::new().await;
    let other = visit.world.book(&visit.world.here, "b").await;
    let rosa = other["attendees"][0]["id"].as_str().unwrap();
    let path = format!("{}/send?to={rosa}&by=email", visit.page);
    assert_eq!(visit.world.send(get(&path).cookie(&visit.desk)).await.status, StatusCode::NOT_FOUND);
    let sent = visit.press(&format!("{}/send", visit.page), &[("to", rosa), ("by", "email")]).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
    let by = visit.press(&format!("{}/send", visit.page), &[("to", "patients"), ("by", "copy")]).await;
    assert_eq!(by.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn running_late_says_first_who_is_told_and_then_tells_them() {
    let visit = Visit::new().await;
    let host = visit.world.here.staff.id;
    let tell = format!("/board/hosts/{host}/tell");
    let board = visit.read("/board").await;
    assert!(board.contains(&format!("href=\"{tell}\"")), "{board}");
    let form = visit.read(&tell).await;
    assert!(form.contains("2 patients are still to come today."), "{form}");
    assert!(form.contains("1 by e-mail and 1 by text message; 1 by neither"), "{form}");
    assert!(visit.messages().await.is_empty(), "asking tells nobody");

    let late = format!("/board/hosts/{host}/late");
    let done = visit.press(&late, &[("minutes", "15")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let said = visit.read(done.header("location")).await;
    assert!(said.contains("2 messages are queued. 1 patient can read it on their page alone."), "{said}");
    assert!(said.contains("Running about 15 minutes late.") && said.contains("Take down"), "{said}");
    let messages = visit.messages().await;
    assert!(messages.iter().all(|message| message.occasion == Occasion::Late) && messages.len() == 2);
    for minutes in ["", "soon", "-5", "100000"] {
        let answer = visit.press(&late, &[("minutes", minutes)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{minutes}");
    }
    visit.press(&late, &[("minutes", "0")]).await;
    assert!(!visit.read("/board").await.contains("Running about"), "no longer late");
}

#[tokio::test]
async fn words_stand_on_the_board_as_text_until_they_are_taken_down() {
    let visit = Visit::new().await;
    let host = visit.world.here.staff.id;
    let path = format!("/board/hosts/{host}/notice?q=prado");
    let empty = visit.press(&path, &[("words", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text_of(&empty).contains("What is said"), "{}", empty.body);
    let hostile = "\"><script>alert(1)</script>";
    let done = visit.press(&path, &[("words", hostile)]).await;
    assert!(done.header("location").starts_with("/board?q=prado&done=said"), "{:?}", done.headers);
    let board = visit.read("/board").await;
    assert!(board.contains("&#60;script&#62;") && !board.contains("<script>alert"), "{board}");
    let own = visit.press(&format!("{}/notice", visit.page), &[("words", "One moment")]).await;
    assert_eq!(own.header("location"), format!("{}?done=said#say", visit.page));
    let page = visit.read(&visit.page).await;
    assert!(page.contains("One moment") && page.contains("&#60;script&#62;"), "{page}");

    let id = page.split("/notices/").nth(1).unwrap().split('/').next().unwrap();
    let end = format!("/notices/{id}/end");
    for stranger in visit.strangers().await {
        visit.world.send(post(&end).cookie(&stranger)).await;
        assert!(visit.read("/board").await.contains(&end), "it is not theirs to take down");
    }
    visit.press(&end, &[]).await;
    assert!(!visit.read("/board").await.contains(&end));
    let again = visit.press(&end, &[]).await;
    assert!(again.header("location").contains("done=was-down"), "{:?}", again.headers);
}

#[tokio::test]
async fn a_host_speaks_to_their_own_patients_and_to_nobody_elses() {
    let visit = Visit::new().await;
    let world = &visit.world;
    let host = world.session_of(&world.here.staff).await;
    let own = world.here.staff.id;
    let late = |id| format!("/board/hosts/{id}/late");
    let done = world.send(post(&late(own)).cookie(&host).form(&[("minutes", "5")])).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/"));
    let strangers = visit.strangers().await;
    for cookie in &strangers {
        let asked = world.send(get(&format!("/board/hosts/{own}/tell")).cookie(cookie)).await;
        let told = world.send(post(&late(own)).cookie(cookie).form(&[("minutes", "5")])).await;
        assert_eq!((asked.status, told.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    }
    let nobody = "staff_01935a5a70007000800000000000002a";
    let told = world.send(post(&late(nobody.parse().unwrap())).cookie(&host).form(&[("minutes", "5")])).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
}
