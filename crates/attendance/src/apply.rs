//! From the inbox to presences: deliveries are claimed in batches, understood, and settled, all in one unit of work.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{ClinicId, DeliveryId, RoomId, Timestamp, attendance::event::RoomEvent, room::Room};
use jiff::civil::Date;
use store::{
    Tx,
    ports::inbox::{Delivery, Outcome, Settled},
};
use tokio::{sync::broadcast, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Attendance, Result, derive,
    recompute::{self, Changes, Ground},
    translate::{self, Meaning},
};

/// Deliveries understood in one unit of work: enough to make a commit worth while, few enough not to keep others
/// waiting for the database.
const BATCH: usize = 500;
/// How long deliveries are let gather after some were understood, which are then understood together. Each unit of work
/// costs a commit, and the inbox writer, whom Zoom waits for, shares the database with it. A delivery that comes alone
/// does not wait.
const GATHER: Duration = Duration::from_millis(250);
/// The same where more are known to wait than one unit of work takes.
const CATCH_UP: Duration = Duration::from_millis(20);
/// How often the inbox is looked at without having been told to.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The first pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So often a delivery is tried alone before it is given up, so that the rest can go on.
const TRIES_ALONE: u32 = 3;

/// A word that a user took the app away, for which others must act before the delivery is settled.
struct Deauthorization {
    delivery: DeliveryId,
    zoom_user_id: String,
    account_id: String,
    at: Timestamp,
}

impl Attendance {
    /// Understands deliveries that wait in the inbox, at most one batch. Returns how many were settled; with 0 there
    /// is nothing to do. One that cannot be understood is settled as failed and does not stop the rest.
    pub async fn apply_pending(&self) -> Result<usize> {
        match self.apply_batch(BATCH).await {
            Ok(settled) => Ok(settled),
            Err(error) => {
                // Perhaps one of them is to blame. Alone, it harms nobody else; nor does the pause that follows.
                tracing::warn!(%error, "a batch of deliveries failed; trying them one by one");
                metrics::counter!("anteroom_apply_failures_total").increment(1);
                let mut settled = 0;
                while settled < BATCH {
                    match self.apply_one().await? {
                        0 => break,
                        more => settled += more,
                    }
                }
                Ok(settled)
            }
        }
    }

    async fn apply_one(&self) -> Result<usize> {
        let mut tries = 1;
        let error = loop {
            match self.apply_batch(1).await {
                Ok(settled) => return Ok(settled),
                Err(error) if tries >= TRIES_ALONE => break error,
                Err(_) => tries += 1,
            }
        };
        // Where even this fails, nothing can be written, and the delivery is not to blame.
        let mut tx = self.store.begin().await?;
        let Some(delivery) = tx.claim_deliveries(1).await?.into_iter().next() else { return Ok(0) };
        let now = self.ambient.now();
        tx.settle_deliveries(&[Settled { id: delivery.id, clinic_id: None, outcome: Outcome::Failed }], now)
            .await?;
        tx.commit().await?;
        count(Outcome::Failed, 1);
        tracing::error!(delivery.id = %delivery.id, %error, "a delivery could not be applied and is set aside");
        Ok(1)
    }

    pub(crate) async fn apply_batch(&self, limit: usize) -> Result<usize> {
        let mut tx = self.store.begin().await?;
        let deliveries = tx.claim_deliveries(i64::try_from(limit).unwrap_or(i64::MAX)).await?;
        if deliveries.is_empty() {
            return Ok(0);
        }
        let now = self.ambient.now();
        let mut batch = Batch::default();
        for delivery in &deliveries {
            batch.read(&mut *tx, delivery).await?;
        }
        batch.understand(&mut *tx, now).await?;
        tx.settle_deliveries(&batch.settled, now).await?;
        tx.commit().await?;
        for settled in &batch.settled {
            count(settled.outcome, 1);
        }
        let mut done = batch.settled.len();
        for gone in batch.deauthorizations {
            done += self.deauthorize(gone, now).await?;
        }
        Ok(done)
    }

    /// Outside of the unit of work, since it has its own. The delivery is settled afterwards, so that a crash in
    /// between repeats it.
    async fn deauthorize(&self, gone: Deauthorization, now: Timestamp) -> Result<usize> {
        let done = self.zoom.deauthorized(&gone.zoom_user_id, &gone.account_id, gone.at).await;
        let clinic_id = match done {
            Ok(clinic) => clinic,
            Err(error) => {
                tracing::warn!(delivery.id = %gone.delivery, %error, "taking a connection back failed; it is tried again");
                return Ok(0);
            }
        };
        let outcome = if clinic_id.is_some() { Outcome::Applied } else { Outcome::Ignored };
        let mut tx = self.store.begin().await?;
        tx.settle_deliveries(&[Settled { id: gone.delivery, clinic_id, outcome }], now).await?;
        tx.commit().await?;
        count(outcome, 1);
        Ok(1)
    }

