//! The client against the simulated Zoom, which was written from Zoom's documentation and not from the client.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vault::SecretText;
use zoom::RetryAfter;
use zoom::api::{
    Api, ApiBase, ApiError, Deviation, MeetingKind, MeetingPatch, NewMeeting, NewRegistrant,
    ParticipantStatus, Plan, Series,
};
use zoom::oauth::{GrantReason, OAuth, Pkce, TokenError, Tokens, missing_scopes};
use zoom::webhook::{
    Body, ChallengeAnswer, Envelope, EventKind, LeaveReason, Secrets, TimeSource, plain_token, verify,
};
use zoomsim::{Config, DeauthorizedShape, Knobs, ManualClock, Names, Sim, SimHandle};

/// 2026-11-23T14:00:00Z.
const MORNING: i64 = 1_795_442_400_000_000;
const AMARA: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
const JONAS: &str = "m0Lk2Qw9TUe5VzRx8sYbAg";
/// On the free plan.
const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";
const CALLBACK: &str = "https://clinic.example/zoom/callback";

struct Zoom {
    /// Stops when dropped.
    _sim: Sim,
    sim: SimHandle,
    oauth: OAuth,
    api: Api,
    secrets: Secrets,
}

impl Zoom {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config::new(Arc::new(ManualClock::new(MORNING)), 7, &url);
        config.redirect_uris = vec![CALLBACK.to_owned()];
        change(&mut config);
        let http = zoom::http::client(zoom::http::Limits::default()).unwrap();
        let secret = SecretText::from(config.client_secret.as_str());
        let oauth =
            OAuth::new(http.clone(), &format!("{url}/oauth"), &config.client_id, secret, CALLBACK).unwrap();
        let api = Api::new(http, ApiBase::parse(&format!("{url}/v2")).unwrap());
        let secrets = Secrets::parse(&config.webhook_secret).unwrap();
        let sim = Sim::start(listener, config);
        Self { sim: sim.handle(), _sim: sim, oauth, api, secrets }
    }

    /// Goes through consent; gives back the code and the verifier that it needs.
    fn consent(&self, user: &str) -> (String, SecretText) {
        let pkce = Pkce::from_random([9; 32]);
        let url = self.oauth.authorize_url("state-1", &pkce.challenge);
        let back = self.sim.consent(url.query().unwrap(), user, true).unwrap();
        let back = url::Url::parse(&back).unwrap();
        let parameter = |name: &str| {
            back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
        };
        assert_eq!(parameter("state"), "state-1");
        (parameter("code"), pkce.verifier)
    }

    async fn connect(&self, user: &str) -> Tokens {
        let (code, verifier) = self.consent(user);
        self.oauth.exchange(&code, &verifier).await.unwrap()
    }

    /// Takes what is due, checks every signature and reads it.
    fn events(&self) -> Vec<Envelope> {
        let now = self.sim.now() / 1_000_000;
        let read = |delivery: &zoomsim::SignedDelivery| {
            let header = |name: &str| {
                delivery.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
            };
            let (timestamp, signature) = (header("x-zm-request-timestamp"), header("x-zm-signature"));
            verify(&self.secrets, timestamp, signature, delivery.body.as_bytes(), now).unwrap();
            let envelope = Envelope::parse(delivery.body.as_bytes()).unwrap();
            assert!(envelope.oddities.is_empty(), "{}: {}", envelope.kind, envelope.oddities);
            envelope
        };
        self.sim.take_due().iter().map(read).filter(|event| event.kind != EventKind::UrlValidation).collect()
    }

    async fn advance(&self, seconds: u64) {
        assert!(self.sim.advance(Duration::from_secs(seconds)).await);
    }
}

