//! Whether somebody may be written to: an address, their consent, and no word of theirs against it.
//!
//! The scheduler says what its patients agreed to each time that it sends an appointment, whether it asked them again or
//! not. A No that a patient says on their own page, or to somebody at the desk who notes it by the form, therefore outlasts
//! it: it holds for all their appointments at the clinic until they take it back, or the desk says that they did.

use std::{collections::HashMap, time::Duration};

use domain::{
    ClinicId,
    appointment::{Appointment, Attendee, Consent},
    outreach::message::Channel,
    text::{Email, ExternalId, Phone},
};
use store::{
    StoreError, Tx,
    ports::{
        attendance::Change,
        consents::{ConsentChange, SaidBy},
    },
};

use crate::Outreach;

/// How far ahead visits are looked for.
const AHEAD: Duration = Duration::from_hours(2 * 366 * 24);

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

/// What is known of somebody as to one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    /// Where messages to them go.
    pub(crate) address: Option<&'a str>,
    /// Whether they agreed to messages there, or need not be asked.
    pub(crate) agreed: bool,
}

impl<'a> Reach<'a> {
    /// An attendee's.
    pub(crate) fn of(attendee: &'a Attendee, channel: Channel) -> Self {
        let consent = attendee.consent;
        let (address, agreed) = match channel {
            Channel::Email => (attendee.email.as_ref().map(Email::as_str), consent.email),
            Channel::Sms => (attendee.phone.as_ref().map(Phone::as_str), consent.sms),
            Channel::Copy => (None, false),
        };
        Self { address, agreed }
    }

    /// The address, if the channel is set up, there is one, and they agreed. Whether they said of it that they want nothing
    /// more is another question, which only the store can answer.
    pub(crate) fn writable(self, is_set_up: bool) -> Result<&'a str, NotSent> {
        if !is_set_up {
            return Err(NotSent::ChannelOff);
        }
        let address = self.address.ok_or(NotSent::NoAddress)?;
        if self.agreed { Ok(address) } else { Err(NotSent::NoConsent) }
    }
}

/// What patients refused, on their page or to the desk, and have not taken back.
#[derive(Debug, Default)]
pub(crate) struct Refusals(HashMap<ExternalId, Consent>);

impl Refusals {
    /// Those of these persons: the last word that a person said on a channel, at any of their appointments at the
    /// clinic, is No. What a program said in between makes no difference.
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
            if !said.said_by.is_a_persons() {
                continue;
            }
            let of_person = refused.entry(person).or_default();
            match said.channel {
                Channel::Email => of_person.email = !said.given,
                Channel::Sms => of_person.sms = !said.given,
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

/// The last word on a channel that was a person's, of what was said in this order.
pub(crate) fn last_of_a_person(said: &[ConsentChange], channel: Channel) -> Option<&ConsentChange> {
    said.iter().rev().find(|change| change.channel == channel && change.said_by.is_a_persons())
}

impl Outreach {
    /// Records what a booking changes in what its attendees agreed to. What the desk says counts for the person's other
    /// visits to come as well, as their own word on the page does.
    pub(crate) async fn note_consents(
        &self,
        tx: &mut dyn Tx,
        before: Option<&Appointment>,
        now: &Appointment,
        said_by: SaidBy,
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
                    let change = ConsentChange { channel, given, said_by, at };
                    tx.note_consent(now.clinic_id, now.id, attendee.id, &change).await?;
                    if said_by == SaidBy::Desk {
                        self.say_elsewhere(tx, now, attendee, &change).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes the desk's word over to the person's other visits to come: a No wherever they are said to agree, a Yes only
    /// where somebody refused, since of other visits' messages nobody was asked.
    async fn say_elsewhere(
        &self,
        tx: &mut dyn Tx,
        here: &Appointment,
        attendee: &Attendee,
        change: &ConsentChange,
    ) -> Result<(), StoreError> {
        let clinic = here.clinic_id;
        for (other, known) in self.other_visits_of(tx, here, attendee).await? {
            let agrees = match change.channel {
                Channel::Email => known.consent.email,
                Channel::Sms => known.consent.sms,
                Channel::Copy => continue,
            };
            if agrees == change.given {
                continue;
            }
            let said = tx.consents_of(clinic, other.id, known.id).await?;
            if !change.given || last_of_a_person(&said, change.channel).is_some_and(|last| !last.given) {
                tx.note_consent(clinic, other.id, known.id, change).await?;
                tx.set_consent(clinic, known.id, change.channel, change.given).await?;
                tx.note_change(clinic, Change::Appointment(other.id), change.at).await?;
            }
        }
        Ok(())
    }

    /// The other visits to come of the same person with the same address.
    pub(crate) async fn other_visits_of(
        &self,
        tx: &mut dyn Tx,
        here: &Appointment,
        own: &Attendee,
    ) -> Result<Vec<(Appointment, Attendee)>, StoreError> {
        let now = self.ambient.now();
        let mut visits =
            tx.appointments_of_person(here.clinic_id, &own.external_id, now..now.plus(AHEAD)).await?;
        visits.retain(|other| other.id != here.id);
        Ok(visits
            .into_iter()
            .filter_map(|other| {
                let same = other.attendees.iter().find(|one| {
                    one.external_id == own.external_id && one.email == own.email && one.phone == own.phone
                });
                let same = same.cloned()?;
                Some((other, same))
            })
            .collect())
    }

    /// Whether the attendee may be written to by this channel, as far as can be told without asking whether they said
    /// that they want nothing more. Returns where to.
    pub(crate) fn could_send<'a>(
        &self,
        attendee: &'a Attendee,
        channel: Channel,
    ) -> Result<&'a str, NotSent> {
        Reach::of(attendee, channel).writable(self.can_send(channel))
    }

    /// Whether the attendee may be written to by this channel. Copying a link is nobody's to refuse.
    pub async fn may_send(
        &self,
        tx: &mut dyn Tx,
        attendee: &Attendee,
        channel: Channel,
    ) -> Result<Result<(), NotSent>, StoreError> {
        if channel == Channel::Copy {
            return Ok(Ok(()));
        }
        let address = match self.could_send(attendee, channel) {
            Ok(address) => address.to_owned(),
            Err(not) => return Ok(Err(not)),
        };
        let opted_out = tx.opted_out(channel, &[address]).await?;
        Ok(if opted_out.is_empty() { Ok(()) } else { Err(NotSent::OptedOut) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_a_channel_an_address_and_consent_and_the_first_that_is_missing_is_said() {
        let known = Reach { address: Some("rosa@mail.example"), agreed: true };
        assert_eq!(known.writable(true), Ok("rosa@mail.example"));
        let refused = Reach { agreed: false, ..known };
        assert_eq!(refused.writable(true), Err(NotSent::NoConsent));
        let unknown = Reach { address: None, ..known };
        assert_eq!(unknown.writable(true), Err(NotSent::NoAddress));
        assert_eq!(Reach { address: None, ..refused }.writable(true), Err(NotSent::NoAddress));
        for reach in [known, refused, unknown] {
            assert_eq!(reach.writable(false), Err(NotSent::ChannelOff));
        }
    }
}
