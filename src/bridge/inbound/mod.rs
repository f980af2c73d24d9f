//! Inbound: from a raw body in the inbox to posts in the forum, each once.
//!
//! A step claims the bodies that are due, asks the network once for what is missing around them (parents, authors), and
//! stores all of it in one transaction. It may be repeated at any point without a post being doubled; where a group
//! cannot be placed as one, each of its bodies is placed alone.

mod edit;
pub mod gaps;
pub(in crate::bridge) mod hiding;
mod intake;
mod mask;
pub mod messages;
pub mod mirror;
pub mod pictures;
pub mod poll;
pub mod post_pictures;
mod read;
pub mod recheck;
pub mod remove;
mod result;
pub mod review;
mod rules;
pub mod webhook;
mod words;

pub(super) use mask::mask;
pub(super) use rules::title;

use std::time::Duration;

pub(super) use self::intake::Intake;
use self::mirror::{Batch, PlaceError};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::store::inbox::{self, Claimed, Ticket};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::jobs::Progress;
use crate::members::MemberId;
use crate::networks::Failure;

/// How long the network is asked for what belongs around a body; after that it is understood without.
const PATIENCE: Duration = Duration::from_secs(6 * 3600);
/// How often the database may refuse a body before it is given to staff. Waiting for the network is no refusal.
const MOST_REFUSALS: i64 = 8;

/// Gives every body that could not be read or placed another try, as somebody wants.
pub async fn try_failed_again(app: &App, by: MemberId) -> Result<(), DbError> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            inbox::try_failed_again(tx, now)?;
            audit::record(tx, &Entry::new(by, Act::Unreadable, "inbox", now))
        })
        .await?;
    app.bridge.wake_inbox();
    Ok(())
}

/// Between two groups of a worker: what arrives meanwhile is placed together, by one commit, and in a burst the pages get
/// their turn.
const BREATH: Duration = Duration::from_millis(100);

/// The worker's step: [`step`], and a breath after it.
pub(super) async fn unhurried_step(app: &App) -> Result<Progress, DbError> {
    let progress = step(app).await?;
    if progress == Progress::More {
        tokio::time::sleep(BREATH).await;
    }
    Ok(progress)
}

/// Takes the due bodies of a channel from the inbox and carries them into the forum.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    if !app.db.read(move |conn| inbox::any_due(conn, now)).await? {
        return Ok(Progress::Idle);
    }
    let lease = app.bridge.settings.lease;
    let group = app.db.write(move |tx| inbox::claim(tx, now, now.minus(PATIENCE), lease)).await?;
    if group.is_empty() {
        return Ok(Progress::Idle);
    }
    carry(app, group).await?;
    Ok(Progress::More)
}

/// Carries a group; one that cannot be placed as a whole is carried body by body.
async fn carry(app: &App, mut group: Vec<Claimed>) -> Result<(), DbError> {
    if group.len() > 1 {
        let readable = |claimed: &Claimed| {
            app.bridge.channel(claimed.channel_id).is_some_and(|channel| read::is_readable(&channel, claimed))
        };
        let (together, alone): (Vec<_>, Vec<_>) = group.into_iter().partition(readable);
        group = alone;
        if !together.is_empty() && !carry_together(app, &together).await? {
            group.extend(together);
        }
    }
    for claimed in group {
        carry_alone(app, claimed).await?;
    }
    Ok(())
}

/// `false`: the database does not take them as one.
async fn carry_together(app: &App, group: &[Claimed]) -> Result<bool, DbError> {
    let Some(channel) = app.bridge.channel(group[0].channel_id) else { return Ok(false) };
    let batch = match read::read(app, &channel, group, true).await? {
        read::Read::Batch(batch) => batch,
        read::Read::Malformed(_) => return Ok(false),
        read::Read::Later(failure) => {
            poll::note_failure(app, &channel, &failure).await?;
            let now = app.clock.now();
            let due: Vec<_> = group.iter().map(|one| (one.ticket, now.plus(pause(&failure, one.attempts)))).collect();
            let reason = failure.to_string();
            let put_back = app.db.write(move |tx| {
                due.into_iter().try_for_each(|(ticket, due)| inbox::put_back(tx, ticket, due, &reason).map(drop))
            });
            return put_back.await.map(|()| true);
        }
    };
    let (tickets, now): (Vec<Ticket>, _) = (group.iter().map(|one| one.ticket).collect(), app.clock.now());
    match app.db.write(move |tx| place_owned(tx, &tickets, &batch, now)).await {
        Ok(()) => {
            app.bridge.wake_pictures();
            Ok(true)
        }
        Err(PlaceError::Undecided | PlaceError::Db(DbError::Query(_) | DbError::Inconsistent { .. })) => Ok(false),
        Err(PlaceError::Db(error)) => Err(error),
    }
}

/// Places a batch if any of the bodies it came from is still ours: of the others somebody else places the same posts.
fn place_owned(tx: &mut Tx<'_>, tickets: &[Ticket], batch: &Batch, now: Millis) -> Result<(), PlaceError> {
    let mut owned = false;
    for ticket in tickets {
        owned |= inbox::mark_done(tx, *ticket)?;
    }
    if owned { mirror::place_all(tx, batch, now) } else { Ok(()) }
}

async fn carry_alone(app: &App, claimed: Claimed) -> Result<(), DbError> {
    let Some(channel) = app.bridge.channel(claimed.channel_id) else {
        let hour = app.clock.now().plus(Duration::from_secs(3600));
        return put_back(app, claimed.ticket, hour, words::NOT_CONNECTED.to_owned()).await;
    };
    let patient = app.clock.now().since(claimed.received_at) < PATIENCE;
    let (ticket, attempts, refusals) = (claimed.ticket, claimed.attempts, claimed.refusals + 1);
    let batch = match read::read(app, &channel, std::slice::from_ref(&claimed), patient).await? {
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
    match app.db.write(move |tx| place_owned(tx, &[ticket], &batch, now)).await {
        Ok(()) => {
            app.bridge.wake_pictures();
            Ok(())
        }
        // Whether a post of ours is a send that is under way will be known in a moment.
        Err(PlaceError::Undecided) => {
            put_back(app, ticket, now.plus(Duration::from_secs(1)), words::WAITS_FOR_A_SEND.to_owned()).await
        }
        Err(PlaceError::Db(error @ (DbError::Query(_) | DbError::Inconsistent { .. }))) => {
            let reason = words::database_refuses(error);
            tracing::error!(inbox = ticket.id.0, reason, "a body could not be placed: {reason}");
            if refusals >= MOST_REFUSALS {
                return app.db.write(move |tx| inbox::mark_failed(tx, ticket, &reason).map(drop)).await;
            }
            let due = now.plus(doubling(refusals));
            app.db.write(move |tx| inbox::put_back_refused(tx, ticket, due, &reason).map(drop)).await
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
