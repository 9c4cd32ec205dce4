//! Warnings before a wrong admission: whoever lets somebody in should know who else waits, and who is still there.
//!
//! About one room, now. A warning depends on who is there and on the appointments, never on the clock, so that it comes
//! and goes with somebody's coming and going.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    matching::{Level, Match},
    names::agreement,
    presence::{Presence, Whereabouts, Who},
};
use crate::{
    appointment::{Appointment, Attendee},
    clinic::Zone,
    id::{AppointmentId, AttendeeId, PresenceId},
    time::Timestamp,
};

/// Two people of one name whose appointments start within this time may be taken for each other.
const NEAR: Duration = Duration::from_hours(2);
/// So many of those whom it may be are named.
const MOST_NAMED: usize = 3;

/// What may go wrong. In order of how bad it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Somebody of another visit is in the meeting: whoever is let in now meets them.
    PreviousStillThere,
    /// People of several visits wait.
    SeveralWaiting,
    /// Somebody waits and nobody can say who it is.
    UnknownWaiting,
    /// Somebody waits whose name is like somebody else's who is due.
    SameName,
}

impl WarningKind {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreviousStillThere => "previous_still_there",
            Self::SeveralWaiting => "several_waiting",
            Self::UnknownWaiting => "unknown_waiting",
            Self::SameName => "same_name",
        }
    }
}

/// What whoever lets people in should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What may go wrong.
    pub kind: WarningKind,
    /// In a sentence. It holds names: for the desk and the host alone.
    pub sentence: String,
    /// Whom it is about, those who wait first.
    pub presences: Vec<PresenceId>,
}

/// Somebody who is in the room now.
#[derive(Clone, Copy, Debug)]
pub struct There<'a> {
    /// Who.
    pub presence: &'a Presence,
    /// The name shown in Zoom, or "Guest 1".
    pub shown: &'a str,
}

/// The warnings about one room: who is in it now, and the appointments of the day that may bring somebody there.
pub fn of_room(there: &[There<'_>], appointments: &[&Appointment], zone: &Zone) -> Vec<Warning> {
    let mut there: Vec<There<'_>> =
        there.iter().copied().filter(|one| one.presence.who == Who::Visitor).collect();
    there.sort_by_key(|one| (one.presence.since, one.presence.id));
    let room = Room { there, appointments, zone };
    let mut warnings = room.previous_still_there();
    warnings.extend(room.several_waiting());
    warnings.extend(room.unknown_waiting());
    warnings.extend(room.same_name());
    warnings
}

struct Room<'a> {
    /// Visitors, longest where they are first.
    there: Vec<There<'a>>,
    appointments: &'a [&'a Appointment],
    zone: &'a Zone,
}

