//! Handing links out: what would be sent is shown first, and what is sent is put into the outbox in one unit of work.
//!
//! Whoever may not be written to is listed with the reason, so that the desk can hand their link out in another way.

mod seen;

use std::time::Duration;

use domain::{
    AttendeeId, ClinicId, MessageId,
    appointment::{Appointment, Kind, Status},
    attendance::matching::StaffOrToken,
    outreach::{
        desk::Says,
        message::{Channel, Message, MessageState, Occasion, Recipient},
    },
};
use store::{
    StoreError, Tx,
    ports::{attendance::Change, messages::NewMessage},
};

pub use seen::{Changed, Confirmed, Seen};

use crate::{
    Outreach,
    compose::ComposeError,
    consent::NotSent,
    content::Content,
    correspondence::{Correspondence, News, Whom},
    outbox::OutboxError,
    visit::{LinkError, closes_at},
};

/// So long after somebody copied a link, their copying it again is the same copying.
const SAME_COPY: Duration = Duration::from_mins(1);

/// Whose links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// The host's.
    Staff,
    /// Those of everybody who is to attend.
    Patients,
    /// One attendee's.
    Attendee(AttendeeId),
}

/// What would be sent.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Of the appointment, as it stood.
    pub revision: i64,
    /// To whom, and what.
    pub to: Vec<PreviewOne>,
    /// Who would be sent nothing, and why; nobody named is the host.
    pub not: Vec<(Option<AttendeeId>, NotSent)>,
}

/// What one person would be sent.
#[derive(Clone)]
pub struct PreviewOne {
    /// For whom it is.
    pub recipient: Recipient,
    /// What the clinic calls them.
    pub name: String,
    /// The e-mail address or the telephone number.
    pub address: String,
    /// What it says.
    pub content: Content,
}

/// Redacted: it holds a name, an address and a link.
impl std::fmt::Debug for PreviewOne {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreviewOne").field("recipient", &self.recipient).finish_non_exhaustive()
    }
}

/// What was put into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOut {
    /// One message for each who can be written to.
    pub messages: Vec<Message>,
    /// How many the same press had put there before; nothing is sent twice.
    pub before: usize,
    /// Who is sent nothing, and why; nobody named is the host.
    pub not: Vec<(Option<AttendeeId>, NotSent)>,
}

/// Why nothing was handed out, in words that can stand on the page.
#[derive(Debug, thiserror::Error)]
pub enum HandOutError {
    /// There is no such message, or it is another clinic's.
    #[error("there is no such message")]
    UnknownMessage,
    /// Nobody of this id is to attend.
    #[error("they are not to attend this appointment, or no longer")]
    UnknownAttendee,
    /// The host is nobody who can be found.
    #[error("the appointment has no host")]
    NoHost,
    /// The appointment does not take place.
    #[error("the appointment was cancelled, so its links lead nowhere")]
    Cancelled,
    /// A message says that it does not take place, but it does.
    #[error("the appointment takes place again, so nobody is told that it was cancelled")]
    NotCancelled,
    /// It takes place at the clinic.
    #[error("the appointment is at the clinic, so its links lead nowhere")]
    InPerson,
    /// The links no longer work.
    #[error("the appointment is over, so its links lead nowhere any more")]
    Over,
    /// None of them may be written to.
    #[error("nobody could be sent anything")]
    Nobody(Vec<(Option<AttendeeId>, NotSent)>),
    /// What is to be sent again was copied by somebody.
    #[error("the link was copied, not sent: copy it again")]
    WasCopied,
    /// What is to be sent again still waits for its turn.
    #[error("it still waits to be sent")]
    StillQueued,
    /// It is no longer what somebody saw before they pressed Send.
    #[error("it is not as it was shown any more")]
    Changed(Vec<Changed>),
    /// Somebody else hosts it by now.
    #[error("somebody else hosts the appointment by now")]
    AnotherHost,
    /// What is to be sent again says that the host is late, which is no longer so.
    #[error("the host is not late any more")]
    NotLate,
    /// The message cannot be put into words.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A link cannot be made or opened.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// The message cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outreach {
    /// What [`Outreach::hand_out`] would send now. Puts nothing into the outbox.
    pub async fn preview(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        to: To,
        channel: Channel,
    ) -> Result<Preview, HandOutError> {
        self.links(clinic, appointment).await?;
        let mut tx = self.store.read().await?;
        let now = fresh(&mut *tx, clinic, appointment).await?;
        let correspondence = self.correspondence(&mut *tx, &now, &[]).await?;
        self.check_live(&correspondence)?;
        preview_of(&correspondence, to, channel)
    }

