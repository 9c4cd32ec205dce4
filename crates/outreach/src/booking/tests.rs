use std::{collections::HashSet, time::Duration};

use domain::{
    appointment::{Attendee, Status},
    staff::Role,
    text::Name,
};
use proptest::prelude::*;

use crate::{
    LinkError,
    testing::{World, attendee, token_in},
};

use super::*;

fn refused(result: Result<Booked, BookError>) -> Vec<(String, String)> {
    match result {
        Err(BookError::Refused(faults)) => {
            faults.iter().map(|fault| (fault.field(), fault.to_string())).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_booking_gives_an_appointment_with_a_link_for_everybody() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let mut booking = world.booking();
        booking.attendees.push(attendee("P-2", "Luis Prado"));
        let booked = world.outreach.book(world.clinic, &booking).await.unwrap();
        assert_eq!(booked.change, Change::Created);
        let links = world.outreach.links(world.clinic, &booked.appointment).await.unwrap();
        assert_eq!(links.attendees.len(), 2);
        let all: HashSet<_> = links
            .attendees
            .iter()
            .map(|link| &link.url)
            .chain([&links.host])
            .map(|url| url.expose().to_owned())
            .collect();
        assert_eq!(all.len(), 3);
        assert!(links.host.expose().starts_with("https://anteroom.example/h/"));
        assert!(links.attendees[0].url.expose().starts_with("https://anteroom.example/v/"));
        assert!(all.iter().all(|url| url.rsplit('/').next().unwrap().len() == 43), "256 bits");
    }
}

#[tokio::test]
async fn the_same_booking_again_changes_nothing_and_writes_nothing() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let first = world.outreach.book(world.clinic, &world.booking()).await.unwrap();
        let booking = world.booking();
        let traces = world.traces().await;
        world.clock.advance(Duration::from_mins(5));
        for _ in 0..3 {
            let again = world.outreach.book(world.clinic, &booking).await.unwrap();
            assert_eq!(again.change, Change::Unchanged);
            assert_eq!(again.appointment, first.appointment);
        }
        assert_eq!(world.traces().await, traces);
    }
}

#[tokio::test]
async fn attendees_are_known_again_by_their_external_id_and_keep_their_link() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let mut booking = world.booking();
        booking.attendees.push(attendee("P-2", "Luis Prado"));
        let first = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
        let before = world.outreach.links(world.clinic, &first).await.unwrap();

        booking.attendees.reverse();
        booking.attendees[1].name = Name::parse("Rosa Delgado-Reyes").unwrap();
        booking.starts_at = booking.starts_at.plus(Duration::from_mins(30));
        let moved = world.outreach.book(world.clinic, &booking).await.unwrap();
        assert_eq!(moved.change, Change::Changed);
        assert_eq!(moved.appointment.id, first.id);
        assert_eq!(moved.appointment.created_at, first.created_at);
        assert_eq!(moved.appointment.attendees[0].id, first.attendees[1].id);
        assert_eq!(moved.appointment.attendees[1].id, first.attendees[0].id);
        let after = world.outreach.links(world.clinic, &moved.appointment).await.unwrap();
        for link in &before.attendees {
            assert_eq!(after.of(link.attendee).unwrap().url.expose(), link.url.expose());
        }
        assert_eq!(after.host.expose(), before.host.expose());
    }
}

#[tokio::test]
async fn changing_the_host_keeps_every_link() {
    let world = World::new().await;
    let first = world.booked().await;
    let before = world.outreach.links(world.clinic, &first).await.unwrap();
    let other = world.staff("Jonas Berg", &[Role::Staff]).await;
    let booking = Booking { host: other, ..world.booking() };
    let changed = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let after = world.outreach.links(world.clinic, &changed).await.unwrap();
    assert_eq!(after.host.expose(), before.host.expose());
    assert_eq!(after.attendees[0].url.expose(), before.attendees[0].url.expose());
}

