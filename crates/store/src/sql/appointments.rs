//! Appointments and who is to attend them.

use std::{collections::HashMap, ops::Range};

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, StaffId, Timestamp,
    appointment::{self, Appointment, Attendee, Consent},
    id::Id,
    telehealth::Booked,
};

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{Result, backend::Backend, ports::appointments::Appointments};

pub(super) const APPOINTMENT: &str = "clinic_id, id, external_id, starts_at, ends_at, host_id, kind, status, created_at, \
    updated_at, revision, event_type, location, service";

pub(super) fn appointment<DB: Backend>(row: &Record<DB>) -> Result<Appointment> {
    Ok(Appointment {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        external_id: row.get("external_id")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        host: row.get("host_id")?,
        kind: row.get("kind")?,
        status: row.get("status")?,
        booked_as: Booked {
            event_type: row.get("event_type")?,
            location: row.get("location")?,
            service: row.get("service")?,
        },
        attendees: Vec::new(),
        revision: row.get("revision")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

const ATTENDEE: &str =
    "appointment_id, id, external_id, name, email, phone, consent_email, consent_sms, language";

fn attendee<DB: Backend>(row: &Record<DB>) -> Result<(AppointmentId, Attendee)> {
    Ok((
        row.get("appointment_id")?,
        Attendee {
            id: row.get("id")?,
            external_id: row.get("external_id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            phone: row.get("phone")?,
            consent: Consent { email: row.get("consent_email")?, sms: row.get("consent_sms")? },
            language: row.get("language")?,
        },
    ))
}

/// Ids as the one parameter that [`Backend::IDS_2`] takes apart again.
pub(super) fn set_of<I: Id>(ids: impl IntoIterator<Item = I>) -> Vec<String> {
    ids.into_iter().map(|id| id.uuid().simple().to_string()).collect()
}

impl<DB: Backend> SqlTx<DB> {
    pub(super) async fn with_attendees(
        &mut self,
        clinic: ClinicId,
        mut appointments: Vec<Appointment>,
    ) -> Result<Vec<Appointment>> {
        if appointments.is_empty() {
            return Ok(appointments);
        }
        let attendees = Statement::<DB>::assembled(&[
            "SELECT ",
            ATTENDEE,
            " FROM attendees WHERE clinic_id = $1 AND listed AND appointment_id IN ",
            DB::IDS_2,
            " ORDER BY appointment_id, position",
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().map(|appointment| appointment.id)))
        .fetch_all_as(&mut self.inner, attendee)
        .await?;
        let mut by_appointment: HashMap<AppointmentId, Vec<Attendee>> = HashMap::new();
        for (appointment, attendee) in attendees {
            by_appointment.entry(appointment).or_default().push(attendee);
        }
        for appointment in &mut appointments {
            appointment.attendees = by_appointment.remove(&appointment.id).unwrap_or_default();
        }
        Ok(appointments)
    }

    async fn one_with_attendees(
        &mut self,
        clinic: ClinicId,
        appointment: Option<Appointment>,
    ) -> Result<Option<Appointment>> {
        Ok(self.with_attendees(clinic, appointment.into_iter().collect()).await?.pop())
    }
}

#[async_trait]
impl<DB: Backend> Appointments for SqlTx<DB> {
    async fn put_appointment(&mut self, clinic: ClinicId, appointment: &Appointment) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO appointments
                 (clinic_id, id, external_id, starts_at, ends_at, host_id, kind, status, created_at, updated_at,
                  revision, event_type, location, service)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (clinic_id, id) DO UPDATE SET
                 external_id = excluded.external_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                 host_id = excluded.host_id, kind = excluded.kind, status = excluded.status,
                 updated_at = excluded.updated_at, revision = excluded.revision,
                 event_type = excluded.event_type, location = excluded.location, service = excluded.service",
        )
        .bind(&clinic)
        .bind(&appointment.id)
        .bind(&appointment.external_id)
        .bind(&appointment.starts_at)
        .bind(&appointment.ends_at)
        .bind(&appointment.host)
        .bind(&appointment.kind)
        .bind(&appointment.status)
        .bind(&appointment.created_at)
        .bind(&appointment.updated_at)
        .bind(&appointment.revision)
        .bind(&appointment.booked_as.event_type)
        .bind(&appointment.booked_as.location)
        .bind(&appointment.booked_as.service)
        .execute(&mut self.inner)
        .await?;
        Statement::<DB>::new(
            "UPDATE attendees SET listed = FALSE WHERE clinic_id = $1 AND appointment_id = $2 AND listed",
        )
        .bind(&clinic)
        .bind(&appointment.id)
        .execute(&mut self.inner)
        .await?;
        for (position, attendee) in (0_i64..).zip(&appointment.attendees) {
            // An id that another appointment has is a conflict, by the other unique key.
            Statement::<DB>::new(
                "INSERT INTO attendees
                     (clinic_id, appointment_id, id, external_id, name, email, phone, consent_email, consent_sms,
                      position, language, listed)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, TRUE)
                 ON CONFLICT (clinic_id, appointment_id, id) DO UPDATE SET
                     external_id = excluded.external_id, name = excluded.name, email = excluded.email,
                     phone = excluded.phone, consent_email = excluded.consent_email,
                     consent_sms = excluded.consent_sms, position = excluded.position, language = excluded.language,
                     listed = TRUE",
            )
            .bind(&clinic)
            .bind(&appointment.id)
            .bind(&attendee.id)
            .bind(&attendee.external_id)
            .bind(&attendee.name)
            .bind(&attendee.email)
            .bind(&attendee.phone)
            .bind(&attendee.consent.email)
            .bind(&attendee.consent.sms)
            .bind(&position)
            .bind(&attendee.language)
            .execute(&mut self.inner)
            .await?;
        }
        Ok(())
    }

    async fn appointment(&mut self, clinic: ClinicId, id: AppointmentId) -> Result<Option<Appointment>> {
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments WHERE clinic_id = $1 AND id = $2",
        ])
        .bind(&clinic)
        .bind(&id)
        .fetch_optional_as(&mut self.inner, appointment)
        .await?;
        self.one_with_attendees(clinic, found).await
    }

    async fn appointment_by_external_id(
        &mut self,
        clinic: ClinicId,
        external_id: &str,
    ) -> Result<Option<Appointment>> {
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments WHERE clinic_id = $1 AND external_id = $2",
        ])
        .bind(&clinic)
        .bind_text(external_id)
        .fetch_optional_as(&mut self.inner, appointment)
        .await?;
        self.one_with_attendees(clinic, found).await
    }

    async fn appointment_of_attendee(
        &mut self,
        clinic: ClinicId,
        attendee: AttendeeId,
    ) -> Result<Option<Appointment>> {
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments WHERE clinic_id = $1
               AND id = (SELECT appointment_id FROM attendees WHERE clinic_id = $1 AND id = $2)",
        ])
        .bind(&clinic)
        .bind(&attendee)
        .fetch_optional_as(&mut self.inner, appointment)
        .await?;
        self.one_with_attendees(clinic, found).await
    }

    async fn former_attendees(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
    ) -> Result<Vec<Attendee>> {
        let former = Statement::<DB>::assembled(&[
            "SELECT ",
            ATTENDEE,
            " FROM attendees WHERE clinic_id = $1 AND appointment_id = $2 AND NOT listed ORDER BY id DESC",
        ])
        .bind(&clinic)
        .bind(&appointment)
        .fetch_all_as(&mut self.inner, attendee)
        .await?;
        Ok(former.into_iter().map(|(_, attendee)| attendee).collect())
    }

    async fn appointments(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        host: Option<StaffId>,
    ) -> Result<Vec<Appointment>> {
        // The third bound follows from the second, since none is longer; with it the index is read from there on.
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments
             WHERE clinic_id = $1 AND starts_at < $3 AND ends_at > $2 AND starts_at > $4
               AND ($5 IS NULL OR host_id = $5)
             ORDER BY starts_at, id",
        ])
        .bind(&clinic)
        .bind(&range.start)
        .bind(&range.end)
        .bind(&range.start.minus(appointment::LONGEST).minus(std::time::Duration::from_micros(1)))
        .bind(&host)
        .fetch_all_as(&mut self.inner, appointment)
        .await?;
        self.with_attendees(clinic, found).await
    }

    async fn appointments_page(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        host: Option<StaffId>,
        after: Option<(Timestamp, AppointmentId)>,
        limit: i64,
    ) -> Result<Vec<Appointment>> {
        let (after_start, after_id) = match after {
            Some(after) => after,
            // Before everything in the range.
            None => (
                range.start.minus(std::time::Duration::from_micros(1)),
                AppointmentId::from_uuid(uuid::Uuid::max()),
            ),
        };
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments
             WHERE clinic_id = $1 AND starts_at >= $2 AND starts_at < $3 AND ($4 IS NULL OR host_id = $4)
               AND (starts_at, id) > ($5, $6)
             ORDER BY starts_at, id LIMIT $7",
        ])
        .bind(&clinic)
        .bind(&range.start)
        .bind(&range.end)
        .bind(&host)
        .bind(&after_start)
        .bind(&after_id)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, appointment)
        .await?;
        self.with_attendees(clinic, found).await
    }
}
