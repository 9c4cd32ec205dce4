use domain::{
    Timestamp,
    appointment::Consent,
    outreach::{Settings, desk::Notice},
    text::{Email, Phone},
};
use store::ports::messages::Tried;
use vault::SecretText;

use super::*;
use crate::{
    BookedAttendee, Booking, CalendarMethod, MailSettings, SmsSettings, outbox::Wanted, testing::World,
};

pub(crate) const BY: [Channel; 2] = [Channel::Email, Channel::Sms];

/// A clinic that sends by both ways.
pub(crate) async fn sending() -> World {
    with_sending(World::new().await)
}

pub(crate) fn with_sending(mut world: World) -> World {
    let mail = MailSettings {
        url: SecretText::new("smtp://127.0.0.1:1".to_owned()),
        from: Email::parse("visits@anteroom.example").unwrap(),
    };
    let sms = SmsSettings {
        url: "https://sms.example".parse().unwrap(),
        account: "AC1".to_owned(),
        token: SecretText::new("token".to_owned()),
        from: Phone::parse("+15550100000").unwrap(),
    };
    world.outreach = world.outreach.clone().sending_by(Some(mail), Some(sms));
    world
}

/// Somebody with both addresses who agreed to both.
pub(crate) fn reachable(external_id: &str, name: &str) -> BookedAttendee {
    let number = external_id.bytes().map(u32::from).sum::<u32>();
    BookedAttendee {
        email: Some(Email::parse(&format!("{external_id}@home.example")).unwrap()),
        phone: Some(Phone::parse(&format!("+1555010{number:04}")).unwrap()),
        consent: Consent { email: true, sms: true },
        ..crate::testing::attendee(external_id, name)
    }
}

pub(crate) fn person(world: &World) -> StaffOrToken {
    StaffOrToken::Staff(world.host)
}

/// Two patients who agreed to everything.
pub(crate) async fn booked(world: &World) -> Appointment {
    let attendees = vec![reachable("p-1", "Rosa Delgado"), reachable("p-2", "Luis Prado")];
    let booking = Booking { attendees, ..world.booking() };
    world.outreach.book(world.clinic, &booking).await.unwrap().appointment
}

pub(crate) async fn messages(world: &World, appointment: &Appointment) -> Vec<Message> {
    let mut tx = world.store.read().await.unwrap();
    tx.messages_of_all(world.clinic, &[appointment.id]).await.unwrap()
}

/// What waits to be sent, in words.
pub(crate) async fn outbox(world: &World) -> Vec<(Message, Content)> {
    let mut waiting = look_into_outbox(world).await;
    // Looking takes locks, and PostgreSQL gives those of the look before back a moment after it was dropped.
    for _ in 0..1_000 {
        let all = world.store.read().await.unwrap().queued_messages(world.ambient.now()).await.unwrap().0;
        if i64::try_from(waiting.len()) == Ok(all) {
            break;
        }
        tokio::task::yield_now().await;
        waiting = look_into_outbox(world).await;
    }
    waiting
}

async fn look_into_outbox(world: &World) -> Vec<(Message, Content)> {
    let far = world.ambient.now().plus(Duration::from_hours(24 * 365));
    let mut tx = world.store.begin().await.unwrap();
    let mut waiting = Vec::new();
    for channel in BY {
        for due in tx.claim_messages(channel, far, far, 1_000).await.unwrap() {
            let content = world
                .outreach
                .open_content(due.message.clinic_id, due.message.id, due.content_sealed)
                .unwrap();
            waiting.push((due.message, content));
        }
    }
    waiting.sort_by_key(|(message, _)| message.id);
    waiting
}

/// Everything that waits was taken by the mail server and the provider.
pub(crate) async fn all_sent(world: &World) {
    settle_all(world, &Tried::Sent(None)).await;
}

