//! The one list of periodic work: what grows old goes, and what falls due is seen to. Each item is done by one node at a
//! time, a batch in a transaction, and again at once while there is more.

use std::time::Duration;

use actix_web::web::Data;

use super::store;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{self, DbError, Tx};
use crate::jobs::Progress;
use crate::search::unfound;
use crate::web::form;
use crate::{brakes, bridge, desk, drafts, files, mail, members, trust};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Rows that one transaction touches: others wait for it.
const BATCH: i64 = 500;

/// Something that is done from time to time.
struct Work {
    name: &'static str,
    every: Duration,
    what: What,
}

/// Does a batch of at most so many, by the moment it is given, and says how many there were.
type Batch = fn(&mut Tx<'_>, Millis, i64) -> Result<usize, DbError>;

enum What {
    /// Throws away what is older than this.
    Prune(Duration, Batch),
    /// Sees to what is due now, on this site.
    See(fn(&App, &mut Tx<'_>, Millis, i64) -> Result<usize, DbError>),
}

/// Everything that this product does periodically, beside following the networks.
const LIST: [Work; 16] = [
    // A form is sent twice within seconds, or from a tab that was left open over a weekend.
    Work { name: "form submissions", every: HOUR, what: What::Prune(DAY.saturating_mul(7), form::prune_submissions) },
    Work { name: "one-time links", every: HOUR, what: What::Prune(DAY, members::prune_one_time) },
    Work { name: "brakes", every: HOUR, what: What::Prune(brakes::FORGOTTEN_AFTER, brakes::prune) },
    // Whoever asks whether a mail left asks within a season.
    Work { name: "mail", every: HOUR, what: What::Prune(DAY.saturating_mul(90), mail::prune) },
    // They are over already when their time comes.
    Work { name: "sessions", every: HOUR, what: What::Prune(Duration::ZERO, members::prune_sessions) },
    // Their bodies went when they were placed; the rows help to find out what happened on a bad day.
    Work { name: "inbox", every: HOUR, what: What::Prune(DAY.saturating_mul(30), bridge::prune_inbox) },
    // Those of forms that nobody sent.
    Work {
        name: "picture drafts",
        every: HOUR,
        what: What::Prune(DAY.saturating_mul(7), bridge::prune_picture_drafts),
    },
    Work { name: "uploads for posts", every: HOUR, what: What::Prune(DAY.saturating_mul(7), files::prune_drafts) },
    // The same post read again on one day is free; calls of yesterday may still be on their way into the books.
    Work { name: "paid items", every: HOUR, what: What::Prune(DAY, bridge::prune_paid) },
    // Whoever compares wants this month and the same one of last year.
    Work { name: "expenses", every: DAY, what: What::Prune(DAY.saturating_mul(400), bridge::prune_expenses) },
    // What nobody went on writing for a season is not wanted any more.
    Work { name: "drafts", every: DAY, what: What::Prune(DAY.saturating_mul(90), drafts::prune) },
    // What nobody looked for in half a year says nothing about what is lacking now.
    Work {
        name: "searches that found nothing",
        every: DAY,
        what: What::Prune(DAY.saturating_mul(180), unfound::prune),
    },
    // An index that was away for longer is built anew.
    Work { name: "change feed", every: HOUR, what: What::Prune(DAY.saturating_mul(30), db::prune_changes) },
    // End dates, and releases that overtake more than one transaction puts up.
    Work {
        name: "verifications to be checked again",
        every: MINUTE,
        what: What::See(|_, tx, now, most| desk::recheck::put_up_due(tx, now, most)),
    },
    Work {
        name: "members who have earned trust",
        every: MINUTE,
        what: What::See(|app, tx, now, most| trust::raise_due(tx, now, most, app.mail.is_on())),
    },
    Work {
        name: "verifications of removed answers",
        every: HOUR,
        what: What::See(|_, tx, now, most| desk::recheck::end_gone(tx, now, most)),
    },
];

/// Does what is due, one batch of each item.
pub(super) async fn step(app: &Data<App>) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let later = app.db.read(move |conn| store::list_later(conn, now)).await?;
    let mut progress = Progress::Idle;
    for work in LIST.iter().filter(|work| !later.iter().any(|name| name == work.name)) {
        let site = app.clone();
        if app.db.write(move |tx| take_turn(&site, tx, work, now)).await? {
            progress = Progress::More;
        }
    }
    Ok(progress)
}

/// True where there is more to do at once.
fn take_turn(site: &App, tx: &mut Tx<'_>, work: &Work, now: Millis) -> Result<bool, DbError> {
    if !store::claim(tx, work.name, now, now.plus(work.every))? {
        return Ok(false);
    }
    let done = match work.what {
        What::Prune(age, prune) => prune(tx, now.minus(age), BATCH)?,
        What::See(see) => see(site, tx, now, BATCH)?,
    };
    let more = i64::try_from(done).is_ok_and(|done| done >= BATCH);
    if more {
        store::set_due(tx, work.name, now)?;
    }
    match work.what {
        What::Prune(..) if done > 0 => {
            tracing::info!(work = work.name, done, "{done} old rows of the {} went", work.name);
        }
        What::See(_) if done > 0 => {
            tracing::info!(work = work.name, done, "{done} {} were due", work.name);
        }
        What::Prune(..) | What::See(_) => {}
    }
    Ok(more)
}
