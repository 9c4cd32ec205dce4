//! Making attendance again from the inbox, and proving that it comes out the same.

use domain::ClinicId;

use crate::{Attendance, Error, Result};

/// What a rebuild found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Clinics looked at.
    pub clinics: usize,
    /// Room events made.
    pub events: usize,
    /// Presences made.
    pub presences: usize,
    /// What differs from what was kept: ids and fields, never what they hold. The first hundred.
    pub differences: Vec<String>,
}

impl Attendance {
    /// Makes the attendance of one clinic or of all again from the inbox. With `verify` nothing is changed.
    pub async fn rebuild(&self, _clinic: Option<ClinicId>, _verify: bool) -> Result<RebuildReport> {
        Err(Error::NotBuilt("rebuilding"))
    }
}
