//! All SQL of imports: which dumps were read, what became of their posts and authors, what was noted on the way, and which
//! questions point to each other.

use std::collections::HashMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{LinkKind, SourceId, Stream};
use crate::clock::Millis;
use crate::db::schema::{import_note, import_source, imported_member, imported_post, question_link};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database};
use crate::members::MemberId;
use crate::questions::QuestionId;

/// SQLite takes so many values in one statement, and more.
pub(super) const AT_ONCE: usize = 500;

/// The dump of this name, and the number of this attempt. What an earlier one noted on its way is forgotten.
pub(super) fn begin(tx: &mut Tx<'_>, name: &str, now: Millis) -> Result<(SourceId, i64), DbError> {
    let row = (import_source::name.eq(name), import_source::begun_at.eq(now));
    per_database!(&mut **tx, conn => diesel::insert_into(import_source::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(diesel::update(import_source::table.filter(import_source::name.eq(name)))
        .set((import_source::runs.eq(import_source::runs + 1), import_source::ended_at.eq(None::<Millis>)))
        .returning((import_source::id, import_source::runs))
        .get_result(&mut **tx)?)
}

/// All of a dump is here.
pub(super) fn end(tx: &mut Tx<'_>, source: SourceId, now: Millis) -> Result<(), DbError> {
    diesel::update(import_source::table.find(source)).set(import_source::ended_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(())
}

/// The sites of which something is here, and whose import did not come to its end.
pub fn list_unfinished(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let of_site = imported_post::table.filter(imported_post::source_id.eq(import_source::id));
    let unfinished =
        import_source::table.filter(import_source::ended_at.is_null()).filter(diesel::dsl::exists(of_site));
    Ok(unfinished.order(import_source::name).select(import_source::name).load(conn)?)
}

/// Forgets at most `limit` notes of a dump; says how many there were.
pub(super) fn forget_notes(tx: &mut Tx<'_>, source: SourceId, limit: i64) -> Result<usize, DbError> {
    let of_dump = import_note::table.filter(import_note::source_id.eq(source));
    let some: Vec<i64> = of_dump.limit(limit).select(import_note::foreign_id).load(&mut **tx)?;
    Ok(diesel::delete(of_dump.filter(import_note::foreign_id.eq_any(some))).execute(&mut **tx)?)
}

/// What the other files of a dump say of one of its posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub(super) struct Note {
    /// When its newest words were written, and where they stand.
    pub text_at: Option<i64>,
    pub text_row: Option<i64>,
    /// The question that accepted it, and when.
    pub accepted_for: Option<i64>,
    pub accepted_at: Option<i64>,
    /// When it was closed last, and why.
    pub closed_at: Option<i64>,
    pub closed_as: Option<i64>,
    pub votes: i64,
}

impl Note {
    pub fn text(&mut self, at: i64, row: i64) {
        if self.text_at.is_none_or(|known| known <= at) {
            (self.text_at, self.text_row) = (Some(at), Some(row));
        }
    }

    pub fn closed(&mut self, at: i64, code: Option<i64>) {
        if self.closed_at.is_none_or(|known| known <= at) {
            (self.closed_at, self.closed_as) = (Some(at), code);
        }
    }
}

/// Adds to what is noted. The newest words and the last closing win.
pub(super) fn note(tx: &mut Tx<'_>, source: SourceId, notes: &HashMap<i64, Note>) -> Result<(), DbError> {
    let column = |value: Option<i64>| value.map_or_else(|| "NULL".to_owned(), |value| value.to_string());
    let mut rows = Vec::with_capacity(notes.len());
    for (id, note) in notes {
        let columns =
            [note.text_at, note.text_row, note.accepted_for, note.accepted_at, note.closed_at, note.closed_as];
        rows.push(format!("({source},{id},{},{})", columns.map(column).join(","), note.votes));
    }
    let newer = |at: &str| {
        format!("(excluded.{at} IS NOT NULL AND (import_note.{at} IS NULL OR import_note.{at} <= excluded.{at}))")
    };
    let (text, closed) = (newer("text_at"), newer("closed_at"));
    for some in rows.chunks(AT_ONCE) {
        // Nothing but numbers of ours stands in it.
        (**tx).batch_execute(&format!(
            "INSERT INTO import_note (source_id, foreign_id, text_at, text_row, accepted_for, accepted_at, closed_at, closed_as, votes) \
             VALUES {} ON CONFLICT (source_id, foreign_id) DO UPDATE SET \
             text_row = CASE WHEN {text} THEN excluded.text_row ELSE import_note.text_row END, \
             text_at = CASE WHEN {text} THEN excluded.text_at ELSE import_note.text_at END, \
             closed_as = CASE WHEN {closed} THEN excluded.closed_as ELSE import_note.closed_as END, \
             closed_at = CASE WHEN {closed} THEN excluded.closed_at ELSE import_note.closed_at END, \
             accepted_for = coalesce(excluded.accepted_for, import_note.accepted_for), \
             accepted_at = coalesce(excluded.accepted_at, import_note.accepted_at), \
             votes = import_note.votes + excluded.votes",
            some.join(",")
        ))?;
    }
    Ok(())
}

/// What is noted of these posts.
pub(super) fn load_notes(conn: &mut Conn, source: SourceId, ids: &[i64]) -> Result<HashMap<i64, Note>, DbError> {
    let columns = (
        import_note::text_at,
        import_note::text_row,
        import_note::accepted_for,
        import_note::accepted_at,
        import_note::closed_at,
        import_note::closed_as,
        import_note::votes,
    );
    let rows: Vec<(i64, Note)> = import_note::table
        .filter(import_note::source_id.eq(source))
        .filter(import_note::foreign_id.eq_any(ids))
        .select((import_note::foreign_id, columns))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Notes who wrote something, and when; whoever is known stays as they are.
pub(super) fn note_authors(
    tx: &mut Tx<'_>,
    source: SourceId,
    authors: &HashMap<String, Millis>,
) -> Result<(), DbError> {
    for (author, since) in authors {
        let row = (
            imported_member::source_id.eq(source),
            imported_member::author.eq(author),
            imported_member::since.eq(since),
        );
        per_database!(&mut **tx, conn => diesel::insert_into(imported_member::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
    }
    Ok(())
}

/// Somebody who wrote in a dump: their account, if it is made, and when something of theirs was written.
pub(super) type Author = (Option<MemberId>, Millis);

pub(super) fn load_authors(
    conn: &mut Conn,
    source: SourceId,
    authors: &[String],
) -> Result<HashMap<String, Author>, DbError> {
    let rows: Vec<(String, Option<MemberId>, Millis)> = imported_member::table
        .filter(imported_member::source_id.eq(source))
        .filter(imported_member::author.eq_any(authors))
        .select((imported_member::author, imported_member::member_id, imported_member::since))
        .load(conn)?;
    Ok(rows.into_iter().map(|(author, member, since)| (author, (member, since))).collect())
}

/// Up to `limit` authors who have no account yet, each with when something of theirs was written.
pub(super) fn list_without_account(
    conn: &mut Conn,
    source: SourceId,
    limit: i64,
) -> Result<Vec<(String, Millis)>, DbError> {
    Ok(imported_member::table
        .filter(imported_member::source_id.eq(source))
        .filter(imported_member::member_id.is_null())
        .order(imported_member::author)
        .limit(limit)
        .select((imported_member::author, imported_member::since))
        .load(conn)?)
}

pub(super) fn set_member(tx: &mut Tx<'_>, source: SourceId, author: &str, member: MemberId) -> Result<(), DbError> {
    diesel::update(imported_member::table.find((source, author)))
        .set(imported_member::member_id.eq(Some(member)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The site that a member comes from; `None`: they signed up here.
pub fn find_origin(conn: &mut Conn, member: MemberId) -> Result<Option<String>, DbError> {
    Ok(imported_member::table
        .inner_join(import_source::table)
        .filter(imported_member::member_id.eq(member))
        .select(import_source::name)
        .first(conn)
        .optional()?)
}

/// A post that came over: what it is here, and with which attempt it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Here {
    pub post: PostRef,
    pub run: i64,
}

/// Those of these posts of a dump that are here.
pub(super) fn list_here(
    conn: &mut Conn,
    source: SourceId,
    stream: Stream,
    ids: &[i64],
) -> Result<HashMap<i64, Here>, DbError> {
    let rows: Vec<(i64, PostKind, i64, i64)> = imported_post::table
        .filter(imported_post::source_id.eq(source))
        .filter(imported_post::part.eq(stream))
        .filter(imported_post::foreign_id.eq_any(ids))
        .select((imported_post::foreign_id, imported_post::post_kind, imported_post::post_id, imported_post::run))
        .load(conn)?;
    Ok(rows.into_iter().map(|(foreign, kind, id, run)| (foreign, Here { post: PostRef { kind, id }, run })).collect())
}

/// Notes that a post of a dump is here, for ever.
pub(super) fn set_here(
    tx: &mut Tx<'_>,
    (source, stream, foreign): (SourceId, Stream, i64),
    here: Here,
    score: i64,
) -> Result<(), DbError> {
    diesel::insert_into(imported_post::table)
        .values((
            imported_post::source_id.eq(source),
            imported_post::part.eq(stream),
            imported_post::foreign_id.eq(foreign),
            imported_post::post_kind.eq(here.post.kind),
            imported_post::post_id.eq(here.post.id),
            imported_post::run.eq(here.run),
            imported_post::score.eq(score),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What a question or an answer became that had this id on another site; of several sites, the one that was read first.
pub fn find_post(conn: &mut Conn, foreign: i64) -> Result<Option<PostRef>, DbError> {
    let row: Option<(PostKind, i64)> = imported_post::table
        .filter(imported_post::foreign_id.eq(foreign))
        .filter(imported_post::part.eq(Stream::Post))
        .order(imported_post::source_id)
        .select((imported_post::post_kind, imported_post::post_id))
        .first(conn)
        .optional()?;
    Ok(row.map(|(kind, id)| PostRef { kind, id }))
}

/// What the votes elsewhere came to on a post that came from there; 0 for all others.
pub fn find_score(conn: &mut Conn, post: PostRef) -> Result<i64, DbError> {
    let score = imported_post::table
        .filter(imported_post::post_kind.eq(post.kind))
        .filter(imported_post::post_id.eq(post.id))
        .select(imported_post::score)
        .first(conn)
        .optional()?;
    Ok(score.unwrap_or(0))
}

/// Lets a question point to another. `false`: it does so already.
pub(super) fn insert_link(
    tx: &mut Tx<'_>,
    question: QuestionId,
    other: QuestionId,
    kind: LinkKind,
) -> Result<bool, DbError> {
    let row =
        (question_link::question_id.eq(question), question_link::other_id.eq(other), question_link::kind.eq(kind));
    let done = per_database!(&mut **tx, conn => diesel::insert_into(question_link::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(done == 1)
}

/// Up to `limit` questions that a question points to.
pub(super) fn list_links(
    conn: &mut Conn,
    question: QuestionId,
    limit: i64,
) -> Result<Vec<(QuestionId, LinkKind)>, DbError> {
    Ok(question_link::table
        .filter(question_link::question_id.eq(question))
        .order((question_link::kind, question_link::other_id))
        .limit(limit)
        .select((question_link::other_id, question_link::kind))
        .load(conn)?)
}
