//! No-shows: the evidence gathered around appointments, and a person's word on what it says.
//!
//! A proposal is never kept, only made: from what is known when somebody asks.

mod gather;
mod rule;
mod watch;

#[cfg(test)]
mod tests;

pub use rule::RuleError;

pub(crate) use gather::{Around, Grounds};
pub(crate) use watch::Told;
