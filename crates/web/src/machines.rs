//! For load balancers and supervisors: whether we run, and whether we can serve. No detail; that is on the metrics
//! listener.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{App, guard::Who, middleware::Plain, routes::Route};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", Who::Anyone, healthz), Route::get("/readyz", Who::Anyone, readyz)]
}

async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

async fn readyz(State(app): State<App>) -> Response {
    match app.store.ready().await {
        _ if app.stop.is_cancelled() => plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, axum::Extension(Plain), text).into_response()
}