#[tokio::test]
async fn a_staff_member_connects_and_gets_a_room() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    assert_eq!(missing_scopes(&tokens.scopes), Vec::<&zoom::oauth::ScopeNeed>::new());
    assert_eq!(tokens.expires_in, Duration::from_secs(3599));
    let api = tokens.api_url.as_deref().map_or(zoom.api.clone(), |url| zoom.api.regional(url).unwrap());
    let me = api.me(&tokens.access).await.unwrap();
    assert_eq!(
        (me.id.as_str(), me.account_id.as_str(), me.plan),
        (AMARA, "Kx3mQvTtR5aZ1LwYbN0cGg", Plan::Licensed)
    );
    let settings = api.user_settings(&tokens.access).await.unwrap();
    assert!(settings.waiting_room.is_some());
    assert_eq!(settings.auto_recording.as_deref(), Some("none"));
    let security = api.meeting_security(&tokens.access).await.unwrap();
    assert!(security.who_waits.is_some());
    assert_eq!(security.embeds_passcode, Some(true));

    let made = api
        .create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "anteroom:room_1"))
        .await
        .unwrap();
    assert_eq!(made.deviations(), []);
    assert_eq!(made.host_id.as_deref(), Some(AMARA));
    let read = api.meeting(&tokens.access, made.number).await.unwrap();
    assert_eq!((read.number, read.deviations()), (made.number, vec![]));
    assert!(read.join_url.is_some());
    assert_eq!((read.brings_passcode(), read.settings.follows_user), (Some(true), false));
    let listed = api.list_meetings(&tokens.access, None).await.unwrap();
    assert_eq!((listed.next, listed.unreadable), (None, 0));
    let marked: Vec<i64> = listed
        .items
        .iter()
        .filter(|meeting| {
            meeting.agenda.as_deref() == Some("anteroom:room_1") && meeting.kind == MeetingKind::NoFixedTime
        })
        .map(|meeting| meeting.number)
        .collect();
    assert_eq!(marked, [made.number]);
}

#[tokio::test]
async fn a_waiting_room_that_was_switched_off_is_noticed_and_repaired() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.events();
    let drift = json!({ "settings": { "waiting_room": false, "join_before_host": true } });
    zoom.sim.change_meeting(room.number, &drift).unwrap();
    let told: Vec<Option<i64>> = zoom
        .events()
        .iter()
        .filter(|event| event.kind == EventKind::MeetingUpdated)
        .map(|event| event.meeting().unwrap().meeting_number)
        .collect();
    assert_eq!(told, [Some(room.number)]);
    let drifted = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!(drifted.deviations(), [Deviation::WaitingRoomOff, Deviation::JoinBeforeHost]);
    let restore = MeetingPatch::restore_visit_room();
    zoom.api.update_meeting(&tokens.access, room.number, &restore).await.unwrap();
    zoom.api.update_meeting(&tokens.access, room.number, &MeetingPatch::rename("Other topic")).await.unwrap();
    let repaired = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((repaired.deviations(), repaired.topic.as_deref()), (vec![], Some("Other topic")));
}

#[tokio::test]
async fn a_deleted_room_comes_back_with_its_number_and_its_link() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let there = zoom.api.recover_meeting(&tokens.access, room.number).await;
    assert_eq!(there.unwrap_err(), ApiError::NotFound { code: 3001 }, "it is not in the trash");
    zoom.sim.delete_meeting(room.number).unwrap();
    zoom.events();
    zoom.api.recover_meeting(&tokens.access, room.number).await.unwrap();
    let kinds: Vec<EventKind> = zoom.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::MeetingRecovered]);
    let back = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((back.number, back.deviations()), (room.number, vec![]));
    assert_eq!(back.join_url, room.join_url);
    zoom.sim.delete_meeting(room.number).unwrap();
    zoom.advance(31 * 86_400).await;
    let renewed = zoom.oauth.refresh(&tokens.refresh).await.unwrap();
    let purged = zoom.api.recover_meeting(&renewed.access, room.number).await;
    assert_eq!(purged.unwrap_err(), ApiError::NotFound { code: 3001 }, "the trash is emptied after 30 days");
}

