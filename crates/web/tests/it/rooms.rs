//! What kind of room somebody wants.

use axum::http::StatusCode;
use domain::room::RoomKind;

use crate::{
    pages::{give_a_room, give_a_room_of, link, read},
    world::{World, post},
};

#[tokio::test]
async fn the_rooms_owner_reads_what_a_change_brings_and_chooses() {
    let world = World::new().await;
    give_a_room(&world).await;
    let host = world.session_of(&world.here.staff).await;
    let before = read(&world, &host, "/room").await;
    assert!(before.contains("<b>Open room.</b>") && before.contains("another number"), "{before}");
    let chosen = world.send(post("/room/kind").cookie(&host).form(&[("kind", "registered")])).await;
    assert_eq!((chosen.status, chosen.header("location")), (StatusCode::SEE_OTHER, "/room?done=kind"));
    let mut tx = world.store().read().await.unwrap();
    let (clinic, staff) = (world.here.clinic.id, world.here.staff.id);
    assert_eq!(tx.staff_room_kind(clinic, staff).await.unwrap(), Some(RoomKind::Registered));
    drop(tx);
    let after = read(&world, &host, "/room?done=kind").await;
    assert!(after.contains("Noted.") && after.contains(r#"value="registered" checked"#), "{after}");

    let back = world.send(post("/room/kind").cookie(&host).form(&[("kind", "clinic")])).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(world.store().read().await.unwrap().staff_room_kind(clinic, staff).await.unwrap(), None);
}

#[tokio::test]
async fn only_an_admin_chooses_for_the_clinic_and_nobody_for_a_colleague() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let host = world.session_of(&world.here.staff).await;
    let choose = async |cookie: &str, fields: &[(&str, &str)]| {
        world.send(post("/room/kind").cookie(cookie).form(fields)).await
    };
    let for_clinic = [("kind", "registered"), ("for", "clinic")];
    assert_eq!(choose(&host, &for_clinic).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        choose(&admin, &[("kind", "registered")]).await.status,
        StatusCode::FORBIDDEN,
        "no room of their own"
    );
    for wrong in [
        &[("kind", "other"), ("for", "clinic")][..],
        &[],
        &[("kind", "clinic"), ("for", "clinic")],
        &[("kind", "open"), ("for", "me")],
    ] {
        assert_eq!(choose(&admin, wrong).await.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    let done = choose(&admin, &for_clinic).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/feed?done=kind#kinds"));
    let mut tx = world.store().read().await.unwrap();
    assert_eq!(tx.clinic_room_kind(world.here.clinic.id).await.unwrap(), RoomKind::Registered);
    assert_eq!(tx.clinic_room_kind(world.there.clinic.id).await.unwrap(), RoomKind::Open, "another clinic's");
    drop(tx);
    let shown = read(&world, &admin, "/feed?done=kind").await;
    assert!(shown.contains(r#"value="registered" checked"#));
}

#[tokio::test]
async fn the_owner_of_a_registered_room_hands_out_the_clinics_guest_link() {
    let world = World::new().await;
    give_a_room_of(&world, RoomKind::Registered).await;
    let host = world.session_of(&world.here.staff).await;
    let shown = read(&world, &host, "/room").await;
    assert!(shown.contains("<b>Registered room.</b>"), "{shown}");
    assert!(!shown.contains("zoom.us/j/"), "Zoom's own link leads to a form of Zoom's");
    let page = world.send(crate::world::get(&link(&shown, 'g'))).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_clinician_says_where_texts_to_them_go_and_takes_it_back() {
    let world = World::new().await;
    let host = world.session_of(&world.here.staff).await;
    let say =
        async |phone: &str| world.send(post("/room/phone").cookie(&host).form(&[("phone", phone)])).await;
    let kept = async || {
        let mut tx = world.store().read().await.unwrap();
        let member = tx.staff_member(world.here.clinic.id, world.here.staff.id).await.unwrap().unwrap();
        member.phone.map(|phone| phone.to_string())
    };
    assert_eq!(say("+1 (555) 010-0200").await.status, StatusCode::SEE_OTHER);
    assert_eq!(kept().await.as_deref(), Some("+15550100200"));
    let none = say("call <b>me</b>\r\n").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("is not a telephone number") && !none.body.contains("<b>me"), "{}", none.body);
    assert_eq!(kept().await.as_deref(), Some("+15550100200"), "what was there stays");
    assert_eq!(say(" ").await.status, StatusCode::SEE_OTHER);
    assert_eq!(kept().await, None);
}
