//! What is sealed, and for which place in the database.

use domain::{ClinicId, ConnectionId, RoomId, Timestamp, room::DialIn};
use store::ports::{
    access::{OAuthFlow, SealedTokens},
    doors::Hash,
};
use vault::{OpenError, Place, SealError, Sealed, SecretText};

use crate::Zoom;

/// A secret could not be sealed, or does not open: mostly since the key ring is not the one that it was sealed with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Opening.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was to be sealed cannot be written down.
    #[error("what was to be sealed cannot be written down")]
    Form(#[from] serde_json::Error),
}

impl Zoom {
    pub(crate) fn seal_tokens(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        tokens: &zoom::oauth::Tokens,
        asked_at: Timestamp,
    ) -> Result<SealedTokens, SecretError> {
        let row = connection.to_string();
        let scopes: Vec<&str> = tokens.scopes.iter().map(String::as_str).collect();
        Ok(SealedTokens {
            connection_id: connection,
            access: self.seal(clinic, "connections", "access", &row, &tokens.access)?,
            refresh: self.seal(clinic, "connections", "refresh", &row, &tokens.refresh)?,
            access_expires_at: asked_at.plus(tokens.expires_in),
            scopes: scopes.join(" "),
            refreshed_at: asked_at,
        })
    }

    pub(crate) fn open_access(
        &self,
        clinic: ClinicId,
        tokens: &SealedTokens,
    ) -> Result<SecretText, SecretError> {
        self.open(clinic, "connections", "access", &tokens.connection_id.to_string(), &tokens.access)
    }

    pub(crate) fn open_refresh(
        &self,
        clinic: ClinicId,
        tokens: &SealedTokens,
    ) -> Result<SecretText, SecretError> {
        self.open(clinic, "connections", "refresh", &tokens.connection_id.to_string(), &tokens.refresh)
    }

    pub(crate) fn seal_verifier(
        &self,
        clinic: ClinicId,
        state: &Hash,
        verifier: &SecretText,
    ) -> Result<Vec<u8>, SecretError> {
        self.seal(clinic, "oauth_flows", "verifier", &hex::encode(state), verifier)
    }

    pub(crate) fn open_verifier(&self, flow: &OAuthFlow) -> Result<SecretText, SecretError> {
        let row = hex::encode(flow.state_hash);
        self.open(flow.clinic_id, "oauth_flows", "verifier", &row, &flow.verifier_sealed)
    }

    pub(crate) fn seal_join_url(
        &self,
        clinic: ClinicId,
        room: RoomId,
        join_url: &SecretText,
    ) -> Result<Vec<u8>, SecretError> {
        self.seal(clinic, "rooms", "join_url", &room.to_string(), join_url)
    }

    pub(crate) fn open_join_url(
        &self,
        clinic: ClinicId,
        room: RoomId,
        sealed: &[u8],
    ) -> Result<SecretText, SecretError> {
        self.open(clinic, "rooms", "join_url", &room.to_string(), sealed)
    }

    /// How the room is reached by telephone, as JSON.
    pub(crate) fn seal_dial_in(
        &self,
        clinic: ClinicId,
        room: RoomId,
        dial_in: &DialIn,
    ) -> Result<Vec<u8>, SecretError> {
        let text = SecretText::new(serde_json::to_string(dial_in)?);
        self.seal(clinic, "rooms", "dial_in", &room.to_string(), &text)
    }

    /// A join link of one person's, in a table that has one for each row.
    pub(crate) fn seal_way(
        &self,
        clinic: ClinicId,
        table: &str,
        row: &str,
        join_url: &SecretText,
    ) -> Result<Vec<u8>, SecretError> {
        self.seal(clinic, table, "join_url", row, join_url)
    }

    pub(crate) fn open_way(
        &self,
        clinic: ClinicId,
        table: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<SecretText, SecretError> {
        self.open(clinic, table, "join_url", row, sealed)
    }

    fn seal(
        &self,
        clinic: ClinicId,
        table: &str,
        column: &str,
        row: &str,
        secret: &SecretText,
    ) -> Result<Vec<u8>, SecretError> {
        let place = Place { clinic: &clinic.to_string(), table, column, row };
        Ok(self.0.keys.seal(place, self.0.ambient.bytes(), secret.expose().as_bytes())?.into_bytes())
    }

    fn open(
        &self,
        clinic: ClinicId,
        table: &str,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<SecretText, SecretError> {
        let place = Place { clinic: &clinic.to_string(), table, column, row };
        Ok(self.0.keys.open_text(place, &Sealed::from_bytes(sealed.to_vec()))?)
    }
}