    /// Puts the links into the outbox, each with its message, in one unit of work.
    pub async fn hand_out(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        to: To,
        channel: Channel,
        asked_by: StaffOrToken,
    ) -> Result<HandedOut, HandOutError> {
        self.hand_out_as(clinic, appointment, (to, channel), asked_by, None).await
    }

    /// The same for somebody who saw a preview and pressed Send: nothing is sent where it would be something else by now,
    /// and nothing twice by the same press.
    pub async fn hand_out_seen(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        to: To,
        channel: Channel,
        asked_by: StaffOrToken,
        confirmed: &Confirmed,
    ) -> Result<HandedOut, HandOutError> {
        self.hand_out_as(clinic, appointment, (to, channel), asked_by, Some(confirmed)).await
    }

    async fn hand_out_as(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        (to, channel): (To, Channel),
        asked_by: StaffOrToken,
        confirmed: Option<&Confirmed>,
    ) -> Result<HandedOut, HandOutError> {
        let mut tx = self.store.begin().await?;
        let now = self.held(&mut *tx, clinic, appointment).await?;
        let correspondence = self.correspondence(&mut *tx, &now, &[]).await?;
        let once = |whom| confirmed.map(|confirmed| confirmed.once(whom, channel));
        let keys: Vec<String> = those(&now, to)?.into_iter().filter_map(once).collect();
        let before = if keys.is_empty() { 0 } else { tx.once_before(clinic, &keys).await?.len() };
        if before > 0 {
            return Ok(HandedOut { messages: Vec::new(), before, not: Vec::new() });
        }
        self.check_live(&correspondence)?;
        if let Some(confirmed) = confirmed {
            let changed = confirmed.seen.against(&preview_of(&correspondence, to, channel)?.seen());
            if !changed.is_empty() {
                return Err(HandOutError::Changed(changed));
            }
        }
        let wanted: Vec<_> =
            those(&now, to)?.into_iter().map(|whom| (whom, occasion(whom), once(whom))).collect();
        let handed_out = self.queue_all(&mut *tx, &correspondence, &wanted, channel, asked_by, None).await?;
        tx.commit().await?;
        self.wake_outbox();
        tracing::info!(
            clinic.id = %clinic,
            appointment.id = %now.id,
            channel = channel.as_str(),
            messages = handed_out.messages.len(),
            not = handed_out.not.len(),
            "handed links out"
        );
        Ok(handed_out)
    }

