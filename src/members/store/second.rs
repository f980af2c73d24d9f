//! The rows of the second factor: its sealed secret, the newest step that was used, and the recovery codes.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{member, recovery_code};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;

/// What is stored of a member's second factor.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(in crate::members) struct Stored {
    /// Sealed; `None`: none was ever set up.
    pub secret: Option<String>,
    /// Since when it is asked for; `None`: it is being set up.
    pub since: Option<Millis>,
}

pub(in crate::members) fn load(conn: &mut Conn, id: MemberId) -> Result<Stored, DbError> {
    Ok(member::table.find(id).select((member::totp_secret, member::totp_since)).first(conn)?)
}

/// Whether a member is asked for a second factor.
pub(in crate::members) fn is_on(conn: &mut Conn, id: MemberId) -> Result<bool, DbError> {
    Ok(load(conn, id)?.since.is_some())
}

/// Keeps a secret that is being set up; an earlier one gives way. `false`: the second factor is on.
pub(in crate::members) fn keep(tx: &mut Tx<'_>, id: MemberId, sealed: &str) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::totp_since.is_null());
    let kept = diesel::update(row)
        .set((member::totp_secret.eq(Some(sealed)), member::totp_step.eq(None::<i64>)))
        .execute(&mut **tx)?;
    Ok(kept == 1)
}

/// Turns it on with the secret that was `seen`. `false`: it is on, or is set up anew, in another window.
pub(in crate::members) fn turn_on(
    tx: &mut Tx<'_>,
    id: MemberId,
    seen: &str,
    step: i64,
    now: Millis,
) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::totp_since.is_null()).filter(member::totp_secret.eq(seen));
    let on = diesel::update(row)
        .set((member::totp_since.eq(Some(now)), member::totp_step.eq(Some(step))))
        .execute(&mut **tx)?;
    Ok(on == 1)
}

pub(in crate::members) fn turn_off(tx: &mut Tx<'_>, id: MemberId) -> Result<(), DbError> {
    diesel::update(member::table.find(id))
        .set((
            member::totp_secret.eq(None::<String>),
            member::totp_since.eq(None::<Millis>),
            member::totp_step.eq(None::<i64>),
        ))
        .execute(&mut **tx)?;
    diesel::delete(recovery_code::table.filter(recovery_code::member_id.eq(id))).execute(&mut **tx)?;
    Ok(())
}

/// Uses a step up. `false`: it, or a later one, was used before.
pub(in crate::members) fn use_step(tx: &mut Tx<'_>, id: MemberId, step: i64) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::totp_step.is_null().or(member::totp_step.lt(step)));
    Ok(diesel::update(row).set(member::totp_step.eq(Some(step))).execute(&mut **tx)? == 1)
}

/// Gives a member these recovery codes; earlier ones end.
pub(in crate::members) fn set_codes(tx: &mut Tx<'_>, id: MemberId, hashes: &[String]) -> Result<(), DbError> {
    diesel::delete(recovery_code::table.filter(recovery_code::member_id.eq(id))).execute(&mut **tx)?;
    for hash in hashes {
        diesel::insert_into(recovery_code::table)
            .values((recovery_code::member_id.eq(id), recovery_code::code_hash.eq(hash)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Uses a recovery code up. `false`: it is none, or was used.
pub(in crate::members) fn use_code(tx: &mut Tx<'_>, id: MemberId, hash: &str, now: Millis) -> Result<bool, DbError> {
    let row = recovery_code::table.find((id, hash)).filter(recovery_code::used_at.is_null());
    Ok(diesel::update(row).set(recovery_code::used_at.eq(Some(now))).execute(&mut **tx)? == 1)
}

/// How many recovery codes are left.
pub(in crate::members) fn count_codes(conn: &mut Conn, id: MemberId) -> Result<i64, DbError> {
    let left = recovery_code::table.filter(recovery_code::member_id.eq(id)).filter(recovery_code::used_at.is_null());
    Ok(left.count().get_result(conn)?)
}
