//! What scanners of mail do with a link, line by line: none of it counts, and the link works on.

use std::time::Duration;

use domain::{
    Timestamp,
    appointment::Appointment,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
};
use store::ports::messages::{NewMessage, Tried};

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// A message with the attendee's link, taken by the mail server `ago`.
async fn sent(world: &World, appointment: &Appointment, ago: Duration) {
    let id = queued(world, appointment, world.ambient.now().minus(ago)).await;
    let mut tx = world.store.begin().await.unwrap();
    let at = world.ambient.now().minus(ago);
    tx.settle_message(world.clinic, id, &Tried::Sent(None), at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn queued(world: &World, appointment: &Appointment, due_at: Timestamp) -> domain::MessageId {
    let message = Message {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        to: Recipient::Attendee(appointment.id, appointment.attendees[0].id),
        channel: Channel::Email,
        occasion: Occasion::Link,
        state: MessageState::Queued,
        reason: None,
        asked_by: None,
        queued_at: due_at,
        due_at,
        tries: 0,
        sent_at: None,
        changed_at: due_at,
    };
    let id = message.id;
    let mut tx = world.store.begin().await.unwrap();
    let new = NewMessage { message, content_sealed: Some(vec![1]), once: None };
    assert!(tx.insert_message(&new).await.unwrap());
    tx.commit().await.unwrap();
    id
}

async fn blind(world: &World, token: &str) -> Pressed {
    world.outreach.press(token, None, PressFrom::default()).await.unwrap()
}

async fn opened_at(world: &World, appointment: &Appointment) -> Option<Timestamp> {
    world.outreach.links(world.clinic, appointment).await.unwrap().attendees[0].opened_at
}

#[tokio::test]
async fn a_form_that_is_sent_without_the_pages_token_just_after_the_message_leads_on_and_leaves_no_trace() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    sent(&world, &appointment, Duration::ZERO).await;
    let before = world.traces().await;
    for after in [Duration::ZERO, Duration::from_secs(2), 4 * MINUTE] {
        world.clock.advance(after.saturating_sub(Duration::from_secs(1)));
        let pressed = blind(&world, &token).await;
        assert_eq!(pressed.redirect.location(), JOIN_URL, "whoever it is comes into the room");
        assert_eq!(pressed.press, None);
    }
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn a_message_that_is_being_sent_at_this_moment_counts_as_sent() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    queued(&world, &appointment, world.ambient.now()).await;
    assert_eq!(blind(&world, &token).await.press, None);
}

#[tokio::test]
async fn one_that_waits_to_be_sent_later_does_not() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    queued(&world, &appointment, world.ambient.now().plus(MINUTE)).await;
    assert!(blind(&world, &token).await.press.is_some());
}

#[tokio::test]
async fn five_minutes_after_the_message_a_press_without_the_page_is_evidence_and_told_to_nobody() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    sent(&world, &appointment, Duration::from_secs(299)).await;
    assert_eq!(blind(&world, &token).await.press, None);
    let (changes, presses, opened) = world.traces().await;
    world.clock.advance(SECOND);
    let press = blind(&world, &token).await.press.unwrap();
    assert!(!press.from_page);
    assert_eq!(world.traces().await, (changes, presses + 1, opened), "no board hears of it");
    assert_eq!(opened_at(&world, &appointment).await, None);
}

#[tokio::test]
async fn a_link_that_was_opened_before_is_scanned_again_with_the_next_message_and_that_is_no_evidence() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    sent(&world, &appointment, Duration::ZERO).await;
    let page = world.page(&token).await.page_token;
    world.outreach.opened(&token, page.as_deref()).await.unwrap();
    assert!(opened_at(&world, &appointment).await.is_some());
    let before = world.traces().await;
    assert_eq!(blind(&world, &token).await.press, None);
    assert_eq!(world.traces().await, before);
    let known = world.page(&token).await;
    let quick = world.outreach.press(&token, None, known).await.unwrap().press.unwrap();
    assert!(quick.from_page, "on a page that is known Join may be pressed in no time");
}

#[tokio::test]
async fn a_link_that_is_renewed_while_its_join_is_pressed_makes_neither_of_them_fail() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        world.give_room(world.host, NUMBER, JOIN_URL).await;
        let appointment = world.booked().await;
        for _ in 0..5 {
            let token = world.token(&appointment).await;
            let page = world.page(&token).await;
            let renews = world.outreach.reissue(
                world.clinic,
                &appointment,
                crate::To::Patients,
                domain::attendance::matching::StaffOrToken::Staff(world.host),
            );
            let (pressed, renewed) = tokio::join!(world.outreach.press(&token, None, page), renews);
            renewed.unwrap();
            assert!(matches!(pressed, Ok(_) | Err(LinkError::Unknown)), "{pressed:?}");
        }
    }
}

#[tokio::test]
async fn a_message_to_somebody_else_says_nothing_about_this_link() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.attendees.push(attendee("P-2", "Luis Prado"));
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    sent(&world, &appointment, Duration::ZERO).await;
    assert!(blind(&world, &token_in(&links.attendees[1].url)).await.press.is_some());
}

#[tokio::test]
async fn a_person_who_presses_on_the_page_just_after_the_message_counts() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    sent(&world, &appointment, Duration::ZERO).await;
    let page = world.page(&token).await;
    world.clock.advance(SECOND);
    let press = world.outreach.press(&token, None, page).await.unwrap().press.unwrap();
    assert!(press.from_page);
    assert_eq!(opened_at(&world, &appointment).await, Some(world.ambient.now()));
}

#[tokio::test]
async fn a_program_that_fills_in_the_form_in_no_time_just_after_the_message_does_not() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    sent(&world, &appointment, Duration::ZERO).await;
    let before = world.traces().await;
    let page = world.page(&token).await;
    world.clock.advance(Duration::from_millis(999));
    assert_eq!(world.outreach.press(&token, None, page).await.unwrap().press, None);
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn the_pages_script_opens_a_link_only_with_the_pages_token() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let before = world.traces().await;
    let stranger = "A".repeat(70);
    for made_up in [None, Some(""), Some("x"), Some(stranger.as_str()), Some("ü"), Some(token.as_str())] {
        world.outreach.opened(&token, made_up).await.unwrap();
    }
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn the_token_of_another_page_is_none_here() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.attendees.push(attendee("P-2", "Luis Prado"));
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let [rosas, luiss] = [0, 1].map(|n| token_in(&links.attendees[n].url));
    let page_of_luis = world.page(&luiss).await;
    world.outreach.opened(&rosas, page_of_luis.page_token.as_deref()).await.unwrap();
    assert_eq!(opened_at(&world, &appointment).await, None);
    let press = world.outreach.press(&rosas, None, page_of_luis).await.unwrap().press.unwrap();
    assert!(!press.from_page);
}

#[tokio::test]
async fn the_pages_token_is_the_same_for_another_instance() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let page = world.page(&token).await;
    let press = world.other_instance().await.press(&token, None, page).await.unwrap().press.unwrap();
    assert!(press.from_page);
}

#[tokio::test]
async fn no_text_that_anybody_makes_up_is_a_pages_token() {
    let world = World::bare(store::testing::sqlite().await).await;
    let link = world.ambient.id();
    proptest::test_runner::TestRunner::default()
        .run(&".{0,120}", |text| {
            proptest::prop_assert_eq!(world.outreach.page_made_at(world.clinic, link, &text), None);
            Ok(())
        })
        .unwrap();
}
