use proptest::prelude::*;
use serde_json::json;

use super::*;

/// 2026-11-23T14:02:02Z.
const JOINED_AT: i64 = 1_795_442_522_000_000;
/// A second or two later, in microseconds.
const EMITTED_AT: i64 = 1_795_442_524_060_000;

fn parse(document: &Value) -> Envelope {
    Envelope::parse(document.to_string().as_bytes()).unwrap()
}

fn event(name: &str, object: &Value) -> Value {
    json!({
        "event": name,
        "event_ts": EMITTED_AT / 1_000,
        "payload": { "account_id": "Kx3mQvTtR5aZ1LwYbN0cGg", "object": object },
    })
}

fn joined() -> Value {
    let mut object = json!({
        "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==",
        "id": "86720014455",
        "type": 3,
        "topic": "Visits with Dr. Amara Osei",
        "host_id": "pV8sJ2nXQ7m4dT0uHrBkEw",
        "duration": 808_591_414,
        "start_time": "2026-11-23T13:59:00Z",
        "timezone": "",
    });
    object["participant"] = json!({
        "join_time": "2026-11-23T14:02:02Z",
        "public_ip": "203.0.113.24",
        "user_id": "16784384",
        "user_name": "Rosa Delgado",
        "participant_user_id": "",
        "id": "",
        "email": "",
        "participant_uuid": "D2C90F3E-11B7-4A6E-9F05-5B8E7A1C2D44",
    });
    event("meeting.participant_joined", &object)
}

#[test]
fn an_ordinary_guest_s_arrival_is_read_whole() {
    let envelope = parse(&joined());
    assert_eq!(envelope.kind, EventKind::Joined);
    assert_eq!(envelope.event_ts, Some(EMITTED_AT));
    assert_eq!(envelope.account_id.as_deref(), Some("Kx3mQvTtR5aZ1LwYbN0cGg"));
    assert!(envelope.oddities.is_empty(), "{}", envelope.oddities);
    let meeting = envelope.meeting().unwrap();
    assert_eq!(meeting.meeting_number, Some(86_720_014_455));
    assert_eq!(meeting.instance_uuid.as_deref(), Some("q7YcT1mZQ0WnHk2Jv+8RbA=="));
    assert_eq!(meeting.host_id.as_deref(), Some("pV8sJ2nXQ7m4dT0uHrBkEw"));
    assert_eq!((meeting.occurred_at, meeting.time_source), (Some(JOINED_AT), TimeSource::Object));
    assert_eq!(meeting.start_time, Some(1_795_442_340_000_000));
    assert_eq!(meeting.end_time, None);
    let expected = Participant {
        user_id: Some("16784384".into()),
        participant_uuid: Some("D2C90F3E-11B7-4A6E-9F05-5B8E7A1C2D44".into()),
        user_name: Some("Rosa Delgado".into()),
        public_ip: Some("203.0.113.24".into()),
        ..Participant::default()
    };
    assert_eq!(meeting.participant, Some(expected));
}

#[test]
fn each_event_is_dated_by_its_own_field() {
    let at = "2026-11-23T14:02:02Z";
    let cases = [
        ("meeting.started", "/start_time"),
        ("meeting.ended", "/end_time"),
        ("meeting.participant_joined", "/participant/join_time"),
        ("meeting.participant_left", "/participant/leave_time"),
        ("meeting.participant_joined_waiting_room", "/participant/date_time"),
        ("meeting.participant_left_waiting_room", "/participant/date_time"),
        ("meeting.participant_admitted", "/participant/date_time"),
        ("meeting.participant_put_in_waiting_room", "/participant/date_time"),
        ("meeting.participant_role_changed", "/participant/date_time"),
        ("meeting.participant_bind", "/participant/date_time"),
        ("meeting.participant_joined_breakout_room", "/participant/join_time"),
        ("meeting.participant_left_breakout_room", "/participant/leave_time"),
        ("meeting.participant_invented_later", "/participant/date_time"),
    ];
    let empty = json!({ "start_time": "", "end_time": "", "participant": { "join_time": "", "leave_time": "", "date_time": "" } });
    for (name, field) in cases {
        let mut object = empty.clone();
        *object.pointer_mut(field).unwrap() = json!(at);
        let envelope = parse(&event(name, &object));
        let meeting = envelope.meeting().unwrap();
        assert_eq!(
            (meeting.occurred_at, meeting.time_source),
            (Some(JOINED_AT), TimeSource::Object),
            "{name}"
        );
        let without = parse(&event(name, &empty));
        let meeting = without.meeting().unwrap();
        assert_eq!(
            (meeting.occurred_at, meeting.time_source),
            (Some(EMITTED_AT), TimeSource::Emission),
            "{name}"
        );
    }
}

