//! Whole copies of a database: made while others write, and brought back into an empty place.
//!
//! A copy is a SQLite file, whatever the database: one format to keep, to look into and to bring back, on either. Rows
//! travel between the two as JSON, by the tables and columns that are there, so that no list of tables can be forgotten.
//! Never holds the key of the secrets, which is not in the database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::MigrationHarness;

use super::conn::{Purpose, connect};
use super::migrate::{self, SQLITE};
use super::{Conn, DbError, Place, Tx, feed};

/// Rows that travel at once; a row may hold a picture.
const ROWS: i64 = 100;
/// Rows in one of these are a site's own. Others may be there from the first start.
const OWN: [&str; 4] = ["member", "question", "channel", "remote_post"];

/// Why there is no copy, or nothing was brought back. Nothing was changed in either case.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{0} is there already. Choose another name, or move it away first")]
    Taken(PathBuf),
    #[error("there is no database {0} yet")]
    NoDatabase(PathBuf),
    #[error("{place}: {error}")]
    Io { place: PathBuf, error: io::Error },
    #[error("{0} is no copy that `answerwell backup` made")]
    Foreign(PathBuf),
    #[error("{place} is damaged: {found}")]
    Damaged { place: PathBuf, found: String },
    #[error("it was written by a newer Answerwell (it knows the migrations {0}). Use that version or a later one")]
    Newer(String),
    #[error("the database holds members or posts already. A copy can only be brought back into an empty one")]
    Used,
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Writes a copy of the database to `file`, as of one moment, and returns its length in bytes. Others may go on reading
/// and writing meanwhile. Blocking. The file is readable by its owner only, and is there only when it is whole.
pub fn back_up(place: &Place, file: &Path) -> Result<u64, CopyError> {
    if file.exists() {
        return Err(CopyError::Taken(file.to_owned()));
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Beginning::of(PathBuf::from(partial))?;
    match place {
        Place::Sqlite(path) if !path.exists() => return Err(CopyError::NoDatabase(path.clone())),
        Place::Sqlite(_) => {
            // SQLite counts this as writing, though it only reads here.
            let mut conn = opened(place, Purpose::Write)?;
            diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(partial.0.to_string_lossy()).execute(&mut conn)?;
        }
        Place::Postgres(_) => {
            let mut copy = opened_alone(&partial.0)?;
            opened(place, Purpose::Read)?.read(|conn| pour_out(conn, &mut copy))?;
        }
    }
    sound(&mut opened_alone(&partial.0)?, &partial.0)?;
    partial.finish(file)
}

/// Brings a copy back into the empty `place`: as of an older version, it is migrated first; it gets a new epoch; `adapt`
/// says what else must change before anybody works with it. `folder` has room for a second copy meanwhile. Blocking.
pub fn restore<T>(
    file: &Path,
    place: &Place,
    folder: &Path,
    adapt: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>,
) -> Result<T, CopyError> {
    let working = match place {
        Place::Sqlite(path) => {
            let log = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
            if let Some(taken) = [path.clone(), log("-wal"), log("-shm")].into_iter().find(|path| path.exists()) {
                return Err(CopyError::Taken(taken));
            }
            log(".restoring")
        }
        Place::Postgres(_) => folder.join("answerwell.db.restoring"),
    };
    let io = |place: &Path, error| CopyError::Io { place: place.to_owned(), error };
    let mut source = File::open(file).map_err(|error| io(file, error))?;
    let working = Beginning::of(working)?;
    let mut target = OpenOptions::new().write(true).open(&working.0).map_err(|error| io(&working.0, error))?;
    io::copy(&mut source, &mut target).map_err(|error| io(&working.0, error))?;
    if !begins_as_database(&working.0).map_err(|error| io(&working.0, error))? {
        return Err(CopyError::Foreign(file.to_owned()));
    }
    // Where the list of tables is torn, the file does not even open.
    let damaged = |error: CopyError| CopyError::Damaged { place: file.to_owned(), found: error.to_string() };
    let mut conn = opened_alone(&working.0).map_err(damaged)?;
    check(&mut conn, file)?;
    if let Conn::Sqlite(sqlite) = &mut conn {
        sqlite.run_pending_migrations(SQLITE).map_err(|error| DbError::Migration(error.to_string()))?;
    }
    let adapted = conn.write(|conn| {
        feed::renew_epoch(conn)?;
        adapt(&mut Tx { conn, told: feed::Told::default() })
    })?;
    match place {
        Place::Sqlite(path) => {
            drop(conn);
            working.finish(path)?;
        }
        Place::Postgres(_) => {
            migrate::run(place)?;
            opened(place, Purpose::Write)?.write(|postgres| pour_in(&mut conn, postgres))?;
        }
    }
    Ok(adapted)
}

/// A file that is being written; without [`Self::finish`] it goes away again.
struct Beginning(PathBuf);

impl Beginning {
    /// Begins an empty file that nobody else may read. What an earlier try left is thrown away.
    fn of(path: PathBuf) -> Result<Self, CopyError> {
        let begun = match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map(drop),
        };
        begun.map_err(|error| CopyError::Io { place: path.clone(), error })?;
        Ok(Self(path))
    }

    /// Gives the file its name once it is safe on the disk, and returns its length.
    fn finish(self, name: &Path) -> Result<u64, CopyError> {
        let finished = File::open(&self.0).and_then(|file| {
            file.sync_all()?;
            fs::rename(&self.0, name)?;
            if let Some(folder) = name.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                File::open(folder)?.sync_all()?;
            }
            Ok(file.metadata()?.len())
        });
        finished.map_err(|error| CopyError::Io { place: name.to_owned(), error })
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        // After `finish` there is nothing under this name.
        let _gone = fs::remove_file(&self.0);
    }
}

