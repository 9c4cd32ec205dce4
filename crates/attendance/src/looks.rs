//! Looks: time passes for a room whose people nobody can name yet, and that says something too.
//!
//! The ladder asks no clock, so that an answer can be derived again. Where time alone would change an answer (a press of
//! Join ripens while nobody else comes), it is looked at how things stand, and that this was done is kept as a fact: "until
//! this moment, nothing else had been heard". From then on the answers follow from it, in a rebuild as well.
//!
//! A look claims the moment that mattered, never the one at which the clock was read. So several instances that look a
//! little apart make the same look, and a look claims no more than it needs to. It is made only when whatever Zoom had
//! to say until that moment ought to be here: some seconds later, with nothing older waiting in the inbox, not soon after a start
//! (Zoom tells again what was not taken, first after five minutes), and with no outage near. What comes later all the same is
//! heard: the look says when nobody had been heard of, and the ladder weighs it with everything that was heard since.

use std::time::Duration;

use domain::{ClinicId, RoomId, Timestamp};
use store::Tx;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    Attendance, Result, derive,
    recompute::{self, Around, Changes, Ground},
};

/// How often it is asked whether a look is due.
const EVERY: Duration = Duration::from_secs(10);
/// Zoom's deliveries come within 1 to 5 seconds as a rule.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// What could not be taken at first is told again 5 minutes later.
const FIRST_RETRY: Duration = Duration::from_mins(6);
/// How far back a look says that nobody was missed: a press is minded for 10 minutes.
const REACH: Duration = Duration::from_mins(15);

impl Attendance {
    /// Looks at the rooms in which time alone says more about somebody by now, and understands them anew. Returns how many
    /// looks were made.
    pub async fn look_when_due(&self) -> Result<usize> {
        let now = self.ambient.now();
        if now.since(self.up_since) < FIRST_RETRY {
            return Ok(0);
        }
        let today = now.minus(derive::AROUND)..now.plus(HEARD_WITHIN);
        let rooms = self.store.read().await?.unsettled_rooms(today).await?;
        let mut looks = 0;
        for (clinic, room) in rooms {
            match self.look_if_due(clinic, room, now).await {
                Ok(made) => looks += made,
                // What is wrong with one room keeps nobody from looking at the others.
                Err(error) => tracing::warn!(room.id = %room, %error, "a room could not be looked at"),
            }
        }
        Ok(looks)
    }

    async fn look_if_due(&self, clinic: ClinicId, room: RoomId, now: Timestamp) -> Result<usize> {
        // Most of the time nothing is due, and nobody has to wait for that answer.
        let mut tx = self.store.read().await?;
        let is_due = due(&mut *tx, clinic, room, now).await?.is_some();
        drop(tx);
        if is_due { self.look(clinic, room, now).await } else { Ok(0) }
    }

    async fn look(&self, clinic: ClinicId, room: RoomId, now: Timestamp) -> Result<usize> {
        let mut tx = self.store.begin().await?;
        tx.lock_room(clinic, room).await?;
        let ground = Ground::load(&mut *tx, clinic).await?;
        let mut changes = Changes::at(now);
        let mut looks = 0;
        while let Some((room, due)) = due(&mut *tx, clinic, room, now).await? {
            let unheard = tx.waiting_since().await?.is_some_and(|since| since <= due.plus(HEARD_WITHIN));
            if unheard || !tx.outages(due.minus(REACH)..now).await?.is_empty() {
                break;
            }
            tx.insert_look(clinic, room.id, due).await?;
            let days = derive::days_touched(&ground.clinic.zone, due..due);
            recompute::days(&mut *tx, &ground, &room, days, &mut changes).await?;
            looks += 1;
        }
        if looks > 0 {
            changes.note(&mut *tx, clinic).await?;
            tx.commit().await?;
            metrics::counter!("anteroom_looks_total").increment(u64::try_from(looks).unwrap_or(u64::MAX));
        }
        Ok(looks)
    }

    pub(crate) async fn look_now_and_then(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look_when_due().await {
                tracing::warn!(%error, "rooms could not be looked at; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(EVERY / self.ambient.clock_rate().max(1)) => {}
            }
        }
    }
}

/// The moment at which a look at the room changes an answer, where that has passed by now.
async fn due(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    room: RoomId,
    now: Timestamp,
) -> Result<Option<(domain::room::Room, Timestamp)>> {
    let Some(room) = tx.room(clinic, room).await? else { return Ok(None) };
    let ground = Ground::load(tx, clinic).await?;
    let day = ground.clinic.zone.day(ground.clinic.zone.date(now));
    let around = Around::load(tx, &room, &day).await?;
    let facts = recompute::facts(tx, &room, around.told(), &day).await?;
    let due = derive::next_look(ground.place(&room), around.told(), &facts);
    Ok(due.filter(|due| due.plus(HEARD_WITHIN) <= now).map(|due| (room, due)))
}
