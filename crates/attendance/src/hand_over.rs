//! Handing over what happened: a clinic's deliveries, scrubbed, as a file; and understanding such a file anew, without a
//! database, so that whoever gets it sees what was made of it.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    ClinicId, DeliveryId, Timestamp,
    attendance::{
        event::RoomEvent,
        fold::{Visit, fold},
        habits::Habits,
        record::RecordedStay,
        stay::Stay,
    },
    id::Id as _,
};
use serde::Serialize;
use store::ports::inbox::{Delivery, DeliverySource};
use uuid::Uuid;

use crate::{
    Attendance, Result,
    scrub::{Scrub, Scrubbed},
    translate::Meaning,
};

/// Deliveries read at once.
const PAGE: i64 = 500;

/// How long habits are counted.
const A_WEEK: Duration = Duration::from_hours(7 * 24);
/// How long a count stands.
const COUNTED_ANEW: Duration = Duration::from_mins(10);

/// What was last counted of each clinic, and when.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<BTreeMap<ClinicId, (Timestamp, Habits)>>);

/// What was said of one room in such a file.
#[derive(Clone, Debug, Serialize)]
pub struct RetoldRoom {
    /// Its number in the file, which is none of Zoom's.
    pub meeting_number: i64,
    /// Who was there, by first hearing.
    pub visits: Vec<RetoldVisit>,
    /// What its Zoom account is seen to do.
    pub habits: Habits,
}

/// Somebody who was there.
#[derive(Clone, Debug, Serialize)]
pub struct RetoldVisit {
    /// The names shown, replaced.
    pub names: Vec<String>,
    /// Whether it was the room's owner.
    pub is_host: bool,
    /// Where they were when.
    pub stays: Vec<Stay>,
}

/// What was made of such a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Retold {
    /// Deliveries read.
    pub deliveries: usize,
    /// Those that say nothing of a room.
    pub of_no_room: usize,
    /// Those that ought to say something and could not be used.
    pub unusable: usize,
    /// Room by room.
    pub rooms: Vec<RetoldRoom>,
}

impl Attendance {
    /// Gives every delivery of the clinic that came in the range, scrubbed, to `write`, oldest first. Returns how many;
    /// what `write` says is passed on.
    pub async fn hand_over<E>(
        &self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        mut write: impl FnMut(&Scrubbed) -> Result<(), E>,
    ) -> Result<Result<usize, E>> {
        let scrub = Scrub::new(&self.ambient);
        let mut handed = 0;
        let mut after = None;
        loop {
            // A unit of work for each page: a clinic's year is long, and PostgreSQL keeps what a snapshot may see.
            let page = self.store.read().await?.clinic_deliveries(clinic, range.clone(), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(Ok(handed)) };
            after = Some(last.id);
            for Delivery { source, received_at, body, .. } in &page {
                let is_record = *source == DeliverySource::ZoomRecord;
                let Some(scrubbed) = scrub.delivery(*received_at, is_record, body) else { continue };
                if let Err(error) = write(&scrubbed) {
                    return Ok(Err(error));
                }
                handed += 1;
            }
        }
    }

    /// What the clinic's Zoom accounts are seen to do, in what was received in a week. Counted anew every ten minutes at
    /// most: whoever asks again and again is not to keep the machine from answering Zoom.
    pub async fn habits_lately(&self, clinic: ClinicId) -> Result<Habits> {
        let now = self.ambient.now();
        let remembered = self.habits.0.lock().unwrap_or_else(PoisonError::into_inner).get(&clinic).copied();
        if let Some((at, habits)) = remembered
            && now.since(at) < COUNTED_ANEW
        {
            return Ok(habits);
        }
        let habits = self.habits(clinic, now.minus(A_WEEK)..now).await?;
        self.habits.0.lock().unwrap_or_else(PoisonError::into_inner).insert(clinic, (now, habits));
        Ok(habits)
    }

    /// What the clinic's Zoom accounts are seen to do, in what was received in the range.
    pub async fn habits(&self, clinic: ClinicId, range: Range<Timestamp>) -> Result<Habits> {
        let mut tx = self.store.read().await?;
        let zone = tx.clinic(clinic).await?.ok_or(crate::Error::UnknownClinic)?.zone;
        let rooms = tx.rooms(clinic).await?;
        let mut habits = Habits::default();
        for room in rooms {
            let events = tx.room_events(clinic, room.id, range.clone()).await?;
            let zone = zone.clone();
            // Not where requests are answered: Zoom waits three seconds for an answer, and folding weeks takes long.
            let of_room = tokio::task::spawn_blocking(move || {
                let mut habits = Habits::default();
                // Day by day: a meeting hardly ever runs over midnight, and days are folded faster than weeks.
                for day in events.chunk_by(|one, next| zone.date(one.at) == zone.date(next.at)) {
                    habits += Habits::of_room(day);
                }
                habits
            });
            habits += of_room.await.unwrap_or_default();
        }
        let (anew, with_the_first_time) = tx.retried(clinic, range).await?;
        habits.retries_signed_anew.yes += u64::try_from(anew).unwrap_or(0);
        habits.retries_signed_anew.no += u64::try_from(with_the_first_time).unwrap_or(0);
        Ok(habits)
    }
}

/// Understands a file anew.
pub fn retell(lines: impl IntoIterator<Item = Scrubbed>) -> Retold {
    let mut retold = Retold::default();
    let mut rooms: BTreeMap<i64, (Vec<RoomEvent>, Vec<RecordedStay>)> = BTreeMap::new();
    for (line, number) in lines.into_iter().zip(1_u128..) {
        retold.deliveries += 1;
        let millis = u128::try_from(line.received_at.as_millis()).unwrap_or(0);
        let delivery = Delivery {
            id: DeliveryId::from_uuid(Uuid::from_u128((millis << 80) | number)),
            source: if line.is_record { DeliverySource::ZoomRecord } else { DeliverySource::Webhook },
            received_at: line.received_at,
            late: false,
            body: line.body.to_string(),
        };
        match Meaning::of(&delivery) {
            Meaning::Room { about, event, .. } => {
                rooms.entry(about.meeting_number).or_default().0.push(*event);
            }
            Meaning::Record(recorded) => {
                let number = line.body.get("meeting_number").and_then(serde_json::Value::as_i64).unwrap_or(0);
                let (events, record) = rooms.entry(number).or_default();
                events.extend(recorded.end.map(|end| *end));
                record.extend(recorded.stays);
            }
            Meaning::Unusable(..) => retold.unusable += 1,
            Meaning::Changed(_) | Meaning::Deauthorized { .. } | Meaning::Nothing(_) => {
                retold.of_no_room += 1;
            }
        }
    }
    retold.rooms = rooms
        .into_iter()
        .map(|(meeting_number, (events, record))| RetoldRoom {
            meeting_number,
            visits: fold(&events, &record).into_iter().map(visit).collect(),
            habits: Habits::of_room(&events),
        })
        .collect();
    retold
}

fn visit(visit: Visit) -> RetoldVisit {
    RetoldVisit { names: visit.names, is_host: visit.is_host, stays: visit.stays }
}
