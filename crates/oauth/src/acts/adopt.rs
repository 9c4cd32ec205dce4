//! A meeting of the staff member's own becomes their room: one that they made before, whose link stands on many cards, or
//! their personal one. And back to a room of ours.
//!
//! The room keeps its id, so that every link that was handed out leads into the adopted meeting. It happens as a look of
//! the guard: under the connection's lease, with the settings put right in the same go, and kept in one unit of work. Nobody
//! may be in the room meanwhile, for their meeting would be another one than that into which the next one is led.

use domain::{
    ClinicId, StaffId,
    room::{
        Connection, RoomKind,
        guard::{DriftKind, LookFor, Origin},
    },
};
use store::StoreError;
use uuid::Uuid;
use vault::SecretText;
use zoom::api::{ApiError, Meeting, MeetingKind};

use super::ActError;
use crate::{
    AccessError, How, Looked, RoomError, Zoom,
    calls::Purpose,
    guard::{Look, drift_of},
    room::Standing,
};

/// Pages of 300 meetings that are looked through.
const MOST_PAGES: u32 = 20;
/// What the agenda of a meeting holds that we made.
const OURS: [&str; 2] = ["anteroom:", "anteroom-registered:"];
/// Zoom's word for a meeting for which nobody registers.
const NO_REGISTRATION: i64 = 2;

/// Which meeting is to be the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// The one of this number.
    Meeting(i64),
    /// The personal one.
    Personal,
}

/// What there is to be adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoptable {
    /// Recurring meetings without a fixed time, by name; the one that is the room is left out.
    pub meetings: Vec<OwnMeeting>,
    /// How many other meetings there are, which do not last or have fixed times.
    pub unfit: usize,
    /// Whether Zoom told all of them.
    pub is_complete: bool,
    /// The personal meeting's number; none where Zoom tells none, or it is the room.
    pub personal: Option<i64>,
    /// Where the room comes from now.
    pub origin: Origin,
}

/// A meeting that may be adopted, as far as Zoom's list tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnMeeting {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub topic: String,
}

/// What adopting a meeting would mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub topic: String,
    /// What would be put right in its settings, worst first.
    pub put_right: Vec<DriftKind>,
}

/// Why a meeting cannot be the room.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// Zoom was not asked, or did not tell.
    #[error(transparent)]
    Act(#[from] ActError),
    /// It could not be taken over.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// Zoom tells no personal number.
    #[error("there is no personal meeting")]
    NoPersonal,
    /// It is another user's meeting.
    #[error("it is somebody else's meeting")]
    NotYours,
    /// It has fixed times, or happens once.
    #[error("the meeting does not last")]
    NotLasting,
    /// One has to register for it.
    #[error("the meeting asks for a registration")]
    Registration,
    /// It runs just now.
    #[error("the meeting runs just now")]
    Runs,
    /// Somebody is in the room, or on the way there.
    #[error("the room is in use")]
    InUse,
    /// A colleague stands in, and was let in at Zoom into the meeting that is the room now.
    #[error("somebody stands in")]
    Covered,
    /// It is another room already.
    #[error("it is another room already")]
    Taken,
}

impl From<StoreError> for AdoptError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::Taken,
            error => Self::Act(error.into()),
        }
    }
}

impl From<ApiError> for AdoptError {
    fn from(error: ApiError) -> Self {
        Self::Room(error.into())
    }
}

impl From<AccessError> for AdoptError {
    fn from(error: AccessError) -> Self {
        Self::Room(error.into())
    }
}

