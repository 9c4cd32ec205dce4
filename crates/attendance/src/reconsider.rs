//! Looking at a room again, after something other than a delivery changed: a press, a decision, an appointment.

use std::ops::Range;

use domain::{ClinicId, RoomId, StaffId, Timestamp};

use crate::{Attendance, Error, Result};

impl Attendance {
    /// Looks again at who was in this room around that time.
    pub async fn reconsider(&self, _clinic: ClinicId, _room: RoomId, _around: Timestamp) -> Result<()> {
        Err(Error::NotBuilt("reconsidering"))
    }

    /// Looks again at who was in the staff member's room in the range (before and after it too, as far as
    /// appointments reach), where they have one. After a booking, for the old and the new time and host.
    pub async fn reconsider_host(
        &self,
        _clinic: ClinicId,
        _staff: StaffId,
        _range: Range<Timestamp>,
    ) -> Result<()> {
        Err(Error::NotBuilt("reconsidering"))
    }
}
