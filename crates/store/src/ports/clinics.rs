//! Clinics and their people.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{
    ClinicId, StaffId, Timestamp,
    clinic::Clinic,
    staff::{Role, StaffMember},
    text::{Name, Phone},
};

use crate::Result;

/// Clinics and their people.
#[async_trait]
pub trait Clinics {
    /// Adds a clinic. A name that is taken is a conflict.
    async fn insert_clinic(&mut self, clinic: &Clinic) -> Result<()>;
    /// The clinic.
    async fn clinic(&mut self, clinic: ClinicId) -> Result<Option<Clinic>>;
    /// Adds a person. An e-mail address that is taken in the installation is a conflict.
    async fn insert_staff(&mut self, clinic: ClinicId, member: &StaffMember) -> Result<()>;
    /// The person.
    async fn staff_member(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<StaffMember>>;
    /// The person with this e-mail address (in any case) or, failing that, this external id.
    async fn staff_known_as(&mut self, clinic: ClinicId, known_as: &str) -> Result<Option<StaffMember>>;
    /// Everybody, by name; those who may no longer sign in too.
    async fn staff(&mut self, clinic: ClinicId) -> Result<Vec<StaffMember>>;
    /// Says where text messages to a person go.
    async fn set_staff_phone(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        phone: Option<&Phone>,
    ) -> Result<()>;
    /// Changes what a person is called and may do.
    async fn update_staff(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        name: &Name,
        roles: &BTreeSet<Role>,
        disabled_at: Option<Timestamp>,
    ) -> Result<()>;
}
