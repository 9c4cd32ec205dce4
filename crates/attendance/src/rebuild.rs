//! Making attendance again from the inbox, and proving that it comes out the same.
//!
//! To verify, everything is derived anew from one snapshot and compared with what is kept; nothing is written and
//! nobody waits. To rebuild, the same is then put in place of what was kept, while the rooms are held: new deliveries
//! are stored meanwhile and understood afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use domain::{
    ClinicId, DeliveryId, PresenceId, RoomId, Timestamp,
    attendance::{event::RoomEvent, presence::Presence, record::RecordedStay},
    room::Room,
};
use jiff::civil::Date;
use store::Tx;

use crate::{
    Attendance, Error, Result,
    derive::{self, Told},
    recompute::{self, Changes, Ground},
    translate::{self, Meaning},
};

/// Deliveries read at once.
const PAGE: i64 = 1_000;
/// So many differences are named; all are counted by their effect.
const MOST_DIFFERENCES: usize = 100;
/// All of time.
const EVER: Range<Timestamp> = Timestamp::from_micros(i64::MIN)..Timestamp::from_micros(i64::MAX);

/// What a rebuild found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Clinics looked at.
    pub clinics: usize,
    /// Room events made.
    pub events: usize,
    /// Rows of Zoom's own record made.
    pub recorded: usize,
    /// Presences made.
    pub presences: usize,
    /// What differs from what was kept: ids and fields, never what they hold. The first hundred.
    pub differences: Vec<String>,
}

impl RebuildReport {
    fn differs(&mut self, what: impl FnOnce() -> String) {
        if self.differences.len() < MOST_DIFFERENCES {
            self.differences.push(what());
        }
    }
}

impl Attendance {
    /// Makes the attendance of one clinic or of all again from the inbox. With `verify` nothing is changed.
    pub async fn rebuild(&self, clinic: Option<ClinicId>, verify: bool) -> Result<RebuildReport> {
        let mut tx = if verify { self.store.read().await? } else { self.store.begin().await? };
        let clinics: Vec<ClinicId> = tx.clinics().await?.into_iter().map(|clinic| clinic.id).collect();
        let wanted: BTreeSet<ClinicId> =
            clinics.iter().copied().filter(|id| clinic.is_none_or(|clinic| clinic == *id)).collect();
        if wanted.is_empty() && clinic.is_some() {
            return Err(Error::UnknownClinic);
        }
        let mut rooms: BTreeMap<i64, Room> = BTreeMap::new();
        for clinic in clinics {
            rooms.extend(tx.rooms(clinic).await?.into_iter().map(|room| (room.meeting_number, room)));
        }
        if !verify {
            let held: BTreeSet<(ClinicId, RoomId)> = rooms
                .values()
                .filter(|room| wanted.contains(&room.clinic_id))
                .map(|room| (room.clinic_id, room.id))
                .collect();
            for (clinic, room) in held {
                tx.lock_room(clinic, room).await?;
            }
        }
        let mut said = Said::read(&mut *tx, &rooms).await?;
        let mut report = RebuildReport { clinics: wanted.len(), ..RebuildReport::default() };
        for clinic in wanted {
            let of_clinic = rooms.values().filter(|room| room.clinic_id == clinic);
            let ground = Ground::load(&mut *tx, clinic).await?;
            let mut made = Vec::new();
            let mut changes = Changes::at(self.ambient.now());
            for room in of_clinic {
                let room = Remade::of(&mut *tx, &ground, room, &mut said, &mut changes, &mut report).await?;
                made.push(room);
            }
            if !verify {
                tx.clear_attendance(clinic).await?;
                for room in made {
                    room.put(&mut *tx, clinic).await?;
                }
                changes.note(&mut *tx, clinic).await?;
            }
        }
        if !verify {
            tx.commit().await?;
        }
        tracing::info!(
            verify,
            clinics = report.clinics,
            events = report.events,
            recorded = report.recorded,
            presences = report.presences,
            differences = report.differences.len(),
            "attendance was derived anew"
        );
        Ok(report)
    }
}

