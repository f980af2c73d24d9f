//! Which verified answers of other threads were offered to staff for a question, and which of them they took.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{member, suggestion};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::questions::QuestionId;
use crate::verifications::VerificationId;

/// A suggestion that staff took.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Taken {
    pub question_id: QuestionId,
    pub verification_id: VerificationId,
    pub by_name: String,
    pub at: Option<Millis>,
}

/// Which verifications were offered for a question already.
pub fn list_offered(conn: &mut Conn, question_id: QuestionId) -> Result<Vec<VerificationId>, DbError> {
    Ok(suggestion::table
        .filter(suggestion::question_id.eq(question_id))
        .select(suggestion::verification_id)
        .load(conn)?)
}

/// These were offered for a question; the same again counts once.
pub fn note_offered(
    tx: &mut Tx<'_>,
    question_id: QuestionId,
    offered: &[VerificationId],
    now: Millis,
) -> Result<(), DbError> {
    for id in offered {
        let row =
            (suggestion::question_id.eq(question_id), suggestion::verification_id.eq(id), suggestion::shown_at.eq(now));
        per_database!(&mut **tx, conn => diesel::insert_into(suggestion::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
    }
    Ok(())
}

/// Staff took one for this question.
pub fn note_taken(
    tx: &mut Tx<'_>,
    question_id: QuestionId,
    taken: VerificationId,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    note_offered(tx, question_id, &[taken], now)?;
    diesel::update(suggestion::table)
        .filter(suggestion::question_id.eq(question_id))
        .filter(suggestion::verification_id.eq(taken))
        .set((suggestion::taken_at.eq(Some(now)), suggestion::taken_by.eq(Some(by))))
        .execute(&mut **tx)?;
    Ok(())
}

/// The verification that staff took for this question last.
pub fn find_taken(conn: &mut Conn, question_id: QuestionId) -> Result<Option<VerificationId>, DbError> {
    Ok(suggestion::table
        .filter(suggestion::question_id.eq(question_id))
        .filter(suggestion::taken_at.is_not_null())
        .order((suggestion::taken_at.desc(), suggestion::id.desc()))
        .select(suggestion::verification_id)
        .first(conn)
        .optional()?)
}

/// How many were offered since a moment, and how many of those were taken.
pub fn count_suggested(conn: &mut Conn, since: Millis) -> Result<(i64, i64), DbError> {
    let offered = suggestion::table.filter(suggestion::shown_at.ge(since));
    let all: i64 = offered.count().get_result(conn)?;
    let taken: i64 = offered.filter(suggestion::taken_at.is_not_null()).count().get_result(conn)?;
    Ok((all, taken))
}

/// What was taken last, newest first.
pub fn list_taken(conn: &mut Conn, most: i64) -> Result<Vec<Taken>, DbError> {
    Ok(suggestion::table
        .inner_join(member::table.on(suggestion::taken_by.eq(member::id.nullable())))
        .filter(suggestion::taken_at.is_not_null())
        .order((suggestion::taken_at.desc(), suggestion::id.desc()))
        .limit(most)
        .select((suggestion::question_id, suggestion::verification_id, member::name, suggestion::taken_at))
        .load(conn)?)
}
