use domain::room::{
    Room,
    guard::{DriftKind, LookFor, Origin},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    How, Looked,
    testing::{AMARA, JONAS, World},
};

/// A meeting of Dr Osei's own, as people make them: without a waiting room.
fn own() -> Value {
    json!({ "topic": "Dr Osei's practice", "type": 3, "settings": {
        "waiting_room": false, "join_before_host": true, "auto_recording": "cloud", "approval_type": 2,
    }})
}

impl World {
    async fn with_own_meeting(fields: &Value) -> (Self, Room, i64) {
        let world = Self::new().await;
        world.connected().await;
        let room = world.rooms_row().await;
        let number = world.sim.create_meeting(AMARA, fields).unwrap();
        (world, room, number)
    }

    async fn rooms_row(&self) -> Room {
        let mut tx = self.store.read().await.unwrap();
        tx.room_of(self.amara.clinic_id, self.amara.staff_id).await.unwrap().unwrap()
    }

    async fn adopt(&self, adopted: Adopted) -> Result<Looked, AdoptError> {
        self.zoom.adopt(self.amara.clinic_id, self.amara.staff_id, adopted).await
    }

    async fn origin(&self) -> Origin {
        let room = self.rooms_row().await;
        self.store.read().await.unwrap().guarded(room.clinic_id, room.id).await.unwrap().origin
    }

    async fn look(&self) -> Looked {
        self.zoom.look_after(self.amara.clinic_id, self.amara.staff_id, LookFor::Daily).await.unwrap()
    }

    async fn links_lead_to(&self) -> String {
        let page = self.zoom.room_page(self.amara.clinic_id, self.amara.staff_id).await.unwrap();
        page.guest_link.unwrap().expose().to_owned()
    }

    fn truth_of(&self, number: i64) -> zoomsim::TruthMeeting {
        self.sim.truth().meetings.into_iter().find(|meeting| meeting.number == number).unwrap()
    }
}

#[tokio::test]
async fn an_adopted_meeting_is_the_same_room_with_its_settings_put_right_and_its_own_name() {
    let (world, room, number) = World::with_own_meeting(&own()).await;
    let looked = world.adopt(Adopted::Meeting(number)).await.unwrap();
    assert_eq!(looked.provisioned.how, How::Changed);
    assert!(looked.lasting.is_empty(), "{:?}", looked.lasting);
    let now = world.rooms_row().await;
    assert_eq!((now.id, now.meeting_number), (room.id, number), "links lead to a room's id");
    assert!(world.links_lead_to().await.contains(&number.to_string()));
    assert_eq!(world.origin().await, Origin::Adopted);
    let adopted = world.truth_of(number);
    assert!(adopted.waiting_room);
    assert_eq!(adopted.topic, "Dr Osei's practice");
    assert!(world.truth_of(room.meeting_number).topic.contains("Not used any more"));
    // The guard keeps to it.
    world.sim.change_meeting(number, &json!({ "settings": { "waiting_room": false } })).unwrap();
    assert_eq!(world.look().await.repaired, [DriftKind::WaitingRoomOff]);
    assert_eq!(world.rooms_row().await.meeting_number, number);
}

#[tokio::test]
async fn what_adopting_would_change_is_said_before_and_nothing_is_changed_by_asking() {
    let (world, room, number) = World::with_own_meeting(&own()).await;
    let (clinic, staff) = (room.clinic_id, room.staff_id);
    let list = world.zoom.adoptable(clinic, staff).await.unwrap();
    assert_eq!(
        list.meetings,
        [OwnMeeting { number, topic: "Dr Osei's practice".to_owned() }],
        "not our own room"
    );
    assert!(list.is_complete && list.personal.is_some() && list.origin == Origin::Made);
    let adoption = world.zoom.adoption(clinic, staff, Adopted::Meeting(number)).await.unwrap();
    for kind in [DriftKind::WaitingRoomOff, DriftKind::JoinBeforeHost, DriftKind::Recorded] {
        assert!(adoption.put_right.contains(&kind), "{kind:?}: {adoption:?}");
    }
    assert!(!world.truth_of(number).waiting_room);
    assert_eq!(world.rooms_row().await, room);
}

