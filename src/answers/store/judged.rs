//! What people say of an answer: the asker that it helped, and readers whether it helped them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changed;
use crate::answers::{AnswerId, helped::Said, merits};
use crate::clock::Millis;
use crate::db::schema::{answer, helped};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::questions::{self, QuestionId};

/// Locks the thread of an answer before the answer itself, as [`questions::hold_whole`] says, and returns the question that it
/// was given to. [`DbError::is_not_found`]: there is no such answer.
pub fn hold(tx: &mut Tx<'_>, id: AnswerId) -> Result<QuestionId, DbError> {
    let question: QuestionId = answer::table.find(id).select(answer::question_id).first(&mut **tx)?;
    questions::hold_whole(tx, question)?;
    Ok(question)
}

/// Accepts an answer that is shown, in somebody's name, or takes that back (`None`); its question counts it. `false`: it is so
/// already.
pub fn set_accepted(tx: &mut Tx<'_>, id: AnswerId, by: Option<MemberId>, now: Millis) -> Result<bool, DbError> {
    let question = hold(tx, id)?;
    let shown = diesel::update(answer::table.find(id)).filter(answer::removed_at.is_null());
    let set = (answer::accepted_at.eq(by.map(|_| now)), answer::accepted_by.eq(by));
    let done = match by {
        Some(_) => shown.filter(answer::accepted_at.is_null()).set(set).execute(&mut **tx)?,
        None => shown.filter(answer::accepted_at.is_not_null()).set(set).execute(&mut **tx)?,
    };
    if done == 0 {
        return Ok(false);
    }
    questions::accepted(tx, question, if by.is_some() { 1 } else { -1 }, now)?;
    merits::count_accepted(tx, id, question, by.is_some(), now)?;
    changed(tx, id, question, now);
    Ok(true)
}

/// Takes an acceptance back that holds no more, be the answer out of sight.
pub fn end_accepted(tx: &mut Tx<'_>, id: AnswerId, now: Millis) -> Result<(), DbError> {
    if set_accepted(tx, id, None, now)? {
        return Ok(());
    }
    let question: QuestionId = diesel::update(answer::table.find(id))
        .set((answer::accepted_at.eq(None::<Millis>), answer::accepted_by.eq(None::<MemberId>)))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    merits::count_accepted(tx, id, question, false, now)
}

/// The answers of these questions that one of these people accepted, each with who it was: shown or not.
pub fn list_accepted_by(
    conn: &mut Conn,
    questions: &[QuestionId],
    people: &[MemberId],
) -> Result<Vec<(AnswerId, QuestionId, MemberId)>, DbError> {
    let rows: Vec<(AnswerId, QuestionId, Option<MemberId>)> = answer::table
        .filter(answer::question_id.eq_any(questions))
        .filter(answer::accepted_by.eq_any(people))
        .order(answer::id)
        .select((answer::id, answer::question_id, answer::accepted_by))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, question, by)| Some((id, question, by?))).collect())
}

/// Counts the answers of a thread anew, with those of the threads that are part of it: one was merged into it, or taken out.
pub fn recount(tx: &mut Tx<'_>, thread: QuestionId, now: Millis) -> Result<(), DbError> {
    let whole = questions::list_whole(tx, thread)?;
    let shown: Vec<Option<Millis>> = answer::table
        .filter(answer::question_id.eq_any(&whole))
        .filter(answer::removed_at.is_null())
        .select(answer::accepted_at)
        .load(&mut **tx)?;
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let accepted = shown.iter().flatten().count();
    questions::set_answer_counts(tx, thread, count(shown.len()), count(accepted), now)
}

/// A thread became private, or public: what was accepted in it counts for its writers no more, or again.
pub fn recount_accepted(tx: &mut Tx<'_>, question: QuestionId, now: Millis) -> Result<(), DbError> {
    let of_thread = answer::table.filter(answer::question_id.eq(question)).filter(answer::accepted_at.is_not_null());
    let accepted: Vec<AnswerId> = of_thread.order(answer::id).select(answer::id).load(&mut **tx)?;
    accepted.into_iter().try_for_each(|id| merits::count_accepted(tx, id, question, true, now))
}

/// The answer of a question that was accepted last; `None`: none is.
pub fn find_accepted(conn: &mut Conn, question: QuestionId) -> Result<Option<AnswerId>, DbError> {
    Ok(answer::table
        .filter(answer::question_id.eq(question))
        .filter(answer::removed_at.is_null())
        .filter(answer::accepted_at.is_not_null())
        .order((answer::accepted_at.desc(), answer::id.desc()))
        .select(answer::id)
        .first(conn)
        .optional()?)
}

/// Makes `wanted` what a person says of an answer (`None` takes it back) and moves its figures by the difference. Two
/// requests of one person wait for each other. [`DbError::is_not_found`]: the answer is not shown.
pub fn say_helped(
    tx: &mut Tx<'_>,
    id: AnswerId,
    person: &str,
    wanted: Option<Said>,
    now: Millis,
) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set(answer::helped.eq(answer::helped))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    let theirs = helped::table.filter(helped::answer_id.eq(id)).filter(helped::person.eq(person));
    let before: Option<i64> = theirs.select(helped::value).first(&mut **tx).optional()?;
    let after = wanted.map(Said::value);
    if before == after {
        return Ok(());
    }
    diesel::delete(theirs).execute(&mut **tx)?;
    if let Some(value) = after {
        let row =
            (helped::answer_id.eq(id), helped::person.eq(person), helped::value.eq(value), helped::created_at.eq(now));
        diesel::insert_into(helped::table).values(row).execute(&mut **tx)?;
    }
    let count = |said: Option<i64>, value: i64| i64::from(said == Some(value));
    let difference = |value: i64| count(after, value) - count(before, value);
    diesel::update(answer::table.find(id))
        .set((
            answer::helped.eq(answer::helped + difference(1)),
            answer::not_helped.eq(answer::not_helped + difference(-1)),
        ))
        .execute(&mut **tx)?;
    changed(tx, id, question, now);
    Ok(())
}

/// What a person said of these answers.
pub fn list_said_by(conn: &mut Conn, person: &str, answers: &[AnswerId]) -> Result<HashMap<AnswerId, Said>, DbError> {
    let rows: Vec<(AnswerId, i64)> = helped::table
        .filter(helped::answer_id.eq_any(answers))
        .filter(helped::person.eq(person))
        .select((helped::answer_id, helped::value))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, value)| (id, if value > 0 { Said::Helped } else { Said::DidNot })).collect())
}

/// The thread of an answer that is shown there; `None`: it never was, or it was removed or hidden. Whether its thread is shown
/// is not asked.
pub fn find_thread(conn: &mut Conn, id: AnswerId) -> Result<Option<QuestionId>, DbError> {
    let shown = answer::table.find(id).filter(answer::removed_at.is_null());
    Ok(shown.select(answer::question_id).first(conn).optional()?)
}

/// Those of these answers that are shown in their thread.
pub fn list_shown(conn: &mut Conn, ids: &[AnswerId]) -> Result<Vec<AnswerId>, DbError> {
    let shown = answer::table.filter(answer::id.eq_any(ids)).filter(answer::removed_at.is_null());
    Ok(shown.select(answer::id).load(conn)?)
}
