//! One-way words on patients' pages: that the clinician is late, or whatever the desk writes.
//!
//! Being late is told twice: on the page, for as long as it holds, and by message to everybody still to come to this
//! host today. A person says it, so that quiet hours do not keep it back.

use std::{collections::HashMap, ops::RangeInclusive, time::Duration};

use domain::{
    AppointmentId, ClinicId, NoticeId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::matching::StaffOrToken,
    outreach::{
        desk::{Notice, Says},
        message::{Channel, Occasion},
    },
    staff::StaffMember,
    text::Note,
};
use store::{StoreError, Tx, ports::attendance::Change};

use crate::{
    AppointmentLinks, Outreach,
    correspondence::SENT_BY,
    outbox::OutboxError,
    reminders::{
        arrived::Arrived,
        telling::{Tell, Telling, Told},
    },
    visit::LinkError,
};

/// So many minutes can be said. None means that the host is no longer late.
pub const MINUTES_LATE: RangeInclusive<i64> = 0..=240;
/// The same said again within this time is a key that was pressed twice.
const SAME_WITHIN: Duration = Duration::from_mins(2);

/// What became of saying that a host is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldLate {
    /// What stands on the pages; none where the host is no longer late.
    pub notice: Option<NoticeId>,
    /// How many messages were queued.
    pub messages: usize,
    /// How many attendees are still to come and could be sent nothing.
    pub not: usize,
}

/// Whom saying that a host is late would reach by message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LateAudience {
    /// How many attendees are still to come.
    pub people: usize,
    /// How many of them may be written to by e-mail.
    pub by_email: usize,
    /// How many by text message; some by both.
    pub by_sms: usize,
    /// How many by neither.
    pub not: usize,
}

/// Why nothing was said.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// Nobody of this clinic, or an appointment of somebody else's.
    #[error("there is no such host, or the appointment is not theirs")]
    Unknown,
    /// Not so many minutes.
    #[error("must be from {} to {} minutes", MINUTES_LATE.start(), MINUTES_LATE.end())]
    Minutes,
    /// The links that stand in the messages could not be had.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// The messages could not be queued.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A host's clinic, and what is left of the host's day.
struct Day {
    telling: Telling,
    host: StaffMember,
    ends_at: Timestamp,
    /// Those that are not yet over.
    appointments: Vec<Appointment>,
}

impl Day {
    fn ids(&self) -> Vec<AppointmentId> {
        self.appointments.iter().map(|appointment| appointment.id).collect()
    }
}

impl Outreach {
    /// What stands on the pages of a host's patients, or of everybody's.
    pub async fn notices(&self, clinic: ClinicId, host: Option<StaffId>) -> Result<Vec<Notice>, NoticeError> {
        Ok(self.store.read().await?.notices(clinic, host, self.ambient.now()).await?)
    }

