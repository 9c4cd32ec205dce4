use std::time::Duration;

use domain::{
    appointment::{Appointment, Consent, Status},
    outreach::message::{Message, MessageState, Recipient},
    text::{ExternalId, Name},
};
use store::ports::messages::DueMessage;

use super::*;
use crate::{BookedAttendee, Booking, Content, MailSettings, SmsSettings, testing::World};

const ROSA: &str = "rosa@patients.example";
const MOBILE: &str = "+1 555 010 0123";

/// A clinic that can send by both channels; nothing leaves, since nobody works the outbox.
async fn sending() -> World {
    let mut world = World::new().await;
    let mail = MailSettings {
        url: "smtp://127.0.0.1:1".into(),
        from: Email::parse("visits@anteroom.example").unwrap(),
    };
    let sms = SmsSettings {
        url: "http://127.0.0.1:1".parse().unwrap(),
        account: "AC1".to_owned(),
        token: "token".into(),
        from: Phone::parse("+15550100000").unwrap(),
    };
    world.outreach = world.outreach.clone().sending_by(Some(mail), Some(sms));
    world
}

fn lost(text: &str) -> LostBy {
    LostBy::parse(text).unwrap()
}

fn attendee(external_id: Option<&str>, name: &str) -> BookedAttendee {
    BookedAttendee {
        external_id: external_id.map(|id| ExternalId::parse(id).unwrap()),
        name: Name::parse(name).unwrap(),
        email: Some(Email::parse(ROSA).unwrap()),
        phone: Some(Phone::parse(MOBILE).unwrap()),
        consent: Consent { email: true, sms: true },
        language: None,
    }
}

fn rosa() -> BookedAttendee {
    attendee(Some("P-1"), "Rosa Delgado")
}

async fn visit(world: &World, name: &str, hours: u64, people: Vec<BookedAttendee>) -> Appointment {
    let starts_at = world.ambient.now().plus(Duration::from_hours(hours));
    let booking = Booking {
        external_id: Some(ExternalId::parse(name).unwrap()),
        starts_at,
        ends_at: starts_at.plus(Duration::from_hours(1)),
        attendees: people,
        ..world.booking()
    };
    world.outreach.book(world.clinic, &booking).await.unwrap().appointment
}

async fn change(world: &World, appointment: &Appointment, change: impl FnOnce(&mut Booking)) {
    let mut booking = Booking::from(appointment);
    change(&mut booking);
    world.outreach.book(world.clinic, &booking).await.unwrap();
}

/// What waits to be sent, with what it says.
async fn queued(world: &World) -> Vec<(Message, Content)> {
    let mut tx = world.store.begin().await.unwrap();
    let (now, soon) = (world.ambient.now(), world.ambient.now().plus(Duration::from_mins(1)));
    let mut all = Vec::new();
    for channel in [Channel::Email, Channel::Sms] {
        for due in tx.claim_messages(channel, now, soon, 100).await.unwrap() {
            let DueMessage { message, content_sealed } = due;
            let content = world.outreach.open_content(message.clinic_id, message.id, content_sealed).unwrap();
            all.push((message, content));
        }
    }
    // Not committed: they wait on.
    all
}

async fn about(world: &World) -> Vec<domain::AppointmentId> {
    queued(world).await.iter().map(|(message, _)| message.to.appointment().unwrap()).collect()
}

#[tokio::test]
async fn the_link_of_the_next_visit_is_sent_again_to_the_address_on_file() {
    for (typed, channel) in [(" Rosa@Patients.EXAMPLE ", Channel::Email), ("+1 (555) 010-0123", Channel::Sms)]
    {
        let world = sending().await;
        visit(&world, "later", 48, vec![rosa()]).await;
        let next = visit(&world, "next", 2, vec![rosa()]).await;
        let before = world.token(&next).await;
        world.outreach.recover(&lost(typed)).await.unwrap();
        let queued = queued(&world).await;
        let [(message, content)] = queued.as_slice() else { panic!("one message, not {}", queued.len()) };
        assert_eq!(message.to, Recipient::Attendee(next.id, next.attendees[0].id));
        assert_eq!((message.occasion, message.channel), (Occasion::Recovery, channel));
        assert_eq!((message.state, &message.asked_by), (MessageState::Queued, &None));
        let (to, text) = match content {
            Content::Email(mail) => (mail.to.to_string(), &mail.text),
            Content::Sms(sms) => (sms.to.to_string(), &sms.text),
        };
        assert!(to == ROSA || to == "+15550100123", "{to}");
        assert!(text.contains(&before), "the link is the one that was sent before");
        assert_eq!(world.token(&next).await, before);
    }
}

