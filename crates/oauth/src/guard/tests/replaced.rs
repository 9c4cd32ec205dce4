//! Rooms that were deleted, given away, forgotten, adopted.

use domain::{alert::AlertKind, room::guard::DriftEnd};

use super::*;
use crate::{
    How,
    testing::{AMARA, JONAS},
};

impl World {
    async fn adopted_as(&self, origin: Origin) {
        let room = self.kept_room().await;
        let mut tx = self.store.begin().await.unwrap();
        tx.set_origin(room.clinic_id, room.id, origin).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_deleted_room_is_taken_out_of_the_trash_and_every_link_stays() {
    let world = World::new().await;
    world.connected().await;
    let before = world.meeting(world.kept_room().await.meeting_number);
    world.sim.delete_meeting(before.number).unwrap();
    let looked = world.looked(LookFor::Changed).await;
    assert_eq!((looked.provisioned.how, looked.repaired), (How::Kept, vec![DriftKind::Deleted]));
    let after = world.meeting(before.number);
    assert_eq!((after.deleted, after.join_url), (false, before.join_url));
    let found = world.history().await.pop().unwrap();
    assert_eq!((found.kind, found.ended.unwrap().1), (DriftKind::Deleted, DriftEnd::Repaired));
    assert!(world.alerts().await.is_empty());
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn what_was_changed_about_a_deleted_room_is_put_right_with_it() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "waiting_room": false })).await;
    let number = world.kept_room().await.meeting_number;
    world.sim.delete_meeting(number).unwrap();
    let looked = world.looked(LookFor::Changed).await;
    assert_eq!(looked.repaired, [DriftKind::Deleted, DriftKind::WaitingRoomOff]);
    assert!(world.meeting(number).waiting_room);
}

#[tokio::test]
async fn a_room_that_is_gone_for_good_is_made_anew_behind_the_same_links_and_that_is_told() {
    let world = World::new().await;
    world.connected().await;
    let before = world.kept_room().await;
    world.tamper(json!({ "auto_recording": "cloud" })).await;
    world.failing("PATCH /v2/meetings/*", 400, json!({ "code": 300, "message": "No" }));
    world.looked(LookFor::Daily).await;
    world.sim.clear_faults();
    assert_eq!(world.alerts().await[0].kind, AlertKind::RoomUnguarded);

    world.delete_for_good(before.meeting_number);
    let looked = world.looked(LookFor::Changed).await;
    assert_eq!(looked.provisioned.how, How::Replaced);
    let after = world.kept_room().await;
    assert_eq!(after.id, before.id, "patients' links lead to the room, whatever its number");
    assert_ne!(after.meeting_number, before.meeting_number);
    let page = world.zoom.room_page(after.clinic_id, after.staff_id).await.unwrap();
    assert_eq!(page.guest_link.unwrap().expose(), world.meeting(after.meeting_number).join_url);
    let history = world.history().await;
    assert_eq!(history.len(), 2);
    assert!(history.iter().all(|drift| drift.ended.unwrap().1 == DriftEnd::Replaced), "{history:?}");
    let alerts = world.alerts().await;
    let [alert] = alerts.as_slice() else { panic!("{alerts:?}") };
    assert_eq!(alert.kind, AlertKind::RoomReplaced);
    assert_eq!(alert.key, format!("room_replaced/{}/{}", after.id, after.meeting_number));
    // A week after it was told it is no news any more.
    let mut tx = world.store.begin().await.unwrap();
    tx.note_told(after.clinic_id, alert.id, world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    world.clock.advance(Duration::from_hours(6 * 24));
    world.looked(LookFor::Daily).await;
    assert_eq!(world.alerts().await.len(), 1);
    world.clock.advance(Duration::from_hours(24));
    world.looked(LookFor::Daily).await;
    assert!(world.alerts().await.is_empty());
}

#[tokio::test]
async fn while_zoom_does_not_say_whether_a_room_can_be_recovered_no_other_is_made() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.delete_meeting(number).unwrap();
    for (status, body) in [(503, json!({})), (429, json!({})), (404, json!("<html>"))] {
        world.failing("PUT /v2/meetings/*", status, body);
        let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
        let refused = world.zoom.look_after(clinic, staff, LookFor::Changed).await;
        assert!(refused.unwrap_err().is_temporary(), "{status}");
        assert_eq!(world.kept_room().await.meeting_number, number);
        world.sim.clear_faults();
        world.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(world.looked(LookFor::Changed).await.repaired, [DriftKind::Deleted]);
}

#[tokio::test]
async fn a_room_that_was_given_to_a_colleague_is_replaced_once_nobody_is_in_it() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.give_meeting_to(number, JONAS).unwrap();
    world.sim.start_as(number, JONAS).unwrap();
    // The colleague's meeting may still be read.
    let body = json!({
        "id": number, "host_id": JONAS, "type": 3, "status": "started", "join_url": "https://zoom.example/j/1?pwd=a",
        "settings": { "waiting_room": true,
            "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" } },
    });
    world.failing("GET /v2/meetings/*", 200, body);
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!((looked.provisioned.how, kinds(&looked.lasting)), (How::Kept, vec![DriftKind::NotOwned]));
    assert_eq!(looked.lasting[0].hindrance.as_deref(), Some("in_use"));
    world.sim.clear_faults();
    world.sim.end(number).unwrap();
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!((looked.provisioned.how, looked.lasting.len()), (How::Replaced, 0));
    assert_eq!(world.meeting(looked.provisioned.room.meeting_number).host_id, AMARA);
    assert_eq!(world.history().await[0].ended.unwrap().1, DriftEnd::Replaced);
    assert_eq!(world.alerts().await[0].kind, AlertKind::RoomReplaced);
}

