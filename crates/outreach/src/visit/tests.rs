use std::time::Duration;

use domain::{
    appointment::{Kind, Status},
    room::ConnectionState,
    staff::Role,
};

use crate::{
    Booking,
    testing::{JOIN_URL, NUMBER, World, attendee, token_in},
};

use super::*;

mod drill;
mod messages;
mod shown;
mod waits;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_patients_page_says_when_with_whom_and_that_it_is_open() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let visit = world.outreach.visit(&world.token(&appointment).await).await.unwrap();
    assert_eq!(visit.state, VisitState::Open);
    assert_eq!(visit.clinic.name.as_str(), "Riverside");
    assert_eq!(visit.host.name.as_str(), "Amara Osei");
    assert_eq!(visit.attendee.name.as_str(), "Rosa Delgado");
    assert_eq!(visit.appointment, appointment);
}

#[tokio::test]
async fn looking_at_the_page_changes_nothing_however_often() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    let before = world.traces().await;
    for _ in 0..5 {
        world.outreach.visit(&token).await.unwrap();
    }
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn a_press_is_noted_and_leads_into_the_hosts_room() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        world.give_room(world.host, NUMBER, JOIN_URL).await;
        let appointment = world.booked().await;
        let token = world.token(&appointment).await;
        let pressed = world.outreach.press(&token, None, world.page(&token).await).await.unwrap();
        assert_eq!(pressed.redirect.location(), JOIN_URL);
        assert_eq!(pressed.room.zoom().unwrap().meeting_number, NUMBER);
        assert_eq!(pressed.press.as_ref().unwrap().attendee_id, appointment.attendees[0].id);
        assert_eq!(pressed.press.as_ref().unwrap().at, world.ambient.now());
        let again = world.outreach.press(&token, None, world.page(&token).await).await.unwrap();
        assert_eq!(again.redirect.location(), JOIN_URL);
        let everything = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
        let mut tx = world.store.read().await.unwrap();
        let noted = tx.presses_in_room(world.clinic, pressed.room.id(), everything).await.unwrap();
        assert_eq!(noted.len(), 2);
        assert!(noted.contains(&pressed.press.clone().unwrap()) && noted.contains(&again.press.unwrap()));
        assert!(!format!("{pressed:?}").contains("pwd"));
    }
}

#[tokio::test]
async fn a_link_opens_a_day_before_the_start_and_closes_four_hours_after_the_end() {
    let world = World::new().await;
    let starts_at = world.ambient.now().plus(Duration::from_hours(100));
    let ends_at = starts_at.plus(Duration::from_mins(50));
    let booking = Booking { starts_at, ends_at, ..world.booking() };
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let token = world.token(&appointment).await;
    let opens_at = starts_at.minus(Duration::from_hours(24));
    let closes_at = ends_at.plus(Duration::from_hours(4));
    for (now, open) in [
        (opens_at.minus(SECOND), false),
        (opens_at, true),
        (opens_at.plus(SECOND), true),
        (closes_at.minus(SECOND), true),
        (closes_at, false),
        (closes_at.plus(SECOND), false),
    ] {
        world.clock.set(now);
        let visit = world.outreach.visit(&token).await.unwrap();
        assert_eq!(visit.state == VisitState::Open, open, "{now}");
        assert_eq!(world.outreach.press(&token, None, world.page(&token).await).await.is_ok(), open, "{now}");
    }
    world.clock.set(opens_at.minus(SECOND));
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::Early { opens_at });
    let early = world.outreach.press(&token, None, world.page(&token).await).await;
    assert!(matches!(early, Err(LinkError::TooEarly { opens_at: told }) if told == opens_at));
    world.clock.set(closes_at);
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::Over);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::Over)
    ));
}

#[tokio::test]
async fn moving_the_appointment_moves_the_links_hours() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let starts_at = world.ambient.now().plus(Duration::from_hours(48));
    let moved = Booking { starts_at, ends_at: starts_at.plus(Duration::from_hours(1)), ..world.booking() };
    world.outreach.book(world.clinic, &moved).await.unwrap();
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::TooEarly { .. })
    ));
}

