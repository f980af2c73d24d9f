//! All SQL of brakes.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::brake;
use crate::db::{DbError, Tx, per_database};

pub(super) struct Known {
    pub failures: i64,
    pub newest_at: Millis,
    pub refused_until: Option<Millis>,
}

/// What is known, held until the transaction ends: two tries at once wait for each other.
pub(super) fn load(tx: &mut Tx<'_>, what: &str) -> Result<Option<Known>, DbError> {
    // Touched before it is read: PostgreSQL keeps others out from then on. SQLite has one writer.
    let touched: Option<(i64, Millis, Option<Millis>)> = diesel::update(brake::table.find(what))
        .set(brake::failures.eq(brake::failures))
        .returning((brake::failures, brake::newest_at, brake::refused_until))
        .get_result(&mut **tx)
        .optional()?;
    Ok(touched.map(|(failures, newest_at, refused_until)| Known { failures, newest_at, refused_until }))
}

pub(super) fn save(
    tx: &mut Tx<'_>,
    what: &str,
    failures: i64,
    now: Millis,
    refused_until: Option<Millis>,
) -> Result<(), DbError> {
    let row = (
        brake::what.eq(what),
        brake::failures.eq(failures),
        brake::newest_at.eq(now),
        brake::refused_until.eq(refused_until),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(brake::table)
        .values(row)
        .on_conflict(brake::what)
        .do_update()
        .set((
            brake::failures.eq(failures),
            brake::newest_at.eq(now),
            brake::refused_until.eq(refused_until),
        ))
        .execute(conn))?;
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

/// Forgets what was tried last before `before`, `limit` at a time.
pub fn prune(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old = brake::table.filter(brake::newest_at.lt(before)).limit(limit).select(brake::what);
    let old: Vec<String> = old.load(&mut **tx)?;
    Ok(diesel::delete(brake::table.filter(brake::what.eq_any(old))).execute(&mut **tx)?)
}
