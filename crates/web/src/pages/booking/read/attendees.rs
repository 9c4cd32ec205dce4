//! Who attends, as the form says it.

use domain::{
    appointment::{Appointment, Attendee, Consent, MOST_ATTENDEES},
    text::{Email, ExternalId, Language, Name, Phone},
};
use outreach::BookedAttendee;

use super::{Sent, Wrong};
use crate::pages::view::{
    booking::{AttendeeFields, shown},
    words::isolated,
};

impl Sent {
    /// Everybody who stands in the form, in its rows.
    pub(super) fn attendees(&self) -> Vec<AttendeeFields> {
        (0..=MOST_ATTENDEES)
            .map_while(|index| {
                let field = |name: &str| self.0.get(&format!("attendee-{index}-{name}"));
                let text = |name: &str| field(name).cloned().unwrap_or_default();
                field("name").map(|name| AttendeeFields {
                    external_id: text("external"),
                    name: name.clone(),
                    email: text("email"),
                    phone: text("phone"),
                    by_email: field("by-email").is_some(),
                    by_sms: field("by-sms").is_some(),
                    shown: field("shown").and_then(|word| shown(word)).unwrap_or_default(),
                    language: text("language"),
                })
            })
            .collect()
    }
}

/// The fields of somebody who is listed.
pub(in crate::pages::booking) fn fields_of(attendee: &Attendee) -> AttendeeFields {
    AttendeeFields {
        external_id: attendee.external_id.to_string(),
        name: attendee.name.to_string(),
        email: attendee.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        phone: attendee.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        by_email: attendee.consent.email,
        by_sms: attendee.consent.sms,
        shown: attendee.consent,
        language: attendee.language.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

pub(super) fn known<'a>(fields: &AttendeeFields, appointment: &'a Appointment) -> Option<&'a Attendee> {
    appointment.attendees.iter().find(|one| one.external_id.as_str() == fields.external_id.trim())
}

/// What the boxes say of what somebody agreed to. What was ticked already when the form was drawn says nothing: they may
/// have taken it back on their own page since.
pub(super) fn said(fields: &AttendeeFields, before: Option<&Attendee>) -> Consent {
    let one = |ticked: bool, shown: bool, holds: bool| if ticked == shown { holds } else { ticked };
    let holds = before.map_or(fields.shown, |before| before.consent);
    Consent {
        email: one(fields.by_email, fields.shown.email, holds.email),
        sms: one(fields.by_sms, fields.shown.sms, holds.sms),
    }
}

/// What they read best: none where that stays as it is.
fn language(fields: &AttendeeFields, before: Option<&Attendee>, clinic: &Language) -> Option<Language> {
    match some(&fields.language) {
        Some(code) => Language::parse(code).ok(),
        // A booking without a language keeps the one before.
        None => before.and_then(|before| before.language.as_ref()).map(|_| clinic.clone()),
    }
}

pub(super) fn attendee(
    index: usize,
    fields: &AttendeeFields,
    before: Option<&Attendee>,
    clinic: &Language,
    wrong: &mut Wrong,
) -> Option<BookedAttendee> {
    let whose = if fields.name.trim().is_empty() {
        format!("attendee {}", index + 1)
    } else {
        isolated(fields.name.trim())
    };
    let faults = wrong.faults.len();
    let mut note = |field: &str, what: &str, why: String| {
        wrong.note(format!("attendee-{index}-{field}"), format!("The {what} of {whose} {why}."));
    };
    let name = Name::parse(&fields.name).map_err(|why| note("name", "name", why.to_string())).ok();
    let email = some(&fields.email).and_then(|text| {
        Email::parse(text).map_err(|why| note("email", "e-mail address", why.to_string())).ok()
    });
    let phone = some(&fields.phone).and_then(|text| {
        Phone::parse(text).map_err(|why| note("phone", "telephone number", why.to_string())).ok()
    });
    if fields.by_email && email.is_none() && some(&fields.email).is_none() {
        note("email", "e-mail address", "is missing, though they agreed to e-mail".to_owned());
    }
    if fields.by_sms && phone.is_none() && some(&fields.phone).is_none() {
        note("phone", "telephone number", "is missing, though they agreed to text messages".to_owned());
    }
    let external_id = some(&fields.external_id).and_then(|text| ExternalId::parse(text).ok());
    let consent = said(fields, before);
    let language = language(fields, before, clinic);
    name.filter(|_| wrong.faults.len() == faults).map(|name| BookedAttendee {
        external_id,
        name,
        email,
        phone,
        consent,
        language,
    })
}

pub(super) fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
