//! Putting a message into words: the clinic's wording or the built-in one, in the recipient's language.

use domain::{
    Timestamp,
    appointment::{Appointment, Attendee},
    clinic::Clinic,
    outreach::{
        Settings,
        message::{Channel, Occasion},
    },
    staff::StaffMember,
};
use store::ports::outreach::Wording;
use vault::SecretText;

use crate::{
    consent::NotSent,
    content::{Content, Mail, Text},
};

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    /// The clinic.
    pub clinic: &'a Clinic,
    /// How it wants patients to be reached.
    pub settings: &'a Settings,
    /// Its own wordings.
    pub wordings: &'a [Wording],
    /// The appointment.
    pub appointment: &'a Appointment,
    /// Who hosts it.
    pub host: &'a StaffMember,
    /// Whom it is for; none for the host.
    pub attendee: Option<&'a Attendee>,
    /// The recipient's own link.
    pub link: &'a SecretText,
    /// About how many minutes the host is late; for [`Occasion::Late`].
    pub minutes_late: Option<i64>,
    /// Now.
    pub now: Timestamp,
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The recipient has no address for the channel.
    #[error(transparent)]
    NoAddress(#[from] NotSent),
}

/// The message in words, with the address that the recipient has now.
pub(crate) fn compose(
    about: &About<'_>,
    _occasion: Occasion,
    channel: Channel,
) -> Result<Content, ComposeError> {
    let (email, phone) = match about.attendee {
        Some(attendee) => (attendee.email.clone(), attendee.phone.clone()),
        None => (Some(about.host.email.clone()), None),
    };
    let text = about.link.expose().to_owned();
    match channel {
        Channel::Email => Ok(Content::Email(Mail {
            to: email.ok_or(NotSent::NoAddress)?,
            from_name: about.clinic.name.to_string(),
            subject: "Your visit".to_owned(),
            html: text.clone(),
            text,
            calendar: None,
        })),
        Channel::Sms => Ok(Content::Sms(Text { to: phone.ok_or(NotSent::NoAddress)?, text })),
        Channel::Copy => Err(NotSent::NoAddress.into()),
    }
}
