//! Two clinics of the same shape. Whoever asks as one of them with the other's ids finds nothing, changes nothing, and
//! cannot make a row that refers to the other.

#[path = "tenancy/watched.rs"]
mod watched;

use domain::{
    appointment::Appointment,
    attendance::{
        matching::{Decision, Invite, Press, Registration, Verdict},
        no_show::NoShowRuling,
    },
    outreach::{
        Settings,
        desk::{Mark, Notice},
        message::{Channel, MessageState, Recipient},
    },
    room::{ConnectionState, RoomKind},
    staff::Role,
    text::Phone,
};
use store::{
    Result, Store, StoreError, Tx,
    ports::{
        access::{OAuthFlow, Session, SignInLink},
        attendance::Change,
        feed::FeedCounts,
        links::{Link, LinkFor},
        messages::Tried,
        other_rooms::OtherRoom,
        recovery::Reconciliation,
        rooms::RoomState,
    },
    testing::Engine,
};
use uuid::Uuid;

use crate::{
    once,
    world::{
        World, always, at, external,
        further::{DAY, recorded},
        handed_out, name,
    },
};

crate::on_both_engines! {
    another_clinics_ids_find_nothing,
    what_another_clinic_handed_out_is_not_found,
    another_clinics_ids_change_nothing,
    a_row_cannot_refer_to_another_clinics,
    evidence_cannot_refer_to_another_clinics,
    what_is_handed_out_cannot_refer_to_another_clinics,
    lists_of_one_clinic_hold_nothing_of_another,
}

async fn two(engine: &Engine) -> (World, World) {
    (World::put(&*engine.store, 1).await, World::put(&*engine.store, 2).await)
}

