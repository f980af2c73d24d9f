//! All SQL of holds.

use diesel::prelude::*;

use super::{Decision, Hold, HoldId, Why};
use crate::clock::Millis;
use crate::db::schema::hold;
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::notices::{self, NewNotice};
use crate::queue::{self, Item};
use crate::topics::TopicId;

/// Puts a post that was written as held before staff, and tells its author.
pub fn hold(
    tx: &mut Tx<'_>,
    post: PostRef,
    question_id: i64,
    topic: Option<TopicId>,
    by: MemberId,
    why: Why,
    now: Millis,
) -> Result<HoldId, DbError> {
    let id: HoldId = diesel::insert_into(hold::table)
        .values((
            hold::post_kind.eq(post.kind),
            hold::post_id.eq(post.id),
            hold::question_id.eq(question_id),
            hold::member_id.eq(by),
            hold::why.eq(why),
            hold::created_at.eq(now),
        ))
        .returning(hold::id)
        .get_result(&mut **tx)?;
    await_staff(tx, id, question_id, topic, now)?;
    let notice = NewNotice {
        to: by,
        kind: notices::Kind::Held,
        question_id: Some(question_id),
        post: Some(post),
        subject: None,
        by: None,
        words: String::new(),
        at: now,
    };
    notices::tell(tx, &notice)?;
    Ok(id)
}

fn await_staff(
    tx: &mut Tx<'_>,
    id: HoldId,
    question_id: i64,
    topic: Option<TopicId>,
    since: Millis,
) -> Result<(), DbError> {
    let topic = topic.map(|topic| topic.0);
    queue::open(tx, &Item::in_thread(queue::Kind::HeldPost, id.0, question_id, topic, None, since))
}

/// A thread is shown again: what is held in it waits for staff again.
pub fn await_again(tx: &mut Tx<'_>, question_id: i64, topic: Option<TopicId>) -> Result<(), DbError> {
    let open: Vec<(HoldId, Millis)> = hold::table
        .filter(hold::question_id.eq(question_id))
        .filter(hold::decided_at.is_null())
        .select((hold::id, hold::created_at))
        .load(&mut **tx)?;
    open.into_iter().try_for_each(|(id, since)| await_staff(tx, id, question_id, topic, since))
}

/// Notes what was decided about a held post, and takes it out of the queue. `false`: somebody was faster.
pub fn settle(tx: &mut Tx<'_>, id: HoldId, decision: &Decision) -> Result<bool, DbError> {
    let done = diesel::update(hold::table.find(id))
        .filter(hold::decided_at.is_null())
        .set((
            hold::decided_at.eq(Some(decision.at)),
            hold::decided_by.eq(Some(decision.by)),
            hold::approved.eq(Some(i64::from(decision.approved))),
            hold::reason.eq(Some(&decision.reason)),
        ))
        .execute(&mut **tx)?;
    queue::close(tx, queue::Kind::HeldPost, id.0)?;
    Ok(done == 1)
}

type DecisionColumns = (Option<Millis>, Option<MemberId>, Option<i64>, Option<String>);
type Row = (HoldId, PostKind, i64, i64, MemberId, Why, Millis, DecisionColumns);

macro_rules! columns {
    () => {
        (
            hold::id,
            hold::post_kind,
            hold::post_id,
            hold::question_id,
            hold::member_id,
            hold::why,
            hold::created_at,
            (hold::decided_at, hold::decided_by, hold::approved, hold::reason),
        )
    };
}

fn decode((id, kind, post_id, question_id, by, why, created_at, decided): Row) -> Hold {
    let (at, decided_by, approved, reason) = decided;
    let decision = at.zip(decided_by).map(|(at, by)| Decision {
        approved: approved == Some(1),
        by,
        at,
        reason: reason.unwrap_or_default(),
    });
    Hold { id, post: PostRef { kind, id: post_id }, question_id, by, why, created_at, decision }
}

pub(super) fn find(conn: &mut Conn, id: HoldId) -> Result<Option<Hold>, DbError> {
    let row: Option<Row> = hold::table.find(id).select(columns!()).first(conn).optional()?;
    Ok(row.map(decode))
}

/// A hold that waits for a decision; `None`: it was decided, or never was.
pub fn find_open(conn: &mut Conn, id: HoldId) -> Result<Option<Hold>, DbError> {
    Ok(find(conn, id)?.filter(|hold| hold.decision.is_none()))
}

/// Whether a post waits for a decision.
pub fn waits(conn: &mut Conn, post: PostRef) -> Result<bool, DbError> {
    let open = hold::table
        .filter(hold::post_kind.eq(post.kind))
        .filter(hold::post_id.eq(post.id))
        .filter(hold::decided_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn)?)
}

/// What waits for a decision, oldest first.
pub fn list_open(conn: &mut Conn, limit: i64) -> Result<Vec<Hold>, DbError> {
    let rows: Vec<Row> =
        hold::table.filter(hold::decided_at.is_null()).order(hold::id).limit(limit).select(columns!()).load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

pub fn count_open(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(hold::table.filter(hold::decided_at.is_null()).count().get_result(conn)?)
}

/// The newest holds of a member's posts.
pub fn list_by_member(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<Hold>, DbError> {
    let rows: Vec<Row> = hold::table
        .filter(hold::member_id.eq(member))
        .order(hold::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}
