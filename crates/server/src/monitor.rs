//! For the operator's own eyes: metrics as Prometheus text, and health in detail. On a listener of its own, never on
//! the public one.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Ambient, ClinicId, Timestamp, room::ConnectionState};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Upper bounds of the buckets of every duration, in seconds: from a page read out of memory to Zoom's own patience.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0];
/// Histograms are folded together so often, whether anybody reads them or not; else they would grow.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Begins to count; to be called once, before anything is counted.
pub fn install() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().set_buckets(SECONDS)?.install_recorder().context("metrics")?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(UPKEEP_EVERY);
        loop {
            every.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

#[derive(Clone)]
struct Monitor {
    metrics: PrometheusHandle,
    store: Arc<dyn Store>,
    ambient: Ambient,
    started_at: Timestamp,
    stop: CancellationToken,
}

/// Serves until the token is cancelled.
pub fn serve(
    listener: TcpListener,
    metrics: PrometheusHandle,
    store: Arc<dyn Store>,
    ambient: Ambient,
    stop: CancellationToken,
) {
    let started_at = ambient.now();
    let monitor = Monitor { metrics, store, ambient, started_at, stop: stop.clone() };
    let router =
        Router::new().route("/metrics", get(metrics_text)).route("/health", get(health)).with_state(monitor);
    tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "the metrics listener ended");
        }
    });
}

async fn metrics_text(State(monitor): State<Monitor>) -> Response {
    match look(&*monitor.store).await {
        Ok(seen) => seen.count(monitor.ambient.now()),
        Err(error) => tracing::warn!(%error, "the database could not be asked for its metrics"),
    }
    let text = monitor.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

#[derive(Serialize)]
struct Health {
    ok: bool,
    version: &'static str,
    started_at: Timestamp,
    now: Timestamp,
    stopping: bool,
    #[serde(flatten)]
    seen: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What the database says about how things are going. Ids and counts only.
#[derive(Serialize)]
struct Seen {
    inbox_backlog: i64,
    clinics: Vec<ClinicSeen>,
}

#[derive(Serialize)]
struct ClinicSeen {
    id: ClinicId,
    last_heard_from_zoom: Option<Timestamp>,
    connected: usize,
    needs_reconnect: usize,
}

async fn look(store: &dyn Store) -> store::Result<Seen> {
    let mut tx = store.read().await?;
    let mut clinics = Vec::new();
    for clinic in tx.clinics().await? {
        let connections = tx.connections(clinic.id).await?;
        let in_state = |state| connections.iter().filter(|one| one.state == state).count();
        clinics.push(ClinicSeen {
            id: clinic.id,
            last_heard_from_zoom: tx.last_heard_from_zoom(clinic.id).await?,
            connected: in_state(ConnectionState::Connected),
            needs_reconnect: in_state(ConnectionState::NeedsReconnect),
        });
    }
    Ok(Seen { inbox_backlog: tx.inbox_backlog().await?, clinics })
}

impl Seen {
    /// Sets the gauges, over all clinics: an installation may have many.
    #[expect(clippy::cast_precision_loss, reason = "counts and seconds stay far below 2^52")]
    fn count(&self, now: Timestamp) {
        metrics::gauge!("anteroom_inbox_backlog").set(self.inbox_backlog as f64);
        let sum = |of: fn(&ClinicSeen) -> usize| self.clinics.iter().map(of).sum::<usize>() as f64;
        metrics::gauge!("anteroom_connections", "state" => "connected").set(sum(|clinic| clinic.connected));
        metrics::gauge!("anteroom_connections", "state" => "needs_reconnect")
            .set(sum(|clinic| clinic.needs_reconnect));
        let heard = self.clinics.iter().filter_map(|clinic| clinic.last_heard_from_zoom).max();
        if let Some(heard) = heard {
            metrics::gauge!("anteroom_last_heard_from_zoom_seconds").set(now.since(heard).as_secs_f64());
        }
    }
}

async fn health(State(monitor): State<Monitor>) -> Response {
    let seen = match monitor.store.ready().await {
        Ok(()) => look(&*monitor.store).await,
        Err(error) => Err(error),
    };
    let stopping = monitor.stop.is_cancelled();
    let (seen, error) = match seen {
        Ok(seen) => (Some(seen), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let ok = seen.is_some() && !stopping;
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let health = Health {
        ok,
        version: env!("CARGO_PKG_VERSION"),
        started_at: monitor.started_at,
        now: monitor.ambient.now(),
        stopping,
        seen,
        error,
    };
    (status, Json(health)).into_response()
}
