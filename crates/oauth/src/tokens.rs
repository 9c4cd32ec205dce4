//! Keeping tokens alive: one renewal at a time for each connection, over all instances, kept before it is used.

pub(crate) mod breaks;
mod patience;
mod protocol;
mod renewing;

use std::time::Duration;

use domain::{
    ClinicId, ConnectionId,
    room::{Connection, ConnectionState},
};
use store::{StoreError, ports::access::SealedTokens};
use uuid::Uuid;
use vault::SecretText;
use zoom::oauth::TokenError;

pub use patience::Patience;
pub(crate) use renewing::Need;

use crate::{SecretError, Trouble, Zoom};

/// An access token with less than this left is renewed before it is used.
const RENEW_BEFORE_END: Duration = Duration::from_mins(5);
/// An access token with less than this left is of no use to anybody.
const TOO_LATE: Duration = Duration::from_secs(30);

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

impl Zoom {
    /// A live access token, renewed if it has less than five minutes left.
    pub async fn access_token(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
    ) -> Result<SecretText, AccessError> {
        self.call_token(clinic, connection, None).await
    }

    /// A live access token other than `dead`, which Zoom refused although its time is not up.
    pub async fn access_token_after(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        dead: &SecretText,
    ) -> Result<SecretText, AccessError> {
        self.call_token(clinic, connection, Some(dead)).await
    }

    async fn call_token(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        dead: Option<&SecretText>,
    ) -> Result<SecretText, AccessError> {
        let live = self.live(clinic, connection).await?;
        if let Some(token) = self.usable(&live, dead)? {
            return Ok(token);
        }
        match self.renewed(clinic, connection, Need::Call { dead: dead.cloned() }).await {
            // Where no renewal can be had now, the old token serves for its last minutes.
            Err(error) if error.is_temporary() => self.lasting(&live, dead, TOO_LATE)?.ok_or(error),
            outcome => outcome,
        }
    }

    /// Renews what is not good enough for this need.
    pub(crate) async fn renewed(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        need: Need,
    ) -> Result<SecretText, AccessError> {
        let held = self.lock_of(connection).lock_owned().await;
        // In a task of its own: whoever asked may go away, but a pair that Zoom gave must be kept.
        let zoom = self.clone();
        let renewing = tokio::spawn(async move {
            let _held = held;
            zoom.renewing(clinic, connection, need).await
        });
        renewing.await.map_err(|_| AccessError::Unavailable)?
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