#[tokio::test]
async fn for_one_attendee_and_channel_there_is_one_message_in_the_hour() {
    let world = sending().await;
    let next = visit(&world, "next", 20, vec![rosa()]).await;
    for _ in 0..3 {
        world.outreach.recover(&lost(ROSA)).await.unwrap();
    }
    assert_eq!(about(&world).await, [next.id]);
    world.outreach.recover(&lost(MOBILE)).await.unwrap();
    assert_eq!(about(&world).await, [next.id, next.id], "the other way is another one");
    world.clock.advance(Duration::from_hours(1));
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(about(&world).await.len(), 3);
}

#[tokio::test]
async fn for_one_attendee_and_channel_there_are_three_messages_in_any_day() {
    let world = sending().await;
    visit(&world, "next", 48, vec![rosa()]).await;
    let ask = async || {
        world.clock.advance(Duration::from_hours(1));
        world.outreach.recover(&lost(ROSA)).await.unwrap();
        about(&world).await.len()
    };
    let mut counts = Vec::new();
    for _ in 0..6 {
        counts.push(ask().await);
    }
    assert_eq!(counts, [1, 2, 3, 3, 3, 3]);
    world.outreach.recover(&lost(MOBILE)).await.unwrap();
    assert_eq!(about(&world).await.len(), 4, "the other way is another one");
    world.clock.advance(Duration::from_hours(18));
    assert_eq!(ask().await, 5, "a day after the first of them there is room for one");
    assert_eq!(ask().await, 6);
}

