//! All SQL of macros.

use diesel::prelude::*;

use super::{Macro, MacroId};
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::schema::macro_text;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;

type Row = (MacroId, String, String, String, i64, MemberId, Millis);

macro_rules! columns {
    () => {
        (
            macro_text::id,
            macro_text::name,
            macro_text::lang,
            macro_text::body,
            macro_text::revision,
            macro_text::edited_by,
            macro_text::edited_at,
        )
    };
}

fn decode((id, name, lang, body, revision, edited_by, edited_at): Row) -> Macro {
    Macro { id, name, lang, body, revision, edited_by, edited_at }
}

/// All texts of all macros, by name and language.
pub fn list(conn: &mut Conn) -> Result<Vec<Macro>, DbError> {
    let rows: Vec<Row> = macro_text::table.order((macro_text::name, macro_text::lang)).select(columns!()).load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// One text; `None`: it was deleted, or never was.
pub fn find(conn: &mut Conn, id: MacroId) -> Result<Option<Macro>, DbError> {
    Ok(macro_text::table.find(id).select(columns!()).first::<Row>(conn).optional()?.map(decode))
}

/// What a text is to say.
pub struct NewText {
    pub name: String,
    pub lang: String,
    pub body: String,
}

/// Inserts a text. A second one of the same name and language is a unique violation.
pub fn insert(tx: &mut Tx<'_>, new: &NewText, by: MemberId, now: Millis) -> Result<MacroId, DbError> {
    let id: MacroId = diesel::insert_into(macro_text::table)
        .values((
            macro_text::name.eq(&new.name),
            macro_text::lang.eq(&new.lang),
            macro_text::body.eq(&new.body),
            macro_text::edited_by.eq(by),
            macro_text::edited_at.eq(now),
        ))
        .returning(macro_text::id)
        .get_result(&mut **tx)?;
    note(tx, id, format!("wrote {} ({})", new.name, new.lang), by, now)?;
    Ok(id)
}

/// Changes the revision that was seen; `false`: somebody changed or deleted it meanwhile.
pub(super) fn update(
    tx: &mut Tx<'_>,
    id: MacroId,
    seen: i64,
    new: &NewText,
    by: MemberId,
    now: Millis,
) -> Result<bool, DbError> {
    let done = diesel::update(macro_text::table.find(id).filter(macro_text::revision.eq(seen)))
        .set((
            macro_text::name.eq(&new.name),
            macro_text::lang.eq(&new.lang),
            macro_text::body.eq(&new.body),
            macro_text::revision.eq(macro_text::revision + 1),
            macro_text::edited_by.eq(by),
            macro_text::edited_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if done == 1 {
        note(tx, id, format!("changed {} ({})", new.name, new.lang), by, now)?;
    }
    Ok(done == 1)
}

/// Deletes the revision that was seen; `false`: somebody changed or deleted it meanwhile.
pub(super) fn delete(tx: &mut Tx<'_>, id: MacroId, seen: i64, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let Some(known) = find(tx, id)? else { return Ok(false) };
    let row = macro_text::table.find(id).filter(macro_text::revision.eq(seen));
    let done = diesel::delete(row).execute(&mut **tx)?;
    if done == 1 {
        note(tx, id, format!("deleted {} ({})", known.name, known.lang), by, now)?;
    }
    Ok(done == 1)
}

fn note(tx: &mut Tx<'_>, id: MacroId, words: String, by: MemberId, now: Millis) -> Result<(), DbError> {
    let subject = format!("macro-{id}");
    audit::record(tx, &Entry { by: Some(by), act: Act::Macro, subject, question_id: None, words, at: now })
}
