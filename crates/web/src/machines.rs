//! For load balancers and supervisors: whether we run, and whether we can serve. No detail; that is on the metrics
//! listener.

use std::time::Duration;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{App, guard::Who, middleware::Plain, routes::Route};

/// A database that answers later than this is no use either, and balancers do not wait long.
const READY_WITHIN: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", Who::Anyone, healthz), Route::get("/readyz", Who::Anyone, readyz)]
}

async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

async fn readyz(State(app): State<App>) -> Response {
    let store = app.store.clone();
    // In a task of its own: whoever asks may lose patience, and database work is never cut off.
    let asked = tokio::spawn(async move { store.ready().await });
    let ready = tokio::time::timeout(READY_WITHIN, asked).await;
    if app.stop.is_cancelled() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match ready {
        Ok(Ok(Ok(()))) => return plain(StatusCode::OK, "ready\n"),
        Ok(Ok(Err(error))) => tracing::warn!(%error, "not ready"),
        Ok(Err(error)) => tracing::error!(%error, "not ready"),
        Err(_) => tracing::warn!("not ready: the database does not answer"),
    }
    plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, axum::Extension(Plain), text).into_response()
}
