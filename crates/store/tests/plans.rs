//! Every question is answered from an index, and each statement that is written is run by this test: a crate of its
//! own, so that no other test's statements are among those it looks at.

#![cfg(test)]

use std::{collections::BTreeMap, fs, path::Path, str::FromStr as _};

use domain::{
    attendance::matching::Verdict,
    outreach::message::{Channel, MessageState},
    room::{
        ConnectionState,
        guard::{DriftEnd, Origin},
    },
    staff::Role,
};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{
    ports::{
        attendance::Change,
        feed::ReceiverCounts,
        inbox::{Outcome, Settled},
        messages::Tried,
        recovery::Outage,
    },
    testing::{self, Engine},
};
use world::{NOW, World, always, at, delivery, external, further::DAY, name};

#[path = "contract/world.rs"]
mod world;

/// Makes every call there is at least once.
async fn ask_everything(engine: &Engine) {
    ask_of_recovery_and_evidence(engine).await;
    ask_of_outreach(engine).await;
    ask_of_the_guard(engine).await;
    let world = World::put(&*engine.store, 1).await;
    let (clinic, host, room) = (world.clinic, world.host.id, world.room.id);
    let connection = world.connection.id;
    let deliveries = [delivery(&world.ambient, 1, "{}"), delivery(&world.ambient, 2, "{}")];
    engine.store.keep_deliveries(&deliveries).await.unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    tx.clinic(clinic).await.unwrap();
    tx.clinics().await.unwrap();
    tx.staff_member(clinic, host).await.unwrap();
    tx.staff_known_as(clinic, "host").await.unwrap();
    tx.staff_by_email("osei@1.example").await.unwrap();
    tx.staff(clinic).await.unwrap();
    tx.update_staff(clinic, host, &name("A"), &[Role::Staff].into(), None).await.unwrap();
    tx.password(clinic, host).await.unwrap();
    tx.session(&world.session.token_hash).await.unwrap();
    tx.touch_session(clinic, &world.session.token_hash, at(1)).await.unwrap();
    tx.end_session(clinic, &world.session.token_hash).await.unwrap();
    tx.end_sessions_of(clinic, host).await.unwrap();
    tx.sign_in_link(&world.sign_in_link.token_hash).await.unwrap();
    tx.use_sign_in_link(clinic, &world.sign_in_link.token_hash, at(1)).await.unwrap();
    tx.api_token(&world.api_token.token_hash).await.unwrap();
    tx.revoke_api_token(clinic, world.api_token.id, at(1)).await.unwrap();
    tx.oauth_flow(&world.flow.state_hash).await.unwrap();
    tx.use_oauth_flow(clinic, &world.flow.state_hash, at(1)).await.unwrap();
    tx.purge_access(at(1), at(1)).await.unwrap();

    tx.connection(clinic, connection).await.unwrap();
    tx.connection_of(clinic, host).await.unwrap();
    tx.connection_of_zoom_user("zoom-user-1").await.unwrap();
    tx.connections(clinic).await.unwrap();
    tx.connections_to_refresh(at(9), 9).await.unwrap();
    tx.update_connection(clinic, &world.connection).await.unwrap();
    tx.tokens(clinic, connection).await.unwrap();
    tx.set_tokens(clinic, &world.tokens).await.unwrap();
    let holder = world.ambient.nonce();
    tx.lease_refresh(clinic, connection, holder, at(0), at(1)).await.unwrap();
    tx.release_refresh(clinic, connection, holder).await.unwrap();
    tx.set_connection_state(clinic, connection, ConnectionState::Disconnected, None, NOW).await.unwrap();
    tx.erase_tokens(clinic, connection).await.unwrap();
    tx.room(clinic, room).await.unwrap();
    tx.room_of(clinic, host).await.unwrap();
    tx.room_by_meeting(1).await.unwrap();
    tx.rooms(clinic).await.unwrap();
    tx.join_url(clinic, room).await.unwrap();
    tx.update_room(clinic, &world.room, b"").await.unwrap();
    tx.lock_room(clinic, room).await.unwrap();

    let appointment = world.appointment.id;
    tx.appointment(clinic, appointment).await.unwrap();
    tx.appointment_by_external_id(clinic, "appointment").await.unwrap();
    tx.appointment_of_attendee(clinic, world.attendee).await.unwrap();
    tx.former_attendees(clinic, appointment).await.unwrap();
    tx.appointments(clinic, always(), None).await.unwrap();
    tx.appointments_page(clinic, always(), None, None, 9).await.unwrap();
    tx.link(&world.link.token_hash).await.unwrap();
    tx.links_of(clinic, appointment).await.unwrap();
    tx.room_link(clinic, host).await.unwrap();
    tx.mark_opened(clinic, world.link.id, at(1)).await.unwrap();
    tx.revoke_link(clinic, world.link.id, at(1)).await.unwrap();
    tx.presses(clinic, always()).await.unwrap();
    tx.presses_in_room(clinic, room, always()).await.unwrap();

    tx.claim_deliveries(1).await.unwrap();
    let settled = Settled { id: deliveries[0].id, clinic_id: Some(clinic), outcome: Outcome::Applied };
    tx.settle_deliveries(&[settled], NOW).await.unwrap();
    tx.settled_deliveries(None, 9).await.unwrap();
    tx.inbox_backlog().await.unwrap();
    tx.waiting_since().await.unwrap();

    tx.room_events(clinic, room, always()).await.unwrap();
    tx.room_event_span(clinic, room).await.unwrap();
    tx.presence(clinic, world.presence.id).await.unwrap();
    tx.presences(clinic, always()).await.unwrap();
    tx.presences_in_room(clinic, room, always()).await.unwrap();
    tx.presences_of(clinic, appointment).await.unwrap();
    tx.unsettled_rooms(always()).await.unwrap();
    tx.clinics_to_watch(always()).await.unwrap();
    tx.remove_presence(clinic, world.presence.id).await.unwrap();
    assert!(matches!(world.decision.verdict, Verdict::Attendee(_)));
    tx.decisions_in_room(clinic, room).await.unwrap();
    tx.note_change(clinic, Change::Appointment(appointment), NOW).await.unwrap();
    tx.last_change(clinic).await.unwrap();
    tx.changes_after(clinic, 0, 9).await.unwrap();
    tx.purge_changes(at(-1)).await.unwrap();
    tx.last_heard_from_zoom(clinic).await.unwrap();
    tx.rooms_last_heard(clinic).await.unwrap();
    tx.clear_attendance(clinic).await.unwrap();
    tx.commit().await.unwrap();
    engine.store.ready().await.unwrap();
}

