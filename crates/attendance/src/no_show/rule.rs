//! A person's word on a no-show. Never changed, only superseded.

use std::time::Duration;

use domain::{
    AttendeeId, ClinicId, Timestamp,
    attendance::{
        matching::{Level, StaffOrToken},
        no_show::{NoShowRuling, Ruling, standing},
    },
};
use store::{StoreError, ports::attendance::Change};

use crate::{Attendance, Error, board::AttendeeRow, marks::Marks};

/// Why a ruling was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// There is no such attendee in the clinic (any more).
    #[error("no such attendee")]
    UnknownAttendee,
    /// The appointment is cancelled or at the clinic: there is nothing to rule on.
    #[error("a cancelled visit, or one at the clinic, is never a no-show here")]
    NotExpected,
    /// The appointment has not begun.
    #[error("nobody can be a no-show before the visit begins")]
    TooEarly,
    /// The attendee was in the room, certainly; whoever knows better must first say that it was not they.
    #[error("that attendee came")]
    Came,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for RuleError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Attendance {
    /// Takes a person's word on whether the attendee did not come, and returns how the attendee stands then. The same
    /// word twice is one; `Withdrawn` where nothing stands changes nothing.
    pub async fn rule(
        &self,
        clinic: ClinicId,
        attendee: AttendeeId,
        ruling: Ruling,
        by: StaffOrToken,
    ) -> Result<AttendeeRow, RuleError> {
        let starts_at = self.keep_ruling(clinic, attendee, ruling, by).await?;
        let mut tx = self.store.read().await?;
        let date = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.zone.date(starts_at);
        drop(tx);
        let board = self.board(clinic, Some(date)).await?;
        let mut rows = board.appointments.into_iter().flat_map(|row| row.attendees);
        rows.find(|row| row.id == attendee).ok_or(RuleError::UnknownAttendee)
    }

    /// Returns when the appointment starts.
    async fn keep_ruling(
        &self,
        clinic: ClinicId,
        attendee: AttendeeId,
        ruling: Ruling,
        by: StaffOrToken,
    ) -> Result<Timestamp, RuleError> {
        let mut tx = self.store.begin().await?;
        let appointment = tx
            .appointment_of_attendee(clinic, attendee)
            .await?
            .filter(|appointment| appointment.attendee(attendee).is_some())
            .ok_or(RuleError::UnknownAttendee)?;
        if !appointment.is_expected_in_a_room() {
            return Err(RuleError::NotExpected);
        }
        let now = self.ambient.now();
        if ruling == Ruling::Accepted && now < appointment.starts_at {
            return Err(RuleError::TooEarly);
        }
        // Two who rule at once take turns, where there is a room to take turns in.
        if let Some(room) = tx.room_of(clinic, appointment.host).await? {
            tx.lock_room(clinic, room.id).await?;
        }
        let came = tx.presences_of(clinic, appointment.id).await?.into_iter().any(|presence| {
            presence
                .matched
                .is_some_and(|matched| matched.attendee == attendee && matched.level == Level::Certain)
        });
        let visit = std::slice::from_ref(&appointment);
        let is_marked = Marks::load(&mut *tx, clinic, visit, now).await?.standing(attendee).is_some();
        if ruling == Ruling::Accepted && (came || is_marked) {
            return Err(RuleError::Came);
        }
        let mut rulings = tx.rulings(clinic, &[appointment.id]).await?;
        rulings.retain(|ruling| ruling.attendee_id == attendee);
        let word = standing(&rulings).map_or(Ruling::Withdrawn, |standing| standing.ruling);
        if word == ruling {
            return Ok(appointment.starts_at);
        }
        // Rulings are put in order by their times, so a later one must be later on any clock.
        let latest = rulings.iter().map(|ruling| ruling.at).max();
        let at = latest.map_or(now, |latest| now.max(latest.plus(Duration::from_micros(1))));
        tx.insert_ruling(&NoShowRuling {
            id: self.ambient.id(),
            clinic_id: clinic,
            appointment_id: appointment.id,
            attendee_id: attendee,
            ruling,
            ruled_by: by,
            at,
        })
        .await?;
        tx.note_change(clinic, Change::Appointment(appointment.id), now).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, attendee.id = %attendee, ruling = ruling.as_str(), "a person ruled on a no-show");
        Ok(appointment.starts_at)
    }
}
