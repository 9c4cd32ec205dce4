use std::time::Duration;

use domain::attendance::matching::Press;
use store::ports::messages::Tried;

use super::*;
use crate::{
    To,
    hand_out::tests::{all_sent, booked, person, sending, settle_all, wall},
    testing::World,
};
use MessageState::{Copied, Delivered, Failed, Queued, Sent, Withdrawn};

async fn ledger(world: &World, appointment: &Appointment) -> Ledger {
    let appointments = std::slice::from_ref(appointment);
    world.outreach.ledgers(world.clinic, appointments).await.unwrap().remove(&appointment.id).unwrap()
}

#[tokio::test]
async fn it_tells_of_everybody_what_they_were_sent_and_what_they_did() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let (rosa, luis) = (appointment.attendees[0].id, appointment.attendees[1].id);
    let nothing = ledger(&world, &appointment).await;
    assert_eq!(nothing.of.len(), 3, "two attendees and the host");
    assert!(nothing.of.iter().all(|of| !of.was_sent() && of.messages.is_empty()));

    world
        .outreach
        .hand_out(world.clinic, &appointment, To::Attendee(rosa), Channel::Sms, person(&world))
        .await
        .unwrap();
    all_sent(&world).await;
    world.outreach.copied(world.clinic, &appointment, To::Staff, person(&world)).await.unwrap();
    let mut tx = world.store.begin().await.unwrap();
    let room = tx.room_of(world.clinic, world.host).await.unwrap().unwrap();
    let links = tx.links_of(world.clinic, appointment.id).await.unwrap();
    let of_rosa = links.iter().find(|link| link.link_for == LinkFor::Attendee(appointment.id, rosa)).unwrap();
    let opened = world.ambient.now().plus(Duration::from_mins(1));
    tx.mark_opened(world.clinic, of_rosa.id, opened).await.unwrap();
    let pressed = opened.plus(Duration::from_mins(30));
    for (at, from_page) in [(opened, true), (pressed, true), (pressed.plus(Duration::from_mins(1)), false)] {
        let press = Press {
            id: world.ambient.id(),
            clinic_id: world.clinic,
            appointment_id: appointment.id,
            attendee_id: rosa,
            room_id: room.id,
            at,
            client_address: None,
            from_page,
        };
        tx.insert_press(&press).await.unwrap();
    }
    tx.commit().await.unwrap();

    let ledger = ledger(&world, &appointment).await;
    let of_rosa = ledger.of_attendee(rosa).unwrap();
    assert_eq!((of_rosa.messages.len(), of_rosa.was_sent()), (1, true));
    assert_eq!(of_rosa.opened_at, Some(opened));
    assert_eq!(of_rosa.pressed_at, Some(pressed), "a press that no page made is no press");
    assert!(!ledger.of_attendee(luis).unwrap().was_sent());
    assert!(ledger.of_host(&appointment).unwrap().was_sent(), "copying is handing out");
}

#[tokio::test]
async fn a_link_that_failed_or_was_renewed_is_not_with_its_owner() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let rosa = appointment.attendees[0].id;
    let hand_out = async || {
        let to = To::Attendee(rosa);
        world
            .outreach
            .hand_out(world.clinic, &appointment, to, Channel::Email, person(&world))
            .await
            .unwrap();
    };
    let is_with_them = async || ledger(&world, &appointment).await.of_attendee(rosa).unwrap().was_sent();
    hand_out().await;
    assert!(is_with_them().await, "it is on its way");
    settle_all(&world, &Tried::Over(MessageState::Failed, "smtp_550".to_owned())).await;
    assert!(!is_with_them().await);
    hand_out().await;
    all_sent(&world).await;
    assert!(is_with_them().await);
    world.outreach.reissue(world.clinic, &appointment, To::Attendee(rosa), person(&world)).await.unwrap();
    assert!(!is_with_them().await, "they hold the old link, which is dead");
    hand_out().await;
    assert!(is_with_them().await);
}