/// All that the inbox says of rooms.
#[derive(Default)]
struct Said {
    /// What was said of each room; by meaning, each said first by the delivery that is kept.
    events: BTreeMap<RoomId, BTreeMap<[u8; 16], RoomEvent>>,
    /// What Zoom's record says of each room: each row as the youngest copy has it.
    records: BTreeMap<RoomId, BTreeMap<PresenceId, RecordedStay>>,
    /// Deliveries about rooms that we do not know, or do not know under that account: of a room that was since made
    /// anew. What was understood of them then cannot be derived now, and is kept.
    unplaced: BTreeSet<DeliveryId>,
}

impl Said {
    async fn read(tx: &mut dyn Tx, rooms: &BTreeMap<i64, Room>) -> Result<Self> {
        let mut said = Self::default();
        let mut after = None;
        loop {
            let page = tx.settled_deliveries(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(said) };
            after = Some(last.id);
            for delivery in page {
                match Meaning::of(&delivery) {
                    Meaning::Room { about, event, .. } => match rooms.get(&about.meeting_number) {
                        Some(room) if about.account_id.as_deref() == Some(room.zoom_account_id.as_str()) => {
                            let of_room = said.events.entry(room.id).or_default();
                            of_room.entry(translate::digest(&event)).or_insert(*event);
                        }
                        _ => _ = said.unplaced.insert(delivery.id),
                    },
                    Meaning::Record(record) => {
                        if let Some(end) = record.end {
                            let of_room = said.events.entry(record.room).or_default();
                            of_room.entry(translate::digest(&end)).or_insert(*end);
                        }
                        let of_room = said.records.entry(record.room).or_default();
                        record.stays.into_iter().for_each(|stay| said_again(of_room, stay));
                    }
                    Meaning::Changed(_)
                    | Meaning::Deauthorized { .. }
                    | Meaning::Nothing(_)
                    | Meaning::Unusable(..) => {}
                }
            }
        }
    }
}

/// A row of a younger record. One that says what is known stays with the delivery that said it first.
fn said_again(known: &mut BTreeMap<PresenceId, RecordedStay>, stay: RecordedStay) {
    let same = known
        .get(&stay.row)
        .is_some_and(|known| RecordedStay { delivery: stay.delivery, ..known.clone() } == stay);
    if !same {
        known.insert(stay.row, stay);
    }
}

/// One room, made anew.
struct Remade {
    room: RoomId,
    events: Vec<RoomEvent>,
    record: Vec<RecordedStay>,
    presences: Vec<Presence>,
}

impl Remade {
    async fn of(
        tx: &mut dyn Tx,
        ground: &Ground,
        room: &Room,
        said: &mut Said,
        changes: &mut Changes,
        report: &mut RebuildReport,
    ) -> Result<Self> {
        let clinic = ground.clinic.id;
        let kept = tx.room_events(clinic, room.id, EVER).await?;
        let mut events: Vec<RoomEvent> =
            said.events.remove(&room.id).unwrap_or_default().into_values().collect();
        events.extend(kept.iter().filter(|event| said.unplaced.contains(&event.delivery)).cloned());
        sort(&mut events);
        compare_events(room.id, kept, &events, report);
        let kept = tx.recorded_stays(clinic, room.id, EVER).await?;
        let mut record: Vec<RecordedStay> =
            said.records.remove(&room.id).unwrap_or_default().into_values().collect();
        record.sort_by_key(|stay| (stay.from, stay.row));
        compare_record(room.id, kept, &record, report);

        let kept = tx.presences_in_room(clinic, room.id, EVER).await?;
        let zone = &ground.clinic.zone;
        let begun = events.iter().map(|event| event.at).chain(record.iter().map(|stay| stay.from));
        let days: BTreeSet<Date> = begun.map(|at| zone.date(at)).collect();
        let mut presences = Vec::new();
        for date in days {
            let day = zone.day(date);
            let window = derive::window(&day);
            let told = Told {
                events: within(&events, &window, |event| event.at),
                record: within(&record, &window, |stay| stay.from),
            };
            presences.extend(recompute::of_day(tx, ground, room, told, &day).await?);
        }
        compare_presences(kept, &presences, changes, report);
        report.events += events.len();
        report.recorded += record.len();
        report.presences += presences.len();
        Ok(Self { room: room.id, events, record, presences })
    }

