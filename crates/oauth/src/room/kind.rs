//! Which kind of room is wanted, how it becomes that kind, and why it does not.

use std::time::Duration;

use domain::{
    ClinicId, StaffId,
    attendance::presence::Whereabouts,
    room::{RoomKind, guard::Origin},
};
use store::{StoreError, Tx};
use zoom::api::{ApiError, Meeting};

use super::{
    Hindrance, How, Owner, RoomError, Standing,
    making::{is_alarming, series_ends_at},
};
use crate::{AccessError, RoomOutcome, Zoom, guard::Look};

/// Whoever pressed Join this long ago is there, or comes no more.
const ON_THE_WAY: Duration = Duration::from_mins(10);
/// A visit is believed to last this long at most.
const LONGEST_VISIT: Duration = Duration::from_hours(12);
/// Of whom nothing was heard for this long is there no more: their leaving was lost.
const FORGOTTEN: Duration = Duration::from_hours(2);

/// Why a room is not of the kind that is wanted, or will not stay so. Kept with the room as a code;
/// [`words`](crate::words) says it to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KindTrouble {
    /// The owner's Zoom plan has no registration.
    Plan,
    /// The connection lacks the permission to register people.
    Scope,
    /// Zoom made the meeting, but without registration, or took it away.
    Registration,
    /// Zoom refused for a reason of its own.
    Refused,
    /// Zoom's limit of the day.
    Limit,
    /// Zoom did not answer.
    Unavailable,
    /// The room is in use just now.
    Running,
    /// The series of a registered room comes to its end, and Zoom does not extend it.
    Series,
}

impl KindTrouble {
    /// Every trouble there is.
    pub const ALL: [Self; 8] = [
        Self::Plan,
        Self::Scope,
        Self::Registration,
        Self::Refused,
        Self::Limit,
        Self::Unavailable,
        Self::Running,
        Self::Series,
    ];

    /// The code kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Scope => "scope",
            Self::Registration => "registration",
            Self::Refused => "refused",
            Self::Limit => "limit",
            Self::Unavailable => "unavailable",
            Self::Running => "running",
            Self::Series => "series",
        }
    }

    /// The trouble that a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == code)
    }

    /// Whether it may be gone within the hour without anybody doing something.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unavailable | Self::Running)
    }

    /// Whether it means that nobody can be registered.
    pub(crate) const fn ends_registration(self) -> bool {
        matches!(self, Self::Plan | Self::Scope | Self::Registration)
    }

    /// What an answer of Zoom's means for the kind of a room; none where it says nothing about that.
    pub(crate) fn of(error: &ApiError) -> Option<Self> {
        match error {
            ApiError::NotAllowed { code: 200 } => Some(Self::Plan),
            ApiError::NotFound { code: 300 } => Some(Self::Registration),
            ApiError::MissingScope(_) => Some(Self::Scope),
            ApiError::NotAllowed { .. } | ApiError::Invalid { .. } => Some(Self::Refused),
            ApiError::RateLimited { daily: true, .. } => Some(Self::Limit),
            ApiError::RateLimited { .. } | ApiError::Unavailable { .. } | ApiError::Unreadable { .. } => {
                Some(Self::Unavailable)
            }
            ApiError::AccessTokenDead | ApiError::NotFound { .. } => None,
        }
    }
}

/// What is wanted for the staff member: their own wish, else the clinic's.
pub(crate) async fn wanted_kind(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    staff: StaffId,
) -> Result<RoomKind, StoreError> {
    let wanted = match tx.staff_room_kind(clinic, staff).await? {
        Some(own) => own,
        None => tx.clinic_room_kind(clinic).await?,
    };
    // Another product's link is adopted, never made.
    Ok(if wanted == RoomKind::Registered { RoomKind::Registered } else { RoomKind::Open })
}

