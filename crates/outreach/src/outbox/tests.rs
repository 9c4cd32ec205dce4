mod unwanted;

use std::{collections::BTreeSet, time::Duration};

use domain::{
    AttendeeId,
    appointment::{Appointment, Consent},
    outreach::message::MessageState::{self, Delivered, Failed, Queued, Sent, Withdrawn},
    text::{Email, Phone},
};
use store::testing::{self, Engine};
use vault::KeyRing;

use super::{
    post_office::{MailServer, Provider, mail_settings},
    *,
};
use crate::{
    content::{Mail, Text},
    sms::Heard,
    testing::{World, attendee},
};

const EMAIL: &str = "rosa@mail.example";
const PHONE: &str = "+15550123000";

/// A clinic whose messages leave by servers of this test's own.
struct Post {
    world: World,
    outreach: Outreach,
    mail: MailServer,
    texts: Provider,
    appointment: Appointment,
}

impl Post {
    async fn new() -> Self {
        Self::on(testing::sqlite().await).await
    }

    async fn on(engine: Engine) -> Self {
        let world = World::bare(engine).await;
        let (mail, texts) = (MailServer::start().await, Provider::start().await);
        let outreach = world.outreach.clone().sending_by(Some(mail.settings("")), Some(texts.settings()));
        let appointment = world.outreach.book(world.clinic, &booking(&world)).await.unwrap().appointment;
        Self { world, outreach, mail, texts, appointment }
    }

    fn attendee(&self) -> AttendeeId {
        self.appointment.attendees[0].id
    }

    async fn queue(&self, occasion: Occasion, content: Content) -> MessageId {
        let to = Recipient::Attendee(self.appointment.id, self.attendee());
        self.queue_to(to, occasion, content).await
    }

    async fn queue_to(&self, to: Recipient, occasion: Occasion, content: Content) -> MessageId {
        let due_at = self.world.ambient.now();
        let wanted = Wanted { to, occasion, asked_by: None, due_at, once: None };
        let mut tx = self.world.store.begin().await.unwrap();
        let queued = self.outreach.enqueue(&mut *tx, self.world.clinic, wanted, &content).await.unwrap();
        tx.commit().await.unwrap();
        queued.unwrap().id
    }

    async fn send(&self) -> usize {
        self.outreach.send_due().await.unwrap()
    }

    async fn message(&self, id: MessageId) -> Message {
        self.world.store.read().await.unwrap().message(self.world.clinic, id).await.unwrap().unwrap()
    }

    async fn came_to(&self, id: MessageId) -> (MessageState, Option<String>) {
        let message = self.message(id).await;
        (message.state, message.reason)
    }
}

fn booking(world: &World) -> crate::Booking {
    let mut rosa = attendee("P-1", "Rosa Delgado");
    rosa.email = Some(Email::parse(EMAIL).unwrap());
    rosa.phone = Some(Phone::parse(PHONE).unwrap());
    rosa.consent = Consent { email: true, sms: true };
    crate::Booking { attendees: vec![rosa], ..world.booking() }
}

fn email_to(to: &str) -> Content {
    Content::Email(Mail {
        to: Email::parse(to).unwrap(),
        from_name: "Riverside".to_owned(),
        subject: "Your visit".to_owned(),
        text: "https://anteroom.example/v/x".to_owned(),
        html: "<p>x</p>".to_owned(),
        calendar: None,
    })
}

fn email() -> Content {
    email_to(EMAIL)
}

fn text() -> Content {
    Content::Sms(Text { to: Phone::parse(PHONE).unwrap(), text: "Riverside: https://x".to_owned() })
}

#[tokio::test]
async fn mail_and_text_messages_go_out_once() {
    let post = Post::new().await;
    let (mail, sms) = (post.queue(Occasion::Link, email()).await, post.queue(Occasion::Link, text()).await);
    assert_eq!(post.send().await, 2);
    assert_eq!(post.send().await, 0);
    for id in [mail, sms] {
        let message = post.message(id).await;
        assert_eq!((message.state, message.tries), (Sent, 1));
        assert_eq!(message.sent_at, Some(post.world.ambient.now()));
    }
    assert_eq!(post.mail.taken()[0].header("Message-ID"), format!("<{mail}@clinic.example>"));
    let taken = post.texts.taken().remove(0);
    assert_eq!(taken.key, sms.to_string());
    let callback = format!("https://anteroom.example/sms/status/{}/{sms}", post.world.clinic);
    assert_eq!(taken.form["StatusCallback"], callback);
}