pub(crate) async fn settle_all(world: &World, tried: &Tried) {
    let now = world.ambient.now();
    let waiting = outbox(world).await;
    let mut tx = world.store.begin().await.unwrap();
    for (message, _) in waiting {
        tx.settle_message(world.clinic, message.id, tried, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.clock.advance(Duration::from_secs(1));
}

pub(crate) async fn set(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut tx = world.store.begin().await.unwrap();
    let mut settings = tx.outreach_settings(world.clinic).await.unwrap();
    change(&mut settings);
    tx.set_outreach_settings(world.clinic, &settings).await.unwrap();
    tx.commit().await.unwrap();
}

fn text_of(content: &Content) -> (String, String) {
    match content {
        Content::Email(mail) => (mail.to.to_string(), mail.text.clone()),
        Content::Sms(text) => (text.to.to_string(), text.text.clone()),
    }
}

async fn hand_out(
    world: &World,
    appointment: &Appointment,
    to: To,
    by: Channel,
) -> Result<HandedOut, HandOutError> {
    world.outreach.hand_out(world.clinic, appointment, to, by, person(world)).await
}

async fn set_phone_of_host(world: &World, phone: &str) {
    let mut tx = world.store.begin().await.unwrap();
    tx.set_staff_phone(world.clinic, world.host, Some(&Phone::parse(phone).unwrap())).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn everybody_is_sent_their_own_link_and_nobody_elses() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        let appointment = booked(&world).await;
        let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
        for by in BY {
            let handed_out = hand_out(&world, &appointment, To::Patients, by).await.unwrap();
            assert_eq!((handed_out.messages.len(), handed_out.not.len()), (2, 0));
            assert!(handed_out.messages.iter().all(|message| message.asked_by == Some(person(&world))));
        }
        let waiting = outbox(&world).await;
        assert_eq!(waiting.len(), 4);
        for (message, content) in &waiting {
            let (_, text) = text_of(content);
            for link in &links.attendees {
                assert_eq!(text.contains(link.url.expose()), message.to.attendee() == Some(link.attendee));
            }
            assert!(!text.contains(links.host.expose()));
        }
    }
}

#[tokio::test]
async fn what_is_shown_first_is_to_the_letter_what_is_sent() {
    let world = sending().await;
    let appointment = booked(&world).await;
    set_phone_of_host(&world, "+15550109999").await;
    for to in [To::Staff, To::Patients, To::Attendee(appointment.attendees[1].id)] {
        for by in BY {
            let preview = world.outreach.preview(world.clinic, &appointment, to, by).await.unwrap();
            assert!(messages(&world, &appointment).await.iter().all(|m| m.state != MessageState::Queued));
            hand_out(&world, &appointment, to, by).await.unwrap();
            let sent = outbox(&world).await;
            assert_eq!(sent.len(), preview.to.len());
            for (message, content) in &sent {
                let shown = preview.to.iter().find(|one| one.recipient == message.to).unwrap();
                assert_eq!(content, &shown.content);
                assert_eq!(text_of(content).0, shown.address);
            }
            all_sent(&world).await;
        }
    }
}

#[tokio::test]
async fn an_email_carries_the_visit_for_the_calendar_and_a_staff_link_does_not() {
    let world = sending().await;
    let appointment = booked(&world).await;
    hand_out(&world, &appointment, To::Patients, Channel::Email).await.unwrap();
    hand_out(&world, &appointment, To::Staff, Channel::Email).await.unwrap();
    let mut with = 0;
    for (message, content) in outbox(&world).await {
        let Content::Email(mail) = content else { panic!("mail") };
        match (message.to.attendee(), mail.calendar) {
            (Some(attendee), Some(calendar)) => {
                assert_eq!(calendar.method, CalendarMethod::Request);
                let unfolded = calendar.file.replace("\r\n ", "");
                assert!(unfolded.contains(&attendee.to_string()), "{unfolded}");
                assert!(!unfolded.contains("Rosa") && !unfolded.contains("Luis"));
                with += 1;
            }
            (None, None) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(with, 2);
}

#[tokio::test]
async fn whoever_may_not_be_written_to_is_listed_with_the_reason_and_the_others_are_sent_theirs() {
    let world = sending().await;
    let mut attendees = vec![
        reachable("fine", "Rosa Delgado"),
        reachable("no-phone", "Luis Prado"),
        reachable("no-consent", "Tom Reyes"),
        reachable("stopped", "Ana Ruiz"),
    ];
    attendees[1].phone = None;
    attendees[2].consent.sms = false;
    let stopped = attendees[3].phone.clone().unwrap();
    let booking = Booking { attendees, ..world.booking() };
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let mut tx = world.store.begin().await.unwrap();
    tx.opt_out(Channel::Sms, stopped.as_str(), world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();

    let handed_out = hand_out(&world, &appointment, To::Patients, Channel::Sms).await.unwrap();
    assert_eq!(handed_out.messages.len(), 1);
    assert_eq!(handed_out.messages[0].to.attendee(), Some(appointment.attendees[0].id));
    let id = |index: usize| Some(appointment.attendees[index].id);
    let wanted = [(id(1), NotSent::NoAddress), (id(2), NotSent::NoConsent), (id(3), NotSent::OptedOut)];
    assert_eq!(handed_out.not, wanted);
    let preview =
        world.outreach.preview(world.clinic, &appointment, To::Patients, Channel::Sms).await.unwrap();
    assert_eq!(preview.not, wanted);
    // STOP is about the number: mail still goes to all four.
    let by_mail = hand_out(&world, &appointment, To::Patients, Channel::Email).await.unwrap();
    assert_eq!((by_mail.messages.len(), by_mail.not.len()), (4, 0));

    let one = hand_out(&world, &appointment, To::Attendee(appointment.attendees[3].id), Channel::Sms).await;
    let Err(HandOutError::Nobody(why)) = one else { panic!("{one:?}") };
    assert_eq!(why, [(id(3), NotSent::OptedOut)]);
    assert_eq!(messages(&world, &appointment).await.len(), 5, "nothing was queued for them");
}

#[tokio::test]
async fn staff_need_an_address_and_not_to_have_said_stop() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let by_sms = hand_out(&world, &appointment, To::Staff, Channel::Sms).await;
    assert!(matches!(by_sms, Err(HandOutError::Nobody(why)) if why == [(None, NotSent::NoAddress)]));
    set_phone_of_host(&world, "+15550109999").await;
    let by_sms = hand_out(&world, &appointment, To::Staff, Channel::Sms).await.unwrap();
    assert_eq!(by_sms.messages[0].occasion, Occasion::StaffLink);
    let mut tx = world.store.begin().await.unwrap();
    tx.opt_out(Channel::Sms, "+15550109999", world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    let stopped = hand_out(&world, &appointment, To::Staff, Channel::Sms).await;
    assert!(matches!(stopped, Err(HandOutError::Nobody(why)) if why == [(None, NotSent::OptedOut)]));
    world.disable(world.host).await;
    let left = hand_out(&world, &appointment, To::Staff, Channel::Email).await;
    assert!(matches!(left, Err(HandOutError::Nobody(why)) if why == [(None, NotSent::NoAddress)]));
}

#[tokio::test]
async fn without_a_mail_server_nobody_is_sent_mail_and_it_says_so() {
    let world = World::new().await;
    let appointment = booked(&world).await;
    for by in BY {
        let off = hand_out(&world, &appointment, To::Patients, by).await;
        let Err(HandOutError::Nobody(why)) = off else { panic!("{off:?}") };
        assert!(why.len() == 2 && why.iter().all(|(_, why)| *why == NotSent::ChannelOff));
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_not_handed_out() {
    let world = sending().await;
    let appointment = booked(&world).await;
    hand_out(&world, &appointment, To::Patients, Channel::Email).await.unwrap();
    all_sent(&world).await;
    let sent = messages(&world, &appointment).await[0].id;
    let attempts = async || {
        let handed = hand_out(&world, &appointment, To::Patients, Channel::Sms).await.unwrap_err();
        let shown =
            world.outreach.preview(world.clinic, &appointment, To::Staff, Channel::Email).await.unwrap_err();
        let again = world.outreach.resend(world.clinic, sent, person(&world)).await.unwrap_err();
        assert_eq!(handed.to_string(), shown.to_string());
        assert_eq!(handed.to_string(), again.to_string());
        handed
    };
    let attendees = vec![reachable("p-1", "Rosa Delgado"), reachable("p-2", "Luis Prado")];
    let booking = Booking { attendees, ..Booking::from(&appointment) };
    let change = async |booking: Booking| world.outreach.book(world.clinic, &booking).await.unwrap();
    change(Booking { status: Status::Cancelled, ..booking.clone() }).await;
    assert!(matches!(attempts().await, HandOutError::Cancelled));
    change(Booking { kind: Kind::InPerson, ..booking.clone() }).await;
    assert!(matches!(attempts().await, HandOutError::InPerson));
    change(booking).await;
    world.clock.advance(Duration::from_hours(2 + 4));
    assert!(matches!(attempts().await, HandOutError::Over));
}

#[tokio::test]
async fn a_copy_is_noted_once_in_a_minute_for_each_person() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let appointment = booked(&world).await;
        let copy =
            async |to, who| world.outreach.copied(world.clinic, &appointment, to, who).await.unwrap().len();
        let other = StaffOrToken::Token(world.ambient.id());
        assert_eq!(copy(To::Patients, person(&world)).await, 2);
        assert_eq!(copy(To::Patients, person(&world)).await, 0);
        assert_eq!(copy(To::Staff, person(&world)).await, 1);
        assert_eq!(copy(To::Attendee(appointment.attendees[0].id), other).await, 1);
        world.clock.advance(Duration::from_mins(1));
        assert_eq!(copy(To::Attendee(appointment.attendees[0].id), other).await, 1);
        let rows = messages(&world, &appointment).await;
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|m| (m.channel, m.state) == (Channel::Copy, MessageState::Copied)));
        assert!(outbox(&world).await.is_empty(), "a copy is nothing to be sent");
        assert!(matches!(
            world.outreach.copied(world.clinic, &appointment, To::Attendee(world.ambient.id()), other).await,
            Err(HandOutError::UnknownAttendee)
        ));
    }
}

#[tokio::test]
async fn sent_again_it_has_the_link_and_the_address_of_now() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let rosa = appointment.attendees[0].id;
    hand_out(&world, &appointment, To::Attendee(rosa), Channel::Email).await.unwrap();
    let first = messages(&world, &appointment).await[0].id;
    let early = world.outreach.resend(world.clinic, first, person(&world)).await;
    assert!(matches!(early, Err(HandOutError::StillQueued)));
    settle_all(&world, &Tried::Over(MessageState::Failed, "smtp_550".to_owned())).await;

    let links =
        world.outreach.reissue(world.clinic, &appointment, To::Attendee(rosa), person(&world)).await.unwrap();
    let mut booking = Booking::from(&appointment);
    booking.attendees[0].email = Some(Email::parse("rosa@new.example").unwrap());
    world.outreach.book(world.clinic, &booking).await.unwrap();
    let again = world.outreach.resend(world.clinic, first, person(&world)).await.unwrap();
    assert_eq!((again.messages.len(), again.messages[0].occasion), (1, Occasion::Link));
    let waiting = outbox(&world).await;
    let (address, text) = text_of(&waiting[0].1);
    assert_eq!(address, "rosa@new.example");
    assert!(text.contains(links.of(rosa).unwrap().url.expose()));
    assert_eq!(messages(&world, &appointment).await[0].state, MessageState::Failed, "what was stays");
}

#[tokio::test]
async fn what_cannot_be_sent_again_says_why() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let again =
        async |message| world.outreach.resend(world.clinic, message, person(&world)).await.unwrap_err();
    assert!(matches!(again(world.ambient.id()).await, HandOutError::UnknownMessage));
    let copy =
        world.outreach.copied(world.clinic, &appointment, To::Staff, person(&world)).await.unwrap()[0].id;
    assert!(matches!(again(copy).await, HandOutError::WasCopied));
    let of_staff = hand_out(&world, &appointment, To::Staff, Channel::Email).await.unwrap().messages[0].id;
    let of_luis = hand_out(&world, &appointment, To::Attendee(appointment.attendees[1].id), Channel::Email)
        .await
        .unwrap()
        .messages[0]
        .id;
    all_sent(&world).await;
    let elsewhere = world.other_clinic().await;
    let theirs = world.outreach.resend(elsewhere, of_staff, person(&world)).await;
    assert!(matches!(theirs, Err(HandOutError::UnknownMessage)));
    let colleague = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
    let mut booking = Booking { host: colleague, ..Booking::from(&appointment) };
    booking.attendees.truncate(1);
    world.outreach.book(world.clinic, &booking).await.unwrap();
    assert!(matches!(again(of_staff).await, HandOutError::AnotherHost));
    assert!(matches!(again(of_luis).await, HandOutError::UnknownAttendee));
}

