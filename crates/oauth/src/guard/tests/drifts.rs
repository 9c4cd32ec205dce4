//! What is found, what is put right, and what is only explained.

use domain::{alert::AlertKind, room::guard::DriftEnd};

use super::*;
use crate::testing::AMARA;

fn lock(world: &World, settings: &[&str], refuse: bool) {
    world.sim.knobs(|knobs| {
        knobs.locked_settings_refuse = refuse;
        let names = settings.iter().map(|name| (*name).to_owned()).collect();
        knobs.locked_settings.insert(CLINIC_ACCOUNT.to_owned(), names);
    });
}

#[tokio::test]
async fn each_setting_that_was_changed_is_put_right_in_place_and_the_link_stays() {
    let cases = [
        (json!({ "waiting_room": false }), DriftKind::WaitingRoomOff),
        (
            json!({ "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "users_not_in_account" } }),
            DriftKind::SomeBypass,
        ),
        (json!({ "join_before_host": true }), DriftKind::JoinBeforeHost),
        (json!({ "auto_recording": "cloud" }), DriftKind::Recorded),
        (json!({ "auto_start_meeting_summary": true }), DriftKind::Summarised),
        (json!({ "auto_start_ai_companion_questions": true }), DriftKind::Summarised),
        (json!({ "meeting_authentication": true }), DriftKind::NeedsSignIn),
        (json!({ "use_pmi": true }), DriftKind::PersonalNumber),
    ];
    let world = World::new().await;
    world.connected().await;
    let before = world.meeting(world.kept_room().await.meeting_number);
    for (settings, kind) in cases {
        world.tamper(settings).await;
        let looked = world.looked(LookFor::Daily).await;
        assert_eq!(looked.repaired, [kind]);
        assert!(looked.lasting.is_empty() && looked.provisioned.deviations.is_empty(), "{kind:?}");
        let after = world.meeting(looked.provisioned.room.meeting_number);
        assert_eq!((after.number, &after.join_url), (before.number, &before.join_url));
        let found = world.history().await.pop().unwrap();
        assert_eq!((found.kind, found.ended.unwrap().1), (kind, DriftEnd::Repaired));
        assert_eq!((found.found_for, found.tries), (LookFor::Daily, 1));
        world.clock.advance(Duration::from_mins(1));
        assert_eq!(world.looked(LookFor::Daily).await.repaired, [], "and once");
    }
    assert!(world.alerts().await.is_empty(), "what was put right at once is no alarm");
}

#[tokio::test]
async fn where_nothing_is_wrong_nothing_is_written() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "mute_upon_entry": true })).await;
    for _ in 0..3 {
        world.looked(LookFor::Asked).await;
    }
    assert_eq!(world.repairs(), 0);
    assert!(world.history().await.is_empty());
}

#[tokio::test]
async fn a_repair_touches_nothing_that_its_owner_chose_otherwise() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.change_meeting(number, &json!({ "topic": "Sprechstunde" })).unwrap();
    world.tamper(json!({ "waiting_room": false })).await;
    assert_eq!(world.looked(LookFor::Daily).await.repaired, [DriftKind::WaitingRoomOff]);
    assert_eq!(world.meeting(number).topic, "Sprechstunde");
}

#[tokio::test]
async fn a_room_that_follows_its_hosts_settings_is_judged_by_them_and_made_to_stand_by_itself() {
    let follows = json!({ "waiting_room_options": { "mode": "follow_setting" } });
    let places = |who: i64| json!({ "meeting_security": { "waiting_room": true, "waiting_room_settings": { "participants_to_place_in_waiting_room": who } } });
    let world = World::new().await;
    world.connected().await;
    world.tamper(follows.clone()).await;
    world.sim.change_user_settings(AMARA, &places(0)).unwrap();
    assert_eq!(world.looked(LookFor::Daily).await.repaired, [], "everyone waits by the host's settings");
    for who in [1, 2] {
        world.sim.change_user_settings(AMARA, &places(who)).unwrap();
        let looked = world.looked(LookFor::Daily).await;
        assert_eq!((looked.repaired, looked.lasting.len()), (vec![DriftKind::SomeBypass], 0), "{who}");
        assert_eq!(world.looked(LookFor::Daily).await.repaired, [], "it no longer follows");
        world.tamper(follows.clone()).await;
    }
}

