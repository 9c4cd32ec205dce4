//! Putting the board together out of a handful of questions to the store, however many rows it has.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use domain::{
    AppointmentId, AttendeeId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::{
        matching::{Candidate, DecidedBy, Level, Match, Press},
        presence::{Presence, Whereabouts, Who},
        stay::{Source, Stay, StayKind},
        time_together,
    },
    clinic::Zone,
    text::Name,
};
use jiff::civil::Date;
use store::{
    Tx,
    ports::links::{Link, LinkFor},
};

use super::{
    feed_now,
    view::{
        AppointmentRow, AttendeeRow, AttendeeStatus, Board, CandidateCell, Host, MatchCell, Named,
        UnmatchedRow,
    },
};
use crate::{
    Error, Result, derive,
    no_show::{Around, Grounds},
    watching::{self, Known, Live},
};

/// Somebody unknown who was there at least this long and left stays on the board until it is settled who that was.
const WORTH_SETTLING: Duration = Duration::from_mins(1);

/// Everything that the board of a day is made of.
pub(super) struct Day<'a> {
    pub now: Timestamp,
    pub zone: &'a Zone,
    hours: Range<Timestamp>,
    pub appointments: &'a [Appointment],
    pub presences: &'a [Presence],
    links: BTreeMap<AttendeeId, &'a Link>,
    presses: &'a [Press],
    /// When each attendee last pressed Join.
    pressed: BTreeMap<AttendeeId, Timestamp>,
    staff: &'a BTreeMap<StaffId, Name>,
    /// Whose each room is.
    hosts: &'a BTreeMap<RoomId, StaffId>,
    /// The room of each of the staff.
    rooms: BTreeMap<StaffId, RoomId>,
    /// Who was in the room of each of the staff.
    in_room_of: BTreeMap<StaffId, Vec<&'a Presence>>,
    /// Who is taken for each attendee.
    taken_for: BTreeMap<AttendeeId, Vec<(&'a Presence, &'a Match)>>,
    /// Who is there now and not settled.
    open: Vec<&'a Presence>,
    grounds: &'a Grounds,
}

