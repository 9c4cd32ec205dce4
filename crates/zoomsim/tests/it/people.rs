//! Who waits and who does not, before and after the host, and how people show in events.

use serde_json::json;
use zoomsim::{BeforeHost, Names, NewGuest, Place, SimError};

use crate::town::{BERG, OSEI, TRAN, Town, clinic_room};

fn signed_in(user: &str) -> NewGuest {
    NewGuest { zoom_user_id: Some(user.to_owned()), ..NewGuest::default() }
}

#[tokio::test]
async fn without_a_waiting_room_a_guest_waits_for_the_host_and_then_joins() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.change_meeting(room, &json!({ "settings": { "waiting_room": false } })).unwrap();
    town.events().await;
    let rosa = town.guest(room, "Rosa");
    let gone = town.guest(room, "Ida");
    town.zoom.leave(gone).unwrap();
    town.zoom.tick().await;
    let hooks = town.hooks();
    assert_eq!(hooks[0].event(), "meeting.participant_jbh_waiting");
    assert_eq!(hooks[0].body["payload"]["object"]["participant"], json!({ "id": "", "user_name": "Rosa" }));
    assert_eq!(hooks[2].event(), "meeting.participant_jbh_waiting_left");
    assert_eq!(hooks[2].body["payload"]["object"]["id"], room);
    town.events().await;
    town.zoom.start(room).unwrap();
    assert_eq!(town.events().await, ["started", "participant_joined", "participant_joined"]);
    assert_eq!(town.zoom.guest(rosa).unwrap().place, Place::InMeeting);
}

#[tokio::test]
async fn with_join_before_host_a_guest_starts_the_meeting_alone() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let open = json!({ "settings": { "waiting_room": false, "join_before_host": true } });
    town.zoom.change_meeting(room, &open).unwrap();
    town.events().await;
    town.guest(room, "Rosa");
    assert_eq!(town.events().await, ["participant_jbh_joined", "started", "participant_joined"]);
}

#[tokio::test]
async fn by_another_knob_guests_reach_the_waiting_room_only_once_the_host_is_there() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.before_host = BeforeHost::JbhWaiting);
    town.guest(room, "Rosa");
    assert_eq!(town.events().await, ["participant_jbh_waiting"]);
    town.zoom.start(room).unwrap();
    assert_eq!(town.events().await, ["started", "participant_joined", "participant_joined_waiting_room"]);
}

#[tokio::test]
async fn the_host_never_waits_and_is_known_by_the_host_id() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.join(room, signed_in(OSEI)).unwrap();
    town.zoom.tick().await;
    let joined = town.hooks().pop().unwrap();
    assert_eq!(joined.event(), "meeting.participant_joined");
    assert_eq!(joined.person("id"), OSEI);
    assert_eq!(joined.person("participant_user_id"), OSEI);
    assert_eq!(joined.person("email"), "amara.osei@clinic.example");
}

#[tokio::test]
async fn colleagues_bypass_the_waiting_room_where_it_is_for_outsiders() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let colleague = town.zoom.join(room, signed_in(BERG)).unwrap();
    assert_eq!(town.zoom.guest(colleague).unwrap().place, Place::Waiting, "everyone means colleagues too");
    town.zoom.leave(colleague).unwrap();
    let outsiders = json!({ "settings": { "waiting_room_options": { "who_goes_to_waiting_room": "users_not_in_account" } } });
    town.zoom.change_meeting(room, &outsiders).unwrap();
    let colleague = town.zoom.join(room, signed_in(BERG)).unwrap();
    assert_eq!(town.zoom.guest(colleague).unwrap().place, Place::InMeeting);
    let outsider = town.zoom.join(room, signed_in(TRAN)).unwrap();
    assert_eq!(town.zoom.guest(outsider).unwrap().place, Place::Waiting);
    town.zoom.tick().await;
    let hook = town.hooks().pop().unwrap();
    assert_eq!(
        (hook.person("id").as_str(), hook.person("participant_user_id").as_str()),
        (Some(TRAN), Some(""))
    );
    assert_eq!(hook.person("email"), "", "no e-mail of people outside the account");
}

