//! Appointments and who is to attend them.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
};

use crate::Result;

/// Appointments.
#[async_trait]
pub trait Appointments {
    /// Adds the appointment, or replaces it (by its id) with its attendees. Attendees that are no longer listed are
    /// kept out of sight, since presses and decisions speak of them. A taken external id is a conflict.
    async fn put_appointment(&mut self, clinic: ClinicId, appointment: &Appointment) -> Result<()>;
    /// The appointment.
    async fn appointment(&mut self, clinic: ClinicId, id: AppointmentId) -> Result<Option<Appointment>>;
    /// The appointment with the scheduler's own id.
    async fn appointment_by_external_id(
        &mut self,
        clinic: ClinicId,
        external_id: &str,
    ) -> Result<Option<Appointment>>;
    /// The appointment that the attendee belongs to; the attendee may no longer be listed.
    async fn appointment_of_attendee(
        &mut self,
        clinic: ClinicId,
        attendee: AttendeeId,
    ) -> Result<Option<Appointment>>;
    /// Who was taken off the appointment, whoever was put on it last first.
    async fn former_attendees(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
    ) -> Result<Vec<Attendee>>;
    /// Those that overlap the range, by start then id, of one host or of all; cancelled ones too.
    async fn appointments(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        host: Option<StaffId>,
    ) -> Result<Vec<Appointment>>;
    /// A page of those that start in the range, by start then id, after the cursor.
    async fn appointments_page(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        host: Option<StaffId>,
        after: Option<(Timestamp, AppointmentId)>,
        limit: i64,
    ) -> Result<Vec<Appointment>>;
}
