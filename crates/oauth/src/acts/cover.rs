//! A colleague stands in for a host: here, where the host's room appears on the colleague's page, and at Zoom, where the
//! colleague becomes an alternative host of the room's meeting and can start it. Where Zoom does not allow that, the host
//! hands the running meeting over in Zoom's own window.
//!
//! What is to be taken back at Zoom is noted before it is asked for, so that nobody stays an alternative host because
//! an answer was lost. Whoever was one before stays one.

use std::time::Duration;

use domain::{
    ClinicId, CoverId, StaffId, Timestamp,
    attendance::matching::StaffOrToken,
    room::{Connection, ConnectionState, Room, guard::Cover},
    staff::{Role, StaffMember},
};
use store::StoreError;
use zoom::api::{ApiError, Meeting, MeetingPatch};

use super::ActError;
use crate::{
    Zoom,
    calls::{CallError, Purpose},
};

/// Changes of meetings that are made for one host in a day (UTC), the guard's among them. Zoom allows 100 and does not tell
/// how many are left: the rest is for the host's own programs.
const MOST_CHANGES: i64 = 80;
const A_DAY: Duration = Duration::from_hours(24);

/// What became of asking a colleague to stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// It holds from now on.
    pub cover: Cover,
    /// Why the colleague cannot start the room's meeting; none where they can.
    pub not_at_zoom: Option<NotAtZoom>,
}

/// Why a colleague cannot start the host's meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotAtZoom {
    /// The host has no room at Zoom just now.
    NoRoom,
    /// The colleague never connected Zoom here, so that their Zoom account is not known.
    ColleagueNotConnected,
    /// Their Zoom account is of another organisation.
    OtherAccount,
    /// Zoom refuses: they have no licence, or the organisation does not allow it.
    Refused,
    /// Zoom did not answer, or not in time.
    Unavailable,
}

impl NotAtZoom {
    /// Every reason there is.
    pub const ALL: [Self; 5] =
        [Self::NoRoom, Self::ColleagueNotConnected, Self::OtherAccount, Self::Refused, Self::Unavailable];

    /// A short code, for addresses of pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            Self::ColleagueNotConnected => "not_connected",
            Self::OtherAccount => "other_account",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }

    /// The reason that a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }
}