#[tokio::test]
async fn who_was_taken_off_has_no_link_any_more_and_who_was_added_gets_one() {
    let world = World::new().await;
    let first = world.booked().await;
    let old = world.token(&first).await;
    let booking = Booking { attendees: vec![attendee("P-9", "Tom Reyes")], ..world.booking() };
    let changed = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    let links = world.outreach.links(world.clinic, &changed).await.unwrap();
    assert_eq!(links.attendees.len(), 1);
    assert_ne!(token_in(&links.attendees[0].url), old);
    assert!(matches!(world.outreach.visit(&old).await, Err(LinkError::Unknown)));
    assert!(matches!(
        world.outreach.press(&old, None, crate::PressFrom::default()).await,
        Err(LinkError::Unknown)
    ));
}

#[tokio::test]
async fn cancelling_is_a_status_and_can_be_taken_back() {
    let world = World::new().await;
    let first = world.booked().await;
    let cancelled = Booking { status: Status::Cancelled, ..world.booking() };
    let booked = world.outreach.book(world.clinic, &cancelled).await.unwrap();
    assert_eq!((booked.change, booked.appointment.status), (Change::Changed, Status::Cancelled));
    let again = world.outreach.book(world.clinic, &world.booking()).await.unwrap();
    assert_eq!((again.change, again.appointment.id), (Change::Changed, first.id));
}

#[tokio::test]
async fn without_external_ids_anteroom_gives_its_own_and_knows_them_again() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.external_id = None;
    booking.attendees[0].external_id = None;
    let first = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
    assert_eq!(first.external_id.as_str(), first.id.to_string());
    assert_eq!(first.attendees[0].external_id.as_str(), first.attendees[0].id.to_string());

    booking.external_id = Some(first.external_id.clone());
    booking.attendees[0].external_id = Some(first.attendees[0].external_id.clone());
    let again = world.outreach.book(world.clinic, &booking).await.unwrap();
    assert_eq!(again.change, Change::Unchanged);

    booking.external_id = None;
    booking.attendees[0].external_id = None;
    let another = world.outreach.book(world.clinic, &booking).await.unwrap();
    assert_eq!(another.change, Change::Created);
    assert_ne!(another.appointment.id, first.id);
}

#[tokio::test]
async fn an_appointment_answers_to_both_of_its_names_and_to_no_other_clinic() {
    let world = World::new().await;
    let first = world.booked().await;
    let elsewhere = world.other_clinic().await;
    let mut tx = world.store.read().await.unwrap();
    for name in ["A-1".to_owned(), first.id.to_string()] {
        assert_eq!(known_as(&mut *tx, world.clinic, &name).await.unwrap().unwrap().id, first.id);
        assert_eq!(known_as(&mut *tx, elsewhere, &name).await.unwrap(), None);
    }
    drop(tx);
    let by_id =
        Booking { external_id: Some(ExternalId::parse(&first.id.to_string()).unwrap()), ..world.booking() };
    let booked = world.outreach.book(world.clinic, &by_id).await.unwrap();
    assert_eq!((booked.change, booked.appointment.external_id.as_str()), (Change::Unchanged, "A-1"));

    let nobodys: AppointmentId = world.ambient.id();
    let strange =
        Booking { external_id: Some(ExternalId::parse(&nobodys.to_string()).unwrap()), ..world.booking() };
    assert_eq!(refused(world.outreach.book(world.clinic, &strange).await)[0].0, "external_id");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_beside_its_field() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.ends_at = booking.starts_at;
    booking.host = world.ambient.id();
    booking.attendees.push(attendee("P-1", "Somebody Else"));
    let fields: Vec<_> = refused(world.outreach.book(world.clinic, &booking).await)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["ends_at", "host", "attendees[1].external_id"]);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.appointment_by_external_id(world.clinic, "A-1").await.unwrap(), None);
}

#[tokio::test]
async fn an_appointment_longer_than_a_day_is_refused() {
    let world = World::new().await;
    let mut booking = world.booking();
    booking.ends_at = booking.starts_at.plus(Duration::from_hours(24));
    assert!(world.outreach.book(world.clinic, &booking).await.is_ok());
    booking.ends_at = booking.ends_at.plus(Duration::from_micros(1));
    assert_eq!(refused(world.outreach.book(world.clinic, &booking).await)[0].0, "ends_at");
}

