//! Raising what is the matter, and ending it, so that people are told who look at no page.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    AppointmentId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    alert::{Alert, Group},
    attendance::watch::{LONGEST_THERE, follows_from_absence},
    text::Name,
};
use store::{Tx, ports::attendance::Change};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    Known,
    gather::{self, Found, Live},
};
use crate::{Attendance, Error, Result, board};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(5);
/// Clocks of several instances differ by this much at most: what another one has raised by its clock is not ended by ours.
const CLOCKS: Duration = Duration::from_secs(5);

/// What this instance saw when it last looked, for each clinic. Another instance sees the same and tells boards once more,
/// which then look twice.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<BTreeMap<ClinicId, BTreeMap<String, About>>>);

/// What a matter is about: where boards must look again when it comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct About {
    host: StaffId,
    appointment: Option<AppointmentId>,
    presence: Option<PresenceId>,
}

impl From<&Live> for About {
    fn from(live: &Live) -> Self {
        let (appointment, presence) = (live.matter.appointment, live.matter.presence);
        Self { host: live.host.id, appointment, presence }
    }
}

impl From<&Alert> for About {
    fn from(alert: &Alert) -> Self {
        Self { host: alert.staff_id, appointment: alert.appointment_id, presence: alert.presence_id }
    }
}

impl Seen {
    fn of(&self, clinic: ClinicId) -> BTreeMap<String, About> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&clinic).cloned().unwrap_or_default()
    }

    fn keep(&self, clinic: ClinicId, seen: BTreeMap<String, About>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_empty() {
            all.remove(&clinic);
        } else {
            all.insert(clinic, seen);
        }
    }

    fn clinics(&self) -> Vec<ClinicId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

/// How a clinic stands.
struct Stands {
    found: Found,
    /// What was raised and has not ended.
    lasting: Vec<Alert>,
}

impl Stands {
    async fn read(tx: &mut dyn Tx, clinic: ClinicId, now: Timestamp) -> Result<Self> {
        let found = in_all_rooms(tx, clinic, now).await?;
        let mut lasting = tx.alerts_lasting(clinic).await?;
        lasting.retain(|alert| alert.kind.group() == Group::Now);
        Ok(Self { found, lasting })
    }

    fn seen(&self) -> BTreeMap<String, About> {
        self.found.live.iter().map(|live| (live.matter.key.clone(), About::from(live))).collect()
    }

    /// What lasts no more. While nothing is heard, nobody's absence is known, and its end is not either.
    fn over(&self, now: Timestamp) -> Vec<&Alert> {
        let live: BTreeSet<&str> = self.found.live.iter().map(|live| live.matter.key.as_str()).collect();
        self.lasting
            .iter()
            .filter(|alert| !live.contains(alert.key.as_str()))
            .filter(|alert| {
                !(self.found.unheard.contains(&alert.staff_id) && follows_from_absence(alert.kind))
            })
            .filter(|alert| now.since(alert.raised_at) >= CLOCKS)
            .collect()
    }
}

/// What is the matter in all rooms of the clinic.
async fn in_all_rooms(tx: &mut dyn Tx, clinic: ClinicId, now: Timestamp) -> Result<Found> {
    let zone = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.zone;
    let presences = tx.presences(clinic, now.minus(LONGEST_THERE)..now.plus(Duration::from_mins(5))).await?;
    let staff: BTreeMap<StaffId, Name> =
        tx.staff(clinic).await?.into_iter().map(|member| (member.id, member.name)).collect();
    let rooms: BTreeMap<RoomId, StaffId> =
        tx.rooms(clinic).await?.into_iter().map(|room| (room.id, room.staff_id)).collect();
    let feed = board::feed_with(tx, clinic, &presences, now).await?.state;
    let numbers = board::guest_numbers(presences.iter());
    let known = Known {
        zone: &zone,
        staff: &staff,
        rooms: &rooms,
        presences: &presences,
        numbers: &numbers,
        feed,
        visits: None,
        host: None,
    };
    gather::find(tx, clinic, known, now).await
}

