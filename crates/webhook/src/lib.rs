//! Receive: is a delivery Zoom's, and is it safely kept? Only then does Zoom hear that it arrived.
//!
//! ```text
//! bytes -> Receiver (signature, challenge, is it JSON) -> inbox writer (groups, one commit) -> Receipt
//! ```
//!
//! What a delivery means is nobody's business here: an event that we do not know is kept like any other.

mod digest;
mod receiver;
mod tally;
mod writer;

pub use receiver::{MAX_BODY, Receipt, Receiver};
pub use writer::Limits;
