//! All SQL of questions. Here: one question, written, found, changed and removed.

mod answered;
mod imported;
mod lists;
mod merged;
mod revisions;
mod sight;
mod tagged;
mod topics;
mod waiting;

use diesel::prelude::*;

pub use self::answered::{
    accepted, answer_removed, answer_returned, answered, set_affected, set_answer_counts, set_verified,
};
pub use self::imported::{insert_imported, list_kept, list_taken, spoken_before};
pub use self::lists::{
    count_by_topic, list, list_askers, list_by_member, list_by_member_at_desk, list_figures, list_public_after,
    list_shown_after, list_tagged, load_texts, load_texts_in_whole, newest_public, rows, rows_at_desk,
};
pub use self::merged::{
    find_in_whole, find_kept, find_living, find_merged_into, hold_living, hold_whole, list_ids_merged_into,
    list_merged_into, list_whole, list_whole_threads, load_living, load_whole, rows_of_threads, set_merged_into,
};
pub use self::revisions::{NewVersion, list_versions, revise};
pub use self::sight::{close, hide, lock, reopen, restore, set_private, unlock};
pub use self::tagged::{
    count_by_tag, forget_values, list_tags_beginning, list_tags_of, list_values, rename_value, set_tags, set_values,
};
pub use self::topics::{count_in_topic, find_topic, move_topic, set_topic};
pub use self::waiting::{await_staff, heard_privately, spoken_in, wait_again, wait_as_before};

use super::{Closed, Locked, NewQuestion, Question, QuestionId, TopicLink};
use crate::clock::Millis;
use crate::db::schema::{question, topic};
use crate::db::{Change, Conn, DbError, PostKind, Tx};
use crate::files;
use crate::members::Member;
use crate::news::{self, Shown};
use crate::posts::{Author, AuthorColumns, HiddenAs, Readers, gone};
use crate::queue;
use crate::web::Error;
use crate::web::markdown::CleanHtml;

/// A thread that goes on for those who read it: shown to everybody, or private.
macro_rules! is_open {
    () => {
        question::removed_at.is_null().or(question::hidden_as.assume_not_null().eq(HiddenAs::Private))
    };
}
use is_open;

/// Writes a question. One without a title is refused: nothing could be clicked. What a customer asks here waits for staff.
pub fn insert(tx: &mut Tx<'_>, new: &NewQuestion) -> Result<QuestionId, DbError> {
    let id = insert_row(tx, new, new.private.then_some(HiddenAs::Private))?;
    await_staff(tx, id, new.author, new.topic_id, new.created_at)?;
    news::shown(tx, Shown { post: id.post(), question_id: id.0, author: new.author, at: new.created_at })?;
    changed(tx, id, new.created_at);
    Ok(id)
}

/// As [`insert`], for a question that nobody sees before staff have let it through, by [`restore`].
pub fn insert_held(tx: &mut Tx<'_>, new: &NewQuestion) -> Result<QuestionId, DbError> {
    insert_row(tx, new, Some(HiddenAs::Held))
}

fn insert_row(tx: &mut Tx<'_>, new: &NewQuestion, hidden_as: Option<HiddenAs>) -> Result<QuestionId, DbError> {
    let (member, remote, origin) = new.author.columns();
    let id: QuestionId = diesel::insert_into(question::table)
        .values((
            question::topic_id.eq(new.topic_id),
            question::member_id.eq(member),
            question::remote_author_id.eq(remote),
            question::origin.eq(origin),
            question::title.eq(&new.title),
            question::body.eq(&new.body),
            question::body_html.eq(new.body_html.as_str()),
            question::created_at.eq(new.created_at),
            question::activity_at.eq(new.created_at),
            question::removed_at.eq(hidden_as.map(|_| new.created_at)),
            question::hidden_as.eq(hidden_as),
            question::private.eq(i64::from(new.private)),
        ))
        .returning(question::id)
        .get_result(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), member, &new.body_html.pictures(), new.created_at)?;
    Ok(id)
}

#[derive(Queryable)]
struct Stored {
    id: QuestionId,
    topic: Option<TopicLink>,
    author: AuthorColumns,
    title: String,
    body: String,
    body_html: String,
    score: i64,
    answer_count: i64,
    judged: (i64, Option<i64>, i64),
    revision: i64,
    removed_at: Option<Millis>,
    hidden_as: Option<HiddenAs>,
    private: i64,
    locked: (Option<Millis>, Option<String>),
    closed: (Option<Millis>, Option<String>),
    created_at: Millis,
    activity_at: Millis,
}

macro_rules! stored_columns {
    () => {
        (
            question::id,
            (topic::id, topic::slug, topic::name).nullable(),
            (question::member_id, question::remote_author_id, question::origin),
            question::title,
            question::body,
            question::body_html,
            question::score,
            question::answer_count,
            (question::accepted_count, question::verified_answer_id, question::affected),
            question::revision,
            question::removed_at,
            question::hidden_as,
            question::private,
            (question::locked_at, question::locked_reason),
            (question::closed_at, question::closed_reason),
            question::created_at,
            question::activity_at,
        )
    };
}
use stored_columns;

fn load_stored(conn: &mut Conn, id: QuestionId) -> Result<Option<Stored>, DbError> {
    Ok(question::table
        .left_join(topic::table)
        .filter(question::id.eq(id))
        .select(stored_columns!())
        .first(conn)
        .optional()?)
}

