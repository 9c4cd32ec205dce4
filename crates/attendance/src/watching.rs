//! What is the matter in the rooms at this moment: seen from what is kept, shown at once, and raised for whoever tells
//! people.
//!
//! What boards show is worked out when they are read, so that it stands there at once. That people are told is another
//! thing: each matter is raised once for ever by its key, by whichever instance sees it first, and ended when its cause is
//! gone.

mod gather;
mod hearing;
mod raise;
mod room_now;

pub(crate) use gather::{Known, Live, find, is_enough};
pub(crate) use raise::Seen;
pub use room_now::RoomNow;
