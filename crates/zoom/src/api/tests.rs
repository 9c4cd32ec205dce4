use std::time::Duration;

use super::*;
use crate::retry::RetryAfter;
use crate::testing::{Peer, Reply, impatient_client, patient_client};

const UUID: &str = "/k2Vb//TQ0mHs8YcZ1LxEg==";

fn token() -> SecretText {
    "access-canary".into()
}

fn api(url: &str) -> Api {
    Api::new(patient_client(), ApiBase::parse(&format!("{url}/v2")).unwrap())
}

async fn answering(status: u16, body: &str) -> (Peer, Api) {
    let peer = Peer::start(Reply::json(status, body)).await;
    let api = api(&peer.url);
    (peer, api)
}

/// Every call there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Me,
    UserSettings,
    MeetingSecurity,
    CreateMeeting,
    Meeting,
    UpdateMeeting,
    DeleteMeeting,
    ListMeetings,
    EndMeeting,
    UpdateWaitingRoom,
    PastInstances,
    PastParticipants,
}

impl Call {
    const ALL: [Self; 12] = [
        Self::Me,
        Self::UserSettings,
        Self::MeetingSecurity,
        Self::CreateMeeting,
        Self::Meeting,
        Self::UpdateMeeting,
        Self::DeleteMeeting,
        Self::ListMeetings,
        Self::EndMeeting,
        Self::UpdateWaitingRoom,
        Self::PastInstances,
        Self::PastParticipants,
    ];

    /// Whether its answer says nothing beyond its status.
    fn only_tells(self) -> bool {
        matches!(self, Self::UpdateMeeting | Self::DeleteMeeting | Self::EndMeeting | Self::UpdateWaitingRoom)
    }

    async fn make(self, api: &Api) -> Result<(), ApiError> {
        let token = token();
        match self {
            Self::Me => api.me(&token).await.map(drop),
            Self::UserSettings => api.user_settings(&token).await.map(drop),
            Self::MeetingSecurity => api.meeting_security(&token).await.map(drop),
            Self::CreateMeeting => {
                api.create_meeting(&token, &NewMeeting::visit_room("Visits", "marker")).await.map(drop)
            }
            Self::Meeting => api.meeting(&token, 86_720_014_455).await.map(drop),
            Self::UpdateMeeting => {
                api.update_meeting(&token, 86_720_014_455, &MeetingPatch::restore_visit_room()).await
            }
            Self::DeleteMeeting => api.delete_meeting(&token, 86_720_014_455).await,
            Self::ListMeetings => api.list_meetings(&token, None).await.map(drop),
            Self::EndMeeting => api.end_meeting(&token, 86_720_014_455).await,
            Self::UpdateWaitingRoom => {
                api.update_waiting_room(&token, 86_720_014_455, "Welcome", "Soon").await
            }
            Self::PastInstances => api.past_instances(&token, 86_720_014_455).await.map(drop),
            Self::PastParticipants => api.past_participants(&token, UUID, Some("next")).await.map(drop),
        }
    }
}

/// A way to misbehave and what every call has to make of it.
struct Fault {
    name: String,
    reply: Reply,
    expected: ApiError,
}

fn fault(status: u16, headers: &str, body: &str, expected: ApiError) -> Fault {
    let name = format!("{status} {headers:?} {body:.60}");
    Fault { name, reply: Reply::with_headers(status, headers, body), expected }
}

fn unavailable(retry: Option<RetryAfter>) -> ApiError {
    ApiError::Unavailable { retry, may_be_done: true }
}

const UNREADABLE_REFUSAL: ApiError = ApiError::Unreadable { what: "the refusal" };
const UNREADABLE_BODY: ApiError = ApiError::Unreadable { what: "the body" };

