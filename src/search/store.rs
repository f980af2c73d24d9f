//! What was looked for and not found. The table `unfound`.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::unfound;
use crate::db::{Conn, DbError, Tx, per_database};

/// A search that found nothing.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Unfound {
    pub words: String,
    pub times: i64,
    /// The last time.
    pub asked_at: Millis,
}

/// Counts a search that found nothing before, too. `false`: it did not.
pub fn again(tx: &mut Tx<'_>, words: &str, now: Millis) -> Result<bool, DbError> {
    let known = diesel::update(unfound::table.find(words));
    let counted = known.set((unfound::times.eq(unfound::times + 1), unfound::asked_at.eq(now))).execute(&mut **tx)?;
    Ok(counted > 0)
}

/// Counts a search that found nothing.
pub fn note(tx: &mut Tx<'_>, words: &str, now: Millis) -> Result<(), DbError> {
    per_database!(&mut **tx, conn => diesel::insert_into(unfound::table)
        .values((unfound::words.eq(words), unfound::times.eq(1), unfound::asked_at.eq(now)))
        .on_conflict(unfound::words)
        .do_update()
        .set((unfound::times.eq(unfound::times + 1), unfound::asked_at.eq(now)))
        .execute(conn))?;
    Ok(())
}

/// What was looked for most often and not found.
pub fn list(conn: &mut Conn, limit: i64) -> Result<Vec<Unfound>, DbError> {
    Ok(unfound::table
        .order((unfound::times.desc(), unfound::asked_at.desc()))
        .limit(limit)
        .select((unfound::words, unfound::times, unfound::asked_at))
        .load(conn)?)
}

/// How many are kept.
pub fn count(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(unfound::table.count().get_result(conn)?)
}

/// Takes one off the list: it was seen to. `false`: it is not on it.
pub fn forget(tx: &mut Tx<'_>, words: &str) -> Result<bool, DbError> {
    Ok(diesel::delete(unfound::table.find(words)).execute(&mut **tx)? == 1)
}

/// Drops at most so many of those that nobody asked for since then, and says how many.
pub fn prune(tx: &mut Tx<'_>, before: Millis, most: i64) -> Result<usize, DbError> {
    let old: Vec<String> =
        unfound::table.filter(unfound::asked_at.lt(before)).limit(most).select(unfound::words).load(&mut **tx)?;
    Ok(diesel::delete(unfound::table.filter(unfound::words.eq_any(old))).execute(&mut **tx)?)
}
