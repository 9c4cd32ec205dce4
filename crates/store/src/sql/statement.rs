//! Binding values to a statement and reading them from its rows.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{AssertSqlSafe, SqlSafeStr, error::BoxDynError};

use super::columns::{Column, text};
use crate::{
    Result, StoreError,
    backend::{Backend, Carries, Sql},
};

/// A statement and its arguments.
pub struct Statement<DB: Backend> {
    sql: Sql,
    arguments: Result<DB::Arguments, BoxDynError>,
    bound: usize,
}

/// The highest `$N` in a statement.
fn parameters(sql: &str) -> usize {
    sql.split('$')
        .skip(1)
        .filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .max()
        .unwrap_or(0)
}

impl<DB: Backend> Statement<DB> {
    /// A statement that is written in the source.
    pub fn new(sql: &'static str) -> Self {
        Self::from_sql(sql.into_sql_str())
    }

    /// Joins parts that are all written in the source, so that no value can get in.
    pub fn assembled(parts: &[&'static str]) -> Self {
        Self::from_sql(AssertSqlSafe(parts.concat()).into_sql_str())
    }

    fn from_sql(sql: Sql) -> Self {
        Self { sql, arguments: Ok(DB::Arguments::default()), bound: 0 }
    }

    /// Gives the next parameter its value.
    pub fn bind<T: Column>(self, value: &T) -> Self
    where
        DB: Carries<T::Repr>,
    {
        self.push(value.to_repr())
    }

    /// Gives the next parameter a text.
    pub fn bind_text(self, value: &str) -> Self {
        self.push(text(value))
    }

    /// Gives the next parameter bytes.
    pub fn bind_bytes(self, value: &[u8]) -> Self {
        self.push(value.to_vec())
    }

    /// Gives the next parameter a JSON document.
    pub fn bind_json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_string(value) {
            Ok(document) => self.push(document),
            Err(error) => {
                self.arguments = Err(error.into());
                self
            }
        }
    }

    /// Gives the next parameter a JSON document, or none.
    pub fn bind_json_if<T: Serialize>(self, value: Option<&T>) -> Self {
        match value {
            Some(value) => self.bind_json(value),
            None => self.push(None::<String>),
        }
    }

    fn push<T>(mut self, value: T) -> Self
    where
        DB: Carries<T>,
    {
        self.arguments = self.arguments.and_then(|mut arguments| {
            DB::push(&mut arguments, value)?;
            Ok(arguments)
        });
        self.bound += 1;
        self
    }

    /// Refuses a statement with a forgotten value: `SQLite`'s driver would take it for NULL.
    fn ready(self) -> Result<(Sql, DB::Arguments)> {
        let arguments = self.arguments.map_err(sqlx::Error::Encode)?;
        let parameters = parameters(self.sql.as_str());
        if parameters != self.bound {
            let fault = format!("{} values for {parameters} parameters: {}", self.bound, self.sql.as_str());
            return Err(sqlx::Error::Encode(fault.into()).into());
        }
        #[cfg(feature = "testing")]
        crate::testing::note_statement(self.sql.as_str());
        Ok((self.sql, arguments))
    }

    /// Runs it and returns how many rows it changed.
    pub async fn execute(self, connection: &mut DB::Connection) -> Result<u64> {
        let (sql, arguments) = self.ready()?;
        Ok(DB::execute(connection, sql, arguments).await?)
    }

    /// Runs it and returns its one row.
    pub async fn fetch_one(self, connection: &mut DB::Connection) -> Result<Record<DB>> {
        Ok(self.fetch_optional(connection).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Runs it and returns its row, where it has one.
    pub async fn fetch_optional(self, connection: &mut DB::Connection) -> Result<Option<Record<DB>>> {
        let (sql, arguments) = self.ready()?;
        Ok(DB::fetch_optional(connection, sql, arguments).await?.map(Record))
    }

    /// Runs it and makes something of its row, where it has one.
    pub async fn fetch_optional_as<T>(
        self,
        connection: &mut DB::Connection,
        make: fn(&Record<DB>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.fetch_optional(connection).await?.as_ref().map(make).transpose()
    }

    /// Runs it and makes something of each row.
    pub async fn fetch_all_as<T>(
        self,
        connection: &mut DB::Connection,
        make: fn(&Record<DB>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let (sql, arguments) = self.ready()?;
        DB::fetch_all(connection, sql, arguments).await?.into_iter().map(|row| make(&Record(row))).collect()
    }
}

/// A row.
pub struct Record<DB: Backend>(DB::Row);

impl<DB: Backend> Record<DB> {
    /// The value of a column.
    pub fn get<T: Column>(&self, column: &'static str) -> Result<T>
    where
        DB: Carries<T::Repr>,
    {
        T::from_repr(self.take(column)?).map_err(|source| StoreError::Corrupt { column, source })
    }

    /// The JSON document of a column.
    pub fn get_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        let document: String = self.take(column)?;
        serde_json::from_str(&document)
            .map_err(|source| StoreError::Corrupt { column, source: source.into() })
    }

    /// The JSON document of a column, where there is one.
    pub fn get_json_if<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        let document: Option<String> = self.take(column)?;
        document
            .map(|document| serde_json::from_str(&document))
            .transpose()
            .map_err(|source| StoreError::Corrupt { column, source: source.into() })
    }

    fn take<T>(&self, column: &'static str) -> Result<T>
    where
        DB: Carries<T>,
    {
        DB::take(&self.0, column).map_err(|error| match error {
            sqlx::Error::ColumnDecode { source, .. } => StoreError::Corrupt { column, source },
            other => other.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Sqlite, SqliteConnection};

    use super::*;

    #[test]
    fn parameters_are_counted_by_the_highest() {
        assert_eq!(parameters("SELECT $2, $10, $1, $2"), 10);
        assert_eq!(parameters("SELECT '$', $x"), 0);
    }

    #[tokio::test]
    async fn a_forgotten_value_is_refused_rather_than_taken_for_null() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let statement = Statement::<Sqlite>::new("SELECT $1, $2").bind(&1_i64);
        assert!(matches!(statement.execute(&mut connection).await, Err(StoreError::Driver(_))));
        let statement = Statement::<Sqlite>::new("SELECT $1").bind(&1_i64).bind(&2_i64);
        assert!(matches!(statement.execute(&mut connection).await, Err(StoreError::Driver(_))));
    }

    #[tokio::test]
    async fn a_value_that_the_program_would_not_have_written_is_corrupt() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let row = Statement::<Sqlite>::new("SELECT 'x' AS id, 'rodeo' AS state, '{' AS document")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let corrupt = |column, result: Result<()>| {
            assert!(matches!(result, Err(StoreError::Corrupt { column: c, .. }) if c == column));
        };
        corrupt("id", row.get::<domain::ClinicId>("id").map(drop));
        corrupt("id", row.get::<domain::Timestamp>("id").map(drop));
        corrupt("state", row.get::<domain::room::ConnectionState>("state").map(drop));
        corrupt("document", row.get_json::<serde_json::Value>("document").map(drop));
    }
}
