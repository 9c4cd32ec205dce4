use std::collections::BTreeSet;

use domain::{
    MessageId,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{
    Store, StoreError,
    ports::messages::{DueMessage, NewMessage, Tried},
    testing::Engine,
};

use crate::{
    once,
    world::{NOW, World, appointment, at, attendee, handed_out},
};

crate::on_both_engines! {
    messages_come_back_as_they_went_in,
    what_is_due_is_claimed_the_longest_due_first_and_by_one_channel,
    what_is_claimed_is_nobody_elses_until_the_lease_ends,
    two_workers_share_the_outbox_and_neither_gets_what_the_other_has,
    a_worker_that_dies_leaves_its_messages_to_others,
    something_is_put_in_once_whoever_thinks_of_it,
    a_message_is_over_once_and_keeps_nothing_of_what_it_said,
    a_message_that_is_tried_again_waits_its_time,
    whoever_settles_after_the_lease_has_ended_is_heard_if_nobody_else_was,
    a_report_may_come_before_the_answer,
    a_report_changes_nothing_that_is_over,
    what_is_being_sent_is_not_withdrawn,
    what_was_overtaken_while_a_worker_had_it_is_not_put_back,
    a_claim_that_was_not_tried_counts_for_nothing,
    a_message_that_cannot_be_read_keeps_nobody_elses_waiting,
    one_recipients_messages_are_withdrawn_without_the_others,
    the_ledger_is_in_the_order_in_which_messages_were_asked_for,
    the_queue_is_counted_over_all_clinics,
    a_message_is_for_an_attendee_of_its_appointment,
}

impl World {
    fn to_attendee(&self) -> Recipient {
        Recipient::Attendee(self.appointment.id, self.attendee)
    }

    fn to_host(&self) -> Recipient {
        Recipient::Host(self.appointment.id, self.host.id)
    }

    /// A message that is due so many seconds after [`NOW`].
    fn mail(&self, due: i64) -> NewMessage {
        handed_out::message(&self.ambient, self.clinic, self.to_attendee(), at(due))
    }
}

async fn put(store: &dyn Store, message: &NewMessage) -> MessageId {
    assert!(once!(store, tx => tx.insert_message(message)).unwrap());
    message.message.id
}

async fn claim(store: &dyn Store, now: i64, until: i64, limit: i64) -> Vec<DueMessage> {
    once!(store, tx => tx.claim_messages(Channel::Email, at(now), at(until), limit)).unwrap()
}

fn ids(messages: &[DueMessage]) -> Vec<MessageId> {
    messages.iter().map(|due| due.message.id).collect()
}

async fn read(store: &dyn Store, world: &World, id: MessageId) -> Message {
    store.read().await.unwrap().message(world.clinic, id).await.unwrap().unwrap()
}

async fn settle(store: &dyn Store, world: &World, id: MessageId, tried: Tried, now: i64) {
    once!(store, tx => tx.settle_message(world.clinic, id, &tried, at(now))).unwrap();
}

async fn report(
    store: &dyn Store,
    world: &World,
    id: MessageId,
    state: MessageState,
    reason: Option<&str>,
) -> Option<Message> {
    once!(store, tx => tx.report_message(world.clinic, id, state, reason, at(90))).unwrap()
}

/// Changes rows behind the store's back.
async fn run(engine: &Engine, statement: &'static str) {
    if engine.name == "sqlite" {
        let mut connection = SqliteConnection::connect(&engine.url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(&engine.url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
}

/// How many rows still hold what they said.
async fn contents(engine: &Engine) -> i64 {
    let question = "SELECT COUNT(*) FROM messages WHERE content_sealed IS NOT NULL";
    if engine.name == "sqlite" {
        let mut connection = SqliteConnection::connect(&engine.url).await.unwrap();
        sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(&engine.url).await.unwrap();
        sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
    }
}

async fn messages_come_back_as_they_went_in(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let mut to_host = handed_out::message(&world.ambient, world.clinic, world.to_host(), at(9));
    to_host.message.occasion = Occasion::StaffLink;
    to_host.message.channel = Channel::Sms;
    to_host.message.reason = Some("later".into());
    let mut copied = world.mail(0);
    copied.content_sealed = None;
    copied.message.channel = Channel::Copy;
    copied.message.state = MessageState::Copied;
    copied.message.sent_at = Some(NOW);
    for new in [&to_host, &copied] {
        put(store, new).await;
    }
    for new in [&world.handed_out.message, &to_host, &copied] {
        assert_eq!(read(store, &world, new.message.id).await, new.message);
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.message(world.clinic, world.ambient.id()).await.unwrap(), None);
    let due = tx.claim_messages(Channel::Sms, at(9), at(99), 9).await.unwrap();
    assert_eq!(due.iter().map(|due| &due.content_sealed).collect::<Vec<_>>(), [&vec![7, 0, 255]]);
    assert_eq!(due[0].message, to_host.message);
    assert_eq!(
        tx.claim_messages(Channel::Copy, at(99), at(999), 9).await.unwrap(),
        [],
        "what was copied is not to be sent"
    );
}

async fn what_is_due_is_claimed_the_longest_due_first_and_by_one_channel(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let late = put(store, &world.mail(30)).await;
    let early = put(store, &world.mail(-30)).await;
    let at_once = put(store, &world.mail(10)).await;
    let same_time = put(store, &world.mail(10)).await;
    let mut text = world.mail(-99);
    text.message.channel = Channel::Sms;
    put(store, &text).await;
    assert_eq!(ids(&claim(store, -31, 100, 9).await), []);
    assert_eq!(ids(&claim(store, 10, 100, 1).await), [early]);
    let mut both = [at_once, same_time];
    both.sort();
    assert_eq!(ids(&claim(store, 10, 100, 9).await), both);
    assert_eq!(ids(&claim(store, 30, 100, 9).await), [late]);
    let first = world.handed_out.message.message.id;
    assert_eq!(ids(&claim(store, 60, 100, 9).await), [first], "of the clinic's other messages");
}

async fn what_is_claimed_is_nobody_elses_until_the_lease_ends(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    assert_eq!(ids(&claim(store, 0, 30, 9).await), [id]);
    assert_eq!(ids(&claim(store, 29, 60, 9).await), []);
    assert_eq!(read(store, &world, id).await.tries, 1);
    assert_eq!(ids(&claim(store, 30, 60, 9).await), [id], "its worker is taken for dead");
    assert_eq!(ids(&claim(store, 31, 60, 9).await), []);
    assert_eq!(read(store, &world, id).await.tries, 2);
}

async fn two_workers_share_the_outbox_and_neither_gets_what_the_other_has(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut all = BTreeSet::new();
    for _ in 0..60 {
        all.insert(put(&*engine.store, &world.mail(0)).await);
    }
    let stores = [engine.store.clone(), engine.another_instance().await];
    let workers = (0..4).map(|worker| {
        let store = stores[worker % 2].clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = claim(&*store, 0, 30, 7).await;
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(ids(&claimed));
            }
        })
    });
    let mut claimed = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        claimed.extend(worker.await.unwrap());
    }
    assert_eq!(claimed.len(), all.len(), "none twice");
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), all, "and none left");
}

