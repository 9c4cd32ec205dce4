//! What is no longer wanted when its turn comes.

use domain::{
    appointment::{Attendee, Kind, Status},
    outreach::{
        Settings,
        desk::{Notice, Says},
    },
    staff::Role,
};

use super::*;

/// Queues a message of this occasion, lets things happen, and tells what becomes of it.
async fn after(occasion: Occasion, happens: impl AsyncFnOnce(&Post)) -> (MessageState, Option<String>) {
    let post = Post::new().await;
    let id = post.queue(occasion, email()).await;
    happens(&post).await;
    post.send().await;
    let taken = post.mail.taken().len();
    let came_to = post.came_to(id).await;
    assert_eq!(taken, usize::from(came_to.0 == Sent));
    came_to
}

/// The appointment as the scheduler has it now. Past the tidying of what it queued or withdrew by itself.
async fn change(post: &Post, change: impl FnOnce(&mut Appointment)) {
    post.world.clock.advance(Duration::from_secs(1));
    let mut appointment = post.appointment.clone();
    change(&mut appointment);
    appointment.updated_at = post.world.ambient.now();
    let mut tx = post.world.store.begin().await.unwrap();
    tx.put_appointment(post.world.clinic, &appointment).await.unwrap();
    tx.commit().await.unwrap();
}

fn withdrawn(reason: &str) -> (MessageState, Option<String>) {
    (Withdrawn, Some(reason.to_owned()))
}

#[tokio::test]
async fn nobody_is_sent_the_link_of_a_cancelled_visit() {
    let cancel = async |post: &Post| change(post, |now| now.status = Status::Cancelled).await;
    assert_eq!(after(Occasion::Reminder, cancel).await, withdrawn("cancelled"));
    assert_eq!(after(Occasion::Moved, cancel).await, withdrawn("cancelled"));
    assert_eq!(after(Occasion::Cancelled, cancel).await, (Sent, None));
}

#[tokio::test]
async fn nobody_is_told_that_a_visit_is_cancelled_which_takes_place_after_all() {
    assert_eq!(after(Occasion::Cancelled, async |_| {}).await, withdrawn("booked_again"));
}

#[tokio::test]
async fn nobody_is_sent_a_link_to_a_visit_in_person() {
    let meet = async |post: &Post| change(post, |now| now.kind = Kind::InPerson).await;
    assert_eq!(after(Occasion::Link, meet).await, withdrawn("in_person"));
}

#[tokio::test]
async fn a_message_about_a_visit_that_is_over_comes_too_late() {
    let pass = async |post: &Post| post.world.clock.set(post.appointment.ends_at);
    assert_eq!(after(Occasion::Booked, pass).await, withdrawn("too_late"));
    let begin = async |post: &Post| post.world.clock.set(post.appointment.starts_at);
    assert_eq!(after(Occasion::Reminder, begin).await, withdrawn("too_late"));
    assert_eq!(after(Occasion::Booked, begin).await, (Sent, None));
    // Links still lead back into a visit that overruns.
    assert_eq!(after(Occasion::Link, pass).await, (Sent, None));
    let days = async |post: &Post| post.world.clock.advance(Duration::from_hours(48));
    assert_eq!(after(Occasion::Link, days).await, withdrawn("too_late"));
}

