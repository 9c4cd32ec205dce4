//! One round of a clinic's reminders: which are due, which of them are needless, and the rest into the outbox.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use domain::{
    AppointmentId, AttendeeId, StaffId, Timestamp,
    appointment::Appointment,
    clinic::Clinic,
    outreach::{
        message::{Channel, Message, MessageState, Occasion},
        reminders::{Moment, due, plan},
    },
    staff::StaffMember,
};
use store::{StoreError, Tx, ports::attendance::Change};

use super::{
    RemindError,
    arrived::Arrived,
    telling::{Tell, Telling, Told},
};
use crate::{Outreach, correspondence::SENT_BY, other_rooms::host_room};

/// Quiet hours bring a reminder forward by less than a day.
const BROUGHT_FORWARD: Duration = Duration::from_hours(24);
/// Whoever was sent a link within this time needs no reminder with the same one.
const JUST_TOLD: Duration = Duration::from_mins(10);
/// How many are queued in one unit of work: others write in between.
const AT_ONCE: usize = 100;

/// What a clinic's round has found.
pub(super) struct Round {
    telling: Telling,
    appointments: HashMap<AppointmentId, Appointment>,
    hosts: HashMap<StaffId, StaffMember>,
    due: Vec<Reminder>,
}

/// One reminder of one attendee by one channel.
struct Reminder {
    appointment: AppointmentId,
    attendee: AttendeeId,
    channel: Channel,
    moment: Moment,
    once: String,
}

impl Outreach {
    /// What is to be queued now; none where there is nothing.
    pub(super) async fn reminders_due(
        &self,
        clinic: Clinic,
        now: Timestamp,
    ) -> Result<Option<Round>, StoreError> {
        let mut tx = self.store.read().await?;
        let settings = tx.outreach_settings(clinic.id).await?;
        let Some(longest) = settings.ladder.rungs().first() else { return Ok(None) };
        // A reminder that was missed before quiet hours waits for their end like any other.
        if settings.quiet.is_some_and(|quiet| quiet.holds(now, &clinic.zone)) {
            return Ok(None);
        }
        let ahead = Duration::from_mins(u64::from(*longest)) + BROUGHT_FORWARD;
        let mut appointments = tx.appointments(clinic.id, now..now.plus(ahead), None).await?;
        appointments.retain(|one| one.is_expected_in_a_room() && one.starts_at > now);
        let mut found = Vec::new();
        for appointment in &appointments {
            let moments = plan(appointment.starts_at, &settings.ladder, settings.quiet, &clinic.zone);
            let Some(moment) = due(&moments, now) else { continue };
            for attendee in &appointment.attendees {
                let open = SENT_BY.into_iter().filter(|channel| self.could_send(attendee, *channel).is_ok());
                found.extend(open.map(|channel| Reminder::of(appointment, attendee.id, channel, moment)));
            }
        }
        let names: Vec<String> = found.iter().map(|reminder| reminder.once.clone()).collect();
        let queued: HashSet<String> = tx.once_before(clinic.id, &names).await?.into_iter().collect();
        found.retain(|reminder| !queued.contains(&reminder.once));
        if found.is_empty() {
            return Ok(None);
        }
        let mut round = Round {
            telling: Telling { wordings: tx.wordings(clinic.id).await?, settings, clinic },
            appointments: appointments.into_iter().map(|appointment| (appointment.id, appointment)).collect(),
            hosts: HashMap::new(),
            due: found,
        };
        round.leave_out_needless(&mut *tx, now).await?;
        round.leave_out_roomless(&mut *tx).await?;
        Ok(if round.due.is_empty() { None } else { Some(round) })
    }

    /// Puts them into the outbox and returns how many were not there yet. A visit that was changed since it was read is
    /// left to the next round: what it was is not to be told after the change was.
    pub(super) async fn queue_reminders(&self, round: &Round, now: Timestamp) -> Result<usize, RemindError> {
        let mut count = 0;
        for some in round.due.chunks(AT_ONCE) {
            let mut tx = self.store.begin().await?;
            let queued = self.queue_some(&mut *tx, round, some, now).await?;
            // Dropped where nothing was added: the board has nothing to hear.
            if queued > 0 {
                tx.commit().await?;
            }
            count += queued;
        }
        Ok(count)
    }

