use std::time::Duration;

use domain::{
    Timestamp,
    appointment::{Appointment, Consent, Kind, Status},
    attendance::{
        matching::{Level, Press, StaffOrToken},
        presence::Whereabouts,
    },
    clinic::Zone,
    outreach::{
        Settings,
        desk::Marked,
        message::{Channel, Message, MessageState, Occasion},
        reminders::{Ladder, QuietHours},
    },
    text::Phone,
};
use proptest::prelude::*;
use store::ports::messages::Tried;

use super::*;
use crate::{
    Booking,
    notices::tests::{booking, mark, messages, put_into_the_room, sending, visit},
    testing::{JOIN_URL, NUMBER, World},
};

const DAY: u32 = 24 * 60;

/// The clinic reminds so many minutes before. These tests begin at eight in the morning, as quiet hours end.
async fn with_ladder(world: &World, rungs: &[u32]) -> Outreach {
    set(world, |settings| settings.ladder = Ladder::new(rungs.to_vec()).unwrap()).await;
    sending(world)
}

async fn set(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut tx = world.store.begin().await.unwrap();
    let mut settings = tx.outreach_settings(world.clinic).await.unwrap();
    settings.send_when_booked = false;
    change(&mut settings);
    tx.set_outreach_settings(world.clinic, &settings).await.unwrap();
    tx.commit().await.unwrap();
}

async fn reminders(world: &World, appointment: &Appointment) -> Vec<Message> {
    messages(world, &[appointment], Occasion::Reminder).await
}

async fn settle(world: &World, message: &Message, tried: Tried) {
    let mut tx = world.store.begin().await.unwrap();
    tx.settle_message(world.clinic, message.id, &tried, world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The outbox works.
async fn all_sent(world: &World, appointment: &Appointment) {
    for message in reminders(world, appointment).await {
        if message.state == MessageState::Queued {
            settle(world, &message, Tried::Sent(None)).await;
        }
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

#[tokio::test]
async fn each_rung_reminds_once_however_often_it_is_looked_and_by_how_many() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        world.give_room(world.host, NUMBER, JOIN_URL).await;
        let one = with_ladder(&world, &[60, 10]).await;
        let other = one.clone();
        let next = visit(&world, "next", 90).await;
        let mut counts = Vec::new();
        for _ in 0..95 {
            let (one, other) = tokio::join!(one.remind(), other.remind());
            counts.push(one.unwrap() + other.unwrap());
            all_sent(&world, &next).await;
            world.clock.advance(minutes(1));
        }
        let when: Vec<_> = (0..).zip(&counts).filter(|(_, count)| **count > 0).map(|(at, _)| at).collect();
        assert_eq!(when, [30, 80], "an hour before and ten minutes before");
        assert_eq!(reminders(&world, &next).await.len(), 2);
    }
}

#[tokio::test]
async fn a_reminder_goes_by_each_channel_that_they_agreed_to() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let mut both = booking(&world, "both", 10);
    both.attendees[0].phone = Some(Phone::parse("+15550100123").unwrap());
    both.attendees[0].consent = Consent { email: true, sms: true };
    let both = world.outreach.book(world.clinic, &both).await.unwrap().appointment;
    let mut none = booking(&world, "none", 10);
    none.attendees[0].consent = Consent::default();
    let none = world.outreach.book(world.clinic, &none).await.unwrap().appointment;
    assert_eq!(outreach.remind().await.unwrap(), 2);
    let channels: Vec<_> = reminders(&world, &both).await.iter().map(|message| message.channel).collect();
    assert!(channels.contains(&Channel::Email) && channels.contains(&Channel::Sms));
    assert_eq!(reminders(&world, &none).await, []);
    assert!(reminders(&world, &both).await.iter().all(|message| message.asked_by.is_none()));
}

#[tokio::test]
async fn whoever_said_stop_is_not_reminded() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let next = visit(&world, "next", 10).await;
    let mut tx = world.store.begin().await.unwrap();
    tx.opt_out(Channel::Email, "rosa@home.example", world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(outreach.remind().await.unwrap(), 0);
    assert_eq!(reminders(&world, &next).await, []);
}

#[tokio::test]
async fn a_clinic_without_a_ladder_reminds_nobody() {
    let world = World::new().await;
    visit(&world, "next", 10).await;
    assert_eq!(sending(&world).remind().await.unwrap(), 0);
}

#[tokio::test]
async fn nobody_is_reminded_of_what_does_not_take_place_in_the_room() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let cancelled = Booking { status: Status::Cancelled, ..booking(&world, "cancelled", 10) };
    let in_person = Booking { kind: Kind::InPerson, ..booking(&world, "in person", 10) };
    for booking in [cancelled, in_person] {
        world.outreach.book(world.clinic, &booking).await.unwrap();
    }
    assert_eq!(outreach.remind().await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_is_there_or_on_the_way_is_not_reminded() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let waiting = visit(&world, "waiting", 10).await;
    put_into_the_room(&world, &waiting, Level::Certain, Whereabouts::Waiting).await;
    let marked = visit(&world, "marked", 10).await;
    mark(&world, &marked, Marked::Waiting).await;
    let pressed = visit(&world, "pressed", 10).await;
    press(&world, &pressed, true).await;
    assert_eq!(outreach.remind().await.unwrap(), 0);
}

#[tokio::test]
async fn a_mail_scanner_keeps_nobody_from_being_reminded() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let next = visit(&world, "next", 10).await;
    press(&world, &next, false).await;
    assert_eq!(outreach.remind().await.unwrap(), 1);
}

