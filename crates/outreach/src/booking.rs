//! Booking: what a scheduler's program, or a person with the form, asks for becomes an appointment with its links.

mod tell;

use std::{borrow::Cow, collections::HashSet};

use domain::{
    AppointmentId, AttendeeId, ClinicId, StaffId, Timestamp,
    appointment::{Appointment, Attendee, BadTimes, Consent, Kind, MOST_ATTENDEES, Status, check_times},
    staff::Role,
    telehealth,
    text::{Email, ExternalId, Invalid, Language, Name, Phone},
};
use store::{
    StoreError, Tx,
    ports::{attendance, consents::SaidBy},
};
use vault::SealError;

pub(crate) use tell::News;

use crate::{
    Outreach, consent::Refusals, hand_out::HandOutError, links::MOST_TRIES, outbox::OutboxError,
    visit::LinkError,
};

/// An appointment as it is asked for. Asking again with the same external id changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The scheduler's own id; none on the form for a new one, which then gets Anteroom's.
    pub external_id: Option<ExternalId>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who of the staff hosts it.
    pub host: StaffId,
    /// Where it takes place.
    pub kind: Kind,
    /// Whether it takes place; cancelling is booking it again as cancelled.
    pub status: Status,
    /// As what it is booked, in the scheduler's words; none keeps what was said before.
    pub booked_as: Option<telehealth::Booked>,
    /// Everybody who is to attend. Who was listed before and no longer is, is taken off.
    pub attendees: Vec<BookedAttendee>,
}

/// An attendee as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedAttendee {
    /// The scheduler's own id, by which the person is known again when the appointment changes.
    pub external_id: Option<ExternalId>,
    /// As the clinic knows them.
    pub name: Name,
    /// Where messages may go.
    pub email: Option<Email>,
    /// Where messages may go.
    pub phone: Option<Phone>,
    /// What they agreed to.
    pub consent: Consent,
    /// What they read best; none keeps what was said before.
    pub language: Option<Language>,
}

impl From<&Appointment> for Booking {
    /// The booking that leaves the appointment as it stands.
    fn from(appointment: &Appointment) -> Self {
        let attendees = appointment.attendees.iter().map(|attendee| BookedAttendee {
            external_id: Some(attendee.external_id.clone()),
            name: attendee.name.clone(),
            email: attendee.email.clone(),
            phone: attendee.phone.clone(),
            consent: attendee.consent,
            language: attendee.language.clone(),
        });
        Self {
            external_id: Some(appointment.external_id.clone()),
            starts_at: appointment.starts_at,
            ends_at: appointment.ends_at,
            host: appointment.host,
            kind: appointment.kind,
            status: appointment.status,
            booked_as: Some(appointment.booked_as.clone()),
            attendees: attendees.collect(),
        }
    }
}

/// What became of a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// As it stands now.
    pub appointment: Appointment,
    /// What was done.
    pub change: Change,
}

/// What a booking did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none; it was added.
    Created,
    /// It stands differently now.
    Changed,
    /// It already stood so, and nothing was written.
    Unchanged,
}

/// Something wrong with a booking, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The times.
    #[error(transparent)]
    Times(#[from] BadTimes),
    /// The host is nobody of this clinic.
    #[error("is nobody who works at this clinic")]
    UnknownHost,
    /// The host may not see patients, or no longer works here.
    #[error("does not see patients here: choose somebody with the role staff who is not disabled")]
    NotAHost,
    /// Nobody is to attend.
    #[error("must list at least one attendee")]
    NoAttendees,
    /// Too many are to attend.
    #[error("lists {0} attendees; at most {MOST_ATTENDEES} are allowed")]
    TooManyAttendees(usize),
    /// Two attendees have the same external id.
    #[error("is the same as another attendee's of this appointment")]
    SameAttendee {
        /// Where the second one stands, counted from 0.
        position: usize,
    },
    /// The external id has the form of Anteroom's own, but there is no such appointment.
    #[error("has the form of an id of Anteroom's, but no appointment has it")]
    NotOurs,
    /// The external id is not usable.
    #[error(transparent)]
    ExternalId(#[from] Invalid),
}

impl Fault {
    /// The field of the JSON API that is at fault, such as `attendees[2].external_id`.
    pub fn field(&self) -> String {
        match self {
            Self::Times(_) => "ends_at".to_owned(),
            Self::UnknownHost | Self::NotAHost => "host".to_owned(),
            Self::NoAttendees | Self::TooManyAttendees(_) => "attendees".to_owned(),
            Self::SameAttendee { position } => format!("attendees[{position}].external_id"),
            Self::NotOurs | Self::ExternalId(_) => "external_id".to_owned(),
        }
    }
}

/// Why an appointment was not booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// What was asked for is wrong; everything that is, at once.
    #[error("the booking has {} faults", .0.len())]
    Refused(Vec<Fault>),
    /// A link could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The links could not be made.
    #[error(transparent)]
    Links(LinkError),
    /// What its people have to be told could not be queued.
    #[error(transparent)]
    Tell(HandOutError),
    /// It no longer stands as whoever books has seen it.
    #[error("somebody else changed the appointment meanwhile")]
    ChangedMeanwhile,
    /// Others book the same appointment again and again.
    #[error("others are booking the same appointment")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HandOutError> for BookError {
    fn from(error: HandOutError) -> Self {
        match error {
            HandOutError::Store(error) | HandOutError::Outbox(OutboxError::Store(error)) => {
                Self::Store(error)
            }
            HandOutError::Links(error) => error.into(),
            other => Self::Tell(other),
        }
    }
}