#[test]
fn those_who_wait_for_the_host_are_dated_by_the_emission() {
    let object =
        json!({ "id": 86_720_014_455_i64, "participant": { "id": "", "user_name": "Rosa Delgado" } });
    for name in [
        "meeting.participant_jbh_waiting",
        "meeting.participant_jbh_waiting_left",
        "meeting.participant_jbh_joined",
    ] {
        let envelope = parse(&event(name, &object));
        let meeting = envelope.meeting().unwrap();
        assert_eq!(
            (meeting.occurred_at, meeting.time_source),
            (Some(EMITTED_AT), TimeSource::Emission),
            "{name}"
        );
        assert_eq!(meeting.meeting_number, Some(86_720_014_455));
    }
}

#[test]
fn a_change_of_the_saved_meeting_names_who_did_it_and_when() {
    let envelope = parse(&json!({
        "event": "meeting.updated",
        "event_ts": 1_795_362_400_940_i64,
        "payload": {
            "account_id": "Kx3mQvTtR5aZ1LwYbN0cGg",
            "operator": "amara.osei@clinic.example",
            "operator_id": "pV8sJ2nXQ7m4dT0uHrBkEw",
            "object": { "id": 86_720_014_455_i64, "settings": { "waiting_room": false } },
            "time_stamp": 1_795_362_400_901_i64,
        },
    }));
    let meeting = envelope.meeting().unwrap();
    assert_eq!(meeting.operator_id.as_deref(), Some("pV8sJ2nXQ7m4dT0uHrBkEw"));
    assert_eq!(meeting.occurred_at, Some(1_795_362_400_901_000));
    assert_eq!(meeting.participant, None);
    assert!(envelope.oddities.is_empty());
}

#[test]
fn a_deauthorization_is_read_in_all_its_forms() {
    let payload = json!({
        "account_id": "Kx3mQvTtR5aZ1LwYbN0cGg",
        "user_id": "pV8sJ2nXQ7m4dT0uHrBkEw",
        "signature": "5f0c1d7e",
        "deauthorization_time": "2026-11-23T15:23:20.004Z",
        "client_id": "rT6yU8iO0pQwErTyUiOpAs",
    });
    let mut inside = payload.clone();
    inside["event_ts"] = json!("2026-11-23 15:23:20");
    let mut legacy = payload.clone();
    legacy["user_data_retention"] = json!("false");
    let forms = [
        json!({ "event": "app_deauthorized", "event_ts": 1_795_447_400_077_i64, "payload": payload }),
        json!({ "event": "app.deauthorized", "payload": inside }),
        json!({ "event": "app_deauthorized", "payload": legacy }),
    ];
    let emitted = [Some(1_795_447_400_077_000), Some(1_795_447_400_000_000), None];
    for (form, event_ts) in forms.iter().zip(emitted) {
        let envelope = parse(form);
        assert_eq!((envelope.kind, envelope.event_ts), (EventKind::AppDeauthorized, event_ts));
        assert!(envelope.oddities.is_empty(), "{}", envelope.oddities);
        let expected = Deauthorization {
            user_id: Some("pV8sJ2nXQ7m4dT0uHrBkEw".into()),
            client_id: Some("rT6yU8iO0pQwErTyUiOpAs".into()),
            at: Some(1_795_447_400_004_000),
        };
        assert_eq!(envelope.body, Body::Deauthorization(expected));
    }
}

