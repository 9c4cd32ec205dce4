//! What people are told when their appointment is booked, changed or cancelled.
//!
//! What still waits to be sent and no longer holds is withdrawn, and what holds instead is queued, by the channels that
//! were used. Whoever was never sent anything is told nothing of a change: they know of the visit by other ways.

use std::collections::HashSet;

use domain::{
    Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    clinic::Zone,
    outreach::{
        message::{Channel, Message, MessageState, Occasion, Recipient},
        reminders::QuietHours,
    },
};
use store::{Tx, ports::messages::NewMessage};

use crate::{
    Outreach,
    correspondence::{Correspondence, News, SENT_BY, Whom},
    hand_out::HandOutError,
};

/// Why messages are withdrawn.
const VISIT_CHANGED: &str = "changed_meanwhile";
const VISIT_CANCELLED: &str = "cancelled";
const TAKEN_OFF: &str = "not_listed";
const DETAILS_CHANGED: &str = "details_changed";
/// Why a message that was due could not be made.
const BAD_WORDING: &str = "bad_wording";

/// How an appointment differs from what it was, as far as its people have to hear of it.
#[expect(clippy::struct_excessive_bools, reason = "they are four questions, and each has its own answer")]
#[derive(Clone, Copy, Debug)]
struct Difference {
    takes_place: bool,
    by_video: bool,
    /// It has another time of start, another host, or another kind of place.
    moved: bool,
    /// Anything that a message says may be wrong now.
    stale: bool,
}

/// Where one person stands with one channel.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// The last thing that they were sent, or that is being sent at this moment.
    last: Option<Occasion>,
    /// What was withdrawn just now before it could be sent.
    pending: Option<Occasion>,
}

/// What goes out by itself waits for the end of quiet hours, but not until it is too late.
struct Patience {
    now: Timestamp,
    quiet_until: Option<Timestamp>,
    starts_at: Timestamp,
    /// When it was to start, where people may still come for that.
    was_to_start_at: Option<Timestamp>,
}

/// How somebody comes to the appointment as it stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// They were on it, and are.
    Stays,
    /// They were not on it, or it did not take place by video.
    New,
    /// They were taken off.
    Gone,
}

impl Difference {
    fn of(before: Option<&Appointment>, now: &Appointment) -> Self {
        let at = |one: &Appointment| (one.starts_at, one.host, one.kind);
        Self {
            takes_place: now.status == Status::Booked,
            by_video: now.kind == Kind::Telehealth,
            moved: before.is_some_and(|before| at(before) != at(now)),
            stale: before.is_some_and(|before| {
                (at(before), before.ends_at, before.status) != (at(now), now.ends_at, now.status)
            }),
        }
    }

    fn has_links(self) -> bool {
        self.takes_place && self.by_video
    }

    /// What somebody is to be sent now by one channel.
    fn news(self, place: Place, told: Told, when_booked: bool, tell_changes: bool) -> Option<Occasion> {
        let is_link = self.has_links();
        if !self.takes_place || place == Place::Gone {
            let told_that_it_is = told.last.is_some_and(|last| last != Occasion::Cancelled);
            return (told_that_it_is && tell_changes).then_some(Occasion::Cancelled);
        }
        match told.last {
            Some(Occasion::Cancelled) if tell_changes => {
                Some(if self.by_video { Occasion::Booked } else { Occasion::Moved })
            }
            Some(_) if tell_changes && (self.moved || told.pending == Some(Occasion::Moved)) => {
                Some(Occasion::Moved)
            }
            None if place == Place::New && when_booked && is_link => Some(Occasion::Booked),
            // Asked for, and not sent yet: it goes out as things stand now.
            _ => told.pending.filter(|pending| {
                is_link && matches!(pending, Occasion::Link | Occasion::Booked | Occasion::Moved)
                    || is_link && !self.moved && *pending == Occasion::Reminder
            }),
        }
    }
}

impl Patience {
    fn of(before: Option<&Appointment>, correspondence: &Correspondence, now: Timestamp) -> Self {
        let quiet = correspondence.settings.quiet;
        Self {
            now,
            quiet_until: quiet.and_then(|quiet| end_of(quiet, &correspondence.clinic.zone, now)),
            starts_at: correspondence.appointment.starts_at,
            was_to_start_at: before
                .filter(|before| before.status == Status::Booked && before.ends_at > now)
                .map(|before| before.starts_at),
        }
    }

