//! When a target or its hours change, what waits is due at another moment. That is written down with the change and done in
//! batches: a part at once, the rest in the background, and all of it even if this process ends in the middle.

use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::Notify;

use crate::app::App;
use crate::db::{DbError, Tx};
use crate::hours::Targets;
use crate::jobs::{Jobs, Progress, repeat};
use crate::{queue, settings};

/// Rows of one transaction: others wait for it.
const BATCH: i64 = 500;
/// Batches while whoever made the change waits: with them most sites are done.
const AT_ONCE: usize = 20;
/// For what another process left unfinished.
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move { repeat("redating", stop, &Notify::new(), LOOK_EVERY, || step(&data)).await });
}

/// Right after the change.
pub(super) async fn begin(app: &App) -> Result<(), DbError> {
    for _ in 0..AT_ONCE {
        if step(app).await? == Progress::Idle {
            break;
        }
    }
    Ok(())
}

async fn step(app: &App) -> Result<Progress, DbError> {
    if app.db.read(settings::redating).await?.is_none() {
        return Ok(Progress::Idle);
    }
    app.db.write(batch).await
}

fn batch(tx: &mut Tx<'_>) -> Result<Progress, DbError> {
    let Some(seen) = settings::redating(tx)? else { return Ok(Progress::Idle) };
    let targets = Targets::load(tx)?;
    let last = queue::redate(tx, &targets, seen.after, BATCH)?;
    let is_current = settings::redated(tx, seen, last)?;
    Ok(if last.is_some() || !is_current { Progress::More } else { Progress::Idle })
}
