//! The room's day: who is booked, who is let in and when, who drops out and comes back.

use std::collections::BTreeSet;

use domain::{
    AttendeeId, Timestamp,
    attendance::{
        event::{Person, What},
        matching::ladder::Invited,
    },
    text::{ExternalId, Name, Phone},
};

use super::{
    Account, Arrival, Chance, Day,
    comers::{Booked, Comer, Way},
    people::Patient,
    telling::id,
};

pub const MINUTE: i64 = 60;

pub struct Room<'a> {
    pub chance: &'a mut Chance,
    pub account: Account,
    pub opens: Timestamp,
    pub day: Day,
    pub users: i64,
    pub number: u128,
    /// Attendees whom Zoom would not register: they are led along the guests' way.
    pub unregistered: BTreeSet<AttendeeId>,
    /// Who was booked last, by which id of the scheduler's, and with which telephone.
    last: Option<(Patient, String, Option<String>)>,
}

impl<'a> Room<'a> {
    pub fn new(chance: &'a mut Chance, account: Account, opens: Timestamp) -> Self {
        Self {
            chance,
            account,
            opens,
            day: Day::default(),
            users: 16_000_000,
            number: 1,
            unregistered: BTreeSet::new(),
            last: None,
        }
    }

    pub fn day(mut self) -> Day {
        let slot = if self.chance.permille(500) { 30 * MINUTE } else { 50 * MINUTE };
        let mut starts = 60 * MINUTE;
        let mut free = starts - self.chance.within(0, 6 * MINUTE);
        self.staff(free, "host", "Dr. Osei", None);
        self.day.colleagues = vec!["zoom-colleague".to_owned()];
        while starts < 9 * 60 * MINUTE {
            if !self.chance.permille(150) {
                free = self.appointment(starts, slot, free);
            }
            if self.chance.permille(10) {
                let at = starts + self.chance.within(-20 * MINUTE, slot);
                let comer = self.stranger(at);
                let until = at + self.chance.within(MINUTE, 20 * MINUTE);
                self.gives_up(&comer, until);
            }
            if self.chance.permille(20) {
                let at = starts + self.chance.within(-10 * MINUTE, slot);
                self.staff(at, "colleague", "Dr. Lim", Some("zoom-colleague"));
            }
            starts += slot;
        }
        self.day.presses.sort_by_key(|press| (press.at, press.id));
        self.day
    }

    /// Somebody of the staff is in the meeting; only the host stays.
    fn staff(&mut self, at: i64, user: &str, name: &str, account: Option<&str>) {
        let user = format!("{user}-{}", self.next());
        let person = Person {
            user_id: Some(user),
            zoom_user_id: account.map(str::to_owned),
            name: self.account.names_shown.then(|| name.to_owned()),
            is_host: account.is_none(),
            ..Person::default()
        };
        self.says(at, What::Joined, person.clone());
        if account.is_some() {
            let until = at + self.chance.within(2 * MINUTE, 15 * MINUTE);
            self.says(until, What::Left, person);
        }
    }

    /// Books, lets come and admits; tells when the clinician is free again.
    fn appointment(&mut self, starts: i64, slot: i64, free: i64) -> i64 {
        let many = match self.chance.within(0, 1_000) {
            0..890 => 1,
            890..980 => 2,
            _ => 3,
        };
        let home = format!("198.51.100.{}", self.chance.within(1, 250));
        let group = self.book(starts, slot, many);
        let mut comers = Vec::new();
        for booked in &group {
            if self.chance.permille(930) {
                comers.push(self.patient(booked, &home));
            }
        }
        if let Some(first) = group.first().filter(|_| !comers.is_empty())
            && self.chance.permille(30)
        {
            comers.push(self.companion(first, &home));
        }
        self.session(starts, slot, free, comers)
    }

    fn book(&mut self, starts: i64, slot: i64, many: usize) -> Vec<Booked> {
        let appointment = self.next();
        let before = self.last.clone();
        let mut group: Vec<Booked> = Vec::new();
        for index in 0..many {
            let namesake = self.chance.permille(8);
            let again = self.chance.permille(8);
            let sibling = self.chance.permille(15);
            let patient = match (group.first(), &before) {
                (Some(first), _) => first.patient.relative(self.chance),
                (None, Some((other, ..))) if namesake || again => *other,
                (None, Some((other, ..))) if sibling => other.relative(self.chance),
                _ => Patient::some(self.chance),
            };
            let number = self.next();
            let attendee: AttendeeId = id(number);
            let own =
                self.chance.permille(700).then(|| format!("+1312555{:04}", self.chance.within(0, 10_000)));
            let (person, phone) = match (&before, group.first()) {
                (Some((_, person, phone)), None) if again => (person.clone(), phone.clone()),
                // A household has one telephone, or several.
                (Some((other, _, phone)), None) if sibling && other.last == patient.last => {
                    (format!("p{number}"), phone.clone())
                }
                (_, Some(first)) if self.chance.permille(500) => (format!("p{number}"), first.phone.clone()),
                _ => (format!("p{number}"), own),
            };
            if index == 0 {
                self.last = Some((patient, person.clone(), phone.clone()));
            }
            if let (Ok(person), Ok(name)) = (ExternalId::parse(&person), Name::parse(&patient.known_as())) {
                self.day.invited.push(Invited {
                    appointment: id(appointment),
                    attendee,
                    person,
                    name,
                    starts_at: self.at(starts),
                    ends_at: self.at(starts + slot),
                    phone: phone.as_deref().and_then(|phone| Phone::parse(phone).ok()),
                    expected: true,
                });
            }
            let link = group.first().map(|first: &Booked| first.attendee);
            group.push(Booked {
                attendee,
                patient,
                phone,
                starts,
                forwarded: link.filter(|_| self.chance.permille(100)),
                is_one_of_several: many > 1,
                before: before.as_ref().map(|(patient, ..)| *patient),
            });
        }
        group
    }

