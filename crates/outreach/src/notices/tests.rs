use std::time::Duration;

use domain::{
    AttendeeId,
    appointment::{Consent, Kind, Status},
    attendance::{
        matching::{DecidedBy, Level, Match},
        presence::{Presence, Whereabouts, Who},
    },
    outreach::{
        desk::{Mark, Marked},
        message::{Message, MessageState},
    },
    text::{Email, ExternalId, Phone},
};

use super::*;
use crate::{
    Booking, MailSettings, SmsSettings,
    testing::{World, attendee},
};

/// An installation that can send both.
pub(crate) fn sending(world: &World) -> Outreach {
    let mail = MailSettings {
        url: vault::SecretText::new("smtp://127.0.0.1:1".to_owned()),
        from: Email::parse("visits@clinic.example").unwrap(),
    };
    let sms = SmsSettings {
        url: url::Url::parse("http://127.0.0.1:1/").unwrap(),
        account: "AC1".to_owned(),
        token: vault::SecretText::new("token".to_owned()),
        from: Phone::parse("+15550100000").unwrap(),
    };
    world.outreach.clone().sending_by(Some(mail), Some(sms))
}

/// Books a visit that starts in so many minutes, of an attendee who agreed to e-mail.
pub(crate) async fn visit(world: &World, name: &str, minutes: u64) -> Appointment {
    let booking = booking(world, name, minutes);
    world.outreach.book(world.clinic, &booking).await.unwrap().appointment
}

pub(crate) fn booking(world: &World, name: &str, minutes: u64) -> Booking {
    let starts_at = world.ambient.now().plus(Duration::from_mins(minutes));
    let mut one = attendee(name, name);
    one.email = Some(Email::parse("rosa@home.example").unwrap());
    one.consent = Consent { email: true, sms: false };
    Booking {
        external_id: Some(ExternalId::parse(&format!("visit of {name}")).unwrap()),
        starts_at,
        ends_at: starts_at.plus(Duration::from_mins(30)),
        attendees: vec![one],
        ..world.booking()
    }
}

/// Somebody in the host's room whom the desk takes for the only attendee.
pub(crate) async fn put_into_the_room(
    world: &World,
    appointment: &Appointment,
    level: Level,
    now: Whereabouts,
) {
    let mut tx = world.store.begin().await.unwrap();
    let room = tx.room_of(world.clinic, world.host).await.unwrap().unwrap();
    let presence = Presence {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        room_id: room.id,
        who: Who::Visitor,
        staff_id: None,
        shown_name: None,
        first_at: world.ambient.now(),
        whereabouts: now,
        since: world.ambient.now(),
        stays: Vec::new(),
        matched: Some(Match {
            appointment: appointment.id,
            attendee: appointment.attendees[0].id,
            level,
            reasons: Vec::new(),
            decided_by: DecidedBy::Rule,
        }),
        candidates: Vec::new(),
    };
    tx.put_presence(world.clinic, &presence).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn mark(world: &World, appointment: &Appointment, marked: Marked) {
    let mut tx = world.store.begin().await.unwrap();
    let mark = Mark {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        appointment_id: appointment.id,
        attendee_id: appointment.attendees[0].id,
        marked,
        marked_by: StaffOrToken::Staff(world.host),
        at: world.ambient.now(),
    };
    tx.insert_mark(&mark).await.unwrap();
    tx.commit().await.unwrap();
    world.clock.advance(Duration::from_secs(1));
}

/// The messages of this occasion about these, in the order in which they were asked for.
pub(crate) async fn messages(
    world: &World,
    appointments: &[&Appointment],
    occasion: Occasion,
) -> Vec<Message> {
    let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
    let mut tx = world.store.read().await.unwrap();
    let mut messages = tx.messages_of_all(world.clinic, &ids).await.unwrap();
    messages.retain(|message| message.occasion == occasion);
    messages
}

async fn told(world: &World, appointments: &[&Appointment]) -> Vec<AttendeeId> {
    let messages = messages(world, appointments, Occasion::Late).await;
    messages.iter().filter_map(|message| message.to.attendee()).collect()
}

impl World {
    fn by(&self) -> StaffOrToken {
        StaffOrToken::Staff(self.host)
    }
}

#[tokio::test]
async fn whoever_is_still_to_come_today_is_told_once() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let outreach = sending(&world);
        let (next, later) = (visit(&world, "next", 5).await, visit(&world, "later", 90).await);
        let tomorrow = visit(&world, "tomorrow", 24 * 60).await;
        let late = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
        assert_eq!((late.messages, late.not), (2, 0));
        assert_eq!(
            told(&world, &[&next, &later, &tomorrow]).await.len(),
            2,
            "nobody is told today of a visit that is tomorrow"
        );
        let notices = outreach.notices(world.clinic, Some(world.host)).await.unwrap();
        assert_eq!(notices.len(), 1);
        assert_eq!((notices[0].id, &notices[0].says), (late.notice.unwrap(), &Says::Late(20)));

        world.clock.advance(Duration::from_secs(1));
        let twice = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
        assert_eq!(twice, ToldLate { notice: late.notice, messages: 0, not: 0 });
    }
}

