//! When nothing could be received, and comparisons with Zoom's own record.

use std::ops::Range;

use async_trait::async_trait;
use domain::{ClinicId, ReconciliationId, Timestamp};
use uuid::Uuid;

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::recovery::{Outage, Reconciliation, Recovery},
};

const RECONCILIATION: &str = "clinic_id, id, room_id, began_at, ended_at, why, due_at, tries, done_at, found";

fn outage<DB: Backend>(row: &Record<DB>) -> Result<Outage> {
    Ok(Outage { id: row.get("id")?, range: row.get("began_at")?..row.get("ended_at")? })
}

fn reconciliation<DB: Backend>(row: &Record<DB>) -> Result<Reconciliation> {
    Ok(Reconciliation {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        range: row.get("began_at")?..row.get("ended_at")?,
        why: row.get("why")?,
        due_at: row.get("due_at")?,
        tries: row.get("tries")?,
        done_at: row.get("done_at")?,
        found: row.get("found")?,
    })
}

#[async_trait]
impl<DB: Backend> Recovery for SqlTx<DB> {
    async fn beat(&mut self, instance: Uuid, now: Timestamp) -> Result<Option<Timestamp>> {
        let last = Statement::<DB>::new("SELECT MAX(at) AS last FROM heartbeats")
            .fetch_one(&mut self.inner)
            .await?
            .get("last")?;
        Statement::<DB>::new(
            "INSERT INTO heartbeats (instance_id, at) VALUES ($1, $2)
             ON CONFLICT (instance_id) DO UPDATE SET at = excluded.at WHERE heartbeats.at < excluded.at",
        )
        .bind(&instance)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(last)
    }

    async fn purge_beats(&mut self, before: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "DELETE FROM heartbeats WHERE at < $1 AND at < (SELECT MAX(at) FROM heartbeats)",
        )
        .bind(&before)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn insert_outage(&mut self, outage: &Outage) -> Result<bool> {
        let added = Statement::<DB>::new(
            "INSERT INTO outages (id, began_at, ended_at) VALUES ($1, $2, $3) ON CONFLICT (began_at) DO NOTHING",
        )
        .bind(&outage.id)
        .bind(&outage.range.start)
        .bind(&outage.range.end)
        .execute(&mut self.inner)
        .await?;
        Ok(added == 1)
    }

    async fn outages(&mut self, range: Range<Timestamp>) -> Result<Vec<Outage>> {
        Statement::<DB>::new(
            "SELECT id, began_at, ended_at FROM outages
             WHERE began_at < $2 AND ended_at > $1 ORDER BY began_at",
        )
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, outage)
        .await
    }

    async fn put_reconciliation(&mut self, due: &Reconciliation) -> Result<()> {
        // Neither engine has a word for the smaller of two values that the other knows.
        Statement::<DB>::new(
            "INSERT INTO reconciliations
                 (clinic_id, id, room_id, began_at, ended_at, why, due_at, tries, done_at, found)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (clinic_id, room_id, why)
                 WHERE done_at IS NULL AND lease_until IS NULL AND tries = 0
             DO UPDATE SET
                 began_at = CASE WHEN excluded.began_at < reconciliations.began_at
                                 THEN excluded.began_at ELSE reconciliations.began_at END,
                 ended_at = CASE WHEN excluded.ended_at > reconciliations.ended_at
                                 THEN excluded.ended_at ELSE reconciliations.ended_at END,
                 due_at = CASE WHEN excluded.due_at > reconciliations.due_at
                               THEN excluded.due_at ELSE reconciliations.due_at END",
        )
        .bind(&due.clinic_id)
        .bind(&due.id)
        .bind(&due.room_id)
        .bind(&due.range.start)
        .bind(&due.range.end)
        .bind(&due.why)
        .bind(&due.due_at)
        .bind(&due.tries)
        .bind(&due.done_at)
        .bind(&due.found)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn claim_reconciliations(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Reconciliation>> {
        let claimed = Statement::<DB>::assembled(&[
            "SELECT ",
            RECONCILIATION,
            " FROM reconciliations
             WHERE done_at IS NULL AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
             ORDER BY due_at, id LIMIT $2 ",
            DB::TAKE,
        ])
        .bind(&now)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, reconciliation)
        .await?;
        for claimed in &claimed {
            Statement::<DB>::new(
                "UPDATE reconciliations SET lease_until = $3 WHERE clinic_id = $1 AND id = $2",
            )
            .bind(&claimed.clinic_id)
            .bind(&claimed.id)
            .bind(&until)
            .execute(&mut self.inner)
            .await?;
        }
        Ok(claimed)
    }

    async fn retry_reconciliation(
        &mut self,
        clinic: ClinicId,
        id: ReconciliationId,
        due_at: Timestamp,
        found: &str,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE reconciliations SET due_at = $3, found = $4, tries = tries + 1, lease_until = NULL
             WHERE clinic_id = $1 AND id = $2 AND done_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&due_at)
        .bind_text(found)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn finish_reconciliation(
        &mut self,
        clinic: ClinicId,
        id: ReconciliationId,
        now: Timestamp,
        found: &str,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE reconciliations SET done_at = $3, found = $4, lease_until = NULL
             WHERE clinic_id = $1 AND id = $2 AND done_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&now)
        .bind_text(found)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn reconciliations(
        &mut self,
        clinic: ClinicId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Reconciliation>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            RECONCILIATION,
            " FROM reconciliations
             WHERE clinic_id = $1 AND ended_at > $2 AND began_at < $3 ORDER BY began_at, id",
        ])
        .bind(&clinic)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, reconciliation)
        .await
    }
}