/// What is known of rooms beside their events, and of the feed. Most of it is written by [`World::put`].
async fn ask_of_recovery_and_evidence(engine: &Engine) {
    let world = World::put(&*engine.store, 2).await;
    let (clinic, host, room) = (world.clinic, world.host.id, world.room.id);
    let mut tx = engine.store.begin().await.unwrap();
    tx.recorded_stays(clinic, room, always()).await.unwrap();
    tx.looks(clinic, room, always()).await.unwrap();
    tx.registration_of(clinic, room, 1, world.attendee).await.unwrap();
    tx.registrations(clinic, room, &["r-1".into()]).await.unwrap();
    tx.invite_of(clinic, room, world.attendee).await.unwrap();
    tx.invites(clinic, room, always()).await.unwrap();
    tx.match_changes(clinic, world.presence.id).await.unwrap();
    tx.rulings(clinic, &[world.appointment.id]).await.unwrap();
    tx.decisions_about(clinic, &[world.presence.id]).await.unwrap();

    tx.beat(world.ambient.nonce(), NOW).await.unwrap();
    tx.purge_beats(NOW).await.unwrap();
    let outage = Outage { id: world.ambient.id(), range: at(0)..at(1) };
    tx.insert_outage(&outage).await.unwrap();
    tx.outages(always()).await.unwrap();
    let due = world.further.due.id;
    assert_eq!(tx.claim_reconciliations(at(600), at(660), 1).await.unwrap().len(), 1);
    tx.retry_reconciliation(clinic, due, at(900), "{}").await.unwrap();
    tx.finish_reconciliation(clinic, due, at(900), "{}").await.unwrap();
    tx.reconciliations(clinic, always()).await.unwrap();

    tx.add_receiver_counts(DAY, &ReceiverCounts::default()).await.unwrap();
    tx.receiver_days(DAY, DAY).await.unwrap();
    tx.feed_days(clinic, DAY, DAY).await.unwrap();
    for clinic in [None, Some(clinic)] {
        tx.fruitless_deliveries(clinic, always(), None, 9).await.unwrap();
        tx.reopen_delivery(clinic, world.ambient.id()).await.unwrap();
    }
    tx.clinic_deliveries(clinic, always(), None, 9).await.unwrap();
    tx.retried(clinic, always()).await.unwrap();
    tx.clinic_room_kind(clinic).await.unwrap();
    tx.staff_room_kind(clinic, host).await.unwrap();
    tx.hosts_elsewhere(clinic).await.unwrap();
    tx.room_state(clinic, room).await.unwrap();
    tx.guest_link(clinic, host).await.unwrap();
    tx.commit().await.unwrap();
}

