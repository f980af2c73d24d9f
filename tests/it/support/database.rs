//! A database per test, in milliseconds: SQLite copies a file, PostgreSQL copies a database, each from a template that
//! was migrated once per process.
//!
//! `ANSWERWELL_TEST_DATABASE` says which of the two this run is about; `ANSWERWELL_TEST_POSTGRES` is the maintenance
//! database of a private PostgreSQL cluster, as `tests/run` starts one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use answerwell::db::{Db, Place};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use reqwest::Url;
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The database that this run of the tests is about.
pub fn kind() -> Kind {
    match std::env::var("ANSWERWELL_TEST_DATABASE").as_deref() {
        Err(_) | Ok("" | "sqlite") => Kind::Sqlite,
        Ok("postgres") => Kind::Postgres,
        Ok(other) => panic!("ANSWERWELL_TEST_DATABASE is {other:?}; it can be sqlite or postgres"),
    }
}

/// The maintenance database of the cluster, if this run has one.
pub fn server_address() -> Option<Url> {
    let address = std::env::var("ANSWERWELL_TEST_POSTGRES").ok()?;
    Some(Url::parse(&address).expect("ANSWERWELL_TEST_POSTGRES must look like postgres://user@host:port/database"))
}

fn server() -> Url {
    server_address()
        .expect("ANSWERWELL_TEST_POSTGRES must name a PostgreSQL database; tests/run starts one and sets it")
}

/// One test's database. Dropping it removes it.
pub struct TestDatabase {
    pub place: Place,
    folder: TempDir,
}

impl TestDatabase {
    /// A migrated database.
    pub fn copy() -> Self {
        match kind() {
            Kind::Sqlite => {
                static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
                let folder = TempDir::new().expect("a temporary folder");
                let file = folder.path().join("answerwell.db");
                std::fs::write(&file, TEMPLATE.get_or_init(sqlite_template)).expect("room for a database");
                Self { place: Place::Sqlite(file), folder }
            }
            Kind::Postgres => {
                static TEMPLATE: OnceLock<String> = OnceLock::new();
                Self::postgres(Some(TEMPLATE.get_or_init(postgres_template)))
            }
        }
    }

    /// A place where nothing was migrated yet: no file, or a database without tables.
    pub fn empty() -> Self {
        match kind() {
            Kind::Sqlite => {
                let folder = TempDir::new().expect("a temporary folder");
                Self { place: Place::Sqlite(folder.path().join("answerwell.db")), folder }
            }
            Kind::Postgres => Self::postgres(None),
        }
    }

    /// A folder of this test alone.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The place as the configuration writes it: `sqlite:…` or `postgres://…`.
    pub fn address(&self) -> String {
        match &self.place {
            Place::Sqlite(path) => format!("sqlite:{}", path.display()),
            Place::Postgres(address) => address.clone(),
        }
    }

    fn postgres(template: Option<&str>) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template0");
        on_server(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { place: Place::Postgres(address_of(&name)), folder: TempDir::new().expect("a temporary folder") }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Postgres(address) = &self.place {
            let url = Url::parse(address).expect("an address made here");
            // A test that failed may leave connections open: they must not keep the database.
            on_server(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", url.path().trim_start_matches('/')));
        }
    }
}

/// The bytes of a migrated database file, whole without its log.
fn sqlite_template() -> Vec<u8> {
    let folder = TempDir::new().expect("a temporary folder");
    let file: PathBuf = folder.path().join("template.db");
    drop(Db::open(Place::Sqlite(file.clone())).expect("the SQLite migrations run"));
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the template opens");
    // A copy, because the pool closes its connections a moment later: while one is open the log cannot be given up.
    let whole = folder.path().join("whole.db");
    conn.batch_execute(&format!("VACUUM INTO '{}'", whole.display())).expect("room for a whole copy");
    std::fs::read(whole).expect("the template is readable")
}

/// The name of a migrated database that nobody is connected to.
fn postgres_template() -> String {
    let name = format!("template_{}", std::process::id());
    on_server(&format!("CREATE DATABASE {name} TEMPLATE template0"));
    drop(Db::open(Place::Postgres(address_of(&name))).expect("the PostgreSQL migrations run"));
    on_server(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    on_server(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    name
}

fn address_of(database: &str) -> String {
    let mut address = server();
    address.set_path(database);
    address.to_string()
}

fn on_server(statement: &str) {
    let mut conn = PgConnection::establish(server().as_str()).expect("the PostgreSQL cluster answers");
    conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
}
