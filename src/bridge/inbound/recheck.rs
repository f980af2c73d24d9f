//! Looking again: whether what we show still stands on the network and still says the same, by the age of each post. For
//! what no webhook told us: deletions while we were away, edits that name us no more, accounts that became private.
//!
//! Looks cost money and stop at the month's ceiling; what is due then waits. One look that misses a post takes nothing
//! away, since a network that stumbles forgets for a moment; the second does. Where most of what was asked for is missing,
//! the network has lost its memory rather than so many people their patience: that is believed after a day.

use std::time::Duration;

use super::mirror::{self, Batch, PlaceError, Prepared};
use super::words;
use super::{pause, poll};
use crate::app::App;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::channels::{self, Health};
use crate::bridge::store::recheck::{self, Due};
use crate::bridge::store::remote;
use crate::bridge::{Channel, ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::jobs::Progress;
use crate::networks::{Failure, PostPage, RemotePost, compare_marks};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long after its arrival a post is looked up; what stood for a month stays.
const AGES: [Duration; 4] = [HOUR, DAY, DAY.saturating_mul(7), DAY.saturating_mul(30)];
/// When a post that just arrived is looked up first.
pub(super) const FIRST_LOOK: Duration = AGES[0];
/// Between the look that misses a post and the one that takes it away.
const SECOND_LOOK: Duration = Duration::from_secs(10 * 60);
/// How long the network must go on missing what it missed together with most of a page.
const DOUBT: Duration = DAY;
/// Posts that are asked for in one call.
const MOST: i64 = 100;

/// What a look says of one post.
enum Finding {
    Stands,
    Missing,
    /// Neither here nor gone: nothing was learned.
    Unsaid,
}

/// Looks up what is due of the first channel that has anything.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    for channel in app.bridge.channels() {
        let (id, now) = (channel.id, app.clock.now());
        let due = app.db.read(move |conn| list_payable(conn, id, now)).await?;
        if !due.is_empty() {
            look(app, &channel, due).await?;
            return Ok(Progress::More);
        }
    }
    Ok(Progress::Idle)
}

/// What is due, as far as it can be paid for.
fn list_payable(conn: &mut Conn, id: ChannelId, now: Millis) -> Result<Vec<RemotePostId>, DbError> {
    let due = recheck::list_due(conn, id, now, MOST)?;
    if due.is_empty() || channels::load(conn, id)?.health == Health::Broken {
        return Ok(Vec::new());
    }
    let left = meter::left_to_spend(conn, id, now)?.map(|micros| micros / Kind::Post.price(false));
    let most = left.map_or(usize::MAX, |posts| usize::try_from(posts).unwrap_or(0));
    Ok(due.into_iter().take(most).collect())
}

/// How many posts of a channel are due for a look since more than a day: the ceiling, or the network, does not let us.
pub fn count_overdue(conn: &mut Conn, id: ChannelId, now: Millis) -> Result<i64, DbError> {
    recheck::count_due(conn, id, now.minus(DAY))
}

async fn look(app: &App, channel: &Channel, due: Vec<RemotePostId>) -> Result<(), DbError> {
    let now = app.clock.now();
    let lease = app.bridge.settings.lease;
    let claimed = app.db.write(move |tx| recheck::claim(tx, &due, now, lease)).await?;
    if claimed.is_empty() {
        return Ok(());
    }
    let page = match ask(channel, &claimed).await {
        Ok(page) => page,
        Err(failure) => {
            let due = now.plus(pause(&failure, 6));
            app.db.write(move |tx| recheck::put_off(tx, &claimed, due)).await?;
            return poll::note_failure(app, channel, &failure).await;
        }
    };
    let (batch, findings) = understand(channel, page, claimed, now);
    let taken = app.db.write(move |tx| take(tx, &batch, &findings, now)).await;
    match taken {
        // Said of our own sends only, none of which are looked up: the lease ends, and they are asked for again.
        Err(PlaceError::Undecided) | Ok(()) => Ok(()),
        Err(PlaceError::Db(error)) => Err(error),
    }
}

/// The posts as they are now. Where an old version came, its newest is asked for as well.
async fn ask(channel: &Channel, claimed: &[Due]) -> Result<PostPage, Failure> {
    let ids: Vec<String> = claimed.iter().map(|due| due.version().to_owned()).collect();
    let mut page = read(channel, &ids).await?;
    let newest = page.posts.iter().filter_map(|post| post.later_ids.last().cloned());
    let newer: Vec<String> = newest.filter(|id| page.posts.iter().all(|post| post.id != *id)).collect();
    if !newer.is_empty() {
        let more = read(channel, &newer).await?;
        page.posts.extend(more.posts);
        page.missing.extend(more.missing);
    }
    Ok(page)
}

