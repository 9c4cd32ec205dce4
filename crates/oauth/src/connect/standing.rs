//! Whether the Zoom user who consented may be connected here, and what becomes of the tokens either way.

use domain::{
    ClinicId, ConnectionId, Timestamp,
    room::{Connection, ConnectionState},
};
use store::{
    StoreError, Tx,
    ports::access::{SealedTokens, Session},
};
use zoom::{
    api::{Me, Plan},
    oauth::Tokens,
};

use super::ConnectError;
use crate::{Trouble, Zoom, alerts, tokens::breaks};

/// How often a write that another instance was ahead of is tried again.
const MOST_TRIES: u32 = 3;

/// How the Zoom user who consented stands to what is there already.
enum Standing {
    New,
    Again(Connection),
    OtherZoomUser,
    Colleagues(Connection),
    Elsewhere(Connection),
}

impl Zoom {
    /// Keeps the tokens with the connection to which they belong, if this staff member may have it.
    pub(super) async fn keep_connection(
        &self,
        session: &Session,
        me: &Me,
        tokens: &Tokens,
        asked_at: Timestamp,
    ) -> Result<Connection, ConnectError> {
        let mut tries = 1;
        loop {
            match self.keep_connection_once(session, me, tokens, asked_at).await {
                Ok(Some(connection)) => return Ok(connection),
                // Somebody else connected or disconnected at the same moment: look again.
                Ok(None) | Err(ConnectError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => {
                    tries += 1;
                }
                Ok(None) => return Err(ConnectError::ZoomUnavailable),
                Err(error) => return Err(error),
            }
        }
    }

    async fn keep_connection_once(
        &self,
        session: &Session,
        me: &Me,
        tokens: &Tokens,
        asked_at: Timestamp,
    ) -> Result<Option<Connection>, ConnectError> {
        let (clinic, staff) = (session.clinic_id, session.staff_id);
        let mut tx = self.0.store.begin().await?;
        let of_zoom_user = tx.connection_of_zoom_user(&me.id).await?;
        let of_staff = tx.connection_of(clinic, staff).await?;
        let standing = match (of_zoom_user, of_staff) {
            (Some(theirs), _) if theirs.clinic_id != clinic => Standing::Elsewhere(theirs),
            (Some(theirs), _) if theirs.staff_id != staff => Standing::Colleagues(theirs),
            (Some(own), _) => Standing::Again(own),
            (None, Some(_)) => Standing::OtherZoomUser,
            (None, None) => Standing::New,
        };
        let seal = |clinic: ClinicId, id: ConnectionId| self.seal_tokens(clinic, id, tokens, asked_at);
        match standing {
            Standing::New => {
                let connection = self.connection(self.0.ambient.id(), session, me);
                tx.insert_connection(&connection, &seal(clinic, connection.id)?).await?;
                alerts::end(&mut *tx, clinic, staff, &breaks::TOLD, self.0.ambient.now()).await?;
                tx.commit().await?;
                Ok(Some(connection))
            }
            Standing::Again(before) => {
                let created_at = before.created_at;
                let connection = Connection { created_at, ..self.connection(before.id, session, me) };
                tx.update_connection(clinic, &connection).await?;
                if !self.replace_tokens(&mut *tx, &before, &seal(clinic, connection.id)?).await? {
                    return Ok(None);
                }
                tx.commit().await?;
                Ok(Some(connection))
            }
            Standing::OtherZoomUser => {
                drop(tx);
                self.give_back(tokens).await;
                Err(ConnectError::OtherZoomUser)
            }
            // This consent has killed the tokens of the connection that stands. It is the same Zoom user's consent to
            // the same app, so that connection is given the new ones, and a refused attempt breaks nothing.
            Standing::Colleagues(theirs) => {
                self.replace_tokens(&mut *tx, &theirs, &seal(clinic, theirs.id)?).await?;
                tx.commit().await?;
                Err(ConnectError::ConnectedToColleague)
            }
            Standing::Elsewhere(theirs) => {
                let tokens = seal(theirs.clinic_id, theirs.id)?;
                self.replace_tokens(&mut *tx, &theirs, &tokens).await?;
                tx.commit().await?;
                Err(ConnectError::ConnectedElsewhere)
            }
        }
    }

    /// Gives a connection that stands the tokens of a new consent, which mends it. False where it was taken back meanwhile.
    async fn replace_tokens(
        &self,
        tx: &mut dyn Tx,
        before: &Connection,
        tokens: &SealedTokens,
    ) -> Result<bool, StoreError> {
        let (clinic, id) = (before.clinic_id, before.id);
        tx.lock_connection(clinic, id).await?;
        let kept = tx.tokens(clinic, id).await?;
        if !tx.set_tokens(clinic, tokens).await? {
            return Ok(false);
        }
        // Consents that cross each other: which of them was the last at Zoom, only Zoom can tell.
        if kept.is_some_and(|kept| kept.refreshed_at > tokens.refreshed_at) {
            tx.note_asked(clinic, id, tokens.refreshed_at).await?;
        }
        breaks::note_mended(tx, before, self.0.ambient.now()).await?;
        Ok(true)
    }

    fn connection(&self, id: ConnectionId, session: &Session, me: &Me) -> Connection {
        let now = self.0.ambient.now();
        Connection {
            id,
            clinic_id: session.clinic_id,
            staff_id: session.staff_id,
            zoom_user_id: me.id.clone(),
            zoom_account_id: me.account_id.clone(),
            zoom_email: me.email.clone().unwrap_or_default(),
            zoom_plan: match me.plan {
                Plan::Basic => 1,
                Plan::Licensed => 2,
                Plan::Other => 99,
            },
            state: ConnectionState::Connected,
            trouble: None,
            checked_at: now,
            created_at: now,
        }
    }

    /// The new consent killed the tokens of any connection of this Zoom user, and there are none to put in their place.
    /// Returns whether there is one.
    pub(super) async fn superseded(&self, me: &Me) -> Result<bool, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let Some(connection) = tx.connection_of_zoom_user(&me.id).await? else { return Ok(false) };
        breaks::note_broken(&mut *tx, &self.0.ambient, &connection, Trouble::MissingScopes).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tokens that are not kept are given back, as far as Zoom takes them.
    pub(super) async fn give_back(&self, tokens: &Tokens) {
        if let Err(error) = self.0.oauth.revoke(&tokens.access).await {
            tracing::warn!(%error, "tokens that were not kept could not be given back");
        }
    }
}
