//! What else the page shows: notices, dialling in, and hours as the clinic wants them.

use domain::{
    NoticeId,
    attendance::matching::StaffOrToken,
    outreach::{
        Settings,
        desk::{Notice, Says},
    },
    room::DialInNumber,
    text::Note,
};
use vault::Place;

use super::*;

async fn set(world: &World, settings: &Settings) {
    let mut tx = world.store.begin().await.unwrap();
    tx.set_outreach_settings(world.clinic, settings).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_link_opens_and_closes_to_the_second_as_the_clinic_wants_it() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    set(&world, &Settings { opens_before: 15, closes_after: 0, ..Settings::default() }).await;
    let opens_at = appointment.starts_at.minus(Duration::from_mins(15));
    for (now, state) in [
        (opens_at.minus(SECOND), VisitState::Early { opens_at }),
        (opens_at, VisitState::Open),
        (opens_at.plus(SECOND), VisitState::Open),
        (appointment.ends_at.minus(SECOND), VisitState::Open),
        (appointment.ends_at, VisitState::Over),
        (appointment.ends_at.plus(SECOND), VisitState::Over),
    ] {
        world.clock.set(now);
        assert_eq!(world.outreach.visit(&token).await.unwrap().state, state, "{now}");
        let pressed = world.outreach.press(&token, None, world.page(&token).await).await;
        assert_eq!(pressed.is_ok(), state == VisitState::Open, "{now}");
    }
}

async fn say(world: &World, host: domain::StaffId, only: Option<&Appointment>, until: Timestamp) -> NoticeId {
    let notice = Notice {
        id: world.ambient.id(),
        clinic_id: world.clinic,
        host,
        appointment: only.map(|appointment| appointment.id),
        says: Says::Words(Note::parse("The line is down; please wait.").unwrap()),
        said_by: StaffOrToken::Staff(host),
        at: world.ambient.now(),
        until,
    };
    let mut tx = world.store.begin().await.unwrap();
    tx.insert_notice(&notice).await.unwrap();
    tx.commit().await.unwrap();
    notice.id
}

#[tokio::test]
async fn the_page_shows_what_is_said_to_its_own_appointment_and_to_the_hosts_day() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let mut booking = world.booking();
    booking.external_id = Some(domain::text::ExternalId::parse("A-2").unwrap());
    let other = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let colleague = world.staff("Jonas Berg", &[Role::Staff]).await;
    let tonight = world.ambient.now().plus(Duration::from_hours(8));
    let own = say(&world, world.host, Some(&appointment), tonight).await;
    world.clock.advance(SECOND);
    let of_the_day = say(&world, world.host, None, tonight).await;
    say(&world, world.host, Some(&other), tonight).await;
    say(&world, colleague, None, tonight).await;
    let token = world.token(&appointment).await;
    let shown = || async {
        let visit = world.outreach.visit(&token).await.unwrap();
        visit.notices.iter().map(|notice| notice.id).collect::<Vec<_>>()
    };
    assert_eq!(shown().await, [own, of_the_day]);
    world.clock.set(appointment.ends_at);
    assert_eq!(shown().await, [own], "the visit is no longer to come");
    world.clock.set(tonight);
    assert!(shown().await.is_empty());
}

#[tokio::test]
async fn what_is_said_of_today_does_not_stand_on_tomorrows_page() {
    let world = World::new().await;
    let tonight = world.ambient.now().plus(Duration::from_hours(8));
    let tomorrow = world.ambient.now().plus(Duration::from_hours(20));
    let booking =
        Booking { starts_at: tomorrow, ends_at: tomorrow.plus(Duration::from_hours(1)), ..world.booking() };
    let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    say(&world, world.host, None, tonight).await;
    let visit = world.outreach.visit(&world.token(&appointment).await).await.unwrap();
    assert!(visit.notices.is_empty());
}

async fn keep_dial_in(world: &World, json: &str) {
    let mut tx = world.store.begin().await.unwrap();
    let room = tx.room_of(world.clinic, world.host).await.unwrap().unwrap();
    let (clinic, row) = (world.clinic.to_string(), room.id.to_string());
    let place = Place { clinic: &clinic, table: "rooms", column: "dial_in", row: &row };
    let sealed = world.outreach.keys.seal(place, world.ambient.bytes(), json.as_bytes()).unwrap();
    tx.set_dial_in(world.clinic, room.id, Some(sealed.as_bytes())).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_number_to_dial_is_shown_while_the_link_is_open_and_only_then() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let token = world.token(&appointment).await;
    assert_eq!(world.outreach.visit(&token).await.unwrap().dial_in, None);
    keep_dial_in(
        &world,
        r#"{"numbers":[{"number":"+16465588656","country":"US"}],"meeting":"86720014455","passcode":"123456"}"#,
    )
    .await;
    let shown = world.outreach.visit(&token).await.unwrap().dial_in.unwrap();
    let number = DialInNumber { number: "+16465588656".to_owned(), country: "US".to_owned() };
    assert_eq!(shown.numbers, [number]);
    assert_eq!((shown.meeting.as_str(), shown.passcode.as_deref()), ("86720014455", Some("123456")));
    assert!(!format!("{shown:?}").contains("123456"));
    world.clock.set(appointment.ends_at.plus(Duration::from_hours(4)));
    assert_eq!(world.outreach.visit(&token).await.unwrap().dial_in, None);
}

#[tokio::test]
async fn what_cannot_be_read_of_dialling_in_keeps_nobody_from_the_page() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    for broken in ["", "[]", r#"{"numbers":[],"meeting":"1"}"#, r#"{"numbers":7}"#] {
        keep_dial_in(&world, broken).await;
        assert_eq!(world.outreach.visit(&token).await.unwrap().dial_in, None, "{broken}");
    }
}

#[tokio::test]
async fn in_the_browser_the_way_leads_to_the_web_client_with_the_same_passcode() {
    let world = World::new().await;
    let token = world.token(&world.booked().await).await;
    let from = PressFrom { way: Way::Browser, ..world.page(&token).await };
    let pressed = world.outreach.press(&token, None, from).await.unwrap();
    assert_eq!(
        pressed.lead(None).location(),
        "https://us02web.zoom.us/wc/join/86720014455?pwd=q7YcT1mZQ0WnHk2Jv.1"
    );
    let own = world.outreach.allow(&"https://us02web.zoom.us/w/86720014455?tk=abc.d&pwd=x#success".into());
    assert_eq!(pressed.lead(own).location(), "https://us02web.zoom.us/wc/join/86720014455?tk=abc.d&pwd=x");
    let vanity = world.outreach.allow(&"https://us02web.zoom.us/my/amara?pwd=x".into());
    assert_eq!(pressed.lead(vanity).location(), "https://us02web.zoom.us/my/amara?pwd=x", "as it is");
}
