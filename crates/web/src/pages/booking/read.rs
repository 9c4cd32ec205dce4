//! Reading the booking form: everything that is wrong is told at once, beside its field and in words.

mod attendees;
#[cfg(test)]
mod tests;
mod when;

use std::collections::BTreeMap;

use domain::{
    StaffId,
    appointment::{Appointment, Attendee, Kind, MOST_ATTENDEES, Status},
    staff::StaffMember,
    telehealth::{Aspect, Booked},
    text::{Language, Name},
};
use outreach::{BookedAttendee, Booking};

use crate::pages::{
    host_choices,
    view::{
        board::Choice,
        booking::{AspectField, AttendeeFields, BookingForm},
        words::Wall,
    },
};

pub(super) use attendees::fields_of;
use attendees::{attendee, known, said, some};
pub(super) use when::which;

/// Leaves it to the clinic's rules, in the form.
const BY_RULES: &str = "rules";

/// What the form sent, as it came.
pub(super) struct Sent(BTreeMap<String, String>);

/// What is wrong with it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    faults: Vec<(String, String)>,
    which: Vec<(&'static str, String, bool)>,
}

impl Wrong {
    fn note(&mut self, field: impl Into<String>, why: impl Into<String>) {
        self.faults.push((field.into(), why.into()));
    }

    /// The form with what is wrong in it.
    pub fn into_form(self, form: BookingForm) -> BookingForm {
        let which = self
            .which
            .into_iter()
            .map(|(value, word, chosen)| Choice { value: value.to_owned(), word, chosen })
            .collect();
        BookingForm { faults: self.faults, which, ..form }
    }
}

impl Sent {
    pub fn new(fields: BTreeMap<String, String>) -> Self {
        Self(fields)
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// Whether it is left to the clinic's rules where it takes place.
    pub fn by_rules(&self) -> bool {
        self.text("kind") == BY_RULES
    }

    /// As what it is booked; none where the form did not ask.
    fn booked_as(&self, wrong: &mut Wrong) -> Option<Booked> {
        self.0.get(Aspect::Service.as_str())?;
        let mut one = |aspect: Aspect| {
            let text = some(self.text(aspect.as_str()))?;
            Name::parse(text)
                .map_err(|why| wrong.note(aspect.as_str(), format!("What it is booked as {why}.")))
                .ok()
        };
        Some(Booked {
            event_type: one(Aspect::EventType),
            location: one(Aspect::Location),
            service: one(Aspect::Service),
        })
    }

    /// The form as it was sent: nothing that was typed is lost.
    pub fn form(&self, fresh: &BookingForm, staff: &[StaffMember], kept: Option<StaffId>) -> BookingForm {
        let host = self.text("host").parse().ok();
        BookingForm {
            revision: self.text("revision").to_owned(),
            date: self.text("date").to_owned(),
            start: self.text("start").to_owned(),
            minutes: self.text("minutes").to_owned(),
            hosts: host_choices(staff, host, kept),
            in_person: self.text("kind") == Kind::InPerson.as_str(),
            by_rules: self.by_rules(),
            aspects: fresh
                .aspects
                .iter()
                .map(|field| AspectField { value: self.text(field.name).to_owned(), ..field.clone() })
                .collect(),
            attendees: self.attendees(),
            which: Vec::new(),
            ..fresh.clone()
        }
    }

    /// The form with one row more or less, where that is what was asked for.
    pub fn another_row(&self, form: &BookingForm) -> Option<BookingForm> {
        let mut form = BookingForm { open: true, ..form.clone() };
        if let Some(index) = self.0.get("remove") {
            let index: usize = index.parse().ok()?;
            if index < form.attendees.len() {
                form.attendees.remove(index);
            }
            if form.attendees.is_empty() {
                form.attendees.push(AttendeeFields::default());
            }
            return Some(form);
        }
        self.0.get("more")?;
        if form.attendees.len() < MOST_ATTENDEES {
            form.attendees.push(AttendeeFields::default());
        }
        Some(form)
    }

    /// Whether the form was drawn of the appointment as it stands.
    pub fn is_of(&self, appointment: &Appointment) -> bool {
        self.text("revision") == appointment.revision.to_string()
    }

    /// The form to be looked at once more, since the appointment was changed after it was drawn: what was typed stays,
    /// boxes that nobody touched show what holds now, and whoever was added meanwhile is not taken off.
    pub fn after_a_change(form: BookingForm, now: &Appointment, what: String) -> BookingForm {
        let mut attendees: Vec<AttendeeFields> = (form.attendees.into_iter())
            .filter(|fields| !fields.is_empty())
            .map(|fields| match known(&fields, now) {
                Some(attendee) => {
                    let consent = said(&fields, Some(attendee));
                    let shown = attendee.consent;
                    AttendeeFields { by_email: consent.email, by_sms: consent.sms, shown, ..fields }
                }
                None => fields,
            })
            .collect();
        let is_listed = |attendee: &Attendee| {
            attendees.iter().any(|one| one.external_id == attendee.external_id.as_str())
        };
        let added: Vec<_> = now.attendees.iter().filter(|one| !is_listed(one)).map(fields_of).collect();
        attendees.extend(added);
        attendees.push(AttendeeFields::default());
        BookingForm { attendees, conflict: what, revision: now.revision.to_string(), open: true, ..form }
    }

    /// The booking that it asks for, or all that is wrong with it. A box of somebody who is listed already counts only
    /// where it was changed; `clinic` is the language of whoever reads the clinic's.
    pub fn booking(
        &self,
        wall: &Wall,
        before: Option<&Appointment>,
        clinic: &Language,
    ) -> Result<Booking, Wrong> {
        let mut wrong = Wrong::default();
        let starts_at = self.starts_at(wall, &mut wrong);
        let length = self.length(&mut wrong);
        let host: Option<StaffId> = self.text("host").parse().ok();
        if host.is_none() {
            wrong.note("host", "Choose whose room it is in.");
        }
        let booked_as = self.booked_as(&mut wrong);
        // Where the rules say it, what stands here counts for nothing.
        let kind = if self.by_rules() { Some(Kind::InPerson) } else { Kind::from_word(self.text("kind")) };
        if kind.is_none() {
            wrong.note("kind", "Choose whether it is by video or at the clinic.");
        }
        let attendees: Vec<BookedAttendee> = (0..)
            .zip(self.attendees())
            .filter(|(_, fields)| !fields.is_empty())
            .filter_map(|(index, fields)| {
                let before = before.and_then(|before| known(&fields, before));
                attendee(index, &fields, before, clinic, &mut wrong)
            })
            .collect();
        if attendees.is_empty() && !wrong.faults.iter().any(|(field, _)| field.starts_with("attendee-")) {
            wrong.note("attendee-0-name", "Somebody has to attend: give a name.");
        }
        match (starts_at, length, host, kind) {
            (Some(starts_at), Some(length), Some(host), Some(kind)) if wrong.faults.is_empty() => {
                Ok(Booking {
                    external_id: None,
                    starts_at,
                    ends_at: starts_at.plus(length),
                    host,
                    kind,
                    status: Status::Booked,
                    booked_as,
                    attendees,
                })
            }
            _ => Err(wrong),
        }
    }
}
