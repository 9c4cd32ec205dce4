//! "No more messages", said on the page.

use domain::{
    appointment::Consent,
    outreach::message::Channel,
    text::{Email, Phone},
};
use store::ports::consents::SaidBy;

use super::*;

/// Rosa's visit; she is written to by both ways.
fn booking(world: &World) -> Booking {
    let mut booking = world.booking();
    booking.attendees[0].email = Some(Email::parse("rosa@example.org").unwrap());
    booking.attendees[0].phone = Some(Phone::parse("+15550100123").unwrap());
    booking.attendees[0].consent = Consent { email: true, sms: true };
    booking
}

async fn consent(world: &World, appointment: &Appointment) -> Consent {
    let mut tx = world.store.read().await.unwrap();
    tx.appointment(world.clinic, appointment.id).await.unwrap().unwrap().attendees[0].consent
}

async fn say(world: &World, token: &str, channel: Channel, given: bool) -> bool {
    let page = world.page(token).await.page_token;
    world.outreach.set_messages(token, page.as_deref(), channel, given).await.unwrap()
}

#[tokio::test]
async fn a_patient_stops_one_way_and_takes_it_back_and_both_are_recorded_as_theirs() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let appointment = world.outreach.book(world.clinic, &booking(&world)).await.unwrap().appointment;
        let token = world.token(&appointment).await;
        let shown = || async { world.outreach.visit(&token).await.unwrap().messages };
        let both = |sms| {
            vec![
                MessagesBy { channel: Channel::Email, given: true },
                MessagesBy { channel: Channel::Sms, given: sms },
            ]
        };
        assert_eq!(shown().await, both(true));
        assert!(say(&world, &token, Channel::Sms, false).await);
        assert_eq!(consent(&world, &appointment).await, Consent { email: true, sms: false });
        assert_eq!(shown().await, both(false), "it can be taken back there");
        assert!(say(&world, &token, Channel::Sms, true).await);
        assert_eq!(consent(&world, &appointment).await, Consent { email: true, sms: true });
        let mut tx = world.store.read().await.unwrap();
        let attendee = appointment.attendees[0].id;
        let said = tx.consents_of(world.clinic, appointment.id, attendee).await.unwrap();
        let theirs: Vec<bool> =
            said.iter().filter(|one| one.said_by == SaidBy::Patient).map(|one| one.given).collect();
        assert_eq!(theirs, [false, true]);
        let address = ["+15550100123".to_owned()];
        assert!(tx.opted_out(Channel::Sms, &address).await.unwrap().is_empty(), "that is STOP's");
    }
}

#[tokio::test]
async fn without_the_pages_token_nothing_is_said() {
    let world = World::new().await;
    let appointment = world.outreach.book(world.clinic, &booking(&world)).await.unwrap().appointment;
    let token = world.token(&appointment).await;
    let before = world.traces().await;
    for page in [None, Some("made up")] {
        assert!(!world.outreach.set_messages(&token, page, Channel::Email, false).await.unwrap());
    }
    assert_eq!(world.traces().await, before);
    assert_eq!(consent(&world, &appointment).await, Consent { email: true, sms: true });
}

#[tokio::test]
async fn nobody_agrees_on_the_page_to_what_they_had_not_taken_back_there() {
    let world = World::new().await;
    let mut booking = booking(&world);
    booking.attendees[0].consent = Consent { email: false, sms: true };
    booking.attendees[0].phone = None;
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let token = world.token(&appointment).await;
    assert!(world.outreach.visit(&token).await.unwrap().messages.is_empty());
    for (channel, given) in [(Channel::Email, true), (Channel::Sms, false), (Channel::Copy, false)] {
        assert!(!say(&world, &token, channel, given).await, "{channel:?}");
    }
    assert_eq!(consent(&world, &appointment).await, Consent { email: false, sms: true });
}

#[tokio::test]
async fn it_counts_for_all_visits_to_come_of_the_same_person_and_for_nobody_elses() {
    let world = World::new().await;
    let first = world.outreach.book(world.clinic, &booking(&world)).await.unwrap().appointment;
    let mut others = Vec::new();
    for (id, person) in [("A-2", "P-1"), ("A-3", "P-9")] {
        let mut later = booking(&world);
        later.external_id = Some(domain::text::ExternalId::parse(id).unwrap());
        later.attendees[0].external_id = Some(domain::text::ExternalId::parse(person).unwrap());
        later.starts_at = later.starts_at.plus(Duration::from_hours(48));
        later.ends_at = later.ends_at.plus(Duration::from_hours(48));
        others.push(world.outreach.book(world.clinic, &later).await.unwrap().appointment);
    }
    assert!(say(&world, &world.token(&first).await, Channel::Email, false).await);
    assert!(!consent(&world, &first).await.email);
    assert!(!consent(&world, &others[0]).await.email, "hers");
    assert!(consent(&world, &others[1]).await.email, "somebody else's");
}

#[tokio::test]
async fn stopping_messages_while_the_visit_is_booked_anew_makes_neither_of_them_fail() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let mut wanted = booking(&world);
        let appointment = world.outreach.book(world.clinic, &wanted).await.unwrap().appointment;
        let token = world.token(&appointment).await;
        let page = world.page(&token).await.page_token;
        for given in [false, true, false, true] {
            wanted.ends_at = wanted.ends_at.plus(Duration::from_mins(1));
            let says = world.outreach.set_messages(&token, page.as_deref(), Channel::Sms, given);
            let (said, booked) = tokio::join!(says, world.outreach.book(world.clinic, &wanted));
            assert!(said.unwrap());
            booked.unwrap();
            assert_eq!(consent(&world, &appointment).await, Consent { email: true, sms: given });
        }
    }
}
