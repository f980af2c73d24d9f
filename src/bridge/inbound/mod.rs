//! Inbound: from a raw body in the inbox to posts in the forum, each once.
//!
//! A step claims one body, asks the network for what is missing around it (parents, authors), and stores all of it in
//! one transaction. It may be repeated at any point without a post being doubled.

mod edit;
pub mod gaps;
pub mod messages;
pub mod mirror;
pub mod pictures;
pub mod poll;
mod read;
pub mod recheck;
pub mod remove;
pub mod review;
mod rules;
pub mod webhook;

pub(super) use rules::mask;

use std::time::Duration;

use self::mirror::PlaceError;
use crate::app::App;
use crate::bridge::store::inbox::{self, Claimed, Ticket};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::Failure;

/// How long the network is asked for what belongs around a body; after that it is understood without.
const PATIENCE: Duration = Duration::from_secs(6 * 3600);
/// Tries before a body that the database refuses is given to staff.
const MOST_REFUSALS: i64 = 8;

/// Takes one due body from the inbox and carries it into the forum.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    if !app.db.read(move |conn| inbox::any_due(conn, now)).await? {
        return Ok(Progress::Idle);
    }
    let lease = app.bridge.settings.lease;
    let Some(claimed) = app.db.write(move |tx| inbox::claim(tx, now, lease)).await? else {
        return Ok(Progress::Idle);
    };
    carry(app, claimed).await?;
    Ok(Progress::More)
}

async fn carry(app: &App, claimed: Claimed) -> Result<(), DbError> {
    let Some(channel) = app.bridge.channel(claimed.channel_id) else {
        let hour = app.clock.now().plus(Duration::from_secs(3600));
        return put_back(app, claimed.ticket, hour, "its channel is not connected now".to_owned()).await;
    };
    let patient = app.clock.now().since(claimed.received_at) < PATIENCE;
    let (ticket, attempts) = (claimed.ticket, claimed.attempts);
    let batch = match read::read(app, &channel, &claimed, patient).await? {
        read::Read::Batch(batch) => batch,
        read::Read::Malformed(reason) => {
            tracing::warn!(inbox = ticket.id.0, reason, "a body in the inbox cannot be read: {reason}");
            return app.db.write(move |tx| inbox::mark_failed(tx, ticket, &reason).map(drop)).await;
        }
        read::Read::Later(failure) => {
            poll::note_failure(app, &channel, &failure).await?;
            let due = app.clock.now().plus(pause(&failure, attempts));
            return put_back(app, ticket, due, failure.to_string()).await;
        }
    };
    let now = app.clock.now();
    let placed = app
        .db
        .write(move |tx| {
            if !inbox::mark_done(tx, ticket)? {
                return Ok(());
            }
            mirror::place_all(tx, &batch, now)
        })
        .await;
    match placed {
        Ok(()) => {
            app.bridge.wake_pictures();
            Ok(())
        }
        // Whether a post of ours is a send that is under way will be known in a moment.
        Err(PlaceError::Undecided) => {
            put_back(app, ticket, now.plus(Duration::from_secs(1)), "it waits for a send of ours".to_owned()).await
        }
        Err(PlaceError::Db(error @ (DbError::Query(_) | DbError::Inconsistent { .. }))) => {
            let reason = format!("the database refuses it: {error}");
            tracing::error!(inbox = ticket.id.0, reason, "a body could not be placed: {reason}");
            if attempts >= MOST_REFUSALS {
                return app.db.write(move |tx| inbox::mark_failed(tx, ticket, &reason).map(drop)).await;
            }
            put_back(app, ticket, now.plus(doubling(attempts)), reason).await
        }
        Err(PlaceError::Db(error)) => Err(error),
    }
}

async fn put_back(app: &App, ticket: Ticket, due: Millis, reason: String) -> Result<(), DbError> {
    app.db.write(move |tx| inbox::put_back(tx, ticket, due, &reason).map(drop)).await
}

fn pause(failure: &Failure, attempts: i64) -> Duration {
    match failure {
        Failure::RetryAfter(wait) => *wait,
        _ => doubling(attempts),
    }
}

/// 2 s, doubling, at most about 4 min.
fn doubling(attempts: i64) -> Duration {
    Duration::from_secs(2u64.saturating_pow(u32::try_from(attempts).unwrap_or(1).min(8)))
}
