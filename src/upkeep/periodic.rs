//! The one list of periodic work. Each item is done by one node at a time, a batch in a transaction, and again at once
//! while there is more.

use std::time::Duration;

use super::store;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{self, DbError, Tx};
use crate::jobs::Progress;
use crate::web::form;
use crate::{bridge, members};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Rows that one transaction throws away: others wait for it.
const BATCH: i64 = 500;

/// Something that is done from time to time.
struct Work {
    name: &'static str,
    every: Duration,
    /// What is older goes.
    age: Duration,
    /// Throws away at most so many rows that are older than the moment, and says how many there were.
    prune: fn(&mut Tx<'_>, Millis, i64) -> Result<usize, DbError>,
}

/// Everything that this product does periodically, beside following the networks.
const LIST: [Work; 7] = [
    // A form is sent twice within seconds, or from a tab that was left open over a weekend.
    Work { name: "form submissions", every: HOUR, age: DAY.saturating_mul(7), prune: form::prune_submissions },
    // They are over already when their time comes.
    Work { name: "sessions", every: HOUR, age: Duration::ZERO, prune: members::prune_sessions },
    // Their bodies went when they were placed; the rows help to find out what happened on a bad day.
    Work { name: "inbox", every: HOUR, age: DAY.saturating_mul(30), prune: bridge::prune_inbox },
    // Those of forms that nobody sent.
    Work { name: "picture drafts", every: HOUR, age: DAY.saturating_mul(7), prune: bridge::prune_picture_drafts },
    // The same post read again on one day is free; calls of yesterday may still be on their way into the books.
    Work { name: "paid items", every: HOUR, age: DAY, prune: bridge::prune_paid },
    // Whoever compares wants this month and the same one of last year.
    Work { name: "expenses", every: DAY, age: DAY.saturating_mul(400), prune: bridge::prune_expenses },
    // An index that was away for longer is built anew.
    Work { name: "change feed", every: HOUR, age: DAY.saturating_mul(30), prune: db::prune_changes },
];

/// Does what is due, one batch of each item.
pub(super) async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let later = app.db.read(move |conn| store::list_later(conn, now)).await?;
    let mut progress = Progress::Idle;
    for work in LIST.iter().filter(|work| !later.iter().any(|name| name == work.name)) {
        if app.db.write(move |tx| take_turn(tx, work, now)).await? {
            progress = Progress::More;
        }
    }
    Ok(progress)
}

/// True where there is more to do at once.
fn take_turn(tx: &mut Tx<'_>, work: &Work, now: Millis) -> Result<bool, DbError> {
    if !store::claim(tx, work.name, now, now.plus(work.every))? {
        return Ok(false);
    }
    let gone = (work.prune)(tx, now.minus(work.age), BATCH)?;
    let more = i64::try_from(gone).is_ok_and(|gone| gone >= BATCH);
    if more {
        store::set_due(tx, work.name, now)?;
    }
    if gone > 0 {
        tracing::info!(work = work.name, gone, "{} old rows of the {} went", gone, work.name);
    }
    Ok(more)
}
