//! Whether somebody may be written to: an address, their consent, and no word of theirs against it.

use domain::{appointment::Attendee, outreach::message::Channel};
use store::{StoreError, Tx};

use crate::Outreach;

/// Why an attendee is sent nothing by a channel, in words that can stand on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotSent {
    /// The operator has not set it up.
    #[error("it is not set up on this installation")]
    ChannelOff,
    /// Nobody knows where to.
    #[error("there is no address for it")]
    NoAddress,
    /// They have not agreed.
    #[error("they have not agreed to it")]
    NoConsent,
    /// They said that they want nothing more.
    #[error("they said that they want nothing more by it")]
    OptedOut,
}

impl NotSent {
    /// The word in the API and in a message's reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ChannelOff => "channel_off",
            Self::NoAddress => "no_address",
            Self::NoConsent => "no_consent",
            Self::OptedOut => "opted_out",
        }
    }
}

impl Outreach {
    /// Whether the attendee may be written to by this channel. Copying a link is nobody's to refuse.
    pub async fn may_send(
        &self,
        tx: &mut dyn Tx,
        attendee: &Attendee,
        channel: Channel,
    ) -> Result<Result<(), NotSent>, StoreError> {
        let (address, agreed) = match channel {
            Channel::Email => (attendee.email.as_ref().map(ToString::to_string), attendee.consent.email),
            Channel::Sms => (attendee.phone.as_ref().map(ToString::to_string), attendee.consent.sms),
            Channel::Copy => return Ok(Ok(())),
        };
        if !self.can_send(channel) {
            return Ok(Err(NotSent::ChannelOff));
        }
        let Some(address) = address else { return Ok(Err(NotSent::NoAddress)) };
        if !agreed {
            return Ok(Err(NotSent::NoConsent));
        }
        if tx.opted_out(channel, &[address]).await?.is_empty() {
            Ok(Ok(()))
        } else {
            Ok(Err(NotSent::OptedOut))
        }
    }
}
