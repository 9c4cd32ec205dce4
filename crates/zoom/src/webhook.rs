//! What Zoom sends to us: is it really from Zoom, is it the endpoint check, and what does it say?

mod challenge;
mod envelope;
mod kind;
mod leave_reason;
mod signature;

pub use challenge::{ChallengeAnswer, plain_token};
pub use envelope::{
    Body, Deauthorization, Envelope, EnvelopeError, MeetingEvent, Participant, TimeSource, UserEvent,
};
pub use kind::EventKind;
pub use leave_reason::LeaveReason;
pub use signature::{Refused, Secrets, SecretsError, Verified, verify};