    /// Notes that somebody copied these links. Copying again within a minute is not noted again.
    pub async fn copied(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        to: To,
        asked_by: StaffOrToken,
    ) -> Result<Vec<Message>, HandOutError> {
        let mut tx = self.store.begin().await?;
        let appointment = self.held(&mut *tx, clinic, appointment).await?;
        let earlier = tx.messages_of_all(clinic, &[appointment.id]).await?;
        let now = self.ambient.now();
        let mut copied = Vec::new();
        for whom in those(&appointment, to)? {
            let recipient = whom.recipient(&appointment);
            let is_the_same = |message: &Message| {
                message.state == MessageState::Copied
                    && message.to == recipient
                    && message.asked_by == Some(asked_by)
                    && now.since(message.queued_at) < SAME_COPY
            };
            if earlier.iter().any(is_the_same) {
                continue;
            }
            let message = Message {
                id: self.ambient.id(),
                clinic_id: clinic,
                to: recipient,
                channel: Channel::Copy,
                occasion: occasion(whom),
                state: MessageState::Copied,
                reason: None,
                asked_by: Some(asked_by),
                queued_at: now,
                due_at: now,
                tries: 0,
                sent_at: Some(now),
                changed_at: now,
            };
            let new = NewMessage { message, content_sealed: None, once: None };
            tx.insert_message(&new).await?;
            copied.push(new.message);
        }
        // Dropped where nothing was added: the board has nothing to hear.
        if !copied.is_empty() {
            tx.commit().await?;
        }
        Ok(copied)
    }

    /// Sends a message again: of the same kind, to the same recipient, by the same channel, with the wording, the link
    /// and the address of now. Each is sent again once; what came of that can be sent again in its turn.
    pub async fn resend(
        &self,
        clinic: ClinicId,
        message: MessageId,
        asked_by: StaffOrToken,
    ) -> Result<HandedOut, HandOutError> {
        let mut tx = self.store.begin().await?;
        let message = tx.message(clinic, message).await?.ok_or(HandOutError::UnknownMessage)?;
        match message.state {
            MessageState::Copied => return Err(HandOutError::WasCopied),
            MessageState::Queued => return Err(HandOutError::StillQueued),
            _ => {}
        }
        let about = message.to.appointment().ok_or(HandOutError::UnknownMessage)?;
        let appointment = tx.appointment(clinic, about).await?.ok_or(HandOutError::UnknownMessage)?;
        let appointment = self.held(&mut *tx, clinic, &appointment).await?;
        let correspondence = self.correspondence(&mut *tx, &appointment, &[]).await?;
        match (message.occasion, appointment.status) {
            (Occasion::Cancelled, Status::Booked) => return Err(HandOutError::NotCancelled),
            (Occasion::Cancelled, Status::Cancelled) => self.check_not_over(&correspondence)?,
            _ => self.check_live(&correspondence)?,
        }
        let whom = match message.to {
            Recipient::Host(_, staff) if staff != appointment.host => return Err(HandOutError::AnotherHost),
            Recipient::Host(..) => Whom::Host,
            Recipient::Staff(..) => return Err(HandOutError::UnknownMessage),
            Recipient::Attendee(_, id) => {
                Whom::Attendee(appointment.attendee(id).ok_or(HandOutError::UnknownAttendee)?)
            }
        };
        let minutes_late = match message.occasion {
            Occasion::Late => Some(self.minutes_late(&mut *tx, &appointment).await?),
            _ => None,
        };
        let wanted = [(whom, message.occasion, Some(format!("resend/{}", message.id)))];
        let handed_out = self
            .queue_all(&mut *tx, &correspondence, &wanted, message.channel, asked_by, minutes_late)
            .await?;
        tx.commit().await?;
        self.wake_outbox();
        tracing::info!(clinic.id = %clinic, appointment.id = %appointment.id, message.id = %message.id, "sent again");
        Ok(handed_out)
    }

