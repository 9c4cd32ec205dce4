//! The JSON API, version 1. A change here is additive, or it is another version.

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
