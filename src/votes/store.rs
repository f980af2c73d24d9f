//! All SQL of votes.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Cast, CastError, Vote};
use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::db::schema::vote;
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::posts::{self, Author};
use crate::questions::{self, QuestionId};
use crate::reputation::{self, Event};

/// SQLite takes so many values in one statement, and more.
const POSTS_AT_ONCE: usize = 500;

/// Makes `wanted` the member's vote on a question or an answer (`None` takes it back) and moves the score by the
/// difference. A comment cannot be voted on: it is not found.
pub fn cast(
    tx: &mut Tx<'_>,
    member: MemberId,
    post: PostRef,
    wanted: Option<Vote>,
    now: Millis,
) -> Result<(), CastError> {
    let mine = vote::member_id.eq(member).and(vote::post_kind.eq(post.kind)).and(vote::post_id.eq(post.id));
    let before: Option<i64> = vote::table.filter(mine).select(vote::value).first(&mut **tx).optional()?;
    let after = wanted.map(Vote::value);
    // Each branch touches a row only as it was read: a faster request of the same member shows as no row.
    let done = match (before, after) {
        (before, after) if before == after => return Ok(()),
        (None, Some(value)) => insert(tx, member, post, value, now),
        (Some(old), Some(value)) => {
            let known = vote::table.filter(mine).filter(vote::value.eq(old));
            diesel::update(known).set((vote::value.eq(value), vote::created_at.eq(now))).execute(&mut **tx)
        }
        (Some(old), None) => diesel::delete(vote::table.filter(mine).filter(vote::value.eq(old))).execute(&mut **tx),
        (None, None) => Ok(1),
    };
    match done.map_err(DbError::from) {
        Ok(1) => {}
        Ok(_) => return Err(CastError::Raced),
        Err(error) if error.is_unique_violation() => return Err(CastError::Raced),
        Err(error) => return Err(error.into()),
    }
    let difference = after.unwrap_or(0) - before.unwrap_or(0);
    match post.kind {
        PostKind::Question => questions::add_score(tx, QuestionId(post.id), difference, now)?,
        PostKind::Answer => answers::add_score(tx, AnswerId(post.id), difference, now)?,
        PostKind::Comment => return Err(diesel::result::Error::NotFound.into()),
    }
    if let Some(author) = posts::find_author(tx, post)?.and_then(Author::member) {
        let event = Event::Vote { post, by: member, value: after.unwrap_or(0) };
        reputation::set(tx, author, event, after.is_some(), now)?;
    }
    Ok(())
}

/// The votes on what a member wrote: post, who cast it, its value, and when.
pub fn list_for_author(conn: &mut Conn, author: MemberId) -> Result<Vec<Cast>, DbError> {
    let posts = posts::list_judged_of(conn, author)?;
    let mut cast = Vec::new();
    for kind in [PostKind::Question, PostKind::Answer] {
        let ids: Vec<i64> = posts.iter().filter(|post| post.kind == kind).map(|post| post.id).collect();
        for some in ids.chunks(POSTS_AT_ONCE) {
            let rows: Vec<(i64, MemberId, i64, Millis)> = vote::table
                .filter(vote::post_kind.eq(kind))
                .filter(vote::post_id.eq_any(some))
                .select((vote::post_id, vote::member_id, vote::value, vote::created_at))
                .load(conn)?;
            let read = |(id, by, value, at)| Cast { post: PostRef { kind, id }, by, value, at };
            cast.extend(rows.into_iter().map(read));
        }
    }
    Ok(cast)
}

fn insert(tx: &mut Tx<'_>, member: MemberId, post: PostRef, value: i64, now: Millis) -> QueryResult<usize> {
    diesel::insert_into(vote::table)
        .values((
            vote::member_id.eq(member),
            vote::post_kind.eq(post.kind),
            vote::post_id.eq(post.id),
            vote::value.eq(value),
            vote::created_at.eq(now),
        ))
        .execute(&mut **tx)
}

/// The votes of one member on a thread: its question and these answers. Votes elsewhere may be among them.
pub fn list_of_member(
    conn: &mut Conn,
    member: MemberId,
    question: QuestionId,
    answers: &[AnswerId],
) -> Result<HashMap<PostRef, Vote>, DbError> {
    // Asked for as kinds times ids, which is one range of the unique index each, instead of all votes of the member.
    let ids = std::iter::once(question.0).chain(answers.iter().map(|answer| answer.0));
    let rows: Vec<(PostKind, i64, i64)> = vote::table
        .filter(vote::member_id.eq(member))
        .filter(vote::post_kind.eq_any([PostKind::Question, PostKind::Answer]))
        .filter(vote::post_id.eq_any(ids))
        .select((vote::post_kind, vote::post_id, vote::value))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(kind, id, value)| (PostRef { kind, id }, if value > 0 { Vote::Up } else { Vote::Down }))
        .collect())
}

/// A vote, for whoever cast it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voted {
    pub id: i64,
    pub post: PostRef,
    /// See [`Vote::value`].
    pub value: i64,
    pub at: Millis,
}

/// Up to `limit` votes of a member after the id, oldest first.
pub fn list_by_member(conn: &mut Conn, member: MemberId, after: i64, limit: i64) -> Result<Vec<Voted>, DbError> {
    let rows: Vec<(i64, PostKind, i64, i64, Millis)> = vote::table
        .filter(vote::member_id.eq(member))
        .filter(vote::id.gt(after))
        .order(vote::id)
        .limit(limit)
        .select((vote::id, vote::post_kind, vote::post_id, vote::value, vote::created_at))
        .load(conn)?;
    let voted = |(id, kind, post, value, at)| Voted { id, post: PostRef { kind, id: post }, value, at };
    Ok(rows.into_iter().map(voted).collect())
}
