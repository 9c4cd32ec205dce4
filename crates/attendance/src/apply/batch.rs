//! Some deliveries, being understood together.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    Ambient, ClinicId, DeliveryId, RoomId, Timestamp,
    attendance::event::{RoomEvent, What},
    room::Room,
};
use jiff::{civil::Date, tz::TimeZone};
use store::{
    Tx,
    ports::{
        feed::FeedCounts,
        inbox::{Delivery, DeliverySource, Outcome, Settled},
        recovery::{Reconciliation, Why},
    },
};

use crate::{
    Result, derive,
    recompute::{self, Changes, Ground},
    record::Recorded,
    translate::{self, About, Meaning},
};

/// Zoom has its record of a meeting ready some minutes after the end.
const RECORD_IS_READY: Duration = Duration::from_mins(10);
/// Who waits before the meeting begins waits this long at most, as far as the record is asked for it.
const BEFORE_THE_MEETING: Duration = Duration::from_hours(1);
/// No meeting is longer; where the beginning is unknown, it is looked for so far back.
const LONGEST_MEETING: Duration = Duration::from_hours(30);

#[derive(Default)]
pub(super) struct Batch {
    pub settled: Vec<Settled>,
    pub deauthorizations: Vec<Deauthorization>,
    /// By meeting number; none where it is no room of ours.
    rooms: BTreeMap<i64, Option<Room>>,
    touched: BTreeMap<(ClinicId, RoomId), Touched>,
    /// Rooms whose saved meeting was changed: the guard is to look at them.
    changed: BTreeSet<(ClinicId, RoomId)>,
    counts: BTreeMap<(ClinicId, Option<RoomId>, Date), FeedCounts>,
}

/// A word that a user took the app away, for which others must act before the delivery is settled.
pub(super) struct Deauthorization {
    pub heard: Heard,
    pub zoom_user_id: String,
    pub account_id: String,
    pub client_id: Option<String>,
    pub at: Timestamp,
}

/// A delivery, but for what it says.
#[derive(Clone, Copy)]
pub(super) struct Heard {
    pub id: DeliveryId,
    pub received_at: Timestamp,
    pub late: bool,
    source: DeliverySource,
}

impl From<&Delivery> for Heard {
    fn from(delivery: &Delivery) -> Self {
        let Delivery { id, received_at, late, source, .. } = *delivery;
        Self { id, received_at, late, source }
    }
}

/// A room about which something was said.
struct Touched {
    room: Room,
    /// What, in the order in which it came.
    events: Vec<Event>,
    records: Vec<(Heard, Recorded)>,
}

struct Event {
    heard: Heard,
    said: RoomEvent,
    /// When that running of the meeting began, where the event says so.
    began_at: Option<Timestamp>,
}

/// What came of one delivery, as its day's counts.
pub(super) fn counts_of(outcome: Outcome, late: bool) -> FeedCounts {
    let is = |other: Outcome| i64::from(outcome == other);
    FeedCounts {
        applied: is(Outcome::Applied),
        duplicate: is(Outcome::Duplicate),
        ignored: is(Outcome::Ignored),
        foreign: is(Outcome::Foreign),
        failed: is(Outcome::Failed),
        late: i64::from(late),
    }
}

/// The day of the counts, which is everywhere the same one.
pub(super) fn day_of(received_at: Timestamp) -> Date {
    received_at.in_zone(&TimeZone::UTC).date()
}

