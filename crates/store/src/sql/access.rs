//! Passwords, one-time links, sessions, API tokens, OAuth flows.

use async_trait::async_trait;
use domain::{ApiTokenId, ClinicId, StaffId, Timestamp};

use super::{SqlTx, statement::Statement};
use crate::{
    Result,
    backend::Backend,
    ports::{
        access::{Access, ApiToken, OAuthFlow, Session, SignInLink},
        doors::Hash,
    },
};

#[async_trait]
impl<DB: Backend> Access for SqlTx<DB> {
    async fn set_password(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        phc: &str,
        now: Timestamp,
    ) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO passwords (clinic_id, staff_id, phc, set_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (clinic_id, staff_id) DO UPDATE SET phc = excluded.phc, set_at = excluded.set_at",
        )
        .bind(&clinic)
        .bind(&staff)
        .bind_text(phc)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn insert_sign_in_link(&mut self, link: &SignInLink) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO sign_in_links (token_hash, clinic_id, staff_id, expires_at, used_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&link.token_hash)
        .bind(&link.clinic_id)
        .bind(&link.staff_id)
        .bind(&link.expires_at)
        .bind(&link.used_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn use_sign_in_link(&mut self, clinic: ClinicId, token: &Hash, now: Timestamp) -> Result<bool> {
        let used = Statement::<DB>::new(
            "UPDATE sign_in_links SET used_at = $3
             WHERE token_hash = $2 AND clinic_id = $1 AND used_at IS NULL AND expires_at > $3",
        )
        .bind(&clinic)
        .bind(token)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(used == 1)
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO sessions (token_hash, clinic_id, staff_id, created_at, seen_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&session.token_hash)
        .bind(&session.clinic_id)
        .bind(&session.staff_id)
        .bind(&session.created_at)
        .bind(&session.seen_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn touch_session(&mut self, clinic: ClinicId, token: &Hash, now: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE sessions SET seen_at = $3 WHERE token_hash = $2 AND clinic_id = $1 AND seen_at < $3",
        )
        .bind(&clinic)
        .bind(token)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn end_session(&mut self, clinic: ClinicId, token: &Hash) -> Result<()> {
        Statement::<DB>::new("DELETE FROM sessions WHERE token_hash = $2 AND clinic_id = $1")
            .bind(&clinic)
            .bind(token)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn end_sessions_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<u64> {
        Statement::<DB>::new("DELETE FROM sessions WHERE clinic_id = $1 AND staff_id = $2")
            .bind(&clinic)
            .bind(&staff)
            .execute(&mut self.inner)
            .await
    }

    async fn purge_access(&mut self, seen_before: Timestamp, created_before: Timestamp) -> Result<()> {
        Statement::<DB>::new("DELETE FROM sessions WHERE seen_at < $1 OR created_at < $2")
            .bind(&seen_before)
            .bind(&created_before)
            .execute(&mut self.inner)
            .await?;
        Statement::<DB>::new("DELETE FROM sign_in_links WHERE expires_at < $1")
            .bind(&seen_before)
            .execute(&mut self.inner)
            .await?;
        Statement::<DB>::new("DELETE FROM oauth_flows WHERE created_at < $1")
            .bind(&seen_before)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn insert_api_token(&mut self, token: &ApiToken) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO api_tokens (clinic_id, id, name, scopes, token_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&token.clinic_id)
        .bind(&token.id)
        .bind(&token.name)
        .bind_json(&token.scopes)
        .bind(&token.token_hash)
        .bind(&token.created_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn revoke_api_token(&mut self, clinic: ClinicId, id: ApiTokenId, now: Timestamp) -> Result<bool> {
        let revoked = Statement::<DB>::new(
            "UPDATE api_tokens SET revoked_at = $3 WHERE clinic_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(revoked == 1)
    }

    async fn insert_oauth_flow(&mut self, flow: &OAuthFlow) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO oauth_flows
                 (state_hash, clinic_id, staff_id, session_hash, verifier_sealed, created_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&flow.state_hash)
        .bind(&flow.clinic_id)
        .bind(&flow.staff_id)
        .bind(&flow.session_hash)
        .bind(&flow.verifier_sealed)
        .bind(&flow.created_at)
        .bind(&flow.used_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn use_oauth_flow(&mut self, clinic: ClinicId, state: &Hash, now: Timestamp) -> Result<bool> {
        let used = Statement::<DB>::new(
            "UPDATE oauth_flows SET used_at = $3
             WHERE state_hash = $2 AND clinic_id = $1 AND used_at IS NULL",
        )
        .bind(&clinic)
        .bind(state)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(used == 1)
    }
}
