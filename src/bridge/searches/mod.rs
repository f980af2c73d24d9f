//! Brand search: staff look for posts that do not mention us. What a search finds goes through the inbox like
//! everything else and waits for review: nobody asked us, so a person judges.
//!
//! A turn reads one page and keeps the place, so that the network's limits, the ceiling and a crash only interrupt it.

mod preview;

use std::time::Duration;

pub use preview::{Found, NoPreview, Preview, preview};

pub use crate::bridge::store::searches::{
    NewSearch, SearchId, SearchRow, State, count_hits, edit, find, insert, list, list_names, set_state, wake,
};
pub use crate::networks::x::check_query as check;

use crate::app::App;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::channels;
use crate::bridge::store::inbox;
use crate::bridge::store::searches::{self, DueSearch, Reached};
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, PostPage};

/// What one hit may cost: the post, and its author.
const HIT: i64 = Kind::Post.price(false) + Kind::User.price(false);
/// The fewest and the most results that X gives at once.
const FEWEST: i64 = 10;
const MOST: i64 = 100;
/// What each search beyond the first adds to the time between two turns: all of a channel's searches together then need
/// a third of the calls that X allows, and the rest is for conversations.
const SHARE: Duration = Duration::from_secs(9);
/// After a refusal, or while the ceiling is used up.
const LATER: Duration = Duration::from_secs(3600);

/// Reads one page of the search that waits longest.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let connected: Vec<ChannelId> = app.bridge.channels().iter().map(|channel| channel.id).collect();
    let due = app
        .db
        .read(move |conn| {
            let working = channels::list_working(conn, &connected)?;
            let Some(search) = searches::find_due(conn, &working, now)? else { return Ok(None) };
            let left = meter::left_to_spend(conn, search.channel_id, now)?;
            let others = u32::try_from(searches::count_on(conn, search.channel_id)? - 1).unwrap_or(0);
            let share = SHARE.saturating_mul(others);
            Ok::<_, DbError>(Some((search, left, share)))
        })
        .await?;
    let Some((search, left, share)) = due else { return Ok(Progress::Idle) };
    let Some(channel) = app.bridge.channel(search.channel_id) else { return Ok(Progress::Idle) };
    let turn = Turn { claimed: now.plus(app.bridge.settings.poll_every.max(share)), search };
    let (search, next_due) = (turn.search.clone(), turn.claimed);
    if !app.db.write(move |tx| searches::claim(tx, &search, next_due)).await? {
        return Ok(Progress::More);
    }
    match affordable(left) {
        Some(most) => read_page(app, &channel, turn, most).await?,
        None => turn.put_off(app, now.plus(LATER), "This month's ceiling is used up.".to_owned()).await?,
    }
    Ok(Progress::More)
}

/// Whether what is left of a ceiling pays for the shortest page of a search.
pub fn may_search(left: i64) -> bool {
    affordable(Some(left)).is_some()
}

/// The accounts by which may be searched, with their handles.
pub fn list_channels(app: &App) -> Vec<(ChannelId, String)> {
    app.bridge.channels().iter().map(|channel| (channel.id, channel.x.account.handle.clone())).collect()
}

/// How many results may be asked for with what is left to spend; `None`: not even the fewest.
fn affordable(left: Option<i64>) -> Option<i64> {
    let most = left.map_or(MOST, |left| left / HIT).min(MOST);
    (most >= FEWEST).then_some(most)
}

/// A search that this worker reads now.
struct Turn {
    search: DueSearch,
    /// When it is due next, which is also the proof that nobody edited it meanwhile.
    claimed: Millis,
}

impl Turn {
    async fn put_off(self, app: &App, due: Millis, reason: String) -> Result<(), DbError> {
        let (id, claimed) = (self.search.id, self.claimed);
        app.db.write(move |tx| searches::put_off(tx, id, claimed, due, &reason)).await
    }
}

async fn read_page(app: &App, channel: &Channel, turn: Turn, most: i64) -> Result<(), DbError> {
    let search = &turn.search;
    let (since, token) = (search.since_id.as_deref(), search.next_token.as_deref());
    let asked = channel.x.search(&search.query, since, token, most).await;
    let read = asked.and_then(|body| match channel.x.parse_page(&body) {
        Ok(page) => Ok((body, page)),
        Err(malformed) => Err(Failure::Unavailable(malformed.to_string())),
    });
    match read {
        Ok((body, page)) => take_page(app, channel, turn, body, page).await,
        Err(failure) => note_miss(app, channel, turn, failure).await,
    }
}

/// The page goes into the inbox, and the place moves, in one transaction.
async fn take_page(app: &App, channel: &Channel, turn: Turn, body: Vec<u8>, page: PostPage) -> Result<(), DbError> {
    for reason in &page.unreadable {
        tracing::warn!(channel = channel.id.0, reason, "a post that a search found could not be read: {reason}");
    }
    let Turn { search, claimed } = turn;
    let empty = page.posts.is_empty();
    let newest = search.newest_id.or(page.newest_id).or(search.since_id.clone());
    // A new search brings its newest page along, not the whole week.
    let next_token = page.next_token.filter(|_| search.since_id.is_some());
    let now = app.clock.now();
    let (reached, due) = match next_token {
        Some(token) => (Reached { since_id: search.since_id, newest_id: newest, next_token: Some(token) }, now),
        None => (Reached { since_id: newest, ..Reached::default() }, claimed),
    };
    let (id, channel_id) = (search.id, channel.id);
    let taken = app
        .db
        .write(move |tx| {
            let mine = searches::keep(tx, id, claimed, &reached, due, now)?;
            if mine && !empty {
                inbox::insert_found(tx, channel_id, id, &body, now)?;
            }
            Ok::<_, DbError>(mine)
        })
        .await?;
    if taken && !empty {
        app.bridge.wake_inbox();
    }
    Ok(())
}

async fn note_miss(app: &App, channel: &Channel, turn: Turn, failure: Failure) -> Result<(), DbError> {
    let now = app.clock.now();
    match failure {
        Failure::RetryAfter(wait) => {
            let due = now.plus(wait.max(Duration::from_secs(1)));
            turn.put_off(app, due, "X lets us search no more for a while.".to_owned()).await
        }
        // Its tokens do not live for ever.
        Failure::Refused(_) if turn.search.next_token.is_some() => {
            let id = turn.search.id;
            app.db.write(move |tx| searches::begin_again(tx, id)).await
        }
        Failure::Refused(reason) => {
            turn.put_off(app, now.plus(LATER), format!("X does not take this search: {reason}")).await
        }
        Failure::Unavailable(reason) => {
            let due = turn.claimed;
            turn.put_off(app, due, format!("X could not be searched: {reason}")).await
        }
        Failure::ChannelBroken(_) | Failure::TokenRefused(_) => note_failure(app, channel, &failure).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_long_as_what_is_left_pays_for() {
        assert_eq!(affordable(None), Some(100));
        assert_eq!(affordable(Some(50_000_000)), Some(100));
        assert_eq!(affordable(Some(12 * HIT)), Some(12));
        assert_eq!(affordable(Some(10 * HIT - 1)), None);
        assert_eq!(affordable(Some(-5)), None);
    }
}
