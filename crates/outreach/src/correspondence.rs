//! What it takes to write to the people of one appointment, read once: the clinic's wishes and wordings, the host, the
//! links, and the addresses that want nothing more.

use std::collections::{HashMap, HashSet};

use domain::{
    AttendeeId, Timestamp,
    appointment::{Appointment, Attendee, Kind},
    attendance::matching::StaffOrToken,
    clinic::Clinic,
    outreach::{
        Settings,
        message::{Channel, Message, Occasion, Recipient},
    },
    staff::StaffMember,
    text::{Email, Phone},
};
use store::{Tx, ports::links::LinkFor, ports::outreach::Wording};
use vault::SecretText;

use crate::{
    Outreach,
    calendar::{CalendarAbout, visit_file},
    compose::{About, compose},
    consent::{NotSent, Reach},
    content::{CalendarFile, CalendarMethod, Content},
    hand_out::HandOutError,
    outbox::Wanted,
    words::Words,
};

/// Somebody of an appointment who may be written to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whom<'a> {
    /// Whoever hosts it.
    Host,
    /// Somebody who attends it, or did.
    Attendee(&'a Attendee),
}

impl<'a> Whom<'a> {
    /// The attendee; none for the host.
    pub(crate) fn attendee(self) -> Option<&'a Attendee> {
        match self {
            Self::Host => None,
            Self::Attendee(attendee) => Some(attendee),
        }
    }

    /// How the ledger names them.
    pub(crate) fn recipient(self, appointment: &Appointment) -> Recipient {
        match self {
            Self::Host => Recipient::Host(appointment.id, appointment.host),
            Self::Attendee(attendee) => Recipient::Attendee(appointment.id, attendee.id),
        }
    }
}

/// One thing that somebody is told.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// Why.
    pub occasion: Occasion,
    /// Who asked; none where it goes out by itself.
    pub asked_by: Option<StaffOrToken>,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// How late the host is, for [`Occasion::Late`].
    pub minutes_late: Option<i64>,
    /// Names what is sent once at most; none for what may be repeated.
    pub once: Option<String>,
}

/// What it takes to write to the people of one appointment.
pub(crate) struct Correspondence {
    /// The appointment, as it stood when this was read.
    pub(crate) appointment: Appointment,
    /// The clinic.
    pub(crate) clinic: Clinic,
    /// How it wants patients to be reached.
    pub(crate) settings: Settings,
    /// Who hosts.
    pub(crate) host: StaffMember,
    wordings: Vec<Wording>,
    links: HashMap<Option<AttendeeId>, SecretText>,
    opted_out: HashSet<(Channel, String)>,
    on: [(Channel, bool); 2],
    organizer: Option<Email>,
    now: Timestamp,
}

/// The two ways by which something is sent.
pub(crate) const SENT_BY: [Channel; 2] = [Channel::Email, Channel::Sms];

impl Outreach {
    /// Reads it. `formerly` are attendees who are no longer listed and may still have to be told something. Links that
    /// are missing must have been minted before.
    pub(crate) async fn correspondence(
        &self,
        tx: &mut dyn Tx,
        appointment: &Appointment,
        formerly: &[&Attendee],
    ) -> Result<Correspondence, HandOutError> {
        let clinic = appointment.clinic_id;
        let host = tx.staff_member(clinic, appointment.host).await?.ok_or(HandOutError::NoHost)?;
        let mut links = HashMap::new();
        for link in tx.links_of(clinic, appointment.id).await? {
            let whose = match link.link_for {
                LinkFor::Host(_) => None,
                LinkFor::Attendee(_, attendee) => Some(attendee),
                LinkFor::Room(_) | LinkFor::Guest(_) | LinkFor::Portal(_) => continue,
            };
            links.insert(whose, self.url(&link)?);
        }
        let mut opted_out = HashSet::new();
        for channel in SENT_BY {
            let of_attendees =
                appointment.attendees.iter().chain(formerly.iter().copied()).map(Whom::Attendee);
            let addresses: Vec<_> = of_attendees
                .chain([Whom::Host])
                .filter_map(|whom| reach(whom, &host, channel).address.map(ToOwned::to_owned))
                .collect();
            let found = tx.opted_out(channel, &addresses).await?;
            opted_out.extend(found.into_iter().map(|address| (channel, address)));
        }
        Ok(Correspondence {
            clinic: tx.clinic(clinic).await?.ok_or(HandOutError::NoHost)?,
            settings: tx.outreach_settings(clinic).await?,
            wordings: tx.wordings(clinic).await?,
            appointment: appointment.clone(),
            host,
            links,
            opted_out,
            on: SENT_BY.map(|channel| (channel, self.can_send(channel))),
            organizer: self.mail_from().cloned(),
            now: self.ambient.now(),
        })
    }

