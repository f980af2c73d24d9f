//! Who of the staff saw an answer, and who did not verify it.

use diesel::prelude::*;

use crate::answers::AnswerId;
use crate::clock::Millis;
use crate::db::schema::{answer_review, member};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;

/// Why staff do not verify an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub by_name: String,
    pub at: Millis,
    /// The version that they read.
    pub revision: i64,
    pub why: String,
}

/// Why staff did not verify an answer; `None`: they did not say so.
pub fn find(conn: &mut Conn, id: AnswerId) -> Result<Option<Review>, DbError> {
    type Row = (String, Option<Millis>, Option<i64>, Option<String>);
    let row: Option<Row> = answer_review::table
        .inner_join(member::table.on(answer_review::refused_by.eq(member::id.nullable())))
        .filter(answer_review::answer_id.eq(id))
        .select((member::name, answer_review::refused_at, answer_review::refused_revision, answer_review::reason))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|(by_name, at, revision, why)| {
        Some(Review { by_name, at: at?, revision: revision?, why: why.unwrap_or_default() })
    }))
}

/// `false`: somebody saw it before.
pub fn mark_seen(tx: &mut Tx<'_>, id: AnswerId, by: MemberId, now: Millis) -> Result<bool, DbError> {
    begin(tx, id)?;
    let seen = diesel::update(answer_review::table.find(id).filter(answer_review::seen_at.is_null()))
        .set((answer_review::seen_by.eq(Some(by)), answer_review::seen_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(seen == 1)
}

/// Whether somebody of the staff saw it.
pub fn is_seen(conn: &mut Conn, id: AnswerId) -> Result<bool, DbError> {
    let seen: Option<Option<Millis>> =
        answer_review::table.find(id).select(answer_review::seen_at).first(conn).optional()?;
    Ok(seen.flatten().is_some())
}

/// `false`: these words were refused before.
pub fn mark_refused(
    tx: &mut Tx<'_>,
    id: AnswerId,
    revision: i64,
    by: MemberId,
    why: &str,
    now: Millis,
) -> Result<bool, DbError> {
    begin(tx, id)?;
    let other = answer_review::refused_revision.is_null().or(answer_review::refused_revision.ne(revision));
    let refused = diesel::update(answer_review::table.find(id).filter(other))
        .set((
            answer_review::refused_by.eq(Some(by)),
            answer_review::refused_at.eq(Some(now)),
            answer_review::refused_revision.eq(Some(revision)),
            answer_review::reason.eq(Some(why)),
        ))
        .execute(&mut **tx)?;
    Ok(refused == 1)
}

/// Staff vouch for it after all.
pub fn forget_refusal(tx: &mut Tx<'_>, id: AnswerId) -> Result<(), DbError> {
    diesel::update(answer_review::table.find(id))
        .set((
            answer_review::refused_by.eq(None::<MemberId>),
            answer_review::refused_at.eq(None::<Millis>),
            answer_review::refused_revision.eq(None::<i64>),
            answer_review::reason.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

fn begin(tx: &mut Tx<'_>, id: AnswerId) -> Result<(), DbError> {
    per_database!(&mut **tx, conn => diesel::insert_into(answer_review::table)
        .values(answer_review::answer_id.eq(id))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}
