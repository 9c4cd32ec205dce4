//! Rooms of other products, and what can be dialled.

use async_trait::async_trait;
use domain::{ClinicId, RoomId, StaffId};

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::other_rooms::{OtherRoom, OtherRooms},
};

const ROOM: &str = "clinic_id, id, staff_id, host_url_sealed, guest_url_sealed, host_url_digest, guest_url_digest, \
    host_name, trouble, checked_at, created_at";

fn room<DB: Backend>(row: &Record<DB>) -> Result<OtherRoom> {
    Ok(OtherRoom {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        host_url_sealed: row.get("host_url_sealed")?,
        guest_url_sealed: row.get("guest_url_sealed")?,
        host_url_digest: row.get("host_url_digest")?,
        guest_url_digest: row.get("guest_url_digest")?,
        host_name: row.get("host_name")?,
        trouble: row.get("trouble")?,
        checked_at: row.get("checked_at")?,
        created_at: row.get("created_at")?,
    })
}

#[async_trait]
impl<DB: Backend> OtherRooms for SqlTx<DB> {
    async fn other_room_of(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<OtherRoom>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            ROOM,
            " FROM other_rooms WHERE clinic_id = $1 AND staff_id = $2",
        ])
        .bind(&clinic)
        .bind(&staff)
        .fetch_optional_as(&mut self.inner, room)
        .await
    }

    async fn other_rooms(&mut self, clinic: ClinicId) -> Result<Vec<OtherRoom>> {
        Statement::<DB>::assembled(&["SELECT ", ROOM, " FROM other_rooms WHERE clinic_id = $1 ORDER BY id"])
            .bind(&clinic)
            .fetch_all_as(&mut self.inner, room)
            .await
    }

    async fn put_other_room(&mut self, room: &OtherRoom) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO other_rooms
                 (clinic_id, id, staff_id, host_url_sealed, guest_url_sealed, host_url_digest, guest_url_digest,
                  host_name, trouble, checked_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (clinic_id, id) DO UPDATE SET
                 host_url_sealed = excluded.host_url_sealed, guest_url_sealed = excluded.guest_url_sealed,
                 host_url_digest = excluded.host_url_digest, guest_url_digest = excluded.guest_url_digest,
                 host_name = excluded.host_name, trouble = excluded.trouble, checked_at = excluded.checked_at",
        )
        .bind(&room.clinic_id)
        .bind(&room.id)
        .bind(&room.staff_id)
        .bind(&room.host_url_sealed)
        .bind(&room.guest_url_sealed)
        .bind(&room.host_url_digest)
        .bind(&room.guest_url_digest)
        .bind(&room.host_name)
        .bind(&room.trouble)
        .bind(&room.checked_at)
        .bind(&room.created_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn dial_in(&mut self, clinic: ClinicId, room: RoomId) -> Result<Option<Vec<u8>>> {
        let found = Statement::<DB>::new("SELECT dial_in_sealed FROM rooms WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .fetch_optional_as(&mut self.inner, |row| row.get("dial_in_sealed"))
            .await?;
        Ok(found.flatten())
    }

    async fn set_dial_in(&mut self, clinic: ClinicId, room: RoomId, sealed: Option<&[u8]>) -> Result<()> {
        Statement::<DB>::new("UPDATE rooms SET dial_in_sealed = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .bind(&sealed.map(<[u8]>::to_vec))
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}
