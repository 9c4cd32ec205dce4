//! The delivery ledger: for everybody of an appointment, what they were sent and what became of it, whether their page
//! was seen, and when they last pressed Join.

use std::collections::HashMap;

use domain::{
    AppointmentId, AttendeeId, ClinicId, Timestamp,
    appointment::Appointment,
    clinic::Zone,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
};
use store::{StoreError, Tx, ports::links::LinkFor};

use crate::{Outreach, outbox::reason_in_words};

/// What became of the links of one appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The attendees in their order, then the host, then whoever is neither any more and was sent something.
    pub of: Vec<LedgerOf>,
}

/// What became of one person's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerOf {
    /// Whose.
    pub recipient: Recipient,
    /// What they were sent, or is to be, the newest last; copies too.
    pub messages: Vec<Message>,
    /// Since when the link is the one that it is now; none where there is none.
    pub link_since: Option<Timestamp>,
    /// When the page of that link was first seen by a person. Never for the host.
    pub opened_at: Option<Timestamp>,
    /// When Join was last pressed on their page. Never for the host.
    pub pressed_at: Option<Timestamp>,
}

impl Ledger {
    /// The attendee's part.
    pub fn of_attendee(&self, attendee: AttendeeId) -> Option<&LedgerOf> {
        self.of.iter().find(|of| of.recipient.attendee() == Some(attendee))
    }

    /// The part of whoever hosts now.
    pub fn of_host(&self, appointment: &Appointment) -> Option<&LedgerOf> {
        self.of.iter().find(|of| of.recipient == Recipient::Host(appointment.id, appointment.host))
    }
}

/// Whether messages of this kind hold the recipient's link.
pub const fn carries_link(occasion: Occasion) -> bool {
    match occasion {
        Occasion::Cancelled | Occasion::Alert => false,
        Occasion::Link
        | Occasion::StaffLink
        | Occasion::Booked
        | Occasion::Moved
        | Occasion::Reminder
        | Occasion::Late
        | Occasion::Recovery => true,
    }
}

impl LedgerOf {
    /// Whether they have the link that works now, or will in a moment, as far as is known here.
    pub fn was_sent(&self) -> bool {
        let Some(since) = self.link_since else { return false };
        self.messages.iter().any(|message| {
            carries_link(message.occasion)
                && message.queued_at >= since
                && match message.state {
                    MessageState::Queued
                    | MessageState::Sent
                    | MessageState::Delivered
                    | MessageState::Copied => true,
                    MessageState::Failed | MessageState::Withdrawn => false,
                }
        })
    }

    /// What became of the newest message: `e-mail delivered 09:58`, on the clinic's clocks.
    pub fn state_in_words(&self, zone: &Zone, now: Timestamp) -> String {
        self.messages
            .last()
            .map_or_else(|| "no link sent yet".to_owned(), |message| message_in_words(message, zone, now))
    }
}

/// What became of a message: `text failed: not a mobile number`, on the clinic's clocks; with the day where that is not
/// today's.
pub fn message_in_words(message: &Message, zone: &Zone, now: Timestamp) -> String {
    let by = match message.channel {
        Channel::Email => "e-mail",
        Channel::Sms => "text",
        Channel::Copy => "link",
    };
    let time = |at: Timestamp| {
        let (at, today) = (at.in_zone(zone.rules()), now.in_zone(zone.rules()).date());
        at.strftime(if at.date() == today { "%H:%M" } else { "%-d %b %H:%M" }).to_string()
    };
    let why =
        message.reason.as_deref().map(|code| format!(": {}", reason_in_words(code))).unwrap_or_default();
    match message.state {
        MessageState::Queued if message.due_at > now => {
            format!("{by} to be sent {}{why}", time(message.due_at))
        }
        MessageState::Queued => format!("{by} waits to be sent{why}"),
        MessageState::Sent => format!("{by} sent {}", time(message.sent_at.unwrap_or(message.changed_at))),
        MessageState::Delivered => format!("{by} delivered {}", time(message.changed_at)),
        MessageState::Failed => format!("{by} failed{why}"),
        MessageState::Withdrawn => format!("{by} withdrawn{why}"),
        MessageState::Copied => format!("{by} copied {}", time(message.queued_at)),
    }
}

impl Outreach {
    /// The ledgers of these appointments, in three questions however many they are.
    pub async fn ledgers(
        &self,
        clinic: ClinicId,
        appointments: &[Appointment],
    ) -> Result<HashMap<AppointmentId, Ledger>, StoreError> {
        if appointments.is_empty() {
            return Ok(HashMap::new());
        }
        ledgers(&mut *self.store.read().await?, clinic, appointments).await
    }
}

async fn ledgers(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    appointments: &[Appointment],
) -> Result<HashMap<AppointmentId, Ledger>, StoreError> {
    let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
    let mut messages: HashMap<AppointmentId, Vec<Message>> = HashMap::new();
    for message in tx.messages_of_all(clinic, &ids).await? {
        let Some(appointment) = message.to.appointment() else { continue };
        messages.entry(appointment).or_default().push(message);
    }
    let links: HashMap<_, _> = tx
        .links_of_all(clinic, &ids)
        .await?
        .into_iter()
        .filter_map(|link| match link.link_for {
            LinkFor::Attendee(appointment, attendee) => Some(((appointment, Some(attendee)), link)),
            LinkFor::Host(appointment) => Some(((appointment, None), link)),
            LinkFor::Room(_) | LinkFor::Guest(_) | LinkFor::Portal(_) => None,
        })
        .collect();
    let presses: HashMap<_, _> = tx.last_presses(clinic, &ids).await?.into_iter().collect();
    let ledger = |appointment: &Appointment| {
        let attendees = appointment.attendees.iter();
        let mut of: Vec<_> = attendees
            .map(|attendee| Recipient::Attendee(appointment.id, attendee.id))
            .chain([Recipient::Host(appointment.id, appointment.host)])
            .map(|recipient| {
                let link = links.get(&(appointment.id, recipient.attendee()));
                LedgerOf {
                    recipient,
                    messages: Vec::new(),
                    link_since: link.map(|link| link.created_at),
                    opened_at: link.and_then(|link| link.opened_at),
                    pressed_at: recipient.attendee().and_then(|attendee| presses.get(&attendee).copied()),
                }
            })
            .collect();
        for message in messages.get(&appointment.id).into_iter().flatten().cloned() {
            match of.iter_mut().find(|of| of.recipient == message.to) {
                Some(of) => of.messages.push(message),
                None => of.push(LedgerOf {
                    recipient: message.to,
                    messages: vec![message],
                    link_since: None,
                    opened_at: None,
                    pressed_at: None,
                }),
            }
        }
        Ledger { of }
    };
    Ok(appointments.iter().map(|appointment| (appointment.id, ledger(appointment))).collect())
}

#[cfg(test)]
mod tests;
