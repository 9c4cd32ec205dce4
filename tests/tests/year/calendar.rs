//! Who sees patients when: everybody has some weekdays of their own and stays away now and then.

use std::time::Duration;

use domain::{
    AppointmentId, AttendeeId, Timestamp,
    appointment::{Appointment, Attendee, Consent, Kind, Status},
    text::{ExternalId, Name},
};
use jiff::{ToSpan as _, civil::Date};

use crate::{dice::Dice, world::World};

/// Everybody's patient.
pub const PATIENT: &str = "Rosa Delgado";

const LENGTH: Duration = Duration::from_mins(30);

/// How somebody's weeks look.
#[derive(Debug)]
pub struct Week {
    /// Monday first.
    weekdays: [bool; 5],
    /// Hours after midnight.
    first: u64,
    /// Weeks of the year, counted from its first, in which they are away.
    away: Vec<u64>,
}

/// A visit that was booked.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    pub id: AppointmentId,
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// Whether it is the host's first of its day.
    pub first: bool,
}

impl Week {
    pub fn cast(dice: &Dice) -> Self {
        let mut weekdays = [0; 5].map(|_| dice.percent(70));
        weekdays[usize::try_from(dice.below(5)).expect("an index")] = true;
        let away = (0..3).map(|_| 2 + dice.below(44)).collect();
        Self { weekdays, first: 7 + dice.below(6), away }
    }

    fn works(&self, week: u64, day: usize) -> bool {
        self.weekdays[day] && !self.away.contains(&week)
    }
}

/// Books everybody's visits in the week that begins on this Monday, the `week`th of the year. Returns them by host.
pub async fn book(world: &World, weeks: &[Week], monday: Date, week: u64) -> Vec<Vec<Visit>> {
    let mut tx = world.store().begin().await.expect("the database is there");
    let mut booked = Vec::new();
    for (host, own) in world.hosts.iter().zip(weeks) {
        let mut visits = Vec::new();
        for day in (0..5).filter(|day| own.works(week, *day)) {
            let date = monday + i64::try_from(day).expect("small").days();
            let midnight = world.clinic.zone.day(date).start;
            for (number, hours) in [own.first, own.first + 3].into_iter().enumerate() {
                let starts = midnight.plus(Duration::from_hours(hours));
                let visit =
                    Visit { id: world.ambient.id(), starts, ends: starts.plus(LENGTH), first: number == 0 };
                let attendee: AttendeeId = world.ambient.id();
                let appointment = Appointment {
                    id: visit.id,
                    clinic_id: world.clinic_id(),
                    external_id: ExternalId::parse(&visit.id.to_string()).expect("an id"),
                    starts_at: visit.starts,
                    ends_at: visit.ends,
                    host: host.id,
                    kind: Kind::Telehealth,
                    status: Status::Booked,
                    booked_as: domain::telehealth::Booked::default(),
                    revision: 0,
                    attendees: vec![Attendee {
                        id: attendee,
                        external_id: ExternalId::parse(&attendee.to_string()).expect("an id"),
                        name: Name::parse(PATIENT).expect("a name"),
                        email: None,
                        phone: None,
                        consent: Consent::default(),
                        language: None,
                    }],
                    created_at: world.now(),
                    updated_at: world.now(),
                };
                tx.put_appointment(world.clinic_id(), &appointment).await.expect("it is new");
                visits.push(visit);
            }
        }
        booked.push(visits);
    }
    tx.commit().await.expect("the database is there");
    booked
}
