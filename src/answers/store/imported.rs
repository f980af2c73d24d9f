//! Answers that come from another site, as questions do.

use diesel::prelude::*;

use super::{changed, insert_revision};
use crate::answers::{AnswerId, Imported, NewWords, merits};
use crate::clock::Millis;
use crate::db::schema::answer;
use crate::db::{Conn, DbError, Tx};
use crate::questions::QuestionId;

/// Writes an answer as it was there. Its question is to be held before, and to count its answers anew afterwards.
pub fn insert_imported(tx: &mut Tx<'_>, new: &Imported, now: Millis) -> Result<(), DbError> {
    let (accepted_by, accepted_at) = new.accepted.unzip();
    diesel::insert_into(answer::table)
        .values((
            answer::id.eq(new.id),
            answer::question_id.eq(new.question_id),
            answer::member_id.eq(Some(new.by)),
            answer::body.eq(&new.body.source),
            answer::body_html.eq(new.body.html.as_str()),
            answer::score.eq(new.score),
            answer::accepted_at.eq(accepted_at),
            answer::accepted_by.eq(accepted_by),
            answer::created_at.eq(new.created_at),
        ))
        .execute(&mut **tx)?;
    let words = NewWords { body: &new.body.source, html: &new.body.html, by: Some(new.by), reason: "" };
    insert_revision(tx, new.id, 1, &words, new.created_at)?;
    if let Some(at) = accepted_at {
        merits::count_accepted(tx, new.id, new.question_id, true, at)?;
    }
    changed(tx, new.id, new.question_id, now);
    Ok(())
}

/// Those of these ids that an answer has or had.
pub fn list_taken(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    Ok(answer::table.filter(answer::id.eq_any(ids)).select(answer::id).load(conn)?)
}

/// Those of these answers that were not removed for good, each with the question that it was given to.
pub fn list_kept(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(AnswerId, QuestionId)>, DbError> {
    Ok(answer::table
        .filter(answer::id.eq_any(ids))
        .filter(answer::removed_at.is_null().or(answer::hidden_as.is_not_null()))
        .select((answer::id, answer::question_id))
        .load(conn)?)
}