#[tokio::test]
async fn an_alternative_host_may_start_as_long_as_they_are_named() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    assert_eq!(room.alternative_hosts, Vec::<String>::new());
    zoom.sim.start_as(room.number, JONAS).unwrap_err();
    let cover = MeetingPatch::alternative_hosts(&["jonas.berg@clinic.example"]);
    zoom.api.update_meeting(&tokens.access, room.number, &cover).await.unwrap();
    let covered = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!(covered.alternative_hosts, ["jonas.berg@clinic.example"]);
    assert_eq!(covered.deviations(), [], "nothing else is changed");
    zoom.events();
    zoom.sim.start_as(room.number, JONAS).unwrap();
    let begun = zoom.events();
    let joined = begun.iter().find(|event| event.kind == EventKind::Joined).unwrap().meeting().unwrap();
    assert_eq!(joined.host_id.as_deref(), Some(AMARA), "the room stays its owner's");
    assert_eq!(joined.participant.as_ref().unwrap().signed_in_id(), Some(JONAS));
    zoom.sim.end(room.number).unwrap();
    let alone = MeetingPatch::alternative_hosts(&[]);
    zoom.api.update_meeting(&tokens.access, room.number, &alone).await.unwrap();
    assert_eq!(
        zoom.api.meeting(&tokens.access, room.number).await.unwrap().alternative_hosts,
        Vec::<String>::new()
    );
    zoom.sim.start_as(room.number, JONAS).unwrap_err();
}

#[tokio::test]
async fn a_visit_is_told_by_its_events_and_stands_in_zooms_record() {
    for slash_uuids in [false, true] {
        let zoom = Zoom::start().await;
        zoom.sim.knobs(|knobs: &mut Knobs| knobs.slash_uuids = slash_uuids);
        let tokens = zoom.connect(AMARA).await;
        let room =
            zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
        zoom.events();

        let rosa = zoom.sim.join_named(room.number, "Rosa Delgado").unwrap();
        let arrived = zoom.events();
        assert_eq!(
            arrived.iter().map(|event| &event.kind).collect::<Vec<_>>(),
            [&EventKind::JoinedWaitingRoom]
        );
        let meeting = arrived[0].meeting().unwrap();
        assert_eq!(meeting.meeting_number, Some(room.number));
        assert_eq!((meeting.occurred_at, meeting.time_source), (Some(MORNING), TimeSource::Object));
        let person = meeting.participant.as_ref().unwrap();
        assert_eq!((person.user_name.as_deref(), person.signed_in_id()), (Some("Rosa Delgado"), None));

        zoom.advance(60).await;
        zoom.sim.start(room.number).unwrap();
        let begun = zoom.events();
        assert!(begun.iter().any(|event| event.kind == EventKind::MeetingStarted));
        let host = begun.iter().find(|event| event.kind == EventKind::Joined).unwrap().meeting().unwrap();
        assert_eq!(host.participant.as_ref().unwrap().signed_in_id(), host.host_id.as_deref());

        zoom.sim.admit(rosa).unwrap();
        assert_eq!(zoom.events()[0].kind, EventKind::Admitted);
        zoom.advance(5).await;
        let joined = zoom.events();
        let joined = joined.iter().find(|event| event.kind == EventKind::Joined).unwrap().meeting().unwrap();
        assert_eq!(joined.participant.as_ref().unwrap().user_name.as_deref(), Some("Rosa Delgado"));

        zoom.api
            .update_waiting_room(&tokens.access, room.number, "Welcome", "Ten minutes late")
            .await
            .unwrap();
        zoom.advance(600).await;
        zoom.api.end_meeting(&tokens.access, room.number).await.unwrap();
        zoom.advance(60).await;
        let over = zoom.events();
        let ended =
            over.iter().find(|event| event.kind == EventKind::MeetingEnded).unwrap().meeting().unwrap();
        assert_eq!((ended.occurred_at, ended.time_source), (ended.end_time, TimeSource::Object));
        let left = over.iter().find(|event| event.kind == EventKind::Left).unwrap().meeting().unwrap();
        assert_eq!(left.participant.as_ref().unwrap().leave_reason, Some(LeaveReason::HostEnded));

        let uuid = ended.instance_uuid.clone().unwrap();
        assert_eq!(uuid.starts_with('/'), slash_uuids);
        let early = zoom.api.past_participants(&tokens.access, &uuid, None).await;
        assert_eq!(early.unwrap_err(), ApiError::NotFound { code: 3001 });
        zoom.advance(600).await;
        let instances = zoom.api.past_instances(&tokens.access, room.number).await.unwrap();
        assert_eq!(instances.items.iter().map(|instance| &instance.uuid).collect::<Vec<_>>(), [&uuid]);
        let record = zoom.api.past_participants(&tokens.access, &uuid, None).await.unwrap();
        assert_eq!((record.unreadable, record.next), (0, None));
        let rosas: Vec<_> = record
            .items
            .iter()
            .filter(|(stay, _)| stay.name.as_deref() == Some("Rosa Delgado"))
            .map(|(stay, _)| (stay.status, stay.join_time))
            .collect();
        assert!(rosas.contains(&(ParticipantStatus::InWaitingRoom, Some(MORNING))), "{rosas:?}");
        assert!(rosas.contains(&(ParticipantStatus::InMeeting, joined.occurred_at)), "{rosas:?}");
    }
}