/// The board, and the presences of the staff with the host in whose room each was.
pub(super) async fn board(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    date: Option<Date>,
    now: Timestamp,
) -> Result<(Board, Vec<(PresenceId, StaffId)>)> {
    let clinic = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?;
    let today = clinic.zone.date(now);
    let date = date.unwrap_or(today);
    let day = clinic.zone.day(date);
    let appointments = tx.appointments(clinic.id, day.clone(), None).await?;
    let appointments: Vec<Appointment> =
        appointments.into_iter().filter(|appointment| day.contains(&appointment.starts_at)).collect();
    let ids: Vec<AppointmentId> = appointments.iter().map(|appointment| appointment.id).collect();
    let presences =
        tx.presences(clinic.id, day.start.minus(derive::AROUND)..day.end.plus(derive::AROUND)).await?;
    let links = tx.links_of_all(clinic.id, &ids).await?;
    let mut presses =
        tx.presses(clinic.id, day.start.minus(derive::AROUND)..day.end.plus(derive::AROUND)).await?;
    // The others help to find out who came, and tell nobody that a person pressed.
    presses.retain(|press| press.from_page);
    let staff: BTreeMap<StaffId, Name> =
        tx.staff(clinic.id).await?.into_iter().map(|member| (member.id, member.name)).collect();
    let hosts: BTreeMap<RoomId, StaffId> =
        tx.rooms(clinic.id).await?.into_iter().map(|room| (room.id, room.staff_id)).collect();
    let is_today = date == today;
    let feed = if is_today {
        feed_now::of(tx, clinic.id, &presses, &presences, now).await?
    } else {
        feed_now::read(tx, clinic.id, now).await?
    };
    let grounds = Grounds::load(tx, &clinic, &appointments, &presences, feed.state, now).await?;
    let mut in_room_of: BTreeMap<StaffId, Vec<&Presence>> = BTreeMap::new();
    let mut taken_for: BTreeMap<AttendeeId, Vec<(&Presence, &Match)>> = BTreeMap::new();
    for presence in &presences {
        if let Some(host) = hosts.get(&presence.room_id) {
            in_room_of.entry(*host).or_default().push(presence);
        }
        if let Some(matched) = &presence.matched {
            taken_for.entry(matched.attendee).or_default().push((presence, matched));
        }
    }
    let day = Day {
        now,
        zone: &clinic.zone,
        hours: day,
        appointments: &appointments,
        presences: &presences,
        links: of_attendees(&links),
        presses: &presses,
        // In order of time, so that the last stays.
        pressed: presses.iter().map(|press| (press.attendee_id, press.at)).collect(),
        staff: &staff,
        hosts: &hosts,
        rooms: hosts.iter().map(|(room, host)| (*host, *room)).collect(),
        in_room_of,
        taken_for,
        open: presences
            .iter()
            .filter(|presence| presence.matched.is_none() && presence.whereabouts != Whereabouts::Left)
            .collect(),
        grounds: &grounds,
    };
    let (rows, unmatched) = (day.appointment_rows(), day.unmatched_rows());
    let (warnings, guests) = if is_today { (day.warnings(), day.guests()) } else { (Vec::new(), Vec::new()) };
    let alerts = if is_today {
        let known = Known {
            zone: &clinic.zone,
            staff: &staff,
            rooms: &hosts,
            presences: &presences,
            numbers: &day.guest_numbers(),
            feed: feed.state,
            visits: watching::is_enough(&day.hours, now).then_some((appointments.as_slice(), &grounds.marks)),
            host: None,
        };
        watching::find(tx, clinic.id, known, now).await?.live.into_iter().map(Live::for_desk).collect()
    } else {
        Vec::new()
    };
    let of_staff = presences
        .iter()
        .filter(|presence| presence.who == Who::Staff)
        .filter_map(|presence| Some((presence.id, *hosts.get(&presence.room_id)?)))
        .collect();
    let board = Board {
        date,
        as_of: now,
        feed,
        appointments: rows,
        unmatched,
        warnings,
        alerts,
        guests,
        last_change: tx.last_change(clinic.id).await?,
        is_today,
    };
    Ok((board, of_staff))
}