#[tokio::test]
async fn a_board_that_is_open_hears_of_it() {
    let post = Post::new().await;
    post.queue(Occasion::Link, email()).await;
    let last = async || post.world.store.read().await.unwrap().last_change(post.world.clinic).await.unwrap();
    let before = last().await;
    post.send().await;
    assert_eq!(last().await, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_instances_share_the_work_and_send_nothing_twice() {
    for engine in testing::engines().await {
        let name = engine.name;
        let post = Post::on(engine).await;
        let mut queued = BTreeSet::new();
        for _ in 0..120 {
            queued.insert(post.queue(Occasion::Link, text()).await.to_string());
        }
        let other = post.world.other_instance().await.sending_by(None, Some(post.texts.settings()));
        let drain = async |outreach: &Outreach| while outreach.send_due().await.unwrap() > 0 {};
        tokio::join!(drain(&post.outreach), drain(&other));
        let keys = post.texts.keys();
        assert_eq!(keys.keys().cloned().collect::<BTreeSet<_>>(), queued, "{name}");
        assert!(keys.values().all(|&times| times == 1), "{name}");
    }
}

#[tokio::test]
async fn what_was_sent_and_not_written_down_is_sent_again_under_the_same_key() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Link, text()).await;
    // A worker takes it, the provider has it, and the worker dies.
    let now = post.world.ambient.now();
    let mut tx = post.world.store.begin().await.unwrap();
    tx.claim_messages(Channel::Sms, now, now.plus(Duration::from_mins(1)), 9).await.unwrap();
    tx.commit().await.unwrap();
    let Content::Sms(sms) = text() else { unreachable!() };
    post.outreach.texter().unwrap().send(id, "https://anteroom.example/x", &sms).await;

    assert_eq!(post.send().await, 0, "it is still the dead worker's");
    post.world.clock.advance(Duration::from_secs(61));
    assert_eq!(post.send().await, 1);
    assert_eq!(post.texts.keys(), [(id.to_string(), 2)].into());
    assert_eq!(post.message(id).await.state, Sent);
}

#[tokio::test]
async fn what_fails_is_tried_again_less_and_less_often_and_then_given_up() {
    let post = Post::new().await;
    post.texts.ill.store(usize::MAX, std::sync::atomic::Ordering::SeqCst);
    let mut booking = booking(&post.world);
    booking.ends_at = booking.starts_at.plus(Duration::from_hours(12));
    let appointment = post.world.outreach.book(post.world.clinic, &booking).await.unwrap().appointment;
    post.world.clock.advance(Duration::from_secs(1));
    let id = post
        .queue_to(Recipient::Attendee(appointment.id, appointment.attendees[0].id), Occasion::Link, text())
        .await;
    let begun = post.world.ambient.now();
    for tries in 1..=8 {
        assert_eq!(post.send().await, 1, "try {tries}");
        let message = post.message(id).await;
        assert_eq!((message.tries, message.reason.as_deref()), (tries, Some("sms_http_503")));
        if tries < 8 {
            assert_eq!(message.state, Queued);
            post.world.clock.set(message.due_at.minus(Duration::from_micros(1)));
            assert_eq!(post.send().await, 0, "not before its time");
            post.world.clock.set(message.due_at);
        }
    }
    assert_eq!(post.message(id).await.state, Failed);
    let took = post.world.ambient.now().since(begun);
    assert!(took > Duration::from_hours(4) && took < Duration::from_hours(8), "{took:?}");
    assert_eq!(post.texts.keys(), [(id.to_string(), 8)].into());
}

#[tokio::test]
async fn what_is_refused_for_good_is_given_up_at_once_and_says_why() {
    let post = Post::new().await;
    let address = "550@mail.example";
    let mut booking = booking(&post.world);
    booking.attendees[0].email = Some(Email::parse(address).unwrap());
    post.world.outreach.book(post.world.clinic, &booking).await.unwrap();
    let id = post.queue(Occasion::Link, email_to(address)).await;
    post.send().await;
    assert_eq!(post.came_to(id).await, (Failed, Some("smtp_550".to_owned())));
}

