//! Connected Zoom accounts, their tokens, and rooms.

use async_trait::async_trait;
use domain::{
    ClinicId, ConnectionId, RoomId, StaffId, Timestamp,
    room::{Connection, ConnectionState, Room},
};
use uuid::Uuid;

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::{
        access::SealedTokens,
        connections::{Connections, Refreshing},
    },
};

/// The columns of a connection.
pub(super) const CONNECTION: &str = "connections.clinic_id, connections.id, connections.staff_id, \
    connections.zoom_user_id, connections.zoom_account_id, connections.zoom_email, connections.zoom_plan, \
    connections.state, connections.trouble, connections.checked_at, connections.created_at";

/// The columns of a room, without its join link.
pub(super) const ROOM: &str = "clinic_id, id, staff_id, kind, meeting_number, zoom_user_id, zoom_account_id, \
    checked_at, created_at";

pub(super) fn connection<DB: Backend>(row: &Record<DB>) -> Result<Connection> {
    Ok(Connection {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        zoom_user_id: row.get("zoom_user_id")?,
        zoom_account_id: row.get("zoom_account_id")?,
        zoom_email: row.get("zoom_email")?,
        zoom_plan: row.get("zoom_plan")?,
        state: row.get("state")?,
        trouble: row.get("trouble")?,
        checked_at: row.get("checked_at")?,
        created_at: row.get("created_at")?,
    })
}

pub(super) fn room<DB: Backend>(row: &Record<DB>) -> Result<Room> {
    Ok(Room {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        kind: row.get("kind")?,
        meeting_number: row.get("meeting_number")?,
        zoom_user_id: row.get("zoom_user_id")?,
        zoom_account_id: row.get("zoom_account_id")?,
        checked_at: row.get("checked_at")?,
        created_at: row.get("created_at")?,
    })
}

fn tokens<DB: Backend>(row: &Record<DB>) -> Result<SealedTokens> {
    Ok(SealedTokens {
        connection_id: row.get("connection_id")?,
        access: row.get("access")?,
        refresh: row.get("refresh")?,
        access_expires_at: row.get("access_expires_at")?,
        scopes: row.get("scopes")?,
        refreshed_at: row.get("refreshed_at")?,
    })
}

