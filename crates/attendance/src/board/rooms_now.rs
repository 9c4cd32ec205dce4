//! Who is in the rooms now: what to know before letting anybody in, and who was marked as nobody to be matched.

use std::collections::BTreeMap;

use domain::{
    PresenceId, RoomId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        presence::{Presence, Whereabouts, Who},
        warnings::{self, There},
    },
    clinic::Zone,
};

use super::{
    build::{Day, name_or_number},
    view::{GuestRow, Named, Warning},
};
use crate::derive;

impl Day<'_> {
    /// Everybody who is in a room now, by room.
    fn there_now(&self) -> BTreeMap<RoomId, Vec<&Presence>> {
        let mut there: BTreeMap<RoomId, Vec<&Presence>> = BTreeMap::new();
        let is_there = |presence: &&Presence| {
            presence.whereabouts != Whereabouts::Left
                && presence.first_at.distance(self.now) <= derive::AROUND
        };
        for presence in self.presences.iter().filter(is_there) {
            there.entry(presence.room_id).or_default().push(presence);
        }
        there
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        let numbers = self.guest_numbers();
        let mut warnings: Vec<(Timestamp, Warning)> = self
            .there_now()
            .into_iter()
            .filter_map(|(room, there)| Some((self.host_of(room)?, there)))
            .flat_map(|(host, there)| {
                let appointments: Vec<&Appointment> =
                    self.appointments.iter().filter(|appointment| appointment.host == host.id).collect();
                of_room(&there, &appointments, &numbers, self.zone, &host)
            })
            .collect();
        warnings.sort_by_key(|(since, warning)| (warning.kind, *since));
        warnings.into_iter().map(|(_, warning)| warning).collect()
    }

    pub(super) fn guests(&self) -> Vec<GuestRow> {
        let mut guests: Vec<GuestRow> = self
            .there_now()
            .into_values()
            .flatten()
            .filter(|presence| is_marked(presence))
            .filter_map(|presence| {
                Some(GuestRow {
                    id: presence.id,
                    host: self.host_of(presence.room_id)?,
                    name: presence.shown_name.clone().unwrap_or_else(|| "Guest".to_owned()),
                    who: presence.who,
                    status: presence.whereabouts,
                    since: presence.since,
                })
            })
            .collect();
        guests.sort_by_key(|guest| (guest.since, guest.id));
        guests
    }
}

/// The warnings about one room, each with the time of the first whom it is about.
pub(crate) fn of_room(
    there: &[&Presence],
    appointments: &[&Appointment],
    numbers: &BTreeMap<PresenceId, usize>,
    zone: &Zone,
    host: &Named<StaffId>,
) -> Vec<(Timestamp, Warning)> {
    let names: Vec<String> = there.iter().map(|presence| name_or_number(presence, numbers)).collect();
    let there: Vec<There<'_>> =
        there.iter().zip(&names).map(|(presence, shown)| There { presence, shown }).collect();
    let since =
        |id: &PresenceId| there.iter().find(|one| one.presence.id == *id).map(|one| one.presence.since);
    warnings::of_room(&there, appointments, zone)
        .into_iter()
        .map(|warning| {
            let first = warning.presences.first().and_then(since).unwrap_or(Timestamp::from_micros(i64::MAX));
            let warnings::Warning { kind, sentence, presences } = warning;
            (first, Warning { kind, host: host.clone(), sentence, presences })
        })
        .collect()
}

/// Whether a person said that this is nobody to be matched. Whoever of the staff Zoom vouches for is known by name.
fn is_marked(presence: &Presence) -> bool {
    match presence.who {
        Who::Guest | Who::Interpreter => true,
        Who::Staff => presence.staff_id.is_none(),
        Who::Visitor => false,
    }
}
