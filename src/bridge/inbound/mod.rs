//! Inbound: from a raw body in the inbox to posts in the forum, each once.
//!
//! A step claims one body, asks the network for what is missing around it (parents, authors), and stores all of it in
//! one transaction. It may be repeated at any point without a post being doubled.

pub mod mirror;
pub mod pictures;
pub mod poll;
mod read;
pub mod remove;
pub mod review;
mod rules;
pub mod webhook;

use std::time::Duration;

use self::mirror::PlaceError;
use crate::app::App;
use crate::bridge::store::inbox::{self, Claimed};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::Failure;

/// Tries before a body is understood without what the network will not say.
const MOST_ATTEMPTS: i64 = 6;

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
        return put_back(app, claimed, hour, "its channel is not connected now".to_owned()).await;
    };
    let patient = claimed.attempts < MOST_ATTEMPTS;
    let batch = match read::read(app, channel, &claimed, patient).await? {
        read::Read::Batch(batch) => batch,
        read::Read::Malformed(reason) => {
            tracing::warn!(inbox = claimed.id.0, reason, "a body in the inbox cannot be read: {reason}");
            return app.db.write(move |tx| inbox::mark_failed(tx, &claimed, &reason).map(drop)).await;
        }
        read::Read::Later(failure) => {
            poll::note_failure(app, channel.id, &failure).await?;
            let due = app.clock.now().plus(pause(&failure, claimed.attempts));
            return put_back(app, claimed, due, failure.to_string()).await;
        }
    };
    let now = app.clock.now();
    let id = claimed.id;
    let placed = app
        .db
        .write(move |tx| {
            if !inbox::mark_done(tx, &claimed)? {
                return Ok(());
            }
            mirror::place_all(tx, &batch, now)
        })
        .await;
    match placed {
        Ok(()) => app.bridge.wake_pictures(),
        Err(PlaceError::Db(error)) => return Err(error),
        // One of our own sends is under way: whether this is it will be known in a moment. The lease brings it back.
        Err(PlaceError::Undecided) => {
            tracing::debug!(inbox = id.0, "a post of ours arrived before its send was answered; it waits");
            let due = now.plus(Duration::from_secs(1));
            app.db.write(move |tx| inbox::release(tx, id, due)).await?;
        }
    }
    Ok(())
}

async fn put_back(app: &App, claimed: Claimed, due: Millis, reason: String) -> Result<(), DbError> {
    app.db.write(move |tx| inbox::put_back(tx, &claimed, due, &reason).map(drop)).await
}

fn pause(failure: &Failure, attempts: i64) -> Duration {
    match failure {
        Failure::RetryAfter(wait) => *wait,
        _ => Duration::from_secs(2u64.saturating_pow(u32::try_from(attempts).unwrap_or(1).min(8))),
    }
}
