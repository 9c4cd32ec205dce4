use std::time::Duration;

use domain::text::{Email, ExternalId};
use proptest::prelude::*;
use store::ports::{
    consents::{ConsentChange, SaidBy},
    messages::Tried,
};

use super::*;
use crate::{
    Booking, CalendarMethod, Content, To,
    hand_out::tests::{
        all_sent, messages, outbox, person, reachable, sending, set, settle_all, wall, with_sending,
    },
    testing::World,
};

/// A visit tomorrow at ten, with Rosa and Luis.
pub(super) fn wanted(world: &World) -> Booking {
    let starts_at = wall(24 + 10, 0);
    Booking {
        starts_at,
        ends_at: starts_at.plus(Duration::from_hours(1)),
        attendees: vec![reachable("p-1", "Rosa Delgado"), reachable("p-2", "Luis Prado")],
        ..world.booking()
    }
}

pub(super) async fn book(world: &World, booking: &Booking) -> Appointment {
    world.clock.advance(Duration::from_secs(1));
    world.outreach.book(world.clinic, booking).await.unwrap().appointment
}

pub(super) async fn hand_out(world: &World, appointment: &Appointment, channel: Channel) {
    world.outreach.hand_out(world.clinic, appointment, To::Patients, channel, person(world)).await.unwrap();
}

/// Occasion, channel and state of what there is, in the order of ids for each occasion: who is told is not in it.
async fn told(world: &World, appointment: &Appointment) -> Vec<(Occasion, Channel, MessageState)> {
    let mut told: Vec<_> = messages(world, appointment)
        .await
        .into_iter()
        .map(|message| (message.occasion, message.channel, message.state))
        .collect();
    told.sort_by_key(|&(occasion, channel, state)| (occasion, channel, state.as_str()));
    told
}

pub(super) async fn waiting(world: &World) -> Vec<(Occasion, Channel)> {
    let mut waiting: Vec<_> =
        outbox(world).await.into_iter().map(|(message, _)| (message.occasion, message.channel)).collect();
    waiting.sort_unstable();
    waiting
}

use Channel::{Email as Mail, Sms};
use MessageState::{Queued, Sent, Withdrawn};
use Occasion::{Booked, Cancelled, Link, Moved};

#[tokio::test]
async fn nothing_is_sent_at_booking_unless_the_clinic_wants_it() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let quiet = book(&world, &wanted(&world)).await;
        assert_eq!(messages(&world, &quiet).await, []);
        set(&world, |settings| settings.send_when_booked = true).await;
        let external_id = Some(ExternalId::parse("A-2").unwrap());
        let mut booking = Booking { external_id, ..wanted(&world) };
        booking.attendees[1].consent.sms = false;
        book(&world, &booking).await;
        assert_eq!(waiting(&world).await, [(Booked, Mail), (Booked, Mail), (Booked, Sms)]);
    }
}

#[tokio::test]
async fn whoever_is_added_later_gets_their_link_too_where_the_clinic_sends_at_booking() {
    let world = sending().await;
    set(&world, |settings| settings.send_when_booked = true).await;
    let mut booking = wanted(&world);
    book(&world, &booking).await;
    all_sent(&world).await;
    booking.attendees.push(reachable("p-3", "Ana Ruiz"));
    let appointment = book(&world, &booking).await;
    let waiting = outbox(&world).await;
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|(message, _)| message.occasion == Booked
        && message.to.attendee() == Some(appointment.attendees[2].id)));
}

#[tokio::test]
async fn a_visit_that_is_moved_is_told_by_the_ways_that_were_used_to_whom_they_were_used_for() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let mut booking = wanted(&world);
        let appointment = book(&world, &booking).await;
        let rosa = appointment.attendees[0].id;
        let to = To::Attendee(rosa);
        world.outreach.hand_out(world.clinic, &appointment, to, Mail, person(&world)).await.unwrap();
        all_sent(&world).await;
        booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
        let moved = book(&world, &booking).await;
        let waiting = outbox(&world).await;
        assert_eq!(waiting.len(), 1, "Luis was sent nothing, and Rosa no text message");
        let (message, content) = &waiting[0];
        assert_eq!((message.occasion, message.to.attendee()), (Moved, Some(rosa)));
        let Content::Email(mail) = content else { panic!("mail") };
        assert!(mail.text.contains("10:30"), "{}", mail.text);
        let calendar = mail.calendar.clone().unwrap();
        assert_eq!(calendar.method, CalendarMethod::Request);
        assert!(calendar.file.contains(&format!("SEQUENCE:{}", moved.revision)), "{}", calendar.file);
    }
}