impl From<LinkError> for BookError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => Self::Store(error),
            LinkError::Seal(error) => Self::Seal(error),
            other => Self::Links(other),
        }
    }
}

/// Who says where it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// Whoever books.
    AsAsked,
    /// The clinic's rules.
    ByRules,
}

/// The booking with its place settled.
async fn placed<'a>(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    booking: &'a Booking,
    place: Where,
    existing: Option<&Appointment>,
) -> Result<Cow<'a, Booking>, StoreError> {
    if place == Where::AsAsked {
        return Ok(Cow::Borrowed(booking));
    }
    let rules = tx.telehealth_rules(clinic).await?;
    let before = existing.map(|existing| (existing.kind, &existing.booked_as));
    let words = match (&booking.booked_as, before) {
        (Some(words), _) | (None, Some((_, words))) => words.clone(),
        (None, None) => telehealth::Booked::default(),
    };
    Ok(Cow::Owned(Booking { kind: telehealth::kind(&rules, &words, before), ..booking.clone() }))
}

/// The appointment that an outsider names, by its external id or by Anteroom's own.
pub async fn known_as(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    name: &str,
) -> Result<Option<Appointment>, StoreError> {
    if let Some(appointment) = tx.appointment_by_external_id(clinic, name).await? {
        return Ok(Some(appointment));
    }
    match name.parse::<AppointmentId>() {
        Ok(id) => tx.appointment(clinic, id).await,
        Err(_) => Ok(None),
    }
}

/// Whose word a booking is, as to what the attendees agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The scheduler's program, which says the same each time that it sends the appointment.
    Program,
    /// Somebody at the desk, who was asked.
    Person,
    /// Nobody's: only the host changes.
    HostAlone,
}

impl Word {
    fn said_by(self) -> SaidBy {
        match self {
            Self::Person => SaidBy::Desk,
            Self::Program | Self::HostAlone => SaidBy::Scheduler,
        }
    }
}

/// What a booking comes to.
struct Plan {
    appointment: Appointment,
    change: Change,
}

impl Outreach {
    /// Books, changes or cancels an appointment, mints the links that it lacks, and queues what its people have to be
    /// told of it, in one unit of work. For programs: what a patient refused themselves stays refused.
    pub async fn book(&self, clinic: ClinicId, booking: &Booking) -> Result<Booked, BookError> {
        self.book_as(clinic, booking, Word::Program, Where::AsAsked, None).await
    }

    /// The same where the clinic's rules say whether it is telehealth ([`telehealth::kind`]): `booking.kind` counts for
    /// nothing.
    pub async fn book_by_rules(&self, clinic: ClinicId, booking: &Booking) -> Result<Booked, BookError> {
        self.book_as(clinic, booking, Word::Program, Where::ByRules, None).await
    }

    /// The same for somebody at the desk: what they tick as agreed to was agreed to, whatever was refused before. Where
    /// they were shown an appointment, nothing is booked unless it still stands so ([`BookError::ChangedMeanwhile`]).
    pub async fn book_by_hand(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        seen: Option<&Appointment>,
    ) -> Result<Booked, BookError> {
        self.book_as(clinic, booking, Word::Person, Where::AsAsked, seen).await
    }

