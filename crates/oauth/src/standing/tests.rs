use domain::{
    Ambient,
    appointment::{Kind, Status},
    room::{
        RoomKind,
        guard::{DriftKind, LookFor},
    },
    telehealth::Booked,
    text::ExternalId,
};

use super::*;
use crate::testing::{AMARA, World};

const HOUR: Duration = Duration::from_hours(1);

async fn standing(world: &World) -> Standing {
    let mut all = world.zoom.standings(world.amara.clinic_id).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A visit with Dr Osei that begins so long from now.
async fn visit(world: &World, begins_in: Duration, lasts: Duration) -> Appointment {
    let ambient: &Ambient = &world.ambient;
    let starts_at = ambient.now().plus(begins_in);
    let visit = Appointment {
        id: ambient.id(),
        clinic_id: world.amara.clinic_id,
        external_id: ExternalId::parse(&ambient.nonce().to_string()).unwrap(),
        starts_at,
        ends_at: starts_at.plus(lasts),
        host: world.amara.staff_id,
        kind: Kind::Telehealth,
        status: Status::Booked,
        booked_as: Booked::default(),
        attendees: Vec::new(),
        revision: 0,
        created_at: ambient.now(),
        updated_at: ambient.now(),
    };
    let mut tx = world.store.begin().await.unwrap();
    tx.put_appointment(world.amara.clinic_id, &visit).await.unwrap();
    tx.commit().await.unwrap();
    visit
}

/// Zoom told just now how the room is.
async fn looked_at(world: &World, trouble: Option<&str>) {
    let mut tx = world.store.begin().await.unwrap();
    let clinic = world.amara.clinic_id;
    let room = tx.room_of(clinic, world.amara.staff_id).await.unwrap().unwrap();
    tx.note_look(clinic, room.id, world.ambient.now(), trouble).await.unwrap();
    tx.commit().await.unwrap();
}

async fn lacks(world: &World, kind: DriftKind) -> Drift {
    let clinic = world.amara.clinic_id;
    let mut tx = world.store.begin().await.unwrap();
    let room = tx.room_of(clinic, world.amara.staff_id).await.unwrap().unwrap();
    let drift = Drift {
        id: world.ambient.id(),
        clinic_id: clinic,
        room_id: room.id,
        kind,
        found_at: world.ambient.now(),
        found_for: LookFor::Daily,
        hindrance: None,
        tries: 0,
        tried_at: None,
        ended: None,
    };
    tx.insert_drift(&drift).await.unwrap();
    tx.commit().await.unwrap();
    drift
}

fn weights(standing: &Standing) -> Vec<Weight> {
    standing.todo().into_iter().map(|todo| todo.weight).collect()
}

#[tokio::test]
async fn whoever_never_connected_is_not_ready_and_is_told_how() {
    let world = World::new().await;
    let new = standing(&world).await;
    assert_eq!((new.stands, new.is_ready()), (Stands::NotConnected, false));
    assert!(new.todo()[0].todo.contains("Connect Zoom"));
}

#[tokio::test]
async fn a_connected_room_that_was_looked_at_is_ready() {
    let world = World::new().await;
    world.connected().await;
    looked_at(&world, None).await;
    let ready = standing(&world).await;
    assert_eq!((ready.stands, ready.is_ready()), (Stands::Connected, true), "{:?}", ready.todo());
    assert!(ready.room.is_some() && ready.renewed_at.is_some());
}

#[tokio::test]
async fn a_room_of_a_host_of_today_is_not_called_ready_before_somebody_looked_today() {
    let world = World::new().await;
    world.connected().await;
    looked_at(&world, None).await;
    // From eight in the morning to four the next.
    world.clock.advance(20 * HOUR);
    assert!(standing(&world).await.is_ready(), "nobody is booked");
    visit(&world, HOUR, HOUR).await;
    let unseen = standing(&world).await;
    assert_eq!(weights(&unseen), [Weight::Unchecked], "{:?}", unseen.todo());
    assert!(!unseen.is_ready() && !unseen.is_blocked());
    looked_at(&world, Some("unavailable")).await;
    assert!(!standing(&world).await.is_ready(), "a look that came to nothing is none");
    looked_at(&world, None).await;
    assert!(standing(&world).await.is_ready());
}

#[tokio::test]
async fn a_check_that_nobody_takes_is_not_waited_for_for_ever() {
    let world = World::new().await;
    world.connected().await;
    looked_at(&world, None).await;
    world.zoom.want_look(world.amara.clinic_id, world.amara.staff_id).await.unwrap();
    let asked = standing(&world).await;
    assert!(asked.is_being_looked_at() && asked.is_ready(), "what was seen a moment ago still holds");
    world.clock.advance(Duration::from_mins(6));
    let overdue = standing(&world).await;
    assert!(!overdue.is_being_looked_at() && !overdue.is_ready());
    looked_at(&world, None).await;
    assert!(standing(&world).await.is_ready());
}

#[tokio::test]
async fn a_look_just_before_midnight_still_holds_for_a_visit_just_after() {
    let world = World::new().await;
    world.connected().await;
    looked_at(&world, None).await;
    let before = standing(&world).await;
    let late = before.day_began.plus(24 * HOUR).minus(Duration::from_mins(110));
    world.clock.advance(late.since(world.ambient.now()));
    looked_at(&world, None).await;
    world.clock.advance(2 * HOUR);
    visit(&world, Duration::from_mins(10), HOUR).await;
    let night = standing(&world).await;
    assert!(night.day_began > before.day_began && night.is_ready(), "{:?}", night.todo());
}

#[tokio::test]
async fn a_waiting_room_that_is_off_stands_in_the_way_and_a_personal_number_is_only_noted() {
    let world = World::new().await;
    world.connected().await;
    looked_at(&world, None).await;
    lacks(&world, DriftKind::PersonalNumber).await;
    let noted = standing(&world).await;
    assert!(noted.is_ready() && weights(&noted) == [Weight::Note]);
    let off = lacks(&world, DriftKind::WaitingRoomOff).await;
    let open = standing(&world).await;
    assert!(open.is_blocked() && !open.is_ready());
    assert!(open.todo()[0].what.contains("waiting room is off"), "{:?}", open.todo());
    let mut tx = world.store.begin().await.unwrap();
    tx.end_drift(off.clinic_id, off.id, world.ambient.now(), DriftEnd::Repaired).await.unwrap();
    tx.commit().await.unwrap();
    let mended = standing(&world).await;
    assert!(mended.is_ready());
    assert_eq!(mended.repaired_last().map(|drift| drift.id), Some(off.id));
    assert_eq!(mended.recent.len(), 2);
}

#[tokio::test]
async fn a_connection_that_was_not_renewed_for_days_is_not_called_ready() {
    let world = World::new().await;
    world.connected().await;
    world.clock.advance(27 * HOUR);
    looked_at(&world, None).await;
    let stale = standing(&world).await;
    assert_eq!(weights(&stale), [Weight::Unchecked], "{:?}", stale.todo());
}

#[tokio::test]
async fn a_broken_connection_says_why_and_who_can_mend_it() {
    let world = World::new().await;
    let connection = world.connected().await;
    for (trouble, stands, by) in [
        (Trouble::Revoked, Stands::NeedsReconnect(Some(Trouble::Revoked)), By::Owner),
        (Trouble::DisabledByAdmin, Stands::PausedByAdmin, By::ZoomAdmin),
        (Trouble::MissingScopes, Stands::MissingScopes, By::Owner),
    ] {
        let mut tx = world.store.begin().await.unwrap();
        let (clinic, now) = (connection.clinic_id, world.ambient.now());
        let needs = ConnectionState::NeedsReconnect;
        tx.set_connection_state(clinic, connection.id, needs, Some(trouble.as_str()), now).await.unwrap();
        tx.commit().await.unwrap();
        let broken = standing(&world).await;
        assert_eq!((broken.stands, broken.todo()[0].by), (stands, by));
        assert!(broken.is_blocked() && !broken.can_be_looked_at());
    }
}

#[tokio::test]
async fn a_free_account_is_ready_and_a_visit_that_it_would_cut_short_is_noted() {
    let world = World::new().await;
    let mut connection = world.connected().await;
    connection.zoom_plan = 1;
    let mut tx = world.store.begin().await.unwrap();
    tx.update_connection(connection.clinic_id, &connection).await.unwrap();
    tx.commit().await.unwrap();
    looked_at(&world, None).await;
    visit(&world, Duration::ZERO, Duration::from_mins(40)).await;
    assert!(standing(&world).await.todo().is_empty());
    visit(&world, HOUR, Duration::from_mins(41)).await;
    let cut = standing(&world).await;
    assert!(cut.is_ready() && weights(&cut) == [Weight::Note], "{:?}", cut.todo());
    assert_eq!(cut.today.map(|today| today.visits), Some(2));
}

#[tokio::test]
async fn a_room_of_another_product_is_ready_once_its_links_are_there() {
    let world = World::new().await;
    let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
    let mut tx = world.store.begin().await.unwrap();
    tx.set_staff_room_kind(clinic, staff, Some(RoomKind::Other)).await.unwrap();
    tx.commit().await.unwrap();
    let without = standing(&world).await;
    assert_eq!((without.stands, without.is_ready()), (Stands::Elsewhere { has_room: false }, false));
    let room = store::ports::other_rooms::OtherRoom {
        id: world.ambient.id(),
        clinic_id: clinic,
        staff_id: staff,
        host_url_sealed: b"sealed".to_vec(),
        guest_url_sealed: b"sealed".to_vec(),
        host_url_digest: [1; 32],
        guest_url_digest: [2; 32],
        host_name: "doxy.example".to_owned(),
        trouble: None,
        checked_at: None,
        created_at: world.ambient.now(),
    };
    let mut tx = world.store.begin().await.unwrap();
    tx.put_other_room(&room).await.unwrap();
    tx.commit().await.unwrap();
    assert!(standing(&world).await.is_ready());
}

#[tokio::test]
async fn todays_hosts_are_told_of_alone_with_what_is_left_of_their_day() {
    let world = World::new().await;
    world.connect(&world.amara, AMARA).await.unwrap();
    world.colleague().await;
    looked_at(&world, None).await;
    let first = visit(&world, Duration::ZERO, HOUR).await;
    let second = visit(&world, 2 * HOUR, HOUR).await;
    let tomorrow = visit(&world, 30 * HOUR, HOUR).await;
    let cancelled = Appointment { status: Status::Cancelled, ..first.clone() };
    world.clock.advance(90 * Duration::from_mins(1));
    let clinic = {
        let mut tx = world.store.read().await.unwrap();
        tx.clinic(world.amara.clinic_id).await.unwrap().unwrap()
    };
    let day = [first.clone(), second.clone(), tomorrow];
    let hosts = world.zoom.standings_of_today(&clinic, &day).await.unwrap();
    assert_eq!(hosts.len(), 1, "{hosts:?}");
    let today = hosts[0].today.unwrap();
    assert_eq!((today.first, today.next, today.visits), (first.starts_at, Some(second.starts_at), 2));
    assert!(world.zoom.standings_of_today(&clinic, &[cancelled]).await.unwrap().is_empty());
    assert_eq!(world.zoom.standings(clinic.id).await.unwrap().len(), 2, "whoever hosts nothing is there too");
}