impl<DB: Backend> SqlTx<DB> {
    async fn put_tokens(&mut self, clinic: ClinicId, tokens: &SealedTokens) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO connection_tokens
                 (clinic_id, connection_id, access, refresh, access_expires_at, scopes, refreshed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (clinic_id, connection_id) DO UPDATE SET
                 access = excluded.access, refresh = excluded.refresh,
                 access_expires_at = excluded.access_expires_at, scopes = excluded.scopes,
                 refreshed_at = excluded.refreshed_at",
        )
        .bind(&clinic)
        .bind(&tokens.connection_id)
        .bind(&tokens.access)
        .bind(&tokens.refresh)
        .bind(&tokens.access_expires_at)
        .bind(&tokens.scopes)
        .bind(&tokens.refreshed_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl<DB: Backend> Connections for SqlTx<DB> {
    async fn insert_connection(&mut self, connection: &Connection, tokens: &SealedTokens) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO connections
                 (clinic_id, id, staff_id, zoom_user_id, zoom_account_id, zoom_email, zoom_plan, state, trouble,
                  checked_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&connection.clinic_id)
        .bind(&connection.id)
        .bind(&connection.staff_id)
        .bind(&connection.zoom_user_id)
        .bind(&connection.zoom_account_id)
        .bind(&connection.zoom_email)
        .bind(&connection.zoom_plan)
        .bind(&connection.state)
        .bind(&connection.trouble)
        .bind(&connection.checked_at)
        .bind(&connection.created_at)
        .execute(&mut self.inner)
        .await?;
        self.put_tokens(connection.clinic_id, tokens).await
    }

    async fn connection(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections WHERE clinic_id = $1 AND id = $2",
        ])
        .bind(&clinic)
        .bind(&id)
        .fetch_optional_as(&mut self.inner, connection)
        .await
    }

    async fn connection_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections WHERE clinic_id = $1 AND staff_id = $2 AND state <> 'disconnected'",
        ])
        .bind(&clinic)
        .bind(&staff)
        .fetch_optional_as(&mut self.inner, connection)
        .await
    }

    async fn connections(&mut self, clinic: ClinicId) -> Result<Vec<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections WHERE clinic_id = $1 AND state <> 'disconnected' ORDER BY id",
        ])
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, connection)
        .await
    }

    async fn update_connection(&mut self, clinic: ClinicId, connection: &Connection) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE connections SET zoom_user_id = $3, zoom_account_id = $4, zoom_email = $5, zoom_plan = $6
             WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&connection.id)
        .bind(&connection.zoom_user_id)
        .bind(&connection.zoom_account_id)
        .bind(&connection.zoom_email)
        .bind(&connection.zoom_plan)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn tokens(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<SealedTokens>> {
        Statement::<DB>::new(
            "SELECT connection_id, access, refresh, access_expires_at, scopes, refreshed_at
             FROM connection_tokens WHERE clinic_id = $1 AND connection_id = $2",
        )
        .bind(&clinic)
        .bind(&id)
        .fetch_optional_as(&mut self.inner, tokens)
        .await
    }

    async fn set_tokens(&mut self, clinic: ClinicId, tokens: &SealedTokens) -> Result<bool> {
        let alive = Statement::<DB>::new(
            "UPDATE connections SET state = 'connected', trouble = NULL, checked_at = $3, in_doubt = FALSE
             WHERE clinic_id = $1 AND id = $2 AND state <> 'disconnected'",
        )
        .bind(&clinic)
        .bind(&tokens.connection_id)
        .bind(&tokens.refreshed_at)
        .execute(&mut self.inner)
        .await?;
        if alive == 0 {
            return Ok(false);
        }
        self.put_tokens(clinic, tokens).await?;
        Ok(true)
    }

    async fn set_connection_state(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
        state: ConnectionState,
        trouble: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE connections SET state = $3, trouble = $4,
                 checked_at = CASE WHEN $3 = 'connected' THEN $5 ELSE checked_at END,
                 in_doubt = in_doubt AND $3 = 'connected'
             WHERE clinic_id = $1 AND id = $2 AND state <> 'disconnected'",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&state)
        .bind(&trouble.map(str::to_owned))
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn erase_tokens(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<()> {
        Statement::<DB>::new("DELETE FROM connection_tokens WHERE clinic_id = $1 AND connection_id = $2")
            .bind(&clinic)
            .bind(&id)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn lock_connection(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
    ) -> Result<Option<(Uuid, Timestamp)>> {
        let lease = Statement::<DB>::assembled(&[
            "SELECT lease_holder, lease_until FROM connections WHERE clinic_id = $1 AND id = $2 ",
            DB::HOLD,
        ])
        .bind(&clinic)
        .bind(&id)
        .fetch_optional_as(&mut self.inner, |row| {
            let holder: Option<Uuid> = row.get("lease_holder")?;
            let until: Option<Timestamp> = row.get("lease_until")?;
            Ok(holder.zip(until))
        })
        .await?;
        Ok(lease.flatten())
    }

    async fn lease_refresh(
        &mut self,
        clinic: ClinicId,
        id: ConnectionId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let taken = Statement::<DB>::new(
            "UPDATE connections SET lease_holder = $3, lease_until = $5
             WHERE clinic_id = $1 AND id = $2
               AND (lease_holder IS NULL OR lease_holder = $3 OR lease_until <= $4)",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&holder)
        .bind(&now)
        .bind(&until)
        .execute(&mut self.inner)
        .await?;
        Ok(taken == 1)
    }

    async fn release_refresh(&mut self, clinic: ClinicId, id: ConnectionId, holder: Uuid) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE connections SET lease_holder = NULL, lease_until = NULL
             WHERE clinic_id = $1 AND id = $2 AND lease_holder = $3",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&holder)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn note_asked(&mut self, clinic: ClinicId, id: ConnectionId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE connections SET asked_at = $3, in_doubt = TRUE WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn settle_doubt(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<()> {
        Statement::<DB>::new("UPDATE connections SET in_doubt = FALSE WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&id)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn in_doubt_since(&mut self, clinic: ClinicId, id: ConnectionId) -> Result<Option<Timestamp>> {
        Statement::<DB>::new("SELECT asked_at FROM connections WHERE clinic_id = $1 AND id = $2 AND in_doubt")
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, |row| row.get("asked_at"))
            .await
    }

    async fn insert_room(&mut self, room: &Room, join_url_sealed: &[u8]) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO rooms
                 (clinic_id, id, staff_id, kind, meeting_number, zoom_user_id, zoom_account_id, join_url_sealed,
                  checked_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&room.clinic_id)
        .bind(&room.id)
        .bind(&room.staff_id)
        .bind(&room.kind)
        .bind(&room.meeting_number)
        .bind(&room.zoom_user_id)
        .bind(&room.zoom_account_id)
        .bind_bytes(join_url_sealed)
        .bind(&room.checked_at)
        .bind(&room.created_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn room(&mut self, clinic: ClinicId, id: RoomId) -> Result<Option<Room>> {
        Statement::<DB>::assembled(&["SELECT ", ROOM, " FROM rooms WHERE clinic_id = $1 AND id = $2"])
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, room)
            .await
    }

    async fn room_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Room>> {
        Statement::<DB>::assembled(&["SELECT ", ROOM, " FROM rooms WHERE clinic_id = $1 AND staff_id = $2"])
            .bind(&clinic)
            .bind(&staff)
            .fetch_optional_as(&mut self.inner, room)
            .await
    }

    async fn rooms(&mut self, clinic: ClinicId) -> Result<Vec<Room>> {
        Statement::<DB>::assembled(&["SELECT ", ROOM, " FROM rooms WHERE clinic_id = $1 ORDER BY id"])
            .bind(&clinic)
            .fetch_all_as(&mut self.inner, room)
            .await
    }

    async fn join_url(&mut self, clinic: ClinicId, id: RoomId) -> Result<Option<Vec<u8>>> {
        Statement::<DB>::new("SELECT join_url_sealed FROM rooms WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, |row| row.get("join_url_sealed"))
            .await
    }

    async fn update_room(&mut self, clinic: ClinicId, room: &Room, join_url_sealed: &[u8]) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE rooms SET kind = $3, meeting_number = $4, zoom_user_id = $5, zoom_account_id = $6,
                 join_url_sealed = $7, checked_at = $8
             WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&room.id)
        .bind(&room.kind)
        .bind(&room.meeting_number)
        .bind(&room.zoom_user_id)
        .bind(&room.zoom_account_id)
        .bind_bytes(join_url_sealed)
        .bind(&room.checked_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn lock_room(&mut self, clinic: ClinicId, id: RoomId) -> Result<()> {
        Statement::<DB>::assembled(&["SELECT id FROM rooms WHERE clinic_id = $1 AND id = $2 ", DB::HOLD])
            .bind(&clinic)
            .bind(&id)
            .fetch_optional(&mut self.inner)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl<DB: Backend> Refreshing for SqlTx<DB> {
    async fn connections_to_refresh(
        &mut self,
        refreshed_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections JOIN connection_tokens
                 ON connection_tokens.clinic_id = connections.clinic_id
                AND connection_tokens.connection_id = connections.id
             WHERE connection_tokens.refreshed_at < $1 AND connections.state = 'connected'
             ORDER BY connection_tokens.refreshed_at, connections.id LIMIT $2",
        ])
        .bind(&refreshed_before)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, connection)
        .await
    }

    async fn connections_in_doubt(&mut self, asked_before: Timestamp, limit: i64) -> Result<Vec<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections WHERE in_doubt AND asked_at < $1 ORDER BY asked_at, id LIMIT $2",
        ])
        .bind(&asked_before)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, connection)
        .await
    }
}
