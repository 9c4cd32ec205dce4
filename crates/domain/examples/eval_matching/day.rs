//! One day in one room: who is invited, who presses, who comes, and what Zoom says of it. The truth stands beside it.

use domain::{
    AttendeeId, DeliveryId, Timestamp,
    attendance::{
        event::{Person, RoomEvent, What},
        matching::{Press, ladder::Invited},
    },
    id::Id,
    text::{ExternalId, Name},
};
use uuid::Uuid;

use crate::{
    chance::Chance,
    people::{Patient, Style},
};

/// 2026-11-23T14:00:00Z
const OPENS: i64 = 1_795_442_400;
const MINUTE: i64 = 60;

/// An event, and when it was heard of.
pub struct Heard {
    pub at: Timestamp,
    pub event: RoomEvent,
}

/// Somebody's arrival.
pub struct Arrival {
    pub kind: &'static str,
    pub first: DeliveryId,
    pub shown: Option<String>,
    /// Which attendees it was; nobody's for strangers and for those who came along.
    pub truth: Vec<AttendeeId>,
    /// Whether this person pressed Join on their own link.
    pub pressed: bool,
    /// The moment before somebody lets them in, or they give up.
    pub asked_at: Timestamp,
}

#[derive(Default)]
pub struct Day {
    pub invited: Vec<Invited>,
    pub presses: Vec<Press>,
    pub heard: Vec<Heard>,
    pub arrivals: Vec<Arrival>,
}

struct Comer {
    kind: &'static str,
    shown: Option<String>,
    truth: Vec<AttendeeId>,
    pressed: bool,
    arrives: i64,
    account: Option<String>,
    address: String,
}

struct Maker<'a> {
    chance: &'a mut Chance,
    day: Day,
    masked: bool,
    users: i64,
    number: u128,
    patients: Vec<(AttendeeId, Patient)>,
}

fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

fn seconds(at: i64) -> Timestamp {
    Timestamp::from_seconds(OPENS + at)
}

/// A day of a room whose account masks all names, or none.
pub fn day(chance: &mut Chance, masked: bool) -> Day {
    let mut maker =
        Maker { chance, day: Day::default(), masked, users: 16_000_000, number: 1, patients: Vec::new() };
    maker.run();
    maker.day
}

