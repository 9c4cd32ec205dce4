//! Reminders: what goes out by itself as a visit comes nearer.

pub(crate) mod arrived;
pub(crate) mod telling;
