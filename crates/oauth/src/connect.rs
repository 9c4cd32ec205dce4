//! The way to Zoom's consent page and back.

mod standing;

use std::time::Duration;

use domain::{Ambient, ClinicId, StaffId, Timestamp, room::Connection};
use store::{
    StoreError,
    ports::{
        access::{OAuthFlow, Session},
        doors::Hash,
    },
};
use url::Url;
use vault::{SecretText, Token};
use zoom::{
    api::{ApiError, Me},
    oauth::{Pkce, ScopeNeed, TokenError, missing_scopes},
};

use crate::{Provisioned, RoomError, SecretError, Zoom};

/// How long somebody may take at Zoom's consent page.
pub const FLOW_LIVES: Duration = Duration::from_mins(10);

/// What Zoom's redirect brought, as it stands in the query.
#[derive(Clone, Default)]
pub struct Callback {
    /// To be traded for tokens; lives five minutes and works once.
    pub code: Option<String>,
    /// What we sent along.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Shows which parts came, never what they are.
impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("code", &self.code.is_some())
            .field("state", &self.state.is_some())
            .field("error", &self.error.is_some())
            .finish()
    }
}

/// A connection was made, or made again.
#[derive(Debug)]
pub struct Connected {
    /// The connection.
    pub connection: Connection,
    /// What became of the room. The connection is kept either way.
    pub room: RoomOutcome,
}

/// What became of the room.
#[derive(Debug)]
pub enum RoomOutcome {
    /// There is one.
    Ready(Provisioned),
    /// Not yet; it is tried again by itself, and whenever `provision_room` is called.
    Delayed {
        /// Why, for [`words`](crate::words).
        why: RoomError,
    },
}

