//! How everybody's connection and room stand, from what is kept alone: for the admin who looks after them, and for the
//! desk before its day begins.
//!
//! "Ready" is said only of what was seen: a room that nobody looked at today is not called ready, though nothing is known
//! against it.

mod todo;

use std::{collections::HashMap, time::Duration};

use domain::{
    ClinicId, ConnectionId, RoomId, StaffId, Timestamp,
    appointment::Appointment,
    clinic::Clinic,
    room::{
        Connection, ConnectionState, Room,
        guard::{Drift, DriftEnd, Guarded},
    },
    staff::{Role, StaffMember},
};
use store::{StoreError, Tx};

use crate::{Trouble, Zoom};

pub use todo::{By, Todo, Weight, drift_in_short};

/// Tokens are renewed every 20 hours, and a renewal that fails is tried again: a day and a bit is late.
const RENEWED_WITHIN: Duration = Duration::from_hours(26);
/// Rooms are looked at every 24 hours; so much later that is overdue.
const LOOKED_WITHIN: Duration = Duration::from_hours(26);
/// For visits of today a look of the same day is wanted, or one of so long ago: a first visit just after midnight is
/// looked after before midnight.
const STILL_OF_TODAY: Duration = Duration::from_hours(6);
/// A look that was asked for is taken within seconds; so much later that is overdue.
const TAKEN_WITHIN: Duration = Duration::from_mins(5);
/// What was found is told for so long.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// Zoom's Basic plan ends every meeting after so long.
const BASIC_ENDS_AFTER: Duration = Duration::from_mins(40);
/// Zoom's number for that plan (`users/me.type`), and for the one without such an end.
const BASIC: i64 = 1;
const LICENSED: i64 = 2;

/// How a connection stands, as a person understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Zoom takes the tokens.
    Connected,
    /// Its owner has to connect again; why, where Zoom said it.
    NeedsReconnect(Option<Trouble>),
    /// An administrator of the Zoom account switched the app off.
    PausedByAdmin,
    /// Permissions that are needed were left out.
    MissingScopes,
    /// There is no connection.
    NotConnected,
    /// Visits take place in a room of another product, so that none is needed.
    Elsewhere {
        /// Whether the links of that room are there.
        has_room: bool,
    },
    /// They no longer work here, and visits are still booked with them.
    NoLongerHere,
}

impl Stands {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::NeedsReconnect(_) => "needs_reconnect",
            Self::PausedByAdmin => "paused",
            Self::MissingScopes => "missing_scopes",
            Self::NotConnected => "not_connected",
            Self::Elsewhere { .. } => "elsewhere",
            Self::NoLongerHere => "no_longer_here",
        }
    }
}

/// Somebody's visits by video of the clinic's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Today {
    /// When the first begins.
    pub first: Timestamp,
    /// When the last ends.
    pub ends: Timestamp,
    /// When the next begins, or the one began that is not over; none where all are over.
    pub next: Option<Timestamp>,
    /// How many there are.
    pub visits: usize,
    /// How long the longest lasts.
    pub longest: Duration,
}

/// How one staff member's connection and room stand.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Whose.
    pub member: StaffMember,
    /// The connection, in a word.
    pub stands: Stands,
    /// What they sign in to Zoom with; none where nobody is connected.
    pub zoom_email: Option<String>,
    /// Zoom's plan (`users/me.type`).
    pub plan: Option<i64>,
    /// When the tokens were last renewed.
    pub renewed_at: Option<Timestamp>,
    /// The room that the connection gives.
    pub room: Option<Room>,
    /// How the guard stands to it.
    pub guarded: Guarded,
    /// What it lacks now, worst first.
    pub lasting: Vec<Drift>,
    /// What it was found to lack in the last 30 days, youngest first. Empty in [`Zoom::standings_of_today`].
    pub recent: Vec<Drift>,
    /// When Zoom last said something of the room. None in [`Zoom::standings_of_today`].
    pub heard_at: Option<Timestamp>,
    /// When their next visit by video begins, or the one began that is not over.
    pub next_visit: Option<Timestamp>,
    /// Their visits of today; none where they have none.
    pub today: Option<Today>,
    /// When this was true.
    pub as_of: Timestamp,
    /// When the clinic's day began.
    pub day_began: Timestamp,
}

impl Standing {
    /// Whether the visits of today, or the next ones, can take place as far as anybody can know.
    pub fn is_ready(&self) -> bool {
        self.todo().iter().all(|todo| todo.weight == Weight::Note)
    }

