//! A person's decision about who somebody is. It beats every rule, and is never changed, only superseded.

use domain::{
    ClinicId, PresenceId,
    attendance::{
        matching::{StaffOrToken, Verdict},
        presence::Presence,
    },
};
use store::StoreError;

use crate::{Attendance, Error};

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such presence in the clinic (any more).
    #[error("no such presence")]
    UnknownPresence,
    /// There is no such attendee in the clinic.
    #[error("no such attendee")]
    UnknownAttendee,
    /// The attendee's appointment is with another host, whose room this is not.
    #[error("that attendee is not expected in this room")]
    NotInThisRoom,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for DecideError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Attendance {
    /// Decides who somebody is, and returns the presence as it is then. The same decision twice is one.
    pub async fn decide(
        &self,
        _clinic: ClinicId,
        _presence: PresenceId,
        _verdict: Verdict,
        _by: StaffOrToken,
    ) -> Result<Presence, DecideError> {
        Err(Error::NotBuilt("deciding").into())
    }
}
