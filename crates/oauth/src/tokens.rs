//! Keeping tokens alive: one renewal at a time for each connection, over all instances, kept before it is used.

use std::time::Duration;

use domain::{
    ClinicId, ConnectionId,
    room::{Connection, ConnectionState},
};
use store::{StoreError, ports::access::SealedTokens};
use uuid::Uuid;
use vault::SecretText;
use zoom::oauth::TokenError;

use crate::{SecretError, Trouble, Zoom};

/// An access token with less than this left is renewed before it is used.
const RENEW_BEFORE_END: Duration = Duration::from_mins(5);
/// An access token with less than this left is of no use to anybody.
const TOO_LATE: Duration = Duration::from_secs(30);
/// How long a renewal may hold the row: longer than the request can take, so that two are never under way.
const LEASE: Duration = Duration::from_secs(30);
/// When a renewal without an answer is given up, before the lease ends.
const REQUEST_LIMIT: Duration = Duration::from_secs(25);

/// Why there is no live access token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no such connection, or it was taken back.
    #[error("not connected to Zoom")]
    NotConnected,
    /// Only the staff member can mend it, by connecting again.
    #[error("the connection to Zoom must be made again")]
    NeedsReconnect(Option<Trouble>),
    /// Another instance is renewing it and takes long. Try again later.
    #[error("another instance is renewing the connection")]
    Busy,
    /// Zoom is not available. Try again later; the connection is not in question.
    #[error("Zoom is not available")]
    Unavailable,
    /// Zoom does not accept the app's own id and secret, or its request: the operator must look at the settings.
    #[error("Zoom does not accept the app: {0}")]
    Misconfigured(TokenError),
    /// A token does not open, or cannot be sealed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccessError {
    /// Whether it may be gone later without anybody doing something.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable | Self::Store(_))
    }
}

/// A connection that Zoom takes, as far as is known, with its tokens.
pub(crate) struct Live {
    pub(crate) connection: Connection,
    pub(crate) tokens: SealedTokens,
}

enum Renewal {
    Done(SecretText),
    /// The row was changed by somebody else meanwhile: look again.
    Overtaken,
}

impl Zoom {
    /// A live access token, renewed if it has less than five minutes left.
    pub async fn access_token(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
    ) -> Result<SecretText, AccessError> {
        let live = self.live(clinic, connection).await?;
        match self.usable(&live, None)? {
            Some(token) => Ok(token),
            None => self.renewed(clinic, connection, None).await,
        }
    }

    /// A live access token other than `dead`, which Zoom refused although its time is not up.
    pub async fn access_token_after(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        dead: &SecretText,
    ) -> Result<SecretText, AccessError> {
        self.renewed(clinic, connection, Some(dead)).await
    }

    async fn renewed(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        dead: Option<&SecretText>,
    ) -> Result<SecretText, AccessError> {
        let lock = self.lock_of(connection);
        let _held = lock.lock().await;
        for _ in 0..self.0.patience.steps {
            let live = self.live(clinic, connection).await?;
            if let Some(token) = self.usable(&live, dead)? {
                return Ok(token);
            }
            let Some(holder) = self.lease(clinic, connection, LEASE).await? else {
                tokio::time::sleep(self.0.patience.step).await;
                continue;
            };
            // In a task of its own: whoever asked may go away, but a pair that Zoom gave must be kept.
            let (zoom, not) = (self.clone(), dead.cloned());
            let renewal = tokio::spawn(async move {
                let renewal = zoom.renew(clinic, connection, holder, not.as_ref()).await;
                zoom.release(clinic, connection, holder).await?;
                renewal
            });
            match renewal.await.map_err(|_| AccessError::Unavailable)? {
                Ok(Renewal::Done(token)) => return Ok(token),
                Ok(Renewal::Overtaken) => {}
                Err(error) if error.is_temporary() => return self.last_minutes(&live, dead, error),
                Err(error) => return Err(error),
            }
        }
        let live = self.live(clinic, connection).await?;
        self.last_minutes(&live, dead, AccessError::Busy)
    }

    /// Renews under the lease that `holder` has.
    async fn renew(
        &self,
        clinic: ClinicId,
        id: ConnectionId,
        holder: Uuid,
        dead: Option<&SecretText>,
    ) -> Result<Renewal, AccessError> {
        // Read again: before the lease was ours, somebody else may have renewed.
        let live = self.live(clinic, id).await?;
        match self.usable(&live, dead)? {
            Some(token) => Ok(Renewal::Done(token)),
            None => self.trade(clinic, &live, holder).await,
        }
    }