impl Zoom {
    /// Says what kind of room the staff member wants, or the clinic where none is named, and sees to it: at once for a
    /// staff member who is connected, soon for a clinic. The new room has another number; show
    /// [`words::of_kind_change`](crate::words::of_kind_change) first.
    pub async fn set_room_kind(
        &self,
        clinic: ClinicId,
        staff: Option<StaffId>,
        kind: RoomKind,
    ) -> Result<Option<RoomOutcome>, RoomError> {
        if kind == RoomKind::Other {
            return Err(RoomError::NotAKind);
        }
        let mut tx = self.0.store.begin().await?;
        match staff {
            Some(staff) => tx.set_staff_room_kind(clinic, staff, Some(kind)).await?,
            None => tx.set_clinic_room_kind(clinic, kind).await?,
        }
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, staff.id = ?staff, kind = kind.as_str(), "another kind of room is wanted");
        if let Some(staff) = staff {
            return self.see_to_kind(clinic, staff).await;
        }
        self.0.rooms_wanted.notify_one();
        Ok(None)
    }

    /// Lets the staff member follow the clinic's wish again, and sees to it at once.
    pub async fn follow_clinics_kind(
        &self,
        clinic: ClinicId,
        staff: StaffId,
    ) -> Result<Option<RoomOutcome>, RoomError> {
        let mut tx = self.0.store.begin().await?;
        tx.set_staff_room_kind(clinic, staff, None).await?;
        tx.commit().await?;
        self.see_to_kind(clinic, staff).await
    }

    async fn see_to_kind(&self, clinic: ClinicId, staff: StaffId) -> Result<Option<RoomOutcome>, RoomError> {
        match self.provision_room(clinic, staff).await {
            Ok(provisioned) => Ok(Some(RoomOutcome::Ready(provisioned))),
            Err(RoomError::Access(AccessError::NotConnected)) => Ok(None),
            Err(RoomError::Store(error)) => Err(error.into()),
            Err(why) => Ok(Some(RoomOutcome::Delayed { why })),
        }
    }

    /// A room that is of the wanted kind, looked after.
    pub(crate) async fn kept(&self, look: &mut Look, meeting: Meeting) -> Result<Standing, RoomError> {
        if look.owner.wanted != RoomKind::Registered {
            return self.stays(look, meeting, look.owner.wanted, None).await;
        }
        let lost = match Self::may_register(look) {
            Ok(()) => None,
            Err(Hindrance::Trouble(trouble)) => Some(trouble),
            Err(Hindrance::Error(error)) => return Err(error),
        };
        let meeting = self.secured(look, meeting, RoomKind::Registered).await?;
        let lost = lost.or_else(|| (!meeting.registers()).then_some(KindTrouble::Registration));
        match lost {
            None => {
                let meeting = self.going_on(look, meeting).await?;
                let alarming = is_alarming(series_ends_at(&meeting), self.0.ambient.now());
                let trouble = alarming.then_some(KindTrouble::Series);
                Ok(Standing { meeting, kind: RoomKind::Registered, how: How::Kept, trouble })
            }
            // Whoever is in it is not to be cut off; and an answer that did not come is no reason for another number.
            Some(trouble)
                if !trouble.ends_registration()
                    || self.is_in_use(&look.owner, meeting.is_started).await? =>
            {
                Ok(Standing { meeting, kind: RoomKind::Registered, how: How::Kept, trouble: Some(trouble) })
            }
            Some(trouble) => {
                let number = meeting.number;
                let standing = self.open_instead(look, trouble).await?;
                self.give_up(look, number).await;
                Ok(Standing { how: How::Changed, ..standing })
            }
        }
    }

    /// A room that is of another kind than is wanted, changed where Zoom allows it. A new meeting, since whether Zoom can
    /// change one in place is not known, and a number whose meaning changes is worse than a new one.
    pub(super) async fn changed(
        &self,
        look: &mut Look,
        meeting: Meeting,
        kind: RoomKind,
    ) -> Result<Standing, RoomError> {
        if self.is_in_use(&look.owner, meeting.is_started).await? {
            return self.stays(look, meeting, kind, Some(KindTrouble::Running)).await;
        }
        let number = meeting.number;
        let made = match look.owner.wanted {
            RoomKind::Registered => self.registered_room(look).await,
            RoomKind::Open | RoomKind::Other => self.open_room(look).await.map_err(Hindrance::from),
        };
        match made {
            Ok((made, _)) => {
                if made.number != number {
                    self.give_up(look, number).await;
                }
                Ok(Standing { meeting: made, kind: look.owner.wanted, how: How::Changed, trouble: None })
            }
            Err(Hindrance::Trouble(trouble)) => self.stays(look, meeting, kind, Some(trouble)).await,
            Err(Hindrance::Error(RoomError::ListIncomplete)) => {
                self.stays(look, meeting, kind, Some(KindTrouble::Unavailable)).await
            }
            Err(Hindrance::Error(error)) => Err(error),
        }
    }

    /// Whether somebody is in the room or on the way there: its number must not change under them. Zoom says only whether
    /// the meeting runs, and patients wait before it does.
    pub(crate) async fn is_in_use(&self, owner: &Owner, is_started: Option<bool>) -> Result<bool, RoomError> {
        if is_started == Some(true) {
            return Ok(true);
        }
        let Some(room) = &owner.room else { return Ok(false) };
        let now = self.0.ambient.now();
        let soon = now.plus(Duration::from_secs(1));
        let mut tx = self.0.store.read().await?;
        let pressed = tx.presses_in_room(room.clinic_id, room.id, now.minus(ON_THE_WAY)..soon).await?;
        let there = tx.presences_in_room(room.clinic_id, room.id, now.minus(LONGEST_VISIT)..soon).await?;
        Ok(!pressed.is_empty()
            || there.iter().any(|presence| {
                presence.whereabouts != Whereabouts::Left && now.since(presence.since) < FORGOTTEN
            }))
    }

    /// A room where there is none: of the wanted kind, else an open one, for patients have to be let in somewhere.
    pub(crate) async fn afresh(&self, look: &mut Look) -> Result<Standing, RoomError> {
        look.origin = Origin::Made;
        let standing = match look.owner.wanted {
            RoomKind::Registered => match self.registered_room(look).await {
                Ok((meeting, how)) => Standing { meeting, kind: RoomKind::Registered, how, trouble: None },
                // An open one now and another number in an hour would serve nobody.
                Err(Hindrance::Trouble(KindTrouble::Unavailable)) => {
                    return Err(AccessError::Unavailable.into());
                }
                Err(Hindrance::Trouble(trouble)) => self.open_instead(look, trouble).await?,
                Err(Hindrance::Error(error)) => return Err(error),
            },
            RoomKind::Open | RoomKind::Other => {
                let (meeting, how) = self.open_room(look).await?;
                Standing { meeting, kind: RoomKind::Open, how, trouble: None }
            }
        };
        let how = if look.owner.room.is_some() { How::Replaced } else { standing.how };
        Ok(Standing { how, ..standing })
    }

    async fn open_instead(&self, look: &mut Look, trouble: KindTrouble) -> Result<Standing, RoomError> {
        let (meeting, how) = self.open_room(look).await?;
        Ok(Standing { meeting, kind: RoomKind::Open, how, trouble: Some(trouble) })
    }

    async fn open_room(&self, look: &mut Look) -> Result<(Meeting, How), RoomError> {
        let (meeting, how) = self.find_or_make(look, RoomKind::Open).await?;
        Ok((self.secured(look, meeting, RoomKind::Open).await?, how))
    }

    pub(super) async fn stays(
        &self,
        look: &mut Look,
        meeting: Meeting,
        kind: RoomKind,
        trouble: Option<KindTrouble>,
    ) -> Result<Standing, RoomError> {
        let meeting = self.secured(look, meeting, kind).await?;
        let meeting = match kind {
            RoomKind::Registered => self.going_on(look, meeting).await?,
            RoomKind::Open | RoomKind::Other => meeting,
        };
        Ok(Standing { meeting, kind, how: How::Kept, trouble })
    }
}

#[cfg(test)]
mod tests;
