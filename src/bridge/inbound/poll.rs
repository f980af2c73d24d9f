//! The poller: reads the timelines of our account in case a webhook was lost. What it reads goes into the inbox as it
//! came, so that webhook and poller share everything behind it.

use std::future::Future;
use std::time::Duration;

use crate::app::App;
use crate::bridge::store::channels::{self, Cursors};
use crate::bridge::store::inbox::{self, Source};
use crate::bridge::{Channel, ChannelId, access};
use crate::db::{DbError, Tx};
use crate::jobs::Progress;
use crate::networks::x::compare_ids;
use crate::networks::{Failure, Malformed};

/// A timeline never holds more than 800 posts, which is eight pages.
const MOST_PAGES: usize = 8;
/// A channel that was just connected brings its newest page along, not its whole past.
const FIRST_PAGES: usize = 1;

/// Polls each channel whose turn it is.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    for channel in app.bridge.channels() {
        poll_if_due(app, &channel).await?;
    }
    Ok(Progress::Idle)
}

async fn poll_if_due(app: &App, channel: &Channel) -> Result<(), DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let (cursors, health) = app
        .db
        .read(move |conn| Ok::<_, DbError>((channels::load_cursors(conn, id)?, channels::load(conn, id)?.health)))
        .await?;
    if cursors.poll_due_at > now || health == channels::Health::Broken {
        return Ok(());
    }
    let (due, next_due) = (cursors.poll_due_at, now.plus(app.bridge.settings.poll_every));
    if !app.db.write(move |tx| channels::claim_poll(tx, id, due, next_due)).await? {
        return Ok(());
    }
    if let Err(failure) = read_timelines(app, channel, &cursors).await? {
        note_failure(app, channel, &failure).await?;
    }
    Ok(())
}

async fn read_timelines(app: &App, channel: &Channel, cursors: &Cursors) -> Result<Result<(), Failure>, DbError> {
    let mentions = |page: Option<String>| {
        let since = cursors.mentions_since.clone();
        async move { channel.x.mentions(since.as_deref(), page.as_deref()).await }
    };
    let since = cursors.mentions_since.as_deref();
    if let Err(failure) = read_chain(app, channel, since, mentions, channels::set_mentions_since).await? {
        return Ok(Err(failure));
    }
    let own = |page: Option<String>| {
        let since = cursors.own_since.clone();
        async move { channel.x.own_posts(since.as_deref(), page.as_deref()).await }
    };
    read_chain(app, channel, cursors.own_since.as_deref(), own, channels::set_own_since).await
}

/// Reads one timeline from its newest page back to the cursor, storing each page as it comes. The cursor moves in the
/// transaction that stores the last page: a crash before that reads again, and what arrives twice is stored once.
async fn read_chain<F>(
    app: &App,
    channel: &Channel,
    since: Option<&str>,
    read: impl Fn(Option<String>) -> F,
    set_since: fn(&mut Tx<'_>, ChannelId, &str) -> Result<(), DbError>,
) -> Result<Result<(), Failure>, DbError>
where
    F: Future<Output = Result<Vec<u8>, Failure>>,
{
    let most = if since.is_none() { FIRST_PAGES } else { MOST_PAGES };
    let mut newest: Option<String> = None;
    let mut token = None;
    for number in 1..=most {
        let body = match read(token.take()).await {
            Ok(body) => body,
            Err(failure) => return Ok(Err(failure)),
        };
        let page = match channel.x.parse_page(&body) {
            Ok(page) => page,
            Err(Malformed(reason)) => return Ok(Err(Failure::Unavailable(reason))),
        };
        for reason in &page.unreadable {
            tracing::warn!(channel = channel.id.0, reason, "a post of a page could not be read: {reason}");
        }
        newest = [newest, page.newest_id].into_iter().flatten().max_by(|a, b| compare_ids(a, b));
        token = page.next_token;
        let last = token.is_none() || number == most;
        let empty = page.posts.is_empty() && page.unreadable.is_empty();
        let (id, now) = (channel.id, app.clock.now());
        let reached = newest.clone().filter(|_| last);
        app.db
            .write(move |tx| {
                if !empty {
                    inbox::insert(tx, id, Source::Poll, &body, now)?;
                }
                match reached {
                    Some(newest) => set_since(tx, id, &newest),
                    None => Ok(()),
                }
            })
            .await?;
        if !empty {
            app.bridge.wake_inbox();
        }
        if last {
            break;
        }
    }
    Ok(Ok(()))
}

/// What a failed reading call means for its channel.
pub(in crate::bridge) async fn note_failure(app: &App, channel: &Channel, failure: &Failure) -> Result<(), DbError> {
    let id = channel.id;
    tracing::warn!(channel = id.0, %failure, "reading failed: {failure}");
    let now = app.clock.now();
    match failure {
        Failure::RetryAfter(wait) => {
            let due = now.plus((*wait).max(Duration::from_secs(1)));
            app.db.write(move |tx| channels::set_poll_due(tx, id, due)).await
        }
        Failure::TokenRefused(reason) => access::refused(app, channel, reason).await,
        Failure::ChannelBroken(reason) => {
            let reason = reason.clone();
            app.db.write(move |tx| channels::mark_broken(tx, id, &reason)).await
        }
        Failure::Unavailable(_) | Failure::Refused(_) => Ok(()),
    }
}
