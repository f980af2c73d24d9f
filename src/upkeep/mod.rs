//! What keeps an installation well: whether it is ready, and the work that is done from time to time.
//!
//! Owns the tables `periodic` and `backup`. What is thrown away when, and how, is each slice's own function; here stands
//! only the list. Knows of the command line nothing: `doctor`, `backup` and `restore` use this, not the other way.

mod periodic;
pub mod ready;
mod store;

use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::Notify;

use crate::app::App;
use crate::jobs::{Jobs, repeat};
pub use store::{BackupRow, insert_backup, newest_backup};

/// How often somebody looks whether periodic work is due.
const LOOK: Duration = Duration::from_secs(60);

/// Starts what this slice does in the background.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("upkeep", stop, &Notify::new(), LOOK, || periodic::step(&data)).await;
    });
}