impl<'a> Room<'a> {
    fn waiting(&self) -> impl Iterator<Item = There<'a>> {
        self.there.iter().copied().filter(|one| one.presence.whereabouts == Whereabouts::Waiting)
    }

    /// Whom a match means; none where the appointment is not among those given.
    fn meant(&self, matched: &Match) -> Option<(&'a Appointment, &'a Attendee)> {
        self.find(matched.appointment, matched.attendee)
    }

    fn find(
        &self,
        appointment: AppointmentId,
        attendee: AttendeeId,
    ) -> Option<(&'a Appointment, &'a Attendee)> {
        let appointment = self.appointments.iter().find(|one| one.id == appointment)?;
        Some((appointment, appointment.attendee(attendee)?))
    }

    /// "Ana Prado (10:30)", "Ana Prado (10:30, probably)", or the name shown in Zoom between marks.
    fn called(&self, one: There<'_>) -> String {
        let matched = one.presence.matched.as_ref();
        match matched.and_then(|matched| Some((matched.level, self.meant(matched)?))) {
            Some((Level::Certain, (appointment, attendee))) => self.due(appointment, attendee),
            Some((_, (appointment, attendee))) => {
                format!("{} ({}, probably)", attendee.name, self.zone.time(appointment.starts_at))
            }
            None => format!("“{}”", one.shown),
        }
    }

    fn due(&self, appointment: &Appointment, attendee: &Attendee) -> String {
        format!("{} ({})", attendee.name, self.zone.time(appointment.starts_at))
    }

    /// Those who wait, by visit, in the order of the visits.
    fn visits_waiting(&self) -> Vec<(AppointmentId, Vec<There<'a>>)> {
        let mut visits: BTreeMap<(Timestamp, AppointmentId), Vec<There<'a>>> = BTreeMap::new();
        for one in self.waiting() {
            let Some(matched) = &one.presence.matched else { continue };
            let Some((appointment, _)) = self.meant(matched) else { continue };
            visits.entry((appointment.starts_at, appointment.id)).or_default().push(one);
        }
        visits.into_iter().map(|((_, id), waiting)| (id, waiting)).collect()
    }

    /// Each visit that waits while somebody who is not of it is in the meeting, or on the way into it.
    fn previous_still_there(&self) -> Vec<Warning> {
        let in_meeting: Vec<There<'a>> = self
            .there
            .iter()
            .copied()
            .filter(|one| {
                matches!(one.presence.whereabouts, Whereabouts::InSession | Whereabouts::Connecting)
            })
            .collect();
        let visit_of = |one: &There<'_>| one.presence.matched.as_ref().map(|matched| matched.appointment);
        self.visits_waiting()
            .into_iter()
            .filter_map(|(visit, waiting)| {
                let others: Vec<There<'a>> =
                    in_meeting.iter().copied().filter(|one| visit_of(one) != Some(visit)).collect();
                if others.is_empty() {
                    return None;
                }
                Some(Warning {
                    kind: WarningKind::PreviousStillThere,
                    sentence: format!(
                        "{} {} while {} {} still in session.",
                        list(&self.all_called(&waiting)),
                        plural(waiting.len(), "waits", "wait"),
                        list(&self.all_called(&others)),
                        plural(others.len(), "is", "are"),
                    ),
                    presences: ids(waiting.iter().chain(&others)),
                })
            })
            .collect()
    }

    fn several_waiting(&self) -> Option<Warning> {
        let visits = self.visits_waiting();
        if visits.len() < 2 {
            return None;
        }
        let waiting: Vec<There<'a>> = visits.into_iter().flat_map(|(_, waiting)| waiting).collect();
        Some(Warning {
            kind: WarningKind::SeveralWaiting,
            sentence: format!(
                "{} wait for different visits. Let in one visit at a time, and nobody by “Admit all”.",
                list(&self.all_called(&waiting))
            ),
            presences: ids(waiting.iter()),
        })
    }

    fn unknown_waiting(&self) -> Vec<Warning> {
        self.waiting()
            .filter(|one| one.presence.matched.is_none())
            .map(|one| {
                let likely: Vec<String> = one
                    .presence
                    .candidates
                    .iter()
                    .filter_map(|candidate| self.find(candidate.appointment, candidate.attendee))
                    .map(|(appointment, attendee)| self.due(appointment, attendee))
                    .take(MOST_NAMED)
                    .collect();
                let called = self.called(one);
                Warning {
                    kind: WarningKind::UnknownWaiting,
                    sentence: if likely.is_empty() {
                        format!("{called} waits, and nobody knows who it is. Ask for the name before letting them in.")
                    } else {
                        format!("{called} waits, and it is not known who it is: perhaps {}.", either(&likely))
                    },
                    presences: vec![one.presence.id],
                }
            })
            .collect()
    }

    /// Each pair of people of one name at different visits, one of whom waits, or may be the one who does.
    fn same_name(&self) -> Vec<Warning> {
        let mut warned: BTreeSet<BTreeSet<AttendeeId>> = BTreeSet::new();
        let mut warnings = Vec::new();
        for one in self.waiting() {
            let matched = one.presence.matched.iter().map(|matched| (matched.appointment, matched.attendee));
            let candidates =
                one.presence.candidates.iter().map(|candidate| (candidate.appointment, candidate.attendee));
            for (appointment, attendee) in matched.chain(candidates) {
                let Some((visit, who)) = self.find(appointment, attendee) else { continue };
                for (other_visit, other) in self.namesakes(visit, who) {
                    if !warned.insert([who.id, other.id].into()) {
                        continue;
                    }
                    let mut pair = [(visit, who), (other_visit, other)];
                    pair.sort_by_key(|(visit, who)| (visit.starts_at, who.id));
                    let pair = pair.map(|(visit, who)| self.due(visit, who));
                    warnings.push(Warning {
                        kind: WarningKind::SameName,
                        sentence: format!(
                            "Two people have one name, or nearly: {}. The name alone does not say who waits.",
                            list(&pair)
                        ),
                        presences: ids(self.waiting().collect::<Vec<_>>().iter().filter(|waiting| {
                            waiting.presence.id == one.presence.id
                                || waiting.presence.matched.as_ref().is_some_and(|m| m.attendee == other.id)
                        })),
                    });
                }
            }
        }
        warnings
    }

    /// Others who are due around that time under a name like this, but for the same person at another visit.
    fn namesakes(&self, visit: &Appointment, who: &Attendee) -> Vec<(&'a Appointment, &'a Attendee)> {
        self.appointments
            .iter()
            .filter(|other| other.id != visit.id && other.is_expected_in_a_room())
            .filter(|other| other.starts_at.distance(visit.starts_at) <= NEAR)
            .flat_map(|other| other.attendees.iter().map(|attendee| (*other, attendee)))
            .filter(|(_, other)| other.external_id != who.external_id)
            .filter(|(_, other)| {
                agreement(Some(other.name.as_str()), who.name.as_str()).fits()
                    || agreement(Some(who.name.as_str()), other.name.as_str()).fits()
            })
            .collect()
    }

    fn all_called(&self, all: &[There<'_>]) -> Vec<String> {
        all.iter().map(|one| self.called(*one)).collect()
    }
}

fn ids<'a>(all: impl Iterator<Item = &'a There<'a>>) -> Vec<PresenceId> {
    all.map(|one| one.presence.id).collect()
}

fn plural(count: usize, one: &'static str, several: &'static str) -> &'static str {
    if count == 1 { one } else { several }
}

/// "A", "A and B", "A, B and C".
fn list(all: &[String]) -> String {
    joined(all, "and")
}

/// "A", "A or B", "A, B or C".
fn either(all: &[String]) -> String {
    joined(all, "or")
}

fn joined(all: &[String], last: &str) -> String {
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests;
