//! The permanent room: found or made once, looked after, and never made twice. Of the kind that is wanted, as far as
//! Zoom allows it.

mod kind;
mod making;

use std::time::Duration;

use domain::{
    ClinicId, StaffId, Timestamp,
    room::{Connection, ConnectionState, DialIn, DialInNumber, Room, RoomKind},
    staff::StaffMember,
};
use store::{StoreError, ports::rooms::RoomState};
use uuid::Uuid;
use vault::SecretText;
use zoom::api::{ApiError, Deviation, Meeting};

pub use kind::KindTrouble;
pub(crate) use kind::wanted_kind;
use making::{Hindrance, deviations, series_ends_at};

use crate::{AccessError, SecretError, Trouble, Zoom};

/// How long making a room may hold the connection's row: a dozen requests of 20 seconds at most, in sequence, where its
/// kind is changed.
const LEASE: Duration = Duration::from_mins(4);
/// Zoom's number for a meeting that is not there, or no longer.
const NO_SUCH_MEETING: i64 = 3001;

/// A room that patients can be sent to.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// The room.
    pub room: Room,
    /// Where it comes from.
    pub how: How,
    /// In what it differs from what visits need although we asked for it: an administrator of the Zoom account may
    /// have locked these. Empty if all is well.
    pub deviations: Vec<Deviation>,
    /// Why it is not of the kind that is wanted, or will not stay so.
    pub kind_trouble: Option<KindTrouble>,
}

/// Where a room comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was there, and Zoom still has it.
    Kept,
    /// Zoom had it already, made by us before.
    Found,
    /// It was made now.
    Made,
    /// It is of another kind now, and has another number: copies of Zoom's own join link lead to a room that nobody looks
    /// into, while links of the clinic lead to the new one.
    Changed,
    /// The room before is gone, or belongs to another Zoom user: copies of Zoom's own join link are dead, while links of
    /// the clinic lead to the new one.
    Replaced,
}

/// Why there is no room yet.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// There is no live token.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Zoom did not do it.
    #[error(transparent)]
    Zoom(#[from] ApiError),
    /// Zoom's list of meetings was not complete, so that ours may be among them. Nothing was made.
    #[error("the list of meetings is not complete")]
    ListIncomplete,
    /// A room of this kind cannot be asked for.
    #[error("a room of this kind cannot be asked for")]
    NotAKind,
    /// Zoom gave no join link.
    #[error("the meeting has no join link")]
    NoJoinLink,
    /// The join link does not open, or cannot be sealed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RoomError {
    /// Whether it may be gone later without anybody doing something.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Access(error) => error.is_temporary(),
            Self::Zoom(error) => error.is_temporary(),
            Self::ListIncomplete | Self::NoJoinLink | Self::Store(_) => true,
            Self::Secret(_) | Self::NotAKind => false,
        }
    }
}

/// Whose room it is to be, as it stands under the lease.
struct Owner {
    member: StaffMember,
    connection: Connection,
    room: Option<Room>,
    state: RoomState,
    wanted: RoomKind,
    /// What was granted, separated by spaces.
    scopes: String,
}

impl Owner {
    /// Stands in the agenda of the room of this kind that we made for this staff member, and in no other meeting.
    fn marker(&self, kind: RoomKind) -> String {
        match kind {
            RoomKind::Registered => format!("anteroom-registered:{}", self.member.id),
            RoomKind::Open | RoomKind::Other => format!("anteroom:{}", self.member.id),
        }
    }
}

/// A room as it stands at Zoom now.
struct Standing {
    meeting: Meeting,
    kind: RoomKind,
    how: How,
    trouble: Option<KindTrouble>,
}

impl Zoom {
    /// Sees to it that the connected staff member has a room with its waiting room on: checks the one that is there, or
    /// finds the one that was made before, or makes one. To be called again whenever it failed.
    pub async fn provision_room(&self, clinic: ClinicId, staff: StaffId) -> Result<Provisioned, RoomError> {
        let connection = self.0.store.read().await?.connection_of(clinic, staff).await?;
        let id = connection.ok_or(AccessError::NotConnected)?.id;
        let mut token = self.access_token(clinic, id).await?;
        let mut first_try = true;
        loop {
            // Two at once would each find nothing and make one.
            let holder = self.wait_for_lease(clinic, id).await?;
            let outcome = self.provision(clinic, staff, &token, holder).await;
            self.release(clinic, id, holder).await?;
            match outcome {
                Err(RoomError::Zoom(ApiError::AccessTokenDead)) if first_try => {
                    first_try = false;
                    token = self.access_token_after(clinic, id, &token).await?;
                }
                Err(error) => {
                    tracing::warn!(connection.id = %id, %error, "no room");
                    return Err(error);
                }
                Ok(provisioned) => {
                    tracing::info!(
                        connection.id = %id,
                        room.id = %provisioned.room.id,
                        how = ?provisioned.how,
                        deviations = ?provisioned.deviations,
                        "a room is ready"
                    );
                    return Ok(provisioned);
                }
            }
        }
    }

    async fn wait_for_lease(
        &self,
        clinic: ClinicId,
        connection: domain::ConnectionId,
    ) -> Result<Uuid, RoomError> {
        for _ in 0..self.0.patience.steps {
            if let Some(holder) = self.lease(clinic, connection, LEASE).await? {
                return Ok(holder);
            }
            tokio::time::sleep(self.0.patience.step).await;
        }
        Err(AccessError::Busy.into())
    }

