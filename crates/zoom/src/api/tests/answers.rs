//! What good answers are read as.

use super::*;

fn room_answer() -> Value {
    json!({
        "id": 86_720_014_455_i64,
        "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==",
        "host_id": "pV8sJ2nXQ7m4dT0uHrBkEw",
        "topic": "Visits with Dr. Amara Osei",
        "agenda": "anteroom:room_1",
        "type": 3,
        "status": "waiting",
        "join_url": "https://us02web.zoom.us/j/86720014455?pwd=Zk9wQ3JtT0x1",
        "start_url": "https://us02web.zoom.us/s/86720014455?zak=host-key-canary",
        "password": "418820",
        "settings": {
            "waiting_room": true,
            "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" },
            "join_before_host": false,
            "use_pmi": false,
            "auto_recording": "none",
            "auto_start_meeting_summary": false,
            "auto_start_ai_companion_questions": false,
            "meeting_authentication": false,
        },
    })
}

#[test]
fn a_room_as_it_should_be_deviates_in_nothing() {
    let room = Meeting::read(&room_answer()).unwrap();
    assert_eq!(room.number, 86_720_014_455);
    assert_eq!(room.agenda.as_deref(), Some("anteroom:room_1"));
    assert_eq!(room.is_started, Some(false));
    assert_eq!(
        room.join_url.as_ref().unwrap().expose(),
        "https://us02web.zoom.us/j/86720014455?pwd=Zk9wQ3JtT0x1"
    );
    assert_eq!(room.deviations(), []);
    let shown = format!("{room:?}");
    for private in ["host-key-canary", "418820", "Zk9wQ3JtT0x1", "Amara"] {
        assert!(!shown.contains(private), "{private} in {shown}");
    }
}

#[test]
fn every_single_drift_is_seen_and_named() {
    let cases = [
        ("/settings/waiting_room", json!(false), Deviation::WaitingRoomOff),
        ("/settings/waiting_room", json!(null), Deviation::WaitingRoomOff),
        ("/settings/waiting_room", json!([]), Deviation::WaitingRoomOff),
        (
            "/settings/waiting_room_options/who_goes_to_waiting_room",
            json!("users_not_in_account"),
            Deviation::SomeBypassWaitingRoom,
        ),
        (
            "/settings/waiting_room_options/who_goes_to_waiting_room",
            json!("users_on_the_moon"),
            Deviation::SomeBypassWaitingRoom,
        ),
        ("/settings/join_before_host", json!(true), Deviation::JoinBeforeHost),
        ("/settings/auto_recording", json!("cloud"), Deviation::Recorded),
        ("/settings/auto_start_meeting_summary", json!(true), Deviation::Summarised),
        ("/settings/auto_start_ai_companion_questions", json!(true), Deviation::Summarised),
        ("/settings/use_pmi", json!(true), Deviation::PersonalNumber),
        ("/settings/meeting_authentication", json!(true), Deviation::NeedsSignIn),
        ("/type", json!(2), Deviation::NotPermanent),
    ];
    for (path, value, deviation) in cases {
        let mut answer = room_answer();
        *answer.pointer_mut(path).unwrap() = value.clone();
        assert_eq!(Meeting::read(&answer).unwrap().deviations(), [deviation], "{path} = {value}");
    }
}

#[test]
fn a_room_that_follows_the_user_s_settings_leaves_open_who_waits() {
    let mut answer = room_answer();
    answer["settings"]["waiting_room_options"] =
        json!({ "mode": "follow_setting", "who_goes_to_waiting_room": "users_not_in_account" });
    let room = Meeting::read(&answer).unwrap();
    assert_eq!((room.settings.who_waits, room.deviations()), (None, vec![]));
    assert!(room.settings.follows_user);
    answer["settings"]["waiting_room_options"] = json!(null);
    assert!(Meeting::read(&answer).unwrap().settings.follows_user);
    assert!(!Meeting::read(&room_answer()).unwrap().settings.follows_user);
}

#[test]
fn a_link_without_its_passcode_is_noticed() {
    let link = |url: &str| json!(format!("https://us02web.zoom.us/j/86720014455{url}"));
    let cases = [
        (json!("418820"), link("?pwd=Zk9wQ3JtT0x1"), Some(true)),
        (json!("418820"), link("?tk=abc&pwd=Zk9wQ3JtT0x1"), Some(true)),
        (json!("418820"), link(""), Some(false)),
        (json!("418820"), link("?pwd="), Some(false)),
        (json!("418820"), link("?xpwd=1#pwd=1"), Some(false)),
        (json!(418_820), link(""), Some(false)),
        (json!(""), link(""), None),
        (json!(null), link(""), None),
        (json!(null), link("?pwd=Zk9wQ3JtT0x1"), Some(true)),
        (json!("418820"), json!(null), None),
        (json!("418820"), json!("not a link"), None),
    ];
    for (passcode, link, brings) in cases {
        let mut answer = room_answer();
        answer["password"] = passcode.clone();
        answer["join_url"] = link.clone();
        assert_eq!(Meeting::read(&answer).unwrap().brings_passcode(), brings, "{passcode} {link}");
    }
}

