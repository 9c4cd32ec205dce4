//! A database of the third release: one of the second that was upgraded, and that handed out links.

use std::fmt::Write as _;

use domain::{
    AttendeeId, ClinicId, MessageId, Timestamp,
    alert::{Choice, Settings},
    id::Id as _,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    room::guard::{Guarded, Origin},
};
use store::{
    StoreError,
    ports::messages::{NewMessage, Tried},
};
use uuid::Uuid;

use super::{CLINIC, HOST, MANY, ROOM, databases, id, is_sound, upgraded};

/// Every kind of message that the third release wrote, again and again, in every state.
pub fn left_behind(engine: &str) -> String {
    let (clinic, host) = (id(engine, CLINIC), id(engine, HOST));
    let mut sql = String::new();
    for n in 1..=MANY {
        let [appointment, attendee, message] = [1, 2, 30].map(|kind| id(engine, kind * 1_000_000 + n));
        let written = Written::of(n);
        let to = if written.to_host { format!("NULL, {host}") } else { format!("{attendee}, NULL") };
        let or_null =
            |text: Option<String>| text.map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"));
        let sealed = if engine == "sqlite" { "x'0700ff'" } else { "'\\x0700ff'" };
        let is_queued = written.state == MessageState::Queued;
        write!(
            sql,
            "INSERT INTO messages
                 (clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason, asked_by,
                  content_sealed, once, queued_at, due_at, tries, lease_until, sent_at, changed_at, provider_id, overtaken)
             VALUES ({clinic}, {message}, {appointment}, {to}, '{channel}', '{occasion}', '{state}', {reason}, {asked_by},
                 {content}, {once}, {n}, {n} + 1, {tries}, {lease}, {sent}, {n} + 2, {provider}, {overtaken});",
            channel = written.channel.as_str(),
            occasion = written.occasion.as_str(),
            state = written.state.as_str(),
            reason = or_null((n % 3 == 0).then(|| "smtp_550".to_owned())),
            asked_by = or_null((n % 2 == 0).then(|| format!(r#"{{"staff":"staff_{HOST:032x}"}}"#))),
            content = if is_queued { sealed } else { "NULL" },
            once = or_null((n % 4 == 0).then(|| format!("reminder/{n}"))),
            tries = n % 5,
            lease = if is_queued && n % 7 == 0 { "9" } else { "NULL" },
            sent = if written.state == MessageState::Sent { format!("{n} + 2") } else { "NULL".to_owned() },
            provider = or_null((n % 6 == 0).then(|| format!("SM{n}"))),
            overtaken = or_null((is_queued && n % 8 == 1).then(|| "cancelled".to_owned())),
        )
        .unwrap();
    }
    sql
}

/// What the message of this number was.
struct Written {
    to_host: bool,
    channel: Channel,
    occasion: Occasion,
    state: MessageState,
}

impl Written {
    fn of(n: u128) -> Self {
        let n = usize::try_from(n).unwrap();
        Self {
            to_host: n.is_multiple_of(9),
            channel: Channel::ALL[n % Channel::ALL.len()],
            occasion: Occasion::WORDED[n % Occasion::WORDED.len()],
            state: MessageState::ALL[n % MessageState::ALL.len()],
        }
    }
}

fn message(n: u128) -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(30_000_000 + n))
}

fn appointment(n: u128) -> domain::AppointmentId {
    domain::AppointmentId::from_uuid(Uuid::from_u128(1_000_000 + n))
}

#[tokio::test]
async fn every_message_of_the_third_release_is_there_as_it_was() {
    let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
    let host = domain::StaffId::from_uuid(Uuid::from_u128(HOST));
    for engine in databases(3).await {
        let store = upgraded(&engine).await;
        let mut tx = store.read().await.unwrap();
        for n in 1..=MANY {
            let written = Written::of(n);
            let at = |micros: u128| Timestamp::from_micros(i64::try_from(micros).unwrap());
            let attendee = AttendeeId::from_uuid(Uuid::from_u128(2_000_000 + n));
            let wanted = Message {
                id: message(n),
                clinic_id: clinic,
                to: if written.to_host {
                    Recipient::Host(appointment(n), host)
                } else {
                    Recipient::Attendee(appointment(n), attendee)
                },
                channel: written.channel,
                occasion: written.occasion,
                state: written.state,
                reason: n.is_multiple_of(3).then(|| "smtp_550".to_owned()),
                asked_by: n
                    .is_multiple_of(2)
                    .then_some(domain::attendance::matching::StaffOrToken::Staff(host)),
                queued_at: at(n),
                due_at: at(n + 1),
                tries: i64::try_from(n % 5).unwrap(),
                sent_at: (written.state == MessageState::Sent).then(|| at(n + 2)),
                changed_at: at(n + 2),
            };
            let found = tx.message(clinic, message(n)).await.unwrap();
            assert_eq!(found, Some(wanted.clone()), "{} {n}", engine.name);
            assert_eq!(tx.messages_of_all(clinic, &[appointment(n)]).await.unwrap(), [wanted]);
            let overtaken = tx.overtaken(clinic, message(n)).await.unwrap();
            if written.state == MessageState::Queued {
                assert_eq!(overtaken.is_some(), n % 8 == 1, "{} {n}", engine.name);
            }
        }
        assert_eq!(tx.messages_about_alerts(clinic, Timestamp::from_micros(0)).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_the_third_release_had_queued_is_sent_by_this_one_and_nothing_is_sent_twice() {
    let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
    let now = Timestamp::from_micros(1_000_000);
    for engine in databases(3).await {
        let store = upgraded(&engine).await;
        let mut tx = store.begin().await.unwrap();
        let queued = (1..=MANY).filter(|n| Written::of(*n).state == MessageState::Queued);
        let mut wanted: Vec<_> =
            queued.filter(|n| Written::of(*n).channel == Channel::Email).map(message).collect();
        let until = Timestamp::from_micros(2_000_000);
        let claimed = tx.claim_messages(Channel::Email, now, until, 1_000).await.unwrap();
        assert!(claimed.iter().all(|due| due.content_sealed == [7, 0, 255]));
        let mut claimed: Vec<_> = claimed.into_iter().map(|due| due.message.id).collect();
        claimed.sort();
        wanted.sort();
        assert_eq!(claimed, wanted, "{}", engine.name);
        let first = claimed[0];
        tx.settle_message(clinic, first, &Tried::Sent(None), now).await.unwrap();
        assert_eq!(tx.message(clinic, first).await.unwrap().unwrap().state, MessageState::Sent);

        let known = tx.message(clinic, message(4)).await.unwrap().unwrap();
        let again = Message { id: MessageId::from_uuid(Uuid::from_u128(77)), ..known };
        let again = NewMessage { message: again, content_sealed: None, once: Some("reminder/4".into()) };
        assert!(!tx.insert_message(&again).await.unwrap(), "{}", engine.name);
        let foreign = Recipient::Attendee(appointment(1), AttendeeId::from_uuid(Uuid::from_u128(2_000_002)));
        let id = MessageId::from_uuid(Uuid::from_u128(78));
        let foreign = Message { id, to: foreign, ..again.message };
        let foreign = NewMessage { message: foreign, content_sealed: None, once: None };
        let refused = tx.insert_message(&foreign).await;
        assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{}: {refused:?}", engine.name);
    }
}

#[tokio::test]
async fn what_the_third_release_did_not_know_begins_as_nothing() {
    let clinic = ClinicId::from_uuid(Uuid::from_u128(CLINIC));
    let host = domain::StaffId::from_uuid(Uuid::from_u128(HOST));
    let room = domain::RoomId::from_uuid(Uuid::from_u128(ROOM));
    for engine in databases(3).await {
        let store = upgraded(&engine).await;
        let mut tx = store.read().await.unwrap();
        assert_eq!(
            tx.guarded(clinic, room).await.unwrap(),
            Guarded { origin: Origin::Made, ..Guarded::default() }
        );
        assert_eq!(tx.alert_choice(clinic, host).await.unwrap(), Choice::default());
        assert_eq!(tx.alert_settings(clinic).await.unwrap(), Settings::default());
        assert_eq!(tx.alerts_lasting(clinic).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_upgraded_file_of_the_third_release_is_sound() {
    for engine in databases(3).await.into_iter().filter(|engine| engine.name == "sqlite") {
        upgraded(&engine).await.close().await;
        is_sound(&engine).await;
    }
}
