//! All SQL of who is affected.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::affected;
use crate::db::{Conn, DbError, Tx};
use crate::members::Person;
use crate::posts::Author;
use crate::questions::{self, QuestionId};

pub(super) fn is_said(conn: &mut Conn, whole: &[QuestionId], person: &str) -> Result<bool, DbError> {
    let said = affected::table.filter(affected::question_id.eq_any(whole)).filter(affected::person.eq(person));
    Ok(diesel::select(diesel::dsl::exists(said)).get_result(conn)?)
}

/// Counts a person, or counts them no more. Two requests about one thread wait for each other.
/// [`DbError::is_not_found`]: the question is not shown.
pub(super) fn say(
    tx: &mut Tx<'_>,
    thread: QuestionId,
    person: &str,
    is_affected: bool,
    now: Millis,
) -> Result<(), DbError> {
    questions::hold(tx, thread)?;
    let whole = questions::list_whole(tx, thread)?;
    if is_said(tx, &whole, person)? == is_affected {
        return Ok(());
    }
    if is_affected {
        let row = (affected::question_id.eq(thread), affected::person.eq(person), affected::created_at.eq(now));
        diesel::insert_into(affected::table).values(row).execute(&mut **tx)?;
    } else {
        let said = affected::table.filter(affected::question_id.eq_any(&whole)).filter(affected::person.eq(person));
        diesel::delete(said).execute(&mut **tx)?;
    }
    recount(tx, thread, now)
}

/// Counts the people of a thread anew: after something was merged into it, or taken out of it. Who asked it is no further
/// person; who asked the same in a thread that is part of it is.
pub fn recount(tx: &mut Tx<'_>, thread: QuestionId, now: Millis) -> Result<(), DbError> {
    let whole = questions::list_whole(tx, thread)?;
    let mut askers: Vec<(QuestionId, String)> =
        questions::list_askers(tx, &whole)?.into_iter().map(|(id, asker)| (id, name(asker))).collect();
    let own = askers.iter().position(|(id, _)| *id == thread).map(|at| askers.swap_remove(at).1).unwrap_or_default();
    let said: i64 = affected::table
        .filter(affected::question_id.eq_any(&whole))
        .filter(affected::person.ne(&own))
        .select(diesel::dsl::count(affected::person).aggregate_distinct())
        .first(&mut **tx)?;
    let others: BTreeSet<String> = askers.into_iter().map(|(_, asker)| asker).filter(|asker| *asker != own).collect();
    // Who asked the same and said so, too, is one person.
    let twice: i64 = affected::table
        .filter(affected::question_id.eq_any(&whole))
        .filter(affected::person.eq_any(&others))
        .select(diesel::dsl::count(affected::person).aggregate_distinct())
        .first(&mut **tx)?;
    let others = i64::try_from(others.len()).unwrap_or(i64::MAX);
    questions::set_affected(tx, thread, said + others - twice, now)
}

fn name(author: Author) -> String {
    match author {
        Author::Member(id) => Person::Member(id).to_string(),
        Author::Remote { author, .. } => format!("remote-author-{author}"),
    }
}
