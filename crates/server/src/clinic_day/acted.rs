//! One room's day, booked and acted.

use std::collections::BTreeMap;

use domain::{AttendeeId, DeliveryId, RoomId, Timestamp, attendance::event::What};
use serde_json::{Value, json};

use super::{
    house::House,
    population::{Account, Chance, Day, day},
    zoom_words::body,
};

/// What was booked for one of the day's attendees.
struct Link {
    attendee: AttendeeId,
    join: String,
}

/// A room, and what happens in it.
pub struct ActedRoom {
    pub number: usize,
    pub id: RoomId,
    pub email: String,
    pub day: Day,
    /// By the day's own attendees.
    links: BTreeMap<AttendeeId, Link>,
}

/// One of the day's deliveries.
#[derive(Clone, Copy)]
pub struct Told {
    pub room: usize,
    pub delivery: DeliveryId,
    pub what: What,
}

impl ActedRoom {
    /// Books the day's appointments.
    pub async fn book(house: &House, number: usize, account: Account, opens: Timestamp) -> Self {
        let mut chance = Chance::new(u64::try_from(number).unwrap() + 40_000);
        let day = day(&mut chance, account, opens);
        let host = &house.hosts[number];
        let mut links = BTreeMap::new();
        let mut appointments: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for invited in &day.invited {
            appointments.entry(invited.appointment).or_default().push(invited);
        }
        for (appointment, group) in appointments {
            let attendees: Vec<Value> = group
                .iter()
                .map(|invited| {
                    let mut attendee = json!({
                        "external_id": invited.person.as_str(), "name": invited.name.as_str(),
                        "consent": { "email": false, "sms": false },
                    });
                    if let Some(phone) = &invited.phone {
                        attendee["phone"] = json!(phone.as_str());
                    }
                    attendee
                })
                .collect();
            let first = group[0];
            let booking = json!({
                "starts_at": first.starts_at, "ends_at": first.ends_at, "host": host.email,
                "kind": "telehealth", "status": "booked", "attendees": attendees,
            });
            let path = format!("/api/v1/appointments/room-{number}-{appointment}");
            let booked = house.put(&path, &booking).await;
            for (invited, booked) in group.iter().zip(booked["attendees"].as_array().unwrap()) {
                assert_eq!(booked["external_id"], invited.person.as_str());
                let link = Link {
                    attendee: booked["id"].as_str().unwrap().parse().unwrap(),
                    join: booked["join_link"].as_str().unwrap().to_owned(),
                };
                links.insert(invited.attendee, link);
            }
        }
        Self { number, id: host.room, email: host.email.clone(), day, links }
    }

    /// The booked attendee whom the day calls so.
    pub fn attendee(&self, of_the_day: AttendeeId) -> AttendeeId {
        self.links[&of_the_day].attendee
    }

    pub fn attendees(&self) -> impl Iterator<Item = AttendeeId> {
        self.links.values().map(|link| link.attendee)
    }

    /// Somebody presses Join, and is led into the room.
    pub async fn press(&self, house: &House, press: usize) {
        let press = &self.day.presses[press];
        let led_to = house.press_join(&self.links[&press.attendee_id].join, press.client_address).await;
        let host = &house.hosts[self.number];
        assert_eq!(led_to, host.join_url);
    }

    /// Zoom tells of something.
    pub async fn tell(&self, house: &House, told: usize) {
        house.deliver(&self.body(house, told)).await;
    }

    /// What the deliveries say, by their bodies.
    pub fn bodies(&self, house: &House) -> impl Iterator<Item = (String, Told)> {
        self.day.told.iter().enumerate().map(|(number, told)| {
            let Self { number: room, .. } = *self;
            let one = Told { room, delivery: told.event.delivery, what: told.event.what };
            (self.body(house, number), one)
        })
    }

    fn body(&self, house: &House, told: usize) -> String {
        body(&self.day.told[told].event, &house.hosts[self.number])
    }
}