#[tokio::test]
async fn events_with_masked_names_and_numeric_ids_are_read_as_well() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    for (names, numeric, is_named) in
        [(Names::Absent, true, false), (Names::Empty, false, false), (Names::Masked, true, true)]
    {
        zoom.events();
        zoom.sim.knobs(|knobs| {
            knobs.names = names;
            knobs.numeric_meeting_ids = numeric;
        });
        let rosa = zoom.sim.join_named(room.number, "Rosa Delgado").unwrap();
        let events = zoom.events();
        let meeting = events[0].meeting().unwrap();
        assert_eq!(meeting.meeting_number, Some(room.number));
        let name = meeting.participant.as_ref().unwrap().user_name.as_deref();
        assert_eq!(name.is_some(), is_named, "{names:?}: {name:?}");
        assert!(name.is_none_or(|name| !name.contains("Delgado")), "{name:?}");
        zoom.sim.leave(rosa).unwrap();
    }
}

#[tokio::test]
async fn a_renewal_kills_the_token_before_it() {
    let zoom = Zoom::start().await;
    let first = zoom.connect(AMARA).await;
    let second = zoom.oauth.refresh(&first.refresh).await.unwrap();
    assert_ne!(first.refresh, second.refresh);
    let again = zoom.oauth.refresh(&first.refresh).await.unwrap_err();
    assert_eq!(again, TokenError::InvalidGrant { reason: GrantReason::InvalidToken });
    assert!(zoom.api.me(&second.access).await.is_ok());
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let zoom = Zoom::start().await;
    let (code, verifier) = zoom.consent(AMARA);
    let stranger = zoom.oauth.exchange(&code, &Pkce::from_random([1; 32]).verifier).await.unwrap_err();
    assert!(stranger.is_final(), "{stranger:?}");
    assert!(zoom.oauth.exchange(&code, &verifier).await.is_ok());
    assert!(zoom.oauth.exchange(&code, &verifier).await.unwrap_err().is_final());
    let (late, verifier) = zoom.consent(AMARA);
    zoom.advance(301).await;
    assert!(zoom.oauth.exchange(&late, &verifier).await.unwrap_err().is_final());
}

