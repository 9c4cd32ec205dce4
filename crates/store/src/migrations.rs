//! The schema: one directory for each engine, the same numbers and names in both.
//!
//! The files are listed by hand rather than by `sqlx::migrate!`, so that the build needs none of sqlx's macros, which
//! would compile both drivers a second time. A test says that none is forgotten.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
};

use crate::{Result, StoreError};

/// Where sqlx notes which migrations were applied.
const NOTES: &str = "_sqlx_migrations";

macro_rules! migrations {
    ($engine:literal: $($version:literal $name:literal),* $(,)?) => {
        &[$((
            $version,
            $name,
            include_str!(concat!("../../../migrations/", $engine, "/", $version, "_", $name, ".sql")),
        )),*]
    };
}

/// Numbers, names and texts.
pub type Listed = &'static [(&'static str, &'static str, &'static str)];

/// Those for `SQLite`.
pub const SQLITE: Listed =
    migrations!("sqlite": "0001" "init", "0002" "recovery", "0003" "outreach", "0004" "guard");
/// Those for `PostgreSQL`.
pub const POSTGRES: Listed =
    migrations!("postgres": "0001" "init", "0002" "recovery", "0003" "outreach", "0004" "guard");

/// Runs the migrations of one engine.
pub fn migrator(listed: Listed) -> Migrator {
    let migrations = listed.iter().map(|(version, name, sql)| {
        // A test says that they are numbers.
        let version = version.parse().unwrap_or(i64::MAX);
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Checks, without changing anything, that the schema is just what this program knows.
pub async fn check<C: Migrate>(connection: &mut C, migrator: &Migrator) -> Result<()> {
    let applied = connection
        .list_applied_migrations(NOTES)
        .await
        .map_err(|_| StoreError::Unusable("the database has no schema yet: run `anteroom migrate`".into()))?;
    if let Some(newer) = applied.iter().find(|applied| !migrator.version_exists(applied.version)) {
        return Err(explain(MigrateError::VersionMissing(newer.version), migrator));
    }
    for known in migrator.iter() {
        match applied.iter().find(|applied| applied.version == known.version) {
            Some(applied) if applied.checksum == known.checksum => {}
            Some(_) => return Err(explain(MigrateError::VersionMismatch(known.version), migrator)),
            None => {
                return Err(StoreError::Unusable(format!(
                    "the database's schema is older than this program, which needs number {}: run `anteroom migrate`",
                    known.version
                )));
            }
        }
    }
    Ok(())
}

/// Says in a sentence for the operator why migrating failed.
pub fn explain(error: MigrateError, migrator: &Migrator) -> StoreError {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    StoreError::Unusable(match error {
        MigrateError::VersionMissing(version) => format!(
            "the database's schema has number {version}, which this program does not know (it knows up to {known}): \
             the database was used by a newer version; run that version or restore a copy from before it"
        ),
        MigrateError::VersionMismatch(version) => format!(
            "the database's schema number {version} was made by another text than this program's: \
             a migration was edited after its release"
        ),
        MigrateError::Dirty(version) => format!("migrating to number {version} was broken off half way"),
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => return source.into(),
        other => format!("the database's schema could not be brought up to date: {other}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_file_is_listed_and_both_engines_have_the_same_numbers_and_names() {
        for (engine, listed) in [("sqlite", SQLITE), ("postgres", POSTGRES)] {
            let folder = format!("{}/../../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let named: Vec<String> =
                listed.iter().map(|(version, name, _)| format!("{version}_{name}.sql")).collect();
            assert_eq!(files, named, "{engine}");
        }
        let numbers =
            |listed: Listed| listed.iter().map(|(version, name, _)| (*version, *name)).collect::<Vec<_>>();
        assert_eq!(numbers(SQLITE), numbers(POSTGRES));
    }

    #[test]
    fn the_numbers_are_numbers_without_gaps() {
        for (index, (version, ..)) in SQLITE.iter().enumerate() {
            assert_eq!(version.parse(), Ok(index + 1));
        }
    }

    /// The columns of each table, as the texts declare and change them, one after another.
    fn columns(listed: Listed) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut tables = BTreeMap::<_, BTreeSet<_>>::new();
        let mut table = "";
        for line in listed.iter().flat_map(|(.., sql)| sql.lines()) {
            let words: Vec<_> = line.trim_end_matches([';', '(', ' ']).split(' ').collect();
            match words[..] {
                ["CREATE", "TABLE", name] => table = name,
                ["DROP", "TABLE", name] => drop(tables.remove(name)),
                ["ALTER", "TABLE", name, "RENAME", "TO", new] => {
                    let columns = tables.remove(name).unwrap();
                    assert!(tables.insert(new, columns).is_none(), "{new}");
                }
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                    assert!(tables.entry(name).or_default().insert(column), "{name}.{column}");
                }
                ["ALTER" | "CREATE", ..] => table = "",
                _ => {
                    let word = line.strip_prefix("    ").and_then(|rest| rest.split(' ').next());
                    let is_column = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                    if let Some(word) =
                        word.filter(|word| !table.is_empty() && !word.is_empty() && is_column(word))
                    {
                        tables.entry(table).or_default().insert(word);
                    }
                }
            }
        }
        tables
    }

    #[test]
    fn both_engines_have_the_same_tables_and_columns() {
        assert!(columns(SQLITE).values().map(BTreeSet::len).sum::<usize>() > 200);
        assert_eq!(columns(SQLITE), columns(POSTGRES));
    }

    #[test]
    fn every_table_on_sqlite_is_strict() {
        let sql: String = SQLITE.iter().map(|(.., sql)| *sql).collect();
        assert_eq!(sql.matches("CREATE TABLE ").count(), sql.matches("STRICT").count());
    }
}
