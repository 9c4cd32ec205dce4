//! When rooms are looked at: each within a day, before its host's first visit of the day, whenever Zoom says that it was
//! changed or somebody asks, and again soon where Zoom did not answer.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{
    ClinicId, RoomId, StaffId, Timestamp,
    appointment::{Kind, Status},
    clinic::Clinic,
    id::Id as _,
    room::{
        Connection, ConnectionState, Room, RoomKind,
        guard::{Drift, Guarded, LookFor, Origin},
    },
};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::{LookTrouble, Obstacle, Wanted, rest::SHORTEST_REST};
use crate::{KindTrouble, Zoom, room::wanted_kind};

/// A room is looked at again after so long at least, and after up to [`SPREAD`] more: within a day, and not all at once.
const DAILY: Duration = Duration::from_hours(20);
const SPREAD: Duration = Duration::from_mins(220);
/// So long before a host's first visit of the day, the room is looked at: there is time to mend it.
const BEFORE_FIRST_VISIT: Duration = Duration::from_hours(2);
/// What stands in the way of another kind of room is asked for again after so long.
const KIND_AGAIN: Duration = Duration::from_hours(1);
/// What Zoom did not answer to is tried again after so long.
const SOON: Duration = Duration::from_mins(10);
/// Looks that are under way at once. One account that answers slowly does not hold the others up.
const AT_ONCE: usize = 4;
/// Rooms at which a look is wanted that one round takes up.
const WANTED_AT_ONCE: i64 = 1_000;
/// Between two rounds, and between two glances at what is wanted.
const ROUND: Duration = Duration::from_mins(5);
const GLANCE: Duration = Duration::from_secs(3);

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuardRound {
    /// Rooms that were looked at.
    pub looked: usize,
    /// Drifts that were put right.
    pub repaired: usize,
    /// Looks that came to nothing; they are tried again.
    pub failed: usize,
}

/// A look that is due.
struct Due {
    clinic: ClinicId,
    staff: StaffId,
    why: LookFor,
    seen: Guarded,
    /// The more urgent, the less: when a visit begins, else when the room was last looked at.
    urgency: (u8, Option<Timestamp>),
}

/// Everything about a clinic's rooms that a round goes by.
struct Clinics {
    clinic: Clinic,
    guarded: HashMap<RoomId, Guarded>,
    lasting: Vec<Drift>,
    next_visits: HashMap<StaffId, Timestamp>,
}

impl Zoom {
    /// Looks at every room of every clinic at which a look is due. Failures are tried again in a later round.
    pub async fn guard_due(&self) -> Result<GuardRound, StoreError> {
        self.guard_due_until(&CancellationToken::new()).await
    }

    async fn guard_due_until(&self, stop: &CancellationToken) -> Result<GuardRound, StoreError> {
        let mut round = self.take(self.wanted().await?, stop).await;
        let mut due = Vec::new();
        {
            let mut tx = self.0.store.read().await?;
            for clinic in tx.clinics().await? {
                due.extend(self.due_of(&mut *tx, clinic).await?);
            }
        }
        due.sort_by_key(|due| due.urgency);
        let rest = self.take(due, stop).await;
        round.looked += rest.looked;
        round.repaired += rest.repaired;
        round.failed += rest.failed;
        Ok(round)
    }

    /// Takes these looks, a few at a time, in their order.
    async fn take(&self, due: Vec<Due>, stop: &CancellationToken) -> GuardRound {
        let mut round = GuardRound::default();
        let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        let mut looks = tokio::task::JoinSet::new();
        for due in due {
            let Ok(place) = places.clone().acquire_owned().await else { break };
            if stop.is_cancelled() {
                break;
            }
            let zoom = self.clone();
            looks.spawn(async move {
                let wanted =
                    Wanted { clinic: due.clinic, staff: due.staff, why: due.why, seen: Some(&due.seen) };
                let outcome = zoom.look(wanted).await;
                drop(place);
                outcome
            });
        }
        while let Some(outcome) = looks.join_next().await {
            match outcome {
                Ok(Ok(Some(looked))) => {
                    round.looked += 1;
                    round.repaired += looked.repaired.len();
                }
                Ok(Ok(None)) => {}
                // Logged where it happened.
                Ok(Err(_)) | Err(_) => round.failed += 1,
            }
        }
        round
    }

