//! Attendance: from what Zoom says of a room to who attended which appointment, and how sure that is.
//!
//! ```text
//! RoomEvent -> fold -> Presence (stays) -> ladder -> Match
//! ```
//!
//! Everything here is a pure function of its arguments. Nothing depends on the order in which events arrived, or
//! on how often; what they say of themselves decides.

pub mod event;
pub mod feed;
pub mod fold;
pub mod habits;
pub mod matching;
pub mod names;
pub mod no_show;
pub mod presence;
pub mod record;
pub mod stay;
pub mod time_together;
pub mod warnings;
pub mod watch;
