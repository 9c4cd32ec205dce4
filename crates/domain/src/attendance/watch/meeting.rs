//! Whether anybody minds the meeting: patients without staff, and staff without patients.

use std::time::Duration;

use super::{BACK_WITHIN, Matter, Room, Scene, list, plural};
use crate::{
    alert::AlertKind,
    attendance::{
        presence::{Whereabouts, Who},
        stay::{Stay, StayKind},
        time_together::union,
        warnings::There,
    },
    time::Timestamp,
};

/// Patients may be alone for so long: the host's line broke, or the host came a moment later.
const ALONE_AFTER: Duration = Duration::from_mins(1);
/// Staff may stay for so long after the last patient: to write something down, or because the patient comes back.
const LEFT_AFTER: Duration = Duration::from_mins(3);
/// Who expects the next visit so soon may as well stay.
const NEXT_WITHIN: Duration = Duration::from_mins(15);

/// How the meeting in a room stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Since when somebody is in it, without a break; none where nobody is.
    pub since: Option<Timestamp>,
    /// Since when the host, or a colleague who stands in, is in it.
    pub host_since: Option<Timestamp>,
    /// Since when only the staff are left in it, of a meeting in which somebody else was.
    pub staff_alone_since: Option<Timestamp>,
}

/// How the meeting in the room stands.
pub fn running(scene: &Scene<'_>) -> Running {
    Room::of(scene).running()
}

impl Room<'_> {
    fn running(&self) -> Running {
        let scene = &self.scene;
        let hosts = self.staff_there().filter(|one| {
            let is = |person| one.presence.staff_id == Some(person);
            is(scene.host.id) || self.covering.iter().any(|colleague| is(colleague.id))
        });
        Running {
            since: self.runs_since(),
            host_since: hosts.map(|one| one.presence.since).min(),
            staff_alone_since: self.staff_alone_since(),
        }
    }

    fn is_in_session(one: &There<'_>) -> bool {
        one.presence.whereabouts == Whereabouts::InSession
    }

    /// Since when somebody is in the meeting, without a break.
    fn runs_since(&self) -> Option<Timestamp> {
        let first = self.there().filter(Self::is_in_session).map(|one| one.presence.since).min()?;
        let stays = self.stays(true).chain(self.stays(false));
        Some(self.lasts_since(stays, first, Duration::ZERO))
    }

    /// Since when somebody was in the meeting until now, by these stays, where breaks up to so long do not count. `first` is
    /// when the first of those came who are there now.
    fn lasts_since<'s>(
        &self,
        stays: impl Iterator<Item = &'s Stay>,
        first: Timestamp,
        breaks: Duration,
    ) -> Timestamp {
        let before = union(stays, StayKind::InSession, self.scene.now);
        before.iter().rev().fold(
            first,
            |since, (from, to)| {
                if to.plus(breaks) >= since { since.min(*from) } else { since }
            },
        )
    }

    /// Patients, or whoever came with them, in the meeting without anybody of the staff.
    pub(super) fn nobody_hosting(&self) -> Option<Matter> {
        let room = self.scene.room?;
        if self.scene.is_deaf || self.staff_there().next().is_some() {
            return None;
        }
        let alone: Vec<There<'_>> =
            self.there().filter(Self::is_in_session).filter(|one| one.presence.who != Who::Staff).collect();
        // Family or an interpreter alone are nobody to be minded.
        alone.iter().find(|one| one.presence.who == Who::Visitor)?;
        let first = alone.iter().map(|one| one.presence.since).min()?;
        let came = self.lasts_since(self.stays(false), first, BACK_WITHIN);
        let since = self.staff_left_at().map_or(came, |left| left.max(came));
        if self.scene.now.since(since) < ALONE_AFTER {
            return None;
        }
        let names: Vec<String> = alone.iter().map(|one| self.called(*one)).collect();
        let (names, are) = (list(&names), plural(names.len(), "is", "are"));
        let (host, time) = (self.scene.host.name, self.time(since));
        Some(Matter {
            kind: AlertKind::NobodyHosting,
            key: format!("nobody_hosting/{room}/{}", since.as_micros()),
            since,
            appointment: None,
            presence: None,
            detail: None,
            for_desk: format!("{names} {are} in {host}'s meeting, and since {time} nobody of the staff is."),
            for_host: format!("{names} {are} in your meeting, and since {time} nobody of the staff is."),
        })
    }

    /// Staff who are left alone in a meeting that nobody needs.
    pub(super) fn left_running(&self) -> Option<Matter> {
        let room = self.scene.room?;
        let since = self.staff_alone_since().filter(|_| !self.scene.is_deaf)?;
        if self.scene.now.since(since) < LEFT_AFTER || self.is_somebody_due() {
            return None;
        }
        let (host, time) = (self.scene.host.name, self.time(since));
        Some(Matter {
            kind: AlertKind::LeftRunning,
            key: format!("left_running/{room}/{}", since.as_micros()),
            since,
            appointment: None,
            presence: None,
            detail: None,
            for_desk: format!("{host}'s meeting still runs, though the last patient left it at {time}."),
            for_host: format!(
                "Your meeting still runs, though the last patient left it at {time}. End it for all."
            ),
        })
    }

    /// Since when the staff are alone, of a meeting in which somebody else was since it runs, and for which nobody waits.
    fn staff_alone_since(&self) -> Option<Timestamp> {
        self.staff_there().next()?;
        if self.there().any(|one| one.presence.who != Who::Staff) {
            return None;
        }
        let runs_since = self.runs_since()?;
        self.stays(false)
            .filter(|stay| stay.kind == StayKind::InSession)
            .filter_map(|stay| stay.to)
            .filter(|left| *left > runs_since)
            .max()
    }

    /// Whether a visit begins soon, or goes on and nobody has come to it yet.
    fn is_somebody_due(&self) -> bool {
        let now = self.scene.now;
        self.appointments.iter().any(|appointment| {
            appointment.starts_at <= now.plus(NEXT_WITHIN)
                && now < appointment.ends_at
                && !self.has_come(appointment)
        })
    }
}
