//! Telling an attendee something that nobody reads before it goes: a reminder, or that the clinician is late.

use domain::{
    ClinicId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::matching::StaffOrToken,
    clinic::Clinic,
    outreach::{
        Settings,
        message::{Channel, Occasion, Recipient},
    },
    staff::StaffMember,
};
use store::{StoreError, Tx, ports::outreach::Wording};

use crate::{
    Outreach,
    compose::{About, compose},
    consent::NotSent,
    links::AppointmentLinks,
    outbox::{OutboxError, Wanted},
};

/// What all messages of a clinic have in common.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    /// The clinic.
    pub clinic: Clinic,
    /// How it wants patients to be reached.
    pub settings: Settings,
    /// Its own wordings.
    pub wordings: Vec<Wording>,
}

impl Telling {
    /// Reads it; none where there is no such clinic.
    pub(crate) async fn of(tx: &mut dyn Tx, clinic: ClinicId) -> Result<Option<Self>, StoreError> {
        let Some(clinic) = tx.clinic(clinic).await? else { return Ok(None) };
        let settings = tx.outreach_settings(clinic.id).await?;
        let wordings = tx.wordings(clinic.id).await?;
        Ok(Some(Self { clinic, settings, wordings }))
    }
}

/// Whom to tell what.
#[derive(Clone, Debug)]
pub(crate) struct Tell<'a> {
    /// About which appointment.
    pub appointment: &'a Appointment,
    /// Who hosts it.
    pub host: &'a StaffMember,
    /// Whom.
    pub attendee: &'a Attendee,
    /// By what.
    pub channel: Channel,
    /// Why.
    pub occasion: Occasion,
    /// How late the host is, for [`Occasion::Late`].
    pub minutes_late: Option<i64>,
    /// Who asked.
    pub asked_by: Option<StaffOrToken>,
    /// Names what is told once at most.
    pub once: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is in the outbox.
    Queued,
    /// It was before.
    Before,
    /// They may not be written to by this channel.
    Not(NotSent),
    /// It could not be put into words, as the log says.
    NoWords,
}

impl Outreach {
    /// Puts it into the outbox, inside the caller's unit of work. What is wrong with one message keeps no other from
    /// being sent.
    pub(crate) async fn tell(
        &self,
        tx: &mut dyn Tx,
        telling: &Telling,
        links: &AppointmentLinks,
        tell: Tell<'_>,
        now: Timestamp,
    ) -> Result<Told, OutboxError> {
        let Some(link) = links.of(tell.attendee.id) else { return Ok(Told::NoWords) };
        if let Err(not) = self.may_send(tx, tell.attendee, tell.channel).await? {
            return Ok(Told::Not(not));
        }
        let about = About {
            clinic: &telling.clinic,
            settings: &telling.settings,
            wordings: &telling.wordings,
            appointment: tell.appointment,
            host: tell.host,
            attendee: Some(tell.attendee),
            link: &link.url,
            minutes_late: tell.minutes_late,
        };
        let content = match compose(&about, tell.occasion, tell.channel) {
            Ok(content) => content,
            Err(error) => {
                tracing::error!(
                    clinic.id = %telling.clinic.id,
                    appointment.id = %tell.appointment.id,
                    attendee.id = %tell.attendee.id,
                    occasion = tell.occasion.as_str(),
                    channel = tell.channel.as_str(),
                    %error,
                    "a message has no words"
                );
                return Ok(Told::NoWords);
            }
        };
        let wanted = Wanted {
            to: Recipient::Attendee(tell.appointment.id, tell.attendee.id),
            occasion: tell.occasion,
            asked_by: tell.asked_by,
            due_at: now,
            once: Some(tell.once),
        };
        let queued = self.enqueue(tx, telling.clinic.id, wanted, &content).await?;
        Ok(if queued.is_some() { Told::Queued } else { Told::Before })
    }
}
