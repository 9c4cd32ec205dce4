//! How a question about attendance fails.

use store::StoreError;

/// A failure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such clinic.
    #[error("no such clinic")]
    UnknownClinic,
    /// There is no such appointment in the clinic.
    #[error("no such appointment")]
    UnknownAppointment,
    /// The work was broken off: the program stops.
    #[error("the work was broken off")]
    Interrupted,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
