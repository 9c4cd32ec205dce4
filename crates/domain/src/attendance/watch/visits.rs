//! Visits that should have begun, and visits that should be over.

use std::time::Duration;

use super::{BACK_WITHIN, LONGEST_THERE, Matter, Room, list, plural};
use crate::{
    alert::AlertKind,
    appointment::{Appointment, Attendee},
    attendance::{
        presence::{Presence, Whereabouts},
        stay::StayKind,
        time_together,
    },
    id::PresenceId,
    outreach::desk::Marked,
    time::Timestamp,
};

/// A host who left so recently may be on the way back: the line broke, or the last meeting was ended to begin the next.
const AWAY_FOR: Duration = Duration::from_mins(1);
/// Whoever was with the staff for so long has had their visit begun, also if they wait again.
const BEGUN_AFTER: Duration = Duration::from_mins(5);
/// So much past its end is everyday.
const OVERRUNS_AFTER: Duration = Duration::from_mins(2);

/// An attendee who waits or is in session.
struct Seat<'a> {
    attendee: &'a Attendee,
    since: Timestamp,
    certain: bool,
    /// None where a person of the staff says so.
    presence: Option<PresenceId>,
}

/// A visit, and where its attendees are.
struct Visit<'a> {
    appointment: &'a Appointment,
    /// When it should begin, what was said of being late included.
    due_at: Timestamp,
    waiting: Vec<Seat<'a>>,
    in_session: Vec<Seat<'a>>,
}

impl Visit<'_> {
    fn waits_since(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|seat| seat.since).min()
    }

    fn names(&self, room: &Room<'_>, seats: &[Seat<'_>]) -> Vec<String> {
        seats.iter().map(|seat| room.called_due(self.appointment, seat.attendee, seat.certain)).collect()
    }
}

impl<'a> Room<'a> {
    /// Each visit that should have begun and whose attendee waits while nobody of the staff is there. By the highest step
    /// that is reached.
    pub(super) fn hosts_late(&self) -> Vec<Matter> {
        let now = self.scene.now;
        if self.staff_there().next().is_some() {
            return Vec::new();
        }
        if self.staff_left_at().is_some_and(|left| now.since(left) < AWAY_FOR) {
            return Vec::new();
        }
        let visits = self.visits();
        // Of a room that tells nothing itself: whoever is in session is with the host.
        let is_marked = |seat: &Seat<'_>| seat.presence.is_none();
        if visits.iter().flat_map(|visit| &visit.in_session).any(is_marked) {
            return Vec::new();
        }
        visits.iter().filter_map(|visit| self.host_late(visit)).collect()
    }

    fn host_late(&self, visit: &Visit<'_>) -> Option<Matter> {
        let heard = |seat: &&Seat<'_>| seat.presence.is_none() || !self.scene.is_deaf;
        let waits_since = visit.waiting.iter().filter(heard).map(|seat| seat.since).min()?;
        if self.has_begun(visit.appointment) {
            return None;
        }
        let since = visit.due_at.max(waits_since);
        let waited = self.scene.now.since(since);
        let (minutes, _) = self.scene.settings.steps().filter(|(_, step)| *step <= waited).last()?;
        let names = visit.names(self, &visit.waiting);
        let (names, has) = (list(&names), plural(names.len(), "has", "have"));
        let so_long = format!("for at least {minutes} {}", if minutes == 1 { "minute" } else { "minutes" });
        let host = self.scene.host.name;
        let covering: Vec<String> = self.covering.iter().map(|one| one.name.to_owned()).collect();
        let nobody = if visit.waiting.iter().all(|seat| seat.presence.is_none()) {
            format!("no visit of {host} is marked as in session")
        } else if covering.is_empty() {
            format!("{host} is not in the meeting")
        } else {
            format!("neither {host} nor {}, who stands in, is in the meeting", list(&covering))
        };
        Some(Matter {
            kind: AlertKind::HostLate,
            key: format!("host_late/{}/{minutes}", visit.appointment.id),
            since,
            appointment: Some(visit.appointment.id),
            presence: visit.waiting.iter().find_map(|seat| seat.presence),
            detail: Some(minutes.to_string()),
            for_desk: format!("{names} {has} waited {so_long}, and {nobody}."),
            for_host: format!("{names} {has} waited for you {so_long}."),
        })
    }

    /// Each visit that goes on past its end, with each later one that waits for it.
    pub(super) fn overruns(&self) -> Vec<Matter> {
        let now = self.scene.now;
        let visits = self.visits();
        let mut matters = Vec::new();
        // In order of the starts: what follows comes later.
        for (place, over) in visits.iter().enumerate() {
            if over.in_session.is_empty() {
                continue;
            }
            for next in visits.iter().skip(place + 1) {
                let Some(waits_since) = next.waits_since() else { continue };
                let since = over.appointment.ends_at.max(next.due_at).max(waits_since);
                if since > now || now.since(since) < OVERRUNS_AFTER {
                    continue;
                }
                let waiting = next.names(self, &next.waiting);
                let waits = format!("{} {}", list(&waiting), plural(waiting.len(), "waits", "wait"));
                let in_session = list(&over.names(self, &over.in_session));
                let end = self.time(over.appointment.ends_at);
                let host = self.scene.host.name;
                matters.push(Matter {
                    kind: AlertKind::Overrun,
                    key: format!("overrun/{}/{}", over.appointment.id, next.appointment.id),
                    since,
                    appointment: Some(next.appointment.id),
                    presence: next.waiting.iter().find_map(|seat| seat.presence),
                    detail: None,
                    for_desk: format!(
                        "{host}'s visit with {in_session} goes on past its end at {end}, and {waits}."
                    ),
                    for_host: format!(
                        "Your visit with {in_session} goes on past its end at {end}, and {waits}."
                    ),
                });
            }
        }
        matters
    }