#[test]
fn alternative_hosts_are_read_in_both_spellings_and_none_is_cut() {
    let many: Vec<String> = (0..80).map(|n| format!("colleague.number.{n}@clinic.example")).collect();
    let cases = [
        (json!("a@x.example;b@x.example"), vec!["a@x.example".to_owned(), "b@x.example".to_owned()]),
        (json!(" a@x.example, b@x.example;"), vec!["a@x.example".to_owned(), "b@x.example".to_owned()]),
        (json!(many.join(";")), many),
        (json!(""), vec![]),
        (json!(["a@x.example"]), vec![]),
        (json!(null), vec![]),
    ];
    for (said, read) in cases {
        let mut answer = room_answer();
        answer["settings"]["alternative_hosts"] = said;
        let room = Meeting::read(&answer).unwrap();
        assert!(!format!("{room:?}").contains("x.example"));
        assert_eq!(room.alternative_hosts, read);
    }
}

#[test]
fn a_room_without_settings_is_not_taken_for_safe() {
    let room = Meeting::read(&json!({ "id": "86720014455", "type": 3 })).unwrap();
    assert_eq!(room.deviations(), [Deviation::WaitingRoomOff]);
}

#[tokio::test]
async fn a_user_is_known_by_both_ids() {
    let body = r#"{"id":"pV8sJ2nXQ7m4dT0uHrBkEw","account_id":"Kx3mQvTtR5aZ1LwYbN0cGg","email":"amara@clinic.example","first_name":"Amara","last_name":"Osei","type":1,"pmi":1234567890,"timezone":"America/Chicago"}"#;
    let (_peer, api) = answering(200, body).await;
    let me = api.me(&token()).await.unwrap();
    assert_eq!(
        (me.id.as_str(), me.account_id.as_str()),
        ("pV8sJ2nXQ7m4dT0uHrBkEw", "Kx3mQvTtR5aZ1LwYbN0cGg")
    );
    assert_eq!(
        (me.display_name.as_deref(), me.plan, me.personal_number),
        (Some("Amara Osei"), Plan::Basic, Some(1_234_567_890))
    );
    assert!(!format!("{me:?}").contains("amara@clinic.example"));
}

#[tokio::test]
async fn the_user_s_settings_tell_who_bypasses_the_waiting_room() {
    let cases = [
        (0, Some(WhoWaits::Everyone)),
        (1, Some(WhoWaits::OutsideAccount)),
        (2, Some(WhoWaits::OutsideAccountAndDomains)),
        (9, None),
    ];
    for (value, who_waits) in cases {
        let body = format!(
            r#"{{"meeting_security":{{"waiting_room":true,"waiting_room_settings":{{"participants_to_place_in_waiting_room":{value},"users_who_can_admit_participants_from_waiting_room":1}},"embed_password_in_join_link":false}}}}"#
        );
        let (_peer, api) = answering(200, &body).await;
        let expected = MeetingSecurity {
            waiting_room: Some(true),
            who_waits,
            others_may_admit: Some(true),
            embeds_passcode: Some(false),
        };
        assert_eq!(api.meeting_security(&token()).await, Ok(expected));
    }
}

#[tokio::test]
async fn the_user_s_settings_tell_what_is_recorded_by_itself() {
    let body = r#"{"in_meeting":{"waiting_room":true},"schedule_meeting":{"join_before_host":false},"recording":{"auto_recording":"cloud"}}"#;
    let (_peer, api) = answering(200, body).await;
    let expected = UserSettings {
        waiting_room: Some(true),
        join_before_host: Some(false),
        auto_recording: Some("cloud".to_owned()),
    };
    assert_eq!(api.user_settings(&token()).await, Ok(expected));
}

#[tokio::test]
async fn a_page_says_what_follows_and_what_it_could_not_read() {
    let body = r#"{"page_size":300,"next_page_token":"n2","participants":[
        {"id":"","user_id":"16784384","name":"Rosa Delgado","user_email":"","registrant_id":"","join_time":"2026-11-23T14:00:10Z","leave_time":"2026-11-23T14:02:00Z","duration":110,"status":"in_waiting_room","internal_user":false},
        {"user_id":16788480,"name":["?"],"join_time":"2026-11-23T14:02:02Z","leave_time":"never","status":"in_meeting"},
        {"status":"on_hold"},
        7
    ]}"#;
    let (_peer, api) = answering(200, body).await;
    let page = api.past_participants(&token(), UUID, None).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable, page.next.as_deref()), (3, 1, Some("n2")));
    let [(waiting, raw), (meeting, _), (other, _)] = &page.items[..] else { panic!("three entries") };
    assert_eq!(
        (waiting.status, waiting.join_time),
        (ParticipantStatus::InWaitingRoom, Some(1_795_442_410_000_000))
    );
    assert_eq!((waiting.id.as_deref(), waiting.name.as_deref()), (None, Some("Rosa Delgado")));
    assert_eq!(
        (meeting.status, meeting.user_id.as_deref()),
        (ParticipantStatus::InMeeting, Some("16788480"))
    );
    assert_eq!((meeting.name.as_deref(), meeting.leave_time), (None, None));
    assert_eq!(other.status, ParticipantStatus::Other);
    assert_eq!(raw["name"], "Rosa Delgado", "the entry as it came");
    assert!(!format!("{waiting:?}").contains("Rosa"));
}

#[tokio::test]
async fn a_missing_list_is_not_an_empty_one() {
    let (_peer, api) = answering(200, r#"{"page_size":300,"next_page_token":""}"#).await;
    let participants = api.past_participants(&token(), UUID, None).await;
    assert_eq!(participants, Err(ApiError::Unreadable { what: "participants" }));
    let (_peer, api) = answering(200, r#"{"next_page_token":"","participants":[]}"#).await;
    let participants = api.past_participants(&token(), UUID, None).await;
    assert_eq!(participants, Ok(Page { items: Vec::new(), next: None, unreadable: 0 }));
}