impl Maker<'_> {
    fn run(&mut self) {
        let slot = if self.chance.permille(500) { 30 * MINUTE } else { 50 * MINUTE };
        let mut starts = 60 * MINUTE;
        let mut free = starts - self.chance.within(0, 6 * MINUTE);
        self.says(free, What::Joined, "host", Some("Dr. Osei".to_owned()), None, "10.0.0.1", true);
        while starts < 9 * 60 * MINUTE {
            if !self.chance.permille(150) {
                free = self.appointment(starts, slot, free);
            }
            if self.chance.permille(10) {
                let at = starts + self.chance.within(-20 * MINUTE, slot);
                self.stranger(at);
            }
            starts += slot;
        }
    }

    /// Books, lets come and admits; tells when the clinician is free again.
    fn appointment(&mut self, starts: i64, slot: i64, free: i64) -> i64 {
        let appointment = self.next();
        let many = match self.chance.within(0, 1_000) {
            0..890 => 1,
            890..980 => 2,
            _ => 3,
        };
        let mut group: Vec<(AttendeeId, Patient)> = Vec::new();
        let before = self.patients.last().copied();
        for _ in 0..many {
            let of_the_day = self.chance.permille(8);
            let again = self.chance.permille(8);
            let sibling = self.chance.permille(15);
            let patient = match (group.first(), before) {
                (Some((_, first)), _) => first.relative(self.chance),
                (None, Some((_, other))) if of_the_day || again => other,
                (None, Some((_, other))) if sibling => other.relative(self.chance),
                _ => Patient::some(self.chance),
            };
            let number = self.next();
            let person = match before {
                Some((other, known)) if again && known == patient && group.is_empty() => {
                    self.person_of(other)
                }
                _ => format!("p{number}"),
            };
            if let (Ok(person), Ok(name)) = (ExternalId::parse(&person), Name::parse(&patient.known_as())) {
                self.day.invited.push(Invited {
                    appointment: id(appointment),
                    attendee: id(number),
                    person,
                    name,
                    starts_at: seconds(starts),
                    ends_at: seconds(starts + slot),
                    phone: None,
                    expected: true,
                });
            }
            group.push((id(number), patient));
        }
        self.patients.extend(group.iter().copied());
        let mut comers = Vec::new();
        let home = format!("198.51.100.{}", self.chance.within(1, 250));
        for (index, (attendee, patient)) in group.iter().enumerate() {
            if self.chance.permille(930) {
                let link = if index > 0 && self.chance.permille(100) {
                    group.first().map(|(first, _)| *first)
                } else {
                    None
                };
                comers.push(self.patient(*attendee, *patient, starts, link, many > 1, &home, before));
            }
        }
        if !comers.is_empty() && self.chance.permille(30) {
            comers
                .extend(group.first().map(|(attendee, patient)| self.companion(*attendee, *patient, starts)));
        }
        self.session(starts, slot, free, comers)
    }

    fn person_of(&self, attendee: AttendeeId) -> String {
        self.day
            .invited
            .iter()
            .find(|invited| invited.attendee == attendee)
            .map(|invited| invited.person.as_str().to_owned())
            .unwrap_or_default()
    }

    #[expect(clippy::too_many_arguments, reason = "what one patient's coming depends on")]
    fn patient(
        &mut self,
        attendee: AttendeeId,
        patient: Patient,
        starts: i64,
        forwarded: Option<AttendeeId>,
        is_one_of_several: bool,
        home: &str,
        before: Option<(AttendeeId, Patient)>,
    ) -> Comer {
        let offset = match self.chance.within(0, 1_000) {
            0..40 => self.chance.within(-60 * MINUTE, -25 * MINUTE),
            40..140 => self.chance.within(MINUTE, 15 * MINUTE),
            _ => self.chance.dice(-14 * MINUTE, 3 * MINUTE),
        };
        let style = Style::some(self.chance);
        let mut shown = Some(style.shown(patient, self.chance));
        let raw = self.chance.permille(100);
        let mut kind = match style {
            Style::NamedDevice => "a device of their name",
            Style::Device | Style::Number | Style::Sign => "a device, number or sign",
            Style::Nickname | Style::Mistyped => "a short form or slip",
            Style::FirstName => "part of the name",
            Style::Relative => "a relative's name",
            _ => "the whole name",
        };
        if let Some((_, other)) = before
            && other.last == patient.last
            && self.chance.permille(300)
        {
            // The family's tablet keeps the name of whoever typed it first.
            shown = Some(other.known_as());
            kind = "a shared device";
        } else if let Some((_, other)) = before
            && other == patient
        {
            kind = "a namesake or twice a day";
        } else if is_one_of_several {
            kind = "one of several";
        } else if offset < -25 * MINUTE {
            kind = "much too early";
        } else if offset > MINUTE {
            kind = "late";
        }
        if forwarded.is_some() {
            kind = "a forwarded link";
        }
        let mut pressed_at = starts + offset;
        let mut arrives = pressed_at;
        let mut pressed = false;
        if raw {
            kind = "an old raw link";
        } else {
            if self.chance.permille(20) {
                // It led nowhere: they press again, take the raw link, or come much later.
                self.press(forwarded.unwrap_or(attendee), pressed_at);
                kind = "a press that led nowhere";
                pressed_at += self.chance.within(40, 6 * MINUTE);
            }
            let took_another_way = kind == "a press that led nowhere" && self.chance.permille(150);
            let not_noted = self.chance.permille(3);
            if !took_another_way && !not_noted {
                self.press(forwarded.unwrap_or(attendee), pressed_at);
            }
            pressed = forwarded.is_none() && !took_another_way;
            let slow = self.chance.permille(25);
            arrives = pressed_at + if slow { self.chance.within(120, 480) } else { self.chance.dice(5, 50) };
        }
        let account = self.chance.permille(80).then(|| format!("zoom-{home}"));
        Comer { kind, shown, truth: vec![attendee], pressed, arrives, account, address: home.to_owned() }
    }

    /// An interpreter or one of the family, who is nobody's attendee.
    fn companion(&mut self, attendee: AttendeeId, patient: Patient, starts: i64) -> Comer {
        let at = starts + self.chance.within(-8 * MINUTE, 8 * MINUTE);
        if self.chance.permille(150) {
            let before = self.chance.within(8, 40);
            self.press(attendee, at - before);
        }
        let shown = match self.chance.within(0, 4) {
            0 => format!("Interpreter {}", self.chance.within(100, 999)),
            1 => "iPhone".to_owned(),
            2 => Patient::some(self.chance).known_as(),
            _ => patient.relative(self.chance).known_as(),
        };
        Comer {
            kind: "somebody who comes along",
            shown: Some(shown),
            truth: Vec::new(),
            pressed: false,
            arrives: at,
            account: None,
            address: format!("203.0.113.{}", self.chance.within(1, 250)),
        }
    }

    fn stranger(&mut self, at: i64) {
        let shown = if self.chance.permille(200) {
            "iPhone".to_owned()
        } else {
            Patient::some(self.chance).known_as()
        };
        let comer = Comer {
            kind: "a stranger with an old link",
            shown: Some(shown),
            truth: Vec::new(),
            pressed: false,
            arrives: at,
            account: None,
            address: format!("192.0.2.{}", self.chance.within(1, 250)),
        };
        let gives_up = at + self.chance.within(MINUTE, 20 * MINUTE);
        let (user, shown) = self.arrives(&comer, gives_up);
        self.says(gives_up, What::LeftWaitingRoom, &user, shown, None, &comer.address, false);
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
                let (user, shown) = self.arrives(&comer, comer.arrives + 5 * MINUTE);
                self.says(
                    comer.arrives + 5 * MINUTE,
                    What::LeftWaitingRoom,
                    &user,
                    shown,
                    None,
                    &comer.address,
                    false,
                );
                continue;
            }
            let drops =
                (!comer.truth.is_empty() && self.chance.permille(50) && ends - admitted > 10 * MINUTE)
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
        comer.kind = "back after a drop";
        comer.pressed = self.chance.permille(300);
        comer.arrives = back;
        if let (true, Some(attendee)) = (comer.pressed, comer.truth.first()) {
            let before = self.chance.within(5, 14);
            self.press(*attendee, back - before);
        }
        let admitted = back + self.chance.within(10, 40);
        self.stays(&comer, admitted, ends.max(admitted + 10), false);
    }

    fn stays(&mut self, comer: &Comer, admitted: i64, until: i64, is_killed: bool) {
        let (user, shown) = self.arrives(comer, admitted);
        let account = comer.account.clone();
        self.says(admitted, What::Admitted, &user, shown.clone(), account.clone(), &comer.address, false);
        let inside = self.user();
        let joined = admitted + self.chance.within(1, 8);
        self.says(joined, What::Joined, &inside, shown.clone(), account.clone(), &comer.address, false);
        // Of a program that was killed Zoom learns late, in half of the cases.
        let told =
            if is_killed && self.chance.permille(500) { until + self.chance.within(20, 90) } else { until };
        self.says(told, What::Left, &inside, shown, account, &comer.address, false);
    }

    fn arrives(&mut self, comer: &Comer, admitted: i64) -> (String, Option<String>) {
        let shown = comer.shown.clone().filter(|_| !self.masked);
        let user = self.user();
        let first = id(self.number + 1);
        self.says(
            comer.arrives,
            What::JoinedWaitingRoom,
            &user,
            shown.clone(),
            comer.account.clone(),
            &comer.address,
            false,
        );
        self.day.arrivals.push(Arrival {
            kind: comer.kind,
            first,
            shown: shown.clone(),
            truth: comer.truth.clone(),
            pressed: comer.pressed,
            asked_at: seconds(admitted - 1),
        });
        (user, shown)
    }

    fn press(&mut self, attendee: AttendeeId, at: i64) {
        let appointment = self.day.invited.iter().find(|invited| invited.attendee == attendee);
        let Some(appointment_id) = appointment.map(|invited| invited.appointment) else { return };
        let press = Press {
            id: id(self.next()),
            clinic_id: id(0),
            appointment_id,
            attendee_id: attendee,
            room_id: id(0),
            at: seconds(at),
            client_address: None,
        };
        self.day.presses.push(press);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one event")]
    fn says(
        &mut self,
        at: i64,
        what: What,
        user: &str,
        name: Option<String>,
        account: Option<String>,
        address: &str,
        is_host: bool,
    ) {
        let delivery = id(self.next());
        let delay =
            if self.chance.permille(10) { self.chance.within(5, 60) } else { self.chance.within(1, 4) };
        let person = Person {
            user_id: Some(user.to_owned()),
            zoom_user_id: account,
            name,
            public_ip: Some(address.to_owned()),
            is_host,
            ..Person::default()
        };
        let event = RoomEvent {
            delivery,
            at: seconds(at),
            what,
            instance: Some("A".to_owned()),
            person: Some(person),
        };
        self.day.heard.push(Heard { at: seconds(at + delay), event });
    }

    fn user(&mut self) -> String {
        self.users += 1_024;
        self.users.to_string()
    }

    fn next(&mut self) -> u128 {
        self.number += 1;
        self.number
    }
}
