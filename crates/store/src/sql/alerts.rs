//! Alerts, and who is told of them.

use async_trait::async_trait;
use domain::{
    AlertId, ClinicId, StaffId, Timestamp,
    alert::{Alert, Choice, Settings, Told},
};

use super::{
    SqlTx,
    appointments::set_of,
    statement::{Record, Statement},
};
use crate::{Result, backend::Backend, ports::alerts::Alerts};

const ALERT: &str =
    "clinic_id, id, staff_id, kind, appointment_id, presence_id, key, detail, raised_at, ended_at, told_at";

fn alert<DB: Backend>(row: &Record<DB>) -> Result<Alert> {
    Ok(Alert {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        staff_id: row.get("staff_id")?,
        kind: row.get("kind")?,
        appointment_id: row.get("appointment_id")?,
        presence_id: row.get("presence_id")?,
        key: row.get("key")?,
        detail: row.get("detail")?,
        raised_at: row.get("raised_at")?,
        ended_at: row.get("ended_at")?,
        told_at: row.get("told_at")?,
    })
}

fn choice<DB: Backend>(row: &Record<DB>) -> Result<Choice> {
    let default = Choice::default();
    Ok(Choice {
        own: row.get::<Option<Told>>("told_own")?.unwrap_or(default.own),
        clinic: row.get::<Option<Told>>("told_clinic")?.unwrap_or(default.clinic),
    })
}

#[async_trait]
impl<DB: Backend> Alerts for SqlTx<DB> {
    async fn raise_alert(&mut self, alert: &Alert) -> Result<bool> {
        let added = Statement::<DB>::new(
            "INSERT INTO alerts
                 (clinic_id, id, staff_id, kind, appointment_id, presence_id, key, detail, raised_at, ended_at, told_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (clinic_id, key) DO NOTHING",
        )
        .bind(&alert.clinic_id)
        .bind(&alert.id)
        .bind(&alert.staff_id)
        .bind(&alert.kind)
        .bind(&alert.appointment_id)
        .bind(&alert.presence_id)
        .bind(&alert.key)
        .bind(&alert.detail)
        .bind(&alert.raised_at)
        .bind(&alert.ended_at)
        .bind(&alert.told_at)
        .execute(&mut self.inner)
        .await?;
        Ok(added == 1)
    }

    async fn alert(&mut self, clinic: ClinicId, id: AlertId) -> Result<Option<Alert>> {
        Statement::<DB>::assembled(&["SELECT ", ALERT, " FROM alerts WHERE clinic_id = $1 AND id = $2"])
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, alert)
            .await
    }

    async fn alerts_lasting(&mut self, clinic: ClinicId) -> Result<Vec<Alert>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            ALERT,
            " FROM alerts WHERE clinic_id = $1 AND ended_at IS NULL ORDER BY raised_at, id",
        ])
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, alert)
        .await
    }

    async fn alerts_among(&mut self, clinic: ClinicId, ids: &[AlertId]) -> Result<Vec<Alert>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            ALERT,
            " FROM alerts WHERE clinic_id = $1 AND id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(ids.iter().copied()))
        .fetch_all_as(&mut self.inner, alert)
        .await
    }

    async fn alerts_untold(&mut self, after: Option<(Timestamp, AlertId)>, limit: i64) -> Result<Vec<Alert>> {
        let mut untold = Statement::<DB>::assembled(&[
            "SELECT ",
            ALERT,
            " FROM alerts WHERE ended_at IS NULL AND told_at IS NULL",
            if after.is_some() { " AND (raised_at, id) > ($2, $3)" } else { "" },
            " ORDER BY raised_at, id LIMIT $1",
        ])
        .bind(&limit);
        if let Some((raised_at, id)) = after {
            untold = untold.bind(&raised_at).bind(&id);
        }
        untold.fetch_all_as(&mut self.inner, alert).await
    }

    async fn end_alert(&mut self, clinic: ClinicId, id: AlertId, at: Timestamp) -> Result<bool> {
        let ended = Statement::<DB>::new(
            "UPDATE alerts SET ended_at = $3 WHERE clinic_id = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(ended == 1)
    }

    async fn note_told(&mut self, clinic: ClinicId, id: AlertId, at: Timestamp) -> Result<bool> {
        let told = Statement::<DB>::new(
            "UPDATE alerts SET told_at = $3
             WHERE clinic_id = $1 AND id = $2 AND told_at IS NULL AND ended_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(told == 1)
    }

    async fn alert_choice(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Choice> {
        let chosen =
            Statement::<DB>::new("SELECT told_own, told_clinic FROM staff WHERE clinic_id = $1 AND id = $2")
                .bind(&clinic)
                .bind(&staff)
                .fetch_optional_as(&mut self.inner, choice)
                .await?;
        Ok(chosen.unwrap_or_default())
    }

    async fn alert_choices(&mut self, clinic: ClinicId) -> Result<Vec<(StaffId, Choice)>> {
        Statement::<DB>::new("SELECT id, told_own, told_clinic FROM staff WHERE clinic_id = $1 ORDER BY id")
            .bind(&clinic)
            .fetch_all_as(&mut self.inner, |row| Ok((row.get("id")?, choice(row)?)))
            .await
    }

    async fn set_alert_choice(&mut self, clinic: ClinicId, staff: StaffId, choice: Choice) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE staff SET told_own = $3, told_clinic = $4 WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&staff)
        .bind(&choice.own)
        .bind(&choice.clinic)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn alert_settings(&mut self, clinic: ClinicId) -> Result<Settings> {
        let settings = Statement::<DB>::new("SELECT settings FROM alert_settings WHERE clinic_id = $1")
            .bind(&clinic)
            .fetch_optional_as(&mut self.inner, |row| row.get_json("settings"))
            .await?;
        Ok(settings.unwrap_or_default())
    }

    async fn set_alert_settings(&mut self, clinic: ClinicId, settings: &Settings) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO alert_settings (clinic_id, settings) VALUES ($1, $2)
             ON CONFLICT (clinic_id) DO UPDATE SET settings = excluded.settings",
        )
        .bind(&clinic)
        .bind_json(settings)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }
}
