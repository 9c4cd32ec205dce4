use std::time::Duration;

use serde_json::json;
use zoom::api::ParticipantStatus;
use zoomsim::Fault;

use super::*;
use crate::testing::{AMARA, World};

const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";

async fn room_of(world: &World) -> Room {
    let mut tx = world.store.read().await.unwrap();
    tx.room_of(world.amara.clinic_id, world.amara.staff_id).await.unwrap().unwrap()
}

impl World {
    /// A meeting with Rosa in it: she waits ten seconds and stays a minute.
    async fn held(&self, room: &Room) -> String {
        self.sim.start(room.meeting_number).unwrap();
        let rosa = self.sim.join_named(room.meeting_number, "Rosa Delgado").unwrap();
        self.sim.advance(Duration::from_secs(10)).await;
        self.sim.admit(rosa).unwrap();
        self.sim.advance(Duration::from_secs(62)).await;
        self.sim.end(room.meeting_number).unwrap();
        self.latest(room)
    }

    fn latest(&self, room: &Room) -> String {
        let truth = self.sim.truth();
        let meeting = truth.meetings.iter().find(|meeting| meeting.number == room.meeting_number).unwrap();
        meeting.instances.last().unwrap().uuid.clone()
    }

    async fn recorded(&self, room: &Room, uuid: &str) -> Result<Recorded, RecordError> {
        self.zoom.recorded(self.amara.clinic_id, room, uuid).await
    }

    fn participants_fault(&self, status: u16, body: serde_json::Value) {
        self.sim.fault(Fault {
            route: "GET /v2/past_meetings/*/participants".to_owned(),
            status: Some(status),
            body: Some(body),
            count: 1,
            ..Fault::default()
        });
    }
}

#[tokio::test]
async fn the_record_of_each_start_is_read_once_it_is_ready() {
    for slash_uuids in [false, true] {
        let world = World::new().await;
        world.sim.knobs(|knobs| knobs.slash_uuids = slash_uuids);
        world.connected().await;
        let room = room_of(&world).await;
        let clinic = room.clinic_id;
        assert!(world.zoom.instances(clinic, &room).await.unwrap().is_empty());
        world.sim.start(room.meeting_number).unwrap();
        assert!(world.zoom.is_running(clinic, &room).await.unwrap());
        let uuid = world.held(&room).await;
        assert!(!world.zoom.is_running(clinic, &room).await.unwrap());
        assert!(matches!(world.recorded(&room, &uuid).await, Err(RecordError::NotReady)));
        world.sim.advance(Duration::from_mins(5)).await;
        let instances = world.zoom.instances(clinic, &room).await.unwrap();
        assert_eq!(instances.iter().map(|instance| &instance.uuid).collect::<Vec<_>>(), [&uuid]);
        let recorded = world.recorded(&room, &uuid).await.unwrap();
        assert_eq!((recorded.participants.len(), recorded.raw.len(), recorded.unreadable), (3, 3, 0));
        let places: Vec<_> = recorded.participants.iter().map(|row| row.status).collect();
        assert_eq!(places.iter().filter(|place| **place == ParticipantStatus::InWaitingRoom).count(), 1);
        assert_eq!(recorded.raw[1]["name"], "Rosa Delgado");
        let meeting = recorded.meeting.unwrap();
        assert_eq!(meeting.uuid, uuid);
        assert!(meeting.end_time > meeting.start_time);
    }
}

#[tokio::test]
async fn a_record_of_many_pages_is_read_whole_even_if_a_page_lapses_in_between() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.sim.start(room.meeting_number).unwrap();
    for guest in 0..320 {
        let guest = world.sim.join_named(room.meeting_number, &format!("Guest {guest}")).unwrap();
        world.sim.admit(guest).unwrap();
    }
    world.sim.advance(Duration::from_mins(1)).await;
    world.sim.end(room.meeting_number).unwrap();
    let uuid = world.latest(&room);
    world.sim.advance(Duration::from_mins(5)).await;
    assert_eq!(world.recorded(&room, &uuid).await.unwrap().participants.len(), 641);

    // The first page leads to one that is not there any more.
    world.participants_fault(200, json!({ "participants": [], "next_page_token": "lapsed" }));
    assert_eq!(world.recorded(&room, &uuid).await.unwrap().participants.len(), 641);
    // Twice in a row it is given up, and nothing is made of what was read.
    world.participants_fault(200, json!({ "participants": [], "next_page_token": "lapsed" }));
    world.participants_fault(400, json!({ "code": 300, "message": "The next page token is invalid." }));
    world.participants_fault(200, json!({ "participants": [], "next_page_token": "lapsed" }));
    world.participants_fault(400, json!({ "code": 300, "message": "The next page token is invalid." }));
    assert!(matches!(world.recorded(&room, &uuid).await, Err(RecordError::Incomplete)));
}

