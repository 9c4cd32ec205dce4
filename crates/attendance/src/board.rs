//! The board: one clinic's day, as the desk sees it. Read whole, or what changed since a change's number.

mod build;
mod feed_now;
mod rooms_now;
mod view;

use std::collections::BTreeSet;

use domain::{AppointmentId, ClinicId, PresenceId};
use jiff::civil::Date;
use store::ports::attendance::Change;

use crate::{Attendance, Result};

pub use view::{
    AppointmentRow, AttendeeRow, AttendeeStatus, Board, BoardAlert, BoardChanges, BoardRows, CandidateCell,
    Feed, GuestRow, Host, MatchCell, Named, NoShowCell, RulingCell, UnmatchedRow, Warning,
};

pub(crate) use build::{
    best_of, candidate_cell, cell, guest_numbers, late_seconds, name_or_number, of_attendees,
};
pub(crate) use feed_now::{read as feed, with as feed_with};
pub(crate) use rooms_now::of_room as warnings_of_room;

/// With more changes than this it is less work to read the board whole.
const MOST_CHANGES: i64 = 500;

impl Attendance {
    /// The clinic's day; today where no date is given.
    pub async fn board(&self, clinic: ClinicId, date: Option<Date>) -> Result<Board> {
        let mut tx = self.store.read().await?;
        let (board, _) = build::board(&mut *tx, clinic, date, self.ambient.now()).await?;
        Ok(board)
    }

    /// What changed on the board of that day (default today) after a change's number: the changed rows as they are
    /// now, or the advice to read the board whole. The feed is always told, since it changes by time alone.
    pub async fn board_changes(
        &self,
        clinic: ClinicId,
        after: i64,
        date: Option<Date>,
    ) -> Result<BoardChanges> {
        let mut tx = self.store.read().await?;
        let changes = match tx.changes_after(clinic, after, MOST_CHANGES).await? {
            Some(changes) if changes.len() < usize::try_from(MOST_CHANGES).unwrap_or(usize::MAX) => changes,
            _ => return Ok(BoardChanges::ReadWhole),
        };
        let last = changes.last().map_or(after, |(number, _)| *number);
        let mut appointments: BTreeSet<AppointmentId> = BTreeSet::new();
        let mut presences: BTreeSet<PresenceId> = BTreeSet::new();
        for (_, change) in changes {
            match change {
                Change::Appointment(id) => _ = appointments.insert(id),
                Change::Presence(id) => _ = presences.insert(id),
            }
        }
        let (board, staff) = build::board(&mut *tx, clinic, date, self.ambient.now()).await?;
        // Somebody of the staff who comes or goes changes all rows of their room: who hosts is there or not, and
        // time together runs or stops.
        let rooms: BTreeSet<_> =
            staff.iter().filter(|(id, _)| presences.contains(id)).map(|(_, host)| *host).collect();
        let is_touched = |row: &AppointmentRow| {
            appointments.contains(&row.id)
                || rooms.contains(&row.host.id)
                || row.attendees.iter().filter_map(|a| a.presence).any(|id| presences.contains(&id))
        };
        let shown: BTreeSet<AppointmentId> = board.appointments.iter().map(|row| row.id).collect();
        let unmatched: BTreeSet<PresenceId> = board.unmatched.iter().map(|row| row.id).collect();
        Ok(BoardChanges::Rows(Box::new(BoardRows {
            last,
            date: board.date,
            as_of: board.as_of,
            feed: board.feed,
            appointments: board.appointments.into_iter().filter(is_touched).collect(),
            unmatched: board.unmatched.into_iter().filter(|row| presences.contains(&row.id)).collect(),
            warnings: board.warnings,
            alerts: board.alerts,
            guests: board.guests,
            gone: presences.difference(&unmatched).copied().collect(),
            moved: appointments.difference(&shown).copied().collect(),
        })))
    }
}

#[cfg(test)]
mod tests;