    /// The visits, by start.
    fn visits(&self) -> Vec<Visit<'a>> {
        self.appointments
            .iter()
            .map(|appointment| {
                let mut visit = Visit {
                    appointment,
                    due_at: appointment.starts_at.plus(self.delay(appointment)),
                    waiting: Vec::new(),
                    in_session: Vec::new(),
                };
                for attendee in &appointment.attendees {
                    match self.place(appointment, attendee) {
                        Some((Whereabouts::Waiting, seat)) => visit.waiting.push(seat),
                        Some((Whereabouts::InSession, seat)) => visit.in_session.push(seat),
                        Some((Whereabouts::Connecting | Whereabouts::Left, _)) | None => {}
                    }
                }
                visit
            })
            .collect()
    }

    fn delay(&self, appointment: &Appointment) -> Duration {
        let is_meant = |of: Option<_>| of.is_none_or(|id| id == appointment.id);
        let said = self.scene.delays.iter().filter(|delay| is_meant(delay.appointment)).max();
        said.map_or(Duration::ZERO, |delay| delay.by)
    }

    /// Everybody who was taken for the attendee, by arrival.
    fn taken_for(&self, appointment: &Appointment, attendee: &Attendee) -> Vec<&'a Presence> {
        self.presences
            .iter()
            .map(|one| one.presence)
            .filter(|presence| {
                self.meant(presence)
                    .is_some_and(|(of, whom, _)| of.id == appointment.id && whom.id == attendee.id)
            })
            .collect()
    }

    /// Where an attendee is: by what Zoom tells, or else by what the staff say. Nearer beats farther.
    fn place(&self, appointment: &'a Appointment, attendee: &'a Attendee) -> Option<(Whereabouts, Seat<'a>)> {
        let theirs = self.taken_for(appointment, attendee);
        let there = self
            .there()
            .map(|one| one.presence)
            .filter(|presence| theirs.iter().any(|one| one.id == presence.id))
            .max_by_key(|presence| (presence.whereabouts, std::cmp::Reverse((presence.since, presence.id))));
        if let Some(presence) = there {
            let since = if presence.whereabouts == Whereabouts::Waiting {
                waits_since(&theirs, presence.since)
            } else {
                presence.since
            };
            let certain = self.meant(presence).is_some_and(|(.., certain)| certain);
            return Some((
                presence.whereabouts,
                Seat { attendee, since, certain, presence: Some(presence.id) },
            ));
        }
        let (marked, since) = *self.scene.marks.get(&attendee.id)?;
        let whereabouts = match marked {
            Marked::Waiting => Whereabouts::Waiting,
            Marked::InSession => Whereabouts::InSession,
            Marked::Left | Marked::Withdrawn => return None,
        };
        let is_believed = self.scene.now.since(since) <= LONGEST_THERE;
        is_believed.then_some((whereabouts, Seat { attendee, since, certain: true, presence: None }))
    }

    /// Whether the visit has taken place, or most of it: its attendees were with the staff.
    fn has_begun(&self, appointment: &Appointment) -> bool {
        let theirs = appointment.attendees.iter().flat_map(|attendee| self.taken_for(appointment, attendee));
        let stays: Vec<_> = theirs.flat_map(|presence| &presence.stays).collect();
        let seconds = time_together::seconds(stays, self.stays(true), self.scene.now);
        seconds.together >= BEGUN_AFTER.as_secs()
    }

    /// Whether anybody of the visit was ever there.
    pub(super) fn has_come(&self, appointment: &Appointment) -> bool {
        appointment.attendees.iter().any(|attendee| !self.taken_for(appointment, attendee).is_empty())
    }
}

/// Since when they wait, if whoever was away for moments has waited on.
fn waits_since(theirs: &[&Presence], since: Timestamp) -> Timestamp {
    let before = theirs
        .iter()
        .flat_map(|presence| &presence.stays)
        .filter(|stay| stay.kind == StayKind::Waiting)
        .filter_map(|stay| Some((stay.from, stay.to?)));
    let mut before: Vec<(Timestamp, Timestamp)> = before.collect();
    before.sort_by_key(|(from, to)| std::cmp::Reverse((*to, *from)));
    before.iter().fold(
        since,
        |since, (from, to)| {
            if to.plus(BACK_WITHIN) >= since { since.min(*from) } else { since }
        },
    )
}