#[tokio::test]
async fn a_wrong_client_secret_is_not_taken_for_a_dead_connection() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let http = zoom::http::client(zoom::http::Limits::default()).unwrap();
    let url = zoom.oauth.authorize_url("s", "c");
    let base = format!("http://{}/oauth", url.authority());
    let wrong = OAuth::new(http, &base, zoom.oauth.client_id(), "not the secret".into(), CALLBACK).unwrap();
    assert_eq!(wrong.refresh(&tokens.refresh).await.unwrap_err(), TokenError::InvalidClient);
    assert!(zoom.oauth.refresh(&tokens.refresh).await.is_ok());
}

#[tokio::test]
async fn every_way_to_lose_a_connection_is_final() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    zoom.sim.disable_by_admin(AMARA).unwrap();
    let disabled = TokenError::InvalidGrant { reason: GrantReason::DisabledByAdmin };
    assert_eq!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err(), disabled);
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);

    let older = zoom.connect(JONAS).await;
    let newer = zoom.connect(JONAS).await;
    assert!(zoom.oauth.refresh(&older.refresh).await.unwrap_err().is_final());
    zoom.oauth.revoke(&newer.access).await.unwrap();
    assert!(zoom.oauth.refresh(&newer.refresh).await.unwrap_err().is_final());

    let tokens = zoom.connect(JONAS).await;
    zoom.sim.change_password(JONAS).unwrap();
    assert!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err().is_final());
}

#[tokio::test]
async fn a_deauthorization_names_the_user_in_every_shape() {
    let zoom = Zoom::start().await;
    for shape in [DeauthorizedShape::Current, DeauthorizedShape::Legacy, DeauthorizedShape::TextEventTs] {
        zoom.sim.knobs(|knobs| knobs.deauthorized_shape = shape);
        let tokens = zoom.connect(AMARA).await;
        zoom.events();
        zoom.sim.deauthorize(AMARA).unwrap();
        let events = zoom.events();
        assert_eq!(events.len(), 1);
        let Body::Deauthorization(removed) = &events[0].body else { panic!("{:?}", events[0]) };
        assert_eq!(removed.user_id.as_deref(), Some(AMARA));
        assert_eq!(removed.client_id.as_deref(), Some(zoom.oauth.client_id()));
        assert_eq!(removed.at.map(|at| at / 1_000_000), Some(zoom.sim.now() / 1_000_000));
        assert_eq!(events[0].account_id.as_deref(), Some("Kx3mQvTtR5aZ1LwYbN0cGg"));
        assert!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err().is_final());
        assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);
    }
}

#[tokio::test]
async fn refusals_have_their_outcomes() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let unknown = zoom.api.meeting(&tokens.access, 10_000_000_001).await.unwrap_err();
    assert_eq!(unknown, ApiError::NotFound { code: 3001 });
    let not_running = zoom.api.end_meeting(&tokens.access, room.number).await.unwrap_err();
    assert_eq!(not_running, ApiError::NotAllowed { code: 3063 });
    zoom.sim.delete_meeting(room.number).unwrap();
    let deleted = zoom.api.meeting(&tokens.access, room.number).await.unwrap_err();
    assert_eq!(deleted, ApiError::NotFound { code: 3001 });
    zoom.advance(3600).await;
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);
    let renewed = zoom.oauth.refresh(&tokens.refresh).await.unwrap();
    let again =
        zoom.api.create_meeting(&renewed.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.api.delete_meeting(&renewed.access, again.number).await.unwrap();
    assert!(zoom.api.meeting(&renewed.access, again.number).await.is_err());
}

#[tokio::test]
async fn a_permission_that_was_not_granted_is_named() {
    let zoom = Zoom::start_with(|config| {
        config.scopes.retain(|scope| scope != "meeting:write:meeting");
    })
    .await;
    let tokens = zoom.connect(AMARA).await;
    let missing: Vec<&str> = missing_scopes(&tokens.scopes).iter().map(|need| need.name).collect();
    assert_eq!(missing, ["meeting:write:meeting"]);
    let error = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("V", "m")).await.unwrap_err();
    let ApiError::MissingScope(named) = error else { panic!("{error:?}") };
    assert!(named.contains("meeting:write:meeting"), "{named}");
}

