//! Hand out links: book an appointment with a link for everybody who is to come, and lead whoever follows one into
//! the host's room.
//!
//! Every link stands on the clinic's own address and holds a token of 256 random bits, kept hashed (to be found) and
//! sealed (to be copied again). Zoom's own join link is opened for the one redirect that needs it, and only if it
//! leads to a host that the operator allows.

mod alerts;
mod booking;
mod calendar;
mod compose;
mod consent;
mod content;
mod correspondence;
mod hand_out;
mod ledger;
mod links;
mod mail;
mod notices;
mod other_rooms;
mod outbox;
mod portal;
mod recover;
mod redirect;
mod reminders;
mod sms;
mod visit;
pub mod words;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use domain::{Ambient, outreach::message::Channel, text::Email};
use store::Store;
use url::Url;
use vault::KeyRing;

pub use alerts::{BadSettings, ChoiceError, Reminded, SettingsError, TellError, ToldOf};
pub use booking::{BookError, Booked, BookedAttendee, Booking, Change, Fault, known_as};
pub use compose::ComposeError;
pub use consent::NotSent;
pub use content::{CalendarFile, CalendarMethod, Content, Mail, Text};
pub use hand_out::{Changed, Confirmed, HandOutError, HandedOut, Preview, PreviewOne, Seen, To};
pub use ledger::{Ledger, LedgerOf, carries_link, message_in_words};
pub use links::{AppointmentLinks, AttendeeLink};
pub use mail::{MailSettings, MailTrouble};
pub use notices::{LateAudience, MINUTES_LATE, NoticeError, ToldLate};
pub use other_rooms::{
    Checked, Doubt, DoubtKind, HostRoom, OtherRoomError, OtherRoomPage, Side, WrongLink, WrongLinkKind,
    is_elsewhere,
};
pub use outbox::{OutboxError, reason_in_words};
pub use portal::{BadOrigin, Portal, PortalLink, PortalVisit, SiteOrigin};
pub use recover::LostBy;
pub use redirect::{BadJoinHost, JoinHosts, NotAllowed, Redirect};
pub use reminders::RemindError;
pub use sms::{Heard, SmsSettings, SmsTrouble};
pub use visit::{
    GuestRoom, GuestVisit, HostWay, LinkError, MessagesBy, PressFrom, Pressed, Visit, VisitState, Wait, Way,
    closes_at, opens_at,
};

/// Books appointments, mints links, and follows them. Cheap to clone.
#[derive(Clone)]
pub struct Outreach {
    store: Arc<dyn Store>,
    ambient: Ambient,
    keys: Arc<KeyRing>,
    public_url: Arc<str>,
    join_hosts: Arc<JoinHosts>,
    mail: Option<Arc<mail::Mailer>>,
    sms: Option<Arc<sms::Texter>>,
    wake: Arc<outbox::Wake>,
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
            wake: Arc::default(),
        }
    }

    /// What messages leave by; what is none is off.
    #[must_use]
    pub fn sending_by(mut self, mail: Option<MailSettings>, sms: Option<SmsSettings>) -> Self {
        self.mail = mail.map(|settings| Arc::new(mail::Mailer::new(settings)));
        self.sms = sms.map(|settings| Arc::new(sms::Texter::new(settings)));
        self
    }

    /// The address that mail comes from, where there is mail.
    pub fn mail_from(&self) -> Option<&Email> {
        self.mail.as_deref().map(|mailer| &mailer.settings.from)
    }

    fn mailer(&self) -> Option<&mail::Mailer> {
        self.mail.as_deref()
    }

    fn texter(&self) -> Option<&sms::Texter> {
        self.sms.as_deref()
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