    /// When it is to be sent; `again` is when it was to be sent so far, where it waited already.
    fn due_at(&self, occasion: Occasion, again: Option<Timestamp>) -> Timestamp {
        let wait = again.or(self.quiet_until).unwrap_or(self.now);
        // Whoever does not hear of it before then comes in vain.
        let formerly =
            self.was_to_start_at.filter(|_| matches!(occasion, Occasion::Moved | Occasion::Cancelled));
        let is_too_late = wait >= self.starts_at || formerly.is_some_and(|start| wait >= start);
        if is_too_late { self.now } else { wait.max(self.now) }
    }
}

impl Outreach {
    /// Withdraws what no longer holds and queues what its people have to be told. Returns how many messages.
    pub(super) async fn tell_news(
        &self,
        tx: &mut dyn Tx,
        before: Option<&Appointment>,
        now: &Appointment,
    ) -> Result<usize, HandOutError> {
        let difference = Difference::of(before, now);
        let was_expected = before.is_some_and(Appointment::is_expected_in_a_room);
        let gone: Vec<&Attendee> = before
            .iter()
            .flat_map(|before| &before.attendees)
            .filter(|attendee| now.attendee(attendee.id).is_none())
            .collect();
        let people: Vec<(&Attendee, Place)> = now
            .attendees
            .iter()
            .filter_map(|attendee| match before.and_then(|before| before.attendee(attendee.id)) {
                Some(known) if was_expected || !difference.takes_place => {
                    (difference.stale || known != attendee).then_some((attendee, Place::Stays))
                }
                // Taking place again, or by video for the first time, is being booked for whoever was told nothing yet.
                _ => Some((attendee, Place::New)),
            })
            .chain(gone.iter().map(|&attendee| (attendee, Place::Gone)))
            .collect();
        if people.is_empty() {
            return Ok(0);
        }
        let (earlier, pending) = match before {
            Some(before) => self.withdraw_stale(tx, before, now, difference, &people).await?,
            None => Default::default(),
        };
        if now.ends_at <= self.ambient.now() {
            return Ok(0);
        }
        let renewed = match before {
            Some(before) => self.renew_misdirected(tx, before, now, &earlier).await?,
            None => HashSet::new(),
        };
        let correspondence = self.correspondence(tx, now, &gone).await?;
        let settings = &correspondence.settings;
        let patience = Patience::of(before, &correspondence, self.ambient.now());
        let mut queued = 0;
        for (attendee, place) in people {
            for channel in SENT_BY {
                let of_this = |message: &&Message| {
                    message.to.attendee() == Some(attendee.id) && message.channel == channel
                };
                let withdrawn = pending.iter().filter(of_this).max_by_key(|message| rank(message.occasion));
                let told = Told {
                    last: earlier.iter().rfind(of_this).map(|message| message.occasion),
                    pending: withdrawn.map(|message| message.occasion),
                };
                let news = difference.news(place, told, settings.send_when_booked, settings.tell_changes);
                // What they were sent leads nowhere now, whatever else there is to tell.
                let has_lost_link = difference.has_links() && renewed.contains(&(attendee.id, channel));
                let Some(occasion) = news.or(has_lost_link.then_some(Occasion::Link)) else { continue };
                let again = withdrawn.filter(|message| message.occasion == occasion);
                let news = News {
                    occasion,
                    asked_by: again.and_then(|message| message.asked_by),
                    due_at: patience.due_at(occasion, again.map(|message| message.due_at)),
                    minutes_late: None,
                    once: None,
                };
                let whom = Whom::Attendee(attendee);
                queued += self.queue_news(tx, &correspondence, whom, channel, news).await?;
            }
        }
        queued += self.queue_staff_links_again(tx, &correspondence, &pending, difference).await?;
        Ok(queued)
    }

