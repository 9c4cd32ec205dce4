use std::time::Duration;

use domain::appointment::Appointment;
use proptest::prelude::*;

use super::*;
use crate::{
    BookedAttendee, Booking,
    testing::{World, attendee, token_in},
};

fn id(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

/// A visit of these people in so many hours, for an hour.
async fn visit(world: &World, name: &str, hours: u64, people: Vec<BookedAttendee>) -> Appointment {
    let starts_at = world.ambient.now().plus(Duration::from_hours(hours));
    let booking = Booking {
        external_id: Some(id(name)),
        starts_at,
        ends_at: starts_at.plus(Duration::from_hours(1)),
        attendees: people,
        ..world.booking()
    };
    world.outreach.book(world.clinic, &booking).await.unwrap().appointment
}

async fn change(world: &World, appointment: &Appointment, change: impl FnOnce(&mut Booking)) {
    let mut booking = Booking::from(appointment);
    change(&mut booking);
    world.outreach.book(world.clinic, &booking).await.unwrap();
}

fn rosa() -> BookedAttendee {
    attendee("P-1", "Rosa Delgado")
}

async fn link_of(world: &World, person: &str) -> SecretText {
    world.outreach.portal_link(world.clinic, &id(person)).await.unwrap().expect("a link")
}

async fn portal_of(world: &World, person: &str) -> Portal {
    let link = link_of(world, person).await;
    assert!(link.expose().starts_with("https://anteroom.example/p/"), "{}", link.expose());
    world.outreach.portal(&token_in(&link)).await.unwrap()
}

async fn set(world: &World, settings: &Settings) {
    let mut tx = world.store.begin().await.unwrap();
    tx.set_outreach_settings(world.clinic, settings).await.unwrap();
    tx.commit().await.unwrap();
}

fn named(portal: &Portal) -> Vec<&str> {
    portal.visits.iter().map(|visit| visit.external_id.as_str()).collect()
}

#[tokio::test]
async fn one_link_shows_all_coming_visits_of_one_person_and_each_has_its_own_link() {
    let world = World::new().await;
    let later = visit(&world, "later", 72, vec![rosa()]).await;
    let first = visit(&world, "first", 1, vec![rosa()]).await;
    visit(&world, "of somebody else", 2, vec![attendee("P-2", "Tom Reyes")]).await;
    let portal = portal_of(&world, "P-1").await;
    assert_eq!(named(&portal), ["first", "later"]);
    for (shown, booked) in portal.visits.iter().zip([first, later]) {
        let links = world.outreach.links(world.clinic, &booked).await.unwrap();
        assert_eq!(shown.url.expose(), links.attendees[0].url.expose());
        assert_eq!((shown.starts_at, shown.host.id), (booked.starts_at, world.host));
    }
}

#[tokio::test]
async fn join_is_there_exactly_when_the_visits_own_page_has_it() {
    let world = World::new().await;
    set(&world, &Settings { opens_before: 30, closes_after: 15, ..Settings::default() }).await;
    let booked = visit(&world, "a", 1, vec![rosa()]).await;
    let token = world.token(&booked).await;
    let portal = token_in(&link_of(&world, "P-1").await);
    let mut seen = Vec::new();
    for _ in 0..30 {
        let own = world.outreach.visit(&token).await.unwrap().state;
        let shown = world.outreach.portal(&portal).await.unwrap();
        match shown.visits.first() {
            Some(visit) => assert_eq!(visit.state, own),
            None => assert_eq!(own, VisitState::Over),
        }
        seen.push(own);
        world.clock.advance(Duration::from_mins(5));
    }
    let opens_at = booked.starts_at.minus(Duration::from_mins(30));
    assert_eq!(seen[5], VisitState::Early { opens_at });
    assert_eq!(seen[6], VisitState::Open);
    assert_eq!(seen[26], VisitState::Open, "14 minutes after the end");
    assert_eq!(seen[27], VisitState::Over);
}

#[tokio::test]
async fn a_host_without_a_room_takes_join_away_and_a_visit_at_the_clinic_never_has_it() {
    let world = World::new().await;
    let booked = visit(&world, "a", 1, vec![rosa()]).await;
    let at_the_clinic = visit(&world, "b", 2, vec![rosa()]).await;
    change(&world, &at_the_clinic, |booking| booking.kind = Kind::InPerson).await;
    let unconnected = world.staff("Jonas Berg", &[domain::staff::Role::Staff]).await;
    change(&world, &booked, |booking| booking.host = unconnected).await;
    let portal = portal_of(&world, "P-1").await;
    let states: Vec<_> = portal.visits.iter().map(|visit| visit.state).collect();
    assert_eq!(states, [VisitState::HostNotConnected, VisitState::InPerson]);
    // One at the clinic is over when it ends: no link of it stays open.
    world.clock.set(at_the_clinic.ends_at);
    assert_eq!(named(&portal_of(&world, "P-1").await), ["a"]);
}

#[tokio::test]
async fn what_is_cancelled_over_or_no_longer_theirs_is_not_shown() {
    let world = World::new().await;
    let cancelled = visit(&world, "cancelled", 1, vec![rosa()]).await;
    let theirs_no_more = visit(&world, "theirs no more", 2, vec![rosa(), attendee("P-2", "Tom Reyes")]).await;
    let over = visit(&world, "over", 3, vec![rosa()]).await;
    change(&world, &cancelled, |booking| booking.status = Status::Cancelled).await;
    change(&world, &theirs_no_more, |booking| {
        booking.attendees.retain(|one| one.name.as_str() != "Rosa Delgado");
    })
    .await;
    assert_eq!(named(&portal_of(&world, "P-1").await), ["over"]);
    world.clock.set(closes_at(&over, &Settings::default()));
    let portal = portal_of(&world, "P-1").await;
    assert!(portal.visits.is_empty(), "and the link stays");
}

#[tokio::test]
async fn of_a_group_appointment_only_ones_own_part_is_told() {
    let world = World::new().await;
    let group = visit(&world, "group", 1, vec![attendee("P-2", "Tom Reyes"), rosa()]).await;
    let portal = portal_of(&world, "P-1").await;
    let links = world.outreach.links(world.clinic, &group).await.unwrap();
    assert_eq!(portal.visits[0].url.expose(), links.attendees[1].url.expose());
    let told = format!("{portal:?}");
    assert!(!told.contains(&links.attendees[0].attendee.to_string()), "nothing of who else comes: {told}");
}

#[tokio::test]
async fn a_person_of_one_clinic_is_nobody_at_another() {
    let world = World::new().await;
    visit(&world, "a", 1, vec![rosa()]).await;
    let elsewhere = world.other_clinic().await;
    let refused = world.outreach.portal_link(elsewhere, &id("P-1")).await;
    assert!(matches!(refused, Err(LinkError::Unknown)));
    assert!(matches!(world.outreach.visits_of(elsewhere, &id("P-1")).await, Err(LinkError::Unknown)));
    assert!(matches!(world.outreach.portal_link(world.clinic, &id("P-9")).await, Err(LinkError::Unknown)));
    assert_eq!(world.outreach.visits_of(world.clinic, &id("P-1")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn somebody_whose_visits_are_all_over_is_known_and_has_none() {
    let world = World::new().await;
    visit(&world, "a", 1, vec![rosa()]).await;
    world.clock.advance(Duration::from_hours(100 * 24));
    assert!(world.outreach.visits_of(world.clinic, &id("P-1")).await.unwrap().is_empty());
    assert!(portal_of(&world, "P-1").await.visits.is_empty());
}

#[tokio::test]
async fn whom_the_scheduler_gave_no_id_has_a_portal_of_that_one_visit() {
    let world = World::new().await;
    let nameless = || BookedAttendee { external_id: None, ..rosa() };
    let one = visit(&world, "one", 1, vec![nameless()]).await;
    let two = visit(&world, "two", 2, vec![nameless()]).await;
    for appointment in [one, two] {
        let stands_in = appointment.attendees[0].external_id.as_str();
        assert_eq!(named(&portal_of(&world, stands_in).await), [appointment.external_id.as_str()]);
    }
}

#[tokio::test]
async fn the_link_of_a_portal_is_no_other_link_and_none_of_them_is_a_portals() {
    let world = World::new().await;
    let booked = visit(&world, "a", 1, vec![rosa()]).await;
    let portal = token_in(&link_of(&world, "P-1").await);
    assert!(matches!(world.outreach.visit(&portal).await, Err(LinkError::Unknown)));
    assert!(matches!(world.outreach.guest_visit(&portal).await, Err(LinkError::Unknown)));
    assert!(matches!(world.outreach.host_way(&portal).await, Err(LinkError::Unknown)));
    let own = world.token(&booked).await;
    for other in [own.as_str(), "never was", ""] {
        assert!(matches!(world.outreach.portal(other).await, Err(LinkError::Unknown)), "{other}");
    }
}

#[tokio::test]
async fn looking_changes_nothing() {
    let world = World::new().await;
    visit(&world, "a", 1, vec![rosa()]).await;
    let token = token_in(&link_of(&world, "P-1").await);
    let before = world.traces().await;
    for _ in 0..3 {
        world.outreach.portal(&token).await.unwrap();
    }
    assert_eq!(world.traces().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_at_once_end_with_one_person_and_one_link() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::bare(engine).await;
        visit(&world, "a", 1, vec![rosa()]).await;
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let outreach = world.other_instance().await;
            let clinic = world.clinic;
            asked.spawn(async move { outreach.portal_link(clinic, &id("P-1")).await.unwrap().unwrap() });
        }
        let links: Vec<String> =
            asked.join_all().await.into_iter().map(|link| link.expose().to_owned()).collect();
        assert!(links.iter().all(|link| *link == links[0]), "{name}");
        assert_eq!(link_of(&world, "P-1").await.expose(), links[0]);
    }
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_next_visit_that_names_one() {
    let world = World::new().await;
    visit(&world, "a", 1, vec![rosa()]).await;
    assert_eq!(portal_of(&world, "P-1").await.language, None);
    let spanish = Language::parse("es").unwrap();
    let speaks = BookedAttendee { language: Some(spanish.clone()), ..rosa() };
    visit(&world, "b", 2, vec![speaks]).await;
    assert_eq!(portal_of(&world, "P-1").await.language, Some(spanish));
}

#[tokio::test]
async fn a_site_may_show_the_page_only_if_its_origin_is_one() {
    let world = World::new().await;
    visit(&world, "a", 1, vec![rosa()]).await;
    for (origin, shown_by) in [
        (None, None),
        (Some("https://portal.example"), Some("https://portal.example")),
        (Some("http://portal.example"), None),
        (Some("*"), None),
    ] {
        set(&world, &Settings { portal_origin: origin.map(str::to_owned), ..Settings::default() }).await;
        let portal = portal_of(&world, "P-1").await;
        assert_eq!(portal.shown_by.as_ref().map(SiteOrigin::as_str), shown_by, "{origin:?}");
    }
}

#[test]
fn an_origin_is_written_as_browsers_do() {
    for (text, origin) in [
        ("https://portal.example", "https://portal.example"),
        (" https://Portal.Example/ ", "https://portal.example"),
        ("https://portal.example:443", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
    ] {
        assert_eq!(SiteOrigin::parse(text).unwrap().as_str(), origin, "{text}");
    }
}

#[test]
fn nothing_else_is_an_origin() {
    for text in [
        "",
        "*",
        "'self'",
        "https:",
        "https://",
        "https://*",
        "https://*.example",
        "http://portal.example",
        "ftp://portal.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "portal.example",
        "//portal.example",
        "https://portal.example/patients",
        "https://portal.example?x",
        "https://portal.example#x",
        "https://rosa@portal.example",
        "https://rosa:secret@portal.example",
        "https://@portal.example",
        "https://portal.example; script-src *",
        "https://portal.example, https://evil.example",
        "https://portal.example https://evil.example",
        "https://portal.example\r\nSet-Cookie: x=y",
    ] {
        assert_eq!(SiteOrigin::parse(text), Err(BadOrigin), "{text:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_taken_for_an_origin_can_end_neither_directive_nor_header(text in "(https://)?[ -~\u{80}-\u{2ff}]{0,40}") {
        if let Ok(origin) = SiteOrigin::parse(&text) {
            let host = origin.as_str().strip_prefix("https://").unwrap();
            prop_assert!(host.chars().all(|c| c.is_ascii_alphanumeric() || ".-[]:".contains(c)), "{}", origin.as_str());
            prop_assert!(Url::parse(origin.as_str()).is_ok());
        }
    }
}
