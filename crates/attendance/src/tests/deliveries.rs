//! What becomes of deliveries: of another account, unknown, repeated, out of order, of no use.

use domain::attendance::presence::Whereabouts;
use serde_json::{Value, json};
use store::testing::engines;
use tokio_util::sync::CancellationToken;

use super::clinic::{ACCOUNT, NUMBER, TestClinic, named, osei};

#[tokio::test]
async fn a_delivery_of_another_account_has_no_effect() {
    let clinic = TestClinic::open().await;
    for account in [json!("another"), Value::Null] {
        let mut body = clinic.body("participant_joined_waiting_room", 0, &named("1", "Rosa"));
        body["payload"]["account_id"] = account;
        clinic.deliver_body(&body.to_string()).await;
    }
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 2);
    assert_eq!(clinic.presences().await, []);
    assert_eq!(clinic.events().await, 0);
    assert_eq!(clinic.board().await.feed.last_event_at, None);
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn what_is_unknown_or_of_no_use_is_set_aside_and_does_not_stop_the_rest() {
    let clinic = TestClinic::open().await;
    let mut elsewhere = clinic.body("participant_joined", 0, &named("1", "Rosa"));
    elsewhere["payload"]["object"]["id"] = json!("11111111111");
    let mut wrong_types = clinic.body("participant_joined", 0, &json!({ "user_id": [], "user_name": 7 }));
    wrong_types["payload"]["object"]["id"] = json!({});
    for body in [
        clinic.body("never_heard_of", 0, &named("1", "Rosa")).to_string(),
        elsewhere.to_string(),
        wrong_types.to_string(),
        "[]".to_owned(),
        "nonsense".to_owned(),
        clinic.body("participant_joined_waiting_room", 0, &named("1", "Rosa")).to_string(),
    ] {
        clinic.deliver_body(&body).await;
    }
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 6);
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 0);
    assert_eq!(clinic.presences().await.len(), 1);
}

#[tokio::test]
async fn what_says_the_same_in_another_body_changes_nothing() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "Rosa")).await;
    let before = (clinic.presences().await, clinic.board().await.last_change);
    let mut again = clinic.body("participant_joined_waiting_room", 0, &named("1", "Rosa"));
    again["event_ts"] = json!(clinic.at(0).as_millis() + 90_000);
    again["payload"]["object"]["participant"]["public_ip"] = json!("198.51.100.7");
    clinic.deliver_body(&again.to_string()).await;
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 1);
    assert_eq!((clinic.presences().await, clinic.board().await.last_change), before);
    assert_eq!(clinic.events().await, 1);
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn a_user_who_takes_the_app_away_is_handed_on_and_settled() {
    let clinic = TestClinic::open().await;
    let body = json!({
        "event": "app_deauthorized",
        "payload": { "account_id": "a", "user_id": "u", "client_id": "c", "deauthorization_time": "2026-11-23T15:59:00Z" },
    });
    clinic.deliver_body(&body.to_string()).await;
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 1);
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 0);
    assert_eq!(*clinic.zoom.0.lock().unwrap(), ["u"]);
}

#[tokio::test]
async fn a_user_who_takes_another_app_away_loses_nothing_here() {
    let clinic = TestClinic::open().await;
    let gone = |client_id: Value| {
        json!({
            "event": "app_deauthorized",
            "payload": { "account_id": "a", "user_id": "u", "client_id": client_id, "deauthorization_time": "2026-11-23T15:59:00Z" },
        })
    };
    clinic.deliver_body(&gone(json!("another")).to_string()).await;
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 1);
    assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 0, "it is settled");
    assert!(clinic.zoom.0.lock().unwrap().is_empty());
    // The older form does not say which app; the signature does.
    clinic.deliver_body(&gone(Value::Null).to_string()).await;
    clinic.apply_all().await;
    assert_eq!(*clinic.zoom.0.lock().unwrap(), ["u"]);
}