#[tokio::test]
async fn a_page_that_leads_to_itself_is_no_record() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.sim.fault(Fault {
        route: "GET /v2/past_meetings/*/participants".to_owned(),
        status: Some(200),
        body: Some(json!({ "participants": [], "next_page_token": "again" })),
        ..Fault::default()
    });
    assert!(matches!(world.recorded(&room, "a==").await, Err(RecordError::Incomplete)));
}

#[tokio::test]
async fn an_answer_without_a_list_is_not_taken_for_nobody() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.participants_fault(200, json!({}));
    assert!(matches!(world.recorded(&room, "a==").await, Err(RecordError::Incomplete)));
}

#[tokio::test]
async fn a_free_plan_has_no_record_and_says_so() {
    let world = World::new().await;
    world.connect(&world.amara, NADIA).await.unwrap();
    let room = room_of(&world).await;
    let uuid = world.held(&room).await;
    world.sim.advance(Duration::from_mins(5)).await;
    assert!(matches!(world.recorded(&room, &uuid).await, Err(RecordError::NotOffered)));
    assert_eq!(world.zoom.instances(room.clinic_id, &room).await.unwrap().len(), 1);
}

#[tokio::test]
async fn after_a_limit_the_whole_account_is_left_alone_until_the_time_that_zoom_names() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.sim.fault(Fault {
        route: "GET /v2/past_meetings/*".to_owned(),
        status: Some(429),
        headers: [("retry-after".to_owned(), "90".to_owned())].into(),
        body: Some(json!({ "code": 429, "message": "limit" })),
        count: 1,
        ..Fault::default()
    });
    let until = world.ambient.now().plus(Duration::from_secs(90));
    let limited = world.zoom.instances(room.clinic_id, &room).await;
    assert!(matches!(limited, Err(RecordError::RateLimited { until: at }) if at == until), "{limited:?}");
    world.count("GET /v2/*");
    assert!(matches!(
        world.zoom.is_running(room.clinic_id, &room).await,
        Err(RecordError::RateLimited { .. })
    ));
    assert_eq!(world.counted().await, 0);
    world.clock.advance(Duration::from_secs(90));
    assert!(!world.zoom.is_running(room.clinic_id, &room).await.unwrap());
}

#[tokio::test]
async fn the_limit_of_the_day_ends_with_the_day() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.sim.knobs(|knobs| knobs.daily_limit = Some(0));
    let Err(RecordError::RateLimited { until }) = world.zoom.instances(room.clinic_id, &room).await else {
        panic!("no limit")
    };
    assert_eq!(until.as_seconds().rem_euclid(86_400), 0);
    assert!(until > world.ambient.now());
}

#[tokio::test]
async fn a_token_that_zoom_calls_dead_is_renewed_and_the_record_read() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    world.sim.fault(Fault {
        route: "GET /v2/past_meetings/*".to_owned(),
        status: Some(401),
        body: Some(json!({ "code": 124, "message": "Invalid access token." })),
        count: 1,
        ..Fault::default()
    });
    assert!(world.zoom.instances(room.clinic_id, &room).await.unwrap().is_empty());
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(2));
    let ended = world.zoom.instances(room.clinic_id, &room).await;
    assert!(matches!(ended, Err(RecordError::Access(AccessError::NeedsReconnect(_)))), "{ended:?}");
}

#[tokio::test]
async fn a_meeting_that_is_gone_is_told_apart_from_a_zoom_that_is_away() {
    let world = World::new().await;
    world.connected().await;
    let room = room_of(&world).await;
    let route = "GET /v2/*".to_owned();
    world.sim.fault(Fault { route, status: Some(503), count: 1, ..Fault::default() });
    let away = world.zoom.is_running(room.clinic_id, &room).await;
    assert!(matches!(away, Err(RecordError::Unavailable)), "{away:?}");
    world.sim.delete_meeting(room.meeting_number).unwrap();
    let gone = world.zoom.instances(room.clinic_id, &room).await;
    assert!(matches!(gone, Err(RecordError::Gone)), "{gone:?}");
}

#[tokio::test]
async fn without_the_optional_permission_the_rows_are_read_all_the_same() {
    let world =
        World::with(|config| config.scopes.retain(|scope| scope != "meeting:read:past_meeting")).await;
    world.connected().await;
    let room = room_of(&world).await;
    let uuid = world.held(&room).await;
    world.sim.advance(Duration::from_mins(5)).await;
    world.count("GET /v2/past_meetings/*");
    let recorded = world.recorded(&room, &uuid).await.unwrap();
    assert_eq!((recorded.participants.len(), recorded.meeting), (3, None));
    assert_eq!(world.counted().await, 1);
}
