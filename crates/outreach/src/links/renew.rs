//! Links that are put out of use and made anew: when somebody asks for it, and when it turns out that one had gone to a
//! wrong address.

use std::collections::HashSet;

use domain::{
    AppointmentId, AttendeeId, ClinicId,
    appointment::{Appointment, Attendee},
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, Message, MessageState, Occasion},
};
use store::{
    StoreError, Tx,
    ports::{attendance::Change, links::LinkFor},
};

use super::{AppointmentLinks, MOST_TRIES};
use crate::{
    Outreach,
    correspondence::{News, SENT_BY, Whom},
    hand_out::{HandOutError, To},
    ledger::carries_link,
    outbox::OutboxError,
    visit::LinkError,
};

/// Why a message was withdrawn whose link was made anew.
const LINK_RENEWED: &str = "link_renewed";

impl Outreach {
    /// Ends the links and makes new ones in their place: the staff link, everybody's, or one attendee's. An old one then
    /// answers like one that never was. What still waits to be sent with it is withdrawn; what goes out by itself, or
    /// says that the clinician is late, is queued again with the new one. Whoever is in the room stays there.
    pub async fn reissue(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        to: To,
        asked_by: StaffOrToken,
    ) -> Result<AppointmentLinks, LinkError> {
        let mut tries = 1;
        let appointment = loop {
            match self.reissue_once(clinic, appointment.id, to, asked_by).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => break done?,
            }
        };
        self.links(clinic, &appointment).await
    }

    async fn reissue_once(
        &self,
        clinic: ClinicId,
        appointment: AppointmentId,
        to: To,
        asked_by: StaffOrToken,
    ) -> Result<Appointment, LinkError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        // First, since it holds back whoever would hand out the old links at this moment.
        tx.note_change(clinic, Change::Appointment(appointment), now).await?;
        let appointment = tx.appointment(clinic, appointment).await?.ok_or(LinkError::Unknown)?;
        let whose: Vec<Option<AttendeeId>> = match to {
            To::Staff => vec![None],
            To::Patients => appointment.attendees.iter().map(|attendee| Some(attendee.id)).collect(),
            To::Attendee(id) => vec![Some(appointment.attendee(id).ok_or(LinkError::Unknown)?.id)],
        };
        for link in tx.links_of(clinic, appointment.id).await? {
            let of = match link.link_for {
                LinkFor::Host(_) => None,
                LinkFor::Attendee(_, attendee) => Some(attendee),
                LinkFor::Room(_) | LinkFor::Guest(_) | LinkFor::Portal(_) => continue,
            };
            if whose.contains(&of) {
                tx.revoke_link(clinic, link.id, now).await?;
            }
        }
        let mut waiting = tx.messages_of_all(clinic, &[appointment.id]).await?;
        waiting.retain(|message| {
            message.state == MessageState::Queued && whose.contains(&message.to.attendee())
        });
        for attendee in &whose {
            tx.withdraw_messages_to(clinic, appointment.id, *attendee, LINK_RENEWED, now).await?;
        }
        self.mint_missing(&mut *tx, &appointment).await?;
        let messages = self.queue_with_new_links(&mut *tx, &appointment, &waiting).await.map_err(in_links)?;
        tx.commit().await?;
        if messages > 0 {
            self.wake_outbox();
        }
        tracing::info!(
            clinic.id = %clinic,
            appointment.id = %appointment.id,
            links = whose.len(),
            messages,
            ?asked_by,
            "renewed links"
        );
        Ok(appointment)
    }

    /// Queues again what was withdrawn only since its link was made anew: the news that people must have, and reminders,
    /// whose turn would not come again. A link that somebody asked to be sent is left to them: they may have renewed it
    /// to stop just that. Returns how many messages.
    async fn queue_with_new_links(
        &self,
        tx: &mut dyn Tx,
        appointment: &Appointment,
        withdrawn: &[Message],
    ) -> Result<usize, HandOutError> {
        let again: Vec<&Message> = withdrawn
            .iter()
            .filter(|message| message.asked_by.is_none() || message.occasion == Occasion::Late)
            .collect();
        if again.is_empty() {
            return Ok(0);
        }
        let correspondence = self.correspondence(tx, appointment, &[]).await?;
        let mut queued = 0;
        for message in again {
            let Some(attendee) = message.to.attendee().and_then(|id| appointment.attendee(id)) else {
                continue;
            };
            let minutes_late = match message.occasion {
                Occasion::Late => match self.minutes_late(tx, appointment).await {
                    Ok(minutes) => Some(minutes),
                    Err(HandOutError::NotLate) => continue,
                    Err(error) => return Err(error),
                },
                _ => None,
            };
            let news = News {
                occasion: message.occasion,
                asked_by: message.asked_by,
                due_at: message.due_at.max(self.ambient.now()),
                minutes_late,
                once: None,
            };
            let whom = Whom::Attendee(attendee);
            queued += self.queue_news(tx, &correspondence, whom, message.channel, news).await?;
        }
        Ok(queued)
    }

    /// Renews the links that had gone to an address which was somebody else's, as its correction shows. Nobody else's
    /// link changes. Returns by which ways each of them had gone out: whoever holds the old one has none that works.
    /// `sent` is what was sent about the appointment so far.
    pub(crate) async fn renew_misdirected(
        &self,
        tx: &mut dyn Tx,
        before: &Appointment,
        now: &Appointment,
        sent: &[Message],
    ) -> Result<HashSet<(AttendeeId, Channel)>, LinkError> {
        let mut renewed = HashSet::new();
        let corrected: Vec<_> = now
            .attendees
            .iter()
            .filter_map(|attendee| Some((attendee.id, corrected(before.attendee(attendee.id)?, attendee))))
            .filter(|(_, channels)| !channels.is_empty())
            .collect();
        if corrected.is_empty() {
            return Ok(renewed);
        }
        let links = tx.links_of(now.clinic_id, now.id).await?;
        for (id, channels) in corrected {
            let Some(link) = links.iter().find(|link| link.link_for == LinkFor::Attendee(now.id, id)) else {
                continue;
            };
            // What was sent before the link was made holds another one, which leads nowhere by now.
            let went_by: Vec<Channel> = sent
                .iter()
                .filter(|message| message.to.attendee() == Some(id) && carries_link(message.occasion))
                .filter(|message| message.queued_at >= link.created_at)
                .map(|message| message.channel)
                .collect();
            if channels.iter().any(|channel| went_by.contains(channel)) {
                tx.revoke_link(now.clinic_id, link.id, self.ambient.now()).await?;
                renewed.extend(went_by.into_iter().map(|channel| (id, channel)));
                tracing::info!(
                    clinic.id = %now.clinic_id,
                    appointment.id = %now.id,
                    attendee.id = %id,
                    "renewed a link that had gone to another address"
                );
            }
        }
        self.mint_missing(tx, now).await?;
        Ok(renewed)
    }
}

