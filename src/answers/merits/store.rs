//! What counts of a member's answers, as it stands in the table.

use diesel::prelude::*;

use crate::answers::AnswerId;
use crate::clock::Millis;
use crate::db::schema::answer;
use crate::db::{Conn, DbError};
use crate::members::MemberId;
use crate::questions::QuestionId;

/// What of an answer counts for its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merit {
    pub id: AnswerId,
    pub question_id: QuestionId,
    pub accepted_at: Option<Millis>,
    /// Staff vouch for it.
    pub vouched: bool,
}

type Row = (AnswerId, QuestionId, Option<Millis>, Option<i64>);

/// Of every answer of a member, whatever became of it.
pub fn list_merits(conn: &mut Conn, of: MemberId) -> Result<Vec<Merit>, DbError> {
    let rows: Vec<Row> = answer::table
        .filter(answer::member_id.eq(of))
        .order(answer::id)
        .select((answer::id, answer::question_id, answer::accepted_at, answer::vouched))
        .load(conn)?;
    let merit = |(id, question_id, accepted_at, vouched): Row| Merit {
        id,
        question_id,
        accepted_at,
        vouched: vouched.is_some(),
    };
    Ok(rows.into_iter().map(merit).collect())
}
