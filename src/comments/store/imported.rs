//! Comments that come from another site, as questions do. What was said there long ago does not make a thread active here.

use diesel::prelude::*;

use super::changed;
use crate::clock::Millis;
use crate::comments::Imported;
use crate::db::schema::comment;
use crate::db::{Conn, DbError, Tx};
use crate::files;

/// Writes a comment as it was there. That the question (and the answer) is there is the caller's to see.
pub fn insert_imported(tx: &mut Tx<'_>, new: &Imported, now: Millis) -> Result<(), DbError> {
    diesel::insert_into(comment::table)
        .values((
            comment::id.eq(new.id),
            comment::question_id.eq(new.question_id),
            comment::answer_id.eq(new.answer_id),
            comment::member_id.eq(Some(new.by)),
            comment::body.eq(&new.body.source),
            comment::body_html.eq(new.body.html.as_str()),
            comment::created_at.eq(new.created_at),
        ))
        .execute(&mut **tx)?;
    files::used(tx, files::Place::Post(new.id.post()), Some(new.by), &new.body.html.pictures(), now)?;
    changed(tx, new.id, new.question_id, now);
    Ok(())
}

/// Those of these ids that a comment has or had.
pub fn list_taken(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    Ok(comment::table.filter(comment::id.eq_any(ids)).select(comment::id).load(conn)?)
}
