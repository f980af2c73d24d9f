//! Brand searches: what staff look for beyond the mentions, how far each was read, and what each found.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{brand_search, member, remote_post, search_hit};
use crate::db::{Conn, DbError, Tx, id_type, per_database, text_enum};
use crate::members::MemberId;

use super::remote::Fate;

id_type!(
    /// The id of a brand search.
    SearchId
);

text_enum! {
    pub enum State {
        On = "on",
        Paused = "paused",
        /// Gone from the lists; what it found still says its name.
        Deleted = "deleted",
    }
}

/// A search as staff see it.
#[derive(Clone, Debug, Queryable)]
pub struct SearchRow {
    pub id: SearchId,
    pub channel_id: ChannelId,
    pub name: String,
    pub query: String,
    pub state: State,
    pub searched_at: Option<Millis>,
    /// Why it finds nothing now.
    pub reason: Option<String>,
    pub edited_at: Millis,
    /// The name of the member who edited it last.
    pub edited_by: String,
}

/// A search whose turn it is.
#[derive(Clone, Debug, Queryable)]
pub struct DueSearch {
    pub id: SearchId,
    pub channel_id: ChannelId,
    pub query: String,
    /// Everything up to this post was read.
    pub since_id: Option<String>,
    /// While a result of several pages is read: its newest post, and the next page.
    pub newest_id: Option<String>,
    pub next_token: Option<String>,
    /// The oldest post of the pages read so far.
    pub oldest_id: Option<String>,
    /// How often the same result could not be read on and was begun anew.
    pub restarts: i64,
    pub due_at: Millis,
}

/// How far a search was read.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    pub since_id: Option<String>,
    pub newest_id: Option<String>,
    pub next_token: Option<String>,
    pub oldest_id: Option<String>,
    /// What staff should know of it; `None`: nothing.
    pub reason: Option<String>,
}

pub struct NewSearch {
    pub channel_id: ChannelId,
    pub name: String,
    pub query: String,
    pub by: MemberId,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        brand_search::id,
        brand_search::channel_id,
        brand_search::name,
        brand_search::query,
        brand_search::state,
        brand_search::searched_at,
        brand_search::reason,
        brand_search::edited_at,
        member::name,
    )
}

pub fn insert(tx: &mut Tx<'_>, new: &NewSearch, now: Millis) -> Result<SearchId, DbError> {
    Ok(diesel::insert_into(brand_search::table)
        .values((
            brand_search::channel_id.eq(new.channel_id),
            brand_search::name.eq(&new.name),
            brand_search::query.eq(&new.query),
            brand_search::state.eq(State::On),
            brand_search::due_at.eq(now),
            brand_search::created_at.eq(now),
            brand_search::edited_at.eq(now),
            brand_search::edited_by.eq(new.by),
        ))
        .returning(brand_search::id)
        .get_result(&mut **tx)?)
}

