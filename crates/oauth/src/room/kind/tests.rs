use std::time::Duration;

use domain::attendance::presence::{Presence, Who};
use serde_json::json;
use zoomsim::{Fault, TruthMeeting};

use super::*;
use crate::{
    Provisioned,
    testing::{AMARA, World},
};

const NADIA: &str = "c7HdW4yPRn2eXkU9qLsMtQ";

impl World {
    /// Our meetings of both kinds that Zoom has.
    fn all_meetings(&self) -> Vec<TruthMeeting> {
        let meetings = self.sim.truth().meetings.into_iter();
        meetings.filter(|meeting| !meeting.deleted && matches!(meeting.kind, 3 | 8)).collect()
    }

    async fn want(&self, kind: RoomKind) -> Provisioned {
        let staff = Some(self.amara.staff_id);
        match self.zoom.set_room_kind(self.amara.clinic_id, staff, kind).await.unwrap() {
            Some(RoomOutcome::Ready(provisioned)) => provisioned,
            other => panic!("no room: {other:?}"),
        }
    }

    async fn checked(&self) -> Provisioned {
        self.zoom.provision_room(self.amara.clinic_id, self.amara.staff_id).await.unwrap()
    }

    async fn put_presence(&self, presence: &Presence) {
        let mut tx = self.store.begin().await.unwrap();
        tx.put_presence(presence.clinic_id, presence).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn room_page(&self) -> crate::RoomPage {
        self.zoom.room_page(self.amara.clinic_id, self.amara.staff_id).await.unwrap()
    }
}

#[tokio::test]
async fn a_registered_room_has_a_number_of_its_own_and_the_waiting_room_on() {
    let world = World::new().await;
    world.connected().await;
    let open = world.checked().await;
    assert_eq!((open.room.kind, open.kind_trouble), (RoomKind::Open, None));
    let registered = world.want(RoomKind::Registered).await;
    assert_eq!((registered.how, registered.kind_trouble), (How::Changed, None));
    assert_eq!((registered.room.id, registered.room.kind), (open.room.id, RoomKind::Registered));
    assert_ne!(registered.room.meeting_number, open.room.meeting_number);
    assert!(registered.deviations.is_empty());
    let meetings = world.all_meetings();
    let own = |number| meetings.iter().find(|meeting| meeting.number == number).unwrap();
    let made = own(registered.room.meeting_number);
    assert_eq!((made.kind, made.waiting_room), (8, true));
    assert!(own(open.room.meeting_number).topic.starts_with("Not used any more"));
    let page = world.room_page().await;
    assert_eq!(page.guest_link, None, "Zoom's own link would ask everybody for name and address");
    assert_eq!((page.wanted(), page.wish), (RoomKind::Registered, Some(RoomKind::Registered)));
    assert!(page.host_way.is_some());

    // And back: the old number, under its old name.
    let back = world.want(RoomKind::Open).await;
    assert_eq!((back.how, back.room.meeting_number), (How::Changed, open.room.meeting_number));
    assert!(world.all_meetings().iter().any(|meeting| {
        meeting.number == back.room.meeting_number && meeting.topic == "Visits with Amara Osei"
    }));
    let again = world.want(RoomKind::Registered).await;
    assert_eq!(again.room.meeting_number, registered.room.meeting_number);
    assert_eq!(world.all_meetings().len(), 2, "one of each kind, however often it changes");
}

#[tokio::test]
async fn a_staff_members_wish_comes_before_the_clinics() {
    let world = World::new().await;
    world.connected().await;
    let clinic = world.amara.clinic_id;
    assert!(world.zoom.set_room_kind(clinic, None, RoomKind::Registered).await.unwrap().is_none());
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    assert_eq!(world.room_page().await.room.unwrap().kind, RoomKind::Registered);
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0, "and is left alone then");
    assert_eq!(world.want(RoomKind::Open).await.room.kind, RoomKind::Open);
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0);
    let outcome = world.zoom.follow_clinics_kind(clinic, world.amara.staff_id).await.unwrap();
    let Some(RoomOutcome::Ready(provisioned)) = outcome else { panic!("no room") };
    assert_eq!(provisioned.room.kind, RoomKind::Registered);
    let nothing = world.zoom.set_room_kind(clinic, None, RoomKind::Other).await;
    assert!(matches!(nothing, Err(RoomError::NotAKind)));
}