#[tokio::test]
async fn an_owner_whose_id_is_written_in_another_case_is_the_same_owner() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    let body = json!({
        "id": number, "host_id": AMARA.to_lowercase(), "type": 3, "status": "waiting",
        "join_url": "https://zoom.example/j/1?pwd=a",
        "settings": { "waiting_room": true,
            "waiting_room_options": { "mode": "custom", "who_goes_to_waiting_room": "everyone" } },
    });
    world.failing("GET /v2/meetings/*", 200, body);
    assert_eq!(world.looked(LookFor::Daily).await.provisioned.how, How::Kept);
}

#[tokio::test]
async fn whoever_comes_back_as_another_zoom_user_gets_a_room_of_that_user() {
    let world = World::new().await;
    world.connected().await;
    let before = world.kept_room().await;
    world.zoom.disconnect(before.clinic_id, before.staff_id).await.unwrap();
    world.connect(&world.amara, JONAS).await.unwrap();
    let after = world.kept_room().await;
    assert_eq!((after.id, after.zoom_user_id.as_str()), (before.id, JONAS));
    assert_eq!(world.alerts().await[0].kind, AlertKind::RoomReplaced);
    assert_eq!(kinds(&world.history().await), [DriftKind::NotOwned]);
}

#[tokio::test]
async fn a_room_that_nobody_uses_is_told_of_a_month_before_zoom_forgets_it() {
    let world = World::new().await;
    world.connected().await;
    let day = Duration::from_hours(24);
    world.clock.advance(day * 334);
    assert!(world.looked(LookFor::Daily).await.lasting.is_empty());
    world.clock.advance(day);
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!(kinds(&looked.lasting), [DriftKind::Unused]);
    assert!(looked.provisioned.deviations.is_empty(), "visits can be held there");
    assert_eq!(world.alerts().await[0].kind, AlertKind::RoomUnused);
    // It is started once.
    let room = world.kept_room().await;
    world.sim.start(room.meeting_number).unwrap();
    world.sim.end(room.meeting_number).unwrap();
    let mut tx = world.store.begin().await.unwrap();
    tx.note_start(room.clinic_id, room.id, world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.looked(LookFor::Daily).await.lasting.is_empty());
    assert!(world.alerts().await.is_empty());
    world.clock.advance(day * 335);
    assert_eq!(kinds(&world.looked(LookFor::Daily).await.lasting), [DriftKind::Unused]);
    let keys: Vec<_> = world.alerts().await.into_iter().map(|alert| alert.key).collect();
    assert_eq!(keys.len(), 1, "told anew for another year: {keys:?}");
}