impl Zoom {
    /// Which meetings of their own the staff member might use as their room.
    pub async fn adoptable(&self, clinic: ClinicId, staff: StaffId) -> Result<Adoptable, AdoptError> {
        let room = self.room_at_zoom(clinic, staff).await?;
        let guarded = self.0.store.read().await?.guarded(clinic, room.id).await?;
        let (mut meetings, mut unfit, mut is_complete) = (Vec::new(), 0, false);
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let wanted = next.clone();
            let call = self.as_owner_of(clinic, &room, Purpose::Act, |api, token| {
                let wanted = wanted.clone();
                async move { api.list_meetings(&token, wanted.as_deref()).await }
            });
            let page = call.await.map_err(|error| self.why(error))?;
            for meeting in page.items {
                let agenda = meeting.agenda.as_deref().unwrap_or_default();
                let is_ours = OURS.iter().any(|marker| agenda.contains(marker));
                if meeting.number == room.meeting_number || is_ours {
                    continue;
                }
                if meeting.kind == MeetingKind::NoFixedTime {
                    let topic = meeting.topic.unwrap_or_default();
                    meetings.push(OwnMeeting { number: meeting.number, topic });
                } else {
                    unfit += 1;
                }
            }
            unfit += page.unreadable;
            next = page.next;
            if next.is_none() {
                is_complete = true;
                break;
            }
        }
        meetings.sort_by_key(|one| (one.topic.to_lowercase(), one.number));
        let me =
            self.as_owner_of(clinic, &room, Purpose::Act, |api, token| async move { api.me(&token).await });
        let me = me.await.map_err(|error| self.why(error))?;
        Ok(Adoptable {
            meetings,
            unfit,
            is_complete,
            personal: me.personal_number.filter(|number| *number != room.meeting_number),
            origin: guarded.origin,
        })
    }

    /// What adopting this meeting would mean, or why it cannot be adopted. Changes nothing.
    pub async fn adoption(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        adopted: Adopted,
    ) -> Result<Adoption, AdoptError> {
        let room = self.room_at_zoom(clinic, staff).await?;
        let number = match adopted {
            Adopted::Meeting(number) => number,
            Adopted::Personal => {
                let me = self.as_owner_of(clinic, &room, Purpose::Act, |api, token| async move {
                    api.me(&token).await
                });
                let me = me.await.map_err(|error| self.why(error))?;
                me.personal_number.ok_or(AdoptError::NoPersonal)?
            }
        };
        let call = self.as_owner_of(clinic, &room, Purpose::Act, |api, token| async move {
            api.meeting(&token, number).await
        });
        let meeting = match call.await {
            Ok(meeting) => meeting,
            Err(crate::calls::CallError::Zoom(error)) => return Err(of_reading(error)),
            Err(error) => return Err(self.why(error).into()),
        };
        fits(&meeting, &room.zoom_user_id, adopted)?;
        let mut put_right: Vec<DriftKind> = meeting.deviations().into_iter().map(drift_of).collect();
        put_right.retain(|kind| {
            adopted != Adopted::Personal
                || !matches!(kind, DriftKind::PersonalNumber | DriftKind::NotPermanent)
        });
        put_right.sort_unstable();
        Ok(Adoption { number: meeting.number, topic: meeting.topic.unwrap_or_default(), put_right })
    }

    /// Makes the meeting the room, with its settings put right.
    pub async fn adopt(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        adopted: Adopted,
    ) -> Result<Looked, AdoptError> {
        self.take_over(clinic, staff, Some(adopted)).await
    }

    /// Goes back to a room of ours, the one from before where it is still there. The adopted meeting stays as it is.
    pub async fn give_back_own_room(&self, clinic: ClinicId, staff: StaffId) -> Result<Looked, AdoptError> {
        self.take_over(clinic, staff, None).await
    }

    async fn take_over(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        adopted: Option<Adopted>,
    ) -> Result<Looked, AdoptError> {
        let id = self.room_connection(clinic, staff).await?.id;
        let mut token = self.access_token(clinic, id).await?;
        let mut first_try = true;
        loop {
            let holder = self.wait_for_lease(clinic, id).await?;
            let outcome = self.take_under_lease(clinic, staff, adopted, &token, holder).await;
            self.release(clinic, id, holder).await?;
            match outcome {
                Err(AdoptError::Room(RoomError::Zoom(ApiError::AccessTokenDead))) if first_try => {
                    first_try = false;
                    token = self.access_token_after(clinic, id, &token).await?;
                }
                Err(AdoptError::Room(RoomError::Store(error))) => return Err(error.into()),
                Ok(looked) => {
                    let personal = adopted == Some(Adopted::Personal);
                    let room = looked.provisioned.room.id;
                    tracing::info!(
                        connection.id = %id,
                        room.id = %room,
                        own = adopted.is_some(),
                        personal,
                        "another meeting is the room"
                    );
                    return Ok(looked);
                }
                outcome => return outcome,
            }
        }
    }

    async fn room_connection(&self, clinic: ClinicId, staff: StaffId) -> Result<Connection, AdoptError> {
        let connection = self.0.store.read().await?.connection_of(clinic, staff).await?;
        Ok(connection.ok_or(ActError::NoRoom)?)
    }

    async fn take_under_lease(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        adopted: Option<Adopted>,
        token: &SecretText,
        holder: Uuid,
    ) -> Result<Looked, AdoptError> {
        let owner = self.owner(clinic, staff).await?;
        let before = owner.own_room().ok_or(ActError::NoRoom)?.meeting_number;
        let holding = self.0.store.read().await?.covers(clinic, self.0.ambient.now()).await?;
        if holding.iter().any(|cover| cover.host_id == staff && cover.named.is_some()) {
            return Err(AdoptError::Covered);
        }
        let mut look = self.look_of(owner, token, LookFor::Asked).await?;
        let is_started = match look.caller.meeting(before).await {
            Ok(meeting) => meeting.is_started,
            Err(ApiError::NotFound { .. } | ApiError::NotAllowed { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if self.is_in_use(&look.owner, is_started).await? {
            return Err(AdoptError::InUse);
        }
        let standing = match adopted {
            Some(adopted) => {
                let meeting = self.to_adopt(&look, adopted).await?;
                look.origin = match adopted {
                    Adopted::Meeting(_) => Origin::Adopted,
                    Adopted::Personal => Origin::Personal,
                };
                let meeting = self.secured(&mut look, meeting, RoomKind::Open).await?;
                Standing { meeting, kind: RoomKind::Open, how: How::Changed, trouble: None }
            }
            // Nobody has to be told of what they have just asked for.
            None => Standing { how: How::Changed, ..self.afresh(&mut look).await? },
        };
        if standing.meeting.number != before {
            self.give_up(&look, before).await;
        }
        Ok(self.keep_look(&look, standing, holder).await?)
    }

    async fn to_adopt(&self, look: &Look, adopted: Adopted) -> Result<Meeting, AdoptError> {
        let number = match adopted {
            Adopted::Meeting(number) => number,
            Adopted::Personal => match &look.host.me {
                Ok(me) => me.personal_number.ok_or(AdoptError::NoPersonal)?,
                Err(error) => return Err(error.clone().into()),
            },
        };
        let meeting = look.caller.meeting(number).await.map_err(of_reading)?;
        fits(&meeting, &look.owner.connection.zoom_user_id, adopted)?;
        Ok(meeting)
    }
}

/// A number that somebody typed into the address may be anybody's, or nobody's.
fn of_reading(error: ApiError) -> AdoptError {
    match error {
        ApiError::NotFound { .. } | ApiError::NotAllowed { .. } | ApiError::Invalid { .. } => {
            AdoptError::NotYours
        }
        error => error.into(),
    }
}

/// Whether the meeting may be the room of this Zoom user.
fn fits(meeting: &Meeting, user: &str, adopted: Adopted) -> Result<(), AdoptError> {
    // Whose it is has to be said: a user may read meetings of others, whose host they are not.
    if meeting.host_id.as_deref() != Some(user) {
        return Err(AdoptError::NotYours);
    }
    if meeting.settings.approval.is_some_and(|approval| approval != NO_REGISTRATION) {
        return Err(AdoptError::Registration);
    }
    if adopted != Adopted::Personal && meeting.kind != MeetingKind::NoFixedTime {
        return Err(AdoptError::NotLasting);
    }
    if meeting.is_started == Some(true) {
        return Err(AdoptError::Runs);
    }
    Ok(())
}