/// Why nobody stands in.
#[derive(Debug, thiserror::Error)]
pub enum CoverError {
    /// One of the two does not see patients here, or both are the same.
    #[error("there is no such colleague")]
    Unknown,
    /// Somebody else stands in already.
    #[error("somebody else stands in already")]
    Taken,
    /// The time in which it would hold is over.
    #[error("the time is over")]
    Over,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Zoom {
    /// Lets `by` stand in for `host` until then. Asking again for the same colleague tries again at Zoom.
    pub async fn cover(
        &self,
        clinic: ClinicId,
        host: StaffId,
        by: StaffId,
        until: Timestamp,
        said_by: StaffOrToken,
    ) -> Result<Covered, CoverError> {
        let now = self.0.ambient.now();
        if until <= now {
            return Err(CoverError::Over);
        }
        let mut tx = self.0.store.begin().await?;
        let works = |member: Option<StaffMember>| {
            member.is_some_and(|member| member.is(Role::Staff) && member.disabled_at.is_none())
        };
        let both_work =
            works(tx.staff_member(clinic, host).await?) && works(tx.staff_member(clinic, by).await?);
        if host == by || !both_work {
            return Err(CoverError::Unknown);
        }
        let holding = tx.covers(clinic, now).await?.into_iter().find(|cover| cover.host_id == host);
        let cover = match holding {
            Some(cover) if cover.by_id == by => cover,
            Some(_) => return Err(CoverError::Taken),
            None => {
                let cover = Cover {
                    id: self.0.ambient.id(),
                    clinic_id: clinic,
                    host_id: host,
                    by_id: by,
                    from: now,
                    until,
                    ended_at: None,
                    at_zoom: false,
                    named: None,
                    said_by,
                };
                tx.insert_cover(&cover).await?;
                cover
            }
        };
        tx.commit().await?;
        let not_at_zoom = if cover.at_zoom { None } else { self.name_at_zoom(clinic, &cover).await?.err() };
        tracing::info!(
            clinic.id = %clinic,
            staff.id = %host,
            by.id = %by,
            not_at_zoom = ?not_at_zoom,
            "a colleague stands in"
        );
        Ok(Covered { cover: Cover { at_zoom: not_at_zoom.is_none(), ..cover }, not_at_zoom })
    }

    /// Ends it before its time, and takes back at Zoom what we did for it. False where it had ended, or is not the host's.
    pub async fn end_cover(&self, clinic: ClinicId, host: StaffId, id: CoverId) -> Result<bool, StoreError> {
        let now = self.0.ambient.now();
        let mut tx = self.0.store.begin().await?;
        let holding = tx.covers(clinic, now).await?;
        let Some(cover) = holding.into_iter().find(|cover| cover.id == id && cover.host_id == host) else {
            return Ok(false);
        };
        tx.end_cover(clinic, id, now).await?;
        tx.commit().await?;
        if cover.named.is_some() && !self.undo(clinic, &cover).await? {
            tracing::warn!(cover.id = %id, "an alternative host is taken back later");
        }
        Ok(true)
    }

    /// Takes back at Zoom what covers that are over have left there. Returns how many; the others are tried again in the
    /// next round.
    pub async fn undo_covers(&self) -> Result<usize, StoreError> {
        let now = self.0.ambient.now();
        let mut left = Vec::new();
        {
            let mut tx = self.0.store.read().await?;
            for clinic in tx.clinics().await? {
                left.extend(tx.covers_to_undo(clinic.id, now).await?);
            }
        }
        let mut done = 0;
        for cover in left {
            done += usize::from(self.undo(cover.clinic_id, &cover).await?);
        }
        Ok(done)
    }

    async fn name_at_zoom(
        &self,
        clinic: ClinicId,
        cover: &Cover,
    ) -> Result<Result<(), NotAtZoom>, StoreError> {
        let room = match self.room_at_zoom(clinic, cover.host_id).await {
            Ok(room) => room,
            Err(ActError::Store(error)) => return Err(error),
            Err(_) => return Ok(Err(NotAtZoom::NoRoom)),
        };
        let colleague = self.0.store.read().await?.connection_of(clinic, cover.by_id).await?;
        let email = match colleague {
            Some(connection) if is_usable(&connection) => {
                if connection.zoom_account_id != room.zoom_account_id {
                    return Ok(Err(NotAtZoom::OtherAccount));
                }
                connection.zoom_email
            }
            _ => return Ok(Err(NotAtZoom::ColleagueNotConnected)),
        };
        let meeting = match self.meeting_of(clinic, &room).await {
            Ok(meeting) => meeting,
            Err(ActError::Store(error)) => return Err(error),
            Err(ActError::NoRoom | ActError::Gone) => return Ok(Err(NotAtZoom::NoRoom)),
            Err(_) => return Ok(Err(NotAtZoom::Unavailable)),
        };
        if is_named(&meeting, &email) {
            // Theirs, and not ours to take back; unless an earlier try of this very cover put it there.
            self.note(clinic, cover.id, true, cover.named.as_deref()).await?;
            return Ok(Ok(()));
        }
        self.note(clinic, cover.id, false, Some(&email)).await?;
        let hosts: Vec<String> = meeting.alternative_hosts.iter().cloned().chain([email.clone()]).collect();
        let named = match self.name_hosts(clinic, &room, hosts).await {
            Ok(()) => Ok(()),
            Err(CallError::Access(crate::AccessError::Store(error))) => return Err(error),
            Err(CallError::Zoom(error)) if error.may_be_done() => {
                match self.meeting_of(clinic, &room).await {
                    Ok(meeting) if is_named(&meeting, &email) => Ok(()),
                    // What is not known is taken back all the same when it ends.
                    _ => return Ok(Err(NotAtZoom::Unavailable)),
                }
            }
            Err(CallError::Zoom(ApiError::NotAllowed { .. } | ApiError::Invalid { .. })) => {
                Err(NotAtZoom::Refused)
            }
            Err(_) => Err(NotAtZoom::Unavailable),
        };
        self.note(clinic, cover.id, named.is_ok(), Some(email.as_str()).filter(|_| named.is_ok())).await?;
        Ok(named)
    }

    /// False where it has to be tried again.
    async fn undo(&self, clinic: ClinicId, cover: &Cover) -> Result<bool, StoreError> {
        let Some(email) = &cover.named else { return Ok(true) };
        let now = self.0.ambient.now();
        let mut tx = self.0.store.begin().await?;
        // The same colleague stands in again: what we said at Zoom serves for that now, and is taken back after it.
        let again = tx.covers(clinic, now).await?.into_iter().find(|one| {
            one.id != cover.id
                && one.host_id == cover.host_id
                && one.by_id == cover.by_id
                && one.holds_at(now)
        });
        if let Some(again) = again {
            tx.set_cover_at_zoom(clinic, again.id, again.at_zoom, Some(email)).await?;
            tx.set_cover_at_zoom(clinic, cover.id, false, None).await?;
            tx.commit().await?;
            return Ok(true);
        }
        drop(tx);
        let undone = match self.room_at_zoom(clinic, cover.host_id).await {
            Ok(room) => self.name_no_more(clinic, &room, email).await,
            Err(error) => Err(error),
        };
        match undone {
            // With the meeting, everybody who might start it is gone.
            Ok(()) | Err(ActError::Gone) => {}
            Err(ActError::Store(error)) => return Err(error),
            Err(ActError::Zoom(error)) if !error.is_temporary() => {
                tracing::warn!(cover.id = %cover.id, %error, "an alternative host could not be taken back");
            }
            Err(error) => {
                tracing::debug!(cover.id = %cover.id, %error, "an alternative host is not taken back yet");
                return Ok(false);
            }
        }
        self.note(clinic, cover.id, false, None).await?;
        Ok(true)
    }

    async fn name_no_more(&self, clinic: ClinicId, room: &Room, email: &str) -> Result<(), ActError> {
        let meeting = self.meeting_of(clinic, room).await?;
        if !is_named(&meeting, email) {
            return Ok(());
        }
        let others = meeting.alternative_hosts.iter().filter(|host| !host.eq_ignore_ascii_case(email));
        let named = self.name_hosts(clinic, room, others.cloned().collect()).await;
        named.map_err(|error| self.why(error))
    }

    async fn name_hosts(&self, clinic: ClinicId, room: &Room, hosts: Vec<String>) -> Result<(), CallError> {
        let number = room.meeting_number;
        let connection = self.0.store.read().await?.connection_of(clinic, room.staff_id).await?;
        if let Some(connection) = connection
            && !self.may_change(clinic, connection.id, MOST_CHANGES).await?
        {
            let until = self.0.ambient.now().plus(A_DAY);
            return Err(CallError::RateLimited { until });
        }
        self.as_owner_of(clinic, room, Purpose::Act, |api, token| {
            let hosts = hosts.clone();
            async move {
                let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
                api.update_meeting(&token, number, &MeetingPatch::alternative_hosts(&hosts)).await
            }
        })
        .await
    }

    async fn note(
        &self,
        clinic: ClinicId,
        id: CoverId,
        at_zoom: bool,
        named: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.store.begin().await?;
        tx.set_cover_at_zoom(clinic, id, at_zoom, named).await?;
        tx.commit().await
    }
}

/// Whether the Zoom account behind it is known to be theirs; whether its tokens work does not matter here.
fn is_usable(connection: &Connection) -> bool {
    connection.state != ConnectionState::Disconnected && connection.zoom_email.contains('@')
}

fn is_named(meeting: &Meeting, email: &str) -> bool {
    meeting.alternative_hosts.iter().any(|host| host.eq_ignore_ascii_case(email))
}