#[tokio::test]
async fn going_back_gives_the_room_from_before_and_leaves_the_meeting_as_it_is() {
    let (world, room, number) = World::with_own_meeting(&own()).await;
    world.adopt(Adopted::Meeting(number)).await.unwrap();
    let back = world.zoom.give_back_own_room(room.clinic_id, room.staff_id).await.unwrap();
    assert_eq!(back.provisioned.room.id, room.id);
    assert_eq!(world.rooms_row().await.meeting_number, room.meeting_number, "found, not made anew");
    assert_eq!(world.origin().await, Origin::Made);
    assert_eq!(world.truth_of(number).topic, "Dr Osei's practice");
    assert!(world.truth_of(room.meeting_number).topic.starts_with("Visits with"));
    let alerts = world.store.read().await.unwrap().alerts_lasting(room.clinic_id).await.unwrap();
    assert!(alerts.is_empty(), "nobody is told of what they asked for: {alerts:?}");
}

#[tokio::test]
async fn the_personal_meeting_can_be_adopted_and_is_not_held_against_the_room() {
    let (world, room, _) = World::with_own_meeting(&own()).await;
    let (clinic, staff) = (room.clinic_id, room.staff_id);
    let personal = world.zoom.adoptable(clinic, staff).await.unwrap().personal.unwrap();
    let adoption = world.zoom.adoption(clinic, staff, Adopted::Personal).await.unwrap();
    assert_eq!(adoption.number, personal);
    let kept_out = [DriftKind::PersonalNumber, DriftKind::NotPermanent];
    assert!(!adoption.put_right.iter().any(|kind| kept_out.contains(kind)), "{adoption:?}");
    let looked = world.adopt(Adopted::Personal).await.unwrap();
    assert!(looked.lasting.iter().all(|drift| !kept_out.contains(&drift.kind)), "{:?}", looked.lasting);
    assert_eq!(world.rooms_row().await.meeting_number, personal);
    assert_eq!(world.origin().await, Origin::Personal);
    world.look().await;
    assert_eq!(world.rooms_row().await.meeting_number, personal, "the guard leaves it there");
    let list = world.zoom.adoptable(clinic, staff).await.unwrap();
    assert_eq!(list.personal, None, "it is the room");
}

#[tokio::test]
async fn meetings_that_do_not_fit_are_refused_each_with_its_reason_and_the_room_stays() {
    let (world, room, number) = World::with_own_meeting(&own()).await;
    let jonass = world.sim.create_meeting(JONAS, &own()).unwrap();
    let once = world
        .sim
        .create_meeting(
            AMARA,
            &json!({ "topic": "Once", "type": 2, "duration": 30,
        "start_time": "2026-12-01T10:00:00Z" }),
        )
        .unwrap();
    let daily = world
        .sim
        .create_meeting(
            AMARA,
            &json!({ "topic": "Course", "type": 8, "start_time": "2026-12-01T10:00:00Z",
            "duration": 30, "recurrence": { "type": 1, "repeat_interval": 1, "end_times": 5 },
            "settings": { "approval_type": 0, "registration_type": 1 } }),
        )
        .unwrap();
    let refusal = async |number| world.adopt(Adopted::Meeting(number)).await.unwrap_err();
    assert!(matches!(refusal(jonass).await, AdoptError::NotYours));
    assert!(matches!(refusal(12_345_678_901).await, AdoptError::NotYours));
    assert!(matches!(refusal(once).await, AdoptError::NotLasting));
    assert!(matches!(refusal(daily).await, AdoptError::Registration));
    world.sim.start(number).unwrap();
    assert!(matches!(refusal(number).await, AdoptError::Runs));
    world.sim.end(number).unwrap();
    world.sim.start(room.meeting_number).unwrap();
    assert!(matches!(refusal(number).await, AdoptError::InUse));
    assert_eq!(world.rooms_row().await, room);
    assert_eq!(world.zoom.adoptable(room.clinic_id, room.staff_id).await.unwrap().unfit, 2);
}
