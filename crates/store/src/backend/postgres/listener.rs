//! Hears what other instances commit. Every notice is only a hint: those sent while the connection was lost are gone,
//! and the driver reconnects without a word, so that after any loss everybody is told to look.

use std::time::Duration;

use domain::{ClinicId, id::Id as _};
use sqlx::{
    Executor as _, Pool, Postgres,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    types::Uuid,
};

use super::{CHANGES, all_clinics};
use crate::hub::Voices;

/// After so long without a word the connection is tried: one that was cut silently would be waited on for ever.
const QUIET: Duration = Duration::from_secs(30);
/// How long the trial may take.
const TRIAL: Duration = Duration::from_secs(5);
/// Between attempts to get a lost connection back.
const AGAIN: Duration = Duration::from_secs(1);

/// Connects and subscribes, in a pool of its own: the other pool's connections end after a while.
pub async fn connect(options: PgConnectOptions) -> sqlx::Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(TRIAL)
        .connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANGES).await?;
    Ok(listener)
}

/// Passes on what the listener hears, for as long as the task lives.
pub async fn listen(
    mut listener: PgListener,
    options: PgConnectOptions,
    pool: Pool<Postgres>,
    voices: Voices,
) {
    loop {
        hear(&mut listener, &pool, &voices).await;
        tracing::warn!(
            "the connection that hears other instances was lost; boards here may lag for a moment"
        );
        listener = loop {
            match connect(options.clone()).await {
                Ok(listener) => break listener,
                Err(error) => tracing::debug!(%error, "other instances cannot be heard yet"),
            }
            tokio::time::sleep(AGAIN).await;
        };
        tell_everybody(&pool, &voices).await;
    }
}

/// Returns once the connection is lost.
async fn hear(listener: &mut PgListener, pool: &Pool<Postgres>, voices: &Voices) {
    loop {
        match tokio::time::timeout(QUIET, listener.try_recv()).await {
            Ok(Ok(Some(notice))) => {
                if let Ok(clinic) = Uuid::parse_str(notice.payload()) {
                    voices.tell_change(ClinicId::from_uuid(clinic));
                }
            }
            // Lost, and already subscribed again.
            Ok(Ok(None)) => tell_everybody(pool, voices).await,
            Ok(Err(_)) => return,
            Err(_) => match tokio::time::timeout(TRIAL, listener.execute("SELECT 1")).await {
                Ok(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

/// A hint for every clinic. Where they cannot be read either, listeners find out when they look from time to time.
async fn tell_everybody(pool: &Pool<Postgres>, voices: &Voices) {
    for clinic in all_clinics(pool).await.unwrap_or_default() {
        voices.tell_change(ClinicId::from_uuid(clinic));
    }
}
