//! The attendance of one appointment, with everything that it rests on.

use std::{collections::BTreeMap, ops::Range};

use domain::{
    AppointmentId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::{
        matching::Press,
        presence::{Presence, Who},
        stay::Stay,
        time_together,
    },
    text::Name,
};
use store::ports::links::{Link, LinkFor};

use super::{
    AppointmentAttendance, AttendeeAttendance, HostAttendance, Other, StaffAttendance,
    record::{BESIDE, first_in_session, least_sure, taken_for},
};
use crate::{
    Attendance, Error, Result,
    board::{AttendeeStatus, Named, best_of, cell, late_seconds},
    derive,
    no_show::{Around, Grounds},
};

impl Attendance {
    /// The attendance of one appointment.
    pub async fn appointment(
        &self,
        clinic: ClinicId,
        appointment: AppointmentId,
    ) -> Result<AppointmentAttendance> {
        let mut tx = self.store.read().await?;
        let appointment = tx.appointment(clinic, appointment).await?.ok_or(Error::UnknownAppointment)?;
        let known = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?;
        let now = self.ambient.now();
        let around = appointment.starts_at.minus(derive::AROUND)..appointment.ends_at.plus(derive::AROUND);
        // A person may have assigned somebody from another time, or from a room that is no longer the host's.
        let mut presences = tx.presences_of(clinic, appointment.id).await?;
        let room = tx.room_of(clinic, appointment.host).await?.map(|room| room.id);
        if let Some(room) = room {
            for presence in tx.presences_in_room(clinic, room, around.clone()).await? {
                if !presences.iter().any(|known| known.id == presence.id) {
                    presences.push(presence);
                }
            }
        }
        presences.sort_by_key(|presence| (presence.first_at, presence.id));
        let links = tx.links_of(clinic, appointment.id).await?;
        let opens_before = tx.outreach_settings(clinic).await?.opens_before().max(derive::AROUND);
        let pressing_hours =
            appointment.starts_at.minus(opens_before)..appointment.ends_at.plus(derive::AROUND);
        let mut presses = tx.presses(clinic, pressing_hours).await?;
        presses.retain(|press| press.from_page);
        let staff: BTreeMap<StaffId, Name> =
            tx.staff(clinic).await?.into_iter().map(|member| (member.id, member.name)).collect();
        let others = tx.appointments(clinic, around, Some(appointment.host)).await?;
        let asked = std::slice::from_ref(&appointment);
        let grounds = Grounds::around(&mut *tx, &known, asked, &presences, now).await?;
        let picture = Picture { appointment, presences, room, links, presses, staff, others, grounds, now };
        picture.attendance().ok_or(Error::UnknownAppointment)
    }
}

struct Picture {
    appointment: Appointment,
    presences: Vec<Presence>,
    /// The host's room.
    room: Option<RoomId>,
    links: Vec<Link>,
    presses: Vec<Press>,
    staff: BTreeMap<StaffId, Name>,
    /// The host's appointments around this one.
    others: Vec<Appointment>,
    grounds: Grounds,
    now: Timestamp,
}

impl Picture {
    fn attendance(&self) -> Option<AppointmentAttendance> {
        let span = self.span();
        let beside = |presence: &&Presence| presence.first_at < span.end && self.end(presence) > span.start;
        let host = self.appointment.host;
        let mut host_stays: Vec<Stay> = self
            .presences
            .iter()
            .filter(|presence| presence.who == Who::Staff && presence.staff_id == Some(host))
            .filter(beside)
            .flat_map(|presence| presence.stays.clone())
            .collect();
        host_stays.sort_by_key(|stay| (stay.from, stay.kind));
        Some(AppointmentAttendance {
            attendees: self.appointment.attendees.iter().map(|attendee| self.attendee(attendee)).collect(),
            staff: self.staff_there(beside),
            host: HostAttendance {
                late_seconds: late_seconds(
                    first_in_session(&host_stays, &self.appointment, self.now),
                    self.appointment.starts_at,
                ),
                stays: host_stays,
                host: Named { id: host, name: self.staff.get(&host)?.clone() },
            },
            as_of: self.now,
            others: self
                .presences
                .iter()
                .filter(beside)
                .filter(|presence| presence.matched.is_none() && presence.staff_id != Some(host))
                .map(|presence| self.other(presence))
                .collect(),
        })
    }

    /// From the first to the last that belongs to the picture.
    fn span(&self) -> Range<Timestamp> {
        let theirs = || {
            self.presences.iter().filter(|presence| {
                presence.matched.as_ref().is_some_and(|matched| matched.appointment == self.appointment.id)
            })
        };
        let start = theirs().map(|presence| presence.first_at).min();
        let end = theirs().map(|presence| self.end(presence)).max();
        let (from, to) = (self.appointment.starts_at.minus(BESIDE), self.appointment.ends_at.plus(BESIDE));
        start.map_or(from, |start| start.min(from))..end.map_or(to, |end| end.max(to))
    }

    fn end(&self, presence: &Presence) -> Timestamp {
        presence.stays.last().and_then(|stay| stay.to).unwrap_or(self.now)
    }

