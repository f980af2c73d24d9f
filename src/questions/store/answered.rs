//! What a question knows of its answers: how many there are, which one helped the asker, which one staff vouch for.

use diesel::prelude::*;

use super::{changed, touched, written};
use crate::clock::Millis;
use crate::db::schema::question;
use crate::db::{Conn, DbError, Tx};
use crate::posts::HiddenAs;
use crate::questions::QuestionId;
use crate::queue::{self, Kind};

/// Notes which answer the asker took, or that none is.
pub fn set_accepted(tx: &mut Tx<'_>, id: QuestionId, answer_id: Option<i64>, now: Millis) -> Result<(), DbError> {
    if answer_id.is_some() {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::accepted_answer_id.eq(answer_id))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// Notes which answer staff vouch for, or that none is.
pub fn set_verified(tx: &mut Tx<'_>, id: QuestionId, answer_id: Option<i64>, now: Millis) -> Result<(), DbError> {
    if answer_id.is_some() {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::verified_answer_id.eq(answer_id))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// One answer more.
pub fn answered(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    // What is said in a thread that is part of another counts there, too.
    let lives = question::removed_at.is_null().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged));
    let done = diesel::update(question::table.find(id))
        .filter(lives)
        .set(question::answer_count.eq(question::answer_count + 1))
        .execute(&mut **tx)?;
    written(tx, done, id, now)?;
    touched(tx, id, now)
}

/// One answer less; where it was the accepted or the verified one, none is.
pub fn answer_removed(tx: &mut Tx<'_>, id: QuestionId, answer_id: i64, now: Millis) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .set(question::answer_count.eq(question::answer_count - 1))
        .execute(&mut **tx)?;
    diesel::update(question::table.find(id))
        .filter(question::accepted_answer_id.eq(answer_id))
        .set(question::accepted_answer_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    diesel::update(question::table.find(id))
        .filter(question::verified_answer_id.eq(answer_id))
        .set(question::verified_answer_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// Whether this is the answer that helped the asker.
pub fn is_accepted(conn: &mut Conn, id: QuestionId, answer_id: i64) -> Result<bool, DbError> {
    let accepted: Option<i64> = question::table.find(id).select(question::accepted_answer_id).first(conn)?;
    Ok(accepted == Some(answer_id))
}

/// An answer is shown again; where it was the accepted one and none is now, it is again.
pub fn answer_returned(
    tx: &mut Tx<'_>,
    id: QuestionId,
    answer_id: i64,
    was_accepted: bool,
    now: Millis,
) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .set(question::answer_count.eq(question::answer_count + 1))
        .execute(&mut **tx)?;
    if was_accepted {
        diesel::update(question::table.find(id))
            .filter(question::accepted_answer_id.is_null())
            .set(question::accepted_answer_id.eq(Some(answer_id)))
            .execute(&mut **tx)?;
    }
    changed(tx, id, now);
    Ok(())
}
