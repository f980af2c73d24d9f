//! Replay: real support conversations played through the twin, and an honest report of what became of them.
//!
//! Everything goes the way of the real thing: posts are written on the twin, its webhooks and timelines tell the forum,
//! and what is counted in the end are the forum's public pages, fetched over HTTP, against the twin's own list.

mod file;
mod perform;
mod plan;
mod report;

use actix_web::web::Data;

pub use file::{FileError, read};
pub use perform::Speed;
pub use plan::{Plan, PlanError};
pub use report::Report;

use crate::app::App;
use crate::bridge::ConnectError;
use crate::db::DbError;
use crate::sim::x::{Refused, XTwin};

/// Where a plan is played.
pub struct Stage {
    pub app: Data<App>,
    pub twin: XTwin,
    /// The twin's address, without a slash at the end.
    pub twin_url: String,
    /// The forum's address, without a slash at the end.
    pub forum: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a brand cannot be connected: {0}")]
    Connect(#[from] ConnectError),
    #[error("the twin refuses: {0}")]
    Twin(#[from] Refused),
    #[error("a brand is not connected as it should be: {0}")]
    NotConnected(String),
    #[error("the forum's pages cannot be read: {0}")]
    Pages(String),
}

impl From<diesel::result::Error> for ReplayError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Connects the brands, plays the plan, waits until the forum has taken in what it can, and reports.
pub async fn run(stage: &Stage, plan: &Plan, speed: Speed) -> Result<Report, ReplayError> {
    perform::connect(stage, plan).await?;
    let ids = perform::play(stage, plan, speed).await?;
    report::settled(stage, plan, &ids).await
}
