//! Reading the booking form: everything that is wrong is told at once, beside its field and in words.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    StaffId, Timestamp,
    appointment::{Appointment, Attendee, Consent, Kind, LONGEST, MOST_ATTENDEES, Status},
    staff::StaffMember,
    telehealth::{Aspect, Booked},
    text::{Email, ExternalId, Language, Name, Phone},
};
use jiff::{
    civil::{Date, Time},
    tz::AmbiguousOffset,
};
use outreach::{BookedAttendee, Booking};

use crate::pages::{
    host_choices,
    view::{
        board::Choice,
        booking::{AspectField, AttendeeFields, BookingForm, shown},
        words::{Wall, isolated, long_date},
    },
};

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

    fn attendees(&self) -> Vec<AttendeeFields> {
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

    fn length(&self, wrong: &mut Wrong) -> Option<Duration> {
        let longest = LONGEST.as_secs() / 60;
        match self.text("minutes").parse::<u64>() {
            Ok(minutes) if (1..=longest).contains(&minutes) => Some(Duration::from_mins(minutes)),
            _ => {
                wrong.note("minutes", format!("Give the length in whole minutes, from 1 to {longest}."));
                None
            }
        }
    }

    /// The instant that date and time mean on the clinic's wall. Where the clocks change, a time may not exist, or
    /// come twice; neither is guessed.
    fn starts_at(&self, wall: &Wall, wrong: &mut Wrong) -> Option<Timestamp> {
        let date: Option<Date> = self.text("date").parse().ok();
        if date.is_none() {
            wrong.note("date", "Give a date such as 2026-11-23.");
        }
        let time: Option<Time> = Time::strptime("%H:%M", self.text("start")).ok();
        if time.is_none() {
            wrong.note("start", "Give a time such as 14:30.");
        }
        let wanted = date?.to_datetime(time?);
        let found = wall.zone.rules().to_ambiguous_timestamp(wanted);
        match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => found.unambiguous().ok().map(Timestamp::from),
            AmbiguousOffset::Gap { .. } => {
                let before = found.earlier().ok().map(Timestamp::from)?;
                let after = found.later().ok().map(Timestamp::from)?;
                wrong.note(
                    "start",
                    format!(
                        "{} does not exist on {} in {}: the clocks are put forward over it. Choose {} or {}.",
                        time?.strftime("%H:%M"),
                        long_date(date?),
                        wall.zone_place(),
                        wall.time(before),
                        wall.time(after)
                    ),
                );
                None
            }
            AmbiguousOffset::Fold { .. } => {
                let first = found.earlier().ok().map(Timestamp::from)?;
                let second = found.later().ok().map(Timestamp::from)?;
                let answer = self.text("which");
                wrong.which =
                    choices(wall, first, second).map(|(value, word)| (value, word, value == answer)).into();
                match answer {
                    "first" => Some(first),
                    "second" => Some(second),
                    _ => {
                        wrong.note(
                            "start",
                            format!(
                                "{} comes twice on {} in {}, since the clocks are put back. Choose which one is meant.",
                                time?.strftime("%H:%M"),
                                long_date(date?),
                                wall.zone_place()
                            ),
                        );
                        None
                    }
                }
            }
        }
    }
}

fn choices(wall: &Wall, first: Timestamp, second: Timestamp) -> [(&'static str, String); 2] {
    let word = |at| format!("{} {}", wall.time(at), wall.zone_word(at));
    [("first", format!("the first, {}", word(first))), ("second", format!("the second, {}", word(second)))]
}

/// For an appointment that starts at a time which comes twice: which of the two it is.
pub(super) fn which(wall: &Wall, starts_at: Timestamp) -> Vec<Choice> {
    let on_the_wall = starts_at.in_zone(wall.zone.rules()).datetime();
    let found = wall.zone.rules().to_ambiguous_timestamp(on_the_wall);
    let AmbiguousOffset::Fold { .. } = found.offset() else { return Vec::new() };
    let (Ok(first), Ok(second)) = (found.earlier(), found.later()) else { return Vec::new() };
    choices(wall, first.into(), second.into())
        .into_iter()
        .zip([first, second])
        .map(|((value, word), at)| Choice {
            value: value.to_owned(),
            word,
            chosen: Timestamp::from(at).as_seconds() == starts_at.as_seconds(),
        })
        .collect()
}

/// The fields of somebody who is listed.
pub(super) fn fields_of(attendee: &Attendee) -> AttendeeFields {
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

fn known<'a>(fields: &AttendeeFields, appointment: &'a Appointment) -> Option<&'a Attendee> {
    appointment.attendees.iter().find(|one| one.external_id.as_str() == fields.external_id.trim())
}

