//! All SQL of follows. Here: who follows what.

pub mod searches;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Kind, What, list_searches_of};
use crate::clock::Millis;
use crate::db::schema::{follow, member};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;

/// Once more changes nothing.
pub fn follow(tx: &mut Tx<'_>, by: MemberId, what: What, now: Millis) -> Result<(), DbError> {
    let row = (
        follow::member_id.eq(by.0),
        follow::kind.eq(what.kind),
        follow::ref_id.eq(what.id),
        follow::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(follow::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

pub fn unfollow(tx: &mut Tx<'_>, by: MemberId, what: What) -> Result<(), DbError> {
    diesel::delete(follow::table.find((by.0, what.kind, what.id))).execute(&mut **tx)?;
    match what.kind {
        Kind::Search => searches::end_if_left(tx, what.id),
        Kind::Question | Kind::Tag | Kind::Topic | Kind::Member => Ok(()),
    }
}

/// Forgets what a member followed, and who followed them: they left.
pub fn forget(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    let searches = list_searches_of(tx, member)?;
    diesel::delete(follow::table.filter(follow::member_id.eq(member.0))).execute(&mut **tx)?;
    let of_them = follow::table.filter(follow::kind.eq(Kind::Member)).filter(follow::ref_id.eq(member.0));
    diesel::delete(of_them).execute(&mut **tx)?;
    searches.iter().try_for_each(|search| searches::end_if_left(tx, search.id))
}

pub fn is_following(conn: &mut Conn, by: MemberId, what: What) -> Result<bool, DbError> {
    let row = follow::table.find((by.0, what.kind, what.id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Everything that a member follows, newest first.
pub fn list_of_member(conn: &mut Conn, by: MemberId, limit: i64) -> Result<Vec<What>, DbError> {
    let rows: Vec<(Kind, i64)> = follow::table
        .filter(follow::member_id.eq(by.0))
        .order((follow::created_at.desc(), follow::kind, follow::ref_id))
        .limit(limit)
        .select((follow::kind, follow::ref_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(kind, id)| What { kind, id }).collect())
}

/// The next `limit` members after `after` who follow one of these, each once, by id. One range of the index for each.
pub fn list_followers(conn: &mut Conn, of: &[What], after: MemberId, limit: i64) -> Result<Vec<MemberId>, DbError> {
    let mut found: Vec<i64> = Vec::new();
    for what in of {
        let some: Vec<i64> = follow::table
            .filter(follow::kind.eq(what.kind))
            .filter(follow::ref_id.eq(what.id))
            .filter(follow::member_id.gt(after.0))
            .order(follow::member_id)
            .limit(limit)
            .select(follow::member_id)
            .load(conn)?;
        found.extend(some);
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(MemberId).collect())
}

/// A question became part of another: whoever followed it follows that one. One statement, however many they are.
pub fn move_followers(tx: &mut Tx<'_>, from: i64, into: i64) -> Result<(), DbError> {
    let copy = "INSERT INTO follow (member_id, kind, ref_id, created_at) \
                SELECT one.member_id, one.kind, $1, one.created_at FROM follow AS one \
                WHERE one.kind = 'question' AND one.ref_id = $2 AND NOT EXISTS (\
                SELECT 1 FROM follow AS two WHERE two.member_id = one.member_id AND two.kind = 'question' AND two.ref_id = $1)";
    diesel::sql_query(copy).bind::<BigInt, _>(into).bind::<BigInt, _>(from).execute(&mut **tx)?;
    Ok(())
}

/// Whether a member follows by themselves what they write in.
pub fn follows_own(conn: &mut Conn, of: MemberId) -> Result<bool, DbError> {
    let chosen: Option<i64> = member::table.find(of).select(member::follows_own).first(conn).optional()?;
    Ok(chosen != Some(0))
}

pub fn set_follows_own(tx: &mut Tx<'_>, of: MemberId, wanted: bool) -> Result<(), DbError> {
    diesel::update(member::table.find(of)).set(member::follows_own.eq(i64::from(wanted))).execute(&mut **tx)?;
    Ok(())
}
