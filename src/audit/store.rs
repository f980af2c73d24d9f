//! All SQL of the audit log.

use diesel::prelude::*;

use super::Entry;
use crate::db::schema::audit;
use crate::db::{DbError, Tx};

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
