//! How storage fails, as far as a caller can act on it.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key exists.
    #[error("a row with the same key already exists")]
    Conflict(#[source] sqlx::Error),
    /// A row that this one refers to does not exist, or belongs to another clinic.
    #[error("a referenced row does not exist")]
    MissingReference(#[source] sqlx::Error),
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
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
    /// The database is not one that this program can use: too old, unsafe settings, a newer schema.
    #[error("{0}")]
    Unusable(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
            Some(sqlx::error::ErrorKind::UniqueViolation) => Self::Conflict(error),
            Some(sqlx::error::ErrorKind::ForeignKeyViolation) => Self::MissingReference(error),
            _ => Self::Driver(error),
        }
    }
}

/// The store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
