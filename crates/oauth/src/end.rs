//! The end of a connection: taken back here, or at Zoom.

use domain::{ClinicId, ConnectionId, StaffId, Timestamp, alert::AlertKind, room::ConnectionState};
use store::StoreError;
use vault::SecretText;

use crate::{AccessError, Zoom, alerts, guard, tokens::breaks};

/// A connection was taken back. Its tokens are erased either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnected {
    /// Whether Zoom was told. If not, the app still stands among the user's apps at Zoom, and can be removed there.
    pub zoom_knows: bool,
}

impl Zoom {
    /// Takes the staff member's connection back: erases the tokens, then tells Zoom. The room stays known, so that
    /// connecting the same Zoom user again gives it back; until then nobody is sent there.
    pub async fn disconnect(&self, clinic: ClinicId, staff: StaffId) -> Result<Disconnected, AccessError> {
        let connection = self.0.store.read().await?.connection_of(clinic, staff).await?;
        let id = connection.ok_or(AccessError::NotConnected)?.id;
        // Only a live token can be given back, so it is fetched before the tokens are erased.
        let token = match self.access_token(clinic, id).await {
            Ok(token) => Some(token),
            // The one that is kept may still be alive: a connection that lacks permissions is one all the same.
            Err(_) => self.kept_access(clinic, id).await,
        };
        let now = self.0.ambient.now();
        let mut tx = self.0.store.begin().await?;
        tx.set_connection_state(clinic, id, ConnectionState::Disconnected, None, now).await?;
        tx.erase_tokens(clinic, id).await?;
        alerts::end(&mut *tx, clinic, staff, &breaks::TOLD, now).await?;
        guard::leave(&mut *tx, clinic, staff, now).await?;
        tx.commit().await?;
        let zoom_knows = match token {
            Some(token) => self.0.oauth.revoke(&token).await.is_ok(),
            None => false,
        };
        tracing::info!(clinic.id = %clinic, connection.id = %id, zoom_knows, "disconnected from Zoom");
        Ok(Disconnected { zoom_knows })
    }

    async fn kept_access(&self, clinic: ClinicId, id: ConnectionId) -> Option<SecretText> {
        let tokens = self.0.store.read().await.ok()?.tokens(clinic, id).await.ok()??;
        self.open_access(clinic, &tokens).ok()
    }

    /// Zoom said that the user took the app off their account at `at`: erases the tokens. Calls nobody, since no token
    /// works any more. Returns whose connection it was; none where there is none, or where it was made anew since.
    pub async fn deauthorized(
        &self,
        zoom_user_id: &str,
        account_id: &str,
        at: Timestamp,
    ) -> Result<Option<(ClinicId, StaffId)>, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let Some(connection) = tx.connection_of_zoom_user(zoom_user_id).await? else { return Ok(None) };
        let (clinic, id) = (connection.clinic_id, connection.id);
        tx.lock_connection(clinic, id).await?;
        let tokens = tx.tokens(clinic, id).await?;
        // Zoom repeats lost messages for more than an hour. Tokens that came after the fact outlived it.
        if tokens.is_some_and(|tokens| tokens.refreshed_at > at) {
            tracing::info!(connection.id = %id, "an old word that the app was removed is ignored");
            return Ok(None);
        }
        let now = self.0.ambient.now();
        tx.set_connection_state(clinic, id, ConnectionState::Disconnected, None, now).await?;
        tx.erase_tokens(clinic, id).await?;
        let staff = connection.staff_id;
        alerts::end(&mut *tx, clinic, staff, &breaks::TOLD, now).await?;
        guard::leave(&mut *tx, clinic, staff, now).await?;
        let key = breaks::key(AlertKind::AppRemoved, &connection, now);
        alerts::raise(&mut *tx, &self.0.ambient, clinic, staff, AlertKind::AppRemoved, key, None).await?;
        tx.commit().await?;
        let same_account = connection.zoom_account_id == account_id;
        tracing::info!(clinic.id = %clinic, connection.id = %id, same_account, "the app was removed at Zoom");
        Ok(Some((clinic, connection.staff_id)))
    }
}

#[cfg(test)]
mod tests;