async fn press(world: &World, appointment: &Appointment, from_page: bool) {
    let mut tx = world.store.begin().await.unwrap();
    let room = tx.room_of(world.clinic, world.host).await.unwrap().unwrap();
    let press = Press {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        appointment_id: appointment.id,
        attendee_id: appointment.attendees[0].id,
        room_id: room.id,
        at: world.ambient.now(),
        client_address: None,
        from_page,
    };
    tx.insert_press(&press).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_link_that_could_not_work_is_sent_as_soon_as_it_can() {
    let world = World::bare(store::testing::sqlite().await).await;
    let outreach = with_ladder(&world, &[60, 10]).await;
    visit(&world, "next", 60).await;
    assert_eq!(outreach.remind().await.unwrap(), 0, "the host has no room");
    world.clock.advance(minutes(20));
    world.give_room(world.host, NUMBER, JOIN_URL).await;
    assert_eq!(outreach.remind().await.unwrap(), 1, "and 40 minutes before it is still good");
}

#[tokio::test]
async fn after_downtime_one_reminder_goes_out_and_not_yesterdays() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[3 * DAY, DAY, 60, 10]).await;
    // Down from before the first until five minutes before the start.
    let next = visit(&world, "next", u64::from(4 * DAY + 240)).await;
    world.clock.set(next.starts_at.minus(minutes(5)));
    assert_eq!(outreach.remind().await.unwrap(), 1);
    assert_eq!(outreach.remind().await.unwrap(), 0);
    world.clock.set(next.starts_at);
    assert_eq!(outreach.remind().await.unwrap(), 0, "it has begun");

    let other = visit(&world, "other", u64::from(4 * DAY + 240)).await;
    world.clock.set(other.starts_at.minus(minutes(20)));
    assert_eq!(outreach.remind().await.unwrap(), 0, "the hour's is overtaken, and ten minutes come soon");
}

#[tokio::test]
async fn a_message_with_the_link_takes_the_reminders_place() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[60]).await;
    let next = visit(&world, "next", 65).await;
    queue(&world, &outreach, &next, Occasion::Link).await;
    world.clock.advance(minutes(5));
    assert_eq!(outreach.remind().await.unwrap(), 0);
    world.clock.advance(minutes(20));
    assert_eq!(outreach.remind().await.unwrap(), 0, "and not put off, either");
}

#[tokio::test]
async fn a_message_from_long_before_does_not() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[60]).await;
    let next = visit(&world, "next", 80).await;
    let sent = queue(&world, &outreach, &next, Occasion::Booked).await;
    settle(&world, &sent, Tried::Sent(None)).await;
    world.clock.advance(minutes(20));
    assert_eq!(outreach.remind().await.unwrap(), 1);
}

#[tokio::test]
async fn a_message_that_failed_does_not() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[60]).await;
    let next = visit(&world, "next", 60).await;
    let failed = queue(&world, &outreach, &next, Occasion::Link).await;
    settle(&world, &failed, Tried::Over(MessageState::Failed, "refused".into())).await;
    assert_eq!(outreach.remind().await.unwrap(), 1);
}

