//! Guests on their way through the waiting room, and the events that tell of them.

use crate::town::{OSEI, START, Town};

#[tokio::test]
async fn a_visit_tells_its_story_in_events() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let rosa = town.guest(room, "Rosa Delgado");
    assert_eq!(town.events().await, ["participant_joined_waiting_room"]);
    town.zoom.start(room).unwrap();
    assert_eq!(town.events().await, ["started", "participant_joined"]);
    town.zoom.admit(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_admitted"]);
    town.advance(2).await;
    assert_eq!(town.events().await, ["participant_joined"]);
    town.zoom.leave(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_left"]);
    town.zoom.end(room).unwrap();
    assert_eq!(town.events().await, ["participant_left", "ended"]);
}

#[tokio::test]
async fn an_event_has_the_envelope_and_fields_of_the_captured_ones() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.advance(10).await;
    town.inbox.hooks.lock().unwrap().clear();
    town.guest(room, "Rosa Delgado");
    town.zoom.tick().await;
    let hook = town.hooks().remove(0);
    assert_eq!(hook.body["event_ts"], (START + 10_000_000) / 1000);
    let object = &hook.body["payload"]["object"];
    assert_eq!(hook.body["payload"]["account_id"], "Kx3mQvTtR5aZ1LwYbN0cGg");
    assert_eq!(object["id"], room.to_string());
    assert_eq!(object["host_id"], OSEI);
    assert_eq!(object["type"], 3);
    assert_eq!(object["start_time"], "2026-11-23T14:00:00Z");
    assert_eq!(hook.person("date_time"), "2026-11-23T14:00:10Z");
    for empty in ["id", "participant_user_id", "email"] {
        assert_eq!(hook.person(empty), "");
    }
    let user_id: u64 = hook.person("user_id").as_str().unwrap().parse().unwrap();
    assert!(user_id > 16_778_240 && (user_id - 16_778_240).is_multiple_of(1024));
    let stamp = hook.headers["x-zm-request-timestamp"].to_str().unwrap();
    assert_eq!(stamp, ((START + 10_000_000) / 1_000_000).to_string());
    let signature = hook.headers["x-zm-signature"].to_str().unwrap();
    let expected = crate::town::hmac(crate::town::SECRET, &format!("v0:{stamp}:{}", hook.raw));
    assert_eq!(signature, format!("v0={expected}"));
}

#[tokio::test]
async fn admission_gives_new_ids_and_the_admitted_event_carries_those_of_the_waiting_room() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.events().await;
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    let hooks = town.hooks();
    let ids = |at: usize| (hooks[at].person("user_id").clone(), hooks[at].person("participant_uuid").clone());
    assert_eq!(ids(0), ids(1));
    assert_ne!(ids(1).0, ids(2).0);
    assert_ne!(ids(1).1, ids(2).1);
}

#[tokio::test]
async fn the_knobs_of_admission_turn_it_the_other_way() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.events().await;
    town.zoom.knobs(|knobs| {
        knobs.left_waiting_room_on_admission = true;
        knobs.admitted_carries = zoomsim::AdmittedIds::Meeting;
        knobs.participant_uuid_changes_on_admission = false;
        knobs.numeric_meeting_ids = true;
    });
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    let hooks = town.hooks();
    let names: Vec<_> =
        hooks.iter().map(|hook| hook.event().trim_start_matches("meeting.participant_")).collect();
    assert_eq!(names, ["joined_waiting_room", "left_waiting_room", "admitted", "joined"]);
    assert_eq!(hooks[2].person("user_id"), hooks[3].person("user_id"));
    assert_ne!(hooks[1].person("user_id"), hooks[2].person("user_id"));
    assert_eq!(hooks[0].person("participant_uuid"), hooks[3].person("participant_uuid"));
    assert_eq!(hooks[0].body["payload"]["object"]["id"], room);
}

