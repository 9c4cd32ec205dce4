//! Questions asked before the clinic is known.

use async_trait::async_trait;
use domain::{
    ClinicId, StaffId,
    clinic::Clinic,
    room::{Connection, Room},
    staff::StaffMember,
};

use super::{
    SqlTx,
    clinics::{by_name, clinic, member},
    connections::{CONNECTION, ROOM, connection, room},
    links::{LINK, link},
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::{
        access::{ApiToken, OAuthFlow, Session, SignInLink},
        doors::{Doors, Hash},
        links::Link,
    },
};

fn session<DB: Backend>(row: &Record<DB>) -> Result<Session> {
    Ok(Session {
        token_hash: row.get("token_hash")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
    })
}

fn sign_in_link<DB: Backend>(row: &Record<DB>) -> Result<SignInLink> {
    Ok(SignInLink {
        token_hash: row.get("token_hash")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
    })
}

fn api_token<DB: Backend>(row: &Record<DB>) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        name: row.get("name")?,
        scopes: row.get_json("scopes")?,
        token_hash: row.get("token_hash")?,
        created_at: row.get("created_at")?,
    })
}

fn oauth_flow<DB: Backend>(row: &Record<DB>) -> Result<OAuthFlow> {
    Ok(OAuthFlow {
        state_hash: row.get("state_hash")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        session_hash: row.get("session_hash")?,
        verifier_sealed: row.get("verifier_sealed")?,
        created_at: row.get("created_at")?,
        used_at: row.get("used_at")?,
    })
}

#[async_trait]
impl<DB: Backend> Doors for SqlTx<DB> {
    async fn clinics(&mut self) -> Result<Vec<Clinic>> {
        let clinics = Statement::<DB>::new("SELECT id, name, time_zone, created_at FROM clinics")
            .fetch_all_as(&mut self.inner, clinic)
            .await?;
        Ok(by_name(clinics, |clinic| &clinic.name, |clinic| clinic.id))
    }

    async fn staff_by_email(&mut self, email: &str) -> Result<Option<StaffMember>> {
        Statement::<DB>::new(
            "SELECT clinic_id, id, name, email, phone, external_id, roles, disabled_at, created_at
             FROM staff WHERE email = $1",
        )
        .bind_text(email)
        .fetch_optional_as(&mut self.inner, member)
        .await
    }

    async fn password(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<String>> {
        Statement::<DB>::new("SELECT phc FROM passwords WHERE clinic_id = $1 AND staff_id = $2")
            .bind(&clinic)
            .bind(&staff)
            .fetch_optional_as(&mut self.inner, |row| row.get("phc"))
            .await
    }

    async fn session(&mut self, token: &Hash) -> Result<Option<Session>> {
        Statement::<DB>::new(
            "SELECT token_hash, clinic_id, staff_id, created_at, seen_at FROM sessions WHERE token_hash = $1",
        )
        .bind(token)
        .fetch_optional_as(&mut self.inner, session)
        .await
    }

    async fn sign_in_link(&mut self, token: &Hash) -> Result<Option<SignInLink>> {
        Statement::<DB>::new(
            "SELECT token_hash, clinic_id, staff_id, expires_at, used_at
             FROM sign_in_links WHERE token_hash = $1",
        )
        .bind(token)
        .fetch_optional_as(&mut self.inner, sign_in_link)
        .await
    }

    async fn api_token(&mut self, token: &Hash) -> Result<Option<ApiToken>> {
        Statement::<DB>::new(
            "SELECT id, clinic_id, name, scopes, token_hash, created_at
             FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL",
        )
        .bind(token)
        .fetch_optional_as(&mut self.inner, api_token)
        .await
    }

    async fn oauth_flow(&mut self, state: &Hash) -> Result<Option<OAuthFlow>> {
        Statement::<DB>::new(
            "SELECT state_hash, clinic_id, staff_id, session_hash, verifier_sealed, created_at, used_at
             FROM oauth_flows WHERE state_hash = $1",
        )
        .bind(state)
        .fetch_optional_as(&mut self.inner, oauth_flow)
        .await
    }

    async fn link(&mut self, token: &Hash) -> Result<Option<Link>> {
        Statement::<DB>::assembled(&["SELECT ", LINK, " FROM links WHERE token_hash = $1"])
            .bind(token)
            .fetch_optional_as(&mut self.inner, link)
            .await
    }

    async fn connection_of_zoom_user(&mut self, zoom_user_id: &str) -> Result<Option<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections WHERE zoom_user_id = $1 AND state <> 'disconnected'",
        ])
        .bind_text(zoom_user_id)
        .fetch_optional_as(&mut self.inner, connection)
        .await
    }

    async fn room_by_meeting(&mut self, meeting_number: i64) -> Result<Option<Room>> {
        Statement::<DB>::assembled(&["SELECT ", ROOM, " FROM rooms WHERE meeting_number = $1"])
            .bind(&meeting_number)
            .fetch_optional_as(&mut self.inner, room)
            .await
    }
}
