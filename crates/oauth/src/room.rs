//! The permanent room: found or made once, looked after, and never made twice. Of the kind that is wanted, as far as
//! Zoom allows it.

mod kind;
mod making;

use domain::{
    ClinicId, StaffId,
    room::{
        Connection, DialIn, DialInNumber, Room, RoomKind,
        guard::{Drift, DriftKind, Guarded, LookFor, Origin},
    },
    staff::StaffMember,
};
use store::{StoreError, ports::rooms::RoomState};
use zoom::api::{ApiError, Deviation, Meeting};

pub use kind::KindTrouble;
pub(crate) use kind::wanted_kind;
use making::Hindrance;
pub(crate) use making::series_ends_at;

use crate::{
    AccessError, SecretError, Zoom,
    guard::{Look, Obstacle},
};

/// Zoom's number for a meeting that is not there, or no longer.
const NO_SUCH_MEETING: i64 = 3001;
/// Zoom's number for a meeting of another user.
pub(crate) const NOT_THE_HOST: i64 = 3003;
/// So much of what was found before is looked at: much more than a day brings.
const HISTORY: i64 = 200;

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
pub(crate) struct Owner {
    pub(crate) member: StaffMember,
    pub(crate) connection: Connection,
    pub(crate) room: Option<Room>,
    pub(crate) state: RoomState,
    pub(crate) guarded: Guarded,
    /// What the room was found to lack, youngest first.
    pub(crate) history: Vec<Drift>,
    pub(crate) wanted: RoomKind,
    /// What was granted, separated by spaces.
    pub(crate) scopes: String,
}

impl Owner {
    /// The room, if it belongs to the Zoom user who is connected.
    pub(crate) fn own_room(&self) -> Option<&Room> {
        self.room.as_ref().filter(|room| room.zoom_user_id == self.connection.zoom_user_id)
    }

    /// Stands in the agenda of the room of this kind that we made for this staff member, and in no other meeting.
    fn marker(&self, kind: RoomKind) -> String {
        match kind {
            RoomKind::Registered => format!("anteroom-registered:{}", self.member.id),
            RoomKind::Open | RoomKind::Other => format!("anteroom:{}", self.member.id),
        }
    }
}

/// A room as it stands at Zoom now.
pub(crate) struct Standing {
    pub(crate) meeting: Meeting,
    pub(crate) kind: RoomKind,
    pub(crate) how: How,
    pub(crate) trouble: Option<KindTrouble>,
}

/// What became of the meeting that the room has.
enum Own {
    There(Box<Meeting>),
    /// Deleted, and out of Zoom's trash as well.
    Gone,
    /// It is another Zoom user's; perhaps it may still be read.
    Anothers(Option<Box<Meeting>>),
}

impl Zoom {
    /// Sees to it that the connected staff member has a room with its waiting room on: checks the one that is there, or
    /// finds the one that was made before, or makes one. To be called again whenever it failed.
    pub async fn provision_room(&self, clinic: ClinicId, staff: StaffId) -> Result<Provisioned, RoomError> {
        Ok(self.look_after(clinic, staff, LookFor::Connected).await?.provisioned)
    }

    /// The room as it stands at Zoom, found or made where there is none.
    pub(crate) async fn stand(&self, look: &mut Look) -> Result<Standing, RoomError> {
        let own = look.owner.own_room().map(|room| (room.meeting_number, room.kind));
        let Some((number, kind)) = own else {
            // It belongs to the Zoom user who was connected before.
            look.gone = look.owner.room.is_some().then_some(DriftKind::NotOwned);
            return self.afresh(look).await;
        };
        match self.own_meeting(look, number).await? {
            Own::There(meeting) if look.origin != Origin::Made => {
                self.stays(look, *meeting, kind, None).await
            }
            Own::There(meeting) if kind == look.owner.wanted => self.kept(look, *meeting).await,
            Own::There(meeting) => self.changed(look, *meeting, kind).await,
            Own::Gone => {
                look.gone = Some(DriftKind::Deleted);
                self.afresh(look).await
            }
            Own::Anothers(meeting) => {
                let is_started = meeting.as_ref().and_then(|meeting| meeting.is_started);
                if !self.is_in_use(&look.owner, is_started).await? {
                    look.gone = Some(DriftKind::NotOwned);
                    return self.afresh(look).await;
                }
                let meeting = meeting.ok_or(ApiError::NotAllowed { code: NOT_THE_HOST })?;
                look.put_off.insert(DriftKind::NotOwned, Obstacle::InUse);
                Ok(Standing { meeting: *meeting, kind, how: How::Kept, trouble: None })
            }
        }
    }

    /// The room's own meeting, taken out of Zoom's trash if that is where it is.
    async fn own_meeting(&self, look: &mut Look, number: i64) -> Result<Own, RoomError> {
        let meeting = match look.caller.meeting(number).await {
            Ok(meeting) => meeting,
            Err(ApiError::NotFound { code: NO_SUCH_MEETING }) => match self.recovered(look, number).await? {
                Some(meeting) => meeting,
                None => return Ok(Own::Gone),
            },
            Err(ApiError::NotAllowed { code: NOT_THE_HOST }) => return Ok(Own::Anothers(None)),
            Err(error) => return Err(error.into()),
        };
        // Zoom writes ids in lower case in places. Two users whose ids differ in nothing else are not to be feared, a room
        // that is given up by mistake is.
        let user = &look.owner.connection.zoom_user_id;
        Ok(match &meeting.host_id {
            Some(host) if !host.eq_ignore_ascii_case(user) => Own::Anothers(Some(Box::new(meeting))),
            _ => Own::There(Box::new(meeting)),
        })
    }

    /// The meeting, taken out of Zoom's trash; none where it is not there.
    async fn recovered(&self, look: &mut Look, number: i64) -> Result<Option<Meeting>, RoomError> {
        match look.caller.recover(number).await {
            Ok(()) => {}
            Err(
                error @ (ApiError::NotFound { .. }
                | ApiError::NotAllowed { .. }
                | ApiError::Invalid { .. }
                | ApiError::MissingScope(_)
                // Whoever deletes it more often in a day than Zoom lets it be recovered.
                | ApiError::RateLimited { daily: true, .. }),
            ) => {
                tracing::warn!(%error, "a meeting that was deleted cannot be recovered");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
        match look.caller.meeting(number).await {
            Ok(meeting) => {
                look.tried.insert(DriftKind::Deleted, None);
                Ok(Some(meeting))
            }
            Err(ApiError::NotFound { code: NO_SUCH_MEETING }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn owner(&self, clinic: ClinicId, staff: StaffId) -> Result<Owner, RoomError> {
        let mut tx = self.0.store.read().await?;
        let member = tx.staff_member(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let connection = tx.connection_of(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let room = tx.room_of(clinic, staff).await?;
        let (state, guarded, history) = match &room {
            Some(room) => (
                tx.room_state(clinic, room.id).await?,
                tx.guarded(clinic, room.id).await?,
                tx.drifts_of(clinic, room.id, HISTORY).await?,
            ),
            None => Default::default(),
        };
        let wanted = wanted_kind(&mut *tx, clinic, staff).await?;
        let scopes = tx.tokens(clinic, connection.id).await?.map(|tokens| tokens.scopes).unwrap_or_default();
        Ok(Owner { member, connection, room, state, guarded, history, wanted, scopes })
    }
}

/// How the meeting is reached by telephone; none where Zoom gives no number.
pub(crate) fn dial_in(meeting: &Meeting) -> Option<DialIn> {
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
