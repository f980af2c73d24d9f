//! Migrations: the same numbers, tables and columns in both trees, applied under a lock so that several processes may
//! start at once.

use std::fs::File;

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Purpose, connect};
use super::{Conn, DbError, Place};

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const ADVISORY_LOCK: i64 = 0x616e_7377_6d69_6772;

/// How the tables of a database stand to this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrations {
    pub applied: Vec<String>,
    /// The program has them, the database not yet.
    pub missing: Vec<String>,
    /// The database has them from a newer program.
    pub unknown: Vec<String>,
}

/// Compares the database with this program. Reads only.
pub fn migrations(conn: &mut Conn) -> Result<Migrations, DbError> {
    #[derive(diesel::QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let ours = match conn {
        Conn::Sqlite(_) => versions::<Sqlite>(&SQLITE),
        Conn::Postgres(_) => versions::<Pg>(&POSTGRES),
    }?;
    let rows: Vec<Applied> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(conn)?;
    let applied: Vec<String> = rows.into_iter().map(|row| row.version).collect();
    let missing = ours.iter().filter(|version| !applied.contains(version)).cloned().collect();
    let unknown = applied.iter().filter(|version| !ours.contains(version)).cloned().collect();
    Ok(Migrations { applied, missing, unknown })
}

fn versions<DB: Backend>(source: &impl MigrationSource<DB>) -> Result<Vec<String>, DbError> {
    let all = source.migrations().map_err(|error| DbError::Migration(error.to_string()))?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Brings the database at `place` up to date, creating a SQLite file (and its folder) that is not there yet.
pub(super) fn run(place: &Place) -> Result<(), DbError> {
    let failed = |error: &dyn std::fmt::Display| DbError::Migration(error.to_string());
    let _lock = match place {
        Place::Postgres(_) => None,
        Place::Sqlite(path) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            }
            let lock = File::create(path.with_extension("migrating")).map_err(|error| failed(&error))?;
            lock.lock().map_err(|error| failed(&error))?;
            Some(lock)
        }
    };
    let mut conn = connect(place, Purpose::Write).map_err(|error| DbError::Unreachable(error.to_string()))?;
    match &mut conn {
        Conn::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(drop).map_err(|error| failed(&error)),
        Conn::Postgres(postgres) => {
            let locked = format!("SELECT pg_advisory_lock({ADVISORY_LOCK})");
            diesel::sql_query(locked).execute(postgres)?;
            // The lock is the session's: closing the connection gives it back, whatever happens.
            postgres.run_pending_migrations(POSTGRES).map(drop).map_err(|error| failed(&error))
        }
    }
}