async fn read(channel: &Channel, ids: &[String]) -> Result<PostPage, Failure> {
    let body = channel.account.versions(ids).await?;
    channel.account.parse_page(&body).map_err(|error| Failure::Unavailable(error.to_string()))
}

fn understand(channel: &Channel, page: PostPage, claimed: Vec<Due>, now: Millis) -> (Batch, Vec<(Due, Finding)>) {
    let (mut edits, mut hidden) = (Vec::new(), Vec::new());
    let keeps_ids = channel.abilities().edits_keep_ids;
    let mut findings = Vec::new();
    for due in claimed {
        let is_it =
            |post: &&RemotePost| post.id == due.version() || post.earlier_ids.iter().any(|id| id == due.version());
        let finding = match page.posts.iter().filter(is_it).max_by(|a, b| compare_marks(&a.id, &b.id)) {
            // Deleting one version deletes them all.
            Some(post) if post.later_ids.iter().any(|id| page.missing.contains(id)) => Finding::Missing,
            Some(post) => {
                let mut post = post.clone();
                if channel.abilities().hides {
                    hidden.push((post.id.clone(), post.hidden));
                }
                if keeps_ids || post.id != due.version() {
                    post.author.handle = due.handle.clone().unwrap_or_default();
                    edits.push(Prepared::of(channel, post, Some(now)));
                }
                Finding::Stands
            }
            None if page.missing.iter().any(|id| id == due.version()) => Finding::Missing,
            None => Finding::Unsaid,
        };
        findings.push((due, finding));
    }
    let batch = Batch {
        channel_id: channel.id,
        scope: channel.scope(),
        account_id: channel.us().to_owned(),
        posts: edits,
        messages: Vec::new(),
        deleted: Vec::new(),
        hidden,
        altered: Vec::new(),
        search: None,
    };
    (batch, findings)
}

fn take(tx: &mut Tx<'_>, batch: &Batch, findings: &[(Due, Finding)], now: Millis) -> Result<(), PlaceError> {
    mirror::place_all(tx, batch, now)?;
    let missing = findings.iter().filter(|(_, finding)| matches!(finding, Finding::Missing)).count();
    let patience = if missing * 2 > findings.len() { DOUBT } else { SECOND_LOOK };
    for (due, finding) in findings {
        match (finding, due.missed) {
            (Finding::Missing, (Some(_), believed_at)) if believed_at.is_none_or(|at| at <= now) => {
                let row = remote::load(tx, due.id)?;
                mirror::erase(tx, &row, words::GONE, now)?;
            }
            // Still in doubt: each look waits as long again as all before it.
            (Finding::Missing, (Some(first), believed_at)) => {
                let next = now.plus(now.since(first).max(SECOND_LOOK));
                recheck::plan(tx, due, believed_at.map_or(next, |at| at.min(next)), due.missed)?;
            }
            (Finding::Missing, (None, _)) => {
                recheck::plan(tx, due, now.plus(SECOND_LOOK), (Some(now), Some(now.plus(patience))))?;
            }
            (Finding::Stands | Finding::Unsaid, _) => match next_look(due.received_at, now) {
                Some(at) => drop(recheck::plan(tx, due, at, (None, None))?),
                None => recheck::forget(tx, due.id)?,
            },
        }
    }
    Ok(())
}

/// The first age that lies ahead.
fn next_look(received_at: Millis, now: Millis) -> Option<Millis> {
    AGES.into_iter().map(|age| received_at.plus(age)).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_age_is_looked_at_once_and_what_was_passed_over_is_not_made_up_for() {
        let days = |days: u64| Millis(0).plus(DAY * u32::try_from(days).unwrap());
        assert_eq!(next_look(Millis(0), Millis(0)), Some(Millis(0).plus(HOUR)));
        assert_eq!(next_look(Millis(0), Millis(0).plus(HOUR)), Some(days(1)));
        assert_eq!(next_look(Millis(0), days(2)), Some(days(7)));
        assert_eq!(next_look(Millis(0), days(8)), Some(days(30)));
        assert_eq!(next_look(Millis(0), days(30)), None);
    }
}