/// Refusals in Zoom's own words.
fn refusals() -> Vec<Fault> {
    let scope = |names: &str| ApiError::MissingScope(names.to_owned());
    let invalid = |code, fields: &[&str]| ApiError::Invalid {
        code,
        fields: fields.iter().map(|name| FieldFault((*name).to_owned())).collect(),
    };
    let not_found = |code| ApiError::NotFound { code };
    let not_allowed = |code| ApiError::NotAllowed { code };
    let cases = [
        (401, r#"{"code":124,"message":"Invalid access token."}"#, ApiError::AccessTokenDead),
        (401, r#"{"code":124,"message":"Access token is expired."}"#, ApiError::AccessTokenDead),
        (401, "", ApiError::AccessTokenDead),
        (
            400,
            r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[meeting:write:meeting, meeting:write:meeting:admin]."}"#,
            scope("meeting:write:meeting, meeting:write:meeting:admin"),
        ),
        (
            401,
            r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:user]."}"#,
            scope("user:read:user"),
        ),
        (400, r#"{"code":4700,"message":"Invalid access token, does not contain scopes"}"#, scope("")),
        (
            400,
            r#"{"code":4711,"message":"scopes:[rosa delgado, Rosa:Delgado@mail.example, user:read:user]"}"#,
            scope("user:read:user"),
        ),
        (400, r#"{"code":4711,"message":"Wrong user."}"#, invalid(Some(4711), &[])),
        (404, r#"{"code":1001,"message":"User does not exist: rosa@mail.example."}"#, not_found(1001)),
        (404, r#"{"code":3001,"message":"Meeting does not exist: 86720014455."}"#, not_found(3001)),
        (400, r#"{"code":3001,"message":"Meeting ID is invalid or not end."}"#, not_found(3001)),
        (404, r#"{"code":"3001","message":"code as text"}"#, not_found(3001)),
        (404, r#"{"code":9999,"message":"new"}"#, not_found(9999)),
        (400, r#"{"code":200,"message":"Only available for paid users."}"#, not_allowed(200)),
        (400, r#"{"code":3003,"message":"You are not the meeting host."}"#, not_allowed(3003)),
        (400, r#"{"code":3018,"message":"Not allowed to delete PMI."}"#, not_allowed(3018)),
        (400, r#"{"code":3002,"message":"Cannot delete, in progress."}"#, not_allowed(3002)),
        (400, r#"{"code":3063,"message":"Cannot end."}"#, not_allowed(3063)),
        (400, r#"{"code":1010,"message":"User does not belong to this account."}"#, not_allowed(1010)),
        (403, r#"{"code":8888,"message":"new"}"#, not_allowed(8888)),
        (
            400,
            r#"{"code":300,"message":"Request Body should be a valid JSON object."}"#,
            invalid(Some(300), &[]),
        ),
        (
            400,
            r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"settings.waiting_room","message":"Invalid field."},{"field":"rosa delgado@mail.example"},7,{"field":[]}]}"#,
            invalid(Some(300), &["settings.waiting_room"]),
        ),
        (409, r#"{"code":409,"message":"conflict"}"#, invalid(Some(409), &[])),
        (422, r#"{"code":422}"#, invalid(Some(422), &[])),
        (418, r#"{"code":-3}"#, invalid(Some(-3), &[])),
    ];
    cases.into_iter().map(|(status, body, expected)| fault(status, "", body, expected)).collect()
}

/// Zoom's limits, in all forms.
fn limits() -> Vec<Fault> {
    let limited = |retry, daily| ApiError::RateLimited { retry, daily };
    let second = r#"{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}"#;
    let midnight = Some(RetryAfter::At(1_737_331_200_000_000));
    vec![
        fault(429, "x-ratelimit-type: QPS\r\n", second, limited(None, false)),
        fault(429, "", second, limited(None, false)),
        fault(
            429,
            "retry-after: 3\r\n",
            second,
            limited(Some(RetryAfter::In(Duration::from_secs(3))), false),
        ),
        fault(
            429,
            "retry-after: 2025-01-20T00:00:00Z\r\nx-ratelimit-type: Daily-limit\r\n",
            second,
            limited(midnight, true),
        ),
        fault(429, "retry-after: Mon, 20 Jan 2025 00:00:00 GMT\r\n", second, limited(midnight, false)),
        fault(429, "retry-after: soon\r\n", second, limited(None, false)),
        fault(429, "", r#"{"code":429,"message":"You have reached the DAILY limit."}"#, limited(None, true)),
        fault(429, "", r#"{"code":429,"message":"Too many concurrent requests."}"#, limited(None, false)),
        fault(429, "", "<html>slow down</html>", limited(None, false)),
        fault(429, "", "", limited(None, false)),
        fault(503, "retry-after: 30\r\n", "", unavailable(Some(RetryAfter::In(Duration::from_secs(30))))),
    ]
}

/// Answers of something that is not Zoom, or of a Zoom in trouble.
fn strangers() -> Vec<Fault> {
    let page = "<html>Corporate proxy</html>";
    let mut faults = vec![
        fault(301, "location: https://evil.example/\r\n", "", UNREADABLE_REFUSAL),
        fault(302, "location: http://127.0.0.1:1/\r\n", page, UNREADABLE_REFUSAL),
        fault(304, "", "", UNREADABLE_REFUSAL),
        fault(307, "location: https://evil.example/\r\n", r#"{"code":3001}"#, UNREADABLE_REFUSAL),
        fault(308, "location: https://evil.example/\r\n", "", UNREADABLE_REFUSAL),
        fault(400, "", "", UNREADABLE_REFUSAL),
        fault(400, "", "{}", UNREADABLE_REFUSAL),
        fault(400, "", r#"{"code":{}}"#, UNREADABLE_REFUSAL),
        fault(400, "", "[]", UNREADABLE_REFUSAL),
        fault(403, "", page, UNREADABLE_REFUSAL),
        fault(404, "", page, UNREADABLE_REFUSAL),
        fault(404, "", "", UNREADABLE_REFUSAL),
        fault(404, "", r#"{"message":"no route"}"#, UNREADABLE_REFUSAL),
        fault(407, "", page, UNREADABLE_REFUSAL),
        fault(401, "", page, ApiError::AccessTokenDead),
        fault(200, "", page, UNREADABLE_BODY),
        fault(200, "", "{", UNREADABLE_BODY),
        fault(200, "", r#"{"id":86720014455,"uu"#, UNREADABLE_BODY),
        fault(200, "", "\u{0}", UNREADABLE_BODY),
        fault(201, "", page, UNREADABLE_BODY),
    ];
    for status in [408, 425, 500, 501, 502, 503, 504, 520, 599] {
        faults.push(fault(status, "", page, unavailable(None)));
        faults.push(fault(status, "", r#"{"code":3001}"#, unavailable(None)));
    }
    faults
}

/// Connections that fail half-way.
fn broken_connections() -> Vec<Fault> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    let cut = |name: &str, bytes: &str| Fault {
        name: format!("cut: {name}"),
        reply: Reply::Send(bytes.as_bytes().to_vec()),
        expected: unavailable(None),
    };
    vec![
        cut("at once", ""),
        cut("in the status", "HTTP/1.1 2"),
        cut("in the headers", "HTTP/1.1 200 OK\r\ncontent-"),
        cut("in the body", &format!("{head}{{\"id\":")),
        cut("in a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"id\""),
        cut("bad chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        cut("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
        cut("bad length", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}"),
        cut("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_has_a_defined_outcome_for_every_call() {
    let faults: Vec<Fault> =
        [refusals(), limits(), strangers(), broken_connections()].into_iter().flatten().collect();
    let mut cases = 0;
    for fault in &faults {
        let peer = Peer::start(fault.reply.clone()).await;
        let api = api(&peer.url);
        for (made, call) in Call::ALL.into_iter().enumerate() {
            let outcome = call.make(&api).await;
            assert_eq!(outcome, Err(fault.expected.clone()), "{call:?} with {}", fault.name);
            assert_eq!(peer.requests().len(), made + 1, "{call:?} is not repeated by itself: {}", fault.name);
            cases += 1;
        }
    }
    assert!(faults.len() >= 60 && cases >= 720, "{} faults, {cases} cases", faults.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_ends_with_the_time_limit() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{";
    for stalled in ["", "HTTP/1.1 200 OK\r\n", head] {
        let peer = Peer::start(Reply::Stall(stalled.as_bytes().to_vec())).await;
        let api = Api::new(impatient_client(), ApiBase::parse(&peer.url).unwrap());
        for call in [Call::Me, Call::CreateMeeting] {
            assert_eq!(call.make(&api).await, Err(unavailable(None)), "{call:?} with {stalled:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_known_not_to_be_done() {
    let not_sent = Err(ApiError::Unavailable { retry: None, may_be_done: false });
    // Nobody listens on port 1; `.invalid` does not resolve (RFC 6761); a plain peer speaks no TLS.
    let peer = Peer::start(Reply::Slam(b"plain text".to_vec())).await;
    let addresses = ["http://127.0.0.1:1", "https://zoom.invalid", &peer.url.replace("http://", "https://")];
    for address in addresses {
        assert_eq!(Call::CreateMeeting.make(&api(address)).await, not_sent, "{address}");
    }
}

#[tokio::test]
async fn an_answer_larger_than_any_real_one_is_not_swallowed() {
    let body = format!("\"{}\"", "x".repeat(5 << 20));
    let (_peer, api) = answering(200, &body).await;
    assert_eq!(api.me(&token()).await, Err(ApiError::Unreadable { what: "too large" }));
}

#[tokio::test]
async fn answers_of_the_right_form_but_the_wrong_type_are_unreadable() {
    for body in [
        "[]",
        "7",
        "null",
        "{}",
        r#"{"id":[],"account_id":true,"meetings":{},"participants":7,"meeting_security":[]}"#,
    ] {
        let (_peer, api) = answering(200, body).await;
        for call in Call::ALL {
            // Settings are all optional: unknown is a fair answer, which nobody may take for "on".
            let object = body.starts_with('{');
            let expected_ok = call.only_tells() || (call == Call::UserSettings && object);
            assert_eq!(call.make(&api).await.is_ok(), expected_ok, "{call:?} with {body}");
        }
    }
}

#[tokio::test]
async fn errors_never_show_what_zoom_said() {
    let message = "rosa@mail.example has no meeting 86720014455";
    for status in [400, 401, 403, 404, 429, 500] {
        let body = format!(
            r#"{{"code":300,"message":"{message}","errors":[{{"field":"x","message":"{message}"}}]}}"#
        );
        let (_peer, api) = answering(status, &body).await;
        let error = api.me(&token()).await.unwrap_err();
        let shown = format!("{error} {error:?} {api:?}");
        for private in ["rosa", "mail.example", "86720014455", "access-canary"] {
            assert!(!shown.contains(private), "{private} in {shown}");
        }
    }
}

#[tokio::test]
async fn requests_are_those_of_the_documentation() {
    let expected = [
        (Call::Me, "GET /v2/users/me "),
        (Call::UserSettings, "GET /v2/users/me/settings "),
        (Call::MeetingSecurity, "GET /v2/users/me/settings?option=meeting_security "),
        (Call::CreateMeeting, "POST /v2/users/me/meetings "),
        (Call::Meeting, "GET /v2/meetings/86720014455 "),
        (Call::UpdateMeeting, "PATCH /v2/meetings/86720014455 "),
        (Call::DeleteMeeting, "DELETE /v2/meetings/86720014455 "),
        (Call::ListMeetings, "GET /v2/users/me/meetings?type=scheduled&page_size=300 "),
        (Call::EndMeeting, "PUT /v2/meetings/86720014455/status "),
        (Call::UpdateWaitingRoom, "PATCH /v2/live_meetings/86720014455/events "),
        (Call::PastInstances, "GET /v2/past_meetings/86720014455/instances "),
        (
            Call::PastParticipants,
            "GET /v2/past_meetings/%252Fk2Vb%252F%252FTQ0mHs8YcZ1LxEg%253D%253D/participants?page_size=300&next_page_token=next ",
        ),
    ];
    for (call, start) in expected {
        let (peer, api) = answering(204, "").await;
        let _ = call.make(&api).await;
        let request = peer.requests().pop().unwrap();
        assert!(request.starts_with(start), "{call:?}: {request}");
        let authorization = request.lines().find(|line| line.to_lowercase().starts_with("authorization:"));
        assert!(authorization.is_some_and(|line| line.ends_with("Bearer access-canary")), "{request}");
    }
}

#[tokio::test]
async fn a_visit_room_says_everything_explicitly() {
    let (peer, api) = answering(204, "").await;
    let _ = api.create_meeting(&token(), &NewMeeting::visit_room(&"T".repeat(300), "anteroom:room_1")).await;
    let request = peer.requests().pop().unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let sent: Value = serde_json::from_str(body).unwrap();
    let settings = json!({
        "waiting_room": true,
        "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" },
        "join_before_host": false,
        "use_pmi": false,
        "auto_recording": "none",
        "auto_start_meeting_summary": false,
        "auto_start_ai_companion_questions": false,
        "continuous_meeting_chat": { "enable": false },
        "meeting_authentication": false,
        "email_notification": false,
    });
    let expected =
        json!({ "topic": "T".repeat(200), "type": 3, "agenda": "anteroom:room_1", "settings": settings });
    assert_eq!(sent, expected);
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::restore_visit_room()).await;
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::rename("Visits")).await;
    let bodies: Vec<Value> = peer
        .requests()
        .iter()
        .skip(1)
        .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
        .collect();
    assert_eq!(bodies, [json!({ "settings": settings }), json!({ "topic": "Visits" })]);
}

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
            r#"{{"meeting_security":{{"waiting_room":true,"waiting_room_settings":{{"participants_to_place_in_waiting_room":{value},"users_who_can_admit_participants_from_waiting_room":1}}}}}}"#
        );
        let (_peer, api) = answering(200, &body).await;
        let expected = MeetingSecurity { waiting_room: Some(true), who_waits, others_may_admit: Some(true) };
        assert_eq!(api.meeting_security(&token()).await, Ok(expected));
    }
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
    let [waiting, meeting, other] = &page.items[..] else { panic!("three entries") };
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
    assert!(!format!("{page:?}").contains("Rosa"));
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

#[test]
fn calls_can_be_awaited_in_any_task() {
    fn is_send<T: Send>(_: T) {}
    let api = api("https://api.zoom.us");
    for call in Call::ALL {
        is_send(call.make(&api));
    }
}
