//! A way into a room for one person: a registration where the room has it, else a link that brings the name along where
//! the account offers it.
//!
//! The press of Join waits for it, so it is bounded in time, and no failure is the patient's: without it the room's own
//! link is the way. What comes too late is kept for the next press.

mod pseudonym;

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::PoisonError,
    time::Duration,
};

use domain::{
    AttendeeId, ClinicId, RoomId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    attendance::{
        matching::{Invite, Registration},
        names::agreement,
    },
    room::{Room, RoomKind},
};
use store::StoreError;
use url::Url;
use vault::SecretText;
use zoom::{
    api::{ApiError, NewRegistrant},
    oauth::INVITE_LINKS_SCOPE,
};

pub use pseudonym::pseudonym;
use pseudonym::{Pseudonym, of_attendee, of_guest};

use crate::{AccessError, KindTrouble, SecretError, Zoom, calls::CallError};

/// How long a press of Join waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long after the end of its appointment an invite link leads into the room: as long as the clinic's own link does.
const OUTLIVES_VISIT: Duration = Duration::from_hours(4);
/// A link that has less than this left is made anew.
const NEARLY_OVER: Duration = Duration::from_mins(10);
/// How long an account that has no invite links is not asked again.
const REFUSAL_HOLDS: Duration = Duration::from_hours(24);
/// How many guests one room's static link registers in an hour. A busy hour of one clinician has a dozen arrivals; more is
/// somebody playing with a link that anybody can press, and each costs a call against the limits of the whole account.
const GUESTS_AN_HOUR: usize = 30;
const AN_HOUR: Duration = Duration::from_hours(1);

/// When guests were registered by a room's static link.
pub(crate) type Guests = HashMap<RoomId, VecDeque<Timestamp>>;

/// Why there is no way for one person.
#[derive(Debug, thiserror::Error)]
enum NoWay {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("Zoom's answer holds no link")]
    NoLink,
    #[error("too many guests were registered in the last hour")]
    TooManyGuests,
}

impl NoWay {
    /// For the log: what kind of thing, and nothing of whom.
    fn code(&self) -> &'static str {
        match self {
            Self::Call(CallError::RateLimited { .. }) => "limit",
            Self::Call(CallError::Zoom(error)) => KindTrouble::of(error).map_or("zoom", KindTrouble::as_str),
            Self::Call(CallError::Access(AccessError::NotConnected)) => "not_connected",
            Self::Call(CallError::Access(AccessError::NeedsReconnect(_))) => "needs_reconnect",
            Self::Call(CallError::Access(_)) => "no_token",
            Self::Secret(_) => "keys",
            Self::Store(_) => "store",
            Self::NoLink => "no_link",
            Self::TooManyGuests => "too_many_guests",
        }
    }
}

