//! Stories, told to the inbox in Zoom's words and asked of the board, on a real database.

pub(crate) mod clinic;
mod deliveries;
mod record;
mod simulated;
mod stories;