#[tokio::test]
async fn whoever_was_taken_off_keeps_their_place_at_the_end() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let luis = appointment.attendees[1].id;
    world
        .outreach
        .hand_out(world.clinic, &appointment, To::Patients, Channel::Email, person(&world))
        .await
        .unwrap();
    all_sent(&world).await;
    let mut booking = crate::Booking::from(&appointment);
    booking.attendees.truncate(1);
    let now = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let ledger = ledger(&world, &now).await;
    assert_eq!(ledger.of.len(), 3);
    let last = ledger.of.last().unwrap();
    assert_eq!(last.recipient, Recipient::Attendee(appointment.id, luis));
    let occasions: Vec<_> = last.messages.iter().map(|message| message.occasion).collect();
    assert_eq!(occasions, [Occasion::Link, Occasion::Cancelled]);
    assert!(!last.was_sent(), "they have no link any more");
}

#[tokio::test]
async fn the_ledgers_of_many_appointments_come_at_once_and_of_no_other_clinic() {
    let world = sending().await;
    let mut appointments = Vec::new();
    for number in 0..20 {
        let external_id = Some(domain::text::ExternalId::parse(&format!("a-{number}")).unwrap());
        let booking = crate::Booking { external_id, ..world.booking() };
        appointments.push(world.outreach.book(world.clinic, &booking).await.unwrap().appointment);
    }
    world.outreach.copied(world.clinic, &appointments[7], To::Patients, person(&world)).await.unwrap();
    let all = world.outreach.ledgers(world.clinic, &appointments).await.unwrap();
    assert_eq!(all.len(), 20);
    let sent = |appointment: &&Appointment| all[&appointment.id].of[0].was_sent();
    let with: Vec<_> = appointments.iter().filter(sent).map(|appointment| appointment.id).collect();
    assert_eq!(with, [appointments[7].id]);
    let elsewhere = world.other_clinic().await;
    let theirs = world.outreach.ledgers(elsewhere, &appointments[7..8]).await.unwrap();
    assert!(theirs[&appointments[7].id].of.iter().all(|of| of.messages.is_empty()));
}

#[test]
fn what_became_of_a_message_reads_on_the_clinics_clocks() {
    let zone = Zone::parse("America/Chicago").unwrap();
    let now = wall(10, 0);
    let ambient = domain::Ambient::manual(now, 1).0;
    let message = |channel, state, reason: Option<&str>, at: Timestamp| Message {
        id: ambient.id(),
        clinic_id: ambient.id(),
        to: Recipient::Attendee(ambient.id(), ambient.id()),
        channel,
        occasion: Occasion::Link,
        state,
        reason: reason.map(str::to_owned),
        asked_by: None,
        queued_at: at,
        due_at: at,
        tries: 0,
        sent_at: Some(at),
        changed_at: at,
    };
    let words =
        |channel, state, reason, at| message_in_words(&message(channel, state, reason, at), &zone, now);
    let at = wall(9, 58);
    assert_eq!(words(Channel::Email, Delivered, None, at), "e-mail delivered 09:58");
    assert_eq!(words(Channel::Sms, Sent, None, at), "text sent 09:58");
    assert_eq!(words(Channel::Copy, Copied, None, at), "link copied 09:58");
    assert_eq!(words(Channel::Email, Queued, None, at), "e-mail waits to be sent");
    assert_eq!(
        words(Channel::Email, Queued, Some("smtp_timeout"), wall(10, 5)),
        "e-mail to be sent 10:05: the mail server did not take it in time"
    );
    assert_eq!(
        words(Channel::Sms, Failed, Some("sms_21614"), at),
        "text failed: the number is no mobile telephone (21614)"
    );
    assert_eq!(
        words(Channel::Email, Withdrawn, Some("link_renewed"), at),
        "e-mail withdrawn: its link was replaced by a new one"
    );
    let yesterday = at.minus(Duration::from_hours(24));
    assert_eq!(words(Channel::Email, Sent, None, yesterday), "e-mail sent 22 Nov 09:58");
}