    /// Rooms at which somebody, or Zoom, wants a look now.
    async fn wanted(&self) -> Result<Vec<Due>, StoreError> {
        let now = self.0.ambient.now();
        let mut wanted = Vec::new();
        let mut unreachable = Vec::new();
        let mut tx = self.0.store.read().await?;
        for room in tx.rooms_wanted(WANTED_AT_ONCE).await? {
            let guarded = tx.guarded(room.clinic_id, room.id).await?;
            let why = guarded.wanted_for.unwrap_or(LookFor::Changed);
            match tx.connection_of(room.clinic_id, room.staff_id).await? {
                Some(connection) if connection.state == ConnectionState::Connected => {
                    let rests = why != LookFor::Asked
                        && (self.rests(connection.id, now)
                            || !self.may_look_for_change(&room, &guarded, now));
                    if !rests {
                        wanted.push(due(&connection, why, guarded, (0, None)));
                    }
                }
                Some(_) => unreachable.push((room, LookTrouble::Reconnect)),
                None => unreachable.push((room, LookTrouble::NotConnected)),
            }
        }
        drop(tx);
        for (room, trouble) in unreachable {
            let mut tx = self.0.store.begin().await?;
            tx.note_look(room.clinic_id, room.id, now, Some(trouble.as_str())).await?;
            tx.commit().await?;
        }
        Ok(wanted)
    }

    /// What is due in a clinic beside what is wanted.
    async fn due_of(&self, tx: &mut dyn Tx, clinic: Clinic) -> Result<Vec<Due>, StoreError> {
        let now = self.0.ambient.now();
        let id = clinic.id;
        let all = Clinics {
            guarded: tx.guarded_all(id).await?.into_iter().collect(),
            lasting: tx.drifts_lasting(id).await?,
            next_visits: tx.next_visits(id, now).await?.into_iter().collect(),
            clinic,
        };
        let rooms = tx.rooms(id).await?;
        let mut list = Vec::new();
        for connection in tx.connections(id).await? {
            if connection.state != ConnectionState::Connected || self.rests(connection.id, now) {
                continue;
            }
            let room = rooms.iter().find(|room| room.staff_id == connection.staff_id);
            let visit = all.next_visits.get(&connection.staff_id).copied();
            let guarded = room.and_then(|room| all.guarded.get(&room.id)).cloned().unwrap_or_default();
            let why = match room {
                Some(room) if room.zoom_user_id == connection.zoom_user_id => {
                    self.why_now(tx, &all, room, &guarded, visit, now).await?
                }
                // There is none yet, or it belongs to the Zoom user who was connected before.
                _ => Some(LookFor::Connected),
            };
            if let Some(why) = why {
                let near = visit.filter(|at| *at <= now.plus(BEFORE_FIRST_VISIT));
                let urgency = match near {
                    Some(_) => (1, near),
                    None => (2, guarded.looked_at),
                };
                list.push(due(&connection, why, guarded, urgency));
            }
        }
        Ok(list)
    }