    /// Puts words on the pages of one appointment, until its links close, or of everybody who is still to come to this
    /// host today, until the clinic's day ends.
    pub async fn say(
        &self,
        clinic: ClinicId,
        host: StaffId,
        appointment: Option<AppointmentId>,
        words: Note,
        asked_by: StaffOrToken,
    ) -> Result<NoticeId, NoticeError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let day = day(&mut *tx, clinic, host, now, 0).await?;
        let (until, touched) = match appointment {
            None => (day.ends_at, day.ids()),
            Some(id) => {
                let appointment = tx.appointment(clinic, id).await?.ok_or(NoticeError::Unknown)?;
                if appointment.host != host {
                    return Err(NoticeError::Unknown);
                }
                (appointment.ends_at.plus(day.telling.settings.closes_after()), vec![id])
            }
        };
        let notice = Notice {
            id: self.ambient.id(),
            clinic_id: clinic,
            host,
            appointment,
            says: Says::Words(words),
            said_by: asked_by,
            at: now,
            until,
        };
        tx.insert_notice(&notice).await?;
        note_changes(&mut *tx, clinic, &touched, now).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, staff.id = %host, notice.id = %notice.id, "words were put on patients' pages");
        Ok(notice.id)
    }

    /// Takes a notice off the pages. False where it stands on none any more.
    pub async fn take_down(&self, clinic: ClinicId, id: NoticeId) -> Result<bool, NoticeError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let Some(notice) = tx.notices(clinic, None, now).await?.into_iter().find(|notice| notice.id == id)
        else {
            return Ok(false);
        };
        let touched = match notice.appointment {
            Some(appointment) => vec![appointment],
            None => day(&mut *tx, clinic, notice.host, now, 0).await?.ids(),
        };
        let ended = tx.end_notice(clinic, id, now).await?;
        note_changes(&mut *tx, clinic, &touched, now).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, notice.id = %id, "a notice was taken down");
        Ok(ended)
    }

    /// Says on the pages of everybody who is still to come to this host today that the host is late by about so many
    /// minutes, in place of what was said of it before, and queues a message for whoever is not there yet. Each is told
    /// once of each notice; the same minutes said again within two minutes are the same notice. 0 means no longer late:
    /// the notice comes down and nothing is sent.
    pub async fn run_late(
        &self,
        clinic: ClinicId,
        host: StaffId,
        minutes: i64,
        asked_by: StaffOrToken,
    ) -> Result<ToldLate, NoticeError> {
        if !MINUTES_LATE.contains(&minutes) {
            return Err(NoticeError::Minutes);
        }
        let now = self.ambient.now();
        let day = day(&mut *self.store.read().await?, clinic, host, now, minutes).await?;
        // On its own and first, so that the page says it even if no message can be queued; pressing again then queues
        // the messages of the same notice.
        let notice = self.put_up(&day, minutes, asked_by, now).await?;
        let mut told = ToldLate { notice, messages: 0, not: 0 };
        if let Some(notice) = notice {
            self.tell_late(&day, minutes, notice, asked_by, now, &mut told).await?;
        }
        tracing::info!(
            clinic.id = %clinic,
            staff.id = %host,
            minutes,
            messages = told.messages,
            not = told.not,
            "a host is late"
        );
        Ok(told)
    }

    /// Whom [`Outreach::run_late`] with so many minutes would tell now. Tells nobody.
    pub async fn late_audience(
        &self,
        clinic: ClinicId,
        host: StaffId,
        minutes: i64,
    ) -> Result<LateAudience, NoticeError> {
        if !MINUTES_LATE.contains(&minutes) {
            return Err(NoticeError::Minutes);
        }
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let day = day(&mut *tx, clinic, host, now, minutes).await?;
        let mut audience = LateAudience::default();
        for (_, attendees) in still_to_come(&mut *tx, &day, now).await? {
            for attendee in attendees {
                let email = self.may_send(&mut *tx, attendee, Channel::Email).await?.is_ok();
                let sms = self.may_send(&mut *tx, attendee, Channel::Sms).await?.is_ok();
                audience.people += 1;
                audience.by_email += usize::from(email);
                audience.by_sms += usize::from(sms);
                audience.not += usize::from(!email && !sms);
            }
        }
        Ok(audience)
    }

    async fn put_up(
        &self,
        day: &Day,
        minutes: i64,
        asked_by: StaffOrToken,
        now: Timestamp,
    ) -> Result<Option<NoticeId>, NoticeError> {
        let (clinic, host) = (day.telling.clinic.id, day.host.id);
        let mut tx = self.store.begin().await?;
        // First, since it holds back whoever says the same at this moment: the second then sees what the first put up.
        note_changes(&mut *tx, clinic, &day.ids(), now).await?;
        let mut standing = None;
        for notice in tx.notices(clinic, Some(host), now).await? {
            match notice.says {
                Says::Late(said) if said == minutes && now.since(notice.at) < SAME_WITHIN => {
                    standing = Some(notice.id);
                }
                Says::Late(_) => {
                    tx.end_notice(clinic, notice.id, now).await?;
                }
                Says::Words(_) => {}
            }
        }
        if standing.is_none() && minutes > 0 {
            let notice = Notice {
                id: self.ambient.id(),
                clinic_id: clinic,
                host,
                appointment: None,
                says: Says::Late(minutes),
                said_by: asked_by,
                at: now,
                until: day.ends_at,
            };
            tx.insert_notice(&notice).await?;
            standing = Some(notice.id);
        }
        tx.commit().await?;
        Ok(standing)
    }

    async fn tell_late(
        &self,
        seen: &Day,
        minutes: i64,
        notice: NoticeId,
        asked_by: StaffOrToken,
        now: Timestamp,
        told: &mut ToldLate,
    ) -> Result<(), NoticeError> {
        let clinic = seen.telling.clinic.id;
        let mut tx = self.store.begin().await?;
        // First, since it holds back whoever changes these visits at this moment, or renews their links. Then the day is
        // read again: what was moved since is not to be told of as it was.
        note_changes(&mut *tx, clinic, &seen.ids(), now).await?;
        let day = day(&mut *tx, clinic, seen.host.id, now, minutes).await?;
        let still_to_come = still_to_come(&mut *tx, &day, now).await?;
        let appointments: Vec<Appointment> = still_to_come.iter().map(|&(one, _)| one.clone()).collect();
        let links: HashMap<AppointmentId, AppointmentLinks> =
            self.links_within(&mut *tx, clinic, &appointments).await?;
        for (appointment, attendees) in still_to_come {
            let Some(links) = links.get(&appointment.id) else { continue };
            for attendee in attendees {
                let mut reached = false;
                for channel in SENT_BY {
                    let tell = Tell {
                        appointment,
                        host: &day.host,
                        attendee,
                        channel,
                        occasion: Occasion::Late,
                        minutes_late: Some(minutes),
                        asked_by: Some(asked_by),
                        once: format!("late/{}/{}/{notice}", attendee.id, channel.as_str()),
                    };
                    match self.tell(&mut *tx, &day.telling, links, tell, now).await? {
                        Told::Queued => {
                            told.messages += 1;
                            reached = true;
                        }
                        Told::Before => reached = true,
                        Told::Not(_) | Told::NoWords => {}
                    }
                }
                told.not += usize::from(!reached);
            }
        }
        tx.commit().await?;
        self.wake_outbox();
        Ok(())
    }
}

