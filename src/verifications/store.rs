//! All SQL of verifications.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{NewVerification, Standing, VerificationId, Withdrawn};
use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::db::schema::{member, verification};
use crate::db::{Conn, DbError, Tx};
use crate::questions::{self, QuestionId};

/// Writes a verification; its answer is the verified one of its question from now on. A second one for an answer that has
/// a standing one is a unique violation.
pub fn insert(tx: &mut Tx<'_>, new: &NewVerification, now: Millis) -> Result<VerificationId, DbError> {
    let id = diesel::insert_into(verification::table)
        .values((
            verification::question_id.eq(new.question_id),
            verification::answer_id.eq(new.answer_id),
            verification::revision.eq(new.revision),
            verification::member_id.eq(new.by),
            verification::evidence.eq(&new.evidence),
            verification::scope.eq(&new.scope),
            verification::valid_until.eq(new.valid_until),
            verification::short_form.eq(&new.short_form),
            verification::created_at.eq(now),
        ))
        .returning(verification::id)
        .get_result(&mut **tx)?;
    questions::set_verified(tx, new.question_id, Some(new.answer_id.0), now)?;
    questions::touched(tx, new.question_id, now)?;
    Ok(id)
}

/// Ends a verification. The question's verified answer becomes the one that was vouched for last among those that still
/// are, or none.
pub fn withdraw(tx: &mut Tx<'_>, id: VerificationId, now: Millis) -> Result<Withdrawn, DbError> {
    let (question_id, answer_id): (QuestionId, AnswerId) =
        verification::table.find(id).select((verification::question_id, verification::answer_id)).first(&mut **tx)?;
    let done = diesel::update(verification::table.find(id).filter(verification::withdrawn_at.is_null()))
        .set(verification::withdrawn_at.eq(Some(now)))
        .execute(&mut **tx)?;
    if done == 1 && questions::find(tx, question_id)?.is_some() {
        let next = find_newest_standing(tx, question_id)?;
        questions::set_verified(tx, question_id, next, now)?;
    }
    Ok(Withdrawn { question_id, answer_id, already: done == 0 })
}

fn find_newest_standing(tx: &mut Tx<'_>, question_id: QuestionId) -> Result<Option<i64>, DbError> {
    let shown: Vec<AnswerId> = answers::list(tx, question_id)?.iter().map(|answer| answer.id).collect();
    Ok(verification::table
        .filter(verification::question_id.eq(question_id))
        .filter(verification::answer_id.eq_any(shown))
        .filter(verification::withdrawn_at.is_null())
        .order((verification::created_at.desc(), verification::id.desc()))
        .select(verification::answer_id)
        .first(&mut **tx)
        .optional()?)
}

/// The standing verifications of a thread by the answer they vouch for, in one query.
pub fn load_standing(conn: &mut Conn, question_id: i64) -> Result<HashMap<i64, Standing>, DbError> {
    type Row = (VerificationId, i64, i64, String, String, String, String, String, Option<Millis>, Millis);
    let rows: Vec<Row> = verification::table
        .inner_join(member::table)
        .filter(verification::question_id.eq(question_id))
        .filter(verification::withdrawn_at.is_null())
        .select((
            verification::id,
            verification::answer_id,
            verification::revision,
            member::name,
            member::handle,
            member::title,
            verification::evidence,
            verification::scope,
            verification::valid_until,
            verification::created_at,
        ))
        .load(conn)?;
    let standing =
        |(id, answer_id, revision, by_name, by_handle, by_title, evidence, scope, valid_until, created_at): Row| {
            (
                answer_id,
                Standing {
                    id,
                    answer_id,
                    revision,
                    by_name,
                    by_handle,
                    by_title,
                    evidence,
                    scope,
                    valid_until,
                    created_at,
                },
            )
        };
    Ok(rows.into_iter().map(standing).collect())
}
