//! Gaps: what a timeline holds between the place it was read down to and the place it was read up to before. Filled page
//! by page, newest first; each page moves the upper end in the transaction that stores it, so that nothing is read twice
//! and nothing is lost by a crash, a limit or a failure.
//!
//! The network's timeline ends somewhere, and does not say whether it did. Whatever it did not show is searched for, as
//! far back as the search reaches; what cannot be had at all is told to staff.

use std::time::Duration;

use super::pause;
use super::poll::{Page, note_failure, read_page};
use super::words;
use crate::app::App;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::gaps::{self, Gap, GapRow, Timeline};
use crate::bridge::store::inbox::{self, Source};
use crate::bridge::{Bridge, Channel, ChannelId, GapId};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::jobs::Progress;
use crate::networks::{Failure, Stretch, compare_marks};
use crate::posts::Origin;

/// Posts that could not be read at once, as staff are told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub id: GapId,
    pub origin: Origin,
    /// Of our account, without the leading `@`.
    pub handle: String,
    /// Our own posts; else those that mention us.
    pub own: bool,
    pub from: Millis,
    pub to: Millis,
    /// `None`: they cannot be had any more, and the reason says why.
    pub next_try: Option<Millis>,
    pub reason: String,
}

impl Missing {
    /// Our account, as people write its name.
    pub fn name(&self) -> String {
        self.origin.name_of(&self.handle)
    }
}

/// What is missing of all channels, oldest first: gaps that are being filled without trouble are not told.
pub fn list_missing(conn: &mut Conn, bridge: &Bridge) -> Result<Vec<Missing>, DbError> {
    let missing = |gap: GapRow| Missing {
        id: gap.id,
        origin: gap.network,
        handle: gap.handle,
        own: gap.timeline == Timeline::Own,
        from: bridge.network(gap.network).moment_of(&gap.after_id),
        to: bridge.network(gap.network).moment_of(&gap.before_id),
        next_try: gap.due_at,
        reason: gap.reason.unwrap_or_default(),
    };
    Ok(gaps::list_stuck(conn)?.into_iter().map(missing).collect())
}

/// A gap that was read this far may have met the end of the timeline, which holds about 800 posts.
const NEAR_THE_END: i64 = 700;
/// A search that the month's ceiling does not allow is asked for again after this time.
const CEILING_PAUSE: Duration = Duration::from_secs(3600);

/// What a page means for its gap.
enum Step {
    /// Read on below this id.
    On {
        before: String,
        searching: bool,
    },
    Closed,
    /// The rest cannot be had.
    Lost(&'static str),
}

/// Reads one page of the channel's newest gap that is due.
pub(super) async fn fill(app: &App, channel: &Channel) -> Result<Progress, DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let Some(gap) = app.db.read(move |conn| gaps::find_due(conn, id, now)).await? else { return Ok(Progress::Idle) };
    let lease = app.bridge.settings.lease;
    let Some(gap) = app.db.write(move |tx| gaps::claim(tx, gap, lease)).await? else { return Ok(Progress::More) };
    if gap.is_searched() && !may_search(app, id, now).await? {
        let due = now.plus(CEILING_PAUSE);
        let reason = words::CEILING_REACHED;
        app.db.write(move |tx| gaps::put_off(tx, &gap, Some(due), reason).map(drop)).await?;
        return Ok(Progress::Idle);
    }
    match read(channel, &gap, now).await {
        Ok(page) => {
            store(app, channel, gap, page).await?;
            Ok(Progress::More)
        }
        Err(failure) => {
            let due = now.plus(pause(&failure, gap.attempts));
            let reason = failure.to_string();
            app.db.write(move |tx| gaps::put_off(tx, &gap, Some(due), &reason).map(drop)).await?;
            note_failure(app, channel, &failure).await?;
            Ok(Progress::Idle)
        }
    }
}

async fn may_search(app: &App, id: ChannelId, now: Millis) -> Result<bool, DbError> {
    app.db.read(move |conn| meter::may_spend(conn, id, Kind::Post.price(false), now)).await
}

async fn read(channel: &Channel, gap: &Gap, now: Millis) -> Result<Page, Failure> {
    let oldest = reach(channel, now);
    let after =
        if gap.is_searched() && compare_marks(&oldest, &gap.after_id).is_gt() { &oldest } else { &gap.after_id };
    let stretch = Stretch { since: Some(after), until: Some(&gap.before_id) };
    let page = if gap.is_searched() {
        if compare_marks(after, &gap.before_id).is_ge() {
            return Ok(Page::default());
        }
        Page::of(channel, channel.account.beyond_timeline(stretch).await?)?
    } else {
        read_page(channel, gap.timeline, stretch).await?
    };
    match &page.oldest {
        Some(oldest) if compare_marks(oldest, &gap.before_id).is_ge() => {
            Err(Failure::Unavailable(words::SAME_POSTS_AGAIN.to_owned()))
        }
        _ => Ok(page),
    }
}

/// The first mark that can still be had beyond the timeline; where nothing can, the present.
fn reach(channel: &Channel, now: Millis) -> String {
    channel.network.mark_at(now.minus(channel.account.reaches_beyond().unwrap_or_default()))
}

async fn store(app: &App, channel: &Channel, gap: Gap, page: Page) -> Result<(), DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let step = next(&gap, &page, channel.account.reaches_beyond().map(|_| reach(channel, now)).as_deref());
    let new = page.brings_new(app, channel).await?;
    let ours = app
        .db
        .write(move |tx| {
            let ours = match step {
                Step::On { before, searching } => gaps::narrow(tx, &gap, &before, page.count, searching, now)?,
                Step::Closed => gaps::close(tx, &gap)?,
                Step::Lost(reason) => gaps::put_off(tx, &gap, None, reason)?,
            };
            // Whoever took the gap over reads the page again.
            if ours && new {
                inbox::insert(tx, id, Source::Poll, &page.body, now)?;
            }
            if ours {
                inbox::keep_unreadable(tx, id, Source::Poll, None, &page.unreadable, now)?;
            }
            Ok::<_, DbError>(ours)
        })
        .await?;
    if ours && new {
        app.bridge.wake_inbox();
    }
    Ok(())
}

/// `reach`: the first mark that can be had beyond the timeline; `None`: nothing can.
fn next(gap: &Gap, page: &Page, reach: Option<&str>) -> Step {
    let before = page.oldest.clone().unwrap_or_else(|| gap.before_id.clone());
    if page.more && page.oldest.is_some() {
        return Step::On { before, searching: gap.is_searched() };
    }
    let read = gap.posts_read + page.count;
    let out_of_reach = reach.is_none_or(|reach| compare_marks(&gap.after_id, reach).is_lt());
    match gap.timeline {
        Timeline::Mentions if !gap.is_searched() && reach.is_some() => Step::On { before, searching: true },
        Timeline::Mentions if out_of_reach && read >= NEAR_THE_END => Step::Lost(words::ONLY_NEWEST_AND_SEARCH),
        Timeline::Own if read >= NEAR_THE_END => Step::Lost(words::ONLY_NEWEST),
        Timeline::Mentions | Timeline::Own => Step::Closed,
    }
}
