//! All SQL of comments. Here: one comment, written, found, changed and removed.

mod figures;
mod imported;
mod revisions;

use diesel::prelude::*;

pub use self::figures::list_figures;
pub use self::imported::{insert_imported, list_taken};
pub use self::revisions::{list_versions, revise};

use super::{Comment, CommentId, NewComment};
use crate::answers::AnswerId;
use crate::clock::Millis;
use crate::db::schema::comment;
use crate::db::{Change, Conn, DbError, PostKind, Tx};
use crate::files;
use crate::members::Member;
use crate::news::{self, Shown};
use crate::posts::{Author, AuthorColumns, HiddenAs, Text, gone};
use crate::questions::{self, Question, QuestionId};
use crate::results::{self, Reply};
use crate::web::Error;
use crate::web::markdown::CleanHtml;

/// Writes a comment and touches its question. That the question (and the answer) is there is the caller's to see.
pub fn insert(tx: &mut Tx<'_>, new: &NewComment) -> Result<CommentId, DbError> {
    let id = insert_row(tx, new, None)?;
    questions::touched(tx, new.question_id, new.created_at)?;
    questions::spoken_in(tx, new.question_id, new.author)?;
    let (question_id, author, at) = (new.question_id.0, new.author, new.created_at);
    news::shown(tx, Shown { post: id.post(), question_id, author, at })?;
    changed(tx, id, new.question_id, new.created_at);
    Ok(id)
}

/// As [`insert`], for a comment that nobody sees before staff have let it through, by [`restore`].
pub fn insert_held(tx: &mut Tx<'_>, new: &NewComment) -> Result<CommentId, DbError> {
    insert_row(tx, new, Some(HiddenAs::Held))
}

fn insert_row(tx: &mut Tx<'_>, new: &NewComment, hidden_as: Option<HiddenAs>) -> Result<CommentId, DbError> {
    let (member, remote, origin) = new.author.columns();
    let id: CommentId = diesel::insert_into(comment::table)
        .values((
            comment::question_id.eq(new.question_id),
            comment::answer_id.eq(new.answer_id),
            comment::member_id.eq(member),
            comment::remote_author_id.eq(remote),
            comment::origin.eq(origin),
            comment::body.eq(&new.body),
            comment::body_html.eq(new.body_html.as_str()),
            comment::created_at.eq(new.created_at),
            comment::removed_at.eq(hidden_as.map(|_| new.created_at)),
            comment::hidden_as.eq(hidden_as),
        ))
        .returning(comment::id)
        .get_result(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), member, &new.body_html.pictures(), new.created_at)?;
    Ok(id)
}

#[derive(Queryable)]
struct Stored {
    id: CommentId,
    question_id: QuestionId,
    answer_id: Option<AnswerId>,
    author: AuthorColumns,
    body: String,
    body_html: String,
    revision: i64,
    created_at: Millis,
}

macro_rules! columns {
    () => {
        (
            comment::id,
            comment::question_id,
            comment::answer_id,
            (comment::member_id, comment::remote_author_id, comment::origin),
            comment::body,
            comment::body_html,
            comment::revision,
            comment::created_at,
        )
    };
}

impl Stored {
    fn decode(self) -> Result<Comment, DbError> {
        Ok(Comment {
            id: self.id,
            question_id: self.question_id,
            answer_id: self.answer_id,
            author: Author::decode(self.author)?,
            body: self.body,
            body_html: self.body_html,
            revision: self.revision,
            created_at: self.created_at,
        })
    }
}

