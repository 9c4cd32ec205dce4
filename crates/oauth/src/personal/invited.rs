//! Invite links: the attendee's name brought along, in rooms that everybody enters by the same number. Only where somebody
//! else of the day has a name like it: otherwise what people type tells more than what a link presets, and Zoom need not
//! learn the name.

use std::time::Duration;

use domain::{
    ClinicId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    attendance::{matching::Invite, names::agreement},
    room::Room,
};
use store::StoreError;
use url::Url;
use vault::SecretText;
use zoom::{api::ApiError, oauth::INVITE_LINKS_SCOPE};

use super::{NoWay, registered::AN_HOUR};
use crate::{
    Zoom,
    calls::{CallError, Purpose},
};

/// How long after the end of its appointment an invite link leads into the room: as long as the clinic's own link does.
pub(super) const OUTLIVES_VISIT: Duration = Duration::from_hours(4);
/// A link that has less than this left is made anew.
const NEARLY_OVER: Duration = Duration::from_mins(10);
/// How long an account that has no invite links is not asked again.
pub(super) const REFUSAL_HOLDS: Duration = Duration::from_hours(24);
/// Bytes of a preset name at most.
const LONGEST_NAME: usize = 64;

impl Zoom {
    pub(super) async fn invited_way(
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
        let Some(name) = self.preset_name(clinic, appointment, attendee).await? else { return Ok(None) };
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
            .as_owner_of(clinic, room, Purpose::Way, move |api, token| {
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

    /// The attendee's name, as the clinic knows it, where somebody else with the same name or one like it comes to this
    /// host on the same day: with the time of the appointment, so that the two can be told apart at the door.
    async fn preset_name(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        attendee: &Attendee,
    ) -> Result<Option<String>, StoreError> {
        let name = attendee.name.as_str();
        let mut tx = self.0.store.read().await?;
        let Some(zone) = tx.clinic(clinic).await?.map(|clinic| clinic.zone) else {
            return Ok(None);
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
            (false, false) => return Ok(None),
            (true, false) => format!(" {time}"),
            (false, true) => format!(" ({place})"),
            (true, true) => format!(" {time} ({place})"),
        };
        // What tells them apart must survive Zoom's limit, so the name gives way; and it is kept as Zoom will show it.
        let mut kept = name.to_owned();
        while kept.len() + mark.len() > LONGEST_NAME {
            kept.pop();
        }
        Ok(Some(kept.trim_end().to_owned() + &mark))
    }
}

/// Whether the link is one into the meeting of this number: a room that was made anew has left its old links behind.
pub(super) fn leads_to(link: &SecretText, number: i64) -> bool {
    let number = number.to_string();
    let url = Url::parse(link.expose()).ok();
    url.and_then(|url| Some(url.path_segments()?.any(|part| part == number))).unwrap_or(false)
}