#[tokio::test]
async fn what_zoom_does_not_tell_neither_begins_a_drift_nor_ends_one() {
    let world = World::new().await;
    world.connected().await;
    let admits = |who: i64| json!({ "meeting_security": { "waiting_room_settings": { "users_who_can_admit_participants_from_waiting_room": who } } });
    let silent = |world: &World| world.failing("GET /v2/users/me/settings", 503, json!({}));
    world.sim.change_user_settings(AMARA, &admits(1)).unwrap();
    silent(&world);
    world.tamper(json!({ "waiting_room": false })).await;
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!(looked.repaired, [DriftKind::WaitingRoomOff], "the room is seen to all the same");
    assert!(looked.lasting.is_empty());
    world.sim.clear_faults();
    assert_eq!(kinds(&world.looked(LookFor::Daily).await.lasting), [DriftKind::OthersMayAdmit]);
    world.sim.change_user_settings(AMARA, &admits(0)).unwrap();
    silent(&world);
    assert_eq!(kinds(&world.looked(LookFor::Daily).await.lasting), [DriftKind::OthersMayAdmit]);
    world.sim.clear_faults();
    assert!(world.looked(LookFor::Daily).await.lasting.is_empty());
    let found = world.history().await.pop().unwrap();
    assert_eq!(found.ended.unwrap().1, DriftEnd::Gone, "the host did it");
}

#[tokio::test]
async fn what_only_the_host_can_change_is_explained_and_not_tried() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    let link = world.meeting(number).join_url;
    world
        .sim
        .change_user_settings(
            AMARA,
            &json!({ "meeting_security": {
                "embed_password_in_join_link": false,
                "waiting_room_settings": { "users_who_can_admit_participants_from_waiting_room": 1 },
            } }),
        )
        .unwrap();
    let bare = link.split('?').next().unwrap().to_owned();
    let told = world.sim.truth();
    let body = json!({
        "id": number, "host_id": AMARA, "type": 3, "join_url": bare, "password": "418820", "status": "waiting",
        "settings": { "waiting_room": true,
            "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" } },
    });
    world.failing("GET /v2/meetings/*", 200, body);
    assert_eq!(told.meetings.iter().filter(|meeting| meeting.number == number).count(), 1);
    let looked = world.looked(LookFor::Daily).await;
    let explained = [DriftKind::OthersMayAdmit, DriftKind::NoPasscodeInLink];
    assert_eq!(kinds(&looked.lasting), explained);
    assert!(looked.lasting.iter().all(|drift| drift.tries == 0 && drift.hindrance.is_none()));
    assert_eq!(world.repairs(), 0);
    assert_eq!(world.alerts().await.len(), 2);
    for kind in explained {
        assert!(crate::words::of_drift(kind, None).todo.contains("may read this setting and not change it"));
    }
}

#[tokio::test]
async fn what_an_administrator_has_locked_lasts_with_the_reason_until_it_is_unlocked() {
    for (refuse, obstacle) in [(false, "locked"), (true, "refused")] {
        let world = World::new().await;
        world.connected().await;
        world.tamper(json!({ "auto_recording": "cloud" })).await;
        lock(&world, &["auto_recording"], refuse);
        for _ in 0..3 {
            let looked = world.looked(LookFor::Daily).await;
            let [drift] = looked.lasting.as_slice() else { panic!("{:?}", looked.lasting) };
            assert_eq!((drift.kind, drift.hindrance.as_deref()), (DriftKind::Recorded, Some(obstacle)));
            assert_eq!(drift.tries, 1, "once a day is enough");
            world.clock.advance(Duration::from_hours(1));
        }
        let alerts = world.alerts().await;
        let [alert] = alerts.as_slice() else { panic!("{alerts:?}") };
        assert_eq!((alert.kind, alert.detail.as_deref()), (AlertKind::RoomUnguarded, Some("recorded")));
        let first = world.history().await.pop().unwrap();
        assert_eq!(alert.key, format!("room_unguarded/{}", first.id));
        // The administrator gives way, and whoever asks is not told to wait for tomorrow.
        world.sim.knobs(|knobs| knobs.locked_settings.clear());
        let looked = world.looked(LookFor::Asked).await;
        assert_eq!((looked.repaired, looked.lasting.len()), (vec![DriftKind::Recorded], 0));
        assert!(world.alerts().await.is_empty());
        assert_eq!(world.history().await.len(), 1);
    }
}

