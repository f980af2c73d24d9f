//! Questions that are part of another thread: out of sight by themselves, while everything in them goes on.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{Stored, load_seen, load_stored, rows, stored_columns};
use crate::clock::Millis;
use crate::db::schema::{question, topic};
use crate::db::{Conn, DbError, PostKind, Tx};
use crate::members::Member;
use crate::posts::{self, HiddenAs, gone};
use crate::questions::{Question, QuestionId, Row, SHOWN_PARTS};
use crate::web::Error;

/// Threads that were merged into one, as far as they are looked at.
const MOST_PARTS: i64 = 200;

/// The thread that this one is part of; `None`: it stands for itself, or was removed.
pub fn find_merged_into(conn: &mut Conn, id: QuestionId) -> Result<Option<QuestionId>, DbError> {
    Ok(posts::find_merged_into(conn, id.0)?.map(QuestionId))
}

/// The thread itself and those that are part of it, as far as they are looked at.
pub fn list_whole(conn: &mut Conn, thread: QuestionId) -> Result<Vec<QuestionId>, DbError> {
    let parts = list_ids_merged_into(conn, thread, MOST_PARTS)?;
    Ok(std::iter::once(thread).chain(parts).collect())
}

/// As [`super::find`], and one that is part of a thread that is shown: itself, not the other.
pub fn find_in_whole(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    let Some(stored) = load_stored(conn, id)? else { return Ok(None) };
    let is_read = match stored.hidden_as {
        Some(HiddenAs::Merged) => match find_merged_into(conn, id)? {
            Some(whole) => super::find(conn, whole)?.is_some(),
            None => false,
        },
        _ => stored.removed_at.is_none(),
    };
    if is_read { stored.decode().map(Some) } else { Ok(None) }
}

/// As [`load_seen`], the thread in which this one is read: the one that it is part of, or itself.
pub fn load_whole(conn: &mut Conn, id: QuestionId, by: Option<&Member>) -> Result<Question, Error> {
    let whole = find_merged_into(conn, id)?.unwrap_or(id);
    load_seen(conn, whole, by)
}

/// Notes which thread this one is part of, or that it is part of none.
pub fn set_merged_into(tx: &mut Tx<'_>, id: QuestionId, into: Option<QuestionId>, now: Millis) -> Result<(), DbError> {
    diesel::update(question::table.find(id)).set(question::merged_into.eq(into)).execute(&mut **tx)?;
    super::changed(tx, id, now);
    Ok(())
}

/// The questions that are part of this thread, oldest first.
pub fn list_merged_into(conn: &mut Conn, into: QuestionId, limit: usize) -> Result<Vec<Question>, DbError> {
    let rows: Vec<Stored> = question::table
        .left_join(topic::table)
        .filter(question::merged_into.eq(into))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .order((question::created_at, question::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(stored_columns!())
        .load(conn)?;
    rows.into_iter().map(Stored::decode).collect()
}

/// The rows of the threads in which these questions are read, by question: of the one that it is part of, or its own. Those that
/// are not shown have none.
pub fn rows_of_threads(conn: &mut Conn, ids: &[QuestionId]) -> Result<HashMap<QuestionId, Row>, DbError> {
    let parts: HashMap<QuestionId, QuestionId> = question::table
        .filter(question::id.eq_any(ids))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .select((question::id, question::merged_into.assume_not_null()))
        .load(conn)?
        .into_iter()
        .collect();
    let whole = |id: &QuestionId| *parts.get(id).unwrap_or(id);
    let wholes: HashSet<QuestionId> = ids.iter().map(whole).collect();
    let wholes: Vec<QuestionId> = wholes.into_iter().collect();
    let rows: HashMap<QuestionId, Row> = rows(conn, &wholes)?.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| Some((*id, rows.get(&whole(id))?.clone()))).collect())
}

