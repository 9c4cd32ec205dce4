//! Putting the board together out of a handful of questions to the store, however many rows it has.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    AppointmentId, AttendeeId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::{
        feed,
        matching::{Candidate, DecidedBy, Level, Match, Press},
        presence::{Presence, Whereabouts, Who},
        stay::{Source, Stay, StayKind},
        time_together,
        warnings::{self, There},
    },
    clinic::Zone,
    text::Name,
};
use jiff::civil::Date;
use store::{
    Tx,
    ports::links::{Link, LinkFor},
};

use super::view::{
    AppointmentRow, AttendeeRow, AttendeeStatus, Board, CandidateCell, Feed, GuestRow, Host, MatchCell, Named,
    UnmatchedRow, Warning,
};
use crate::{Error, Result, derive};

/// Somebody unknown who was there at least this long and left stays on the board until it is settled who that was.
const WORTH_SETTLING: Duration = Duration::from_mins(1);

/// Everything that the board of a day is made of.
struct Day<'a> {
    now: Timestamp,
    zone: &'a Zone,
    hours: Range<Timestamp>,
    appointments: &'a [Appointment],
    presences: &'a [Presence],
    links: &'a [Link],
    presses: &'a [Press],
    staff: &'a BTreeMap<StaffId, Name>,
    /// Whose each room is.
    hosts: &'a BTreeMap<RoomId, StaffId>,
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
    let presses =
        tx.presses(clinic.id, day.start.minus(derive::AROUND)..day.end.plus(derive::AROUND)).await?;
    let staff = tx.staff(clinic.id).await?.into_iter().map(|member| (member.id, member.name)).collect();
    let hosts: BTreeMap<RoomId, StaffId> =
        tx.rooms(clinic.id).await?.into_iter().map(|room| (room.id, room.staff_id)).collect();
    let day = Day {
        now,
        zone: &clinic.zone,
        hours: day,
        appointments: &appointments,
        presences: &presences,
        links: &links,
        presses: &presses,
        staff: &staff,
        hosts: &hosts,
    };
    let is_today = date == today;
    let (rows, unmatched) = (day.appointment_rows(), day.unmatched_rows());
    let (warnings, guests) = if is_today { (day.warnings(), day.guests()) } else { (Vec::new(), Vec::new()) };
    let of_staff = presences
        .iter()
        .filter(|presence| presence.who == Who::Staff)
        .filter_map(|presence| Some((presence.id, *hosts.get(&presence.room_id)?)))
        .collect();
    let feed = feed(tx, clinic.id, now).await?;
    let board = Board {
        date,
        as_of: now,
        feed,
        appointments: rows,
        unmatched,
        warnings,
        guests,
        last_change: tx.last_change(clinic.id).await?,
        is_today,
    };
    Ok((board, of_staff))
}