#[tokio::test]
async fn that_the_host_is_late_is_sent_again_only_while_it_is_so() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let rosa = appointment.attendees[0].id;
    let content =
        Content::Sms(crate::Text { to: Phone::parse("+15550100001").unwrap(), text: "late".to_owned() });
    let now = world.ambient.now();
    let wanted = Wanted {
        to: Recipient::Attendee(appointment.id, rosa),
        occasion: Occasion::Late,
        asked_by: None,
        due_at: now,
        once: None,
    };
    let mut tx = world.store.begin().await.unwrap();
    let late = world.outreach.enqueue(&mut *tx, world.clinic, wanted, &content).await.unwrap().unwrap().id;
    tx.commit().await.unwrap();
    all_sent(&world).await;
    let again = world.outreach.resend(world.clinic, late, person(&world)).await;
    assert!(matches!(again, Err(HandOutError::NotLate)));
    let notice = Notice {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        host: world.host,
        appointment: None,
        says: Says::Late(25),
        said_by: person(&world),
        at: now,
        until: now.plus(Duration::from_hours(3)),
    };
    let mut tx = world.store.begin().await.unwrap();
    tx.insert_notice(&notice).await.unwrap();
    tx.commit().await.unwrap();
    world.outreach.resend(world.clinic, late, person(&world)).await.unwrap();
    assert!(text_of(&outbox(&world).await[0].1).1.contains("25"));
}

