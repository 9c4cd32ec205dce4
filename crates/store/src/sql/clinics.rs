//! Clinics and their people.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{
    ClinicId, StaffId, Timestamp,
    clinic::Clinic,
    staff::{Role, StaffMember},
    text::{Name, Phone},
};

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{Result, backend::Backend, ports::clinics::Clinics};

pub(super) fn clinic<DB: Backend>(row: &Record<DB>) -> Result<Clinic> {
    Ok(Clinic {
        id: row.get("id")?,
        name: row.get("name")?,
        zone: row.get("time_zone")?,
        created_at: row.get("created_at")?,
    })
}

pub(super) fn member<DB: Backend>(row: &Record<DB>) -> Result<StaffMember> {
    Ok(StaffMember {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        external_id: row.get("external_id")?,
        roles: row.get_json("roles")?,
        disabled_at: row.get("disabled_at")?,
        created_at: row.get("created_at")?,
    })
}

/// By name, without regard to case. Sorted here, since the engines' own orders of texts differ.
pub(super) fn by_name<T, I: Ord>(mut things: Vec<T>, name: fn(&T) -> &Name, id: fn(&T) -> I) -> Vec<T> {
    things.sort_by_cached_key(|thing| (name(thing).as_str().to_lowercase(), id(thing)));
    things
}

#[async_trait]
impl<DB: Backend> Clinics for SqlTx<DB> {
    async fn insert_clinic(&mut self, clinic: &Clinic) -> Result<()> {
        Statement::<DB>::new("INSERT INTO clinics (id, name, time_zone, created_at) VALUES ($1, $2, $3, $4)")
            .bind(&clinic.id)
            .bind(&clinic.name)
            .bind(&clinic.zone)
            .bind(&clinic.created_at)
            .execute(&mut self.inner)
            .await?;
        Statement::<DB>::new("INSERT INTO boards (clinic_id, last_change) VALUES ($1, 0)")
            .bind(&clinic.id)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn clinic(&mut self, clinic_id: ClinicId) -> Result<Option<Clinic>> {
        Statement::<DB>::new("SELECT id, name, time_zone, created_at FROM clinics WHERE id = $1")
            .bind(&clinic_id)
            .fetch_optional_as(&mut self.inner, clinic)
            .await
    }

    async fn insert_staff(&mut self, clinic: ClinicId, member: &StaffMember) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO staff (clinic_id, id, name, email, phone, external_id, roles, disabled_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&clinic)
        .bind(&member.id)
        .bind(&member.name)
        .bind(&member.email)
        .bind(&member.phone)
        .bind(&member.external_id)
        .bind_json(&member.roles)
        .bind(&member.disabled_at)
        .bind(&member.created_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn staff_member(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<StaffMember>> {
        Statement::<DB>::new(
            "SELECT clinic_id, id, name, email, phone, external_id, roles, disabled_at, created_at
             FROM staff WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&staff)
        .fetch_optional_as(&mut self.inner, member)
        .await
    }

    async fn staff_known_as(&mut self, clinic: ClinicId, known_as: &str) -> Result<Option<StaffMember>> {
        Statement::<DB>::new(
            "SELECT clinic_id, id, name, email, phone, external_id, roles, disabled_at, created_at
             FROM staff WHERE clinic_id = $1 AND (email = $2 OR external_id = $3)
             ORDER BY CASE WHEN email = $2 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(&clinic)
        .bind_text(&known_as.to_lowercase())
        .bind_text(known_as)
        .fetch_optional_as(&mut self.inner, member)
        .await
    }

    async fn staff(&mut self, clinic: ClinicId) -> Result<Vec<StaffMember>> {
        let staff = Statement::<DB>::new(
            "SELECT clinic_id, id, name, email, phone, external_id, roles, disabled_at, created_at
             FROM staff WHERE clinic_id = $1",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, member)
        .await?;
        Ok(by_name(staff, |member| &member.name, |member| member.id))
    }

    async fn set_staff_phone(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        phone: Option<&Phone>,
    ) -> Result<()> {
        Statement::<DB>::new("UPDATE staff SET phone = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&staff)
            .bind(&phone.cloned())
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn update_staff(
        &mut self,
        clinic: ClinicId,
        staff: StaffId,
        name: &Name,
        roles: &BTreeSet<Role>,
        disabled_at: Option<Timestamp>,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE staff SET name = $3, roles = $4, disabled_at = $5 WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&staff)
        .bind(name)
        .bind_json(roles)
        .bind(&disabled_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }
}