    fn attendee(&self, attendee: &Attendee) -> AttendeeAttendance {
        let theirs = taken_for(attendee, self.presences.iter());
        let presences: Vec<&Presence> = theirs.iter().map(|(presence, _)| *presence).collect();
        let marks = &self.grounds.marks;
        let mut stays: Vec<Stay> = if theirs.is_empty() {
            marks.stays(attendee.id)
        } else {
            presences.iter().flat_map(|presence| presence.stays.iter().cloned()).collect()
        };
        stays.sort_by_key(|stay| (stay.from, stay.kind));
        let staff = self
            .presences
            .iter()
            .filter(|presence| presence.who == Who::Staff)
            .flat_map(|presence| &presence.stays);
        let seconds = if theirs.is_empty() {
            marks.seconds(attendee.id)
        } else {
            time_together::seconds(stays.iter(), staff, self.now)
        };
        let link = self
            .links
            .iter()
            .find(|link| link.link_for == LinkFor::Attendee(self.appointment.id, attendee.id));
        let opened_at = link.and_then(|link| link.opened_at);
        let in_room: Vec<&Presence> =
            self.presences.iter().filter(|presence| Some(presence.room_id) == self.room).collect();
        let around = Around {
            appointment: &self.appointment,
            attendee,
            room: self.room,
            in_room: &in_room,
            theirs: &theirs,
            others: &self.others,
            link_made_at: link.map(|link| link.created_at),
            opened_at,
            presses: &self.presses,
        };
        let no_show = self.grounds.judge(&around);
        let mut shown_names: Vec<String> =
            presences.iter().filter_map(|presence| presence.shown_name.clone()).collect();
        shown_names.dedup();
        let presses: Vec<Timestamp> = self
            .presses
            .iter()
            .filter(|press| press.attendee_id == attendee.id)
            .map(|press| press.at)
            .collect();
        AttendeeAttendance {
            id: attendee.id,
            external_id: attendee.external_id.clone(),
            name: attendee.name.clone(),
            matched: least_sure(&theirs).map(cell),
            waited_seconds: seconds.waited,
            in_session_seconds: seconds.in_session,
            together_seconds: seconds.together,
            late_seconds: around
                .late_seconds()
                .or_else(|| late_seconds(marks.came_at(attendee.id), self.appointment.starts_at)),
            marking: marks.marking(&self.appointment, attendee.id),
            presences: presences.iter().map(|presence| presence.id).collect(),
            shown_names,
            status: match (best_of(presences.iter().copied()), no_show.status.or(marks.status(attendee.id))) {
                (Some(presence), _) => presence.whereabouts.into(),
                (None, Some((status, ..))) => status,
                (None, None) if opened_at.is_some() || !presses.is_empty() => AttendeeStatus::Opened,
                (None, None) => AttendeeStatus::Expected,
            },
            no_show: no_show.cell,
            opened_at,
            presses,
            stays,
        }
    }

    /// Everybody of the staff who was in the meeting beside the visit.
    fn staff_there(&self, beside: impl Fn(&&Presence) -> bool) -> Vec<StaffAttendance> {
        let mut by_person: BTreeMap<(Option<StaffId>, Option<PresenceId>), Vec<&Presence>> = BTreeMap::new();
        for presence in self.presences.iter().filter(|presence| presence.who == Who::Staff).filter(beside) {
            // Those of whom nobody said which of the staff they were may be several.
            let person = (presence.staff_id, presence.staff_id.is_none().then_some(presence.id));
            by_person.entry(person).or_default().push(presence);
        }
        let attendees: Vec<&Stay> = self
            .presences
            .iter()
            .filter(|presence| {
                presence.matched.as_ref().is_some_and(|matched| matched.appointment == self.appointment.id)
            })
            .flat_map(|presence| &presence.stays)
            .collect();
        let mut staff: Vec<StaffAttendance> = by_person
            .into_iter()
            .map(|((id, _), presences)| {
                let mut stays: Vec<Stay> =
                    presences.iter().flat_map(|presence| presence.stays.iter().cloned()).collect();
                stays.sort_by_key(|stay| (stay.from, stay.kind));
                let shown = presences.iter().rev().find_map(|presence| presence.shown_name.clone());
                let name = id.and_then(|id| self.staff.get(&id)).map(ToString::to_string);
                StaffAttendance {
                    id,
                    name: name.or(shown).unwrap_or_else(|| "Staff".to_owned()),
                    together_seconds: time_together::seconds(attendees.iter().copied(), &stays, self.now)
                        .together,
                    stays,
                }
            })
            .collect();
        staff.sort_by_key(|one| (one.stays.first().map(|stay| stay.from), one.id));
        staff
    }

    fn other(&self, presence: &Presence) -> Other {
        let staff = presence.staff_id.and_then(|id| Some(Named { id, name: self.staff.get(&id)?.clone() }));
        Other {
            id: presence.id,
            who: presence.who,
            staff,
            shown_name: presence.shown_name.clone(),
            whereabouts: presence.whereabouts,
            stays: presence.stays.clone(),
            candidates: presence.candidates.iter().map(|candidate| candidate.attendee).collect(),
        }
    }
}
