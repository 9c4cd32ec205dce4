//! Comparisons that are due: claimed with a lease, done or tried again ever later, and in the end given up.
//!
//! They become due when a meeting ends (`apply` sees to that), after an outage ([`crate::outage`]), when a day is over, and
//! when somebody asked for one that Zoom could not answer.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{ClinicId, ReconciliationId, Timestamp, clinic::Clinic, room::Room};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    ports::recovery::{Reconciliation, Why},
};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{Found, Reconciler, Trouble, room::Compared};
use crate::{Error, Result};

/// So many are claimed at once.
const AT_ONCE: i64 = 8;
/// How long a claim holds. An instance that was killed is replaced after it; one that only takes longer is doubled, which
/// changes nothing.
const LEASE: Duration = Duration::from_mins(10);
/// The first pause before another try; it doubles.
const FIRST_PAUSE: Duration = Duration::from_mins(5);
/// So many tries fail before it is given up: 5, 10, 20 … 640 minutes apart, 21 hours in all.
const MOST_TRIES: u32 = 9;
/// Zoom tries a delivery for the last time 85 minutes after the first.
pub(crate) const LAST_RETRY: Duration = Duration::from_mins(90);
/// The hour of the clinic's clock from which on the day before is compared.
const NIGHT: i8 = 2;
/// How often it is looked whether a day is over.
const LOOK_FOR_DAYS: Duration = Duration::from_mins(15);
/// How often it is looked for meetings that run unseen.
const LOOK_FOR_RUNNING: Duration = Duration::from_mins(1);
/// How often it is looked for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// When the loop last did what it does from time to time.
#[derive(Default)]
pub(super) struct Clockwork(Mutex<Looked>);

#[derive(Clone, Copy, Default)]
struct Looked {
    for_days: Option<Timestamp>,
    for_running: Option<Timestamp>,
}

/// What is kept with a comparison: counts and a code.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Note {
    /// `compared`, or why not.
    code: String,
    /// Whether it was given up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    given_up: bool,
    #[serde(flatten)]
    found: Found,
}

/// When to try again what failed after so many tries before.
pub(super) fn retry_at(now: Timestamp, tries: u32, until: Option<Timestamp>) -> Timestamp {
    let later = now.plus(FIRST_PAUSE.saturating_mul(1 << tries.min(16)));
    until.map_or(later, |until| until.max(later))
}

/// Counts a comparison.
pub(super) fn count(why: Why, outcome: &'static str) {
    metrics::counter!("anteroom_reconciliations_total", "why" => why.as_str(), "outcome" => outcome)
        .increment(1);
}