/// Gives a search another name and query. Another query begins anew; a result that is under way is not taken.
pub fn edit(tx: &mut Tx<'_>, id: SearchId, new: &NewSearch, now: Millis) -> Result<(), DbError> {
    let query: String = brand_search::table.find(id).select(brand_search::query).first(&mut **tx)?;
    let words = (
        brand_search::name.eq(&new.name),
        brand_search::query.eq(&new.query),
        brand_search::edited_at.eq(now),
        brand_search::edited_by.eq(new.by),
    );
    diesel::update(brand_search::table.find(id)).set(words).execute(&mut **tx)?;
    if query != new.query {
        let anew = (
            brand_search::since_id.eq(None::<String>),
            brand_search::newest_id.eq(None::<String>),
            brand_search::next_token.eq(None::<String>),
            brand_search::oldest_id.eq(None::<String>),
            brand_search::restarts.eq(0),
            brand_search::reason.eq(None::<String>),
            brand_search::due_at.eq(now),
        );
        diesel::update(brand_search::table.find(id)).set(anew).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn set_state(tx: &mut Tx<'_>, id: SearchId, state: State, by: MemberId, now: Millis) -> Result<(), DbError> {
    let settled = brand_search::table.find(id).filter(brand_search::state.ne(State::Deleted));
    diesel::update(settled)
        .set((
            brand_search::state.eq(state),
            brand_search::due_at.eq(now),
            brand_search::reason.eq(None::<String>),
            brand_search::edited_at.eq(now),
            brand_search::edited_by.eq(by),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The searches of all channels, by name; those that were deleted are left out.
pub fn list(conn: &mut Conn) -> Result<Vec<SearchRow>, DbError> {
    Ok(brand_search::table
        .inner_join(member::table)
        .filter(brand_search::state.ne(State::Deleted))
        .order((brand_search::name, brand_search::id))
        .select(columns())
        .load(conn)?)
}

pub fn find(conn: &mut Conn, id: SearchId) -> Result<Option<SearchRow>, DbError> {
    Ok(brand_search::table
        .inner_join(member::table)
        .filter(brand_search::id.eq(id))
        .filter(brand_search::state.ne(State::Deleted))
        .select(columns())
        .first(conn)
        .optional()?)
}

/// How many posts each search found, and how many of them wait for review.
pub fn count_hits(conn: &mut Conn) -> Result<HashMap<SearchId, (i64, i64)>, DbError> {
    let mut counts: HashMap<SearchId, (i64, i64)> = HashMap::new();
    let all: Vec<(SearchId, i64)> = brand_search::table.select((brand_search::id, brand_search::found)).load(conn)?;
    let held: Vec<(SearchId, i64)> = search_hit::table
        .inner_join(remote_post::table)
        .filter(remote_post::state.eq(Fate::Held))
        .group_by(search_hit::search_id)
        .select((search_hit::search_id, diesel::dsl::count_star()))
        .load(conn)?;
    for (id, count) in all {
        counts.entry(id).or_default().0 = count;
    }
    for (id, count) in held {
        counts.entry(id).or_default().1 = count;
    }
    Ok(counts)
}

/// The names of the searches that found these posts.
pub fn list_names(conn: &mut Conn, posts: &[RemotePostId]) -> Result<HashMap<RemotePostId, Vec<String>>, DbError> {
    let rows: Vec<(RemotePostId, String)> = search_hit::table
        .inner_join(brand_search::table)
        .filter(search_hit::remote_post_id.eq_any(posts))
        .order((search_hit::remote_post_id, search_hit::search_id))
        .select((search_hit::remote_post_id, brand_search::name))
        .load(conn)?;
    let mut names: HashMap<RemotePostId, Vec<String>> = HashMap::new();
    for (post, name) in rows {
        names.entry(post).or_default().push(name);
    }
    Ok(names)
}

pub fn count_on(conn: &mut Conn, channel_id: ChannelId) -> Result<i64, DbError> {
    Ok(brand_search::table
        .filter(brand_search::channel_id.eq(channel_id))
        .filter(brand_search::state.eq(State::On))
        .count()
        .get_result(conn)?)
}

/// The search that waits longest for its turn.
pub fn find_due(conn: &mut Conn, channels: &[ChannelId], now: Millis) -> Result<Option<DueSearch>, DbError> {
    Ok(brand_search::table
        .filter(brand_search::state.eq(State::On.literal()))
        .filter(brand_search::channel_id.eq_any(channels))
        .filter(brand_search::due_at.le(now))
        .order((brand_search::due_at, brand_search::id))
        .select((
            brand_search::id,
            brand_search::channel_id,
            brand_search::query,
            brand_search::since_id,
            brand_search::newest_id,
            brand_search::next_token,
            brand_search::oldest_id,
            brand_search::restarts,
            brand_search::due_at,
        ))
        .first(conn)
        .optional()?)
}

/// Takes the turn until `next_due`; `false`: another node was faster, or somebody edited it.
pub fn claim(tx: &mut Tx<'_>, search: &DueSearch, next_due: Millis) -> Result<bool, DbError> {
    let mine = brand_search::table
        .find(search.id)
        .filter(brand_search::due_at.eq(search.due_at))
        .filter(brand_search::state.eq(State::On));
    Ok(diesel::update(mine).set(brand_search::due_at.eq(next_due)).execute(&mut **tx)? == 1)
}

/// Keeps what a page brought; `false`: it was edited meanwhile, and nothing was touched. `claimed`: as it was claimed.
pub fn keep(
    tx: &mut Tx<'_>,
    id: SearchId,
    claimed: Millis,
    reached: &Reached,
    due: Millis,
    now: Millis,
) -> Result<bool, DbError> {
    let mine =
        brand_search::table.find(id).filter(brand_search::due_at.eq(claimed)).filter(brand_search::state.eq(State::On));
    let kept = (
        brand_search::since_id.eq(reached.since_id.as_deref()),
        brand_search::newest_id.eq(reached.newest_id.as_deref()),
        brand_search::next_token.eq(reached.next_token.as_deref()),
        brand_search::oldest_id.eq(reached.oldest_id.as_deref()),
        brand_search::due_at.eq(due),
        brand_search::searched_at.eq(Some(now)),
        brand_search::reason.eq(reached.reason.as_deref()),
    );
    if diesel::update(mine).set(kept).execute(&mut **tx)? != 1 {
        return Ok(false);
    }
    if reached.next_token.is_none() {
        diesel::update(brand_search::table.find(id)).set(brand_search::restarts.eq(0)).execute(&mut **tx)?;
    }
    Ok(true)
}

/// Notes why a search brought nothing, and when it is tried again.
pub fn put_off(tx: &mut Tx<'_>, id: SearchId, claimed: Millis, due: Millis, reason: &str) -> Result<(), DbError> {
    let mine = brand_search::table.find(id).filter(brand_search::due_at.eq(claimed));
    diesel::update(mine)
        .set((brand_search::due_at.eq(due), brand_search::reason.eq(Some(reason))))
        .execute(&mut **tx)?;
    Ok(())
}

/// A result of several pages cannot be read on: it is read again at `due`, from where it began, and staff see why.
/// `false`: it was edited meanwhile.
pub fn begin_again(tx: &mut Tx<'_>, id: SearchId, claimed: Millis, due: Millis, reason: &str) -> Result<bool, DbError> {
    let mine = brand_search::table.find(id).filter(brand_search::due_at.eq(claimed));
    let anew = (
        brand_search::newest_id.eq(None::<String>),
        brand_search::next_token.eq(None::<String>),
        brand_search::oldest_id.eq(None::<String>),
        brand_search::restarts.eq(brand_search::restarts + 1),
        brand_search::due_at.eq(due),
        brand_search::reason.eq(Some(reason)),
    );
    Ok(diesel::update(mine).set(anew).execute(&mut **tx)? == 1)
}

/// Makes every search of a channel due, for instance since it may cost more now.
pub fn wake(tx: &mut Tx<'_>, channel_id: ChannelId, now: Millis) -> Result<(), DbError> {
    let waiting = brand_search::table
        .filter(brand_search::channel_id.eq(channel_id))
        .filter(brand_search::state.eq(State::On))
        .filter(brand_search::reason.is_not_null());
    diesel::update(waiting).set(brand_search::due_at.eq(now)).execute(&mut **tx)?;
    Ok(())
}

pub fn note_hit(tx: &mut Tx<'_>, id: SearchId, post: RemotePostId) -> Result<(), DbError> {
    let row = (search_hit::search_id.eq(id), search_hit::remote_post_id.eq(post));
    let added = per_database!(&mut **tx, conn => diesel::insert_into(search_hit::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if added == 1 {
        diesel::update(brand_search::table.find(id))
            .set(brand_search::found.eq(brand_search::found + 1))
            .execute(&mut **tx)?;
    }
    Ok(())
}
