//! Live streams of a clinic's changes, for boards in the API and on pages.
//!
//! Everything that touches the store runs in a task of its own, which the client's going away does not cancel halfway.
//! A stream ends when the program stops, when its client is gone, and within [`WebSettings::stream_poll`] of its
//! session ending or its token being revoked.
//!
//! [`WebSettings::stream_poll`]: crate::WebSettings::stream_poll

use std::{convert::Infallible, future::Future};

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::ClinicId;
use futures_util::{Stream, stream};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc,
};
use tokio::time::Instant;
use tracing::Instrument;

use crate::{App, Caller, Error};

/// What is sent at a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The number of the last change that the data takes in: what the client gives back when it comes again.
    pub last: i64,
    /// The data; none where nothing that this client sees has changed.
    pub data: Option<String>,
}

/// Where a client left off, as its `Last-Event-ID` says. Anything that is no number of ours counts as never.
pub fn last_seen(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok().filter(|&number| number >= 0)
}

/// What a stream shows.
pub trait Source: Send + 'static {
    /// What is new after the change of this number (none: everything there is). Asked at once, then whenever something
    /// changed, and from time to time although nothing did, since some things change by time alone.
    fn update(&mut self, after: Option<i64>) -> impl Future<Output = Result<Update, Error>> + Send;
}

/// A `text/event-stream` of `event: board`, whose `id` is the change's number. The source is asked outside of the
/// client's reach.
pub fn live(app: &App, caller: &Caller, after: Option<i64>, source: impl Source) -> Response {
    let Ok(permit) = app.streams.clone().try_acquire_owned() else {
        return Error::Unavailable("Too many live boards are open. Close some, or try again later.".into())
            .into_response();
    };
    let (sender, receiver) = mpsc::channel(4);
    let work = produce(app.clone(), caller.clone(), after, source, sender);
    let work = async move {
        metrics::gauge!("open_streams").increment(1);
        work.await;
        metrics::gauge!("open_streams").decrement(1);
        drop(permit);
    };
    app.tasks.spawn(work.in_current_span());
    let mut response = Sse::new(events(receiver)).keep_alive(KeepAlive::default()).into_response();
    // axum's own `no-cache` would let a cache keep it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn events(receiver: mpsc::Receiver<Update>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(receiver, |mut receiver| async {
        let update = receiver.recv().await?;
        let mut event = Event::default().event("board").id(update.last.to_string());
        if let Some(data) = update.data {
            event = event.data(data.replace('\r', ""));
        }
        Some((Ok(event), receiver))
    })
}

async fn produce(
    app: App,
    caller: Caller,
    mut after: Option<i64>,
    mut source: impl Source,
    sender: mpsc::Sender<Update>,
) {
    let mut hints = app.store.changes();
    let mut looked = Instant::now();
    loop {
        let is_due = looked.elapsed() >= app.settings.stream_refresh;
        match step(&app, &caller, after, is_due, &mut source).await {
            Ok(Step::Nothing) => {}
            Ok(Step::Send(update)) => {
                looked = Instant::now();
                after = Some(update.last);
                if update.data.is_some() && sender.send(update).await.is_err() {
                    return;
                }
            }
            Ok(Step::End) => return,
            // The client comes again and takes up where it left off.
            Err(error) => {
                tracing::warn!(%error, "a stream ended");
                return;
            }
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = sender.closed() => return,
            () = change(&mut hints, caller.clinic()) => {}
            () = tokio::time::sleep(app.settings.stream_poll) => {}
        }
    }
}

enum Step {
    Nothing,
    Send(Update),
    End,
}

async fn step(
    app: &App,
    caller: &Caller,
    after: Option<i64>,
    is_due: bool,
    source: &mut impl Source,
) -> Result<Step, Error> {
    if app.stop.is_cancelled() || !caller.is_still_welcome(app).await? {
        return Ok(Step::End);
    }
    let last = app.store.read().await?.last_change(caller.clinic()).await?;
    match after {
        Some(after) if after == last && !is_due => Ok(Step::Nothing),
        // A number that is yet to come is another database's: begin anew.
        Some(after) if after > last => source.update(None).await.map(Step::Send),
        after => source.update(after).await.map(Step::Send),
    }
}

/// Waits until something may have changed for the clinic.
async fn change(hints: &mut broadcast::Receiver<ClinicId>, clinic: ClinicId) {
    loop {
        match hints.recv().await {
            Ok(changed) if changed != clinic => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