/// By which channels the attendee has another address now. One that was added or is missing now corrects nothing.
fn corrected(before: &Attendee, now: &Attendee) -> Vec<Channel> {
    let is_corrected = |channel: &Channel| match channel {
        Channel::Email => is_another(before.email.as_ref(), now.email.as_ref()),
        Channel::Sms => is_another(before.phone.as_ref(), now.phone.as_ref()),
        Channel::Copy => false,
    };
    SENT_BY.into_iter().filter(is_corrected).collect()
}

/// However they are typed, the same two addresses are equal.
fn is_another<Address: PartialEq>(before: Option<&Address>, now: Option<&Address>) -> bool {
    before.zip(now).is_some_and(|(before, now)| before != now)
}

fn in_links(error: HandOutError) -> LinkError {
    match error {
        HandOutError::Links(error) => error,
        HandOutError::Store(error) | HandOutError::Outbox(OutboxError::Store(error)) => {
            LinkError::Store(error)
        }
        HandOutError::Outbox(OutboxError::Seal(error)) => LinkError::Seal(error),
        HandOutError::Outbox(OutboxError::Open(error)) => LinkError::Open(error),
        other => {
            tracing::error!(error = %other, "what waited with an old link cannot be queued again");
            LinkError::Unknown
        }
    }
}
