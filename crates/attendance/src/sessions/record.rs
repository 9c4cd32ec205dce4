//! The record of many appointments: one question to the store for each kind of thing, whatever the number of rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    AppointmentId, AttendeeId, ClinicId, RoomId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::{
        matching::{Level, Match, Press},
        presence::{Presence, Whereabouts, Who},
        stay::{Stay, StayKind},
        time_together,
    },
    text::Name,
};
use store::ports::links::Link;

use super::{SessionAttendee, SessionFilter, SessionRow, Sessions};
use crate::{
    Attendance, Error, Result,
    board::{AttendeeStatus, Named, best_of, cell, late_seconds, of_attendees},
    derive,
    no_show::{Around, Grounds},
};

/// Who was in the room this long before the start or after the end belongs to the visit.
pub(super) const BESIDE: Duration = Duration::from_mins(30);
/// A stay that nobody ended after this time is doubtful: word of its end was lost.
const LONGEST_STAY: Duration = Duration::from_hours(12);
/// Somebody unknown in the room for less than this raises no doubt.
const WORTH_A_DOUBT: Duration = Duration::from_mins(1);

impl Attendance {
    /// A page of the appointments that start in the range, after the cursor, with their attendance; at most `limit`
    /// appointments are looked at, so a filtered page may hold fewer and still have a next one.
    pub async fn sessions(
        &self,
        clinic: ClinicId,
        range: Range<Timestamp>,
        filter: SessionFilter,
        after: Option<(Timestamp, AppointmentId)>,
        limit: i64,
    ) -> Result<Sessions> {
        let mut tx = self.store.read().await?;
        let clinic = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?;
        let appointments = tx.appointments_page(clinic.id, range, filter.host, after, limit).await?;
        let next = appointments
            .last()
            .filter(|_| i64::try_from(appointments.len()).is_ok_and(|count| count >= limit))
            .map(|last| (last.starts_at, last.id));
        let (Some(from), Some(to)) = (
            appointments.iter().map(|appointment| appointment.starts_at).min(),
            appointments.iter().map(|appointment| appointment.ends_at).max(),
        ) else {
            return Ok(Sessions { items: Vec::new(), next: None });
        };
        let around = from.minus(derive::AROUND)..to.plus(derive::AROUND);
        let presences = tx.presences(clinic.id, around.clone()).await?;
        let now = self.ambient.now();
        let grounds = Grounds::around(&mut *tx, &clinic, &appointments, &presences, now).await?;
        let mut presses = tx.presses(clinic.id, around).await?;
        presses.retain(|press| press.from_page);
        // Whoever is in a room may have come for a visit of another page.
        let others = tx
            .appointments(
                clinic.id,
                from.minus(Duration::from_hours(1))..to.plus(Duration::from_hours(1)),
                filter.host,
            )
            .await?;
        let ids: Vec<AppointmentId> = appointments.iter().map(|appointment| appointment.id).collect();
        let links = tx.links_of_all(clinic.id, &ids).await?;
        let links = of_attendees(&links);
        let staff: BTreeMap<StaffId, Name> =
            tx.staff(clinic.id).await?.into_iter().map(|member| (member.id, member.name)).collect();
        let hosts: BTreeMap<RoomId, StaffId> =
            tx.rooms(clinic.id).await?.into_iter().map(|room| (room.id, room.staff_id)).collect();
        let mut by_host: BTreeMap<StaffId, Vec<&Presence>> = BTreeMap::new();
        for presence in &presences {
            if let Some(host) = hosts.get(&presence.room_id) {
                by_host.entry(*host).or_default().push(presence);
            }
        }
        let items = appointments
            .iter()
            .filter_map(|appointment| {
                let scene = Scene {
                    appointment,
                    room: hosts.iter().find(|(_, host)| **host == appointment.host).map(|(room, _)| *room),
                    in_room: by_host.get(&appointment.host).map_or(&[][..], Vec::as_slice),
                    others: &others,
                    links: &links,
                    presses: &presses,
                    grounds: &grounds,
                    now,
                };
                Some(scene.row(staff.get(&appointment.host)?.clone()))
            })
            .filter(|row| !filter.only_with_doubts || row.attendees.iter().any(|a| !a.doubts.is_empty()))
            .collect();
        Ok(Sessions { items, next })
    }
}

