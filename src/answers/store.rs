//! All SQL of answers.

use diesel::prelude::*;

use super::{Answer, AnswerId, NewAnswer};
use crate::clock::Millis;
use crate::db::schema::answer;
use crate::db::{Change, Conn, DbError, Tx};
use crate::members::MemberId;
use crate::posts::{Author, AuthorColumns, HiddenAs, Origin, Text};
use crate::questions::{self, QuestionId};
use crate::web::Error;
use crate::web::markdown::CleanHtml;

/// Writes an answer and counts it at its question. A question that is gone takes none: [`DbError::is_not_found`].
pub fn insert(tx: &mut Tx<'_>, new: &NewAnswer) -> Result<AnswerId, DbError> {
    questions::answered(tx, new.question_id, new.created_at)?;
    let id = insert_row(tx, new, None)?;
    questions::spoken_in(tx, new.question_id, new.author)?;
    changed(tx, id, new.question_id, new.created_at);
    Ok(id)
}

/// As [`insert`], for an answer that nobody sees, and nothing counts, before staff have let it through, by [`restore`].
pub fn insert_held(tx: &mut Tx<'_>, new: &NewAnswer) -> Result<AnswerId, DbError> {
    insert_row(tx, new, Some(HiddenAs::Held))
}

fn insert_row(tx: &mut Tx<'_>, new: &NewAnswer, hidden_as: Option<HiddenAs>) -> Result<AnswerId, DbError> {
    let (member, remote, origin) = new.author.columns();
    Ok(diesel::insert_into(answer::table)
        .values((
            answer::question_id.eq(new.question_id),
            answer::member_id.eq(member),
            answer::remote_author_id.eq(remote),
            answer::origin.eq(origin),
            answer::body.eq(&new.body),
            answer::body_html.eq(new.body_html.as_str()),
            answer::created_at.eq(new.created_at),
            answer::removed_at.eq(hidden_as.map(|_| new.created_at)),
            answer::hidden_as.eq(hidden_as),
        ))
        .returning(answer::id)
        .get_result(&mut **tx)?)
}

#[derive(Queryable)]
struct Stored {
    id: AnswerId,
    question_id: QuestionId,
    author: AuthorColumns,
    body: String,
    body_html: String,
    revision: i64,
    score: i64,
    created_at: Millis,
}

macro_rules! columns {
    () => {
        (
            answer::id,
            answer::question_id,
            (answer::member_id, answer::remote_author_id, answer::origin),
            answer::body,
            answer::body_html,
            answer::revision,
            answer::score,
            answer::created_at,
        )
    };
}

impl Stored {
    fn decode(self) -> Result<Answer, DbError> {
        Ok(Answer {
            id: self.id,
            question_id: self.question_id,
            author: Author::decode(self.author)?,
            body: self.body,
            body_html: self.body_html,
            revision: self.revision,
            score: self.score,
            created_at: self.created_at,
        })
    }
}

/// An answer that may be shown; `None` where it never was, or it or its question was removed.
pub fn find(conn: &mut Conn, id: AnswerId) -> Result<Option<Answer>, DbError> {
    let stored: Option<Stored> =
        answer::table.find(id).filter(answer::removed_at.is_null()).select(columns!()).first(conn).optional()?;
    let Some(stored) = stored else { return Ok(None) };
    if questions::find(conn, stored.question_id)?.is_none() {
        return Ok(None);
    }
    stored.decode().map(Some)
}

/// As [`find`], for pages: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load(conn: &mut Conn, id: AnswerId) -> Result<Answer, Error> {
    if let Some(answer) = find(conn, id)? {
        return Ok(answer);
    }
    let question: QuestionId = answer::table.find(id).select(answer::question_id).first(conn)?;
    questions::load(conn, question)?;
    Err(Error::Gone("This answer was removed.".to_owned()))
}

