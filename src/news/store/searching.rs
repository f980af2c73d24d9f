//! New questions on their way past the searches that are followed.

use diesel::prelude::*;

use super::NAMED;
use crate::db::schema::{news, to_search};
use crate::db::{Conn, DbError, PostKind, Tx, per_database};
use crate::members::MemberId;
use crate::news::{Find, ToSearch, Unsearched};

/// Notes a question for the searches up to this one. One that is still under way begins anew: it looks different now.
pub(in crate::news) fn note(
    tx: &mut Tx<'_>,
    question_id: i64,
    by: Option<MemberId>,
    last_search: i64,
) -> Result<(), DbError> {
    diesel::delete(to_search::table.filter(to_search::question_id.eq(question_id))).execute(&mut **tx)?;
    let row = (
        to_search::question_id.eq(question_id),
        to_search::by_id.eq(by.map(|id| id.0)),
        to_search::last_search.eq(last_search),
    );
    diesel::insert_into(to_search::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The oldest question, with those that are as far as it is.
pub fn list_to_search(conn: &mut Conn, limit: i64) -> Result<Option<ToSearch>, DbError> {
    type Row = (i64, i64, Option<i64>, i64);
    let oldest: Option<i64> =
        to_search::table.order(to_search::id).select(to_search::asked_up_to).first(conn).optional()?;
    let Some(asked_up_to) = oldest else { return Ok(None) };
    let rows: Vec<Row> = to_search::table
        .filter(to_search::asked_up_to.eq(asked_up_to))
        .order(to_search::id)
        .limit(limit)
        .select((to_search::id, to_search::question_id, to_search::by_id, to_search::last_search))
        .load(conn)?;
    let question =
        |(id, question_id, by, last_search): Row| Unsearched { id, question_id, by: by.map(MemberId), last_search };
    Ok(Some(ToSearch { asked_up_to, questions: rows.into_iter().map(question).collect() }))
}

/// Notes that these were asked of every search up to this one, and what was found. Rolls back where another node was
/// faster, or a question changed meanwhile.
pub(in crate::news) fn searched(tx: &mut Tx<'_>, these: &ToSearch, up_to: i64, finds: &[Find]) -> Result<(), DbError> {
    let ids: Vec<i64> = these.questions.iter().map(|question| question.id).collect();
    let seen = to_search::table.filter(to_search::id.eq_any(&ids)).filter(to_search::asked_up_to.eq(these.asked_up_to));
    // Takes the rows: from here on nobody else changes them.
    if diesel::update(seen).set(to_search::asked_up_to.eq(up_to)).execute(&mut **tx)? != ids.len() {
        return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
    }
    diesel::delete(to_search::table.filter(to_search::id.eq_any(&ids)).filter(to_search::last_search.le(up_to)))
        .execute(&mut **tx)?;
    for find in finds {
        let row = (
            news::post_kind.eq(PostKind::Question),
            news::post_id.eq(find.question_id),
            news::by_id.eq(find.by.map(|id| id.0)),
            news::told_up_to.eq(NAMED),
            news::search_id.eq(find.search_id),
        );
        per_database!(&mut **tx, conn => diesel::insert_into(news::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
    }
    Ok(())
}