#[tokio::test]
async fn an_alternative_host_may_start_and_the_owner_stays_the_host() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    assert_eq!(town.zoom.start_as(room, BERG), Err(SimError::NotTheHost));
    let listed = json!({ "settings": { "alternative_hosts": "jonas.berg@clinic.example" } });
    town.zoom.change_meeting(room, &listed).unwrap();
    town.zoom.start_as(room, BERG).unwrap();
    town.zoom.tick().await;
    let joined = town.hooks().pop().unwrap();
    assert_eq!(joined.person("id"), BERG);
    assert_eq!(joined.body["payload"]["object"]["host_id"], OSEI);
}

#[tokio::test]
async fn a_switch_inside_the_running_meeting_is_silent_and_ends_with_it() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    town.events().await;
    town.zoom.switch_live_waiting_room(room, false).unwrap();
    assert_eq!(town.events().await, [""; 0]);
    let rosa = town.guest(room, "Rosa");
    assert_eq!(town.zoom.guest(rosa).unwrap().place, Place::InMeeting);
    town.zoom.end(room).unwrap();
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    assert_eq!(town.zoom.guest(rosa).unwrap().place, Place::Waiting);
}

#[tokio::test]
async fn a_phone_guest_shows_a_masked_number_as_name() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let phone =
        town.zoom.join(room, NewGuest { phone: Some("13125550142".into()), ..NewGuest::default() }).unwrap();
    town.zoom.tick().await;
    let hook = town.hooks().pop().unwrap();
    assert_eq!(hook.person("user_name"), "1312555****");
    assert_eq!(hook.person("phone_number"), "13125550142");
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit_all(room).unwrap();
    town.advance(2).await;
    town.zoom.bind(phone, rosa).unwrap();
    town.zoom.tick().await;
    let bound = town.hooks().pop().unwrap();
    assert_eq!(bound.event(), "meeting.participant_bind");
    assert_eq!(bound.person("bind_user_id"), town.zoom.guest(rosa).unwrap().ids.user_id.as_str());
}

#[tokio::test]
async fn names_can_be_kept_out() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let mut seen = Vec::new();
    for names in [Names::Absent, Names::Empty, Names::Masked] {
        town.zoom.knobs(|knobs| knobs.names = names);
        town.guest(room, "Rosa Delgado");
        town.zoom.tick().await;
        seen.push(
            town.hooks().pop().unwrap().body["payload"]["object"]["participant"].get("user_name").cloned(),
        );
    }
    assert_eq!(seen, [None, Some(json!("")), Some(json!("R***"))]);
    town.zoom.start(room).unwrap();
    town.zoom.tick().await;
    let host = town.hooks().pop().unwrap();
    assert_eq!((host.person("email"), host.person("id")), (&json!(""), &json!(OSEI)), "ids stay");
}

#[tokio::test]
async fn a_new_name_shows_only_in_the_next_event() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let rosa = town.guest(room, "iPhone");
    town.events().await;
    town.zoom.rename(rosa, "Rosa Delgado").unwrap();
    assert_eq!(town.events().await, [""; 0]);
    town.zoom.leave(rosa).unwrap();
    town.zoom.tick().await;
    assert_eq!(town.hooks().pop().unwrap().person("user_name"), "Rosa Delgado");
}

#[tokio::test]
async fn breakout_rooms_look_like_leaving_and_joining() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.start(room).unwrap();
    let rosa = town.guest(room, "Rosa");
    town.zoom.admit(rosa).unwrap();
    town.advance(2).await;
    town.events().await;
    town.zoom.breakout(rosa, true).unwrap();
    town.zoom.breakout(rosa, false).unwrap();
    let expected = [
        "participant_left",
        "participant_joined_breakout_room",
        "participant_left_breakout_room",
        "participant_joined",
    ];
    assert_eq!(town.events().await, expected);
    town.zoom.change_role(rosa, "co-host").unwrap();
    town.zoom.tick().await;
    let changed = town.hooks().pop().unwrap();
    assert_eq!(
        (changed.person("old_role"), changed.person("new_role")),
        (&json!("attendee"), &json!("co-host"))
    );
}

#[tokio::test]
async fn a_meeting_for_signed_in_people_refuses_guests() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let mut body = clinic_room();
    body["settings"]["meeting_authentication"] = json!(true);
    let room = api.post("/v2/users/me/meetings", body).await.ok(201)["id"].as_i64().unwrap();
    assert_eq!(town.zoom.join_named(room, "Rosa"), Err(SimError::SignInNeeded));
    town.zoom.join(room, signed_in(TRAN)).unwrap();
}
