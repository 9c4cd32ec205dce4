//! Stories, told to the inbox in Zoom's words and asked of the board, on a real database.

mod any_order;
pub(crate) mod clinic;
mod deliveries;
mod elsewhere;
mod feed;
mod kept;
mod looks;
mod nameless;
mod record;
mod simulated;
mod stories;
mod watched_zoom;
mod watching;
mod zoom_record;
