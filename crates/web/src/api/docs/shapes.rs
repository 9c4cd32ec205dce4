//! What the API takes and answers, as its description tells it. These types are never made: the values come from the
//! crates below, which know nothing of descriptions. A test holds real answers against them.
#![expect(dead_code, reason = "they describe, and are never made")]

mod board;
mod booking;
mod feed;
mod ledger;
mod patients;
mod problem;
mod record;

pub use board::*;
pub use booking::*;
pub use feed::*;
pub use ledger::*;
pub use patients::*;
pub use problem::*;
pub use record::*;