/// What is known of the room's guard: whether a look is wanted, and when its meeting last started.
async fn guarded(clinic: &TestClinic) -> domain::room::guard::Guarded {
    clinic.engine.store.read().await.unwrap().guarded(clinic.clinic, clinic.room).await.unwrap()
}

#[tokio::test]
async fn a_change_of_the_saved_meeting_wants_a_look_at_the_room() {
    for event in ["updated", "deleted", "permanently_deleted", "recovered", "converted_to_webinar"] {
        let clinic = TestClinic::open().await;
        let changed = json!({
            "event": format!("meeting.{event}"), "event_ts": clinic.at(0).as_millis(),
            "payload": { "account_id": ACCOUNT, "operator": "a.osei@clinic.example", "operation": "all",
                "object": { "id": NUMBER, "settings": { "waiting_room": false } } },
        });
        clinic.deliver_body(&changed.to_string()).await;
        assert_eq!(clinic.attendance.apply_pending().await.unwrap(), 1);
        assert_eq!(guarded(&clinic).await.wanted_at, Some(clinic.ambient.now()), "{event}");
        assert_eq!(clinic.presences().await, []);
    }
}

#[tokio::test]
async fn a_change_of_another_meeting_or_by_another_account_wants_no_look() {
    let clinic = TestClinic::open().await;
    for (account, number) in [(ACCOUNT, NUMBER + 7), ("somebody-else", NUMBER)] {
        let changed = json!({
            "event": "meeting.updated",
            "payload": { "account_id": account, "object": { "id": number, "topic": "x" } },
        });
        clinic.deliver_body(&changed.to_string()).await;
        clinic.apply_all().await;
    }
    assert_eq!(guarded(&clinic).await.wanted_at, None);
}

#[tokio::test]
async fn making_attendance_again_wants_no_look() {
    let clinic = TestClinic::open().await;
    let changed = json!({
        "event": "meeting.updated", "payload": { "account_id": ACCOUNT, "object": { "id": NUMBER } },
    });
    clinic.deliver_body(&changed.to_string()).await;
    clinic.apply_all().await;
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.note_look(clinic.clinic, clinic.room, clinic.ambient.now(), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(clinic.verify().await, [""; 0]);
    clinic.attendance.rebuild(None, false).await.unwrap();
    assert_eq!(guarded(&clinic).await.wanted_at, None);
}

#[tokio::test]
async fn the_last_start_of_the_rooms_meeting_is_known_in_whatever_order_starts_are_told() {
    let clinic = TestClinic::open().await;
    for (started, last) in [(600, 600), (60, 600), (1_200, 1_200)] {
        clinic.says("started", started, json!({})).await;
        assert_eq!(guarded(&clinic).await.started_at, Some(clinic.at(last)));
    }
}

/// A day of a room: several people, ids that change, a rejoin with a late "left", and no order at all.
pub(super) fn day(clinic: &TestClinic) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut add = |event: &str, seconds: i64, person: Value| {
        bodies.push(clinic.body(event, seconds, &person).to_string());
    };
    add("started", 10, json!({}));
    add("participant_joined", 11, osei("100"));
    for (patient, name) in ["Rosa Delgado", "Tom Reyes", "iPhone", "Ana Prado"].into_iter().enumerate() {
        let (begin, id) = (i64::try_from(patient).unwrap() * 400, patient * 10 + 1);
        let (first, second) = (id.to_string(), (id + 1).to_string());
        add("participant_joined_waiting_room", begin, named(&first, name));
        add("participant_admitted", begin + 60, named(&first, name));
        add("participant_left_waiting_room", begin + 60, named(&first, name));
        add("participant_joined", begin + 64, named(&second, name));
        add("participant_left", begin + 390, named(&second, name));
        if patient == 1 {
            let third = (id + 2).to_string();
            add("participant_joined", begin + 300, named(&third, name));
            add("participant_left", begin + 395, named(&third, name));
        }
    }
    add("ended", 1_700, json!({}));
    bodies
}