#[test]
fn a_wrong_type_in_any_single_field_costs_that_field_alone() {
    let document = joined();
    let mut paths = Vec::new();
    collect_paths(&document, String::new(), &mut paths);
    assert!(paths.len() > 20);
    let whole = parse(&document);
    for path in &paths {
        for wrong in [json!([1]), json!({ "a": 1 }), json!(true), json!(1.5), json!(-1), json!(null)] {
            let mut changed = document.clone();
            *changed.pointer_mut(path).unwrap() = wrong.clone();
            let read = Envelope::parse(changed.to_string().as_bytes()).unwrap();
            // Nothing else has changed: the account is still known unless it or what holds it was hit.
            if !["/payload", "/payload/account_id"].contains(&path.as_str()) {
                assert_eq!(read.account_id, whole.account_id, "{path} = {wrong}");
            }
            if path.starts_with("/payload/object/participant/") {
                let (read, whole) = (read.meeting().unwrap(), whole.meeting().unwrap());
                assert_eq!(read.meeting_number, whole.meeting_number, "{path} = {wrong}");
                assert_eq!(read.instance_uuid, whole.instance_uuid, "{path} = {wrong}");
                assert!(read.participant.is_some(), "{path} = {wrong}");
            }
            if path == "/payload/object/participant/user_name" && !wrong.is_null() {
                assert_eq!(read.oddities.to_string(), "payload.object.participant.user_name: not text");
                let person = read.meeting().unwrap().participant.as_ref().unwrap();
                assert_eq!(person.user_name, None);
                assert_eq!(person.user_id.as_deref(), Some("16784384"));
            }
        }
    }
}

fn collect_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    if let Value::Object(map) = value {
        for (name, inner) in map {
            collect_paths(inner, format!("{path}/{name}"), paths);
        }
    }
    if !path.is_empty() {
        paths.push(path);
    }
}

#[test]
fn numeric_ids_count_as_their_text() {
    let envelope = parse(&event(
        "meeting.participant_left",
        &json!({ "id": 86_720_014_455_i64, "participant": { "user_id": 16_784_384, "phone_number": 13_125_550_142_i64, "leave_reason": "left the meeting. Reason : Host ended the meeting." } }),
    ));
    let meeting = envelope.meeting().unwrap();
    let person = meeting.participant.as_ref().unwrap();
    assert_eq!(meeting.meeting_number, Some(86_720_014_455));
    assert_eq!(person.user_id.as_deref(), Some("16784384"));
    assert_eq!(person.phone_number.as_deref(), Some("13125550142"));
    assert_eq!(person.leave_reason, Some(LeaveReason::HostEnded));
    assert!(envelope.oddities.is_empty());
}

#[test]
fn a_meeting_number_is_positive() {
    for none in [json!(0), json!("0"), json!(-86_720_014_455_i64), json!("")] {
        let envelope = parse(&event("meeting.started", &json!({ "id": none })));
        assert_eq!(envelope.meeting().unwrap().meeting_number, None, "{none}");
    }
}

#[test]
fn whoever_is_signed_in_is_known_by_either_field() {
    let read = |participant: Value| {
        let envelope = parse(&event("meeting.participant_joined", &json!({ "participant": participant })));
        let person = envelope.meeting().unwrap().participant.clone().unwrap();
        person.signed_in_id().map(str::to_owned)
    };
    assert_eq!(read(json!({ "id": "Ab", "participant_user_id": "" })).as_deref(), Some("Ab"));
    assert_eq!(read(json!({ "id": "", "participant_user_id": "aB" })).as_deref(), Some("aB"));
    assert_eq!(read(json!({ "id": "", "participant_user_id": "" })), None);
}