#[tokio::test]
async fn each_start_is_a_new_instance_and_the_uuid_before_it_is_a_knob() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let uuid = |at: usize| town.hooks()[at].body["payload"]["object"]["uuid"].clone();
    town.guest(room, "Rosa");
    town.zoom.start(room).unwrap();
    town.zoom.tick().await;
    assert_eq!(uuid(0), uuid(1));
    town.zoom.end(room).unwrap();
    town.events().await;
    town.zoom.knobs(|knobs| knobs.prestart_uuid_is_kept = false);
    town.guest(room, "Rosa");
    town.zoom.start(room).unwrap();
    town.zoom.tick().await;
    assert_ne!(uuid(0), uuid(1));
    let truth = town.zoom.truth();
    let room = truth.meetings.iter().find(|meeting| meeting.number == room).unwrap();
    assert_eq!(room.instances.len(), 2);
    assert_ne!(room.instances[0].uuid, room.instances[1].uuid);
}

#[tokio::test]
async fn put_back_carries_the_meetings_ids_and_the_next_admission_brings_new_ones() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    let joined = town.hooks().pop().unwrap();
    town.inbox.hooks.lock().unwrap().clear();
    town.zoom.put_back(rosa).unwrap();
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    let hooks = town.hooks();
    let names: Vec<_> =
        hooks.iter().map(|hook| hook.event().trim_start_matches("meeting.participant_")).collect();
    assert_eq!(names, ["put_in_waiting_room", "admitted", "joined"]);
    assert_eq!(hooks[0].person("user_id"), joined.person("user_id"));
    assert_ne!(hooks[1].person("user_id"), joined.person("user_id"));
}

#[tokio::test]
async fn a_lost_line_is_told_ninety_seconds_late_with_the_time_of_the_loss() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    town.events().await;
    town.zoom.lose_line(rosa).unwrap();
    town.advance(30).await;
    town.zoom.rejoin(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_joined_waiting_room"]);
    town.advance(59).await;
    assert_eq!(town.events().await, [""; 0]);
    town.advance(1).await;
    let left = town.hooks().pop().unwrap();
    assert_eq!(left.event(), "meeting.participant_left");
    assert_eq!(left.person("leave_time"), "2026-11-23T14:00:02Z");
    assert_eq!(left.person("leave_reason"), "left the meeting. Reason : Network connection error. ");
    assert_eq!(left.body["event_ts"], (START + 92_000_000) / 1000);
}

#[tokio::test]
async fn ending_tells_of_everybody_and_of_lost_lines_first() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let (rosa, tomas, _waits) =
        (town.guest(room, "Rosa"), town.guest(room, "Tomas"), town.guest(room, "Ida"));
    town.zoom.admit(rosa).unwrap();
    town.zoom.admit(tomas).unwrap();
    town.advance(2).await;
    town.events().await;
    town.zoom.lose_line(tomas).unwrap();
    town.zoom.end(room).unwrap();
    let expected = [
        "participant_left",
        "participant_left_waiting_room",
        "participant_left",
        "participant_left",
        "ended",
    ];
    assert_eq!(town.events().await, expected);
    town.advance(200).await;
    assert_eq!(town.events().await, [""; 0]);
}

#[tokio::test]
async fn the_last_to_leave_ends_the_meeting() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let host = town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    town.events().await;
    town.zoom.leave(host).unwrap();
    assert_eq!(town.events().await, ["participant_left"]);
    town.zoom.leave(rosa).unwrap();
    assert_eq!(town.events().await, ["participant_left", "ended"]);
}

#[tokio::test]
async fn somebody_admitted_may_never_arrive() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let guest = zoomsim::NewGuest { name: "Rosa".into(), never_joins: true, ..Default::default() };
    let rosa = town.zoom.join(room, guest).unwrap();
    town.zoom.admit(rosa).unwrap();
    town.advance(600).await;
    assert_eq!(town.zoom.guest(rosa).unwrap().place, zoomsim::Place::Connecting);
    assert_eq!(town.events().await.last().unwrap(), "participant_admitted");
}
