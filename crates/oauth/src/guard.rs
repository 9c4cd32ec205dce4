//! Rooms that stay right: looks at each room and its host's settings, puts right in place what may be put right, and keeps
//! in words what may not.
//!
//! A look holds the connection's row, so that two instances never repair one room at once, and ends in one unit of work:
//! what was found, what became of it, the alerts, and when the room was looked at. How often a repair is tried follows
//! from the drifts that are kept, how many changes a host has left today from a count in the row of the connection; so both
//! outlive a restart and hold for all instances.

mod caller;
mod find;
mod ledger;
mod note;
mod pace;
mod repair;
mod rest;
mod rounds;
mod trouble;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
    time::Duration,
};

use domain::{
    ClinicId, ConnectionId, RoomId, StaffId, Timestamp,
    room::{
        Connection, RoomKind,
        guard::{Drift, DriftKind, Guarded, LookFor, Origin},
    },
};
use uuid::Uuid;
use vault::SecretText;
use zoom::api::{ApiError, Meeting};

use caller::Caller;
pub(crate) use find::drift_of;
use find::{Findings, HostSays, findings};
pub(crate) use note::leave;
pub use repair::Obstacle;
use repair::Tried;
pub use rounds::GuardRound;
pub use trouble::LookTrouble;

use crate::{AccessError, Provisioned, RoomError, Zoom, room::Owner};

/// How long a look may hold the connection's row: a dozen requests of 20 seconds at most, in sequence, where the room's
/// kind is changed.
const LEASE: Duration = Duration::from_mins(4);

/// What came of a look.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The room, of which patients' links lead into the same one as before or into the one that took its place.
    pub provisioned: Provisioned,
    /// What was put right.
    pub repaired: Vec<DriftKind>,
    /// What the room lacks still, worst first.
    pub lasting: Vec<Drift>,
}

/// What this instance remembers of its looks. Nothing is lost with it but patience.
#[derive(Default)]
pub(crate) struct Memory {
    pace: pace::Pace,
    rests: Mutex<HashMap<ConnectionId, rest::Rest>>,
    changes: Mutex<HashMap<RoomId, rest::Changes>>,
}

/// One look, while it is taken.
pub(crate) struct Look {
    pub(crate) caller: Caller,
    pub(crate) owner: Owner,
    pub(crate) why: LookFor,
    pub(crate) asked_at: Timestamp,
    pub(crate) host: HostSays,
    /// Where the room comes from that the look ends with.
    pub(crate) origin: Origin,
    /// What was tried to put right.
    pub(crate) tried: Tried,
    /// What was not even tried, and why, where that is new.
    pub(crate) put_off: BTreeMap<DriftKind, Obstacle>,
    /// Why the meeting that the room had is given up.
    pub(crate) gone: Option<DriftKind>,
}

impl Look {
    pub(crate) fn findings(&self, meeting: &Meeting, kind: RoomKind) -> Findings {
        findings(meeting, kind, self.origin, &self.host)
    }
}

/// Whose room is looked after, and what for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    clinic: ClinicId,
    staff: StaffId,
    why: LookFor,
    /// How the guard stood to the room when the look was found to be due: whoever looked since then has done it. None
    /// where it is to be taken in any case.
    seen: Option<&'a Guarded>,
}

impl Zoom {
    /// Looks at the staff member's room and settings now, puts right what may be put right, and keeps what was found. Where
    /// there is no room, one is found or made.
    pub async fn look_after(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        why: LookFor,
    ) -> Result<Looked, RoomError> {
        let looked = self.look(Wanted { clinic, staff, why, seen: None }).await?;
        // Without a `seen` nothing can have made it needless.
        looked.ok_or(RoomError::Access(AccessError::Busy))
    }

    /// Wants a look at the staff member's room as soon as possible, here or in another instance.
    pub async fn want_look(&self, clinic: ClinicId, staff: StaffId) -> Result<(), store::StoreError> {
        let mut tx = self.0.store.begin().await?;
        let Some(room) = tx.room_of(clinic, staff).await? else {
            self.0.rooms_wanted.notify_one();
            return Ok(());
        };
        tx.want_look_for(clinic, room.id, self.0.ambient.now(), LookFor::Asked).await?;
        tx.commit().await
    }

