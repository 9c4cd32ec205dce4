//! Ways into a room: where a press comes from, links of one's own, and the clinic's guest link.

use axum::http::StatusCode;
use domain::{
    AppointmentId, Timestamp,
    attendance::matching::Registration,
    room::{ConnectionState, Room, RoomKind},
};
use vault::Place as Sealing;

use crate::{
    pages::{JOIN, give_a_room, give_a_room_of, text_of},
    world::{World, get, post},
};

async fn guest_path(world: &World) -> String {
    let here = &world.here;
    let link = world.app.outreach.guest_link(here.clinic.id, here.staff.id).await.unwrap();
    link.expose().parse::<url::Url>().unwrap().path().to_owned()
}

/// The path of the booked attendee's own page.
async fn own_path(world: &World) -> (String, AppointmentId) {
    let made = world.book(&world.here, "a").await;
    let link: url::Url = made["attendees"][0]["join_link"].as_str().unwrap().parse().unwrap();
    (link.path().to_owned(), made["id"].as_str().unwrap().parse().unwrap())
}

/// The attendee has been registered for the room before, and got this link.
async fn registered(world: &World, room: &Room, appointment: AppointmentId, link: &str) {
    let clinic = world.here.clinic.id;
    let mut tx = world.store().begin().await.unwrap();
    let attendee = tx.appointment(clinic, appointment).await.unwrap().unwrap().attendees[0].id;
    let registration = Registration {
        id: world.app.ambient.id(),
        clinic_id: clinic,
        room_id: room.id,
        meeting_number: room.meeting_number,
        registrant_id: "Rk3mQvTtR5aZ1LwYbN0cGg".to_owned(),
        whose: Some((appointment, attendee)),
        at: world.app.ambient.now(),
    };
    let (of, row) = (clinic.to_string(), registration.id.to_string());
    let place = Sealing { clinic: &of, table: "registrations", column: "join_url", row: &row };
    let sealed =
        world.app.keyring.seal(place, world.app.ambient.bytes(), link.as_bytes()).unwrap().into_bytes();
    tx.insert_registration(&registration, &sealed).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_press_keeps_where_it_came_from_as_far_as_that_can_be_believed() {
    for (hops, forwarded, believed) in
        [(0, "203.0.113.66", "198.51.100.7"), (1, "192.0.2.1, 203.0.113.66", "203.0.113.66")]
    {
        let world = World::with("http://127.0.0.1:8080", |settings| settings.proxy_hops = hops).await;
        let room = give_a_room(&world).await;
        let (path, _) = own_path(&world).await;
        let ask = post(&format!("{path}/join")).from([198, 51, 100, 7]).header("x-forwarded-for", forwarded);
        assert_eq!(world.send(ask).await.status, StatusCode::SEE_OTHER);
        let ever = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
        let mut tx = world.store().read().await.unwrap();
        let presses = tx.presses_in_room(room.clinic_id, room.id, ever).await.unwrap();
        assert_eq!(presses[0].client_address, Some(believed.parse().unwrap()), "{hops}");
    }
}

#[tokio::test]
async fn in_a_registered_room_a_press_leads_by_the_attendees_own_link() {
    let world = World::new().await;
    let room = give_a_room_of(&world, RoomKind::Registered).await;
    let (path, appointment) = own_path(&world).await;
    let own = "https://us02web.zoom.us/w/93612345678?tk=own&pwd=secret";
    registered(&world, &room, appointment, own).await;
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, own));
    let again = world.send(post(&format!("{path}/join"))).await;
    assert_eq!(again.header("location"), own, "every press leads by the same link");
}

#[tokio::test]
async fn a_link_to_a_host_that_is_not_allowed_is_not_followed_and_the_patient_goes_on_all_the_same() {
    let world = World::new().await;
    let room = give_a_room_of(&world, RoomKind::Registered).await;
    let (path, appointment) = own_path(&world).await;
    registered(&world, &room, appointment, "https://zoom.us.evil.example/w/1?tk=own").await;
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, JOIN));
}

#[tokio::test]
async fn where_zoom_does_not_answer_a_press_leads_by_the_rooms_link() {
    let world = World::new().await;
    give_a_room_of(&world, RoomKind::Registered).await;
    let (path, _) = own_path(&world).await;
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, JOIN));
}

#[tokio::test]
async fn a_guests_page_tells_clinic_and_host_and_leads_into_the_room_by_one_press() {
    let world = World::new().await;
    for kind in [RoomKind::Open, RoomKind::Registered] {
        let world = if kind == RoomKind::Open { &world } else { &World::new().await };
        give_a_room_of(world, kind).await;
        let path = guest_path(world).await;
        let shown = world.send(get(&path)).await;
        let text = text_of(&shown);
        assert!(text.contains("Riverside") && text.contains("osei of Riverside"), "{text}");
        assert!(!shown.body.contains("zoom.us"), "the way in is not on the page");
        assert_eq!(world.send(get(&path)).await.body, shown.body, "looking changes nothing");
        let pressed = world.send(post(&format!("{path}/join"))).await;
        assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, JOIN), "{kind:?}");
    }
}

#[tokio::test]
async fn a_guest_link_to_a_room_that_is_not_there_says_so_and_others_lead_nowhere() {
    let world = World::new().await;
    let path = guest_path(&world).await;
    let shown = world.send(get(&path)).await;
    assert!(text_of(&shown).contains("The room is not ready yet."));
    assert!(!shown.body.contains("<form"));
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!(pressed.status, StatusCode::SERVICE_UNAVAILABLE);

    give_a_room(&world).await;
    let (own, _) = own_path(&world).await;
    for wrong in ["/g/never-was".to_owned(), own.replace("/v/", "/g/"), path.replace("/g/", "/v/")] {
        assert_eq!(world.send(get(&wrong)).await.status, StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(world.send(post(&format!("{wrong}/join"))).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let mut tx = world.store().begin().await.unwrap();
    let connection = tx.connection_of(world.here.clinic.id, world.here.staff.id).await.unwrap().unwrap();
    tx.set_connection_state(
        connection.clinic_id,
        connection.id,
        ConnectionState::Disconnected,
        None,
        world.app.ambient.now(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert!(text_of(&world.send(get(&path)).await).contains("The room is not ready yet."));
}

#[tokio::test]
async fn whoever_presses_again_and_again_is_asked_to_wait() {
    let world = World::new().await;
    give_a_room(&world).await;
    let path = format!("{}/join", guest_path(&world).await);
    let press = async |address: u8| world.send(post(&path).from([198, 51, 100, address])).await;
    let mut pressed = 0;
    while press(7).await.status == StatusCode::SEE_OTHER {
        pressed += 1;
        assert!(pressed < 100, "never asked to wait");
    }
    assert_eq!(pressed, 30);
    let stopped = press(7).await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(stopped.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(text_of(&stopped).contains("Many people have used this link in the last minutes."));
    assert_eq!(press(8).await.status, StatusCode::SEE_OTHER, "somebody else goes on");
}