impl Batch {
    /// Reads a delivery and finds out whose it is.
    pub async fn read(&mut self, tx: &mut dyn Tx, delivery: &Delivery) -> Result<()> {
        let heard = Heard::from(delivery);
        match Meaning::of(delivery) {
            Meaning::Nothing(about) => {
                let room = self.room_of(tx, about.as_ref()).await?;
                self.settle(heard, room.as_ref(), Outcome::Ignored);
            }
            Meaning::Unusable(why, about) => {
                tracing::warn!(delivery.id = %delivery.id, why, "a delivery is of no use");
                let room = self.room_of(tx, about.as_ref()).await?;
                self.settle(heard, room.as_ref(), Outcome::Failed);
            }
            Meaning::Deauthorized { zoom_user_id, account_id, client_id, at } => {
                let at = at.unwrap_or(delivery.received_at);
                let gone = Deauthorization { heard, zoom_user_id, account_id, client_id, at };
                self.deauthorizations.push(gone);
            }
            Meaning::Changed(about) => match self.room(tx, about.meeting_number).await? {
                None => self.settle(heard, None, Outcome::Ignored),
                Some(room) if !is_of(&room, &about) => {
                    tracing::warn!(delivery.id = %delivery.id, "a delivery names a room and another account");
                    self.settle(heard, Some(&room), Outcome::Foreign);
                }
                Some(room) => {
                    self.changed.insert((room.clinic_id, room.id));
                    self.settle(heard, Some(&room), Outcome::Applied);
                }
            },
            Meaning::Record(record) => self.read_record(tx, heard, record).await?,
            Meaning::Room { about, event, began_at } => match self.room(tx, about.meeting_number).await? {
                None => self.settle(heard, None, Outcome::Ignored),
                Some(room) if !is_of(&room, &about) => {
                    tracing::warn!(delivery.id = %delivery.id, "a delivery names a room and another account");
                    self.settle(heard, Some(&room), Outcome::Foreign);
                }
                Some(room) => {
                    let event = Event { heard, said: *event, began_at };
                    self.touch(room).events.push(event);
                }
            },
        }
        Ok(())
    }

    async fn read_record(&mut self, tx: &mut dyn Tx, heard: Heard, record: Recorded) -> Result<()> {
        match tx.room(record.clinic, record.room).await? {
            Some(room) if !record.stays.is_empty() || record.end.is_some() => {
                self.touch(room).records.push((heard, record));
            }
            room => self.settle(heard, room.as_ref(), Outcome::Ignored),
        }
        Ok(())
    }

    fn touch(&mut self, room: Room) -> &mut Touched {
        let key = (room.clinic_id, room.id);
        self.touched.entry(key).or_insert(Touched { room, events: Vec::new(), records: Vec::new() })
    }

    /// Says what came of it, and counts it for its room. What we asked Zoom for is no part of the feed.
    fn settle(&mut self, heard: Heard, room: Option<&Room>, outcome: Outcome) {
        let clinic_id = room.map(|room| room.clinic_id);
        self.settled.push(Settled { id: heard.id, clinic_id, outcome });
        let Some(room) = room.filter(|_| heard.source == DeliverySource::Webhook) else { return };
        let key = (room.clinic_id, Some(room.id), day_of(heard.received_at));
        *self.counts.entry(key).or_default() += counts_of(outcome, heard.late);
    }

    async fn room(&mut self, tx: &mut dyn Tx, meeting_number: i64) -> Result<Option<Room>> {
        if let Some(room) = self.rooms.get(&meeting_number) {
            return Ok(room.clone());
        }
        let room = tx.room_by_meeting(meeting_number).await?;
        self.rooms.insert(meeting_number, room.clone());
        Ok(room)
    }

    /// The room of a delivery that says nothing of it, where that account's word about it counts.
    async fn room_of(&mut self, tx: &mut dyn Tx, about: Option<&About>) -> Result<Option<Room>> {
        let Some(about) = about else { return Ok(None) };
        Ok(self.room(tx, about.meeting_number).await?.filter(|room| is_of(room, about)))
    }

