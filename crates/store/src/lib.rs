//! What is kept. The upper floors see [`ports`]: object-safe traits over domain types. SQL stays in here, one text
//! for `SQLite` and `PostgreSQL`; what differs between the two stands in `backend` and in the two directories of
//! migrations.
//!
//! A unit of work is a [`Tx`]. It must not live in a future that somebody else can cancel (a request whose client
//! goes away): the web layer runs every request in a task of its own for that reason.

mod backend;
mod error;
mod hub;
mod migrations;
mod open;
pub mod ports;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{Cause, Result, StoreError};
pub use open::{Options, migrate, open};
pub use ports::{Store, Tx};
