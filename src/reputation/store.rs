//! All SQL of reputation.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types;

use super::{Counted, Event};
use crate::clock::Millis;
use crate::db::schema::{member, reputation};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;

/// Counts an event for a member, or (`counts` false) counts it no more; the sum moves by the difference. Once more changes
/// nothing.
pub fn set(tx: &mut Tx<'_>, of: MemberId, event: Event, counts: bool, now: Millis) -> Result<(), DbError> {
    hold(tx, of)?;
    let name = event.to_string();
    let row = reputation::member_id.eq(of.0).and(reputation::event.eq(name.clone()));
    let before: i64 =
        reputation::table.filter(row.clone()).select(reputation::points).first(&mut **tx).optional()?.unwrap_or(0);
    let after = if counts { event.points() } else { 0 };
    if before == after {
        return Ok(());
    }
    diesel::delete(reputation::table.filter(row)).execute(&mut **tx)?;
    if after != 0 {
        insert(tx, of, &Counted { event: name, points: after, at: now })?;
    }
    diesel::update(member::table.find(of))
        .set(member::reputation.eq(member::reputation + (after - before)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Makes others who count for the same member wait until the end of the transaction.
pub fn hold(tx: &mut Tx<'_>, of: MemberId) -> Result<(), DbError> {
    diesel::update(member::table.find(of)).set(member::reputation.eq(member::reputation)).execute(&mut **tx)?;
    Ok(())
}

fn insert(tx: &mut Tx<'_>, of: MemberId, counted: &Counted) -> Result<(), DbError> {
    diesel::insert_into(reputation::table)
        .values((
            reputation::member_id.eq(of.0),
            reputation::event.eq(&counted.event),
            reputation::points.eq(counted.points),
            reputation::at.eq(counted.at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What counts for a member, by the name of the event.
pub fn list_events(conn: &mut Conn, of: MemberId) -> Result<Vec<Counted>, DbError> {
    let rows: Vec<(String, i64, Millis)> = reputation::table
        .filter(reputation::member_id.eq(of.0))
        .order(reputation::event)
        .select((reputation::event, reputation::points, reputation::at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(event, points, at)| Counted { event, points, at }).collect())
}

/// Puts these in the place of everything that counts for a member. What counted before keeps its time. `false`: it was
/// all there, and the sum was right.
pub fn replace(tx: &mut Tx<'_>, of: MemberId, counted: &[Counted]) -> Result<bool, DbError> {
    hold(tx, of)?;
    let before = list_events(tx, of)?;
    let sum: i64 = member::table.find(of).select(member::reputation).first(&mut **tx)?;
    let right = counted.iter().map(|one| one.points).sum::<i64>();
    let known: HashMap<(&str, i64), Millis> =
        before.iter().map(|one| ((one.event.as_str(), one.points), one.at)).collect();
    let is_same = before.len() == counted.len()
        && counted.iter().all(|one| known.contains_key(&(one.event.as_str(), one.points)));
    if is_same && sum == right {
        return Ok(false);
    }
    diesel::delete(reputation::table.filter(reputation::member_id.eq(of.0))).execute(&mut **tx)?;
    for one in counted {
        let at = known.get(&(one.event.as_str(), one.points)).copied().unwrap_or(one.at);
        insert(tx, of, &Counted { at, ..one.clone() })?;
    }
    diesel::update(member::table.find(of)).set(member::reputation.eq(right)).execute(&mut **tx)?;
    tx.shown_everywhere();
    Ok(true)
}

/// The sums of these members.
pub fn of_members(conn: &mut Conn, ids: &[MemberId]) -> Result<HashMap<MemberId, i64>, DbError> {
    let rows: Vec<(MemberId, i64)> =
        member::table.filter(member::id.eq_any(ids)).select((member::id, member::reputation)).load(conn)?;
    Ok(rows.into_iter().collect())
}

#[derive(QueryableByName)]
struct Leader {
    #[diesel(sql_type = sql_types::BigInt)]
    member_id: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    points: i64,
}

/// Who gained most since then, the first first; `None`: ever. Who gained nothing is not among them, nor who left.
pub fn list_leaders(conn: &mut Conn, since: Option<Millis>, limit: i64) -> Result<Vec<(MemberId, i64)>, DbError> {
    let Some(since) = since else {
        // Written out, as in the index that holds them in order.
        let gained = diesel::dsl::sql::<sql_types::Bool>("member.reputation > 0");
        let all = member::table.filter(gained).filter(member::left_at.is_null());
        return Ok(all
            .order((member::reputation.desc(), member::id))
            .limit(limit)
            .select((member::id, member::reputation))
            .load(conn)?);
    };
    // What is recent comes first, by the index of time: SQLite would rather walk through everything in the order of members.
    let query = "WITH recent AS MATERIALIZED (SELECT member_id, points FROM reputation WHERE at >= $1) \
                 SELECT recent.member_id, CAST(sum(recent.points) AS BIGINT) AS points FROM recent \
                 JOIN member ON member.id = recent.member_id AND member.left_at IS NULL \
                 GROUP BY recent.member_id HAVING sum(recent.points) > 0 \
                 ORDER BY points DESC, recent.member_id LIMIT $2";
    let rows: Vec<Leader> = diesel::sql_query(query)
        .bind::<sql_types::BigInt, _>(since.0)
        .bind::<sql_types::BigInt, _>(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (MemberId(row.member_id), row.points)).collect())
}