    async fn provision(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        token: &SecretText,
        holder: Uuid,
    ) -> Result<Provisioned, RoomError> {
        let owner = self.owner(clinic, staff).await?;
        let own = owner.room.as_ref().filter(|room| room.zoom_user_id == owner.connection.zoom_user_id);
        let kept = match own {
            Some(room) => match self.0.api.meeting(token, room.meeting_number).await {
                Ok(meeting) => Some((meeting, room.kind)),
                Err(ApiError::NotFound { code: NO_SUCH_MEETING }) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let standing = match kept {
            Some((meeting, kind)) if kind == owner.wanted => self.kept(token, &owner, meeting).await?,
            Some((meeting, kind)) => self.changed(token, &owner, meeting, kind).await?,
            None => self.afresh(token, &owner).await?,
        };
        let deviations = deviations(&standing.meeting, standing.kind);
        let room = self.keep_room(&owner, &standing, &deviations, holder).await?;
        let Standing { how, trouble: kind_trouble, .. } = standing;
        Ok(Provisioned { room, how, deviations, kind_trouble })
    }

    async fn owner(&self, clinic: ClinicId, staff: StaffId) -> Result<Owner, RoomError> {
        let mut tx = self.0.store.read().await?;
        let member = tx.staff_member(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let connection = tx.connection_of(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let room = tx.room_of(clinic, staff).await?;
        let state = match &room {
            Some(room) => tx.room_state(clinic, room.id).await?,
            None => RoomState::default(),
        };
        let wanted = wanted_kind(&mut *tx, clinic, staff).await?;
        let scopes = tx.tokens(clinic, connection.id).await?.map(|tokens| tokens.scopes).unwrap_or_default();
        Ok(Owner { member, connection, room, state, wanted, scopes })
    }

    async fn keep_room(
        &self,
        owner: &Owner,
        standing: &Standing,
        deviations: &[Deviation],
        holder: Uuid,
    ) -> Result<Room, RoomError> {
        let meeting = &standing.meeting;
        let Connection { id, clinic_id: clinic, staff_id: staff, .. } = owner.connection;
        let join_url = meeting.join_url.as_ref().ok_or(RoomError::NoJoinLink)?;
        let now = self.0.ambient.now();
        let mut tx = self.0.store.begin().await?;
        // First, since it locks the row: the connection may have been taken back meanwhile.
        tx.release_refresh(clinic, id, holder).await?;
        let connection = tx.connection(clinic, id).await?.ok_or(AccessError::NotConnected)?;
        if connection.state != ConnectionState::Connected {
            return Err(AccessError::NotConnected.into());
        }
        let before = tx.room_of(clinic, staff).await?;
        let as_it_should_be = |before: Option<Timestamp>| match before {
            Some(before) if !deviations.is_empty() => before,
            _ => now,
        };
        let room = Room {
            id: before.as_ref().map_or_else(|| self.0.ambient.id(), |before| before.id),
            clinic_id: clinic,
            staff_id: staff,
            kind: standing.kind,
            meeting_number: meeting.number,
            zoom_user_id: connection.zoom_user_id.clone(),
            zoom_account_id: connection.zoom_account_id.clone(),
            checked_at: as_it_should_be(before.as_ref().map(|before| before.checked_at)),
            created_at: before.as_ref().map_or(now, |before| before.created_at),
        };
        let sealed = self.seal_join_url(clinic, room.id, join_url)?;
        match &before {
            Some(_) => tx.update_room(clinic, &room, &sealed).await?,
            None => tx.insert_room(&room, &sealed).await?,
        }
        // What Zoom said of invite links was said of the room as it was numbered then.
        let same = before.as_ref().is_some_and(|before| before.meeting_number == room.meeting_number);
        let state = RoomState {
            series_ends_at: series_ends_at(meeting).filter(|_| room.kind == RoomKind::Registered),
            kind_trouble: standing.trouble.map(|trouble| trouble.as_str().to_owned()),
            invites_refused: owner.state.invites_refused.clone().filter(|_| same),
        };
        tx.set_room_state(clinic, room.id, &state).await?;
        let dial_in = dial_in(meeting).map(|way| self.seal_dial_in(clinic, room.id, &way)).transpose()?;
        tx.set_dial_in(clinic, room.id, dial_in.as_deref()).await?;
        let trouble = Trouble::of_room(deviations).map(Trouble::as_str);
        if connection.trouble.as_deref() != trouble {
            tx.set_connection_state(clinic, id, ConnectionState::Connected, trouble, now).await?;
        }
        tx.commit().await?;
        Ok(room)
    }
}

/// How the meeting is reached by telephone; none where Zoom gives no number.
fn dial_in(meeting: &Meeting) -> Option<DialIn> {
    let zoom::api::DialIn { numbers, passcode } = &meeting.dial_in;
    let numbers: Vec<DialInNumber> = numbers
        .iter()
        .map(|zoom::api::DialInNumber { number, country }| DialInNumber {
            number: number.clone(),
            country: country.clone(),
        })
        .collect();
    (!numbers.is_empty()).then(|| DialIn {
        numbers,
        meeting: meeting.number.to_string(),
        passcode: passcode.as_ref().map(|code| code.expose().to_owned()),
    })
}

#[cfg(test)]
mod tests;
