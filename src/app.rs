//! The app: everything that lives as long as the process, built the same way for `main` and for the tests.
//!
//! Knows all parts so that no part needs to know the others; holds no rule of its own.

use crate::bridge::{Bridge, ConnectError};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::members::Hasher;

/// The state that handlers and workers share.
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub db: Db,
    pub hasher: Hasher,
    pub bridge: Bridge,
}

impl App {
    /// Opens the database (migrating it as needed) and what else the config names.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, ConnectError> {
        let place = config.database.clone();
        let opened = tokio::task::spawn_blocking(move || Db::open(place)).await;
        let db = opened.map_err(|error| DbError::Unreachable(error.to_string()))??;
        Self::over(db, config, clock).await
    }

    /// The app over a database that is open already.
    pub async fn over(db: Db, config: Config, clock: Clock) -> Result<Self, ConnectError> {
        let bridge = Bridge::connect(&config, &db, &clock).await?;
        Ok(Self { config, clock, db, hasher: Hasher::default(), bridge })
    }
}
