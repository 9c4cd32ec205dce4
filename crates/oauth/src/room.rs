//! The permanent room: found or made once, looked after, and never made twice.

use std::time::Duration;

use domain::{
    ClinicId, StaffId, Timestamp,
    room::{Connection, ConnectionState, Room, RoomKind},
    staff::StaffMember,
};
use store::StoreError;
use uuid::Uuid;
use vault::SecretText;
use zoom::api::{ApiError, Deviation, Meeting, MeetingKind, MeetingPatch, NewMeeting};

use crate::{AccessError, SecretError, Trouble, Zoom};

/// How long making a room may hold the connection's row: five requests of 20 seconds at most, in sequence.
const LEASE: Duration = Duration::from_secs(100);
/// Pages of 300 meetings that are looked through.
const MOST_PAGES: u32 = 20;
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
            Self::Secret(_) => false,
        }
    }
}

/// Whose room it is to be, as it stands under the lease.
struct Owner {
    member: StaffMember,
    connection: Connection,
    room: Option<Room>,
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
                Ok(meeting) => Some(meeting),
                Err(ApiError::NotFound { code: NO_SUCH_MEETING }) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let (meeting, how) = if let Some(meeting) = kept {
            (meeting, How::Kept)
        } else {
            let (meeting, how) = self.find_or_make(token, &owner.member).await?;
            (meeting, if owner.room.is_some() { How::Replaced } else { how })
        };
        let meeting = self.secured(token, meeting).await?;
        let deviations = meeting.deviations();
        let room = self.keep_room(&owner, &meeting, &deviations, holder).await?;
        Ok(Provisioned { room, how, deviations })
    }

    async fn owner(&self, clinic: ClinicId, staff: StaffId) -> Result<Owner, RoomError> {
        let mut tx = self.0.store.read().await?;
        let member = tx.staff_member(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let connection = tx.connection_of(clinic, staff).await?.ok_or(AccessError::NotConnected)?;
        let room = tx.room_of(clinic, staff).await?;
        Ok(Owner { member, connection, room })
    }

    async fn find_or_make(
        &self,
        token: &SecretText,
        member: &StaffMember,
    ) -> Result<(Meeting, How), RoomError> {
        if let Some(number) = self.find(token, member.id).await? {
            return Ok((self.0.api.meeting(token, number).await?, How::Found));
        }
        // The topic is repeated in every event and shown to everybody: the host's name, nothing about patients.
        let topic = format!("Visits with {}", member.name);
        let agenda = format!("Made by Anteroom. Please leave this line as it is: {}", marker(member.id));
        match self.0.api.create_meeting(token, &NewMeeting::visit_room(&topic, &agenda)).await {
            Ok(made) => Ok((made, How::Made)),
            // The answer was lost, but Zoom may have made it.
            Err(error) if error.may_be_done() => match self.find(token, member.id).await? {
                Some(number) => Ok((self.0.api.meeting(token, number).await?, How::Found)),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// The number of the room that was made for this staff member before: the oldest, should there be several.
    async fn find(&self, token: &SecretText, staff: StaffId) -> Result<Option<i64>, RoomError> {
        let marker = marker(staff);
        let mut complete = false;
        let mut readable = true;
        let mut ours = Vec::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let page = self.0.api.list_meetings(token, next.as_deref()).await?;
            readable &= page.unreadable == 0;
            let own = page.items.into_iter().filter(|meeting| {
                meeting.kind == MeetingKind::NoFixedTime
                    && meeting.agenda.as_deref().is_some_and(|text| text.contains(&marker))
            });
            ours.extend(own.map(|meeting| (meeting.created_at.unwrap_or(i64::MAX), meeting.number)));
            next = page.next;
            if next.is_none() {
                complete = true;
                break;
            }
        }
        match ours.into_iter().min() {
            Some((_, number)) => Ok(Some(number)),
            None if complete && readable => Ok(None),
            None => Err(RoomError::ListIncomplete),
        }
    }

    /// The meeting as Zoom has it now, put right once if it is not as visits need it. What an administrator has locked
    /// stays as it is; the answer is read again, for Zoom says yes to such a change too.
    async fn secured(&self, token: &SecretText, meeting: Meeting) -> Result<Meeting, RoomError> {
        if meeting.deviations().is_empty() && meeting.join_url.is_some() {
            return Ok(meeting);
        }
        let patch = MeetingPatch::restore_visit_room();
        match self.0.api.update_meeting(token, meeting.number, &patch).await {
            Err(error @ ApiError::AccessTokenDead) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "the room's settings could not be put right"),
            Ok(()) => {}
        }
        Ok(self.0.api.meeting(token, meeting.number).await?)
    }

    async fn keep_room(
        &self,
        owner: &Owner,
        meeting: &Meeting,
        deviations: &[Deviation],
        holder: Uuid,
    ) -> Result<Room, RoomError> {
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
            kind: RoomKind::Open,
            meeting_number: meeting.number,
            zoom_user_id: connection.zoom_user_id.clone(),
            zoom_account_id: connection.zoom_account_id.clone(),
            checked_at: as_it_should_be(before.as_ref().map(|before| before.checked_at)),
            created_at: before.as_ref().map_or(now, |before| before.created_at),
        };
        let sealed = self.seal_join_url(clinic, room.id, join_url)?;
        match before {
            Some(_) => tx.update_room(clinic, &room, &sealed).await?,
            None => tx.insert_room(&room, &sealed).await?,
        }
        let trouble = Trouble::of_room(deviations).map(Trouble::as_str);
        if connection.trouble.as_deref() != trouble {
            tx.set_connection_state(clinic, id, ConnectionState::Connected, trouble, now).await?;
        }
        tx.commit().await?;
        Ok(room)
    }
}

/// Stands in the agenda of the room that we made for this staff member, and in no other meeting.
fn marker(staff: StaffId) -> String {
    format!("anteroom:{staff}")
}

#[cfg(test)]
mod tests;
