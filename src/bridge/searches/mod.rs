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

use crate::app::App;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::channels;
use crate::bridge::store::inbox::{self, Source};
use crate::bridge::store::searches::{self, DueSearch, Reached};
use crate::bridge::words;
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, PostPage, Unreadable, compare_marks};
use crate::posts::Called;

/// What one hit may cost: the post, and its author.
const HIT: i64 = Kind::Post.price(false) + Kind::User.price(false);
/// The fewest and the most results that X gives at once.
const FEWEST: i64 = 10;
const MOST: i64 = 100;
/// What each search beyond the first adds to the time between two turns: all of a channel's searches together then need
/// a third of the calls that X allows, and the rest is for conversations.
const SHARE: Duration = Duration::from_secs(9);
/// How often a result that X does not go on with is read anew.
const MOST_RESTARTS: i64 = 3;
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
        None => turn.put_off(app, now.plus(LATER), words::CEILING_USED_UP.to_owned()).await?,
    }
    Ok(Progress::More)
}

/// Whether what is left of a ceiling pays for the shortest page of a search.
pub fn may_search(left: i64) -> bool {
    affordable(Some(left)).is_some()
}

/// The accounts by which may be searched.
pub fn list_channels(app: &App) -> Vec<(ChannelId, Called)> {
    let channels = app.bridge.channels();
    let searching = channels.iter().filter(|channel| channel.abilities().searches.is_some());
    searching.map(|channel| (channel.id, channel.called())).collect()
}

/// Why a search by this account would not be taken, in words for who wrote it.
pub fn check(app: &App, id: ChannelId, query: &str) -> Result<(), String> {
    match app.bridge.channel(id) {
        Some(channel) => channel.network.check_query(query),
        None => Ok(()),
    }
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
    let asked = channel.account.search(&search.query, since, token, most).await;
    let read = asked.and_then(|body| match channel.account.parse_page(&body) {
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
    for Unreadable { reason, .. } in &page.unreadable {
        tracing::warn!(channel = channel.id.0, reason, "a post that a search found could not be read: {reason}");
    }
    let Turn { search, claimed } = turn;
    let (id, channel_id, now) = (search.id, channel.id, app.clock.now());
    let (reached, due) = match reach(&search, &page) {
        on @ Reached { next_token: Some(_), .. } => (on, now),
        end => (end, claimed),
    };
    let empty = page.posts.is_empty();
    let taken = app
        .db
        .write(move |tx| {
            let mine = searches::keep(tx, id, claimed, &reached, due, now)?;
            if mine && !empty {
                inbox::insert_found(tx, channel_id, id, &body, now)?;
            }
            if mine {
                inbox::keep_unreadable(tx, channel_id, Source::Poll, Some(id), &page.unreadable, now)?;
            }
            Ok::<_, DbError>(mine)
        })
        .await?;
    if taken && !empty {
        app.bridge.wake_inbox();
    }
    Ok(())
}

/// How far a search is read with this page. A page of a longer result that does not lie below the one before it, or holds
/// nothing, is its end, whatever comes behind it: X then shows the same for ever.
fn reach(search: &DueSearch, page: &PostPage) -> Reached {
    let newest = search.newest_id.clone().or(page.newest.clone()).or(search.since_id.clone());
    let is_below = |oldest: &String| match (&search.oldest_id, &page.oldest) {
        (Some(before), Some(_)) => compare_marks(oldest, before).is_lt(),
        _ => true,
    };
    let oldest = page.oldest.clone().filter(is_below);
    match &page.next_token {
        // A new search brings its newest page along, not the whole week.
        Some(token) if search.since_id.is_some() && oldest.is_some() => Reached {
            since_id: search.since_id.clone(),
            newest_id: newest,
            next_token: Some(token.clone()),
            oldest_id: oldest,
            reason: None,
        },
        _ => Reached { since_id: newest, ..Reached::default() },
    }
}

async fn note_miss(app: &App, channel: &Channel, turn: Turn, failure: Failure) -> Result<(), DbError> {
    let (now, network) = (app.clock.now(), channel.origin.label());
    match failure {
        Failure::RetryAfter(wait) => {
            let due = now.plus(wait.max(Duration::from_secs(1)));
            turn.put_off(app, due, words::no_more_searches(network)).await
        }
        // Its tokens do not live for ever.
        Failure::Refused(reason) if turn.search.next_token.is_some() => {
            begin_again(app, turn, network, &reason, now).await
        }
        Failure::Refused(reason) => turn.put_off(app, now.plus(LATER), words::search_not_taken(network, &reason)).await,
        Failure::Unavailable(reason) => {
            let due = turn.claimed;
            turn.put_off(app, due, words::not_searched(network, &reason)).await
        }
        Failure::ChannelBroken(..) | Failure::TokenRefused(_) => note_failure(app, channel, &failure).await,
    }
}

/// Reads a result anew that the network does not go on with; after a few times it stays without its end, and staff are told.
async fn begin_again(app: &App, turn: Turn, network: &str, reason: &str, now: Millis) -> Result<(), DbError> {
    let Turn { search, claimed } = turn;
    let id = search.id;
    if search.restarts < MOST_RESTARTS {
        let told = words::read_from_its_beginning(network, reason);
        let due = claimed;
        return app.db.write(move |tx| searches::begin_again(tx, id, claimed, due, &told).map(drop)).await;
    }
    let told = words::some_may_be_missing(network, reason);
    let reached = Reached { since_id: search.newest_id, reason: Some(told), ..Reached::default() };
    app.db.write(move |tx| searches::keep(tx, id, claimed, &reached, claimed, now).map(drop)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_pages_that_shows_the_same_for_ever_has_an_end() {
        let page = |newest: &str, oldest: &str| PostPage {
            newest: Some(newest.to_owned()),
            oldest: Some(oldest.to_owned()),
            next_token: Some("on".to_owned()),
            ..PostPage::default()
        };
        let mut search = DueSearch {
            id: SearchId(1),
            channel_id: ChannelId(1),
            query: String::new(),
            since_id: Some("100".to_owned()),
            newest_id: None,
            next_token: None,
            oldest_id: None,
            restarts: 0,
            due_at: Millis(0),
        };
        let first = reach(&search, &page("250", "200"));
        assert_eq!((first.next_token.as_deref(), first.oldest_id.as_deref()), (Some("on"), Some("200")));
        (search.newest_id, search.next_token, search.oldest_id) = (first.newest_id, first.next_token, first.oldest_id);
        assert_eq!(reach(&search, &page("199", "150")).next_token.as_deref(), Some("on"));
        for stuck in [page("250", "200"), PostPage { next_token: Some("on".to_owned()), ..PostPage::default() }] {
            let end = reach(&search, &stuck);
            assert_eq!((end.since_id.as_deref(), end.next_token), (Some("250"), None));
        }
    }

    #[test]
    fn a_page_is_as_long_as_what_is_left_pays_for() {
        assert_eq!(affordable(None), Some(100));
        assert_eq!(affordable(Some(50_000_000)), Some(100));
        assert_eq!(affordable(Some(12 * HIT)), Some(12));
        assert_eq!(affordable(Some(10 * HIT - 1)), None);
        assert_eq!(affordable(Some(-5)), None);
    }
}