    async fn queue_all(
        &self,
        tx: &mut dyn Tx,
        correspondence: &Correspondence,
        wanted: &[(Whom<'_>, Occasion, Option<String>)],
        channel: Channel,
        asked_by: StaffOrToken,
        minutes_late: Option<i64>,
    ) -> Result<HandedOut, HandOutError> {
        let mut done = HandedOut { messages: Vec::new(), before: 0, not: Vec::new() };
        for (whom, occasion, once) in wanted {
            let (whom, due_at, once) = (*whom, self.ambient.now(), once.clone());
            let news = News { occasion: *occasion, asked_by: Some(asked_by), due_at, minutes_late, once };
            match self.write_to(tx, correspondence, whom, channel, news).await? {
                Ok(Some(message)) => done.messages.push(message),
                Ok(None) => done.before += 1,
                Err(why) => done.not.push((whom.attendee().map(|attendee| attendee.id), why)),
            }
        }
        if done.messages.is_empty() && done.before == 0 {
            return Err(HandOutError::Nobody(done.not));
        }
        Ok(done)
    }

    /// The appointment as it stands now, with its links. Whoever else changes it, or hands its links out, waits until
    /// this unit of work is done: the clinic's count of changes is one row.
    async fn held(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        appointment: &Appointment,
    ) -> Result<Appointment, HandOutError> {
        tx.note_change(clinic, Change::Appointment(appointment.id), self.ambient.now()).await?;
        let now = fresh(tx, clinic, appointment).await?;
        self.mint_missing(tx, &now).await?;
        Ok(now)
    }

    fn check_live(&self, correspondence: &Correspondence) -> Result<(), HandOutError> {
        if correspondence.appointment.status == Status::Cancelled {
            return Err(HandOutError::Cancelled);
        }
        if correspondence.appointment.kind == Kind::InPerson {
            return Err(HandOutError::InPerson);
        }
        self.check_not_over(correspondence)
    }

    fn check_not_over(&self, correspondence: &Correspondence) -> Result<(), HandOutError> {
        let closes_at = closes_at(&correspondence.appointment, &correspondence.settings);
        if self.ambient.now() >= closes_at { Err(HandOutError::Over) } else { Ok(()) }
    }

    /// About how many minutes the host is late, as the latest notice says.
    pub(crate) async fn minutes_late(
        &self,
        tx: &mut dyn Tx,
        appointment: &Appointment,
    ) -> Result<i64, HandOutError> {
        let notices = tx.notices(appointment.clinic_id, Some(appointment.host), self.ambient.now()).await?;
        let late = notices.iter().rev().find_map(|notice| match notice.says {
            Says::Late(minutes) => Some(minutes),
            Says::Words(_) => None,
        });
        late.ok_or(HandOutError::NotLate)
    }
}

async fn fresh(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    appointment: &Appointment,
) -> Result<Appointment, HandOutError> {
    Ok(tx.appointment(clinic, appointment.id).await?.ok_or(LinkError::Unknown)?)
}

fn those(appointment: &Appointment, to: To) -> Result<Vec<Whom<'_>>, HandOutError> {
    Ok(match to {
        To::Staff => vec![Whom::Host],
        To::Patients => appointment.attendees.iter().map(Whom::Attendee).collect(),
        To::Attendee(id) => {
            vec![Whom::Attendee(appointment.attendee(id).ok_or(HandOutError::UnknownAttendee)?)]
        }
    })
}

/// What would be sent about the appointment as it was read.
fn preview_of(correspondence: &Correspondence, to: To, channel: Channel) -> Result<Preview, HandOutError> {
    let now = &correspondence.appointment;
    let mut preview = Preview { revision: now.revision, to: Vec::new(), not: Vec::new() };
    for whom in those(now, to)? {
        match correspondence.may_write(whom, channel) {
            Ok(()) => preview.to.push(PreviewOne {
                recipient: whom.recipient(now),
                name: whom
                    .attendee()
                    .map_or_else(|| correspondence.host.name.to_string(), |a| a.name.to_string()),
                address: correspondence.address(whom, channel).unwrap_or_default(),
                content: correspondence.message(whom, occasion(whom), channel, None)?,
            }),
            Err(why) => preview.not.push((whom.attendee().map(|attendee| attendee.id), why)),
        }
    }
    Ok(preview)
}

fn occasion(whom: Whom<'_>) -> Occasion {
    match whom {
        Whom::Host => Occasion::StaffLink,
        Whom::Attendee(_) => Occasion::Link,
    }
}

#[cfg(test)]
pub(crate) mod tests;