#[tokio::test]
async fn the_board_hears_that_links_were_handed_out_and_not_that_they_were_not() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let count = async || world.store.read().await.unwrap().last_change(world.clinic).await.unwrap();
    let before = count().await;
    world.outreach.preview(world.clinic, &appointment, To::Patients, Channel::Sms).await.unwrap();
    hand_out(&world, &appointment, To::Staff, Channel::Sms).await.unwrap_err();
    assert_eq!(count().await, before);
    hand_out(&world, &appointment, To::Patients, Channel::Sms).await.unwrap();
    assert_eq!(count().await, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_handed_out_while_the_visit_is_cancelled_is_withdrawn_or_refused() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = with_sending(World::bare(engine).await);
        let other = world.other_instance().await;
        for round in 0..8 {
            let external_id = Some(domain::text::ExternalId::parse(&format!("round {round}")).unwrap());
            let attendees = vec![reachable("p-1", "Rosa Delgado")];
            let booking = Booking { external_id, attendees, ..world.booking() };
            let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
            let cancelled = Booking { status: Status::Cancelled, ..booking };
            let (_, cancelled) = tokio::join!(
                hand_out(&world, &appointment, To::Patients, Channel::Email),
                other.book(world.clinic, &cancelled),
            );
            cancelled.unwrap();
            let waits = messages(&world, &appointment)
                .await
                .into_iter()
                .filter(|message| message.state == MessageState::Queued)
                .count();
            assert_eq!(waits, 0, "{name}: a link to a cancelled visit waits to be sent");
        }
    }
}

/// An instant on the clinic's wall on the day of these tests, in Chicago.
pub(crate) fn wall(hour: u64, minute: u64) -> Timestamp {
    let eight = Timestamp::from_seconds(1_795_442_400);
    eight.plus(Duration::from_mins(hour * 60 + minute)).minus(Duration::from_hours(8))
}
