//! Visits, as events and records tell of them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zoom::api::{ApiError, NewMeeting, ParticipantStatus};
use zoom::webhook::{ChallengeAnswer, EventKind, LeaveReason, TimeSource, plain_token};
use zoomsim::{Knobs, Names};

use crate::world::{AMARA, MORNING, Zoom};

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