/// What handing out links needs. Most of it is written by [`World::put`].
async fn ask_of_outreach(engine: &Engine) {
    let world = World::put(&*engine.store, 3).await;
    let (clinic, appointment, them) = (world.clinic, world.appointment.id, &world.handed_out);
    let mut tx = engine.store.begin().await.unwrap();
    let id = them.message.message.id;
    tx.once_before(clinic, &["the first".into()]).await.unwrap();
    tx.message(clinic, id).await.unwrap();
    tx.messages_of_all(clinic, &[appointment]).await.unwrap();
    tx.queued_messages(NOW).await.unwrap();
    assert_eq!(tx.claim_messages(Channel::Email, at(60), at(90), 1).await.unwrap().len(), 1);
    tx.overtaken(clinic, id).await.unwrap();
    tx.settle_message(clinic, id, &Tried::Again(at(70), String::new()), at(61)).await.unwrap();
    tx.settle_message(clinic, id, &Tried::Sent(None), at(61)).await.unwrap();
    tx.settle_message(clinic, id, &Tried::Over(MessageState::Failed, String::new()), at(61)).await.unwrap();
    tx.report_message(clinic, id, MessageState::Delivered, None, at(62)).await.unwrap();
    tx.withdraw_messages_to(clinic, appointment, None, "x", at(63)).await.unwrap();

    tx.consents_of(clinic, appointment, world.attendee).await.unwrap();
    tx.consents_of_persons(clinic, &[external("rosa")]).await.unwrap();
    tx.set_consent(clinic, world.attendee, Channel::Sms, true).await.unwrap();
    tx.opt_out(Channel::Sms, "+15550100123", NOW).await.unwrap();
    tx.opted_out(Channel::Sms, &["+15550100123".into()]).await.unwrap();
    tx.opt_in(Channel::Sms, "+15550100123").await.unwrap();

    tx.outreach_settings(clinic).await.unwrap();
    tx.wordings(clinic).await.unwrap();
    let wording = &them.wording;
    tx.drop_wording(clinic, wording.occasion, wording.channel, &wording.language).await.unwrap();
    tx.telehealth_rules(clinic).await.unwrap();
    tx.notices(clinic, None, NOW).await.unwrap();
    tx.end_notice(clinic, them.notice.id, NOW).await.unwrap();
    tx.marks_of_all(clinic, &[appointment]).await.unwrap();
    tx.person(clinic, &external("rosa")).await.unwrap();
    tx.person_external_id(clinic, them.person).await.unwrap();
    tx.portal_link(clinic, them.person).await.unwrap();
    tx.portal_revoked_at(clinic, them.person).await.unwrap();
    tx.hold_portal(clinic, them.person).await.unwrap();
    tx.set_portal_revoked_at(clinic, them.person, Some(NOW)).await.unwrap();
    tx.appointments_of_person(clinic, &external("rosa"), always()).await.unwrap();
    tx.attendees_at(Channel::Email, "rosa@home.example", always(), 9).await.unwrap();
    tx.set_staff_phone(clinic, world.colleague.id, None).await.unwrap();
    tx.other_room_of(clinic, world.colleague.id).await.unwrap();
    tx.other_rooms(clinic).await.unwrap();
    tx.dial_in(clinic, world.room.id).await.unwrap();
    tx.last_presses(clinic, &[appointment]).await.unwrap();
    tx.commit().await.unwrap();
}