#[tokio::test]
async fn a_room_that_took_anothers_place_is_new_although_the_one_before_was_old() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(Duration::from_hours(24 * 340));
    world.delete_for_good(world.kept_room().await.meeting_number);
    assert_eq!(world.looked(LookFor::Daily).await.provisioned.how, How::Replaced);
    assert!(world.looked(LookFor::Daily).await.lasting.is_empty());
}

#[tokio::test]
async fn an_adopted_meeting_is_put_right_but_never_renamed_and_never_made_another_kind() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.change_meeting(number, &json!({ "topic": "Mine", "agenda": "" })).unwrap();
    world.adopted_as(Origin::Adopted).await;
    world.tamper(json!({ "waiting_room": false })).await;
    let clinic = world.amara.clinic_id;
    world.zoom.set_room_kind(clinic, None, RoomKind::Registered).await.unwrap();
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!((looked.provisioned.how, looked.repaired), (How::Kept, vec![DriftKind::WaitingRoomOff]));
    assert_eq!(world.kept_room().await.meeting_number, number);
    assert_eq!(world.meeting(number).topic, "Mine");
    world.clock.advance(Duration::from_hours(2));
    assert_eq!(world.zoom.guard_due().await.unwrap().looked, 0, "nothing is left to be done");
}

#[tokio::test]
async fn an_adopted_meeting_that_is_gone_for_good_gives_way_to_a_room_of_ours() {
    let world = World::new().await;
    world.connected().await;
    let number = world.kept_room().await.meeting_number;
    world.sim.change_meeting(number, &json!({ "topic": "Mine", "agenda": "" })).unwrap();
    world.adopted_as(Origin::Adopted).await;
    world.sim.delete_meeting(number).unwrap();
    assert_eq!(world.looked(LookFor::Changed).await.repaired, [DriftKind::Deleted], "first it is recovered");
    world.delete_for_good(number);
    assert_eq!(world.looked(LookFor::Changed).await.provisioned.how, How::Replaced);
    assert_eq!(world.guarded().await.origin, Origin::Made);
    assert_eq!(world.alerts().await[0].kind, AlertKind::RoomReplaced);
}

#[tokio::test]
async fn of_a_personal_room_the_personal_number_is_no_drift_and_is_left_alone() {
    let world = World::new().await;
    world.connected().await;
    world.adopted_as(Origin::Personal).await;
    world.tamper(json!({ "use_pmi": true, "waiting_room": false })).await;
    let looked = world.looked(LookFor::Daily).await;
    assert_eq!((looked.repaired, looked.lasting.len()), (vec![DriftKind::WaitingRoomOff], 0));
    let token = world.kept().await.unwrap().0;
    let number = world.kept_room().await.meeting_number;
    let meeting = world.zoom.0.api.meeting(&token, number).await.unwrap();
    assert_eq!(meeting.settings.personal_number, Some(true));
}

#[tokio::test]
async fn an_adopted_meeting_whose_link_names_the_personal_number_keeps_that_link() {
    let world = World::new().await;
    world.connected().await;
    world.tamper(json!({ "use_pmi": true })).await;
    world.adopted_as(Origin::Adopted).await;
    let number = world.kept_room().await.meeting_number;
    let link = world.meeting(number).join_url;
    let looked = world.looked(LookFor::Asked).await;
    assert_eq!((kinds(&looked.lasting), world.repairs()), (vec![DriftKind::PersonalNumber], 0));
    assert_eq!(world.meeting(number).join_url, link);
}
