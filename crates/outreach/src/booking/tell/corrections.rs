//! Addresses that were wrong, and news in the evening.

use std::time::Duration;

use domain::{
    appointment::Appointment,
    outreach::message::{Channel, Occasion},
    text::{Email, Phone},
};

use super::tests::{book, hand_out, waiting, wanted};
use crate::{
    Booking, Content, LinkError, To,
    hand_out::tests::{all_sent, outbox, person, sending, set, wall, with_sending},
    testing::{World, token_in},
};

use Channel::{Email as Mail, Sms};
use Occasion::{Link, Moved};

/// Everybody's token, in the appointment's order.
async fn tokens(world: &World, appointment: &Appointment) -> Vec<String> {
    let links = world.outreach.links(world.clinic, appointment).await.unwrap();
    links.attendees.iter().map(|link| token_in(&link.url)).collect()
}

fn right() -> Email {
    Email::parse("rosa@right.example").unwrap()
}

#[tokio::test]
async fn a_link_that_went_to_a_wrong_address_dies_and_a_new_one_goes_to_the_right_one() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let mut booking = wanted(&world);
        let appointment = book(&world, &booking).await;
        hand_out(&world, &appointment, Mail).await;
        all_sent(&world).await;
        let before = tokens(&world, &appointment).await;
        booking.attendees[0].email = Some(right());
        book(&world, &booking).await;
        let after = tokens(&world, &appointment).await;
        assert_ne!(after[0], before[0]);
        assert_eq!(after[1], before[1], "Luis's address was right");
        assert!(matches!(world.outreach.visit(&before[0]).await, Err(LinkError::Unknown)));
        let sent = outbox(&world).await;
        assert_eq!((sent.len(), sent[0].0.occasion), (1, Link), "she was never sent a text message");
        let Content::Email(mail) = &sent[0].1 else { panic!("mail") };
        assert_eq!(mail.to.as_str(), "rosa@right.example");
        assert!(mail.text.contains(&after[0]));
        // The same again is no change.
        all_sent(&world).await;
        let again = world.outreach.book(world.clinic, &booking).await.unwrap();
        assert_eq!(again.change, crate::Change::Unchanged);
        assert_eq!((tokens(&world, &appointment).await, waiting(&world).await), (after, Vec::new()));
    }
}

#[tokio::test]
async fn whoever_had_the_link_by_another_way_too_is_sent_the_new_one_by_that() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    let rosa = To::Attendee(appointment.attendees[0].id);
    for by in [Mail, Sms] {
        world.outreach.hand_out(world.clinic, &appointment, rosa, by, person(&world)).await.unwrap();
    }
    all_sent(&world).await;
    booking.attendees[0].phone = Some(Phone::parse("+15550107777").unwrap());
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await, [(Link, Mail), (Link, Sms)]);
}

#[tokio::test]
async fn moved_at_the_same_time_they_are_told_that() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    let before = tokens(&world, &appointment).await;
    booking.attendees[0].email = Some(right());
    booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await, [(Moved, Mail), (Moved, Mail)]);
    assert_ne!(tokens(&world, &appointment).await[0], before[0]);
}

#[tokio::test]
async fn a_link_that_was_not_sent_to_the_old_address_stays() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Sms).await;
    all_sent(&world).await;
    let before = tokens(&world, &appointment).await;
    booking.attendees[0].email = Some(right());
    book(&world, &booking).await;
    booking.attendees[0].email = Some(Email::parse(" Rosa@RIGHT.example ").unwrap());
    book(&world, &booking).await;
    booking.attendees[0].phone = None;
    book(&world, &booking).await;
    assert_eq!(tokens(&world, &appointment).await, before);
    assert_eq!(waiting(&world).await, []);
}

#[tokio::test]
async fn without_consent_the_old_link_dies_and_nothing_is_sent() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    let before = tokens(&world, &appointment).await;
    booking.attendees[0].email = Some(right());
    booking.attendees[0].consent.email = false;
    let appointment = book(&world, &booking).await;
    assert_ne!(tokens(&world, &appointment).await[0], before[0]);
    assert_eq!(waiting(&world).await, []);
    let ledgers = world.outreach.ledgers(world.clinic, std::slice::from_ref(&appointment)).await.unwrap();
    let ledger = &ledgers[&appointment.id];
    assert!(!ledger.of_attendee(appointment.attendees[0].id).unwrap().was_sent(), "the desk sees it");
}

/// Booked for tomorrow at that hour, sent and received; now it is half past nine in the evening.
async fn known_by_evening(world: &World, hour: u64, minute: u64) -> (Booking, Appointment) {
    let starts_at = wall(24 + hour, minute);
    let booking = Booking { starts_at, ends_at: starts_at.plus(Duration::from_mins(30)), ..wanted(world) };
    let appointment = book(world, &booking).await;
    hand_out(world, &appointment, Mail).await;
    all_sent(world).await;
    world.clock.advance(wall(21, 30).since(world.ambient.now()));
    (booking, appointment)
}

async fn due(world: &World) -> Vec<domain::Timestamp> {
    outbox(world).await.into_iter().map(|(message, _)| message.due_at).collect()
}

#[tokio::test]
async fn what_would_come_after_the_time_it_was_to_start_at_does_not_wait_for_the_morning() {
    for cancels in [true, false] {
        let world = sending().await;
        let (booking, _) = known_by_evening(&world, 7, 30).await;
        let week = Duration::from_hours(24 * 7);
        let change = if cancels {
            Booking { status: domain::appointment::Status::Cancelled, ..booking }
        } else {
            Booking {
                starts_at: booking.starts_at.plus(week),
                ends_at: booking.ends_at.plus(week),
                ..booking
            }
        };
        book(&world, &change).await;
        assert_eq!(due(&world).await, [world.ambient.now(); 2]);
    }
}

#[tokio::test]
async fn what_is_in_time_in_the_morning_waits_for_it_until_it_no_longer_is() {
    let world = sending().await;
    set(&world, |settings| settings.tell_changes = true).await;
    let (mut booking, _) = known_by_evening(&world, 12, 0).await;
    booking.starts_at = wall(24 + 13, 0);
    booking.ends_at = wall(24 + 14, 0);
    book(&world, &booking).await;
    assert_eq!(due(&world).await, [wall(24 + 8, 0); 2]);
    booking.starts_at = wall(24 + 7, 30);
    book(&world, &booking).await;
    let waiting = outbox(&world).await;
    assert!(waiting.iter().all(|(message, _)| message.due_at == world.ambient.now()), "{waiting:?}");
}