    /// Whether something is known that stands in the way of visits.
    pub fn is_blocked(&self) -> bool {
        self.todo().iter().any(|todo| todo.weight == Weight::Blocks)
    }

    /// Whether Zoom can be asked how the room is.
    pub fn can_be_looked_at(&self) -> bool {
        self.stands == Stands::Connected && self.room.is_some()
    }

    /// Whether a look at the room was asked for a moment ago and has not been taken.
    pub fn is_being_looked_at(&self) -> bool {
        self.can_be_looked_at() && self.guarded.wanted_at.is_some() && !self.is_overdue()
    }

    fn is_overdue(&self) -> bool {
        self.guarded.wanted_at.is_some_and(|at| self.as_of.since(at) > TAKEN_WITHIN)
    }

    /// What was last put right here.
    pub fn repaired_last(&self) -> Option<&Drift> {
        self.recent
            .iter()
            .filter(|drift| is_repaired(drift))
            .max_by_key(|drift| drift.ended.map(|(at, _)| at))
    }

    /// Whether the tokens were renewed when they should have been.
    fn is_renewed(&self) -> bool {
        self.renewed_at.is_some_and(|at| self.as_of.since(at) <= RENEWED_WITHIN)
    }

    /// Whether Zoom has told how the room is since that was last due: the last look was answered, and none that was
    /// asked for is overdue.
    fn is_looked_at(&self) -> bool {
        if self.is_overdue() || self.guarded.trouble.is_some() {
            return false;
        }
        let Some(at) = self.guarded.looked_at else { return false };
        let ago = self.as_of.since(at);
        if self.today.is_some() {
            at >= self.day_began || ago <= STILL_OF_TODAY
        } else {
            ago <= LOOKED_WITHIN
        }
    }

    /// Whether Zoom ends a visit of today before its time.
    fn is_cut_short(&self) -> bool {
        self.plan == Some(BASIC) && self.today.is_some_and(|today| today.longest > BASIC_ENDS_AFTER)
    }

    fn has_unknown_plan(&self) -> bool {
        self.plan.is_some_and(|plan| plan != BASIC && plan != LICENSED)
    }
}

fn is_repaired(drift: &Drift) -> bool {
    drift.ended.is_some_and(|(_, how)| how == DriftEnd::Repaired)
}

impl Zoom {
    /// How everybody stands who sees patients, and whoever else hosts a visit today. By name.
    pub async fn standings(&self, clinic: ClinicId) -> Result<Vec<Standing>, StoreError> {
        let now = self.0.ambient.now();
        let mut tx = self.0.store.read().await?;
        let Some(known) = tx.clinic(clinic).await? else { return Ok(Vec::new()) };
        let today = tx.appointments(clinic, known.zone.day(known.zone.date(now)), None).await?;
        let mut standings = gather(&mut *tx, &known, &today, now, Asked::Everybody).await?;
        let next: HashMap<StaffId, Timestamp> = tx.next_visits(clinic, now).await?.into_iter().collect();
        let heard: HashMap<RoomId, Timestamp> = tx.rooms_last_heard(clinic).await?.into_iter().collect();
        let mut recent: HashMap<RoomId, Vec<Drift>> = HashMap::new();
        for drift in tx.drifts_since(clinic, now.minus(REMEMBERED)).await? {
            recent.entry(drift.room_id).or_default().push(drift);
        }
        for standing in &mut standings {
            standing.next_visit = next.get(&standing.member.id).copied();
            if let Some(room) = standing.room.as_ref().map(|room| room.id) {
                standing.heard_at = heard.get(&room).copied();
                standing.recent = recent.remove(&room).unwrap_or_default();
            }
        }
        Ok(standings)
    }