/// The ids of the questions that are part of this thread, oldest first.
pub fn list_ids_merged_into(conn: &mut Conn, into: QuestionId, limit: i64) -> Result<Vec<QuestionId>, DbError> {
    Ok(question::table
        .filter(question::merged_into.eq(into))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .order(question::id)
        .limit(limit)
        .select(question::id)
        .load(conn)?)
}

/// The threads in which these are read, each with what is part of it as far as its page shows it: pairs of a thread and its
/// whole. One that stands for itself is its own.
pub fn list_whole_threads(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<(QuestionId, QuestionId)>, DbError> {
    let merged = question::table
        .filter(question::id.eq_any(ids))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .filter(question::merged_into.is_not_null());
    let wholes: Vec<QuestionId> = merged.select(question::merged_into.assume_not_null()).load(conn)?;
    let mut wholes: Vec<QuestionId> = ids.iter().copied().chain(wholes).collect();
    wholes.sort_unstable();
    wholes.dedup();
    let parts: Vec<(QuestionId, QuestionId)> = question::table
        .filter(question::merged_into.eq_any(&wholes))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .order((question::created_at, question::id))
        .select((question::id, question::merged_into.assume_not_null()))
        .load(conn)?;
    let parts_of = |whole: &QuestionId| {
        let whole = *whole;
        parts.iter().copied().filter(move |(_, into)| *into == whole).take(SHOWN_PARTS)
    };
    let parts: Vec<_> = wholes.iter().flat_map(parts_of).collect();
    Ok(wholes.into_iter().map(|whole| (whole, whole)).chain(parts).collect())
}

/// A question whose thread goes on: one that is shown to its readers, or that is part of another thread. For the desk, which
/// reads all of them. `None`: it was removed or hidden, or never was.
pub fn find_living(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    let lives = |stored: &Stored| stored.is_open() || stored.hidden_as == Some(HiddenAs::Merged);
    load_stored(conn, id)?.filter(lives).map(Stored::decode).transpose()
}

/// A question that was not removed for good: what its network says of it is taken in, be it hidden by staff or part of
/// another thread. `None`: its words are gone, or it never was.
pub fn find_kept(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    let is_kept = |stored: &Stored| stored.removed_at.is_none() || stored.hidden_as.is_some();
    load_stored(conn, id)?.filter(is_kept).map(Stored::decode).transpose()
}

/// As [`find_living`], for pages of the desk: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load_living(conn: &mut Conn, id: QuestionId) -> Result<Question, Error> {
    match find_living(conn, id)? {
        Some(question) => Ok(question),
        None => {
            let stored = load_stored(conn, id)?.ok_or(Error::NotFound)?;
            Err(Error::Gone(gone(PostKind::Question, stored.hidden_as).to_owned()))
        }
    }
}

/// As [`super::hold`], for a thread that may be part of another.
pub fn hold_living(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    hold_whole(tx, id)?;
    if find_living(tx, id)?.is_none() { Err(diesel::result::Error::NotFound.into()) } else { Ok(()) }
}

/// The one order in which the rows of a thread are locked, so that two who write to it wait for each other and not in a circle
/// (but where a merge ends while a third waits: PostgreSQL then ends one of them): first the thread that others are part of, then the part, then answers and comments. Whoever changes an answer and
/// what its question knows of it begins here, and whoever merges or takes apart holds the whole, too (of two that stand for
/// themselves the lower id first). Returns the thread that this one is part of. Whether either is shown is not asked.
pub fn hold_whole(tx: &mut Tx<'_>, id: QuestionId) -> Result<Option<QuestionId>, DbError> {
    loop {
        let whole = find_merged_into(tx, id)?;
        for thread in whole.into_iter().chain([id]) {
            diesel::update(question::table.find(thread))
                .set(question::activity_at.eq(question::activity_at))
                .execute(&mut **tx)?;
        }
        // Merged, or taken apart, while this waited for the lock: from here on nobody can.
        if find_merged_into(tx, id)? == whole {
            return Ok(whole);
        }
    }
}