async fn a_worker_that_dies_leaves_its_messages_to_others(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (first, second) = (put(store, &world.mail(0)).await, put(store, &world.mail(1)).await);
    let other = engine.another_instance().await;
    let mut dying = store.begin().await.unwrap();
    assert_eq!(ids(&dying.claim_messages(Channel::Email, at(9), at(99), 1).await.unwrap()), [first]);
    if engine.name == "postgres" {
        // On SQLite the other one waits for the writer.
        assert_eq!(
            ids(&claim(&*other, 9, 99, 9).await),
            [second],
            "it takes what is free and waits for nobody"
        );
        drop(dying);
        assert_eq!(ids(&claim(&*other, 9, 99, 9).await), [first]);
    } else {
        drop(dying);
        assert_eq!(ids(&claim(&*other, 9, 99, 9).await), [first, second]);
    }
    assert_eq!(read(store, &world, first).await.tries, 1, "a claim that was not committed was none");
}

async fn something_is_put_in_once_whoever_thinks_of_it(engine: Engine) {
    let store = &*engine.store;
    let (world, them) = (World::put(store, 1).await, World::put(store, 2).await);
    let reminder = |world: &World, once: &str| NewMessage { once: Some(once.into()), ..world.mail(0) };
    put(store, &reminder(&world, "r/1")).await;
    let again = reminder(&world, "r/1");
    assert!(!once!(store, tx => tx.insert_message(&again)).unwrap());
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.message(world.clinic, again.message.id).await.unwrap(), None);
    drop(tx);
    put(store, &reminder(&them, "r/1")).await;
    put(store, &reminder(&world, "r/2")).await;
    for _ in 0..2 {
        put(store, &world.mail(0)).await;
    }

    // Two instances at the same moment.
    let (one, other) = (engine.store.clone(), engine.another_instance().await);
    let (mine, theirs) = (reminder(&world, "r/3"), reminder(&world, "r/3"));
    let (mine, theirs) = tokio::join!(async { once!(one, tx => tx.insert_message(&mine)) }, async {
        once!(other, tx => tx.insert_message(&theirs))
    },);
    assert_ne!(mine.unwrap(), theirs.unwrap(), "one of them");

    let mut tx = store.read().await.unwrap();
    let asked: Vec<String> = ["r/3", "r/0", "r/1", "the first"].map(Into::into).into();
    let mut before = tx.once_before(world.clinic, &asked).await.unwrap();
    before.sort();
    assert_eq!(before, ["r/1", "r/3", "the first"]);
    assert_eq!(tx.once_before(them.clinic, &["r/2".into()]).await.unwrap(), Vec::<String>::new());
    assert_eq!(tx.once_before(world.clinic, &[]).await.unwrap(), Vec::<String>::new());
}

