//! What differs between the two engines, and nothing else: how values are carried, how units of work are opened,
//! the few texts that are not the same, and how other instances hear of a change.

pub mod postgres;
pub mod sqlite;

use std::{collections::BTreeSet, future::Future};

use domain::ClinicId;
use sqlx::{
    Arguments, ColumnIndex, Database, Decode, Encode, Pool, Row, Transaction, Type, error::BoxDynError,
    types::Uuid,
};

use crate::ports::inbox::NewDelivery;

mod sealed {
    pub trait Sealed {}
    impl Sealed for sqlx::Sqlite {}
    impl Sealed for sqlx::Postgres {}
}

/// This database carries a `T` both as a parameter and as a column.
///
/// The blanket impl makes this true of every type that the driver supports. The point is [`Backend`]'s list of
/// supertraits: only the types named there can be used by code that is generic over the database, and supertraits,
/// unlike `where` clauses, are implied at every use.
pub trait Carries<T>: Database {
    /// Adds the value to a statement's arguments.
    fn push(arguments: &mut Self::Arguments, value: T) -> Result<(), BoxDynError>;
    /// Reads the value from a row.
    fn take(row: &Self::Row, column: &'static str) -> sqlx::Result<T>;
}

impl<DB, T> Carries<T> for DB
where
    DB: Database,
    T: for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB>,
    for<'c> &'c str: ColumnIndex<DB::Row>,
{
    fn push(arguments: &mut Self::Arguments, value: T) -> Result<(), BoxDynError> {
        arguments.add(value)
    }

    fn take(row: &Self::Row, column: &'static str) -> sqlx::Result<T> {
        row.try_get(column)
    }
}

/// A statement: written out in the source, or assembled from parts that all are.
pub type Sql = sqlx::SqlStr;

/// A database that the program can keep its data in.
///
/// Instants and JSON documents are carried as integers and text: the drivers keep their own types for those
/// differently (`SQLite` sorts instants wrongly, `JSONB` refuses `\u0000`), so they are left out on purpose.
pub trait Backend:
    sealed::Sealed
    + Database
    + Carries<bool>
    + Carries<i64>
    + Carries<String>
    + Carries<Vec<u8>>
    + Carries<Uuid>
    + Carries<Option<i64>>
    + Carries<Option<String>>
    + Carries<Option<Vec<u8>>>
    + Carries<Option<Uuid>>
{
    /// Opens a unit of work that may write.
    const BEGIN: &'static str;
    /// Opens a unit of work that reads one snapshot.
    const BEGIN_READ: &'static str;
    /// Ends a `SELECT` that takes rows from a queue.
    const TAKE: &'static str;
    /// Ends a `SELECT` that holds a row.
    const HOLD: &'static str;
    /// A set of ids, given as parameter 2: a JSON array of UUIDs in their simple form.
    const IDS_2: &'static str;
    /// A set of texts without NUL, given as parameter 2: a JSON array.
    const TEXTS_2: &'static str;
    /// What became of deliveries (`id`, `clinic_id`, `outcome`), given as parameter 1: a JSON array of arrays of three
    /// texts, the ids being UUIDs in their simple form.
    const SETTLED_1: &'static str;
    /// Whether other instances may work on the same data, so that they have to be told.
    const SHARED: bool;

    /// Opens a unit of work with one of the two texts above.
    fn begin(
        pool: &Pool<Self>,
        text: &'static str,
    ) -> impl Future<Output = sqlx::Result<Transaction<'static, Self>>> + Send;

    /// Runs a statement and returns how many rows it changed.
    fn execute(
        connection: &mut Self::Connection,
        sql: Sql,
        arguments: Self::Arguments,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Runs a statement that gives at most one row.
    fn fetch_optional(
        connection: &mut Self::Connection,
        sql: Sql,
        arguments: Self::Arguments,
    ) -> impl Future<Output = sqlx::Result<Option<Self::Row>>> + Send;

    /// Runs a statement that gives rows.
    fn fetch_all(
        connection: &mut Self::Connection,
        sql: Sql,
        arguments: Self::Arguments,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Row>>> + Send;

    /// Stores the deliveries that are not there yet, all with one statement, since statements and not rows are what
    /// costs. Returns how many were new.
    fn insert_deliveries(
        connection: &mut Self::Connection,
        deliveries: &[&NewDelivery],
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Tells every instance, this one too, whose boards changed, when the unit of work commits.
    fn announce(
        connection: &mut Self::Connection,
        clinics: &BTreeSet<ClinicId>,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;
}

macro_rules! common {
    () => {
        async fn begin(pool: &Pool<Self>, text: &'static str) -> sqlx::Result<Transaction<'static, Self>> {
            pool.begin_with(text).await
        }

        async fn execute(
            connection: &mut Self::Connection,
            sql: Sql,
            arguments: Self::Arguments,
        ) -> sqlx::Result<u64> {
            let done = sqlx::query_with::<Self, _>(sql, arguments).execute(connection).await?;
            Ok(done.rows_affected())
        }

        async fn fetch_optional(
            connection: &mut Self::Connection,
            sql: Sql,
            arguments: Self::Arguments,
        ) -> sqlx::Result<Option<Self::Row>> {
            sqlx::query_with::<Self, _>(sql, arguments).fetch_optional(connection).await
        }

        async fn fetch_all(
            connection: &mut Self::Connection,
            sql: Sql,
            arguments: Self::Arguments,
        ) -> sqlx::Result<Vec<Self::Row>> {
            sqlx::query_with::<Self, _>(sql, arguments).fetch_all(connection).await
        }
    };
}
use common;
