//! Hand out links: book an appointment with a link for everybody who is to come, and lead whoever follows one into
//! the host's room.
//!
//! Every link stands on the clinic's own address and holds a token of 256 random bits, kept hashed (to be found) and
//! sealed (to be copied again). Zoom's own join link is opened for the one redirect that needs it, and only if it
//! leads to a host that the operator allows.

mod booking;
mod compose;
mod consent;
mod content;
mod links;
mod mail;
mod notices;
mod outbox;
mod redirect;
mod reminders;
mod sms;
mod visit;
pub mod words;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use domain::{Ambient, outreach::message::Channel};
use store::Store;
use url::Url;
use vault::KeyRing;

pub use booking::{BookError, Booked, BookedAttendee, Booking, Change, Fault, known_as};
pub use compose::ComposeError;
pub use consent::NotSent;
pub use content::{CalendarFile, CalendarMethod, Content, Mail, Text};
pub use links::{AppointmentLinks, AttendeeLink};
pub use mail::MailSettings;
pub use notices::{MINUTES_LATE, NoticeError, ToldLate};
pub use outbox::OutboxError;
pub use redirect::{BadJoinHost, JoinHosts, NotAllowed, Redirect};
pub use sms::SmsSettings;
pub use visit::{
    CLOSES_AFTER_END, GuestRoom, GuestVisit, HostWay, LinkError, OPENS_BEFORE_START, Pressed, Visit,
    VisitState, closes_at, opens_at,
};

/// Books appointments, mints links, and follows them. Cheap to clone.
#[derive(Clone)]
pub struct Outreach {
    store: Arc<dyn Store>,
    ambient: Ambient,
    keys: Arc<KeyRing>,
    public_url: Arc<str>,
    join_hosts: Arc<JoinHosts>,
    mail: Option<Arc<MailSettings>>,
    sms: Option<Arc<SmsSettings>>,
}

impl Outreach {
    /// `public_url` is the address that links begin with; `join_hosts` are where a link may lead.
    pub fn new(
        store: Arc<dyn Store>,
        ambient: Ambient,
        keys: Arc<KeyRing>,
        public_url: &Url,
        join_hosts: JoinHosts,
    ) -> Self {
        Self {
            store,
            ambient,
            keys,
            public_url: public_url.as_str().trim_end_matches('/').into(),
            join_hosts: Arc::new(join_hosts),
            mail: None,
            sms: None,
        }
    }

    /// What messages leave by; what is none is off.
    #[must_use]
    pub fn sending_by(mut self, mail: Option<MailSettings>, sms: Option<SmsSettings>) -> Self {
        self.mail = mail.map(Arc::new);
        self.sms = sms.map(Arc::new);
        self
    }

    /// Whether the operator has set this channel up. Copying always works.
    pub fn can_send(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mail.is_some(),
            Channel::Sms => self.sms.is_some(),
            Channel::Copy => true,
        }
    }
}

impl std::fmt::Debug for Outreach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outreach")
    }
}
