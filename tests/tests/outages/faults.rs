//! Comparing while Zoom misbehaves, over HTTP: whatever goes wrong on the way, in the end the record is there, once.

use std::{collections::BTreeMap, time::Duration};

use attendance::reconcile::Trouble;
use domain::attendance::stay::{Source, StayKind};
use serde_json::{Value, json};
use store::ports::recovery::Why;
use zoomsim::Fault;

use crate::{monday, world::World};

/// A visit of which nothing was heard: the endpoint was away for four hours.
async fn unheard() -> World {
    let mut world = World::open(monday(), 3).await;
    let number = world.clinicians[0].room.meeting_number;
    world.go_down().await;
    let pass = async |minutes: u64| {
        world.sim.advance(Duration::from_mins(minutes)).await;
    };
    pass(60).await;
    let rosa = world.sim.join_named(number, "Rosa Delgado").unwrap();
    pass(1).await;
    world.sim.start(number).unwrap();
    world.sim.admit(rosa).unwrap();
    pass(20).await;
    world.sim.leave(rosa).unwrap();
    world.sim.end(number).unwrap();
    pass(160).await;
    world.come_up().await;
    world
}

/// Dr Osei and Rosa, to the second, once each, and a rebuild that agrees.
async fn is_made_good(world: &World) {
    let presences = world.presences(0).await;
    assert_eq!(presences.len(), 2, "{presences:?}");
    let rosa = presences.iter().find(|one| one.shown_name.as_deref() == Some("Rosa Delgado")).unwrap();
    let said: Vec<_> = rosa.stays.iter().map(|stay| (stay.kind, stay.from_source)).collect();
    assert_eq!(said.first(), Some(&(StayKind::Waiting, Source::ZoomRecord)));
    assert_eq!(said.last(), Some(&(StayKind::InSession, Source::ZoomRecord)));
    assert_eq!(rosa.since, monday().plus(Duration::from_mins(81)));
    assert_eq!(world.attendance.rebuild(None, true).await.unwrap().differences, [""; 0]);
}

fn note(found: Option<&str>) -> Value {
    serde_json::from_str(found.unwrap()).unwrap()
}

const RECORD: &str = "GET /v2/past_meetings/*/participants";

#[tokio::test]
async fn whatever_zoom_answers_first_in_the_end_its_record_is_there_once() {
    let fault = |status: u16, body: Value, headers: &[(&str, &str)]| Fault {
        route: RECORD.to_owned(),
        status: Some(status),
        body: Some(body),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        count: 1,
        ..Fault::default()
    };
    let not_ready = json!({ "code": 3001, "message": "Meeting ID is invalid or not end." });
    let dead = json!({ "code": 124, "message": "Access token is expired." });
    let limit =
        json!({ "code": 429, "message": "You have reached the maximum daily rate limit for this API." });
    let faults: [(&str, Vec<Fault>); 6] = [
        ("not ready thrice", vec![fault(404, not_ready.clone(), &[]); 3]),
        ("the token is dead", vec![fault(401, dead, &[])]),
        ("a limit until later", vec![fault(429, limit, &[("retry-after", "2026-11-23T20:00:00Z")])]),
        ("the answer breaks off", vec![Fault { cut: true, ..fault(200, json!({}), &[]) }]),
        ("something else than a list", vec![fault(200, json!({ "participants": "none" }), &[])]),
        ("a fault at Zoom's side", vec![fault(503, json!({}), &[]); 2]),
    ];
    for (name, faults) in faults {
        let world = unheard().await;
        for fault in faults {
            world.sim.fault(fault);
        }
        world.settle().await;
        assert!(world.reconciliations().await.iter().all(|one| one.done_at.is_some()), "{name}");
        is_made_good(&world).await;
    }
}

#[tokio::test]
async fn a_limit_of_the_day_is_kept_to_until_zoom_lifts_it() {
    let world = unheard().await;
    world.sim.fault(Fault {
        route: RECORD.to_owned(),
        status: Some(429),
        body: Some(
            json!({ "code": 429, "message": "You have reached the maximum daily rate limit for this API." }),
        ),
        headers: BTreeMap::from([("retry-after".to_owned(), "2026-11-23T20:00:00Z".to_owned())]),
        count: 1,
        ..Fault::default()
    });
    world.pass_to(world.ambient.now().plus(Duration::from_mins(3))).await;
    let due = world.reconciliations().await;
    let due = due.iter().find(|one| one.room_id == world.clinicians[0].room.id && one.tries > 0).unwrap();
    assert_eq!(due.due_at, "2026-11-23T20:00:00Z".parse().unwrap());
    assert_eq!(note(due.found.as_deref())["code"], "rate_limited");
}

#[tokio::test]
async fn a_clinician_who_disconnected_is_told_of_and_nobody_is_made_absent() {
    let world = unheard().await;
    let (clinic, amara) = (world.clinic_id(), &world.clinicians[0]);
    world.zoom.disconnect(clinic, amara.id).await.unwrap();
    let range = monday()..world.ambient.now();
    let report = world.reconciler.reconcile(Some(clinic), range, Why::Asked, |_| {}).await.unwrap();
    let of_amara = report.rooms.iter().find(|room| room.host == amara.id).unwrap();
    assert_eq!((of_amara.trouble, of_amara.retry_at), (Some(Trouble::NotConnected), None));
    assert_eq!(report.not_compared().count(), 1);
    assert_eq!(world.presences(0).await, []);
}

#[tokio::test]
async fn a_meeting_of_one_person_has_no_rows_and_is_ended_nevertheless() {
    let mut world = World::open(monday(), 4).await;
    let number = world.clinicians[0].room.meeting_number;
    world.sim.start(number).unwrap();
    world.pass_to(monday().plus(Duration::from_mins(10))).await;
    assert_eq!(world.presences(0).await.len(), 1);
    world.go_down().await;
    world.sim.advance(Duration::from_mins(5)).await;
    world.sim.end(number).unwrap();
    world.sim.advance(Duration::from_mins(200)).await;
    world.come_up().await;
    world.settle().await;
    let [amara] = <[_; 1]>::try_from(world.presences(0).await).unwrap();
    assert_eq!(amara.stays.last().unwrap().to, Some(monday().plus(Duration::from_mins(15))));
    assert_eq!(amara.stays.last().unwrap().to_source, Some(Source::ZoomRecord));
}
