//! Things that go wrong on the OAuth and REST side, from the list of faults.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use crate::knobs::Fault;
use crate::rest::routes::Route;
use crate::world::World;

/// Takes the first fault that meets the call, one call off its count.
fn next_fault(world: &World, method: &str, path: &str) -> Option<Fault> {
    world.turn(|turn| {
        let faults = &mut turn.state.faults;
        let place = faults.iter().position(|fault| fault.meets(method, path))?;
        let fault = faults.get(place)?.clone();
        match fault.count {
            0 => {}
            1 => {
                faults.remove(place);
            }
            _ => {
                if let Some(kept) = faults.get_mut(place) {
                    kept.count -= 1;
                }
            }
        }
        Some(fault)
    })
}

pub(crate) async fn apply(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let Some(fault) = next_fault(&world, request.method().as_str(), request.uri().path()) else {
        return next.run(request).await;
    };
    if fault.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    // What a fault answers in place of Zoom is a call all the same.
    let unheard = Route::find(request.method().as_str(), request.uri().path())
        .map(|route| (route, request.headers().get(header::AUTHORIZATION).cloned()));
    let real = if fault.after || (fault.status.is_none() && !fault.cut) {
        Some(next.run(request).await)
    } else {
        if let Some((route, authorization)) = unheard {
            let status = if fault.cut { 0 } else { fault.status.unwrap_or(500) };
            world.turn(|turn| {
                let grant = turn.bearer(authorization.as_ref()).map(|token| token.grant);
                let who = grant.and_then(|grant| turn.owner_of(grant));
                turn.note_call(route, who, status);
            });
        }
        None
    };
    if fault.cut {
        let pieces = [Ok(Bytes::from_static(b"{\"cut\":")), Err(std::io::Error::other("cut off"))];
        return Body::from_stream(stream::iter(pieces)).into_response();
    }
    match (fault.status, real) {
        (None, Some(real)) => real,
        (status, _) => {
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            let body = fault.body.unwrap_or_else(|| json!({ "code": 500, "message": "Simulated fault." }));
            let mut answer =
                (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body)).into_response();
            for (name, value) in fault.headers {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
                {
                    answer.headers_mut().insert(name, value);
                }
            }
            answer
        }
    }
}
