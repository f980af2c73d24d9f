//! The searches that are followed. A row stands as long as somebody follows it.

use diesel::dsl::max;
use diesel::prelude::*;

use super::{follow as follow_it, is_following};
use crate::clock::Millis;
use crate::db::schema::{follow, followed_search};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::follows::{Kind, MOST_SEARCHES, Search, What};
use crate::members::MemberId;

/// Follows the search for these words; once more changes nothing. `false`: they follow as many as one may.
pub fn follow_search(tx: &mut Tx<'_>, by: MemberId, words: &str, now: Millis) -> Result<bool, DbError> {
    // Holds a row that is there, so that whoever stops following at this moment does not take it away.
    per_database!(&mut **tx, conn => diesel::insert_into(followed_search::table)
        .values(followed_search::words.eq(words))
        .on_conflict(followed_search::words)
        .do_update()
        .set(followed_search::words.eq(words))
        .execute(conn))?;
    let id: i64 =
        followed_search::table.filter(followed_search::words.eq(words)).select(followed_search::id).first(&mut **tx)?;
    let theirs = follow::table.filter(follow::member_id.eq(by.0)).filter(follow::kind.eq(Kind::Search));
    let is_new = !is_following(tx, by, What::search(id))?;
    if is_new && theirs.count().get_result::<i64>(&mut **tx)? >= MOST_SEARCHES {
        end_if_left(tx, id)?;
        return Ok(false);
    }
    follow_it(tx, by, What::search(id), now)?;
    Ok(true)
}

/// What is not followed can be left.
pub fn unfollow_search(tx: &mut Tx<'_>, by: MemberId, words: &str) -> Result<(), DbError> {
    match find_by_words(tx, words)? {
        Some(id) => super::unfollow(tx, by, What::search(id)),
        None => Ok(()),
    }
}

/// Forgets a search that nobody follows any more. Its row is held first: whoever begins to follow it waits, or is seen.
pub(super) fn end_if_left(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    let row = followed_search::table.find(id);
    diesel::update(row).set(followed_search::words.eq(followed_search::words)).execute(&mut **tx)?;
    let followers = follow::table.filter(follow::kind.eq(Kind::Search)).filter(follow::ref_id.eq(id));
    if !diesel::select(diesel::dsl::exists(followers)).get_result::<bool>(&mut **tx)? {
        diesel::delete(row).execute(&mut **tx)?;
    }
    Ok(())
}

fn find_by_words(conn: &mut Conn, words: &str) -> Result<Option<i64>, DbError> {
    let row = followed_search::table.filter(followed_search::words.eq(words));
    Ok(row.select(followed_search::id).first(conn).optional()?)
}

pub fn is_following_search(conn: &mut Conn, by: MemberId, words: &str) -> Result<bool, DbError> {
    match find_by_words(conn, words)? {
        Some(id) => is_following(conn, by, What::search(id)),
        None => Ok(false),
    }
}

/// The words of a search; `None`: nobody follows it any more.
pub fn find_search(conn: &mut Conn, id: i64) -> Result<Option<String>, DbError> {
    Ok(followed_search::table.find(id).select(followed_search::words).first(conn).optional()?)
}

/// The id of the newest one; `None`: nobody follows any. Ids are not used twice.
pub fn newest_search(conn: &mut Conn) -> Result<Option<i64>, DbError> {
    Ok(followed_search::table.select(max(followed_search::id)).first(conn)?)
}

/// The next `limit` searches after `after`, by id.
pub fn list_searches(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Search>, DbError> {
    Ok(followed_search::table
        .filter(followed_search::id.gt(after))
        .order(followed_search::id)
        .limit(limit)
        .select((followed_search::id, followed_search::words))
        .load(conn)?)
}

/// The searches that a member follows, by id.
pub fn list_searches_of(conn: &mut Conn, member: MemberId) -> Result<Vec<Search>, DbError> {
    let theirs: Vec<i64> = follow::table
        .filter(follow::member_id.eq(member.0))
        .filter(follow::kind.eq(Kind::Search))
        .select(follow::ref_id)
        .load(conn)?;
    Ok(followed_search::table
        .filter(followed_search::id.eq_any(theirs))
        .order(followed_search::id)
        .select((followed_search::id, followed_search::words))
        .load(conn)?)
}
