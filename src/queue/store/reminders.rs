//! Reminders, and what was put off until a moment that has come.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{handling, reminder};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::queue::Subject;

/// Somebody wants to be reminded of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    pub id: i64,
    pub member: MemberId,
    pub subject: Subject,
    pub words: String,
}

/// Notes that a member wants to be reminded of a subject.
pub fn remind(tx: &mut Tx<'_>, member: MemberId, subject: Subject, at: Millis, words: &str) -> Result<(), DbError> {
    diesel::insert_into(reminder::table)
        .values((
            reminder::member_id.eq(member),
            reminder::subject.eq(subject.to_string()),
            reminder::question_id.eq(subject.question_id()),
            reminder::due_at.eq(at),
            reminder::words.eq(words),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Reminders whose moment has come, at most 100.
pub fn list_due(conn: &mut Conn, now: Millis) -> Result<Vec<Reminder>, DbError> {
    let rows: Vec<(i64, MemberId, String, String)> = reminder::table
        .filter(reminder::due_at.le(now))
        .order(reminder::due_at)
        .limit(100)
        .select((reminder::id, reminder::member_id, reminder::subject, reminder::words))
        .load(conn)?;
    let reminder = |(id, member, subject, words): (i64, MemberId, String, String)| {
        Some(Reminder { id, member, subject: Subject::parse(&subject)?, words })
    };
    Ok(rows.into_iter().filter_map(reminder).collect())
}

/// Takes a reminder, so that it is told once; `false`: another node was faster.
pub fn take(tx: &mut Tx<'_>, id: i64) -> Result<bool, DbError> {
    Ok(diesel::delete(reminder::table.find(id)).execute(&mut **tx)? == 1)
}

/// Whether something that was put off came back between these two moments.
pub fn list_ended_snoozes(conn: &mut Conn, after: Millis, until: Millis) -> Result<Vec<String>, DbError> {
    Ok(handling::table
        .filter(handling::snoozed_until.gt(after))
        .filter(handling::snoozed_until.le(until))
        .select(handling::subject)
        .limit(100)
        .load(conn)?)
}
