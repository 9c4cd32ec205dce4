//! Who comes, how they are named, and by which way.

use domain::AttendeeId;

use super::{
    Links,
    people::{Patient, Style},
    room::{MINUTE, Room},
};

/// By which link somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the link that this attendee was sent.
    Link(AttendeeId),
    /// By an old link of the room itself, or by the clinic's guest link where the room is registered.
    Raw,
}

/// Somebody who comes.
#[derive(Clone)]
pub struct Comer {
    pub kind: &'static str,
    pub shown: Option<String>,
    pub truth: Option<AttendeeId>,
    pub way: Way,
    pub pressed: bool,
    pub arrives: i64,
    pub account: Option<String>,
    pub registrant: Option<String>,
    pub phone: Option<String>,
    pub address: String,
}

/// One of those who are invited to an appointment.
pub struct Booked {
    pub attendee: AttendeeId,
    pub patient: Patient,
    pub phone: Option<String>,
    pub starts: i64,
    /// The link that was forwarded to them, where they do not use their own.
    pub forwarded: Option<AttendeeId>,
    pub is_one_of_several: bool,
    /// Who was booked before.
    pub before: Option<Patient>,
}

impl Room<'_> {
    /// When, how and under which name a patient comes.
    pub fn patient(&mut self, booked: &Booked, home: &str) -> Comer {
        let patient = booked.patient;
        let offset = match self.chance.within(0, 1_000) {
            0..40 => self.chance.within(-60 * MINUTE, -25 * MINUTE),
            40..140 => self.chance.within(MINUTE, 15 * MINUTE),
            _ => self.chance.dice(-14 * MINUTE, 3 * MINUTE),
        };
        let style = Style::some(self.chance);
        let mut shown = Some(style.shown(patient, self.chance));
        let mut kind = match style {
            Style::NamedDevice => "a device of their name",
            Style::Device | Style::Number | Style::Sign => "a device, number or sign",
            Style::Nickname | Style::Mistyped => "a short form or slip",
            Style::FirstName => "part of the name",
            Style::Relative => "a relative's name",
            _ => "the whole name",
        };
        if let Some(other) = booked.before
            && other.last == patient.last
            && self.chance.permille(300)
        {
            // The family's tablet keeps the name of whoever typed it first.
            shown = Some(other.known_as());
            kind = "a shared device";
        } else if booked.before == Some(patient) {
            kind = "a namesake or twice a day";
        } else if booked.is_one_of_several {
            kind = "one of several";
        } else if offset < -25 * MINUTE {
            kind = "much too early";
        } else if offset > MINUTE {
            kind = "late";
        }
        if booked.forwarded.is_some() {
            kind = "a forwarded link";
        }
        let starts_at = booked.starts + offset;
        let mut comer = Comer {
            kind,
            shown,
            truth: Some(booked.attendee),
            way: Way::Link(booked.forwarded.unwrap_or(booked.attendee)),
            pressed: false,
            arrives: starts_at,
            account: None,
            registrant: None,
            phone: None,
            address: home.to_owned(),
        };
        if self.chance.permille(40) {
            // Behind one address with many others, as in a hostel or with some carriers.
            "203.0.113.250".clone_into(&mut comer.address);
        }
        if self.chance.permille(100) {
            comer.kind = "an old raw link";
            comer.way = Way::Raw;
            if self.chance.permille(100) {
                comer.kind = "by telephone";
                comer.phone = Some(match &booked.phone {
                    Some(phone) if self.chance.permille(800) => phone.trim_start_matches('+').to_owned(),
                    _ => format!("1312555{:04}", self.chance.within(0, 10_000)),
                });
                comer.shown.clone_from(&comer.phone);
            }
        } else {
            self.presses(&mut comer, booked.forwarded.is_none());
        }
        comer.account = self.chance.permille(80).then(|| format!("zoom-{home}"));
        comer.registrant = self.registrant(comer.way, comer.arrives);
        if comer.registrant.is_some() && comer.phone.is_none() && self.chance.permille(500) {
            // Who does not type over it bears the name that they were registered under.
            comer.shown = Some(self.pseudonym());
        }
        if comer.phone.is_none()
            && let Some(preset) = self.preset(comer.way, comer.arrives)
            && self.chance.permille(850)
        {
            comer.shown = Some(preset);
        }
        comer
    }

    fn presses(&mut self, comer: &mut Comer, is_own: bool) {
        let Way::Link(link) = comer.way else { return };
        let from = self.presses_from(&comer.address);
        let mut pressed_at = comer.arrives;
        if self.account.links == Links::Registered && self.chance.permille(5) {
            self.unregistered.insert(link);
        }
        let led_nowhere = self.chance.permille(20);
        if led_nowhere {
            // They press again, take another way, or come much later.
            self.press(link, pressed_at, from);
            comer.kind = "a press that led nowhere";
            pressed_at += self.chance.within(40, 6 * MINUTE);
        }
        let took_another_way = led_nowhere && self.chance.permille(150);
        let not_noted = self.chance.permille(3);
        if took_another_way {
            comer.way = Way::Raw;
        } else if !not_noted {
            self.press(link, pressed_at, from);
        }
        comer.pressed = is_own && !took_another_way;
        let slow = self.chance.permille(25);
        comer.arrives =
            pressed_at + if slow { self.chance.within(120, 480) } else { self.chance.dice(5, 50) };
    }

    /// Browsers and the Zoom program do not always come from one address.
    pub fn presses_from(&mut self, address: &str) -> Option<std::net::IpAddr> {
        if self.chance.permille(250) {
            return format!("2001:db8::{:x}", self.chance.within(1, 60_000)).parse().ok();
        }
        address.parse().ok()
    }

    /// An interpreter or one of the family, who is nobody's attendee.
    pub fn companion(&mut self, with: &Booked, home: &str) -> Comer {
        let at = with.starts + self.chance.within(-8 * MINUTE, 8 * MINUTE);
        let kind = self.chance.within(0, 4);
        let shown = match kind {
            0 => format!("Interpreter {}", self.chance.within(100, 999)),
            1 => "iPhone".to_owned(),
            2 => Patient::some(self.chance).known_as(),
            _ => with.patient.relative(self.chance).known_as(),
        };
        let address = if kind == 3 && self.chance.permille(500) {
            home.to_owned()
        } else {
            format!("203.0.113.{}", self.chance.within(1, 250))
        };
        let mut way = Way::Raw;
        if self.chance.permille(150) {
            way = Way::Link(with.attendee);
            let before = self.chance.within(8, 40);
            let from = self.presses_from(&address);
            self.press(with.attendee, at - before, from);
        }
        Comer {
            kind: "somebody who comes along",
            shown: self.preset(way, at).or(Some(shown)),
            truth: None,
            way,
            pressed: false,
            arrives: at,
            account: None,
            registrant: self.registrant(way, at),
            phone: None,
            address,
        }
    }

    /// Nobody whom the room knows, with a link from long ago.
    pub fn stranger(&mut self, at: i64) -> Comer {
        let shown = if self.chance.permille(200) {
            "iPhone".to_owned()
        } else {
            Patient::some(self.chance).known_as()
        };
        Comer {
            kind: "a stranger with an old link",
            shown: Some(shown),
            truth: None,
            way: Way::Raw,
            pressed: false,
            arrives: at,
            account: None,
            registrant: self.registrant(Way::Raw, at),
            phone: None,
            address: format!("192.0.2.{}", self.chance.within(1, 250)),
        }
    }
}