    /// One look; none where somebody else took it meanwhile, or is at it.
    async fn look(&self, wanted: Wanted<'_>) -> Result<Option<Looked>, RoomError> {
        let Wanted { clinic, staff, why, .. } = wanted;
        let asked_at = self.0.ambient.now();
        let connection = self.0.store.read().await?.connection_of(clinic, staff).await?;
        let outcome = match &connection {
            Some(connection) => self.look_with_token(wanted, connection).await,
            None => Err(AccessError::NotConnected.into()),
        };
        let id = connection.map(|connection| connection.id);
        match &outcome {
            Ok(None) => {}
            Ok(Some(looked)) => tracing::info!(
                connection.id = ?id,
                room.id = %looked.provisioned.room.id,
                ?why,
                how = ?looked.provisioned.how,
                repaired = ?looked.repaired,
                lasting = ?looked.lasting.iter().map(|drift| drift.kind).collect::<Vec<_>>(),
                "looked at a room"
            ),
            Err(error) => {
                tracing::warn!(connection.id = ?id, ?why, %error, "a room could not be looked at");
                self.note_trouble(clinic, staff, asked_at, error).await?;
            }
        }
        if let Some(id) = id
            && !matches!(outcome, Ok(None))
        {
            self.remember(id, outcome.as_ref().err());
        }
        outcome
    }

    async fn look_with_token(
        &self,
        wanted: Wanted<'_>,
        connection: &Connection,
    ) -> Result<Option<Looked>, RoomError> {
        let (clinic, id) = (wanted.clinic, connection.id);
        let mut token = self.access_token(clinic, id).await?;
        let mut first_try = true;
        loop {
            // Two at once would each find nothing and make one.
            let holder = match wanted.seen {
                None => self.wait_for_lease(clinic, id).await?,
                Some(_) => match self.lease(clinic, id, LEASE).await? {
                    Some(holder) => holder,
                    None => return Ok(None),
                },
            };
            let outcome = self.look_under_lease(wanted, &token, holder).await;
            self.release(clinic, id, holder).await?;
            match outcome {
                Err(RoomError::Zoom(ApiError::AccessTokenDead)) if first_try => {
                    first_try = false;
                    token = self.access_token_after(clinic, id, &token).await?;
                }
                outcome => return outcome,
            }
        }
    }

    pub(crate) async fn wait_for_lease(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
    ) -> Result<Uuid, RoomError> {
        for _ in 0..self.0.patience.steps {
            if let Some(holder) = self.lease(clinic, connection, LEASE).await? {
                return Ok(holder);
            }
            tokio::time::sleep(self.0.patience.step).await;
        }
        Err(AccessError::Busy.into())
    }

    async fn look_under_lease(
        &self,
        wanted: Wanted<'_>,
        token: &SecretText,
        holder: Uuid,
    ) -> Result<Option<Looked>, RoomError> {
        let owner = self.owner(wanted.clinic, wanted.staff).await?;
        if wanted.seen.is_some_and(|seen| seen.asked_at != owner.guarded.asked_at) {
            return Ok(None);
        }
        let mut look = self.look_of(owner, token, wanted.why).await?;
        let standing = self.stand(&mut look).await?;
        Ok(Some(self.keep_look(&look, standing, holder).await?))
    }

    /// The beginning of a look: what Zoom says of the host.
    pub(crate) async fn look_of(
        &self,
        owner: Owner,
        token: &SecretText,
        why: LookFor,
    ) -> Result<Look, RoomError> {
        let asked_at = self.0.ambient.now();
        let caller = Caller::new(self, &owner.connection, token);
        let me = match caller.me().await {
            Err(error @ (ApiError::AccessTokenDead | ApiError::RateLimited { .. })) => {
                return Err(error.into());
            }
            me => me,
        };
        let settings = told(caller.user_settings().await)?;
        let security = told(caller.meeting_security().await)?;
        let origin = owner.guarded.origin;
        Ok(Look {
            caller,
            owner,
            why,
            asked_at,
            host: HostSays { me, settings, security },
            origin,
            tried: Tried::new(),
            put_off: BTreeMap::new(),
            gone: None,
        })
    }
}

/// What Zoom told of the host's settings. The room itself is more: it is looked at without them too, unless Zoom wants to be
/// left alone for a moment.
fn told<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(told) => Ok(Some(told)),
        Err(error @ (ApiError::AccessTokenDead | ApiError::RateLimited { daily: false, .. })) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "a host's settings could not be read");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests;
