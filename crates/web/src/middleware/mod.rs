//! What surrounds every request, from the outside in: its number, span and metrics; the security headers; the shape
//! of errors; a task of its own.

mod detach;
mod headers;
mod observe;
mod problems;

use axum::{Router, middleware::from_fn_with_state};

pub use headers::ShownBy;
pub use observe::RequestId;
pub use problems::Plain;

use crate::App;

/// Puts it all around the router. [`crate::router`] has it already; another router that is served beside it needs it
/// too.
pub fn around(router: Router, app: App) -> Router {
    let headers = headers::Headers::new(&app.settings);
    router
        .layer(from_fn_with_state(app.clone(), detach::detach))
        .layer(axum::middleware::from_fn(problems::render))
        .layer(from_fn_with_state(headers, headers::set))
        .layer(from_fn_with_state(app, observe::observe))
}