#[tokio::test]
async fn a_mail_server_that_is_away_keeps_no_text_message_waiting() {
    let post = Post::new().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = Some(mail_settings(&format!("smtp://{nobody}")));
    let outreach = post.world.outreach.clone().sending_by(away, Some(post.texts.settings()));
    let mut mails = Vec::new();
    for _ in 0..60 {
        mails.push(post.queue(Occasion::Link, email()).await);
    }
    let sms = post.queue(Occasion::Link, text()).await;
    assert_eq!(outreach.send_due().await.unwrap(), 51, "a round of mail and the text message");
    assert_eq!(post.message(sms).await.state, Sent);
    let mut reasons = BTreeSet::new();
    for mail in mails {
        let (state, reason) = post.came_to(mail).await;
        assert_eq!(state, Queued);
        reasons.extend(reason);
    }
    // Not all were tried in vain.
    assert_eq!(reasons.into_iter().collect::<Vec<_>>(), ["smtp_down", "smtp_unreachable"]);
}

#[tokio::test]
async fn a_provider_with_too_much_to_do_costs_no_message_a_try() {
    use std::sync::atomic::Ordering::SeqCst;
    let post = Post::new().await;
    let mut booking = booking(&post.world);
    booking.ends_at = booking.starts_at.plus(Duration::from_hours(12));
    post.world.outreach.book(post.world.clinic, &booking).await.unwrap();
    post.world.clock.advance(Duration::from_secs(1));
    let mut queued = Vec::new();
    for _ in 0..120 {
        queued.push(post.queue(Occasion::Link, text()).await);
    }
    post.texts.ill_with.store(429, SeqCst);
    post.texts.ill.store(usize::MAX, SeqCst);
    for _ in 0..36 {
        while post.send().await > 0 {}
        post.world.clock.advance(Duration::from_mins(13));
    }
    let mut reasons = BTreeSet::new();
    for &id in &queued {
        let message = post.message(id).await;
        assert_eq!((message.state, message.tries), (Queued, 0));
        reasons.extend(message.reason);
    }
    assert!(reasons.iter().all(|reason| ["sms_429", "sms_down"].contains(&reason.as_str())), "{reasons:?}");

    // A first failure of a message's own waits the first step only.
    post.texts.ill_with.store(503, SeqCst);
    post.texts.ill.store(1, SeqCst);
    while post.send().await > 0 {}
    let mut later = Vec::new();
    for &id in &queued {
        let message = post.message(id).await;
        if message.state == Queued {
            later.push(message.due_at.since(post.world.ambient.now()));
        }
    }
    assert!(later.len() == 1 && later[0] <= Duration::from_secs(36), "{later:?}");
    post.world.clock.advance(Duration::from_mins(1));
    while post.send().await > 0 {}
    for &id in &queued {
        assert_eq!(post.message(id).await.state, Sent);
    }
}

#[tokio::test]
async fn what_cannot_be_read_fails_visibly_and_keeps_nothing_else_waiting() {
    let post = Post::new().await;
    let poisoned = post.queue(Occasion::Link, text()).await;
    let message = Message { id: post.world.ambient.id(), ..post.message(poisoned).await };
    let mut tx = post.world.store.begin().await.unwrap();
    for (bytes, id) in [(Vec::new(), message.id), (vec![7; 99], post.world.ambient.id())] {
        let message = Message { id, ..message.clone() };
        tx.insert_message(&NewMessage { message, content_sealed: Some(bytes), once: None }).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(post.send().await, 3);
    assert_eq!(post.came_to(message.id).await, (Failed, Some("unreadable".to_owned())));
    assert_eq!(post.came_to(poisoned).await, (Sent, None));
    assert_eq!(post.texts.taken().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_missing_can_be_put_back() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Link, text()).await;
    let other_ring = KeyRing::parse("b:Zq3bV0tS1yYw7uJmK4nLx2cD8eFgHhIiOoPpQqRrSsE=").unwrap();
    let mut without = post.outreach.clone();
    without.keys = std::sync::Arc::new(other_ring);
    assert_eq!(without.send_due().await.unwrap(), 1);
    assert_eq!(post.came_to(id).await, (Queued, Some("key_missing".to_owned())));
    post.world.clock.advance(Duration::from_mins(1));
    post.send().await;
    assert_eq!(post.came_to(id).await, (Sent, None));
}

#[tokio::test]
async fn a_message_that_ends_the_program_each_time_is_given_up() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Link, text()).await;
    for _ in 0..60 {
        let now = post.world.ambient.now();
        let mut tx = post.world.store.begin().await.unwrap();
        tx.claim_messages(Channel::Sms, now, now.plus(Duration::from_secs(1)), 1).await.unwrap();
        tx.commit().await.unwrap();
        post.world.clock.advance(Duration::from_secs(1));
    }
    post.send().await;
    assert_eq!(post.came_to(id).await, (Failed, Some("too_many_tries".to_owned())));
}

