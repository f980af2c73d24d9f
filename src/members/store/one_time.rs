//! The rows of one-time links.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::one_time;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::members::one_time::{NewOneTime, Purpose};

/// A link that still holds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct OneTime {
    pub member: Option<MemberId>,
    /// The address that it was mailed to.
    pub email: String,
    pub form: String,
}

pub(in crate::members) fn insert(
    tx: &mut Tx<'_>,
    token_hash: &str,
    new: &NewOneTime,
    now: Millis,
    expires_at: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(one_time::table)
        .values((
            one_time::token_hash.eq(token_hash),
            one_time::purpose.eq(new.purpose),
            one_time::member_id.eq(new.member),
            one_time::email.eq(&new.email),
            one_time::form.eq(&new.form),
            one_time::created_at.eq(now),
            one_time::expires_at.eq(expires_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

pub(in crate::members) fn find_open(
    conn: &mut Conn,
    token_hash: &str,
    purpose: Purpose,
    now: Millis,
) -> Result<Option<OneTime>, DbError> {
    Ok(one_time::table
        .find(token_hash)
        .filter(one_time::purpose.eq(purpose))
        .filter(one_time::used_at.is_null())
        .filter(one_time::expires_at.gt(now))
        .select((one_time::member_id, one_time::email, one_time::form))
        .first(conn)
        .optional()?)
}

/// `false`: somebody was faster.
pub(in crate::members) fn mark_used(tx: &mut Tx<'_>, token_hash: &str, now: Millis) -> Result<bool, DbError> {
    let open = one_time::table.find(token_hash).filter(one_time::used_at.is_null());
    Ok(diesel::update(open).set(one_time::used_at.eq(Some(now))).execute(&mut **tx)? == 1)
}

pub(in crate::members) fn end_of(
    tx: &mut Tx<'_>,
    member: MemberId,
    purpose: Purpose,
    now: Millis,
) -> Result<(), DbError> {
    let open = one_time::table
        .filter(one_time::member_id.eq(member))
        .filter(one_time::purpose.eq(purpose))
        .filter(one_time::used_at.is_null());
    diesel::update(open).set(one_time::used_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(())
}

/// Forgets what a member began and had not finished, but for a confirmation, which opens nothing.
pub(in crate::members) fn forget_begun(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    let begun = one_time::table.filter(one_time::member_id.eq(member)).filter(one_time::purpose.ne(Purpose::Confirm));
    diesel::delete(begun).execute(&mut **tx)?;
    Ok(())
}

/// Forgets all links of a member.
pub(in crate::members) fn forget_all(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    diesel::delete(one_time::table.filter(one_time::member_id.eq(member))).execute(&mut **tx)?;
    Ok(())
}

/// Throws away at most `limit` links that ended before `before`.
pub fn prune(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let over = one_time::table.filter(one_time::expires_at.lt(before)).limit(limit).select(one_time::token_hash);
    let over: Vec<String> = over.load(&mut **tx)?;
    Ok(diesel::delete(one_time::table.filter(one_time::token_hash.eq_any(over))).execute(&mut **tx)?)
}