/// The newest answer of a question; 0 without one.
pub fn newest(conn: &mut Conn, question: QuestionId) -> Result<i64, DbError> {
    let of_question = answer::table.filter(answer::question_id.eq(question)).filter(answer::removed_at.is_null());
    Ok(of_question.select(diesel::dsl::max(answer::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The answers of a question that may be shown, oldest first.
pub fn list(conn: &mut Conn, question: QuestionId) -> Result<Vec<Answer>, DbError> {
    let stored: Vec<Stored> = answer::table
        .filter(answer::question_id.eq(question))
        .filter(answer::removed_at.is_null())
        .order((answer::created_at, answer::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

/// The answers of these questions that may be shown, oldest first.
pub fn list_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Answer>, DbError> {
    let stored: Vec<Stored> = answer::table
        .filter(answer::question_id.eq_any(questions))
        .filter(answer::removed_at.is_null())
        .order((answer::created_at, answer::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

/// The newest answers of a member. Those of removed questions are among them: show only what `questions::rows` knows.
pub fn list_by_member(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<Answer>, DbError> {
    let stored: Vec<Stored> = answer::table
        .filter(answer::member_id.eq(member))
        .filter(answer::removed_at.is_null())
        .order(answer::created_at.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

type TextColumns = (AnswerId, QuestionId, String, Option<Origin>, Millis);

fn text((id, question_id, body, origin, created_at): TextColumns) -> Text {
    let question_id = question_id.0;
    Text { post: id.post(), question_id, answer_id: None, title: String::new(), body, origin, created_at }
}

/// The texts of those of these answers that are not removed. Those of removed
/// questions are among them: show only those whose question is shown.
pub fn load_texts(conn: &mut Conn, ids: &[AnswerId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = answer::table
        .filter(answer::id.eq_any(ids))
        .filter(answer::removed_at.is_null())
        .select((answer::id, answer::question_id, answer::body, answer::origin, answer::created_at))
        .load(conn)?;
    Ok(found.into_iter().map(text).collect())
}

/// The texts of the answers of these questions, but for removed ones.
pub fn load_texts_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = answer::table
        .filter(answer::question_id.eq_any(questions))
        .filter(answer::removed_at.is_null())
        .select((answer::id, answer::question_id, answer::body, answer::origin, answer::created_at))
        .load(conn)?;
    Ok(found.into_iter().map(text).collect())
}

/// Gives an answer the words of a later version, which is its next revision. [`DbError::is_not_found`]: it was removed.
pub fn edit(tx: &mut Tx<'_>, id: AnswerId, body: &str, html: &CleanHtml, now: Millis) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set((answer::body.eq(body), answer::body_html.eq(html.as_str()), answer::revision.eq(answer::revision + 1)))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    changed(tx, id, question, now);
    Ok(())
}

/// Takes an answer away for good: its words are emptied, its question no longer counts it. Once more changes nothing.
pub fn remove(tx: &mut Tx<'_>, id: AnswerId, now: Millis) -> Result<(), DbError> {
    let empty = (answer::body.eq(""), answer::body_html.eq(""), answer::removed_at.eq(Some(now)));
    let shown =
        diesel::update(answer::table.find(id)).filter(answer::removed_at.is_null()).set(empty).execute(&mut **tx)?;
    if shown == 1 {
        let question: QuestionId = answer::table.find(id).select(answer::question_id).first(&mut **tx)?;
        questions::answer_removed(tx, question, id.0, now)?;
        changed(tx, id, question, now);
        return Ok(());
    }
    // Out of sight, nothing counts it any more.
    diesel::update(answer::table.find(id))
        .filter(answer::hidden_as.is_not_null())
        .set((empty, answer::hidden_as.eq(None::<HiddenAs>)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes an answer out of sight; its words stay, so that it can come back. `false`: it is not shown.
pub fn hide(tx: &mut Tx<'_>, id: AnswerId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set((answer::removed_at.eq(Some(now)), answer::hidden_as.eq(Some(why))))
        .execute(&mut **tx)?;
    if done == 1 {
        let question: QuestionId = answer::table.find(id).select(answer::question_id).first(&mut **tx)?;
        let was_accepted = questions::is_accepted(tx, question, id.0)?;
        diesel::update(answer::table.find(id))
            .set(answer::was_accepted.eq(i64::from(was_accepted)))
            .execute(&mut **tx)?;
        questions::answer_removed(tx, question, id.0, now)?;
        changed(tx, id, question, now);
    }
    Ok(done == 1)
}

/// Shows an answer again that was out of sight for this reason; its question counts it, and it is the accepted one again
/// where it was and none took its place. Whether it is verified is for verifications to say. `false`: it is not out of
/// sight for this reason.
pub fn restore(tx: &mut Tx<'_>, id: AnswerId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let found: Option<(QuestionId, i64)> = diesel::update(answer::table.find(id))
        .filter(answer::hidden_as.eq(why))
        .set((answer::removed_at.eq(None::<Millis>), answer::hidden_as.eq(None::<HiddenAs>)))
        .returning((answer::question_id, answer::was_accepted))
        .get_result(&mut **tx)
        .optional()?;
    let Some((question, was_accepted)) = found else { return Ok(false) };
    questions::answer_returned(tx, question, id.0, was_accepted == 1, now)?;
    changed(tx, id, question, now);
    Ok(true)
}

/// Adds to the score (taking away is adding less than nothing).
pub fn add_score(tx: &mut Tx<'_>, id: AnswerId, difference: i64, now: Millis) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set(answer::score.eq(answer::score + difference))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    changed(tx, id, question, now);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, id: AnswerId, question: QuestionId, now: Millis) {
    tx.changed(Change { post: id.post(), question_id: question.0, at: now });
}