#[tokio::test]
async fn another_host_is_news_and_another_end_or_name_is_not() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    booking.ends_at = booking.ends_at.plus(Duration::from_mins(10));
    book(&world, &booking).await;
    booking.attendees[0].name = domain::text::Name::parse("Rosa Delgado-Reyes").unwrap();
    let appointment = book(&world, &booking).await;
    assert_eq!(waiting(&world).await, []);
    let colleague = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
    let changed = world.outreach.set_host(world.clinic, &appointment, colleague).await.unwrap();
    assert_eq!(changed.appointment.host, colleague);
    assert_eq!(waiting(&world).await, [(Moved, Mail), (Moved, Mail)]);
}

#[tokio::test]
async fn giving_it_to_another_host_changes_nothing_else_even_of_what_was_changed_meanwhile() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let as_it_was = book(&world, &booking).await;
    booking.attendees.truncate(1);
    booking.attendees[0].consent.sms = false;
    let now = book(&world, &booking).await;
    let colleague = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
    let given = world.outreach.set_host(world.clinic, &as_it_was, colleague).await.unwrap().appointment;
    assert_eq!(
        given,
        Appointment { host: colleague, revision: now.revision + 1, updated_at: given.updated_at, ..now }
    );
    let desk = world.staff("Desk", &[domain::staff::Role::Scheduler]).await;
    let refused = world.outreach.set_host(world.clinic, &given, desk).await;
    assert!(matches!(refused, Err(crate::BookError::Refused(_))));
}

#[tokio::test]
async fn a_cancelled_visit_is_told_and_taken_out_of_the_calendar() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    hand_out(&world, &appointment, Sms).await;
    all_sent(&world).await;
    let cancelled = Booking { status: Status::Cancelled, ..booking.clone() };
    book(&world, &cancelled).await;
    let news = outbox(&world).await;
    assert_eq!(news.len(), 4);
    for (message, content) in &news {
        assert_eq!(message.occasion, Cancelled);
        if let Content::Email(mail) = content {
            assert_eq!(mail.calendar.clone().unwrap().method, CalendarMethod::Cancel);
        }
    }
    // Said once: cancelling it again, or changing it while it is cancelled, is no news.
    all_sent(&world).await;
    book(&world, &Booking { starts_at: booking.starts_at.plus(Duration::from_mins(5)), ..cancelled }).await;
    assert_eq!(waiting(&world).await, []);
    // It takes place after all.
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await, [(Booked, Mail), (Booked, Mail), (Booked, Sms), (Booked, Sms)]);
}

#[tokio::test]
async fn what_waits_is_withdrawn_and_goes_out_as_things_stand_now() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
    book(&world, &booking).await;
    let of = |occasion, state| [(occasion, Mail, state); 2];
    let all = |parts: &[[(Occasion, Channel, MessageState); 2]]| parts.concat();
    assert_eq!(told(&world, &appointment).await, all(&[of(Link, Queued), of(Link, Withdrawn)]));
    let waiting = outbox(&world).await;
    assert!(waiting.iter().all(|(message, _)| message.asked_by == Some(person(&world))));
    for (_, content) in waiting {
        let Content::Email(mail) = content else { panic!("mail") };
        assert!(mail.text.contains("10:30"), "{}", mail.text);
    }
    // Cancelled before anything was sent: there is nothing to take back.
    let appointment = book(&world, &Booking { status: Status::Cancelled, ..booking }).await;
    assert!(told(&world, &appointment).await.iter().all(|(_, _, state)| *state == Withdrawn));
}

#[tokio::test]
async fn what_is_being_sent_at_this_moment_counts_as_sent() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Sms).await;
    let now = world.ambient.now();
    let mut tx = world.store.begin().await.unwrap();
    let claimed = tx.claim_messages(Sms, now, now.plus(Duration::from_mins(2)), 9).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claimed.len(), 2);
    let appointment = book(&world, &Booking { status: Status::Cancelled, ..booking }).await;
    let told = told(&world, &appointment).await;
    assert_eq!(
        told,
        [(Link, Sms, Queued), (Link, Sms, Queued), (Cancelled, Sms, Queued), (Cancelled, Sms, Queued)]
    );
}