#[tokio::test]
async fn a_change_for_the_whole_clinic_is_made_soon_and_not_only_with_the_hour() {
    let world = World::new().await;
    world.connected().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let (zoom, until) = (world.zoom.clone(), stop.clone());
    let running = tokio::spawn(async move { zoom.run(until).await });
    world.zoom.set_room_kind(world.amara.clinic_id, None, RoomKind::Registered).await.unwrap();
    while world.room_page().await.room.unwrap().kind != RoomKind::Registered {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn on_a_free_plan_the_room_stays_open_and_says_why_and_nothing_is_made_in_vain() {
    let world = World::new().await;
    world.connect(&world.amara, NADIA).await.unwrap();
    let before = world.checked().await.room;
    let stays = world.want(RoomKind::Registered).await;
    assert_eq!((stays.how, stays.kind_trouble), (How::Kept, Some(KindTrouble::Plan)));
    assert_eq!((stays.room.kind, stays.room.meeting_number), (RoomKind::Open, before.meeting_number));
    let page = world.room_page().await;
    assert_eq!(page.kind_trouble, Some(KindTrouble::Plan));
    assert!(page.guest_link.is_some());
    assert_eq!(world.all_meetings().len(), 1);
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0, "it is not tried every hour");
    world.clock.advance(Duration::from_hours(25));
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1, "but every day");

    // Wanted no longer, it is no trouble any more.
    world.clock.advance(Duration::from_hours(1));
    let mut tx = world.store.begin().await.unwrap();
    tx.set_staff_room_kind(world.amara.clinic_id, world.amara.staff_id, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    assert_eq!(world.room_page().await.kind_trouble, None);
}

#[tokio::test]
async fn without_the_permission_to_register_people_the_room_stays_open_and_says_why() {
    let world = World::with(|config| config.scopes.retain(|scope| scope != "meeting:write:registrant")).await;
    world.connected().await;
    let stays = world.want(RoomKind::Registered).await;
    assert_eq!((stays.room.kind, stays.kind_trouble), (RoomKind::Open, Some(KindTrouble::Scope)));
    assert_eq!(world.all_meetings().len(), 1);
}

#[tokio::test]
async fn what_zoom_answers_to_the_making_decides_what_is_said() {
    let cases = [
        (400, json!({ "code": 200, "message": "Only available for Paid user" }), KindTrouble::Plan),
        (400, json!({ "code": 300, "message": "Invalid" }), KindTrouble::Refused),
        (403, json!({ "code": 3000, "message": "No" }), KindTrouble::Refused),
        (429, json!({ "code": 429, "message": "daily rate limit" }), KindTrouble::Limit),
        (503, json!({}), KindTrouble::Unavailable),
    ];
    for (status, body, trouble) in cases {
        let world = World::new().await;
        world.connected().await;
        let before = world.checked().await.room.meeting_number;
        world.sim.fault(Fault {
            route: "POST /v2/users/me/meetings".to_owned(),
            status: Some(status),
            body: Some(body),
            ..Fault::default()
        });
        let stays = world.want(RoomKind::Registered).await;
        assert_eq!(stays.kind_trouble, Some(trouble), "{status}");
        assert_eq!((stays.room.kind, stays.room.meeting_number), (RoomKind::Open, before));
        world.sim.clear_faults();
        if trouble == KindTrouble::Unavailable {
            world.clock.advance(Duration::from_hours(1));
            assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1, "tried again within the hour");
            assert_eq!(world.room_page().await.room.unwrap().kind, RoomKind::Registered);
        }
    }
}

