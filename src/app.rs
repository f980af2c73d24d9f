//! The app: everything that lives as long as the process, built the same way for `main` and for the tests.
//!
//! Knows all parts so that no part needs to know the others; holds no rule of its own.

use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::members::Hasher;
use crate::search::Search;

/// The state that handlers and workers share.
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub db: Db,
    pub hasher: Hasher,
    pub search: Search,
}

impl App {
    /// Opens the database (migrating it as needed) and what else the config names. Blocking.
    pub fn build(config: Config, clock: Clock) -> Result<Self, DbError> {
        let db = Db::open(config.database.clone())?;
        Ok(Self::over(db, config, clock))
    }

    /// The app over a database that is open already.
    pub fn over(db: Db, config: Config, clock: Clock) -> Self {
        let search = Search::open(&config.data, db.clone());
        Self { config, clock, db, hasher: Hasher::default(), search }
    }
}