    /// Puts a message into the outbox, inside the caller's unit of work, or returns why they are sent none. No message
    /// where something of the same `once` is there already.
    pub(crate) async fn write_to(
        &self,
        tx: &mut dyn Tx,
        correspondence: &Correspondence,
        whom: Whom<'_>,
        channel: Channel,
        news: News,
    ) -> Result<Result<Option<Message>, NotSent>, HandOutError> {
        if let Err(not) = correspondence.may_write(whom, channel) {
            return Ok(Err(not));
        }
        let News { occasion, asked_by, due_at, minutes_late, once } = news;
        let content = correspondence.message(whom, occasion, channel, minutes_late)?;
        let appointment = &correspondence.appointment;
        let wanted = Wanted { to: whom.recipient(appointment), occasion, asked_by, due_at, once };
        Ok(Ok(self.enqueue(tx, appointment.clinic_id, wanted, &content).await?))
    }
}

/// How they are reached by this channel. The clinic's own staff need not have agreed.
fn reach<'a>(whom: Whom<'a>, host: &'a StaffMember, channel: Channel) -> Reach<'a> {
    let address = match (whom, channel) {
        (Whom::Attendee(attendee), _) => return Reach::of(attendee, channel),
        // Whoever has left is not written to any more.
        (Whom::Host, _) if host.disabled_at.is_some() => None,
        (Whom::Host, Channel::Email) => Some(host.email.as_str()),
        (Whom::Host, Channel::Sms) => host.phone.as_ref().map(Phone::as_str),
        (Whom::Host, Channel::Copy) => None,
    };
    Reach { address, agreed: true }
}

impl Correspondence {
    /// Where messages to them go by this channel.
    pub(crate) fn address(&self, whom: Whom<'_>, channel: Channel) -> Option<String> {
        reach(whom, &self.host, channel).address.map(ToOwned::to_owned)
    }

    /// Whether they may be written to by this channel. The word of the clinic's own staff that they want nothing more
    /// counts like anybody's.
    pub(crate) fn may_write(&self, whom: Whom<'_>, channel: Channel) -> Result<(), NotSent> {
        let is_set_up = self.on.contains(&(channel, true));
        let address = reach(whom, &self.host, channel).writable(is_set_up)?.to_owned();
        if self.opted_out.contains(&(channel, address)) { Err(NotSent::OptedOut) } else { Ok(()) }
    }

    /// The message in words, with the link and the address of now. `minutes_late` is for [`Occasion::Late`].
    pub(crate) fn message(
        &self,
        whom: Whom<'_>,
        occasion: Occasion,
        channel: Channel,
        minutes_late: Option<i64>,
    ) -> Result<Content, HandOutError> {
        let attendee = whom.attendee();
        let link = self
            .links
            .get(&attendee.map(|attendee| attendee.id))
            .ok_or(HandOutError::Links(crate::LinkError::Unknown))?;
        let about = About {
            clinic: &self.clinic,
            settings: &self.settings,
            wordings: &self.wordings,
            appointment: &self.appointment,
            host: &self.host,
            attendee,
            link,
            minutes_late,
        };
        let mut content = compose(&about, occasion, channel)?;
        if let (Content::Email(mail), Some(attendee)) = (&mut content, attendee) {
            mail.calendar = self.calendar(attendee, link, occasion);
        }
        Ok(content)
    }

    /// The visit for the attendee's calendar, where the message says when it is. One that is at the clinic is no video
    /// visit any more, and is taken out.
    fn calendar(&self, attendee: &Attendee, link: &SecretText, occasion: Occasion) -> Option<CalendarFile> {
        let method = match occasion {
            Occasion::Link | Occasion::Booked | Occasion::Moved
                if self.appointment.kind == Kind::Telehealth =>
            {
                CalendarMethod::Request
            }
            Occasion::Moved | Occasion::Cancelled => CalendarMethod::Cancel,
            Occasion::Link
            | Occasion::Booked
            | Occasion::StaffLink
            | Occasion::Reminder
            | Occasion::Late
            | Occasion::Recovery
            | Occasion::Alert => return None,
        };
        let words = Words::in_theirs(attendee.language.as_ref(), &self.settings.language);
        Some(visit_file(&CalendarAbout {
            method,
            id: &attendee.id.to_string(),
            revision: self.appointment.revision,
            now: self.now,
            starts_at: self.appointment.starts_at,
            ends_at: self.appointment.ends_at,
            summary: &words.messages.calendar_summary,
            label: &words.messages.calendar_label,
            link,
            clinic: self.clinic.name.as_str(),
            organizer: self.organizer.as_ref(),
            attendee: attendee.email.as_ref(),
        }))
    }
}