#[tokio::test]
async fn the_free_plan_has_no_record_of_participants() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(NADIA).await;
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap().plan, Plan::Basic);
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.sim.start(room.number).unwrap();
    zoom.sim.end(room.number).unwrap();
    zoom.advance(3_000).await;
    let instances = zoom.api.past_instances(&tokens.access, room.number).await.unwrap();
    let uuid = &instances.items[0].uuid;
    let record = zoom.api.past_participants(&tokens.access, uuid, None).await.unwrap_err();
    assert_eq!(record, ApiError::NotAllowed { code: 200 });
}

#[tokio::test]
async fn the_daily_limit_says_until_when() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    zoom.sim.knobs(|knobs| knobs.daily_limit = Some(2));
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(zoom.api.me(&tokens.access).await.map(|me| me.id));
    }
    // 2026-11-24T00:00:00Z, ten hours after the morning of this test.
    let midnight = MORNING + 10 * 3_600 * 1_000_000;
    let limited = ApiError::RateLimited { retry: Some(RetryAfter::At(midnight)), daily: true };
    assert_eq!(outcomes.last(), Some(&Err(limited)), "{outcomes:?}");
}

#[tokio::test]
async fn the_endpoint_check_is_answered_as_zoom_expects() {
    let endpoint = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/zoom/webhook", endpoint.local_addr().unwrap());
    let zoom = Zoom::start_with(|config| config.webhook_url = Some(address)).await;
    let secrets = zoom.secrets.clone();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = endpoint.accept().await.unwrap();
        let mut request = String::new();
        while !request.contains("plainToken") || !request.ends_with('}') {
            let mut chunk = [0; 4096];
            let count = stream.read(&mut chunk).await.unwrap();
            request.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        }
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let token = plain_token(body.as_bytes()).unwrap();
        let answer = ChallengeAnswer::to(&token, &secrets, None).unwrap();
        let answer = serde_json::to_string(&answer).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
    });
    assert!(!zoom.sim.endpoint_is_validated());
    zoom.sim.revalidate();
    zoom.sim.tick().await;
    answering.await.unwrap();
    assert!(zoom.sim.endpoint_is_validated());
}

#[tokio::test]
async fn a_registrant_of_a_registered_room_gets_a_link_of_their_own() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let series = Series::from(MORNING);
    let new = NewMeeting::registered_room("Visits", "m", series);
    let room = zoom.api.create_meeting(&tokens.access, &new).await.unwrap();
    assert_eq!(room.deviations_of_registered(), []);
    assert_eq!(room.deviations(), [Deviation::NotPermanent]);
    assert!(room.registers());
    assert_eq!(room.series_ends_at, Some(series.last_begins_at()));
    let guest = NewRegistrant::new("7f3a@clinic.example", "Guest", "K7QF");
    let registered = zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap();
    assert_ne!(Some(&registered.join_url), room.join_url.as_ref());
    let again = zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap();
    assert_eq!(again, registered);

    let later = Series::from(MORNING + 30 * 86_400_000_000);
    zoom.api.update_meeting(&tokens.access, room.number, &MeetingPatch::go_on(later)).await.unwrap();
    let read = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((read.series_ends_at, read.registers()), (Some(later.last_begins_at()), true));
    assert_eq!(zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap(), registered);
}

#[tokio::test]
async fn an_invite_link_presets_its_name() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let names = ["Rosa Delgado", "Tom Berg"];
    let made =
        zoom.api.invite_links(&tokens.access, room.number, &names, Duration::from_hours(2)).await.unwrap();
    assert_eq!(made.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), names);
    let no_registration = NewRegistrant::new("7f3a@clinic.example", "Guest", "K7QF");
    let refused = zoom.api.create_registrant(&tokens.access, room.number, &no_registration).await;
    assert_eq!(refused.unwrap_err(), ApiError::NotFound { code: 300 });
}