#[tokio::test]
async fn a_visit_that_comes_to_the_clinic_is_told_as_that_and_not_as_a_video_visit() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    book(&world, &Booking { kind: Kind::InPerson, ..booking.clone() }).await;
    let news = outbox(&world).await;
    assert_eq!(news.len(), 2);
    for (message, content) in &news {
        let Content::Email(mail) = content else { panic!("mail") };
        assert_eq!(message.occasion, Moved);
        assert!(mail.text.contains("at the clinic, not by video"), "{}", mail.text);
        assert!(!mail.subject.contains("video"), "{}", mail.subject);
        assert_eq!(mail.calendar.clone().unwrap().method, CalendarMethod::Cancel);
    }
    all_sent(&world).await;
    book(&world, &booking).await;
    let news = outbox(&world).await;
    let Content::Email(mail) = &news[0].1 else { panic!("mail") };
    assert_eq!((news.len(), news[0].0.occasion), (2, Moved));
    assert_eq!(mail.calendar.clone().unwrap().method, CalendarMethod::Request);
}

#[tokio::test]
async fn whoever_is_taken_off_is_told_that_it_is_off_for_them() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    let luis = appointment.attendees[1].id;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    hand_out(&world, &appointment, Sms).await;
    booking.attendees.truncate(1);
    book(&world, &booking).await;
    let waiting = outbox(&world).await;
    let of_luis: Vec<_> = waiting
        .iter()
        .filter(|(message, _)| message.to.attendee() == Some(luis))
        .map(|(message, _)| (message.occasion, message.channel))
        .collect();
    assert_eq!(of_luis, [(Cancelled, Mail)], "his text message was not sent yet, and never is");
    assert_eq!(waiting.len(), 2, "Rosa's text message still goes out");
}

#[tokio::test]
async fn whoever_is_put_on_again_is_the_same_person_and_hears_that_it_takes_place() {
    let world = sending().await;
    let booking = wanted(&world);
    let first = book(&world, &booking).await;
    let links = world.outreach.links(world.clinic, &first).await.unwrap();
    hand_out(&world, &first, Mail).await;
    all_sent(&world).await;
    let mut without = booking.clone();
    without.attendees.truncate(1);
    book(&world, &without).await;
    all_sent(&world).await;
    let again = book(&world, &booking).await;
    assert_eq!(again.attendees, first.attendees);
    let now = world.outreach.links(world.clinic, &again).await.unwrap();
    assert_eq!(now.attendees[1].url.expose(), links.attendees[1].url.expose());
    let news = outbox(&world).await;
    assert_eq!((news.len(), news[0].0.occasion), (1, Booked));
    assert_eq!(news[0].0.to.attendee(), Some(first.attendees[1].id));
}

#[tokio::test]
async fn a_corrected_address_gets_what_waited_for_the_wrong_one() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    booking.attendees[0].email = Some(Email::parse("rosa@right.example").unwrap());
    booking.attendees[1].consent.email = false;
    book(&world, &booking).await;
    let waiting = outbox(&world).await;
    assert_eq!(waiting.len(), 1, "Luis no longer agrees");
    let Content::Email(mail) = &waiting[0].1 else { panic!("mail") };
    assert_eq!(mail.to.as_str(), "rosa@right.example");
}

#[tokio::test]
async fn a_visit_that_is_over_causes_no_messages_and_one_that_is_told_nothing_stays_so() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    all_sent(&world).await;
    set(&world, |settings| settings.tell_changes = false).await;
    let later = Booking { starts_at: booking.starts_at.plus(Duration::from_mins(1)), ..booking.clone() };
    book(&world, &later).await;
    book(&world, &Booking { status: Status::Cancelled, ..booking.clone() }).await;
    assert_eq!(waiting(&world).await, [], "the clinic does not want changes to be told");
    set(&world, |settings| settings.tell_changes = true).await;
    book(&world, &booking).await;
    world.clock.advance(Duration::from_hours(48));
    book(&world, &Booking { status: Status::Cancelled, ..booking }).await;
    assert_eq!(waiting(&world).await, []);
}

#[tokio::test]
async fn a_message_that_came_back_does_not_count_as_told() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    settle_all(&world, &Tried::Over(MessageState::Failed, "smtp_550".to_owned())).await;
    book(&world, &Booking { status: Status::Cancelled, ..booking }).await;
    assert_eq!(waiting(&world).await, []);
}

#[tokio::test]
async fn a_staff_link_that_waits_follows_the_visit_but_not_to_another_host() {
    let world = sending().await;
    let mut booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    world.outreach.hand_out(world.clinic, &appointment, To::Staff, Mail, person(&world)).await.unwrap();
    booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await, [(Occasion::StaffLink, Mail)]);
    booking.host = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await, []);
}