    /// Lets them in when the clinician is free, and go at the end.
    fn session(&mut self, starts: i64, slot: i64, free: i64, mut comers: Vec<Comer>) -> i64 {
        comers.sort_by_key(|comer| comer.arrives);
        let Some(first) = comers.iter().map(|comer| comer.arrives).min() else { return free };
        let begins = (starts - self.chance.within(0, 2 * MINUTE))
            .max(free + 20)
            .max(first + self.chance.within(15, 60));
        let ends = (begins + slot - self.chance.within(2 * MINUTE, 10 * MINUTE)).max(begins + 5 * MINUTE);
        for comer in comers {
            let admitted = begins.max(comer.arrives + self.chance.within(15, 60));
            if admitted >= ends {
                self.gives_up(&comer, comer.arrives + 5 * MINUTE);
                continue;
            }
            let drops = (self.chance.permille(50) && ends - admitted > 10 * MINUTE)
                .then(|| self.chance.within(admitted + 2 * MINUTE, ends - 4 * MINUTE));
            self.stays(&comer, admitted, drops.unwrap_or(ends), drops.is_some());
            if let Some(dropped) = drops {
                self.rejoins(comer, dropped, ends);
            }
        }
        ends
    }

    fn rejoins(&mut self, mut comer: Comer, dropped: i64, ends: i64) {
        let back = dropped + self.chance.within(15, 2 * MINUTE);
        if comer.truth.is_some() {
            comer.kind = "back after a drop";
        }
        if self.chance.permille(150) {
            // From the house's network to the telephone's.
            comer.address = format!("203.0.113.{}", self.chance.within(1, 250));
        }
        let again = comer.truth.is_some() && comer.phone.is_none() && self.chance.permille(300);
        comer.pressed = again;
        comer.arrives = back;
        if let (true, Some(attendee)) = (again, comer.truth) {
            let before = self.chance.within(5, 14);
            let from = self.presses_from(&comer.address);
            self.press(attendee, back - before, from);
            comer.way = Way::Link(attendee);
            comer.registrant = self.registrant(comer.way, back);
        }
        let admitted = back + self.chance.within(10, 40);
        self.stays(&comer, admitted, ends.max(admitted + 10), false);
    }

    fn stays(&mut self, comer: &Comer, admitted: i64, until: i64, is_killed: bool) {
        let user = self.user();
        let waiting = self.person(comer, &user);
        let user = self.user();
        let inside = self.person(comer, &user);
        let joined = admitted + self.chance.within(1, 8);
        // Of a program that was killed Zoom learns late, in half of the cases.
        let told =
            if is_killed && self.chance.permille(500) { until + self.chance.within(20, 90) } else { until };
        let mut deliveries = vec![self.says(comer.arrives, What::JoinedWaitingRoom, waiting.clone())];
        deliveries.push(self.says(admitted, What::Admitted, waiting));
        deliveries.push(self.says(joined, What::Joined, inside.clone()));
        deliveries.push(self.says(told, What::Left, inside));
        self.arrived(comer, deliveries, Some(admitted), until);
    }

    fn gives_up(&mut self, comer: &Comer, until: i64) {
        let user = self.user();
        let waiting = self.person(comer, &user);
        let deliveries = vec![
            self.says(comer.arrives, What::JoinedWaitingRoom, waiting.clone()),
            self.says(until, What::LeftWaitingRoom, waiting),
        ];
        self.arrived(comer, deliveries, None, until);
    }

    fn arrived(
        &mut self,
        comer: &Comer,
        deliveries: Vec<domain::DeliveryId>,
        admitted: Option<i64>,
        left: i64,
    ) {
        self.day.arrivals.push(Arrival {
            kind: comer.kind,
            deliveries,
            shown: comer.shown.clone().filter(|_| self.account.names_shown),
            truth: comer.truth,
            pressed: comer.pressed,
            arrives_at: self.at(comer.arrives),
            admitted_at: admitted.map(|at| self.at(at)),
            left_at: self.at(left),
        });
    }
}