#[tokio::test]
async fn two_reminders_never_go_at_once() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[60, 10]).await;
    let next = visit(&world, "next", 60).await;
    assert_eq!(outreach.remind().await.unwrap(), 1);
    // The mail server is down: the first one is still in the outbox as the second is due.
    world.clock.advance(minutes(51));
    assert_eq!(outreach.remind().await.unwrap(), 0);
    all_sent(&world, &next).await;
    world.clock.advance(minutes(5));
    assert_eq!(outreach.remind().await.unwrap(), 0, "it has only just been sent");
    assert_eq!(reminders(&world, &next).await.len(), 1);
}

#[tokio::test]
async fn a_visit_that_is_moved_is_reminded_of_anew() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[60]).await;
    let next = visit(&world, "next", 60).await;
    assert_eq!(outreach.remind().await.unwrap(), 1);
    all_sent(&world, &next).await;
    world.clock.advance(minutes(30));
    set(&world, |settings| settings.tell_changes = false).await;
    let moved = booking(&world, "next", 90);
    let moved = world.outreach.book(world.clinic, &moved).await.unwrap().appointment;
    assert_eq!(outreach.remind().await.unwrap(), 0);
    world.clock.set(moved.starts_at.minus(minutes(60)));
    assert_eq!(outreach.remind().await.unwrap(), 1);
    assert_eq!(reminders(&world, &moved).await.len(), 2);
}

#[tokio::test]
async fn nothing_goes_out_in_quiet_hours() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[DAY]).await;
    set(&world, |settings| settings.quiet = Some(QuietHours::default())).await;
    // Down as the reminder was due, back at 22:30 in Chicago, for a visit at 14:00 the next day.
    world.clock.set("2026-11-23T18:00:00Z".parse().unwrap());
    let next = visit(&world, "next", 26 * 60).await;
    world.clock.set("2026-11-24T04:30:00Z".parse().unwrap());
    assert_eq!(outreach.remind().await.unwrap(), 0);
    let morning: Timestamp = "2026-11-24T14:00:00Z".parse().unwrap();
    world.clock.set(morning.minus(Duration::from_secs(1)));
    assert_eq!(outreach.remind().await.unwrap(), 0);
    world.clock.set(morning);
    assert_eq!(outreach.remind().await.unwrap(), 1, "at eight");
    assert_eq!(reminders(&world, &next).await[0].due_at, morning);
}

#[tokio::test]
async fn boards_hear_of_reminders_and_another_clinic_gets_none() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    world.other_clinic().await;
    visit(&world, "next", 10).await;
    let before = world.traces().await.0;
    assert_eq!(outreach.remind().await.unwrap(), 1);
    assert_eq!(world.traces().await.0, before + 1);
    assert_eq!(outreach.remind().await.unwrap(), 0);
    assert_eq!(world.traces().await.0, before + 1, "and a round without any writes nothing");
}

async fn queue(world: &World, outreach: &Outreach, appointment: &Appointment, occasion: Occasion) -> Message {
    let mut tx = world.store.begin().await.unwrap();
    let telling = telling::Telling::of(&mut *tx, world.clinic).await.unwrap().unwrap();
    let host = tx.staff_member(world.clinic, world.host).await.unwrap().unwrap();
    let links = world.outreach.links(world.clinic, appointment).await.unwrap();
    let tell = telling::Tell {
        appointment,
        host: &host,
        attendee: &appointment.attendees[0],
        channel: Channel::Email,
        occasion,
        minutes_late: None,
        asked_by: Some(StaffOrToken::Staff(world.host)),
        once: "a test's".to_owned(),
    };
    let told = outreach.tell(&mut *tx, &telling, &links, tell, world.ambient.now()).await.unwrap();
    assert_eq!(told, telling::Told::Queued);
    tx.commit().await.unwrap();
    messages(world, &[appointment], occasion).await.remove(0)
}

/// What happens between two looks at the clock.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes: a moment, or the time in which nothing ran.
    Pass(u64),
    /// One instance looks, or two at once.
    Look(bool),
    /// The outbox sends what it holds.
    Send,
    /// The scheduler moves the visit by so many minutes.
    Move(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u64..40).prop_map(Step::Pass),
        1 => (40_u64..2_000).prop_map(Step::Pass),
        6 => any::<bool>().prop_map(Step::Look),
        3 => Just(Step::Send),
        1 => (-300_i64..300).prop_map(Step::Move),
    ]
}

