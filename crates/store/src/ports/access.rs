//! How people and programs get in: passwords, one-time links, sessions, API tokens, and OAuth flows under way.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{ApiTokenId, ClinicId, ConnectionId, StaffId, Timestamp};

use super::doors::Hash;
use crate::Result;

/// Somebody is signed in. Only the hash of the token is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's token.
    pub token_hash: Hash,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Who.
    pub staff_id: StaffId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they last did something; a stream that stays open is not doing something.
    pub seen_at: Timestamp,
}

/// A link that lets a person in once, to set a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// SHA-256 of the link's token.
    pub token_hash: Hash,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Who.
    pub staff_id: StaffId,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used; then it works no more.
    pub used_at: Option<Timestamp>,
}

/// A program's way into the JSON API. Only the hash of the secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Names it.
    pub id: ApiTokenId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// What the operator called it.
    pub name: String,
    /// What it may do, as the contract's scope words.
    pub scopes: BTreeSet<String>,
    /// SHA-256 of the secret.
    pub token_hash: Hash,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A staff member is at Zoom's consent page, bound to the session that sent them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthFlow {
    /// SHA-256 of the `state` parameter.
    pub state_hash: Hash,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Who connects.
    pub staff_id: StaffId,
    /// The session that started it.
    pub session_hash: Hash,
    /// The PKCE verifier, sealed.
    pub verifier_sealed: Vec<u8>,
    /// When it started.
    pub created_at: Timestamp,
    /// When the answer came; it is taken once.
    pub used_at: Option<Timestamp>,
}

/// Passwords, links, sessions, tokens.
#[async_trait]
pub trait Access {
    /// Sets a person's password (PHC string) in place of any earlier one.
    async fn set_password(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        phc: &str,
        now: Timestamp,
    ) -> Result<()>;
    /// Adds a one-time sign-in link.
    async fn insert_sign_in_link(&mut self, link: &SignInLink) -> Result<()>;
    /// Uses the link up. False where it was used already, has expired or does not exist.
    async fn use_sign_in_link(&mut self, clinic: ClinicId, token: &Hash, now: Timestamp) -> Result<bool>;
    /// Adds a session.
    async fn insert_session(&mut self, session: &Session) -> Result<()>;
    /// Notes that the person did something.
    async fn touch_session(&mut self, clinic: ClinicId, token: &Hash, now: Timestamp) -> Result<()>;
    /// Ends one session.
    async fn end_session(&mut self, clinic: ClinicId, token: &Hash) -> Result<()>;
    /// Ends all of a person's sessions. Returns how many.
    async fn end_sessions_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<u64>;
    /// Removes sessions last seen before `seen_before` or begun before `created_before`, and links and OAuth flows
    /// that expired before `seen_before`.
    async fn purge_access(&mut self, seen_before: Timestamp, created_before: Timestamp) -> Result<()>;
    /// Adds an API token.
    async fn insert_api_token(&mut self, token: &ApiToken) -> Result<()>;
    /// Ends an API token. False where it is not there or was ended before.
    async fn revoke_api_token(&mut self, clinic: ClinicId, id: ApiTokenId, now: Timestamp) -> Result<bool>;
    /// Starts an OAuth flow.
    async fn insert_oauth_flow(&mut self, flow: &OAuthFlow) -> Result<()>;
    /// Takes the flow's one answer. False where it was taken already.
    async fn use_oauth_flow(&mut self, clinic: ClinicId, state: &Hash, now: Timestamp) -> Result<bool>;
}

/// A connection's tokens, sealed with the row's place as associated data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTokens {
    /// Whose.
    pub connection_id: ConnectionId,
    /// The access token, sealed.
    pub access: Vec<u8>,
    /// The refresh token, sealed.
    pub refresh: Vec<u8>,
    /// When the access token dies.
    pub access_expires_at: Timestamp,
    /// What Zoom granted, space separated, as it said it.
    pub scopes: String,
    /// When this pair came.
    pub refreshed_at: Timestamp,
}
