//! Time alone makes a proposal, and takes one back: no delivery tells of it, so boards are told from here.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{AppointmentId, AttendeeId, ClinicId, attendance::no_show::Says};
use store::ports::attendance::Change;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Attendance, Result, board::Board};

/// How often it is looked. A proposal stands on an open board within this time of being due.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What this instance last told boards of, for each clinic. Another instance tells the same once more: then a board
/// looks twice and sees the same.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<BTreeMap<ClinicId, BTreeMap<AttendeeId, Says>>>);

impl Told {
    /// Notes what is so, and returns the appointments of which something else was told before, or nothing.
    fn replace(&self, clinic: ClinicId, board: &Board) -> Vec<AppointmentId> {
        let mut now = BTreeMap::new();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.entry(clinic).or_default();
        let mut changed = Vec::new();
        for row in &board.appointments {
            let mut differs = false;
            for attendee in &row.attendees {
                let says = attendee.no_show.as_ref().map(|cell| cell.says);
                differs |= before.get(&attendee.id).copied() != says;
                now.extend(says.map(|says| (attendee.id, says)));
            }
            changed.extend(differs.then_some(row.id));
        }
        *before = now;
        changed
    }

    /// Forgets what was told of these, so that it is told again.
    fn forget(&self, clinic: ClinicId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&clinic);
    }
}

impl Attendance {
    /// Tells boards of every clinic's day which no-shows have come to be proposed, or are no longer. Returns of how many
    /// appointments.
    pub async fn tell_no_shows(&self) -> Result<usize> {
        let clinics = self.store.read().await?.clinics().await?;
        let mut count = 0;
        for clinic in clinics {
            match self.tell_no_shows_of(clinic.id).await {
                Ok(changed) => count += changed,
                // What is wrong with one clinic keeps no other from being told.
                Err(error) => {
                    tracing::error!(clinic.id = %clinic.id, %error, "boards cannot be told of no-shows; trying again");
                }
            }
        }
        Ok(count)
    }

    async fn tell_no_shows_of(&self, clinic: ClinicId) -> Result<usize> {
        let board = self.board(clinic, None).await?;
        let changed = self.told.replace(clinic, &board);
        if !changed.is_empty()
            && let Err(error) = self.note_all(clinic, &changed).await
        {
            self.told.forget(clinic);
            return Err(error);
        }
        Ok(changed.len())
    }

    async fn note_all(&self, clinic: ClinicId, appointments: &[AppointmentId]) -> Result<()> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        for appointment in appointments {
            tx.note_change(clinic, Change::Appointment(*appointment), now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Does this from time to time, until told to stop. Never fails: it tries again.
    pub async fn watch_no_shows(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.tell_no_shows().await {
                tracing::error!(%error, "boards cannot be told of no-shows; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }
}
