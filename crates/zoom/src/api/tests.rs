mod answers;

use std::time::Duration;

use super::*;
use crate::testing::{Peer, Reply, patient_client};

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
    RecoverMeeting,
    UpdateWaitingRoom,
    PastInstances,
    PastParticipants,
    PastMeeting,
    CreateRegistrant,
    InviteLinks,
}

impl Call {
    const ALL: [Self; 16] = [
        Self::Me,
        Self::UserSettings,
        Self::MeetingSecurity,
        Self::CreateMeeting,
        Self::Meeting,
        Self::UpdateMeeting,
        Self::DeleteMeeting,
        Self::ListMeetings,
        Self::EndMeeting,
        Self::RecoverMeeting,
        Self::UpdateWaitingRoom,
        Self::PastInstances,
        Self::PastParticipants,
        Self::PastMeeting,
        Self::CreateRegistrant,
        Self::InviteLinks,
    ];

    /// Whether its answer says nothing beyond its status.
    fn only_tells(self) -> bool {
        matches!(
            self,
            Self::UpdateMeeting
                | Self::DeleteMeeting
                | Self::EndMeeting
                | Self::RecoverMeeting
                | Self::UpdateWaitingRoom
        )
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
            Self::RecoverMeeting => api.recover_meeting(&token, 86_720_014_455).await,
            Self::UpdateWaitingRoom => {
                api.update_waiting_room(&token, 86_720_014_455, "Welcome", "Soon").await
            }
            Self::PastInstances => api.past_instances(&token, 86_720_014_455).await.map(drop),
            Self::PastParticipants => api.past_participants(&token, UUID, Some("next")).await.map(drop),
            Self::PastMeeting => api.past_meeting(&token, UUID).await.map(drop),
            Self::CreateRegistrant => {
                let guest = NewRegistrant::new("7f@clinic.example", "Guest", "K7QF");
                api.create_registrant(&token, 86_720_014_455, &guest).await.map(drop)
            }
            Self::InviteLinks => {
                let ttl = Duration::from_hours(2);
                api.invite_links(&token, 86_720_014_455, &["Rosa"], ttl).await.map(drop)
            }
        }
    }
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
            let expected_ok = object && (call.only_tells() || call == Call::UserSettings);
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
        (Call::RecoverMeeting, "PUT /v2/meetings/86720014455/status "),
        (Call::UpdateWaitingRoom, "PATCH /v2/live_meetings/86720014455/events "),
        (Call::PastInstances, "GET /v2/past_meetings/86720014455/instances "),
        (
            Call::PastParticipants,
            "GET /v2/past_meetings/%252Fk2Vb%252F%252FTQ0mHs8YcZ1LxEg%253D%253D/participants?page_size=300&next_page_token=next ",
        ),
        (Call::PastMeeting, "GET /v2/past_meetings/%252Fk2Vb%252F%252FTQ0mHs8YcZ1LxEg%253D%253D "),
        (Call::CreateRegistrant, "POST /v2/meetings/86720014455/registrants "),
        (Call::InviteLinks, "POST /v2/meetings/86720014455/invite_links "),
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
async fn a_visit_room_says_everything_explicitly_and_a_change_nothing_else() {
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
    let colleagues = ["jonas.berg@clinic.example", "nadia.rahman@clinic.example"];
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::alternative_hosts(&colleagues)).await;
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::alternative_hosts(&[])).await;
    let _ = api.end_meeting(&token(), 1).await;
    let _ = api.recover_meeting(&token(), 1).await;
    let bodies: Vec<Value> = peer
        .requests()
        .iter()
        .skip(1)
        .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
        .collect();
    let expected = [
        json!({ "settings": settings }),
        json!({ "topic": "Visits" }),
        json!({ "settings": { "alternative_hosts": "jonas.berg@clinic.example;nadia.rahman@clinic.example" } }),
        json!({ "settings": { "alternative_hosts": "" } }),
        json!({ "action": "end" }),
        json!({ "action": "recover" }),
    ];
    assert_eq!(bodies, expected);
    let patch = MeetingPatch::alternative_hosts(&colleagues);
    assert!(!format!("{patch:?}").contains("berg"), "{patch:?}");
}

#[tokio::test]
async fn a_registered_room_is_a_daily_series_with_registration_and_without_mail() {
    let (peer, api) = answering(204, "").await;
    // 2026-11-23T14:20:00Z.
    let series = Series::from(1_795_443_600_000_000);
    let _ = api.create_meeting(&token(), &NewMeeting::registered_room("Visits", "m", series)).await;
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::go_on(series)).await;
    let _ = api.update_meeting(&token(), 1, &MeetingPatch::restore_registered_room()).await;
    let bodies: Vec<Value> = peer
        .requests()
        .iter()
        .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
        .collect();
    let recurrence = json!({ "type": 1, "repeat_interval": 1, "end_times": 50 });
    let fields = json!({
        "start_time": "2026-11-23T15:00:00Z", "timezone": "UTC", "duration": 1440, "recurrence": recurrence,
    });
    let made = &bodies[0];
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(made["type"], 8);
    let settings = &made["settings"];
    for (name, value) in [
        ("approval_type", json!(0)),
        ("registration_type", json!(1)),
        ("registrants_email_notification", json!(false)),
        ("registrants_confirmation_email", json!(false)),
        ("waiting_room", json!(true)),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    assert_eq!(bodies[1], fields);
    assert_eq!(bodies[2], json!({ "settings": settings }));
    assert_eq!(series.last_begins_at(), 1_795_446_000_000_000 + 49 * 86_400_000_000);
}

#[test]
fn calls_can_be_awaited_in_any_task() {
    fn is_send<T: Send>(_: T) {}
    let api = api("https://api.zoom.us");
    for call in Call::ALL {
        is_send(call.make(&api));
    }
}
