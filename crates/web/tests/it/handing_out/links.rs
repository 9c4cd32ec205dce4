//! What becomes of links: sent, copied, sent again, renewed, and kept when somebody else hosts the visit.

use axum::http::StatusCode;
use domain::{
    outreach::message::{Channel, MessageState, Occasion},
    staff::StaffMember,
    text::Email,
};

use super::Visit;
use crate::{
    pages::{link, read},
    world::{get, post},
};

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
    let sent = visit.send(&visit.ana, "email").await;
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
    visit.send(&visit.ana, "email").await;
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
    let pressed_twice = visit.press(&resend, &[]).await;
    assert_eq!(pressed_twice.header("location"), again.header("location"));
    assert_eq!(visit.messages().await.len(), 2, "a message is sent again once");
}

#[tokio::test]
async fn pressing_send_twice_sends_once_and_answers_alike() {
    let visit = Visit::new().await;
    let fields = visit.shown(&visit.desk, "patients", "email").await;
    let first = visit.press_shown(&fields).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = visit.press_shown(&fields).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", second.body);
    assert!(
        second.header("location").contains("done=queued") && second.header("location").contains("count=1")
    );
    assert_eq!(visit.messages().await.len(), 1);
    visit.send("patients", "email").await;
    assert_eq!(visit.messages().await.len(), 2, "the page opened anew sends anew");
}

#[tokio::test]
async fn what_is_no_longer_as_it_was_shown_is_shown_again_and_not_sent() {
    let visit = Visit::new().await;
    let fields = visit.shown(&visit.desk, &visit.ana, "email").await;
    visit.press(&format!("{}/links/renew", visit.page), &[("to", &visit.ana)]).await;
    let refused = visit.press_shown(&fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("Nothing was sent: since this page was opened, what it says changed"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains(&visit.anas_link().await), "it shows what would be sent now");
    assert!(visit.messages().await.is_empty());
    let unseen = visit.press(&format!("{}/send", visit.page), &[("to", &visit.ana), ("by", "email")]).await;
    assert_eq!(unseen.status, StatusCode::CONFLICT);
    assert!(unseen.body.contains("Nothing was sent yet") && visit.messages().await.is_empty());
    visit.send(&visit.ana, "email").await;
    assert_eq!(visit.messages().await.len(), 1);
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
        let shown = visit.shown(&cookie, "patients", "email").await;
        let shown: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let sent = visit.world.send(post(&posts[0]).cookie(&cookie).form(&shown)).await;
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
async fn the_desk_makes_renews_and_revokes_a_patients_portal_link() {
    let visit = Visit::new().await;
    let page = format!("{}/portal?of={}", visit.page, visit.ana);
    let on_appointment = visit.read(&visit.page).await;
    assert!(on_appointment.contains(&format!("href=\"{page}\"")), "{on_appointment}");
    assert!(visit.read(&page).await.contains("Nobody has asked for it yet."));
    let press = async |what: &str| {
        let done = visit.press(&format!("{}/portal/{what}", visit.page), &[("of", &visit.ana)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        visit.read(done.header("location")).await
    };
    let first = link(&press("renew").await, 'p');
    assert_eq!(visit.world.send(get(&first)).await.status, StatusCode::OK);
    let second = link(&press("renew").await, 'p');
    assert_ne!(first, second);
    assert_eq!(visit.world.send(get(&first)).await.status, StatusCode::NOT_FOUND);
    assert!(press("revoke").await.contains("Revoked on"));
    let dead = visit.world.send(get(&second)).await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);
    assert!(dead.body.contains("href=\"/lost"), "{}", dead.body);
}

#[tokio::test]
async fn a_portal_link_is_the_desks_and_not_the_hosts() {
    let visit = Visit::new().await;
    let page = format!("{}/portal?of={}", visit.page, visit.ana);
    let host = visit.world.session_of(&visit.world.here.staff).await;
    let own = read(&visit.world, &host, &visit.page).await;
    assert!(own.contains("Ana Prado") && !own.contains("/portal?"), "{own}");
    assert_eq!(visit.world.send(get(&page).cookie(&host)).await.status, StatusCode::FORBIDDEN);
    for who in ["staff", "patients", "", "att_01935a5a70007000800000000000002a"] {
        let path = format!("{}/portal?of={who}", visit.page);
        assert_eq!(
            visit.world.send(get(&path).cookie(&visit.desk)).await.status,
            StatusCode::NOT_FOUND,
            "{who}"
        );
    }
    let theirs = visit.world.session_of(&visit.world.there.scheduler).await;
    assert_eq!(visit.world.send(get(&page).cookie(&theirs)).await.status, StatusCode::NOT_FOUND);
}