    /// Trades the refresh token for a new pair, and keeps what comes of it.
    async fn trade(&self, clinic: ClinicId, live: &Live, holder: Uuid) -> Result<Renewal, AccessError> {
        let id = live.connection.id;
        let asked_at = self.0.ambient.now();
        let refresh = self.open_refresh(clinic, &live.tokens)?;
        let answer = tokio::time::timeout(REQUEST_LIMIT, self.0.oauth.refresh(&refresh)).await;
        let answer = answer.unwrap_or(Err(TokenError::Unavailable { retry: None, may_be_done: true }));
        match answer {
            Ok(tokens) => {
                let sealed = self.seal_tokens(clinic, id, &tokens, asked_at)?;
                let kept = self.keep(clinic, live, holder, Ok(&sealed)).await?;
                tracing::info!(connection.id = %id, kept, "renewed a connection's tokens");
                Ok(if kept { Renewal::Done(tokens.access) } else { Renewal::Overtaken })
            }
            Err(TokenError::InvalidGrant { reason }) => {
                let trouble = Trouble::from(reason);
                if self.keep(clinic, live, holder, Err(trouble)).await? {
                    tracing::warn!(connection.id = %id, trouble = trouble.as_str(), "a connection needs reconnecting");
                    Err(AccessError::NeedsReconnect(Some(trouble)))
                } else {
                    Ok(Renewal::Overtaken)
                }
            }
            Err(error @ (TokenError::InvalidClient | TokenError::Rejected { .. })) => {
                tracing::error!(connection.id = %id, %error, "Zoom does not accept the app");
                Err(AccessError::Misconfigured(error))
            }
            Err(error @ (TokenError::Unavailable { .. } | TokenError::Unreadable)) => {
                tracing::warn!(connection.id = %id, %error, may_be_done = error.may_be_done(), "no renewal");
                Err(AccessError::Unavailable)
            }
        }
    }

    /// Keeps what came of a renewal, unless the row has other tokens by now than those that were renewed. False then.
    async fn keep(
        &self,
        clinic: ClinicId,
        before: &Live,
        holder: Uuid,
        outcome: Result<&SealedTokens, Trouble>,
    ) -> Result<bool, StoreError> {
        let id = before.connection.id;
        let mut tx = self.0.store.begin().await?;
        // First, since it locks the row: what is read after it stays so until the commit.
        tx.release_refresh(clinic, id, holder).await?;
        let now_kept = tx.tokens(clinic, id).await?;
        if now_kept.is_none_or(|now_kept| now_kept.refresh != before.tokens.refresh) {
            return Ok(false);
        }
        match outcome {
            Ok(tokens) => {
                if !tx.set_tokens(clinic, tokens).await? {
                    return Ok(false);
                }
                // New tokens say nothing new about the room.
                if let Some(trouble) = before.trouble().filter(|trouble| trouble.is_of_room()) {
                    let at = tokens.refreshed_at;
                    tx.set_connection_state(
                        clinic,
                        id,
                        ConnectionState::Connected,
                        Some(trouble.as_str()),
                        at,
                    )
                    .await?;
                }
            }
            Err(trouble) => {
                let state = ConnectionState::NeedsReconnect;
                tx.set_connection_state(clinic, id, state, Some(trouble.as_str()), self.0.ambient.now())
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The connection with its tokens, as long as it is connected.
    pub(crate) async fn live(&self, clinic: ClinicId, id: ConnectionId) -> Result<Live, AccessError> {
        let mut tx = self.0.store.read().await?;
        let connection = tx.connection(clinic, id).await?.ok_or(AccessError::NotConnected)?;
        match connection.state {
            ConnectionState::Connected => {}
            ConnectionState::NeedsReconnect => {
                let trouble = connection.trouble.as_deref().and_then(Trouble::from_code);
                return Err(AccessError::NeedsReconnect(trouble));
            }
            ConnectionState::Disconnected => return Err(AccessError::NotConnected),
        }
        let tokens = tx.tokens(clinic, id).await?.ok_or(AccessError::NotConnected)?;
        Ok(Live { connection, tokens })
    }

    /// The access token, if it need not be renewed.
    fn usable(&self, live: &Live, dead: Option<&SecretText>) -> Result<Option<SecretText>, SecretError> {
        self.lasting(live, dead, RENEW_BEFORE_END)
    }

    fn lasting(
        &self,
        live: &Live,
        dead: Option<&SecretText>,
        left: Duration,
    ) -> Result<Option<SecretText>, SecretError> {
        if live.tokens.access_expires_at <= self.0.ambient.now().plus(left) {
            return Ok(None);
        }
        let token = self.open_access(live.connection.clinic_id, &live.tokens)?;
        Ok(Some(token).filter(|token| Some(token) != dead))
    }

    /// Where no renewal can be had now: the last minutes of the old token, or the reason.
    fn last_minutes(
        &self,
        live: &Live,
        dead: Option<&SecretText>,
        reason: AccessError,
    ) -> Result<SecretText, AccessError> {
        self.lasting(live, dead, TOO_LATE)?.ok_or(reason)
    }

    /// Takes the connection's lease, or `None` while somebody else has it.
    pub(crate) async fn lease(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        lasting: Duration,
    ) -> Result<Option<Uuid>, StoreError> {
        let (holder, now) = (self.0.ambient.nonce(), self.0.ambient.now());
        let mut tx = self.0.store.begin().await?;
        let taken = tx.lease_refresh(clinic, connection, holder, now, now.plus(lasting)).await?;
        tx.commit().await?;
        Ok(taken.then_some(holder))
    }

    pub(crate) async fn release(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        holder: Uuid,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.store.begin().await?;
        tx.release_refresh(clinic, connection, holder).await?;
        tx.commit().await
    }
}

impl Live {
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.connection.trouble.as_deref().and_then(Trouble::from_code)
    }
}

#[cfg(test)]
mod tests;