/// When somebody of the staff was first in the meeting, around this appointment.
pub(super) fn first_in_session<'a>(
    stays: impl IntoIterator<Item = &'a Stay>,
    appointment: &Appointment,
    now: Timestamp,
) -> Option<Timestamp> {
    let (from, to) = (appointment.starts_at.minus(BESIDE), appointment.ends_at.plus(BESIDE));
    stays
        .into_iter()
        .filter(|stay| stay.kind == StayKind::InSession)
        .filter(|stay| stay.from < to && stay.to.unwrap_or(now) > from)
        .map(|stay| stay.from)
        .min()
}

/// One appointment and everything around it.
struct Scene<'a> {
    appointment: &'a Appointment,
    /// The host's room.
    room: Option<RoomId>,
    in_room: &'a [&'a Presence],
    /// The appointments around that time.
    others: &'a [Appointment],
    links: &'a BTreeMap<AttendeeId, &'a Link>,
    presses: &'a [Press],
    grounds: &'a Grounds,
    now: Timestamp,
}

impl Scene<'_> {
    fn row(&self, host: Name) -> SessionRow {
        let appointment = self.appointment;
        let attendees: Vec<SessionAttendee> =
            appointment.attendees.iter().map(|attendee| self.attendee(attendee)).collect();
        let of_host = self.in_room.iter().filter(|presence| presence.staff_id == Some(appointment.host));
        let host_came = first_in_session(of_host.flat_map(|presence| &presence.stays), appointment, self.now);
        SessionRow {
            id: appointment.id,
            external_id: appointment.external_id.clone(),
            starts_at: appointment.starts_at,
            ends_at: appointment.ends_at,
            kind: appointment.kind,
            status: appointment.status,
            host_late_seconds: late_seconds(host_came, appointment.starts_at),
            host_in_session_seconds: host_seconds(appointment.host, &attendees, self.in_room, self.now),
            host: Named { id: appointment.host, name: host },
            attendees,
        }
    }

    fn attendee(&self, attendee: &Attendee) -> SessionAttendee {
        let theirs = taken_for(attendee, self.in_room.iter().copied());
        let link = self.links.get(&attendee.id);
        let around = Around {
            appointment: self.appointment,
            attendee,
            room: self.room,
            in_room: self.in_room,
            theirs: &theirs,
            others: self.others,
            link_made_at: link.map(|link| link.created_at),
            opened_at: link.and_then(|link| link.opened_at),
            presses: self.presses,
        };
        let no_show = self.grounds.judge(&around);
        let presences: Vec<&Presence> = theirs.iter().map(|(presence, _)| *presence).collect();
        let matched = least_sure(&theirs);
        let stays: Vec<&Stay> = presences.iter().flat_map(|presence| &presence.stays).collect();
        let staff = self
            .in_room
            .iter()
            .filter(|presence| presence.who == Who::Staff)
            .flat_map(|presence| &presence.stays);
        let marks = &self.grounds.marks;
        let marked = if theirs.is_empty() { marks.stays(attendee.id) } else { Vec::new() };
        let seconds = if theirs.is_empty() {
            marks.seconds(attendee.id)
        } else {
            time_together::seconds(stays.iter().copied(), staff, self.now)
        };
        let mut doubts = doubts(self.appointment, attendee, self.in_room, &presences, matched, self.now);
        if theirs.is_empty() && marks.is_unended(attendee.id) {
            doubts.push("nobody marked when it ended".to_owned());
        }
        let was_marked_left =
            marks.status(attendee.id).filter(|(status, ..)| *status == AttendeeStatus::Left);
        let best = best_of(presences.iter().copied());
        let evidence: BTreeSet<_> = stays.iter().flat_map(|stay| stay.evidence.iter().copied()).collect();
        SessionAttendee {
            id: attendee.id,
            external_id: attendee.external_id.clone(),
            name: attendee.name.clone(),
            status: match (best, no_show.status.or(marks.status(attendee.id))) {
                (Some(presence), _) => presence.whereabouts.into(),
                (None, Some((status, ..))) => status,
                (None, None) => AttendeeStatus::Expected,
            },
            matched: matched.map(cell),
            arrived_at: presences
                .iter()
                .map(|presence| presence.first_at)
                .min()
                .or_else(|| marks.came_at(attendee.id)),
            joined_at: stays
                .iter()
                .copied()
                .chain(&marked)
                .filter(|stay| stay.kind == StayKind::InSession)
                .map(|stay| stay.from)
                .min(),
            left_at: best
                .filter(|presence| presence.whereabouts == Whereabouts::Left)
                .map(|presence| presence.since)
                .or_else(|| was_marked_left.map(|(_, at, _)| at).filter(|_| theirs.is_empty())),
            waited_seconds: seconds.waited,
            in_session_seconds: seconds.in_session,
            together_seconds: seconds.together,
            late_seconds: around
                .late_seconds()
                .or_else(|| late_seconds(marks.came_at(attendee.id), self.appointment.starts_at)),
            no_show: no_show.cell,
            evidence: evidence.into_iter().collect(),
            doubts,
        }
    }
}

