//! Whether somebody may be written to: an address, their consent, and no word of theirs against it.
//!
//! The scheduler says what its patients agreed to each time that it sends an appointment, whether it asked them again or
//! not. A patient who says on their own page that they want nothing more therefore outlasts it: their No holds for all
//! their appointments at the clinic until they take it back, or somebody at the desk says that they did.

use std::collections::HashMap;

use domain::{
    ClinicId,
    appointment::{Appointment, Attendee, Consent},
    outreach::message::Channel,
    text::ExternalId,
};
use store::{
    StoreError, Tx,
    ports::consents::{ConsentChange, SaidBy},
};

use crate::Outreach;

/// Why an attendee is sent nothing by a channel, in words that can stand on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotSent {
    /// The operator has not set it up.
    #[error("it is not set up on this installation")]
    ChannelOff,
    /// Nobody knows where to.
    #[error("there is no address for it")]
    NoAddress,
    /// They have not agreed.
    #[error("they have not agreed to it")]
    NoConsent,
    /// They said that they want nothing more.
    #[error("they said that they want nothing more by it")]
    OptedOut,
}

impl NotSent {
    /// The word in the API and in a message's reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ChannelOff => "channel_off",
            Self::NoAddress => "no_address",
            Self::NoConsent => "no_consent",
            Self::OptedOut => "opted_out",
        }
    }
}

/// What patients refused themselves, and have not taken back.
#[derive(Debug, Default)]
pub(crate) struct Refusals(HashMap<ExternalId, Consent>);

impl Refusals {
    /// Those of these persons: the last word on a channel, at any of their appointments at the clinic, is their own No.
    pub(crate) async fn of(
        tx: &mut dyn Tx,
        clinic: ClinicId,
        persons: &[ExternalId],
    ) -> Result<Self, StoreError> {
        let mut refused: HashMap<ExternalId, Consent> = HashMap::new();
        if persons.is_empty() {
            return Ok(Self(refused));
        }
        for (person, said) in tx.consents_of_persons(clinic, persons).await? {
            let is_refusal = said.said_by == SaidBy::Patient && !said.given;
            let of_person = refused.entry(person).or_default();
            match said.channel {
                Channel::Email => of_person.email = is_refusal,
                Channel::Sms => of_person.sms = is_refusal,
                Channel::Copy => {}
            }
        }
        Ok(Self(refused))
    }

    /// What is left of what somebody is said to have agreed to.
    pub(crate) fn leave(&self, person: Option<&ExternalId>, said: Consent) -> Consent {
        let refused = person.and_then(|person| self.0.get(person)).copied().unwrap_or_default();
        Consent { email: said.email && !refused.email, sms: said.sms && !refused.sms }
    }
}

impl Outreach {
    /// Records what a booking changes in what its attendees agreed to.
    pub(crate) async fn note_consents(
        &self,
        tx: &mut dyn Tx,
        before: Option<&Appointment>,
        now: &Appointment,
    ) -> Result<(), StoreError> {
        for attendee in &now.attendees {
            let known = before.and_then(|before| before.attendee(attendee.id));
            let was = known.map(|known| known.consent).unwrap_or_default();
            for (channel, was, given) in [
                (Channel::Email, was.email, attendee.consent.email),
                (Channel::Sms, was.sms, attendee.consent.sms),
            ] {
                if was != given {
                    let at = now.updated_at;
                    let change = ConsentChange { channel, given, said_by: SaidBy::Scheduler, at };
                    tx.note_consent(now.clinic_id, now.id, attendee.id, &change).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether the attendee may be written to by this channel. Copying a link is nobody's to refuse.
    pub async fn may_send(
        &self,
        tx: &mut dyn Tx,
        attendee: &Attendee,
        channel: Channel,
    ) -> Result<Result<(), NotSent>, StoreError> {
        let (address, agreed) = match channel {
            Channel::Email => (attendee.email.as_ref().map(ToString::to_string), attendee.consent.email),
            Channel::Sms => (attendee.phone.as_ref().map(ToString::to_string), attendee.consent.sms),
            Channel::Copy => return Ok(Ok(())),
        };
        if !self.can_send(channel) {
            return Ok(Err(NotSent::ChannelOff));
        }
        let Some(address) = address else { return Ok(Err(NotSent::NoAddress)) };
        if !agreed {
            return Ok(Err(NotSent::NoConsent));
        }
        if tx.opted_out(channel, &[address]).await?.is_empty() {
            Ok(Ok(()))
        } else {
            Ok(Err(NotSent::OptedOut))
        }
    }
}