#[test]
fn custom_keys_are_kept_as_they_came_and_only_if_there_are_any() {
    let read = |keys: Value| {
        let envelope =
            parse(&event("meeting.participant_joined", &json!({ "participant": { "custom_keys": keys } })));
        assert!(envelope.oddities.is_empty());
        envelope.meeting().unwrap().participant.clone().unwrap().custom_keys
    };
    let keys = json!([{ "key": "visit", "value": "7" }]);
    assert_eq!(read(keys.clone()), Some(keys));
    for none in [json!([]), json!({}), json!(""), json!(null)] {
        assert_eq!(read(none.clone()), None, "{none}");
    }
}

#[test]
fn a_user_event_names_the_user() {
    let envelope =
        parse(&event("user.deactivated", &json!({ "id": "pV8sJ2nXQ7m4dT0uHrBkEw", "email": "a@b.example" })));
    let expected = UserEvent { user_id: Some("pV8sJ2nXQ7m4dT0uHrBkEw".into()), operator_id: None };
    assert_eq!((envelope.kind, envelope.body), (EventKind::UserDeactivated, Body::User(expected)));
}

#[test]
fn what_is_no_json_object_is_told_apart_from_an_odd_event() {
    for broken in ["", "{", "{\"event\":\"meeting.started\"", "nonsense", "{'a':1}", "\u{feff}{}"] {
        assert_eq!(Envelope::parse(broken.as_bytes()), Err(EnvelopeError::NotJson), "{broken:?}");
    }
    assert_eq!(Envelope::parse(b"{\"event\":\"\xff\"}"), Err(EnvelopeError::NotJson));
    for other in ["[]", "1", "null", "\"meeting.started\""] {
        assert_eq!(Envelope::parse(other.as_bytes()), Err(EnvelopeError::NotAnObject), "{other:?}");
    }
    let nothing = Envelope::parse(b"{}").unwrap();
    assert_eq!((nothing.kind, nothing.body), (EventKind::Other(String::new()), Body::None));
}

#[test]
fn deeply_nested_json_is_refused_without_harm() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let inner = if open == "[" { "" } else { "1" };
        let deep = format!(
            "{{\"event\":\"meeting.started\",\"payload\":{}{inner}{}}}",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        assert_eq!(Envelope::parse(deep.as_bytes()), Err(EnvelopeError::NotJson));
        let unclosed = open.repeat(500_000);
        assert_eq!(Envelope::parse(unclosed.as_bytes()), Err(EnvelopeError::NotJson));
    }
}

#[test]
fn debug_shows_ids_but_not_who_it_is() {
    let mut document = joined();
    let person = &mut document["payload"]["object"]["participant"];
    person["email"] = json!("rosa@mail.example");
    person["phone_number"] = json!("13125550142");
    person["customer_key"] = json!("patient-77");
    person["user_name"] = json!(["Rosa Delgado"]);
    let shown = format!("{:?}", parse(&document));
    assert!(shown.contains("16784384"));
    for private in ["Rosa", "mail.example", "13125550142", "patient-77", "203.0.113.24"] {
        assert!(!shown.contains(private), "{private} in {shown}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "2026-11-23T14:02:02Z".prop_map(Value::from),
    ];
    let name = prop_oneof![
        ".{0,6}",
        "(event|event_ts|payload|object|participant|id|uuid|account_id|user_id|join_time|date_time|leave_reason|custom_keys)",
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Envelope::parse(&bytes);
    }

    #[test]
    fn any_json_object_is_an_envelope(payload in any_json(), event_ts in any_json(), name in any_json()) {
        let document = json!({ "event": name, "event_ts": event_ts, "payload": payload });
        prop_assert!(Envelope::parse(document.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn any_payload_is_bearable_for_every_kind(object in any_json(), person in any_json(), which in 0_usize..8) {
        let name = [
            "meeting.started", "meeting.ended", "meeting.updated", "meeting.participant_joined",
            "meeting.participant_admitted", "app_deauthorized", "user.updated", "meeting.participant_invented_later",
        ][which];
        let mut object = object;
        if let Value::Object(map) = &mut object {
            map.insert("participant".into(), person);
        }
        let envelope = parse(&event(name, &object));
        prop_assert_eq!(envelope.event_ts, Some(EMITTED_AT));
        prop_assert!(envelope.account_id.is_some());
    }
}