    /// Why a room is to be looked at now; none where it is not.
    async fn why_now(
        &self,
        tx: &mut dyn Tx,
        all: &Clinics,
        room: &Room,
        guarded: &Guarded,
        visit: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<LookFor>, StoreError> {
        let Some(looked_at) = guarded.looked_at else { return Ok(Some(LookFor::Daily)) };
        // What came to nothing is not asked for again at once, whoever asked.
        let asked_lately = guarded.trouble.is_some()
            && guarded.asked_at.is_some_and(|asked_at| now.since(asked_at) < SHORTEST_REST);
        if asked_lately {
            return Ok(None);
        }
        if let Some(visit) = visit
            && visit <= now.plus(BEFORE_FIRST_VISIT)
            && looked_at < visit.minus(BEFORE_FIRST_VISIT)
            && is_first_of_day(tx, &all.clinic, room.staff_id, visit).await?
        {
            return Ok(Some(LookFor::FirstVisit));
        }
        let is_unanswered = all.lasting.iter().filter(|drift| drift.room_id == room.id).any(|drift| {
            let obstacle = drift.hindrance.as_deref().and_then(Obstacle::from_code);
            obstacle.is_some_and(Obstacle::passes) && now.since(looked_at) >= SOON
        });
        let is_due = guarded.trouble.is_some()
            || now.since(looked_at) >= DAILY + spread_of(room.id)
            || is_unanswered
            || !self.is_settled(tx, room, guarded, now).await?;
        Ok(is_due.then_some(LookFor::Daily))
    }

    /// Whether a room that was looked at lately can be left alone: it is of the wanted kind, or why it is not will not pass
    /// within the hour.
    async fn is_settled(
        &self,
        tx: &mut dyn Tx,
        room: &Room,
        guarded: &Guarded,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // What the owner made stays of the kind that it is.
        if guarded.origin != Origin::Made {
            return Ok(true);
        }
        let state = tx.room_state(room.clinic_id, room.id).await?;
        let trouble = state.kind_trouble.as_deref().and_then(KindTrouble::from_code);
        let wanted = wanted_kind(tx, room.clinic_id, room.staff_id).await?;
        let is_settled = match trouble {
            None => return Ok(room.kind == wanted),
            Some(trouble) if trouble.passes() => false,
            // It is as wanted and yet there is a trouble: registrations were refused since the last look, or what could
            // not be had is wanted no longer.
            Some(trouble) if room.kind == wanted => {
                room.kind == RoomKind::Registered && !trouble.ends_registration()
            }
            Some(_) => true,
        };
        Ok(is_settled || guarded.asked_at.is_some_and(|asked_at| now.since(asked_at) < KIND_AGAIN))
    }

    /// Guards rooms until told to stop.
    pub(crate) async fn run_guard(&self, stop: &CancellationToken) {
        tokio::join!(self.run_rounds(stop), self.run_glances(stop));
    }

    async fn run_rounds(&self, stop: &CancellationToken) {
        loop {
            match self.guard_due_until(stop).await {
                Ok(GuardRound { looked: 0, failed: 0, .. }) => {}
                Ok(GuardRound { looked, repaired, failed }) => {
                    tracing::info!(looked, repaired, failed, "looked at the rooms that were due");
                }
                Err(error) => tracing::error!(%error, "rooms could not be looked after"),
            }
            match self.undo_covers().await {
                Ok(0) => {}
                Ok(undone) => tracing::info!(undone, "colleagues stand in no more"),
                Err(error) => tracing::error!(%error, "it is not known who stands in no more"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.0.rooms_wanted.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    /// What is wanted does not wait for a round that may be a long one.
    async fn run_glances(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(GLANCE) => {}
            }
            match self.wanted().await {
                Ok(wanted) => {
                    self.take(wanted, stop).await;
                }
                Err(error) => tracing::error!(%error, "it is not known at which rooms a look is wanted"),
            }
        }
    }
}

fn due(connection: &Connection, why: LookFor, seen: Guarded, urgency: (u8, Option<Timestamp>)) -> Due {
    Due { clinic: connection.clinic_id, staff: connection.staff_id, why, seen, urgency }
}

/// Whether the host has no earlier visit by video on the clinic's day of that one.
async fn is_first_of_day(
    tx: &mut dyn Tx,
    clinic: &Clinic,
    host: StaffId,
    visit: Timestamp,
) -> Result<bool, StoreError> {
    let day = clinic.zone.day(clinic.zone.date(visit));
    let earlier = tx.appointments(clinic.id, day.start..visit, Some(host)).await?;
    Ok(!earlier.iter().any(|earlier| {
        earlier.starts_at >= day.start
            && earlier.starts_at < visit
            && earlier.status == Status::Booked
            && earlier.kind == Kind::Telehealth
    }))
}

/// So much later than others this room is looked at: always the same for one room.
fn spread_of(room: RoomId) -> Duration {
    let (_, low) = room.uuid().as_u64_pair();
    Duration::from_secs(low % SPREAD.as_secs())
}
