//! The versions of a member's comment: each stays readable, with who wrote it and why.

use diesel::prelude::*;

use super::changed;
use crate::clock::Millis;
use crate::comments::CommentId;
use crate::db::schema::{comment, comment_revision, member};
use crate::db::{Conn, DbError, Tx};
use crate::files;
use crate::members::MemberId;
use crate::news;
use crate::posts::Body;
use crate::posts::history::Written;
use crate::questions::QuestionId;

/// Gives a comment that is shown the words of a next version; the first time, what was there first is noted, too. `false`:
/// somebody changed it since revision `seen`, or it is not shown.
pub fn revise(
    tx: &mut Tx<'_>,
    id: CommentId,
    seen: i64,
    body: &Body,
    (by, reason): (MemberId, &str),
    now: Millis,
) -> Result<bool, DbError> {
    let done = diesel::update(comment::table.find(id))
        .filter(comment::removed_at.is_null())
        .filter(comment::revision.eq(seen))
        .set(comment::revision.eq(comment::revision + 1))
        .execute(&mut **tx)?;
    if done == 0 {
        return Ok(false);
    }
    let (question, before, member, created_at): (QuestionId, String, Option<MemberId>, Millis) = comment::table
        .find(id)
        .select((comment::question_id, comment::body, comment::member_id, comment::created_at))
        .first(&mut **tx)?;
    if seen == 1 {
        insert(tx, (id, 1), &before, (member, ""), created_at)?;
    }
    insert(tx, (id, seen + 1), &body.source, (Some(by), reason), now)?;
    diesel::update(comment::table.find(id))
        .set((comment::body.eq(&body.source), comment::body_html.eq(body.html.as_str())))
        .execute(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), Some(by), &body.html.pictures(), now)?;
    news::edited(tx, id.post(), by)?;
    changed(tx, id, question, now);
    Ok(true)
}

fn insert(
    tx: &mut Tx<'_>,
    (id, revision): (CommentId, i64),
    body: &str,
    (by, reason): (Option<MemberId>, &str),
    at: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(comment_revision::table)
        .values((
            comment_revision::comment_id.eq(id),
            comment_revision::revision.eq(revision),
            comment_revision::body.eq(body),
            comment_revision::member_id.eq(by),
            comment_revision::reason.eq(reason),
            comment_revision::created_at.eq(at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

type Row = (i64, String, Option<(String, String)>, String, Millis);

/// Every version of a comment, newest first; none where it never was changed. Not rendered yet.
pub fn list_versions(conn: &mut Conn, id: CommentId) -> Result<Vec<Written>, DbError> {
    let rows: Vec<Row> = comment_revision::table
        .left_join(member::table.on(comment_revision::member_id.eq(member::id.nullable())))
        .filter(comment_revision::comment_id.eq(id))
        .order(comment_revision::revision.desc())
        .select((
            comment_revision::revision,
            comment_revision::body,
            (member::name, member::handle).nullable(),
            comment_revision::reason,
            comment_revision::created_at,
        ))
        .load(conn)?;
    let written = |(number, body, by, reason, written_at): Row| {
        let (by, handle) = by.unzip();
        let (title, body_html) = (String::new(), String::new());
        let by = by.unwrap_or_else(|| "somebody who left".to_owned());
        Written { number, by, handle, written_at, reason, title, body, body_html }
    };
    Ok(rows.into_iter().map(written).collect())
}

/// Empties every version: the comment is gone for good.
pub(super) fn forget(tx: &mut Tx<'_>, id: CommentId) -> Result<(), DbError> {
    diesel::update(comment_revision::table.filter(comment_revision::comment_id.eq(id)))
        .set((comment_revision::body.eq(""), comment_revision::reason.eq("")))
        .execute(&mut **tx)?;
    Ok(())
}
