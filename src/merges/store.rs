//! All SQL of merges and splits, and of what is neither.

use diesel::prelude::*;

use super::{MergeId, SplitId};
use crate::clock::Millis;
use crate::db::schema::{merge, not_the_same, split};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database};
use crate::members::MemberId;
use crate::questions::QuestionId;

/// Notes that one thread is part of another. One that is part of another already is a unique violation.
pub(super) fn insert_merge(
    tx: &mut Tx<'_>,
    question: QuestionId,
    into: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<MergeId, DbError> {
    Ok(diesel::insert_into(merge::table)
        .values((
            merge::question_id.eq(question),
            merge::into_id.eq(into),
            merge::member_id.eq(by),
            merge::created_at.eq(now),
        ))
        .returning(merge::id)
        .get_result(&mut **tx)?)
}

/// Takes the merge of a thread back; `false`: there is none.
pub(super) fn undo_merge(tx: &mut Tx<'_>, question: QuestionId, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let standing = merge::table.filter(merge::question_id.eq(question)).filter(merge::undone_at.is_null());
    let done = diesel::update(standing)
        .set((merge::undone_at.eq(Some(now)), merge::undone_by.eq(Some(by))))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

/// The threads that were merged into this one itself.
pub(super) fn list_parts(conn: &mut Conn, into: QuestionId) -> Result<Vec<QuestionId>, DbError> {
    Ok(merge::table
        .filter(merge::into_id.eq(into))
        .filter(merge::undone_at.is_null())
        .order(merge::id)
        .select(merge::question_id)
        .load(conn)?)
}

fn in_order(one: QuestionId, other: QuestionId) -> (QuestionId, QuestionId) {
    (one.min(other), one.max(other))
}

/// Notes that two questions are not the same. Once more changes nothing.
pub(super) fn insert_not_the_same(
    tx: &mut Tx<'_>,
    (one, other): (QuestionId, QuestionId),
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let (lower, higher) = in_order(one, other);
    let row = (
        not_the_same::question_id.eq(lower),
        not_the_same::other_id.eq(higher),
        not_the_same::member_id.eq(by),
        not_the_same::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(not_the_same::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// The questions of which staff said that they are not the same as this one.
pub fn list_not_the_same(conn: &mut Conn, question: QuestionId) -> Result<Vec<QuestionId>, DbError> {
    let mut others: Vec<QuestionId> =
        not_the_same::table.filter(not_the_same::question_id.eq(question)).select(not_the_same::other_id).load(conn)?;
    let lower: Vec<QuestionId> =
        not_the_same::table.filter(not_the_same::other_id.eq(question)).select(not_the_same::question_id).load(conn)?;
    others.extend(lower);
    Ok(others)
}

/// A post that became a question of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub id: SplitId,
    /// The question that it became.
    pub question: QuestionId,
    pub from: QuestionId,
    pub post: PostRef,
    pub at: Millis,
}

type Row = (SplitId, QuestionId, QuestionId, PostKind, i64, Millis);

fn decode((id, question, from, kind, post_id, at): Row) -> Split {
    Split { id, question, from, post: PostRef { kind, id: post_id }, at }
}

/// Notes that a post became a question. One that did already is a unique violation.
pub(super) fn insert_split(
    tx: &mut Tx<'_>,
    (post, from): (PostRef, QuestionId),
    question: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<SplitId, DbError> {
    Ok(diesel::insert_into(split::table)
        .values((
            split::question_id.eq(question),
            split::from_question_id.eq(from),
            split::post_kind.eq(post.kind),
            split::post_id.eq(post.id),
            split::member_id.eq(by),
            split::created_at.eq(now),
        ))
        .returning(split::id)
        .get_result(&mut **tx)?)
}

/// Takes a split back; `false`: somebody did already.
pub(super) fn undo_split(tx: &mut Tx<'_>, id: SplitId, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let standing = split::table.find(id).filter(split::undone_at.is_null());
    let done = diesel::update(standing)
        .set((split::undone_at.eq(Some(now)), split::undone_by.eq(Some(by))))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

/// How a question began as a post of another thread; `None`: it did not.
pub fn find_split_of(conn: &mut Conn, question: QuestionId) -> Result<Option<Split>, DbError> {
    let row: Option<Row> = split::table
        .filter(split::question_id.eq(question))
        .filter(split::undone_at.is_null())
        .select((
            split::id,
            split::question_id,
            split::from_question_id,
            split::post_kind,
            split::post_id,
            split::created_at,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(decode))
}

/// The question that a post became; `None`: it stands where it stood.
pub fn find_split_off(conn: &mut Conn, post: PostRef) -> Result<Option<QuestionId>, DbError> {
    Ok(split::table
        .filter(split::post_kind.eq(post.kind))
        .filter(split::post_id.eq(post.id))
        .filter(split::undone_at.is_null())
        .select(split::question_id)
        .first(conn)
        .optional()?)
}

/// What left this thread to become questions, oldest first.
pub fn list_splits(conn: &mut Conn, from: QuestionId) -> Result<Vec<Split>, DbError> {
    let rows: Vec<Row> = split::table
        .filter(split::from_question_id.eq(from))
        .filter(split::undone_at.is_null())
        .order(split::id)
        .select((
            split::id,
            split::question_id,
            split::from_question_id,
            split::post_kind,
            split::post_id,
            split::created_at,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}