    async fn put(self, tx: &mut dyn Tx, clinic: ClinicId) -> Result<()> {
        for event in &self.events {
            tx.insert_room_event(clinic, self.room, event, &translate::digest(event)).await?;
        }
        for stay in &self.record {
            tx.put_recorded_stay(clinic, self.room, stay).await?;
        }
        for presence in &self.presences {
            tx.put_presence(clinic, presence).await?;
        }
        Ok(())
    }
}

/// Those of the range, out of things in order of time.
fn within<'a, T>(all: &'a [T], range: &Range<Timestamp>, at: impl Fn(&T) -> Timestamp) -> &'a [T] {
    let begin = all.partition_point(|one| at(one) < range.start);
    let end = all.partition_point(|one| at(one) < range.end);
    all.get(begin..end).unwrap_or_default()
}

fn sort(events: &mut [RoomEvent]) {
    events.sort_by_cached_key(|event| (event.at, event.delivery, translate::digest(event)));
}

fn compare_events(room: RoomId, mut kept: Vec<RoomEvent>, made: &[RoomEvent], report: &mut RebuildReport) {
    sort(&mut kept);
    if kept == made {
        return;
    }
    let by_delivery = |events: &[RoomEvent]| -> BTreeMap<DeliveryId, RoomEvent> {
        events.iter().map(|event| (event.delivery, event.clone())).collect()
    };
    let (kept, made) = (by_delivery(&kept), by_delivery(made));
    for (delivery, event) in &made {
        match kept.get(delivery) {
            None => report.differs(|| format!("{room}: the event of {delivery} is missing")),
            Some(kept) if kept != event => {
                report.differs(|| format!("{room}: the event of {delivery} differs"));
            }
            Some(_) => {}
        }
    }
    for delivery in kept.keys().filter(|delivery| !made.contains_key(delivery)) {
        report.differs(|| format!("{room}: the event of {delivery} does not follow from the inbox"));
    }
}

fn compare_record(room: RoomId, kept: Vec<RecordedStay>, made: &[RecordedStay], report: &mut RebuildReport) {
    let mut kept: BTreeMap<PresenceId, RecordedStay> =
        kept.into_iter().map(|stay| (stay.row, stay)).collect();
    for stay in made {
        match kept.remove(&stay.row) {
            None => report.differs(|| format!("{room}: the recorded stay {} is missing", stay.row)),
            Some(kept) if kept != *stay => {
                report.differs(|| format!("{room}: the recorded stay {} differs", stay.row));
            }
            Some(_) => {}
        }
    }
    for row in kept.into_keys() {
        report.differs(|| format!("{room}: the recorded stay {row} does not follow from the inbox"));
    }
}

fn compare_presences(
    kept: Vec<Presence>,
    made: &[Presence],
    changes: &mut Changes,
    report: &mut RebuildReport,
) {
    let mut kept: BTreeMap<_, _> = kept.into_iter().map(|presence| (presence.id, presence)).collect();
    for presence in made {
        let before = kept.remove(&presence.id);
        match &before {
            None => report.differs(|| format!("{} is missing", presence.id)),
            Some(before) => {
                let fields = fields_that_differ(before, presence);
                if fields.is_empty() {
                    continue;
                }
                changes.presence(before);
                report.differs(|| format!("{} differs in {}", presence.id, fields.join(", ")));
            }
        }
        changes.presence(presence);
        changes.shown(before.as_ref(), presence);
    }
    for (id, gone) in kept {
        changes.presence(&gone);
        report.differs(|| format!("{id} does not follow from the inbox"));
    }
}

fn fields_that_differ(a: &Presence, b: &Presence) -> Vec<&'static str> {
    [
        ("room", a.room_id != b.room_id || a.clinic_id != b.clinic_id),
        ("who", a.who != b.who),
        ("staff", a.staff_id != b.staff_id),
        ("shown_name", a.shown_name != b.shown_name),
        ("first_at", a.first_at != b.first_at),
        ("whereabouts", a.whereabouts != b.whereabouts),
        ("since", a.since != b.since),
        ("stays", a.stays != b.stays),
        ("match", a.matched != b.matched),
        ("candidates", a.candidates != b.candidates),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(field, _)| field)
    .collect()
}