/// Why nobody was sent to Zoom.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The verifier could not be sealed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The person said no at Zoom, or Zoom did not let them say yes.
    #[error("consent was not given")]
    Denied,
    /// No `state`, or one that we never sent.
    #[error("the answer does not belong to any attempt")]
    UnknownState,
    /// The attempt took longer than [`FLOW_LIVES`].
    #[error("the attempt took too long")]
    Expired,
    /// The answer was used before: the page was loaded again.
    #[error("the answer was used before")]
    AlreadyUsed,
    /// The attempt was started in another browser, or by somebody else.
    #[error("the attempt was started elsewhere")]
    OtherBrowser,
    /// Permissions that are needed were not given. Nothing of what was given is kept.
    #[error("{} permissions are missing", .0.len())]
    MissingScopes(Vec<&'static ScopeNeed>),
    /// The Zoom user is connected in another clinic. That connection goes on.
    #[error("the Zoom user is connected in another clinic")]
    ConnectedElsewhere,
    /// The Zoom user is connected for a colleague. That connection goes on.
    #[error("the Zoom user is connected for a colleague")]
    ConnectedToColleague,
    /// The staff member is connected as another Zoom user, to whom the room belongs. Disconnecting comes first.
    #[error("the staff member is connected as another Zoom user")]
    OtherZoomUser,
    /// Zoom did not take the code, or sent none.
    #[error("Zoom did not take the code")]
    ZoomRefused,
    /// Zoom does not accept the app: the operator must look at the settings.
    #[error("Zoom does not accept the app")]
    Misconfigured,
    /// Zoom is not available. Trying again later helps.
    #[error("Zoom is not available")]
    ZoomUnavailable,
    /// Tokens could not be sealed, or the verifier does not open.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Zoom {
    /// Where to send the browser. Only the hash of the `state` is kept, bound to the session; the verifier is sealed.
    pub async fn begin(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        session_hash: Hash,
    ) -> Result<Url, BeginError> {
        let ambient: &Ambient = &self.0.ambient;
        let state = Token::from_random(ambient.bytes());
        let state_hash = *state.hash().as_bytes();
        let pkce = Pkce::from_random(ambient.bytes());
        let flow = OAuthFlow {
            state_hash,
            clinic_id: clinic,
            staff_id: staff,
            session_hash,
            verifier_sealed: self.seal_verifier(clinic, &state_hash, &pkce.verifier)?,
            created_at: ambient.now(),
            used_at: None,
        };
        let mut tx = self.0.store.begin().await?;
        tx.insert_oauth_flow(&flow).await?;
        tx.commit().await?;
        Ok(self.0.oauth.authorize_url(state.text().expose(), &pkce.challenge))
    }

    /// Takes Zoom's answer: trades the code, sees whose it is, keeps the tokens, and provides the room.
    pub async fn finish(&self, session: &Session, callback: Callback) -> Result<Connected, ConnectError> {
        let connected = self.finish_silently(session, callback).await;
        match &connected {
            Ok(connected) => tracing::info!(
                clinic.id = %session.clinic_id,
                staff.id = %session.staff_id,
                connection.id = %connected.connection.id,
                room = matches!(connected.room, RoomOutcome::Ready(_)),
                "connected to Zoom"
            ),
            Err(error) => tracing::warn!(
                clinic.id = %session.clinic_id,
                staff.id = %session.staff_id,
                %error,
                "not connected to Zoom"
            ),
        }
        connected
    }

    async fn finish_silently(
        &self,
        session: &Session,
        callback: Callback,
    ) -> Result<Connected, ConnectError> {
        let verifier = match &callback.state {
            Some(state) => self.take_flow(session, state).await?,
            None if callback.error.is_some() => return Err(ConnectError::Denied),
            None => return Err(ConnectError::UnknownState),
        };
        if callback.error.is_some() {
            return Err(ConnectError::Denied);
        }
        let code = callback.code.filter(|code| !code.is_empty()).ok_or(ConnectError::ZoomRefused)?;
        let asked_at = self.0.ambient.now();
        self.note_consent(session, asked_at).await?;
        let tokens = self.0.oauth.exchange(&code, &verifier).await.map_err(of_exchange)?;
        let me = self.me(&tokens.access).await;
        let missing = missing_scopes(&tokens.scopes);
        if !missing.is_empty() {
            let stands = match &me {
                Ok(me) => self.superseded(me).await?,
                Err(_) => false,
            };
            // Giving back ends the app's consent at Zoom, which Zoom then reports as the end of the connection. One that
            // stands only needs reconnecting, and its room stays open to patients.
            if !stands {
                self.give_back(&tokens).await;
            }
            return Err(ConnectError::MissingScopes(missing));
        }
        let me = me.map_err(|error| of_api(&error))?;
        let connection = self.keep_connection(session, &me, &tokens, asked_at).await?;
        let room = match self.provision_room(session.clinic_id, session.staff_id).await {
            Ok(provisioned) => RoomOutcome::Ready(provisioned),
            Err(why) => RoomOutcome::Delayed { why },
        };
        Ok(Connected { connection, room })
    }

    /// Uses up the attempt that this `state` belongs to, and gives its verifier.
    async fn take_flow(&self, session: &Session, state: &str) -> Result<SecretText, ConnectError> {
        let state = Token::parse(state).map_err(|_| ConnectError::UnknownState)?;
        let hash = *state.hash().as_bytes();
        let mut tx = self.0.store.begin().await?;
        let flow = tx.oauth_flow(&hash).await?.ok_or(ConnectError::UnknownState)?;
        // Whose attempt it is, before anything else is told about it.
        let own = flow.session_hash == session.token_hash
            && flow.clinic_id == session.clinic_id
            && flow.staff_id == session.staff_id;
        if !own {
            return Err(ConnectError::OtherBrowser);
        }
        let now = self.0.ambient.now();
        if flow.used_at.is_some() || !tx.use_oauth_flow(flow.clinic_id, &hash, now).await? {
            return Err(ConnectError::AlreadyUsed);
        }
        tx.commit().await?;
        if now >= flow.created_at.plus(FLOW_LIVES) {
            return Err(ConnectError::Expired);
        }
        Ok(self.open_verifier(&flow)?)
    }

    /// From here on Zoom takes the tokens of the connection that stands no more. Should we crash before the new ones are
    /// kept, or the answer be lost, then that is noticed within minutes.
    async fn note_consent(&self, session: &Session, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.0.store.begin().await?;
        if let Some(standing) = tx.connection_of(session.clinic_id, session.staff_id).await? {
            tx.note_asked(session.clinic_id, standing.id, at).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whose tokens they are. Asked twice, since without an answer the consent would be lost.
    async fn me(&self, access: &SecretText) -> Result<Me, ApiError> {
        match self.0.api.me(access).await {
            Err(error) if error.is_temporary() => self.0.api.me(access).await,
            answer => answer,
        }
    }
}

fn of_exchange(error: TokenError) -> ConnectError {
    match error {
        TokenError::InvalidGrant { .. } => ConnectError::ZoomRefused,
        TokenError::InvalidClient | TokenError::Rejected { .. } => ConnectError::Misconfigured,
        TokenError::Unavailable { .. } | TokenError::Unreadable => ConnectError::ZoomUnavailable,
    }
}

fn of_api(error: &ApiError) -> ConnectError {
    if error.is_temporary() { ConnectError::ZoomUnavailable } else { ConnectError::ZoomRefused }
}

#[cfg(test)]
mod tests;
