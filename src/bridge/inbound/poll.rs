//! The poller: reads the timelines of our account in case a webhook was lost. What it reads goes into the inbox as it
//! came, so that webhook and poller share everything behind it.
//!
//! A turn reads the newest page. Where that does not reach down to the newest post of the last turn, what lies between is
//! a gap: stored with the page, and filled like every other.

use std::collections::HashSet;
use std::time::Duration;

use super::gaps;
use crate::app::App;
use crate::bridge::store::channels::{self, Cursors};
use crate::bridge::store::gaps::{Timeline, insert as insert_gap};
use crate::bridge::store::inbox::{self, Source};
use crate::bridge::store::remote;
use crate::bridge::{Channel, access};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, Malformed, Mend, Network, Stretch, Unreadable, compare_marks};

/// How far below the last turn's newest post a turn reaches: a network may show a post late, below newer ones.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// How far below the present the cursor of an empty timeline begins: more than two clocks differ.
const BEGIN: Duration = Duration::from_secs(24 * 3600);

/// Polls each channel whose turn it is, and fills gaps.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let mut progress = Progress::Idle;
    for channel in app.bridge.channels() {
        let id = channel.id;
        if app.db.read(move |conn| channels::load(conn, id)).await?.health == channels::Health::Broken {
            continue;
        }
        poll_if_due(app, &channel).await?;
        if gaps::fill(app, &channel).await? == Progress::More {
            progress = Progress::More;
        }
    }
    Ok(progress)
}

async fn poll_if_due(app: &App, channel: &Channel) -> Result<(), DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let cursors = app.db.read(move |conn| channels::load_cursors(conn, id)).await?;
    if cursors.poll_due_at > now {
        return Ok(());
    }
    let (due, next_due) = (cursors.poll_due_at, now.plus(app.bridge.settings.poll_every));
    if !app.db.write(move |tx| channels::claim_poll(tx, id, due, next_due)).await? {
        return Ok(());
    }
    let Err(failure) = read_timelines(app, channel, cursors).await? else { return Ok(()) };
    if let Failure::RetryAfter(wait) = failure {
        let due = app.clock.now().plus(wait.max(Duration::from_secs(1)));
        app.db.write(move |tx| channels::set_poll_due(tx, id, due)).await?;
    }
    // Without its mentions a channel is deaf: an administrator must know, whatever X refuses them for.
    let failure = match failure {
        Failure::Refused(reason) => Failure::ChannelBroken(Mend::Connect, reason),
        other => other,
    };
    note_failure(app, channel, &failure).await
}

async fn read_timelines(app: &App, channel: &Channel, cursors: Cursors) -> Result<Result<(), Failure>, DbError> {
    for (timeline, since) in [(Timeline::Mentions, cursors.mentions_since), (Timeline::Own, cursors.own_since)] {
        let network = &channel.network;
        let from = since.as_deref().map(|mark| network.mark_at(network.moment_of(mark).minus(OVERLAP)));
        match read_page(channel, timeline, Stretch { since: from.as_deref(), until: None }).await {
            Ok(page) => store(app, channel, timeline, since, page).await?,
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Ok(()))
}

/// A page as a gap and a turn need it.
#[derive(Default)]
pub(super) struct Page {
    pub body: Vec<u8>,
    pub newest: Option<String>,
    pub oldest: Option<String>,
    /// More follows below.
    pub more: bool,
    /// Of its posts, the unreadable ones among them.
    pub count: i64,
    pub unreadable: Vec<Unreadable>,
    ids: Vec<String>,
}

impl Page {
    pub fn of(channel: &Channel, body: Vec<u8>) -> Result<Self, Failure> {
        let page = channel.account.parse_page(&body).map_err(|Malformed(reason)| Failure::Unavailable(reason))?;
        for Unreadable { reason, .. } in &page.unreadable {
            tracing::warn!(channel = channel.id.0, reason, "a post of a page could not be read: {reason}");
        }
        Ok(Self {
            body,
            newest: page.newest,
            oldest: page.oldest,
            more: page.next_token.is_some(),
            count: i64::try_from(page.posts.len() + page.unreadable.len()).unwrap_or(i64::MAX),
            unreadable: page.unreadable,
            ids: page.posts.into_iter().map(|post| post.id).collect(),
        })
    }

    /// Whether it holds a post that is not here yet: only then it needs a place in the inbox.
    pub async fn brings_new(&self, app: &App, channel: &Channel) -> Result<bool, DbError> {
        let (scope, ids) = (channel.scope(), self.ids.clone());
        let known: HashSet<String> = app
            .db
            .read(move |conn| Ok::<_, DbError>(remote::list_known(conn, scope, &ids)?.into_iter().collect()))
            .await?;
        Ok(self.ids.iter().any(|id| !known.contains(id)))
    }
}

/// The newest page of a stretch of a timeline.
pub(super) async fn read_page(channel: &Channel, timeline: Timeline, stretch: Stretch<'_>) -> Result<Page, Failure> {
    Page::of(channel, channel.account.timeline(timeline.into(), stretch).await?)
}

/// Stores the page, moves the cursor and notes the gap below, all at once. A channel that was just connected brings its
/// newest page along, not its whole past.
async fn store(
    app: &App,
    channel: &Channel,
    timeline: Timeline,
    since: Option<String>,
    page: Page,
) -> Result<(), DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let new = page.brings_new(app, channel).await?;
    let is_above = |a: &str| since.as_deref().is_none_or(|since| compare_marks(a, since).is_gt());
    // Nobody wrote to it yet: it begins here, so that a gap is noticed whatever comes until the next turn.
    let empty = since.is_none() && page.newest.is_none();
    let newest =
        page.newest.clone().filter(|newest| is_above(newest)).or_else(|| empty.then(|| begin(&*channel.network, now)));
    let gap = since.clone().zip(page.oldest.clone().filter(|oldest| page.more && is_above(oldest)));
    app.db
        .write(move |tx| {
            if new {
                inbox::insert(tx, id, Source::Poll, &page.body, now)?;
            }
            inbox::keep_unreadable(tx, id, Source::Poll, None, &page.unreadable, now)?;
            if let Some((after, before)) = &gap {
                insert_gap(tx, id, timeline, after, before, page.count, now)?;
            }
            match (newest, timeline) {
                (Some(newest), Timeline::Mentions) => channels::set_mentions_since(tx, id, &newest),
                (Some(newest), Timeline::Own) => channels::set_own_since(tx, id, &newest),
                (None, _) => Ok(()),
            }
        })
        .await?;
    if new {
        app.bridge.wake_inbox();
    }
    Ok(())
}

/// Where the cursor of an account begins that nobody wrote to yet.
pub(super) fn begin(network: &dyn Network, now: Millis) -> String {
    network.mark_at(now.minus(BEGIN))
}

/// What a failed reading call means for its channel. One that X lets nobody make for a while delays itself alone: each
/// kind of call has a limit of its own, and whoever asked knows when to ask again.
pub(in crate::bridge) async fn note_failure(app: &App, channel: &Channel, failure: &Failure) -> Result<(), DbError> {
    let id = channel.id;
    tracing::warn!(channel = id.0, %failure, "reading failed: {failure}");
    match failure {
        Failure::TokenRefused(reason) => access::refused(app, channel, reason).await,
        Failure::ChannelBroken(mend, reason) => {
            let (mend, reason) = (*mend, reason.clone());
            app.db.write(move |tx| channels::mark_broken(tx, id, mend, &reason)).await
        }
        Failure::RetryAfter(_) | Failure::Unavailable(_) | Failure::Refused(_) => Ok(()),
    }
}