/// Whether Zoom is still heard of; always as of now, whatever day is looked at.
async fn feed(tx: &mut dyn Tx, clinic: ClinicId, now: Timestamp) -> Result<Feed> {
    let last = tx.last_heard_from_zoom(clinic).await?;
    let rooms: BTreeMap<RoomId, Timestamp> = tx.rooms_last_heard(clinic).await?.into_iter().collect();
    let soon = now.plus(Duration::from_secs(1));
    let presses = tx.presses(clinic, now.minus(feed::PRESS_FORGOTTEN)..soon).await?;
    let there = tx.presences(clinic, now.minus(derive::AROUND)..soon).await?;
    let running: BTreeSet<RoomId> = there
        .iter()
        .filter(|presence| presence.whereabouts == Whereabouts::InSession)
        .map(|presence| presence.room_id)
        .collect();
    let heard = feed::Heard {
        last,
        unanswered_press: feed::oldest_unanswered(
            presses.iter().map(|press| (press.at, rooms.get(&press.room_id).copied())),
            now,
        ),
        running: running.len(),
    };
    let (state, sentence) = feed::state(heard, now);
    Ok(Feed { state, last_event_at: last, sentence })
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

    fn in_room_of(&self, host: StaffId) -> impl Iterator<Item = &Presence> {
        self.presences.iter().filter(move |presence| self.hosts.get(&presence.room_id) == Some(&host))
    }

    fn host_present_since(&self, host: StaffId) -> Option<Timestamp> {
        self.in_room_of(host)
            .filter(|presence| presence.who == Who::Staff && presence.staff_id == Some(host))
            .filter(|presence| presence.whereabouts == Whereabouts::InSession)
            .map(|presence| presence.since)
            .min()
    }

    fn attendee_row(&self, appointment: &Appointment, attendee: &Attendee) -> AttendeeRow {
        let theirs: Vec<(&Presence, &Match)> = self
            .presences
            .iter()
            .filter_map(|presence| Some((presence, presence.matched.as_ref()?)))
            .filter(|(_, matched)| matched.attendee == attendee.id)
            .collect();
        let opened_at = self
            .links
            .iter()
            .find(|link| link.link_for == LinkFor::Attendee(appointment.id, attendee.id))
            .and_then(|link| link.opened_at);
        let pressed_at =
            self.presses.iter().filter(|press| press.attendee_id == attendee.id).map(|press| press.at).max();
        let best = best_of(theirs.iter().map(|(presence, _)| *presence));
        let (status, since, source) = match (best, opened_at.or(pressed_at)) {
            (Some(presence), _) => (presence.whereabouts.into(), presence.since, source_of(presence)),
            (None, Some(opened_at)) => (AttendeeStatus::Opened, opened_at, Source::Page),
            (None, None) => (AttendeeStatus::Expected, appointment.created_at, Source::Person),
        };
        let maybe = if best.is_none() { self.may_be(attendee.id) } else { None };
        let matched = best
            .and_then(|best| theirs.iter().find(|(presence, _)| presence.id == best.id))
            .map(|(_, matched)| cell(matched))
            .or_else(|| maybe.map(|(_, candidate)| maybe_cell(candidate)));
        let stays: Vec<&Stay> = theirs.iter().flat_map(|(presence, _)| &presence.stays).collect();
        let staff = self
            .in_room_of(appointment.host)
            .filter(|presence| presence.who == Who::Staff)
            .flat_map(|presence| &presence.stays);
        let seconds = time_together::seconds(stays.iter().copied(), staff, self.now);
        let shown = best.or(maybe.map(|(presence, _)| presence));
        AttendeeRow {
            id: attendee.id,
            external_id: attendee.external_id.clone(),
            name: attendee.name.clone(),
            status,
            since,
            source,
            matched,
            no_show: None,
            late_seconds: late_seconds(
                theirs.iter().map(|(presence, _)| presence.first_at).min(),
                appointment.starts_at,
            ),
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
        self.presences
            .iter()
            .filter(|presence| presence.matched.is_none() && presence.whereabouts != Whereabouts::Left)
            .find_map(|presence| {
                // Likeliest first: whoever follows is only due as well.
                let candidate =
                    presence.candidates.iter().find(|candidate| candidate.attendee == attendee)?;
                let pressed = self.presses.iter().any(|press| {
                    press.attendee_id == attendee
                        && press.at.distance(presence.first_at) <= Duration::from_mins(2)
                });
                (pressed || presence.candidates.len() == 1).then_some((presence, candidate))
            })
    }

    /// Everybody who is in a room now, by room.
    fn there_now(&self) -> BTreeMap<RoomId, Vec<&Presence>> {
        let mut there: BTreeMap<RoomId, Vec<&Presence>> = BTreeMap::new();
        let is_there = |presence: &&Presence| {
            presence.whereabouts != Whereabouts::Left && presence.first_at.distance(self.now) <= derive::AROUND
        };
        for presence in self.presences.iter().filter(is_there) {
            there.entry(presence.room_id).or_default().push(presence);
        }
        there
    }

    fn host_of(&self, room: RoomId) -> Option<Named<StaffId>> {
        let id = *self.hosts.get(&room)?;
        Some(Named { id, name: self.staff.get(&id)?.clone() })
    }

    fn warnings(&self) -> Vec<Warning> {
        let numbers = self.guest_numbers();
        let mut warnings: Vec<(Timestamp, Warning)> = self
            .there_now()
            .into_iter()
            .filter_map(|(room, there)| Some((self.host_of(room)?, there)))
            .flat_map(|(host, there)| {
                let appointments: Vec<&Appointment> =
                    self.appointments.iter().filter(|appointment| appointment.host == host.id).collect();
                of_room(&there, &appointments, &numbers, self.zone, &host)
            })
            .collect();
        warnings.sort_by_key(|(since, warning)| (warning.kind, *since));
        warnings.into_iter().map(|(_, warning)| warning).collect()
    }

    fn guests(&self) -> Vec<GuestRow> {
        let mut guests: Vec<GuestRow> = self
            .there_now()
            .into_values()
            .flatten()
            .filter(|presence| is_marked(presence))
            .filter_map(|presence| {
                Some(GuestRow {
                    id: presence.id,
                    host: self.host_of(presence.room_id)?,
                    name: presence.shown_name.clone().unwrap_or_else(|| "Guest".to_owned()),
                    who: presence.who,
                    status: presence.whereabouts,
                    since: presence.since,
                })
            })
            .collect();
        guests.sort_by_key(|guest| (guest.since, guest.id));
        guests
    }

    fn guest_numbers(&self) -> BTreeMap<PresenceId, usize> {
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
                    first_at: presence.first_at,
                    named: presence.shown_name.is_some(),
                })
            })
            .collect();
        rows.sort_by_key(|row| (row.status, row.first_at, row.id));
        rows
    }
}

/// The warnings about one room, each with the time of the first whom it is about.
pub(crate) fn of_room(
    there: &[&Presence],
    appointments: &[&Appointment],
    numbers: &BTreeMap<PresenceId, usize>,
    zone: &Zone,
    host: &Named<StaffId>,
) -> Vec<(Timestamp, Warning)> {
    let names: Vec<String> = there.iter().map(|presence| name_or_number(presence, numbers)).collect();
    let there: Vec<There<'_>> =
        there.iter().zip(&names).map(|(presence, shown)| There { presence, shown }).collect();
    let since = |id: &PresenceId| there.iter().find(|one| one.presence.id == *id).map(|one| one.presence.since);
    warnings::of_room(&there, appointments, zone)
        .into_iter()
        .map(|warning| {
            let first = warning.presences.first().and_then(since).unwrap_or(Timestamp::from_micros(i64::MAX));
            let warnings::Warning { kind, sentence, presences } = warning;
            (first, Warning { kind, host: host.clone(), sentence, presences })
        })
        .collect()
}

/// Whether a person said that this is nobody to be matched. Whoever of the staff Zoom vouches for is known by name.
fn is_marked(presence: &Presence) -> bool {
    match presence.who {
        Who::Guest | Who::Interpreter => true,
        Who::Staff => presence.staff_id.is_none(),
        Who::Visitor => false,
    }
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