#[tokio::test]
async fn the_same_key_pressed_in_two_places_at_once_tells_once() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let (one, other) = (sending(&world), sending(&world));
        let next = visit(&world, "next", 5).await;
        let (one, other) = tokio::join!(
            one.run_late(world.clinic, world.host, 20, world.by()),
            other.run_late(world.clinic, world.host, 20, world.by()),
        );
        assert_eq!(one.unwrap().notice, other.unwrap().notice);
        assert_eq!(told(&world, &[&next]).await.len(), 1);
    }
}

#[tokio::test]
async fn other_minutes_take_the_place_of_those_before_and_are_told_again() {
    let world = World::new().await;
    let outreach = sending(&world);
    let next = visit(&world, "next", 5).await;
    outreach.run_late(world.clinic, world.host, 200, world.by()).await.unwrap();
    let right = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_eq!(right.messages, 1, "a slip is put right at once");
    let notices = outreach.notices(world.clinic, None).await.unwrap();
    assert_eq!(notices.iter().map(|notice| &notice.says).collect::<Vec<_>>(), [&Says::Late(20)]);
    world.clock.advance(Duration::from_mins(3));
    let again = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_ne!(again.notice, right.notice, "20 minutes from now is later than before");
    assert_eq!(told(&world, &[&next]).await.len(), 3);
}

#[tokio::test]
async fn no_longer_late_takes_the_notice_down_and_sends_nothing() {
    let world = World::new().await;
    let outreach = sending(&world);
    let next = visit(&world, "next", 5).await;
    outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    let words = Note::parse("We are upstairs today").unwrap();
    let kept = outreach.say(world.clinic, world.host, None, words, world.by()).await.unwrap();
    let over = outreach.run_late(world.clinic, world.host, 0, world.by()).await.unwrap();
    assert_eq!(over, ToldLate { notice: None, messages: 0, not: 0 });
    let notices = outreach.notices(world.clinic, None).await.unwrap();
    assert_eq!(notices.iter().map(|notice| notice.id).collect::<Vec<_>>(), [kept], "other words stay");
    assert_eq!(told(&world, &[&next]).await.len(), 1);
}

#[tokio::test]
async fn whoever_is_there_or_was_is_not_told() {
    let world = World::new().await;
    let outreach = sending(&world);
    let waiting = visit(&world, "waiting", 5).await;
    put_into_the_room(&world, &waiting, Level::Certain, Whereabouts::Waiting).await;
    let probable = visit(&world, "probable", 5).await;
    put_into_the_room(&world, &probable, Level::Probable, Whereabouts::InSession).await;
    let marked = visit(&world, "marked", 5).await;
    mark(&world, &marked, Marked::InSession).await;
    mark(&world, &marked, Marked::Left).await;
    let all = [&waiting, &probable, &marked];
    outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_eq!(told(&world, &all).await, []);
}

