//! What a booking comes to: the appointment that it makes of the one that stands, or what is wrong with it. Nothing is
//! written here.

use std::{borrow::Cow, collections::HashSet};

use domain::{
    AppointmentId, AttendeeId, ClinicId,
    appointment::{Appointment, Attendee, MOST_ATTENDEES, check_times},
    staff::Role,
    telehealth,
    text::ExternalId,
};
use store::{StoreError, Tx, ports::consents::SaidBy};

use super::{BookError, Booked, BookedAttendee, Booking, Change, Fault};
use crate::{Outreach, consent::Refusals};

/// Who says where it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Whoever books.
    AsAsked,
    /// The clinic's rules.
    ByRules,
}

/// Whose word a booking is, as to what the attendees agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The scheduler's program, which says the same each time that it sends the appointment.
    Program,
    /// Somebody at the desk, who was asked.
    Person,
    /// Nobody's: only the host changes.
    HostAlone,
}

impl Word {
    pub(super) fn said_by(self) -> SaidBy {
        match self {
            Self::Person => SaidBy::Desk,
            Self::Program | Self::HostAlone => SaidBy::Scheduler,
        }
    }
}

/// What is asked for, and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    /// At which clinic.
    pub(super) clinic: ClinicId,
    /// What.
    pub(super) booking: &'a Booking,
    /// On whose word.
    pub(super) word: Word,
    /// Who says where it takes place.
    pub(super) place: Where,
    /// The appointment that whoever asks was shown. It must still stand so.
    pub(super) seen: Option<&'a Appointment>,
}

impl<'a> Asking<'a> {
    /// The booking with its place settled, or as it stands where only the host changes.
    async fn wanted(
        &self,
        tx: &mut dyn Tx,
        existing: Option<&Appointment>,
    ) -> Result<Cow<'a, Booking>, StoreError> {
        let booking = self.booking;
        if let (Word::HostAlone, Some(existing)) = (self.word, existing) {
            return Ok(Cow::Owned(Booking { host: booking.host, ..Booking::from(existing) }));
        }
        if self.place == Where::AsAsked {
            return Ok(Cow::Borrowed(booking));
        }
        let rules = tx.telehealth_rules(self.clinic).await?;
        let before = existing.map(|existing| (existing.kind, &existing.booked_as));
        let words = match (&booking.booked_as, before) {
            (Some(words), _) | (None, Some((_, words))) => words.clone(),
            (None, None) => telehealth::Booked::default(),
        };
        Ok(Cow::Owned(Booking { kind: telehealth::kind(&rules, &words, before), ..booking.clone() }))
    }
}

/// What a booking comes to.
pub(super) struct Plan {
    /// The appointment as it is to stand.
    pub(super) appointment: Appointment,
    /// How that differs from how it stands.
    pub(super) change: Change,
}

impl From<Plan> for Booked {
    fn from(plan: Plan) -> Self {
        Self { appointment: plan.appointment, change: plan.change }
    }
}

impl Outreach {
    /// What the asking comes to where the appointment stands as `existing`.
    pub(super) async fn plan(
        &self,
        tx: &mut dyn Tx,
        asking: Asking<'_>,
        existing: Option<&Appointment>,
    ) -> Result<Plan, BookError> {
        let clinic = asking.clinic;
        let booking = &*asking.wanted(tx, existing).await?;
        let faults = self.faults(tx, clinic, booking, existing).await?;
        if !faults.is_empty() {
            return Err(BookError::Refused(faults));
        }
        let former = former(tx, clinic, booking, existing).await?;
        let refusals = match asking.word {
            Word::Program => newly_claimed(tx, clinic, booking, existing).await?,
            Word::Person | Word::HostAlone => Refusals::default(),
        };
        let appointment = self.as_booked(clinic, booking, existing, &former, &refusals)?;
        Ok(match existing {
            Some(existing) if stands_as(existing, &appointment) => {
                Plan { appointment: existing.clone(), change: Change::Unchanged }
            }
            Some(_) => Plan { appointment, change: Change::Changed },
            None => Plan { appointment, change: Change::Created },
        })
    }