/// What the boxes say of what somebody agreed to. What was ticked already when the form was drawn says nothing: they may
/// have taken it back on their own page since.
fn said(fields: &AttendeeFields, before: Option<&Attendee>) -> Consent {
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

fn attendee(
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

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::clinic::Zone;

    use super::*;

    const HOST: &str = "staff_01935a5a70007000800000000000002a";

    fn wall() -> Wall {
        Wall { zone: Zone::parse("America/Chicago").unwrap(), now: "2026-11-23T16:07:31Z".parse().unwrap() }
    }

    fn sent(changes: &[(&str, &str)]) -> Sent {
        let mut fields: BTreeMap<String, String> = [
            ("date", "2026-11-23"),
            ("start", "14:30"),
            ("minutes", "50"),
            ("host", HOST),
            ("kind", "telehealth"),
            ("attendee-0-external", ""),
            ("attendee-0-name", "Rosa Delgado"),
            ("attendee-0-email", ""),
            ("attendee-0-phone", ""),
            ("attendee-1-name", ""),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, value) in changes {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        Sent(fields)
    }

    fn faults(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        sent(changes).booking(&wall(), None, &Language::english()).unwrap_err().faults
    }

    #[test]
    fn what_was_typed_is_meant_on_the_clinics_wall() {
        let booking = sent(&[]).booking(&wall(), None, &Language::english()).unwrap();
        assert_eq!(booking.starts_at.to_string(), "2026-11-23T20:30:00Z");
        assert_eq!(booking.ends_at.to_string(), "2026-11-23T21:20:00Z");
        assert_eq!(booking.attendees.len(), 1, "an empty row is nobody");
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_refused_with_its_neighbours() {
        let faults = faults(&[("date", "2026-03-08"), ("start", "02:30")]);
        assert_eq!(faults.len(), 1);
        assert_eq!(
            faults[0],
            (
                "start".to_owned(),
                "02:30 does not exist on Sunday 8 March 2026 in Chicago time: the clocks are put forward over it. \
                 Choose 01:30 or 03:30."
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_time_that_comes_twice_is_asked_about_and_never_guessed() {
        let twice = [("date", "2026-11-01"), ("start", "01:30")];
        let wrong = sent(&twice).booking(&wall(), None, &Language::english()).unwrap_err();
        assert!(wrong.faults[0].1.starts_with("01:30 comes twice on Sunday 1 November 2026"));
        assert_eq!(wrong.which[0].1, "the first, 01:30 CDT");
        assert_eq!(wrong.which[1].1, "the second, 01:30 CST");
        let at = |which| {
            sent(&[twice[0], twice[1], ("which", which)])
                .booking(&wall(), None, &Language::english())
                .unwrap()
                .starts_at
        };
        assert_eq!(at("first").to_string(), "2026-11-01T06:30:00Z");
        assert_eq!(at("second").to_string(), "2026-11-01T07:30:00Z");
        assert!(which(&wall(), at("second"))[1].chosen);
    }

    #[test]
    fn a_length_counts_real_minutes_over_a_change_of_clocks() {
        let booking = sent(&[("date", "2026-03-08"), ("start", "01:30"), ("minutes", "60")])
            .booking(&wall(), None, &Language::english())
            .unwrap();
        assert_eq!(booking.ends_at.since(booking.starts_at), Duration::from_hours(1));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_beside_its_field() {
        let faults = faults(&[
            ("date", "tomorrow"),
            ("start", "25:00"),
            ("minutes", "0"),
            ("host", ""),
            ("attendee-0-email", "rosa@"),
            ("attendee-0-by-sms", "on"),
        ]);
        let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["date", "start", "minutes", "host", "attendee-0-email", "attendee-0-phone"]);
    }

    #[test]
    fn somebody_has_to_attend() {
        let faults = faults(&[("attendee-0-name", " ")]);
        assert_eq!(faults[0].1, "Somebody has to attend: give a name.");
    }

    #[test]
    fn nothing_that_was_typed_is_lost() {
        let typed = [("attendee-0-name", "x"), ("attendee-0-email", "not an address"), ("minutes", "soon")];
        let form = sent(&typed).form(&BookingForm::default(), &[], None);
        assert_eq!(form.attendees[0].email, "not an address");
        assert_eq!(form.minutes, "soon");
        assert_eq!(form.attendees.len(), 2);
    }

    #[test]
    fn a_row_more_or_less_changes_nothing_else() {
        let more = sent(&[("more", "1")]);
        let form = more.form(&BookingForm::default(), &[], None);
        assert_eq!(more.another_row(&form).unwrap().attendees.len(), 3);
        let less = sent(&[("remove", "0")]);
        let rows = less.another_row(&form).unwrap().attendees;
        assert_eq!(rows.len(), 1);
        assert!(rows[0].is_empty());
        assert!(sent(&[]).another_row(&form).is_none());
    }
}
