//! Calls on behalf of a room's owner: with a live token, renewed once if Zoom calls it dead, and none at all while Zoom
//! asks to be left alone. Zoom's limits are those of the whole account, shared by all its users and apps.

use std::{collections::HashMap, future::Future, sync::PoisonError, time::Duration};

use domain::{ClinicId, Timestamp, room::Room};
use store::StoreError;
use vault::SecretText;
use zoom::{
    RetryAfter,
    api::{Api, ApiError},
    oauth::ScopeNeed,
};

use crate::{AccessError, Zoom};

/// How long to keep still after a limit of the second was hit, where Zoom does not say.
const BREATHER: Duration = Duration::from_secs(2);
/// The longest that a word of Zoom's may keep us still: the limit of the day ends with the day.
const LONGEST_SILENCE: Duration = Duration::from_hours(25);
const DAY: i64 = 86_400;

/// Until when which Zoom account, or user, is to be left alone with what. Each instance learns it for itself.
pub(crate) type Silences = HashMap<(String, Purpose), Timestamp>;

/// What a call is for. A limit met by one is not held against the other: comparing with Zoom's record can wait, a patient
/// at the door cannot, and Zoom counts kinds of calls apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// Zoom's record of what has ended.
    Record,
    /// What a staff member has just asked for with their own room. A limit of the day silences nothing here: Zoom counts
    /// kinds of calls apart, and ending a meeting must be tried.
    Act,
    /// A way into a room for one person. Zoom also limits how often one person may be registered in a day, which says
    /// nothing of anybody else: a limit of the day silences nobody here.
    Way,
    /// Guarding rooms.
    Guard,
    /// Settings and lists that the guard reads: of these Zoom allows fewer in a day, and a room can be looked at without.
    GuardMore,
    /// Making and changing meetings of one host, by whose Zoom user id it goes: Zoom's limit of the day for that is each
    /// host's own.
    Change,
}

/// Why a call on behalf of a room's owner was of no avail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Access(AccessError),
    #[error("Zoom's limit is reached")]
    RateLimited { until: Timestamp },
    #[error(transparent)]
    Zoom(ApiError),
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        Self::Access(error.into())
    }
}

impl Zoom {
    /// Calls Zoom as the room's owner.
    pub(crate) async fn as_owner_of<T, F>(
        &self,
        clinic: ClinicId,
        room: &Room,
        purpose: Purpose,
        call: impl Fn(Api, SecretText) -> F + Send + Sync,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, ApiError>> + Send,
        T: Send,
    {
        if let Some(until) = self.silent_until(&room.zoom_account_id, purpose) {
            return Err(CallError::RateLimited { until });
        }
        let connection = self.0.store.read().await?.connection_of(clinic, room.staff_id).await?;
        let id = connection
            .filter(|connection| connection.zoom_user_id == room.zoom_user_id)
            .ok_or(CallError::Access(AccessError::NotConnected))?
            .id;
        let token = self.access_token(clinic, id).await.map_err(CallError::Access)?;
        let answer = match call(self.0.api.clone(), token.clone()).await {
            Err(ApiError::AccessTokenDead) => {
                let token = self.access_token_after(clinic, id, &token).await.map_err(CallError::Access)?;
                call(self.0.api.clone(), token).await
            }
            answer => answer,
        };
        match answer {
            Err(ApiError::RateLimited { retry, daily }) => {
                let until = if purpose == Purpose::Record || !daily {
                    self.silence(&room.zoom_account_id, purpose, retry, daily)
                } else {
                    self.end_of_limit(retry, daily)
                };
                Err(CallError::RateLimited { until })
            }
            answer => answer.map_err(CallError::Zoom),
        }
    }

    /// Whether the connection of the room's owner was given this permission.
    pub(crate) async fn may(
        &self,
        clinic: ClinicId,
        room: &Room,
        need: &ScopeNeed,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.store.read().await?;
        let Some(connection) = tx.connection_of(clinic, room.staff_id).await? else { return Ok(false) };
        let tokens = tx.tokens(clinic, connection.id).await?;
        Ok(tokens.is_some_and(|tokens| is_granted(&tokens.scopes, need)))
    }

    /// Zoom asked to be left alone with this. Returns until when.
    pub(crate) fn silence(
        &self,
        who: &str,
        purpose: Purpose,
        retry: Option<RetryAfter>,
        daily: bool,
    ) -> Timestamp {
        let until = self.end_of_limit(retry, daily);
        tracing::warn!(%until, daily, ?purpose, "Zoom's limit is reached");
        let mut silences = self.0.silences.lock().unwrap_or_else(PoisonError::into_inner);
        silences.insert((who.to_owned(), purpose), until);
        until
    }

    pub(crate) fn silent_until(&self, account: &str, purpose: Purpose) -> Option<Timestamp> {
        let now = self.0.ambient.now();
        let mut silences = self.0.silences.lock().unwrap_or_else(PoisonError::into_inner);
        silences.retain(|_, until| *until > now);
        silences.get(&(account.to_owned(), purpose)).copied()
    }

    fn end_of_limit(&self, retry: Option<RetryAfter>, daily: bool) -> Timestamp {
        let now = self.0.ambient.now();
        let wait = match retry {
            Some(retry) => retry.wait(now.as_micros(), LONGEST_SILENCE).max(BREATHER),
            // Zoom counts days in UTC.
            None if daily => {
                let left = DAY - now.as_seconds().rem_euclid(DAY);
                Duration::from_secs(u64::try_from(left).unwrap_or_default())
            }
            None => BREATHER,
        };
        now.plus(wait)
    }
}

/// Whether the permissions that were given, separated by spaces, include this one.
pub(crate) fn is_granted(scopes: &str, need: &ScopeNeed) -> bool {
    need.is_met_by(&scopes.split_whitespace().map(str::to_owned).collect())
}
