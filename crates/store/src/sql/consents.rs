//! What patients agreed to.

use async_trait::async_trait;
use domain::{AppointmentId, AttendeeId, ClinicId, Timestamp, outreach::message::Channel, text::ExternalId};

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::consents::{ConsentChange, Consents},
};

fn change<DB: Backend>(row: &Record<DB>) -> Result<ConsentChange> {
    Ok(ConsentChange {
        channel: row.get("channel")?,
        given: row.get("given")?,
        said_by: row.get("said_by")?,
        at: row.get("at")?,
    })
}

#[async_trait]
impl<DB: Backend> Consents for SqlTx<DB> {
    async fn note_consent(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: AttendeeId,
        change: &ConsentChange,
    ) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO consents (clinic_id, appointment_id, attendee_id, number, channel, given, said_by, at)
             VALUES ($1, $2, $3,
                     (SELECT COUNT(*) FROM consents
                      WHERE clinic_id = $1 AND appointment_id = $2 AND attendee_id = $3),
                     $4, $5, $6, $7)",
        )
        .bind(&clinic)
        .bind(&appointment)
        .bind(&attendee)
        .bind(&change.channel)
        .bind(&change.given)
        .bind(&change.said_by)
        .bind(&change.at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn consents_of(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: AttendeeId,
    ) -> Result<Vec<ConsentChange>> {
        Statement::<DB>::new(
            "SELECT channel, given, said_by, at FROM consents
             WHERE clinic_id = $1 AND appointment_id = $2 AND attendee_id = $3 ORDER BY number",
        )
        .bind(&clinic)
        .bind(&appointment)
        .bind(&attendee)
        .fetch_all_as(&mut self.inner, change)
        .await
    }

    async fn consents_of_persons(
        &mut self,
        clinic: ClinicId,
        external_ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, ConsentChange)>> {
        Statement::<DB>::assembled(&[
            "SELECT attendees.external_id, consents.channel, consents.given, consents.said_by, consents.at
             FROM attendees JOIN consents
               ON consents.clinic_id = attendees.clinic_id AND consents.appointment_id = attendees.appointment_id
              AND consents.attendee_id = attendees.id
             WHERE attendees.clinic_id = $1 AND attendees.external_id IN ",
            DB::TEXTS_2,
            " ORDER BY consents.at, consents.number",
        ])
        .bind(&clinic)
        .bind_json(external_ids)
        .fetch_all_as(&mut self.inner, |row| Ok((row.get("external_id")?, change(row)?)))
        .await
    }

    async fn set_consent(
        &mut self,
        clinic: ClinicId,
        attendee: AttendeeId,
        channel: Channel,
        given: bool,
    ) -> Result<()> {
        let sql = match channel {
            Channel::Email => "UPDATE attendees SET consent_email = $3 WHERE clinic_id = $1 AND id = $2",
            Channel::Sms => "UPDATE attendees SET consent_sms = $3 WHERE clinic_id = $1 AND id = $2",
            Channel::Copy => return Ok(()),
        };
        Statement::<DB>::new(sql).bind(&clinic).bind(&attendee).bind(&given).execute(&mut self.inner).await?;
        Ok(())
    }

    async fn opt_out(&mut self, channel: Channel, address: &str, now: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO opt_outs (channel, address, at) VALUES ($1, $2, $3)
             ON CONFLICT (channel, address) DO NOTHING",
        )
        .bind(&channel)
        .bind_text(address)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn opt_in(&mut self, channel: Channel, address: &str) -> Result<()> {
        Statement::<DB>::new("DELETE FROM opt_outs WHERE channel = $1 AND address = $2")
            .bind(&channel)
            .bind_text(address)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn opted_out(&mut self, channel: Channel, addresses: &[String]) -> Result<Vec<String>> {
        Statement::<DB>::assembled(&[
            "SELECT address FROM opt_outs WHERE channel = $1 AND address IN ",
            DB::TEXTS_2,
        ])
        .bind(&channel)
        .bind_json(addresses)
        .fetch_all_as(&mut self.inner, |row| row.get("address"))
        .await
    }
}