fn host_seconds(host: StaffId, attendees: &[SessionAttendee], in_room: &[&Presence], now: Timestamp) -> u64 {
    let from = attendees.iter().filter_map(|attendee| attendee.arrived_at).min();
    let to = attendees.iter().filter(|a| a.arrived_at.is_some()).map(|a| a.left_at.unwrap_or(now)).max();
    let (Some(from), Some(to)) = (from, to) else { return 0 };
    let stays: Vec<Stay> = in_room
        .iter()
        .filter(|presence| presence.staff_id == Some(host))
        .flat_map(|presence| presence.stays.iter())
        .filter_map(|stay| {
            let (begin, end) = (stay.from.max(from), stay.to.unwrap_or(now).min(to));
            (begin < end).then(|| Stay { from: begin, to: Some(end), ..stay.clone() })
        })
        .collect();
    time_together::seconds(stays.iter(), [], now).in_session
}

/// Who is taken for this attendee, and why.
pub(super) fn taken_for<'a>(
    attendee: &Attendee,
    in_room: impl Iterator<Item = &'a Presence>,
) -> Vec<(&'a Presence, &'a Match)> {
    in_room
        .filter_map(|presence| Some((presence, presence.matched.as_ref()?)))
        .filter(|(_, matched)| matched.attendee == attendee.id)
        .collect()
}

/// The match that the least is to be said for.
pub(super) fn least_sure<'a>(theirs: &[(&Presence, &'a Match)]) -> Option<&'a Match> {
    theirs.iter().map(|(_, matched)| *matched).min_by_key(|matched| matched.level)
}

fn doubts(
    appointment: &Appointment,
    attendee: &Attendee,
    in_room: &[&Presence],
    theirs: &[&Presence],
    matched: Option<&Match>,
    now: Timestamp,
) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some(matched) = matched.filter(|matched| matched.level != Level::Certain) {
        doubts.push(format!("only {} that it was this attendee", matched.level.as_str()));
    }
    let unended = |stay: &&Stay| stay.to.is_none() && now.since(stay.from) > LONGEST_STAY;
    if theirs.iter().flat_map(|presence| &presence.stays).any(|stay| unended(&stay)) {
        doubts.push("Zoom never said that it ended".to_owned());
    }
    let unknown = in_room
        .iter()
        .filter(|presence| presence.who == Who::Visitor && presence.matched.is_none())
        .filter(|presence| {
            presence.candidates.iter().any(|candidate| candidate.attendee == attendee.id)
                || overlaps(presence, appointment.starts_at..appointment.ends_at, now)
        })
        .count();
    if unknown > 0 && theirs.is_empty() {
        doubts.push("somebody was in the room of whom nobody said who it was".to_owned());
    }
    if theirs.len() > 1 && theirs.iter().any(|a| theirs.iter().any(|b| a.id < b.id && at_once(a, b, now))) {
        doubts.push("was there more than once at the same time".to_owned());
    }
    doubts
}

fn overlaps(presence: &Presence, range: Range<Timestamp>, now: Timestamp) -> bool {
    let end = presence.stays.last().and_then(|stay| stay.to).unwrap_or(now);
    end.min(range.end).since(presence.first_at.max(range.start)) >= WORTH_A_DOUBT
}

fn at_once(a: &Presence, b: &Presence, now: Timestamp) -> bool {
    let end = |presence: &Presence| presence.stays.last().and_then(|stay| stay.to).unwrap_or(now);
    a.first_at < end(b) && b.first_at < end(a)
}
