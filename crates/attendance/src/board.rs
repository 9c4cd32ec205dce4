//! The board: one clinic's day, as the desk sees it.

mod view;

use domain::ClinicId;
use jiff::civil::Date;

use crate::{Attendance, Error, Result};

pub use view::{
    AppointmentRow, AttendeeRow, AttendeeStatus, Board, BoardChanges, BoardRows, CandidateCell, Feed, Host,
    MatchCell, Named, UnmatchedRow,
};

impl Attendance {
    /// The clinic's day; today where no date is given.
    pub async fn board(&self, _clinic: ClinicId, _date: Option<Date>) -> Result<Board> {
        Err(Error::NotBuilt("the board"))
    }

    /// What changed on the board of that day (default today) after a change's number: the changed rows as they are
    /// now, or the advice to read the board whole.
    pub async fn board_changes(
        &self,
        _clinic: ClinicId,
        _after: i64,
        _date: Option<Date>,
    ) -> Result<BoardChanges> {
        Err(Error::NotBuilt("the board's stream"))
    }
}
