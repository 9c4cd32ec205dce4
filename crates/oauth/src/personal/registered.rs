//! Registrations: one for each attendee of a registered room, and a new one for each guest.

use std::{
    collections::{HashMap, VecDeque},
    sync::PoisonError,
    time::Duration,
};

use domain::{
    AttendeeId, ClinicId, RoomId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::matching::Registration,
    room::Room,
};
use store::StoreError;
use vault::SecretText;
use zoom::api::NewRegistrant;

use super::{
    NoWay,
    pseudonym::{self, Pseudonym, of_attendee},
};
use crate::{
    KindTrouble, Zoom,
    calls::{CallError, Purpose},
};

/// How many guests one room's static link registers in an hour. A busy hour of one clinician has a dozen arrivals; more is
/// somebody playing with a link that anybody can press, and each costs a call against the limits of the whole account.
pub(super) const GUESTS_AN_HOUR: usize = 30;
pub(super) const AN_HOUR: Duration = Duration::from_hours(1);

/// When guests were registered by a room's static link.
pub(crate) type Guests = HashMap<RoomId, VecDeque<Timestamp>>;

impl Zoom {
    pub(super) async fn registered_way(
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
    pub(super) async fn register(
        &self,
        clinic: ClinicId,
        room: &Room,
        somebody: &Pseudonym,
        whose: Option<(&Appointment, AttendeeId)>,
    ) -> Result<SecretText, NoWay> {
        let host = self.0.oauth.redirect_host().unwrap_or("anteroom.invalid");
        let new = NewRegistrant::new(&somebody.email(host), pseudonym::FIRST_NAME, &somebody.label);
        let number = room.meeting_number;
        let answer = self
            .as_owner_of(clinic, room, Purpose::Way, move |api, token| {
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
        tx.want_look(clinic, room.id, self.0.ambient.now()).await?;
        tx.commit().await?;
        self.0.rooms_wanted.notify_one();
        Ok(())
    }

    pub(super) fn count_guest(&self, room: RoomId) -> Result<(), NoWay> {
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
}
