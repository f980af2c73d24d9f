//! All SQL of results.

pub(super) mod suggestions;

use diesel::prelude::*;

use super::{Outcome, Reply, ResultId, Verdict};
use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::db::schema::{member, result};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::posts::{self, Author};
use crate::questions::QuestionId;
use crate::queue::{self, Kind};
use crate::reputation::{self, Event};

/// Notes a reply; `None`: it was noted before.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    reply: &Reply<'_>,
    answer: AnswerId,
    guess: Option<Verdict>,
    now: Millis,
) -> Result<Option<ResultId>, DbError> {
    let row = (
        result::question_id.eq(reply.question_id),
        result::answer_id.eq(Some(answer)),
        result::comment_id.eq(reply.comment_id),
        result::guess.eq(guess),
        result::created_at.eq(now),
    );
    let noted = per_database!(&mut **tx, conn => diesel::insert_into(result::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if noted == 0 {
        return Ok(None);
    }
    let id = result::table.filter(result::comment_id.eq(reply.comment_id)).select(result::id);
    Ok(id.first(&mut **tx).optional()?)
}

type Row =
    ((ResultId, QuestionId, Option<AnswerId>, i64), (Option<Verdict>, Option<Verdict>, Option<String>, Option<Millis>));

fn outcome(row: Row) -> Outcome {
    let ((id, question_id, answer_id, comment_id), (guess, decided, by_name, decided_at)) = row;
    Outcome { id, question_id, answer_id, comment_id, guess, decided, by_name, decided_at }
}

macro_rules! columns {
    () => {
        (
            (result::id, result::question_id, result::answer_id, result::comment_id),
            (result::guess, result::decided, member::name.nullable(), result::decided_at),
        )
    };
}

/// One result; [`DbError::is_not_found`] where there is none.
pub fn find(conn: &mut Conn, id: ResultId) -> Result<Outcome, DbError> {
    let row: Row = result::table
        .left_join(member::table.on(result::decided_by.eq(member::id.nullable())))
        .filter(result::id.eq(id))
        .select(columns!())
        .first(conn)?;
    Ok(outcome(row))
}

/// The results of a thread, oldest first.
pub fn list_of_thread(conn: &mut Conn, question_id: QuestionId) -> Result<Vec<Outcome>, DbError> {
    let rows: Vec<Row> = result::table
        .left_join(member::table.on(result::decided_by.eq(member::id.nullable())))
        .filter(result::question_id.eq(question_id))
        .order(result::id)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(outcome).collect())
}

/// What staff decided about the replies in these threads, oldest first.
pub fn list_decided_in(conn: &mut Conn, threads: &[QuestionId]) -> Result<Vec<(QuestionId, Verdict)>, DbError> {
    if threads.is_empty() {
        return Ok(Vec::new());
    }
    Ok(result::table
        .filter(result::question_id.eq_any(threads))
        .filter(result::decided.is_not_null())
        .order(result::id)
        .select((result::question_id, result::decided.assume_not_null()))
        .load(conn)?)
}

/// Staff say what a reply means, having seen `was`; the answer's numbers follow. `false`, and nothing happens: somebody
/// else has said something meanwhile.
pub fn settle(
    tx: &mut Tx<'_>,
    outcome: &Outcome,
    was: Option<Verdict>,
    verdict: Verdict,
    by: MemberId,
    now: Millis,
) -> Result<bool, DbError> {
    let values = (result::decided.eq(Some(verdict)), result::decided_by.eq(Some(by)), result::decided_at.eq(Some(now)));
    let row = result::table.find(outcome.id);
    let settled = match was {
        None => diesel::update(row.filter(result::decided.is_null())).set(values).execute(&mut **tx)?,
        Some(was) => diesel::update(row.filter(result::decided.eq(was))).set(values).execute(&mut **tx)?,
    };
    if settled == 0 {
        return Ok(false);
    }
    queue::close(tx, Kind::Result, outcome.id.0)?;
    if let Some(answer) = outcome.answer_id {
        let (worked, broken) = verdict.counts();
        let (worked_before, broken_before) = was.map_or((0, 0), Verdict::counts);
        answers::add_results(tx, answer, worked - worked_before, broken - broken_before, now)?;
        if let Some(author) = posts::find_author(tx, answer.post())?.and_then(Author::member) {
            reputation::set(tx, author, Event::Solved { result: outcome.id.0 }, verdict == Verdict::Worked, now)?;
        }
    }
    Ok(true)
}

/// How often an answer worked and did not since a moment, as staff decided.
pub fn count_since(conn: &mut Conn, answer: AnswerId, since: Millis) -> Result<(i64, i64), DbError> {
    let mut count = |verdict: Verdict| -> Result<i64, DbError> {
        Ok(result::table
            .filter(result::answer_id.eq(answer))
            .filter(result::decided_at.ge(since))
            .filter(result::decided.eq(verdict))
            .count()
            .get_result(conn)?)
    };
    Ok((count(Verdict::Worked)?, count(Verdict::Broken)?))
}

/// The comment is gone: there is nothing to decide about any more. What was decided counts on.
pub fn forget(tx: &mut Tx<'_>, comment_id: i64) -> Result<(), DbError> {
    let open: Option<ResultId> = result::table
        .filter(result::comment_id.eq(comment_id))
        .filter(result::decided.is_null())
        .select(result::id)
        .first(&mut **tx)
        .optional()?;
    if let Some(id) = open {
        queue::close(tx, Kind::Result, id.0)?;
        diesel::delete(result::table.find(id)).execute(&mut **tx)?;
    }
    Ok(())
}

/// The replies to these answers that staff understood as: solved, and when they did.
pub fn list_solved(conn: &mut Conn, answers: &[AnswerId]) -> Result<Vec<(ResultId, Millis)>, DbError> {
    let mut found = Vec::new();
    for some in answers.chunks(500) {
        let rows: Vec<(ResultId, Millis)> = result::table
            .filter(result::answer_id.eq_any(some))
            .filter(result::decided.eq(Verdict::Worked))
            .select((result::id, result::decided_at.assume_not_null()))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