#[tokio::test]
async fn whoever_came_too_early_or_may_be_somebody_else_is_told() {
    let world = World::new().await;
    let outreach = sending(&world);
    let left = visit(&world, "left", 5).await;
    put_into_the_room(&world, &left, Level::Certain, Whereabouts::Left).await;
    let ambiguous = visit(&world, "ambiguous", 5).await;
    put_into_the_room(&world, &ambiguous, Level::Ambiguous, Whereabouts::Waiting).await;
    let mistaken = visit(&world, "mistaken", 5).await;
    mark(&world, &mistaken, Marked::InSession).await;
    mark(&world, &mistaken, Marked::Withdrawn).await;
    outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_eq!(told(&world, &[&left, &ambiguous, &mistaken]).await.len(), 3);
}

#[tokio::test]
async fn nobody_is_told_of_a_visit_that_has_begun_is_cancelled_or_in_person() {
    let world = World::new().await;
    let outreach = sending(&world);
    let mut family = booking(&world, "begun", 5);
    family.attendees.push(crate::BookedAttendee {
        external_id: Some(ExternalId::parse("son").unwrap()),
        ..family.attendees[0].clone()
    });
    let begun = world.outreach.book(world.clinic, &family).await.unwrap().appointment;
    put_into_the_room(&world, &begun, Level::Certain, Whereabouts::InSession).await;
    let cancelled = Booking { status: Status::Cancelled, ..booking(&world, "cancelled", 5) };
    let cancelled = world.outreach.book(world.clinic, &cancelled).await.unwrap().appointment;
    let in_person = Booking { kind: Kind::InPerson, ..booking(&world, "in person", 5) };
    let in_person = world.outreach.book(world.clinic, &in_person).await.unwrap().appointment;
    let late = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_eq!((late.messages, late.not), (0, 0));
    assert_eq!(told(&world, &[&begun, &cancelled, &in_person]).await, []);
}

#[tokio::test]
async fn quiet_hours_do_not_keep_a_persons_word_back() {
    let world = World::new().await;
    let outreach = sending(&world);
    // 22:30 in Chicago, when reminders rest.
    world.clock.set("2026-11-24T04:30:00Z".parse().unwrap());
    let next = visit(&world, "next", 5).await;
    assert_eq!(outreach.run_late(world.clinic, world.host, 15, world.by()).await.unwrap().messages, 1);
    let queued = messages(&world, &[&next], Occasion::Late).await;
    assert_eq!((queued[0].due_at, queued[0].state), (world.ambient.now(), MessageState::Queued));
}

#[tokio::test]
async fn whoever_agreed_to_nothing_is_counted() {
    let world = World::new().await;
    let outreach = sending(&world);
    let mut silent = booking(&world, "silent", 5);
    silent.attendees[0].consent = Consent::default();
    world.outreach.book(world.clinic, &silent).await.unwrap();
    let late = outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    assert_eq!((late.messages, late.not), (0, 1));
}

#[tokio::test]
async fn a_notice_ends_with_the_clinics_day() {
    let world = World::new().await;
    let outreach = sending(&world);
    outreach.run_late(world.clinic, world.host, 20, world.by()).await.unwrap();
    let until = outreach.notices(world.clinic, None).await.unwrap()[0].until;
    assert_eq!(until, "2026-11-24T06:00:00Z".parse().unwrap(), "midnight in Chicago");
    world.clock.set(until);
    assert_eq!(outreach.notices(world.clinic, None).await.unwrap(), []);
}

#[tokio::test]
async fn too_many_minutes_and_strangers_are_refused() {
    let world = World::new().await;
    let (outreach, by) = (sending(&world), world.by());
    for minutes in [-1, 241] {
        let refused = outreach.run_late(world.clinic, world.host, minutes, by).await;
        assert!(matches!(refused, Err(NoticeError::Minutes)), "{minutes}");
    }
    let other = world.other_clinic().await;
    let refused = outreach.run_late(other, world.host, 20, by).await;
    assert!(matches!(refused, Err(NoticeError::Unknown)));
    let appointment = visit(&world, "next", 5).await;
    let colleague = world.staff("Bo Li", &[domain::staff::Role::Staff]).await;
    let words = Note::parse("Hello").unwrap();
    let refused = outreach.say(world.clinic, colleague, Some(appointment.id), words, by).await;
    assert!(matches!(refused, Err(NoticeError::Unknown)));
    assert_eq!(outreach.notices(world.clinic, None).await.unwrap(), []);
}