impl Day<'_> {
    fn appointment_rows(&self) -> Vec<AppointmentRow> {
        self.appointments
            .iter()
            .filter_map(|appointment| {
                let present_since = self.host_present_since(appointment.host);
                Some(AppointmentRow {
                    id: appointment.id,
                    external_id: appointment.external_id.clone(),
                    starts_at: appointment.starts_at,
                    ends_at: appointment.ends_at,
                    host: Host {
                        id: appointment.host,
                        name: self.staff.get(&appointment.host)?.clone(),
                        present: present_since.is_some(),
                        present_since,
                        elsewhere: self.grounds.marks.elsewhere(appointment.host).map(str::to_owned),
                    },
                    attendees: appointment
                        .attendees
                        .iter()
                        .map(|attendee| self.attendee_row(appointment, attendee))
                        .collect(),
                    kind: appointment.kind,
                    status: appointment.status,
                })
            })
            .collect()
    }

    fn in_room_of(&self, host: StaffId) -> &[&Presence] {
        self.in_room_of.get(&host).map_or(&[], Vec::as_slice)
    }

    fn host_present_since(&self, host: StaffId) -> Option<Timestamp> {
        self.in_room_of(host)
            .iter()
            .filter(|presence| presence.who == Who::Staff && presence.staff_id == Some(host))
            .filter(|presence| presence.whereabouts == Whereabouts::InSession)
            .map(|presence| presence.since)
            .min()
    }

    fn attendee_row(&self, appointment: &Appointment, attendee: &Attendee) -> AttendeeRow {
        let theirs = self.taken_for.get(&attendee.id).map_or(&[][..], Vec::as_slice);
        let link = self.links.get(&attendee.id);
        let opened_at = link.and_then(|link| link.opened_at);
        let pressed_at = self.pressed.get(&attendee.id).copied();
        let in_room = self.in_room_of(appointment.host);
        let around = Around {
            appointment,
            attendee,
            room: self.rooms.get(&appointment.host).copied(),
            in_room,
            theirs,
            others: self.appointments,
            link_made_at: link.map(|link| link.created_at),
            opened_at,
            presses: self.presses,
        };
        let no_show = self.grounds.judge(&around);
        let best = best_of(theirs.iter().map(|(presence, _)| *presence));
        let marks = &self.grounds.marks;
        let marked = marks.status(attendee.id);
        let (status, since, source) = match (best, no_show.status.or(marked), opened_at.or(pressed_at)) {
            (Some(presence), ..) => (presence.whereabouts.into(), presence.since, source_of(presence)),
            (None, Some(status), _) => status,
            (None, None, Some(opened_at)) => (AttendeeStatus::Opened, opened_at, Source::Page),
            (None, None, None) => (AttendeeStatus::Expected, appointment.created_at, Source::Person),
        };
        let maybe = if best.is_none() { self.may_be(attendee.id) } else { None };
        let matched = best
            .and_then(|best| theirs.iter().find(|(presence, _)| presence.id == best.id))
            .map(|(_, matched)| cell(matched))
            .or_else(|| maybe.map(|(_, candidate)| maybe_cell(candidate)));
        let stays: Vec<&Stay> = theirs.iter().flat_map(|(presence, _)| &presence.stays).collect();
        let staff =
            in_room.iter().filter(|presence| presence.who == Who::Staff).flat_map(|presence| &presence.stays);
        let seconds = if theirs.is_empty() {
            marks.seconds(attendee.id)
        } else {
            time_together::seconds(stays.iter().copied(), staff, self.now)
        };
        let shown = best.or(maybe.map(|(presence, _)| presence));
        AttendeeRow {
            id: attendee.id,
            external_id: attendee.external_id.clone(),
            name: attendee.name.clone(),
            status,
            since,
            source,
            matched,
            no_show: no_show.cell,
            late_seconds: around
                .late_seconds()
                .or_else(|| late_seconds(marks.came_at(attendee.id), appointment.starts_at)),
            marking: marks.marking(appointment, attendee.id),
            presence: shown.map(|presence| presence.id),
            shown_name: shown.and_then(|presence| presence.shown_name.clone()),
            opened_at,
            pressed_at,
            waited_seconds: seconds.waited,
            in_session_seconds: seconds.in_session,
            together_seconds: seconds.together,
        }
    }

    /// Somebody who is there, of whom it is not settled who it is, and who may be this attendee for a better reason
    /// than that they are due.
    fn may_be(&self, attendee: AttendeeId) -> Option<(&Presence, &Candidate)> {
        self.open.iter().find_map(|presence| {
            // Likeliest first: whoever follows is only due as well.
            let candidate = presence.candidates.iter().find(|candidate| candidate.attendee == attendee)?;
            let pressed = self.presses.iter().any(|press| {
                press.attendee_id == attendee
                    && press.at.distance(presence.first_at) <= Duration::from_mins(2)
            });
            (pressed || presence.candidates.len() == 1).then_some((*presence, candidate))
        })
    }

    pub(super) fn host_of(&self, room: RoomId) -> Option<Named<StaffId>> {
        let id = *self.hosts.get(&room)?;
        Some(Named { id, name: self.staff.get(&id)?.clone() })
    }

    pub(super) fn guest_numbers(&self) -> BTreeMap<PresenceId, usize> {
        guest_numbers(self.presences.iter().filter(|presence| self.hours.contains(&presence.first_at)))
    }

    fn unmatched_rows(&self) -> Vec<UnmatchedRow> {
        let numbers = self.guest_numbers();
        let mut rows: Vec<UnmatchedRow> = self
            .presences
            .iter()
            .filter(|presence| presence.who == Who::Visitor && presence.matched.is_none())
            .filter(|presence| self.hours.contains(&presence.first_at))
            .filter(|presence| presence.whereabouts != Whereabouts::Left || is_worth_settling(presence))
            .filter_map(|presence| {
                Some(UnmatchedRow {
                    id: presence.id,
                    host: self.host_of(presence.room_id)?,
                    name: name_or_number(presence, &numbers),
                    status: presence.whereabouts,
                    since: presence.since,
                    candidates: presence
                        .candidates
                        .iter()
                        .filter_map(|candidate| candidate_cell(candidate, self.appointments))
                        .collect(),
                    not: self.grounds.not(presence.id).collect(),
                    first_at: presence.first_at,
                    named: presence.shown_name.is_some(),
                })
            })
            .collect();
        rows.sort_by_key(|row| (row.status, row.first_at, row.id));
        rows
    }
}