#[tokio::test]
async fn nothing_is_sent_to_whom_nothing_may_be_sent() {
    let no_consent = BookedAttendee { consent: Consent::default(), ..rosa() };
    for (people, opted_out, sends) in
        [(vec![no_consent], false, 0), (vec![rosa()], true, 0), (vec![rosa()], false, 1)]
    {
        let world = sending().await;
        visit(&world, "a", 2, people).await;
        if opted_out {
            let mut tx = world.store.begin().await.unwrap();
            tx.opt_out(Channel::Email, ROSA, world.ambient.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        world.outreach.recover(&lost(ROSA)).await.unwrap();
        assert_eq!(queued(&world).await.len(), sends);
    }
    let off = World::new().await;
    visit(&off, "a", 2, vec![rosa()]).await;
    off.outreach.recover(&lost(ROSA)).await.unwrap();
    assert!(queued(&off).await.is_empty(), "nothing is set up to send by");
}

#[tokio::test]
async fn a_visit_that_is_over_cancelled_at_the_clinic_or_far_off_is_no_reason_to_write() {
    let world = sending().await;
    let cancelled = visit(&world, "cancelled", 2, vec![rosa()]).await;
    change(&world, &cancelled, |booking| booking.status = Status::Cancelled).await;
    let at_the_clinic = visit(&world, "at the clinic", 3, vec![rosa()]).await;
    change(&world, &at_the_clinic, |booking| booking.kind = Kind::InPerson).await;
    visit(&world, "far off", 31 * 24, vec![rosa()]).await;
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert!(about(&world).await.is_empty());
    let running = visit(&world, "running", 0, vec![rosa()]).await;
    world.clock.advance(Duration::from_mins(59));
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(about(&world).await, [running.id], "one that runs is");
}

#[tokio::test]
async fn whoever_is_cut_off_past_the_end_gets_the_link_as_long_as_it_works_beside_that_of_the_next_visit() {
    let world = sending().await;
    let overrun = visit(&world, "overrun", 0, vec![rosa()]).await;
    let next = visit(&world, "next", 48, vec![rosa()]).await;
    world.clock.advance(Duration::from_mins(61));
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(HashSet::from_iter(about(&world).await), HashSet::from([overrun.id, next.id]));
    // Four hours after the end it leads nowhere.
    world.clock.advance(Duration::from_mins(239));
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    let told = about(&world).await;
    assert_eq!(told.iter().filter(|id| **id == overrun.id).count(), 1);
    assert_eq!(told.iter().filter(|id| **id == next.id).count(), 2);
}

#[tokio::test]
async fn visits_of_the_last_days_keep_nobody_from_the_next_one() {
    let world = sending().await;
    for n in 0..25 {
        visit(&world, &format!("lately {n}"), n, vec![rosa()]).await;
    }
    world.clock.advance(Duration::from_hours(40));
    let next = visit(&world, "next", 2, vec![rosa()]).await;
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(about(&world).await, [next.id]);
}

#[tokio::test]
async fn the_board_hears_of_a_link_that_is_sent_again_and_of_nothing_where_none_is() {
    let world = sending().await;
    visit(&world, "a", 2, vec![rosa()]).await;
    let (before, ..) = world.traces().await;
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(world.traces().await.0, before + 1);
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    assert_eq!(world.traces().await.0, before + 1, "it was sent already");
}

#[tokio::test]
async fn everybody_who_shares_an_address_gets_their_own_link_there_but_no_more_than_five() {
    let world = sending().await;
    let family: Vec<_> = (1..=7).map(|n| attendee(Some(&format!("P-{n}")), &format!("Child {n}"))).collect();
    for (n, child) in family.into_iter().enumerate() {
        let hours = u64::try_from(n).unwrap() + 2;
        visit(&world, &format!("first of {n}"), hours, vec![child.clone()]).await;
        visit(&world, &format!("second of {n}"), hours + 24, vec![child]).await;
    }
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    let mut attendees: Vec<_> =
        queued(&world).await.iter().map(|(message, _)| message.to.attendee()).collect();
    attendees.sort_unstable();
    attendees.dedup();
    assert_eq!(attendees.len(), 5, "of five people, the soonest visits");
    assert_eq!(queued(&world).await.len(), 5, "one each");
}

#[tokio::test]
async fn without_the_schedulers_ids_two_names_at_one_address_are_two_people() {
    let world = sending().await;
    let first = visit(&world, "rosa 1", 2, vec![attendee(None, "Rosa Delgado")]).await;
    visit(&world, "rosa 2", 3, vec![attendee(None, "rosa delgado")]).await;
    let tom = visit(&world, "tom", 4, vec![attendee(None, "Tom Delgado")]).await;
    world.outreach.recover(&lost(ROSA)).await.unwrap();
    let told: HashSet<_> = about(&world).await.into_iter().collect();
    assert_eq!(told, HashSet::from([first.id, tom.id]));
}

#[tokio::test]
async fn an_address_that_nobody_has_and_one_that_somebody_has_come_out_alike() {
    let world = sending().await;
    visit(&world, "a", 2, vec![rosa()]).await;
    let known = world.outreach.recover(&lost(ROSA)).await;
    let unknown = world.outreach.recover(&lost("nobody@patients.example")).await;
    assert_eq!(format!("{known:?}"), format!("{unknown:?}"));
    assert_eq!(queued(&world).await.len(), 1);
}

#[test]
fn what_was_typed_is_an_address_a_number_or_nothing() {
    assert_eq!(lost("Rosa@Patients.example").as_str(), "rosa@patients.example");
    assert_eq!(lost("+1 (555) 010-0123").as_str(), "+15550100123");
    for neither in [
        "",
        " ",
        "rosa",
        "rosa@",
        "@",
        "555 010 0123",
        "+1",
        "rosa@patients.example\r\nBcc: all@patients.example",
        "rosa@patients.example, tom@patients.example",
        "<rosa@patients.example>",
        "+1 555 010 0123 4567 8901 2345 6789",
    ] {
        assert_eq!(LostBy::parse(neither), None, "{neither:?}");
    }
    assert_eq!(LostBy::parse(&"x".repeat(100_000)), None);
}