    /// Withdraws what is queued and may be wrong now. Returns what was sent or is being sent, and what was withdrawn or, if
    /// it is being sent, may yet be.
    async fn withdraw_stale(
        &self,
        tx: &mut dyn Tx,
        before: &Appointment,
        now: &Appointment,
        difference: Difference,
        people: &[(&Attendee, Place)],
    ) -> Result<(Vec<Message>, Vec<Message>), HandOutError> {
        let (clinic, id, at) = (now.clinic_id, now.id, self.ambient.now());
        let mut queued: Vec<_> = tx
            .messages_of_all(clinic, &[id])
            .await?
            .into_iter()
            .filter(|message| message.state == MessageState::Queued)
            .collect();
        // To whom the withdrawing speaks; what a worker has in hand is stopped by it unless it is out already.
        let mut touched = HashSet::new();
        if !queued.is_empty() {
            for (attendee, place) in people {
                let known = before.attendee(attendee.id);
                let reason = match place {
                    Place::Gone => TAKEN_OFF,
                    _ if !difference.takes_place => VISIT_CANCELLED,
                    _ if difference.stale => VISIT_CHANGED,
                    _ if known.is_some_and(|known| known != *attendee) => DETAILS_CHANGED,
                    _ => continue,
                };
                tx.withdraw_messages_to(clinic, id, Some(attendee.id), reason, at).await?;
                touched.insert(Some(attendee.id));
            }
            if difference.stale {
                let reason = if difference.takes_place { VISIT_CHANGED } else { VISIT_CANCELLED };
                tx.withdraw_messages_to(clinic, id, None, reason, at).await?;
                touched.insert(None);
            }
        }
        // Looked at again: what is still queued now is being sent at this moment.
        let messages = tx.messages_of_all(clinic, &[id]).await?;
        let went_out = |message: &&Message| {
            matches!(message.state, MessageState::Queued | MessageState::Sent | MessageState::Delivered)
        };
        let sent: Vec<_> = messages.iter().filter(went_out).cloned().collect();
        queued.retain(|message| touched.contains(&message.to.attendee()));
        Ok((sent, queued))
    }

    /// Puts it into the outbox, inside the caller's unit of work, if they may be written to. Returns how many messages.
    pub(crate) async fn queue_news(
        &self,
        tx: &mut dyn Tx,
        correspondence: &Correspondence,
        whom: Whom<'_>,
        channel: Channel,
        news: News,
    ) -> Result<usize, HandOutError> {
        let occasion = news.occasion;
        match self.write_to(tx, correspondence, whom, channel, news).await {
            Ok(Ok(message)) => Ok(usize::from(message.is_some())),
            Ok(Err(_may_not)) => Ok(0),
            Err(HandOutError::Compose(error)) => {
                let clinic = correspondence.appointment.clinic_id;
                let to = whom.recipient(&correspondence.appointment);
                // The booking stands; the ledger shows that this could not be said.
                tracing::error!(%error, clinic.id = %clinic, occasion = occasion.as_str(), "a message has no words");
                let message = self.unspoken(correspondence, to, channel, occasion);
                tx.insert_message(&NewMessage { message, content_sealed: None, once: None }).await?;
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    fn unspoken(
        &self,
        correspondence: &Correspondence,
        to: Recipient,
        channel: Channel,
        occasion: Occasion,
    ) -> Message {
        let now = self.ambient.now();
        Message {
            id: self.ambient.id(),
            clinic_id: correspondence.appointment.clinic_id,
            to,
            channel,
            occasion,
            state: MessageState::Failed,
            reason: Some(BAD_WORDING.to_owned()),
            asked_by: None,
            queued_at: now,
            due_at: now,
            tries: 0,
            sent_at: None,
            changed_at: now,
        }
    }

    /// A staff link that was asked for and not yet sent goes out as things stand now, if it is still the same host's.
    async fn queue_staff_links_again(
        &self,
        tx: &mut dyn Tx,
        correspondence: &Correspondence,
        pending: &[Message],
        difference: Difference,
    ) -> Result<usize, HandOutError> {
        if !difference.has_links() {
            return Ok(0);
        }
        let to = Whom::Host.recipient(&correspondence.appointment);
        let mut queued = 0;
        for channel in SENT_BY {
            let Some(message) =
                pending.iter().rfind(|message| message.to == to && message.channel == channel)
            else {
                continue;
            };
            let news = News {
                occasion: message.occasion,
                asked_by: message.asked_by,
                due_at: message.due_at.max(self.ambient.now()),
                minutes_late: None,
                once: None,
            };
            queued += self.queue_news(tx, correspondence, Whom::Host, channel, news).await?;
        }
        Ok(queued)
    }
}

/// Of several messages that wait for one person, the one that counts.
const fn rank(occasion: Occasion) -> u8 {
    match occasion {
        Occasion::Late | Occasion::Recovery | Occasion::Alert => 0,
        Occasion::Reminder => 1,
        Occasion::Link | Occasion::StaffLink => 2,
        Occasion::Booked => 3,
        Occasion::Moved => 4,
        Occasion::Cancelled => 5,
    }
}

/// When the quiet hours end that it is in now; none where it is in none.
fn end_of(quiet: QuietHours, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    quiet.end_after(now, zone).filter(|end| *end > now)
}

#[cfg(test)]
mod corrections;
#[cfg(test)]
mod tests;