    async fn faults(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        booking: &Booking,
        existing: Option<&Appointment>,
    ) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Vec::new();
        if let Some(external_id) = &booking.external_id
            && existing.is_none()
            && external_id.as_str().parse::<AppointmentId>().is_ok()
        {
            faults.push(Fault::NotOurs);
        }
        if let Err(bad) = check_times(booking.starts_at, booking.ends_at) {
            faults.push(Fault::Times(bad));
        }
        match tx.staff_member(clinic, booking.host).await? {
            None => faults.push(Fault::UnknownHost),
            // Whoever hosts it already may have left since; it must still be possible to cancel or move it.
            Some(_) if existing.is_some_and(|existing| existing.host == booking.host) => {}
            Some(host) if host.is(Role::Staff) => {}
            Some(_) => faults.push(Fault::NotAHost),
        }
        match booking.attendees.len() {
            0 => faults.push(Fault::NoAttendees),
            count if count > MOST_ATTENDEES => faults.push(Fault::TooManyAttendees(count)),
            _ => {
                let mut seen = HashSet::new();
                for (position, attendee) in booking.attendees.iter().enumerate() {
                    if attendee.external_id.as_ref().is_some_and(|id| !seen.insert(id)) {
                        faults.push(Fault::SameAttendee { position });
                    }
                }
            }
        }
        Ok(faults)
    }

    fn as_booked(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        existing: Option<&Appointment>,
        former: &[Attendee],
        refusals: &Refusals,
    ) -> Result<Appointment, BookError> {
        let now = self.ambient.now();
        let id = existing.map_or_else(|| self.ambient.id(), |existing| existing.id);
        let external_id = match (existing, &booking.external_id) {
            (Some(existing), _) => existing.external_id.clone(),
            (None, Some(given)) => given.clone(),
            (None, None) => own_external_id(id)?,
        };
        let attendees =
            booking.attendees.iter().map(|booked| self.attendee(booked, existing, former, refusals));
        Ok(Appointment {
            id,
            clinic_id: clinic,
            external_id,
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            host: booking.host,
            kind: booking.kind,
            status: booking.status,
            booked_as: (booking.booked_as.clone())
                .or_else(|| existing.map(|existing| existing.booked_as.clone()))
                .unwrap_or_default(),
            revision: existing.map_or(0, |existing| existing.revision + 1),
            attendees: attendees.collect::<Result<_, _>>()?,
            created_at: existing.map_or(now, |existing| existing.created_at),
            updated_at: now,
        })
    }

    /// Who was listed before, now or once, keeps their id, and with it their link and what is known of them.
    fn attendee(
        &self,
        booked: &BookedAttendee,
        existing: Option<&Appointment>,
        former: &[Attendee],
        refusals: &Refusals,
    ) -> Result<Attendee, BookError> {
        let known = known_attendee(existing, booked).or_else(|| find_attendee(former, booked));
        let id: AttendeeId = known.map_or_else(|| self.ambient.id(), |known| known.id);
        Ok(Attendee {
            id,
            external_id: match &booked.external_id {
                Some(given) => given.clone(),
                None => own_external_id(id)?,
            },
            name: booked.name.clone(),
            email: booked.email.clone(),
            phone: booked.phone.clone(),
            consent: refusals.leave(booked.external_id.as_ref(), booked.consent),
            language: booked.language.clone().or_else(|| known.and_then(|known| known.language.clone())),
        })
    }
}

fn known_attendee<'a>(existing: Option<&'a Appointment>, booked: &BookedAttendee) -> Option<&'a Attendee> {
    find_attendee(&existing?.attendees, booked)
}

fn find_attendee<'a>(known: &'a [Attendee], booked: &BookedAttendee) -> Option<&'a Attendee> {
    known.iter().find(|known| Some(&known.external_id) == booked.external_id.as_ref())
}

/// Who was taken off before, where somebody is added: who comes back is the same person, with the same link.
async fn former(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    booking: &Booking,
    existing: Option<&Appointment>,
) -> Result<Vec<Attendee>, StoreError> {
    match existing {
        Some(appointment)
            if booking.attendees.iter().any(|booked| known_attendee(existing, booked).is_none()) =>
        {
            tx.former_attendees(clinic, appointment.id).await
        }
        _ => Ok(Vec::new()),
    }
}

/// What was refused by those whom the booking says to have agreed to more than is known so far. Only they are looked
/// up: whoever sends the same again costs no question.
async fn newly_claimed(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    booking: &Booking,
    existing: Option<&Appointment>,
) -> Result<Refusals, StoreError> {
    let claims_more = |booked: &&BookedAttendee| {
        let known = known_attendee(existing, booked).map(|known| known.consent).unwrap_or_default();
        (booked.consent.email && !known.email) || (booked.consent.sms && !known.sms)
    };
    let claimed: Vec<_> = booking
        .attendees
        .iter()
        .filter(claims_more)
        .filter_map(|booked| booked.external_id.clone())
        .collect();
    Refusals::of(tx, clinic, &claimed).await
}

/// Where nobody gave an external id, Anteroom's own id stands in, so that both names lead to the same thing.
fn own_external_id(id: impl std::fmt::Display) -> Result<ExternalId, BookError> {
    ExternalId::parse(&id.to_string()).map_err(|invalid| BookError::Refused(vec![Fault::ExternalId(invalid)]))
}

fn stands_as(existing: &Appointment, asked: &Appointment) -> bool {
    let asked = Appointment { updated_at: existing.updated_at, revision: existing.revision, ..asked.clone() };
    asked == *existing
}
