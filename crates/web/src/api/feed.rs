//! How word comes from Zoom, as JSON.

use attendance::feed_health::FeedHealth;
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{DeliveryId, Timestamp, attendance::habits::Habits};
use serde::Serialize;

use super::json;
use crate::{
    App, Caller, Error,
    pages::feed::{habits, health},
};

/// Deliveries that nothing came of, at most.
const MOST: i64 = 50;

#[derive(Debug, Serialize)]
struct FeedJson {
    #[serde(flatten)]
    health: FeedHealth,
    habits: Habits,
    fruitless: Vec<HeadJson>,
}

/// A delivery that nothing came of, without what it says.
#[derive(Debug, Serialize)]
struct HeadJson {
    id: DeliveryId,
    received_at: Timestamp,
    event: String,
    late: bool,
    outcome: &'static str,
    bytes: i64,
}

pub async fn feed(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    let clinic = caller.clinic();
    let fruitless = app.attendance.fruitless(Some(clinic), None, MOST).await?;
    let feed = FeedJson {
        health: health(&app, clinic).await?,
        habits: habits(&app, clinic).await?,
        fruitless: fruitless
            .into_iter()
            .map(|head| HeadJson {
                id: head.id,
                received_at: head.received_at,
                event: head.event,
                late: head.late,
                outcome: head.outcome.as_str(),
                bytes: head.bytes,
            })
            .collect(),
    };
    Ok(json(StatusCode::OK, &feed))
}
