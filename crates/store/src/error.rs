//! How storage fails, as far as a caller can act on it.

use std::fmt;

/// A failure of the store. After one the unit of work is to be dropped: `PostgreSQL` carries none on past an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key exists, or another unit of work got in this one's way and the database gave this one up.
    /// Whoever looks again and writes once more may succeed.
    #[error("a row with the same key already exists, or somebody else wrote at the same moment")]
    Conflict(#[source] Cause),
    /// A row that this one refers to does not exist, or belongs to another clinic.
    #[error("a referenced row does not exist")]
    MissingReference(#[source] Cause),
    /// The database holds what the program would never have written.
    #[error("column {column} holds a value the program does not accept")]
    Corrupt {
        /// Which column.
        column: &'static str,
        /// What was wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database cannot be reached, is full or failed.
    // Said in the same breath, since whoever logs this without its sources must still learn that the disk is full.
    #[error("the database failed: {0}")]
    Driver(#[source] Cause),
    /// The database is not one that this program can use: too old, unsafe settings, a newer schema.
    #[error("{0}")]
    Unusable(String),
}

/// `PostgreSQL`'s codes for a unit of work that it gave up so that others could go on: `serialization_failure` and
/// `deadlock_detected` (Appendix A of its manual). `SQLite`'s codes are short numbers.
const LOST: [&str; 2] = ["40001", "40P01"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| LOST.contains(&code.as_ref())) {
            return Self::Conflict(Cause(error));
        }
        match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
            Some(sqlx::error::ErrorKind::UniqueViolation) => Self::Conflict(Cause(error)),
            Some(sqlx::error::ErrorKind::ForeignKeyViolation) => Self::MissingReference(Cause(error)),
            _ => Self::Driver(Cause(error)),
        }
    }
}

/// What the driver said, without the details: `PostgreSQL` quotes whole rows in those, names and addresses included.
#[derive(thiserror::Error)]
#[error("{0}")]
pub struct Cause(sqlx::Error);

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({})", self.0)
    }
}

/// The store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
