//! The pages that people see: a guest's way into a meeting, the host's view of who waits, and the control panel.

use std::sync::Arc;

use askama::Template;
use axum::Router;

use crate::world::World;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
}

/// Renders a template; a fault in one shows as an empty page and a line in the log.
pub(crate) fn page(template: &impl Template) -> String {
    template
        .render()
        .inspect_err(|error| tracing::error!(%error, "a page cannot be rendered"))
        .unwrap_or_default()
}