/// The patients' links, by attendee.
pub(crate) fn of_attendees(links: &[Link]) -> BTreeMap<AttendeeId, &Link> {
    links
        .iter()
        .filter_map(|link| match link.link_for {
            LinkFor::Attendee(_, attendee) => Some((attendee, link)),
            _ => None,
        })
        .collect()
}

/// How long after the start, in seconds; negative before it.
pub(crate) fn late_seconds(came: Option<Timestamp>, starts_at: Timestamp) -> Option<i64> {
    came.map(|came| came.as_micros().saturating_sub(starts_at.as_micros()).div_euclid(1_000_000))
}

fn is_worth_settling(presence: &Presence) -> bool {
    let lasted = |stay: &Stay| stay.to.unwrap_or(stay.from).since(stay.from);
    presence.stays.iter().any(|stay| stay.kind == StayKind::InSession)
        || presence.stays.iter().map(lasted).sum::<Duration>() >= WORTH_SETTLING
}

/// What is true of somebody now, out of all their presences: being there beats having left, and nearer beats farther.
pub(crate) fn best_of<'a>(presences: impl Iterator<Item = &'a Presence>) -> Option<&'a Presence> {
    presences.max_by_key(|presence| {
        let there = match presence.whereabouts {
            Whereabouts::InSession => 3,
            Whereabouts::Connecting => 2,
            Whereabouts::Waiting => 1,
            Whereabouts::Left => 0,
        };
        (there, presence.since, presence.id)
    })
}

fn source_of(presence: &Presence) -> Source {
    let last = presence.stays.last();
    last.map_or(Source::Webhook, |stay| stay.to_source.unwrap_or(stay.from_source))
}

pub(crate) fn cell(matched: &Match) -> MatchCell {
    MatchCell { level: matched.level, reasons: matched.reasons.clone(), decided_by: matched.decided_by }
}

fn maybe_cell(candidate: &Candidate) -> MatchCell {
    MatchCell { level: Level::Ambiguous, reasons: candidate.reasons.clone(), decided_by: DecidedBy::Rule }
}

pub(crate) fn candidate_cell(candidate: &Candidate, appointments: &[Appointment]) -> Option<CandidateCell> {
    let appointment = appointments.iter().find(|appointment| appointment.id == candidate.appointment)?;
    Some(CandidateCell {
        attendee: candidate.attendee,
        level: candidate.level,
        reasons: candidate.reasons.clone(),
        name: appointment.attendee(candidate.attendee)?.name.clone(),
        appointment: appointment.id,
        starts_at: appointment.starts_at,
    })
}

/// Visitors without a name, numbered in each room in the order in which they came.
pub(crate) fn guest_numbers<'a>(
    presences: impl Iterator<Item = &'a Presence>,
) -> BTreeMap<PresenceId, usize> {
    let mut of_room: BTreeMap<RoomId, usize> = BTreeMap::new();
    presences
        .filter(|presence| presence.who == Who::Visitor && presence.shown_name.is_none())
        .map(|presence| {
            let number = of_room.entry(presence.room_id).or_default();
            *number += 1;
            (presence.id, *number)
        })
        .collect()
}

/// The name that Zoom shows, or "Guest 1".
pub(crate) fn name_or_number(presence: &Presence, numbers: &BTreeMap<PresenceId, usize>) -> String {
    presence
        .shown_name
        .clone()
        .unwrap_or_else(|| format!("Guest {}", numbers.get(&presence.id).copied().unwrap_or(1)))
}