#[tokio::test]
async fn nobody_is_told_of_a_delay_that_is_over_or_another_one() {
    let post = Post::new().await;
    let say = async |minutes| {
        let now = post.world.ambient.now();
        let notice = Notice {
            id: post.world.ambient.id(),
            clinic_id: post.world.clinic,
            host: post.world.host,
            appointment: None,
            says: Says::Late(minutes),
            said_by: StaffOrToken::Staff(post.world.host),
            at: now,
            until: now.plus(Duration::from_hours(1)),
        };
        let mut tx = post.world.store.begin().await.unwrap();
        tx.insert_notice(&notice).await.unwrap();
        tx.commit().await.unwrap();
        notice.id
    };
    let take_down = async |notice| {
        let mut tx = post.world.store.begin().await.unwrap();
        tx.end_notice(post.world.clinic, notice, post.world.ambient.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let first = say(10).await;
    let told = post.queue(Occasion::Late, email()).await;
    post.send().await;
    assert_eq!(post.came_to(told).await, (Sent, None));

    let overtaken = post.queue(Occasion::Late, email()).await;
    post.world.clock.advance(Duration::from_secs(1));
    take_down(first).await;
    let second = say(30).await;
    post.send().await;
    assert_eq!(post.came_to(overtaken).await, withdrawn("no_longer_late"));

    let over = post.queue(Occasion::Late, email()).await;
    take_down(second).await;
    post.send().await;
    assert_eq!(post.came_to(over).await, withdrawn("no_longer_late"));
}

#[tokio::test]
async fn a_reminder_that_is_tried_again_by_night_waits_for_the_morning() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Reminder, email()).await;
    // 22:30 in Chicago, for a visit at half past nine in the morning.
    let start: Timestamp = "2026-11-24T15:30:00Z".parse().unwrap();
    let mut tx = post.world.store.begin().await.unwrap();
    let mut moved = post.appointment.clone();
    (moved.starts_at, moved.ends_at) = (start, start.plus(Duration::from_hours(1)));
    tx.put_appointment(post.world.clinic, &moved).await.unwrap();
    tx.commit().await.unwrap();
    post.world.clock.set("2026-11-24T04:30:00Z".parse().unwrap());
    post.send().await;
    assert_eq!(post.came_to(id).await, (Queued, Some("quiet_hours".to_owned())));
    post.world.clock.set("2026-11-24T13:59:59Z".parse().unwrap());
    post.send().await;
    assert_eq!(post.mail.taken().len(), 0);
    post.world.clock.set("2026-11-24T14:00:00Z".parse().unwrap());
    post.send().await;
    assert_eq!(post.came_to(id).await, (Sent, None));
}

#[tokio::test]
async fn whoever_no_longer_takes_part_is_not_written_to() {
    let leave = async |post: &Post| change(post, |now| now.attendees.clear()).await;
    assert_eq!(after(Occasion::Reminder, leave).await, withdrawn("not_listed"));
}

#[tokio::test]
async fn whoever_took_their_consent_back_is_not_written_to() {
    let take_back = async |post: &Post| {
        let mut tx = post.world.store.begin().await.unwrap();
        tx.set_consent(post.world.clinic, post.attendee(), Channel::Email, false).await.unwrap();
        tx.commit().await.unwrap();
    };
    assert_eq!(after(Occasion::Reminder, take_back).await, withdrawn("no_consent"));
}

#[tokio::test]
async fn an_address_that_was_corrected_gets_nothing_more() {
    let correct = async |post: &Post| {
        let email = Email::parse("other@mail.example").unwrap();
        change(post, |now| now.attendees[0].email = Some(email)).await;
    };
    assert_eq!(after(Occasion::Link, correct).await, withdrawn("address_changed"));
}

#[tokio::test]
async fn a_message_that_waits_for_its_next_try_outlasts_a_change_that_does_not_concern_it() {
    let fail_and_touch = async |post: &Post| {
        let now = post.world.ambient.now();
        let mut tx = post.world.store.begin().await.unwrap();
        tx.claim_messages(Channel::Email, now, now.plus(Duration::from_secs(1)), 9).await.unwrap();
        tx.commit().await.unwrap();
        change(post, |now| now.revision += 1).await;
    };
    assert_eq!(after(Occasion::Reminder, fail_and_touch).await, (Sent, None));
}

#[tokio::test]
async fn what_was_overtaken_between_being_taken_and_being_sent_is_not_sent() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Booked, email()).await;
    let now = post.world.ambient.now();
    let mut tx = post.world.store.begin().await.unwrap();
    let due = tx.claim_messages(Channel::Email, now, now.plus(Duration::from_mins(1)), 9).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(post.outreach.unwanted(&due[0].message, &email()).await.unwrap(), None);
    let mut tx = post.world.store.begin().await.unwrap();
    tx.withdraw_messages(post.world.clinic, post.appointment.id, "link_renewed", now).await.unwrap();
    tx.commit().await.unwrap();
    let reason = post.outreach.unwanted(&due[0].message, &email()).await.unwrap();
    assert_eq!(reason.as_deref(), Some("link_renewed"));
    // Its worker dies before it has asked. Whoever takes it next hears of it too.
    post.world.clock.advance(Duration::from_mins(2));
    assert_eq!(post.send().await, 1);
    assert_eq!(post.came_to(id).await, withdrawn("link_renewed"));
    assert_eq!(post.mail.taken().len(), 0);
}

