//! What pages show, as plain values: no store, no request, no clock of their own. Each page's values have a template
//! beside them, so that every state of every page can be drawn in a test.

pub mod appointment;
pub mod board;
pub mod booking;
pub mod connections;
pub mod error;
pub mod feed;
pub mod frame;
pub mod guest;
pub mod hand_out;
pub mod ledger;
pub mod lost;
pub mod marks;
pub mod outreach;
pub mod portal;
pub mod room;
pub mod room_other;
pub mod sessions;
pub mod telehealth;
pub mod tell;
pub mod timeline;
pub mod visit;
pub mod words;

#[cfg(test)]
mod drawn;
