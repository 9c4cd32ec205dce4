//! Looking at a room again, after something other than a delivery changed: a press, a decision, an appointment.

use std::ops::Range;

use domain::{ClinicId, RoomId, StaffId, Timestamp, room::Room};

use crate::{
    Attendance, Result, derive,
    recompute::{self, Changes, Ground},
};

impl Attendance {
    /// Looks again at who was in this room around that time. An unknown room is nobody's.
    pub async fn reconsider(&self, clinic: ClinicId, room: RoomId, around: Timestamp) -> Result<()> {
        let room = self.store.read().await?.room(clinic, room).await?;
        match room {
            Some(room) => self.look_again(&room, around..around).await,
            None => Ok(()),
        }
    }

    /// Looks again at who was in the staff member's room in the range (and, as far as appointments reach, before and
    /// after it), where they have one. After a booking, for the old and the new time and host.
    pub async fn reconsider_host(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        range: Range<Timestamp>,
    ) -> Result<()> {
        let room = self.store.read().await?.room_of(clinic, staff).await?;
        match room {
            Some(room) => self.look_again(&room, range).await,
            None => Ok(()),
        }
    }

    /// Looks again at who was in any of the clinic's rooms around that time. After somebody of the staff connected Zoom:
    /// they may have been in a colleague's room before anybody knew their account.
    pub async fn reconsider_clinic(&self, clinic: ClinicId, around: Timestamp) -> Result<()> {
        let rooms = self.store.read().await?.rooms(clinic).await?;
        for room in rooms {
            self.look_again(&room, around..around).await?;
        }
        Ok(())
    }

    async fn look_again(&self, room: &Room, range: Range<Timestamp>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.lock_room(room.clinic_id, room.id).await?;
        let ground = Ground::load(&mut *tx, room.clinic_id).await?;
        let mut changes = Changes::at(self.ambient.now());
        let days = derive::days_touched(&ground.clinic.zone, range);
        recompute::days(&mut *tx, &ground, room, days, &mut changes).await?;
        if changes.is_empty() {
            return Ok(());
        }
        changes.note(&mut *tx, room.clinic_id).await?;
        Ok(tx.commit().await?)
    }
}
