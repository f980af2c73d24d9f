//! When periodic work is due, and which copies were made.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{backup, periodic};
use crate::db::{Conn, DbError, Tx, per_database};

/// The names of the work that is not due yet.
pub(super) fn list_later(conn: &mut Conn, now: Millis) -> Result<Vec<String>, DbError> {
    Ok(periodic::table.filter(periodic::due_at.gt(now)).select(periodic::name).load(conn)?)
}

/// Takes the turn to do this work; `false`: it is not due, or another node is at it.
pub(super) fn claim(tx: &mut Tx<'_>, name: &str, now: Millis, next: Millis) -> Result<bool, DbError> {
    let first = (periodic::name.eq(name), periodic::due_at.eq(now));
    per_database!(&mut **tx, conn => diesel::insert_into(periodic::table)
        .values(first)
        .on_conflict_do_nothing()
        .execute(conn))?;
    let claimed = diesel::update(periodic::table.find(name).filter(periodic::due_at.le(now)))
        .set((periodic::due_at.eq(next), periodic::done_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(claimed == 1)
}

pub(super) fn set_due(tx: &mut Tx<'_>, name: &str, due: Millis) -> Result<(), DbError> {
    diesel::update(periodic::table.find(name)).set(periodic::due_at.eq(due)).execute(&mut **tx)?;
    Ok(())
}

/// A whole copy that was made of this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct BackupRow {
    pub made_at: Millis,
    pub bytes: i64,
}

pub fn insert_backup(tx: &mut Tx<'_>, made: BackupRow) -> Result<(), DbError> {
    diesel::insert_into(backup::table)
        .values((backup::made_at.eq(made.made_at), backup::bytes.eq(made.bytes)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The newest copy that is known of.
pub fn newest_backup(conn: &mut Conn) -> Result<Option<BackupRow>, DbError> {
    let newest = backup::table.order(backup::made_at.desc()).select((backup::made_at, backup::bytes));
    Ok(newest.first(conn).optional()?)
}
