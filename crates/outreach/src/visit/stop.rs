//! "No more messages": what the patient says on the page about being written to.
//!
//! It is their word against this clinic's messages to them, and counts for all their visits to come. STOP in answer to a
//! text message is another thing: it counts for the address, whoever writes to it.

use std::time::Duration;

use domain::{
    appointment::{Appointment, Attendee},
    outreach::message::Channel,
};
use store::{
    StoreError, Tx,
    ports::{
        attendance::Change,
        consents::{ConsentChange, SaidBy},
    },
};

use super::{LinkError, Patient, patient};
use crate::Outreach;

/// How far ahead visits are looked for.
const AHEAD: Duration = Duration::from_hours(2 * 366 * 24);

/// Whether messages go out by a channel, as far as the patient has a say in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagesBy {
    /// E-mail or text messages.
    pub channel: Channel,
    /// Whether they agree; otherwise they said here that they do not, and can take that back.
    pub given: bool,
}

impl Outreach {
    /// Says for the patient that they want no more messages by this channel, or that they want them again. Needs the
    /// token of the page. False where there is nothing to say: no token, no address, or nothing that they took back.
    pub async fn set_messages(
        &self,
        token: &str,
        page_token: Option<&str>,
        channel: Channel,
        given: bool,
    ) -> Result<bool, LinkError> {
        let mut tx = self.store.begin().await?;
        let patient = patient(&mut *tx, token).await?;
        let may = MessagesBy { channel, given: !given };
        if self.page_seen(&patient, page_token).is_none()
            || !messages(&mut *tx, &patient).await?.contains(&may)
        {
            return Ok(false);
        }
        let (clinic, now) = (patient.link.clinic_id, self.ambient.now());
        let change = ConsentChange { channel, given, said_by: SaidBy::Patient, at: now };
        for (appointment, attendee) in self.visits_of_the_same(&mut *tx, &patient).await? {
            tx.note_consent(clinic, appointment.id, attendee.id, &change).await?;
            tx.set_consent(clinic, attendee.id, channel, given).await?;
            tx.note_change(clinic, Change::Appointment(appointment.id), now).await?;
        }
        tx.commit().await?;
        tracing::info!(
            clinic.id = %clinic,
            attendee.id = %patient.attendee.id,
            channel = channel.as_str(),
            given,
            "a patient said whether they want messages"
        );
        Ok(true)
    }

    /// This visit, and those to come of the same person with the same address.
    async fn visits_of_the_same(
        &self,
        tx: &mut dyn Tx,
        patient: &Patient,
    ) -> Result<Vec<(Appointment, Attendee)>, StoreError> {
        let mut visits = vec![(patient.appointment.clone(), patient.attendee.clone())];
        let (own, now) = (&patient.attendee, self.ambient.now());
        let range = now..now.plus(AHEAD);
        for other in tx.appointments_of_person(patient.link.clinic_id, &own.external_id, range).await? {
            let same = other.attendees.iter().find(|one| {
                one.external_id == own.external_id && one.email == own.email && one.phone == own.phone
            });
            if let Some(attendee) = same.filter(|_| other.id != patient.appointment.id).cloned() {
                visits.push((other, attendee));
            }
        }
        Ok(visits)
    }
}

/// By what messages go out that the patient can stop, and what they stopped.
pub(super) async fn messages(tx: &mut dyn Tx, patient: &Patient) -> Result<Vec<MessagesBy>, StoreError> {
    let attendee = &patient.attendee;
    let said = tx.consents_of(patient.link.clinic_id, patient.appointment.id, attendee.id).await?;
    let stopped = |channel| {
        let last = said.iter().rev().find(|change| change.channel == channel);
        last.is_some_and(|change| change.said_by == SaidBy::Patient && !change.given)
    };
    let channels = [
        (Channel::Email, attendee.email.is_some(), attendee.consent.email),
        (Channel::Sms, attendee.phone.is_some(), attendee.consent.sms),
    ];
    Ok(channels
        .into_iter()
        .filter(|&(channel, has_address, given)| has_address && (given || stopped(channel)))
        .map(|(channel, _, given)| MessagesBy { channel, given })
        .collect())
}