#[tokio::test]
async fn one_locked_setting_does_not_keep_the_waiting_room_off() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.tamper(json!({ "waiting_room": false, "auto_recording": "cloud", "join_before_host": true })).await;
    lock(&world, &["auto_recording"], true);
    let looked = world.looked(LookFor::Daily).await;
    assert!(world.meeting(number).waiting_room);
    assert_eq!(looked.repaired, [DriftKind::WaitingRoomOff, DriftKind::JoinBeforeHost]);
    assert_eq!(kinds(&looked.lasting), [DriftKind::Recorded]);
}

#[tokio::test]
async fn a_repair_to_which_zoom_did_not_answer_is_tried_again_soon_and_alarms_nobody_at_once() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    world.failing("PATCH /v2/meetings/*", 503, json!({}));
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!(looked.lasting[0].hindrance.as_deref(), Some("unavailable"));
    assert!(world.alerts().await.is_empty());
    world.sim.clear_faults();
    assert_eq!(world.zoom.guard_due().await.unwrap().looked, 0, "not in the next moment");
    world.clock.advance(Duration::from_mins(10));
    assert_eq!(world.zoom.guard_due().await.unwrap(), GuardRound { looked: 1, repaired: 1, failed: 0 });
    assert_eq!(world.history().await.len(), 1);
}

#[tokio::test]
async fn a_repair_whose_answer_was_lost_is_seen_to_be_done() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    let route = "PATCH /v2/meetings/*".to_owned();
    world.sim.fault(Fault { route, status: Some(504), after: true, count: 1, ..Fault::default() });
    assert_eq!(world.looked(LookFor::Daily).await.repaired, [DriftKind::WaitingRoomOff]);
}

#[tokio::test]
async fn a_plan_an_address_and_an_account_that_changed_are_known_at_the_next_look() {
    let world = World::new().await;
    let connection = world.connected().await;
    assert_eq!(connection.zoom_plan, 2);
    world.failing(
        "GET /v2/users/me",
        200,
        json!({ "id": AMARA, "account_id": "Another_Account0000000", "type": 1, "email": "new@clinic.example" }),
    );
    world.looked(LookFor::Daily).await;
    let now = world.connection().await.unwrap();
    assert_eq!((now.zoom_plan, now.zoom_email.as_str()), (1, "new@clinic.example"));
    assert_eq!(now.zoom_account_id, "Another_Account0000000");
    assert_eq!(world.kept_room().await.zoom_account_id, now.zoom_account_id, "events will carry this one");
    // Somebody else's word is not taken.
    world.sim.clear_faults();
    world.failing("GET /v2/users/me", 200, json!({ "id": "else", "account_id": "else", "type": 2 }));
    world.looked(LookFor::Daily).await;
    assert_eq!(world.connection().await.unwrap(), now);
}

#[tokio::test]
async fn what_a_room_lacks_is_no_matter_while_nobody_is_sent_there_and_is_found_anew_after() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "auto_recording": "cloud" })).await;
    lock(&world, &["auto_recording"], false);
    world.looked(LookFor::Daily).await;
    let first = world.alerts().await;
    world.zoom.disconnect(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    assert!(world.alerts().await.is_empty());
    assert_eq!(world.history().await[0].ended.unwrap().1, DriftEnd::Replaced);
    world.connected().await;
    let second = world.alerts().await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].key, second[0].key, "and told anew");
}
