//! Replay: real support conversations played through a twin, and an honest report of what became of them.
//!
//! Everything goes the way of the real thing: posts are written on the twin, its webhooks and lists tell the forum, and
//! what is counted in the end are the forum's public pages, fetched over HTTP, against the twin's own list.

mod facebook;
mod file;
mod perform;
mod plan;
mod report;
mod x;

use actix_web::web::Data;

pub use facebook::OnFacebook;
pub use file::{FileError, read};
pub use perform::Speed;
pub use plan::{Plan, PlanError, Planned};
pub use report::Report;
pub use x::OnX;

use crate::app::App;
use crate::bridge::ConnectError;
use crate::db::DbError;
use crate::sim::{facebook as facebook_twin, x as x_twin};

/// Where a plan is played.
pub struct Stage<V> {
    pub app: Data<App>,
    /// The forum's address, without a slash at the end.
    pub forum: String,
    pub venue: V,
}

/// A network's twin, as a replay needs it.
pub trait Venue {
    /// Makes everybody of a plan, and connects its brands one after the other, as an administrator would.
    fn connect(&self, app: &App, forum: &str, plan: &Plan) -> impl Future<Output = Result<(), ReplayError>>;

    /// Writes a post where it belongs; `parent` is the id of what it answers. Returns its id.
    fn write(&mut self, post: &Planned, parent: Option<&str>) -> Result<String, ReplayError>;

    /// Everything that was ever written.
    fn list(&self) -> Vec<Written>;

    /// The id of the post that a link leads to; `None`: it leads elsewhere.
    fn id_in_link(link: &str) -> Option<String>;
}

/// A post or comment on a twin.
pub struct Written {
    pub id: String,
    /// Of its author.
    pub handle: String,
    /// Its own page.
    pub url: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a brand cannot be connected: {0}")]
    Connect(#[from] ConnectError),
    #[error("the twin of X refuses: {0}")]
    X(#[from] x_twin::Refused),
    #[error("the twin of Facebook refuses: {0}")]
    Facebook(#[from] facebook_twin::Refused),
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
pub async fn run<V: Venue>(stage: &mut Stage<V>, plan: &Plan, speed: Speed) -> Result<Report, ReplayError> {
    perform::connect(stage, plan).await?;
    let ids = perform::play(&mut stage.venue, plan, speed).await?;
    report::settled(stage, plan, &ids).await
}