#[tokio::test]
async fn whoever_is_taken_off_a_visit_that_takes_place_for_others_is_told_so() {
    let post = Post::new().await;
    let mut tx = post.world.store.begin().await.unwrap();
    let settings = Settings { tell_changes: true, ..Settings::default() };
    tx.set_outreach_settings(post.world.clinic, &settings).await.unwrap();
    tx.commit().await.unwrap();
    let id = post.queue(Occasion::Link, email()).await;
    post.send().await;
    assert_eq!(post.came_to(id).await, (Sent, None));

    post.world.clock.advance(Duration::from_secs(1));
    let mut without = booking(&post.world);
    without.attendees = vec![attendee("P-2", "Luis Prado")];
    let booked = post.outreach.book(post.world.clinic, &without).await.unwrap().appointment;
    assert_eq!(booked.id, post.appointment.id);
    assert!(booked.attendee(post.attendee()).is_none());
    post.send().await;
    let [_, told] = &post.mail.taken()[..] else { panic!("they were not told") };
    assert_eq!(told.to, EMAIL);
    assert!(told.data.contains("method=CANCEL"), "{}", told.data);
}

#[tokio::test]
async fn whoever_is_taken_off_keeps_the_right_not_to_be_written_to() {
    let taken_off = async |post: &Post, mut former: Attendee| {
        former.id = post.attendee();
        change(post, |now| now.attendees[0] = former).await;
        change(post, |now| now.attendees.clear()).await;
    };
    let rosa = async |post: &Post, change: fn(&mut Attendee)| {
        let mut rosa = post.appointment.attendees[0].clone();
        change(&mut rosa);
        taken_off(post, rosa).await;
    };
    let refused = async |post: &Post| rosa(post, |rosa| rosa.consent = Consent::default()).await;
    assert_eq!(after(Occasion::Cancelled, refused).await, withdrawn("no_consent"));
    let moved = async |post: &Post| rosa(post, |rosa| rosa.email = Email::parse("x@mail.example").ok()).await;
    assert_eq!(after(Occasion::Cancelled, moved).await, withdrawn("address_changed"));
    let stopped = async |post: &Post| {
        rosa(post, |_| {}).await;
        let mut tx = post.world.store.begin().await.unwrap();
        tx.opt_out(Channel::Email, EMAIL, post.world.ambient.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    assert_eq!(after(Occasion::Cancelled, stopped).await, withdrawn("opted_out"));
    let gone = async |post: &Post| rosa(post, |_| {}).await;
    assert_eq!(after(Occasion::Cancelled, gone).await, (Sent, None));
}

#[tokio::test]
async fn a_host_is_written_to_without_being_asked_as_long_as_they_host_it() {
    let post = Post::new().await;
    let to_host = Recipient::Host(post.appointment.id, post.world.host);
    let id = post.queue_to(to_host, Occasion::StaffLink, email_to("osei@clinic.example")).await;
    post.send().await;
    assert_eq!(post.came_to(id).await, (Sent, None));

    let id = post.queue_to(to_host, Occasion::StaffLink, email_to("osei@clinic.example")).await;
    let other = post.world.staff("Jonas Lindqvist", &[Role::Staff]).await;
    change(&post, |now| now.host = other).await;
    post.send().await;
    assert_eq!(post.came_to(id).await, withdrawn("other_host"));
}

#[tokio::test]
async fn what_was_queued_before_a_channel_was_switched_off_is_withdrawn() {
    let post = Post::new().await;
    let id = post.queue(Occasion::Link, text()).await;
    post.world.outreach.clone().sending_by(Some(post.mail.settings("")), None).send_due().await.unwrap();
    assert_eq!(post.came_to(id).await, withdrawn("channel_off"));
}
