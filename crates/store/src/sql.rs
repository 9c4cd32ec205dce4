//! The only implementation of the ports, generic over the backend; one file for each port.

mod access;
mod alerts;
mod appointments;
mod attendance;
mod clinics;
mod columns;
mod connections;
mod consents;
mod doors;
mod evidence;
mod feed;
mod guarding;
mod inbox;
mod links;
mod messages;
mod other_rooms;
mod outreach;
mod recovery;
mod rooms;
mod statement;

use async_trait::async_trait;
use domain::ClinicId;
use sqlx::{Pool, Transaction};
use tokio::sync::broadcast;

use self::statement::Statement;
use crate::{
    Result, Store, Tx,
    backend::Backend,
    hub::{Hub, Touched, Voices},
    ports::inbox::NewDelivery,
};

/// A store on one engine.
pub struct SqlStore<DB: Backend> {
    reader: Pool<DB>,
    writer: Pool<DB>,
    hub: Hub,
}

impl<DB: Backend> SqlStore<DB> {
    /// The two pools may be the same one.
    pub fn new(reader: Pool<DB>, writer: Pool<DB>, hub: Hub) -> Self {
        Self { reader, writer, hub }
    }

    async fn open(&self, pool: &Pool<DB>, text: &'static str) -> Result<Box<dyn Tx>> {
        Ok(Box::new(SqlTx {
            inner: DB::begin(pool, text).await?,
            touched: Touched::default(),
            voices: self.hub.voices().clone(),
        }))
    }
}

#[async_trait]
impl<DB: Backend> Store for SqlStore<DB> {
    async fn read(&self) -> Result<Box<dyn Tx>> {
        self.open(&self.reader, DB::BEGIN_READ).await
    }

    async fn begin(&self) -> Result<Box<dyn Tx>> {
        self.open(&self.writer, DB::BEGIN).await
    }

    async fn keep_deliveries(&self, deliveries: &[NewDelivery]) -> Result<u64> {
        let mut connection = self.writer.acquire().await?;
        let new = inbox::keep::<DB>(&mut connection, deliveries).await?;
        if new > 0 {
            self.hub.voices().tell_arrival();
        }
        Ok(new)
    }

    fn changes(&self) -> broadcast::Receiver<ClinicId> {
        self.hub.changes()
    }

    fn arrivals(&self) -> broadcast::Receiver<()> {
        self.hub.arrivals()
    }

    async fn ready(&self) -> Result<()> {
        let mut connection = self.reader.acquire().await?;
        Statement::<DB>::new("SELECT CAST(1 AS BIGINT) AS one").fetch_one(&mut connection).await?;
        Ok(())
    }

    async fn close(&self) {
        self.hub.stop();
        self.reader.close().await;
        // On SQLite the last connection to close leaves no log file behind, and only one that may write can do so.
        self.writer.close().await;
    }
}

/// A unit of work.
struct SqlTx<DB: Backend> {
    inner: Transaction<'static, DB>,
    touched: Touched,
    voices: Voices,
}

#[async_trait]
impl<DB: Backend> Tx for SqlTx<DB> {
    async fn commit(mut self: Box<Self>) -> Result<()> {
        let announced = DB::SHARED && !self.touched.clinics.is_empty();
        if announced {
            DB::announce(&mut self.inner, &self.touched.clinics).await?;
        }
        let Self { inner, touched, voices } = *self;
        inner.commit().await?;
        if touched.inbox {
            voices.tell_arrival();
        }
        // What is announced comes back to this instance too.
        if !announced {
            touched.clinics.into_iter().for_each(|clinic| voices.tell_change(clinic));
        }
        Ok(())
    }
}