#[tokio::test]
async fn words_to_one_appointment_stand_until_its_links_close() {
    let world = World::new().await;
    let outreach = sending(&world);
    let next = visit(&world, "next", 5).await;
    let words = Note::parse("Please have your medication at hand").unwrap();
    let before = world.traces().await.0;
    let id = outreach.say(world.clinic, world.host, Some(next.id), words.clone(), world.by()).await.unwrap();
    assert_eq!(world.traces().await.0, before + 1, "boards hear of it");
    let notices = outreach.notices(world.clinic, Some(world.host)).await.unwrap();
    assert_eq!((notices[0].appointment, &notices[0].says), (Some(next.id), &Says::Words(words)));
    assert_eq!(notices[0].until, next.ends_at.plus(Duration::from_hours(4)));

    assert!(!outreach.take_down(world.other_clinic().await, id).await.unwrap(), "not theirs");
    assert!(outreach.take_down(world.clinic, id).await.unwrap());
    assert!(!outreach.take_down(world.clinic, id).await.unwrap());
    assert_eq!(outreach.notices(world.clinic, None).await.unwrap(), []);
    assert_eq!(world.traces().await.0, before + 2);
}

#[tokio::test]
async fn a_visit_that_leaves_the_day_while_its_people_are_being_told_is_not_told_of() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let outreach = sending(&world);
        let (given, stays) = (visit(&world, "given", 5).await, visit(&world, "stays", 60).await);
        let now = world.ambient.now();
        let seen =
            day(&mut *world.store.read().await.unwrap(), world.clinic, world.host, now, 20).await.unwrap();
        let notice = outreach.put_up(&seen, 20, world.by(), now).await.unwrap().unwrap();
        let colleague = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
        world.outreach.set_host(world.clinic, &given, colleague).await.unwrap();
        let by = world.by();
        let renewed = world.outreach.reissue(world.clinic, &stays, crate::To::Patients, by).await.unwrap();
        let mut late = ToldLate { notice: Some(notice), messages: 0, not: 0 };
        outreach.tell_late(&seen, 20, notice, by, now, &mut late).await.unwrap();
        assert_eq!(late.messages, 1);
        assert_eq!(told(&world, &[&given, &stays]).await, [stays.attendees[0].id]);
        let sent = crate::hand_out::tests::outbox(&world).await;
        let crate::Content::Email(mail) = &sent[0].1 else { panic!("mail") };
        assert!(mail.text.contains(renewed.attendees[0].url.expose()));
    }
}

#[tokio::test]
async fn who_would_be_told_is_who_is_told() {
    let world = World::new().await;
    let outreach = sending(&world);
    visit(&world, "next", 60).await;
    let waiting = visit(&world, "waiting", 65).await;
    put_into_the_room(&world, &waiting, Level::Certain, Whereabouts::Waiting).await;
    let left = visit(&world, "left", 65).await;
    put_into_the_room(&world, &left, Level::Certain, Whereabouts::Left).await;
    let mut silent = booking(&world, "silent", 70);
    silent.attendees[0].consent = Consent::default();
    world.outreach.book(world.clinic, &silent).await.unwrap();
    // It ended ten minutes ago: only a host who is later than that may still come to it.
    visit(&world, "just over", 20).await;
    world.clock.advance(Duration::from_hours(1));
    for (minutes, people) in [(5, 3), (30, 4)] {
        let audience = outreach.late_audience(world.clinic, world.host, minutes).await.unwrap();
        let by_email = people - 1;
        assert_eq!(audience, LateAudience { people, by_email, by_sms: 0, not: 1 }, "{minutes}");
        let late = outreach.run_late(world.clinic, world.host, minutes, world.by()).await.unwrap();
        assert_eq!((late.messages, late.not), (by_email, 1), "{minutes}");
    }
    let refused = outreach.late_audience(world.clinic, world.host, 1_000).await;
    assert!(matches!(refused, Err(NoticeError::Minutes)));
}