/// The newest comment of a thread; 0 without one.
pub fn newest(conn: &mut Conn, question: QuestionId) -> Result<i64, DbError> {
    let of_thread = comment::table.filter(comment::question_id.eq(question)).filter(comment::removed_at.is_null());
    Ok(of_thread.select(diesel::dsl::max(comment::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

fn find_shown(conn: &mut Conn, id: CommentId) -> Result<Option<Stored>, DbError> {
    let shown = comment::table.find(id).filter(comment::removed_at.is_null());
    Ok(shown.select(columns!()).first(conn).optional()?)
}

/// A comment that may be shown; `None` where it never was, or it, its answer or its question was removed, or that is private.
pub fn find(conn: &mut Conn, id: CommentId) -> Result<Option<Comment>, DbError> {
    let Some(stored) = find_shown(conn, id)? else { return Ok(None) };
    let parent_is_shown = match stored.answer_id {
        Some(answer) => crate::answers::find(conn, answer)?.is_some(),
        None => questions::find(conn, stored.question_id)?.is_some(),
    };
    if parent_is_shown { stored.decode().map(Some) } else { Ok(None) }
}

/// The thread of a comment that is shown there; `None`: it never was, or it or its answer was removed or hidden. Whether its
/// thread is shown is not asked.
pub fn find_thread(conn: &mut Conn, id: CommentId) -> Result<Option<QuestionId>, DbError> {
    let shown = comment::table.find(id).filter(comment::removed_at.is_null());
    let found: Option<(QuestionId, Option<AnswerId>)> =
        shown.select((comment::question_id, comment::answer_id)).first(conn).optional()?;
    match found {
        Some((_, Some(answer))) => crate::answers::find_thread(conn, answer),
        other => Ok(other.map(|(question, _)| question)),
    }
}

/// As [`find`], of a comment that may be out of sight, or stand under something that is: its words are kept.
pub fn find_kept(conn: &mut Conn, id: CommentId) -> Result<Option<Comment>, DbError> {
    let stored: Option<Stored> = comment::table
        .find(id)
        .filter(comment::removed_at.is_null().or(comment::hidden_as.is_not_null()))
        .select(columns!())
        .first(conn)
        .optional()?;
    stored.map(Stored::decode).transpose()
}

/// As [`find`], for pages: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load(conn: &mut Conn, id: CommentId) -> Result<Comment, Error> {
    load_seen(conn, id, None).map(|(comment, _)| comment)
}

/// As [`load`], with the question under which it is read, for somebody (`None`: who is not signed in): of a private one, too,
/// if they may read it. Of a thread that is part of another that is the other's, and not the question of its own row.
pub fn load_seen(conn: &mut Conn, id: CommentId, by: Option<&Member>) -> Result<(Comment, Question), Error> {
    let thread: QuestionId = comment::table.find(id).select(comment::question_id).first(conn)?;
    let question = questions::load_whole(conn, thread, by)?;
    // What hangs on an answer that is out of sight is shown to nobody.
    match find_shown(conn, id)? {
        Some(stored) if find_thread(conn, id)?.is_some() => Ok((stored.decode()?, question)),
        _ => Err(Error::Gone(gone(PostKind::Comment, None).to_owned())),
    }
}

/// The comments of a whole thread that may be shown, oldest first. Those on removed answers are among them: show only
/// those whose answer is shown.
pub fn list(conn: &mut Conn, question: QuestionId) -> Result<Vec<Comment>, DbError> {
    let stored: Vec<Stored> = comment::table
        .filter(comment::question_id.eq(question))
        .filter(comment::removed_at.is_null())
        .order((comment::created_at, comment::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

/// As [`list`], of several threads.
pub fn list_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Comment>, DbError> {
    // What holds a list is prepared anew for each use, and most threads are alone.
    if let [question] = questions {
        return list(conn, *question);
    }
    let stored: Vec<Stored> = comment::table
        .filter(comment::question_id.eq_any(questions))
        .filter(comment::removed_at.is_null())
        .order((comment::created_at, comment::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

macro_rules! text_columns {
    () => {
        (
            comment::id,
            comment::question_id,
            comment::answer_id,
            comment::body,
            (comment::member_id, comment::remote_author_id, comment::origin),
            comment::body_html.like("%<img %"),
            comment::created_at,
        )
    };
}

type TextColumns = (CommentId, QuestionId, Option<AnswerId>, String, AuthorColumns, bool, Millis);

fn text((id, question, answer, body, author, has_picture, created_at): TextColumns) -> Result<Text, DbError> {
    Ok(Text {
        post: id.post(),
        question_id: question.0,
        answer_id: answer.map(|id| id.0),
        title: String::new(),
        body,
        author: Author::decode(author)?,
        vouched: false,
        accepted: false,
        has_picture,
        created_at,
    })
}

/// The texts of those of these comments that are not removed. Those on removed
/// questions and answers are among them: show only those whose parents are shown.
pub fn load_texts(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = comment::table
        .filter(comment::id.eq_any(ids))
        .filter(comment::removed_at.is_null())
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// The texts of the comments of these questions, but for removed ones.
pub fn load_texts_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = comment::table
        .filter(comment::question_id.eq_any(questions))
        .filter(comment::removed_at.is_null())
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// Gives a mirrored comment the words that its author has there now, out of sight or not. [`DbError::is_not_found`]: it was
/// removed.
pub fn edit(tx: &mut Tx<'_>, id: CommentId, body: &str, html: &CleanHtml, now: Millis) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(comment::table.find(id))
        .filter(comment::removed_at.is_null().or(comment::hidden_as.is_not_null()))
        .set((comment::body.eq(body), comment::body_html.eq(html.as_str())))
        .returning(comment::question_id)
        .get_result(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), None, &html.pictures(), now)?;
    changed(tx, id, question, now);
    Ok(())
}

/// Takes a comment away for good: its words are emptied. Once more changes nothing.
pub fn remove(tx: &mut Tx<'_>, id: CommentId, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(comment::table.find(id))
        .filter(comment::removed_at.is_null().or(comment::hidden_as.is_not_null()))
        .set((
            comment::body.eq(""),
            comment::body_html.eq(""),
            comment::removed_at.eq(Some(now)),
            comment::hidden_as.eq(None::<HiddenAs>),
        ))
        .execute(&mut **tx)?;
    if done == 1 {
        revisions::forget(tx, id)?;
        results::forget(tx, id.0)?;
        files::released(tx, files::Place::Post(id.post()))?;
        let question: QuestionId = comment::table.find(id).select(comment::question_id).first(&mut **tx)?;
        changed(tx, id, question, now);
    }
    Ok(())
}

/// Takes a comment out of sight; its words stay, so that it can come back. `false`: it is not shown.
pub fn hide(tx: &mut Tx<'_>, id: CommentId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let found: Option<QuestionId> = diesel::update(comment::table.find(id))
        .filter(comment::removed_at.is_null())
        .set((comment::removed_at.eq(Some(now)), comment::hidden_as.eq(Some(why))))
        .returning(comment::question_id)
        .get_result(&mut **tx)
        .optional()?;
    let Some(question) = found else { return Ok(false) };
    changed(tx, id, question, now);
    Ok(true)
}

/// Shows a comment again that was out of sight for this reason; what the asker says in one that was held is heard from now
/// on. `false`: it is not.
pub fn restore(tx: &mut Tx<'_>, id: CommentId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let found: Option<QuestionId> = diesel::update(comment::table.find(id))
        .filter(comment::hidden_as.eq(why))
        .set((comment::removed_at.eq(None::<Millis>), comment::hidden_as.eq(None::<HiddenAs>)))
        .returning(comment::question_id)
        .get_result(&mut **tx)
        .optional()?;
    let Some(question) = found else { return Ok(false) };
    changed(tx, id, question, now);
    if why == HiddenAs::Held {
        heard(tx, id, now)?;
    }
    Ok(true)
}

/// What the asker of a thread says in it may be the result of an answer.
fn heard(tx: &mut Tx<'_>, id: CommentId, now: Millis) -> Result<(), DbError> {
    let shown = if find_thread(tx, id)?.is_some() { find_shown(tx, id)? } else { None };
    let Some(comment) = shown else { return Ok(()) };
    let comment = comment.decode()?;
    let (question_id, author) = (comment.question_id.0, comment.author);
    news::shown(tx, Shown { post: id.post(), question_id, author, at: now })?;
    let asker = questions::find_open(tx, comment.question_id)?.map(|question| question.author);
    if asker != Some(comment.author) {
        return Ok(());
    }
    let Comment { question_id, body, created_at, .. } = &comment;
    let reply = Reply { question_id: *question_id, comment_id: id.0, sent: None, text: body, at: *created_at };
    results::asker_replied(tx, reply, now)
}

fn changed(tx: &mut Tx<'_>, id: CommentId, question: QuestionId, now: Millis) {
    tx.changed(Change { post: id.post(), question_id: question.0, at: now });
}