#[tokio::test]
async fn a_day_in_any_order_on_either_engine_gives_one_attendance_and_a_rebuild_gives_it_again() {
    let mut outcomes = Vec::new();
    for (round, engine) in engines().await.into_iter().enumerate() {
        let clinic = TestClinic::on(engine).await;
        let visits = [
            clinic.book(0, &["Rosa Delgado"]).await,
            clinic.book(400, &["Tom Reyes"]).await,
            clinic.book(1_200, &["Ana Prado"]).await,
        ];
        clinic.press(&visits[0], 0, -10).await;
        clinic.press(&visits[2], 0, 1_190).await;
        let mut bodies = day(&clinic);
        // Another order for each engine.
        let middle = bodies.len() / 2;
        bodies.rotate_left(middle * round);
        for chunk in bodies.chunks(3) {
            for body in chunk.iter().rev() {
                clinic.deliver_body(body).await;
                clinic.deliver_body(body).await;
            }
            clinic.apply_all().await;
        }
        assert_eq!(clinic.verify().await, [""; 0]);
        let before = clinic.presences().await;
        let report = clinic.attendance.rebuild(None, false).await.unwrap();
        assert_eq!((report.differences, report.presences), (Vec::new(), before.len()));
        assert_eq!(clinic.presences().await, before);
        assert!(before.iter().all(|presence| presence.whereabouts == Whereabouts::Left));
        let seconds = |at: domain::Timestamp| at.as_seconds() - clinic.at(0).as_seconds();
        outcomes.push(
            before
                .iter()
                .map(|presence| {
                    let matched =
                        presence.matched.as_ref().map(|matched| (matched.level, matched.reasons.clone()));
                    (
                        seconds(presence.first_at),
                        seconds(presence.since),
                        presence.who,
                        presence.stays.len(),
                        matched,
                    )
                })
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(outcomes[0].len(), 6, "{outcomes:?}");
    assert_eq!(outcomes[0], outcomes[1]);
}

#[tokio::test]
async fn a_difference_is_named_without_saying_what_it_holds() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined_waiting_room", 0, named("1", "Rosa Delgado")).await;
    let mut presence = clinic.presences().await.remove(0);
    presence.shown_name = Some("Somebody".into());
    presence.candidates.clear();
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_presence(clinic.clinic, &presence).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(clinic.verify().await, [format!("{} differs in shown_name", presence.id)]);
    clinic.attendance.rebuild(Some(clinic.clinic), false).await.unwrap();
    assert_eq!(clinic.verify().await, [""; 0]);
}

#[tokio::test]
async fn several_instances_share_the_inbox_and_agree() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        for body in day(&clinic) {
            clinic.deliver_body(&body).await;
        }
        let other = crate::Attendance::new(
            clinic.engine.another_instance().await,
            clinic.ambient.clone(),
            clinic.zoom.clone(),
        );
        let drain = async |attendance: crate::Attendance| {
            let mut idle = 0;
            while idle < 3 {
                // Each takes a few at a time, so that they meet.
                match attendance.apply_batch(3).await.unwrap() {
                    0 => idle += 1,
                    _ => idle = 0,
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(drain(clinic.attendance.clone()), drain(other));
        clinic.apply_all().await;
        assert_eq!(clinic.presences().await.len(), 6);
        assert_eq!(clinic.verify().await, [""; 0]);
    }
}

#[tokio::test]
async fn the_loop_hears_of_arrivals_and_stops_when_told() {
    let clinic = TestClinic::open().await;
    let stop = CancellationToken::new();
    let mut changes = clinic.engine.store.changes();
    let attendance = clinic.attendance.clone();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { attendance.run(stop).await }
    });
    clinic
        .deliver_body(&clinic.body("participant_joined_waiting_room", 0, &named("1", "Rosa")).to_string())
        .await;
    assert_eq!(changes.recv().await.unwrap(), clinic.clinic);
    assert_eq!(clinic.presences().await.len(), 1);
    stop.cancel();
    running.await.unwrap();
}
