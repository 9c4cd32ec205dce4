use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{room::RoomKind, staff::Role};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::{
    PressFrom, VisitState,
    testing::{JOIN_URL, World},
};

/// A server of this machine that answers so often, each time with this status.
async fn server(status: &'static str) -> (String, std::sync::Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 2_048];
            let _ = stream.read(&mut request).await;
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, asked)
}

/// As in the demo, where everything runs on one machine.
fn local(world: &World) -> Outreach {
    Outreach { public_url: "http://127.0.0.1:8080".into(), ..world.outreach.clone() }
}

async fn pasted(world: &World) -> (Outreach, String) {
    let (address, _) = server("200 OK").await;
    let outreach = local(world);
    let (host, guest) = (format!("{address}/host"), format!("{address}/guest"));
    let checked = outreach.set_other_room(world.clinic, world.host, &host, &guest).await.unwrap();
    assert_eq!(checked.doubts, []);
    (outreach, address)
}

#[tokio::test]
async fn visits_lead_to_the_pasted_links_from_then_on_and_back_to_zoom_when_that_is_chosen() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let host_token = crate::testing::token_in(&links.host);
    let (outreach, address) = pasted(&world).await;

    let visit = outreach.visit(&token).await.unwrap();
    assert_eq!((visit.state, visit.elsewhere.as_deref()), (VisitState::Open, Some("127.0.0.1")));
    assert!(!visit.in_browser && visit.dial_in.is_none() && visit.wait.is_none());
    let pressed = outreach.press(&token, None, PressFrom::default()).await.unwrap();
    assert_eq!(pressed.lead(None).location(), format!("{address}/guest"));
    assert!(pressed.room.zoom().is_none());
    let mut tx = world.store.read().await.unwrap();
    let everything = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    let kept = tx.presses(world.clinic, everything).await.unwrap();
    let room = tx.other_room_of(world.clinic, world.host).await.unwrap().unwrap();
    assert_eq!(kept[0].room_id, room.id);
    drop(tx);
    let way = outreach.host_way(&host_token).await.unwrap();
    assert_eq!((way.redirect.location(), way.elsewhere), (format!("{address}/host").as_str(), true));
    let guests = crate::testing::token_in(&outreach.guest_link(world.clinic, world.host).await.unwrap());
    let guest_room = outreach.guest_visit(&guests).await.unwrap().room.unwrap();
    assert_eq!(guest_room.redirect.location(), format!("{address}/guest"));

    let mut tx = world.store.begin().await.unwrap();
    tx.set_staff_room_kind(world.clinic, world.host, Some(RoomKind::Open)).await.unwrap();
    tx.commit().await.unwrap();
    let pressed = outreach.press(&token, None, PressFrom::default()).await.unwrap();
    assert_eq!(pressed.lead(None).location(), JOIN_URL);
    outreach.use_other_room(world.clinic, world.host).await.unwrap();
    assert!(outreach.visit(&token).await.unwrap().elsewhere.is_some());
}

#[tokio::test]
async fn the_links_are_kept_sealed_and_shown_to_their_owner() {
    let world = World::new().await;
    let (outreach, address) = pasted(&world).await;
    let page = outreach.other_room(world.clinic, world.host).await.unwrap().unwrap();
    assert!(page.in_use);
    assert_eq!(page.host_url.expose(), format!("{address}/host"));
    assert!(!format!("{page:?}").contains("/host"), "nothing shows in a log");
    let sealed = String::from_utf8_lossy(&page.room.host_url_sealed).into_owned();
    assert!(!sealed.contains("127.0.0.1"));
}

#[tokio::test]
async fn the_same_room_at_two_people_is_refused_by_name_however_it_is_written() {
    let world = World::new().await;
    let (outreach, address) = pasted(&world).await;
    let other = world.staff("Lena Haddad", &[Role::Staff]).await;
    for (host, guest) in [
        (format!("{address}/mine"), format!("{address}/Guest/")),
        (format!("{address}/mine"), format!("{address}/host")),
        (format!("{address}/guest"), format!("{address}/theirs")),
    ] {
        let refused = outreach.set_other_room(world.clinic, other, &host, &guest).await.unwrap_err();
        let OtherRoomError::Refused(wrong) = refused else { panic!("{refused:?}") };
        assert!(wrong[0].kind.to_string().contains("Amara Osei"), "{wrong:?}");
    }
    assert!(outreach.other_room(world.clinic, other).await.unwrap().is_none(), "nothing was kept");
    // A former colleague's room may be taken over.
    world.disable(world.host).await;
    let (host, guest) = (format!("{address}/host"), format!("{address}/guest"));
    outreach.set_other_room(world.clinic, other, &host, &guest).await.unwrap();
}

#[tokio::test]
async fn a_link_that_does_not_answer_is_kept_with_a_doubt_and_tried_again_every_day() {
    let world = World::new().await;
    let (address, asked) = server("404 Not Found").await;
    let outreach = local(&world);
    let link = format!("{address}/osei");
    let checked = outreach.set_other_room(world.clinic, world.host, &link, &link).await.unwrap();
    let expected = [Side::Host, Side::Guest].map(|side| Doubt { side, kind: DoubtKind::Answered(404) });
    assert_eq!(checked.doubts, expected);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one link is asked once");
    assert_eq!(outreach.check_other_rooms().await.unwrap(), 0);
    world.clock.advance(CHECKED_EVERY);
    assert_eq!(outreach.check_other_rooms().await.unwrap(), 1);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(outreach.try_other_room(world.clinic, world.host).await.unwrap(), expected);
}

#[tokio::test]
async fn a_redirect_to_another_server_is_not_followed() {
    let world = World::new().await;
    let (inside, asked) = server("200 OK").await;
    let answer: &'static str = Box::leak(format!("302 Found\r\nLocation: {inside}/secret").into_boxed_str());
    let (address, _) = server(answer).await;
    let link = format!("{address}/osei");
    let checked = local(&world).set_other_room(world.clinic, world.host, &link, &link).await.unwrap();
    assert_eq!(checked.doubts, []);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn this_machine_is_no_room_where_the_installation_has_a_public_address() {
    let world = World::new().await;
    let (address, asked) = server("200 OK").await;
    let link = address.replace("http://", "https://");
    let refused = world.outreach.set_other_room(world.clinic, world.host, &link, &link).await.unwrap_err();
    let OtherRoomError::Refused(wrong) = refused else { panic!("{refused:?}") };
    assert_eq!(wrong[0].kind, WrongLinkKind::Private);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn whoever_left_and_whoever_is_of_another_clinic_has_no_room() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let (outreach, _) = pasted(&world).await;
    let elsewhere = world.other_clinic().await;
    assert!(outreach.other_room(elsewhere, world.host).await.unwrap().is_none());
    world.disable(world.host).await;
    assert_eq!(outreach.visit(&token).await.unwrap().state, VisitState::HostNotConnected);
}
