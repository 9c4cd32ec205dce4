//! Sending a lost link once more to whoever it belongs to, by the address that the clinic has on file.
//!
//! Nobody learns from it whether an address is known: it returns the same either way, its caller has answered before it
//! begins, and no line of the log tells. What is sent is the link that was sent before, to the address that it belongs to
//! and not to one that was typed.

use std::{collections::HashSet, time::Duration};

use domain::{
    AppointmentId, AttendeeId, ClinicId,
    appointment::{Attendee, Kind},
    outreach::{
        LONGEST_WINDOW,
        message::{Channel, Message, Occasion},
    },
    text::{Email, Phone},
};
use store::{StoreError, ports::attendance::Change};

use crate::{
    Outreach,
    correspondence::{News, Whom},
    hand_out::HandOutError,
    visit::closes_at,
};

/// How far ahead a visit may be for its link to be sent.
const AHEAD: Duration = Duration::from_hours(30 * 24);
/// Messages to one address at one time.
const MOST_MESSAGES: usize = 5;
/// Entries of attendees that are to come and are looked at. Anybody may ask, and each is a question to the database.
const MOST_AHEAD: i64 = 20;
/// Entries of the last days, of which no more than the last few are looked at.
const MOST_LATELY: i64 = 100;
/// So many of them.
const MOST_READ: usize = 10;
/// For one attendee and channel there is one message in so many seconds.
const PAUSE_SECONDS: i64 = 3_600;
/// And so many within [`A_DAY`] at most: anybody may ask, and whoever has an address need not be its owner.
const MOST_A_DAY: usize = 3;
/// Any 24 hours.
const A_DAY: Duration = Duration::from_hours(24);

/// Where somebody wants their link sent, as they typed it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LostBy {
    /// An e-mail address.
    Email(Email),
    /// A mobile number.
    Sms(Phone),
}

impl LostBy {
    /// What somebody typed; none where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            Email::parse(text).ok().map(Self::Email)
        } else {
            Phone::parse(text).ok().map(Self::Sms)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Sms(phone) => phone.as_str(),
        }
    }

    fn is_of(&self, attendee: &Attendee) -> bool {
        match self {
            Self::Email(email) => attendee.email.as_ref() == Some(email),
            Self::Sms(phone) => attendee.phone.as_ref() == Some(phone),
        }
    }

    /// By what it is reached.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Sms(_) => Channel::Sms,
        }
    }
}

impl Outreach {
    /// Queues, for each person whose address this is, the link to their next video visit, wherever they may be written
    /// to. Nothing where nobody is known by it, and nothing says so. What fails for one of them does not keep the others
    /// from theirs; the last failure is returned.
    pub async fn recover(&self, lost: &LostBy) -> Result<(), HandOutError> {
        let mut outcome = Ok(());
        for (clinic, appointment, attendee) in self.next_visits(lost).await? {
            if let Err(error) = self.send_again(clinic, appointment, attendee, lost).await {
                outcome = Err(error);
            }
        }
        outcome
    }

    /// The visits that are over and whose links still lead into the room, since who is cut off while theirs takes longer
    /// needs the link most, the last first; then the next video visit of each person at each clinic, the soonest first.
    async fn next_visits(
        &self,
        lost: &LostBy,
    ) -> Result<Vec<(ClinicId, AppointmentId, AttendeeId)>, StoreError> {
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let window = Duration::from_secs(u64::from(LONGEST_WINDOW) * 60);
        let mut past =
            tx.attendees_at(lost.channel(), lost.as_str(), now.minus(window)..now, MOST_LATELY).await?;
        past.reverse();
        past.truncate(MOST_READ);
        let ahead = tx.attendees_at(lost.channel(), lost.as_str(), now..now.plus(AHEAD), MOST_AHEAD).await?;
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        for (clinic, id, attendee) in past.into_iter().chain(ahead) {
            if next.len() == MOST_MESSAGES {
                break;
            }
            let Some(appointment) = tx.appointment(clinic, id).await? else { continue };
            let Some(known) = appointment.attendee(attendee) else { continue };
            let is_past = appointment.ends_at <= now;
            if appointment.kind != Kind::Telehealth
                || is_past && closes_at(&appointment, &tx.outreach_settings(clinic).await?) <= now
            {
                continue;
            }
            if seen.insert((clinic, person_of(known), is_past)) {
                next.push((clinic, id, attendee));
            }
        }
        Ok(next)
    }

    async fn send_again(
        &self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: AttendeeId,
        lost: &LostBy,
    ) -> Result<(), HandOutError> {
        let (now, channel) = (self.ambient.now(), lost.channel());
        let mut tx = self.store.begin().await?;
        // First, as with whoever books or renews links: the board shows what was sent.
        tx.note_change(clinic, Change::Appointment(appointment), now).await?;
        // As they stand now: it goes to the address on file, and only if that is still the one that was typed.
        let Some(appointment) = tx.appointment(clinic, appointment).await? else { return Ok(()) };
        let Some(known) = appointment.attendee(attendee).filter(|known| lost.is_of(known)) else {
            return Ok(());
        };
        let earlier = tx.messages_of_all(clinic, &[appointment.id]).await?;
        let is_of_today = |message: &&Message| {
            message.occasion == Occasion::Recovery
                && message.channel == channel
                && message.to.attendee() == Some(attendee)
                && now.since(message.queued_at) < A_DAY
        };
        if earlier.iter().filter(is_of_today).count() >= MOST_A_DAY {
            return Ok(());
        }
        let correspondence = self.correspondence(&mut *tx, &appointment, &[]).await?;
        let hour = now.as_micros() / 1_000_000 / PAUSE_SECONDS;
        let news = News {
            occasion: Occasion::Recovery,
            asked_by: None,
            due_at: now,
            minutes_late: None,
            once: Some(format!("recovery/{attendee}/{}/{hour}", channel.as_str())),
        };
        let whom = Whom::Attendee(known);
        if let Ok(Some(_)) = self.write_to(&mut *tx, &correspondence, whom, channel, news).await? {
            tx.commit().await?;
            self.wake_outbox();
        }
        Ok(())
    }
}

/// Who of those at one address somebody is: the scheduler's id for the person, or the name where it gave none, for then
/// each appointment has an id of its own and the link to the next visit is enough.
fn person_of(attendee: &Attendee) -> String {
    if attendee.external_id.as_str() == attendee.id.to_string() {
        format!("name {}", attendee.name.as_str().to_lowercase())
    } else {
        format!("id {}", attendee.external_id)
    }
}

#[cfg(test)]
mod tests;
