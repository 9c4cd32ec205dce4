//! What comes of trying to send a message, and when it is tried again.

use std::time::Duration;

use domain::{Ambient, Timestamp, outreach::message::MessageState};
use store::ports::messages::Tried;

/// How long a message waits after each failed try: about three times as long each time, six hours in all.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(30),
    Duration::from_secs(90),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(40),
    Duration::from_mins(90),
    Duration::from_mins(210),
];

/// How long a message waits that was not tried because nobody takes any.
const UNTRIED: Duration = Duration::from_mins(1);

/// What became of a message at the mail server or the provider of text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    /// It was taken; with the provider's name for it, where it gave one.
    Taken(Option<String>),
    /// It will never be taken, and why.
    Refused(String),
    /// The recipient said to the provider that they want nothing more.
    OptedOut,
    /// It may be taken another time.
    Later {
        /// Why not now.
        reason: String,
        /// Not before so long.
        after: Option<Duration>,
        /// Whether any other message would have had the same answer.
        is_down: bool,
    },
    /// Nothing is taken from this sender, whoever it is for: its account, its address or its haste is at fault. No try of
    /// the message's own, so that it is not given up for it.
    Closed {
        /// Why not now.
        reason: String,
        /// Not before so long.
        after: Option<Duration>,
    },
}

impl Sending {
    /// Nobody takes any message now.
    pub(crate) fn down(reason: String) -> Self {
        Self::Later { reason, after: None, is_down: true }
    }

    /// This message is not taken now.
    pub(crate) fn later(reason: String) -> Self {
        Self::Later { reason, after: None, is_down: false }
    }

    /// Nothing is taken from this sender until somebody mends it.
    pub(crate) fn closed(reason: &str) -> Self {
        Self::Closed { reason: reason.to_owned(), after: None }
    }

    /// What to write down after the message's `tries`th try.
    pub(crate) fn tried(self, tries: i64, ambient: &Ambient) -> Tried {
        match self {
            Self::Taken(provider_id) => Tried::Sent(provider_id),
            Self::Refused(reason) => Tried::Over(MessageState::Failed, reason),
            Self::OptedOut => Tried::Over(MessageState::Withdrawn, "opted_out".to_owned()),
            Self::Later { reason, after, .. } => match again_at(tries, after, ambient) {
                Some(at) => Tried::Again(at, reason),
                None => Tried::Over(MessageState::Failed, reason),
            },
            Self::Closed { reason, after } => untried(reason, after.unwrap_or_default(), ambient),
        }
    }
}

/// When it is tried again; none after the last try. A fifth more or less, so that what failed together does not come
/// back together.
fn again_at(tries: i64, after: Option<Duration>, ambient: &Ambient) -> Option<Timestamp> {
    let pause = PAUSES.get(usize::try_from(tries).unwrap_or(0).saturating_sub(1))?;
    Some(ambient.now().plus(about(*pause, ambient).max(after.unwrap_or_default())))
}

fn about(pause: Duration, ambient: &Ambient) -> Duration {
    let [random] = ambient.bytes();
    pause * (80 + u32::from(random) * 40 / 255) / 100
}

/// What to write down for a message that had no try of its own: it waits, at least for as long as was asked for.
pub(super) fn untried(reason: String, after: Duration, ambient: &Ambient) -> Tried {
    Tried::Back(ambient.now().plus(about(UNTRIED, ambient).max(after)), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ambient() -> Ambient {
        Ambient::manual(Timestamp::from_seconds(1_795_442_400), 5).0
    }

    #[test]
    fn a_message_is_tried_eight_times_over_about_six_hours() {
        let ambient = ambient();
        let mut waited = Duration::ZERO;
        for (tries, expected) in (1..).zip(PAUSES) {
            let Tried::Again(at, reason) = Sending::later("smtp_451".to_owned()).tried(tries, &ambient)
            else {
                panic!("given up after {tries}")
            };
            let pause = at.since(ambient.now());
            assert!(pause >= expected * 80 / 100, "{pause:?}");
            assert!(pause <= expected * 120 / 100, "{pause:?}");
            assert_eq!(reason, "smtp_451");
            waited += expected;
        }
        assert_eq!(waited, Duration::from_mins(362));
        let last = Sending::later("smtp_451".to_owned()).tried(8, &ambient);
        assert_eq!(last, Tried::Over(MessageState::Failed, "smtp_451".to_owned()));
    }

    #[test]
    fn what_is_not_the_messages_fault_is_never_given_up_for() {
        let ambient = ambient();
        for tries in [1, 8, 50] {
            let Tried::Back(at, reason) = Sending::closed("sms_refused").tried(tries, &ambient) else {
                panic!("it counts")
            };
            assert_eq!(reason, "sms_refused");
            let pause = at.since(ambient.now());
            assert!(pause >= UNTRIED * 80 / 100 && pause <= UNTRIED * 120 / 100, "{pause:?}");
        }
        let (reason, after) = ("sms_429".to_owned(), Some(Duration::from_mins(10)));
        let Tried::Back(at, _) = (Sending::Closed { reason, after }).tried(8, &ambient) else {
            panic!("it counts")
        };
        assert_eq!(at.since(ambient.now()), Duration::from_mins(10));
    }

    #[test]
    fn a_provider_who_asks_for_patience_is_given_it() {
        let (reason, after) = ("sms_http_503".to_owned(), Some(Duration::from_mins(20)));
        let asked = Sending::Later { reason, after, is_down: false };
        let ambient = ambient();
        let Tried::Again(at, _) = asked.tried(1, &ambient) else { panic!("given up") };
        assert_eq!(at.since(ambient.now()), Duration::from_mins(20));
    }
}