    /// How those stand who host one of these appointments of the clinic's day, in fewer questions: for a page that is
    /// drawn often.
    pub async fn standings_of_today(
        &self,
        clinic: &Clinic,
        today: &[Appointment],
    ) -> Result<Vec<Standing>, StoreError> {
        let mut tx = self.0.store.read().await?;
        gather(&mut *tx, clinic, today, self.0.ambient.now(), Asked::HostsOfToday).await
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Everybody,
    HostsOfToday,
}

async fn gather(
    tx: &mut dyn Tx,
    clinic: &Clinic,
    appointments: &[Appointment],
    now: Timestamp,
    asked: Asked,
) -> Result<Vec<Standing>, StoreError> {
    let id = clinic.id;
    let day = clinic.zone.day(clinic.zone.date(now));
    let mut today: HashMap<StaffId, Today> = HashMap::new();
    for visit in
        appointments.iter().filter(|visit| visit.is_expected_in_a_room() && day.contains(&visit.starts_at))
    {
        let own = of_visit(visit, now);
        today.entry(visit.host).and_modify(|known| *known = known.and(own)).or_insert(own);
    }
    if asked == Asked::HostsOfToday && today.is_empty() {
        return Ok(Vec::new());
    }
    let mut connections: HashMap<StaffId, Connection> =
        tx.connections(id).await?.into_iter().map(|one| (one.staff_id, one)).collect();
    let mut rooms: HashMap<StaffId, Room> =
        tx.rooms(id).await?.into_iter().map(|room| (room.staff_id, room)).collect();
    let mut guarded: HashMap<RoomId, Guarded> = tx.guarded_all(id).await?.into_iter().collect();
    let renewed: HashMap<ConnectionId, Timestamp> = tx.renewals(id).await?.into_iter().collect();
    let elsewhere = tx.hosts_elsewhere(id).await?;
    let others = if elsewhere.is_empty() { Vec::new() } else { tx.other_rooms(id).await? };
    let mut lasting: HashMap<RoomId, Vec<Drift>> = HashMap::new();
    for drift in tx.drifts_lasting(id).await? {
        lasting.entry(drift.room_id).or_default().push(drift);
    }
    let mut standings = Vec::new();
    for member in tx.staff(id).await? {
        let today = today.get(&member.id).copied();
        if today.is_none() && (asked == Asked::HostsOfToday || !member.is(Role::Staff)) {
            continue;
        }
        let connection = connections.remove(&member.id);
        let room = rooms
            .remove(&member.id)
            .filter(|room| connection.as_ref().is_some_and(|one| one.zoom_user_id == room.zoom_user_id));
        let stands = if member.disabled_at.is_some() {
            Stands::NoLongerHere
        } else if elsewhere.contains(&member.id) {
            Stands::Elsewhere { has_room: others.iter().any(|room| room.staff_id == member.id) }
        } else {
            of_connection(connection.as_ref())
        };
        let mut lasting = room.as_ref().and_then(|room| lasting.remove(&room.id)).unwrap_or_default();
        lasting.sort_by_key(|drift| drift.kind);
        standings.push(Standing {
            stands,
            renewed_at: connection.as_ref().and_then(|one| renewed.get(&one.id).copied()),
            plan: connection.as_ref().map(|one| one.zoom_plan),
            zoom_email: connection.map(|one| one.zoom_email).filter(|email| !email.is_empty()),
            guarded: room.as_ref().and_then(|room| guarded.remove(&room.id)).unwrap_or_default(),
            room,
            lasting,
            recent: Vec::new(),
            heard_at: None,
            next_visit: today.and_then(|today| today.next),
            today,
            member,
            as_of: now,
            day_began: day.start,
        });
    }
    Ok(standings)
}

fn of_connection(connection: Option<&Connection>) -> Stands {
    let Some(connection) = connection else { return Stands::NotConnected };
    match (connection.state, connection.trouble.as_deref().and_then(Trouble::from_code)) {
        (ConnectionState::Disconnected, _) => Stands::NotConnected,
        // Granted anew without what is needed: Zoom takes the tokens, and refuses the calls.
        (_, Some(Trouble::MissingScopes)) => Stands::MissingScopes,
        (ConnectionState::Connected, _) => Stands::Connected,
        (ConnectionState::NeedsReconnect, Some(Trouble::DisabledByAdmin)) => Stands::PausedByAdmin,
        (ConnectionState::NeedsReconnect, trouble) => Stands::NeedsReconnect(trouble),
    }
}

fn of_visit(visit: &Appointment, now: Timestamp) -> Today {
    Today {
        first: visit.starts_at,
        ends: visit.ends_at,
        next: (now < visit.ends_at).then_some(visit.starts_at),
        visits: 1,
        longest: visit.ends_at.since(visit.starts_at),
    }
}

impl Today {
    fn and(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            ends: self.ends.max(other.ends),
            next: match (self.next, other.next) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            visits: self.visits + other.visits,
            longest: self.longest.max(other.longest),
        }
    }
}

#[cfg(test)]
mod tests;
