//! A person's decision about who somebody is. It beats every rule, and is never changed, only superseded.

use std::time::Duration;

use domain::{
    ClinicId, PresenceId,
    attendance::{
        matching::{DecidedBy, Decision, StaffOrToken, Verdict},
        presence::Presence,
    },
    room::Room,
};
use store::{StoreError, Tx};

use crate::{
    Attendance, Error, derive,
    recompute::{self, Changes, Ground},
};

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such presence in the clinic (any more).
    #[error("no such presence")]
    UnknownPresence,
    /// There is no such attendee in the clinic (any more).
    #[error("no such attendee")]
    UnknownAttendee,
    /// The attendee's appointment is with another host, whose room this is not, or on quite another day.
    #[error("that attendee is not expected in this room around that time")]
    NotInThisRoom,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for DecideError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether this is what holds anyway, after these decisions about the presence.
fn is_so_already(presence: &Presence, earlier: &[Verdict], verdict: Verdict) -> bool {
    let last = earlier.last().copied();
    let assigned = presence.matched.as_ref().filter(|matched| matched.decided_by == DecidedBy::Person);
    match verdict {
        Verdict::Attendee(attendee) => assigned.is_some_and(|matched| matched.attendee == attendee),
        // Several of them hold together.
        Verdict::Not(_) => {
            let holding = earlier.iter().rev().take_while(|one| matches!(one, Verdict::Not(_)));
            holding.into_iter().any(|one| *one == verdict)
        }
        // What a rule says may change, and what was decided while this was two presences is not among these.
        Verdict::Guest | Verdict::Interpreter | Verdict::Staff | Verdict::Undecided => last == Some(verdict),
    }
}

impl Attendance {
    /// Decides who somebody is, and returns the presence as it is then. The same decision twice is one.
    pub async fn decide(
        &self,
        clinic: ClinicId,
        presence: PresenceId,
        verdict: Verdict,
        by: StaffOrToken,
    ) -> Result<Presence, DecideError> {
        let mut tx = self.store.begin().await?;
        let before = tx.presence(clinic, presence).await?.ok_or(DecideError::UnknownPresence)?;
        tx.lock_room(clinic, before.room_id).await?;
        // It may have been merged into another while the room was not locked.
        let before = tx.presence(clinic, presence).await?.ok_or(DecideError::UnknownPresence)?;
        let room = tx.room(clinic, before.room_id).await?.ok_or(DecideError::UnknownPresence)?;
        if let Verdict::Attendee(attendee) | Verdict::Not(attendee) = verdict {
            let appointment = tx.appointment_of_attendee(clinic, attendee).await?;
            let appointment = appointment
                .filter(|appointment| appointment.attendee(attendee).is_some())
                .ok_or(DecideError::UnknownAttendee)?;
            let around =
                appointment.starts_at.minus(derive::AROUND)..appointment.ends_at.plus(derive::AROUND);
            let may_be = appointment.host == room.staff_id && around.contains(&before.first_at);
            if verdict == Verdict::Attendee(attendee) && !may_be {
                return Err(DecideError::NotInThisRoom);
            }
        }
        let decisions = tx.decisions_in_room(clinic, room.id).await?;
        let about = decisions.iter().filter(|decision| decision.presence_id == presence);
        let earlier: Vec<Verdict> = about.map(|decision| decision.verdict).collect();
        if is_so_already(&before, &earlier, verdict) {
            return Ok(before);
        }
        // Decisions are put in order by their times, so a later one must be later on any clock.
        let now = self.ambient.now();
        let latest = decisions.iter().map(|decision| decision.at).max();
        let at = latest.map_or(now, |latest| now.max(latest.plus(Duration::from_micros(1))));
        let decision = Decision {
            id: self.ambient.id(),
            clinic_id: clinic,
            room_id: room.id,
            presence_id: presence,
            verdict,
            decided_by: by,
            at,
        };
        tx.insert_decision(&decision).await?;
        let after = self.understand(&mut *tx, &room, &before).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, presence.id = %presence, "a person decided who somebody is");
        Ok(after.unwrap_or(before))
    }

    async fn understand(
        &self,
        tx: &mut dyn Tx,
        room: &Room,
        before: &Presence,
    ) -> Result<Option<Presence>, DecideError> {
        let ground = Ground::load(tx, room.clinic_id).await?;
        let mut changes = Changes::at(self.ambient.now());
        let days = derive::days_touched(&ground.clinic.zone, before.first_at..before.first_at);
        recompute::days(tx, &ground, room, days, &mut changes).await?;
        changes.note(tx, room.clinic_id).await?;
        Ok(tx.presence(room.clinic_id, before.id).await?)
    }
}