/// The appointments of the host's day that are not over, or would not be if everything were `late_by` minutes later.
async fn day(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    host: StaffId,
    now: Timestamp,
    late_by: i64,
) -> Result<Day, NoticeError> {
    let telling = Telling::of(tx, clinic).await?.ok_or(NoticeError::Unknown)?;
    let host = tx.staff_member(clinic, host).await?.ok_or(NoticeError::Unknown)?;
    let zone = &telling.clinic.zone;
    let ends_at = zone.day(zone.date(now)).end;
    let late_by = Duration::from_mins(u64::try_from(late_by).unwrap_or(0));
    let mut appointments = tx.appointments(clinic, now.minus(late_by)..ends_at, Some(host.id)).await?;
    appointments.retain(Appointment::is_expected_in_a_room);
    Ok(Day { telling, host, ends_at, appointments })
}

/// Whom the host's being late concerns: attendees who are not there, of visits that have not begun.
async fn still_to_come<'a>(
    tx: &mut dyn Tx,
    day: &'a Day,
    now: Timestamp,
) -> Result<Vec<(&'a Appointment, Vec<&'a Attendee>)>, StoreError> {
    let arrived = Arrived::read(tx, day.telling.clinic.id, &day.ids(), now).await?;
    let to_come = day.appointments.iter().filter(|one| !arrived.has_begun(one.id)).map(|appointment| {
        let absent = appointment.attendees.iter().filter(|attendee| !arrived.is_there(attendee.id));
        (appointment, absent.collect())
    });
    Ok(to_come.collect())
}

async fn note_changes(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    appointments: &[AppointmentId],
    now: Timestamp,
) -> Result<(), StoreError> {
    for appointment in appointments {
        tx.note_change(clinic, Change::Appointment(*appointment), now).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
