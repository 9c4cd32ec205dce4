//! The inbox.

use async_trait::async_trait;
use domain::{DeliveryId, Timestamp, id::Id as _};

use uuid::Uuid;

use super::{
    SqlTx,
    statement::{Record, Statement},
};
use crate::{
    Result,
    backend::Backend,
    ports::inbox::{Delivery, Inbox, NewDelivery, Settled},
};

pub(super) fn delivery<DB: Backend>(row: &Record<DB>) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get("id")?,
        source: row.get("source")?,
        received_at: row.get("received_at")?,
        late: row.get("late")?,
        body: row.get("body")?,
    })
}

/// Stores them; see [`crate::Store::keep_deliveries`].
pub(super) async fn keep<DB: Backend>(
    connection: &mut DB::Connection,
    deliveries: &[NewDelivery],
) -> Result<u64> {
    if deliveries.is_empty() {
        return Ok(0);
    }
    if deliveries.iter().any(|new| new.body.contains('\0') || new.event.contains('\0')) {
        return Err(sqlx::Error::Encode("a delivery with NUL in it is no JSON".into()).into());
    }
    // In the order of the unique key, so that two instances that store the same ones never wait for each other.
    let mut ordered: Vec<&NewDelivery> = deliveries.iter().collect();
    ordered.sort_by_key(|new| (new.event_ts, new.digest));
    Ok(DB::insert_deliveries(connection, &ordered).await?)
}

#[async_trait]
impl<DB: Backend> Inbox for SqlTx<DB> {
    async fn claim_deliveries(&mut self, limit: i64) -> Result<Vec<Delivery>> {
        Statement::<DB>::assembled(&[
            "SELECT id, source, received_at, late, body FROM deliveries WHERE settled_at IS NULL ORDER BY id LIMIT $1 ",
            DB::TAKE,
        ])
        .bind(&limit)
        .fetch_all_as(&mut self.inner, delivery)
        .await
    }

    async fn settle_deliveries(&mut self, settled: &[Settled], now: Timestamp) -> Result<()> {
        let rows: Vec<_> = settled
            .iter()
            .map(|settled| {
                let clinic = settled.clinic_id.map(|clinic| clinic.uuid().simple().to_string());
                (settled.id.uuid().simple().to_string(), clinic, settled.outcome.as_str())
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        Statement::<DB>::assembled(&[
            "UPDATE deliveries
             SET clinic_id = settled.clinic_id, outcome = settled.outcome, settled_at = $2
             FROM ",
            DB::SETTLED_1,
            " AS settled WHERE deliveries.id = settled.id",
        ])
        .bind_json(&rows)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn settled_deliveries(&mut self, after: Option<DeliveryId>, limit: i64) -> Result<Vec<Delivery>> {
        Statement::<DB>::new(
            "SELECT id, source, received_at, late, body FROM deliveries
             WHERE settled_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
        )
        .bind(&after.unwrap_or(DeliveryId::from_uuid(Uuid::nil())))
        .bind(&limit)
        .fetch_all_as(&mut self.inner, delivery)
        .await
    }

    async fn waiting_since(&mut self) -> Result<Option<Timestamp>> {
        Statement::<DB>::new(
            "SELECT received_at FROM deliveries WHERE settled_at IS NULL ORDER BY id LIMIT 1",
        )
        .fetch_optional_as(&mut self.inner, |row| row.get("received_at"))
        .await
    }

    async fn inbox_backlog(&mut self) -> Result<i64> {
        Statement::<DB>::new("SELECT COUNT(*) AS waiting FROM deliveries WHERE settled_at IS NULL")
            .fetch_one(&mut self.inner)
            .await?
            .get("waiting")
    }
}
