//! Meetings that Zoom says are running while nothing was heard of them: the feed of that room is broken.
//!
//! Silence alone does not show it: a clinician may simply be late. So Zoom is asked, but only where an appointment is
//! under way and nobody was seen to begin.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    ClinicId, RoomId, Timestamp,
    appointment::Appointment,
    attendance::{event::What, presence::Whereabouts},
    room::Room,
};
use store::Tx;

use super::Reconciler;
use crate::{Attendance, Result, derive};

/// A clinician may be this late before Zoom is asked.
const AFTER_THE_START: Duration = Duration::from_mins(2);
/// A room is asked about so often at most.
const ASK_EVERY: Duration = Duration::from_mins(5);

/// The rooms of a clinic whose meeting runs unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningUnseen {
    /// When it was last looked.
    pub asked_at: Timestamp,
    /// Which.
    pub rooms: BTreeSet<RoomId>,
}

/// What Zoom said. Kept in memory: it is old in minutes.
#[derive(Default)]
pub(crate) struct Running(Mutex<BTreeMap<ClinicId, Asked>>);

#[derive(Clone, Default)]
struct Asked {
    at: Option<Timestamp>,
    /// When each room was last asked about, and whether it runs.
    rooms: BTreeMap<RoomId, (Timestamp, bool)>,
}

impl Running {
    fn of(&self, clinic: ClinicId) -> Asked {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(&clinic).cloned().unwrap_or_default()
    }

    fn set(&self, clinic: ClinicId, asked: Asked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(clinic, asked);
    }
}

impl Asked {
    fn running(&self) -> BTreeSet<RoomId> {
        self.rooms.iter().filter(|(_, (_, runs))| *runs).map(|(room, _)| *room).collect()
    }
}

impl Attendance {
    /// The rooms of the clinic whose meeting Zoom says is running while no start was seen, as of the last look; none
    /// before the first, in this instance of the program.
    pub fn running_unseen(&self, clinic: ClinicId) -> Option<RunningUnseen> {
        let asked = self.running.of(clinic);
        Some(RunningUnseen { asked_at: asked.at?, rooms: asked.running() })
    }
}

impl Reconciler {
    /// Looks for rooms of the clinic whose meeting runs unseen, asking Zoom where an appointment is under way and nobody
    /// was seen to begin, each room every five minutes at most.
    pub async fn rooms_running_unseen(&self, clinic: ClinicId) -> Result<BTreeSet<RoomId>> {
        let now = self.attendance.ambient.now();
        let doubtful = self.doubtful(clinic, now).await?;
        let mut asked = self.attendance.running.of(clinic);
        asked.rooms.retain(|id, _| doubtful.iter().any(|room| room.id == *id));
        asked.at = Some(now);
        for room in doubtful {
            let fresh = asked.rooms.get(&room.id).is_some_and(|(at, _)| now.since(*at) < ASK_EVERY);
            if fresh {
                continue;
            }
            match self.pace.ask(&room, &self.attendance.ambient, self.records.is_running(&room)).await {
                Ok(runs) => {
                    if runs {
                        tracing::warn!(room.id = %room.id, "a meeting runs, and Zoom told nothing of it");
                    }
                    asked.rooms.insert(room.id, (now, runs));
                }
                // Nobody knows; what was said before is too old to stand.
                Err(_) => _ = asked.rooms.insert(room.id, (now, false)),
            }
        }
        let running = asked.running();
        self.attendance.running.set(clinic, asked);
        Ok(running)
    }

    /// The rooms with an appointment under way in which no meeting was seen to run.
    async fn doubtful(&self, clinic: ClinicId, now: Timestamp) -> Result<Vec<Room>> {
        let mut tx = self.attendance.store.read().await?;
        let around = now.minus(derive::AROUND)..now;
        let under_way: BTreeSet<_> = tx
            .appointments(clinic, around.clone(), None)
            .await?
            .into_iter()
            .filter(Appointment::is_expected_in_a_room)
            .filter(|one| one.starts_at.plus(AFTER_THE_START) <= now && now < one.ends_at)
            .map(|one| one.host)
            .collect();
        let mut doubtful = Vec::new();
        for room in tx.rooms(clinic).await?.into_iter().filter(|room| under_way.contains(&room.staff_id)) {
            if !is_seen_to_run(&mut *tx, &room, around.clone()).await? {
                doubtful.push(room);
            }
        }
        Ok(doubtful)
    }
}

async fn is_seen_to_run(tx: &mut dyn Tx, room: &Room, around: Range<Timestamp>) -> Result<bool> {
    let present = tx.presences_in_room(room.clinic_id, room.id, around.clone()).await?;
    if present.iter().any(|one| matches!(one.whereabouts, Whereabouts::InSession | Whereabouts::Connecting)) {
        return Ok(true);
    }
    let events = tx.room_events(room.clinic_id, room.id, around).await?;
    let last =
        events.iter().rev().find(|event| matches!(event.what, What::MeetingStarted | What::MeetingEnded));
    Ok(last.is_some_and(|event| event.what == What::MeetingStarted))
}
