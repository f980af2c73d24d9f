//! Questions that come from another site: with their own ids where those are free, with what others made of them there, and
//! without the work and the news that a new question makes.

use diesel::prelude::*;

use super::{changed, tagged};
use crate::clock::Millis;
use crate::db::schema::{question, question_tag};
use crate::db::{Conn, DbError, Tx};
use crate::files;
use crate::members::MemberId;
use crate::questions::{Imported, QuestionId};
use crate::tags;

/// Writes a question as it was there. Tells pages and the search of it, and nobody else.
pub fn insert_imported(tx: &mut Tx<'_>, new: &Imported, now: Millis) -> Result<(), DbError> {
    let (closed_at, closed_reason) = new.closed.clone().map(|closed| (closed.at, closed.reason)).unzip();
    diesel::insert_into(question::table)
        .values((
            question::id.eq(new.id),
            question::member_id.eq(Some(new.by)),
            question::title.eq(&new.title),
            question::body.eq(&new.body.source),
            question::body_html.eq(new.body.html.as_str()),
            question::score.eq(new.score),
            question::created_at.eq(new.created_at),
            question::activity_at.eq(new.activity_at),
            question::closed_at.eq(closed_at),
            question::closed_reason.eq(closed_reason),
        ))
        .execute(&mut **tx)?;
    files::used(tx, files::Place::Post(new.id.post()), Some(new.by), &new.body.html.pictures(), now)?;
    for tag in tags::name_all(tx, &new.tags, now)? {
        diesel::insert_into(question_tag::table)
            .values((
                question_tag::question_id.eq(new.id),
                question_tag::tag_id.eq(tag),
                question_tag::activity_at.eq(new.activity_at),
            ))
            .execute(&mut **tx)?;
    }
    changed(tx, new.id, now);
    Ok(())
}

/// Something was said in a thread elsewhere, before it came here.
pub fn spoken_before(tx: &mut Tx<'_>, id: QuestionId, at: Millis) -> Result<(), DbError> {
    let later = diesel::update(question::table.find(id))
        .filter(question::activity_at.lt(at))
        .set(question::activity_at.eq(at))
        .execute(&mut **tx)?;
    if later == 1 { tagged::touched(tx, id, at) } else { Ok(()) }
}

/// Those of these ids that a question has or had.
pub fn list_taken(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    Ok(question::table.filter(question::id.eq_any(ids)).select(question::id).load(conn)?)
}

/// Those of these questions that were not removed for good, each with who asked it.
pub fn list_kept(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(QuestionId, Option<MemberId>)>, DbError> {
    Ok(question::table
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null().or(question::hidden_as.is_not_null()))
        .select((question::id, question::member_id))
        .load(conn)?)
}
