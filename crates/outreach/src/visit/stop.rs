//! "No more messages": what the patient says on the page about being written to.
//!
//! It is their word against this clinic's messages to them, and counts for all their visits to come. STOP in answer to a
//! text message is another thing: it counts for the address, whoever writes to it.

use domain::outreach::message::Channel;
use store::{
    StoreError, Tx,
    ports::{
        attendance::Change,
        consents::{ConsentChange, SaidBy},
    },
};

use super::{LinkError, Patient, patient};
use crate::{Outreach, consent::last_of_a_person, links::MOST_TRIES};

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
        let mut tries = 1;
        loop {
            match self.set_messages_once(token, page_token, channel, given).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn set_messages_once(
        &self,
        token: &str,
        page_token: Option<&str>,
        channel: Channel,
        given: bool,
    ) -> Result<bool, LinkError> {
        let mut tx = self.store.begin().await?;
        let may = MessagesBy { channel, given: !given };
        let asking = patient(&mut *tx, token).await?;
        if self.page_seen(&asking, page_token).is_none() || !messages(&mut *tx, &asking).await?.contains(&may)
        {
            return Ok(false);
        }
        let (clinic, now) = (asking.link.clinic_id, self.ambient.now());
        // Whoever books holds the clinic's board before the attendees, and so does this. What they did until now is seen
        // by looking again.
        tx.note_change(clinic, Change::Appointment(asking.appointment.id), now).await?;
        let patient = patient(&mut *tx, token).await?;
        if !messages(&mut *tx, &patient).await?.contains(&may) {
            return Ok(false);
        }
        let change = ConsentChange { channel, given, said_by: SaidBy::Patient, at: now };
        let (own, here) = (&patient.attendee, &patient.appointment);
        tx.note_consent(clinic, here.id, own.id, &change).await?;
        tx.set_consent(clinic, own.id, channel, given).await?;
        for (appointment, attendee) in self.other_visits_of(&mut *tx, here, own).await? {
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
}

/// By what messages go out that the patient can stop, and what they stopped.
pub(super) async fn messages(tx: &mut dyn Tx, patient: &Patient) -> Result<Vec<MessagesBy>, StoreError> {
    let attendee = &patient.attendee;
    let said = tx.consents_of(patient.link.clinic_id, patient.appointment.id, attendee.id).await?;
    let stopped = |channel| {
        let last = last_of_a_person(&said, channel);
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
