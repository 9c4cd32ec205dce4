//! Booking: what a scheduler's program, or a person with the form, asks for becomes an appointment with its links.

mod asked;
mod plan;
mod tell;

use domain::{AppointmentId, ClinicId, StaffId, appointment::Appointment, text::ExternalId};
use store::{StoreError, Tx, ports::attendance};

use self::plan::{Asking, Plan, Where, Word};
use crate::{Outreach, links::MOST_TRIES};

pub use asked::{BookError, Booked, BookedAttendee, Booking, Change, Fault};

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

impl Outreach {
    /// Books, changes or cancels an appointment, mints the links that it lacks, and queues what its people have to be
    /// told of it, in one unit of work. For programs: what a patient refused themselves stays refused.
    pub async fn book(&self, clinic: ClinicId, booking: &Booking) -> Result<Booked, BookError> {
        self.book_as(Asking { clinic, booking, word: Word::Program, place: Where::AsAsked, seen: None }).await
    }

    /// The same where the clinic's rules say whether it is telehealth ([`domain::telehealth::kind`]): `booking.kind` counts for
    /// nothing.
    pub async fn book_by_rules(&self, clinic: ClinicId, booking: &Booking) -> Result<Booked, BookError> {
        self.book_as(Asking { clinic, booking, word: Word::Program, place: Where::ByRules, seen: None }).await
    }

    /// The same for somebody at the desk: what they tick as agreed to was agreed to, whatever was refused before. Where
    /// they were shown an appointment, nothing is booked unless it still stands so ([`BookError::ChangedMeanwhile`]).
    pub async fn book_by_hand(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        seen: Option<&Appointment>,
    ) -> Result<Booked, BookError> {
        self.book_as(Asking { clinic, booking, word: Word::Person, place: Where::AsAsked, seen }).await
    }

    /// The same where the desk leaves it to the clinic's rules whether it is telehealth.
    pub async fn book_by_hand_and_rules(
        &self,
        clinic: ClinicId,
        booking: &Booking,
        seen: Option<&Appointment>,
    ) -> Result<Booked, BookError> {
        self.book_as(Asking { clinic, booking, word: Word::Person, place: Where::ByRules, seen }).await
    }

    /// Gives the appointment, as it stands at this moment, to another host.
    pub async fn set_host(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        host: StaffId,
    ) -> Result<Booked, BookError> {
        let booking = &Booking { host, ..Booking::from(appointment) };
        self.book_as(Asking { clinic, booking, word: Word::HostAlone, place: Where::AsAsked, seen: None })
            .await
    }

    async fn book_as(&self, asking: Asking<'_>) -> Result<Booked, BookError> {
        let mut tries = 1;
        loop {
            match self.book_once(asking).await {
                // Another instance booked the same external id at the same moment: look again.
                Ok(None) | Err(BookError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                Ok(None) => return Err(BookError::Busy),
                Ok(Some(booked)) => return Ok(booked),
                Err(error) => return Err(error),
            }
        }
    }

    /// None where somebody else booked it in between.
    async fn book_once(&self, asking: Asking<'_>) -> Result<Option<Booked>, BookError> {
        let Asking { clinic, booking, word, seen, .. } = asking;
        let mut tx = self.store.begin().await?;
        let name = booking.external_id.as_ref().map(ExternalId::as_str);
        let mut existing = existing(&mut *tx, clinic, name).await?;
        if seen.is_some() && existing.as_ref() != seen {
            return Err(BookError::ChangedMeanwhile);
        }
        let mut plan = self.plan(&mut *tx, asking, existing.as_ref()).await?;
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
            plan = self.plan(&mut *tx, asking, again.as_ref()).await?;
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

#[cfg(test)]
mod tests;