async fn a_message_is_over_once_and_keeps_nothing_of_what_it_said(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (sent, failed) = (put(store, &world.mail(0)).await, put(store, &world.mail(0)).await);
    assert_eq!(contents(&engine).await, 3, "and the clinic's first one");
    claim(store, 0, 30, 9).await;
    settle(store, &world, sent, Tried::Sent(Some("SM1".into())), 5).await;
    settle(store, &world, failed, Tried::Over(MessageState::Failed, "no_such_address".into()), 6).await;
    assert_eq!(contents(&engine).await, 1);
    let message = read(store, &world, sent).await;
    assert_eq!(
        (message.state, message.sent_at, message.changed_at),
        (MessageState::Sent, Some(at(5)), at(5))
    );
    let message = read(store, &world, failed).await;
    assert_eq!((message.state, message.sent_at, message.changed_at), (MessageState::Failed, None, at(6)));
    assert_eq!(message.reason.as_deref(), Some("no_such_address"));
    for tried in [
        Tried::Sent(None),
        Tried::Over(MessageState::Withdrawn, "x".into()),
        Tried::Again(at(50), "x".into()),
    ] {
        settle(store, &world, failed, tried, 9).await;
    }
    assert_eq!(read(store, &world, failed).await, message);
    assert_eq!(ids(&claim(store, 50, 99, 9).await), [], "neither is claimed again");
}

async fn a_message_that_is_tried_again_waits_its_time(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    claim(store, 0, 30, 9).await;
    settle(store, &world, id, Tried::Again(at(20), "server_busy".into()), 3).await;
    let message = read(store, &world, id).await;
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Queued, Some("server_busy")));
    assert_eq!((message.due_at, message.queued_at, message.changed_at), (at(20), NOW, at(3)));
    assert_eq!(ids(&claim(store, 19, 60, 9).await), []);
    let claimed = claim(store, 20, 60, 9).await;
    assert_eq!(ids(&claimed), [id], "before the first lease would have ended");
    assert_eq!(claimed[0].content_sealed, [7, 0, 255]);
}

async fn whoever_settles_after_the_lease_has_ended_is_heard_if_nobody_else_was(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    claim(store, 0, 10, 9).await;
    // The first worker sleeps; a second one takes it, and both come to an end.
    assert_eq!(ids(&claim(store, 10, 20, 9).await), [id]);
    settle(store, &world, id, Tried::Sent(Some("first".into())), 12).await;
    settle(store, &world, id, Tried::Over(MessageState::Failed, "x".into()), 13).await;
    let message = read(store, &world, id).await;
    assert_eq!((message.state, message.sent_at, message.reason), (MessageState::Sent, Some(at(12)), None));
}

async fn a_report_may_come_before_the_answer(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    claim(store, 0, 30, 9).await;
    let reported = report(store, &world, id, MessageState::Delivered, None).await.unwrap();
    assert_eq!((reported.id, reported.state), (id, MessageState::Delivered));
    settle(store, &world, id, Tried::Sent(Some("SM1".into())), 91).await;
    settle(store, &world, id, Tried::Again(at(95), "x".into()), 92).await;
    let message = read(store, &world, id).await;
    assert_eq!((message.state, message.sent_at), (MessageState::Delivered, Some(at(90))));
    assert_eq!(ids(&claim(store, 99, 199, 9).await), [world.handed_out.message.message.id]);
    assert_eq!(contents(&engine).await, 1);
}

async fn a_report_changes_nothing_that_is_over(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    settle(store, &world, id, Tried::Sent(Some("SM1".into())), 5).await;
    let failed = report(store, &world, id, MessageState::Failed, Some("30005")).await.unwrap();
    assert_eq!((failed.state, failed.reason.as_deref()), (MessageState::Failed, Some("30005")));
    assert_eq!(failed.sent_at, Some(at(5)), "it was sent, and did not arrive");
    assert_eq!(report(store, &world, id, MessageState::Delivered, None).await, None);
    assert_eq!(read(store, &world, id).await, failed);
    assert_eq!(report(store, &world, world.ambient.id(), MessageState::Delivered, None).await, None);
}

