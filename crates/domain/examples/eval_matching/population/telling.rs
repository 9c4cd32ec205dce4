//! What is kept of what people do, and what Zoom tells of it.

use std::{net::IpAddr, time::Duration};

use domain::{
    AttendeeId, DeliveryId, Timestamp,
    attendance::{
        event::{Person, RoomEvent, What},
        matching::{Invite, Press, Registration},
    },
    id::Id,
};
use uuid::Uuid;

use super::{Links, Told, comers::Comer, comers::Way, room::Room};

/// The number of the room's meeting.
pub const MEETING: i64 = 86_720_014_455;

pub fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

impl Room<'_> {
    /// So many seconds after the room opens.
    pub fn at(&self, seconds: i64) -> Timestamp {
        Timestamp::from_seconds(self.opens.as_seconds() + seconds)
    }

    pub fn next(&mut self) -> u128 {
        self.number += 1;
        self.number
    }

    pub fn user(&mut self) -> String {
        self.users += 1_024;
        self.users.to_string()
    }

    /// Notes a press by the link of this attendee.
    pub fn press(&mut self, link: AttendeeId, at: i64, address: Option<IpAddr>) {
        let Some(appointment_id) = self.appointment_of(link) else { return };
        let press = Press {
            id: id(self.next()),
            clinic_id: id(0),
            appointment_id,
            attendee_id: link,
            room_id: id(0),
            at: self.at(at),
            client_address: address,
            from_page: true,
        };
        self.day.presses.push(press);
    }

    /// What registration calls somebody who takes this way, made when it is first taken.
    pub fn registrant(&mut self, way: Way, at: i64) -> Option<String> {
        if self.account.links != Links::Registered {
            return None;
        }
        let whose = match way {
            Way::Link(attendee) if !self.unregistered.contains(&attendee) => {
                self.appointment_of(attendee).map(|appointment| (appointment, attendee))
            }
            Way::Link(_) | Way::Raw => None,
        };
        let at = self.at(at);
        let made = self.day.registrations.iter_mut().find(|one| whose.is_some() && one.whose == whose);
        if let Some(made) = made {
            made.at = made.at.min(at);
            return Some(made.registrant_id.clone());
        }
        let number = self.next();
        let registrant = format!("registrant-{number}");
        self.day.registrations.push(Registration {
            id: id(number),
            clinic_id: id(0),
            room_id: id(0),
            meeting_number: MEETING,
            registrant_id: registrant.clone(),
            whose,
            at,
        });
        Some(registrant)
    }

    /// The name that the way presets.
    pub fn preset(&mut self, way: Way, at: i64) -> Option<String> {
        let Way::Link(attendee) = way else { return None };
        if self.account.links != Links::Preset {
            return None;
        }
        let at = self.at(at);
        if let Some(made) = self.day.invites.iter_mut().find(|one| one.attendee_id == attendee) {
            made.at = made.at.min(at);
            return Some(made.name.clone());
        }
        let invited = self.day.invited.iter().find(|invited| invited.attendee == attendee)?;
        let (name, appointment_id) = (invited.name.as_str().to_owned(), invited.appointment);
        let invite = Invite {
            id: id(self.next()),
            clinic_id: id(0),
            room_id: id(0),
            appointment_id,
            attendee_id: attendee,
            name: name.clone(),
            at,
            until: at.plus(Duration::from_hours(2)),
        };
        self.day.invites.push(invite);
        Some(name)
    }

    /// What the program registers people as, so that Zoom need not know their names.
    pub fn pseudonym(&mut self) -> String {
        let code = self.chance.within(0, 65_536);
        format!("Guest {code:04X}")
    }

    fn appointment_of(&self, attendee: AttendeeId) -> Option<domain::AppointmentId> {
        self.day
            .invited
            .iter()
            .find(|invited| invited.attendee == attendee)
            .map(|invited| invited.appointment)
    }

    /// What Zoom says of somebody under this id.
    pub fn person(&self, comer: &Comer, user: &str) -> Person {
        Person {
            user_id: Some(user.to_owned()),
            zoom_user_id: comer.account.clone(),
            registrant_id: comer.registrant.clone(),
            name: comer.shown.clone().filter(|_| self.account.names_shown),
            phone: comer.phone.clone(),
            public_ip: Some(comer.address.clone()).filter(|_| self.account.tells_addresses),
            ..Person::default()
        }
    }

    /// Tells of something that happens, after its time; some is told late, and some is lost.
    pub fn says(&mut self, at: i64, what: What, person: Person) -> DeliveryId {
        let delivery = id(self.next());
        let delay =
            if self.chance.permille(10) { self.chance.within(5, 60) } else { self.chance.within(1, 4) };
        let lost = self.chance.permille(2) && !person.is_host;
        let event = RoomEvent {
            delivery,
            at: self.at(at),
            what,
            instance: Some("A".to_owned()),
            person: Some(person),
        };
        let told_at = self.at(at + delay);
        self.day.told.push(Told { at: (!lost).then_some(told_at), event });
        delivery
    }
}
