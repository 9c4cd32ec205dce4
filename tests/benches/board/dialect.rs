//! The few words that the two engines say differently when a database is filled with rows made by itself.

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// A connection past the program, to fill a database with.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    /// Opens one that writes as fast as the engine can: nothing is lost if a bench's database is.
    pub async fn open(url: &str) -> Self {
        if let Some(file) = url.strip_prefix("sqlite://") {
            let options = SqliteConnectOptions::new()
                .filename(file)
                .journal_mode(SqliteJournalMode::Off)
                .synchronous(SqliteSynchronous::Off)
                .foreign_keys(false)
                .pragma("cache_size", "-500000");
            return Self::Sqlite(SqliteConnection::connect_with(&options).await.expect("the file opens"));
        }
        let mut connection = PgConnection::connect(url).await.expect("the server answers");
        connection
            .execute("SET session_replication_role = replica; SET synchronous_commit = off")
            .await
            .expect("the bench may leave references unchecked");
        Self::Postgres(connection)
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: &str) {
        let text = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Sqlite(connection) => connection.execute(text).await.map(|done| done.rows_affected()),
            Self::Postgres(connection) => connection.execute(text).await.map(|done| done.rows_affected()),
        };
        done.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Lets the engine learn what it would have learnt by itself over the years, and gives the connection back.
    pub async fn settle(mut self) {
        if let Self::Postgres(_) = self {
            self.run("VACUUM ANALYZE").await;
        }
        match self {
            Self::Sqlite(connection) => connection.close().await.expect("the file closes"),
            Self::Postgres(connection) => connection.close().await.expect("the connection closes"),
        }
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// A table `series` with the numbers `n` from 0.
    pub fn series(&self, count: u64) -> String {
        if self.is_sqlite() {
            format!(
                "WITH RECURSIVE series (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n + 1 < {count})"
            )
        } else {
            format!("WITH series (n) AS (SELECT generate_series(CAST(0 AS BIGINT), {count} - 1))")
        }
    }

    /// The hexadecimal digits of an id that sorts by time, then by number.
    pub fn digits(&self, micros: &str, number: &str) -> String {
        if self.is_sqlite() {
            format!("printf('%012x7000%016x', ({micros}) / 1000, {number})")
        } else {
            format!(
                "(lpad(to_hex(({micros}) / 1000), 12, '0') || '7000' || lpad(to_hex(CAST({number} AS BIGINT)), 16, '0'))"
            )
        }
    }

    /// That id.
    pub fn id(&self, micros: &str, number: &str) -> String {
        let digits = self.digits(micros, number);
        if self.is_sqlite() { format!("unhex({digits})") } else { format!("CAST({digits} AS UUID)") }
    }

    /// Bytes given by their hexadecimal digits.
    pub fn bytes(&self, digits: &str) -> String {
        if self.is_sqlite() { format!("unhex({digits})") } else { format!("decode({digits}, 'hex')") }
    }

    /// An instant as JSON documents hold it.
    pub fn instant(&self, micros: &str) -> String {
        if self.is_sqlite() {
            format!("strftime('%Y-%m-%dT%H:%M:%SZ', ({micros}) / 1000000, 'unixepoch')")
        } else {
            format!(
                "to_char(to_timestamp(({micros}) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
            )
        }
    }

    /// A truth.
    pub fn truth(&self, is_so: bool) -> &'static str {
        match (self.is_sqlite(), is_so) {
            (true, true) => "1",
            (true, false) => "0",
            (false, true) => "TRUE",
            (false, false) => "FALSE",
        }
    }
}
