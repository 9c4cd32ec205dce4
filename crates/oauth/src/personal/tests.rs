use std::collections::BTreeSet;

use domain::{
    AttendeeId, StaffId, Timestamp,
    appointment::{Consent, Kind, Status},
    text::{ExternalId, Name},
};
use serde_json::json;
use url::Url;
use zoomsim::{Fault, Names, NewGuest, SimError};

use super::{
    invited::{OUTLIVES_VISIT, REFUSAL_HOLDS, leads_to},
    registered::{AN_HOUR, GUESTS_AN_HOUR},
    *,
};
use crate::testing::World;

impl World {
    async fn room(&self) -> Room {
        let mut tx = self.store.read().await.unwrap();
        tx.room_of(self.amara.clinic_id, self.amara.staff_id).await.unwrap().unwrap()
    }

    async fn registered_room(&self) -> Room {
        let staff = Some(self.amara.staff_id);
        self.zoom.set_room_kind(self.amara.clinic_id, staff, RoomKind::Registered).await.unwrap();
        self.room().await
    }

    async fn booked(&self, host: StaffId, hours: u64, names: &[&str]) -> Appointment {
        let id: domain::AppointmentId = self.ambient.id();
        let starts_at = self.ambient.now().plus(Duration::from_hours(hours));
        let attendee = |name: &&str| {
            let id: AttendeeId = self.ambient.id();
            Attendee {
                id,
                external_id: ExternalId::parse(&id.to_string()).unwrap(),
                name: Name::parse(name).unwrap(),
                email: None,
                phone: None,
                consent: Consent::default(),
                language: None,
            }
        };
        let appointment = Appointment {
            id,
            clinic_id: self.amara.clinic_id,
            external_id: ExternalId::parse(&id.to_string()).unwrap(),
            starts_at,
            ends_at: starts_at.plus(Duration::from_mins(30)),
            host,
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: domain::telehealth::Booked::default(),
            revision: 0,
            attendees: names.iter().map(attendee).collect(),
            created_at: self.ambient.now(),
            updated_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.put_appointment(self.amara.clinic_id, &appointment).await.unwrap();
        tx.commit().await.unwrap();
        appointment
    }

    async fn visit(&self) -> Appointment {
        self.booked(self.amara.staff_id, 1, &["Rosa Delgado"]).await
    }

    /// A visit of one of two who have the same name on that day.
    async fn namesake(&self) -> Appointment {
        self.booked(self.amara.staff_id, 2, &["Rosa Delgado"]).await;
        self.visit().await
    }

    async fn way(&self, room: &Room, appointment: &Appointment, place: usize) -> Option<SecretText> {
        let attendee = &appointment.attendees[place];
        self.zoom.personal_way(room.clinic_id, room, appointment, attendee).await
    }

    fn refusing(&self, route: &str, status: u16, body: serde_json::Value) {
        let route = route.to_owned();
        self.sim.fault(Fault { route, status: Some(status), body: Some(body), ..Fault::default() });
    }
}

fn tk(link: &SecretText) -> Option<String> {
    let url = Url::parse(link.expose()).unwrap();
    url.query_pairs().find(|(name, _)| name == "tk").map(|(_, value)| value.into_owned())
}

fn by(link: &SecretText) -> NewGuest {
    NewGuest { tk: tk(link), ..NewGuest::default() }
}

const REGISTRANTS: &str = "POST /v2/meetings/*/registrants";
const INVITES: &str = "POST /v2/meetings/*/invite_links";

#[tokio::test]
async fn an_attendee_of_a_registered_room_is_registered_once_and_zoom_learns_nothing_of_them() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let visit = world.visit().await;
    world.sim.knobs(|knobs| knobs.names = Names::Masked);
    let first = world.way(&room, &visit, 0).await.unwrap();
    world.count(REGISTRANTS);
    assert_eq!(world.way(&room, &visit, 0).await.unwrap(), first, "the same link each time");
    assert_eq!(world.counted().await, 0, "without asking Zoom again");
    let guest = world.sim.guest(world.sim.join(room.meeting_number, by(&first)).unwrap()).unwrap();
    let shown = pseudonym(&room, visit.attendees[0].id);
    assert_eq!(guest.name, shown);
    assert!(shown.starts_with("Guest ") && shown.len() == 10, "{shown}");
    let email = guest.email.unwrap();
    assert!(email.ends_with("@anteroom.example"), "{email}");
    let registrant = guest.registrant_id.unwrap();
    let mut tx = world.store.read().await.unwrap();
    let known = tx.registrations(room.clinic_id, room.id, &[registrant]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].whose, Some((visit.id, visit.attendees[0].id)));
    assert!(!world.on_disk(first.expose().as_bytes()), "the link is kept sealed");
}