async fn what_is_being_sent_is_not_withdrawn(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    claim(store, 0, 30, 9).await;
    let withdraw = async |now: i64| {
        let appointment = world.appointment.id;
        once!(store, tx => tx.withdraw_messages(world.clinic, appointment, "cancelled", at(now))).unwrap()
    };
    assert_eq!(withdraw(29).await, 1, "the clinic's first one, which waits");
    assert_eq!(read(store, &world, id).await.state, MessageState::Queued);
    let first = read(store, &world, world.handed_out.message.message.id).await;
    assert_eq!((first.state, first.reason.as_deref()), (MessageState::Withdrawn, Some("cancelled")));
    assert_eq!(withdraw(30).await, 1, "whoever had it is taken for dead");
    assert_eq!(withdraw(31).await, 0);
    assert_eq!(contents(&engine).await, 0);
    // It was alive after all: then the message was sent, but what was withdrawn stays so.
    settle(store, &world, id, Tried::Sent(None), 31).await;
    assert_eq!(read(store, &world, id).await.state, MessageState::Withdrawn);
}

async fn what_was_overtaken_while_a_worker_had_it_is_not_put_back(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, appointment) = (world.clinic, world.appointment.id);
    let mut claimed = Vec::new();
    for _ in 0..4 {
        claimed.push(put(store, &world.mail(0)).await);
    }
    let to_host = handed_out::message(&world.ambient, clinic, world.to_host(), at(0));
    let hosts = put(store, &to_host).await;
    claim(store, 0, 30, 9).await;
    let overtaken = async |id| store.read().await.unwrap().overtaken(clinic, id).await.unwrap();
    assert_eq!(overtaken(claimed[0]).await, None);
    let rosa = world.to_attendee().attendee();
    let first = once!(store, tx => tx.withdraw_messages_to(clinic, appointment, rosa, "moved", at(1)));
    assert_eq!(first.unwrap(), 1, "the clinic's first one, which waits");
    assert_eq!(overtaken(hosts).await, None, "another recipient's");
    once!(store, tx => tx.withdraw_messages(clinic, appointment, "cancelled", at(2))).unwrap();
    assert_eq!(overtaken(hosts).await.as_deref(), Some("cancelled"));
    for &id in &claimed {
        assert_eq!(overtaken(id).await.as_deref(), Some("moved"), "what was said first");
    }

    let [again, back, sent, left] = claimed[..] else { unreachable!() };
    settle(store, &world, again, Tried::Again(at(20), "busy".into()), 5).await;
    settle(store, &world, back, Tried::Back(at(20), "not_yet".into()), 5).await;
    for id in [again, back] {
        let message = read(store, &world, id).await;
        assert_eq!((message.state, message.reason.as_deref()), (MessageState::Withdrawn, Some("moved")));
        assert_eq!(overtaken(id).await.as_deref(), Some("moved"));
    }
    settle(store, &world, sent, Tried::Sent(None), 5).await;
    assert_eq!(read(store, &world, sent).await.state, MessageState::Sent, "it cannot be taken back");
    assert_eq!(overtaken(sent).await.as_deref(), Some("sent"));
    assert_eq!(contents(&engine).await, 2, "the host's and the one that is left");
    // Its worker dies: whoever takes it next still hears of it.
    let mut next = ids(&claim(store, 30, 60, 9).await);
    next.sort();
    let mut expected = [left, hosts];
    expected.sort();
    assert_eq!(next, expected);
    assert_eq!(overtaken(left).await.as_deref(), Some("moved"));
}

async fn a_claim_that_was_not_tried_counts_for_nothing(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let id = put(store, &world.mail(0)).await;
    claim(store, 0, 30, 9).await;
    settle(store, &world, id, Tried::Again(at(1), "busy".into()), 1).await;
    for now in 1..20 {
        assert_eq!(ids(&claim(store, now, 30, 9).await), [id]);
        settle(store, &world, id, Tried::Back(at(now + 1), "not_yet".into()), now).await;
    }
    let message = read(store, &world, id).await;
    assert_eq!((message.state, message.tries, message.due_at), (MessageState::Queued, 1, at(20)));
    assert_eq!(message.reason.as_deref(), Some("not_yet"));
}