impl Stored {
    fn is_open(&self) -> bool {
        self.removed_at.is_none() || self.hidden_as == Some(HiddenAs::Private)
    }

    fn decode(self) -> Result<Question, DbError> {
        Ok(Question {
            id: self.id,
            topic: self.topic,
            author: Author::decode(self.author)?,
            title: self.title,
            body: self.body,
            body_html: self.body_html,
            score: self.score,
            answer_count: self.answer_count,
            accepted_count: self.judged.0,
            verified_answer_id: self.judged.1,
            affected: self.judged.2,
            revision: self.revision,
            private: self.private != 0,
            locked: self.locked.0.map(|at| Locked { at, reason: self.locked.1.unwrap_or_default() }),
            closed: self.closed.0.map(|at| Closed { at, reason: self.closed.1.unwrap_or_default() }),
            created_at: self.created_at,
            activity_at: self.activity_at,
        })
    }
}

/// A question that may be shown; `None` where it never was or was removed.
pub fn find(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    load_stored(conn, id)?.filter(|stored| stored.removed_at.is_none()).map(Stored::decode).transpose()
}

/// As [`find`], and one that is private: for what must be noted in its thread, and shows nothing of it to anybody.
pub fn find_open(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    load_stored(conn, id)?.filter(Stored::is_open).map(Stored::decode).transpose()
}

/// As [`find`], for pages: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load(conn: &mut Conn, id: QuestionId) -> Result<Question, Error> {
    load_seen(conn, id, None)
}

/// As [`load`], for somebody (`None`: who is not signed in): a private one, too, if they may read it. Others are told as if it
/// had never been.
pub fn load_seen(conn: &mut Conn, id: QuestionId, by: Option<&Member>) -> Result<Question, Error> {
    let stored = load_stored(conn, id)?.ok_or(Error::NotFound)?;
    if stored.private != 0 && !Readers::Asker(Author::decode(stored.author)?).include_viewer(by) {
        return Err(Error::NotFound);
    }
    if !stored.is_open() {
        return Err(Error::Gone(gone(PostKind::Question, stored.hidden_as).to_owned()));
    }
    Ok(stored.decode()?)
}

/// Gives a question another title.
pub fn set_title(tx: &mut Tx<'_>, id: QuestionId, title: &str, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::title.eq(title))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// Gives a mirrored question the words that its author has there now, out of sight or not; its title stays unless one is
/// given. Its earlier words are the bridge's to keep.
pub fn edit(
    tx: &mut Tx<'_>,
    id: QuestionId,
    title: Option<&str>,
    body: &str,
    html: &CleanHtml,
    now: Millis,
) -> Result<(), DbError> {
    let kept = question::table.find(id).filter(question::removed_at.is_null().or(question::hidden_as.is_not_null()));
    if let Some(title) = title {
        diesel::update(kept).set(question::title.eq(title)).execute(&mut **tx)?;
    }
    let done = diesel::update(kept)
        .set((question::body.eq(body), question::body_html.eq(html.as_str())))
        .execute(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), None, &html.pictures(), now)?;
    written(tx, done, id, now)
}

/// Takes a question away for good: its words are emptied, its thread is shown nowhere. Once more changes nothing.
pub fn remove(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null().or(question::hidden_as.is_not_null()))
        .set((
            question::title.eq(""),
            question::body.eq(""),
            question::body_html.eq(""),
            question::removed_at.eq(Some(now)),
            question::hidden_as.eq(None::<HiddenAs>),
        ))
        .execute(&mut **tx)?;
    if done == 1 {
        revisions::forget(tx, id)?;
        queue::close_thread(tx, id.0)?;
        files::released(tx, files::Place::Post(id.post()))?;
        changed(tx, id, now);
    }
    Ok(())
}

/// Makes others that would hold the same thread wait until this transaction ends, so that what is read of it from here on
/// stays true. [`DbError::is_not_found`] for a question that is gone.
pub fn hold(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    let found = diesel::update(question::table.find(id))
        .filter(is_open!())
        .set(question::activity_at.eq(question::activity_at))
        .execute(&mut **tx)?;
    if found == 0 { Err(diesel::result::Error::NotFound.into()) } else { Ok(()) }
}

/// Something happened in the thread. A mirrored post that arrives late does not turn the clock back.
pub fn touched(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let later = diesel::update(question::table.find(id))
        .filter(question::activity_at.lt(now))
        .set(question::activity_at.eq(now))
        .execute(&mut **tx)?;
    if later == 1 {
        tagged::touched(tx, id, now)?;
    }
    changed(tx, id, now);
    Ok(())
}

/// Adds to the score (taking away is adding less than nothing).
pub fn add_score(tx: &mut Tx<'_>, id: QuestionId, difference: i64, now: Millis) -> Result<(), DbError> {
    let shown = question::removed_at.is_null().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged));
    let done = diesel::update(question::table.find(id))
        .filter(shown)
        .set(question::score.eq(question::score + difference))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// A question that is not there or was removed takes no change: [`DbError::is_not_found`].
fn written(tx: &mut Tx<'_>, rows: usize, id: QuestionId, now: Millis) -> Result<(), DbError> {
    if rows == 0 {
        return Err(diesel::result::Error::NotFound.into());
    }
    changed(tx, id, now);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, id: QuestionId, now: Millis) {
    tx.changed(Change { post: id.post(), question_id: id.0, at: now });
}