#[tokio::test]
async fn a_press_leaves_no_trace_where_it_leads_nowhere() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    let cancelled = Booking { status: Status::Cancelled, ..world.booking() };
    world.outreach.book(world.clinic, &cancelled).await.unwrap();
    let before = world.traces().await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::Cancelled);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::Cancelled)
    ));
    assert_eq!(world.traces().await, before);

    let in_person = Booking { kind: Kind::InPerson, ..world.booking() };
    world.outreach.book(world.clinic, &in_person).await.unwrap();
    let before = world.traces().await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::InPerson);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::InPerson)
    ));
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn without_a_connected_host_nobody_is_sent_anywhere() {
    let world = World::bare(store::testing::sqlite().await).await;
    let token = world.token(&world.booked().await).await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::HostNotConnected);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::NoRoom)
    ));
    world.give_room(world.host, NUMBER, JOIN_URL).await;
    assert!(world.outreach.press(&token, None, world.page(&token).await).await.is_ok());
    world.set_state(ConnectionState::NeedsReconnect).await;
    assert!(
        world.outreach.press(&token, None, world.page(&token).await).await.is_ok(),
        "the room is at Zoom whether or not our tokens work"
    );
    world.set_state(ConnectionState::Disconnected).await;
    let before = world.traces().await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::HostNotConnected);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::NoRoom)
    ));
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn nobody_is_sent_into_the_room_of_the_zoom_user_before() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    world.set_state(ConnectionState::Disconnected).await;
    world.connect(world.host, "another zoom user").await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().state, VisitState::HostNotConnected);
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::NoRoom)
    ));
}

#[tokio::test]
async fn nobody_is_sent_to_somebody_who_no_longer_works_here() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    world.disable(world.host).await;
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::NoRoom)
    ));
}

#[tokio::test]
async fn a_new_host_means_the_new_hosts_room() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    let other = world.staff("Jonas Berg", &[Role::Staff]).await;
    world.give_room(other, 99, "https://zoom.us/j/99?pwd=b").await;
    world.outreach.book(world.clinic, &Booking { host: other, ..world.booking() }).await.unwrap();
    let pressed = world.outreach.press(&token, None, world.page(&token).await).await.unwrap();
    assert_eq!(pressed.redirect.location(), "https://zoom.us/j/99?pwd=b");
}

#[tokio::test]
async fn a_room_on_a_host_that_is_not_allowed_is_not_entered_and_no_press_is_noted() {
    let world = World::bare(store::testing::sqlite().await).await;
    world.give_room(world.host, NUMBER, "https://zoom.us.evil.example/j/1").await;
    let token = world.token(&world.booked().await).await;
    let before = world.traces().await;
    assert!(matches!(
        world.outreach.press(&token, None, world.page(&token).await).await,
        Err(LinkError::NotAllowed(_))
    ));
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn strangers_tokens_revoked_ones_and_those_of_other_pages_look_alike() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let host = token_in(&links.host);
    let room = token_in(&world.outreach.room_link(world.clinic, world.host).await.unwrap());
    let mut tx = world.store.begin().await.unwrap();
    let link = tx.link(Token::parse(&token).unwrap().hash().as_bytes()).await.unwrap().unwrap();
    tx.revoke_link(world.clinic, link.id, world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    let stranger = Token::from_random([1; 32]).text().expose().to_owned();
    let mut answers = std::collections::HashSet::new();
    let guest = token_in(&world.outreach.guest_link(world.clinic, world.host).await.unwrap());
    for token in
        [token.as_str(), &stranger, &host, &room, &guest, "", "../../etc/passwd", &"x".repeat(10_000)]
    {
        for answer in [
            world.outreach.visit(token).await.map(|_| ()),
            world.outreach.press(token, None, PressFrom::default()).await.map(|_| ()),
            world.outreach.opened(token, None).await,
        ] {
            answers.insert(answer.unwrap_err().to_string());
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(matches!(world.outreach.host_way(&stranger).await, Err(LinkError::Unknown)));
}

#[tokio::test]
async fn the_first_sight_of_the_page_is_noted_once() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let opened_at =
        || async { world.outreach.links(world.clinic, &appointment).await.unwrap().attendees[0].opened_at };
    assert_eq!(opened_at().await, None);
    let first = world.ambient.now();
    let (changes, ..) = world.traces().await;
    world.outreach.opened(&token, world.page(&token).await.page_token.as_deref()).await.unwrap();
    world.clock.advance(Duration::from_mins(5));
    world.outreach.opened(&token, world.page(&token).await.page_token.as_deref()).await.unwrap();
    assert_eq!(opened_at().await, Some(first));
    assert_eq!(world.traces().await.0, changes + 1, "the board hears of it");
}

#[tokio::test]
async fn a_press_says_that_the_page_was_seen() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    world.outreach.press(&token, None, world.page(&token).await).await.unwrap();
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    assert_eq!(links.attendees[0].opened_at, Some(world.ambient.now()));
}

#[tokio::test]
async fn a_page_seen_long_after_the_visit_is_not_noted() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    world.clock.advance(Duration::from_hours(7));
    let before = world.traces().await;
    world.outreach.opened(&token, world.page(&token).await.page_token.as_deref()).await.unwrap();
    assert_eq!(world.traces().await, before);
}