async fn a_message_that_cannot_be_read_keeps_nobody_elses_waiting(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let broken = put(store, &world.mail(0)).await;
    let breaks =
        "UPDATE messages SET asked_by = '{\"nobody\":1}' WHERE due_at < (SELECT MAX(due_at) FROM messages)";
    run(&engine, breaks).await;
    let good = put(store, &world.mail(1)).await;
    assert_eq!(ids(&claim(store, 9, 30, 9).await), [good]);
    run(&engine, "UPDATE messages SET asked_by = NULL").await;
    let message = read(store, &world, broken).await;
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Failed, Some("unreadable")));
    assert_eq!(contents(&engine).await, 2, "the good one and the clinic's first one");
}

async fn one_recipients_messages_are_withdrawn_without_the_others(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let (clinic, appointment) = (world.clinic, world.appointment.id);
    let son = Recipient::Attendee(appointment, world.appointment.attendees[1].id);
    let to = async |to: Recipient| put(store, &handed_out::message(&world.ambient, clinic, to, at(0))).await;
    let (rosas, sons, hosts) = (to(world.to_attendee()).await, to(son).await, to(world.to_host()).await);
    let state = async |id: MessageId| read(store, &world, id).await.state;
    let withdraw = async |whose| {
        once!(store, tx => tx.withdraw_messages_to(clinic, appointment, whose, "renewed", at(1))).unwrap()
    };
    assert_eq!(withdraw(son.attendee()).await, 1);
    assert_eq!(
        (state(rosas).await, state(sons).await, state(hosts).await),
        (MessageState::Queued, MessageState::Withdrawn, MessageState::Queued)
    );
    assert_eq!(withdraw(None).await, 1);
    assert_eq!((state(rosas).await, state(hosts).await), (MessageState::Queued, MessageState::Withdrawn));
}

async fn the_ledger_is_in_the_order_in_which_messages_were_asked_for(engine: Engine) {
    let store = &*engine.store;
    let world = World::put(store, 1).await;
    let mut second = appointment(&world.ambient, world.clinic, world.host.id, "second", 60);
    second.attendees = vec![attendee(&world.ambient, "other", "Other Person")];
    once!(store, tx => tx.put_appointment(world.clinic, &second)).unwrap();
    let asked = |to, seconds| {
        let mut new = handed_out::message(&world.ambient, world.clinic, to, NOW);
        new.message.queued_at = at(seconds);
        new
    };
    let last = asked(world.to_attendee(), 9);
    let early = asked(world.to_host(), -9);
    let others = asked(Recipient::Attendee(second.id, second.attendees[0].id), 3);
    let mut wanted = vec![early.message.clone(), world.handed_out.message.message.clone()];
    for new in [&last, &early, &others] {
        put(store, new).await;
    }
    wanted.extend([others.message.clone(), last.message]);
    let mut tx = store.read().await.unwrap();
    let all = [second.id, world.appointment.id];
    assert_eq!(tx.messages_of_all(world.clinic, &all).await.unwrap(), wanted);
    assert_eq!(tx.messages_of_all(world.clinic, &[second.id]).await.unwrap(), [others.message]);
    assert_eq!(tx.messages_of_all(world.clinic, &[]).await.unwrap(), []);
}

async fn the_queue_is_counted_over_all_clinics(engine: Engine) {
    let store = &*engine.store;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.queued_messages(NOW).await.unwrap(), (0, None));
    drop(tx);
    let (world, _) = (World::put(store, 1).await, World::put(store, 2).await);
    let id = put(store, &world.mail(30)).await;
    let count = async |now: i64| {
        let mut tx = store.read().await.unwrap();
        tx.queued_messages(at(now)).await.unwrap()
    };
    assert_eq!(count(29).await, (3, None), "none is late");
    assert_eq!(count(61).await, (3, Some(at(30))));
    settle(store, &world, id, Tried::Sent(None), 61).await;
    assert_eq!(count(61).await, (2, Some(at(60))));
}

async fn a_message_is_for_an_attendee_of_its_appointment(engine: Engine) {
    let store = &*engine.store;
    let (me, them) = (World::put(store, 1).await, World::put(store, 2).await);
    for to in [
        Recipient::Attendee(me.appointment.id, them.attendee),
        Recipient::Attendee(them.appointment.id, them.attendee),
        Recipient::Host(me.appointment.id, them.host.id),
    ] {
        let foreign = handed_out::message(&me.ambient, me.clinic, to, NOW);
        let refused = once!(store, tx => tx.insert_message(&foreign));
        assert!(matches!(refused, Err(StoreError::MissingReference(_))), "{to:?}: {refused:?}");
    }
}