    /// Writes what was said of rooms and understands them anew. All rooms are locked first, in order, and boards are
    /// held last, so that two instances never wait for each other.
    pub async fn understand(&mut self, tx: &mut dyn Tx, ambient: &Ambient, now: Timestamp) -> Result<()> {
        let touched = std::mem::take(&mut self.touched);
        let to_look_at = std::mem::take(&mut self.changed);
        let concerned: BTreeSet<_> = touched.keys().chain(&to_look_at).copied().collect();
        for (clinic, room) in concerned {
            tx.lock_room(clinic, room).await?;
        }
        for (clinic, room) in to_look_at {
            tx.want_look(clinic, room, now).await?;
        }
        let mut grounds: BTreeMap<ClinicId, (Ground, Changes)> = BTreeMap::new();
        for ((clinic, _), touched) in &touched {
            let at = self.write(tx, touched, ambient).await?;
            if !grounds.contains_key(clinic) {
                grounds.insert(*clinic, (Ground::load(tx, *clinic).await?, Changes::at(now)));
            }
            let Some((ground, changes)) = grounds.get_mut(clinic) else { continue };
            let zone = &ground.clinic.zone;
            let days: BTreeSet<Date> =
                at.into_iter().flat_map(|at| derive::days_touched(zone, at..at)).collect();
            recompute::days(tx, ground, &touched.room, days, changes).await?;
        }
        for ((clinic, room), touched) in &touched {
            if let Some(heard_at) = touched.events.iter().map(|event| event.heard.received_at).max() {
                tx.heard_from_zoom(*clinic, Some(*room), heard_at).await?;
            }
        }
        for ((clinic, room, day), counts) in std::mem::take(&mut self.counts) {
            tx.add_feed_counts(clinic, room, day, &counts).await?;
        }
        for (clinic, (_, changes)) in grounds {
            changes.note(tx, clinic).await?;
        }
        Ok(())
    }

    /// Writes what was said of one room; returns the times of what is new.
    async fn write(
        &mut self,
        tx: &mut dyn Tx,
        touched: &Touched,
        ambient: &Ambient,
    ) -> Result<BTreeSet<Timestamp>> {
        let Room { clinic_id: clinic, id: room, .. } = touched.room;
        let mut at = BTreeSet::new();
        for Event { heard, said: event, began_at } in &touched.events {
            let new = tx.insert_room_event(clinic, room, event, &translate::digest(event)).await?;
            self.settle(*heard, Some(&touched.room), if new { Outcome::Applied } else { Outcome::Duplicate });
            at.extend(new.then_some(event.at));
            if event.what == What::MeetingStarted {
                tx.note_start(clinic, room, event.at).await?;
            }
            if new && event.what == What::MeetingEnded {
                let due = comparison(&touched.room, event.at, *began_at, ambient);
                tx.put_reconciliation(&due).await?;
            }
        }
        for (heard, record) in &touched.records {
            let mut any = false;
            if let Some(end) = &record.end {
                any = tx.insert_room_event(clinic, room, end, &translate::digest(end)).await?;
                at.extend(any.then_some(end.at));
            }
            for stay in &record.stays {
                let new = tx.put_recorded_stay(clinic, room, stay).await?;
                at.extend(new.then_some(stay.from));
                any |= new;
            }
            self.settle(*heard, Some(&touched.room), if any { Outcome::Applied } else { Outcome::Duplicate });
        }
        Ok(at)
    }
}

fn is_of(room: &Room, about: &About) -> bool {
    about.account_id.as_deref() == Some(room.zoom_account_id.as_str())
}

/// The comparison of a meeting that has ended with Zoom's own record of it.
fn comparison(
    room: &Room,
    ended_at: Timestamp,
    began_at: Option<Timestamp>,
    ambient: &Ambient,
) -> Reconciliation {
    let earliest = ended_at.minus(LONGEST_MEETING);
    let began_at = began_at.map_or(earliest, |began| began.minus(BEFORE_THE_MEETING).max(earliest));
    Reconciliation::due(
        ambient.id(),
        room,
        began_at..ended_at.plus(Duration::from_secs(1)),
        Why::Ended,
        ended_at.plus(RECORD_IS_READY),
    )
}