#[tokio::test]
async fn a_room_in_use_is_not_changed_until_it_is_over() {
    let world = World::new().await;
    world.connected().await;
    let open = world.checked().await.room;
    world.sim.start(open.meeting_number).unwrap();
    let stays = world.want(RoomKind::Registered).await;
    assert_eq!((stays.room.kind, stays.kind_trouble), (RoomKind::Open, Some(KindTrouble::Running)));
    world.sim.end(open.meeting_number).unwrap();
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    let page = world.room_page().await;
    assert_eq!((page.room.unwrap().kind, page.kind_trouble), (RoomKind::Registered, None));
}

#[tokio::test]
async fn a_room_in_which_somebody_waits_or_may_soon_is_not_changed_although_zoom_says_that_nothing_runs() {
    let world = World::new().await;
    world.connected().await;
    let open = world.checked().await.room;
    let waits = Presence {
        id: world.ambient.id(),
        clinic_id: open.clinic_id,
        room_id: open.id,
        who: Who::Visitor,
        staff_id: None,
        shown_name: None,
        first_at: world.ambient.now(),
        whereabouts: Whereabouts::Waiting,
        since: world.ambient.now(),
        stays: Vec::new(),
        matched: None,
        candidates: Vec::new(),
    };
    world.put_presence(&waits).await;
    let stays = world.want(RoomKind::Registered).await;
    assert_eq!((stays.room.kind, stays.kind_trouble), (RoomKind::Open, Some(KindTrouble::Running)));
    world.put_presence(&Presence { whereabouts: Whereabouts::Left, ..waits }).await;
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
    assert_eq!(world.room_page().await.room.unwrap().kind, RoomKind::Registered);
}

#[tokio::test]
async fn a_token_that_dies_in_the_middle_of_the_change_is_renewed_and_one_meeting_is_made() {
    let world = World::new().await;
    world.connected().await;
    for route in ["POST /v2/users/me/meetings", "GET /v2/users/me"] {
        world.sim.fault(Fault {
            route: route.to_owned(),
            status: Some(401),
            body: Some(json!({ "code": 124, "message": "Invalid access token." })),
            after: true,
            count: 1,
            ..Fault::default()
        });
    }
    let answer = world
        .zoom
        .set_room_kind(world.amara.clinic_id, Some(world.amara.staff_id), RoomKind::Registered)
        .await;
    // Two deaths in one attempt are one too many; the next look makes up for it.
    assert!(answer.is_ok());
    assert_eq!(world.checked().await.room.kind, RoomKind::Registered);
    assert_eq!(world.all_meetings().iter().filter(|meeting| meeting.kind == 8).count(), 1);
}

#[tokio::test]
async fn a_series_is_extended_before_its_end_under_the_same_number() {
    let world = World::new().await;
    world.connected().await;
    let registered = world.want(RoomKind::Registered).await.room;
    let first_end = series_end(&world).await;
    assert!(first_end > world.ambient.now().plus(Duration::from_hours(48 * 24)));
    for _ in 0..29 {
        world.clock.advance(Duration::from_hours(24));
        world.zoom.see_to_rooms().await.unwrap();
    }
    assert_eq!(series_end(&world).await, first_end, "not before it is needed");
    for _ in 0..60 {
        world.clock.advance(Duration::from_hours(24));
        world.zoom.see_to_rooms().await.unwrap();
    }
    assert!(series_end(&world).await > world.ambient.now().plus(Duration::from_hours(19 * 24)));
    let page = world.room_page().await;
    let room = page.room.unwrap();
    assert_eq!((room.meeting_number, page.kind_trouble), (registered.meeting_number, None));
    assert!(world.sim.start(room.meeting_number).is_ok());
}

#[tokio::test]
async fn a_series_that_zoom_does_not_extend_becomes_a_matter_for_a_person_in_time() {
    let world = World::new().await;
    world.connected().await;
    world.want(RoomKind::Registered).await;
    world.sim.fault(Fault {
        route: "PATCH /v2/meetings/*".to_owned(),
        status: Some(400),
        body: Some(json!({ "code": 300, "message": "Invalid recurrence" })),
        ..Fault::default()
    });
    world.clock.advance(Duration::from_hours(30 * 24));
    assert_eq!(world.checked().await.kind_trouble, None, "there is time");
    world.clock.advance(Duration::from_hours(12 * 24));
    let checked = world.checked().await;
    assert_eq!(checked.kind_trouble, Some(KindTrouble::Series));
    assert_eq!(checked.room.kind, RoomKind::Registered, "it still works");
    world.sim.clear_faults();
    assert_eq!(world.checked().await.kind_trouble, None);
}

