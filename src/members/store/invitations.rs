//! The rows of invitations.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::invitation;
use crate::db::{Conn, DbError, Tx};
use crate::members::invitations::InvitationId;
use crate::members::{MemberId, Role};

/// Who makes or loses an administrator does it under this lock of PostgreSQL: two at once must not both be the first, nor
/// the last. SQLite has one writer.
const ADVISORY_LOCK: i64 = 0x616e_7377_6465_736b;

/// An invitation that can still be taken.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Invitation {
    pub id: InvitationId,
    pub role: Role,
    pub title: String,
    /// `None`: it is the first administrator's, and the server made it.
    pub created_by: Option<MemberId>,
    pub created_at: Millis,
    pub expires_at: Millis,
}

pub(in crate::members) fn insert(
    tx: &mut Tx<'_>,
    token_hash: &str,
    (role, title): (Role, &str),
    by: Option<MemberId>,
    now: Millis,
    expires_at: Millis,
) -> Result<InvitationId, DbError> {
    Ok(diesel::insert_into(invitation::table)
        .values((
            invitation::token_hash.eq(token_hash),
            invitation::role.eq(role),
            invitation::title.eq(title),
            invitation::created_by.eq(by),
            invitation::created_at.eq(now),
            invitation::expires_at.eq(expires_at),
        ))
        .returning(invitation::id)
        .get_result(&mut **tx)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        invitation::id,
        invitation::role,
        invitation::title,
        invitation::created_by,
        invitation::created_at,
        invitation::expires_at,
    )
}

#[diesel::dsl::auto_type(no_type_alias)]
fn open_at(now: Millis) -> _ {
    invitation::used_at.is_null().and(invitation::revoked_at.is_null()).and(invitation::expires_at.gt(now))
}

pub(in crate::members) fn find_open(
    conn: &mut Conn,
    token_hash: &str,
    now: Millis,
) -> Result<Option<Invitation>, DbError> {
    let row = invitation::table.filter(invitation::token_hash.eq(token_hash)).filter(open_at(now));
    Ok(row.select(columns()).first(conn).optional()?)
}

/// Those that administrators made and that can still be taken, newest first.
pub fn list_open(conn: &mut Conn, now: Millis) -> Result<Vec<Invitation>, DbError> {
    let rows = invitation::table.filter(invitation::created_by.is_not_null()).filter(open_at(now));
    Ok(rows.order(invitation::id.desc()).select(columns()).load(conn)?)
}

pub(in crate::members) fn mark_used(
    tx: &mut Tx<'_>,
    id: InvitationId,
    by: MemberId,
    now: Millis,
) -> Result<bool, DbError> {
    let used = diesel::update(invitation::table.find(id).filter(open_at(now)))
        .set((invitation::used_by.eq(by), invitation::used_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(used == 1)
}

/// Takes an administrator's invitation back; `false`: it was used or taken back before, or is the server's own.
pub fn revoke(tx: &mut Tx<'_>, id: InvitationId, now: Millis) -> Result<bool, DbError> {
    let row = invitation::table.find(id).filter(invitation::created_by.is_not_null()).filter(open_at(now));
    Ok(diesel::update(row).set(invitation::revoked_at.eq(now)).execute(&mut **tx)? == 1)
}

/// Takes back all that somebody made (`None`: the server), so that nobody comes back by a link of their own.
pub fn revoke_of(tx: &mut Tx<'_>, by: Option<MemberId>, now: Millis) -> Result<(), DbError> {
    let open = open_at(now);
    match by {
        Some(by) => diesel::update(invitation::table.filter(invitation::created_by.eq(by)).filter(open))
            .set(invitation::revoked_at.eq(now))
            .execute(&mut **tx)?,
        None => diesel::update(invitation::table.filter(invitation::created_by.is_null()).filter(open))
            .set(invitation::revoked_at.eq(now))
            .execute(&mut **tx)?,
    };
    Ok(())
}

/// Waits for whoever makes or loses an administrator at this moment, until the end of the transaction.
pub(in crate::members) fn in_turn(tx: &mut Tx<'_>) -> Result<(), DbError> {
    if let Conn::Postgres(postgres) = &mut **tx {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).execute(postgres)?;
    }
    Ok(())
}
