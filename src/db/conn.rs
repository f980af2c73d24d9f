//! One connection type over both databases, and how each is opened, begun and ended.
//!
//! The only file that knows a dialect's transaction words. Query code that must differ uses [`per_database!`].

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::ManageConnection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use super::DbError;

/// How long SQLite waits for another process (a command-line role) to finish its write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to either database. Queries are written once against this.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Expands one expression once per database, for the few that `MultiConnection` does not carry (upserts).
macro_rules! per_database {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}
pub(crate) use per_database;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    Sqlite(PathBuf),
    /// A libpq address; may hold a password.
    Postgres(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // Nothing of it: a password may stand before the host or among the parameters.
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

impl Place {
    /// Reads `sqlite:PATH` or `postgres://…`. A bare path is refused: a typo must not create an empty database.
    pub fn parse(address: &str) -> Result<Self, String> {
        if let Some(path) = address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("sqlite:")) {
            if path.is_empty() || path == ":memory:" {
                return Err("the SQLite address needs a file, as in sqlite:data/answerwell.db".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Self::Postgres(address.to_owned()));
        }
        Err("the database address must begin with sqlite: or postgres://".to_owned())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// Opens connections for the pool. Diesel's own manager would hide why a connection failed.
pub(super) struct Manager {
    pub place: Place,
    pub purpose: Purpose,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Conn, ConnectionError> {
        connect(&self.place, self.purpose)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), ConnectionError> {
        conn.batch_execute("SELECT 1").map_err(|error| ConnectionError::BadConnection(error.to_string()))
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        // A panic inside a transaction leaves it open: such a connection must not serve anybody else.
        std::thread::panicking() || <Conn as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

pub(super) fn connect(place: &Place, purpose: Purpose) -> Result<Conn, ConnectionError> {
    match place {
        Place::Postgres(address) => PgConnection::establish(address).map(Conn::Postgres),
        Place::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
            // FULL: a lost commit would mean a reply sent twice.
            let pragmas = format!(
                "PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; {}",
                BUSY_TIMEOUT.as_millis(),
                match purpose {
                    // The upper pages of all indices of a large forum fit, which would be read anew for each page.
                    Purpose::Read => "PRAGMA query_only = ON; PRAGMA cache_size = -8000;",
                    Purpose::Write => "PRAGMA journal_mode = WAL;",
                }
            );
            conn.batch_execute(&pragmas).map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(Conn::Sqlite(conn))
        }
    }
}

impl Conn {
    /// One snapshot: everything read inside is of the same moment.
    pub(super) fn read<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbError> + From<diesel::result::Error>,
    {
        self.transaction_begun_by(work, "BEGIN", "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// One write transaction. SQLite takes its lock at once: a read that turns into a write could not wait for it.
    pub(super) fn write<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbError> + From<diesel::result::Error>,
    {
        self.transaction_begun_by(work, "BEGIN IMMEDIATE", "BEGIN")
    }

    fn transaction_begun_by<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
        sqlite: &str,
        postgres: &str,
    ) -> Result<T, E>
    where
        E: From<DbError> + From<diesel::result::Error>,
    {
        match self {
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres),
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        }?;
        match work(self) {
            Ok(value) => {
                <Self as Connection>::TransactionManager::commit_transaction(self)?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one worth telling; a failed rollback marks the connection as broken.
                if let Err(rollback) = <Self as Connection>::TransactionManager::rollback_transaction(self) {
                    tracing::warn!(%rollback, "a rollback failed: {rollback}");
                }
                Err(error)
            }
        }
    }
}

impl Conn {
    /// The time by the database's own clock: leases of several nodes must agree on one.
    pub fn database_now(&mut self) -> diesel::QueryResult<crate::clock::Millis> {
        use diesel::RunQueryDsl;

        #[derive(diesel::QueryableByName)]
        struct Now {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            now: i64,
        }
        let sql = match self {
            Self::Postgres(_) => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now",
            Self::Sqlite(_) => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now",
        };
        diesel::sql_query(sql).get_result::<Now>(self).map(|row| crate::clock::Millis(row.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_does_not_print() {
        for address in ["postgres://help:hunter2@db/help", "postgresql://db/help?user=help&password=hunter2"] {
            let place = Place::parse(address).unwrap();
            assert_eq!(format!("{place:?}"), "Postgres(…)");
            assert!(!format!("{place:#?}").contains("hunter2"));
        }
        assert_eq!(format!("{:?}", Place::parse("sqlite:help.db").unwrap()), r#"Sqlite("help.db")"#);
    }
}