#[tokio::test]
async fn two_attendees_of_a_registered_room_have_links_of_their_own() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let couple = world.booked(world.amara.staff_id, 1, &["Rosa Delgado", "Luis Prado"]).await;
    let mut names = BTreeSet::new();
    for place in [0, 1] {
        let link = world.way(&room, &couple, place).await.unwrap();
        let guest = world.sim.join(room.meeting_number, by(&link)).unwrap();
        names.insert(world.sim.guest(guest).unwrap().name);
    }
    assert_eq!(names.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn presses_at_the_same_moment_end_in_one_registration() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::on(engine, |_| {}).await;
        world.connected().await;
        let room = world.registered_room().await;
        let visit = world.visit().await;
        // So that all of them ask before anybody has an answer.
        world.sim.fault(Fault { route: REGISTRANTS.to_owned(), delay_ms: 50, ..Fault::default() });
        let mut presses = Vec::new();
        for _ in 0..3 {
            let zoom = world.other_instance().await;
            let (room, visit) = (room.clone(), visit.clone());
            presses.push(tokio::spawn(async move {
                zoom.personal_way(room.clinic_id, &room, &visit, &visit.attendees[0]).await
            }));
        }
        let mut links = Vec::new();
        for press in presses {
            links.push(press.await.unwrap().unwrap());
        }
        assert!(links.iter().all(|link| *link == links[0]), "{name}");
        let kept = world.way(&room, &visit, 0).await.unwrap();
        assert_eq!(kept, links[0], "{name}");
    }
}

#[tokio::test]
async fn a_registration_whose_answer_was_lost_is_found_again() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let visit = world.visit().await;
    world.sim.fault(Fault {
        route: REGISTRANTS.to_owned(),
        after: true,
        status: Some(504),
        count: 1,
        ..Fault::default()
    });
    assert_eq!(world.way(&room, &visit, 0).await, None, "the room's own link is the way this time");
    let link = world.way(&room, &visit, 0).await.unwrap();
    assert!(world.sim.join(room.meeting_number, by(&link)).is_ok());
}

#[tokio::test]
async fn a_room_that_was_made_anew_registers_anew() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let visit = world.visit().await;
    let old = world.way(&room, &visit, 0).await.unwrap();
    world.delete_for_good(room.meeting_number);
    world.zoom.provision_room(room.clinic_id, room.staff_id).await.unwrap();
    let room = world.room().await;
    let new = world.way(&room, &visit, 0).await.unwrap();
    assert_ne!(new, old);
    assert!(world.sim.join(room.meeting_number, by(&new)).is_ok());
}

#[tokio::test]
async fn whatever_zoom_says_the_patient_is_not_told_and_takes_the_rooms_own_link() {
    let refusals = [
        (400, json!({ "code": 200, "message": "Only available for Paid user: x" })),
        (404, json!({ "code": 300, "message": "This meeting has not registration required" })),
        (404, json!({ "code": 3001, "message": "Meeting does not exist" })),
        (429, json!({ "code": 429, "message": "limit" })),
        (400, json!({ "code": 4711, "message": "does not contain scopes:[meeting:write:registrant]." })),
        (500, json!({})),
        (201, json!({ "registrant_id": "r" })),
        (201, json!([])),
    ];
    for (status, body) in refusals {
        let world = World::new().await;
        world.connected().await;
        let room = world.registered_room().await;
        let visit = world.visit().await;
        world.refusing(REGISTRANTS, status, body.clone());
        assert_eq!(world.way(&room, &visit, 0).await, None, "{status} {body}");
        assert_eq!(world.zoom.guest_way(room.clinic_id, &room).await, None);
    }
    let world = World::new().await;
    let connection = world.connected().await;
    let room = world.registered_room().await;
    let visit = world.visit().await;
    world.zoom.disconnect(connection.clinic_id, connection.staff_id).await.unwrap();
    assert_eq!(world.way(&room, &visit, 0).await, None);
}

