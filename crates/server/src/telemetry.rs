//! Logs: lines for a person on a terminal, JSON for everything else, on standard error.

use std::io;

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{output, settings::Log};

/// Starts logging; to be called once.
pub fn start_logging(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.filter).context("the log filter")?;
    let registry = tracing_subscriber::registry().with(filter);
    if output::is_watched() {
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(true).compact();
        registry.with(lines).try_init()
    } else {
        let json = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false);
        registry.with(json).try_init()
    }
    .context("logging was started already")
}
