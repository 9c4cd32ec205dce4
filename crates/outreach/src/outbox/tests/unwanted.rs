//! What is no longer wanted when its turn comes.

use domain::{
    appointment::{Kind, Status},
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
    for occasion in [Occasion::Reminder, Occasion::Late, Occasion::Booked] {
        assert_eq!(after(occasion, pass).await, withdrawn("too_late"));
    }
    // Links still lead back into a visit that overruns.
    assert_eq!(after(Occasion::Link, pass).await, (Sent, None));
    let days = async |post: &Post| post.world.clock.advance(Duration::from_hours(48));
    assert_eq!(after(Occasion::Link, days).await, withdrawn("too_late"));
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
async fn a_try_that_is_repeated_says_nothing_that_was_changed_since() {
    let fail_and_move = async |post: &Post| {
        let now = post.world.ambient.now();
        let mut tx = post.world.store.begin().await.unwrap();
        tx.claim_messages(Channel::Email, now, now.plus(Duration::from_secs(1)), 9).await.unwrap();
        tx.commit().await.unwrap();
        change(post, |now| now.ends_at = now.ends_at.plus(Duration::from_mins(5))).await;
    };
    assert_eq!(after(Occasion::Booked, fail_and_move).await, withdrawn("changed_meanwhile"));
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