#[tokio::test]
async fn a_limit_met_by_one_patient_does_not_keep_others_from_their_links() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let couple = world.booked(world.amara.staff_id, 1, &["Rosa Delgado", "Luis Prado"]).await;
    world.sim.fault(Fault {
        route: REGISTRANTS.to_owned(),
        status: Some(429),
        body: Some(json!({ "code": 429, "message": "You have exceeded the daily rate limit of (3)" })),
        count: 1,
        ..Fault::default()
    });
    assert_eq!(world.way(&room, &couple, 0).await, None);
    assert!(world.way(&room, &couple, 1).await.is_some());
    // Nor does one that was met by comparing with Zoom's record.
    world.refusing("GET /v2/past_meetings/*", 429, json!({ "code": 429, "message": "daily rate limit" }));
    assert!(world.zoom.instances(room.clinic_id, &room).await.is_err());
    assert!(world.way(&room, &couple, 0).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_patient_waits_three_seconds_at_most_and_what_comes_later_serves_the_next_press() {
    let started = tokio::time::Instant::now();
    let never = within_patience(domain::Ambient::system().id(), std::future::pending()).await;
    assert_eq!(never, None);
    assert_eq!(started.elapsed(), PATIENCE);
}

#[tokio::test]
async fn where_zoom_says_that_there_is_no_registration_the_room_is_looked_at_without_delay() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    let visit = world.visit().await;
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 0);
    world.refusing(REGISTRANTS, 404, json!({ "code": 300, "message": "no registration" }));
    assert_eq!(world.way(&room, &visit, 0).await, None);
    world.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(world.zoom.see_to_rooms().await.unwrap(), 1);
}

#[tokio::test]
async fn a_guest_of_a_registered_room_is_registered_without_a_name_and_each_one_anew() {
    let world = World::new().await;
    world.connected().await;
    let open = world.room().await;
    assert_eq!(world.zoom.guest_way(open.clinic_id, &open).await, None, "an open room needs none");
    let room = world.registered_room().await;
    let mut registrants = BTreeSet::new();
    for _ in 0..3 {
        let link = world.zoom.guest_way(room.clinic_id, &room).await.unwrap();
        let guest = world.sim.join(room.meeting_number, by(&link)).unwrap();
        registrants.insert(world.sim.guest(guest).unwrap().registrant_id.unwrap());
    }
    assert_eq!(registrants.len(), 3);
    let ids: Vec<_> = registrants.into_iter().collect();
    let mut tx = world.store.read().await.unwrap();
    let known = tx.registrations(room.clinic_id, room.id, &ids).await.unwrap();
    assert!(known.len() == 3 && known.iter().all(|one| one.whose.is_none()));
}

#[tokio::test]
async fn somebody_who_plays_with_the_guest_link_is_stopped_within_the_hour() {
    let world = World::new().await;
    world.connected().await;
    let room = world.registered_room().await;
    for _ in 0..GUESTS_AN_HOUR {
        assert!(world.zoom.guest_way(room.clinic_id, &room).await.is_some());
    }
    assert_eq!(world.zoom.guest_way(room.clinic_id, &room).await, None);
    world.clock.advance(AN_HOUR);
    assert!(world.zoom.guest_way(room.clinic_id, &room).await.is_some());
}

#[tokio::test]
async fn a_namesake_gets_a_link_that_brings_name_and_time_along_until_the_visit_is_over() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let visit = world.namesake().await;
    let link = world.way(&room, &visit, 0).await.unwrap();
    let guest = NewGuest { name: "Somebody".to_owned(), ..by(&link) };
    let rosa = world.sim.join(room.meeting_number, guest.clone()).unwrap();
    assert_eq!(world.sim.guest(rosa).unwrap().name, "Rosa Delgado 09:00");
    world.count(INVITES);
    assert_eq!(world.way(&room, &visit, 0).await.unwrap(), link);
    assert_eq!(world.counted().await, 0);
    world.clock.set(visit.ends_at.plus(OUTLIVES_VISIT));
    assert_eq!(world.sim.join(room.meeting_number, guest), Err(SimError::BadPersonalLink));
    let mut tx = world.store.read().await.unwrap();
    let everything = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    let invites = tx.invites(room.clinic_id, room.id, everything).await.unwrap();
    assert_eq!(invites.iter().map(|invite| invite.name.as_str()).collect::<Vec<_>>(), ["Rosa Delgado 09:00"]);
    assert!(!world.on_disk(link.expose().as_bytes()));
}