#[tokio::test]
async fn what_goes_out_by_itself_waits_for_the_end_of_the_quiet_hours() {
    let world = sending().await;
    set(&world, |settings| settings.send_when_booked = true).await;
    world.clock.advance(Duration::from_hours(14));
    let tomorrow = book(&world, &wanted(&world)).await;
    let due = |messages: &[Message]| messages.iter().map(|message| message.due_at).collect::<Vec<_>>();
    assert_eq!(due(&messages(&world, &tomorrow).await), [wall(24 + 8, 0); 4]);
    // A visit before they end would not wait for them.
    let starts_at = wall(24 + 7, 30);
    let external_id = Some(ExternalId::parse("early").unwrap());
    let ends_at = starts_at.plus(Duration::from_mins(30));
    let early = book(&world, &Booking { external_id, starts_at, ends_at, ..wanted(&world) }).await;
    assert_eq!(due(&messages(&world, &early).await), [world.ambient.now(); 4]);
    // Neither does what a person asks for.
    let (appointment, by) = (&tomorrow, person(&world));
    let handed = world.outreach.hand_out(world.clinic, appointment, To::Patients, Mail, by).await.unwrap();
    assert_eq!(due(&handed.messages), [world.ambient.now(); 2]);
}

#[test]
fn quiet_hours_end_on_the_clinics_clocks() {
    let zone = Zone::parse("America/Chicago").unwrap();
    let at = |hour, minute| jiff::civil::Time::constant(hour, minute, 0, 0);
    let night = QuietHours { from: at(21, 0), to: at(8, 0) };
    let noon = QuietHours { from: at(12, 0), to: at(13, 0) };
    let none = QuietHours { from: at(9, 0), to: at(9, 0) };
    assert_eq!(end_of(night, &zone, wall(20, 59)), None);
    assert_eq!(end_of(night, &zone, wall(21, 0)), Some(wall(24 + 8, 0)));
    assert_eq!(end_of(night, &zone, wall(24 + 7, 59)), Some(wall(24 + 8, 0)));
    assert_eq!(end_of(night, &zone, wall(8, 0)), None);
    assert_eq!(end_of(noon, &zone, wall(12, 30)), Some(wall(13, 0)));
    assert_eq!(end_of(none, &zone, wall(9, 0)), None);
}

#[tokio::test]
async fn fifty_people_are_told_in_one_unit_of_work() {
    let world = sending().await;
    let attendees = (0..50).map(|i| reachable(&format!("p-{i}"), "Somebody")).collect();
    let mut booking = Booking { attendees, ..wanted(&world) };
    let appointment = book(&world, &booking).await;
    hand_out(&world, &appointment, Mail).await;
    hand_out(&world, &appointment, Sms).await;
    all_sent(&world).await;
    booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
    book(&world, &booking).await;
    assert_eq!(waiting(&world).await.len(), 100);
}

/// What somebody at the desk, a program or the outbox does.
#[derive(Clone, Copy, Debug)]
enum Step {
    HandOut(Channel),
    Put { minutes: u64, status: Status, kind: Kind, luis: bool },
    Send,
    Fail,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop_oneof![Just(Mail), Just(Sms)].prop_map(Step::HandOut),
        (0_u64..3, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(half_hours, cancelled, at_clinic, luis)| {
                Step::Put {
                    minutes: half_hours * 30,
                    status: if cancelled { Status::Cancelled } else { Status::Booked },
                    kind: if at_clinic { Kind::InPerson } else { Kind::Telehealth },
                    luis,
                }
            }
        ),
        Just(Step::Send),
        Just(Step::Fail),
    ]
}

