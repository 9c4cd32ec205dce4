//! Zoom's language: the OAuth and REST client, and the webhooks that Zoom sends.
//!
//! Knows Zoom's addresses, shapes, errors and oddities, and nothing of clinics, rooms or the database. Time comes in as an
//! argument. Instants are microseconds since the Unix epoch, UTC.
//!
//! Zoom's documentation, its own type definitions and its real deliveries disagree in places (numbers sent as text, fields
//! that come and go). Everything received is therefore read leniently, field by field: a field of the wrong type is
//! absent, never a failure of the whole.

pub mod api;
pub mod http;
pub mod oauth;
pub mod webhook;

mod fields;
mod retry;
#[cfg(test)]
mod testing;

pub use fields::Oddities;
pub use retry::RetryAfter;