/// What looking after rooms and telling people of it needs. Some of it is written by [`World::put`].
async fn ask_of_the_guard(engine: &Engine) {
    let world = World::put(&*engine.store, 4).await;
    let (clinic, host, room, connection) = (world.clinic, world.host.id, world.room.id, world.connection.id);
    let them = &world.watched;
    let mut tx = engine.store.begin().await.unwrap();
    tx.alert(clinic, them.alert.id).await.unwrap();
    tx.alerts_among(clinic, &[them.alert.id]).await.unwrap();
    tx.alerts_lasting(clinic).await.unwrap();
    tx.alerts_untold(Some((at(0), them.alert.id)), 9).await.unwrap();
    tx.note_told(clinic, them.alert.id, at(1)).await.unwrap();
    tx.end_alert(clinic, them.alert.id, at(1)).await.unwrap();
    tx.alert_choice(clinic, host).await.unwrap();
    tx.alert_choices(clinic).await.unwrap();
    tx.alert_settings(clinic).await.unwrap();
    tx.messages_about_alerts(clinic, at(0)).await.unwrap();

    tx.guarded(clinic, room).await.unwrap();
    tx.guarded_all(clinic).await.unwrap();
    tx.set_origin(clinic, room, Origin::Adopted).await.unwrap();
    tx.want_look(clinic, room, at(1)).await.unwrap();
    tx.rooms_wanted(9).await.unwrap();
    tx.note_look(clinic, room, at(2), None).await.unwrap();
    tx.note_number(clinic, room, at(2)).await.unwrap();
    tx.note_start(clinic, room, at(2)).await.unwrap();
    tx.note_host_press(clinic, room, at(2)).await.unwrap();
    tx.shown(clinic, room).await.unwrap();
    tx.count_change(clinic, connection, 1).await.unwrap();
    tx.drifts_lasting(clinic).await.unwrap();
    tx.drifts_of(clinic, room, 9).await.unwrap();
    tx.drifts_since(clinic, at(0)).await.unwrap();
    tx.note_try(clinic, them.drift.id, at(3), "x").await.unwrap();
    tx.end_drift(clinic, them.drift.id, at(3), DriftEnd::Gone).await.unwrap();
    tx.covers(clinic, at(0)).await.unwrap();
    tx.covers_to_undo(clinic, at(0)).await.unwrap();
    tx.set_cover_at_zoom(clinic, them.cover.id, true, None).await.unwrap();
    tx.end_cover(clinic, them.cover.id, at(3)).await.unwrap();
    tx.renewals(clinic).await.unwrap();
    tx.next_visits(clinic, at(0)).await.unwrap();
    tx.connections_in_trouble("x", at(0), 9).await.unwrap();
    tx.note_asked(clinic, connection, at(4)).await.unwrap();
    tx.in_doubt_since(clinic, connection).await.unwrap();
    tx.connections_in_doubt(at(9), 9).await.unwrap();
    tx.settle_doubt(clinic, connection).await.unwrap();
    tx.lock_connection(clinic, connection).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many statements the crate's source holds.
fn written() -> usize {
    fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .chain([fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql.rs")).unwrap()])
        .map(|source| source.matches("Statement::<DB>::").count())
        .sum()
}

/// Questions to a table that hold these words, and what of an index each is answered from.
const FROM_INDEXES: &[(&str, &str, &str)] = &[
    (
        "presences",
        "room_id = $2",
        "presences_by_room (clinic_id=? AND room_id=? AND first_at>? AND first_at<?)",
    ),
    (
        "presences",
        "clinic_id = $1 AND first_at",
        "presences_by_time (clinic_id=? AND first_at>? AND first_at<?)",
    ),
    ("presences", "appointment_id = $2", "presences_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("presses", "room_id = $2", "presses_by_room (clinic_id=? AND room_id=? AND at>? AND at<?)"),
    ("room_events", "ORDER BY", "PRIMARY KEY (clinic_id=? AND room_id=? AND at>? AND at<?)"),
    ("links", "appointment_id IN", "links_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("attendees", "appointment_id IN", "(clinic_id=? AND appointment_id=?)"),
    ("appointments", "ends_at >", "(clinic_id=? AND starts_at>? AND starts_at<?)"),
    ("deliveries", "settled_at IS NOT NULL", "(id>?)"),
    ("deliveries", "clinic_id = $1", "(id>? AND id<?)"),
    ("deliveries", "GROUP BY late", "(id>? AND id<?)"),
    ("deliveries", "clinic_id = $5", "deliveries_fruitless (clinic_id=? AND id<?)"),
    ("deliveries", "< $3 ORDER BY id DESC", "deliveries_fruitless_anywhere (id<?)"),
    ("decisions", "presence_id IN", "decisions_by_presence (clinic_id=? AND presence_id=?)"),
    (
        "recorded_stays",
        "ORDER BY",
        "recorded_stays_by_time (clinic_id=? AND room_id=? AND began_at>? AND began_at<?)",
    ),
    ("looks", "ORDER BY", "PRIMARY KEY (clinic_id=? AND room_id=? AND at>? AND at<?)"),
    ("registrations", "registrant_id IN", "(clinic_id=? AND room_id=? AND registrant_id=?)"),
    (
        "registrations",
        "attendee_id = $4",
        "registrations_of_attendee (clinic_id=? AND room_id=? AND meeting_number=? AND attendee_id=?)",
    ),
    ("invites", "DESC", "invites_of_attendee (clinic_id=? AND room_id=? AND attendee_id=?)"),
    ("invites", "ORDER BY at, id", "invites_by_room (clinic_id=? AND room_id=? AND at>? AND at<?)"),
    ("match_changes", "ORDER BY", "PRIMARY KEY (clinic_id=? AND presence_id=?)"),
    ("no_show_rulings", "IN", "no_show_rulings_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("outages", "ORDER BY", "(began_at<?)"),
    ("reconciliations", "lease_until", "reconciliations_due (due_at<?)"),
    ("reconciliations", "ended_at >", "reconciliations_by_time (clinic_id=? AND ended_at>?)"),
    ("feed_days", "day >=", "(clinic_id=? AND day>? AND day<?)"),
    ("links", "'guest'", "links_of_guests (clinic_id=? AND staff_id=?)"),
    ("links", "'portal'", "links_of_portal (clinic_id=? AND person_id=?)"),
    ("messages", "content_sealed", "messages_due (channel=? AND due_at<?)"),
    ("messages", "once IN", "messages_once (clinic_id=? AND once=?)"),
    ("messages", "appointment_id IN", "messages_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("messages", "alert_id IS NOT NULL", "messages_about_alerts (clinic_id=? AND queued_at>?)"),
    ("alerts", "told_at IS NULL", "alerts_untold ((raised_at,id)>(?,?))"),
    ("alerts", "ORDER BY raised_at", "alerts_lasting (clinic_id=?)"),
    ("drifts", "ended_at IS NULL", "drifts_lasting (clinic_id=?)"),
    ("drifts", "room_id = $2", "drifts_by_room (clinic_id=? AND room_id=?)"),
    ("covers", "until_at >", "covers_by_end (clinic_id=? AND until_at>?)"),
    ("connections", "trouble = $1", "connections_in_trouble (trouble=?)"),
    ("appointments", "MIN(starts_at)", "(clinic_id=? AND starts_at>?)"),
    ("notices", "until >", "notices_standing (clinic_id=? AND until>?)"),
    ("marks", "appointment_id IN", "marks_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("presses", "MAX(at)", "presses_by_appointment (clinic_id=? AND appointment_id=?)"),
    ("appointments", "external_id = $2 AND listed", "attendees_by_person (clinic_id=? AND external_id=?)"),
    ("attendees", "attendees.email", "attendees_by_email (email=?)"),
    ("opt_outs", "address IN", "PRIMARY KEY (channel=? AND address=?)"),
];

#[tokio::test]
async fn every_statement_is_run_and_reads_no_whole_table_that_grows() {
    let engine = testing::sqlite().await;
    Box::pin(ask_everything(&engine)).await;
    let statements = testing::statements();
    assert_eq!(
        statements.len(),
        written(),
        "a statement that is written and not run here, or one that is twice"
    );

    let options = SqliteConnectOptions::from_str(&engine.url).unwrap();
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let mut plans = BTreeMap::new();
    for sql in statements {
        let explained = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        let rows = explained.fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        plans.insert(sql, plan);
    }
    for (sql, plan) in &plans {
        for step in plan.iter().filter(|step| step.starts_with("SCAN")) {
            let small = [
                "CONSTANT ROW",
                "json_each",
                "clinics",
                "sessions",
                "USING INDEX deliveries_to_settle",
                "USING COVERING INDEX messages_due",
                "USING INDEX rooms_wanted",
            ];
            assert!(small.iter().any(|small| step.contains(small)), "{sql}\n{step}");
        }
        assert!(!plan.iter().any(|step| step.contains("AUTOMATIC")), "{sql}\n{plan:?}");
    }
    for &(table, condition, wanted) in FROM_INDEXES {
        let from = format!("FROM {table} ");
        let flat = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
        let (sql, plan) = plans
            .iter()
            .find(|(sql, _)| {
                sql.starts_with("SELECT") && flat(sql).contains(&from) && sql.contains(condition)
            })
            .unwrap_or_else(|| panic!("no question to {table} with {condition}"));
        assert!(plan.iter().any(|step| step.contains(wanted)), "{sql}\n{plan:?}");
    }
}