async fn another_clinics_ids_find_nothing(engine: Engine) {
    let (me, them) = two(&engine).await;
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.staff_member(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.staff_known_as(me.clinic, them.host.email.as_str()).await.unwrap(), None);
    assert_eq!(tx.password(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.connection(me.clinic, them.connection.id).await.unwrap(), None);
    assert_eq!(tx.connection_of(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.tokens(me.clinic, them.connection.id).await.unwrap(), None);
    assert_eq!(tx.room(me.clinic, them.room.id).await.unwrap(), None);
    assert_eq!(tx.room_of(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.join_url(me.clinic, them.room.id).await.unwrap(), None);
    assert_eq!(tx.appointment(me.clinic, them.appointment.id).await.unwrap(), None);
    assert_eq!(tx.appointment_of_attendee(me.clinic, them.attendee).await.unwrap(), None);
    assert_eq!(tx.appointments(me.clinic, always(), Some(them.host.id)).await.unwrap(), []);
    assert_eq!(tx.appointments_page(me.clinic, always(), Some(them.host.id), None, 9).await.unwrap(), []);
    assert_eq!(tx.links_of(me.clinic, them.appointment.id).await.unwrap(), []);
    assert_eq!(tx.links_of_all(me.clinic, &[them.appointment.id]).await.unwrap(), []);
    assert_eq!(tx.room_link(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.presses_in_room(me.clinic, them.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.room_events(me.clinic, them.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.room_event_span(me.clinic, them.room.id).await.unwrap(), None);
    assert_eq!(tx.presence(me.clinic, them.presence.id).await.unwrap(), None);
    assert_eq!(tx.presences_in_room(me.clinic, them.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.presences_of(me.clinic, them.appointment.id).await.unwrap(), []);
    assert_eq!(tx.decisions_in_room(me.clinic, them.room.id).await.unwrap(), []);
    assert_eq!(tx.decisions_about(me.clinic, &[them.presence.id]).await.unwrap(), []);
    assert_eq!(tx.recorded_stays(me.clinic, them.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.looks(me.clinic, them.room.id, always()).await.unwrap(), []);
    let number = them.room.meeting_number;
    for room in [me.room.id, them.room.id] {
        assert_eq!(tx.registration_of(me.clinic, room, number, them.attendee).await.unwrap(), None);
        assert_eq!(tx.invite_of(me.clinic, room, them.attendee).await.unwrap(), None);
    }
    assert_eq!(tx.registrations(me.clinic, them.room.id, &["r-1".into()]).await.unwrap(), []);
    assert_eq!(tx.invites(me.clinic, them.room.id, always()).await.unwrap(), []);
    assert_eq!(tx.match_changes(me.clinic, them.presence.id).await.unwrap(), []);
    assert_eq!(tx.rulings(me.clinic, &[them.appointment.id]).await.unwrap(), []);
    assert_eq!(tx.staff_room_kind(me.clinic, them.host.id).await.unwrap(), None);
    assert_eq!(tx.room_state(me.clinic, them.room.id).await.unwrap(), RoomState::default());
    assert_eq!(tx.guest_link(me.clinic, them.host.id).await.unwrap(), None);
}

async fn what_another_clinic_handed_out_is_not_found(engine: Engine) {
    let (me, them) = two(&engine).await;
    let (theirs, appointment) = (&them.handed_out, them.appointment.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.message(me.clinic, theirs.message.message.id).await.unwrap(), None);
    assert_eq!(tx.messages_of_all(me.clinic, &[appointment]).await.unwrap(), []);
    assert_eq!(tx.consents_of(me.clinic, appointment, them.attendee).await.unwrap(), []);
    assert_eq!(tx.notices(me.clinic, Some(them.host.id), at(1)).await.unwrap(), []);
    assert_eq!(tx.marks_of_all(me.clinic, &[appointment]).await.unwrap(), []);
    assert_eq!(tx.last_presses(me.clinic, &[appointment]).await.unwrap(), []);
    assert_eq!(tx.person_external_id(me.clinic, theirs.person).await.unwrap(), None);
    assert_eq!(tx.portal_link(me.clinic, theirs.person).await.unwrap(), None);
    tx.set_portal_revoked_at(them.clinic, theirs.person, Some(at(1))).await.unwrap();
    assert_eq!(tx.portal_revoked_at(me.clinic, theirs.person).await.unwrap(), None);
    assert_eq!(tx.hold_portal(me.clinic, theirs.person).await.unwrap(), None);
    assert_eq!(tx.other_room_of(me.clinic, them.colleague.id).await.unwrap(), None);
    assert_eq!(tx.dial_in(me.clinic, them.room.id).await.unwrap(), None);
    let mine = tx.appointments_of_person(me.clinic, &external("rosa"), always()).await.unwrap();
    assert_eq!(mine, [me.appointment], "the same external id is somebody else at each clinic");
}

/// Everything that can be seen of a clinic.
async fn sight(store: &dyn Store, world: &World) -> Result<String> {
    let clinic = world.clinic;
    let mut tx = store.read().await?;
    Ok(format!(
        "{:?}",
        (
            (
                tx.clinic(clinic).await?,
                tx.staff(clinic).await?,
                tx.password(clinic, world.host.id).await?,
                tx.session(&world.session.token_hash).await?,
                tx.sign_in_link(&world.sign_in_link.token_hash).await?,
                tx.api_token(&world.api_token.token_hash).await?,
                tx.oauth_flow(&world.flow.state_hash).await?,
                tx.connection(clinic, world.connection.id).await?,
                tx.tokens(clinic, world.connection.id).await?,
            ),
            (
                tx.rooms(clinic).await?,
                tx.join_url(clinic, world.room.id).await?,
                tx.appointments(clinic, always(), None).await?,
                tx.link(&world.link.token_hash).await?,
                tx.link(&world.room_link.token_hash).await?,
                tx.presses(clinic, always()).await?,
            ),
            (
                tx.room_events(clinic, world.room.id, always()).await?,
                tx.presences(clinic, always()).await?,
                tx.decisions_in_room(clinic, world.room.id).await?,
                tx.last_change(clinic).await?,
                tx.last_heard_from_zoom(clinic).await?,
                tx.rooms_last_heard(clinic).await?,
            ),
            (
                tx.recorded_stays(clinic, world.room.id, always()).await?,
                tx.looks(clinic, world.room.id, always()).await?,
                tx.registrations(clinic, world.room.id, &["r-1".into()]).await?,
                tx.invites(clinic, world.room.id, always()).await?,
                tx.match_changes(clinic, world.presence.id).await?,
                tx.rulings(clinic, &[world.appointment.id]).await?,
                tx.reconciliations(clinic, always()).await?,
                tx.feed_days(clinic, DAY, DAY).await?,
                tx.fruitless_deliveries(Some(clinic), always(), None, 9).await?,
            ),
            (
                tx.clinic_room_kind(clinic).await?,
                tx.staff_room_kind(clinic, world.host.id).await?,
                tx.room_state(clinic, world.room.id).await?,
                tx.guest_link(clinic, world.host.id).await?,
            ),
            (
                tx.messages_of_all(clinic, &[world.appointment.id]).await?,
                tx.consents_of(clinic, world.appointment.id, world.attendee).await?,
                tx.notices(clinic, None, at(1)).await?,
                tx.marks_of_all(clinic, &[world.appointment.id]).await?,
                tx.person(clinic, &external("rosa")).await?,
                (
                    tx.portal_link(clinic, world.handed_out.person).await?,
                    tx.portal_revoked_at(clinic, world.handed_out.person).await?,
                ),
                tx.other_rooms(clinic).await?,
                tx.dial_in(clinic, world.room.id).await?,
            ),
            (
                tx.outreach_settings(clinic).await?,
                tx.wordings(clinic).await?,
                tx.telehealth_rules(clinic).await?,
            ),
            (
                tx.alerts_lasting(clinic).await?,
                tx.alert_choices(clinic).await?,
                tx.alert_settings(clinic).await?,
                tx.messages_about_alerts(clinic, at(-9)).await?,
                tx.guarded_all(clinic).await?,
                tx.shown(clinic, world.room.id).await?,
                tx.drifts_since(clinic, at(-9)).await?,
                tx.drifts_lasting(clinic).await?,
                tx.covers(clinic, at(1)).await?,
            ),
            (
                tx.covers_to_undo(clinic, at(9_999)).await?,
                tx.renewals(clinic).await?,
                tx.next_visits(clinic, at(0)).await?,
            ),
        )
    ))
}

async fn another_clinics_ids_change_nothing(engine: Engine) {
    let (me, them) = two(&engine).await;
    let before = sight(&*engine.store, &them).await.unwrap();
    let id = them.connection.id;
    let mut tx = engine.store.begin().await.unwrap();
    tx.update_staff(me.clinic, them.host.id, &name("X"), &[Role::Admin].into(), Some(at(1))).await.unwrap();
    assert!(!tx.use_sign_in_link(me.clinic, &them.sign_in_link.token_hash, at(1)).await.unwrap());
    tx.touch_session(me.clinic, &them.session.token_hash, at(1)).await.unwrap();
    tx.end_session(me.clinic, &them.session.token_hash).await.unwrap();
    assert_eq!(tx.end_sessions_of(me.clinic, them.host.id).await.unwrap(), 0);
    assert!(!tx.revoke_api_token(me.clinic, them.api_token.id, at(1)).await.unwrap());
    assert!(!tx.use_oauth_flow(me.clinic, &them.flow.state_hash, at(1)).await.unwrap());
    let mut renewed = them.connection.clone();
    renewed.zoom_email = "x".into();
    tx.update_connection(me.clinic, &renewed).await.unwrap();
    assert!(!tx.set_tokens(me.clinic, &them.tokens).await.unwrap());
    tx.set_connection_state(me.clinic, id, ConnectionState::Disconnected, None, at(1)).await.unwrap();
    tx.erase_tokens(me.clinic, id).await.unwrap();
    assert!(!tx.lease_refresh(me.clinic, id, Uuid::from_u128(1), at(1), at(9)).await.unwrap());
    let mut moved = them.room.clone();
    moved.meeting_number = 5;
    tx.update_room(me.clinic, &moved, b"x").await.unwrap();
    tx.lock_room(me.clinic, them.room.id).await.unwrap();
    assert!(!tx.mark_opened(me.clinic, them.link.id, at(1)).await.unwrap());
    tx.revoke_link(me.clinic, them.link.id, at(1)).await.unwrap();
    tx.set_portal_revoked_at(me.clinic, them.handed_out.person, Some(at(1))).await.unwrap();
    tx.remove_presence(me.clinic, them.presence.id).await.unwrap();
    tx.clear_attendance(me.clinic).await.unwrap();
    tx.note_change(me.clinic, Change::Presence(them.presence.id), at(1)).await.unwrap();
    tx.heard_from_zoom(me.clinic, Some(them.room.id), at(1)).await.unwrap();
    tx.retry_reconciliation(me.clinic, them.further.due.id, at(1), "{}").await.unwrap();
    tx.finish_reconciliation(me.clinic, them.further.due.id, at(1), "{}").await.unwrap();
    tx.set_clinic_room_kind(me.clinic, RoomKind::Open).await.unwrap();
    tx.set_staff_room_kind(me.clinic, them.host.id, None).await.unwrap();
    tx.set_room_state(me.clinic, them.room.id, &RoomState::default()).await.unwrap();
    change_what_they_handed_out(&mut *tx, &me, &them).await;
    watched::change_what_they_watch(&mut *tx, &me, &them).await;
    tx.commit().await.unwrap();
    assert_eq!(sight(&*engine.store, &them).await.unwrap(), before);

    let other = Uuid::from_u128(2);
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.lease_refresh(them.clinic, id, other, at(1), at(9)).await.unwrap());
    tx.release_refresh(me.clinic, id, other).await.unwrap();
    assert!(!tx.lease_refresh(them.clinic, id, Uuid::from_u128(3), at(1), at(9)).await.unwrap());
}

async fn change_what_they_handed_out(tx: &mut dyn Tx, me: &World, them: &World) {
    let (clinic, theirs) = (me.clinic, &them.handed_out);
    let (message, appointment) = (theirs.message.message.id, them.appointment.id);
    for tried in
        [Tried::Sent(None), Tried::Over(MessageState::Failed, "x".into()), Tried::Again(at(1), "x".into())]
    {
        tx.settle_message(clinic, message, &tried, at(1)).await.unwrap();
    }
    let reported = tx.report_message(clinic, message, MessageState::Delivered, None, at(1)).await.unwrap();
    assert_eq!(reported, None);
    assert_eq!(tx.withdraw_messages(clinic, appointment, "x", at(1)).await.unwrap(), 0);
    for whose in [None, Some(them.attendee)] {
        assert_eq!(tx.withdraw_messages_to(clinic, appointment, whose, "x", at(1)).await.unwrap(), 0);
    }
    for channel in [Channel::Email, Channel::Sms] {
        tx.set_consent(clinic, them.attendee, channel, false).await.unwrap();
    }
    assert!(!tx.end_notice(clinic, theirs.notice.id, at(1)).await.unwrap());
    tx.set_dial_in(clinic, them.room.id, None).await.unwrap();
    tx.set_staff_phone(clinic, them.host.id, Some(&Phone::parse("+15550100177").unwrap())).await.unwrap();
    tx.set_outreach_settings(clinic, &Settings::default()).await.unwrap();
    tx.set_telehealth_rules(clinic, &[]).await.unwrap();
    let wording = &theirs.wording;
    tx.drop_wording(clinic, wording.occasion, wording.channel, &wording.language).await.unwrap();
}

fn refused<T: std::fmt::Debug>(what: &str, result: &Result<T>) {
    assert!(matches!(result, Err(StoreError::MissingReference(_))), "{what}: {result:?}");
}

async fn a_row_cannot_refer_to_another_clinics(engine: Engine) {
    let (me, them) = two(&engine).await;
    let before = sight(&*engine.store, &them).await.unwrap();
    let store = &*engine.store;
    let fresh = || -> [u8; 32] { me.ambient.bytes() };
    refused("password", &once!(store, tx => tx.set_password(me.clinic, them.host.id, "x", at(0))));
    let session = Session { token_hash: fresh(), staff_id: them.host.id, ..me.session.clone() };
    refused("session", &once!(store, tx => tx.insert_session(&session)));
    let link = SignInLink { token_hash: fresh(), staff_id: them.host.id, ..me.sign_in_link.clone() };
    refused("sign-in link", &once!(store, tx => tx.insert_sign_in_link(&link)));
    let flow = OAuthFlow { state_hash: fresh(), staff_id: them.host.id, ..me.flow.clone() };
    refused("flow", &once!(store, tx => tx.insert_oauth_flow(&flow)));

    let connection = crate::world::connection(&me.ambient, me.clinic, them.colleague.id, "somebody");
    refused(
        "connection",
        &once!(store, tx => tx.insert_connection(&connection, &crate::world::tokens(&connection))),
    );
    let mine = crate::world::connection(&me.ambient, me.clinic, me.colleague.id, "somebody");
    refused("tokens", &once!(store, tx => tx.insert_connection(&mine, &them.tokens)));
    let room = crate::world::room(&me.ambient, me.clinic, them.colleague.id, 5);
    refused("room", &once!(store, tx => tx.insert_room(&room, b"")));

    let appointment = crate::world::appointment(&me.ambient, me.clinic, them.host.id, "theirs", 0);
    refused("appointment", &once!(store, tx => tx.put_appointment(me.clinic, &appointment)));
    let theirs = Appointment { external_id: external("theirs"), ..them.appointment.clone() };
    refused("put as mine", &once!(store, tx => tx.put_appointment(me.clinic, &theirs)));
    let link =
        |link_for| Link { link_for, ..crate::world::link(&me.ambient, me.clinic, LinkFor::Room(me.host.id)) };
    for link_for in [
        LinkFor::Attendee(them.appointment.id, them.attendee),
        LinkFor::Attendee(me.appointment.id, them.attendee),
        LinkFor::Host(them.appointment.id),
        LinkFor::Room(them.host.id),
        LinkFor::Guest(them.host.id),
    ] {
        refused("link", &once!(store, tx => tx.insert_link(&link(link_for))));
    }
    let presses = [
        Press { room_id: them.room.id, ..me.press.clone() },
        Press { attendee_id: them.attendee, ..me.press.clone() },
        Press { appointment_id: them.appointment.id, attendee_id: them.attendee, ..me.press.clone() },
    ];
    for press in presses {
        let press = Press { id: me.ambient.id(), ..press };
        refused("press", &once!(store, tx => tx.insert_press(&press)));
    }
    refused("event", &once!(store, tx => tx.insert_room_event(me.clinic, them.room.id, &me.event, &[3; 16])));
    refused("presence", &once!(store, tx => tx.put_presence(me.clinic, &them.presence)));
    let mut presence = me.presence.clone();
    presence.staff_id = Some(them.host.id);
    refused("presence of staff", &once!(store, tx => tx.put_presence(me.clinic, &presence)));
    let mut presence = me.presence.clone();
    presence.matched = them.presence.matched.clone();
    refused("match", &once!(store, tx => tx.put_presence(me.clinic, &presence)));
    let decisions = [
        Decision { room_id: them.room.id, ..me.decision.clone() },
        Decision { verdict: Verdict::Attendee(them.attendee), ..me.decision.clone() },
    ];
    for decision in decisions {
        let decision = Decision { id: me.ambient.id(), ..decision };
        refused("decision", &once!(store, tx => tx.insert_decision(&decision)));
    }
    assert_eq!(sight(store, &them).await.unwrap(), before);
}

async fn evidence_cannot_refer_to_another_clinics(engine: Engine) {
    let (me, them) = two(&engine).await;
    let before = sight(&*engine.store, &them).await.unwrap();
    let store = &*engine.store;
    let (mine, theirs) = (&me.further, &them.further);
    let row = recorded(&me.ambient, 0);
    refused("row", &once!(store, tx => tx.put_recorded_stay(me.clinic, them.room.id, &row)));
    refused("look", &once!(store, tx => tx.insert_look(me.clinic, them.room.id, at(1))));
    let registration = Registration { registrant_id: "r-2".into(), whose: None, ..mine.registration.clone() };
    for registration in [
        Registration { room_id: them.room.id, ..registration.clone() },
        Registration { whose: Some((me.appointment.id, them.attendee)), ..registration.clone() },
        Registration { whose: theirs.registration.whose, ..registration },
    ] {
        let registration = Registration { id: me.ambient.id(), ..registration };
        refused("registration", &once!(store, tx => tx.insert_registration(&registration, b"x")));
    }
    for invite in [
        Invite { room_id: them.room.id, ..mine.invite.clone() },
        Invite { attendee_id: them.attendee, ..mine.invite.clone() },
        Invite { appointment_id: them.appointment.id, attendee_id: them.attendee, ..mine.invite.clone() },
    ] {
        let invite = Invite { id: me.ambient.id(), ..invite };
        refused("invite", &once!(store, tx => tx.insert_invite(&invite, b"x")));
    }
    refused("change", &once!(store, tx => tx.insert_match_change(me.clinic, &theirs.shown)));
    for ruling in [
        NoShowRuling { attendee_id: them.attendee, ..mine.ruling.clone() },
        NoShowRuling { clinic_id: me.clinic, ..theirs.ruling.clone() },
    ] {
        let ruling = NoShowRuling { id: me.ambient.id(), ..ruling };
        refused("ruling", &once!(store, tx => tx.insert_ruling(&ruling)));
    }
    let due = Reconciliation { clinic_id: me.clinic, ..theirs.due.clone() };
    refused("comparison", &once!(store, tx => tx.put_reconciliation(&due)));
    let counts = FeedCounts::default();
    let room = Some(them.room.id);
    refused("counts", &once!(store, tx => tx.add_feed_counts(me.clinic, room, DAY, &counts)));
    assert_eq!(sight(store, &them).await.unwrap(), before);
}

async fn what_is_handed_out_cannot_refer_to_another_clinics(engine: Engine) {
    let (me, them) = two(&engine).await;
    let before = sight(&*engine.store, &them).await.unwrap();
    let store = &*engine.store;
    let mine = &me.handed_out;
    for to in [
        Recipient::Attendee(me.appointment.id, them.attendee),
        Recipient::Attendee(them.appointment.id, them.attendee),
        Recipient::Host(them.appointment.id, me.host.id),
        Recipient::Host(me.appointment.id, them.host.id),
    ] {
        let message = handed_out::message(&me.ambient, me.clinic, to, at(0));
        refused("message", &once!(store, tx => tx.insert_message(&message)));
    }
    let said = &mine.consent;
    let (appointment, attendee) = (them.appointment.id, them.attendee);
    refused("consent", &once!(store, tx => tx.note_consent(me.clinic, appointment, attendee, said)));
    for notice in [
        Notice { host: them.host.id, ..mine.notice.clone() },
        Notice { appointment: Some(them.appointment.id), ..mine.notice.clone() },
    ] {
        let notice = Notice { id: me.ambient.id(), ..notice };
        refused("notice", &once!(store, tx => tx.insert_notice(&notice)));
    }
    for mark in [
        Mark { attendee_id: them.attendee, ..mine.mark.clone() },
        Mark { appointment_id: them.appointment.id, attendee_id: them.attendee, ..mine.mark.clone() },
    ] {
        let mark = Mark { id: me.ambient.id(), ..mark };
        refused("mark", &once!(store, tx => tx.insert_mark(&mark)));
    }
    let portal = crate::world::link(&me.ambient, me.clinic, LinkFor::Portal(them.handed_out.person));
    refused("portal", &once!(store, tx => tx.insert_link(&portal)));
    let room = OtherRoom { clinic_id: me.clinic, ..handed_out::other_room(&me.ambient, &them.host) };
    refused("room", &once!(store, tx => tx.put_other_room(&room)));
    let room_id = them.handed_out.other_room.id;
    let press = Press { id: me.ambient.id(), room_id, ..me.press.clone() };
    refused("press", &once!(store, tx => tx.insert_press(&press)));
    assert_eq!(sight(store, &them).await.unwrap(), before);
}

async fn lists_of_one_clinic_hold_nothing_of_another(engine: Engine) {
    let (me, them) = two(&engine).await;
    let seen = sight(&*engine.store, &me).await.unwrap();
    for theirs in [
        them.clinic.to_string(),
        them.host.id.to_string(),
        them.connection.id.to_string(),
        them.room.id.to_string(),
        them.appointment.id.to_string(),
        them.attendee.to_string(),
        them.presence.id.to_string(),
        them.decision.id.to_string(),
        them.press.id.to_string(),
        them.further.registration.id.to_string(),
        them.further.due.id.to_string(),
        them.further.ruling.id.to_string(),
        them.handed_out.message.message.id.to_string(),
        them.handed_out.notice.id.to_string(),
        them.handed_out.mark.id.to_string(),
        them.handed_out.person.to_string(),
        them.handed_out.other_room.id.to_string(),
        them.watched.alert.id.to_string(),
        them.watched.told.message.id.to_string(),
        them.watched.drift.id.to_string(),
        them.watched.cover.id.to_string(),
    ] {
        assert!(!seen.contains(&theirs), "{theirs}");
    }
    assert!(seen.contains(&me.room.id.to_string()), "and it does show what is its own");
}
