//! The rows of sessions.

use diesel::prelude::*;

use super::{MemberColumns, decode_ban, decode_member, member_columns};
use crate::clock::Millis;
use crate::db::schema::{member, session};
use crate::db::{Conn, DbError, Tx};
use crate::members::sessions::SessionId;
use crate::members::{Ban, Member, MemberId, Role};

/// Where a session was begun from, for its owner to tell it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::members) struct Device {
    /// What the browser calls itself.
    pub agent: String,
    pub address: String,
}

pub(in crate::members) fn insert_session(
    tx: &mut Tx<'_>,
    token_hash: &str,
    id: MemberId,
    device: &Device,
    now: Millis,
    end: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(session::table)
        .values((
            session::token_hash.eq(token_hash),
            session::member_id.eq(id),
            session::created_at.eq(now),
            session::expires_at.eq(end),
            session::seen_at.eq(Some(now)),
            session::agent.eq(&device.agent),
            session::address.eq(&device.address),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Whoever holds a session.
pub(in crate::members) struct Holder {
    pub member: Member,
    /// What keeps them from writing.
    pub ban: Option<Ban>,
    /// When a request of this session was last written down.
    pub seen_at: Millis,
}

/// Whoever holds this session.
pub(in crate::members) fn find_session(
    conn: &mut Conn,
    token_hash: &str,
    now: Millis,
) -> Result<Option<Holder>, DbError> {
    type Seen = (Option<Millis>, Millis);
    type Row = (MemberColumns, (Option<Millis>, Option<String>), Seen);
    let row: Option<Row> = session::table
        .inner_join(member::table)
        .filter(session::token_hash.eq(token_hash))
        .filter(session::expires_at.gt(now))
        .filter(member::left_at.is_null())
        .select((
            member_columns!(),
            (member::banned_until, member::ban_reason),
            (session::seen_at, session::created_at),
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(who, ban, (seen_at, created_at))| Holder {
        member: decode_member(who),
        ban: decode_ban(ban, now),
        seen_at: seen_at.unwrap_or(created_at),
    }))
}

/// A session that is open, for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct OpenSession {
    pub id: SessionId,
    token_hash: String,
    pub created_at: Millis,
    pub seen_at: Option<Millis>,
    pub agent: String,
    pub address: String,
}

impl OpenSession {
    /// Whether this is the session with this mark.
    pub fn is(&self, mark: Option<&str>) -> bool {
        mark == Some(self.token_hash.as_str())
    }
}

/// The open sessions of a member, the one that was used last first.
pub fn list_sessions(conn: &mut Conn, member: MemberId, now: Millis) -> Result<Vec<OpenSession>, DbError> {
    Ok(session::table
        .filter(session::member_id.eq(member))
        .filter(session::expires_at.gt(now))
        .order((session::seen_at.desc(), session::id.desc()))
        .select((
            session::id,
            session::token_hash,
            session::created_at,
            session::seen_at,
            session::agent,
            session::address,
        ))
        .load(conn)?)
}

/// Writes down that a session is in use.
pub(in crate::members) fn see_session(tx: &mut Tx<'_>, token_hash: &str, now: Millis) -> Result<(), DbError> {
    let known = session::table.filter(session::token_hash.eq(token_hash));
    diesel::update(known).set(session::seen_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(())
}

/// Ends one session of a member; one that is over or somebody else's is left alone.
pub(in crate::members) fn end_one(tx: &mut Tx<'_>, member: MemberId, id: SessionId) -> Result<(), DbError> {
    diesel::delete(session::table.find(id).filter(session::member_id.eq(member))).execute(&mut **tx)?;
    Ok(())
}

/// Ends all sessions of a member but the one with this mark.
pub(in crate::members) fn end_others(tx: &mut Tx<'_>, member: MemberId, kept: &str) -> Result<(), DbError> {
    let others = session::table.filter(session::member_id.eq(member)).filter(session::token_hash.ne(kept));
    diesel::delete(others).execute(&mut **tx)?;
    Ok(())
}

/// Those of these sessions whose members still work at the desk.
pub fn list_sessions_at_desk(conn: &mut Conn, marks: &[String], now: Millis) -> Result<Vec<(String, Role)>, DbError> {
    Ok(session::table
        .inner_join(member::table)
        .filter(session::token_hash.eq_any(marks))
        .filter(session::expires_at.gt(now))
        .filter(member::role.eq_any(Role::DESK))
        .select((session::token_hash, member::role))
        .load(conn)?)
}

/// Whose session this is; `None`: it ended.
pub fn find_holder(conn: &mut Conn, mark: &str, now: Millis) -> Result<Option<MemberId>, DbError> {
    Ok(session::table
        .inner_join(member::table)
        .filter(session::token_hash.eq(mark))
        .filter(session::expires_at.gt(now))
        .filter(member::left_at.is_null())
        .select(member::id)
        .first(conn)
        .optional()?)
}

pub(in crate::members) fn delete_session(tx: &mut Tx<'_>, token_hash: &str) -> Result<(), DbError> {
    diesel::delete(session::table.filter(session::token_hash.eq(token_hash))).execute(&mut **tx)?;
    Ok(())
}

/// Throws away at most `limit` sessions that ended before `before`.
pub fn prune_sessions(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let over = session::table.filter(session::expires_at.lt(before)).limit(limit).select(session::id);
    let over: Vec<i64> = over.load(&mut **tx)?;
    Ok(diesel::delete(session::table.filter(session::id.eq_any(over))).execute(&mut **tx)?)
}