    async fn queue_some(
        &self,
        tx: &mut dyn Tx,
        round: &Round,
        some: &[Reminder],
        now: Timestamp,
    ) -> Result<usize, RemindError> {
        let clinic = round.telling.clinic.id;
        let concerned: BTreeSet<AppointmentId> = some.iter().map(|reminder| reminder.appointment).collect();
        // First, since it holds back whoever changes these visits at this moment, or renews their links.
        for appointment in &concerned {
            tx.note_change(clinic, Change::Appointment(*appointment), now).await?;
        }
        let mut unchanged = Vec::new();
        for id in concerned {
            let Some(read) = round.appointments.get(&id) else { continue };
            let stands = tx.appointment(clinic, id).await?;
            unchanged.extend(stands.filter(|stands| stands.revision == read.revision));
        }
        let links = self.links_within(tx, clinic, &unchanged).await?;
        let mut count = 0;
        for reminder in some {
            let Some(appointment) = unchanged.iter().find(|one| one.id == reminder.appointment) else {
                continue;
            };
            let Some(attendee) = appointment.attendee(reminder.attendee) else { continue };
            let Some(host) = round.hosts.get(&appointment.host) else { continue };
            let Some(links) = links.get(&appointment.id) else { continue };
            let tell = Tell {
                appointment,
                host,
                attendee,
                channel: reminder.channel,
                occasion: Occasion::Reminder,
                minutes_late: None,
                asked_by: None,
                once: reminder.once.clone(),
            };
            if self.tell(tx, &round.telling, links, tell, now).await? == Told::Queued {
                count += 1;
            }
        }
        Ok(count)
    }
}

impl Reminder {
    fn of(appointment: &Appointment, attendee: AttendeeId, channel: Channel, moment: Moment) -> Self {
        let (start, at) = (appointment.starts_at.as_micros(), moment.at.as_micros());
        let once = format!("reminder/{attendee}/{}/{start}/{at}", channel.as_str());
        Self { appointment: appointment.id, attendee, channel, moment, once }
    }

    /// Whether a message has told what this one would tell. One that came before the appointment was last changed may
    /// say what is no longer so, and counts only where two messages at once would be worse.
    fn is_told_by(&self, message: &Message, appointment: &Appointment, now: Timestamp) -> bool {
        let stands =
            matches!(message.state, MessageState::Queued | MessageState::Sent | MessageState::Delivered);
        let has_link =
            !matches!(message.occasion, Occasion::Cancelled | Occasion::StaffLink | Occasion::Alert);
        if message.to.attendee() != Some(self.attendee) || message.channel != self.channel {
            return false;
        }
        if !stands || !has_link {
            return false;
        }
        let just = now.minus(JUST_TOLD);
        message.state == MessageState::Queued
            || message.queued_at > just
            || message.sent_at.is_some_and(|sent_at| sent_at > just)
            || message.occasion != Occasion::Reminder
                && message.queued_at >= self.moment.at.minus(JUST_TOLD)
                && message.queued_at >= appointment.updated_at
    }
}

impl Round {
    fn asked_about(&self) -> Vec<AppointmentId> {
        let all: BTreeSet<AppointmentId> = self.due.iter().map(|reminder| reminder.appointment).collect();
        all.into_iter().collect()
    }

    /// Whoever is there, on the way or has just been sent the link needs none.
    async fn leave_out_needless(&mut self, tx: &mut dyn Tx, now: Timestamp) -> Result<(), StoreError> {
        let (clinic, ids) = (self.telling.clinic.id, self.asked_about());
        let arrived = Arrived::read(tx, clinic, &ids, now).await?;
        let mut messages: HashMap<AppointmentId, Vec<Message>> = HashMap::new();
        for message in tx.messages_of_all(clinic, &ids).await? {
            let Some(appointment) = message.to.appointment() else { continue };
            messages.entry(appointment).or_default().push(message);
        }
        let appointments = &self.appointments;
        self.due.retain(|reminder| {
            let Some(appointment) = appointments.get(&reminder.appointment) else { return false };
            let told = (messages.get(&appointment.id).into_iter().flatten())
                .any(|message| reminder.is_told_by(message, appointment, now));
            !(told || arrived.is_there(reminder.attendee) || arrived.is_on_the_way(reminder.attendee))
        });
        Ok(())
    }

    /// A link that could not lead into a room is not sent. It is asked again in each round, so that the reminder goes out
    /// if the host connects while it is still good.
    async fn leave_out_roomless(&mut self, tx: &mut dyn Tx) -> Result<(), StoreError> {
        let clinic = self.telling.clinic.id;
        let wanted: BTreeSet<StaffId> = (self.due.iter())
            .filter_map(|reminder| self.appointments.get(&reminder.appointment))
            .map(|appointment| appointment.host)
            .collect();
        for id in wanted {
            let Some(host) = tx.staff_member(clinic, id).await? else { continue };
            if host_room(tx, &host).await?.is_some() {
                self.hosts.insert(id, host);
            }
        }
        let (appointments, hosts) = (&self.appointments, &self.hosts);
        self.due.retain(|reminder| {
            appointments.get(&reminder.appointment).is_some_and(|one| hosts.contains_key(&one.host))
        });
        Ok(())
    }
}
