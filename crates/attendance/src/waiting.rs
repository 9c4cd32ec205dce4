//! Who is in a staff member's room now: for that staff member.

use domain::{
    AppointmentId, ClinicId, PresenceId, StaffId, Timestamp, attendance::presence::Whereabouts, text::Name,
};

use crate::{
    Attendance, Error, Result,
    board::{CandidateCell, MatchCell},
};

/// Somebody in my room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMyRoom {
    /// Which presence.
    pub id: PresenceId,
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
}

impl Attendance {
    /// Visitors in the staff member's room now; those who wait first, longest first.
    pub async fn waiting_for(&self, _clinic: ClinicId, _staff: StaffId) -> Result<Vec<InMyRoom>> {
        Err(Error::NotBuilt("the room's list"))
    }
}
