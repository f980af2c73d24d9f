//! All SQL of the audit log: lines are added and read, nothing else.

use diesel::prelude::*;

use super::{Act, Entry};
use crate::clock::Millis;
use crate::db::schema::audit;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;

/// Writes a line, in the transaction of the act.
pub fn record(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), DbError> {
    diesel::insert_into(audit::table)
        .values((
            audit::member_id.eq(entry.by),
            audit::act.eq(entry.act),
            audit::subject.eq(&entry.subject),
            audit::question_id.eq(entry.question_id),
            audit::words.eq(&entry.words),
            audit::created_at.eq(entry.at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// A line as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub entry: Entry,
}

/// Which lines are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub by: Option<MemberId>,
    pub act: Option<Act>,
    /// `question-12`: its own lines, and those of all that happened in the thread.
    pub subject: Option<String>,
    /// From the first moment to before the second.
    pub between: Option<(Millis, Millis)>,
}

type Row = (i64, Option<MemberId>, Act, String, Option<i64>, String, Millis);

macro_rules! columns {
    () => {
        (audit::id, audit::member_id, audit::act, audit::subject, audit::question_id, audit::words, audit::created_at)
    };
}

fn decode((id, by, act, subject, question_id, words, at): Row) -> Line {
    Line { id, entry: Entry { by, act, subject, question_id, words, at } }
}

/// Up to `limit` lines with lower ids, newest first.
pub(super) fn list(conn: &mut Conn, filter: &Filter, before: i64, limit: i64) -> Result<Vec<Line>, DbError> {
    let mut query =
        audit::table.filter(audit::id.lt(before)).order(audit::id.desc()).limit(limit).select(columns!()).into_boxed();
    if let Some(by) = filter.by {
        query = query.filter(audit::member_id.eq(by));
    }
    if let Some(act) = filter.act {
        query = query.filter(audit::act.eq(act));
    }
    if let Some(subject) = &filter.subject {
        let thread: Option<i64> = subject.strip_prefix("question-").and_then(|id| id.parse().ok());
        query = match thread {
            Some(id) => query.filter(audit::question_id.eq(id).or(audit::subject.eq(subject.clone()))),
            None => query.filter(audit::subject.eq(subject.clone())),
        };
    }
    if let Some((from, to)) = filter.between {
        query = query.filter(audit::created_at.ge(from)).filter(audit::created_at.lt(to));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// The newest lines about these subjects, newest first: for whoever decides about one of them.
pub fn list_about(conn: &mut Conn, subjects: &[String], limit: i64) -> Result<Vec<Line>, DbError> {
    let rows: Vec<Row> = audit::table
        .filter(audit::subject.eq_any(subjects))
        .order(audit::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}