    /// Understands deliveries as they come, until told to stop. Never fails: it waits and tries again.
    pub async fn run(&self, stop: CancellationToken) {
        let mut arrivals = self.store.arrivals();
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            match self.apply_pending().await {
                Ok(0) => {
                    pause = FIRST_PAUSE;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(LOOK_EVERY) => {}
                        heard = arrivals.recv() => {
                            let closed = matches!(heard, Err(broadcast::error::RecvError::Closed));
                            // Where nobody will say so any more, looking from time to time is enough.
                            if closed {
                                sleep(LOOK_EVERY).await;
                            }
                        }
                    }
                }
                Ok(settled) => {
                    pause = FIRST_PAUSE;
                    let is_full = settled >= BATCH;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(if is_full { CATCH_UP } else { GATHER }) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "deliveries cannot be applied; trying again");
                    metrics::counter!("anteroom_apply_failures_total").increment(1);
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn count(outcome: Outcome, deliveries: u64) {
    metrics::counter!("anteroom_deliveries_applied_total", "outcome" => outcome.as_str())
        .increment(deliveries);
}

/// Some deliveries, being understood.
#[derive(Default)]
struct Batch {
    settled: Vec<Settled>,
    deauthorizations: Vec<Deauthorization>,
    /// By meeting number; none where it is no room of ours.
    rooms: BTreeMap<i64, Option<Room>>,
    touched: BTreeMap<(ClinicId, RoomId), Touched>,
}

/// A room about which something was said.
struct Touched {
    room: Room,
    /// What, in the order in which it came.
    events: Vec<RoomEvent>,
    /// When the last of these deliveries came in.
    heard_at: Timestamp,
}

impl Batch {
    /// Reads a delivery and finds out whose it is.
    async fn read(&mut self, tx: &mut dyn Tx, delivery: &Delivery) -> Result<()> {
        let (clinic_id, outcome) = match translate::translate(
            delivery.id,
            delivery.received_at,
            &delivery.body,
        ) {
            Meaning::Nothing => (None, Outcome::Ignored),
            Meaning::Unusable(why) => {
                tracing::warn!(delivery.id = %delivery.id, why, "a delivery is of no use");
                (None, Outcome::Failed)
            }
            Meaning::Deauthorized { zoom_user_id, account_id, at } => {
                let at = at.unwrap_or(delivery.received_at);
                let gone = Deauthorization { delivery: delivery.id, zoom_user_id, account_id, at };
                self.deauthorizations.push(gone);
                return Ok(());
            }
            Meaning::Room { meeting_number, account_id, event } => {
                match self.room(tx, meeting_number).await? {
                    None => (None, Outcome::Ignored),
                    Some(room) if account_id.as_deref() != Some(room.zoom_account_id.as_str()) => {
                        tracing::warn!(delivery.id = %delivery.id, "a delivery names a room and another account");
                        (Some(room.clinic_id), Outcome::Foreign)
                    }
                    Some(room) => {
                        let touched = self.touched.entry((room.clinic_id, room.id)).or_insert(Touched {
                            room,
                            events: Vec::new(),
                            heard_at: delivery.received_at,
                        });
                        touched.heard_at = touched.heard_at.max(delivery.received_at);
                        touched.events.push(*event);
                        return Ok(());
                    }
                }
            }
        };
        self.settled.push(Settled { id: delivery.id, clinic_id, outcome });
        Ok(())
    }

    async fn room(&mut self, tx: &mut dyn Tx, meeting_number: i64) -> Result<Option<Room>> {
        if let Some(room) = self.rooms.get(&meeting_number) {
            return Ok(room.clone());
        }
        let room = tx.room_by_meeting(meeting_number).await?;
        self.rooms.insert(meeting_number, room.clone());
        Ok(room)
    }

    /// Writes what was said of rooms and understands them anew. All rooms are locked first, in order, and boards are
    /// held last, so that two instances never wait for each other.
    async fn understand(&mut self, tx: &mut dyn Tx, now: Timestamp) -> Result<()> {
        for (clinic, room) in self.touched.keys() {
            tx.lock_room(*clinic, *room).await?;
        }
        let mut grounds: BTreeMap<ClinicId, (Ground, Changes)> = BTreeMap::new();
        for ((clinic, room), touched) in &self.touched {
            let mut at = BTreeSet::new();
            for event in &touched.events {
                let new = tx.insert_room_event(*clinic, *room, event, &translate::digest(event)).await?;
                let outcome = if new { Outcome::Applied } else { Outcome::Duplicate };
                self.settled.push(Settled { id: event.delivery, clinic_id: Some(*clinic), outcome });
                at.extend(new.then_some(event.at));
            }
            if !grounds.contains_key(clinic) {
                grounds.insert(*clinic, (Ground::load(tx, *clinic).await?, Changes::default()));
            }
            let Some((ground, changes)) = grounds.get_mut(clinic) else { continue };
            let zone = &ground.clinic.zone;
            let days: BTreeSet<Date> =
                at.into_iter().flat_map(|at| derive::days_touched(zone, at..at)).collect();
            recompute::days(tx, ground, &touched.room, days, changes).await?;
        }
        for ((clinic, room), touched) in &self.touched {
            tx.heard_from_zoom(*clinic, Some(*room), touched.heard_at).await?;
        }
        for (clinic, (_, changes)) in grounds {
            changes.note(tx, clinic, now).await?;
        }
        Ok(())
    }
}