impl Attendance {
    /// Looks at the rooms of every clinic where something may be the matter: raises what is, so that people are told, ends
    /// what is over, and tells boards. Returns how much was raised and ended.
    pub async fn watch_rooms_once(&self) -> Result<usize> {
        let now = self.ambient.now();
        let there = now.minus(LONGEST_THERE)..now.plus(Duration::from_mins(5));
        let mut clinics = self.store.read().await?.clinics_to_watch(there).await?;
        clinics.extend(self.seen.clinics());
        let mut count = 0;
        for clinic in clinics {
            match self.watch_rooms_of(clinic).await {
                Ok(changed) => count += changed,
                // What is wrong with one clinic keeps nobody from watching the others.
                Err(error) => {
                    tracing::error!(clinic.id = %clinic, %error, "rooms cannot be watched; trying again");
                }
            }
        }
        Ok(count)
    }

    async fn watch_rooms_of(&self, clinic: ClinicId) -> Result<usize> {
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let stands = Stands::read(&mut *tx, clinic, now).await?;
        drop(tx);
        // Most of the time nothing has changed, and nobody has to wait for that answer.
        if stands.seen() == self.seen.of(clinic) && stands.over(now).is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        // Held like this, what is said of a room at this moment is understood before or after, and not in between.
        let rooms: BTreeSet<RoomId> = tx.rooms(clinic).await?.into_iter().map(|room| room.id).collect();
        for room in rooms {
            tx.lock_room(clinic, room).await?;
        }
        let now = self.ambient.now();
        let stands = Stands::read(&mut *tx, clinic, now).await?;
        let (seen, before) = (stands.seen(), self.seen.of(clinic));
        let mut changed: Vec<About> = Vec::new();
        changed.extend(seen.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, about)| *about));
        changed.extend(before.iter().filter(|(key, _)| !seen.contains_key(*key)).map(|(_, about)| *about));
        let mut count = 0;
        for live in stands.found.live.iter().filter(|live| !before.contains_key(&live.matter.key)) {
            if self.raise(&mut *tx, clinic, live, now).await? {
                count += 1;
            }
        }
        for alert in stands.over(now) {
            if tx.end_alert(clinic, alert.id, now).await? {
                changed.push(About::from(alert));
                count += 1;
                tracing::info!(clinic.id = %clinic, alert.id = %alert.id, kind = alert.kind.as_str(), "it is over");
            }
        }
        let noted: BTreeSet<Change> =
            changed.into_iter().flat_map(|about| changes(about, &stands.found)).collect();
        for change in noted {
            tx.note_change(clinic, change, now).await?;
        }
        tx.commit().await?;
        self.seen.keep(clinic, seen);
        Ok(count)
    }

    async fn raise(&self, tx: &mut dyn Tx, clinic: ClinicId, live: &Live, now: Timestamp) -> Result<bool> {
        let matter = &live.matter;
        let alert = Alert {
            id: self.ambient.id(),
            clinic_id: clinic,
            staff_id: live.host.id,
            kind: matter.kind,
            appointment_id: matter.appointment,
            presence_id: matter.presence,
            key: matter.key.clone(),
            detail: matter.detail.clone(),
            raised_at: now,
            ended_at: None,
            told_at: None,
        };
        let is_new = tx.raise_alert(&alert).await?;
        if is_new {
            metrics::counter!("anteroom_alerts_raised_total", "kind" => alert.kind.as_str()).increment(1);
            tracing::info!(clinic.id = %clinic, alert.id = %alert.id, staff.id = %alert.staff_id, kind = alert.kind.as_str(), "something is the matter in a room");
        }
        Ok(is_new)
    }

    /// Does this every few seconds, until told to stop. Never fails: it tries again.
    pub async fn watch_rooms(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.watch_rooms_once().await {
                tracing::error!(%error, "rooms cannot be watched; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(EVERY / self.ambient.clock_rate().max(1)) => {}
            }
        }
    }
}

/// Where boards must look again: at the visit, or else at the person, or else at all visits of the host.
fn changes(about: About, found: &Found) -> Vec<Change> {
    if let Some(appointment) = about.appointment {
        return vec![Change::Appointment(appointment)];
    }
    let visits = found.visits.iter().filter(|(_, host)| *host == about.host);
    let presence = about.presence.map(Change::Presence);
    presence.into_iter().chain(visits.map(|(visit, _)| Change::Appointment(*visit))).collect()
}