#[tokio::test]
async fn the_provider_may_say_that_it_arrived_before_it_has_answered() {
    let post = Post::new().await;
    let (early, late) = (post.queue(Occasion::Link, text()).await, post.queue(Occasion::Link, text()).await);
    let report = async |id, status, code| {
        post.outreach.sms_reported(post.world.clinic, id, status, code).await.unwrap();
    };
    report(early, "delivered", None).await;
    post.send().await;
    assert_eq!(post.came_to(early).await, (Delivered, None));
    assert!(!post.texts.keys().contains_key(&early.to_string()), "it is not sent once more");

    report(late, "sent", None).await;
    assert_eq!(post.message(late).await.state, Sent);
    report(late, "undelivered", Some("30003")).await;
    assert_eq!(post.came_to(late).await, (Failed, Some("sms_30003".to_owned())));
    report(late, "delivered", None).await;
    assert_eq!(post.message(late).await.state, Failed, "what is over stays as it is");
}

#[tokio::test]
async fn a_report_of_another_clinics_message_changes_nothing() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Link, text()).await;
    let other = post.world.other_clinic().await;
    post.outreach.sms_reported(other, id, "failed", Some("<script>")).await.unwrap();
    assert_eq!(post.came_to(id).await, (Queued, None));
    post.outreach.sms_reported(post.world.clinic, id, "failed", Some("<script>")).await.unwrap();
    assert_eq!(post.came_to(id).await, (Failed, Some("sms_undelivered".to_owned())));
}

#[tokio::test]
async fn a_number_that_said_stop_to_the_provider_is_not_written_to_again() {
    let mut post = Post::new().await;
    post.texts = Provider::answering(r#"{"code":21610}"#).await;
    let phone = Phone::parse("+15550123400").unwrap();
    let mut booking = booking(&post.world);
    booking.attendees[0].phone = Some(phone.clone());
    post.world.outreach.book(post.world.clinic, &booking).await.unwrap();
    let outreach = post.world.outreach.clone().sending_by(None, Some(post.texts.settings()));
    let content = Content::Sms(Text { to: phone, text: "x".to_owned() });
    let first = post.queue(Occasion::Link, content.clone()).await;
    outreach.send_due().await.unwrap();
    let second = post.queue(Occasion::Link, content).await;
    outreach.send_due().await.unwrap();
    for id in [first, second] {
        assert_eq!(post.came_to(id).await, (Withdrawn, Some("opted_out".to_owned())));
    }
    assert_eq!(post.texts.taken().len(), 1);
}

#[tokio::test]
async fn stop_and_start_count_for_the_number() {
    let post = Post::new().await;
    let phone = Phone::parse(PHONE).unwrap();
    assert_eq!(post.outreach.sms_heard(&phone, " Stop.").await.unwrap(), Heard::Stop);
    let stopped = post.queue(Occasion::Link, text()).await;
    post.send().await;
    assert_eq!(post.came_to(stopped).await, (Withdrawn, Some("opted_out".to_owned())));
    assert_eq!(post.outreach.sms_heard(&phone, "when?").await.unwrap(), Heard::Nothing);
    assert_eq!(post.outreach.sms_heard(&phone, "START").await.unwrap(), Heard::Start);
    let again = post.queue(Occasion::Link, text()).await;
    post.send().await;
    assert_eq!(post.came_to(again).await, (Sent, None));
}

#[tokio::test]
async fn the_loop_sends_what_is_queued_while_it_runs_and_stops_when_told_to() {
    let post = Post::new().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (outreach, stop) = (post.outreach.clone(), stop.clone());
        async move { outreach.run_outbox(stop).await }
    });
    let mut changes = post.world.store.changes();
    let id = post.queue(Occasion::Link, email()).await;
    post.outreach.wake_outbox();
    while post.message(id).await.state != Sent {
        changes.recv().await.unwrap();
    }
    stop.cancel();
    running.await.unwrap();
}