#[tokio::test]
async fn a_registration_that_is_taken_away_makes_the_room_an_open_one_once_nobody_is_in_it() {
    let world = World::new().await;
    world.connected().await;
    let open = world.checked().await.room.meeting_number;
    let registered = world.want(RoomKind::Registered).await.room;
    // Switched off at Zoom, it is switched on again.
    world
        .sim
        .change_meeting(registered.meeting_number, &json!({ "settings": { "approval_type": 2 } }))
        .unwrap();
    let restored = world.checked().await;
    assert_eq!((restored.room.kind, restored.kind_trouble), (RoomKind::Registered, None));
    assert!(world.zoom.guest_way(registered.clinic_id, &registered).await.is_some());

    // Of another type it has none.
    world.sim.change_meeting(registered.meeting_number, &json!({ "type": 3 })).unwrap();
    world.sim.start(registered.meeting_number).unwrap();
    let running = world.checked().await;
    assert_eq!(running.room.meeting_number, registered.meeting_number);
    assert_eq!(running.kind_trouble, Some(KindTrouble::Registration));
    world.sim.end(registered.meeting_number).unwrap();
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1, "without waiting for tomorrow");
    let page = world.room_page().await;
    let room = page.room.unwrap();
    assert_eq!((room.kind, room.meeting_number), (RoomKind::Open, open));
    assert_eq!(page.kind_trouble, Some(KindTrouble::Registration));
}

#[tokio::test]
async fn zoom_being_away_never_makes_a_registered_room_an_open_one() {
    let world = World::new().await;
    world.connected().await;
    let registered = world.want(RoomKind::Registered).await.room;
    for (route, status) in [
        ("GET /v2/users/me", 503),
        ("GET /v2/users/me", 429),
        ("GET /v2/meetings/*", 503),
        ("GET /v2/users/me", 500),
    ] {
        let route = route.to_owned();
        world.sim.fault(Fault { route, status: Some(status), count: 1, ..Fault::default() });
        let _ = world.zoom.provision_room(registered.clinic_id, registered.staff_id).await;
        let room = world.room_page().await.room.unwrap();
        assert_eq!((room.kind, room.meeting_number), (RoomKind::Registered, registered.meeting_number));
    }
}

#[tokio::test]
async fn a_registered_room_that_was_deleted_is_made_anew() {
    let world = World::new().await;
    world.connected().await;
    let registered = world.want(RoomKind::Registered).await.room;
    world.delete_for_good(registered.meeting_number);
    let anew = world.checked().await;
    assert_eq!((anew.how, anew.room.kind), (How::Replaced, RoomKind::Registered));
    assert_ne!(anew.room.meeting_number, registered.meeting_number);
}

#[tokio::test]
async fn a_clinic_that_wants_registered_rooms_gets_one_with_the_first_connection() {
    let world = World::new().await;
    world.zoom.set_room_kind(world.amara.clinic_id, None, RoomKind::Registered).await.unwrap();
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    let RoomOutcome::Ready(provisioned) = connected.room else { panic!("no room") };
    assert_eq!((provisioned.how, provisioned.room.kind), (How::Made, RoomKind::Registered));
    assert_eq!(world.all_meetings().len(), 1);
}

async fn series_end(world: &World) -> domain::Timestamp {
    let mut tx = world.store.read().await.unwrap();
    let clinic = world.amara.clinic_id;
    let room = tx.room_of(clinic, world.amara.staff_id).await.unwrap().unwrap();
    tx.room_state(clinic, room.id).await.unwrap().series_ends_at.unwrap()
}
