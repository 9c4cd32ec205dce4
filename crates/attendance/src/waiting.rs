//! Who is in a staff member's room now: for that staff member.

use std::time::Duration;

use domain::{
    AppointmentId, ClinicId, PresenceId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::presence::{Presence, Whereabouts, Who},
    text::Name,
};

use crate::{
    Attendance, Error, Result,
    board::{
        CandidateCell, MatchCell, Named, Warning, candidate_cell, cell, guest_numbers, name_or_number,
        warnings_of_room,
    },
    derive,
};

/// Somebody in my room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMyRoom {
    /// Which presence.
    pub id: PresenceId,
    /// What kind of person: marked as a guest or interpreter, or neither.
    pub who: Who,
    /// Waiting, connecting or in session; never left.
    pub status: Whereabouts,
    /// Since when.
    pub since: Timestamp,
    /// When first heard of.
    pub first_at: Timestamp,
    /// The name shown in Zoom, or "Guest 1" by arrival.
    pub shown_name: String,
    /// The attendee it is, certainly or probably: name as the clinic knows it, appointment, its start, how sure.
    pub attendee: Option<(Name, AppointmentId, Timestamp, MatchCell)>,
    /// Who it may be, where that is not settled.
    pub candidates: Vec<CandidateCell>,
    /// What to know before letting them in, or anybody else while they are there; worst first.
    pub warnings: Vec<Warning>,
}

impl Attendance {
    /// Visitors and guests in the staff member's room now: those who wait first, longest first.
    pub async fn waiting_for(&self, clinic: ClinicId, staff: StaffId) -> Result<Vec<InMyRoom>> {
        let mut tx = self.store.read().await?;
        let Some(room) = tx.room_of(clinic, staff).await? else { return Ok(Vec::new()) };
        let now = self.ambient.now();
        let around = now.minus(derive::AROUND)..now.plus(Duration::from_mins(1));
        let presences = tx.presences_in_room(clinic, room.id, around).await?;
        let appointments =
            tx.appointments(clinic, now.minus(derive::AROUND)..now.plus(derive::AROUND), Some(staff)).await?;
        let numbers = guest_numbers(presences.iter());
        let zone = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.zone;
        let here: Vec<&Presence> =
            presences.iter().filter(|presence| presence.whereabouts != Whereabouts::Left).collect();
        let warnings: Vec<Warning> = match tx.staff_member(clinic, staff).await? {
            Some(host) => {
                let host = Named { id: host.id, name: host.name };
                let appointments: Vec<&Appointment> = appointments.iter().collect();
                let found = warnings_of_room(&here, &appointments, &numbers, &zone, &host);
                found.into_iter().map(|(_, warning)| warning).collect()
            }
            None => Vec::new(),
        };
        let mut there: Vec<InMyRoom> = here
            .iter()
            .filter(|presence| presence.who != Who::Staff)
            .map(|presence| InMyRoom {
                id: presence.id,
                who: presence.who,
                status: presence.whereabouts,
                since: presence.since,
                first_at: presence.first_at,
                shown_name: name_or_number(presence, &numbers),
                attendee: attendee(presence, &appointments),
                candidates: presence
                    .candidates
                    .iter()
                    .filter_map(|candidate| candidate_cell(candidate, &appointments))
                    .collect(),
                warnings: warnings
                    .iter()
                    .filter(|warning| warning.presences.contains(&presence.id))
                    .cloned()
                    .collect(),
            })
            .collect();
        there.sort_by_key(|one| (one.status, one.since, one.id));
        Ok(there)
    }
}

fn attendee(
    presence: &Presence,
    appointments: &[Appointment],
) -> Option<(Name, AppointmentId, Timestamp, MatchCell)> {
    let matched = presence.matched.as_ref()?;
    let appointment = appointments.iter().find(|appointment| appointment.id == matched.appointment)?;
    let name = appointment.attendee(matched.attendee)?.name.clone();
    Some((name, appointment.id, appointment.starts_at, cell(matched)))
}
