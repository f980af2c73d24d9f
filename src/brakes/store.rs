//! All SQL of brakes.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::brake;
use crate::db::{DbError, Tx, per_database};

pub(super) struct Known {
    pub failures: i64,
    /// From when on the next one is forgiven; the column is `newest_at`.
    pub since: Millis,
    pub refused_until: Option<Millis>,
}

/// What is known, held until the transaction ends: two tries at once wait for each other, the first two, too.
pub(super) fn load(tx: &mut Tx<'_>, what: &str, now: Millis) -> Result<Known, DbError> {
    // There, and touched, before it is read: PostgreSQL keeps others out from then on. SQLite has one writer.
    let none = (brake::what.eq(what), brake::failures.eq(0), brake::newest_at.eq(now));
    per_database!(&mut **tx, conn => diesel::insert_into(brake::table)
        .values(none)
        .on_conflict_do_nothing()
        .execute(conn))?;
    let (failures, since, refused_until) = diesel::update(brake::table.find(what))
        .set(brake::failures.eq(brake::failures))
        .returning((brake::failures, brake::newest_at, brake::refused_until))
        .get_result(&mut **tx)?;
    Ok(Known { failures, since, refused_until })
}

pub(super) fn save(
    tx: &mut Tx<'_>,
    what: &str,
    failures: i64,
    since: Millis,
    refused_until: Option<Millis>,
) -> Result<(), DbError> {
    diesel::update(brake::table.find(what))
        .set((brake::failures.eq(failures), brake::newest_at.eq(since), brake::refused_until.eq(refused_until)))
        .execute(&mut **tx)?;
    Ok(())
}

/// It went well: the next try is the first again.
pub fn release(tx: &mut Tx<'_>, what: &str) -> Result<(), DbError> {
    diesel::delete(brake::table.find(what)).execute(&mut **tx)?;
    Ok(())
}

/// A try went well, and says nothing of those before it.
pub fn take_back(tx: &mut Tx<'_>, what: &str) -> Result<(), DbError> {
    diesel::update(brake::table.find(what).filter(brake::failures.gt(0)))
        .set(brake::failures.eq(brake::failures - 1))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was counted last before `before`, `limit` at a time.
pub fn prune(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old = brake::table.filter(brake::newest_at.lt(before)).limit(limit).select(brake::what);
    let old: Vec<String> = old.load(&mut **tx)?;
    Ok(diesel::delete(brake::table.filter(brake::what.eq_any(old))).execute(&mut **tx)?)
}