#[test]
fn once_all_is_sent_nobody_was_left_with_a_wrong_belief() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(sending());
    let case = std::cell::Cell::new(0);
    let run = prop::collection::vec(step(), 1..10);
    proptest!(ProptestConfig::with_cases(48), |(steps in run)| {
        case.set(case.get() + 1);
        runtime.block_on(async {
            // Each run on a day of its own, since the clock only goes on.
            let starts_at = world.ambient.now().plus(Duration::from_hours(30));
            let external_id = Some(ExternalId::parse(&format!("run {}", case.get())).unwrap());
            let ends_at = starts_at.plus(Duration::from_hours(3));
            let original = Booking { external_id, starts_at, ends_at, ..wanted(&world) };
            let mut appointment = book(&world, &original).await;
            for step in steps {
                match step {
                    Step::HandOut(channel) => {
                        let _ = world.outreach
                            .hand_out(world.clinic, &appointment, To::Patients, channel, person(&world)).await;
                    }
                    Step::Put { minutes, status, kind, luis } => {
                        let starts_at = starts_at.plus(Duration::from_mins(minutes));
                        let mut booking = Booking { starts_at, kind, status, ..original.clone() };
                        booking.attendees.truncate(if luis { 2 } else { 1 });
                        appointment = book(&world, &booking).await;
                    }
                    Step::Send => all_sent(&world).await,
                    Step::Fail => {
                        settle_all(&world, &Tried::Over(MessageState::Failed, "smtp_550".to_owned())).await;
                        // Whoever lost a message believes what they were told before: no claim is made of them.
                        return Ok(());
                    }
                }
            }
            all_sent(&world).await;
            for message in messages(&world, &appointment).await {
                prop_assert!(message.state != Queued);
            }
            let sent: Vec<_> = messages(&world, &appointment).await.into_iter()
                .filter(|message| message.state == Sent).collect();
            for attendee in sent.iter().filter_map(|message| message.to.attendee()) {
                for channel in SENT_BY {
                    let last = sent.iter().rfind(|message| {
                        message.to.attendee() == Some(attendee) && message.channel == channel
                    });
                    let Some(last) = last else { continue };
                    let comes = appointment.status == Status::Booked && appointment.attendee(attendee).is_some();
                    prop_assert_eq!(last.occasion == Cancelled, !comes, "{:?}", last.occasion);
                }
            }
            Ok(())
        })?;
    });
}

async fn says(world: &World, appointment: &Appointment, index: usize, channel: Channel, given: bool) {
    let change = ConsentChange { channel, given, said_by: SaidBy::Patient, at: world.ambient.now() };
    let attendee = appointment.attendees[index].id;
    let mut tx = world.store.begin().await.unwrap();
    tx.note_consent(world.clinic, appointment.id, attendee, &change).await.unwrap();
    tx.set_consent(world.clinic, attendee, channel, given).await.unwrap();
    tx.commit().await.unwrap();
    world.clock.advance(Duration::from_secs(1));
}

async fn record(world: &World, appointment: &Appointment, index: usize) -> Vec<(Channel, bool, SaidBy)> {
    let mut tx = world.store.read().await.unwrap();
    let attendee = appointment.attendees[index].id;
    tx.consents_of(world.clinic, appointment.id, attendee)
        .await
        .unwrap()
        .into_iter()
        .map(|change| (change.channel, change.given, change.said_by))
        .collect()
}

#[tokio::test]
async fn what_somebody_agreed_to_is_recorded_when_it_is_first_said_and_when_it_changes() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let mut booking = wanted(&world);
        booking.attendees[0].consent.sms = false;
        let appointment = book(&world, &booking).await;
        assert_eq!(record(&world, &appointment, 0).await, [(Mail, true, SaidBy::Scheduler)]);
        book(&world, &booking).await;
        booking.attendees[0].consent.sms = true;
        booking.attendees[0].consent.email = false;
        book(&world, &booking).await;
        assert_eq!(
            record(&world, &appointment, 0).await,
            [
                (Mail, true, SaidBy::Scheduler),
                (Mail, false, SaidBy::Scheduler),
                (Sms, true, SaidBy::Scheduler)
            ]
        );
    }
}

#[tokio::test]
async fn a_patients_own_no_outlasts_the_programs_repetition_at_every_visit_of_theirs() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let mut booking = wanted(&world);
        let appointment = book(&world, &booking).await;
        says(&world, &appointment, 0, Sms, false).await;
        let again = world.outreach.book(world.clinic, &booking).await.unwrap();
        assert_eq!(again.change, crate::Change::Unchanged, "the same body twice is no change");
        // A program that says no and then yes has not asked anybody either.
        booking.attendees[0].consent.sms = false;
        book(&world, &booking).await;
        booking.attendees[0].consent.sms = true;
        booking.ends_at = booking.ends_at.plus(Duration::from_mins(1));
        let changed = book(&world, &booking).await;
        assert!(!changed.attendees[0].consent.sms && changed.attendees[0].consent.email);
        assert!(changed.attendees[1].consent.sms, "it is their own word alone");
        let next = Booking { external_id: Some(ExternalId::parse("next").unwrap()), ..wanted(&world) };
        let next = book(&world, &next).await;
        assert!(!next.attendees[0].consent.sms, "nor at the next visit");

        says(&world, &changed, 0, Sms, true).await;
        let taken_back = Booking { external_id: Some(ExternalId::parse("third").unwrap()), ..wanted(&world) };
        assert!(book(&world, &taken_back).await.attendees[0].consent.sms);
    }
}