    /// The same where the desk leaves it to the clinic's rules whether it is telehealth.
    pub async fn book_by_hand_and_rules(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        seen: Option<&Appointment>,
    ) -> Result<Booked, BookError> {
        self.book_as(clinic, booking, Word::Person, Where::ByRules, seen).await
    }

    /// Gives the appointment, as it stands at this moment, to another host.
    pub async fn set_host(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        host: StaffId,
    ) -> Result<Booked, BookError> {
        let booking = Booking { host, ..Booking::from(appointment) };
        self.book_as(clinic, &booking, Word::HostAlone, Where::AsAsked, None).await
    }

    async fn book_as(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        word: Word,
        place: Where,
        seen: Option<&Appointment>,
    ) -> Result<Booked, BookError> {
        let mut tries = 1;
        loop {
            match self.book_once(clinic, booking, word, place, seen).await {
                // Another instance booked the same external id at the same moment: look again.
                Ok(None) | Err(BookError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                Ok(None) => return Err(BookError::Busy),
                Ok(Some(booked)) => return Ok(booked),
                Err(error) => return Err(error),
            }
        }
    }

    /// None where somebody else booked it in between.
    async fn book_once(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        word: Word,
        place: Where,
        seen: Option<&Appointment>,
    ) -> Result<Option<Booked>, BookError> {
        let mut tx = self.store.begin().await?;
        let name = booking.external_id.as_ref().map(ExternalId::as_str);
        let mut existing = existing(&mut *tx, clinic, name).await?;
        if seen.is_some() && existing.as_ref() != seen {
            return Err(BookError::ChangedMeanwhile);
        }
        let wanted = placed(&mut *tx, clinic, booking, place, existing.as_ref()).await?;
        let mut plan = self.plan(&mut *tx, clinic, &wanted, word, existing.as_ref()).await?;
        if plan.change == Change::Unchanged {
            return Ok(Some(plan.into()));
        }
        // From here on whoever else changes the clinic's appointments waits, or hands out their links; what they did
        // until now is seen by looking again.
        let id = plan.appointment.id;
        tx.note_change(clinic, attendance::Change::Appointment(id), plan.appointment.updated_at).await?;
        let again = self::existing(&mut *tx, clinic, name).await?;
        if again != existing {
            if seen.is_some() {
                return Err(BookError::ChangedMeanwhile);
            }
            let wanted = placed(&mut *tx, clinic, booking, place, again.as_ref()).await?;
            plan = self.plan(&mut *tx, clinic, &wanted, word, again.as_ref()).await?;
            if plan.appointment.id != id {
                return Ok(None);
            }
            if plan.change == Change::Unchanged {
                return Ok(Some(plan.into()));
            }
            existing = again;
        }
        let Plan { appointment, change } = plan;
        tx.put_appointment(clinic, &appointment).await?;
        self.note_consents(&mut *tx, existing.as_ref(), &appointment, word.said_by()).await?;
        self.mint_missing(&mut *tx, &appointment).await?;
        let messages = self.tell_news(&mut *tx, existing.as_ref(), &appointment).await?;
        tx.commit().await?;
        if messages > 0 {
            self.wake_outbox();
        }
        tracing::info!(
            clinic.id = %clinic,
            appointment.id = %appointment.id,
            attendees = appointment.attendees.len(),
            status = appointment.status.as_str(),
            messages,
            ?change,
            "booked an appointment"
        );
        Ok(Some(Booked { appointment, change }))
    }

    async fn plan(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        booking: &Booking,
        word: Word,
        existing: Option<&Appointment>,
    ) -> Result<Plan, BookError> {
        let as_it_stands = match (word, existing) {
            (Word::HostAlone, Some(existing)) => {
                Some(Booking { host: booking.host, ..Booking::from(existing) })
            }
            _ => None,
        };
        let booking = as_it_stands.as_ref().unwrap_or(booking);
        let faults = self.faults(tx, clinic, booking, existing).await?;
        if !faults.is_empty() {
            return Err(BookError::Refused(faults));
        }
        let former = former(tx, clinic, booking, existing).await?;
        let refusals = match word {
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

impl From<Plan> for Booked {
    fn from(plan: Plan) -> Self {
        Self { appointment: plan.appointment, change: plan.change }
    }
}

async fn existing(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    name: Option<&str>,
) -> Result<Option<Appointment>, StoreError> {
    match name {
        Some(name) => known_as(tx, clinic, name).await,
        None => Ok(None),
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

#[cfg(test)]
mod tests;