#[tokio::test]
async fn fifty_attendees_are_taken_and_fifty_one_or_none_are_not() {
    let world = World::new().await;
    let crowd = |count: usize| (0..count).map(|i| attendee(&format!("P-{i}"), "Somebody")).collect();
    let booking = |count| Booking { attendees: crowd(count), ..world.booking() };
    assert!(world.outreach.book(world.clinic, &booking(50)).await.is_ok());
    assert_eq!(refused(world.outreach.book(world.clinic, &booking(51)).await)[0].0, "attendees");
    assert_eq!(refused(world.outreach.book(world.clinic, &booking(0)).await)[0].0, "attendees");
}

#[tokio::test]
async fn only_those_who_see_patients_here_can_host() {
    let world = World::new().await;
    let desk = world.staff("Desk", &[Role::Scheduler, Role::Admin]).await;
    let left = world.staff("Gone", &[Role::Staff]).await;
    world.disable(left).await;
    let elsewhere = world.other_clinic().await;
    let stranger = world.staff_of(elsewhere, "Stranger", &[Role::Staff]).await;
    for host in [desk, left, stranger, world.ambient.id()] {
        let booking = Booking { host, ..world.booking() };
        assert_eq!(refused(world.outreach.book(world.clinic, &booking).await)[0].0, "host");
    }
}

#[tokio::test]
async fn an_appointment_of_somebody_who_has_left_can_still_be_cancelled_or_given_to_a_colleague() {
    let world = World::new().await;
    world.booked().await;
    world.disable(world.host).await;
    let cancelled = Booking { status: Status::Cancelled, ..world.booking() };
    assert!(world.outreach.book(world.clinic, &cancelled).await.is_ok());
    let colleague = world.staff("Jonas Berg", &[Role::Staff]).await;
    let given = Booking { host: colleague, ..world.booking() };
    assert!(world.outreach.book(world.clinic, &given).await.is_ok());
    assert_eq!(
        refused(world.outreach.book(world.clinic, &world.booking()).await)[0].0,
        "host",
        "but not back"
    );
}

#[tokio::test]
async fn the_board_hears_of_each_change_once() {
    let world = World::new().await;
    let count = || async { world.store.read().await.unwrap().last_change(world.clinic).await.unwrap() };
    let before = count().await;
    world.booked().await;
    assert_eq!(count().await, before + 1);
    let later = Booking { status: Status::Cancelled, ..world.booking() };
    world.outreach.book(world.clinic, &later).await.unwrap();
    world.outreach.book(world.clinic, &later).await.unwrap();
    assert_eq!(count().await, before + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_booking_at_the_same_moment_makes_one_appointment() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::bare(engine).await;
        let booking = world.booking();
        let mut attempts = Vec::new();
        for _ in 0..3 {
            let (outreach, clinic, booking) = (world.other_instance().await, world.clinic, booking.clone());
            attempts.push(tokio::spawn(async move { outreach.book(clinic, &booking).await }));
        }
        let mut ids = HashSet::new();
        let mut created = 0;
        for attempt in attempts {
            let booked = attempt.await.unwrap().unwrap();
            ids.insert(booked.appointment.id);
            created += usize::from(booked.change == Change::Created);
        }
        assert_eq!((ids.len(), created), (1, 1), "{name}");
        let appointment =
            world.store.read().await.unwrap().appointment_by_external_id(world.clinic, "A-1").await.unwrap();
        assert_eq!(
            world.outreach.links(world.clinic, &appointment.unwrap()).await.unwrap().attendees.len(),
            1
        );
    }
}

#[test]
fn whoever_is_listed_stays_who_they_are_over_any_run_of_changes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let run = prop::collection::vec(prop::collection::btree_set(0_u8..5, 1..4), 1..6);
    let case = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(24), |(lists in run)| {
        case.set(case.get() + 1);
        runtime.block_on(async {
            let mut last = Vec::<Attendee>::new();
            for list in lists {
                let mut booking = world.booking();
                booking.external_id = Some(ExternalId::parse(&format!("run {}", case.get())).unwrap());
                booking.attendees = list.iter().map(|i| attendee(&format!("P-{i}"), "Somebody")).collect();
                let booked = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
                assert_eq!(booked.attendees.len(), list.len());
                for now in &booked.attendees {
                    for before in &last {
                        assert_eq!(now.external_id == before.external_id, now.id == before.id);
                    }
                }
                assert_eq!(world.outreach.links(world.clinic, &booked).await.unwrap().attendees.len(), list.len());
                last = booked.attendees;
            }
        });
    });
}