impl Zoom {
    /// The attendee's own link into the room. None: the room's own link is the way. Takes three seconds at most.
    pub async fn personal_way(
        &self,
        clinic: ClinicId,
        room: &Room,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Option<SecretText> {
        let (zoom, room, appointment, attendee) =
            (self.clone(), room.clone(), appointment.clone(), attendee.clone());
        let room_id = room.id;
        let way = async move {
            match room.kind {
                RoomKind::Registered => {
                    zoom.registered_way(clinic, &room, &appointment, &attendee).await.map(Some)
                }
                RoomKind::Open => zoom.invited_way(clinic, &room, &appointment, &attendee).await,
                RoomKind::Other => Ok(None),
            }
        };
        within_patience(room_id, way).await
    }

    /// A link into a registered room for somebody who has none of their own and whose name nobody knows. None: the room's
    /// own link is the way, or the room has no registration. Takes three seconds at most.
    pub async fn guest_way(&self, clinic: ClinicId, room: &Room) -> Option<SecretText> {
        if room.kind != RoomKind::Registered {
            return None;
        }
        let (zoom, room) = (self.clone(), room.clone());
        let room_id = room.id;
        let way = async move {
            zoom.count_guest(room.id)?;
            let somebody = of_guest(zoom.0.ambient.bytes());
            zoom.register(clinic, &room, &somebody, None).await.map(Some)
        };
        within_patience(room_id, way).await
    }

    async fn registered_way(
        &self,
        clinic: ClinicId,
        room: &Room,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Result<SecretText, NoWay> {
        if let Some(own) = self.registration(clinic, room, attendee.id).await? {
            return Ok(own);
        }
        let somebody = of_attendee(room, attendee.id);
        self.register(clinic, room, &somebody, Some((appointment, attendee.id))).await
    }

    async fn registration(
        &self,
        clinic: ClinicId,
        room: &Room,
        attendee: AttendeeId,
    ) -> Result<Option<SecretText>, NoWay> {
        let mut tx = self.0.store.read().await?;
        let known = tx.registration_of(clinic, room.id, room.meeting_number, attendee).await?;
        match known {
            Some((known, sealed)) => {
                Ok(Some(self.open_way(clinic, "registrations", &known.id.to_string(), &sealed)?))
            }
            None => Ok(None),
        }
    }

    /// Registers somebody at Zoom and keeps their link. Of two at once for one attendee the first one is kept, and both
    /// are given its link.
    async fn register(
        &self,
        clinic: ClinicId,
        room: &Room,
        somebody: &Pseudonym,
        whose: Option<(&Appointment, AttendeeId)>,
    ) -> Result<SecretText, NoWay> {
        let host = self.0.oauth.redirect_host().unwrap_or("anteroom.invalid");
        let new = NewRegistrant::new(&somebody.email(host), somebody.first_name(), &somebody.label);
        let number = room.meeting_number;
        let answer = self
            .as_owner_of(clinic, room, move |api, token| {
                let new = new.clone();
                async move { api.create_registrant(&token, number, &new).await }
            })
            .await;
        let registrant = match answer {
            Ok(registrant) => registrant,
            Err(error) => {
                self.note_refused_registration(clinic, room, &error).await?;
                return Err(error.into());
            }
        };
        let registration = Registration {
            id: self.0.ambient.id(),
            clinic_id: clinic,
            room_id: room.id,
            meeting_number: number,
            registrant_id: registrant.registrant_id,
            whose: whose.map(|(appointment, attendee)| (appointment.id, attendee)),
            at: self.0.ambient.now(),
        };
        let row = registration.id.to_string();
        let sealed = self.seal_way(clinic, "registrations", &row, &registrant.join_url)?;
        let mut tx = self.0.store.begin().await?;
        match (tx.insert_registration(&registration, &sealed).await, whose) {
            (Ok(()), _) => {
                tx.commit().await?;
                tracing::info!(
                    clinic.id = %clinic,
                    room.id = %room.id,
                    registration.id = %registration.id,
                    guest = whose.is_none(),
                    "registered somebody for a room"
                );
                Ok(registrant.join_url)
            }
            (Err(StoreError::Conflict(_)), Some((_, attendee))) => {
                drop(tx);
                self.registration(clinic, room, attendee).await?.ok_or(NoWay::NoLink)
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Where Zoom says that the room has no registration after all, it is looked at again at once rather than tomorrow.
    async fn note_refused_registration(
        &self,
        clinic: ClinicId,
        room: &Room,
        error: &CallError,
    ) -> Result<(), StoreError> {
        let CallError::Zoom(error) = error else { return Ok(()) };
        let Some(trouble) = KindTrouble::of(error).filter(|trouble| trouble.ends_registration()) else {
            return Ok(());
        };
        let mut tx = self.0.store.begin().await?;
        let mut state = tx.room_state(clinic, room.id).await?;
        if state.kind_trouble.as_deref() == Some(trouble.as_str()) {
            return Ok(());
        }
        state.kind_trouble = Some(trouble.as_str().to_owned());
        tx.set_room_state(clinic, room.id, &state).await?;
        tx.commit().await?;
        self.0.rooms_wanted.notify_one();
        Ok(())
    }

    fn count_guest(&self, room: RoomId) -> Result<(), NoWay> {
        let now = self.0.ambient.now();
        let since = now.minus(AN_HOUR);
        let mut guests = self.0.guests.lock().unwrap_or_else(PoisonError::into_inner);
        guests.retain(|_, times| times.back().is_some_and(|last| *last > since));
        let times = guests.entry(room).or_default();
        times.retain(|at| *at > since);
        if times.len() >= GUESTS_AN_HOUR {
            return Err(NoWay::TooManyGuests);
        }
        times.push_back(now);
        Ok(())
    }

    async fn invited_way(
        &self,
        clinic: ClinicId,
        room: &Room,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Result<Option<SecretText>, NoWay> {
        if !self.may(clinic, room, &INVITE_LINKS_SCOPE).await? {
            return Ok(None);
        }
        let now = self.0.ambient.now();
        let name = self.preset_name(clinic, appointment, attendee).await?;
        let mut tx = self.0.store.read().await?;
        let state = tx.room_state(clinic, room.id).await?;
        if state.invites_refused.is_some_and(|(_, since)| now < since.plus(REFUSAL_HOLDS)) {
            return Ok(None);
        }
        if let Some((known, sealed)) = tx.invite_of(clinic, room.id, attendee.id).await?
            && known.name == name
            && known.until > now.plus(NEARLY_OVER)
        {
            let link = self.open_way(clinic, "invites", &known.id.to_string(), &sealed)?;
            if leads_to(&link, room.meeting_number) {
                return Ok(Some(link));
            }
        }
        drop(tx);
        let until = appointment.ends_at.plus(OUTLIVES_VISIT).max(now.plus(AN_HOUR));
        self.invite(clinic, room, appointment, attendee, &name, until).await.map(Some)
    }

    async fn invite(
        &self,
        clinic: ClinicId,
        room: &Room,
        appointment: &Appointment,
        attendee: &Attendee,
        name: &str,
        until: Timestamp,
    ) -> Result<SecretText, NoWay> {
        let (now, number) = (self.0.ambient.now(), room.meeting_number);
        let answer = self
            .as_owner_of(clinic, room, move |api, token| {
                let name = name.to_owned();
                async move { api.invite_links(&token, number, &[&name], until.since(now)).await }
            })
            .await;
        let link = match answer {
            Ok(links) => links.into_iter().next().ok_or(NoWay::NoLink)?.join_url,
            Err(error) => {
                self.note_refused_invites(clinic, room, &error).await?;
                return Err(error.into());
            }
        };
        let invite = Invite {
            id: self.0.ambient.id(),
            clinic_id: clinic,
            room_id: room.id,
            appointment_id: appointment.id,
            attendee_id: attendee.id,
            name: name.to_owned(),
            at: now,
            until,
        };
        let sealed = self.seal_way(clinic, "invites", &invite.id.to_string(), &link)?;
        let mut tx = self.0.store.begin().await?;
        tx.insert_invite(&invite, &sealed).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// An account that has no invite links is not asked again at every press.
    async fn note_refused_invites(
        &self,
        clinic: ClinicId,
        room: &Room,
        error: &CallError,
    ) -> Result<(), StoreError> {
        let code = match error {
            CallError::Zoom(ApiError::MissingScope(_)) => "scope",
            CallError::Zoom(ApiError::NotAllowed { code: 200 }) => "plan",
            CallError::Zoom(
                ApiError::NotAllowed { .. } | ApiError::Invalid { .. } | ApiError::NotFound { code: 300 },
            ) => "refused",
            _ => return Ok(()),
        };
        let mut tx = self.0.store.begin().await?;
        let mut state = tx.room_state(clinic, room.id).await?;
        state.invites_refused = Some((code.to_owned(), self.0.ambient.now()));
        tx.set_room_state(clinic, room.id, &state).await?;
        tx.commit().await
    }

    /// The attendee's name, as the clinic knows it. Where somebody else with the same name or one like it comes to this
    /// host on the same day, with the time of the appointment, so that the two can be told apart at the door.
    async fn preset_name(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Result<String, StoreError> {
        let name = attendee.name.as_str();
        let mut tx = self.0.store.read().await?;
        let Some(zone) = tx.clinic(clinic).await?.map(|clinic| clinic.zone) else {
            return Ok(name.to_owned());
        };
        let day = zone.day(zone.date(appointment.starts_at));
        let others = tx.appointments(clinic, day, Some(appointment.host)).await?;
        let alike = |other: &Attendee| {
            let (own, other) = (name, other.name.as_str());
            own == other || agreement(Some(own), other).fits() || agreement(Some(other), own).fits()
        };
        let same_visit = appointment.attendees.iter().filter(|other| alike(other)).count() > 1;
        let same_day = others
            .iter()
            .filter(|other| other.id != appointment.id)
            .filter(|other| other.kind == Kind::Telehealth && other.status != Status::Cancelled)
            .any(|other| other.attendees.iter().any(alike));
        let place = appointment.attendees.iter().position(|other| other.id == attendee.id).unwrap_or(0) + 1;
        let time = zone.time(appointment.starts_at);
        let mark = match (same_day, same_visit) {
            (false, false) => return Ok(name.to_owned()),
            (true, false) => format!(" {time}"),
            (false, true) => format!(" ({place})"),
            (true, true) => format!(" {time} ({place})"),
        };
        // What tells them apart must survive Zoom's limit, so the name gives way.
        let mut kept = name.to_owned();
        while kept.len() + mark.len() > LONGEST_NAME {
            kept.pop();
        }
        Ok(kept.trim_end().to_owned() + &mark)
    }
}

/// Bytes of a preset name at most.
const LONGEST_NAME: usize = 64;

/// Waits for a way as long as a patient can be asked to. The work goes on when the wait is over, or when whoever asked
/// has gone: it holds units of work of the database, and what it gets serves the next press.
async fn within_patience(
    room: RoomId,
    way: impl Future<Output = Result<Option<SecretText>, NoWay>> + Send + 'static,
) -> Option<SecretText> {
    match tokio::time::timeout(PATIENCE, tokio::spawn(way)).await {
        Ok(Ok(Ok(way))) => way,
        Ok(Ok(Err(error))) => {
            tracing::warn!(room.id = %room, code = error.code(), %error, "no personal way into a room");
            None
        }
        Ok(Err(_)) => None,
        Err(_) => {
            tracing::warn!(room.id = %room, code = "slow", "no personal way into a room");
            None
        }
    }
}

/// Whether the link is one into the meeting of this number: a room that was made anew has left its old links behind.
fn leads_to(link: &SecretText, number: i64) -> bool {
    let number = number.to_string();
    let url = Url::parse(link.expose()).ok();
    url.and_then(|url| Some(url.path_segments()?.any(|part| part == number))).unwrap_or(false)
}

#[cfg(test)]
mod tests;
