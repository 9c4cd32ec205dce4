//! What kind of room is wanted, and how a room stands.

use async_trait::async_trait;
use domain::{ClinicId, RoomId, StaffId, Timestamp, room::RoomKind};

use super::{
    SqlTx,
    links::{LINK, link},
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::{
        links::Link,
        rooms::{RoomState, Rooms},
    },
};

fn state<DB: Backend>(row: &Record<DB>) -> Result<RoomState> {
    let trouble: Option<String> = row.get("invites_trouble")?;
    Ok(RoomState {
        series_ends_at: row.get("series_ends_at")?,
        kind_trouble: row.get("kind_trouble")?,
        invites_refused: trouble.zip(row.get::<Option<Timestamp>>("invites_refused_at")?),
    })
}

#[async_trait]
impl<DB: Backend> Rooms for SqlTx<DB> {
    async fn clinic_room_kind(&mut self, clinic: ClinicId) -> Result<RoomKind> {
        let kind = Statement::<DB>::new("SELECT room_kind FROM clinics WHERE id = $1")
            .bind(&clinic)
            .fetch_optional_as(&mut self.inner, |row| row.get("room_kind"))
            .await?;
        Ok(kind.unwrap_or(RoomKind::Open))
    }

    async fn set_clinic_room_kind(&mut self, clinic: ClinicId, kind: RoomKind) -> Result<()> {
        Statement::<DB>::new("UPDATE clinics SET room_kind = $2 WHERE id = $1")
            .bind(&clinic)
            .bind(&kind)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn staff_room_kind(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<RoomKind>> {
        let kind = Statement::<DB>::new("SELECT room_kind FROM staff WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&staff)
            .fetch_optional_as(&mut self.inner, |row| row.get::<Option<RoomKind>>("room_kind"))
            .await?;
        Ok(kind.flatten())
    }

    async fn set_staff_room_kind(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        kind: Option<RoomKind>,
    ) -> Result<()> {
        Statement::<DB>::new("UPDATE staff SET room_kind = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&staff)
            .bind(&kind)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn hosts_elsewhere(&mut self, clinic: ClinicId) -> Result<Vec<StaffId>> {
        Statement::<DB>::new(
            "SELECT staff.id FROM staff JOIN clinics ON clinics.id = staff.clinic_id
             WHERE staff.clinic_id = $1 AND COALESCE(staff.room_kind, clinics.room_kind) = 'other' ORDER BY staff.id",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, |row| row.get("id"))
        .await
    }

    async fn room_state(&mut self, clinic: ClinicId, room: RoomId) -> Result<RoomState> {
        let found = Statement::<DB>::new(
            "SELECT series_ends_at, kind_trouble, invites_trouble, invites_refused_at
             FROM rooms WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&room)
        .fetch_optional_as(&mut self.inner, state)
        .await?;
        Ok(found.unwrap_or_default())
    }

    async fn set_room_state(&mut self, clinic: ClinicId, room: RoomId, state: &RoomState) -> Result<()> {
        let (trouble, since) = state.invites_refused.clone().unzip();
        Statement::<DB>::new(
            "UPDATE rooms
             SET series_ends_at = $3, kind_trouble = $4, invites_trouble = $5, invites_refused_at = $6
             WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&state.series_ends_at)
        .bind(&state.kind_trouble)
        .bind(&trouble)
        .bind(&since)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn guest_link(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Link>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            LINK,
            " FROM links
             WHERE clinic_id = $1 AND staff_id = $2 AND link_for = 'guest' AND revoked_at IS NULL",
        ])
        .bind(&clinic)
        .bind(&staff)
        .fetch_optional_as(&mut self.inner, link)
        .await
    }
}
