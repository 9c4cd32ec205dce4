//! Whether a message is still wanted in the moment before it is sent: much may have happened since it was queued.

use domain::{
    AlertId, StaffId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    outreach::{
        desk::{Notice, Says},
        message::{Message, Occasion, Recipient},
    },
};
use store::{StoreError, Tx};

use crate::{Outreach, alerts::kept_back_until, content::Content, visit::closes_at};

impl Outreach {
    /// Why the message is to be withdrawn; none where it is to be sent.
    pub(super) async fn unwanted(
        &self,
        message: &Message,
        content: &Content,
    ) -> Result<Option<String>, StoreError> {
        let mut tx = self.store.read().await?;
        if let Some(reason) = tx.overtaken(message.clinic_id, message.id).await? {
            return Ok(Some(reason));
        }
        Ok(self.pointless(&mut *tx, message, content).await?.map(str::to_owned))
    }

    /// Why the message is of no use any more, or may not be sent, as things stand now.
    async fn pointless(
        &self,
        tx: &mut dyn Tx,
        message: &Message,
        content: &Content,
    ) -> Result<Option<&'static str>, StoreError> {
        let clinic = message.clinic_id;
        let about = match message.to {
            Recipient::Staff(staff, alert) => {
                return self.untellable(tx, staff, alert, message, content).await;
            }
            Recipient::Attendee(appointment, _) | Recipient::Host(appointment, _) => appointment,
        };
        let Some(appointment) = tx.appointment(clinic, about).await? else {
            return Ok(Some("no_appointment"));
        };
        let useful_until = match message.occasion {
            // Whoever lost the connection is let in again until the link closes, and a late visit overruns.
            Occasion::Link | Occasion::StaffLink | Occasion::Recovery | Occasion::Late => {
                closes_at(&appointment, &tx.outreach_settings(clinic).await?)
            }
            Occasion::Reminder => appointment.starts_at,
            Occasion::Booked | Occasion::Moved | Occasion::Cancelled | Occasion::Alert => appointment.ends_at,
        };
        if let Some(reason) = outdated(message, &appointment) {
            return Ok(Some(reason));
        }
        if self.ambient.now() >= useful_until {
            return Ok(Some("too_late"));
        }
        if message.occasion == Occasion::Late {
            let notices = tx.notices(clinic, Some(appointment.host), self.ambient.now()).await?;
            if !notices.iter().any(|notice| still_says(notice, message)) {
                return Ok(Some("no_longer_late"));
            }
        }
        match message.to {
            Recipient::Host(_, staff) if appointment.host != staff => Ok(Some("other_host")),
            // The host is staff: the clinic decides what they get. Their STOP counts all the same.
            Recipient::Host(..) | Recipient::Staff(..) => stopped(tx, message, content).await,
            Recipient::Attendee(_, id) => {
                if let Some(attendee) = appointment.attendee(id) {
                    return self.unwelcome(tx, attendee, message, content).await;
                }
                // Whoever was taken off is told just that.
                if message.occasion == Occasion::Cancelled {
                    let former = tx.former_attendees(clinic, appointment.id).await?;
                    if let Some(attendee) = former.iter().find(|attendee| attendee.id == id) {
                        return self.unwelcome(tx, attendee, message, content).await;
                    }
                }
                Ok(Some("not_listed"))
            }
        }
    }

    /// Why somebody of the staff is not told of an alert after all: it is over, or they are not to be reached so any more.
    async fn untellable(
        &self,
        tx: &mut dyn Tx,
        staff: StaffId,
        alert: AlertId,
        message: &Message,
        content: &Content,
    ) -> Result<Option<&'static str>, StoreError> {
        let lasts = tx.alert(message.clinic_id, alert).await?.is_some_and(|alert| alert.ended_at.is_none());
        if !lasts {
            return Ok(Some("alert_over"));
        }
        let member = tx.staff_member(message.clinic_id, staff).await?;
        let Some(member) = member.filter(|member| member.disabled_at.is_none()) else {
            return Ok(Some("no_longer_staff"));
        };
        let is_theirs = match content {
            Content::Email(mail) => member.email == mail.to,
            Content::Sms(text) => member.phone.as_ref() == Some(&text.to),
        };
        if is_theirs { stopped(tx, message, content).await } else { Ok(Some("address_changed")) }
    }

    /// Until when the message is not to be sent; none where it may be. What goes out by itself is queued outside of quiet
    /// hours, but may be tried again in them.
    pub(super) async fn rests_until(&self, message: &Message) -> Result<Option<Timestamp>, StoreError> {
        match message.occasion {
            Occasion::Reminder => {}
            Occasion::Alert if message.asked_by.is_none() => {}
            _ => return Ok(None),
        }
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let Some(quiet) = tx.outreach_settings(message.clinic_id).await?.quiet else { return Ok(None) };
        let Some(clinic) = tx.clinic(message.clinic_id).await? else { return Ok(None) };
        if let Recipient::Staff(_, alert) = message.to {
            let Some(alert) = tx.alert(clinic.id, alert).await? else { return Ok(None) };
            let next_visits = tx.next_visits(clinic.id, now).await?;
            let next =
                next_visits.into_iter().find(|(host, _)| *host == alert.staff_id).map(|(_, next)| next);
            return Ok(kept_back_until(alert.kind, next, Some(quiet), &clinic.zone, now));
        }
        Ok(quiet.end_after(now, &clinic.zone).filter(|end| *end > now))
    }

    async fn unwelcome(
        &self,
        tx: &mut dyn Tx,
        attendee: &Attendee,
        message: &Message,
        content: &Content,
    ) -> Result<Option<&'static str>, StoreError> {
        if let Err(not) = self.may_send(tx, attendee, message.channel).await? {
            return Ok(Some(not.code()));
        }
        // An address that was corrected was somebody else's before.
        let is_theirs = match content {
            Content::Email(mail) => attendee.email.as_ref() == Some(&mail.to),
            Content::Sms(text) => attendee.phone.as_ref() == Some(&text.to),
        };
        Ok((!is_theirs).then_some("address_changed"))
    }
}

/// Whether whoever it goes to said that they want nothing more there.
async fn stopped(
    tx: &mut dyn Tx,
    message: &Message,
    content: &Content,
) -> Result<Option<&'static str>, StoreError> {
    let address = match content {
        Content::Email(mail) => mail.to.to_string(),
        Content::Sms(text) => text.to.to_string(),
    };
    let opted_out = tx.opted_out(message.channel, &[address]).await?;
    Ok((!opted_out.is_empty()).then_some("opted_out"))
}

/// Whether what the message says of being late still stands on the patients' pages; what was said later is other minutes.
fn still_says(notice: &Notice, message: &Message) -> bool {
    matches!(notice.says, Says::Late(_)) && notice.at <= message.queued_at
}

/// Whether the appointment is no longer what the message says of it.
fn outdated(message: &Message, appointment: &Appointment) -> Option<&'static str> {
    let is_cancelled = appointment.status == Status::Cancelled;
    let is_in_person = appointment.kind == Kind::InPerson;
    // For whoever was taken off it is cancelled, though it takes place for others.
    let was_taken_off = message.to.attendee().is_some_and(|id| appointment.attendee(id).is_none());
    match message.occasion {
        Occasion::Cancelled if !is_cancelled && !is_in_person && !was_taken_off => Some("booked_again"),
        Occasion::Cancelled => None,
        _ if is_cancelled => Some("cancelled"),
        Occasion::Moved => None,
        _ if is_in_person => Some("in_person"),
        _ => None,
    }
}