fn opened(place: &Place, purpose: Purpose) -> Result<Conn, CopyError> {
    Ok(connect(place, purpose).map_err(|error| DbError::Unreachable(error.to_string()))?)
}

/// Opens a SQLite file that nobody else uses: no log beside it, no wish to survive a crash half done.
fn opened_alone(file: &Path) -> Result<Conn, CopyError> {
    let unreachable = |error: &dyn std::fmt::Display| DbError::Unreachable(error.to_string());
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).map_err(|error| unreachable(&error))?;
    conn.batch_execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
    Ok(Conn::Sqlite(conn))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, query: &str) -> Result<Vec<String>, DbError> {
    Ok(diesel::sql_query(query).load::<Line>(conn)?.into_iter().map(|row| row.line).collect())
}

/// Reads the whole file and says whether it is one.
fn sound(conn: &mut Conn, file: &Path) -> Result<(), CopyError> {
    #[derive(QueryableByName)]
    struct Fault {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let looked = diesel::sql_query("PRAGMA integrity_check(3)").load::<Fault>(conn);
    let found = match looked {
        Ok(faults) => faults.into_iter().map(|fault| fault.integrity_check).collect::<Vec<_>>().join("; "),
        // Too damaged even to be looked through.
        Err(error) => error.to_string(),
    };
    if found == "ok" { Ok(()) } else { Err(CopyError::Damaged { place: file.to_owned(), found }) }
}

/// Whether a file claims to be a SQLite database.
fn begins_as_database(file: &Path) -> io::Result<bool> {
    const BEGINNING: &[u8] = b"SQLite format 3\0";
    let mut first = Vec::new();
    File::open(file)?.take(BEGINNING.len() as u64).read_to_end(&mut first)?;
    Ok(first == BEGINNING)
}

fn check(conn: &mut Conn, file: &Path) -> Result<(), CopyError> {
    // First of all: a damaged copy may hold too little to be known as one.
    sound(conn, file)?;
    let ours = "SELECT name AS line FROM sqlite_schema WHERE name IN ('feed', '__diesel_schema_migrations')";
    if lines(conn, ours)?.len() != 2 {
        return Err(CopyError::Foreign(file.to_owned()));
    }
    let known = migrate::migrations(conn)?;
    if known.unknown.is_empty() { Ok(()) } else { Err(CopyError::Newer(known.unknown.join(", "))) }
}

/// A table as the SQLite side has it.
struct Table {
    name: String,
    columns: Vec<(String, bool)>,
}

impl Table {
    fn list(copy: &mut Conn) -> Result<Vec<Self>, DbError> {
        #[derive(QueryableByName)]
        struct Column {
            #[diesel(sql_type = Text)]
            name: String,
            #[diesel(sql_type = BigInt)]
            bytes: i64,
        }
        let names = lines(
            copy,
            "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             AND name <> '__diesel_schema_migrations' ORDER BY name",
        )?;
        let mut tables = Vec::new();
        for name in names {
            let columns: Vec<Column> =
                diesel::sql_query("SELECT name, upper(type) = 'BLOB' AS bytes FROM pragma_table_info(?) ORDER BY cid")
                    .bind::<Text, _>(&name)
                    .load(copy)?;
            tables.push(Self { name, columns: columns.into_iter().map(|one| (one.name, one.bytes != 0)).collect() });
        }
        Ok(tables)
    }

    /// The columns, each by `written`, separated by commas. Names are those of our own migrations.
    fn columns(&self, written: impl Fn(&str, bool) -> String) -> String {
        self.columns.iter().map(|(name, bytes)| written(name, *bytes)).collect::<Vec<_>>().join(", ")
    }

    fn names(&self) -> String {
        self.columns(|name, _| format!("\"{name}\""))
    }
}

/// Fills the empty file `copy` with what a PostgreSQL database holds.
fn pour_out(postgres: &mut Conn, copy: &mut Conn) -> Result<(), CopyError> {
    let known = migrate::migrations(postgres)?;
    if !known.unknown.is_empty() {
        return Err(CopyError::Newer(known.unknown.join(", ")));
    }
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    if let Conn::Sqlite(sqlite) = copy {
        // As far as the other one is: a copy is made before an upgrade, too.
        for migration in sqlite.pending_migrations(SQLITE).map_err(failed)? {
            if known.applied.contains(&migration.name().version().to_string()) {
                sqlite.run_migration(&*migration).map_err(failed)?;
            }
        }
    }
    let tables = Table::list(copy)?;
    postgres.batch_execute("SET LOCAL bytea_output = 'hex'")?;
    copy.write(|copy| {
        for table in &tables {
            let name = &table.name;
            copy.batch_execute(&format!("DELETE FROM \"{name}\""))?;
            let values = table.columns(|column, bytes| {
                let value = format!("json_extract(value, '$.\"{column}\"')");
                // PostgreSQL writes bytes as \x and hexadecimal digits.
                if bytes { format!("unhex(substr({value}, 3))") } else { value }
            });
            let insert = format!("INSERT INTO \"{name}\" ({}) SELECT {values} FROM json_each(?)", table.names());
            let read = format!("SELECT row_to_json(t)::text AS line FROM \"{name}\" t");
            postgres.batch_execute(&format!("DECLARE pouring NO SCROLL CURSOR FOR {read}"))?;
            loop {
                let rows = lines(postgres, &format!("FETCH {ROWS} FROM pouring"))?;
                if rows.is_empty() {
                    break;
                }
                let rows = format!("[{}]", rows.join(","));
                diesel::sql_query(&insert).bind::<Text, _>(rows).execute(copy)?;
            }
            postgres.batch_execute("CLOSE pouring")?;
        }
        Ok::<_, CopyError>(())
    })
}

/// Fills a migrated PostgreSQL database that holds nothing of its own with what the file holds.
fn pour_in(copy: &mut Conn, postgres: &mut Conn) -> Result<(), CopyError> {
    for table in OWN {
        if !lines(postgres, &format!("SELECT '' AS line FROM \"{table}\" LIMIT 1"))?.is_empty() {
            return Err(CopyError::Used);
        }
    }
    postgres.batch_execute(&each_constraint("DEFERRABLE INITIALLY DEFERRED"))?;
    let tables = Table::list(copy)?;
    for table in &tables {
        postgres.batch_execute(&format!("DELETE FROM \"{}\"", table.name))?;
    }
    for table in &tables {
        let (name, names) = (&table.name, table.names());
        let values = table.columns(|column, bytes| {
            let value = match bytes {
                true => format!("CASE WHEN \"{column}\" IS NULL THEN NULL ELSE '\\x' || hex(\"{column}\") END"),
                false => format!("\"{column}\""),
            };
            format!("'{column}', {value}")
        });
        let read = format!(
            "SELECT rowid AS at, json_object({values}) AS line FROM \"{name}\" WHERE rowid > ? ORDER BY rowid LIMIT {ROWS}"
        );
        let insert = format!(
            "INSERT INTO \"{name}\" ({names}) SELECT {names} FROM json_populate_recordset(NULL::\"{name}\", $1::json)"
        );
        let mut after = i64::MIN;
        loop {
            let rows: Vec<Row> = diesel::sql_query(&read).bind::<BigInt, _>(after).load(copy)?;
            let Some(last) = rows.last() else { break };
            after = last.at;
            let rows: Vec<String> = rows.into_iter().map(|row| without_nul(&row.line)).collect();
            diesel::sql_query(&insert).bind::<Text, _>(format!("[{}]", rows.join(","))).execute(postgres)?;
        }
        if names.starts_with("\"id\"") {
            // The next id follows the greatest one; a table whose ids are given by hand has no sequence, and no need of one.
            postgres.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) \
                 FROM \"{name}\""
            ))?;
        }
    }
    postgres.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
    postgres.batch_execute(&each_constraint("NOT DEFERRABLE"))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    at: i64,
    #[diesel(sql_type = Text)]
    line: String,
}

/// A JSON text without the escaped NULs in it: PostgreSQL takes no text with one.
fn without_nul(json: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        kept.push_str(before);
        rest = match escape.strip_prefix("\\u0000") {
            Some(after) => after,
            None => {
                // An escaped backslash must not be taken for the beginning of the next escape.
                let (one, after) = escape.split_at(escape.len().min(2));
                kept.push_str(one);
                after
            }
        };
    }
    kept + rest
}

/// Tables come in the order of their names, not of what they refer to: the foreign keys are looked at in the end.
fn each_constraint(how: &str) -> String {
    format!(
        "DO $$ DECLARE one record; BEGIN \
           FOR one IN SELECT conname, conrelid::regclass AS of FROM pg_constraint \
             WHERE contype = 'f' AND connamespace = current_schema()::regnamespace LOOP \
             EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I {how}', one.of, one.conname); \
           END LOOP; \
         END $$"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_goes_and_what_only_looks_like_one_stays() {
        assert_eq!(without_nul(r#"{"a":"x\u0000y\\u0000\"\u0000\n"}"#), r#"{"a":"xy\\u0000\"\n"}"#);
        assert_eq!(without_nul(r#"{"a":1}"#), r#"{"a":1}"#);
    }
}