impl Reconciler {
    /// Compares what is due, and tries again or gives up what failed. Returns how many were tried.
    pub async fn reconcile_due(&self) -> Result<usize> {
        let now = self.attendance.ambient.now();
        let mut tx = self.attendance.store.begin().await?;
        let claimed = tx.claim_reconciliations(now, now.plus(LEASE), AT_ONCE).await?;
        tx.commit().await?;
        let mut under_way = JoinSet::new();
        for due in claimed {
            let reconciler = self.clone();
            under_way.spawn(async move { reconciler.settle_one(&due).await });
        }
        let mut tried = 0;
        let mut failed = None;
        while let Some(done) = under_way.join_next().await {
            match done.map_err(|_| Error::Interrupted).flatten() {
                Ok(()) => tried += 1,
                // Its lease ends, and then it is tried again.
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(tried), Err)
    }

    async fn settle_one(&self, due: &Reconciliation) -> Result<()> {
        let (clinic, id) = (due.clinic_id, due.id);
        let room = self.attendance.store.read().await?.room(clinic, due.room_id).await?;
        let Some(room) = room else {
            return self.finish(due, Note { code: "no_such_room".to_owned(), ..Note::default() }).await;
        };
        let earlier = due.found.as_deref().and_then(|note| serde_json::from_str::<Note>(note).ok());
        let Compared { found, not } = self.compare(&room, &due.range, due.tries > 0).await?;
        let found = earlier.map_or(found, |earlier| earlier.found + found);
        let code = not.map_or("compared", |not| not.trouble.as_str());
        count(due.why, code);
        let note = Note { code: code.to_owned(), given_up: false, found };
        let tries = u32::try_from(due.tries).unwrap_or(u32::MAX);
        let Some(not) = not else {
            if found.records > 0 {
                tracing::info!(
                    reconciliation.id = %id, room.id = %room.id, why = due.why.as_str(), meetings = found.meetings,
                    records = found.records, people = found.people, stays = found.stays, ends = found.ends,
                    "a room was compared with Zoom's record"
                );
            }
            return self.finish(due, note).await;
        };
        // A limit of the account is nobody's failure, and nothing is given up for it.
        let is_limited = not.trouble == Trouble::RateLimited;
        if !not.trouble.may_pass() || !is_limited && tries + 1 >= MOST_TRIES {
            // Neither a plan nor somebody's leave is news every night.
            if !matches!(not.trouble, Trouble::NotOffered | Trouble::NotConnected) {
                tracing::warn!(reconciliation.id = %id, room.id = %room.id, code, "a room cannot be compared with Zoom's record");
            }
            metrics::counter!("anteroom_reconciliations_given_up_total", "why" => due.why.as_str(), "outcome" => code)
                .increment(1);
            return self.finish(due, Note { given_up: true, ..note }).await;
        }
        let now = self.attendance.ambient.now();
        let mut tx = self.attendance.store.begin().await?;
        let pauses = if is_limited { 0 } else { tries };
        tx.retry_reconciliation(clinic, id, retry_at(now, pauses, not.until), &text(&note)).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a comparison. After an outage another follows, once Zoom has sent for the last time what it could not
    /// deliver: late deliveries and the record then say the same, and meetings that ran on have ended.
    async fn finish(&self, due: &Reconciliation, note: Note) -> Result<()> {
        let now = self.attendance.ambient.now();
        let mut tx = self.attendance.store.begin().await?;
        tx.finish_reconciliation(due.clinic_id, due.id, now, &text(&note)).await?;
        let last_retry = due.range.end.plus(LAST_RETRY);
        if due.why == Why::Outage && now < last_retry && !note.given_up {
            let id: ReconciliationId = self.attendance.ambient.id();
            let second = Reconciliation {
                id,
                due_at: last_retry,
                tries: 0,
                done_at: None,
                found: None,
                ..due.clone()
            };
            tx.put_reconciliation(&second).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Has the day before compared, once it is night at a clinic, in each room in which somebody was expected or
    /// anything happened: deliveries may have been lost without anybody's noticing. Returns for how many rooms.
    pub async fn compare_yesterday(&self) -> Result<usize> {
        let now = self.attendance.ambient.now();
        let clinics = self.attendance.store.read().await?.clinics().await?;
        let mut count = 0;
        for clinic in clinics {
            let Some(day) = day_that_is_over(&clinic, now) else { continue };
            match self.compare_day(clinic.id, &day, now).await {
                Ok(rooms) => count += rooms,
                // What is wrong with one clinic keeps nobody from comparing the others.
                Err(error) => {
                    tracing::error!(clinic.id = %clinic.id, %error, "a clinic's day cannot be compared; trying again");
                }
            }
        }
        Ok(count)
    }

    async fn compare_day(&self, clinic: ClinicId, day: &Range<Timestamp>, now: Timestamp) -> Result<usize> {
        let mut tx = self.attendance.store.begin().await?;
        let rooms = rooms_to_compare(&mut *tx, clinic, day).await?;
        let count = rooms.len();
        for room in rooms {
            let due = Reconciliation::due(self.attendance.ambient.id(), &room, day.clone(), Why::Daily, now);
            tx.put_reconciliation(&due).await?;
        }
        if count > 0 {
            tx.commit().await?;
        }
        Ok(count)
    }

    /// Does all of this as it becomes due, until told to stop. Never fails: it waits and tries again.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let tried = match self.work().await {
                Ok(tried) => tried,
                Err(error) => {
                    tracing::error!(%error, "comparing with Zoom's record failed; trying again");
                    0
                }
            };
            if tried == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep(LOOK_EVERY) => {}
                }
            }
        }
    }

    async fn work(&self) -> Result<usize> {
        let now = self.attendance.ambient.now();
        let looked = *self.clockwork.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = |last: Option<Timestamp>, every| last.is_none_or(|last| now.since(last) >= every);
        if is_time(looked.for_days, LOOK_FOR_DAYS) {
            self.compare_yesterday().await?;
            self.clockwork.note(|looked| looked.for_days = Some(now));
        }
        if is_time(looked.for_running, LOOK_FOR_RUNNING) {
            let clinics = self.attendance.store.read().await?.clinics().await?;
            for clinic in clinics {
                if let Err(error) = self.rooms_running_unseen(clinic.id).await {
                    tracing::warn!(clinic.id = %clinic.id, %error, "Zoom could not be asked what runs");
                }
            }
            self.clockwork.note(|looked| looked.for_running = Some(now));
        }
        self.reconcile_due().await
    }
}

impl Clockwork {
    fn note(&self, note: impl FnOnce(&mut Looked)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn text(note: &Note) -> String {
    // Numbers and words always serialise.
    serde_json::to_string(note).unwrap_or_default()
}

/// The day before, where it is night at the clinic or later.
fn day_that_is_over(clinic: &Clinic, now: Timestamp) -> Option<Range<Timestamp>> {
    if now.in_zone(clinic.zone.rules()).hour() < NIGHT {
        return None;
    }
    let yesterday = clinic.zone.date(now).yesterday().ok()?;
    Some(clinic.zone.day(yesterday))
}

/// The rooms in which somebody was expected or anything happened, and which are not compared for this day yet.
async fn rooms_to_compare(tx: &mut dyn Tx, clinic: ClinicId, day: &Range<Timestamp>) -> Result<Vec<Room>> {
    let known = tx.reconciliations(clinic, day.clone()).await?;
    let is_known = |room: &Room| {
        known.iter().any(|one| {
            let covers = one.range.start <= day.start && day.end <= one.range.end;
            one.room_id == room.id && one.why == Why::Daily && covers
        })
    };
    let appointments = tx.appointments(clinic, day.clone(), None).await?;
    let mut rooms = Vec::new();
    for room in tx.rooms(clinic).await?.into_iter().filter(|room| !is_known(room)) {
        let expected =
            appointments.iter().any(|one| one.host == room.staff_id && one.is_expected_in_a_room());
        if expected || !tx.room_events(clinic, room.id, day.clone()).await?.is_empty() {
            rooms.push(room);
        }
    }
    Ok(rooms)
}