#[tokio::test]
async fn the_hosts_link_leads_into_their_room_as_host_without_the_passcode() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let way = world.outreach.host_way(&token_in(&links.host)).await.unwrap();
    assert_eq!(way.redirect.location(), "https://us02web.zoom.us/s/86720014455");
    assert_eq!((way.clinic, way.staff), (world.clinic, world.host));
    assert_eq!(way.appointment, Some(appointment));
    let room = world.outreach.room_link(world.clinic, world.host).await.unwrap();
    let way = world.outreach.host_way(&token_in(&room)).await.unwrap();
    assert_eq!((way.staff, way.appointment), (world.host, None));
}

#[tokio::test]
async fn the_hosts_link_belongs_to_whoever_hosts_now() {
    let world = World::new().await;
    let links = world.outreach.links(world.clinic, &world.booked().await).await.unwrap();
    let other = world.staff("Jonas Berg", &[Role::Staff]).await;
    world.give_room(other, 99, "https://zoom.us/j/99?pwd=b").await;
    world.outreach.book(world.clinic, &Booking { host: other, ..world.booking() }).await.unwrap();
    let way = world.outreach.host_way(&token_in(&links.host)).await.unwrap();
    assert_eq!((way.staff, way.redirect.location()), (other, "https://zoom.us/s/99"));
}

#[tokio::test]
async fn the_hosts_link_says_why_there_is_nowhere_to_go() {
    let world = World::bare(store::testing::sqlite().await).await;
    let links = world.outreach.links(world.clinic, &world.booked().await).await.unwrap();
    let host = token_in(&links.host);
    assert!(matches!(world.outreach.host_way(&host).await, Err(LinkError::NoRoom)));
    world.give_room(world.host, NUMBER, JOIN_URL).await;
    let cancelled = Booking { status: Status::Cancelled, ..world.booking() };
    world.outreach.book(world.clinic, &cancelled).await.unwrap();
    assert!(matches!(world.outreach.host_way(&host).await, Err(LinkError::Cancelled)));
    let in_person = Booking { kind: Kind::InPerson, ..world.booking() };
    world.outreach.book(world.clinic, &in_person).await.unwrap();
    assert!(matches!(world.outreach.host_way(&host).await, Err(LinkError::InPerson)));
}

#[tokio::test]
async fn each_of_a_couple_has_a_link_of_their_own() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.attendees.push(attendee("P-2", "Luis Prado"));
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    for (link, attendee) in links.attendees.iter().zip(&appointment.attendees) {
        let pressed = world.outreach.press(&token_in(&link.url), None, PressFrom::default()).await.unwrap();
        assert_eq!(pressed.press.unwrap().attendee_id, attendee.id);
    }
}

#[tokio::test]
async fn a_press_keeps_where_it_came_from_and_says_whose_link_it_was() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    let address: std::net::IpAddr = "203.0.113.7".parse().unwrap();
    let pressed = world.outreach.press(&token, Some(address), world.page(&token).await).await.unwrap();
    assert_eq!(pressed.attendee, appointment.attendees[0]);
    assert_eq!(pressed.appointment, appointment);
    let everything = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    let mut tx = world.store.read().await.unwrap();
    let kept = tx.presses_in_room(world.clinic, pressed.room.id(), everything).await.unwrap();
    assert_eq!(kept, [pressed.press.unwrap()]);
    assert_eq!(kept[0].client_address, Some(address));
}

#[tokio::test]
async fn the_guest_link_is_one_for_each_room_and_leads_into_it() {
    let world = World::new().await;
    let link = world.outreach.guest_link(world.clinic, world.host).await.unwrap();
    assert!(link.expose().starts_with("https://anteroom.example/g/"));
    let again = world.other_instance().await.guest_link(world.clinic, world.host).await.unwrap();
    assert_eq!(link, again);
    let before = world.traces().await;
    let visit = world.outreach.guest_visit(&token_in(&link)).await.unwrap();
    assert_eq!((visit.clinic.id, visit.host.id), (world.clinic, world.host));
    assert_eq!(visit.room.unwrap().redirect.location(), JOIN_URL);
    assert_eq!(world.traces().await, before, "looking changes nothing");

    world.set_state(ConnectionState::Disconnected).await;
    assert!(world.outreach.guest_visit(&token_in(&link)).await.unwrap().room.is_none());
    let token = world.token(&world.booked().await).await;
    assert!(matches!(world.outreach.guest_visit(&token).await, Err(LinkError::Unknown)));
    assert!(matches!(world.outreach.host_way(&token_in(&link)).await, Err(LinkError::Unknown)));
}

#[tokio::test]
async fn a_link_of_somebodys_own_leads_only_to_hosts_that_are_allowed() {
    let world = World::new().await;
    let own = "https://us02web.zoom.us/w/86720014455?tk=abc&pwd=d";
    assert_eq!(world.outreach.allow(&own.into()).unwrap().location(), own);
    assert!(world.outreach.allow(&"https://zoom.us.evil.example/w/1?tk=a".into()).is_none());
}
