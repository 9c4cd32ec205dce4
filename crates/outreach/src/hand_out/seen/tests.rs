use std::time::Duration;

use domain::{appointment::Appointment, text::Email};

use super::*;
use crate::{
    Booking, HandOutError, HandedOut, To,
    hand_out::tests::{booked, messages, person, sending},
    testing::World,
};

async fn seen(world: &World, appointment: &Appointment) -> Confirmed {
    let preview =
        world.outreach.preview(world.clinic, appointment, To::Patients, Channel::Email).await.unwrap();
    Confirmed::parse(&preview.seen().to_string(), "0a1b").expect("what the page holds is understood")
}

async fn press(
    world: &World,
    appointment: &Appointment,
    confirmed: &Confirmed,
) -> Result<HandedOut, HandOutError> {
    let (to, by) = (To::Patients, Channel::Email);
    world.outreach.hand_out_seen(world.clinic, appointment, to, by, person(world), confirmed).await
}

async fn change(world: &World, appointment: &Appointment, change: impl FnOnce(&mut Booking)) {
    let mut booking = Booking::from(appointment);
    change(&mut booking);
    world.outreach.book(world.clinic, &booking).await.unwrap();
}

#[tokio::test]
async fn what_was_seen_is_sent_however_long_it_was_looked_at() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let confirmed = seen(&world, &appointment).await;
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(press(&world, &appointment, &confirmed).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn the_same_press_twice_sends_once() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let confirmed = seen(&world, &appointment).await;
    press(&world, &appointment, &confirmed).await.unwrap();
    let second = press(&world, &appointment, &confirmed).await.unwrap();
    assert_eq!((second.messages.len(), second.before), (0, 2));
    assert_eq!(messages(&world, &appointment).await.len(), 2);
    let other = Confirmed { nonce: "another".to_owned(), ..confirmed };
    assert_eq!(
        press(&world, &appointment, &other).await.unwrap().messages.len(),
        2,
        "another page is another press"
    );
}

#[tokio::test]
async fn what_was_changed_since_it_was_seen_is_not_sent_and_is_told() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let confirmed = seen(&world, &appointment).await;
    change(&world, &appointment, |booking| {
        booking.starts_at = booking.starts_at.plus(Duration::from_mins(5));
        booking.ends_at = booking.ends_at.plus(Duration::from_mins(5));
    })
    .await;
    let refused = press(&world, &appointment, &confirmed).await;
    assert!(
        matches!(&refused, Err(HandOutError::Changed(what)) if what.contains(&Changed::Appointment)),
        "{refused:?}"
    );
    assert!(messages(&world, &appointment).await.is_empty());
    let again = seen(&world, &appointment).await;
    assert_eq!(press(&world, &appointment, &again).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn another_address_other_people_and_a_renewed_link_are_told_apart() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let rosa = appointment.attendees[0].id;

    let confirmed = seen(&world, &appointment).await;
    world.outreach.reissue(world.clinic, &appointment, To::Attendee(rosa), person(&world)).await.unwrap();
    let refused = press(&world, &appointment, &confirmed).await;
    assert!(matches!(&refused, Err(HandOutError::Changed(what)) if *what == [Changed::Words]), "{refused:?}");

    let confirmed = seen(&world, &appointment).await;
    change(&world, &appointment, |booking| {
        booking.attendees[0].email = Some(Email::parse("rosa@elsewhere.example").unwrap());
    })
    .await;
    let refused = press(&world, &appointment, &confirmed).await;
    assert!(
        matches!(&refused, Err(HandOutError::Changed(what)) if what.contains(&Changed::Addresses)),
        "{refused:?}"
    );

    let confirmed = seen(&world, &appointment).await;
    change(&world, &appointment, |booking| booking.attendees[0].consent.email = false).await;
    let refused = press(&world, &appointment, &confirmed).await;
    assert!(
        matches!(&refused, Err(HandOutError::Changed(what)) if what.contains(&Changed::People)),
        "{refused:?}"
    );
    assert!(messages(&world, &appointment).await.is_empty());
}

#[test]
fn what_no_page_holds_is_not_understood() {
    let seen = "1.a.b.c";
    assert!(Confirmed::parse(seen, "0a").is_some());
    for (seen, nonce) in
        [("", "0a"), ("1.a.b", "0a"), ("1.a.b.c.d", "0a"), (seen, ""), (seen, "a/b"), (seen, "é")]
    {
        assert_eq!(Confirmed::parse(seen, nonce), None, "{seen:?} {nonce:?}");
    }
    assert_eq!(Confirmed::parse(seen, &"a".repeat(65)), None);
}