#[test]
fn whatever_happens_nobody_is_reminded_twice_by_night_or_after_the_start() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = prop::collection::vec(step(), 1..60);
    proptest!(ProptestConfig::with_cases(24), |(steps in run)| {
        runtime.block_on(async {
            let world = World::new().await;
            let outreach = with_ladder(&world, &[DAY, 180, 60, 10]).await;
            let zone = Zone::parse("America/Chicago").unwrap();
            let mut next = visit(&world, "next", u64::from(DAY) + 300).await;
            let mut known = 0;
            for step in steps {
                let now = world.ambient.now();
                match step {
                    Step::Pass(count) => world.clock.advance(minutes(count)),
                    Step::Send => all_sent(&world, &next).await,
                    Step::Move(by) => {
                        let shift = minutes(by.unsigned_abs());
                        let mut moved = Booking::from(&next);
                        let before = moved.starts_at;
                        let starts_at = if by < 0 { before.minus(shift) } else { before.plus(shift) };
                        (moved.starts_at, moved.ends_at) = (starts_at, starts_at.plus(minutes(30)));
                        world.clock.advance(Duration::from_micros(1));
                        next = world.outreach.book(world.clinic, &moved).await.unwrap().appointment;
                    }
                    Step::Look(false) => _ = outreach.remind().await.unwrap(),
                    Step::Look(true) => {
                        let (one, other) = tokio::join!(outreach.remind(), outreach.remind());
                        assert!(one.unwrap() + other.unwrap() <= 1);
                    }
                }
                let mut sent = reminders(&world, &next).await;
                if matches!(step, Step::Look(_)) && sent.len() > known {
                    assert_eq!(sent.len(), known + 1);
                    assert!(now < next.starts_at);
                    assert!(!QuietHours::default().holds(now, &zone));
                }
                known = sent.len();
                // One that waits while the visit is changed is withdrawn, and queued anew as things stand then.
                sent.retain(|message| message.state != MessageState::Withdrawn);
                for pair in sent.windows(2) {
                    assert!(pair[1].queued_at.since(pair[0].queued_at) >= minutes(10), "{sent:?}");
                }
                let waiting = sent.iter().filter(|message| message.state == MessageState::Queued).count();
                assert!(waiting <= 1, "never two at once");
            }
        });
    });
}

/// What one round has found, before it is put into the outbox.
async fn found(world: &World, outreach: &Outreach) -> round::Round {
    let clinic = world.store.read().await.unwrap().clinic(world.clinic).await.unwrap().unwrap();
    outreach.reminders_due(clinic, world.ambient.now()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_visit_that_is_moved_while_a_round_is_under_way_is_not_told_of_as_it_was() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        world.give_room(world.host, NUMBER, JOIN_URL).await;
        let outreach = with_ladder(&world, &[10]).await;
        let next = visit(&world, "next", 10).await;
        let round = found(&world, &outreach).await;
        let later = next.starts_at.plus(minutes(30));
        let moved = Booking { starts_at: later, ends_at: later.plus(minutes(30)), ..Booking::from(&next) };
        world.outreach.book(world.clinic, &moved).await.unwrap();
        assert_eq!(outreach.queue_reminders(&round, world.ambient.now()).await.unwrap(), 0);
        assert_eq!(reminders(&world, &next).await, []);
        world.clock.advance(minutes(30));
        assert_eq!(outreach.remind().await.unwrap(), 1, "the next rounds remind of it as it is");
    }
}

#[tokio::test]
async fn a_link_that_is_renewed_while_a_round_is_under_way_is_the_one_that_is_sent() {
    let world = World::new().await;
    let outreach = with_ladder(&world, &[10]).await;
    let next = visit(&world, "next", 10).await;
    let old = world.outreach.links(world.clinic, &next).await.unwrap();
    let round = found(&world, &outreach).await;
    let by = StaffOrToken::Staff(world.host);
    let new = world.outreach.reissue(world.clinic, &next, crate::To::Patients, by).await.unwrap();
    assert_eq!(outreach.queue_reminders(&round, world.ambient.now()).await.unwrap(), 1);
    let sent = crate::hand_out::tests::outbox(&world).await;
    let crate::Content::Email(mail) = &sent[0].1 else { panic!("mail") };
    assert!(mail.text.contains(new.attendees[0].url.expose()));
    assert!(!mail.text.contains(old.attendees[0].url.expose()));
}