#[tokio::test]
async fn a_programs_no_elsewhere_does_not_take_back_what_the_patient_refused() {
    let world = sending().await;
    let mut elsewhere =
        Booking { external_id: Some(ExternalId::parse("elsewhere").unwrap()), ..wanted(&world) };
    let appointment = book(&world, &wanted(&world)).await;
    let other = book(&world, &elsewhere).await;
    says(&world, &appointment, 0, Sms, false).await;
    elsewhere.attendees[0].consent.sms = false;
    book(&world, &elsewhere).await;
    assert_eq!(record(&world, &other, 0).await.last(), Some(&(Sms, false, SaidBy::Scheduler)));
    world.clock.advance(Duration::from_secs(1));
    elsewhere.attendees[0].consent.sms = true;
    assert!(
        !book(&world, &elsewhere).await.attendees[0].consent.sms,
        "the program's own no is no word of theirs"
    );
    assert!(!book(&world, &wanted(&world)).await.attendees[0].consent.sms);
}

#[tokio::test]
async fn a_no_that_the_desk_notes_outlasts_the_programs_repetition_and_counts_for_every_visit_to_come() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let booking = wanted(&world);
        let appointment = book(&world, &booking).await;
        let later = Booking { external_id: Some(ExternalId::parse("later").unwrap()), ..wanted(&world) };
        let other = book(&world, &later).await;
        let mut unticked = booking.clone();
        unticked.attendees[0].consent.sms = false;
        world.clock.advance(Duration::from_secs(1));
        world.outreach.book_by_hand(world.clinic, &unticked, None).await.unwrap();
        assert_eq!(record(&world, &appointment, 0).await.last(), Some(&(Sms, false, SaidBy::Desk)));
        assert_eq!(record(&world, &other, 0).await.last(), Some(&(Sms, false, SaidBy::Desk)));
        for again in [&booking, &later] {
            let attendees = book(&world, again).await.attendees;
            assert!(!attendees[0].consent.sms && attendees[0].consent.email);
            assert!(attendees[1].consent.sms, "it is about nobody else");
        }
        world.clock.advance(Duration::from_secs(1));
        let ticked = world.outreach.book_by_hand(world.clinic, &booking, None).await.unwrap().appointment;
        assert!(ticked.attendees[0].consent.sms);
        assert_eq!(record(&world, &other, 0).await.last(), Some(&(Sms, true, SaidBy::Desk)));
        world.clock.advance(Duration::from_secs(1));
        assert!(book(&world, &later).await.attendees[0].consent.sms);
    }
}

#[tokio::test]
async fn somebody_at_the_desk_can_record_that_they_agree_again() {
    let world = sending().await;
    let booking = wanted(&world);
    let appointment = book(&world, &booking).await;
    says(&world, &appointment, 0, Mail, false).await;
    let standing = book(&world, &booking).await;
    // Cancelling and restoring says nothing of what they agreed to.
    for status in [Status::Cancelled, Status::Booked] {
        let now = book(&world, &Booking { status, ..Booking::from(&standing) }).await;
        assert!(!now.attendees[0].consent.email);
    }
    let ticked = world.outreach.book_by_hand(world.clinic, &booking, None).await.unwrap().appointment;
    assert!(ticked.attendees[0].consent.email);
    let last = record(&world, &appointment, 0).await.last().copied();
    assert_eq!(last, Some((Mail, true, SaidBy::Desk)));
    world.clock.advance(Duration::from_secs(1));
    assert!(book(&world, &booking).await.attendees[0].consent.email, "and the program goes on saying so");
}

#[tokio::test]
async fn a_wording_that_cannot_be_filled_in_does_not_stop_the_booking() {
    let world = sending().await;
    set(&world, |settings| settings.send_when_booked = true).await;
    let wording = store::ports::outreach::Wording {
        occasion: Booked,
        channel: Sms,
        language: domain::text::Language::english(),
        subject: None,
        body: "{{ diagnosis }} {{ link }}".to_owned(),
    };
    let mut tx = world.store.begin().await.unwrap();
    tx.put_wording(world.clinic, &wording).await.unwrap();
    tx.commit().await.unwrap();
    let appointment = book(&world, &wanted(&world)).await;
    assert_eq!(messages(&world, &appointment).await.len(), 4, "the built-in words are used");
}
