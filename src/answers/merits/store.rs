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
    /// Who said so, where that was noted.
    pub accepted_by: Option<MemberId>,
    /// Staff vouch for it.
    pub vouched: bool,
}

type Row = (AnswerId, QuestionId, Option<Millis>, Option<MemberId>, Option<i64>);

/// Of every answer of a member, whatever became of it.
pub fn list_merits(conn: &mut Conn, of: MemberId) -> Result<Vec<Merit>, DbError> {
    let rows: Vec<Row> = answer::table
        .filter(answer::member_id.eq(of))
        .order(answer::id)
        .select((answer::id, answer::question_id, answer::accepted_at, answer::accepted_by, answer::vouched))
        .load(conn)?;
    let merit = |(id, question_id, accepted_at, accepted_by, vouched): Row| Merit {
        id,
        question_id,
        accepted_at,
        accepted_by,
        vouched: vouched.is_some(),
    };
    Ok(rows.into_iter().map(merit).collect())
}

/// Who said that an answer helped; `None`: nobody did, or it was not noted.
pub(in crate::answers) fn find_accepted_by(conn: &mut Conn, id: AnswerId) -> Result<Option<MemberId>, DbError> {
    Ok(answer::table.find(id).select(answer::accepted_by).first(conn)?)
}