#[tokio::test]
async fn people_of_like_names_on_one_day_bring_their_time_along_and_nobody_else_a_name() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let host = world.amara.staff_id;
    let first = world.booked(host, 1, &["Rosa Delgado"]).await;
    let second = world.booked(host, 2, &["Rosa M. Delgado"]).await;
    let other = world.booked(host, 3, &["Tom Berg"]).await;
    let tomorrow = world.booked(host, 26, &["Tom Berg"]).await;
    let elsewhere = world.booked(world.colleague().await.staff_id, 1, &["Tom Berg"]).await;
    let twins = world.booked(host, 4, &["Ida Lund", "Ida Lund"]).await;
    let shown = async |visit: &Appointment, place: usize| {
        let link = world.way(&room, visit, place).await?;
        let guest = world.sim.join(room.meeting_number, by(&link)).unwrap();
        Some(world.sim.guest(guest).unwrap().name)
    };
    let some = |name: &str| Some(name.to_owned());
    // The clinic is in Chicago, six hours behind.
    assert_eq!(shown(&first, 0).await, some("Rosa Delgado 09:00"));
    assert_eq!(shown(&second, 0).await, some("Rosa M. Delgado 10:00"));
    assert_eq!(shown(&other, 0).await, None);
    assert_eq!(shown(&tomorrow, 0).await, None);
    assert_eq!(shown(&elsewhere, 0).await, None);
    assert_eq!(
        (shown(&twins, 0).await, shown(&twins, 1).await),
        (some("Ida Lund (1)"), some("Ida Lund (2)"))
    );

    // Once it turns out that there are two, both have one.
    world.booked(host, 5, &["Tom Berg"]).await;
    assert_eq!(shown(&other, 0).await, some("Tom Berg 11:00"));
}

#[tokio::test]
async fn what_tells_people_apart_survives_the_longest_name() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let name = format!("Rosa {}", "é".repeat(60));
    let visit = world.booked(world.amara.staff_id, 1, &[&name, &name]).await;
    let link = world.way(&room, &visit, 1).await.unwrap();
    let guest = world.sim.join(room.meeting_number, by(&link)).unwrap();
    assert!(world.sim.guest(guest).unwrap().name.ends_with(" (2)"));
}

#[tokio::test]
async fn an_account_without_invite_links_is_not_asked_again_for_a_day() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let visit = world.namesake().await;
    world.refusing(INVITES, 400, json!({ "code": 300, "message": "not offered" }));
    assert_eq!(world.way(&room, &visit, 0).await, None);
    world.sim.clear_faults();
    world.count(INVITES);
    assert_eq!(world.way(&room, &visit, 0).await, None);
    // Looking at the room does not forget it.
    world.zoom.provision_room(room.clinic_id, room.staff_id).await.unwrap();
    assert_eq!(world.way(&room, &visit, 0).await, None);
    assert_eq!(world.counted().await, 0);
    world.clock.advance(REFUSAL_HOLDS);
    assert!(world.way(&room, &visit, 0).await.is_some());
}

#[tokio::test]
async fn an_account_that_is_merely_away_is_asked_again_at_the_next_press() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let visit = world.namesake().await;
    world.refusing(INVITES, 503, json!({}));
    assert_eq!(world.way(&room, &visit, 0).await, None);
    world.sim.clear_faults();
    assert!(world.way(&room, &visit, 0).await.is_some());
}

#[tokio::test]
async fn without_the_permission_nobody_is_asked() {
    let world =
        World::with(|config| config.scopes.retain(|scope| scope != "meeting:write:invite_links")).await;
    world.connected().await;
    let room = world.room().await;
    world.count(INVITES);
    assert_eq!(world.way(&room, &world.namesake().await, 0).await, None);
    assert_eq!(world.counted().await, 0);
}

#[tokio::test]
async fn a_link_into_the_room_before_is_not_used_again() {
    let world = World::new().await;
    world.connected().await;
    let room = world.room().await;
    let visit = world.namesake().await;
    let old = world.way(&room, &visit, 0).await.unwrap();
    world.delete_for_good(room.meeting_number);
    world.zoom.provision_room(room.clinic_id, room.staff_id).await.unwrap();
    let room = world.room().await;
    let new = world.way(&room, &visit, 0).await.unwrap();
    assert_ne!(new, old);
    assert!(leads_to(&new, room.meeting_number) && !leads_to(&old, room.meeting_number));
}
